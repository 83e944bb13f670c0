//! What may be odd about a chain: one function each, which says in words what it
//! did. Some of it no client minds.

mod constraint;
mod encoding;
mod identifier;
mod issuer;
mod name;
mod pool;
mod signature;
mod usage;
mod validity;

use crate::keys::{Keys, Kind};
use crate::plan::Plan;
use crate::random::Random;

/// What faults are drawn from.
pub(crate) struct Draw<'a> {
    pub(crate) keys: &'a Keys,
    pub(crate) random: &'a mut Random,
}

impl Draw<'_> {
    /// Any certificate; the ends more often than the middle.
    fn level(&mut self, plan: &Plan) -> usize {
        match self.random.below(3) {
            0 => 0,
            1 => self.ca(plan),
            _ => self.random.below(plan.chain.len()),
        }
    }

    /// Any CA, the root too.
    fn ca(&mut self, plan: &Plan) -> usize {
        1 + self.random.below(plan.top())
    }

    /// Any CA between.
    fn between(&mut self, plan: &Plan) -> Option<usize> {
        let count = plan.top() - 1;
        (count > 0).then(|| 1 + self.random.below(count))
    }

    fn one_of<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        self.random.one_of(of)
    }

    /// A key that nobody in the chain has.
    fn other_key(&mut self, plan: &Plan) -> usize {
        loop {
            let key = self.keys.draw(Kind::P256, self.random);
            if plan.chain.iter().all(|draft| draft.key != key) {
                return key;
            }
        }
    }
}

/// Changes the plan and says how; `None` where it has not what it would change.
type Fault = fn(&mut Plan, &mut Draw<'_>) -> Option<String>;

/// Every theme has the same chance.
const THEMES: [&[Fault]; 9] = [
    validity::FAULTS,
    name::FAULTS,
    usage::FAULTS,
    identifier::FAULTS,
    issuer::FAULTS,
    pool::FAULTS,
    constraint::FAULTS,
    signature::FAULTS,
    encoding::FAULTS,
];

/// Puts so many faults into the plan.
pub(crate) fn put(count: usize, plan: &mut Plan, draw: &mut Draw<'_>) {
    while plan.faults.len() < count {
        let theme = *draw.one_of(&THEMES);
        let fault = *draw.one_of(theme);
        let said = fault(plan, draw);
        plan.faults.extend(said);
    }
}
