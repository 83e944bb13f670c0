//! What an authority needs.

use super::{Action, Fresh, Options, Plan, Reason, Step, Target};
use crate::authority::{Standing, differs, external_issuer, not_below, waiting};
use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::inventory::Inventory;
use crate::model::path::TreePath;
use crate::model::san::{GeneralName, permitted_forms};
use crate::renew::{Due, due};
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
        Standing::Sound(ca) => judge(authority, place, ca, stack, inventory, options, fresh),
        Standing::Keyless(ca, finding) => {
            fresh.keyless.insert(authority.name.clone(), *finding);
            judge(authority, place, ca, stack, inventory, options, fresh)
        }
    };
    let judged = match (judged, external_issuer(authority, stack)) {
        // One that is due still signs until it is replaced.
        (Judged::Step(_, reason), Some(issuer)) => {
            let ca = inventory.leaf(place);
            request(authority, generation, ca, inventory, options, plan);
            let mut finding = waiting(authority, issuer, generation, inventory, reason.to_string());
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
                Reason::Due { .. } | Reason::Expired(_) | Reason::Forced | Reason::Issuer(_)
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
            let subject = ca.map_or(&authority.subject, Certificate::subject);
            let key = ca.map(Certificate::public_key);
            let key = key.or_else(|| inventory.public_key(file));
            if found.subject() != subject {
                Reason::Stale(format!("{path} asks for {}", found.subject()))
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
    options: &Options<'_>,
) -> Judged {
    let state = due(ca.validity(), authority.renew, None, options.now);
    let mut finding = rule::AUTHORITY_FOREIGN
        .at(Locator::File(place.as_path().to_owned()))
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
        Due::NotYet { from } => too_early(place, from, options.now),
        Due::Due { .. } => Judged::Noted(finding.into()),
        // One that still holds signs; one that does not stops what is below it.
        Due::Expired { .. } => {
            finding.severity = Severity::Error;
            Judged::Broken(finding.into())
        }
    }
}

/// A clock that runs behind must not replace a CA.
fn too_early(place: &TreePath, from: Timestamp, now: Timestamp) -> Judged {
    Judged::Broken(Box::new(
        rule::NOT_YET_VALID
            .at(Locator::File(place.as_path().to_owned()))
            .found(format!("starts {from}, and it is {now}"))
            .fix("check this machine's clock: `date -u`"),
    ))
}

/// The life of a CA that is there, who signed it, and what it may vouch for.
fn judge(
    authority: &Authority,
    place: &TreePath,
    ca: &Certificate,
    stack: &Stack,
    inventory: &Inventory,
    options: &Options<'_>,
    fresh: &Fresh,
) -> Judged {
    let ours = inventory.issued().contains(ca);
    if !ours && external_issuer(authority, stack).is_none() {
        return match not_below(authority, place, ca, stack, inventory) {
            Some(finding) => Judged::Broken(finding.into()),
            None => foreign(authority, place, ca, options),
        };
    }
    if let Origin::Issuer(issuer) = &authority.origin {
        if fresh.pending.rekeyed.contains(issuer) {
            return Judged::Step(
                Action::Renew,
                Reason::Issuer(format!("authority {issuer} is new")),
            );
        }
        let above = inventory.signers(stack, issuer);
        if let Some(issuer_ca) = above.first()
            && !inventory.is_below(ca, place, &above)
        {
            let why = format!("signed by {}, not by {}", ca.issuer(), issuer_ca.subject());
            return Judged::Step(Action::Renew, Reason::Issuer(why));
        }
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
            profile_changed(authority, ca),
            differs(authority, place, ca, inventory),
        ) {
            (Some(reason), _) => Judged::Step(Action::Renew, reason),
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
        Due::NotYet { from } => too_early(place, from, options.now),
    }
}

/// Too short a path length for what is below, or another `permit`.
fn profile_changed(authority: &Authority, ca: &Certificate) -> Option<Reason> {
    let found = ca.basic_constraints().and_then(|b| b.path_length);
    if let (Some(found), Some(wanted)) = (found, authority.path_length)
        && found < u32::from(wanted)
    {
        return Some(Reason::Profile(format!("path length {found} → {wanted}")));
    }
    let permitted = ca.name_constraints().and_then(|c| c.permitted.as_ref());
    let permitted = permitted.map(|list| list.iter().map(|s| &s.base).collect());
    let permitted: Vec<&GeneralName> = permitted.unwrap_or_default();
    let wanted = permitted_forms(&authority.permit);
    let wanted: Vec<GeneralName> = wanted.iter().map(GeneralName::from).collect();
    if permitted.into_iter().eq(&wanted) {
        return None;
    }
    let names: Vec<String> = authority.permit.iter().map(ToString::to_string).collect();
    Some(Reason::Profile(if names.is_empty() {
        "permit: any name".to_owned()
    } else {
        format!("permit: {}", names.join(", "))
    }))
}
