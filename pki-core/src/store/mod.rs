//! The tree of files: the only module that touches any.
//!
//! Reading ([`Store`]) needs no lock and changes nothing. Changing needs the
//! lock ([`Store::lock`] gives a [`Locked`]), which first finishes or undoes
//! what a killed command left. What is delivered is whole at every moment: each
//! file is old or new, and so is each pair.
//!
//! Every name is looked up in an open folder (see `walk`), every change is one
//! [`FsOp`] (see `op`), and the order of changes is written down in `deliver`.

mod access;
mod account;
mod activity;
mod archive;
mod attribute;
mod deliver;
mod error;
mod finish;
mod holder;
mod interrupt;
mod issued;
mod journal;
mod kept;
mod list;
mod lock;
mod named;
mod obstacle;
mod op;
mod outside;
#[cfg(test)]
pub(crate) mod power;
mod read;
mod recover;
mod stage;
mod standing;
mod state;
#[cfg(test)]
mod tests;
mod walk;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use account::{accounts, effective_gid, effective_uid, read_system_bundle};
pub use activity::{Activity, Delivery, Working};
pub use deliver::{BATCH, Delivered};
pub use error::{Kind, StoreError, reading_hint, words_hint};
pub use interrupt::Interrupts;
pub use issued::{RECORD, is_torn};
pub use kept::Unkept;
pub use list::{Entry, LIST_LIMIT, Walked, is_staged};
pub use lock::{Holder, LOCK, Locked};
pub use obstacle::Obstacle;
pub use op::{Effects, Folder, FsOp, Machine, Node, OpenFile};
pub use outside::{NewFile, create_new};
pub use read::{LIMIT, look_at, read_file};
pub use recover::Recovered;
pub use standing::nearest;
pub use state::{AuthorityState, GenerationPhase, GenerationState, STATE, State, StateError};
pub use walk::Resolver;
pub use write::{Bytes, Part, Write};

use interrupt::Nobody;
use walk::Walk;

/// The folder of the store's own files, 0700.
pub(crate) const HOME: &str = ".pki";

/// The folder of a manifest, held open. Copies share it.
#[derive(Clone)]
pub struct Store {
    root: PathBuf,
    walk: Arc<Walk>,
    effects: Arc<dyn Effects>,
    interrupts: Arc<dyn Interrupts>,
}

impl Store {
    /// Opens the folder `root` for reading; links in `root` itself are followed.
    ///
    /// # Errors
    /// When it is not there, is no folder, or cannot be opened.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        Self::open_with(root, Arc::new(Machine), Resolver::Kernel)
    }

    /// As [`Self::open`]; makes the folder, 0755, and those above it when missing.
    ///
    /// # Errors
    /// As [`Self::open`], and when it cannot be made.
    pub fn create(root: &Path) -> Result<Self, StoreError> {
        outside::make_folders(&Machine, root, 0o755, &mut walk::Made::new())?;
        Self::open(root)
    }

    /// As [`Self::open`], with another hand for the effects and another way to
    /// find folders: for tests.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(
        root: &Path,
        effects: Arc<dyn Effects>,
        resolver: Resolver,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            root: root.to_owned(),
            walk: Arc::new(Walk::new(root, resolver)?),
            effects,
            interrupts: Arc::new(Nobody),
        })
    }

    /// The same folder, for a program that may be asked to end while it changes it.
    #[must_use]
    pub fn with_interrupts(self, interrupts: Arc<dyn Interrupts>) -> Self {
        Self { interrupts, ..self }
    }

    /// The folder, as it was named.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder's absolute names: as it was named, and without links.
    pub fn roots(&self) -> Vec<PathBuf> {
        let named = std::path::absolute(&self.root).ok();
        let real = outside::real(&self.root);
        named.into_iter().chain(real).collect()
    }

    /// Whether a command was killed while it delivered: its journal is there,
    /// and with it files whose names start with `..stage-`. The next command
    /// that takes the lock finishes or undoes it.
    pub fn interrupted(&self) -> bool {
        journal::exists(self)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
