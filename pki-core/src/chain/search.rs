//! The search for a path: shortest first, back at a dead end, signatures last.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::budget::{Limit, Purse};
use super::constraints::Constraints;
use super::crls::Lists;
use super::edge;
use super::graph::{Candidate, Graph};
use super::node;
use super::policy::ChainPolicy;
use crate::cert::Fault as Flaw;
use crate::clock::Timestamp;

/// What was found out so far about a child and a possible issuer.
pub(super) struct Edge {
    /// All but the signature.
    pub(super) flaws: Vec<Flaw>,
    /// `None`: not looked at.
    pub(super) signature: Option<Result<(), Flaw>>,
    /// That the issuer's CRL revokes the child, where this is known.
    pub(super) revoked: Option<Flaw>,
}

/// One call: the graph, and every judgement made once.
pub(super) struct Session<'a> {
    pub(super) graph: Graph<'a>,
    pub(super) policy: &'a ChainPolicy,
    /// By node; empty for nodes that were not reached.
    nodes: Vec<Vec<Flaw>>,
    edges: BTreeMap<(usize, usize), Edge>,
    /// By node that has name constraints.
    constraints: BTreeMap<usize, Constraints>,
    /// CAs whose name constraints forbid the target, so no path over them holds.
    barred: BTreeSet<usize>,
    /// By constraining and constrained node.
    constrained: BTreeMap<(usize, usize), Vec<Flaw>>,
    pub(super) lists: Lists<'a>,
    pub(super) purse: Purse,
}

/// How a descent through the graph ended.
enum Descent {
    Found(Vec<usize>),
    DeadEnd,
    /// A signature turned out wrong, or a certificate revoked: distances have
    /// changed.
    Stale,
}

/// A place in a descent.
struct Frame {
    candidates: Rc<[usize]>,
    next: usize,
}

/// The ranked issuers of each certificate, worked out once in a descent.
#[derive(Default)]
struct Ranking(BTreeMap<usize, Rc<[usize]>>);

impl Ranking {
    fn of(&mut self, session: &Session<'_>, child: usize, distances: &[Option<usize>]) -> Frame {
        let ranked = || session.ranked(child, distances).into();
        Frame {
            candidates: Rc::clone(self.0.entry(child).or_insert_with(ranked)),
            next: 0,
        }
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(graph: Graph<'a>, policy: &'a ChainPolicy, now: Timestamp) -> Self {
        let mut nodes = vec![Vec::new(); graph.len()];
        let mut edges = BTreeMap::new();
        let mut constraints = BTreeMap::new();
        for &i in graph.reached() {
            let node = graph.node(i);
            nodes[i] = node::flaws(node, i == 0, policy, now);
            if let Some(found) = node.cert.name_constraints() {
                let read = Constraints::read(found);
                let binds = !node.anchor || policy.anchor.enforce_constraints;
                let flaw = read
                    .flaw(i != 0)
                    .filter(|f| binds && policy.checks.counts(f.check));
                nodes[i].extend(flaw);
                constraints.insert(i, read);
            }
            for &candidate in graph.issuers(i) {
                let flaws = edge::flaws(&graph, i, candidate, policy);
                let edge = Edge {
                    flaws,
                    signature: None,
                    revoked: None,
                };
                edges.insert((i, candidate.node), edge);
            }
        }
        let lists = Lists::new(&graph, policy, now);
        let mut session = Self {
            graph,
            policy,
            nodes,
            edges,
            constraints,
            barred: BTreeSet::new(),
            constrained: BTreeMap::new(),
            lists,
            purse: Purse::new(&policy.budget),
        };
        session.refuse_unknown();
        session
    }

    /// What is wrong with a node by itself.
    pub(super) fn node_flaws(&self, node: usize) -> &[Flaw] {
        &self.nodes[node]
    }

    pub(super) fn add_node_flaws(&mut self, node: usize, flaws: Vec<Flaw>) {
        self.nodes[node].extend(flaws);
    }

    pub(super) fn revoke_edge(&mut self, child: usize, issuer: usize, flaw: Flaw) {
        if let Some(edge) = self.edges.get_mut(&(child, issuer)) {
            edge.revoked = Some(flaw);
        }
    }

    pub(super) fn is_revoked(&self, child: usize, issuer: usize) -> bool {
        let edge = self.edges.get(&(child, issuer));
        edge.is_some_and(|e| e.revoked.is_some())
    }

    pub(super) fn edges(&self) -> &BTreeMap<(usize, usize), Edge> {
        &self.edges
    }

    /// The signature of an edge, verified once.
    pub(super) fn verify(&mut self, child: usize, issuer: usize) -> Result<bool, Limit> {
        let Some(edge) = self.edges.get_mut(&(child, issuer)) else {
            return Ok(false);
        };
        if edge.signature.is_none() {
            self.purse.signature()?;
            let (child, issuer) = (self.graph.node(child).cert, self.graph.node(issuer).cert);
            edge.signature = Some(edge::signature(child, issuer));
        }
        Ok(matches!(edge.signature, Some(Ok(()))))
    }

    /// The name constraints of `issuer` applied to `below`, once.
    pub(super) fn constraint_flaws(
        &mut self,
        issuer: usize,
        below: usize,
    ) -> Result<Vec<Flaw>, Limit> {
        if let Some(known) = self.constrained.get(&(issuer, below)) {
            return Ok(known.clone());
        }
        let Some(constraints) = self.constraints.get(&issuer) else {
            return Ok(Vec::new());
        };
        let purse = &mut self.purse;
        let flaws = constraints.flaws(
            self.graph.node(issuer).cert.subject(),
            self.graph.node(below).cert,
            self.policy.dn,
            |cost| purse.comparisons(cost),
        )?;
        self.constrained.insert((issuer, below), flaws.clone());
        Ok(flaws)
    }

    /// The best path, target first; `None` when there is none.
    pub(super) fn search(&mut self) -> Result<Option<Vec<usize>>, Limit> {
        if !self.nodes[0].is_empty() {
            return Ok(None);
        }
        if self.policy.revocation.crls().len() > self.policy.budget.crls {
            return Err(Limit::Crls);
        }
        if self.graph.node(0).anchor && self.policy.anchor.accept_target {
            return Ok(Some(vec![0]));
        }
        self.bar()?;
        loop {
            let distances = self.distances();
            match self.descend(&distances)? {
                Descent::Found(path) => return Ok(Some(path)),
                Descent::DeadEnd => return Ok(None),
                // What was learnt may be about the target itself.
                Descent::Stale if !self.nodes[0].is_empty() => return Ok(None),
                Descent::Stale => {}
            }
        }
    }

    fn usable(&self, child: usize, candidate: Candidate) -> bool {
        let edge = self.edges.get(&(child, candidate.node));
        candidate.by_name
            && self.nodes[candidate.node].is_empty()
            && !self.barred.contains(&candidate.node)
            && edge.is_some_and(|e| {
                e.flaws.is_empty() && !matches!(e.signature, Some(Err(_))) && e.revoked.is_none()
            })
    }

    /// For every node the number of steps to the nearest anchor, by edges that
    /// are not known to be wrong. So a descent never enters a part of the graph
    /// from which no anchor can be reached.
    fn distances(&self) -> Vec<Option<usize>> {
        self.distances_over(|child, candidate| self.usable(child, candidate))
    }

    /// As [`Self::distances`], over the edges that are `wanted`.
    pub(super) fn distances_over(
        &self,
        wanted: impl Fn(usize, Candidate) -> bool,
    ) -> Vec<Option<usize>> {
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.graph.len()];
        let mut distances = vec![None; self.graph.len()];
        let mut queue = VecDeque::new();
        for &child in self.graph.reached() {
            for &candidate in self.graph.issuers(child) {
                if wanted(child, candidate) {
                    children[candidate.node].push(child);
                }
            }
            if child != 0 && self.graph.node(child).anchor {
                distances[child] = Some(0);
                queue.push_back((child, 0));
            }
        }
        while let Some((node, distance)) = queue.pop_front() {
            for &child in &children[node] {
                if distances[child].is_none() {
                    distances[child] = Some(distance + 1);
                    queue.push_back((child, distance + 1));
                }
            }
        }
        distances
    }

