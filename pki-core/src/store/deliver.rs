//! Delivery: bytes to their places, each file and each pair whole at every
//! moment, also over a crash.
//!
//! In batches of at most [`BATCH`] files, a pair never split:
//! 1. look at every place; what is the same is left alone, what cannot be
//!    replaced is refused before anything is written;
//! 2. make missing folders; the journal's first line;
//! 3. stage every file beside its place (`..stage-NAME`, 0600 from its first
//!    byte, then owner, then mode); give the old files of a pair a second name;
//!    sync files, then the folders, so that the staged names are durable too;
//! 4. the journal's second line;
//! 5. rename, keys first; where a key in use changes, wait; certificates, then
//!    the rest. Each is renamed while still open and closed after: MinIO and
//!    Sidekick watch for that close under the final name (lab, 14 of 14);
//! 6. sync the folders, clear the journal.
//!
//! A failure up to 4 takes the batch back. A failure in 5 puts back the pair it
//! hits and goes on with the others.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

use super::Store;
use super::error::StoreError;
use super::finish::{finish, in_threads, parts_of_pairs, sync_folders};
use super::interrupt::Held;
use super::journal::{Entry, Old, Writer, clear, sha256};
use super::kept::Unkept;
use super::lock::Locked;
use super::op::{Effects, FsOp, run};
use super::read::split;
use super::stage::{Current, Placed, current, keep_old, stage};
use super::walk::Folders;
use super::write::{Part, Write};
use crate::model::path::TreePath;

/// The most files of one batch; as many descriptors are open at once.
pub const BATCH: usize = 256;

/// What a delivery did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Delivered {
    /// New and in place, in the order of delivery.
    pub written: Vec<TreePath>,
    /// The same already: not touched.
    pub kept: Vec<TreePath>,
    /// What replaced files had and the new ones have not.
    pub unkept: Vec<Unkept>,
}

/// A batch that was looked at: what is to be written, in the order of delivery.
struct Prepared {
    placed: Vec<Placed>,
    /// One for each of `placed`.
    writes: Vec<Write>,
    pause: bool,
}

impl Store {
    /// Whether `write` could be delivered: nothing of another kind stands in its
    /// place or on the way. Changes nothing, needs no lock, and does not try
    /// permissions.
    ///
    /// # Errors
    /// What is in the way.
    pub fn check(&self, write: &Write) -> Result<(), StoreError> {
        let (above, _) = split(write.path.as_path());
        match self.walk.open(above) {
            Ok(folder) => current(&folder, &write.path.file_name(), write).map(|_| ()),
            Err(e) if e.is_missing() => Ok(()),
            Err(e) => Err(e),
        }
    }
}

impl Locked {
    /// Delivers files; see the top of this module for the order. What is the
    /// same already (content, mode, and owner where one is named) is not touched.
    ///
    /// # Errors
    /// [`StoreError::Partly`] when some are in place and others are not; any
    /// other error when nothing changed.
    pub fn deliver(&mut self, writes: Vec<Write>) -> Result<Delivered, StoreError> {
        self.deliver_telling(writes, &|_| {})
    }

    /// As [`Self::deliver`]; `told` hears after each batch how many of the files
    /// are done.
    ///
    /// # Errors
    /// As [`Self::deliver`].
    pub fn deliver_telling(
        &mut self,
        writes: Vec<Write>,
        told: &dyn Fn(usize),
    ) -> Result<Delivered, StoreError> {
        let mut seen = BTreeSet::new();
        if let Some(twice) = writes.iter().find(|w| !seen.insert(&w.path)) {
            return Err(StoreError::Twice {
                path: self.shown(&twice.path),
            });
        }
        drop(seen);
        let all: Vec<TreePath> = writes.iter().map(|w| w.path.clone()).collect();
        let batches = batches(writes);
        if batches.len() > 1 {
            // What is in the way of a later batch is found before the first.
            for write in batches.iter().flatten() {
                self.store.check(write)?;
            }
        }
        let mut done = Delivered::default();
        let mut first_error = None;
        for batch in batches {
            let asked = self.store.interrupts.is_asked();
            let outcome = if asked {
                Err(StoreError::Interrupted)
            } else {
                self.batch(batch, &mut done)
            };
            if let Err(e) = outcome {
                first_error = Some(e);
                break;
            }
            told(done.written.len() + done.kept.len());
        }
        let Some(error) = first_error else {
            return Ok(done);
        };
        if done.written.is_empty() {
            return Err(error);
        }
        let settled: HashSet<&TreePath> = done.written.iter().chain(&done.kept).collect();
        let missing = all.iter().filter(|path| !settled.contains(path));
        Err(StoreError::Partly {
            delivered: done.written.iter().map(|p| self.shown(p)).collect(),
            missing: missing.map(|p| self.shown(p)).collect(),
            cause: Box::new(error),
            goes_on: None,
        })
    }

    fn shown(&self, path: &TreePath) -> PathBuf {
        self.store.walk.shown(path.as_path())
    }

