//! What rustls refuses.

use pki_core::cert::oid;

use super::Example;
use super::change::{
    algorithms_differ, broken, exclude_host, expire, for_clients, fraction, last_ca, no_ca,
    odd_boolean, other_host, second_ca, sha1, twice, unique_id, unknown_critical, unrelated_root,
};
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
    ("rustls/path-length", |c| last_ca(second_ca(c))),
    ("rustls/issuer-time-form", |c| fraction(c.ca())),
    ("rustls/issuer-time", |c| expire(c.ca())),
    ("rustls/issuer-purpose", |c| for_clients(c.ca())),
    ("rustls/signature-algorithm", |c| sha1(c.leaf())),
    ("rustls/name-constraints", |c| exclude_host(c.ca())),
    ("rustls/name", other_host),
    ("rustls/unknown-issuer", unrelated_root),
    ("rustls/signature", |c| broken(c.leaf())),
];
