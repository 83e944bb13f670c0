//! What OpenSSL refuses, as it comes and as Python 3.13 sets it.

use pki_core::cert::oid;
use pki_core::der::{self, tag};
use pki_core::model::dn::Dn;
use pki_core::model::san::GeneralName;

use super::change::{
    CRL_SIGN, algorithms_differ, also_named, broken, broken_text, dial, dns, early, exclude,
    exclude_host, expire, explicit_curve, for_clients, from_client, ip, key_of, last_ca, mail,
    many_names, maximum, more_behind_algorithm, no_ca, off_curve, other, other_host, permit,
    public, self_signed, sha1, small_curve, small_key, unknown_critical, uri, usage, version_1,
};
use super::{Example, Wording};
use crate::keys::{self, Kind};
use crate::make;

/// As it comes.
pub(super) fn plain() -> (Vec<Example>, Vec<Wording>) {
    ([COMMON, PLAIN].concat(), [WORDS, PLAIN_WORDS].concat())
}

/// As Python 3.13 sets it.
pub(super) fn strict() -> (Vec<Example>, Vec<Wording>) {
    ([COMMON, STRICT].concat(), [WORDS, STRICT_WORDS].concat())
}

/// What both settings refuse.
const COMMON: &[Example] = &[
    ("openssl/serial", |c| c.leaf().body.serial = vec![0, 1]),
    ("openssl/algorithm-form", |c| {
        more_behind_algorithm(c.leaf());
    }),
    ("openssl/name-text", |c| broken_text(c.leaf())),
    ("openssl/key-too-weak", |c| small_key(c, 0)),
    ("openssl/unknown-critical", |c| unknown_critical(c.ca())),
    ("openssl/invalid-ca", |c| no_ca(c.ca())),
    ("openssl/explicit-curve", explicit_curve),
    ("openssl/purpose", |c| for_clients(c.leaf())),
    ("openssl/path-length", |c| last_ca(c.root())),
    ("openssl/ca-key-too-weak", |c| small_key(c, 1)),
    ("openssl/digest-too-weak", |c| sha1(c.leaf())),
    ("openssl/name", other_host),
    ("openssl/signature", |c| broken(c.leaf())),
    ("openssl/name-constraints", |c| exclude_host(c.ca())),
    ("openssl/no-local-issuer", |c| c.plan.sent.clear()),
    ("openssl/self-signed", self_signed),
    ("openssl/self-signed-in-chain", |c| {
        c.plan.sent.push(2);
        c.plan.distrust_root();
    }),
    ("openssl/chain-too-long", |c| c.max_depth = Some(0)),
];

/// Without partial chains.
const PLAIN: &[Example] = &[("openssl/no-issuer", |c| c.plan.trusted = vec![1])];

/// With the strict flag.
const STRICT: &[Example] = &[("openssl/strict", |c| {
    c.leaf().body.remove(oid::AUTHORITY_KEY_ID);
})];

