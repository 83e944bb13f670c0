//! Whole chains.

mod faults;
mod graphs;
mod judged;
mod listers;
mod revocation;
mod webpki;

use super::*;
use crate::cert::tests::make::{Body, NOW, Party, SERVER_AUTH, ca, leaf, party};
use crate::model::usage::Purpose;

fn strict() -> ChainPolicy {
    ChainPolicy::strict(Some(Purpose::ServerAuth))
        .with_peer(PeerName::Dns("host.example.com".into()))
}

fn anchors(certificates: &[&Certificate]) -> Vec<Anchor> {
    certificates
        .iter()
        .map(|c| Anchor::new((*c).clone()))
        .collect()
}

/// The checks that fail in the nearest path, with their place.
fn failed(outcome: &Outcome) -> Vec<(&'static str, Option<usize>)> {
    let faults = outcome.explanation().map(Explanation::faults);
    let faults = faults.into_iter().flatten();
    faults.map(|f| (f.check, f.at.position)).collect()
}

#[track_caller]
fn accepted(outcome: &Outcome) -> Vec<Source> {
    match outcome {
        Outcome::Accepted(chain) => chain.sources().to_vec(),
        Outcome::Refused(why) | Outcome::Undecided(_, why) => panic!("{:#?}", why.faults()),
    }
}

/// Root, intermediate, and who they are.
struct Tree {
    root: Party,
    middle: Party,
    host: Party,
    root_cert: Certificate,
    middle_cert: Certificate,
}

fn tree() -> Tree {
    let (root, middle, host) = (party("CN=Root"), party("CN=Middle"), party("CN=host"));
    Tree {
        root_cert: ca(&root, &root, |_| ()),
        middle_cert: ca(&middle, &root, |_| ()),
        root,
        middle,
        host,
    }
}

impl Tree {
    fn leaf(&self, tweak: impl FnOnce(&mut Body)) -> Certificate {
        leaf(&self.host, &self.middle, tweak)
    }

    fn build(&self, leaf: &Certificate, policy: &ChainPolicy) -> Outcome {
        let pool = [self.middle_cert.clone()];
        build(leaf, &pool, &anchors(&[&self.root_cert]), policy, NOW)
    }
}

#[test]
fn a_good_chain_passes_every_policy() {
    let tree = tree();
    let leaf = tree.leaf(|_| ());
    for policy in [
        strict(),
        ChainPolicy::rfc5280(),
        ChainPolicy::path_validation(),
    ] {
        let outcome = tree.build(&leaf, &policy);
        let sources = accepted(&outcome);
        assert_eq!(
            sources,
            [Source::Target, Source::Pool(0), Source::Anchor(0)]
        );
        let pool = [tree.middle_cert.clone()];
        let roots = anchors(&[&tree.root_cert]);
        let chain = outcome
            .accepted()
            .unwrap()
            .certificates(&leaf, &pool, &roots);
        assert_eq!(chain, [&leaf, &tree.middle_cert, &tree.root_cert]);
    }
    assert!(key_matches(&leaf, tree.host.key.public()));
    assert!(!key_matches(&leaf, tree.root.key.public()));
}

#[test]
fn an_authority_verifies_itself() {
    let tree = tree();
    let policy = ChainPolicy::strict(None);
    let roots = anchors(&[&tree.root_cert]);
    let own = build(&tree.root_cert, &[], &roots, &policy, NOW);
    assert_eq!(accepted(&own), [Source::Target]);
    accepted(&build(&tree.middle_cert, &[], &roots, &policy, NOW));
    let mut without = policy;
    without.anchor.accept_target = false;
    let refused = build(&tree.root_cert, &[], &roots, &without, NOW);
    assert_eq!(failed(&refused), [("untrusted-root", Some(0))]);
}

#[test]
fn the_answer_is_the_same_each_time() {
    let tree = tree();
    let leaf = tree.leaf(|b| b.hosts(&["other"]));
    let [one, two] = [(); 2].map(|()| format!("{:?}", tree.build(&leaf, &strict())));
    assert_eq!(one, two);
}

#[test]
fn a_purpose_may_be_any() {
    let tree = tree();
    let leaf = tree.leaf(|b| {
        b.set(
            crate::cert::oid::EXTENDED_KEY_USAGE,
            false,
            crate::cert::tests::make::purposes(&["2.5.29.37.0"]),
        );
    });
    accepted(&tree.build(&leaf, &strict()));
    let mut exact = strict();
    exact.exact_purpose = true;
    assert_eq!(failed(&tree.build(&leaf, &exact)), [("purpose", Some(0))]);
    assert_eq!(Purpose::ServerAuth.oid(), SERVER_AUTH);
}
