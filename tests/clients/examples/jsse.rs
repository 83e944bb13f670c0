//! What Java refuses.

use pki_core::cert::oid;
use pki_core::der::{self, tag};

use super::change::{
    CRL_SIGN, NO_BIT, algorithm, algorithms_differ, also_named, another_ca, broken, cut_off, dial,
    dns, early, exclude, exclude_host, expire, explicit_curve, for_clients, from_client, ip,
    key_of, last_ca, mail, maximum, more_behind_algorithm, no_ca, other, other_host, permit,
    policy_required, renewed_root, small_curve, twice, unknown_critical, unrelated_root, uri,
    usage,
};
use super::{Chain, Change, Example, Wording};
use crate::keys::{self, Kind, Signature, identifier};
use crate::make;
use crate::plan::Draft;
use crate::signing::Hash;

const INTEGER: &[u8] = &[2, 1, 1];

const KEY_ENCIPHERMENT: &[u8] = &[5, 0x20];

/// otherName: an OID and a text.
const OTHER_NAME: &[u8] = &[6, 1, 43, 0xa0, 3, 12, 1, 97];

pub(super) const EXAMPLES: &[Example] = &[
    ("jsse/empty-issuer", |c| {
        c.leaf().issuer = der::sequence::<Vec<u8>>([]);
    }),
    ("jsse/algorithm-form", |c| more_behind_algorithm(c.leaf())),
    ("jsse/algorithms-differ", |c| algorithms_differ(c.leaf())),
    ("jsse/serial", |c| c.leaf().body.serial.clear()),
    ("jsse/old-version", |c| c.leaf().body.version = 0),
    ("jsse/explicit-curve", explicit_curve),
    ("jsse/unknown-curve", |c| {
        c.leaf().public = Some(keys::ec_on("1.2.3.4", &[4]));
    }),
    ("jsse/public-key", |c| {
        c.leaf().public = Some(keys::rsa(&[0xa5; 256], &[1]));
    }),
    ("jsse/duplicate-extension", |c| twice(c.leaf())),
    ("jsse/critical-form", |c| cut_off(c.leaf())),
    ("jsse/alt-name-form", |c| {
        also_named(c, uri("no uri"));
    }),
    ("jsse/empty-subject", |c| {
        c.leaf().subject = der::sequence::<Vec<u8>>([]);
    }),
    ("jsse/time", |c| expire(c.leaf())),
    ("jsse/unknown-critical", |c| unknown_critical(c.leaf())),
    ("jsse/anchor-time", |c| {
        built(c);
        expire(c.root());
    }),
    ("jsse/issuer-time", |c| expire(c.ca())),
    ("jsse/not-a-ca", |c| no_ca(c.ca())),
    ("jsse/path-length", |c| last_ca(another_ca(c))),
    ("jsse/issuer-unknown-critical", |c| unknown_critical(c.ca())),
    ("jsse/key-cert-sign", |c| usage(c.ca(), CRL_SIGN)),
    ("jsse/depth", |c| {
        built(c);
        c.max_depth = Some(0);
    }),
    ("jsse/algorithm", |c| {
        c.leaf().public = Some(keys::rsa(&[0xa5; 64], &[1, 0, 1]));
    }),
    ("jsse/signature-parameters", |c| {
        key_of(c, 1, Kind::Rsa);
        algorithm(c.leaf(), "1.2.840.113549.1.1.11", INTEGER);
    }),
    ("jsse/signature-parameters-17", |c| {
        algorithm(c.leaf(), "1.2.840.10045.4.3.2", INTEGER);
    }),
    ("jsse/key-usage-empty", |c| usage(c.leaf(), NO_BIT)),
    ("jsse/policies", |c| policy_required(c.leaf())),
    ("jsse/policy-qualifiers", |c| {
        policies(c.ca(), false, &[]);
        let statement = identifier("1.3.6.1.5.5.7.2.1", &der::encode(tag::IA5_STRING, b"x"));
        policies(c.leaf(), true, &der::sequence([statement]));
    }),
    ("jsse/empty-base", |c| {
        permit(c.ca(), dns(""));
    }),
    ("jsse/empty-base-25", |c| {
        permit(c.ca(), dns(""));
    }),
    ("jsse/base-distance", |c| maximum(c.ca())),
    ("jsse/name-constraints", |c| exclude_host(c.ca())),
    ("jsse/name-constraints-25", |c| exclude_host(c.ca())),
    ("jsse/address-families", |c| {
        also_named(c, ip(&[10, 0, 0, 1]));
        exclude(c.ca(), ip(&[0; 32]));
    }),
    ("jsse/address-beyond-network", |c| {
        also_named(c, ip(&[10; 16]));
        exclude(c.ca(), ip(&[10, 10, 10, 10, 255, 255, 255, 255]));
    }),
    ("jsse/uri-without-host", |c| {
        also_named(c, uri("urn:x:y"));
        exclude(c.ca(), uri("example.org"));
    }),
    ("jsse/other-name", |c| {
        also_named(c, other(0xa0, OTHER_NAME));
        exclude(c.ca(), other(0xa0, OTHER_NAME));
    }),
    ("jsse/anchor-is-no-ca", |c| no_ca(c.root())),
    ("jsse/anchor-key-cert-sign", |c| usage(c.root(), CRL_SIGN)),
    ("jsse/key-usage", |c| usage(c.leaf(), KEY_ENCIPHERMENT)),
    ("jsse/purpose-form", |c| {
        let purposes = c.leaf().value(oid::EXTENDED_KEY_USAGE);
        purposes.unwrap().extend([5, 0]);
    }),
    ("jsse/purpose", |c| for_clients(c.leaf())),
    ("jsse/netscape-type", |c| {
        let client = der::encode(tag::BIT_STRING, &[7, 0x80]);
        c.leaf().body.set("2.16.840.1.113730.1.1", false, client);
    }),
    ("jsse/name", other_host),
    ("jsse/name-25", other_host),
    ("jsse/no-anchors", |c| c.plan.distrust_root()),
    ("jsse/no-path", unrelated_root),
    ("jsse/signature", |c| broken(c.leaf())),
    ("jsse/no-anchor", renewed_root),
];

