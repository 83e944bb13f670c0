//! The tree against the rules: what is wrong, for whom, and what to do. Pure.

mod around;
mod authority;
pub mod client_rules;
mod clients;
mod edge;
mod elsewhere;
mod file;
mod handshake;
mod heard;
mod ignored;
mod loose;
mod material;
mod pair;
mod places;
pub mod reference;
mod trust;
mod untold;
mod why;

pub use around::{BuildContext, FoundKey, Surroundings, Unseen};
pub use clients::{Answer, Answers, Question, verify_as};
pub use loose::{GivenCrl, Loose, STDIN, verify_files};
pub use untold::key_untold;
pub use why::Explained;

use places::Places;
use trust::Trust;
use why::Why;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::authority::{Standing, external_issuer, not_below, other_profile};
use crate::cert::Certificate;
use crate::chain;
use crate::clock::Timestamp;
use crate::inventory::{Inventory, shown_names};
use crate::lineage;
use crate::model::path::TreePath;
use crate::outputs;
use crate::parallel;
use crate::reason::{self, Pending};
use crate::regression::{self, Held};
use crate::report::guide::{self, Says};
use crate::report::{Finding, Report};
use crate::stack::{Authority, Dials, Maker, Output, Pair, Service, Stack};

/// What was judged and how.
#[derive(Debug, Default)]
pub struct Verdict {
    /// The findings.
    pub report: Report,
    /// How many authorities were judged.
    pub authorities: usize,
    /// How many services were judged.
    pub services: usize,
    /// How many certificates were judged.
    pub certificates: usize,
    /// How many edges were judged.
    pub edges: usize,
    /// How many of them work.
    pub good_edges: usize,
    /// Why each chain that does not hold was refused, whole; by place.
    pub explanations: Vec<Explained>,
    /// How many refused chains are left out of [`Self::explanations`].
    pub explanations_left_out: usize,
}

/// Judges the whole tree.
pub fn verify(
    stack: &Stack,
    inventory: &Inventory,
    around: &Surroundings,
    now: Timestamp,
) -> Verdict {
    let mut verdict = Verdict::default();
    let judge = Judge {
        stack,
        inventory,
        now,
        dials: Dials::of(stack),
        trust: Trust::new(stack, inventory),
        told: broken(stack, inventory),
        stale: HashSet::new(),
        held: BTreeMap::new(),
        why: Why::default(),
    };
    let judge = judge.with_stale();
    around::judge(stack, inventory, around, &mut verdict.report);
    verdict
        .report
        .extend(reason::barred(stack, inventory, |_| true));
    for authority in &stack.authorities {
        verdict.authorities += 1;
        verdict.certificates += authority.generations.len();
        judge.authority(authority, &mut verdict.report);
    }
    let services: Vec<_> = stack.services.iter().filter(|s| !s.external).collect();
    let pairs = services
        .iter()
        .flat_map(|s| s.pairs.iter().map(|p| (p, *s)));
    let pairs: Vec<(&Pair, &Service)> = pairs.collect();
    verdict.services += services.len();
    verdict.certificates += pairs.len();
    let told = parallel::in_runs(&pairs, |run| {
        let mut report = Report::default();
        for (pair, service) in run {
            match &pair.maker {
                Maker::Authority(authority) => judge.pair(pair, authority, service, &mut report),
                Maker::Elsewhere(lineage) => judge.delivered(pair, lineage, service, &mut report),
            }
        }
        report.into_findings()
    });
    verdict.report.extend(told);
    let told = parallel::in_runs(&stack.outputs, |run| {
        let mut report = Report::default();
        for output in run {
            judge.output(output, &mut report);
        }
        report.into_findings()
    });
    verdict.report.extend(told);
    judge.access(&mut verdict.report);
    let mut told = Places::new(&mut verdict.report);
    for edge in &stack.edges {
        verdict.edges += 1;
        if judge.edge(edge, &mut told) {
            verdict.good_edges += 1;
        }
    }
    name_others(&mut verdict.report);
    verdict.report = verdict.report.sorted();
    (verdict.explanations, verdict.explanations_left_out) = judge.why.told();
    verdict
}

