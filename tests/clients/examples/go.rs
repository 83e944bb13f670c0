//! What Go refuses.

use pki_core::cert::oid;
use pki_core::der;

use super::Example;
use super::change::{
    CRL_SIGN, algorithms_differ, broken_text, exclude_host, expire, explicit_curve, for_clients,
    fraction, last_ca, off_curve, other_host, policy_required, sha1, twice, unknown_algorithm,
    unknown_critical, unrelated_root, usage, version_1,
};

pub(super) const EXAMPLES: &[Example] = &[
    ("go/version", |c| c.leaf().body.version = 3),
    ("go/negative-serial", |c| c.leaf().body.serial = vec![0xfe]),
    ("go/der", |c| c.leaf().body.serial = vec![0, 1]),
    ("go/algorithms-differ", |c| algorithms_differ(c.leaf())),
    ("go/name-text", |c| broken_text(c.leaf())),
    ("go/public-key", explicit_curve),
    ("go/time-form", |c| fraction(c.leaf())),
    ("go/point", |c| off_curve(c.leaf())),
    ("go/duplicate-extension", |c| twice(c.leaf())),
    ("go/extension", |c| c.leaf().mark(oid::SUBJECT_KEY_ID, true)),
    ("go/name-constraints-form", |c| {
        let empty = der::sequence::<Vec<u8>>([]);
        c.ca().body.set(oid::NAME_CONSTRAINTS, true, empty);
    }),
    ("go/unknown-critical", |c| unknown_critical(c.leaf())),
    ("go/unknown-critical-1.24", |c| unknown_critical(c.leaf())),
    ("go/time", |c| expire(c.leaf())),
    ("go/name", other_host),
    ("go/cannot-sign", |c| usage(c.ca(), CRL_SIGN)),
    ("go/insecure-algorithm", |c| sha1(c.leaf())),
    ("go/unknown-algorithm", |c| unknown_algorithm(c.leaf())),
    ("go/issuer-unknown-critical", |c| unknown_critical(c.ca())),
    ("go/issuer-unknown-critical-1.24", |c| {
        unknown_critical(c.ca());
    }),
    ("go/issuer-time", |c| expire(c.ca())),
    ("go/name-constraints", |c| exclude_host(c.ca())),
    ("go/not-a-ca", |c| version_1(c.ca())),
    ("go/path-length", |c| last_ca(c.root())),
    ("go/policies", |c| policy_required(c.leaf())),
    ("go/purpose", |c| for_clients(c.leaf())),
    ("go/name-constraints-1.25", |c| exclude_host(c.ca())),
    ("go/unknown-authority", unrelated_root),
];
