//! What a pair needs.

use super::{Action, Fresh, Options, Plan, Reason, Step, Target};
use crate::cert::Certificate;
use crate::inventory::{Inventory, Material, NameDifference};
use crate::key::{Encoding, PublicKey};
use crate::record::Content;
use crate::renew::{Due, due};
use crate::report::{Finding, Locator, rule};
use crate::stack::{Generation, Pair, Rekey, Stack};

pub(super) fn plan(
    pair: &Pair,
    stack: &Stack,
    inventory: &Inventory,
    options: &Options<'_>,
    fresh: &Fresh,
    plan: &mut Plan,
) {
    let above = stack.issuers(&pair.authority);
    if above.iter().any(|a| fresh.broken.contains(&a.name)) {
        // Told at the authority; nothing can be signed before that is mended.
        plan.kept += 1;
        return;
    }
    let selected = options.scope.selects_service(&pair.id.service);
    // What one may not read is not replaced: it may be good.
    let files = [&pair.files.certificate, &pair.files.key];
    let unreadable = files.into_iter().find(|path| {
        let item = inventory.item(path);
        item.is_some_and(|i| matches!(i.record.content, Content::Unreadable(_)))
    });
    if let (true, Some(path)) = (selected, unreadable) {
        plan.findings.push(
            rule::KEY_UNREADABLE
                .at(Locator::File(path.as_path().to_owned()))
                .found(inventory.unusable(path))
                .fix(format!("ls -l {path}; run pki as its owner or as root")),
        );
        plan.kept += 1;
        return;
    }
    let mut reasons = if selected {
        reasons(pair, stack, inventory, options, fresh)
    } else {
        Vec::new()
    };
    if selected && options.force {
        reasons.push(Reason::Forced);
    }
    let mut left = Vec::new();
    if options.scope.is_due_only() {
        (reasons, left) = reasons
            .into_iter()
            .partition(|r| matches!(r, Reason::Due { .. } | Reason::Expired(_) | Reason::Forced));
    }
    if reasons.is_empty() {
        // Whoever asked, and for what: what derives from a new CA follows it.
        reasons.extend(follows(pair, stack, inventory, fresh));
    }
    if reasons.is_empty() {
        plan.kept += 1;
        return;
    }
    plan.findings.extend(differs(pair, &left));
    let action = action(pair, inventory, options, &reasons);
    if let (true, Some(why)) = (
        action != Action::Rewrite,
        fresh.keyless.get(&pair.authority),
    ) {
        plan.blocked(why, &pair.files.certificate.to_string());
        plan.kept += 1;
        return;
    }
    plan.steps.push(Step {
        target: Target::Pair(pair.id.clone()),
        action,
        reasons,
    });
}

