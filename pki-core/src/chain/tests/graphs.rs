//! Pools of every kind.

use super::*;
use crate::cert::oid;
use crate::cert::tests::make::{DAY, basic_constraints};
use crate::clock::Stopwatch;
use crate::der::{self, tag};
use crate::model::san::GeneralName;
use proptest::prelude::*;

fn rfc() -> ChainPolicy {
    ChainPolicy::rfc5280()
}

#[test]
fn any_order_and_strangers() {
    let tree = tree();
    let lower = party("CN=Lower");
    let target = leaf(&tree.host, &lower, |_| ());
    let stranger = ca(&party("CN=Stranger"), &party("CN=Stranger"), |_| ());
    let mut pool = vec![
        stranger,
        tree.middle_cert.clone(),
        ca(&lower, &tree.middle, |_| ()),
        tree.root_cert.clone(),
        target.clone(),
    ];
    for _ in 0..pool.len() {
        pool.rotate_left(1);
        let chain = accepted(&build(
            &target,
            &pool,
            &anchors(&[&tree.root_cert]),
            &strict(),
            NOW,
        ));
        assert_eq!(chain.len(), 4);
        assert_eq!(chain[3], Source::Anchor(0));
    }
}

#[test]
fn a_dead_end_goes_back() {
    let tree = tree();
    let target = tree.leaf(|_| ());
    let (other, again) = (party("CN=Other"), party("CN=Middle"));
    let root = anchors(&[&tree.root_cert]);
    // Same name and key, but expired, from nowhere, or constrained; and the
    // same name with another key.
    let pool = [
        ca(&again, &tree.root, |_| ()),
        ca(&tree.middle, &tree.root, |b| {
            b.valid(NOW.plus_seconds(-2 * DAY), NOW.plus_seconds(-DAY));
        }),
        ca(&tree.middle, &other, |_| ()),
        ca(&tree.middle, &tree.root, |b| {
            b.constrain(&[], &[GeneralName::Dns("com".into())]);
        }),
        tree.middle_cert.clone(),
    ];
    let chain = accepted(&build(&target, &pool, &root, &strict(), NOW));
    assert_eq!(chain, [Source::Target, Source::Pool(4), Source::Anchor(0)]);
    // Without key ids the wrong key is tried, too.
    let target = tree.leaf(|b| b.remove(oid::AUTHORITY_KEY_ID));
    accepted(&build(
        &target,
        &pool,
        &root,
        &ChainPolicy::path_validation(),
        NOW,
    ));
    assert!(
        build(&target, &pool[..4], &root, &rfc(), NOW)
            .accepted()
            .is_none()
    );
}

#[test]
fn cross_signed_and_rolled_over() {
    let tree = tree();
    let target = tree.leaf(|_| ());
    let old = party("CN=Old");
    let cross = ca(&tree.root, &old, |_| ());
    let pool = [tree.middle_cert.clone(), cross.clone()];
    // Trusting either, the shorter way first.
    let roots = [&tree.root_cert, &ca(&old, &old, |_| ())];
    let found =
        |list: &[&Certificate]| accepted(&build(&target, &pool, &anchors(list), &rfc(), NOW));
    assert_eq!(found(&roots).len(), 3);
    assert_eq!(found(&roots[1..]).len(), 4);
    // The cross certificate itself trusted: an anchor that is not self-signed.
    assert_eq!(found(&[&cross]).len(), 3);
    // A trusted intermediate.
    assert_eq!(
        found(&[&tree.middle_cert]),
        [Source::Target, Source::Anchor(0)]
    );
    // A new key of the root, vouched for by the old one: self-issued.
    let new = party("CN=Root");
    let rolled = ca(&new, &tree.root, |_| ());
    let below = leaf(&tree.host, &new, |_| ());
    let short = ca(&tree.root, &tree.root, |b| {
        b.set(
            oid::BASIC_CONSTRAINTS,
            true,
            basic_constraints(true, Some(0)),
        );
    });
    accepted(&build(&below, &[rolled], &anchors(&[&short]), &rfc(), NOW));
}