    /// The issuers of `child` worth trying, best first: near an anchor, with
    /// the right key id, valid for long; then in the order given.
    fn ranked(&self, child: usize, distances: &[Option<usize>]) -> Vec<usize> {
        let cert = self.graph.node(child).cert;
        let mut ranked: Vec<_> = self
            .graph
            .issuers(child)
            .iter()
            .filter(|&&candidate| self.usable(child, candidate))
            .filter_map(|candidate| {
                let node = candidate.node;
                let issuer = self.graph.node(node).cert;
                let key_id = edge::key_id(cert, issuer, self.policy.dn);
                let last = std::cmp::Reverse(issuer.validity().not_after);
                Some((distances[node]?, key_id, last, node))
            })
            .collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(.., node)| node).collect()
    }

    /// Finds the CAs whose name constraints forbid the target: those lead
    /// nowhere, whatever stands between.
    fn bar(&mut self) -> Result<(), Limit> {
        let constraining: Vec<usize> = self.constraints.keys().copied().collect();
        for issuer in constraining {
            let anchor = self.graph.node(issuer).anchor;
            let binds = !anchor || self.policy.anchor.enforce_constraints;
            if issuer != 0 && binds && self.nodes[issuer].is_empty() {
                let flaws = self.constraint_flaws(issuer, 0)?;
                if flaws.iter().any(|f| self.policy.checks.counts(f.check)) {
                    self.barred.insert(issuer);
                }
            }
        }
        Ok(())
    }

    /// Depth first, on a stack of its own.
    fn descend(&mut self, distances: &[Option<usize>]) -> Result<Descent, Limit> {
        if distances[0].is_none() {
            return Ok(Descent::DeadEnd);
        }
        let mut path = vec![0];
        let mut ranking = Ranking::default();
        let mut frames = vec![ranking.of(self, 0, distances)];
        let mut too_deep = false;
        while let Some(frame) = frames.last_mut() {
            let Some(&issuer) = frame.candidates.get(frame.next) else {
                frames.pop();
                path.pop();
                continue;
            };
            frame.next += 1;
            self.purse.step()?;
            if path.contains(&issuer) {
                continue;
            }
            if path.len() + 1 + distances[issuer].unwrap_or(0) > self.policy.budget.depth {
                too_deep = true;
                continue;
            }
            if !self.step_flaws(&path, issuer)?.is_empty() {
                continue;
            }
            let child = path[path.len() - 1];
            if !self.verify(child, issuer)? || self.revocation_of_edge(child, issuer)? {
                return Ok(Descent::Stale);
            }
            path.push(issuer);
            if self.graph.node(issuer).anchor {
                if self.revocation_of_path(&path)?.is_empty() {
                    return Ok(Descent::Found(path));
                }
                path.pop();
                continue;
            }
            frames.push(ranking.of(self, issuer, distances));
        }
        if too_deep {
            Err(Limit::Depth)
        } else {
            Ok(Descent::DeadEnd)
        }
    }
}
