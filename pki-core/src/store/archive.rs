//! Taking files away: into the archive, or for good.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::HOME;
use super::error::{Kind, StoreError};
use super::lock::Locked;
use super::op::{Folder, FsOp, run, run_open};
use super::read::{LIMIT, look, split};
use super::walk::{Made, kind, stat_name};
use crate::clock::Timestamp;
use crate::model::path::TreePath;
use crate::record::Content;

impl Locked {
    /// Moves a file to `.pki/archive/TIME/` with its place below it, and says
    /// where. Nothing there: nothing happens. For certificates and what is made
    /// of them; a key is destroyed with [`Self::remove`], not kept (this is not
    /// checked here).
    ///
    /// # Errors
    /// When it is a folder, or the system refuses.
    pub fn archive(
        &mut self,
        path: &TreePath,
        now: Timestamp,
    ) -> Result<Option<PathBuf>, StoreError> {
        let Some((from, name)) = self.find(path)? else {
            return Ok(None);
        };
        let fx = self.effects();
        let (year, month, day, h, m, s) = now.civil();
        let time = format!("{year:04}-{month:02}-{day:02}T{h:02}{m:02}{s:02}Z");
        let below: PathBuf = split(path.as_path())
            .0
            .components()
            .filter(|c| matches!(c, Component::Normal(_)))
            .collect();
        for again in 0_u32.. {
            let time = if again == 0 {
                time.clone()
            } else {
                format!("{time}.{again}")
            };
            let folder = Path::new(HOME).join("archive").join(time).join(&below);
            let mut new = Made::new();
            let to = self.store.walk.open_or_make(fx, &folder, 0o700, &mut new)?;
            if stat_name(&to, OsStr::new(&name))?.is_some() {
                // Archived in this very second before.
                continue;
            }
            // What it is carried to is there for sure before it leaves its place.
            for (within, _) in &new {
                run(fx, FsOp::SyncFolder { folder: within })?;
            }
            self.carry(&from, &to, &name)?;
            run(fx, FsOp::SyncFolder { folder: &to })?;
            run(fx, FsOp::SyncFolder { folder: &from })?;
            return Ok(Some(folder.join(name)));
        }
        Ok(None)
    }

    /// Moves, or copies and removes where the archive is on another file system.
    fn carry(&self, from: &Folder, to: &Folder, name: &str) -> Result<(), StoreError> {
        let fx = self.effects();
        let moved = run(
            fx,
            FsOp::Rename {
                from,
                name,
                to,
                new: name,
                replace: false,
            },
        );
        let moved = moved.map_err(|e| match e {
            StoreError::Io { source, .. } => {
                StoreError::io("move away", &from.path.join(name), source)
            }
            other => other,
        });
        let Err(StoreError::Io { source, .. }) = &moved else {
            return moved.map(|_| ());
        };
        // Another file system (EXDEV), or one that cannot promise not to replace (EINVAL).
        if !matches!(
            source.kind(),
            std::io::ErrorKind::CrossesDevices | std::io::ErrorKind::InvalidInput
        ) {
            return moved.map(|_| ());
        }
        let Some((_, Content::File(bytes))) = look(from, OsStr::new(name), LIMIT)? else {
            return moved.map(|_| ());
        };
        let file = run_open(fx, FsOp::CreateFile { within: to, name })?;
        run(
            fx,
            FsOp::Write {
                file: &file,
                bytes: &bytes,
            },
        )?;
        run(fx, FsOp::SyncFile { file: &file })?;
        run(fx, FsOp::SyncFolder { folder: to })?;
        run(fx, FsOp::Close { file })?;
        run(fx, FsOp::Unlink { within: from, name }).map(|_| ())
    }

    /// Removes a file for good: the key of a leaf that nothing names. Nothing
    /// there: nothing happens. The disk may still hold its octets.
    ///
    /// # Errors
    /// When it is a folder, or the system refuses.
    pub fn remove(&mut self, path: &TreePath) -> Result<(), StoreError> {
        let Some((folder, name)) = self.find(path)? else {
            return Ok(());
        };
        run(
            self.effects(),
            FsOp::Unlink {
                within: &folder,
                name: &name,
            },
        )?;
        run(self.effects(), FsOp::SyncFolder { folder: &folder }).map(|_| ())
    }

    /// Makes a folder, and those above it when missing, with this mode whatever
    /// the umask. One that is there keeps its mode.
    ///
    /// # Errors
    /// When something else stands there, or the system refuses.
    pub fn make_folder(&mut self, path: &TreePath, mode: u32) -> Result<(), StoreError> {
        let fx = self.effects();
        let mut new = Made::new();
        self.store
            .walk
            .open_or_make(fx, path.as_path(), mode, &mut new)?;
        for (within, _) in &new {
            run(fx, FsOp::SyncFolder { folder: within })?;
        }
        Ok(())
    }

    /// The folder and name of something that is no folder; `None`: nothing there.
    fn find(&self, path: &TreePath) -> Result<Option<(Folder, String)>, StoreError> {
        let (above, name) = split(path.as_path());
        let folder = match self.store.walk.open(above) {
            Ok(folder) => folder,
            Err(e) if e.is_missing() => return Ok(None),
            Err(e) => return Err(e),
        };
        match stat_name(&folder, name)? {
            None => Ok(None),
            Some(stat) if kind(&stat) == Kind::Folder => Err(StoreError::InTheWay {
                path: folder.path.join(name),
                found: Kind::Folder,
                wanted: Kind::File,
            }),
            Some(_) => Ok(Some((folder, path.file_name()))),
        }
    }
}
