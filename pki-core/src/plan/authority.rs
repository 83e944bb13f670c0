//! What an authority needs.

use super::{Action, Fresh, Options, Plan, Reason, Step, Target};
use crate::cert::Certificate;
use crate::inventory::Inventory;
use crate::model::path::TreePath;
use crate::model::san::{GeneralName, permitted_forms};
use crate::renew::{Due, due};
use crate::report::{Finding, Locator, Severity, rule};
use crate::stack::{Authority, Origin, Stack};

pub(super) fn plan(
    authority: &Authority,
    stack: &Stack,
    inventory: &Inventory,
    options: &Options<'_>,
    fresh: &mut Fresh,
    plan: &mut Plan,
) {
    let Some((generation, key)) = authority.signing().and_then(|g| Some((g, g.key.as_ref()?)))
    else {
        if let Some(finding) = external(authority, inventory) {
            plan.findings.push(finding);
            fresh.broken.push(authority.name.clone());
        }
        return;
    };
    let judged = judge(
        authority,
        &generation.certificate,
        key,
        stack,
        inventory,
        options,
        fresh,
    );
    let judged = match (judged, external_issuer(authority, stack)) {
        (Judged::Step(action, reason), Some(issuer)) => {
            let place = (&generation.certificate, key);
            plan.findings
                .push(waiting(authority, issuer, place, inventory, &reason));
            // A certificate that is there may still sign until it is replaced.
            if action == Action::Create || inventory.is_missing(&generation.certificate) {
                fresh.broken.push(authority.name.clone());
                return;
            }
            Judged::Kept
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
    let selected = options.scope.selects_authority(&authority.name);
    let named = !matches!(
        options.scope,
        super::Scope::Everything | super::Scope::Due([])
    );
    // `--force` alone means the leaves: an authority is re-issued only when named.
    let ours = inventory
        .leaf(&generation.certificate)
        .is_some_and(|ca| inventory.issued().contains(ca));
    if reasons.is_empty() && selected && named && options.force && ours {
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
    if action.needs_key() {
        fresh.rekeyed.push(authority.name.clone());
    }
    fresh.reissued.push(authority.name.clone());
    plan.steps.push(Step {
        target: Target::Authority(authority.name.clone()),
        action,
        reasons,
    });
}

/// A CA that still holds signs; one that does not stops what is below it.
fn broken_or_kept(state: &Due, mut finding: Finding) -> Judged {
    if matches!(state, Due::Due { .. }) {
        return Judged::Noted(Box::new(finding));
    }
    finding.severity = Severity::Error;
    Judged::Broken(Box::new(finding))
}

/// The CA elsewhere that signs this authority.
fn external_issuer<'a>(authority: &Authority, stack: &'a Stack) -> Option<&'a Authority> {
    let Origin::Issuer(issuer) = &authority.origin else {
        return None;
    };
    stack
        .authority(issuer)
        .filter(|issuer| issuer.origin == Origin::External)
}

/// What is needed of a CA elsewhere, which nobody here can make.
fn waiting(
    authority: &Authority,
    issuer: &Authority,
    (certificate, key): (&TreePath, &TreePath),
    inventory: &Inventory,
    why: &Reason,
) -> Finding {
    let issuer = &issuer.name;
    let with_key = if inventory.is_missing(key) {
        format!(" and its key at `{key}`")
    } else {
        String::new()
    };
    let mut finding = rule::AUTHORITY_WAITING
        .at(Locator::Authority(authority.name.clone()))
        .found(why.to_string())
        .expected(format!(
            "a CA certificate for `{}`, signed by `{issuer}`, which is not ours",
            authority.subject
        ))
        .fix(format!(
            "have `{issuer}` sign it and put it at `{certificate}`{with_key}, then: pki apply"
        ));
    if matches!(why, Reason::Due { .. }) {
        finding.severity = Severity::Warning;
    }
    finding
}

enum Judged {
    /// Kept as it is, and something is to be said.
    Noted(Box<Finding>),
    Kept,
    Step(Action, Reason),
    Broken(Box<Finding>),
}

/// The certificate of an authority whose files are as they should be; else
/// what is to be done or said.
fn certificate_of<'a>(
    authority: &Authority,
    certificate: &TreePath,
    key: &TreePath,
    inventory: &'a Inventory,
) -> Result<&'a Certificate, Judged> {
    let at = || Locator::Authority(authority.name.clone());
    let broken = |finding| Err(Judged::Broken(Box::new(finding)));
    let no_certificate = inventory.is_missing(certificate);
    let no_key = inventory.is_missing(key);
    if no_certificate && no_key {
        // A lost CA is not replaced without a word: every client trusts it.
        if inventory
            .issued()
            .knows(&format!("authority {}", authority.name))
        {
            return broken(
                rule::AUTHORITY_MISSING
                    .at(at())
                    .found(format!("`{certificate}` and `{key}` are gone"))
                    .expected("the CA that was made here once")
                    .fix(format!(
                        "restore both from your backup; for a new CA give the authority another name than `{}`",
                        authority.name
                    )),
            );
        }
        return Err(Judged::Step(
            Action::Create,
            Reason::Missing(format!("authority {}", authority.name)),
        ));
    }
    if no_key {
        // Nothing to do until something is to be signed; then it is an error.
        return Err(Judged::Kept);
    }
    let Some(key_file) = inventory.key(key) else {
        return broken(
            rule::AUTHORITY_KEY_UNUSABLE
                .at(at())
                .found(inventory.unusable(key))
                .expected("a private key in PEM")
                .fix(format!("restore `{key}` from your backup")),
        );
    };
    if no_certificate {
        return broken(
            rule::AUTHORITY_MISSING
                .at(at())
                .found(format!("`{certificate}` is gone, its key is there"))
                .expected("the CA's certificate")
                .fix(format!(
                    "restore `{certificate}` from your backup or from a published copy"
                )),
        );
    }
    let Some(ca) = inventory.leaf(certificate) else {
        return broken(
            rule::AUTHORITY_UNREADABLE
                .at(at())
                .found(inventory.unusable(certificate))
                .expected("a CA certificate in PEM")
                .fix(format!(
                    "restore `{certificate}` from your backup or from a published copy"
                )),
        );
    };
    if !ca.is_ca() {
        return broken(
            rule::AUTHORITY_IS_NO_CA
                .at(at())
                .found(format!("`{certificate}` is a leaf: {}", ca.subject()))
                .expected("a certificate with BasicConstraints CA:TRUE")
                .fix(format!("put the CA's own certificate at `{certificate}`")),
        );
    }
    if let Ok(public) = &key_file.public
        && public != ca.public_key()
    {
        return broken(
            rule::AUTHORITY_KEY_MISMATCH
                .at(at())
                .found(format!(
                    "the key in `{key}` is not the one certified in `{certificate}`"
                ))
                .expected("a key and a certificate that belong together")
                .fix("restore both files from the same backup"),
        );
    }
    Ok(ca)
}

