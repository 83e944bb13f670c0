//! What CRLs tell of a chain, and which of them count.

use super::*;
use crate::cert::tests::make::DAY;
use crate::cert::tests::make_crl::{ListBody, crl, reason};
use crate::cert::{Crl, oid};
use crate::der;

type Tweak = fn(&mut ListBody);

/// RFC 5280 whole, with every list that is given.
pub(super) fn hard(lists: &[&Crl]) -> ChainPolicy {
    let lists: Vec<Crl> = lists.iter().map(|l| (*l).clone()).collect();
    ChainPolicy::rfc5280().with_revocation(Revocation::Hard(lists.into()))
}

pub(super) fn soft(lists: &[&Crl]) -> ChainPolicy {
    let mut policy = hard(lists);
    if let Revocation::Hard(lists) = policy.revocation {
        policy.revocation = Revocation::Soft(lists);
    }
    policy
}

pub(super) fn checks(outcome: &Outcome) -> Vec<&'static str> {
    failed(outcome)
        .into_iter()
        .map(|(check, _)| check)
        .collect()
}

#[test]
fn off_soft_and_hard() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let of_root = crl(&tree.root, |_| ());
    let of_middle = crl(&tree.middle, |_| ());
    // Every certificate below the anchor, and the anchor not.
    accepted(&tree.build(&leaf, &hard(&[&of_middle, &of_root])));
    for (lists, place) in [(vec![&of_root], 0), (vec![&of_middle], 1)] {
        let outcome = tree.build(&leaf, &hard(&lists));
        assert_eq!(failed(&outcome), [("revocation-unknown", Some(place))]);
        accepted(&tree.build(&leaf, &soft(&lists)));
    }
    let outcome = tree.build(&leaf, &hard(&[]));
    let twice = [
        ("revocation-unknown", Some(0)),
        ("revocation-unknown", Some(1)),
    ];
    assert_eq!(failed(&outcome), twice);
    accepted(&tree.build(&leaf, &ChainPolicy::rfc5280()));
    // A trusted certificate is asked about by nobody.
    let roots = anchors(&[&tree.root_cert]);
    accepted(&build(&tree.root_cert, &[], &roots, &hard(&[]), NOW));
    // Revoked: both refuse, at the right place.
    let revoked = |party: &Party| crl(party, |b| b.revoke(&[1], &[reason(1)]));
    for (lists, place) in [
        ([revoked(&tree.middle), of_root.clone()], 0),
        ([revoked(&tree.root), of_middle.clone()], 1),
    ] {
        let lists: Vec<&Crl> = lists.iter().collect();
        for policy in [hard(&lists), soft(&lists)] {
            let outcome = tree.build(&leaf, &policy);
            assert_eq!(failed(&outcome), [("revoked", Some(place))]);
            let fault = &outcome.explanation().unwrap().faults()[0];
            let expected = "revoked at 2026-11-20T00:00:00Z, keyCompromise, by the CRL of";
            assert!(fault.found.starts_with(expected), "{}", fault.found);
        }
        let policy = ChainPolicy::rfc5280();
        accepted(&tree.build(&leaf, &policy.with_revocation(Revocation::Off)));
    }
}

#[test]
fn told_beside_other_faults() {
    let mut tree = tree();
    let past = |b: &mut Body| b.valid(NOW.plus_seconds(-9), NOW.plus_seconds(-1));
    tree.middle_cert = ca(&tree.middle, &tree.root, past);
    let leaf = tree.leaf(past);
    let of_root = crl(&tree.root, |b| {
        b.current(NOW.plus_seconds(-9), NOW.plus_seconds(-1));
    });
    let list = crl(&tree.middle, |b| b.revoke(&[1], &[]));
    let outcome = tree.build(&leaf, &hard(&[&of_root, &list]));
    let expected = [
        ("revoked", Some(0)),
        ("expired", Some(0)),
        ("expired", Some(1)),
        (UNKNOWN, Some(1)),
        ("crl-expired", Some(1)),
    ];
    assert_eq!(failed(&outcome), expected);
    let explanation = outcome.explanation().unwrap();
    let edge = &explanation.edges[0];
    assert!(edge.faults.iter().any(|f| f.check == "revoked"));
    let said = explanation.faults()[0].to_string();
    assert_eq!(
        said,
        "revoked: `CN=host` (serial 01): found revoked at 2026-11-20T00:00:00Z, unspecified, \
         by the CRL of 2026-11-20T00:00:00Z by CN=Middle, expected not revoked \
         (RFC 5280 6.1.3(a)(3))"
    );
}

