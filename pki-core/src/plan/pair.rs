//! What a pair needs.

use super::{Action, Fresh, Obstacles, Options, Plan, Reason, Step, Target};
use crate::authority::only_copy_in;
use crate::inventory::Inventory;
use crate::model::path::TreePath;
use crate::reason;
use crate::record::Content;
use crate::renew::not_yet_valid;
use crate::report::{Finding, Locator, Severity, rule};
use crate::stack::{Pair, Rekey, Stack};

/// What each pair is planned from.
pub(super) struct Around<'a> {
    pub(super) stack: &'a Stack,
    pub(super) inventory: &'a Inventory,
    pub(super) options: &'a Options<'a>,
    pub(super) fresh: &'a Fresh,
    pub(super) obstacles: &'a Obstacles,
}

/// Why a pair needs something, where it is asked about: the costly part.
pub(super) fn reasons(pair: &Pair, authority: &str, around: &Around<'_>) -> Vec<Reason> {
    let options = around.options;
    if !options.scope.selects_service(&pair.id.service) {
        return Vec::new();
    }
    let (stack, inventory, pending) = (around.stack, around.inventory, &around.fresh.pending);
    reason::of_pair(pair, authority, stack, inventory, options.now, pending)
}

/// Adds what is done for a pair with these [`reasons`].
pub(super) fn plan(
    pair: &Pair,
    authority: &str,
    mut reasons: Vec<Reason>,
    around: &Around<'_>,
    plan: &mut Plan,
) {
    let &Around {
        stack,
        inventory,
        options,
        fresh,
        obstacles,
    } = around;
    let above = stack.issuers(authority);
    if above.iter().any(|a| fresh.broken.contains(&a.name)) {
        // Told at the authority; nothing can be signed before that is mended.
        plan.kept += 1;
        return;
    }
    let selected = options.scope.selects_service(&pair.id.service);
    if let Some(findings) = stopped(pair, stack, inventory) {
        plan.findings
            .extend(findings.into_iter().filter(|_| selected));
        plan.kept += 1;
        return;
    }
    if selected && options.force {
        reasons.push(Reason::Forced);
    }
    let mut left = Vec::new();
    if options.scope.is_due_only() {
        // Who names it knows that the clock is right.
        let is_named = options.scope.renews_service(&pair.id.service);
        (reasons, left) = reasons.into_iter().partition(|r| match r {
            Reason::Due { .. } | Reason::Expired(_) | Reason::Forced => true,
            Reason::NotYetValid { .. } => is_named,
            _ => false,
        });
        if left.iter().any(|r| matches!(r, Reason::Issuer(_))) {
            // A renewal signs as before or not at all: nobody trusts the CA that
            // the manifest names by now, for trust files are not written here.
            let told = differs(pair, &left).filter(|_| !reasons.is_empty());
            plan.findings.extend(told.map(|finding| Finding {
                severity: Severity::Error,
                affects: vec![format!("{} is not renewed", pair.id)],
                ..finding
            }));
            plan.kept += 1;
            return;
        }
    }
    let early = left.iter().find_map(|reason| match reason {
        Reason::NotYetValid { from, now } => Some((*from, *now)),
        _ => None,
    });
    if let (Some((from, now)), true) = (early, reasons.is_empty()) {
        let at = Locator::File(pair.files.certificate.as_path().to_owned());
        plan.findings
            .push(not_yet_valid(at, from, now, "pki apply"));
    }
    if reasons.is_empty() {
        // Whoever asked, and for what: what derives from a new CA follows it.
        reasons.extend(follows(pair, authority, stack, inventory, fresh));
    }
    if reasons.is_empty() {
        plan.kept += 1;
        return;
    }
    // What cannot be said of a certificate is not kept either.
    let keeps = inventory
        .leaf(&pair.files.certificate)
        .and_then(reason::kept)
        .is_some();
    plan.findings.extend(differs(pair, &left).filter(|_| keeps));
    // The key of somebody else is not what a renewal keeps.
    let mismatch = left.contains(&Reason::KeyMismatch);
    let action = match action(pair, inventory, options, &reasons) {
        Action::Renew if mismatch => Action::Rekey,
        Action::Rewrite if !keeps => Action::Renew,
        action => action,
    };
    if let (true, Some(why)) = (action != Action::Rewrite, fresh.keyless.get(authority)) {
        plan.blocked(why, &pair.files.certificate.to_string());
        plan.kept += 1;
        return;
    }
    let step = Step {
        target: Target::Pair(pair.id.clone()),
        action,
        reasons,
    };
    let writes = writes(pair, &step);
    plan.kept += usize::from(!plan.add(step, &writes, obstacles));
}

/// The files that a step writes of a pair.
pub(super) fn writes<'a>(pair: &'a Pair, step: &Step) -> Vec<&'a TreePath> {
    let files = &pair.files;
    let form = |reason: &Reason| matches!(reason, Reason::KeyForm(_));
    let key =
        step.action.needs_key() || step.action == Action::Deliver || step.reasons.iter().any(form);
    let mut writes = vec![&files.certificate];
    writes.extend(&files.chain);
    writes.extend(key.then_some(&files.key));
    writes
}