/// Twice the same is no chain in its order, so that one is built.
fn built(chain: &mut Chain<'_>) {
    chain.plan.sent.push(1);
}

/// More of what Java refuses.
pub(super) fn words() -> Vec<Wording> {
    let both = [
        (["jsse/name", "jsse/name-25"], &NAMES[..]),
        (
            ["jsse/name-constraints", "jsse/name-constraints-25"],
            &CONSTRAINED,
        ),
    ];
    let of_either = both.iter().flat_map(|(rules, examples)| {
        let of = |rule| {
            let of = move |(words, change): &(_, _)| (rule, *words, *change);
            examples.iter().map(of)
        };
        rules.iter().copied().flat_map(of)
    });
    WORDS.iter().copied().chain(of_either).collect()
}

/// The host name checker of either release.
const NAMES: [(&str, Change); 5] = [
    ("No subject alternative names matching IP", |c| {
        dial(c, "IP", "10.0.0.1");
    }),
    ("No subject alternative names present", |c| {
        c.leaf().body.remove(oid::SUBJECT_ALT_NAME);
        dial(c, "IP", "10.0.0.1");
    }),
    ("Illegal given domain name: a_b.example.com", |c| {
        c.leaf().body.names(&[dns("a_b.example.com")]);
        dial(c, "DNS", "a_b.example.com");
    }),
    ("No name matching host.example.com found", |c| {
        c.leaf().body.names(&[ip(&[10, 0, 0, 1])]);
    }),
    ("No subject alternative DNS name matching", |c| {
        c.leaf().body.names(&[dns("*.com")]);
    }),
];

/// Name constraints of either release.
const CONSTRAINED: [(&str, Change); 4] = [
    ("check failed", |c| {
        permit(c.ca(), dns("example.org"));
    }),
    ("check failed", |c| {
        also_named(c, mail("a@example.com"));
        exclude(c.ca(), mail("example.com"));
    }),
    ("check failed", |c| {
        also_named(c, uri("https://www.example.com/"));
        permit(c.ca(), uri("example.org"));
    }),
    ("check failed", |c| {
        also_named(c, ip(&[10, 0, 0, 1]));
        exclude(c.ca(), ip(&[10, 0, 0, 0, 255, 0, 0, 0]));
    }),
];

