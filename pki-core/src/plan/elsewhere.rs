//! What a pair that is made elsewhere needs: to be delivered, where its lineage
//! holds another than the one that was.

use super::pair::stopped;
use super::{Action, Options, Plan, Step, Target};
use crate::inventory::Inventory;
use crate::lineage;
use crate::reason;
use crate::stack::{Lineage, Pair, Stack};

pub(super) fn plan(
    pair: &Pair,
    lineage: &Lineage,
    stack: &Stack,
    inventory: &Inventory,
    options: &Options<'_>,
    plan: &mut Plan,
) {
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
        plan.kept -= 1;
        plan.steps.push(Step {
            target: Target::Pair(pair.id.clone()),
            action: Action::Deliver,
            reasons,
        });
    }
}