/// How the list of the leaf's issuer is changed, and what that comes to: with
/// RFC 5280 whole, and with path validation alone.
type Row = (Tweak, &'static [&'static str], &'static [&'static str]);

pub(super) const UNKNOWN: &str = "revocation-unknown";

const ROWS: [Row; 27] = [
    (|b| b.revoke(&[2], &[]), &[], &[]),
    (|b| b.revoke(&[1], &[]), &["revoked"], &["revoked"]),
    (|b| b.revoke(&[1], &[reason(6)]), &["revoked"], &["revoked"]),
    // Taken back: no word for a complete list, and no revocation.
    (
        |b| b.revoke(&[1], &[reason(8)]),
        &[UNKNOWN, "crl-content"],
        &[],
    ),
    (
        |b| b.revoke(&[2], &[("1.2.3", true, vec![5, 0])]),
        &[UNKNOWN, "crl-critical-extension"],
        &[UNKNOWN, "crl-critical-extension"],
    ),
    (
        |b| b.set("1.2.3", true, vec![5, 0]),
        &[UNKNOWN, "crl-critical-extension"],
        &[UNKNOWN, "crl-critical-extension"],
    ),
    (|b| b.set("1.2.3", false, vec![5, 0]), &[], &[]),
    (
        |b| b.remove(oid::CRL_NUMBER),
        &[UNKNOWN, "crl-number-missing"],
        &[],
    ),
    (
        |b| b.set(oid::CRL_NUMBER, false, vec![2, 1, 0xff]),
        &[UNKNOWN, "crl-malformed"],
        &[UNKNOWN, "crl-malformed"],
    ),
    (
        |b| b.remove(oid::AUTHORITY_KEY_ID),
        &[UNKNOWN, "crl-authority-key-id-missing"],
        &[],
    ),
    (
        |b| b.next_update.clear(),
        &[UNKNOWN, "crl-next-update-missing"],
        &[],
    ),
    (
        |b| {
            b.version = None;
            b.extensions.clear();
        },
        &[
            UNKNOWN,
            "crl-version",
            "crl-number-missing",
            "crl-authority-key-id-missing",
        ],
        &[],
    ),
    (
        |b| b.current(NOW.plus_seconds(-9), NOW.plus_seconds(-1)),
        &[UNKNOWN, "crl-expired"],
        &[UNKNOWN, "crl-expired"],
    ),
    (|b| b.current(NOW.plus_seconds(-9), NOW), &[], &[]),
    (|b| b.current(NOW, NOW.plus_seconds(9)), &[], &[]),
    (
        |b| b.current(NOW.plus_seconds(1), NOW.plus_seconds(9)),
        &[UNKNOWN, "crl-not-yet-valid"],
        &[UNKNOWN, "crl-not-yet-valid"],
    ),
    // An outdated list says nothing, not even of what it revokes.
    (
        |b| {
            b.current(NOW.plus_seconds(-9), NOW.plus_seconds(-1));
            b.revoke(&[1], &[]);
        },
        &[UNKNOWN, "crl-expired"],
        &[UNKNOWN, "crl-expired"],
    ),
    (
        |b| b.inner = Some(vec![0x30, 5, 6, 3, 0x2b, 0x65, 0x70]),
        &[UNKNOWN, "crl-algorithms-differ"],
        &[UNKNOWN, "crl-algorithms-differ"],
    ),
    (
        |b| b.set(oid::DELTA_CRL_INDICATOR, true, vec![2, 1, 0]),
        &[UNKNOWN, "crl-not-processed"],
        &[UNKNOWN, "crl-not-processed"],
    ),
    (
        |b| b.scope(&[0xa0, 4, 0xa0, 2, 0x86, 0]),
        &[UNKNOWN, "crl-not-processed"],
        &[UNKNOWN, "crl-not-processed"],
    ),
    (
        |b| b.scope(&[0x83, 2, 6, 0x40]),
        &[UNKNOWN, "crl-not-processed"],
        &[UNKNOWN, "crl-not-processed"],
    ),
    (
        |b| b.scope(&[0x84, 1, 0xff]),
        &[UNKNOWN, "crl-not-processed"],
        &[UNKNOWN, "crl-not-processed"],
    ),
    (
        |b| b.revoke(&[2], &[(oid::CERTIFICATE_ISSUER, true, vec![0x30, 0])]),
        &[UNKNOWN, "crl-not-processed"],
        &[UNKNOWN, "crl-not-processed"],
    ),
    (|b| b.scope(&[0x81, 1, 0xff]), &[], &[]),
    (
        |b| {
            b.scope(&[0x81, 1, 0xff]);
            b.revoke(&[1], &[]);
        },
        &["revoked"],
        &["revoked"],
    ),
    (
        |b| b.scope(&[0x82, 1, 0xff]),
        &[UNKNOWN, "crl-scope"],
        &[UNKNOWN, "crl-scope"],
    ),
    (
        |b| b.scope(&[0x85, 1, 0xff]),
        &[UNKNOWN, "crl-scope"],
        &[UNKNOWN, "crl-scope"],
    ),
];

