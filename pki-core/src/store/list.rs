//! What a folder holds.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::Dir;

use super::Store;
use super::error::{Kind, StoreError};
use super::walk::{kind, stat_name};
use crate::model::path::TreePath;

/// The most names that are listed of one folder.
pub const LIST_LIMIT: usize = 100_000;
/// The deepest folder that is walked, counted from where the walk begins.
const DEPTH: usize = 64;

/// One name in a folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Its name; octets that are not UTF-8 are shown as `�`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Permission bits (`0o7777`).
    pub mode: u32,
    /// Owner, numeric.
    pub uid: u32,
    /// Group, numeric.
    pub gid: u32,
}

impl Store {
    /// What one folder holds (`None`: the manifest's), sorted by name. A folder
    /// that is not there holds nothing.
    ///
    /// # Errors
    /// When it is no folder, cannot be read, or holds more than [`LIST_LIMIT`] names.
    pub fn list(&self, folder: Option<&TreePath>) -> Result<Vec<Entry>, StoreError> {
        self.list_at(folder.map_or(Path::new(""), TreePath::as_path))
    }

    /// Every file below a folder (`None`: the manifest's), sorted; folders are
    /// walked, links are named but not followed. `.pki` is left out, and so are
    /// names that no [`TreePath`] can be (staged files, octets that are not UTF-8).
    ///
    /// # Errors
    /// When there are more than `limit`, or as [`Self::list`].
    pub fn walk(
        &self,
        folder: Option<&TreePath>,
        limit: usize,
    ) -> Result<Vec<TreePath>, StoreError> {
        let start = folder.map_or(PathBuf::new(), |f| f.as_path().to_owned());
        let too_many = |path: &Path| StoreError::TooMany {
            path: self.walk.shown(path),
            limit,
        };
        let mut files = Vec::new();
        let mut todo = vec![(start.clone(), 0)];
        while let Some((at, depth)) = todo.pop() {
            for entry in self.list_at(&at)? {
                let path = at.join(&entry.name);
                if path == Path::new(super::HOME) {
                    continue;
                }
                if entry.kind == Kind::Folder {
                    if depth == DEPTH {
                        return Err(too_many(&start));
                    }
                    todo.push((path, depth + 1));
                } else if let Some(Ok(file)) = path.to_str().map(TreePath::new) {
                    files.push(file);
                }
                if files.len() > limit || todo.len() > limit.max(LIST_LIMIT) {
                    return Err(too_many(&start));
                }
            }
        }
        files.sort();
        Ok(files)
    }

    fn list_at(&self, path: &Path) -> Result<Vec<Entry>, StoreError> {
        let folder = match self.walk.open(path) {
            Ok(folder) => folder,
            Err(e) if e.is_missing() => return Ok(Vec::new()),
            Err(e) => return Err(e),
        };
        let failed = |e| StoreError::io("list", &folder.path, e);
        let mut entries = Vec::new();
        for found in Dir::read_from(&folder.fd).map_err(failed)? {
            let found = found.map_err(failed)?;
            let name = OsStr::from_bytes(found.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            // Gone meanwhile: it is not there.
            let Some(stat) = stat_name(&folder, name)? else {
                continue;
            };
            if entries.len() == LIST_LIMIT {
                return Err(StoreError::TooMany {
                    path: folder.path,
                    limit: LIST_LIMIT,
                });
            }
            entries.push(Entry {
                name: name.to_string_lossy().into_owned(),
                kind: kind(&stat),
                mode: stat.st_mode & 0o7777,
                uid: stat.st_uid,
                gid: stat.st_gid,
            });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }
}