/// Says of what no client of the tree refuses which clients would.
fn name_others(report: &mut Report) {
    for number in 0..report.findings().len() {
        let Some(finding) = report.get_mut(number) else {
            continue;
        };
        let guide = guide::find(finding.rule).filter(|_| finding.affects.is_empty());
        let check = chain::find_check(finding.rule);
        if let (Some(guide), Some(_)) = (guide, check)
            && guide.clients.iter().any(|(_, says)| *says == Says::Accepts)
        {
            finding.affects = guide.hurts();
        }
    }
}

/// What every rule looks at.
struct Judge<'a> {
    stack: &'a Stack,
    inventory: &'a Inventory,
    now: Timestamp,
    dials: Dials<'a>,
    trust: Trust<'a>,
    /// Authorities that cannot vouch for anything.
    told: BTreeSet<&'a str>,
    /// Derived files that do not hold what they should.
    stale: HashSet<&'a TreePath>,
    /// What `apply` holds back, and why.
    held: BTreeMap<Held, Finding>,
    /// Why chains are refused.
    why: Why,
}

impl Judge<'_> {
    /// Looks at every derived file once, and at what may not be written.
    fn with_stale(mut self) -> Self {
        let (stack, inventory, now) = (self.stack, self.inventory, self.now);
        let is_stale = |output: &Output| {
            !inventory.is_missing(&output.path)
                && self.rests_on_told(output).is_none()
                && !outputs::is_current(output, stack, inventory)
        };
        let waits = |pair: &&Pair| {
            pair.lineage().is_some_and(|lineage| {
                let delivery = lineage::delivery(pair, lineage, stack, inventory, now);
                delivery.is_ok_and(|d| !reason::of_delivery(pair, &d, inventory).is_empty())
            })
        };
        let stale = parallel::filter(&stack.outputs, is_stale).into_iter();
        let stale: HashSet<&TreePath> = stale.map(|output| &output.path).collect();
        let waiting = stack.pairs().filter(waits);
        let changes = stale
            .iter()
            .map(|path| Held::Trust((*path).clone()))
            .chain(waiting.map(|pair| Held::Pair(pair.id.clone())));
        let pending = Pending::default();
        let is_anew = |pair: &Pair| {
            pair.issuer().is_some_and(|issuer| {
                let reasons = reason::of_pair(pair, issuer, stack, inventory, now, &pending);
                !self.is_told(issuer) && !reasons.is_empty() && self.kept(pair).is_none()
            })
        };
        let held = regression::held_back(stack, inventory, now, changes.collect(), &is_anew);
        self.held = held.into_iter().collect();
        self.stale = stale;
        self
    }

    /// Whether an authority, or one above it, cannot vouch for anything: that
    /// is told there, and nothing follows from it.
    fn is_told(&self, authority: &str) -> bool {
        let mut above = self.stack.issuers(authority).into_iter();
        above.any(|a| self.told.contains(a.name.as_str()))
    }
}

impl Judge<'_> {
    /// As [`Self::is_told`], or nothing can be signed before a CA elsewhere has
    /// signed one of them as the manifest says: what it signed works.
    fn is_held(&self, authority: &str) -> bool {
        let is_other = |a: &Authority| {
            let ca = self.inventory.authority(self.stack, &a.name);
            external_issuer(a, self.stack).is_some()
                && ca.is_some_and(|ca| other_profile(a, ca).is_some())
        };
        let above = self.stack.issuers(authority);
        self.is_told(authority) || above.into_iter().any(is_other)
    }
}

/// The authorities that cannot vouch for anything.
fn broken<'a>(stack: &'a Stack, inventory: &Inventory) -> BTreeSet<&'a str> {
    let vouches = |authority: &&Authority| {
        let generation = authority.current();
        generation.is_some_and(|g| match Standing::of(authority, g, stack, inventory) {
            Standing::Sound(ca) | Standing::Keyless(ca, _) => {
                not_below(authority, g, ca, stack, inventory).is_none()
            }
            _ => false,
        })
    };
    let authorities = stack.authorities.iter().filter(|a| !vouches(a));
    authorities.map(|a| a.name.as_str()).collect()
}

/// The names of a certificate in one text.
fn names(leaf: &Certificate) -> String {
    let names = shown_names(leaf);
    if names.is_empty() {
        "no name".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
pub(crate) mod tests;
