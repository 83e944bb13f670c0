//! A pair of somebody else in a service's place.

use std::collections::HashSet;
use std::path::Path;

use super::Reason;
use super::pair::unfit;
use crate::cert::Certificate;
use crate::inventory::{Inventory, Item, KeyFile};
use crate::model::path::TreePath;
use crate::report::{Finding, Locator, rule, shell};
use crate::stack::{Pair, Stack};

/// That a pair may not be replaced: nothing was ever delivered to its place, and
/// what stands there is a certificate that no authority of the manifest signed,
/// or a key that would be lost. Over a pair that was delivered once anything is
/// damage, which `apply` mends.
///
/// A key alone that may be the pair's is certified, not replaced.
pub fn foreign(pair: &Pair, stack: &Stack, inventory: &Inventory) -> Option<Finding> {
    let files = &pair.files;
    let nothing = inventory.is_missing(&files.certificate) && inventory.is_missing(&files.key);
    if nothing || inventory.was_delivered(pair) {
        return None;
    }
    let key_in = |path| {
        let item = inventory.item(path);
        item.is_some_and(|item: &Item| !item.keys().is_empty())
    };
    let leaf = inventory.leaf(&files.certificate);
    if leaf.is_some_and(|leaf| is_ours(leaf, stack, inventory)) {
        return None;
    }
    if let (Some(lineage), Some(public)) = (pair.lineage(), inventory.public_key(&files.key))
        && inventory.public_key(&lineage.key) == Some(public)
    {
        // A copy of what is to be delivered.
        return None;
    }
    let (at, found) = match leaf {
        Some(leaf) => (
            &files.certificate,
            format!(
                "{}, issued by {}, until {}",
                leaf.subject(),
                leaf.issuer(),
                leaf.validity().not_after.date()
            ),
        ),
        None if key_in(&files.certificate) => {
            (&files.certificate, what_key(&files.certificate, inventory))
        }
        None if !key_in(&files.key) || is_taken(pair, stack, inventory) => return None,
        None => (&files.key, what_key(&files.key, inventory)),
    };
    let there = super::files(pair).filter(|path| !inventory.is_missing(path));
    let moves = there.map(|path| {
        let old = format!("{path}.old");
        let (from, to) = (shell::path(path.as_path()), shell::word(&old));
        format!("mv -n {from} {to}")
    });
    let moves: Vec<String> = moves.collect();
    Some(
        rule::PAIR_FOREIGN
            .at(Locator::File(at.as_path().to_owned()))
            .found(found)
            .expected("nothing, or what was made here")
            .fix(format!("{} && pki apply", moves.join(" && "))),
    )
}

/// The files of all such pairs: their modes are not ours to set either.
pub fn foreign_files<'s>(stack: &'s Stack, inventory: &Inventory) -> HashSet<&'s Path> {
    let pairs = stack.pairs();
    let foreign = pairs.filter(|pair| foreign(pair, stack, inventory).is_some());
    let files = foreign.flat_map(super::files);
    files.map(TreePath::as_path).collect()
}

/// Whether a key of ours signed it: that of any generation of any authority.
fn is_ours(leaf: &Certificate, stack: &Stack, inventory: &Inventory) -> bool {
    let generations = stack.authorities.iter().flat_map(|a| &a.generations);
    let mut ours = generations.filter(|g| g.key.is_some());
    ours.any(|g| {
        let ca = inventory.leaf(&g.certificate);
        ca.is_some_and(|ca| leaf.is_signed_by(ca))
    })
}

/// Whether nothing is lost: the key that is there would be certified, or is a
/// copy of a CA's.
fn is_taken(pair: &Pair, stack: &Stack, inventory: &Inventory) -> bool {
    let Some(key) = inventory.public_key(&pair.files.key) else {
        return false;
    };
    match unfit(pair, key, stack, inventory) {
        None => pair.lineage().is_none(),
        Some(unfit) => unfit == Reason::KeyMismatch,
    }
}

/// A private key without a certificate, in words.
fn what_key(path: &TreePath, inventory: &Inventory) -> String {
    let kind = match inventory.public_key(path) {
        Some(public) => public.describe(),
        None if inventory.key(path).is_some_and(KeyFile::is_encrypted) => "encrypted".to_owned(),
        None => "of an unknown kind".to_owned(),
    };
    format!("a private key ({kind}) without a certificate")
}
