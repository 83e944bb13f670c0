//! Why there is no chain: the graph that was looked at, and the best paths.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;

use super::Source;
use super::budget::Purse;
use super::check;
use super::edge;
use super::graph::Candidate;
use super::search::Session;
use crate::cert::{Certificate, Fault as Flaw};

/// Edges told; a graph of 100 CAs of one name has 10,000.
const EDGES: usize = 1_000;

/// Issuers of one certificate that paths are tried with, the most promising.
const BRANCHES: usize = 16;

/// Times that a path is grown by one certificate.
const ROUNDS: usize = 2_000;

/// Anchors named where none fits.
const ANCHORS: usize = 3;

/// One certificate, by its names.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct CertRef {
    /// Its place in the path that is told, 0 for the target; `None` where no
    /// path is told.
    pub position: Option<usize>,
    /// Where it was given.
    pub source: Source,
    /// Its subject (RFC 4514), or its first name where that is empty.
    pub subject: String,
    /// Its serial number in hex.
    pub serial: String,
}

impl fmt::Display for CertRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (serial {})", self.subject, self.serial)
    }
}

/// One check that failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// Id of the check.
    pub check: &'static str,
    /// The certificate at fault; for a signature the one that carries it.
    pub at: CertRef,
    /// What is there.
    pub found: String,
    /// What belongs there.
    pub expected: Option<String>,
    /// The clause that says so.
    pub clause: &'static str,
}

/// `signature: `CN=x` (serial 01): found …, expected … (RFC …)`, in one line.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: found {}", self.check, self.at, self.found)?;
        if let Some(expected) = &self.expected {
            write!(f, ", expected {expected}")?;
        }
        write!(f, " ({})", self.clause)
    }
}

/// What is known about a signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignatureState {
    /// Verified.
    Good,
    /// Verified, and wrong.
    Bad,
    /// Not looked at, since something else was wrong or the budget was used up.
    NotChecked,
}

/// A certificate that the target leads to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertReport {
    /// Which.
    pub certificate: CertRef,
    /// Whether it is an anchor.
    pub anchor: bool,
    /// What is wrong with it in any path.
    pub faults: Vec<Fault>,
}

/// A possible issuer of a certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EdgeReport {
    /// The issued certificate.
    pub child: CertRef,
    /// The possible issuer.
    pub issuer: CertRef,
    /// What speaks against it.
    pub faults: Vec<Fault>,
    /// Whether the signature holds.
    pub signature: SignatureState,
}

/// One path, checked whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PathReport {
    /// Target first.
    pub certificates: Vec<CertRef>,
    /// Whether it ends at an anchor.
    pub complete: bool,
    /// All that is wrong with it, the most useful first.
    pub faults: Vec<Fault>,
}

/// Why no chain holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Explanation {
    /// The certificates that the target leads to, itself first.
    pub certificates: Vec<CertReport>,
    /// Who might have issued whom.
    pub edges: Vec<EdgeReport>,
    /// How many edges are left out of [`Self::edges`].
    pub edges_left_out: usize,
    /// The paths nearest to being accepted, the nearest first.
    pub paths: Vec<PathReport>,
}

impl Explanation {
    /// What is wrong with the nearest path, the most useful first.
    pub fn faults(&self) -> Vec<Fault> {
        self.paths
            .first()
            .map(|path| path.faults.clone())
            .unwrap_or_default()
    }
}

/// A path that grows.
#[derive(Clone)]
struct Draft {
    path: Vec<usize>,
    flaws: Vec<(usize, Flaw)>,
    cost: u32,
    finished: bool,
    complete: bool,
}

impl Draft {
    fn add(&mut self, at: usize, flaw: Flaw) {
        self.cost = self.cost.saturating_add(weight(&flaw));
        self.flaws.push((at, flaw));
    }
}

fn weight(flaw: &Flaw) -> u32 {
    check::find(flaw.check).map_or(15, |c| c.weight)
}

fn order(flaw: &Flaw) -> u8 {
    check::find(flaw.check).map_or(40, |c| c.order)
}

