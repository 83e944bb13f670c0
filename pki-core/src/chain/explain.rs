//! Why there is no chain: the graph that was looked at, and the best paths.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Source;
use super::budget::{Limit, Purse};
use super::check;
use super::edge;
use super::explanation::{
    CertRef, CertReport, EdgeReport, Explanation, Fault, PathReport, SignatureState,
};
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

/// A flaw in a path.
#[derive(Clone, PartialEq)]
struct Found {
    /// Where in the path.
    at: usize,
    flaw: Flaw,
    /// Whether it is between that certificate and the next of the path.
    edge: bool,
}

/// A path that grows.
#[derive(Clone)]
struct Draft {
    path: Vec<usize>,
    flaws: Vec<Found>,
    cost: u32,
    finished: bool,
    complete: bool,
}

impl Draft {
    fn add(&mut self, at: usize, flaw: Flaw) {
        self.push(at, flaw, false);
    }

    fn push(&mut self, at: usize, flaw: Flaw, edge: bool) {
        self.cost = self.cost.saturating_add(weight(&flaw));
        self.flaws.push(Found { at, flaw, edge });
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
    let mut paths: Vec<PathReport> = drafts.iter().map(|d| path_report(session, d)).collect();
    let reached = session.graph.reached().to_vec();
    let certificates = reached
        .iter()
        .map(|&node| {
            let at = cert_ref(session, node, None);
            CertReport {
                anchor: session.graph.node(node).anchor,
                faults: faults(&at, None, session.node_flaws(node)),
                certificate: at,
            }
        })
        .collect();
    let mut edges: Vec<EdgeReport> = Vec::new();
    for &child in &reached {
        for issuer in ranked(session, child) {
            if edges.len() < EDGES {
                edges.push(edge_report(session, child, issuer));
            }
        }
    }
    for fault in paths.iter_mut().flat_map(|path| &mut path.faults) {
        if fault.issuer.is_some() {
            let signed = |e: &&EdgeReport| {
                e.child.source == fault.at.source && e.signature == SignatureState::Good
            };
            fault.signer = edges.iter().find(signed).map(|e| e.issuer.clone());
        }
    }
    Explanation {
        edges_left_out: session.edges().len().saturating_sub(edges.len()),
        certificates,
        edges,
        paths,
    }
}

/// The same where a limit ended the search: that is a fault of the nearest path
/// too, of its target, after those that were found.
pub(super) fn undecided(session: &mut Session<'_>, limit: Limit) -> Explanation {
    let mut explanation = explain(session);
    let target = cert_ref(session, 0, Some(0));
    let reached = check::LIMIT_REACHED.fails().found(limit.to_string());
    let reached = faults(&target, None, &[reached]);
    match explanation.paths.first_mut() {
        Some(path) => path.faults.extend(reached),
        None => explanation.paths.push(PathReport {
            certificates: vec![target],
            complete: false,
            faults: reached,
        }),
    }
    explanation
}

/// The possible issuers of a certificate, the one nearest to being accepted
/// first. Signatures are verified while that may be, those of the key that is
/// named first; what was not looked at is told last.
fn ranked(session: &mut Session<'_>, child: usize) -> Vec<usize> {
    let mut candidates = session.graph.issuers(child).to_vec();
    let here = session.graph.node(child).cert;
    candidates.sort_by_key(|c| {
        let issuer = session.graph.node(c.node).cert;
        (edge::key_id(here, issuer, session.policy.dn), !c.by_name)
    });
    let mut ranked: Vec<(bool, u32, usize, usize)> = Vec::new();
    for (given, candidate) in candidates.iter().enumerate() {
        let issuer = candidate.node;
        let is_looked_at = session.verify(child, issuer).is_ok();
        let edge = session.edges().get(&(child, issuer));
        let of_edge = edge.into_iter().flat_map(|e| {
            let signature = e.signature.as_ref().and_then(|s| s.as_ref().err());
            e.flaws.iter().chain(signature)
        });
        let flaws = session.node_flaws(issuer).iter().chain(of_edge);
        let cost = flaws.map(weight).fold(0, u32::saturating_add);
        ranked.push((!is_looked_at, cost, given, issuer));
    }
    ranked.sort_unstable();
    ranked.into_iter().map(|(.., issuer)| issuer).collect()
}

fn edge_report(session: &Session<'_>, child: usize, issuer: usize) -> EdgeReport {
    let at = cert_ref(session, child, None);
    let above = cert_ref(session, issuer, None);
    let edge = session.edges().get(&(child, issuer));
    let signature = edge.and_then(|e| e.signature.as_ref());
    let bad = signature.and_then(|s| s.as_ref().err());
    let flaws: Vec<Flaw> = edge
        .into_iter()
        .flat_map(|e| e.flaws.iter().chain(bad).chain(&e.revoked))
        .cloned()
        .collect();
    EdgeReport {
        faults: faults(&at, Some(&above), &flaws),
        signature: match signature {
            None => SignatureState::NotChecked,
            Some(Ok(())) => SignatureState::Good,
            Some(Err(_)) => SignatureState::Bad,
        },
        child: at,
        issuer: above,
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
            if !next.flaws.iter().any(|f| f.at == at && f.flaw == flaw) {
                next.add(at, flaw);
            }
        }
    }
    if let Some(edge) = session.edges().get(&(child, issuer)) {
        for flaw in edge.flaws.clone() {
            next.push(at, flaw, true);
        }
        if let (Ok(false), Some(Err(flaw))) = (signature, edge.signature.clone()) {
            next.push(at, flaw, true);
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
    flaws.sort_by_key(|found| (order(&found.flaw), found.at));
    flaws.dedup();
    PathReport {
        complete: draft.complete,
        faults: flaws
            .iter()
            .flat_map(|found| {
                let issuer = certificates.get(found.at + 1).filter(|_| found.edge);
                let flaw = std::slice::from_ref(&found.flaw);
                faults(&certificates[found.at], issuer, flaw)
            })
            .collect(),
        certificates,
    }
}

pub(super) fn faults(at: &CertRef, issuer: Option<&CertRef>, flaws: &[Flaw]) -> Vec<Fault> {
    flaws
        .iter()
        .map(|flaw| Fault {
            check: flaw.check,
            at: at.clone(),
            issuer: issuer.cloned(),
            signer: None,
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

/// A certificate, by its names and key ids.
pub(super) fn named(cert: &Certificate, source: Source, position: Option<usize>) -> CertRef {
    let subject = cert.subject();
    let asked = cert.authority_key_id();
    CertRef {
        position,
        source,
        place: None,
        subject: match cert.names().first() {
            Some(name) if subject.is_empty() => name.to_string(),
            _ => subject.to_string(),
        },
        issuer: cert.issuer().to_string(),
        serial: cert.serial().to_string(),
        key_id: cert.subject_key_id().map(edge::hex),
        authority_key_id: asked.and_then(|a| a.key_id.as_deref()).map(edge::hex),
    }
}
