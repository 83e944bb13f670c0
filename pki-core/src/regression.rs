//! Edges that work today and would not afterwards: what would break them is
//! held back and told. What never worked is written all the same. Asked by plan,
//! which leaves it out, and by verify, which says why.

use std::collections::{BTreeMap, BTreeSet};

use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy, PeerName};
use crate::clock::Timestamp;
use crate::inventory::Inventory;
use crate::lineage;
use crate::model::path::TreePath;
use crate::model::usage::Purpose;
use crate::outputs;
use crate::report::{Finding, Locator, rule};
use crate::stack::{Edge, Output, OutputKind, Pair, PairId, PairKind, Service, Stack, Use};

/// What may be held back.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Held {
    /// A trust file, by its place.
    Trust(TreePath),
    /// A pair that is made elsewhere.
    Pair(PairId),
}

/// A pair that is shown to who takes it by a file of CAs.
struct Link<'a> {
    /// Who would be hurt.
    who: String,
    pair: &'a Pair,
    trust: &'a Output,
    purpose: Purpose,
}

/// What is not to be done as it stands, with the findings that say so.
///
/// `changes` are the derived files that would be written and the lineages that
/// would be delivered; `is_anew` says of a pair whether it is signed anew
/// meanwhile, below the authority that trust files are made of.
pub fn held_back(
    stack: &Stack,
    inventory: &Inventory,
    now: Timestamp,
    mut changes: BTreeSet<Held>,
    is_anew: &dyn Fn(&Pair) -> bool,
) -> Vec<(Held, Finding)> {
    let mut links = links(stack, inventory, &changes);
    links.retain(|link| !is_anew(link.pair));
    let mut concerned: BTreeMap<Held, Vec<usize>> = BTreeMap::new();
    for (at, link) in links.iter().enumerate() {
        let trust = Held::Trust(link.trust.path.clone());
        for change in [Held::Pair(link.pair.id.clone()), trust] {
            concerned.entry(change).or_default().push(at);
        }
    }
    let mut told = Vec::new();
    let mut left: BTreeSet<usize> = (0..links.len()).collect();
    while let Some(at) = left.pop_first() {
        let link = &links[at];
        let held = breaks(link, stack, inventory, now, &changes);
        for one in &held {
            changes.remove(one);
            // It may be what another change counted on.
            left.extend(concerned.get(one).into_iter().flatten());
            told.push((one.clone(), finding(link, one, held.len())));
        }
    }
    told
}

/// The links that a change concerns.
fn links<'a>(stack: &'a Stack, inventory: &Inventory, changes: &BTreeSet<Held>) -> Vec<Link<'a>> {
    let changes = |pair: &Pair, trust: &Output| {
        changes.contains(&Held::Trust(trust.path.clone()))
            || changes.contains(&Held::Pair(pair.id.clone()))
    };
    let (mut by_path, mut of_clients) = (BTreeMap::new(), BTreeMap::new());
    let mut links = Vec::new();
    for output in &stack.outputs {
        by_path.insert(&output.path, output);
        let service = output.service.as_ref().and_then(|name| stack.service(name));
        let (Some(service), OutputKind::Bundle { purpose, .. }) = (service, &output.kind) else {
            continue;
        };
        match purpose {
            Use::ClientTrust => {
                of_clients.entry(&service.name).or_insert(output);
            }
            // Those who dial it from outside of the manifest took a copy.
            Use::Issuer => links.extend(servers(service).filter(|pair| changes(pair, output)).map(
                |pair| Link {
                    who: format!("those who dial {}", service.name),
                    pair,
                    trust: output,
                    purpose: Purpose::ServerAuth,
                },
            )),
            Use::Publish | Use::Trust => {}
        }
    }
    for edge in &stack.edges {
        let who = || format!("{} → {}", edge.from, edge.to);
        if let Some(trust) = edge.trust.as_ref().and_then(|path| by_path.get(path)) {
            let shown = stack.service(&edge.to).into_iter().flat_map(servers);
            let shown = shown.filter(|p| changes(p, trust) && shows(p, edge, inventory));
            links.extend(shown.map(|pair| Link {
                who: who(),
                pair,
                trust,
                purpose: Purpose::ServerAuth,
            }));
        }
        let client = edge.client.as_ref().and_then(|id| stack.pair(id));
        if let (Some(pair), Some(trust)) = (client, of_clients.get(&edge.to))
            && changes(pair, trust)
        {
            links.push(Link {
                who: who(),
                pair,
                trust,
                purpose: Purpose::ClientAuth,
            });
        }
    }
    links
}

fn servers(service: &Service) -> impl Iterator<Item = &Pair> {
    let pairs = service.pairs.iter();
    pairs.filter(|pair| pair.id.kind == PairKind::Server)
}

fn shows(pair: &Pair, edge: &Edge, inventory: &Inventory) -> bool {
    let leaf = inventory.leaf(&pair.files.certificate);
    let mut hosts = edge.hosts.iter().map(|host| PeerName::parse(host));
    leaf.is_some_and(|leaf| hosts.any(|host| chain::covers(leaf.names(), &host)))
}