const WORDS: &[Wording] = &[
    ("jsse/old-version", "not allowed in v2 certificate", |c| {
        c.leaf().body.version = 1;
    }),
    ("jsse/explicit-curve", "CertificateParsing", |c| {
        c.leaf().public = Some(keys::ec(&[5, 0], &[4; 65]));
    }),
    ("jsse/public-key", "must be at least 512 bits", |c| {
        c.leaf().public = Some(keys::rsa(&[0xa5; 63], &[1, 0, 1]));
    }),
    ("jsse/public-key", "no longer than 16384 bits", |c| {
        c.leaf().public = Some(keys::rsa(&[0xa5; 2049], &[1, 0, 1]));
    }),
    ("jsse/public-key", "can be no longer than 64 bits", |c| {
        c.leaf().public = Some(keys::rsa(&[0xa5; 512], &[0xa5; 9]));
    }),
    ("jsse/public-key", "exponent is larger than modulus", |c| {
        c.leaf().public = Some(keys::rsa(&[0xa5; 256], &[0xa6; 256]));
    }),
    ("jsse/critical-form", "Certificate", |c| {
        odd(c, oid::BASIC_CONSTRAINTS);
    }),
    ("jsse/critical-form", "Certificate", |c| {
        odd(c, oid::EXTENDED_KEY_USAGE);
    }),
    ("jsse/critical-form", "Certificate", |c| {
        odd(c, oid::SUBJECT_ALT_NAME);
    }),
    ("jsse/critical-form", "Certificate", |c| {
        odd(c, oid::NAME_CONSTRAINTS);
    }),
    ("jsse/critical-form", "Certificate", |c| {
        odd(c, oid::SUBJECT_KEY_ID);
    }),
    ("jsse/critical-form", "Certificate", |c| {
        odd(c, oid::AUTHORITY_KEY_ID);
    }),
    ("jsse/alt-name-form", "Certificate", |c| {
        also_named(c, mail("a@"));
    }),
    ("jsse/alt-name-form", "Certificate", |c| {
        also_named(c, ip(&[10, 0, 0]));
    }),
    ("jsse/alt-name-form", "Certificate", |c| {
        also_named(c, other(0x8a, b"x"));
    }),
    ("jsse/empty-subject", "extension is absent", |c| {
        c.leaf().subject = der::sequence::<Vec<u8>>([]);
        c.leaf().body.remove(oid::SUBJECT_ALT_NAME);
    }),
    ("jsse/empty-subject", "subject field is empty", |c| {
        c.leaf().subject = der::sequence::<Vec<u8>>([]);
        c.leaf().body.names(&[]);
    }),
    ("jsse/time", "validity check failed", |c| early(c.leaf())),
    ("jsse/issuer-time", "validity check failed", |c| {
        early(c.ca());
    }),
    ("jsse/algorithm", "Algorithm constraints", |c| {
        key_of(c, 1, Kind::Dsa);
        c.leaf().signature = Signature::With(Hash::Sha512);
    }),
    ("jsse/algorithm", "Algorithm constraints", |c| {
        small_curve(c.leaf());
    }),
    ("jsse/purpose", "TLS client", from_client),
    ("jsse/netscape-type", "SSL client", |c| {
        from_client(c);
        let value = make::purposes(&[make::CLIENT_AUTH]);
        c.leaf().body.set(oid::EXTENDED_KEY_USAGE, false, value);
        let server = der::encode(tag::BIT_STRING, &[6, 0x40]);
        c.leaf().body.set("2.16.840.1.113730.1.1", false, server);
    }),
    ("jsse/no-path", "valid certification path", |c| {
        built(c);
        unrelated_root(c);
    }),
];

/// One policy with its qualifiers (RFC 5280 4.2.1.4).
fn policies(draft: &mut Draft, critical: bool, qualifiers: &[u8]) {
    let policy = identifier("1.2.3", qualifiers);
    draft
        .body
        .set("2.5.29.32", critical, der::sequence([policy]));
}

/// A critical extension of the leaf that begins with another tag.
fn odd(chain: &mut Chain<'_>, oid: &'static str) {
    let value = der::encode(tag::INTEGER, &[1]);
    chain.leaf().body.set(oid, true, value);
}