/// What keeps a pair from being replaced. A key that would be lost. Something in the way of a file; of one
/// above it nothing is said here, it is told for all at once. And a file that
/// one may not read: it may be good.
pub(super) fn stopped(pair: &Pair, stack: &Stack, inventory: &Inventory) -> Option<Vec<Finding>> {
    let files = &pair.files;
    let kept = only_copy_in(pair, stack, inventory);
    if let Some(finding) = kept.or_else(|| reason::foreign(pair, stack, inventory)) {
        return Some(vec![finding]);
    }
    let stopped = |path: &&TreePath| {
        let item = inventory.item(path);
        let unreadable = item.is_some_and(|i| matches!(i.record.content, Content::Unreadable(_)));
        unreadable || inventory.in_the_way(path).is_some()
    };
    let stopped: Vec<&TreePath> = reason::files(pair).filter(stopped).collect();
    let own = stopped.iter().filter(|p| inventory.barred(p).is_none());
    let findings = own.map(|path| {
        let rule = if **path == files.certificate {
            rule::CERTIFICATE_UNREADABLE
        } else if **path == files.key {
            rule::KEY_UNREADABLE
        } else {
            rule::OUTPUT_STALE
        };
        Finding {
            severity: Severity::Error,
            ..rule
                .at(Locator::File(path.as_path().to_owned()))
                .found(inventory.unusable(path))
                .fix(reason::anew(path, inventory))
        }
    });
    (!stopped.is_empty()).then(|| findings.collect())
}

/// What a renewal leaves as it is, though the manifest says otherwise.
fn differs(pair: &Pair, left: &[Reason]) -> Option<Finding> {
    let texts: Vec<String> = left
        .iter()
        .filter(|reason| {
            matches!(
                reason,
                Reason::Names { .. }
                    | Reason::Profile(_)
                    | Reason::KeyAlgorithm { .. }
                    | Reason::Issuer(_)
            )
        })
        .map(ToString::to_string)
        .collect();
    (!texts.is_empty()).then(|| {
        rule::MANIFEST_DIFFERS
            .at(Locator::File(pair.files.certificate.as_path().to_owned()))
            .found(texts.join("; "))
            .fix("pki apply")
    })
}

fn action(pair: &Pair, inventory: &Inventory, options: &Options<'_>, reasons: &[Reason]) -> Action {
    let nothing_there =
        inventory.is_missing(&pair.files.certificate) && inventory.is_missing(&pair.files.key);
    if nothing_there {
        return Action::Create;
    }
    let key_lost = inventory.public_key(&pair.files.key).is_none();
    let key_changed = reasons
        .iter()
        .any(|r| matches!(r, Reason::KeyMismatch | Reason::KeyAlgorithm { .. }));
    let leaf = inventory.leaf(&pair.files.certificate);
    // Another CA's certificate that was not made here: nor was its key, and who
    // made it may have it still.
    let from_elsewhere = leaf.is_some_and(|leaf| !inventory.issued().contains(leaf))
        && reasons.iter().any(|r| matches!(r, Reason::Issuer(_)));
    if key_lost || key_changed || from_elsewhere || options.rekey {
        return Action::Rekey;
    }
    let rewritten = |r: &Reason| matches!(r, Reason::Chain(_) | Reason::KeyForm(_));
    // What stands now does not hold in any file.
    let holds = leaf.is_some_and(|leaf| leaf.validity().contains(options.now));
    if reasons.iter().all(rewritten) && holds {
        return Action::Rewrite;
    }
    let old = match pair.rekey {
        Rekey::Never => false,
        Rekey::Always => true,
        Rekey::Every(span) => leaf.is_some_and(|leaf| {
            let since = inventory
                .issued()
                .key_since(leaf)
                .unwrap_or(leaf.validity().not_before);
            since.plus_seconds(span.seconds()) <= options.now
        }),
    };
    if old { Action::Rekey } else { Action::Renew }
}

/// What the steps for authorities make of a pair that is there.
fn follows(
    pair: &Pair,
    authority: &str,
    stack: &Stack,
    inventory: &Inventory,
    fresh: &Fresh,
) -> Option<Reason> {
    let leaf = inventory.leaf(&pair.files.certificate)?;
    if inventory.public_key(&pair.files.key)? != leaf.public_key() {
        return None;
    }
    let other = reason::of_issuer(authority, leaf, stack, inventory, &fresh.pending);
    if other.is_some() {
        // What another CA signed does not follow this one, unless that is new.
        let is_new = fresh.pending.rekeyed.iter().any(|new| new == authority);
        return other.filter(|_| is_new);
    }
    reason::of_those_above(authority, stack, &fresh.pending)
}