/// Which of two possible issuers is named by the AuthorityKeyIdentifier: by its
/// key, or by its issuer and serial number (RFC 5280 4.2.1.1).
#[test]
fn key_ids_rank_issuers() {
    let tree = tree();
    let aki = |parts: &[Vec<u8>]| der::sequence(parts);
    let by_serial = |issuer: &str, serial: u8| {
        let name = GeneralName::Directory(crate::model::dn::Dn::parse(issuer).unwrap());
        aki(&[
            der::encode(tag::context(1), &name.to_der()),
            der::encode(tag::context_primitive(2), &[serial]),
        ])
    };
    let by_key = |id: &[u8]| aki(&[der::encode(tag::context_primitive(0), id)]);
    let own = tree.middle.key_id();
    // One key, two certificates that differ in serial number and key id.
    let pool = [
        ca(&tree.middle, &tree.root, |b| b.serial = vec![7]),
        ca(&tree.middle, &tree.root, |b| {
            b.serial = vec![8];
            let id = der::encode(tag::OCTET_STRING, b"other");
            b.set(oid::SUBJECT_KEY_ID, false, id);
        }),
    ];
    // The value, who issues where mismatches do not count, and who where they do.
    for (value, chosen, counting) in [
        (by_key(&own), 0, Some(0)),
        (by_key(b"other"), 1, Some(1)),
        (by_key(b"none"), 0, None),
        (by_serial("CN=Root", 7), 0, Some(0)),
        (by_serial("CN=ROOT", 8), 1, Some(1)),
        (by_serial("CN=Root", 9), 0, None),
        (by_serial("CN=Other", 8), 0, None),
    ] {
        let target = tree.leaf(|b| b.set(oid::AUTHORITY_KEY_ID, false, value));
        let roots = anchors(&[&tree.root_cert]);
        let mut policy = ChainPolicy::path_validation();
        let chain = accepted(&build(&target, &pool, &roots, &policy, NOW));
        assert_eq!(chain[1], Source::Pool(chosen));
        policy.checks = policy.checks.with("authority-key-id-mismatch");
        let outcome = build(&target, &pool, &roots, &policy, NOW);
        match counting {
            Some(chosen) => assert_eq!(accepted(&outcome)[1], Source::Pool(chosen)),
            None => assert_eq!(failed(&outcome), [("authority-key-id-mismatch", Some(0))]),
        }
    }
}

#[test]
fn path_length_is_counted_from_above() {
    let tree = tree();
    let target = tree.leaf(|_| ());
    let limit = |length| {
        anchors(&[&ca(&tree.root, &tree.root, |b| {
            b.set(
                oid::BASIC_CONSTRAINTS,
                true,
                basic_constraints(true, Some(length)),
            );
        })])
    };
    let pool = [tree.middle_cert.clone()];
    accepted(&build(&target, &pool, &limit(1), &rfc(), NOW));
    let refused = build(&target, &pool, &limit(0), &rfc(), NOW);
    assert_eq!(failed(&refused), [("path-length", Some(1))]);
    // The target is no intermediate, even when it is a CA.
    accepted(&build(&tree.middle_cert, &[], &limit(0), &rfc(), NOW));
    let mut flat = rfc();
    flat.max_depth = Some(0);
    let refused = build(&target, &pool, &limit(1), &flat, NOW);
    assert_eq!(failed(&refused), [("chain-too-long", Some(1))]);
}

#[test]
fn constraints_spare_the_self_issued_but_not_the_target() {
    let root = party("CN=Root");
    let anchor = anchors(&[&ca(&root, &root, |b| {
        b.constrain(&[GeneralName::Dns("example.com".into())], &[]);
    })]);
    let new = party("CN=Root");
    let wrong = |b: &mut Body| b.hosts(&["other.org"]);
    let rolled = ca(&new, &root, wrong);
    let target = leaf(&party("CN=host"), &new, |_| ());
    accepted(&build(
        &target,
        std::slice::from_ref(&rolled),
        &anchor,
        &rfc(),
        NOW,
    ));
    let refused = build(&rolled, &[], &anchor, &rfc(), NOW);
    assert_eq!(failed(&refused), [("name-not-permitted", Some(0))]);
    // A CA that is not self-issued is bound.
    let middle = party("CN=Middle");
    let pool = [ca(&middle, &root, wrong)];
    let refused = build(
        &leaf(&party("CN=host"), &middle, |_| ()),
        &pool,
        &anchor,
        &rfc(),
        NOW,
    );
    assert_eq!(failed(&refused), [("name-not-permitted", Some(1))]);
}

