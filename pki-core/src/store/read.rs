//! Reading: files of the tree as they are, and single files of the user's.
//!
//! Only regular files are opened, never a pipe or a device; no more than a
//! limit is read; nothing is changed and no lock is needed.
#![expect(clippy::disallowed_methods, reason = "files are read here")]

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, Stat};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::Store;
use super::error::{Kind, StoreError};
use super::kept::granted;
use super::named::undo_name;
use super::named::{in_the_way, missing};
use super::op::Folder;
use super::walk::{kind, stat_folder, stat_name};
use crate::model::path::TreePath;
use crate::parallel;
use crate::record::{Content, FileRecord};

/// The most that is read of one file of the tree, in bytes. The largest real
/// one, a truststore of a whole system, has less than 1 MiB.
pub const LIMIT: u64 = 16 << 20;

const READ: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

/// Reads one file after another; remembers the last folder.
struct Reader<'a> {
    store: &'a Store,
    last: Option<(PathBuf, Folder)>,
}

impl Store {
    /// What stands at `path`. That nothing can be read is an answer too.
    pub fn read(&self, path: &TreePath) -> FileRecord {
        Reader {
            store: self,
            last: None,
        }
        .read(path)
    }

    /// The manifest's folder itself, as a record with an empty path.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn read_root(&self) -> Result<FileRecord, StoreError> {
        let stat = stat_folder(&self.walk.open(Path::new(""))?)?;
        Ok(FileRecord {
            content: Content::Folder,
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            ..FileRecord::missing(Path::new(""))
        })
    }

    /// What stands at a place of somebody else's, links followed: what the
    /// manifest says to read and pki never writes.
    pub fn read_through(&self, path: &TreePath) -> FileRecord {
        FileRecord {
            path: path.as_path().to_owned(),
            ..look_at(&self.root.join(path.as_path()), LIMIT)
        }
    }

    /// What stands at each of `paths`, in their order.
    pub fn read_many(&self, paths: &[TreePath]) -> Vec<FileRecord> {
        parallel::in_runs(paths, |run| {
            let mut reader = Reader {
                store: self,
                last: None,
            };
            run.iter().map(|path| reader.read(path)).collect()
        })
    }
}

impl Reader<'_> {
    fn read(&mut self, path: &TreePath) -> FileRecord {
        let mut record = FileRecord::missing(path.as_path());
        match self.look(path.as_path()) {
            Ok(Some((stat, content))) => {
                record.mode = stat.st_mode & 0o7777;
                record.uid = stat.st_uid;
                record.gid = stat.st_gid;
                record.links = links(&stat);
                // A delivery that was killed left it a second name.
                if record.links > 1
                    && let Some((_, folder)) = &self.last
                    && is_kept_by_us(folder, split(path.as_path()).1, &stat)
                {
                    record.links -= 1;
                }
                record.content = content;
                // Where the group bits, the list's mask, are empty it lets nobody
                // in; where others read, it adds nothing.
                if stat.st_mode & 0o070 != 0
                    && matches!(stat.st_mode & 0o007, 0)
                    && let Some((_, folder)) = &self.last
                {
                    record.granted = granted(folder, split(path.as_path()).1);
                }
                if kind(&stat) != Kind::File {
                    record.in_the_way = Some(path.as_path().to_owned());
                }
            }
            Ok(None) => {}
            Err(e) => {
                if let StoreError::InTheWay { path: it, .. } | StoreError::Link { path: it, .. } =
                    &e
                {
                    record.in_the_way = Some(self.store.walk.in_tree(it).to_owned());
                }
                record.content = unread(e);
            }
        }
        record
    }

    fn look(&mut self, path: &Path) -> Result<Option<(Stat, Content)>, StoreError> {
        let (above, name) = split(path);
        if self.last.as_ref().is_none_or(|(last, _)| last != above) {
            match self.store.walk.open(above) {
                Ok(folder) => self.last = Some((above.to_owned(), folder)),
                Err(e) if e.is_missing() => return Ok(None),
                Err(e) => return Err(e),
            }
        }
        match &self.last {
            Some((_, folder)) => look(folder, name, LIMIT),
            None => Ok(None),
        }
    }
}

/// How many names a file has.
#[expect(
    clippy::useless_conversion,
    reason = "a number of another width on other machines"
)]
fn links(stat: &Stat) -> u64 {
    stat.st_nlink.into()
}

/// Whether one of the names of a file is that under which delivery keeps an old one.
fn is_kept_by_us(folder: &Folder, name: &OsStr, stat: &Stat) -> bool {
    let second = undo_name(&name.to_string_lossy());
    let second = stat_name(folder, OsStr::new(&second)).ok().flatten();
    second.is_some_and(|second| (second.st_dev, second.st_ino) == (stat.st_dev, stat.st_ino))
}