pub(super) fn explain(session: &mut Session<'_>) -> Explanation {
    session.purse = Purse::for_explaining(&session.policy.budget);
    let drafts = drafts(session);
    let paths = drafts.iter().map(|d| path_report(session, d)).collect();
    let reached = session.graph.reached();
    let certificates = reached
        .iter()
        .map(|&node| {
            let at = cert_ref(session, node, None);
            CertReport {
                anchor: session.graph.node(node).anchor,
                faults: faults(&at, session.node_flaws(node)),
                certificate: at,
            }
        })
        .collect();
    let edges = session.edges();
    Explanation {
        certificates,
        edges: edges
            .iter()
            .take(EDGES)
            .map(|(&(child, issuer), edge)| {
                let at = cert_ref(session, child, None);
                let mut found = faults(&at, &edge.flaws);
                let signature = edge.signature.as_ref().and_then(|s| s.as_ref().err());
                for flaw in signature.into_iter().chain(&edge.revoked) {
                    found.extend(faults(&at, std::slice::from_ref(flaw)));
                }
                EdgeReport {
                    child: at,
                    issuer: cert_ref(session, issuer, None),
                    faults: found,
                    signature: match edge.signature {
                        None => SignatureState::NotChecked,
                        Some(Ok(())) => SignatureState::Good,
                        Some(Err(_)) => SignatureState::Bad,
                    },
                }
            })
            .collect(),
        edges_left_out: edges.len().saturating_sub(EDGES),
        paths,
    }
}

/// What a search for the cheapest paths knows.
struct Drafting {
    drafts: Vec<Draft>,
    /// Cheapest first, then the nearest to an anchor, then the oldest.
    heap: BinaryHeap<(Reverse<u32>, Reverse<usize>, Reverse<usize>)>,
    /// Steps to the nearest anchor, whatever is wrong on the way.
    near: Vec<Option<usize>>,
}

impl Drafting {
    fn push(&mut self, draft: Draft) {
        let last = draft.path[draft.path.len() - 1];
        let (cost, near) = match self.near[last] {
            _ if draft.finished => (draft.cost, 0),
            Some(near) => (draft.cost, near),
            // No anchor above: it will cost as much as not being trusted, and
            // the longer path is nearer to its end.
            None => {
                let cost = draft.cost.saturating_add(check::ISSUER_NOT_FOUND.weight);
                (cost, usize::MAX - draft.path.len())
            }
        };
        self.heap
            .push((Reverse(cost), Reverse(near), Reverse(self.drafts.len())));
        self.drafts.push(draft);
    }
}

/// The paths of least cost, cheapest first. Every certificate is passed a few
/// times at most, so in a large graph some are missed.
fn drafts(session: &mut Session<'_>) -> Vec<Draft> {
    let budget = session.policy.budget;
    let mut first = Draft {
        path: vec![0],
        flaws: Vec::new(),
        cost: 0,
        finished: false,
        complete: false,
    };
    for flaw in session.node_flaws(0).to_vec() {
        first.add(0, flaw);
    }
    if session.graph.node(0).anchor && session.policy.anchor.accept_target {
        first.finished = true;
        first.complete = true;
    }
    let mut drafting = Drafting {
        drafts: Vec::new(),
        heap: BinaryHeap::new(),
        near: session.distances_over(|_, _| true),
    };
    drafting.push(first);
    let mut done = Vec::new();
    let mut passed = vec![0; session.graph.len()];
    let mut rounds = 0;
    // Where all are passed too often before a path has ended, as among a hundred
    // CAs of one name, the cheapest that was dropped is brought to an end.
    let mut dropped: Option<Draft> = None;
    while let Some((.., Reverse(at))) = drafting.heap.pop() {
        let draft = drafting.drafts[at].clone();
        if draft.finished {
            done.push(draft);
            if done.len() >= budget.paths {
                break;
            }
            continue;
        }
        let last = draft.path[draft.path.len() - 1];
        // Past the last round one path is brought to an end.
        let stop = rounds >= ROUNDS;
        if passed[last] >= budget.paths.max(1) || (stop && !done.is_empty()) {
            if dropped.as_ref().is_none_or(|d| draft.cost < d.cost) {
                dropped = Some(draft);
            }
            continue;
        }
        passed[last] += 1;
        rounds += 1;
        for next in grow(session, &draft, &drafting.near, stop) {
            drafting.push(next);
        }
    }
    match dropped {
        Some(draft) if done.is_empty() => grow(session, &draft, &drafting.near, true),
        _ => done,
    }
}

/// The draft with each of its next issuers, or finished.
fn grow(
    session: &mut Session<'_>,
    draft: &Draft,
    near: &[Option<usize>],
    stop: bool,
) -> Vec<Draft> {
    let last = draft.path[draft.path.len() - 1];
    let mut candidates: Vec<Candidate> = session
        .graph
        .issuers(last)
        .iter()
        .filter(|c| !draft.path.contains(&c.node))
        .copied()
        .collect();
    let here = session.graph.node(last).cert;
    candidates.sort_by_cached_key(|c| {
        let node: u32 = session.node_flaws(c.node).iter().map(weight).sum();
        let issuer = session.graph.node(c.node);
        let key_id = edge::key_id(here, issuer.cert, session.policy.dn);
        let near = near[c.node].unwrap_or(usize::MAX);
        (!c.by_name, near == usize::MAX, node, near, key_id, c.node)
    });
    candidates.truncate(BRANCHES);
    if stop || candidates.is_empty() || draft.path.len() >= session.policy.budget.depth {
        let mut ended = draft.clone();
        ended.finished = true;
        let flaw = not_trusted(session, last);
        ended.add(draft.path.len() - 1, flaw);
        return vec![ended];
    }
    candidates
        .into_iter()
        .map(|candidate| extended(session, draft, candidate.node))
        .collect()
}