#[test]
fn every_possible_issuer_is_told_and_the_one_that_signed_first() {
    let tree = tree();
    let target = tree.leaf(|_| ());
    let other = Party {
        name: tree.middle.name.clone(),
        ..party("CN=Any")
    };
    let other = ca(&other, &tree.root, |_| ());
    let pool = [other.clone(), tree.middle_cert.clone()];
    let strangers = anchors(&[&other]);
    let outcome = build(&target, &pool[1..], &strangers, &strict(), NOW);
    let mut why = outcome.explanation().unwrap().clone();
    let issuers = |why: &Explanation| -> Vec<_> {
        let of_target = why
            .edges
            .iter()
            .filter(|e| e.child.source == Source::Target);
        of_target.map(|e| (e.issuer.source, e.signature)).collect()
    };
    let (good, bad) = (SignatureState::Good, SignatureState::Bad);
    let signed_first = [(Source::Pool(0), good), (Source::Anchor(0), bad)];
    assert_eq!(issuers(&why), signed_first);
    // With neither trusted, whatever their order.
    let outcome = build(&target, &pool, &[], &strict(), NOW);
    let [first, second] = issuers(outcome.explanation().unwrap())[..] else {
        panic!("two candidates");
    };
    assert_eq!(
        [first, second],
        [(Source::Pool(1), good), (Source::Pool(0), bad)]
    );

    // Who did sign is named by its place, and what is trusted beside it.
    why.place(|source| {
        let (file, number) = match source {
            Source::Target => ("sent.crt", 1),
            Source::Pool(i) => ("sent.crt", i + 2),
            Source::Anchor(_) => ("trust.crt", 1),
        };
        Some(Place {
            file: file.into(),
            number,
            of: number,
        })
    });
    let files = Files {
        leaf: Some("sent.crt".into()),
        trust: Some("trust.crt".into()),
    };
    let fault = &why.faults()[0];
    assert_eq!(fault.check, "signature");
    let hint = fault.hint(&files).unwrap();
    let said = "certificate 2 of sent.crt signed it, and trust.crt is another generation of ";
    assert!(hint.starts_with(said), "{hint}");
    assert!(
        fault.at.to_string().ends_with(", sent.crt)"),
        "{}",
        fault.at
    );
}

#[test]
fn nobody_to_trust() {
    let tree = tree();
    let target = tree.leaf(|_| ());
    let stranger = party("CN=Stranger");
    let strangers = anchors(&[&ca(&stranger, &stranger, |_| ())]);
    for (pool, expected) in [
        (vec![], ("issuer-not-found", Some(0))),
        (
            vec![tree.middle_cert.clone()],
            ("issuer-not-found", Some(1)),
        ),
        (
            vec![tree.middle_cert.clone(), tree.root_cert.clone()],
            ("untrusted-root", Some(2)),
        ),
    ] {
        let outcome = build(&target, &pool, &strangers, &strict(), NOW);
        assert_eq!(failed(&outcome), [expected]);
        let fault = &outcome.explanation().unwrap().faults()[0];
        assert!(fault.expected.as_deref().unwrap().contains("CN=Stranger"));
    }
    // Only the key id fits: the CA was renamed.
    let renamed = Party {
        name: party("CN=Renamed").name,
        ..tree.middle
    };
    let pool = [ca(&renamed, &tree.root, |_| ())];
    let outcome = build(&target, &pool, &anchors(&[&tree.root_cert]), &strict(), NOW);
    assert!(failed(&outcome).contains(&("issuer-name", Some(0))));
}

/// A smaller budget and the limit that it meets.
type Cut = (fn(&mut Budget), Limit);

