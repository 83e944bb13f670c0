//! One fault at a time, then two.

use super::*;
use crate::cert::oid;
use crate::cert::tests::make::{
    CLIENT_AUTH, DAY, basic_constraints, constraints, key_usage, purposes,
};
use crate::der::{self, tag};
use crate::model::algorithm::SignatureAlgorithm;
use crate::model::san::GeneralName;
use proptest::prelude::*;

type Tweak = fn(&mut Body);
type Ask = fn(&mut AnchorChecks);

fn expire(body: &mut Body) {
    body.valid(NOW.plus_seconds(-9 * DAY), NOW.plus_seconds(-DAY));
}

/// A change of one certificate, the check that fails, and whether it is one of
/// path validation, of RFC 5280 section 4 or of strict clients.
type Row = (Tweak, &'static str, Layer);

const PATH: Layer = Layer::Path;
const PROFILE: Layer = Layer::Profile;
const STRICT: Layer = Layer::Strict;

/// An extension with two times the same value.
fn twice(body: &mut Body) {
    let again = body.extensions[1].clone();
    body.extensions.push(again);
}

const LEAF: [Row; 21] = [
    (expire, "expired", PATH),
    (
        |b| b.valid(NOW.plus_seconds(1), NOW.plus_seconds(DAY)),
        "not-yet-valid",
        PATH,
    ),
    (
        |b| b.hosts(&["other.example.com"]),
        "name-not-covered",
        PATH,
    ),
    (
        |b| b.set(oid::EXTENDED_KEY_USAGE, false, purposes(&[CLIENT_AUTH])),
        "purpose",
        PATH,
    ),
    (
        |b| b.extensions.push(("1.2.3", true, vec![5, 0])),
        "unknown-critical-extension",
        PATH,
    ),
    (
        |b| b.extensions.push(("2.5.29.32", true, vec![0x30, 0])),
        "policies-not-processed",
        PATH,
    ),
    (twice, "duplicate-extension", PATH),
    (
        |b| b.inner = Some(SignatureAlgorithm::Ed25519.identifier().to_vec()),
        "algorithms-differ",
        PATH,
    ),
    (|b| b.version = 1, "extensions-in-old-version", PATH),
    (
        |b| b.set(oid::KEY_USAGE, true, key_usage(&[9, 0])),
        "malformed-extension",
        PATH,
    ),
    (|b| b.serial = vec![0], "serial-number", PROFILE),
    (
        |b| b.not_after = der::encode(tag::GENERALIZED_TIME, b"20300101000000Z"),
        "time-form",
        PROFILE,
    ),
    (
        |b| b.remove(oid::AUTHORITY_KEY_ID),
        "authority-key-id-missing",
        PROFILE,
    ),
    (
        |b| b.hosts(&["host.example.com", "bad..name"]),
        "malformed-name",
        PROFILE,
    ),
    (
        |b| {
            b.set(
                oid::BASIC_CONSTRAINTS,
                true,
                basic_constraints(false, Some(1)),
            );
        },
        "path-length-without-ca",
        PROFILE,
    ),
    (
        |b| b.set(oid::KEY_USAGE, true, key_usage(&[2, 0x84])),
        "key-cert-sign-without-ca",
        PROFILE,
    ),
    (
        |b| {
            b.set(
                oid::NAME_CONSTRAINTS,
                true,
                constraints(&[GeneralName::Dns("x".into())], &[]),
            );
        },
        "name-constraints-without-ca",
        PROFILE,
    ),
    (
        |b| {
            let id = b
                .extensions
                .iter()
                .find(|e| e.0 == oid::SUBJECT_KEY_ID)
                .unwrap()
                .2
                .clone();
            b.set(oid::SUBJECT_KEY_ID, true, id);
        },
        "extension-criticality",
        PROFILE,
    ),
    (
        |b| b.set(oid::AUTHORITY_KEY_ID, false, vec![0x30, 3, 0x80, 1, 1]),
        "authority-key-id-mismatch",
        PROFILE,
    ),
    (
        |b| b.set(oid::BASIC_CONSTRAINTS, true, basic_constraints(true, None)),
        "ca-as-end-entity",
        STRICT,
    ),
    (
        |b| b.remove(oid::SUBJECT_ALT_NAME),
        "no-alternative-name",
        STRICT,
    ),
];

const MIDDLE: [Row; 14] = [
    (expire, "expired", PATH),
    (|b| b.remove(oid::BASIC_CONSTRAINTS), "not-a-ca", PATH),
    (
        |b| b.set(oid::BASIC_CONSTRAINTS, true, basic_constraints(false, None)),
        "not-a-ca",
        PATH,
    ),
    (
        |b| b.set(oid::KEY_USAGE, true, key_usage(&[1, 0x02])),
        "key-cert-sign",
        PATH,
    ),
    (
        |b| b.set(oid::EXTENDED_KEY_USAGE, false, purposes(&[CLIENT_AUTH])),
        "purpose",
        PATH,
    ),
    (
        |b| b.constrain(&[GeneralName::Dns("b.c".into())], &[]),
        "name-not-permitted",
        PATH,
    ),
    (
        |b| b.constrain(&[], &[GeneralName::Dns("com".into())]),
        "name-excluded",
        PATH,
    ),
    (
        |b| b.constrain(&[], &[GeneralName::Dns(".b.c".into())]),
        "constraint-malformed",
        PATH,
    ),
    (|b| b.version = 0, "extensions-in-old-version", PATH),
    (
        |b| b.set(oid::BASIC_CONSTRAINTS, false, basic_constraints(true, None)),
        "extension-criticality",
        PROFILE,
    ),
    (
        |b| b.remove(oid::SUBJECT_KEY_ID),
        "subject-key-id-missing",
        PROFILE,
    ),
    (
        |b| {
            b.set(
                oid::NAME_CONSTRAINTS,
                false,
                constraints(&[], &[GeneralName::Dns("b.c".into())]),
            );
        },
        "name-constraints-not-critical",
        PROFILE,
    ),
    (
        |b| b.remove(oid::AUTHORITY_KEY_ID),
        "authority-key-id-missing",
        PROFILE,
    ),
    (|b| b.remove(oid::KEY_USAGE), "ca-without-key-usage", STRICT),
];

/// Each row in each policy: refused with the right check at the right place,
/// or accepted where the layer does not count.
#[test]
fn one_fault_each() {
    let tree = tree();
    let rows = LEAF.iter().map(|row| (0, row));
    for (at, &(tweak, check, layer)) in rows.chain(MIDDLE.iter().map(|row| (1, row))) {
        let mut tree = Tree {
            root_cert: tree.root_cert.clone(),
            ..copy_of(&tree)
        };
        let leaf = if at == 0 {
            tree.leaf(tweak)
        } else {
            tree.middle_cert = ca(&tree.middle, &tree.root, tweak);
            tree.leaf(|_| ())
        };
        for (layers, mut policy) in [
            (&[PATH][..], ChainPolicy::path_validation()),
            (&[PATH, PROFILE], ChainPolicy::rfc5280()),
            (&[PATH, PROFILE, STRICT], strict()),
        ] {
            policy.purpose = Some(Purpose::ServerAuth);
            policy.peers.clear();
            if check != "no-alternative-name" {
                policy.peers = strict().peers;
            }
            let outcome = tree.build(&leaf, &policy);
            let counts = layers.contains(&layer);
            if !counts {
                assert!(
                    outcome.accepted().is_some(),
                    "{check} {layers:?} {:?}",
                    failed(&outcome)
                );
                continue;
            }
            let place = if check.starts_with("name-not-p") || check == "name-excluded" {
                0
            } else {
                at
            };
            let found = failed(&outcome);
            assert!(
                found.contains(&(check, Some(place))),
                "{check} at {at}: {found:?}"
            );
        }
    }
}

fn copy_of(tree: &Tree) -> Tree {
    let again = |p: &Party| Party {
        name: p.name.clone(),
        key: crate::key::load(p.key.to_pem().expose(), None).unwrap().key,
    };
    Tree {
        root: again(&tree.root),
        middle: again(&tree.middle),
        host: again(&tree.host),
        root_cert: tree.root_cert.clone(),
        middle_cert: tree.middle_cert.clone(),
    }
}

#[test]
fn a_private_pki_may_have_hosts_that_are_not_in_the_preferred_syntax() {
    let tree = tree();
    for (host, preferred) in [
        ("a_b.example.com", false),
        ("-a.example.com", false),
        ("*.a-.example.com", false),
        ("*.a--1.example.com", true),
    ] {
        let leaf = tree.leaf(|b| b.hosts(&["host.example.com", host]));
        let refused = |policy| {
            let outcome = tree.build(&leaf, &policy);
            outcome.accepted().is_none() && failed(&outcome) == [("host-syntax", Some(0))]
        };
        assert_eq!(refused(ChainPolicy::rfc5280()), !preferred, "{host}");
        assert!(tree.build(&leaf, &strict()).accepted().is_some(), "{host}");
    }
}

#[test]
fn nobody_minds_the_serial_number_of_an_anchor() {
    let mut tree = tree();
    tree.root_cert = ca(&tree.root, &tree.root, |b| b.serial = vec![0]);
    let leaf = tree.leaf(|_| ());
    let outcome = tree.build(&leaf, &ChainPolicy::rfc5280());
    assert!(outcome.accepted().is_some(), "{:?}", failed(&outcome));
}

#[test]
fn both_ends_of_a_validity_belong_to_it() {
    let tree = tree();
    let leaf = tree.leaf(|b| b.valid(NOW.plus_seconds(-10), NOW.plus_seconds(10)));
    let pool = [tree.middle_cert.clone()];
    let roots = anchors(&[&tree.root_cert]);
    for (offset, within, expected) in [
        (-11, false, Some("not-yet-valid")),
        (-10, false, None),
        (-11, true, Some("not-yet-valid")),
        (10, false, None),
        // 10.5 seconds after is too late.
        (10, true, Some("expired")),
        (9, true, None),
        (11, false, Some("expired")),
    ] {
        let mut policy = strict();
        policy.within_second = within;
        let outcome = build(&leaf, &pool, &roots, &policy, NOW.plus_seconds(offset));
        assert_eq!(
            failed(&outcome).first().map(|f| f.0),
            expected,
            "{offset} {within}"
        );
    }
}

#[test]
fn independent_faults_are_all_told() {
    let mut tree = tree();
    tree.middle_cert = ca(&tree.middle, &tree.root, expire);
    let leaf = tree.leaf(|b| {
        expire(b);
        b.hosts(&["aistor", "aistor-1"]);
    });
    let outcome = tree.build(&leaf, &strict());
    let found = failed(&outcome);
    let expected = [
        ("expired", Some(0)),
        ("expired", Some(1)),
        ("name-not-covered", Some(0)),
    ];
    assert_eq!(found, expected);
    let faults = outcome.explanation().unwrap().faults();
    assert_eq!(faults[2].found, "DNS:aistor, DNS:aistor-1");
    assert_eq!(faults[2].expected.as_deref(), Some("host.example.com"));
    assert_eq!(faults[1].at.subject, "CN=Middle");
}

#[test]
fn signatures() {
    let tree = tree();
    // The right name, another key: a CA that was made anew.
    let impostor = ca(&party("CN=Root"), &party("CN=Root"), |_| ());
    let leaf = tree.leaf(|_| ());
    let pool = [tree.middle_cert.clone()];
    let outcome = build(
        &leaf,
        &pool,
        &anchors(&[&impostor]),
        &ChainPolicy::rfc5280(),
        NOW,
    );
    assert_eq!(failed(&outcome).first(), Some(&("signature", Some(1))));
    // An algorithm that does not fit the issuer's key.
    let mut octets = leaf.der().to_vec();
    let last = octets.len() - 1;
    octets[last] ^= 1;
    let broken = Certificate::from_der(&octets).unwrap();
    let outcome = tree.build(&broken, &strict());
    assert_eq!(failed(&outcome), [("signature", Some(0))]);
}

#[test]
fn what_is_asked_of_the_anchor() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    let pool = [tree.middle_cert.clone()];
    let constraints: Ask = |a| a.enforce_constraints = true;
    let rows: [(Tweak, Ask, &str); 7] = [
        (expire, |a| a.enforce_validity = true, "expired"),
        (
            |b| b.set(oid::BASIC_CONSTRAINTS, true, basic_constraints(false, None)),
            constraints,
            "not-a-ca",
        ),
        (
            |b| b.remove(oid::BASIC_CONSTRAINTS),
            |a| {
                a.enforce_constraints = true;
                a.require_basic_constraints = true;
            },
            "not-a-ca",
        ),
        (
            |b| b.set(oid::KEY_USAGE, true, key_usage(&[1, 2])),
            constraints,
            "key-cert-sign",
        ),
        (
            |b| {
                b.set(
                    oid::BASIC_CONSTRAINTS,
                    true,
                    basic_constraints(true, Some(0)),
                );
            },
            constraints,
            "path-length",
        ),
        (
            |b| b.constrain(&[], &[GeneralName::Dns("com".into())]),
            constraints,
            "name-excluded",
        ),
        (
            |b| b.extensions.push(("1.2.3", true, vec![5, 0])),
            |a| a.enforce_critical = true,
            "unknown-critical-extension",
        ),
    ];
    for (tweak, ask, check) in rows {
        let root = anchors(&[&ca(&tree.root, &tree.root, tweak)]);
        let mut policy = ChainPolicy::path_validation();
        accepted(&build(&leaf, &pool, &root, &policy, NOW));
        ask(&mut policy.anchor);
        let outcome = build(&leaf, &pool, &root, &policy, NOW);
        assert_eq!(failed(&outcome).first().map(|f| f.0), Some(check));
    }
}

proptest! {
    /// Whatever a certificate says, the engine has an answer.
    #[test]
    fn mutants_are_judged(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        which in 0..2_usize,
    ) {
        static GOOD: std::sync::LazyLock<Vec<Certificate>> = std::sync::LazyLock::new(|| {
            let tree = tree();
            let middle = ca(&tree.middle, &tree.root, |b| {
                b.constrain(&[GeneralName::Dns("example.com".into())], &[]);
            });
            vec![tree.leaf(|_| ()), middle, tree.root_cert]
        });
        let mut octets = GOOD[which].der().to_vec();
        for (at, octet) in changes {
            *at.get_mut(&mut octets) = octet;
        }
        if let Ok(mutant) = Certificate::from_der(&octets) {
            let mut chain = GOOD.clone();
            chain[which] = mutant;
            let roots = anchors(&[&chain[2]]);
            let outcome = build(&chain[0], &chain[1..2], &roots, &strict(), NOW);
            // What is signed cannot be changed unseen.
            prop_assert!(outcome.accepted().is_none() || octets == GOOD[which].der());
        }
    }
}
