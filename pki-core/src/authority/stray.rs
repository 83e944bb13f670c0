//! A CA's key outside of the CA's own place.

use std::path::Path;

use crate::cert::Certificate;
use crate::inventory::{Inventory, Item, KeyId};
use crate::model::path::TreePath;
use crate::report::{Finding, Locator, rule, shell};
use crate::stack::{Authority, Pair, Stack};

/// That the key of an authority lies at `path`.
pub fn exposed(path: &Path, authority: &Authority) -> Finding {
    rule::CA_KEY_EXPOSED
        .at(Locator::File(path.to_owned()))
        .found(format!("the key of authority {}", authority.name))
        .affects("whoever reads it can vouch for any name")
}

/// As [`exposed`], with the way to the key's own place.
pub fn belongs_to(path: &Path, authority: &Authority, own: &TreePath) -> Finding {
    let (from, to) = (shell::path(path), shell::path(own.as_path()));
    exposed(path, authority)
        .expected(format!("that key in {own} alone"))
        .fix(format!("mv {from} {to}"))
}

/// As [`only_copy`], of the key of a pair; that of a certified pair is its own.
pub fn only_copy_in(pair: &Pair, stack: &Stack, inventory: &Inventory) -> Option<Finding> {
    let files = &pair.files;
    let leaf = inventory.leaf(&files.certificate);
    let leaf = leaf.map(Certificate::public_key);
    if leaf.is_some() && leaf == inventory.public_key(&files.key) {
        return None;
    }
    only_copy(&files.key, stack, inventory)
}

/// Whether the file at `path` may be the only copy of a CA's key:
/// that one is not in its own place, and the file holds it, or an encrypted key
/// where the CA's is. Nothing is written over it.
pub fn only_copy(path: &TreePath, stack: &Stack, inventory: &Inventory) -> Option<Finding> {
    let keys = inventory.item(path).map(Item::keys)?;
    if keys.is_empty() {
        return None;
    }
    let generations = stack.authorities.iter();
    let generations = generations.flat_map(|a| a.generations.iter().map(move |g| (a, g)));
    let own = generations.filter_map(|(a, g)| Some((a, g, g.key.as_ref()?)));
    let mut lost = own.filter(|(.., own)| inventory.is_missing(own));
    lost.find_map(|(authority, generation, own)| {
        let ca = inventory.leaf(&generation.certificate);
        let ca = ca.filter(|ca| ca.is_ca())?;
        let is_it = keys.iter().any(|key| match &key.id {
            KeyId::Public(public) => public == ca.public_key(),
            KeyId::Digest(_) => authority.encrypted,
        });
        is_it.then(|| belongs_to(path.as_path(), authority, own))
    })
}
