//! One change of one certificate, everywhere: what each client says of it.

use pki_core::cert::oid;
use pki_core::der::{self, tag};

use super::Chain;
use super::change::{
    CRL_SIGN, NO_BIT, algorithms_differ, broken, broken_text, cut_off, dns, early, exclude_host,
    expire, for_clients, fraction, last_ca, mail, maximum, md5, no_ca, odd_boolean, off_curve,
    permit, policy_required, public, sha1, small_curve, twice, unique_id, unknown_algorithm,
    unknown_critical, uri, usage, version_1,
};
use crate::case::Case;
use crate::client::{Client, Verdict};
use crate::keys::{self, Keys, Kind, identifier};
use crate::machine::{say, variable};
use crate::plan::Draft;
use crate::predict::{Predicted, predict};
use crate::report::says;
use crate::{client, make};

/// The share of answers that must be as predicted: what it was when this table
/// was made. It only grows.
const AGREEMENT: f64 = 0.99;

type Change = fn(&mut Draft);

/// Every change of leaf, CA and root, sent in order and not, to every client.
#[test]
fn each_change_everywhere() {
    let keys = Keys::new();
    let mut cases = Vec::new();
    for (name, change) in CHANGES {
        for level in 0..3 {
            let mut chain = Chain::sound(&keys);
            change(&mut chain.plan.chain[level]);
            cases.extend(both_ways(&mut chain, name, level));
        }
    }
    for (name, change) in CHANGES.iter().filter(|(name, _)| SIGNED.contains(name)) {
        for kind in [Kind::Rsa, Kind::P384, Kind::Ed25519] {
            let mut chain = Chain::sound(&keys);
            chain.plan.rekey(1, keys.nth(kind, 0), &keys);
            change(chain.leaf());
            cases.extend(both_ways(&mut chain, &format!("{kind:?}, {name}"), 0));
        }
    }
    for (oid, name) in EXTENSIONS {
        for (level, critical) in [0, 1, 2].into_iter().flat_map(|n| [(n, true), (n, false)]) {
            let mut chain = Chain::sound(&keys);
            let body = &mut chain.plan.chain[level].body;
            body.set(oid, critical, der::encode(tag::BOOLEAN, &[1]));
            let mark = if critical { "critical " } else { "" };
            cases.extend(both_ways(&mut chain, &format!("odd {mark}{name}"), level));
        }
    }
    all_agree("changes", &cases, AGREEMENT);
}

/// Asks every client, and fails where less than this share is as predicted.
pub(super) fn all_agree(what: &str, cases: &[Case], least: f64) {
    let clients = client::all();
    let poor: Vec<String> = std::thread::scope(|scope| {
        let asked = clients.iter().map(|client| {
            let asked = scope.spawn(|| agreement(client, cases));
            (client, asked)
        });
        let asked: Vec<_> = asked.collect();
        let poor = asked.into_iter().filter_map(|(client, asked)| {
            let (right, total, wrong) = asked.join().unwrap();
            let name = client.name();
            say(&format!("{what} {name}: {right} of {total} as predicted"));
            for line in wrong {
                say(&line);
            }
            (f64::from(right) < least * f64::from(total)).then_some(name)
        });
        poor.collect()
    });
    assert!(poor.is_empty(), "predictions fail: {poor:?}");
}

/// How many of the cases a client judges as predicted, of how many, and the others.
fn agreement(client: &Client, cases: &[Case]) -> (u32, u32, Vec<String>) {
    let (mut right, mut total) = (0, 0);
    let mut wrong = Vec::new();
    for (case, answer) in cases.iter().zip(client.ask(cases)) {
        let Some(predicted) = predict(client.kind, &client.version, case) else {
            continue;
        };
        total += 1;
        let worded = answer.verdict == Verdict::Success || says(&answer, &predicted.text);
        let same = predicted.verdict == answer.verdict;
        right += u32::from(same);
        if !same || (!worded && is_long()) {
            let Predicted {
                verdict,
                rule,
                text,
            } = predicted;
            wrong.push(format!(
                "  {}\n    predicted {verdict:?} {rule} {text}\n    said      {:?} {}",
                case.id, answer.verdict, answer.message
            ));
        }
    }
    (right, total, wrong)
}

pub(super) fn is_long() -> bool {
    variable("PKI_LONG").is_some_and(|long| long == "1")
}

/// Sent in order, and with the CA twice, which is no chain in its order.
fn both_ways(chain: &mut Chain<'_>, name: &str, level: usize) -> [Case; 2] {
    let place = chain.plan.title(level);
    chain.plan.faults = vec![format!("{place} with {name}")];
    let id = format!("{place}, {name}");
    let in_order = chain.sign(&id);
    chain.plan.sent.push(1);
    [in_order, chain.sign(&format!("{id}, CA twice"))]
}

