//! Files that no manifest names, and CRLs.

use std::path::{Path, PathBuf};

use super::*;
use crate::cert::Crl;
use crate::cert::tests::make::Party;
use crate::cert::tests::make_crl::{ListBody, crl};
use crate::chain::{Crls, Revocation};
use crate::inventory::{Inventory, IssuedRecord};
use crate::record::{Content, FileRecord};

/// What is told of a leaf below a root that it is judged by, and these lists
/// of that root.
fn with_lists(
    root: &Party,
    lists: impl IntoIterator<Item = Crl>,
    asked: fn(Crls) -> Revocation,
) -> Vec<(&'static str, Severity)> {
    let anchor = make::ca(root, root, |b| b.remove(oid::AUTHORITY_KEY_ID));
    let leaf = make::leaf(&make::party("CN=host"), root, |_| ());
    let path = PathBuf::from("x.crt");
    let record = FileRecord {
        content: Content::File(pem::encode("CERTIFICATE", leaf.der()).into_bytes().into()),
        ..FileRecord::missing(path.clone())
    };
    let inventory = Inventory::from_records([record], IssuedRecord::default());
    let lists = GivenCrl::of_file(Path::new("x.crl"), lists.into_iter().collect());
    let by = Loose {
        ca: Path::new("ca.crt"),
        anchors: vec![anchor],
        key: None,
        key_form: None,
        ca_not_pem: None,
        ca_unreadable: Vec::new(),
        name: None,
        purpose: None,
        renew: RenewAt::Fraction(1, 3),
        revocation: asked(GivenCrl::named(&lists)),
        lists: &lists,
    };
    let verdict = verify_files(&[path], &inventory, &by, NOW);
    let findings = verdict.report.findings().iter();
    findings.map(|f| (f.rule, f.severity)).collect()
}

#[test]
fn are_asked_of_lists() {
    let root = make::party("CN=Root");
    let stranger = make::party("CN=Root");
    let good = || crl(&root, |_| ());
    let revoked = || crl(&root, |b| b.revoke(&[1], &[]));
    let old = |b: &mut ListBody| b.current(NOW.plus_seconds(-9), NOW.plus_seconds(-1));
    let unknown = ("revocation-unknown", Severity::Info);
    let with = |lists: &[Crl], hard: &[&'static str], soft: &[(&'static str, Severity)]| {
        let hard: Vec<_> = hard.iter().map(|rule| (*rule, Severity::Error)).collect();
        assert_eq!(with_lists(&root, lists.to_vec(), Revocation::Hard), hard);
        assert_eq!(with_lists(&root, lists.to_vec(), Revocation::Soft), soft);
        assert_eq!(with_lists(&root, lists.to_vec(), |_| Revocation::Off), []);
    };
    let told = ("revoked", Severity::Error);
    with(&[good()], &[], &[]);
    with(&[revoked()], &["revoked"], &[told]);
    with(&[], &["revocation-unknown"], &[unknown]);
    with(
        &[crl(&root, old)],
        &["revocation-unknown", "crl-expired"],
        &[("crl-expired", Severity::Warning), unknown],
    );
    with(
        &[crl(&stranger, |b| b.revoke(&[1], &[]))],
        &["revocation-unknown", "crl-signature"],
        &[("crl-signature", Severity::Warning), unknown],
    );
    // What an old list revokes, and what a newer one takes back.
    let gone = crl(&root, |b| {
        old(b);
        b.revoke(&[1], &[]);
    });
    with(
        std::slice::from_ref(&gone),
        &["revoked", "revocation-unknown", "crl-expired"],
        &[told, ("crl-expired", Severity::Warning), unknown],
    );
    with(&[gone, crl(&root, |b| b.number(2))], &[], &[]);
}

#[test]
fn are_asked_of_lists_as_they_are_made() {
    let root = make::party("CN=Root");
    let plain = crl(&root, |b| {
        b.next_update = Vec::new();
        b.remove(oid::CRL_NUMBER);
    });
    let expected = [
        ("crl-next-update-missing", Severity::Warning),
        ("crl-number-missing", Severity::Info),
    ];
    assert_eq!(with_lists(&root, [plain], Revocation::Hard), expected);
}
