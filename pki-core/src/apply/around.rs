//! Reads what lies around the files that the stack names: for `verify`.

use std::collections::BTreeSet;

use super::Look;
use crate::error::{Error, Result};
use crate::inventory::{KeyBlock, paths};
use crate::model::path::TreePath;
use crate::plan;
use crate::record::FileRecord;
use crate::stack::{AUTHORITIES, Stack};
use crate::store::{HOME, Kind, Store};
use crate::verify::{FoundKey, Surroundings};

/// The most files in the services' folders, beside those of the stack.
const FOREIGN: usize = 100_000;

/// Looks around.
///
/// # Errors
/// When a folder cannot be listed, or holds more than 100,000 files that the
/// stack does not name.
pub fn around(store: &Store, stack: &Stack, look: &Look) -> Result<Surroundings> {
    Ok(Surroundings {
        interrupted: store.interrupted(),
        leftovers: plan::leftovers(stack, &look.inventory, &look.state.delivered),
        keys: keys(store, stack, look)?,
        folders: folders(store, stack)?,
        abandoned: abandoned(store, stack)?,
        build_context: build_context(store)?,
    })
}

/// Every private key where services mount and at the top of the tree, but for
/// the key files of authorities.
fn keys(store: &Store, stack: &Stack, look: &Look) -> Result<Vec<FoundKey>> {
    let generations = stack.authorities.iter().flat_map(|a| &a.generations);
    let own: BTreeSet<&TreePath> = generations.filter_map(|g| g.key.as_ref()).collect();
    let limit = FOREIGN + paths(stack).len();
    let mut files = BTreeSet::new();
    for entry in store.list(None)? {
        if let (Kind::File, Ok(path)) = (entry.kind, TreePath::new(&entry.name)) {
            files.insert(path);
        }
    }
    for folder in mounted(stack) {
        files.extend(store.walk(Some(&folder), limit)?);
    }
    files.retain(|path| !own.contains(path));
    let (known, foreign): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|path| look.inventory.item(path).is_some());
    let read = store.read_many(&foreign);
    let of = |path: &TreePath, bytes: Option<&[u8]>| -> Vec<FoundKey> {
        let keys = bytes.map(KeyBlock::all).unwrap_or_default();
        let found = keys.into_iter().map(|key| FoundKey {
            path: path.clone(),
            key,
        });
        found.collect()
    };
    let known = known.iter().map(|p| of(p, look.inventory.bytes(p)));
    let foreign = foreign.iter().zip(&read).map(|(p, r)| of(p, r.bytes()));
    Ok(known.chain(foreign).flatten().collect())
}

/// Folders that services see: what is mounted is often the folder above them.
fn mounted(stack: &Stack) -> BTreeSet<TreePath> {
    let services = stack.services.iter().map(|s| Some(s.directory.clone()));
    let outputs = stack.outputs.iter().map(|o| o.path.parent());
    services.chain(outputs).flatten().map(top).collect()
}

/// The uppermost folder of a place in the tree; an absolute one itself.
fn top(mut folder: TreePath) -> TreePath {
    while let (true, Some(above)) = (folder.as_path().is_relative(), folder.parent()) {
        folder = above;
    }
    folder
}

/// A folder and those above it, up to the top of the tree.
fn above(folder: TreePath) -> impl Iterator<Item = TreePath> {
    std::iter::successors(Some(folder), TreePath::parent)
}

/// The manifest's folder, and those that it is full of.
fn folders(store: &Store, stack: &Stack) -> Result<Vec<FileRecord>> {
    let generations = stack.authorities.iter().flat_map(|a| &a.generations);
    let keys = generations.filter_map(|g| g.key.as_ref()?.parent());
    let services = stack.services.iter().map(|s| s.directory.clone());
    let mut folders: BTreeSet<TreePath> = BTreeSet::new();
    for folder in keys.chain(services) {
        if folder.as_path().is_absolute() {
            folders.insert(folder);
        } else {
            folders.extend(above(folder));
        }
    }
    folders.insert(place(HOME)?);
    let folders: Vec<TreePath> = folders.into_iter().collect();
    let mut records = store.read_many(&folders);
    records.push(store.read_root()?);
    Ok(records)
}

/// Folders in `authorities` that belong to no authority of the stack.
fn abandoned(store: &Store, stack: &Stack) -> Result<Vec<TreePath>> {
    let folder = place(AUTHORITIES)?;
    let entries = store.list(Some(&folder))?;
    let left = entries
        .iter()
        .filter(|e| e.kind == Kind::Folder && stack.authority(&e.name).is_none());
    left.map(|e| {
        folder
            .join(&e.name)
            .map_err(|e| Error::usage(e.to_string()))
    })
    .collect()
}

/// The file that makes this folder a container build context, where nothing
/// keeps the CA keys out of it.
fn build_context(store: &Store) -> Result<Option<String>> {
    let ignored = store.read(&place(".dockerignore")?);
    let ignored = String::from_utf8_lossy(ignored.bytes().unwrap_or_default()).into_owned();
    let covered = ignored
        .lines()
        .map(|line| line.trim().trim_start_matches('/').trim_end_matches('/'))
        .any(|line| matches!(line, "authorities" | "*" | "**" | "**/*.key" | "*/*/*.key"));
    if covered {
        return Ok(None);
    }
    for name in ["Dockerfile", "Containerfile"] {
        if !store.read(&place(name)?).is_missing() {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

fn place(text: &str) -> Result<TreePath> {
    TreePath::new(text).map_err(|e| Error::usage(e.to_string()))
}