/// More of what both refuse.
const WORDS: &[Wording] = &[
    ("openssl/serial", "illegal zero content", |c| {
        c.leaf().body.serial.clear();
    }),
    ("openssl/key-too-weak", "EE certificate key", |c| {
        small_curve(c.leaf());
    }),
    ("openssl/key-too-weak", "EE certificate key", |c| {
        off_curve(c.leaf());
    }),
    ("openssl/key-too-weak", "EE certificate key", |c| {
        c.leaf().public = Some(keys::ec_on("1.2.3.4", &[4; 65]));
    }),
    ("openssl/key-too-weak", "EE certificate key", |c| {
        public(c.leaf(), "1.2.3.4.5", &[], &[4; 65]);
    }),
    ("openssl/key-too-weak", "EE certificate key", |c| {
        key_of(c, 0, Kind::SmallDsa);
    }),
    ("openssl/ca-key-too-weak", "CA certificate key", |c| {
        key_of(c, 1, Kind::SmallDsa);
    }),
    ("openssl/digest-too-weak", "CA signature digest", |c| {
        key_of(c, 1, Kind::Dsa);
        sha1(c.leaf());
    }),
    ("openssl/invalid-ca", "invalid CA", |c| version_1(c.ca())),
    ("openssl/invalid-ca", "invalid CA", |c| {
        usage(c.ca(), CRL_SIGN);
    }),
    ("openssl/purpose", "unsuitable", |c| {
        usage(c.leaf(), CRL_SIGN);
    }),
    ("openssl/purpose", "unsuitable", from_client),
    ("openssl/purpose", "unsuitable", |c| for_clients(c.ca())),
    ("openssl/purpose", "unsuitable", |c| {
        let client = der::encode(tag::BIT_STRING, &[7, 0x80]);
        c.leaf().body.set("2.16.840.1.113730.1.1", false, client);
    }),
    ("openssl/name", "IP address mismatch", |c| {
        dial(c, "IP", "10.0.0.1");
    }),
    ("openssl/signature", "not yet valid", |c| early(c.leaf())),
    ("openssl/signature", "has expired", |c| expire(c.ca())),
    ("openssl/no-local-issuer", "local issuer", |c| {
        let reasons = der::encode(tag::context_primitive(1), &[6, 0x40]);
        let points = der::sequence([der::sequence([reasons])]);
        c.leaf().body.set("2.5.29.31", false, points);
    }),
    ("openssl/name-constraints", "permitted subtree", |c| {
        let elsewhere = Dn::parse("CN=elsewhere").unwrap();
        permit(c.ca(), GeneralName::Directory(elsewhere));
    }),
    ("openssl/name-constraints", "excluded subtree", |c| {
        also_named(c, ip(&[10, 0, 0, 1]));
        exclude(c.ca(), ip(&[10, 0, 0, 0, 255, 0, 0, 0]));
    }),
    ("openssl/name-constraints", "unspecified", |c| {
        many_names(c, 1100, 1000);
    }),
    ("openssl/name-constraints", "minimum and maximum", |c| {
        maximum(c.ca());
    }),
    ("openssl/name-constraints", "invalid name syntax", |c| {
        also_named(c, mail("a"));
        permit(c.ca(), mail("example.com"));
    }),
    ("openssl/name-constraints", "invalid name syntax", |c| {
        also_named(c, uri("a:b"));
        permit(c.ca(), uri("example.com"));
    }),
    ("openssl/name-constraints", "invalid name syntax", |c| {
        also_named(c, ip(&[10, 0, 0, 1]));
        permit(c.ca(), ip(&[10, 0, 0, 0]));
    }),
    (
        "openssl/name-constraints",
        "unsupported name constraint",
        |c| {
            also_named(c, other(0x88, &[0x2a, 3, 4]));
            permit(c.ca(), other(0x88, &[0x2a, 3, 4]));
        },
    ),
];

/// More without the strict flag.
const PLAIN_WORDS: &[Wording] = &[("openssl/signature", "signature failure", |c| {
    algorithms_differ(c.leaf());
})];

/// `check_extensions` in its order.
const STRICT_WORDS: &[Wording] = &[
    ("openssl/strict", "Path length invalid for non-CA", |c| {
        let value = make::basic_constraints(false, Some(0));
        c.leaf().body.set(oid::BASIC_CONSTRAINTS, true, value);
    }),
    ("openssl/strict", "given without key usage", |c| {
        last_ca(c.leaf());
    }),
    ("openssl/strict", "of CA cert not marked critical", |c| {
        c.ca().mark(oid::BASIC_CONSTRAINTS, false);
    }),
    ("openssl/strict", "does not include key usage", |c| {
        c.ca().body.remove(oid::KEY_USAGE);
    }),
    ("openssl/strict", "invalid for non-CA cert", |c| {
        usage(c.leaf(), &[2, 0x84]);
    }),
    ("openssl/strict", "Issuer name empty", |c| {
        let none = der::sequence::<Vec<u8>>([]);
        c.plan.rename(2, &none);
    }),
    ("openssl/strict", "Subject name empty", |c| {
        c.leaf().subject = der::sequence::<Vec<u8>>([]);
        c.leaf().body.remove(oid::SUBJECT_ALT_NAME);
    }),
    ("openssl/strict", "Alt Name extension not critical", |c| {
        c.leaf().subject = der::sequence::<Vec<u8>>([]);
    }),
    ("openssl/strict", "Empty Subject Alternative Name", |c| {
        c.leaf().body.names(&[]);
    }),
    ("openssl/strict", "signature algorithm mismatch", |c| {
        algorithms_differ(c.leaf());
    }),
    ("openssl/strict", "Missing Subject Key Identifier", |c| {
        c.ca().body.remove(oid::SUBJECT_KEY_ID);
    }),
    ("openssl/strict", "requires at least X509v3", |c| {
        c.leaf().body.version = 1;
    }),
    ("openssl/name", "hostname mismatch", |c| {
        c.leaf().body.names(&[dns("h*.example.com")]);
    }),
];
