//! What Java refuses.

use pki_core::der::{self, tag};
use pki_core::model::san::GeneralName;

use super::change::{
    CRL_SIGN, NO_BIT, algorithms_differ, broken, cut_off, exclude_host, expire, explicit_curve,
    for_clients, last_ca, no_ca, other_host, policy_required, renewed_root, second_ca, twice,
    unknown_critical, unrelated_root, usage,
};
use super::{Chain, Example};
use crate::keys;

const KEY_ENCIPHERMENT: &[u8] = &[5, 0x20];

pub(super) const EXAMPLES: &[Example] = &[
    ("jsse/empty-issuer", |c| {
        c.leaf().issuer = der::sequence::<Vec<u8>>([]);
    }),
    ("jsse/algorithms-differ", |c| algorithms_differ(c.leaf())),
    ("jsse/serial", |c| c.leaf().body.serial.clear()),
    ("jsse/old-version", |c| c.leaf().body.version = 0),
    ("jsse/explicit-curve", explicit_curve),
    ("jsse/unknown-curve", |c| {
        c.leaf().public = Some(keys::ec_on("1.2.3.4", &[4]));
    }),
    ("jsse/rsa-key", |c| {
        c.leaf().public = Some(keys::rsa(&[0xa5; 256], &[1]));
    }),
    ("jsse/duplicate-extension", |c| twice(c.leaf())),
    ("jsse/critical-form", |c| cut_off(c.leaf())),
    ("jsse/alt-name-form", |c| {
        let host = GeneralName::Dns("host.example.com".into());
        c.leaf()
            .body
            .names(&[host, GeneralName::Uri("no uri".into())]);
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
    ("jsse/path-length", |c| last_ca(second_ca(c))),
    ("jsse/issuer-unknown-critical", |c| unknown_critical(c.ca())),
    ("jsse/key-cert-sign", |c| usage(c.ca(), CRL_SIGN)),
    ("jsse/depth", |c| {
        built(c);
        c.max_depth = Some(0);
    }),
    ("jsse/algorithm", |c| {
        c.leaf().public = Some(keys::rsa(&[0xa5; 64], &[1, 0, 1]));
    }),
    ("jsse/key-usage-empty", |c| usage(c.leaf(), NO_BIT)),
    ("jsse/policies", |c| policy_required(c.leaf())),
    ("jsse/empty-base", |c| {
        let any = GeneralName::Dns(String::new());
        c.ca().body.constrain(&[any], &[]);
    }),
    ("jsse/name-constraints", |c| exclude_host(c.ca())),
    ("jsse/anchor-is-no-ca", |c| no_ca(c.root())),
    ("jsse/anchor-key-cert-sign", |c| usage(c.root(), CRL_SIGN)),
    ("jsse/key-usage", |c| usage(c.leaf(), KEY_ENCIPHERMENT)),
    ("jsse/purpose", |c| for_clients(c.leaf())),
    ("jsse/netscape-type", |c| {
        let client = der::encode(tag::BIT_STRING, &[7, 0x80]);
        c.leaf().body.set("2.16.840.1.113730.1.1", false, client);
    }),
    ("jsse/name", other_host),
    ("jsse/name-25", other_host),
    ("jsse/no-path", unrelated_root),
    ("jsse/signature", |c| broken(c.leaf())),
    ("jsse/no-anchor", renewed_root),
];

/// Twice the same is no chain in its order, so that one is built.
fn built(chain: &mut Chain<'_>) {
    chain.plan.sent.push(1);
}
