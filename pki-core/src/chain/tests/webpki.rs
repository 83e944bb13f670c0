//! The Baseline Requirements: each rule broken by itself, told at its place,
//! and counted only by the policy of the web.

use super::*;
use crate::cert::oid;
use crate::cert::tests::make::{CLIENT_AUTH, basic_constraints, constraints, key_usage, purposes};
use crate::chain::{RuleSet, findings};
use crate::der::{self, tag};
use crate::key::{KeySource, SystemKeys};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::Dn;
use crate::model::san::GeneralName;

type Row = (fn(&mut Body), &'static str);

fn dns(text: &str) -> GeneralName {
    GeneralName::Dns(text.into())
}

fn make_critical(body: &mut Body, oid: &str) {
    for extension in body.extensions.iter_mut().filter(|e| e.0 == oid) {
        extension.1 = true;
    }
}

/// Of the AKI: the fields that the web has no use for.
fn long_key_id(body: &mut Body) {
    let issuer = der::encode(
        tag::context(1),
        &GeneralName::Directory(Dn::empty()).to_der(),
    );
    let serial = der::encode(tag::context_primitive(2), &[1]);
    for extension in body
        .extensions
        .iter_mut()
        .filter(|e| e.0 == oid::AUTHORITY_KEY_ID)
    {
        let key_id = der::only(&extension.2, tag::SEQUENCE)
            .unwrap()
            .value
            .to_vec();
        extension.2 = der::sequence([key_id, issuer.clone(), serial.clone()]);
    }
}

const LEAF: [Row; 22] = [
    (|b| b.remove(oid::EXTENDED_KEY_USAGE), "purposes-missing"),
    (
        |b| {
            let both = [SERVER_AUTH, "1.3.6.1.5.5.7.3.3"];
            b.set(oid::EXTENDED_KEY_USAGE, false, purposes(&both));
        },
        "purpose-not-allowed",
    ),
    (
        |b| {
            let any = purposes(&[SERVER_AUTH, "2.5.29.37.0"]);
            b.set(oid::EXTENDED_KEY_USAGE, false, any);
        },
        "purpose-not-allowed",
    ),
    (
        |b| make_critical(b, oid::EXTENDED_KEY_USAGE),
        "criticality-not-allowed",
    ),
    (
        |b| make_critical(b, oid::SUBJECT_ALT_NAME),
        "criticality-not-allowed",
    ),
    (long_key_id, "authority-key-id-fields"),
    (
        |b| b.set(oid::KEY_USAGE, true, key_usage(&[5, 0xa0])),
        "key-usage-not-allowed",
    ),
    (
        |b| b.set(oid::KEY_USAGE, true, key_usage(&[3, 0x08])),
        "key-usage-not-allowed",
    ),
    (
        |b| b.set(oid::BASIC_CONSTRAINTS, true, basic_constraints(true, None)),
        "ca-as-end-entity",
    ),
    (|b| b.remove(oid::SUBJECT_ALT_NAME), "no-alternative-name"),
    (
        |b| b.names(&[dns("host.example.com"), GeneralName::Email("a@b.c".into())]),
        "name-kind-not-allowed",
    ),
    (
        |b| b.hosts(&["host.example.com", "a_b.example.com"]),
        "host-not-allowed",
    ),
    (
        |b| b.hosts(&["host.example.com", "w*.example.com"]),
        "host-not-allowed",
    ),
    (
        |b| b.hosts(&["host.example.com", "*.com"]),
        "wildcard-public-suffix",
    ),
    (
        |b| b.hosts(&["host.example.com", "*"]),
        "wildcard-public-suffix",
    ),
    (
        |b| b.hosts(&["host.example.com", "Host"]),
        "common-name-not-in-names",
    ),
    (
        |b| b.hosts(&["host.example.com"]),
        "common-name-not-in-names",
    ),
    (
        |b| b.remove(oid::AUTHORITY_KEY_ID),
        "authority-key-id-missing",
    ),
    (
        |b| {
            let other = vec![0x30, 3, 0x80, 1, 1];
            b.set(oid::AUTHORITY_KEY_ID, false, other);
        },
        "authority-key-id-mismatch",
    ),
    (|b| b.serial = vec![0], "serial-number"),
    (
        |b| {
            b.version = 0;
            b.extensions.clear();
        },
        "version",
    ),
    (
        |b| b.set(oid::EXTENDED_KEY_USAGE, false, purposes(&[CLIENT_AUTH])),
        "purpose",
    ),
];

const MIDDLE: [Row; 5] = [
    (long_key_id, "authority-key-id-fields"),
    (
        |b| {
            let both = [SERVER_AUTH, "1.3.6.1.5.5.7.3.9"];
            b.set(oid::EXTENDED_KEY_USAGE, false, purposes(&both));
        },
        "purpose-not-allowed",
    ),
    (
        |b| b.set(oid::KEY_USAGE, true, key_usage(&[1, 0x26])),
        "key-usage-not-allowed",
    ),
    (|b| b.remove(oid::KEY_USAGE), "ca-without-key-usage"),
    (|b| b.remove(oid::SUBJECT_KEY_ID), "subject-key-id-missing"),
];

const ROOT: [Row; 4] = [
    (long_key_id, "root-authority-key-id"),
    (
        |b| b.set(oid::AUTHORITY_KEY_ID, false, vec![0x30, 3, 0x80, 1, 1]),
        "root-authority-key-id",
    ),
    (
        |b| b.set(oid::EXTENDED_KEY_USAGE, false, purposes(&[SERVER_AUTH])),
        "root-with-purposes",
    ),
    (
        |b| b.set(oid::KEY_USAGE, true, key_usage(&[1, 0x26])),
        "key-usage-not-allowed",
    ),
];

/// `host` is the CN and a name of the leaf besides the one dialled.
fn web_leaf(tree: &Tree, tweak: impl FnOnce(&mut Body)) -> Certificate {
    tree.leaf(|b| {
        b.hosts(&["host.example.com", "host"]);
        tweak(b);
    })
}

#[test]
fn one_rule_each() {
    let good = tree();
    let leaf = web_leaf(&good, |_| ());
    accepted(&good.build(&leaf, &ChainPolicy::webpki()));
    let rows = |at, rows: &'static [Row]| rows.iter().map(move |row| (at, row));
    let all = rows(0, &LEAF).chain(rows(1, &MIDDLE)).chain(rows(2, &ROOT));
    for (at, &(tweak, check)) in all {
        let mut tree = tree();
        match at {
            1 => tree.middle_cert = ca(&tree.middle, &tree.root, tweak),
            2 => tree.root_cert = ca(&tree.root, &tree.root, tweak),
            _ => {}
        }
        let leaf = web_leaf(&tree, |b| {
            if at == 0 {
                tweak(b);
            }
        });
        let found = failed(&tree.build(&leaf, &ChainPolicy::webpki()));
        assert!(
            found.contains(&(check, Some(at))),
            "{check} at {at}: {found:?}"
        );
        let layer = find_check(check).unwrap().layer;
        if layer == Layer::WebPki {
            accepted(&tree.build(&leaf, &ChainPolicy::path_validation()));
            let mut private = ChainPolicy::private();
            private.purpose = Some(Purpose::ServerAuth);
            let found = failed(&tree.build(&leaf, &private));
            assert!(found.iter().all(|(id, _)| *id != check), "{check}");
        }
    }
}

#[test]
fn keys_of_the_web() {
    for (algorithm, good) in [
        (KeyAlgorithm::EcdsaP384, true),
        (KeyAlgorithm::Rsa(2048), true),
        (KeyAlgorithm::Ed25519, false),
    ] {
        let mut tree = tree();
        tree.host.key = SystemKeys.generate(algorithm).unwrap();
        let leaf = web_leaf(&tree, |_| ());
        let outcome = tree.build(&leaf, &ChainPolicy::webpki());
        let found = failed(&outcome);
        assert_eq!(found.is_empty(), good, "{algorithm:?} {found:?}");
        assert!(good || found == [("key-not-allowed", Some(0))]);
        accepted(&tree.build(&leaf, &ChainPolicy::private()));
    }
}

#[test]
fn constraints_of_the_web_need_not_be_critical() {
    let mut tree = tree();
    let loose = |b: &mut Body| {
        let value = constraints(&[], &[dns("other.com")]);
        b.set(oid::NAME_CONSTRAINTS, false, value);
    };
    tree.middle_cert = ca(&tree.middle, &tree.root, loose);
    let leaf = web_leaf(&tree, |_| ());
    accepted(&tree.build(&leaf, &ChainPolicy::webpki()));
    let found = failed(&tree.build(&leaf, &ChainPolicy::rfc5280()));
    assert_eq!(found, [("name-constraints-not-critical", Some(1))]);
    // They bind all the same.
    let leaf = web_leaf(&tree, |b| {
        b.hosts(&["host.example.com", "host", "a.other.com"]);
    });
    let found = failed(&tree.build(&leaf, &ChainPolicy::webpki()));
    assert_eq!(found, [("name-excluded", Some(0))]);
}

#[test]
fn findings_beside_the_verdict() {
    let mut tree = tree();
    tree.middle_cert = ca(&tree.middle, &tree.root, |b| {
        b.set(oid::KEY_USAGE, false, key_usage(&[2, 0x04]));
    });
    accepted(&tree.build(&web_leaf(&tree, |_| ()), &ChainPolicy::webpki()));
    let leaf = web_leaf(&tree, |b| b.serial = vec![0]);
    let pool = [tree.middle_cert.clone()];
    let roots = anchors(&[&tree.root_cert]);
    let outcome = tree.build(&leaf, &ChainPolicy::path_validation());
    let chain = outcome.accepted().unwrap();
    let told = |rules| -> Vec<(&str, Option<usize>)> {
        let found = findings(chain, &leaf, &pool, &roots, rules);
        found.iter().map(|f| (f.check, f.at.position)).collect()
    };
    let serial = ("serial-number", Some(0));
    assert_eq!(told(RuleSet::Rfc5280), [serial]);
    assert_eq!(told(RuleSet::Private), [serial]);
    let web = told(RuleSet::WebPki);
    for expected in [
        serial,
        ("internal-name", Some(0)),
        ("extension-missing", Some(0)),
        ("extension-missing", Some(1)),
        ("crl-sign-missing", Some(1)),
        ("key-usage-not-critical", Some(1)),
    ] {
        assert!(web.contains(&expected), "{expected:?} {web:?}");
    }
    assert!(web.iter().all(|(_, at)| *at != Some(2)), "{web:?}");
}
