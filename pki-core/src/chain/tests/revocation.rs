//! What CRLs tell of a chain, and which of them count.

use super::*;
use crate::cert::tests::make::{DAY, basic_constraints, key_usage};
use crate::cert::tests::make_crl::{ListBody, crl, reason};
use crate::cert::{Crl, oid};
use crate::der;

type Tweak = fn(&mut ListBody);

/// RFC 5280 whole, with every list that is given.
fn hard(lists: &[&Crl]) -> ChainPolicy {
    let lists: Vec<Crl> = lists.iter().map(|l| (*l).clone()).collect();
    ChainPolicy::rfc5280().with_revocation(Revocation::Hard(lists.into()))
}

fn soft(lists: &[&Crl]) -> ChainPolicy {
    let mut policy = hard(lists);
    if let Revocation::Hard(lists) = policy.revocation {
        policy.revocation = Revocation::Soft(lists);
    }
    policy
}

fn checks(outcome: &Outcome) -> Vec<&'static str> {
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

/// How the list of the leaf's issuer is changed, and what that comes to: with
/// RFC 5280 whole, and with path validation alone.
type Row = (Tweak, &'static [&'static str], &'static [&'static str]);

const UNKNOWN: &str = "revocation-unknown";

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
fn who_signed_it() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let of_root = crl(&tree.root, |_| ());
    // Another CA of the same name; the right key under another name; another CA.
    let impostor = crl(&party("CN=Middle"), |_| ());
    let renamed = crl(&tree.middle, |b| {
        b.issuer = party("CN=Other").name.raw().to_vec();
    });
    let other = crl(&party("CN=Other"), |b| b.revoke(&[1], &[]));
    for (list, expected) in [
        (&impostor, &[UNKNOWN, "crl-signature"][..]),
        (&renamed, &[UNKNOWN]),
        (&other, &[UNKNOWN]),
    ] {
        let outcome = tree.build(&leaf, &hard(&[&of_root, list]));
        assert_eq!(checks(&outcome), expected);
        accepted(&tree.build(&leaf, &soft(&[&of_root, list])));
    }
    // The signer may sign no lists; without a KeyUsage it may (6.3.3(f)).
    let list = crl(&tree.middle, |_| ());
    for (usage, expected) in [
        (Some(key_usage(&[2, 4])), &[UNKNOWN, "crl-signer"][..]),
        (None, &[]),
    ] {
        let middle = ca(&tree.middle, &tree.root, |b| match usage {
            Some(bits) => b.set(oid::KEY_USAGE, true, bits),
            None => b.remove(oid::KEY_USAGE),
        });
        let roots = anchors(&[&tree.root_cert]);
        let outcome = build(&leaf, &[middle], &roots, &hard(&[&of_root, &list]), NOW);
        assert_eq!(checks(&outcome), expected);
    }
    // Of an anchor that is name and key the usage is not asked.
    let root = ca(&tree.root, &tree.root, |b| {
        b.set(oid::KEY_USAGE, true, key_usage(&[2, 4]));
    });
    for (base, expected) in [
        (ChainPolicy::path_validation(), &[][..]),
        (ChainPolicy::rfc5280(), &[UNKNOWN, "crl-signer"]),
    ] {
        let policy = base.with_revocation(hard(&[&of_root, &list]).revocation);
        let pool = [tree.middle_cert.clone()];
        let outcome = build(&leaf, &pool, &anchors(&[&root]), &policy, NOW);
        assert_eq!(checks(&outcome), expected);
    }
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
fn a_revoked_issuer_is_gone_around() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let again = ca(&tree.middle, &tree.root, |b| b.serial = vec![2]);
    let roots = anchors(&[&tree.root_cert]);
    let of_middle = crl(&tree.middle, |_| ());
    let pool = [tree.middle_cert.clone(), again];
    for (serial, other) in [(1, 1), (2, 0)] {
        let of_root = crl(&tree.root, |b| b.revoke(&[serial], &[]));
        let policy = hard(&[&of_root, &of_middle]);
        let chain = accepted(&build(&leaf, &pool, &roots, &policy, NOW));
        assert_eq!(chain[1], Source::Pool(other));
    }
}

