//! What of a pair is not as the manifest says.

use super::{Pending, Reason};
use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::inventory::{Inventory, Material, NameDifference};
use crate::key::{Encoding, PublicKey};
use crate::lineage::Delivery;
use crate::model::dn::Dn;
use crate::model::profile::Profile;
use crate::model::san::{GeneralName, San};
use crate::model::usage::Purpose;
use crate::renew::{Due, due};
use crate::stack::{Generation, Pair, Stack};

/// All that asks for a step; nothing where the pair, which `authority` issues,
/// is as it should be. `pending` is what the steps for authorities are about to
/// make new.
pub fn of_pair(
    pair: &Pair,
    authority: &str,
    stack: &Stack,
    inventory: &Inventory,
    now: Timestamp,
    pending: &Pending,
) -> Vec<Reason> {
    let files = &pair.files;
    let mut gone = missing(pair, inventory);
    if !gone.is_empty() {
        gone.extend(of_bare_key(pair, stack, inventory));
        return gone;
    }
    let (leaf, public) = match readable(pair, inventory) {
        Ok(both) => both,
        Err(unusable) => {
            let mut reasons = vec![unusable];
            reasons.extend(of_bare_key(pair, stack, inventory));
            return reasons;
        }
    };
    // The right key with the file in the wrong order keeps the key; that of the
    // CA behind the leaf is not the right one.
    let mut others = inventory.certificates(&files.certificate).iter();
    if public != leaf.public_key() && others.any(|c| !c.is_ca() && c.public_key() == public) {
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
    let issuer = inventory.authority(stack, authority);
    reasons.extend(of_issuer(authority, leaf, stack, inventory, pending));
    reasons.extend(
        NameDifference::of(pair, leaf)
            .map(|NameDifference { added, removed }| Reason::Names { added, removed }),
    );
    reasons.extend(profile_changed(pair, leaf));
    let issuer_end = issuer
        .filter(|_| !pending.reissued.iter().any(|new| new == authority))
        .map(|ca| ca.validity().not_after);
    match due(leaf.validity(), pair.renew, issuer_end, now) {
        Due::Fresh { .. } => {}
        Due::Due { since } => reasons.push(Reason::Due {
            since,
            end: leaf.validity().not_after,
        }),
        Due::Expired { since } => reasons.push(Reason::Expired(since)),
        Due::NotYet { from } => reasons.push(Reason::NotYetValid { from, now }),
    }
    if reasons.is_empty() {
        let wanted = inventory.intermediates(stack, authority);
        let new = of_those_above(authority, stack, pending);
        reasons.extend(new.or_else(|| chain_changed(pair, &wanted, inventory)));
    }
    reasons.extend(key_form(pair, inventory));
    reasons
}

/// All that asks for the delivery of a pair that is made elsewhere; nothing
/// where it is delivered.
pub fn of_delivery(pair: &Pair, wanted: &Delivery<'_>, inventory: &Inventory) -> Vec<Reason> {
    let gone = missing(pair, inventory);
    if !gone.is_empty() {
        return gone;
    }
    let (leaf, public) = match readable(pair, inventory) {
        Ok(both) => both,
        Err(unusable) => return vec![unusable],
    };
    let (new, above) = match wanted.chain.split_first() {
        Some((new, above)) => (*new, above),
        None => return Vec::new(),
    };
    let mut reasons = Vec::new();
    if leaf != new {
        reasons.push(Reason::Lineage(new.validity().not_after));
    } else if public != wanted.key {
        reasons.push(Reason::KeyMismatch);
    } else {
        reasons.extend(chain_changed(pair, above, inventory));
    }
    reasons.extend(key_form(pair, inventory));
    reasons
}

/// The files of a pair that are not there.
fn missing(pair: &Pair, inventory: &Inventory) -> Vec<Reason> {
    let files = [
        ("certificate", &pair.files.certificate),
        ("key", &pair.files.key),
    ];
    files
        .into_iter()
        .filter(|(_, path)| inventory.is_missing(path))
        .map(|(what, path)| Reason::Missing(format!("{what} {}", path.file_name())))
        .collect()
}

/// The leaf and the public half of the key, where both can be read.
fn readable<'a>(
    pair: &Pair,
    inventory: &'a Inventory,
) -> Result<(&'a Certificate, &'a PublicKey), Reason> {
    let unusable = |path| Reason::Unusable(inventory.unusable(path));
    let files = &pair.files;
    let leaf = inventory.leaf(&files.certificate);
    let leaf = leaf.ok_or_else(|| unusable(&files.certificate))?;
    let public = inventory.public_key(&files.key);
    Ok((leaf, public.ok_or_else(|| unusable(&files.key))?))
}