#[test]
fn which_lists_count() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let of_root = crl(&tree.root, |_| ());
    for (i, (tweak, whole, path)) in ROWS.into_iter().enumerate() {
        let list = crl(&tree.middle, tweak);
        for (expected, base) in [
            (whole, ChainPolicy::rfc5280()),
            (path, ChainPolicy::path_validation()),
        ] {
            let lists = [&of_root, &list];
            let outcome = tree.build(
                &leaf,
                &base.clone().with_revocation(hard(&lists).revocation),
            );
            assert_eq!(checks(&outcome), expected, "row {i}");
            assert!(failed(&outcome).iter().all(|(_, at)| *at == Some(0)));
            // Softly, only what is revoked is refused.
            let outcome = tree.build(&leaf, &base.with_revocation(soft(&lists).revocation));
            let revoked = expected == ["revoked"];
            assert_eq!(outcome.accepted().is_none(), revoked, "row {i}");
        }
    }
}

#[test]
fn a_list_for_users_tells_nothing_of_authorities() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let of_middle = crl(&tree.middle, |_| ());
    let users = crl(&tree.root, |b| b.scope(&[0x81, 1, 0xff]));
    let outcome = tree.build(&leaf, &hard(&[&of_middle, &users]));
    let expected = [(UNKNOWN, Some(1)), ("crl-scope", Some(1))];
    assert_eq!(failed(&outcome), expected);
    let authorities = crl(&tree.root, |b| b.scope(&[0x82, 1, 0xff]));
    accepted(&tree.build(&leaf, &hard(&[&of_middle, &users, &authorities])));
}

#[test]
fn a_fraction_of_the_last_second() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let of_root = crl(&tree.root, |_| ());
    let list = crl(&tree.middle, |b| b.current(NOW.plus_seconds(-9), NOW));
    let mut policy = hard(&[&of_root, &list]);
    policy.within_second = true;
    assert_eq!(
        checks(&tree.build(&leaf, &policy)),
        [UNKNOWN, "crl-expired"]
    );
}

#[test]
fn the_newest_list_tells() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let of_root = crl(&tree.root, |_| ());
    let list = |number: Option<u8>, age: i64, revoked: bool| {
        crl(&tree.middle, |b| {
            match number {
                Some(number) => b.number(number),
                None => b.remove(oid::CRL_NUMBER),
            }
            b.current(NOW.plus_seconds(-age), NOW.plus_seconds(DAY));
            if revoked {
                b.revoke(&[1], &[reason(6)]);
            }
        })
    };
    let rows = [
        // A hold that was taken back, in the list of the higher number.
        (list(Some(1), 20, true), list(Some(2), 10, false), false),
        (list(Some(1), 20, false), list(Some(2), 10, true), true),
        // The number goes before the time.
        (
            list(Some(0x7f), 20, true),
            list(Some(0x80), 30, false),
            false,
        ),
        // Without numbers the time tells.
        (list(None, 20, true), list(None, 10, false), false),
        (list(None, 10, true), list(Some(9), 20, false), true),
        // Neither is newer: the word that refuses counts.
        (list(Some(1), 10, true), list(Some(1), 10, false), true),
    ];
    for (i, (a, b, refused)) in rows.into_iter().enumerate() {
        for lists in [[&of_root, &a, &b], [&b, &a, &of_root]] {
            let policy = ChainPolicy::path_validation();
            let policy = policy.with_revocation(hard(&lists).revocation);
            let outcome = tree.build(&leaf, &policy);
            assert_eq!(outcome.accepted().is_none(), refused, "row {i}");
        }
    }
    // One of another scope is not replaced.
    let users = crl(&tree.middle, |b| {
        b.scope(&[0x81, 1, 0xff]);
        b.revoke(&[1], &[]);
    });
    let newer = list(Some(9), 10, false);
    let outcome = tree.build(&leaf, &hard(&[&of_root, &users, &newer]));
    assert_eq!(checks(&outcome), ["revoked"]);
}

