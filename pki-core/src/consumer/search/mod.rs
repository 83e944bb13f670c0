//! How a consumer looks for a chain: by trying everything, by one way only, or
//! by taking what was sent for a chain.

mod backtracking;
mod committed;
mod in_order;

pub(super) use backtracking::{
    Backtracking, End, Miss, Repeats, TargetAsAnchor, Verifies, as_given,
};
pub(super) use committed::{Committed, Outcomes};
pub(super) use in_order::InOrder;

use super::rule::{Rule, Stage, never};
use super::{Given, Refusal, Run};
use crate::cert::Certificate;

/// A way to search.
#[derive(Debug)]
pub(super) enum Search {
    /// Depth first.
    Backtracking(Backtracking),
    /// What was sent as it stands where that is a chain; else depth first.
    InOrder(InOrder, Backtracking),
    /// One issuer for each certificate, never taken back.
    Committed(Committed),
}

impl Search {
    /// Whether it asks [`Stage::Target`] itself.
    pub(super) const fn asks_target(&self) -> bool {
        matches!(self, Self::InOrder(..))
    }

    /// The path that is found, target first.
    pub(super) fn run<'a>(
        &self,
        run: &Run<'a>,
        given: &Given<'_, 'a>,
    ) -> Result<Vec<&'a Certificate>, Refusal> {
        match self {
            Self::Committed(how) => how.run(run, given.pool, given.anchors),
            Self::Backtracking(how) => how.run(run, given),
            Self::InOrder(first, then) => {
                if let Some(answer) = first.run(run, given.anchors) {
                    return answer;
                }
                let target = [run.asked.target];
                let asked = run.ask(Stage::Target, &run.seen(&target, 1));
                // The builder keeps to itself why.
                let untold = |refusal| Refusal {
                    text: first.no_path.refusal("").text,
                    ..refusal
                };
                asked.map_err(untold)?;
                then.run(run, given)
            }
        }
    }
}

/// A rule that stands for what a search itself finds.
pub(super) const fn outcome(id: &'static str, text: &'static str, source: &'static str) -> Rule {
    Rule::new(id, Stage::Search, text, source, never)
}