/// A company's CA keeps the certificate it came with: only who made it knows
/// what belongs in the next one.
fn foreign(
    authority: &Authority,
    certificate: &TreePath,
    ca: &Certificate,
    options: &Options<'_>,
) -> Judged {
    let state = due(ca.validity(), authority.renew, None, options.now);
    if matches!(state, Due::Fresh { .. }) {
        return Judged::Kept;
    }
    broken_or_kept(
        &state,
        rule::AUTHORITY_FOREIGN
            .at(Locator::Authority(authority.name.clone()))
            .found(format!("valid until {}", ca.validity().not_after))
            .fix(format!(
                "renew it where it was made, then put it at `{certificate}`"
            )),
    )
}

fn judge(
    authority: &Authority,
    certificate: &TreePath,
    key: &TreePath,
    stack: &Stack,
    inventory: &Inventory,
    options: &Options<'_>,
    fresh: &Fresh,
) -> Judged {
    let ca = match certificate_of(authority, certificate, key, inventory) {
        Ok(ca) => ca,
        Err(judged) => return judged,
    };
    if !inventory.issued().contains(ca) {
        return foreign(authority, certificate, ca, options);
    }
    if let Origin::Issuer(issuer) = &authority.origin {
        if fresh.rekeyed.contains(issuer) {
            return Judged::Step(
                Action::Renew,
                Reason::Issuer(format!("authority {issuer} is new")),
            );
        }
        let above = inventory.signers(stack, issuer);
        if let Some(issuer_ca) = above.first()
            && !above.iter().any(|above| ca.is_signed_by(above))
        {
            let why = format!("signed by {}, not by {}", ca.issuer(), issuer_ca.subject());
            return Judged::Step(Action::Renew, Reason::Issuer(why));
        }
    }
    let extended = match &authority.origin {
        Origin::Issuer(issuer) => fresh.reissued.contains(issuer),
        _ => false,
    };
    match due(
        ca.validity(),
        authority.renew,
        // What ended with its issuer need not, once that one has a new end.
        inventory.issuer_end(stack, authority).filter(|_| !extended),
        options.now,
    ) {
        Due::Fresh { .. } => match profile_changed(authority, ca, inventory) {
            Some(reason) => Judged::Step(Action::Renew, reason),
            None => Judged::Kept,
        },
        Due::Due { since } => Judged::Step(
            Action::Renew,
            Reason::Due {
                since,
                end: ca.validity().not_after,
            },
        ),
        Due::Expired { since } => Judged::Step(Action::Renew, Reason::Expired(since)),
        // A clock that runs behind must not replace a CA.
        Due::NotYet { from } => Judged::Broken(Box::new(
            rule::NOT_YET_VALID
                .at(Locator::Authority(authority.name.clone()))
                .found(format!("valid from {from}, and it is {}", options.now))
                .expected("a clock that is right")
                .fix("check this machine's clock: `date -u`"),
        )),
    }
}

/// Too short a path length for what is below, or another `permit`. A CA that
/// was not made here is taken as it is.
fn profile_changed(
    authority: &Authority,
    ca: &Certificate,
    inventory: &Inventory,
) -> Option<Reason> {
    if !inventory.issued().contains(ca) {
        return None;
    }
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

fn external(authority: &Authority, inventory: &Inventory) -> Option<Finding> {
    let path = &authority.generations.last()?.certificate;
    if !inventory.certificates(path).is_empty() {
        return None;
    }
    Some(
        rule::AUTHORITY_MISSING
            .at(Locator::Authority(authority.name.clone()))
            .found(inventory.unusable(path))
            .expected("the CA's certificate in PEM")
            .fix(format!("put the CA's certificate at `{path}`")),
    )
}
