//! What our strict policy accepts, OpenSSL's strict mode accepts.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "another implementation judges, and reads files"
)]

use std::process::{Command, Stdio};

use super::*;
use crate::cert::tests::make::{CLIENT_AUTH, basic_constraints, key_usage, purposes};
use crate::cert::tests::make_crl::{ListBody, crl, reason};
use crate::cert::{Crl, oid};
use crate::model::san::GeneralName;
use crate::pem;

type Tweak = fn(&mut Body);

fn openssl(tree: &Tree, leaf: &Certificate, middle: &Certificate) -> Option<bool> {
    openssl_with(tree, leaf, middle, &[])
}

/// With lists, of which one must settle the status of each certificate.
fn openssl_with(
    tree: &Tree,
    leaf: &Certificate,
    middle: &Certificate,
    lists: &[&Crl],
) -> Option<bool> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, cert: &Certificate| {
        let path = folder.path().join(name);
        std::fs::write(&path, pem::encode("CERTIFICATE", cert.der())).unwrap();
        path
    };
    let crls = folder.path().join("crls");
    let pem = lists.iter().map(|list| pem::encode("X509 CRL", list.der()));
    std::fs::write(&crls, pem.collect::<String>()).unwrap();
    let revocation: Vec<std::ffi::OsString> = if lists.is_empty() {
        Vec::new()
    } else {
        vec!["-crl_check_all".into(), "-CRLfile".into(), crls.into()]
    };
    let mut command = Command::new("openssl");
    let status = command
        .args(["verify", "-x509_strict", "-purpose", "sslserver"])
        .args(["-verify_hostname", "host.example.com"])
        .args(["-attime", &NOW.unix().to_string(), "-CAfile"])
        .arg(write("root", &tree.root_cert))
        .arg("-untrusted")
        .arg(write("middle", middle))
        .args(revocation)
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

/// How the list of the leaf's issuer is changed, and whether the chain holds.
type Row = (fn(&mut ListBody), bool);

const LISTS: [Row; 13] = [
    (|_| (), true),
    (|b| b.revoke(&[2], &[]), true),
    (|b| b.revoke(&[1], &[]), false),
    (|b| b.revoke(&[1], &[reason(6)]), false),
    // A complete list, and yet not revoked (6.3.3(l)).
    (|b| b.revoke(&[1], &[reason(8)]), true),
    (
        |b| b.current(NOW.plus_seconds(-9), NOW.plus_seconds(-1)),
        false,
    ),
    (
        |b| b.current(NOW.plus_seconds(1), NOW.plus_seconds(9)),
        false,
    ),
    (|b| b.set("1.2.3", true, vec![5, 0]), false),
    (|b| b.set("1.2.3", false, vec![5, 0]), true),
    (|b| b.revoke(&[2], &[("1.2.3", true, vec![5, 0])]), false),
    (|b| b.scope(&[0x81, 1, 0xff]), true),
    (|b| b.scope(&[0x82, 1, 0xff]), false),
    (|b| b.scope(&[0x85, 1, 0xff]), false),
];

#[test]
fn openssl_agrees_on_revocation() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let of_root = crl(&tree.root, |_| ());
    let mut rows: Vec<(Vec<Crl>, bool)> = LISTS
        .into_iter()
        .map(|(tweak, good)| (vec![of_root.clone(), crl(&tree.middle, tweak)], good))
        .collect();
    let of_middle = crl(&tree.middle, |_| ());
    let revoking = crl(&tree.root, |b| b.revoke(&[1], &[]));
    rows.push((vec![revoking, of_middle.clone()], false));
    rows.push((vec![of_middle], false));
    rows.push((vec![of_root, crl(&party("CN=Middle"), |_| ())], false));
    for (i, (lists, good)) in rows.into_iter().enumerate() {
        let given: Vec<&Crl> = lists.iter().collect();
        let Some(theirs) = openssl_with(&tree, &leaf, &tree.middle_cert, &given) else {
            println!("skipped: openssl not found");
            return;
        };
        let policy = ChainPolicy::path_validation();
        let policy = policy.with_revocation(Revocation::Hard(lists.into()));
        let outcome = tree.build(&leaf, &policy);
        let ours = outcome.accepted().is_some();
        assert_eq!(
            (ours, theirs),
            (good, good),
            "row {i}: {:?}",
            failed(&outcome)
        );
    }
}
