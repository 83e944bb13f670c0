//! What a killed command left is finished or taken back by the next one that
//! takes the lock.

use std::collections::{BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::error::{Kind, StoreError};
use super::finish::finish;
use super::journal::{self, Entry, Journal};
use super::list::{is_staged, kinds};
use super::named::{stage_name, undo_name};
use super::op::{Effects, Folder, FsOp, run, run_open};
use super::read::{LIMIT, split};
use super::stage::Placed;
use super::walk::{Folders, Walk, kind, stat_name};
use super::{HOME, Store};
use crate::model::path::{AUTHORITIES, TreePath};
use crate::record::FileRecord;

/// What recovery did; empty where nothing was left.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Recovered {
    /// Files that were staged and are now in place.
    pub finished: Vec<PathBuf>,
    /// Files that are as they were before the command that was killed.
    pub taken_back: Vec<PathBuf>,
    /// Staged files that no journal knew: removed.
    pub swept: Vec<PathBuf>,
}

impl Store {
    /// Of `staged`, files by names that delivery keeps for itself, those that
    /// still stand there and that no delivery needs. None where it cannot be
    /// told whether one is going on.
    ///
    /// A file is staged after the journal that names it, and renamed before that
    /// journal ends: so what was listed first, is in no journal now and stands
    /// there still, belongs to nothing.
    pub fn forgotten(&self, staged: Vec<PathBuf>) -> Vec<PathBuf> {
        if staged.is_empty() {
            return staged;
        }
        let journal = match self.walk.open(Path::new(HOME)) {
            Ok(home) => journal::read(&home),
            Err(e) if e.is_missing() => Ok(None),
            Err(e) => Err(e),
        };
        let Ok(journal) = journal else {
            return Vec::new();
        };
        let files = journal.map(|journal| journal.files).unwrap_or_default();
        let needed: HashSet<OsString> = files.iter().flat_map(second_names).collect();
        let stands = |path: &PathBuf| {
            let (above, name) = split(path);
            let folder = self.walk.open(above);
            let stat = folder.and_then(|folder| stat_name(&folder, name));
            matches!(stat, Ok(Some(stat)) if kind(&stat) == Kind::File)
        };
        let forgotten = staged
            .into_iter()
            .filter(|path| !needed.contains(path.as_os_str()) && stands(path));
        forgotten.collect()
    }
}

impl Store {
    /// What will stand where an interrupted delivery is finished by the next command
    /// that changes the tree, and does not yet. Nothing where none is left, or where
    /// it will be taken back: then all stands as it will.
    pub fn awaited(&self) -> Vec<FileRecord> {
        let home = self.walk.open(Path::new(HOME));
        let journal = home.and_then(|home| journal::read(&home));
        let Some(journal) = journal.ok().flatten().filter(|journal| journal.staged) else {
            return Vec::new();
        };
        let (mut lost, mut awaited) = (BTreeSet::new(), Vec::new());
        for entry in journal.files {
            let holds = |at: &Path| {
                let found = self.peek(at, LIMIT);
                let is = found.bytes().map(journal::sha256).as_ref() == Some(&entry.sha256);
                is.then_some(found)
            };
            let [stage, _] = second_names(&entry);
            let path = PathBuf::from(&entry.path);
            if let Some(staged) = holds(Path::new(&stage)) {
                awaited.push((entry.unit, FileRecord { path, ..staged }));
            } else if holds(&path).is_none() {
                lost.insert(entry.unit);
            }
        }
        let awaited = awaited.into_iter();
        let finished = awaited.filter(|(unit, _)| !lost.contains(unit));
        finished.map(|(_, record)| record).collect()
    }
}

