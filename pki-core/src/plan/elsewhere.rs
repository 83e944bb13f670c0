//! What a pair that is made elsewhere needs: to be delivered, where its lineage
//! holds another than the one that was.

use super::pair::{Around, stopped, writes};
use super::{Action, Plan, Step, Target};
use crate::lineage;
use crate::reason;
use crate::stack::{Lineage, Pair};

pub(super) fn plan(pair: &Pair, lineage: &Lineage, around: &Around<'_>, plan: &mut Plan) {
    let (stack, inventory, options) = (around.stack, around.inventory, around.options);
    plan.kept += 1;
    if !options.scope.selects_service(&pair.id.service) {
        return;
    }
    if let Some(findings) = stopped(pair, stack, inventory) {
        plan.findings.extend(findings);
        return;
    }
    // A renewal too delivers what was not: nothing of it is decided here.
    let reasons = match lineage::delivery(pair, lineage, stack, inventory, options.now) {
        Ok(delivery) => reason::of_delivery(pair, &delivery, inventory),
        Err(finding) => {
            plan.findings
                .push(lineage::told(*finding, pair, inventory, options.now));
            return;
        }
    };
    if !reasons.is_empty() {
        let step = Step {
            target: Target::Pair(pair.id.clone()),
            action: Action::Deliver,
            reasons,
        };
        let writes = writes(pair, &step);
        plan.kept -= usize::from(plan.add(step, &writes, around.obstacles));
    }
}
