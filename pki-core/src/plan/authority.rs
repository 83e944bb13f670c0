//! What an authority needs.

use super::{Action, Fresh, Options, Plan, Reason, Step, Target};
use crate::authority::{
    Standing, asks_otherwise, differs, external_issuer, not_below, other_profile, renewal, waiting,
    waiting_for_profile,
};
use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::inventory::Inventory;
use crate::model::path::TreePath;
use crate::renew::{Due, due, not_yet_valid};
use crate::report::{Finding, Locator, Severity, rule};
use crate::stack::{Authority, Generation, Origin, Stack};

pub(super) fn plan(
    authority: &Authority,
    stack: &Stack,
    inventory: &Inventory,
    options: &Options<'_>,
    fresh: &mut Fresh,
    plan: &mut Plan,
) {
    let Some(generation) = authority.current() else {
        return;
    };
    let place = &generation.certificate;
    let judged = match Standing::of(authority, generation, stack, inventory) {
        Standing::Broken(finding) => Judged::Broken(finding),
        Standing::Waiting(finding) => {
            request(authority, generation, None, inventory, options, plan);
            Judged::Broken(finding)
        }
        Standing::New => Judged::Step(
            Action::Create,
            Reason::Missing(format!("authority {}", authority.name)),
        ),
        Standing::Sound(_) if generation.key.is_none() => return,
        Standing::Sound(ca) => judge(authority, generation, ca, stack, inventory, options, fresh),
        Standing::Keyless(ca, finding) => {
            fresh.keyless.insert(authority.name.clone(), *finding);
            judge(authority, generation, ca, stack, inventory, options, fresh)
        }
    };
    let judged = match (judged, external_issuer(authority, stack)) {
        // One that is due still signs until it is replaced.
        (Judged::Step(_, reason), Some(issuer)) => {
            let ca = inventory.leaf(place);
            request(authority, generation, ca, inventory, options, plan);
            let mut finding = to_ask(authority, issuer, generation, stack, inventory, &reason);
            if matches!(reason, Reason::Due { .. }) {
                finding.severity = Severity::Warning;
                Judged::Noted(finding.into())
            } else {
                Judged::Broken(finding.into())
            }
        }
        (judged, _) => judged,
    };
    let (action, mut reasons) = match judged {
        Judged::Kept => (Action::Renew, Vec::new()),
        Judged::Noted(finding) => {
            plan.findings.push(*finding);
            (Action::Renew, Vec::new())
        }
        Judged::Step(action, reason) => (action, vec![reason]),
        Judged::Broken(finding) => {
            plan.findings.push(*finding);
            fresh.broken.push(authority.name.clone());
            return;
        }
    };
    // Told above; nothing can be signed before that is mended.
    let mut above = stack.issuers(&authority.name).into_iter().skip(1);
    if above.any(|a| fresh.broken.contains(&a.name)) {
        plan.kept += 1;
        return;
    }
    let selected = options.scope.selects_authority(&authority.name);
    let named = options.scope.names_authority(&authority.name);
    // `--force` alone means the leaves: an authority is re-issued only when named.
    let ours = inventory
        .leaf(&generation.certificate)
        .is_some_and(|ca| inventory.issued().contains(ca));
    if reasons.is_empty() && named && options.force && ours {
        reasons.push(Reason::Forced);
    }
    if options.scope.is_due_only() {
        reasons.retain(|r| {
            matches!(
                r,
                Reason::Due { .. }
                    | Reason::Expired(_)
                    | Reason::NotYetValid { .. }
                    | Reason::Forced
                    | Reason::Issuer(_)
            )
        });
    }
    // What an authority lacks is made whoever asked: without it nothing below works.
    if reasons.is_empty() || (!selected && action != Action::Create) {
        plan.kept += 1;
        return;
    }
    if let Some(finding) = fresh.unsigned(authority, &action) {
        plan.blocked(finding, &format!("authority {}", authority.name));
        plan.kept += 1;
        if action == Action::Create || reasons.iter().any(|r| matches!(r, Reason::Expired(_))) {
            fresh.broken.push(authority.name.clone());
        }
        return;
    }
    if action.needs_key() {
        fresh.pending.rekeyed.push(authority.name.clone());
    }
    fresh.pending.reissued.push(authority.name.clone());
    plan.steps.push(Step {
        target: Target::Authority(authority.name.clone()),
        action,
        reasons,
    });
}

/// What is to be asked of a CA elsewhere, and why.
fn to_ask(
    authority: &Authority,
    issuer: &Authority,
    generation: &Generation,
    stack: &Stack,
    inventory: &Inventory,
    reason: &Reason,
) -> Finding {
    let ca = inventory.leaf(&generation.certificate);
    let told = ca.and_then(|ca| match reason {
        Reason::Issuer(_) => {
            let not = not_below(authority, generation, ca, stack, inventory)?;
            Some(not.finding)
        }
        Reason::Profile(_) => {
            let other = other_profile(authority, ca)?;
            Some(waiting_for_profile(
                authority, issuer, generation, ca, &other, inventory,
            ))
        }
        _ => None,
    });
    told.unwrap_or_else(|| waiting(authority, issuer, generation, inventory, reason.to_string()))
}

