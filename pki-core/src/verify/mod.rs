//! The tree against the rules: what is wrong, for whom, and what to do. Pure.

mod around;
mod authority;
mod edge;
mod file;
mod ignored;
mod loose;
mod pair;
mod places;
mod trust;

pub use around::{BuildContext, FoundKey, Surroundings, Unseen};
pub use loose::{Loose, verify_files};

use places::Places;
use trust::Trust;

use crate::authority::{external_issuer, not_below};
use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::inventory::Inventory;
use crate::report::Report;
use crate::stack::{Authority, Stack};

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
        trust: Trust::new(stack, inventory),
    };
    around::judge(stack, inventory, around, &mut verdict.report);
    for authority in &stack.authorities {
        verdict.authorities += 1;
        verdict.certificates += authority.generations.len();
        judge.authority(authority, &mut verdict.report);
    }
    for service in stack.services.iter().filter(|s| !s.external) {
        verdict.services += 1;
        verdict.certificates += service.pairs.len();
        for pair in &service.pairs {
            judge.pair(pair, service, &mut verdict.report);
        }
    }
    for output in &stack.outputs {
        judge.output(output, &mut verdict.report);
    }
    judge.access(&mut verdict.report);
    let mut told = Places::new(&mut verdict.report);
    for edge in &stack.edges {
        verdict.edges += 1;
        if judge.edge(edge, &mut told) {
            verdict.good_edges += 1;
        }
    }
    verdict.report = verdict.report.sorted();
    verdict
}

/// What every rule looks at.
struct Judge<'a> {
    stack: &'a Stack,
    inventory: &'a Inventory,
    now: Timestamp,
    trust: Trust<'a>,
}

impl Judge<'_> {
    /// Whether an authority, or one above it, waits for its certificate from
    /// elsewhere: what it should sign cannot be there.
    fn is_waiting(&self, authority: &str) -> bool {
        self.stack.issuers(authority).into_iter().any(|above| {
            let signing = self.inventory.authority(self.stack, &above.name);
            signing.is_none() && external_issuer(above, self.stack).is_some()
        })
    }

    /// Whether an authority, or one above it, has no certificate that could
    /// vouch for anything: that is told there, and nothing follows from it.
    fn is_told(&self, authority: &str) -> bool {
        self.stack.issuers(authority).iter().any(|above| {
            let signing = self.inventory.authority(self.stack, &above.name);
            !signing.is_some_and(|ca| ca.is_ca() && !self.is_astray(above, ca))
        })
    }

    fn is_astray(&self, authority: &Authority, ca: &Certificate) -> bool {
        let place = authority.signing().map(|g| &g.certificate);
        place.is_some_and(|place| {
            not_below(authority, place, ca, self.stack, self.inventory).is_some()
        })
    }
}

/// The names of a certificate as a person writes them.
fn names(leaf: &Certificate) -> String {
    let names: Vec<String> = leaf
        .names()
        .iter()
        .map(|name| match name.to_san() {
            Some(san) => san.to_string(),
            None => name.to_string(),
        })
        .collect();
    if names.is_empty() {
        "no name".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
pub(crate) mod tests;
