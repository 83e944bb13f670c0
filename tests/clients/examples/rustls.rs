//! What rustls refuses.

use pki_core::cert::oid;

use super::change::{
    algorithms_differ, also_named, another_ca, broken, circle, dial, dns, early, exclude,
    exclude_host, expire, for_clients, fraction, from_client, ip, key_of, last_ca, mail,
    many_names, maximum, namesakes, no_ca, odd_boolean, other, other_host, permit, sha1, small_key,
    twice, unique_id, unknown_algorithm, unknown_critical, unrelated_root, uri,
};
use super::{Example, Wording};
use crate::keys::Kind;
use crate::make;

pub(super) const EXAMPLES: &[Example] = &[
    ("rustls/version", |c| c.leaf().body.version = 3),
    ("rustls/unique-id", |c| unique_id(c.leaf())),
    ("rustls/algorithms-differ", |c| algorithms_differ(c.leaf())),
    ("rustls/duplicate-extension", |c| twice(c.leaf())),
    ("rustls/extension-form", |c| odd_boolean(c.leaf())),
    ("rustls/unknown-critical", |c| unknown_critical(c.leaf())),
    ("rustls/ca-as-end-entity", |c| {
        let value = make::basic_constraints(true, None);
        c.leaf().body.set(oid::BASIC_CONSTRAINTS, true, value);
    }),
    ("rustls/time-form", |c| fraction(c.leaf())),
    ("rustls/time", |c| expire(c.leaf())),
    ("rustls/purpose", |c| for_clients(c.leaf())),
    ("rustls/not-a-ca", |c| no_ca(c.ca())),
    ("rustls/path-length-form", |c| {
        let value = vec![0x30, 7, 1, 1, 255, 2, 2, 1, 0];
        c.ca().body.set(oid::BASIC_CONSTRAINTS, true, value);
    }),
    ("rustls/path-length", |c| last_ca(another_ca(c))),
    ("rustls/issuer-time-form", |c| fraction(c.ca())),
    ("rustls/issuer-time", |c| expire(c.ca())),
    ("rustls/issuer-purpose", |c| for_clients(c.ca())),
    ("rustls/signature-algorithm", |c| sha1(c.leaf())),
    ("rustls/signature-key", |c| {
        let (key, keys) = (c.keys.nth(Kind::Rsa, 0), c.keys);
        c.ca().rekey(key, keys);
    }),
    ("rustls/rsa-size", |c| small_key(c, 1)),
    ("rustls/depth", |c| {
        for _ in 1..7 {
            another_ca(c);
        }
    }),
    ("rustls/name-constraints", |c| exclude_host(c.ca())),
    ("rustls/name-comparisons", |c| many_names(c, 502, 500)),
    ("rustls/name", other_host),
    ("rustls/no-anchors", |c| c.plan.distrust_root()),
    ("rustls/signature-limit", |c| namesakes(c, 101)),
    ("rustls/path-limit", |c| circle(c, 12)),
    ("rustls/unknown-issuer", unrelated_root),
    ("rustls/signature", |c| broken(c.leaf())),
];

/// The errors of `rustls-webpki` in particular.
pub(super) const WORDS: &[Wording] = &[
    ("rustls/time", "not valid yet", |c| early(c.leaf())),
    ("rustls/issuer-time", "not valid yet", |c| early(c.ca())),
    ("rustls/purpose", "client authentication", from_client),
    ("rustls/signature-algorithm", "Unsupported", |c| {
        let (key, keys) = (c.keys.nth(Kind::P521, 0), c.keys);
        c.plan.rekey(1, key, keys);
    }),
    ("rustls/signature-algorithm", "UnsupportedSignature", |c| {
        unknown_algorithm(c.leaf());
    }),
    ("rustls/signature-algorithm", "UnsupportedSignature", |c| {
        key_of(c, 1, Kind::Dsa);
    }),
    ("rustls/rsa-size", "BadSignature", |c| {
        key_of(c, 1, Kind::HugeRsa);
    }),
    ("rustls/name-constraints", "NameConstraintViolation", |c| {
        permit(c.ca(), dns("example.org"));
    }),
    ("rustls/name-constraints", "NameConstraintViolation", |c| {
        also_named(c, mail("a@example.com"));
        permit(c.ca(), mail("example.com"));
    }),
    ("rustls/name-constraints", "NameConstraintViolation", |c| {
        also_named(c, uri("https://www.example.com/"));
        permit(c.ca(), uri("www.example.com"));
    }),
    ("rustls/name-constraints", "invalid peer", |c| {
        maximum(c.ca());
    }),
    ("rustls/name-constraints", "invalid peer", |c| {
        also_named(c, other(0x8a, b"x"));
        permit(c.ca(), dns("example.com"));
    }),
    ("rustls/name-constraints", "MalformedDnsIdentifier", |c| {
        also_named(c, dns("a..b"));
        permit(c.ca(), dns("example.com"));
    }),
    ("rustls/name-constraints", "MalformedNameConstraint", |c| {
        permit(c.ca(), dns("*.example.com"));
    }),
    ("rustls/name-constraints", "InvalidNetworkMask", |c| {
        also_named(c, ip(&[10, 0, 0, 1]));
        exclude(c.ca(), ip(&[10, 0, 0, 0, 255, 0, 255, 0]));
    }),
    ("rustls/name", "10.0.0.1", |c| dial(c, "IP", "10.0.0.1")),
];
