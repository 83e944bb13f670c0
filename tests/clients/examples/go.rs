//! What Go refuses.

use pki_core::cert::oid;
use pki_core::der::{self, tag};

use super::change::{
    CRL_SIGN, algorithms_differ, also_named, broken, broken_text, dial, dns, early, exclude,
    exclude_host, expire, explicit_curve, for_clients, fraction, from_client, ip, key_of, last_ca,
    mail, many_names, md5, namesakes, odd_boolean, off_curve, other, other_host, permit,
    policy_required, public, sha1, twice, unknown_algorithm, unknown_critical, unrelated_root, uri,
    usage, version_1,
};
use super::{Chain, Example, Wording};
use crate::keys::{self, Kind, Signature, identifier};
use crate::make;
use crate::plan::{Draft, name};
use crate::signing::Hash;

const INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";
const P256: &str = "1.2.840.10045.3.1.7";

pub(super) const EXAMPLES: &[Example] = &[
    ("go/version", |c| c.leaf().body.version = 3),
    ("go/negative-serial", |c| c.leaf().body.serial = vec![0xfe]),
    ("go/der", |c| c.leaf().body.serial = vec![0, 1]),
    ("go/algorithms-differ", |c| algorithms_differ(c.leaf())),
    ("go/name-text", |c| broken_text(c.leaf())),
    ("go/public-key", explicit_curve),
    ("go/time-form", |c| fraction(c.leaf())),
    ("go/rsa-too-large", |c| key_of(c, 1, Kind::HugeRsa)),
    ("go/point", |c| off_curve(c.leaf())),
    ("go/duplicate-extension", |c| twice(c.leaf())),
    ("go/extension", |c| c.leaf().mark(oid::SUBJECT_KEY_ID, true)),
    ("go/extension-1.24", |c| {
        c.leaf().body.set("2.5.29.33", false, vec![5, 0]);
    }),
    ("go/name-constraints-form", |c| {
        let empty = der::sequence::<Vec<u8>>([]);
        c.ca().body.set(oid::NAME_CONSTRAINTS, true, empty);
    }),
    ("go/name-constraints-dot", |c| permit(c.ca(), dns("."))),
    ("go/unknown-critical", |c| unknown_critical(c.leaf())),
    ("go/unknown-critical-1.24", |c| unknown_critical(c.leaf())),
    ("go/time", |c| expire(c.leaf())),
    ("go/name", other_host),
    ("go/cannot-sign", |c| usage(c.ca(), CRL_SIGN)),
    ("go/insecure-algorithm", |c| sha1(c.leaf())),
    ("go/unknown-algorithm", |c| unknown_algorithm(c.leaf())),
    ("go/rsa-key", |c| key_of(c, 1, Kind::TinyRsa)),
    ("go/issuer-unknown-critical", |c| unknown_critical(c.ca())),
    ("go/issuer-unknown-critical-1.24", |c| {
        unknown_critical(c.ca());
    }),
    ("go/issuer-time", |c| expire(c.ca())),
    ("go/too-many-constraints", |c| many_names(c, 502, 500)),
    ("go/name-constraints", |c| exclude_host(c.ca())),
    ("go/not-a-ca", |c| version_1(c.ca())),
    ("go/path-length", |c| last_ca(c.root())),
    ("go/policies", |c| policy_required(c.leaf())),
    ("go/purpose", |c| for_clients(c.leaf())),
    ("go/name-constraints-1.25", |c| exclude_host(c.ca())),
    ("go/key-kind", |c| key_of(c, 0, Kind::Dsa)),
    ("go/signature-limit", |c| namesakes(c, 101)),
    ("go/unknown-authority", unrelated_root),
];