/// What a renewal leaves as it is, though the manifest says otherwise.
fn differs(pair: &Pair, left: &[Reason]) -> Option<Finding> {
    let texts: Vec<String> = left
        .iter()
        .filter(|reason| {
            matches!(
                reason,
                Reason::Names { .. } | Reason::Profile(_) | Reason::KeyAlgorithm { .. }
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
    if key_lost || key_changed || options.rekey {
        return Action::Rekey;
    }
    let rewritten = |r: &Reason| matches!(r, Reason::Chain(_) | Reason::KeyForm(_));
    if reasons.iter().all(rewritten) {
        return Action::Rewrite;
    }
    let leaf = inventory.leaf(&pair.files.certificate);
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

fn reasons(
    pair: &Pair,
    stack: &Stack,
    inventory: &Inventory,
    options: &Options<'_>,
    fresh: &Fresh,
) -> Vec<Reason> {
    let files = &pair.files;
    let missing = |what: &str, path: &crate::model::path::TreePath| {
        inventory
            .is_missing(path)
            .then(|| Reason::Missing(format!("{what} {}", path.file_name())))
    };
    let mut gone: Vec<Reason> = missing("certificate", &files.certificate)
        .into_iter()
        .chain(missing("key", &files.key))
        .collect();
    if !gone.is_empty() {
        // A key that nothing certifies is taken only if it could be this pair's.
        let key = inventory.public_key(&files.key);
        gone.extend(key.and_then(|key| unfit(pair, key, stack, inventory)));
        return gone;
    }
    let unusable = |path| Reason::Unusable(inventory.unusable(path));
    let Some(leaf) = inventory.leaf(&files.certificate) else {
        return vec![unusable(&files.certificate)];
    };
    let Some(public) = inventory.public_key(&files.key) else {
        return vec![unusable(&files.key)];
    };
    // The right key with the file in the wrong order keeps the key.
    let certificates = inventory.certificates(&files.certificate);
    if public != leaf.public_key() && certificates.iter().any(|c| c.public_key() == public) {
        return vec![Reason::Unusable(format!(
            "the leaf is not the first certificate of {}",
            files.certificate.file_name()
        ))];
    }
    let mut reasons = Vec::new();
    if public == leaf.public_key() {
        reasons.extend(unfit(pair, public, stack, inventory));
    } else {
        reasons.push(Reason::KeyMismatch);
    }
    let issuer = inventory.authority(stack, &pair.authority);
    reasons.extend(issuer_changed(pair, leaf, stack, inventory, fresh));
    reasons.extend(
        NameDifference::of(pair, leaf)
            .map(|NameDifference { added, removed }| Reason::Names { added, removed }),
    );
    reasons.extend(profile_changed(pair, leaf));
    let issuer_end = issuer
        .filter(|_| !fresh.reissued.contains(&pair.authority))
        .map(|ca| ca.validity().not_after);
    match due(leaf.validity(), pair.renew, issuer_end, options.now) {
        Due::Fresh { .. } => {}
        Due::Due { since } => reasons.push(Reason::Due {
            since,
            end: leaf.validity().not_after,
        }),
        Due::Expired { since } => reasons.push(Reason::Expired(since)),
        Due::NotYet { from } => reasons.push(Reason::NotYetValid(from)),
    }
    if reasons.is_empty() {
        reasons.extend(chain_changed(pair, stack, inventory, fresh));
    }
    if let Some(key) = inventory.key(&files.key) {
        let odd = match key.form.encoding {
            Encoding::Der => Some("DER where PEM belongs".to_owned()),
            _ => key.form.surplus(),
        };
        reasons.extend(odd.map(Reason::KeyForm));
    }
    reasons
}

/// Why a key cannot be a pair's: it is a CA's, or of another kind.
fn unfit(pair: &Pair, key: &PublicKey, stack: &Stack, inventory: &Inventory) -> Option<Reason> {
    let mut generations = stack.authorities.iter().flat_map(|a| &a.generations);
    let is_of = |g: &Generation| {
        let ca = inventory.leaf(&g.certificate);
        ca.is_some_and(|ca| ca.is_ca() && ca.public_key() == key)
    };
    if generations.any(is_of) {
        return Some(Reason::KeyMismatch);
    }
    (key.algorithm() != Some(pair.key)).then(|| Reason::KeyAlgorithm {
        found: key.describe(),
        wanted: pair.key.title(),
    })
}

/// What the steps for authorities make of a pair that is there.
fn follows(pair: &Pair, stack: &Stack, inventory: &Inventory, fresh: &Fresh) -> Option<Reason> {
    let leaf = inventory.leaf(&pair.files.certificate)?;
    if inventory.public_key(&pair.files.key)? != leaf.public_key() {
        return None;
    }
    if fresh.rekeyed.contains(&pair.authority) {
        return issuer_changed(pair, leaf, stack, inventory, fresh);
    }
    new_above(pair, stack, fresh)
}

/// An intermediate that is about to have a new certificate.
fn new_above(pair: &Pair, stack: &Stack, fresh: &Fresh) -> Option<Reason> {
    let mut above = stack.issuers(&pair.authority);
    // The root is not in the file.
    above.pop();
    let new = above.iter().find(|a| fresh.reissued.contains(&a.name))?;
    Some(Reason::Chain(format!(
        "authority {} has a new certificate",
        new.name
    )))
}

fn issuer_changed(
    pair: &Pair,
    leaf: &Certificate,
    stack: &Stack,
    inventory: &Inventory,
    fresh: &Fresh,
) -> Option<Reason> {
    if fresh.rekeyed.contains(&pair.authority) {
        return Some(Reason::Issuer(format!(
            "authority {} is new",
            pair.authority
        )));
    }
    let Some(issuer) = inventory.authority(stack, &pair.authority) else {
        // Its certificate was lost and is made anew, by the manifest's name.
        let subject = &stack.authority(&pair.authority)?.subject;
        return (leaf.issuer() != subject)
            .then(|| Reason::Issuer(format!("signed by {}, not by {subject}", leaf.issuer())));
    };
    if leaf.is_signed_by(issuer) {
        return None;
    }
    Some(Reason::Issuer(
        if leaf.issuer().raw() == issuer.subject().raw() {
            "the authority has another key".to_owned()
        } else {
            format!("signed by {}, not by {}", leaf.issuer(), issuer.subject())
        },
    ))
}

fn profile_changed(pair: &Pair, leaf: &Certificate) -> Option<Reason> {
    let rules = pair.profile.rules();
    let usage = rules.key_usage_for(pair.key);
    let differs = if leaf.is_ca() || leaf.basic_constraints().is_none() {
        "BasicConstraints is not CA:FALSE".to_owned()
    } else if leaf.key_usage() != Some(usage) && leaf.public_key().algorithm() == Some(pair.key) {
        let found = leaf
            .key_usage()
            .map_or_else(|| "absent".to_owned(), |u| u.to_string());
        format!("KeyUsage {found} → {usage}")
    } else if leaf.purposes() != Some(rules.purposes) {
        let text = |purposes: &[crate::model::usage::Purpose]| {
            purposes
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let found = leaf.purposes().map_or_else(|| "absent".to_owned(), text);
        format!("ExtendedKeyUsage {found} → {}", text(rules.purposes))
    } else if leaf.subject() != &pair.subject {
        format!("subject {} → {}", leaf.subject(), pair.subject)
    } else if leaf.subject_key_id().is_none() || leaf.authority_key_id().is_none() {
        "a key identifier is missing".to_owned()
    } else {
        return None;
    };
    Some(Reason::Profile(differs))
}

fn chain_changed(
    pair: &Pair,
    stack: &Stack,
    inventory: &Inventory,
    fresh: &Fresh,
) -> Option<Reason> {
    let new = new_above(pair, stack, fresh);
    if new.is_some() {
        return new;
    }
    let wanted = inventory.intermediates(stack, &pair.authority);
    let found = inventory.certificates(&pair.files.certificate);
    if !found.iter().skip(1).eq(wanted.iter().copied()) {
        return Some(Reason::Chain(format!(
            "{} certificates after the leaf in {}, {} belong there",
            found.len().saturating_sub(1),
            pair.files.certificate.file_name(),
            wanted.len()
        )));
    }
    let item = inventory.item(&pair.files.certificate)?;
    if let Material::Certificates(file) = &item.material {
        if file.der {
            return Some(Reason::Chain("DER where PEM belongs".into()));
        }
        if let Some(block) = file.unreadable.first() {
            return Some(Reason::Chain(block.clone()));
        }
    }
    if let Some(chain) = &pair.files.chain
        && !inventory.is_chain(chain, &wanted)
    {
        return Some(Reason::Chain(format!(
            "{} is not current",
            chain.file_name()
        )));
    }
    None
}
