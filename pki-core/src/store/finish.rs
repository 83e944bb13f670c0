//! The second half of a delivery, the same for a batch just staged and for one
//! that a killed command left: rename, or put back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::error::StoreError;
use super::journal::clear;
use super::named::undo_name;
use super::op::{Effects, Folder, FsOp, run};
use super::stage::{Placed, unlink};
use super::walk::Made;
use crate::parallel;

/// Between a new key in use and its certificate (lab: who loads the pair on
/// the key's event finds it mismatched and keeps the old one; the
/// certificate's event comes alone).
const PAUSE: Duration = Duration::from_millis(100);
/// Threads that wait for the disk: syncs at the same time share one commit of
/// the file system.
const SYNCERS: usize = 16;

/// Renames what is staged, in its order; waits between keys and the rest where
/// `pause` says so; a pair that fails is put back. Then makes it durable and
/// clears the journal, unless something could not be put back.
/// `renamed` of each file says afterwards what is in place.
pub(super) fn finish(
    fx: &dyn Effects,
    home: &Folder,
    placed: &mut [Placed],
    pause: bool,
) -> Outcome {
    let mut failed: BTreeSet<usize> = BTreeSet::new();
    let mut first: Option<StoreError> = None;
    let pending_key = placed.iter().any(|f| f.entry.key && !f.renamed);
    let mut waited = !(pause && pending_key);
    for file in placed.iter_mut() {
        if file.renamed || failed.contains(&file.entry.unit) {
            continue;
        }
        if !waited && !file.entry.key {
            waited = true;
            // A wait that fails is a wait less.
            let _ = run(fx, FsOp::Pause { duration: PAUSE });
        }
        if let Err(e) = file.rename(fx) {
            failed.insert(file.entry.unit);
            first.get_or_insert(e);
        }
    }
    let mut stuck = false;
    for file in placed.iter_mut() {
        let done = if failed.contains(&file.entry.unit) {
            file.put_back(fx)
        } else {
            unlink(fx, &file.folder, &undo_name(&file.name))
        };
        if let Err(e) = done {
            stuck = true;
            first.get_or_insert(e);
        }
    }
    if let Err(e) = sync_folders(fx, placed, &Vec::new()) {
        stuck = true;
        first.get_or_insert(e);
    }
    if !stuck && let Err(e) = clear(fx, home) {
        first.get_or_insert(e);
    }
    Outcome { first, stuck }
}

/// How a delivery ended.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The first failure.
    first: Option<StoreError>,
    /// Whether something could neither be finished nor put back: the journal
    /// is still there, and the next command tries again.
    pub(super) stuck: bool,
}

impl Outcome {
    pub(super) fn failed(&self) -> bool {
        self.first.is_some()
    }

    pub(super) fn result(self) -> Result<(), StoreError> {
        self.first.map_or(Ok(()), Err)
    }
}

/// The files that share a pair with another one of the batch.
pub(super) fn parts_of_pairs(placed: &[Placed]) -> impl Iterator<Item = &Placed> {
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for file in placed {
        *sizes.entry(file.entry.unit).or_default() += 1;
    }
    placed
        .iter()
        .filter(move |f| sizes.get(&f.entry.unit).is_some_and(|n| *n > 1))
}

/// Makes the names in all folders of these files durable, and those of `made`.
pub(super) fn sync_folders(
    fx: &dyn Effects,
    placed: &[Placed],
    made: &Made,
) -> Result<(), StoreError> {
    let mut folders: BTreeMap<&std::path::Path, &Arc<Folder>> = BTreeMap::new();
    for folder in placed
        .iter()
        .map(|p| &p.folder)
        .chain(made.iter().map(|(within, _)| within))
    {
        folders.insert(folder.path(), folder);
    }
    let folders: Vec<_> = folders.into_values().collect();
    in_threads(&folders, |folder| {
        run(fx, FsOp::SyncFolder { folder }).map(|_| ())
    })
}

/// Does the same with each, on several threads; the first failure is given back
/// after all were tried.
pub(super) fn in_threads<T: Sync>(
    items: &[T],
    work: impl Fn(&T) -> Result<(), StoreError> + Sync,
) -> Result<(), StoreError> {
    parallel::each(items, SYNCERS, work).into_iter().collect()
}
