//! The certificates at hand and who might have issued whom.

use std::collections::HashMap;

use super::budget::Limit;
use super::policy::ChainPolicy;
use super::{Anchor, Source};
use crate::cert::Certificate;
use crate::model::dn::{Attribute, Dn, DnCompare, Rdn};

/// One certificate, however often it was given.
pub(super) struct Node<'a> {
    pub(super) cert: &'a Certificate,
    pub(super) source: Source,
    /// Whether it is trusted.
    pub(super) anchor: bool,
    /// Whether issuer and subject are the same name, by the policy's comparison.
    pub(super) self_issued: bool,
}

/// A possible issuer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Candidate {
    pub(super) node: usize,
    /// Its subject is the child's issuer; if not, only the key id agrees.
    pub(super) by_name: bool,
}

/// The target is node 0.
pub(super) struct Graph<'a> {
    nodes: Vec<Node<'a>>,
    /// Per node; empty for nodes that the target does not lead to.
    issuers: Vec<Vec<Candidate>>,
    /// The nodes that the target leads to, nearest first.
    reached: Vec<usize>,
}

impl<'a> Graph<'a> {
    /// Takes in every certificate once and follows issuers from the target. A
    /// limit that is reached leaves a graph with what there is so far.
    pub(super) fn new(
        target: &'a Certificate,
        pool: &'a [Certificate],
        anchors: &'a [Anchor],
        policy: &ChainPolicy,
    ) -> (Self, Option<Limit>) {
        let mut graph = Self {
            nodes: Vec::new(),
            issuers: Vec::new(),
            reached: Vec::new(),
        };
        let cut = graph.take_in(target, pool, anchors, policy);
        let cut = graph.link(policy).or(cut);
        (graph, cut)
    }

    fn take_in(
        &mut self,
        target: &'a Certificate,
        pool: &'a [Certificate],
        anchors: &'a [Anchor],
        policy: &ChainPolicy,
    ) -> Option<Limit> {
        let anchors = anchors
            .iter()
            .enumerate()
            .map(|(i, a)| (Source::Anchor(i), a.certificate()));
        let pool = pool.iter().enumerate().map(|(i, c)| (Source::Pool(i), c));
        let mut seen: HashMap<&[u8], usize> = HashMap::new();
        for (source, cert) in std::iter::once((Source::Target, target))
            .chain(anchors)
            .chain(pool)
        {
            let anchor = matches!(source, Source::Anchor(_));
            if let Some(&known) = seen.get(cert.der()) {
                self.nodes[known].anchor |= anchor;
                continue;
            }
            if self.nodes.len() >= policy.budget.certificates.max(1) {
                return Some(Limit::Certificates);
            }
            seen.insert(cert.der(), self.nodes.len());
            self.nodes.push(Node {
                cert,
                source,
                anchor,
                self_issued: cert.is_self_issued()
                    || cert.issuer().equals(cert.subject(), policy.dn),
            });
        }
        None
    }

    fn link(&mut self, policy: &ChainPolicy) -> Option<Limit> {
        let index = Index::new(&self.nodes, policy.dn);
        let mut left = policy.budget.candidates;
        self.issuers = vec![Vec::new(); self.nodes.len()];
        let mut known = vec![false; self.nodes.len()];
        known[0] = true;
        self.reached.push(0);
        let mut next = 0;
        while let Some(&child) = self.reached.get(next) {
            next += 1;
            // A path ends at an anchor, so nobody issues an anchor.
            if self.nodes[child].anchor && child != 0 {
                continue;
            }
            let Ok(candidates) = index.issuers_of(&self.nodes, child, policy.dn, &mut left) else {
                return Some(Limit::Candidates);
            };
            for candidate in &candidates {
                if !known[candidate.node] {
                    known[candidate.node] = true;
                    self.reached.push(candidate.node);
                }
            }
            self.issuers[child] = candidates;
        }
        None
    }

    pub(super) fn node(&self, index: usize) -> &Node<'a> {
        &self.nodes[index]
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn issuers(&self, child: usize) -> &[Candidate] {
        &self.issuers[child]
    }

    pub(super) fn reached(&self) -> &[usize] {
        &self.reached
    }

    /// The trusted certificates.
    pub(super) fn anchors(&self) -> impl Iterator<Item = &Node<'a>> {
        self.nodes.iter().filter(|n| n.anchor)
    }
}

/// Finds certificates by subject and by key id.
struct Index<'a> {
    subjects: HashMap<Shape, Vec<usize>>,
    key_ids: HashMap<&'a [u8], Vec<usize>>,
}

/// What two names that are the same have in common, whoever compares them.
pub(super) type Shape = Vec<String>;

impl<'a> Index<'a> {
    fn new(nodes: &[Node<'a>], dn: DnCompare) -> Self {
        let mut index = Self {
            subjects: HashMap::new(),
            key_ids: HashMap::new(),
        };
        for (i, node) in nodes.iter().enumerate() {
            let shape = shape(node.cert.subject(), dn);
            index.subjects.entry(shape).or_default().push(i);
            if let Some(id) = node.cert.subject_key_id() {
                index.key_ids.entry(id).or_default().push(i);
            }
        }
        index
    }

    fn issuers_of(
        &self,
        nodes: &[Node<'a>],
        child: usize,
        dn: DnCompare,
        left: &mut usize,
    ) -> Result<Vec<Candidate>, Limit> {
        let cert = nodes[child].cert;
        let mut found = Vec::new();
        let same_name = self.subjects.get(&shape(cert.issuer(), dn));
        let key_id = cert.authority_key_id().and_then(|a| a.key_id.as_deref());
        let same_key = key_id.and_then(|id| self.key_ids.get(id));
        for (by_name, list) in [(true, same_name), (false, same_key)] {
            for &node in list.into_iter().flatten() {
                *left = left.checked_sub(1).ok_or(Limit::Candidates)?;
                let subject = nodes[node].cert.subject();
                let named = subject == cert.issuer() || subject.equals(cert.issuer(), dn);
                if node != child && named == by_name {
                    found.push(Candidate { node, by_name });
                }
            }
        }
        Ok(found)
    }
}

/// Letters and digits of every attribute, case folded, sorted: coarser than
/// each comparison, so that what any of them calls equal lands in one place.
pub(super) fn shape(name: &Dn, dn: DnCompare) -> Shape {
    let attributes = name.rdns().iter().flat_map(Rdn::attributes);
    let mut shape: Shape = match dn {
        DnCompare::Raw => vec![format!("{:02x?}", name.raw())],
        _ => attributes
            .filter_map(Attribute::text)
            .map(|text| {
                // What most names are, in a third of the time.
                if text.is_ascii() {
                    let kept = text.bytes().filter(u8::is_ascii_alphanumeric);
                    return kept.map(|b| b.to_ascii_lowercase() as char).collect();
                }
                text.chars()
                    .flat_map(char::to_uppercase)
                    .flat_map(char::to_lowercase)
                    .filter(|c| c.is_alphanumeric())
                    .collect()
            })
            .collect(),
    };
    shape.sort();
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_have_one_shape() {
        for (a, b) in [
            ("CN=Straße  1,O=X", "CN=STRASSE 1,O=x"),
            ("O=A+CN=b", "CN=B+O=a"),
            ("CN=\u{212a}elvin", "CN=kelvin"),
        ] {
            let [a, b] = [a, b].map(|text| Dn::parse(text).unwrap());
            assert!(a.equals(&b, DnCompare::Rfc5280));
            assert_eq!(shape(&a, DnCompare::Rfc5280), shape(&b, DnCompare::Rfc5280));
        }
    }
}