/// The request for a CA elsewhere, where it is not there or not the right one.
fn request(
    authority: &Authority,
    generation: &Generation,
    ca: Option<&Certificate>,
    inventory: &Inventory,
    options: &Options<'_>,
    plan: &mut Plan,
) {
    let (Some(path), Some(file)) = (&authority.request, &generation.key) else {
        return;
    };
    let new_key = inventory.is_missing(file);
    let reason = match inventory.request(path) {
        None if inventory.is_missing(path) => Reason::Missing(path.file_name()),
        None => Reason::Unusable(inventory.unusable(path)),
        // It was sent, perhaps: its key is not made anew without a word.
        Some(_) if new_key => return,
        Some(found) => {
            // Whatever certificate came, it asks for the name that is to be.
            let there = inventory.leaf(&generation.certificate);
            let there = there
                .filter(|there| there.is_ca())
                .map(Certificate::subject);
            let is_ours = ca.is_none() && *found.subject() == authority.subject;
            let key = ca.map(Certificate::public_key);
            let key = key.or_else(|| inventory.public_key(file));
            if !is_ours && there != Some(found.subject()) {
                Reason::Stale(format!("{path} asks for {}", found.subject()))
            } else if let Some(profile) = asks_otherwise(authority, &found) {
                Reason::Stale(format!("{path} asks for another profile: {profile}"))
            } else if key.is_some_and(|key| key != found.public_key()) {
                Reason::Stale(format!("{path} is for another key"))
            } else {
                return;
            }
        }
    };
    if options.scope.selects_authority(&authority.name) && (ca.is_none() || !new_key) {
        plan.steps.push(Step {
            target: Target::Authority(authority.name.clone()),
            action: Action::Request { new_key },
            reasons: vec![reason],
        });
    }
}

enum Judged {
    /// Kept as it is, and something is to be said.
    Noted(Box<Finding>),
    Kept,
    Step(Action, Reason),
    Broken(Box<Finding>),
}

/// A company's CA keeps the certificate it came with: only who made it knows
/// what belongs in the next one.
fn foreign(
    authority: &Authority,
    place: &TreePath,
    ca: &Certificate,
    stack: &Stack,
    inventory: &Inventory,
    options: &Options<'_>,
) -> Judged {
    let state = due(ca.validity(), authority.renew, None, options.now);
    let at = Locator::File(place.as_path().to_owned());
    let mut finding = rule::AUTHORITY_FOREIGN
        .at(at.clone())
        .found(format!("valid until {}", ca.validity().not_after))
        .fix(format!(
            "renew it where it was made, then put it at `{place}`"
        ));
    match state {
        Due::Fresh { .. } if !options.scope.names_authority(&authority.name) => Judged::Kept,
        Due::Fresh { .. } => {
            if options.force {
                finding.severity = Severity::Error;
            }
            Judged::Noted(finding.into())
        }
        Due::NotYet { from } => early(authority, place, ca, from, stack, inventory, options),
        Due::Due { .. } => Judged::Noted(finding.into()),
        // One that still holds signs; one that does not stops what is below it.
        Due::Expired { .. } => {
            finding.severity = Severity::Error;
            Judged::Broken(finding.into())
        }
    }
}

/// One that has not begun. A clock that runs behind must not replace a CA.
fn early(
    authority: &Authority,
    place: &TreePath,
    ca: &Certificate,
    from: Timestamp,
    stack: &Stack,
    inventory: &Inventory,
    options: &Options<'_>,
) -> Judged {
    let anew = renewal(authority, place, ca, stack, inventory, options.now);
    let at = Locator::File(place.as_path().to_owned());
    Judged::Broken(not_yet_valid(at, from, options.now, &anew).into())
}

/// The life of a CA that is there, who signed it, and what it may vouch for.
fn judge(
    authority: &Authority,
    generation: &Generation,
    ca: &Certificate,
    stack: &Stack,
    inventory: &Inventory,
    options: &Options<'_>,
    fresh: &Fresh,
) -> Judged {
    let place = &generation.certificate;
    let is_foreign =
        !inventory.issued().contains(ca) && external_issuer(authority, stack).is_none();
    if let Origin::Issuer(issuer) = &authority.origin
        && !is_foreign
        && fresh.pending.rekeyed.contains(issuer)
    {
        let why = format!("authority {issuer} is new");
        return Judged::Step(Action::Renew, Reason::Issuer(why));
    }
    match not_below(authority, generation, ca, stack, inventory) {
        Some(not) if not.mends => return Judged::Step(Action::Renew, Reason::Issuer(not.why)),
        Some(not) => return Judged::Broken(not.finding.into()),
        None if is_foreign => return foreign(authority, place, ca, stack, inventory, options),
        None => {}
    }
    let extended = match &authority.origin {
        Origin::Issuer(issuer) => fresh.pending.reissued.contains(issuer),
        _ => false,
    };
    match due(
        ca.validity(),
        authority.renew,
        // What ended with its issuer need not, once that one has a new end.
        inventory.issuer_end(stack, authority).filter(|_| !extended),
        options.now,
    ) {
        Due::Fresh { .. } => match (
            other_profile(authority, ca),
            differs(authority, place, ca, inventory),
        ) {
            (Some(profile), _) => Judged::Step(Action::Renew, Reason::Profile(profile.to_string())),
            (None, Some(finding)) => Judged::Noted(finding.into()),
            (None, None) => Judged::Kept,
        },
        Due::Due { since } => Judged::Step(
            Action::Renew,
            Reason::Due {
                since,
                end: ca.validity().not_after,
            },
        ),
        Due::Expired { since } => Judged::Step(Action::Renew, Reason::Expired(since)),
        // Who names it knows that the clock is right.
        Due::NotYet { from } if options.scope.renews_authority(&authority.name) => {
            let now = options.now;
            Judged::Step(Action::Renew, Reason::NotYetValid { from, now })
        }
        Due::NotYet { from } => early(authority, place, ca, from, stack, inventory, options),
    }
}
