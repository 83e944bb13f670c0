//! Who may have signed a CRL, and how much is looked at.

use super::revocation::{UNKNOWN, checks, hard, soft};
use super::*;
use crate::cert::tests::make::{basic_constraints, key_usage};
use crate::cert::tests::make_crl::crl;
use crate::cert::{Crl, oid};
use crate::clock::Stopwatch;

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
    // A newer list under another key takes nothing back.
    let by_middle = crl(&tree.middle, |b| b.revoke(&[1], &[]));
    let outcome = build_with(&by_itself, &roots, &[&of_root, &by_middle, &newest]);
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

/// A clique of CAs of one name and many lists: quick, and never "accepted".
#[test]
fn hostile_pools() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let time = Stopwatch::start();
    let clique: Vec<Party> = (0..9).map(|_| party("CN=Middle")).collect();
    let mut pool: Vec<Certificate> = Vec::new();
    for (i, a) in clique.iter().enumerate() {
        for (j, b) in clique.iter().enumerate() {
            let serial = u8::try_from(10 * i + j + 1).unwrap();
            pool.push(ca(a, b, |body| body.serial = vec![serial]));
        }
    }
    pool.push(ca(&clique[0], &tree.root, |b| b.serial = vec![100]));
    pool.push(ca(&tree.middle, &clique[8], |b| b.serial = vec![101]));
    let lists: Vec<Crl> = (0..900)
        .map(|i| {
            let signer = &clique[i % clique.len()];
            // Each revokes all that the first of them was given.
            crl(signer, |b| {
                b.current(NOW.plus_seconds(-1), NOW.plus_seconds(9));
                b.number(u8::try_from(i / 9).unwrap());
                (1..=100).for_each(|serial| b.revoke(&[serial], &[]));
            })
        })
        .collect();
    let lists: Vec<&Crl> = lists.iter().collect();
    for policy in [hard(&lists), soft(&lists)] {
        let outcome = build(&leaf, &pool, &anchors(&[&tree.root_cert]), &policy, NOW);
        assert!(outcome.accepted().is_none());
    }
    let mut policy = soft(&lists);
    policy.budget.crl_signatures = u32::MAX;
    let outcome = build(&leaf, &pool, &anchors(&[&tree.root_cert]), &policy, NOW);
    assert!(outcome.accepted().is_none());
    assert!(time.elapsed().as_secs() < 60, "{:?}", time.elapsed());
}