/// Where a file of a journal is staged, and where its old one is kept.
fn second_names(entry: &Entry) -> [OsString; 2] {
    let path = Path::new(&entry.path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [stage_name(&name), undo_name(&name)].map(|name| path.with_file_name(name).into())
}

/// Removes staged files that no journal knows, as when it was removed by hand,
/// from every folder where something was delivered, and those of pki itself and
/// of authorities. To be called under the lock
/// and after [`recover`], when nothing is left that a delivery needs. Regular
/// files only. What cannot be removed is left, and told by whoever looks around.
pub(super) fn sweep(fx: &dyn Effects, store: &Store) -> Vec<PathBuf> {
    let mut swept = Vec::new();
    // Who cannot read the state is told when it is needed.
    let delivered = store.read_state().unwrap_or_default().delivered;
    let folders = delivered.iter().map(|path| split(path.as_path()).0.into());
    let mut folders: BTreeSet<OsString> = folders.collect();
    folders.extend(["", HOME].map(OsString::from));
    for authority in folders_in(store, Path::new(AUTHORITIES)) {
        let generations = folders_in(store, &authority);
        folders.extend(generations.into_iter().map(OsString::from));
    }
    for folder in folders {
        let Ok(folder) = store.walk.open(Path::new(&folder)) else {
            continue;
        };
        for (name, kind) in kinds(&folder).unwrap_or_default() {
            let Some(name) = name.to_str().filter(|n| is_staged(OsStr::new(n))) else {
                continue;
            };
            let within = &folder;
            if kind == Kind::File && run(fx, FsOp::Unlink { within, name }).is_ok() {
                swept.push(folder.path.join(name));
            }
        }
    }
    swept
}

fn folders_in(store: &Store, path: &Path) -> Vec<PathBuf> {
    let entries = store.walk.open(path).and_then(|folder| kinds(&folder));
    let entries = entries.unwrap_or_default().into_iter();
    let folders = entries.filter(|(_, kind)| *kind == Kind::Folder);
    folders.map(|(name, _)| path.join(name)).collect()
}

/// Finishes or takes back what the journal tells of.
pub(super) fn recover(
    fx: &dyn Effects,
    walk: &Walk,
    home: &Folder,
) -> Result<Recovered, StoreError> {
    let mut done = Recovered::default();
    let Some(Journal {
        files,
        pause,
        staged,
    }) = journal::read(home)?
    else {
        return Ok(done);
    };
    let mut placed = place(walk, files)?;
    if !staged {
        for file in &mut placed {
            file.discard(fx)?;
            done.taken_back.push(file.path());
        }
        journal::clear(fx, home)?;
        return Ok(done);
    }
    resume(fx, &mut placed)?;
    let before: Vec<bool> = placed.iter().map(|f| f.renamed).collect();
    let outcome = finish(fx, home, &mut placed, pause);
    if outcome.stuck {
        return outcome.result().map(|()| done);
    }
    for (file, before) in placed.iter().zip(before) {
        match (before, file.renamed) {
            (false, true) => done.finished.push(file.path()),
            (true, true) => {}
            (_, false) => done.taken_back.push(file.path()),
        }
    }
    Ok(done)
}

/// Opens the folders of a journal; a file whose folder is gone is gone.
fn place(walk: &Walk, files: Vec<Entry>) -> Result<Vec<Placed>, StoreError> {
    let mut folders = Folders::default();
    let mut placed = Vec::new();
    for entry in files {
        // `journal::read` let only places through.
        let Ok(path) = TreePath::new(&entry.path) else {
            continue;
        };
        let (above, _) = split(path.as_path());
        match folders.open(walk, above) {
            Ok(folder) => placed.push(Placed {
                entry,
                folder,
                name: path.file_name(),
                file: None,
                renamed: false,
            }),
            Err(e) if e.is_missing() => {}
            Err(e) => return Err(e),
        }
    }
    Ok(placed)
}

/// Finds out how far each file came. A pair of which a file is neither staged
/// nor in place cannot be finished: somebody else was there, or all was done
/// long ago and an old journal came back. What was kept of it is put back;
/// nothing that is in place is removed.
fn resume(fx: &dyn Effects, placed: &mut Vec<Placed>) -> Result<(), StoreError> {
    let mut lost = BTreeSet::new();
    for file in placed.iter_mut() {
        let stage = stage_name(&file.name);
        if file.holds(&stage, &file.entry.sha256)? {
            // Opened for writing as it was: who watches sees the same close.
            let open = FsOp::OpenExisting {
                within: &file.folder,
                name: &stage,
            };
            // One that cannot be opened is delivered all the same.
            file.file = run_open(fx, open).ok();
        } else if file.holds(&file.name, &file.entry.sha256)? {
            file.renamed = true;
        } else {
            lost.insert(file.entry.unit);
        }
    }
    for file in placed.iter_mut().filter(|f| lost.contains(&f.entry.unit)) {
        file.renamed = false;
        file.put_back(fx)?;
    }
    placed.retain(|f| !lost.contains(&f.entry.unit));
    Ok(())
}