/// The worst cases of x509-limbo and more: quick, and never "accepted".
#[test]
fn hostile_pools() {
    let tree = tree();
    let target = tree.leaf(|_| ());
    let root = anchors(&[&tree.root_cert]);
    let time = Stopwatch::start();
    // One name, 100 keys, all signing each other in a row; no way to the root.
    let row: Vec<Party> = (0..100).map(|_| party("CN=Middle")).collect();
    let keys: Vec<Certificate> = row.windows(2).map(|w| ca(&w[0], &w[1], |_| ())).collect();
    let outcome = build(&target, &keys, &root, &rfc(), NOW);
    assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    // One name, one key, 100 certificates, and a constraint that no path keeps.
    let nowhere = ca(&tree.middle, &tree.root, |b| {
        b.constrain(&[], &[GeneralName::Dns("com".into())]);
    });
    let mut same: Vec<Certificate> = (1..100)
        .map(|i| ca(&tree.middle, &tree.middle, |b| b.serial = vec![i]))
        .collect();
    same.push(nowhere);
    let outcome = build(&target, &same, &root, &rfc(), NOW);
    assert_eq!(failed(&outcome), [("name-excluded", Some(0))]);
    // A clique of CAs of ten names, and a root whose path length no way keeps.
    let short = ca(&tree.root, &tree.root, |b| {
        b.set(
            oid::BASIC_CONSTRAINTS,
            true,
            basic_constraints(true, Some(0)),
        );
    });
    let clique: Vec<Party> = (0..10).map(|i| party(&format!("CN=Clique {i}"))).collect();
    let mut mesh: Vec<Certificate> = clique
        .iter()
        .flat_map(|a| clique.iter().map(move |b| ca(a, b, |_| ())))
        .collect();
    mesh.push(ca(&clique[0], &tree.root, |_| ()));
    mesh.push(ca(&tree.middle, &clique[9], |_| ()));
    let outcome = build(&target, &mesh, &anchors(&[&short]), &rfc(), NOW);
    assert!(matches!(outcome, Outcome::Undecided(..)), "{outcome:?}");
    let outcome = build(&target, &mesh, &root, &rfc(), NOW);
    accepted(&outcome);
    // 200 roots of the right name with wrong keys.
    let impostors: Vec<Certificate> = (0..200)
        .map(|_| {
            ca(&party("CN=Middle"), &tree.root, |b| {
                b.remove(oid::SUBJECT_KEY_ID);
            })
        })
        .collect();
    let policy = ChainPolicy::path_validation();
    let outcome = build(&target, &impostors, &root, &policy, NOW);
    assert!(matches!(outcome, Outcome::Undecided(Limit::Signatures, _)));
    assert!(time.elapsed().as_secs() < 20, "{:?}", time.elapsed());
}

#[test]
fn a_budget_that_is_used_up_is_no_answer() {
    let tree = tree();
    let target = tree.leaf(|_| ());
    let cuts: [Cut; 4] = [
        (|b| b.signatures = 1, Limit::Signatures),
        (|b| b.steps = 1, Limit::Steps),
        (|b| b.depth = 2, Limit::Depth),
        (|b| b.candidates = 1, Limit::Candidates),
    ];
    for (cut, limit) in cuts {
        let mut policy = rfc();
        cut(&mut policy.budget);
        match tree.build(&target, &policy) {
            Outcome::Undecided(found, why) => {
                assert_eq!(found, limit);
                let told = why.faults().into_iter().map(|f| (f.check, f.found));
                assert!(
                    told.rev()
                        .any(|f| f == ("limit-reached", limit.to_string()))
                );
            }
            other => panic!("{limit:?}: {other:?}"),
        }
    }
}

proptest! {
    /// Whatever is in the pool: no panic, and what is accepted is accepted
    /// again from its own certificates alone.
    #[test]
    fn random_graphs(edges in prop::collection::vec((0..5_usize, 0..5_usize, any::<bool>()), 0..20)) {
        let parties: Vec<Party> = (0..5).map(|i| party(&format!("CN={}", i % 4))).collect();
        let pool: Vec<Certificate> = edges
            .iter()
            .map(|&(subject, issuer, limit)| {
                ca(&parties[subject], &parties[issuer], |b| {
                    if limit {
                        b.set(oid::BASIC_CONSTRAINTS, true, basic_constraints(true, Some(0)));
                    }
                })
            })
            .collect();
        let root = anchors(&[&ca(&parties[0], &parties[0], |_| ())]);
        let target = leaf(&party("CN=host"), &parties[4], |_| ());
        let outcome = build(&target, &pool, &root, &rfc(), NOW);
        if let Some(chain) = outcome.accepted() {
            let own: Vec<Certificate> =
                chain.certificates(&target, &pool, &root).into_iter().cloned().collect();
            prop_assert!(build(&target, &own[1..], &root, &rfc(), NOW).accepted().is_some());
        } else {
            prop_assert!(!outcome.explanation().unwrap().faults().is_empty());
        }
    }
}