#[test]
fn a_serial_number_written_at_length_is_found() {
    let tree = tree();
    let leaf = tree.leaf(|b| b.serial = vec![0, 1]);
    let of_root = crl(&tree.root, |_| ());
    let list = crl(&tree.middle, |b| b.revoke(&[1], &[]));
    let policy = ChainPolicy::path_validation();
    let policy = policy.with_revocation(soft(&[&of_root, &list]).revocation);
    assert_eq!(checks(&tree.build(&leaf, &policy)), ["revoked"]);
}

#[test]
fn a_check_that_does_not_count_spares_a_list() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let of_root = crl(&tree.root, |_| ());
    let list = crl(&tree.middle, |b| {
        b.set(oid::CRL_NUMBER, false, der::unsigned(&[1; 21]));
    });
    let mut policy = hard(&[&of_root, &list]);
    assert_eq!(
        checks(&tree.build(&leaf, &policy)),
        [UNKNOWN, "crl-malformed"]
    );
    policy.checks = policy.checks.without("crl-malformed");
    accepted(&tree.build(&leaf, &policy));
    let revoking = crl(&tree.middle, |b| b.revoke(&[1], &[]));
    let mut policy = hard(&[&of_root, &revoking]);
    policy.checks = policy.checks.without("revoked");
    accepted(&tree.build(&leaf, &policy));
}

#[test]
fn lists_are_called_as_they_are_named() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let revoked = crl(&tree.middle, |b| b.revoke(&[1], &[reason(4)]));
    let old = crl(&tree.root, |b| {
        b.current(NOW.plus_seconds(-9), NOW.plus_seconds(-1));
    });
    let lists = [("root.crl", old), ("list 2 of all.crl", revoked)];
    let lists = lists.map(|(name, crl)| (name.to_owned(), crl));
    let policy = ChainPolicy::rfc5280();
    let policy = policy.with_revocation(Revocation::Hard(Crls::named(lists)));
    let outcome = tree.build(&leaf, &policy);
    let faults = outcome.explanation().unwrap().faults();
    let found = |check: &str| {
        let fault = faults.iter().find(|f| f.check == check);
        fault.unwrap().found.clone()
    };
    assert_eq!(
        found("revoked"),
        "revoked at 2026-11-20T00:00:00Z, superseded, by list 2 of all.crl \
         (CRL of 2026-11-20T00:00:00Z by CN=Middle)"
    );
    assert_eq!(
        found("crl-expired"),
        "root.crl (CRL of 2026-11-20T23:59:51Z by CN=Root): \
         the next one was due at 2026-11-20T23:59:59Z"
    );
}

#[test]
fn a_list_as_it_is_made_counts_where_that_is_said() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let of_root = crl(&tree.root, |_| ());
    let plain: Tweak = |b| {
        b.version = None;
        b.next_update = Vec::new();
        b.extensions.clear();
        b.revoke(&[1], &[]);
    };
    let list = crl(&tree.middle, plain);
    let policy = hard(&[&of_root, &list]);
    let expected = [
        UNKNOWN,
        "crl-version",
        "crl-next-update-missing",
        "crl-number-missing",
        "crl-authority-key-id-missing",
    ];
    let mut found = checks(&tree.build(&leaf, &policy));
    found.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
    let outcome = tree.build(&leaf, &policy.with_any_list());
    assert_eq!(checks(&outcome), ["revoked"]);
    // What path validation asks of a list is asked all the same.
    let old = crl(&tree.middle, |b| {
        b.current(NOW.plus_seconds(-9), NOW.plus_seconds(-1));
    });
    let policy = hard(&[&of_root, &old]).with_any_list();
    let outcome = tree.build(&leaf, &policy);
    assert_eq!(checks(&outcome), [UNKNOWN, "crl-expired"]);
}
