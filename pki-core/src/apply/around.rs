//! Reads what lies around the files that the stack names: for `verify`.
//!
//! Who can write in a service's folder decides what lies there: so each file is
//! small or not read, one is held at a time, all together have a limit, and
//! whatever is odd is told and passed over.

use std::collections::{BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::Look;
use crate::inventory::{KeyBlock, paths};
use crate::model::path::TreePath;
use crate::pem;
use crate::plan;
use crate::record::{Content, FileRecord};
use crate::stack::{AUTHORITIES, Stack};
use crate::store::{HOME, Kind, Store, is_staged};
use crate::verify::{BuildContext, FoundKey, Surroundings, Unseen};

/// The most files in the services' folders, beside those of the stack.
const FOREIGN: usize = 100_000;
/// The most octets of one of them, …
const FILE: u64 = 1 << 20;
/// … and of all together.
const TOTAL: usize = 64 << 20;
/// The most private keys in them.
const KEYS: usize = 2_000;

/// Looks around. What cannot be looked at is part of the answer.
pub fn around(store: &Store, stack: &Stack, look: &Look) -> Surroundings {
    let mut around = Surroundings {
        delivery: look.delivery.clone(),
        lock: store.lock_barred(),
        leftovers: plan::leftovers(stack, &look.inventory, &look.state.delivered),
        build_context: build_context(store),
        ..Surroundings::default()
    };
    let files = files(store, stack, &mut around);
    let staged = files
        .iter()
        .filter(|p| p.file_name().is_some_and(is_staged));
    around.staged = store.forgotten(staged.cloned().collect());
    keys(store, stack, look, files, &mut around);
    folders(store, stack, &mut around);
    abandoned(store, stack, &mut around);
    around
}

/// Every file where services mount, at the top of the tree, and of those beside
/// the keys of authorities the ones that were staged there.
fn files(store: &Store, stack: &Stack, around: &mut Surroundings) -> Vec<PathBuf> {
    let unseen = &mut around.unseen;
    let limit = FOREIGN + paths(stack).len();
    let mut files: BTreeSet<OsString> = BTreeSet::new();
    match store.list(None) {
        Ok(entries) => {
            let top = entries.into_iter().filter(|e| e.kind == Kind::File);
            files.extend(top.map(|e| OsString::from(e.name)));
        }
        Err(e) => unseen.push(Unseen::folder(PathBuf::new(), e.to_string())),
    }
    for folder in mounted(stack) {
        let walked = store.walk(Some(&folder), limit);
        files.extend(walked.files.into_iter().map(OsString::from));
        around.barred.extend(walked.staged);
        let missed = walked.unseen.into_iter();
        unseen.extend(missed.map(|(path, why)| Unseen::folder(path, why)));
    }
    for folder in key_folders(stack) {
        // One that cannot be listed is told with the CA's key.
        for entry in store.list(Some(&folder)).unwrap_or_default() {
            if entry.kind == Kind::File && is_staged(OsStr::new(&entry.name)) {
                files.insert(folder.as_path().join(entry.name).into());
            }
        }
    }
    files.into_iter().map(PathBuf::from).collect()
}

/// Every private key in these files, but for the key files of authorities.
fn keys(store: &Store, stack: &Stack, look: &Look, files: Vec<PathBuf>, around: &mut Surroundings) {
    let own: HashSet<&OsStr> = stack
        .authority_keys()
        .map(|key| key.as_path().as_os_str())
        .collect();
    let (mut octets, mut foreign, mut rest) = (0, 0, 0);
    for path in files {
        if own.contains(path.as_os_str()) {
            continue;
        }
        let found = if let Some(item) = look.inventory.item_at(&path) {
            item.keys()
        } else if octets >= TOTAL || foreign >= KEYS {
            rest += 1;
            continue;
        } else {
            let keys = match store.peek(&path, FILE).content {
                Content::File(bytes) => {
                    octets += bytes.len();
                    if pem::is_cut(&bytes) {
                        let why = format!("it has more than {} PEM blocks", pem::MAX_BLOCKS);
                        around.unseen.push(Unseen::file(path.clone(), why));
                    }
                    KeyBlock::all(&bytes)
                }
                Content::Unreadable(why) | Content::Refused(why) => {
                    around.unseen.push(Unseen::file(path, why));
                    continue;
                }
                Content::Missing | Content::Folder => continue,
            };
            foreign += keys.len();
            keys
        };
        let found = found.into_iter().map(|key| FoundKey {
            path: path.clone(),
            key,
        });
        around.keys.extend(found);
    }
    if rest > 0 {
        let why = format!(
            "{rest} more files: the others hold {} MiB and {foreign} keys, where {} MiB and {KEYS} keys are looked at",
            octets >> 20,
            TOTAL >> 20
        );
        around.unseen.push(Unseen::folder(PathBuf::new(), why));
    }
}

/// The folders that the keys of authorities are in.
fn key_folders(stack: &Stack) -> BTreeSet<TreePath> {
    stack
        .authority_keys()
        .filter_map(TreePath::parent)
        .collect()
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
fn folders(store: &Store, stack: &Stack, around: &mut Surroundings) {
    let services = stack.services.iter().map(|s| s.directory.clone());
    let mut folders: BTreeSet<TreePath> = BTreeSet::new();
    for folder in key_folders(stack).into_iter().chain(services) {
        if folder.as_path().is_absolute() {
            folders.insert(folder);
        } else {
            folders.extend(above(folder));
        }
    }
    folders.extend(TreePath::new(HOME));
    let folders: Vec<TreePath> = folders.into_iter().collect();
    around.folders = store.read_many(&folders);
    match store.read_root() {
        Ok(root) => around.folders.push(root),
        Err(e) => {
            let root = Unseen::folder(PathBuf::new(), e.to_string());
            around.unseen.push(root);
        }
    }
}

/// Folders in `authorities` that belong to no authority of the stack and hold
/// files: a command that was stopped may leave an empty one.
fn abandoned(store: &Store, stack: &Stack, around: &mut Surroundings) {
    let Ok(folder) = TreePath::new(AUTHORITIES) else {
        return;
    };
    match store.list(Some(&folder)) {
        Ok(entries) => {
            let left = entries
                .into_iter()
                .filter(|e| e.kind == Kind::Folder && stack.authority(&e.name).is_none())
                .filter(|e| {
                    folder
                        .join(&e.name)
                        .map_or(true, |f| holds_files(store, &f))
                });
            around
                .abandoned
                .extend(left.map(|e| folder.as_path().join(e.name)));
        }
        Err(e) => around
            .unseen
            .push(Unseen::folder(folder.as_path().to_owned(), e.to_string())),
    }
}

/// Whether there is a file below a folder, or something that cannot be looked
/// into.
fn holds_files(store: &Store, folder: &TreePath) -> bool {
    let walked = store.walk(Some(folder), 1);
    !walked.files.is_empty() || !walked.unseen.is_empty()
}

/// The file that makes this folder a container build context, and the one that
/// says what is left out of it: Docker's own of a Dockerfile comes before
/// `.dockerignore`, Podman's `.containerignore` as well.
fn build_context(store: &Store) -> Option<BuildContext> {
    let read = |name: &str| -> FileRecord { store.peek(Path::new(name), FILE) };
    let file = ["Dockerfile", "Containerfile"]
        .into_iter()
        .find(|name| !read(name).is_missing())?;
    let names = match file {
        "Dockerfile" => ["Dockerfile.dockerignore", ".dockerignore"],
        _ => [".containerignore", ".dockerignore"],
    };
    let ignoring = names.into_iter().find(|name| !read(name).is_missing());
    let ignoring = ignoring.unwrap_or(".dockerignore");
    let rules = read(ignoring);
    let rules = String::from_utf8_lossy(rules.bytes().unwrap_or_default());
    Some(BuildContext {
        file: file.to_owned(),
        ignoring: ignoring.to_owned(),
        rules: rules.into_owned(),
    })
}