/// The changes that break a link which works now.
fn breaks(
    link: &Link<'_>,
    stack: &Stack,
    inventory: &Inventory,
    now: Timestamp,
    changes: &BTreeSet<Held>,
) -> Vec<Held> {
    let going = |change: Held| Some(change).filter(|change| changes.contains(change));
    let of_pair = going(Held::Pair(link.pair.id.clone()));
    let of_trust = going(Held::Trust(link.trust.path.clone()));
    let Some(old) = outputs::held(link.trust, inventory) else {
        return Vec::new();
    };
    let new = match of_trust {
        Some(_) => outputs::wanted(link.trust, stack, inventory),
        None => old.iter().collect(),
    };
    if of_pair.is_none() && old.iter().all(|ca| new.contains(&ca)) {
        return Vec::new();
    }
    let sent = inventory.certificates(&link.pair.files.certificate);
    let next: Vec<Certificate> = match (&of_pair, link.pair.lineage()) {
        (Some(_), Some(source)) => {
            let delivery = lineage::delivery(link.pair, source, stack, inventory, now);
            let chain = delivery.map(|delivery| delivery.chain).unwrap_or_default();
            chain.into_iter().cloned().collect()
        }
        _ => sent.to_vec(),
    };
    let old: Vec<&Certificate> = old.iter().collect();
    if accepts(link, sent, &old, now) && !accepts(link, &next, &new, now) {
        of_pair.into_iter().chain(of_trust).collect()
    } else {
        Vec::new()
    }
}

/// Whether a chain is good for those whom a link is about.
fn accepts(
    link: &Link<'_>,
    chain: &[Certificate],
    anchors: &[&Certificate],
    now: Timestamp,
) -> bool {
    let Some((leaf, above)) = chain.split_first() else {
        return false;
    };
    let anchors = anchors.iter().copied().cloned().map(Anchor::new);
    let anchors: Vec<Anchor> = anchors.collect();
    let policy = ChainPolicy::common(Some(link.purpose.clone()));
    let outcome = chain::build(leaf, above, &anchors, &policy, now);
    outcome.accepted().is_some()
}

/// Pairs that another CA is to sign anew though a trust file that `stays` does not
/// hold that CA, where what stands there works: with the findings that say so.
/// `moves` says of a pair whether another CA signs it.
pub fn left_behind(
    stack: &Stack,
    inventory: &Inventory,
    now: Timestamp,
    stays: &BTreeSet<TreePath>,
    moves: &dyn Fn(&Pair) -> bool,
) -> BTreeMap<PairId, Finding> {
    let stays: BTreeSet<Held> = stays.iter().cloned().map(Held::Trust).collect();
    let mut left: BTreeMap<PairId, Finding> = BTreeMap::new();
    if stays.is_empty() {
        return left;
    }
    for link in links(stack, inventory, &stays) {
        // Who took a copy of a server's own CA takes the new one as well.
        let copy = matches!(&link.trust.kind, OutputKind::Bundle { purpose, .. } if *purpose == Use::Issuer);
        let (false, true, Some(authority)) = (copy, moves(link.pair), link.pair.issuer()) else {
            continue;
        };
        let Some(held) = outputs::held(link.trust, inventory) else {
            continue;
        };
        let above = stack.issuers(authority).into_iter();
        let mut above = above.flat_map(|a| a.generations.iter().map(|g| &g.certificate));
        let is_known = above.any(|path| inventory.leaf(path).is_some_and(|ca| held.contains(ca)));
        let held: Vec<&Certificate> = held.iter().collect();
        let sent = inventory.certificates(&link.pair.files.certificate);
        if is_known || !accepts(&link, sent, &held, now) {
            continue;
        }
        let at = &link.pair.files.certificate;
        let finding = left.entry(link.pair.id.clone()).or_insert_with(|| {
            rule::EDGE_WOULD_BREAK
                .at(Locator::File(at.as_path().to_owned()))
                .found(format!(
                    "`{}` stays as it is, which does not vouch for what authority `{authority}` signs",
                    link.trust.path
                ))
                .fix("make room for that file first, then: pki apply")
        });
        finding.affects.push(link.who);
    }
    left
}

/// `held`: how many changes are held back together.
fn finding(link: &Link<'_>, change: &Held, held: usize) -> Finding {
    let (pair, trust) = (&link.pair.files.certificate, &link.trust.path);
    let (at, found) = match change {
        Held::Trust(path) => (
            path,
            format!("what the manifest wants in it does not vouch for `{pair}`"),
        ),
        Held::Pair(_) => (
            pair,
            format!("what its lineage holds is not vouched for by `{trust}`"),
        ),
    };
    rule::EDGE_WOULD_BREAK
        .at(Locator::File(at.as_path().to_owned()))
        .found(found)
        .affects(&link.who)
        .fix(match change {
            // Trust first, then what needs it.
            Held::Pair(_) if held == 1 => "pki apply".to_owned(),
            _ => format!(
                "trust the old CA beside the new one until `{pair}` is replaced, then: pki apply"
            ),
        })
}