/// Those of [`CHANGES`] that depend on the key of the issuer.
const SIGNED: [&str; 4] = ["SHA-1", "MD5", "an unknown algorithm", "a broken signature"];

/// Extensions that clients read, and none of which may be a BOOLEAN.
const EXTENSIONS: [(&str, &str); 12] = [
    (oid::BASIC_CONSTRAINTS, "basicConstraints"),
    (oid::KEY_USAGE, "keyUsage"),
    (oid::EXTENDED_KEY_USAGE, "EKU"),
    (oid::SUBJECT_ALT_NAME, "SAN"),
    (oid::NAME_CONSTRAINTS, "nameConstraints"),
    (oid::SUBJECT_KEY_ID, "SKI"),
    (oid::AUTHORITY_KEY_ID, "AKI"),
    ("2.5.29.31", "CRL points"),
    ("2.5.29.32", "policies"),
    ("2.5.29.33", "policy mappings"),
    ("2.5.29.36", "policy constraints"),
    ("2.5.29.54", "inhibitAnyPolicy"),
];

const CHANGES: &[(&str, Change)] = &[
    ("a name that is not UTF-8", broken_text),
    ("not begun", early),
    ("expired", expire),
    ("a time with a fraction", fraction),
    ("an unknown critical extension", unknown_critical),
    ("an extension twice", twice),
    ("keyUsage without a bit", |d| usage(d, NO_BIT)),
    ("keyUsage cRLSign", |d| usage(d, CRL_SIGN)),
    ("keyUsage keyEncipherment", |d| usage(d, &[5, 0x20])),
    ("keyUsage keyAgreement", |d| usage(d, &[3, 0x08])),
    ("keyUsage digitalSignature, keyCertSign", |d| {
        usage(d, &[2, 0x84]);
    }),
    ("keyUsage cut off", cut_off),
    ("no keyUsage", |d| d.body.remove(oid::KEY_USAGE)),
    ("EKU clientAuth", for_clients),
    ("EKU without a purpose", |d| {
        d.body
            .set(oid::EXTENDED_KEY_USAGE, false, make::purposes(&[]));
    }),
    ("EKU any", |d| {
        d.body.set(
            oid::EXTENDED_KEY_USAGE,
            false,
            make::purposes(&["2.5.29.37.0"]),
        );
    }),
    ("CA:FALSE", no_ca),
    ("pathlen 0", last_ca),
    ("CA:TRUE, not critical", |d| {
        last_ca(d);
        d.mark(oid::BASIC_CONSTRAINTS, false);
    }),
    ("CA:FALSE and pathlen", |d| {
        basic(d, &make::basic_constraints(false, Some(0)));
    }),
    ("pathlen -1", |d| basic(d, &[0x30, 6, 1, 1, 255, 2, 1, 255])),
    ("pathlen of seven octets", |d| {
        basic(d, &[0x30, 12, 1, 1, 255, 2, 7, 1, 0, 0, 0, 0, 0, 0]);
    }),
    ("cA 1", odd_boolean),
    ("no basicConstraints", |d| {
        d.body.remove(oid::BASIC_CONSTRAINTS);
    }),
    ("two algorithms", algorithms_differ),
    ("an unknown algorithm", unknown_algorithm),
    ("SHA-1", sha1),
    ("MD5", md5),
    ("a broken signature", broken),
    ("a unique id", unique_id),
    ("v1", version_1),
    ("v1 with extensions", |d| d.body.version = 0),
    ("v2 with extensions", |d| d.body.version = 1),
    ("v2", |d| {
        version_1(d);
        d.body.version = 1;
    }),
    ("v3 without extensions", |d| d.body.extensions.clear()),
    ("v4", |d| d.body.version = 3),
    ("a policy required", policy_required),
    ("the host excluded", exclude_host),
    ("another host permitted", |d| permit(d, dns("example.org"))),
    ("any host permitted", |d| permit(d, dns(""))),
    ("a maximum", maximum),
    ("the host excluded beside a URI of a scheme", |d| {
        d.body
            .constrain(&[], &[uri("http://x/"), dns("example.com")]);
        d.mark(oid::NAME_CONSTRAINTS, false);
    }),
    ("a key of secp192r1", small_curve),
    ("a point off the curve", off_curve),
    ("a key of an unknown curve", |d| {
        d.public = Some(keys::ec_on("1.2.3.4", &[4; 65]));
    }),
    ("a key of no curve", |d| {
        d.public = Some(keys::ec(&[], &[4; 65]));
    }),
    ("a compressed point", |d| {
        d.public = Some(keys::ec_on("1.2.840.10045.3.1.7", &[2; 33]));
    }),
    ("a key of an unknown kind", |d| {
        public(d, "1.2.3.4.5", &[], &[4; 65]);
    }),
    ("Ed25519 of 31 octets", |d| {
        public(d, "1.3.101.112", &[], &[7; 31]);
    }),
    ("Ed25519 with NULL", |d| {
        public(d, "1.3.101.112", &[5, 0], &[7; 32]);
    }),
    ("Ed448", |d| public(d, "1.3.101.113", &[], &[7; 57])),
    ("RSA of 512 bits", |d| {
        d.public = Some(keys::rsa(&[0xa5; 64], &[1, 0, 1]));
    }),
    ("RSA of 1000 bits", |d| {
        d.public = Some(keys::rsa(&[0xa5; 125], &[1, 0, 1]));
    }),
    ("RSA of 2040 bits", |d| {
        d.public = Some(keys::rsa(&[0xa5; 255], &[1, 0, 1]));
    }),
    ("RSA of 16392 bits", |d| {
        d.public = Some(keys::rsa(&[0xa5; 2049], &[1, 0, 1]));
    }),
    ("RSA with exponent 1", |d| {
        d.public = Some(keys::rsa(&[0xa5; 256], &[1]));
    }),
    ("RSA with exponent 2", |d| {
        d.public = Some(keys::rsa(&[0xa5; 256], &[2]));
    }),
    ("RSA with an even modulus", |d| {
        d.public = Some(keys::rsa(&[0xa4; 256], &[3]));
    }),
    ("RSA without numbers", |d| {
        public(d, "1.2.840.113549.1.1.1", &[5, 0], &[1, 2, 3]);
    }),
    ("serial number -2", |d| d.body.serial = vec![0xfe]),
    ("serial number 0", |d| d.body.serial = vec![0]),
    ("no serial number", |d| d.body.serial.clear()),
    ("a padded serial number", |d| d.body.serial = vec![0, 1]),
    ("a padded negative serial number", |d| {
        d.body.serial = vec![0xff, 0x81];
    }),
    ("no AKI", |d| d.body.remove(oid::AUTHORITY_KEY_ID)),
    ("no SKI", |d| d.body.remove(oid::SUBJECT_KEY_ID)),
    ("a critical AKI", |d| d.mark(oid::AUTHORITY_KEY_ID, true)),
    ("a critical SKI", |d| d.mark(oid::SUBJECT_KEY_ID, true)),
    ("a critical SAN", |d| d.mark(oid::SUBJECT_ALT_NAME, true)),
    ("AKI of nobody", |d| {
        d.body.set(
            oid::AUTHORITY_KEY_ID,
            false,
            make::authority_key_id(&[7; 20]),
        );
    }),
    ("SAN without a name", |d| d.body.names(&[])),
    ("SAN mail alone", |d| d.body.names(&[mail("a@example.com")])),
    ("nsCertType client", |d| netscape(d, &[7, 0x80])),
    ("nsCertType server", |d| netscape(d, &[6, 0x40])),
    ("nsCertType mail CA", |d| netscape(d, &[1, 0x02])),
    ("a CRL point with reasons alone", |d| {
        point(d, der::encode(tag::context_primitive(1), &[6, 0x40]));
    }),
    ("a CRL point without anything", |d| point(d, Vec::new())),
    ("a CRL point below its issuer", |d| {
        let relative = der::encode(tag::context(1), &[]);
        point(d, der::encode(tag::context(0), &relative));
    }),
    ("a policy twice", |d| {
        let policy = identifier("1.2.3", &[]);
        d.body
            .set("2.5.29.32", false, der::sequence([&policy, &policy]));
    }),
    ("octets behind it", |d| d.tail = vec![5, 0]),
    ("no subject", |d| d.subject = der::sequence::<Vec<u8>>([])),
    ("no issuer", |d| d.issuer = der::sequence::<Vec<u8>>([])),
];

fn basic(draft: &mut Draft, value: &[u8]) {
    draft.body.set(oid::BASIC_CONSTRAINTS, true, value.to_vec());
}

/// A CRL distribution point of this content.
fn point(draft: &mut Draft, content: Vec<u8>) {
    let points = der::sequence([der::sequence([content])]);
    draft.body.set("2.5.29.31", false, points);
}

fn netscape(draft: &mut Draft, bits: &[u8]) {
    let value = der::encode(tag::BIT_STRING, bits);
    draft.body.set("2.16.840.1.113730.1.1", false, value);
}