/// What Go's parsers and comparisons say in particular.
pub(super) const WORDS: &[Wording] = &[
    ("go/public-key", "unsupported elliptic curve", |c| {
        c.leaf().public = Some(keys::ec_on("1.3.132.0.10", &[4; 65]));
    }),
    ("go/public-key", "RSA key missing NULL parameters", |c| {
        public(c.leaf(), "1.2.840.113549.1.1.1", &[], &[0x30, 0]);
    }),
    ("go/public-key", "Ed25519 key encoded with illegal", |c| {
        public(c.leaf(), "1.3.101.112", &[5, 0], &[7; 32]);
    }),
    ("go/public-key", "wrong Ed25519 public key size", |c| {
        public(c.leaf(), "1.3.101.112", &[], &[7; 31]);
    }),
    ("go/point", "ecdsa: invalid uncompressed", |c| {
        c.leaf().public = Some(keys::ec_on(P256, &[2; 33]));
    }),
    ("go/point", "invalid P256 point encoding", |c| {
        c.leaf().public = Some(keys::ec_on(P256, &[4; 64]));
    }),
    (
        "go/extension",
        "authority key identifier incorrectly",
        |c| {
            c.leaf().mark(oid::AUTHORITY_KEY_ID, true);
        },
    ),
    ("go/extension", "authority info access incorrectly", |c| {
        let none = der::sequence::<Vec<u8>>([]);
        c.leaf().body.set(INFO_ACCESS, true, none);
    }),
    ("go/extension", "invalid authority info access", |c| {
        no_sequence(c.leaf(), INFO_ACCESS);
    }),
    ("go/extension", "invalid authority key identifier", |c| {
        no_sequence(c.leaf(), oid::AUTHORITY_KEY_ID);
    }),
    ("go/extension", "invalid subject key identifier", |c| {
        c.leaf().body.set(oid::SUBJECT_KEY_ID, false, vec![0x30, 0]);
    }),
    ("go/extension", "invalid CRL distribution points", |c| {
        no_sequence(c.leaf(), "2.5.29.31");
    }),
    ("go/extension", "invalid certificate policies", |c| {
        no_sequence(c.leaf(), "2.5.29.32");
    }),
    ("go/extension", "invalid certificate policies", |c| {
        let no_oid = der::sequence([der::sequence([der::unsigned(&[1])])]);
        c.leaf().body.set("2.5.29.32", false, no_oid);
    }),
    ("go/extension", "invalid CRL distribution point", |c| {
        let relative = der::encode(tag::context(1), &[]);
        let place = der::encode(tag::context(0), &relative);
        let points = der::sequence([der::sequence([place])]);
        c.leaf().body.set("2.5.29.31", false, points);
    }),
    ("go/extension-1.24", "invalid certificate policies", |c| {
        let policy = identifier("1.2.3", &[]);
        let twice = der::sequence([&policy, &policy]);
        c.leaf().body.set("2.5.29.32", false, twice);
    }),
    ("go/extension-1.24", "invalid policy constraints", |c| {
        let padded = der::encode(tag::context_primitive(0), &[0, 1]);
        c.leaf()
            .body
            .set("2.5.29.36", false, der::sequence([padded]));
    }),
    ("go/extension-1.24", "invalid inhibit any policy", |c| {
        let value = der::encode(tag::INTEGER, &[0, 1]);
        c.leaf().body.set("2.5.29.54", false, value);
    }),
    ("go/extension", "invalid basic constraints", |c| {
        odd_boolean(c.leaf());
    }),
    ("go/extension", "invalid key usage", |c| {
        no_sequence(c.leaf(), oid::KEY_USAGE);
    }),
    ("go/extension", "invalid extended key usages", |c| {
        no_sequence(c.leaf(), oid::EXTENDED_KEY_USAGE);
    }),
    ("go/extension", "invalid subject alternative names", |c| {
        no_sequence(c.leaf(), oid::SUBJECT_ALT_NAME);
    }),
    ("go/extension", "SAN rfc822Name is malformed", |c| {
        also_named(c, other(0x81, b"\xe9@example.com"));
    }),
    ("go/extension", "SAN dNSName is malformed", |c| {
        also_named(c, other(0x82, b"\xe9.example.com"));
    }),
    ("go/extension", "SAN uniformResourceIdentifier is", |c| {
        also_named(c, other(0x86, b"https://\xe9.example.com"));
    }),
    ("go/extension", "cannot parse IP address of length 3", |c| {
        also_named(c, ip(&[10, 0, 0]));
    }),
    ("go/extension", "cannot parse URI", |c| {
        also_named(c, uri("https://[::1"));
    }),
    ("go/name-constraints-form", "invalid NameConstraints", |c| {
        no_sequence(c.ca(), oid::NAME_CONSTRAINTS);
    }),
    ("go/name-constraints-form", "failed to parse dnsName", |c| {
        permit(c.ca(), dns("a..b"));
    }),
    ("go/name-constraints-form", "value of length 4", |c| {
        permit(c.ca(), ip(&[10, 0, 0, 0]));
    }),
    ("go/name-constraints-form", "contained invalid mask", |c| {
        permit(c.ca(), ip(&[10, 0, 0, 0, 255, 0, 255, 0]));
    }),
    (
        "go/name-constraints-form",
        "failed to parse rfc822Name",
        |c| {
            permit(c.ca(), mail("a@b..c"));
        },
    ),
    ("go/name-constraints-form", "failed to parse URI", |c| {
        permit(c.ca(), uri("a..b"));
    }),
    ("go/name-constraints-form", "cannot be IP address", |c| {
        permit(c.ca(), uri("10.0.0.1"));
    }),
    (
        "go/name-constraints-form",
        "invalid constraint value",
        |c| {
            permit(c.ca(), other(0x82, b"\xe9"));
        },
    ),
    ("go/time", "is before", |c| early(c.leaf())),
    ("go/issuer-time", "is before", |c| early(c.ca())),
    ("go/name", "legacy Common Name", |c| {
        c.leaf().subject = name("CN=host.example.com");
        c.leaf().body.remove(oid::SUBJECT_ALT_NAME);
    }),
    ("go/name", "doesn't contain any IP SANs", |c| {
        dial(c, "IP", "10.0.0.1");
    }),
    ("go/name", "is valid for 10.0.0.2, not 10.0.0.1", |c| {
        also_named(c, ip(&[10, 0, 0, 2]));
        dial(c, "IP", "10.0.0.1");
    }),
    ("go/name", "is not valid for any names", |c| {
        c.leaf().body.names(&[ip(&[10, 0, 0, 1])]);
    }),
    ("go/name-constraints-1.25", "DNS name", |c| {
        permit(c.ca(), dns("example.org"));
    }),
    ("go/name-constraints-1.25", "email address", |c| {
        also_named(c, mail("a@example.com"));
        exclude(c.ca(), mail("example.com"));
    }),
    ("go/name-constraints-1.25", "URI", |c| {
        also_named(c, uri("https://www.example.com/"));
        permit(c.ca(), uri("example.org"));
    }),
    ("go/name-constraints-1.25", "IP address", |c| {
        also_named(c, ip(&[10, 0, 0, 1]));
        exclude(c.ca(), ip(&[10, 0, 0, 0, 255, 0, 0, 0]));
    }),
    ("go/name-constraints-1.25", "cannot parse dnsName", |c| {
        also_named(c, dns("a..b"));
        permit(c.ca(), dns("example.com"));
    }),
    ("go/name-constraints-1.25", "cannot parse rfc822Name", |c| {
        also_named(c, mail("a"));
        permit(c.ca(), mail("example.com"));
    }),
    ("go/name-constraints-1.25", "cannot be matched", |c| {
        also_named(c, uri("https://10.0.0.1/"));
        permit(c.ca(), uri("example.com"));
    }),
    ("go/name-constraints-1.25", "URI with empty host", |c| {
        also_named(c, uri("urn:x:y"));
        exclude(c.ca(), dns("example.org"));
    }),
    ("go/insecure-algorithm", "SHA1-RSA", |c| {
        by(c, Kind::Rsa);
        sha1(c.leaf());
    }),
    ("go/insecure-algorithm", "MD5-RSA", |c| {
        by(c, Kind::Rsa);
        md5(c.leaf());
    }),
    ("go/rsa-too-large", "tls: client sent certificate", |c| {
        from_client(c);
        c.leaf()
            .body
            .set(oid::EXTENDED_KEY_USAGE, false, client_auth());
        key_of(c, 0, Kind::HugeRsa);
    }),
    ("go/key-kind", "*ecdh.PublicKey", |c| {
        public(c.leaf(), "1.3.101.110", &[], &[9; 32]);
    }),
    ("go/key-kind", "unsupported public key of type <nil>", |c| {
        from_client(c);
        c.leaf()
            .body
            .set(oid::EXTENDED_KEY_USAGE, false, client_auth());
        public(c.leaf(), "1.2.3.4.5", &[], &[4; 65]);
    }),
    ("go/unknown-algorithm", "algorithm unimplemented", |c| {
        key_of(c, 1, Kind::Dsa);
    }),
    ("go/unknown-algorithm", "algorithm unimplemented", |c| {
        by(c, Kind::Rsa);
        c.leaf().signature = Signature::With(Hash::Sha224);
    }),
    ("go/insecure-algorithm", "DSA-SHA1", |c| {
        key_of(c, 1, Kind::Dsa);
        sha1(c.leaf());
    }),
    ("go/insecure-algorithm", "ECDSA-SHA1", |c| {
        by(c, Kind::P521);
        sha1(c.leaf());
    }),
    ("go/rsa-key", "public modulus is even", |c| {
        by(c, Kind::Rsa);
        c.ca().public = Some(keys::rsa(&[0xa4; 256], &[3]));
    }),
    ("go/unknown-authority", "ECDSA verification failure", |c| {
        broken(c.leaf());
    }),
    (
        "go/unknown-authority",
        "crypto/rsa: verification error",
        |c| {
            by(c, Kind::Rsa);
            broken(c.leaf());
        },
    ),
    (
        "go/unknown-authority",
        "Ed25519 verification failure",
        |c| {
            by(c, Kind::Ed25519);
            broken(c.leaf());
        },
    ),
];

/// An extension that begins with another tag.
fn no_sequence(draft: &mut Draft, oid: &'static str) {
    let octets = der::encode(tag::OCTET_STRING, &[1]);
    draft.body.set(oid, false, octets);
}

fn client_auth() -> Vec<u8> {
    make::purposes(&[make::CLIENT_AUTH])
}

/// The CA has another kind of key.
fn by(chain: &mut Chain<'_>, kind: Kind) {
    key_of(chain, 1, kind);
}
