//! What a rule set says of a chain that holds, apart from its verdict.

use super::edge;
use super::explain::{faults, named};
use super::explanation::Fault;
use super::graph::Node;
use super::node;
use super::policy::ChainPolicy;
use super::rule_set::RuleSet;
use super::{Anchor, Source, VerifiedChain};
use crate::cert::Certificate;

/// What `rules` say of the certificates of a chain that holds, apart from its
/// verdict: each with its place in the chain, target first.
///
/// `target`, `pool` and `anchors` are the values that [`super::build`] was given.
/// Tells what does not count towards a verdict too. Does not look at path
/// validation again, nor at names and purposes that were asked for.
pub fn findings(
    chain: &VerifiedChain,
    target: &Certificate,
    pool: &[Certificate],
    anchors: &[Anchor],
    rules: RuleSet,
) -> Vec<Fault> {
    let mut policy = ChainPolicy::of(rules);
    policy.checks = rules.checks();
    let certificates = chain.certificates(target, pool, anchors);
    let mut found = Vec::new();
    for (at, (&cert, &source)) in certificates.iter().zip(chain.sources()).enumerate() {
        let node = Node {
            cert,
            source,
            anchor: at + 1 == certificates.len(),
            self_issued: cert.issuer().equals(cert.subject(), policy.dn),
        };
        let place = named(cert, source, Some(at));
        // Validity is path validation's, so no time is needed.
        let now = cert.validity().not_before;
        let is_target = source == Source::Target;
        found.extend(faults(
            &place,
            None,
            &node::flaws(&node, is_target, &policy, now),
        ));
        if let Some(issuer) = certificates.get(at + 1) {
            found.extend(faults(
                &place,
                None,
                &edge::between(cert, issuer, true, &policy),
            ));
        }
    }
    found
}