fn extended(session: &mut Session<'_>, draft: &Draft, issuer: usize) -> Draft {
    let mut next = draft.clone();
    let at = draft.path.len() - 1;
    let child = draft.path[at];
    // A limit here leaves these checks out; the others still tell.
    let path_flaws = session.step_flaws(&draft.path, issuer).unwrap_or_default();
    let signature = session.verify(child, issuer);
    if matches!(signature, Ok(true)) {
        // A limit leaves this out as well.
        let _ = session.revocation_of_edge(child, issuer);
        for flaw in session.node_flaws(child).to_vec() {
            if !next.flaws.contains(&(at, flaw.clone())) {
                next.add(at, flaw);
            }
        }
    }
    if let Some(edge) = session.edges().get(&(child, issuer)) {
        for flaw in edge.flaws.clone() {
            next.add(at, flaw);
        }
        if let (Ok(false), Some(Err(flaw))) = (signature, edge.signature.clone()) {
            next.add(at, flaw);
        }
        if let Some(flaw) = edge.revoked.clone() {
            next.add(at, flaw);
        }
    }
    for (at, flaw) in path_flaws {
        next.add(at, flaw);
    }
    for flaw in session.node_flaws(issuer).to_vec() {
        next.add(at + 1, flaw);
    }
    next.path.push(issuer);
    next.complete = session.graph.node(issuer).anchor;
    next.finished = next.complete;
    if next.complete {
        let path = next.path.clone();
        for (at, flaw) in session.revocation_of_path(&path).unwrap_or_default() {
            next.add(at, flaw);
        }
    }
    next
}

fn not_trusted(session: &Session<'_>, last: usize) -> Flaw {
    let node = session.graph.node(last);
    let mut anchors: Vec<String> = session
        .graph
        .anchors()
        .map(|n| n.cert.subject().to_string())
        .take(ANCHORS + 1)
        .collect();
    if anchors.len() > ANCHORS {
        anchors[ANCHORS] = "more".into();
    }
    let trusted = if anchors.is_empty() {
        "a trusted certificate, and none was given".into()
    } else {
        format!("one of the trusted: {}", anchors.join("; "))
    };
    if node.self_issued {
        return check::UNTRUSTED_ROOT
            .fails()
            .found(format!("{}, issued by itself", node.cert.subject()))
            .expected(trusted);
    }
    let only_loops = !session.graph.issuers(last).is_empty();
    let found = format!("issued by {}", node.cert.issuer());
    check::ISSUER_NOT_FOUND
        .fails()
        .found(if only_loops {
            format!("{found}, which leads back to this path")
        } else {
            format!("{found}, which is not among the certificates given")
        })
        .expected(trusted)
}

fn path_report(session: &Session<'_>, draft: &Draft) -> PathReport {
    let certificates: Vec<CertRef> = draft
        .path
        .iter()
        .enumerate()
        .map(|(at, &node)| cert_ref(session, node, Some(at)))
        .collect();
    let mut flaws = draft.flaws.clone();
    flaws.sort_by_key(|(at, flaw)| (order(flaw), *at));
    flaws.dedup();
    PathReport {
        complete: draft.complete,
        faults: flaws
            .iter()
            .flat_map(|(at, flaw)| faults(&certificates[*at], std::slice::from_ref(flaw)))
            .collect(),
        certificates,
    }
}

pub(super) fn faults(at: &CertRef, flaws: &[Flaw]) -> Vec<Fault> {
    flaws
        .iter()
        .map(|flaw| Fault {
            check: flaw.check,
            at: at.clone(),
            found: flaw.found.clone(),
            expected: flaw.expected.clone(),
            clause: flaw.clause,
        })
        .collect()
}

fn cert_ref(session: &Session<'_>, node: usize, position: Option<usize>) -> CertRef {
    let node = session.graph.node(node);
    named(node.cert, node.source, position)
}

/// A certificate, by its names.
pub(super) fn named(cert: &Certificate, source: Source, position: Option<usize>) -> CertRef {
    let subject = cert.subject();
    CertRef {
        position,
        source,
        subject: match cert.names().first() {
            Some(name) if subject.is_empty() => name.to_string(),
            _ => subject.to_string(),
        },
        serial: cert.serial().to_string(),
    }
}
