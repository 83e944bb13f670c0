//! Certification paths: from a certificate to a trust anchor, or why not.
//!
//! [`build`] is a function of values: it reads no file, asks no clock, fetches
//! nothing. A certificate that is odd is a fault of a chain, never an error.

mod budget;
mod check;
mod common_name;
mod constraints;
mod content;
mod crls;
mod edge;
mod explain;
mod extensions;
mod findings;
mod explanation;
mod graph;
mod hint;
mod host;
mod node;
mod path;
mod policy;
mod profile;
mod revocation;
mod rule_set;
mod search;
mod webpki;

pub use budget::{Budget, Limit};
#[cfg(feature = "stack")]
pub(crate) use check::{
    AKI_MISMATCH, CRL_EXPIRED, CRL_NEXT_UPDATE_MISSING, EXPIRED, ISSUER_NOT_FOUND, KEY_USAGE,
    KEY_USAGE_MISSING, NO_ALT_NAME, NOT_YET_VALID, OF_LISTS, REVOCATION_UNKNOWN, REVOKED,
    SIGNATURE, TARGET_IS_CA, UNTRUSTED_ROOT,
};
pub use check::{CHECKS, Check, Checks, Layer, find as find_check};
pub use constraints::outside;
pub use explanation::{
    CertRef, CertReport, EdgeReport, Explanation, Fault, PathReport, Place, SignatureState,
};
pub use findings::findings;
pub use hint::Files;
pub use host::{NotCovered, PeerName, covers, matches};
pub use node::not_understood;
pub use policy::{AnchorChecks, ChainPolicy, Crls, Policies, Revocation};
pub use rule_set::{RuleSet, UnknownRuleSet};

use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::key::PublicKey;

/// A certificate that is trusted because the caller says so. It need not be
/// self-signed, and its own signature is never looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Anchor {
    certificate: Certificate,
}

impl Anchor {
    /// Trusts this certificate.
    pub fn new(certificate: Certificate) -> Self {
        Self { certificate }
    }

    /// What is trusted.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

impl From<Certificate> for Anchor {
    fn from(certificate: Certificate) -> Self {
        Self::new(certificate)
    }
}

/// Where a certificate of a chain was given.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Source {
    /// The certificate that is judged.
    Target,
    /// At this index of the pool.
    Pool(usize),
    /// At this index of the anchors.
    Anchor(usize),
}

/// A chain that holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedChain {
    sources: Vec<Source>,
}

impl VerifiedChain {
    /// Target first, anchor last. A target that is itself an anchor stands alone.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The trusted certificate that it ends in, out of the values that [`build`]
    /// was given: an anchor, or the target itself where that is trusted.
    pub fn anchor<'a>(&self, target: &'a Certificate, anchors: &'a [Anchor]) -> &'a Certificate {
        match self.sources.last() {
            Some(Source::Anchor(i)) => anchors.get(*i).map_or(target, Anchor::certificate),
            _ => target,
        }
    }

    /// The certificates, target first, out of the values that [`build`] was given.
    pub fn certificates<'a>(
        &self,
        target: &'a Certificate,
        pool: &'a [Certificate],
        anchors: &'a [Anchor],
    ) -> Vec<&'a Certificate> {
        self.sources
            .iter()
            .filter_map(|source| match *source {
                Source::Target => Some(target),
                Source::Pool(i) => pool.get(i),
                Source::Anchor(i) => anchors.get(i).map(Anchor::certificate),
            })
            .collect()
    }
}

/// What [`build`] found.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A chain holds.
    Accepted(VerifiedChain),
    /// No chain does; why.
    Refused(Explanation),
    /// None was found before a limit was reached, so neither can be said.
    /// To be treated as a refusal.
    Undecided(Limit, Explanation),
}

impl Outcome {
    /// The chain, if one holds.
    pub fn accepted(&self) -> Option<&VerifiedChain> {
        match self {
            Self::Accepted(chain) => Some(chain),
            Self::Refused(_) | Self::Undecided(..) => None,
        }
    }

    /// Why there is none.
    pub fn explanation(&self) -> Option<&Explanation> {
        match self {
            Self::Accepted(_) => None,
            Self::Refused(explanation) | Self::Undecided(_, explanation) => Some(explanation),
        }
    }
}

/// Looks for a chain from `target` over certificates of `pool` to one of
/// `anchors` that is all that `policy` asks at `now`.
///
/// The pool may hold anything in any order. Shorter chains are tried first;
/// at a dead end the search goes back. The result depends on the arguments
/// alone. Whether a certificate is revoked is asked where the policy says so, of
/// the CRLs that it brings ([`Revocation`]); certificate policies are not
/// processed ([`Policies`]).
pub fn build(
    target: &Certificate,
    pool: &[Certificate],
    anchors: &[Anchor],
    policy: &ChainPolicy,
    now: Timestamp,
) -> Outcome {
    let (graph, cut) = graph::Graph::new(target, pool, anchors, policy);
    let mut session = search::Session::new(graph, policy, now);
    match session.search() {
        Ok(Some(path)) => Outcome::Accepted(VerifiedChain {
            sources: path.iter().map(|&i| session.graph.node(i).source).collect(),
        }),
        Ok(None) => match cut {
            None => Outcome::Refused(explain::explain(&mut session)),
            Some(limit) => Outcome::Undecided(limit, explain::undecided(&mut session, limit)),
        },
        Err(limit) => Outcome::Undecided(limit, explain::undecided(&mut session, limit)),
    }
}

/// Whether `certificate` is for this key. Compares the whole
/// SubjectPublicKeyInfo, so an RSA key that a certificate binds to PSS is
/// another key.
pub fn key_matches(certificate: &Certificate, key: &PublicKey) -> bool {
    certificate.public_key() == key
}

#[cfg(test)]
mod tests;
