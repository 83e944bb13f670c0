//! What would keep a file from being delivered though nothing stands in its own
//! place, so that it is known before anything is written.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags};

use super::error::{Kind, StoreError};
use super::named::{stage_name, undo_name};
use super::op::Folder;
use super::read::split;
use super::stage::replaceable;
use super::walk::{kind, stat_name};
use super::{HOME, Store};
use crate::model::path::TreePath;
use crate::parallel;

/// What is in the way of a delivery.
#[derive(Debug)]
#[non_exhaustive]
pub enum Obstacle {
    /// A folder has a name under which a file is written first.
    Folder {
        /// Where.
        path: PathBuf,
    },
    /// A file cannot be replaced or removed.
    Fixed {
        /// Where.
        path: PathBuf,
        /// It is a mount point; else it is marked immutable or append-only.
        mounted: bool,
    },
    /// Nothing can be made in the folder.
    Closed {
        /// The folder, or the one above it in which it would be made; empty: the
        /// manifest's.
        path: PathBuf,
        /// The system's answer.
        why: io::Error,
    },
}

impl Store {
    /// What would keep files from being delivered to these places, each with its
    /// place. Looks only; what it does not see, the delivery tells. Of what stands
    /// in the place itself see [`Self::check`].
    pub fn obstacles<'p>(&self, paths: &[&'p TreePath]) -> Vec<(&'p TreePath, Obstacle)> {
        // Who cannot change anything here asks for somebody who can.
        let home = self.walk.open(Path::new(HOME));
        let home = home.or_else(|_| self.walk.open(Path::new("")));
        let is_mine = home.is_ok_and(|home| may_change(&home).is_ok());
        let found = parallel::in_runs(paths, |run| {
            let of = |path: &&'p TreePath| Some((*path, self.obstacle(path, is_mine)?));
            run.iter().map(of).collect()
        });
        found.into_iter().flatten().collect()
    }

    fn obstacle(&self, path: &TreePath, is_mine: bool) -> Option<Obstacle> {
        let (above, name) = split(path.as_path());
        let name = name.to_string_lossy();
        let mut existing = above.ancestors();
        let (folder, place) = loop {
            let place = existing.next()?;
            match self.walk.open(place) {
                Ok(folder) => break (folder, place),
                Err(e) if e.is_missing() => {}
                // Told as what stands in the way of the file itself.
                Err(_) => return None,
            }
        };
        if is_mine && let Err(why) = may_change(&folder) {
            let path = place.to_owned();
            return Some(Obstacle::Closed { path, why });
        }
        if place != above {
            return None;
        }
        [stage_name(&name), undo_name(&name), name.into_owned()]
            .into_iter()
            .find_map(|name| fixed(&folder, above, &name))
    }
}

/// What stands at a name and cannot be replaced.
fn fixed(folder: &Folder, above: &Path, name: &str) -> Option<Obstacle> {
    let path = above.join(name);
    match kind(&stat_name(folder, OsStr::new(name)).ok()??) {
        // In the place itself: told as what is in its way.
        Kind::Folder if !super::is_staged(OsStr::new(name)) => None,
        Kind::Folder => Some(Obstacle::Folder { path }),
        _ => match replaceable(folder, name) {
            Ok(()) => None,
            Err(why) => {
                let mounted = matches!(why, StoreError::Mounted { .. });
                Some(Obstacle::Fixed { path, mounted })
            }
        },
    }
}

/// Whether we may make and rename files in a folder: its mode and owner, a list,
/// the file system, and a mark that lets nobody.
fn may_change(folder: &Folder) -> io::Result<()> {
    let access = Access::WRITE_OK | Access::EXEC_OK;
    Ok(rustix::fs::accessat(
        &folder.fd,
        ".",
        access,
        AtFlags::EACCESS,
    )?)
}