/// Folder and name of a place; the folder of a name at the top is empty.
pub(super) fn split(path: &Path) -> (&Path, &OsStr) {
    (
        path.parent().unwrap_or(Path::new("")),
        path.file_name().unwrap_or_default(),
    )
}

/// What stands at a name, with what it holds if it is a file.
pub(super) fn look(
    folder: &Folder,
    name: &OsStr,
    limit: u64,
) -> Result<Option<(Stat, Content)>, StoreError> {
    let Some(stat) = stat_name(folder, name)? else {
        return Ok(None);
    };
    let content = match kind(&stat) {
        Kind::Folder => Content::Folder,
        Kind::File => return read_in(folder, name, stat, limit).map(Some),
        other => Content::Refused(format!("it is {other}, not a file")),
    };
    Ok(Some((stat, content)))
}

/// Reads a regular file; `before` says what the name held a moment ago.
fn read_in(
    folder: &Folder,
    name: &OsStr,
    before: Stat,
    limit: u64,
) -> Result<(Stat, Content), StoreError> {
    let path = folder.path.join(name);
    let fd = match rustix::fs::openat(&folder.fd, name, READ | OFlags::NOFOLLOW, Mode::empty()) {
        Ok(fd) => fd,
        Err(Errno::LOOP) => {
            return Ok((
                before,
                Content::Refused("it became a link while it was opened".into()),
            ));
        }
        Err(e @ (Errno::ACCESS | Errno::PERM)) => {
            return Ok((
                before,
                Content::Unreadable(std::io::Error::from(e).to_string()),
            ));
        }
        Err(e) => return Err(StoreError::io("open", &path, e)),
    };
    let stat = rustix::fs::fstat(&fd).map_err(|e| StoreError::io("look at", &path, e))?;
    let content = match kind(&stat) {
        Kind::File => match read_whole(fd, &path, &stat, limit) {
            Ok(bytes) => Content::File(bytes),
            Err(e) => unread(e),
        },
        other => Content::Refused(format!("it became {other} while it was opened")),
    };
    Ok((stat, content))
}

/// A failure as an answer.
fn unread(error: StoreError) -> Content {
    match error {
        StoreError::Io { source, .. } => Content::Unreadable(source.to_string()),
        StoreError::TooLarge { size, limit, .. } => Content::Refused(format!(
            "it has {size} bytes, more than the {limit} that are read"
        )),
        other => Content::Refused(other.to_string()),
    }
}

/// Reads an open regular file. One allocation where its size holds, so that a
/// key leaves no copies behind.
fn read_whole(
    fd: OwnedFd,
    path: &Path,
    stat: &Stat,
    limit: u64,
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let too_large = |size: u64| StoreError::TooLarge {
        path: path.to_owned(),
        size,
        limit,
    };
    let size = u64::try_from(stat.st_size).unwrap_or(0);
    if size > limit {
        return Err(too_large(size));
    }
    let room = usize::try_from(size).unwrap_or(0).saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    File::from(fd)
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|e| StoreError::io("read", path, e))?;
    let got = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if got > limit {
        return Err(too_large(got));
    }
    Ok(bytes)
}

/// Reads a file of the user's, from anywhere: links are followed, at most
/// `limit` bytes are read; they are wiped from memory afterwards.
///
/// # Errors
/// When nothing is there, it is no regular file (a folder, a pipe, a device),
/// it is larger than `limit`, or the system refuses.
pub fn read_file(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let failed = |e: Errno| match e {
        Errno::NOENT => missing(path),
        Errno::NOTDIR => in_the_way(path),
        e => StoreError::io("open", path, e),
    };
    let regular = |stat: &Stat| match kind(stat) {
        Kind::File => Ok(()),
        found => Err(StoreError::InTheWay {
            path: path.to_owned(),
            found,
            wanted: Kind::File,
        }),
    };
    regular(&rustix::fs::stat(path).map_err(failed)?)?;
    let fd = rustix::fs::open(path, READ, Mode::empty()).map_err(failed)?;
    let stat = rustix::fs::fstat(&fd).map_err(failed)?;
    regular(&stat)?;
    read_whole(fd, path, &stat, limit)
}

/// Looks at a file of the user's, from anywhere, as [`read_file`] reads it.
pub fn look_at(path: &Path, limit: u64) -> FileRecord {
    let content = match read_file(path, limit) {
        Ok(bytes) => Content::File(bytes),
        Err(e) if e.is_missing() => Content::Missing,
        Err(StoreError::InTheWay {
            found: Kind::Folder,
            ..
        }) => Content::Folder,
        Err(error) => unread(error),
    };
    let stat = rustix::fs::stat(path).ok();
    FileRecord {
        content,
        mode: stat.as_ref().map_or(0, |s| s.st_mode & 0o7777),
        uid: stat.as_ref().map_or(0, |s| s.st_uid),
        gid: stat.as_ref().map_or(0, |s| s.st_gid),
        links: stat.as_ref().map_or(0, links),
        ..FileRecord::missing(path)
    }
}