/// Certificates and lists under different keys of one name (PKITS 4.4.19 to
/// 4.4.21, 4.5.1 to 4.5.8).
#[test]
fn a_key_for_lists_alone() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let lister = party("CN=Middle");
    let of_root = crl(&tree.root, |_| ());
    let list = crl(&lister, |_| ());
    let revoking = crl(&lister, |b| b.revoke(&[1], &[]));
    let roots = anchors(&[&tree.root_cert]);
    let only_lists = |b: &mut Body| {
        b.serial = vec![7];
        b.set(oid::KEY_USAGE, true, key_usage(&[1, 2]));
        b.set(oid::BASIC_CONSTRAINTS, true, basic_constraints(false, None));
    };
    // Vouched for by the root; by the CA itself (self-issued); by a stranger.
    let by_root = ca(&lister, &tree.root, only_lists);
    let by_itself = ca(&lister, &tree.middle, only_lists);
    let by_stranger = ca(&lister, &party("CN=Root"), only_lists);
    let trusted = anchors(&[&tree.root_cert, &ca(&lister, &lister, |_| ())]);
    let of_middle = crl(&tree.middle, |b| b.revoke(&[9], &[]));
    let build_with = |signer: &Certificate, roots: &[Anchor], lists: &[&Crl]| {
        let pool = [tree.middle_cert.clone(), signer.clone()];
        build(&leaf, &pool, roots, &hard(lists), NOW)
    };
    accepted(&build_with(&by_root, &roots, &[&of_root, &list]));
    let outcome = build_with(&by_root, &roots, &[&of_root, &revoking]);
    assert_eq!(checks(&outcome), ["revoked"]);
    let outcome = build_with(&by_stranger, &roots, &[&of_root, &list]);
    assert_eq!(checks(&outcome), [UNKNOWN, "crl-signature"]);
    // Another anchor is not the same anchor.
    let outcome = build_with(&by_stranger, &trusted, &[&of_root, &list]);
    assert_eq!(checks(&outcome), [UNKNOWN, "crl-signature"]);
    // Its own list does not vouch for it, that of the CA does: the newest tells.
    let outcome = build_with(&by_itself, &roots, &[&of_root, &list]);
    assert_eq!(checks(&outcome), [UNKNOWN, "crl-signature"]);
    let newest = crl(&lister, |b| b.number(2));
    accepted(&build_with(
        &by_itself,
        &roots,
        &[&of_root, &of_middle, &newest],
    ));
    let newer = crl(&lister, |b| {
        b.number(2);
        b.revoke(&[1], &[]);
    });
    let outcome = build_with(&by_itself, &roots, &[&of_root, &of_middle, &newer]);
    assert_eq!(checks(&outcome), ["revoked"]);
    // The signer is itself revoked, or may not sign lists.
    let gone = crl(&tree.root, |b| b.revoke(&[7], &[]));
    let outcome = build_with(&by_root, &roots, &[&gone, &list]);
    assert_eq!(checks(&outcome), [UNKNOWN, "crl-signature"]);
    let no_lists = ca(&lister, &tree.root, |b| {
        b.serial = vec![7];
        b.set(oid::KEY_USAGE, true, key_usage(&[2, 4]));
    });
    let outcome = build_with(&no_lists, &roots, &[&of_root, &list]);
    assert_eq!(checks(&outcome)[0], UNKNOWN);
    // The new key of a CA, vouched for by the old one, signs for both.
    let fresh = party("CN=Middle");
    let rolled = ca(&fresh, &tree.middle, |b| b.serial = vec![3]);
    let below = super::leaf(&tree.host, &fresh, |b| b.serial = vec![4]);
    for lists in [
        [&of_root, &crl(&tree.middle, |_| ())],
        [&of_root, &crl(&fresh, |_| ())],
    ] {
        let pool = [tree.middle_cert.clone(), rolled.clone()];
        let outcome = build(&below, &pool, &roots, &hard(&lists), NOW);
        // Of the new key's own certificate only the old key can tell.
        let old = lists[1].verify_signature(tree.middle.key.public()).is_ok();
        assert_eq!(outcome.accepted().is_some(), old, "{:?}", failed(&outcome));
    }
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
fn limits() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let list = crl(&tree.middle, |_| ());
    let of_root = crl(&tree.root, |_| ());
    let impostors: Vec<Crl> = (1..120)
        .map(|n| crl(&party("CN=Middle"), |b| b.number(n)))
        .collect();
    let mut many: Vec<&Crl> = impostors.iter().collect();
    many.extend([&list, &of_root]);
    for policy in [hard(&many), soft(&many)] {
        let outcome = tree.build(&leaf, &policy);
        assert!(matches!(
            outcome,
            Outcome::Undecided(Limit::CrlSignatures, _)
        ));
    }
    let mut policy = hard(&[&list, &of_root]);
    policy.budget.crls = 1;
    let outcome = tree.build(&leaf, &policy);
    assert!(matches!(outcome, Outcome::Undecided(Limit::Crls, _)));
    // The reasons that are told have an end.
    let dated: Vec<Crl> = (0..30)
        .map(|age| {
            crl(&tree.middle, |b| {
                b.current(NOW.plus_seconds(-age - 9), NOW.plus_seconds(-age - 1));
            })
        })
        .collect();
    let outcome = tree.build(&leaf, &hard(&dated.iter().collect::<Vec<_>>()));
    let told = checks(&outcome);
    assert_eq!(told.iter().filter(|c| **c == "crl-expired").count(), 8);
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
