//! What our strict policy accepts, OpenSSL's strict mode accepts.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "another implementation judges, and reads files"
)]

use std::process::{Command, Stdio};

use super::*;
use crate::cert::oid;
use crate::cert::tests::make::{CLIENT_AUTH, basic_constraints, key_usage, purposes};
use crate::model::san::GeneralName;
use crate::pem;

type Tweak = fn(&mut Body);

fn openssl(tree: &Tree, leaf: &Certificate, middle: &Certificate) -> Option<bool> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, cert: &Certificate| {
        let path = folder.path().join(name);
        std::fs::write(&path, pem::encode("CERTIFICATE", cert.der())).unwrap();
        path
    };
    let status = Command::new("openssl")
        .args(["verify", "-x509_strict", "-purpose", "sslserver"])
        .args(["-verify_hostname", "host.example.com"])
        .args(["-attime", &NOW.unix().to_string(), "-CAfile"])
        .arg(write("root", &tree.root_cert))
        .arg("-untrusted")
        .arg(write("middle", middle))
        .arg(write("leaf", leaf))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.ok().map(|status| status.success())
}

const MIDDLES: [Tweak; 6] = [
    |_| (),
    |b| {
        b.set(
            oid::BASIC_CONSTRAINTS,
            true,
            basic_constraints(true, Some(0)),
        );
    },
    |b| b.constrain(&[GeneralName::Dns("example.com".into())], &[]),
    |b| {
        b.constrain(
            &[],
            &[GeneralName::Dns("org".into()), GeneralName::Ip(vec![0; 8])],
        );
    },
    |b| {
        b.set(
            oid::EXTENDED_KEY_USAGE,
            false,
            purposes(&[CLIENT_AUTH, SERVER_AUTH]),
        );
    },
    |b| b.set(oid::KEY_USAGE, true, key_usage(&[1, 0x86])),
];

const LEAVES: [Tweak; 6] = [
    |_| (),
    |b| b.hosts(&["other", "*.example.com"]),
    |b| {
        b.set(
            oid::EXTENDED_KEY_USAGE,
            false,
            purposes(&[CLIENT_AUTH, SERVER_AUTH]),
        );
    },
    |b| b.remove(oid::BASIC_CONSTRAINTS),
    |b| b.serial = vec![0x7f; 20],
    // Not until NOW itself: OpenSSL takes the last second for expired.
    |b| b.valid(NOW, NOW.plus_seconds(1)),
];

#[test]
fn openssl_agrees() {
    let tree = tree();
    let mut accepted_by_us = 0;
    for (i, middle) in MIDDLES.into_iter().enumerate() {
        let middle = ca(&tree.middle, &tree.root, middle);
        for (j, tweak) in LEAVES.into_iter().enumerate() {
            let leaf = tree.leaf(tweak);
            let pool = [middle.clone()];
            let outcome = build(&leaf, &pool, &anchors(&[&tree.root_cert]), &strict(), NOW);
            let Some(theirs) = openssl(&tree, &leaf, &middle) else {
                println!("skipped: openssl not found");
                return;
            };
            let ours = outcome.accepted().is_some();
            assert_eq!(ours, theirs, "{i} {j} {:?}", failed(&outcome));
            accepted_by_us += usize::from(ours);
        }
    }
    // One constraint forbids `other`.
    assert_eq!(accepted_by_us, MIDDLES.len() * LEAVES.len() - 1);
}
