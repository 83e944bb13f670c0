//! What of a pair is not as the manifest says.

use super::{Pending, Reason};
use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::inventory::{Inventory, Material, NameDifference};
use crate::key::{Encoding, PublicKey};
use crate::model::dn::Dn;
use crate::model::profile::Profile;
use crate::model::san::{GeneralName, San};
use crate::model::usage::Purpose;
use crate::renew::{Due, due};
use crate::stack::{Generation, Pair, Stack};

/// All that asks for a step; nothing where the pair is as it should be.
/// `pending` is what the steps for authorities are about to make new.
pub fn of_pair(
    pair: &Pair,
    stack: &Stack,
    inventory: &Inventory,
    now: Timestamp,
    pending: &Pending,
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
    reasons.extend(of_issuer(pair, leaf, stack, inventory, pending));
    reasons.extend(
        NameDifference::of(pair, leaf)
            .map(|NameDifference { added, removed }| Reason::Names { added, removed }),
    );
    reasons.extend(profile_changed(pair, leaf));
    let issuer_end = issuer
        .filter(|_| !pending.reissued.contains(&pair.authority))
        .map(|ca| ca.validity().not_after);
    match due(leaf.validity(), pair.renew, issuer_end, now) {
        Due::Fresh { .. } => {}
        Due::Due { since } => reasons.push(Reason::Due {
            since,
            end: leaf.validity().not_after,
        }),
        Due::Expired { since } => reasons.push(Reason::Expired(since)),
        Due::NotYet { from } => reasons.push(Reason::NotYetValid(from)),
    }
    if reasons.is_empty() {
        reasons.extend(chain_changed(pair, stack, inventory, pending));
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

/// An intermediate that is about to have a new certificate.
pub fn of_those_above(pair: &Pair, stack: &Stack, pending: &Pending) -> Option<Reason> {
    let mut above = stack.issuers(&pair.authority);
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
    pair: &Pair,
    leaf: &Certificate,
    stack: &Stack,
    inventory: &Inventory,
    pending: &Pending,
) -> Option<Reason> {
    if pending.rekeyed.contains(&pair.authority) {
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

fn chain_changed(
    pair: &Pair,
    stack: &Stack,
    inventory: &Inventory,
    pending: &Pending,
) -> Option<Reason> {
    let new = of_those_above(pair, stack, pending);
    if new.is_some() {
        return new;
    }
    let wanted = inventory.intermediates(stack, &pair.authority);
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
