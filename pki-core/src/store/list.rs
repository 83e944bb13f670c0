//! What a folder holds.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::{Dir, FileType};

use super::Store;
use super::error::{Kind, StoreError};
use super::op::Folder;
use super::read::{look, split};
use super::walk::{kind, stat_name};
use crate::model::path::{STAGE_PREFIX, TreePath};
use crate::parallel;
use crate::record::{Content, FileRecord};

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

/// What stands below a folder.
#[derive(Debug, Default)]
pub struct Walked {
    /// Every regular file, by its octets in order; also one that no
    /// [`TreePath`] can be.
    pub files: Vec<PathBuf>,
    /// Every folder that has a name of delivery's own.
    pub staged: Vec<PathBuf>,
    /// What could not be looked into, and why.
    pub unseen: Vec<(PathBuf, String)>,
}

/// Whether delivery keeps names like this one for itself.
pub fn is_staged(name: &OsStr) -> bool {
    name.as_bytes().starts_with(STAGE_PREFIX.as_bytes())
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

    /// Every regular file below a folder (`None`: the manifest's), whatever its
    /// name. Folders are walked, links are not followed; `.pki` is left out.
    /// What cannot be looked into is told and passed over; after `limit` files
    /// the walk ends, and says so.
    pub fn walk(&self, folder: Option<&TreePath>, limit: usize) -> Walked {
        let start = folder.map_or(PathBuf::new(), |f| f.as_path().to_owned());
        let mut walked = Walked::default();
        let (files, folders) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let is_full = || {
            files.load(Ordering::Relaxed) > limit
                || folders.load(Ordering::Relaxed) > limit.max(LIST_LIMIT)
        };
        let list = |at: &PathBuf| {
            if is_full() {
                return Ok(Vec::new());
            }
            let entries = self.kinds_in(at)?;
            let many = |kind| entries.iter().filter(|(_, is)| *is == kind).count();
            files.fetch_add(many(Kind::File), Ordering::Relaxed);
            folders.fetch_add(many(Kind::Folder), Ordering::Relaxed);
            Ok(entries)
        };
        let mut level = vec![start.clone()];
        for depth in 0.. {
            if level.is_empty() {
                break;
            }
            if depth > DEPTH {
                let why = format!("more than {DEPTH} folders in one another");
                let unseen = level.into_iter().map(|at| (at, why.clone()));
                walked.unseen.extend(unseen);
                break;
            }
            folders.store(0, Ordering::Relaxed);
            let listed = parallel::map(&level, list);
            let mut below = Vec::new();
            for (at, entries) in level.into_iter().zip(listed) {
                let entries = match entries {
                    Ok(entries) => entries,
                    Err(e) if StoreError::is_missing(&e) => continue,
                    Err(e) => {
                        walked.unseen.push((at, reason(e)));
                        continue;
                    }
                };
                for (name, kind) in entries {
                    let path = at.join(&name);
                    if kind == Kind::Folder && is_staged(&name) {
                        walked.staged.push(path.clone());
                    }
                    match kind {
                        Kind::Folder if path.as_os_str() != super::HOME => below.push(path),
                        Kind::File => walked.files.push(path),
                        _ => {}
                    }
                }
            }
            if is_full() {
                walked.files.truncate(limit);
                let why = format!("it holds more than {limit} files");
                walked.unseen.push((start, why));
                break;
            }
            level = below;
        }
        walked
            .files
            .sort_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
        walked
    }

    /// What stands at any place, reading no file that has more than `limit`
    /// octets. For files that the stack does not name.
    pub fn peek(&self, path: &Path, limit: u64) -> FileRecord {
        let (above, name) = split(path);
        let mut record = FileRecord::missing(path);
        let found = self.walk.open(above).and_then(|f| look(&f, name, limit));
        match found {
            Ok(Some((stat, content))) => {
                record.mode = stat.st_mode & 0o7777;
                record.uid = stat.st_uid;
                record.gid = stat.st_gid;
                record.content = content;
            }
            Ok(None) => {}
            Err(e) if e.is_missing() => {}
            Err(e) => record.content = Content::Unreadable(reason(e)),
        }
        record
    }

    fn kinds_in(&self, path: &Path) -> Result<Vec<(OsString, Kind)>, StoreError> {
        kinds(&self.walk.open(path)?)
    }

    fn list_at(&self, path: &Path) -> Result<Vec<Entry>, StoreError> {
        let folder = match self.walk.open(path) {
            Ok(folder) => folder,
            Err(e) if e.is_missing() => return Ok(Vec::new()),
            Err(e) => return Err(e),
        };
        let mut entries = Vec::new();
        for (name, _) in names(&folder)? {
            // Gone meanwhile: it is not there.
            let Some(stat) = stat_name(&folder, &name)? else {
                continue;
            };
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

/// The names in a folder, with what the file system says of each for nothing.
fn names(folder: &Folder) -> Result<Vec<(OsString, FileType)>, StoreError> {
    let failed = |e| StoreError::io("list", &folder.path, e);
    let mut names = Vec::new();
    for found in Dir::read_from(&folder.fd).map_err(failed)? {
        let found = found.map_err(failed)?;
        let name = OsStr::from_bytes(found.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        if names.len() == LIST_LIMIT {
            return Err(StoreError::TooMany {
                path: folder.path.clone(),
                limit: LIST_LIMIT,
            });
        }
        names.push((name.to_owned(), found.file_type()));
    }
    Ok(names)
}

/// The names in an open folder, with what each is.
pub(super) fn kinds(folder: &Folder) -> Result<Vec<(OsString, Kind)>, StoreError> {
    let mut kinds = Vec::new();
    for (name, file_type) in names(folder)? {
        let known = match file_type {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Folder,
            FileType::Symlink => Kind::Link,
            // Also where the file system does not say.
            _ => match stat_name(folder, &name)? {
                Some(stat) => kind(&stat),
                None => continue,
            },
        };
        kinds.push((name, known));
    }
    Ok(kinds)
}

/// Why something was not seen, where the place is told beside it.
fn reason(error: StoreError) -> String {
    match error {
        StoreError::Io { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}