    fn batch(&self, mut writes: Vec<Write>, done: &mut Delivered) -> Result<(), StoreError> {
        let fx = self.effects();
        // Stable: within a part the caller's order holds.
        writes.sort_by_key(|w| w.part);
        let mut folders = Folders::default();
        let found = self.prepare(fx, &mut folders, writes, done);
        let Prepared {
            mut placed,
            writes,
            pause,
        } = match found {
            Ok(found) => found,
            Err(e) => {
                folders.take_back(fx);
                return Err(e);
            }
        };
        if placed.is_empty() {
            return Ok(());
        }
        let staged = self.stage_all(fx, &mut placed, &writes, &folders, pause, done);
        // From the second line of the journal on it can only be finished.
        let held = Held::new(&*self.store.interrupts);
        if let Err(e) = staged.and_then(|journal| journal.staged(fx)) {
            self.take_back(fx, &mut placed, &folders);
            return Err(e);
        }
        let paths: Vec<TreePath> = writes.into_iter().map(|w| w.path).collect();
        let outcome = finish(fx, &self.home, &mut placed, pause);
        drop(held);
        if outcome.failed() {
            folders.take_back(fx);
        }
        let new = paths.into_iter().zip(&placed).filter(|(_, p)| p.renamed);
        done.written.extend(new.map(|(path, _)| path));
        outcome.result()
    }

    /// Looks at every place, makes missing folders, and keeps what is to be done.
    fn prepare(
        &self,
        fx: &dyn Effects,
        folders: &mut Folders,
        writes: Vec<Write>,
        done: &mut Delivered,
    ) -> Result<Prepared, StoreError> {
        let mut looked: Vec<(Write, Current)> = Vec::new();
        for write in writes {
            let (above, name) = split(write.path.as_path());
            let now = match folders.open(&self.store.walk, above) {
                Ok(folder) => current(&folder, &name.to_string_lossy(), &write)?,
                Err(e) if e.is_missing() => Current::default(),
                Err(e) => return Err(e),
            };
            if now.same {
                done.kept.push(write.path);
            } else {
                looked.push((write, now));
            }
        }
        let pause = needs_pause(&looked);
        let mut units: BTreeMap<usize, usize> = BTreeMap::new();
        let (mut placed, mut writes) = (Vec::new(), Vec::new());
        for (index, (write, now)) in looked.into_iter().enumerate() {
            let (above, _) = split(write.path.as_path());
            let folder = folders.open_or_make(&self.store.walk, fx, above, write.folder_mode)?;
            placed.push(Placed {
                entry: Entry {
                    path: write.path.to_string(),
                    unit: write
                        .pair
                        .map_or(index, |p| *units.entry(p).or_insert(index)),
                    key: write.part == Part::Key,
                    sha256: sha256(write.content.expose()),
                    old: now.old,
                },
                folder,
                name: write.path.file_name(),
                file: None,
                renamed: false,
            });
            writes.push(write);
        }
        Ok(Prepared {
            placed,
            writes,
            pause,
        })
    }

    fn stage_all(
        &self,
        fx: &dyn Effects,
        placed: &mut [Placed],
        writes: &[Write],
        folders: &Folders,
        pause: bool,
        done: &mut Delivered,
    ) -> Result<Writer, StoreError> {
        let entries = placed.iter().map(|p| p.entry.clone()).collect();
        let journal = Writer::begin(fx, &self.home, pause, entries)?;
        for (placed, write) in placed.iter_mut().zip(writes) {
            let (file, unkept) = stage(fx, &placed.folder, &placed.name, write)?;
            placed.file = Some(file);
            done.unkept.extend(unkept);
        }
        for old in parts_of_pairs(placed) {
            keep_old(fx, old)?;
        }
        let files = placed
            .iter()
            .filter_map(|p| p.file.as_ref())
            .collect::<Vec<_>>();
        in_threads(&files, |file| run(fx, FsOp::SyncFile { file }).map(|_| ()))?;
        sync_folders(fx, placed, &folders.made)?;
        Ok(journal)
    }

    /// Takes a batch back of which nothing is renamed. Goes on over failures:
    /// what remains is in the journal, and the next command removes it.
    fn take_back(&self, fx: &dyn Effects, placed: &mut [Placed], folders: &Folders) {
        let mut clean = true;
        for placed in placed.iter_mut() {
            clean &= placed.discard(fx).is_ok();
        }
        folders.take_back(fx);
        if clean {
            // If this fails, the next command clears it.
            let _ = clear(fx, &self.home);
        }
    }
}

/// Splits into batches; a pair stays in one, and the order holds.
fn batches(writes: Vec<Write>) -> Vec<Vec<Write>> {
    let mut units: Vec<Vec<Write>> = Vec::new();
    let mut of_pair: BTreeMap<usize, usize> = BTreeMap::new();
    for write in writes {
        let unit = match write.pair {
            Some(pair) => *of_pair.entry(pair).or_insert(units.len()),
            None => units.len(),
        };
        match units.get_mut(unit) {
            Some(unit) => unit.push(write),
            None => units.push(vec![write]),
        }
    }
    let mut batches: Vec<Vec<Write>> = Vec::new();
    for unit in units {
        match batches.last_mut() {
            Some(batch) if batch.len() + unit.len() <= BATCH => batch.extend(unit),
            _ => batches.push(unit),
        }
    }
    batches
}

/// Whether a key that is in use changes together with its certificate.
fn needs_pause(looked: &[(Write, Current)]) -> bool {
    looked.iter().any(|(write, now)| {
        write.part == Part::Key
            && write.pair.is_some()
            && now.old != Old::Nothing
            && !now.same_content
            && looked.iter().any(|(w, n)| {
                w.pair == write.pair && w.part == Part::Certificate && n.old != Old::Nothing
            })
    })
}