/// A key file that is more or other than one PEM block.
fn key_form(pair: &Pair, inventory: &Inventory) -> Option<Reason> {
    let form = &inventory.key(&pair.files.key)?.form;
    let odd = match form.encoding {
        Encoding::Der => Some("DER where PEM belongs".to_owned()),
        _ => form.surplus(),
    };
    odd.map(Reason::KeyForm)
}

/// A key that nothing certifies is taken only if it could be this pair's, and
/// then in a file of its own form.
fn of_bare_key(pair: &Pair, stack: &Stack, inventory: &Inventory) -> Vec<Reason> {
    let Some(key) = inventory.public_key(&pair.files.key) else {
        return Vec::new();
    };
    let unfit = unfit(pair, key, stack, inventory);
    unfit
        .or_else(|| key_form(pair, inventory))
        .into_iter()
        .collect()
}

/// Why a key cannot be a pair's: it is a CA's, or of another kind.
pub(super) fn unfit(
    pair: &Pair,
    key: &PublicKey,
    stack: &Stack,
    inventory: &Inventory,
) -> Option<Reason> {
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

/// An intermediate that is about to have a new certificate.
pub fn of_those_above(authority: &str, stack: &Stack, pending: &Pending) -> Option<Reason> {
    let mut above = stack.issuers(authority);
    // The root is not in the file.
    above.pop();
    let new = above.iter().find(|a| pending.reissued.contains(&a.name))?;
    Some(Reason::Chain(format!(
        "authority {} has a new certificate",
        new.name
    )))
}

/// That another CA signed it than the one that should have.
pub fn of_issuer(
    authority: &str,
    leaf: &Certificate,
    stack: &Stack,
    inventory: &Inventory,
    pending: &Pending,
) -> Option<Reason> {
    if pending.rekeyed.iter().any(|new| new == authority) {
        return Some(Reason::Issuer(format!("authority {authority} is new")));
    }
    let Some(issuer) = inventory.authority(stack, authority) else {
        // Its certificate was lost and is made anew, by the manifest's name.
        let subject = &stack.authority(authority)?.subject;
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
        let text = |purposes: &[Purpose]| {
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

/// The right leaf in a file that does not go on as it should.
fn chain_changed(pair: &Pair, wanted: &[&Certificate], inventory: &Inventory) -> Option<Reason> {
    let found = inventory.certificates(&pair.files.certificate);
    if !found.iter().skip(1).eq(wanted.iter().copied()) {
        let count = |n: usize| match n {
            0 => "no certificate".to_owned(),
            1 => "1 certificate".to_owned(),
            n => format!("{n} certificates"),
        };
        return Some(Reason::Chain(format!(
            "{} after the leaf in {} where {} should be",
            count(found.len().saturating_sub(1)),
            pair.files.certificate.file_name(),
            count(wanted.len())
        )));
    }
    let item = inventory.item(&pair.files.certificate)?;
    if let Material::Certificates(file) = &item.material {
        if let Some(what) = file.not_pem() {
            let place = if file.der { " where PEM belongs" } else { "" };
            return Some(Reason::Chain(format!("{what}{place}")));
        }
        if let Some(block) = file.unreadable.first() {
            return Some(Reason::Chain(block.clone()));
        }
    }
    if let Some(chain) = &pair.files.chain
        && !inventory.is_chain(chain, wanted)
    {
        return Some(Reason::Chain(format!(
            "{} is not current",
            chain.file_name()
        )));
    }
    None
}

/// What a renewal keeps: profile, subject and names of a certificate, where all
/// of them are such as are issued here.
pub fn kept(old: &Certificate) -> Option<(Profile, Dn, Vec<San>)> {
    let has = |purpose| old.purposes().is_some_and(|p| p.contains(&purpose));
    let profile = match (has(Purpose::ServerAuth), has(Purpose::ClientAuth)) {
        (true, true) => Profile::Peer,
        (true, false) => Profile::Server,
        (false, true) => Profile::Client,
        (false, false) => return None,
    };
    let names = old
        .names()
        .iter()
        .map(GeneralName::to_san)
        .collect::<Option<Vec<_>>>()?;
    Some((profile, old.subject().clone(), names))
}
