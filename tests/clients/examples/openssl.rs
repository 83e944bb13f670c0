//! What OpenSSL refuses, as it comes and as Python 3.13 sets it.

use pki_core::cert::oid;

use super::Example;
use super::change::{
    broken, broken_text, exclude_host, explicit_curve, for_clients, last_ca, no_ca, other_host,
    self_signed, sha1, small_key, unknown_critical,
};

/// As it comes.
pub(super) fn plain() -> Vec<Example> {
    [COMMON, PLAIN].concat()
}

/// As Python 3.13 sets it.
pub(super) fn strict() -> Vec<Example> {
    [COMMON, STRICT].concat()
}

/// What both settings refuse.
const COMMON: &[Example] = &[
    ("openssl/serial", |c| c.leaf().body.serial = vec![0, 1]),
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
