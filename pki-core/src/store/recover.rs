//! What a killed command left is finished or taken back by the next one that
//! takes the lock.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::error::StoreError;
use super::finish::finish;
use super::journal::{self, Entry, Journal};
use super::op::{Effects, Folder, FsOp, run_open};
use super::read::split;
use super::stage::{Placed, stage_name};
use super::walk::{Folders, Walk};
use crate::model::path::TreePath;

/// What recovery did; empty where nothing was left.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Recovered {
    /// Files that were staged and are now in place.
    pub finished: Vec<PathBuf>,
    /// Files that are as they were before the command that was killed.
    pub taken_back: Vec<PathBuf>,
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
            file.file = Some(run_open(fx, open)?);
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
