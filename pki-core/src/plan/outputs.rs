//! Derived files, owners and modes, and what is left over.

use std::collections::BTreeSet;
use std::path::Path;

use super::pair::Around;
use super::{Action, Options, Owners, Plan, Reason, Step, Target};
use crate::inventory::Inventory;
use crate::model::path::TreePath;
use crate::outputs;
use crate::reason;
use crate::record::Content;
use crate::report::{Finding, Locator, Severity, rule};
use crate::stack::{AUTHORITIES, Access, OutputKind, Pair, Stack};
use crate::store::HOME;

pub(super) fn plan(around: &Around<'_>, plan: &mut Plan) {
    let &Around {
        stack,
        inventory,
        options,
        fresh,
        obstacles,
    } = around;
    for output in &stack.outputs {
        let selected = output
            .service
            .as_ref()
            .is_none_or(|s| options.scope.selects_service(s));
        let authorities = output.kind.authorities();
        if authorities.iter().any(|a| fresh.broken.contains(a)) {
            // Told at the authority; what there is would end up in trust files.
            continue;
        }
        let renewed = authorities
            .iter()
            .find(|a| fresh.pending.reissued.contains(a));
        let reason = if inventory.is_missing(&output.path) {
            Reason::Missing(output.path.file_name())
        } else if let Some(authority) = renewed {
            Reason::Stale(format!("authority {authority} has a new certificate"))
        } else if outputs::is_current(output, stack, inventory) {
            continue;
        } else {
            Reason::Stale(match output.kind {
                OutputKind::Text(_) => "another text".to_owned(),
                _ => "other CA certificates than its edges need".to_owned(),
            })
        };
        let due_only = options.scope.is_due_only() && renewed.is_none();
        // Never with less than it should hold: what stands there may have it.
        let possible = outputs::missing(output, stack, inventory)
            .all(|authority| fresh.pending.reissued.contains(authority));
        if !(selected || renewed.is_some()) || due_only || !possible {
            continue;
        }
        if inventory.in_the_way(&output.path).is_some() {
            plan.findings.extend(stuck(&output.path, inventory));
        } else {
            let step = Step {
                target: Target::Output(output.path.clone()),
                action: Action::Write,
                reasons: vec![reason],
            };
            plan.add(step, &[&output.path], obstacles);
        }
    }
    if !options.scope.is_due_only() {
        strangers(stack, inventory, options, plan);
        access(stack, inventory, options, plan);
    }
}

/// What stands where a derived file belongs and is not replaced; one above it is
/// told for all at once.
fn stuck(path: &TreePath, inventory: &Inventory) -> Option<Finding> {
    let own = inventory.barred(path).is_none();
    own.then(|| Finding {
        severity: Severity::Error,
        ..rule::OUTPUT_STALE
            .at(Locator::File(path.as_path().to_owned()))
            .found(inventory.unusable(path))
            .fix(reason::anew(path, inventory))
    })
}

/// Owners and groups that this machine does not have: nothing can be given to
/// them. Who is not root gives nothing away.
fn strangers(stack: &Stack, inventory: &Inventory, options: &Options<'_>, plan: &mut Plan) {
    let accounts = inventory.accounts();
    let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (path, access, service) in stack.accesses() {
        let owner = access
            .owner
            .as_deref()
            .filter(|o| accounts.user(o).is_none());
        let group = access
            .group
            .as_deref()
            .filter(|g| accounts.group(g).is_none());
        let unknown = [("user", owner), ("group", group)];
        for (kind, name) in unknown.into_iter().filter_map(|(k, n)| Some((k, n?))) {
            if !told.insert((kind, name))
                || !service.is_none_or(|s| options.scope.selects_service(s))
            {
                continue;
            }
            let mut finding = rule::OWNER_UNKNOWN
                .at(Locator::File(path.as_path().to_owned()))
                .found(format!("no {kind} `{name}` on this machine"))
                .fix(format!("create the {kind}, or name another in pki.toml"));
            if options.owners == Owners::Report {
                finding.severity = Severity::Warning;
            }
            plan.findings.push(finding);
        }
    }
}

fn access(stack: &Stack, inventory: &Inventory, options: &Options<'_>, plan: &mut Plan) {
    let touched = plan.written(stack);
    let foreign = reason::foreign_files(stack, inventory);
    for (path, access, service) in stack.accesses() {
        if touched.contains(path)
            || foreign.contains(path.as_path())
            || !service.is_none_or(|s| options.scope.selects_service(s))
        {
            continue;
        }
        let Some(item) = inventory.item(path) else {
            continue;
        };
        let record = &item.record;
        if record.bytes().is_none() {
            continue;
        }
        let group_set = !inventory
            .accounts()
            .differ(record, None, access.group.as_deref());
        let mode = access.mode_with(options.owners == Owners::Set || group_set);
        let mode_differs = record.mode != mode;
        let owner_differs = options.owners == Owners::Set
            && inventory.accounts().differ(
                record,
                access.owner.as_deref(),
                access.group.as_deref(),
            );
        let is_key = inventory.key(path).is_some();
        let let_in = record.granted.first().filter(|_| is_key);
        if !mode_differs && !owner_differs && let_in.is_none() {
            continue;
        }
        let wanted = Access {
            mode,
            ..access.clone()
        };
        let owners = inventory.accounts().names(record.uid, record.gid);
        let let_in = let_in.map_or_else(String::new, |who| format!(", and {who}"));
        let reason = Reason::Access {
            found: format!("{:04o} {owners}{let_in}", record.mode),
            wanted: wanted.to_string(),
        };
        if let Some(finding) = reason::hard_link(path, inventory) {
            plan.findings.push(Finding {
                severity: Severity::Error,
                affects: vec![format!("{reason}: not set")],
                fix: finding.fix.map(|fix| format!("{fix} && pki apply")),
                ..finding
            });
            continue;
        }
        plan.steps.push(Step {
            target: Target::Access(path.clone()),
            action: Action::SetAccess(access.clone()),
            reasons: vec![reason],
        });
    }
}

/// Files that were delivered once, are still there, and that the manifest no
/// longer names; never one that no delivery writes, whatever the state says.
pub fn leftovers(stack: &Stack, inventory: &Inventory, delivered: &[TreePath]) -> Vec<TreePath> {
    let mut named: BTreeSet<TreePath> = crate::inventory::paths(stack).into_iter().collect();
    for lineage in stack.pairs().filter_map(Pair::lineage) {
        named.extend([lineage.certificate.clone(), lineage.key.clone()]);
    }
    // A folder is not what was delivered, nor is what lies beyond a link.
    let is_file = |path: &TreePath| {
        let item = inventory.item(path);
        item.is_some_and(|i| !matches!(i.record.content, Content::Folder | Content::Missing))
            && inventory.barred(path).is_none()
    };
    let left = |path: &&TreePath| !named.contains(path) && is_file(path) && !is_kept(path);
    delivered.iter().filter(left).cloned().collect()
}

/// The manifest, what pki keeps for itself, and the CAs.
fn is_kept(path: &TreePath) -> bool {
    let path = path.as_path();
    path == Path::new("pki.toml") || path.starts_with(HOME) || path.starts_with(AUTHORITIES)
}
