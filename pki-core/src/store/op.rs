//! Effects: every change the store makes to a disk is one [`FsOp`], done by
//! one function. A test puts its own [`Effects`] before it to record the
//! sequence, or to let one of them fail.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that changes files"
)]

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, RenameFlags, Uid, XattrFlags};
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

use super::attribute::{ACL, DEFAULT_ACL};
use super::error::StoreError;
use crate::clock;

/// An open folder: all names are looked up in it, never in a path that others
/// could change meanwhile.
#[derive(Debug)]
pub struct Folder {
    pub(super) fd: OwnedFd,
    pub(super) path: PathBuf,
}

impl Folder {
    /// Its place, for people; nothing is opened by it.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A file that was opened to be changed.
#[derive(Debug)]
pub struct OpenFile {
    pub(super) fd: OwnedFd,
    pub(super) path: PathBuf,
}

impl OpenFile {
    /// The name it was opened by; it may have been renamed since.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Something whose owner and mode can be set.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    /// A file.
    File(&'a OpenFile),
    /// A folder.
    Folder(&'a Folder),
}

impl Node<'_> {
    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::File(file) => file.fd.as_fd(),
            Self::Folder(folder) => folder.fd.as_fd(),
        }
    }

    /// Its place, for people.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(file) => &file.path,
            Self::Folder(folder) => &folder.path,
        }
    }
}

/// One effect. Names have no `/` in them and are never followed if links.
#[non_exhaustive]
pub enum FsOp<'a> {
    /// Makes a folder, 0700 whatever the umask.
    MakeFolder {
        /// Where.
        within: &'a Folder,
        /// Its name.
        name: &'a str,
    },
    /// Makes a file for writing that was not there, 0600; gives it back open.
    CreateFile {
        /// Where.
        within: &'a Folder,
        /// Its name.
        name: &'a str,
    },
    /// Opens a regular file for writing at its end, made 0600 when missing.
    OpenOrCreate {
        /// Where.
        within: &'a Folder,
        /// Its name.
        name: &'a str,
    },
    /// Opens a regular file of one name that exists for writing. What it is is
    /// known before it is opened: anybody's file or a device may have come there.
    OpenExisting {
        /// Where.
        within: &'a Folder,
        /// Its name.
        name: &'a str,
    },
    /// Writes all of these octets.
    Write {
        /// To where.
        file: &'a OpenFile,
        /// What; never printed.
        bytes: &'a [u8],
    },
    /// Cuts a file.
    Truncate {
        /// Which.
        file: &'a OpenFile,
        /// What remains, in bytes.
        length: u64,
    },
    /// Removes an access control list that a folder's default gave, and the
    /// default of a folder.
    DropAcl {
        /// Whose.
        of: Node<'a>,
    },
    /// Sets an extended attribute that the file had which this one replaces.
    SetAttribute {
        /// Whose.
        file: &'a OpenFile,
        /// Its name, such as `security.selinux`.
        name: &'a str,
        /// What.
        value: &'a [u8],
    },
    /// Sets owner, group or both.
    SetOwner {
        /// Whose.
        of: Node<'a>,
        /// The new owner.
        uid: Option<u32>,
        /// The new group.
        gid: Option<u32>,
    },
    /// Sets the permission bits.
    SetMode {
        /// Whose.
        of: Node<'a>,
        /// All twelve bits.
        mode: u32,
    },
    /// Waits until a file's content is on the disk.
    SyncFile {
        /// Which.
        file: &'a OpenFile,
    },
    /// Waits until a folder's names are on the disk.
    SyncFolder {
        /// Which.
        folder: &'a Folder,
    },
    /// Gives a file a second name in the same folder.
    Link {
        /// Where.
        within: &'a Folder,
        /// The name it has.
        name: &'a str,
        /// The name it gets.
        second: &'a str,
    },
    /// Renames.
    Rename {
        /// From where.
        from: &'a Folder,
        /// The old name.
        name: &'a str,
        /// To where.
        to: &'a Folder,
        /// The new name.
        new: &'a str,
        /// Whether what has the new name may be replaced.
        replace: bool,
    },
    /// Closes a file: who watches its folder is told now.
    Close {
        /// Which.
        file: OpenFile,
    },
    /// Removes a name that is no folder's.
    Unlink {
        /// Where.
        within: &'a Folder,
        /// Which.
        name: &'a str,
    },
    /// Removes an empty folder.
    RemoveFolder {
        /// Where.
        within: &'a Folder,
        /// Which.
        name: &'a str,
    },
    /// Lets readers notice what was renamed so far.
    Pause {
        /// How long.
        duration: Duration,
    },
}

impl FsOp<'_> {
    /// What is tried, as a verb for "cannot … `path`".
    pub fn action(&self) -> &'static str {
        match self {
            Self::MakeFolder { .. } => "make the folder",
            Self::CreateFile { .. } => "create",
            Self::OpenOrCreate { .. } | Self::OpenExisting { .. } => "open",
            Self::Write { .. } => "write",
            Self::Truncate { .. } => "cut",
            Self::DropAcl { .. } => "remove the access control list of",
            Self::SetAttribute { .. } => "set an attribute of",
            Self::SetOwner { .. } => "set the owner of",
            Self::SetMode { .. } => "set the mode of",
            Self::SyncFile { .. } | Self::SyncFolder { .. } => "sync",
            Self::Link { .. } => "link",
            Self::Rename { .. } => "rename",
            Self::Close { .. } => "close",
            Self::Unlink { .. } => "remove",
            Self::RemoveFolder { .. } => "remove the folder",
            Self::Pause { .. } => "wait",
        }
    }

    /// Where; of a renaming, the new name.
    pub fn path(&self) -> PathBuf {
        match self {
            Self::MakeFolder { within, name }
            | Self::CreateFile { within, name }
            | Self::OpenOrCreate { within, name }
            | Self::OpenExisting { within, name }
            | Self::Unlink { within, name }
            | Self::RemoveFolder { within, name }
            | Self::Link { within, name, .. } => within.path.join(name),
            Self::Write { file, .. }
            | Self::Truncate { file, .. }
            | Self::SetAttribute { file, .. }
            | Self::SyncFile { file } => file.path.clone(),
            Self::Close { file } => file.path.clone(),
            Self::SetOwner { of, .. } | Self::SetMode { of, .. } | Self::DropAcl { of } => {
                of.path().to_owned()
            }
            Self::SyncFolder { folder } => folder.path.clone(),
            Self::Rename { to, new, .. } => to.path.join(new),
            Self::Pause { .. } => PathBuf::new(),
        }
    }
}

/// One line, without the octets that are written.
impl fmt::Debug for FsOp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.action(), self.path().display())?;
        match self {
            Self::Write { bytes, .. } => write!(f, " {} bytes", bytes.len()),
            Self::Truncate { length, .. } => write!(f, " to {length} bytes"),
            Self::SetOwner { uid, gid, .. } => write!(f, " {uid:?} {gid:?}"),
            Self::SetMode { mode, .. } => write!(f, " {mode:04o}"),
            Self::SetAttribute { name, .. } => write!(f, " {name}"),
            Self::Link { second, .. } => write!(f, " as {second}"),
            Self::Rename { from, name, .. } => {
                write!(f, " from {}", from.path.join(name).display())
            }
            _ => Ok(()),
        }
    }
}

/// Who does the effects.
pub trait Effects: Send + Sync {
    /// Does one; gives back the file that was opened, where one was.
    ///
    /// # Errors
    /// The system's, or one that a test injects.
    fn perform(&self, op: FsOp<'_>) -> io::Result<Option<OpenFile>>;
}

/// The machine itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine;

impl Effects for Machine {
    fn perform(&self, op: FsOp<'_>) -> io::Result<Option<OpenFile>> {
        execute(op).map_err(io::Error::from)
    }
}

/// Does one effect; an error says what was tried and where.
pub(super) fn run(fx: &dyn Effects, op: FsOp<'_>) -> Result<Option<OpenFile>, StoreError> {
    let (action, path) = (op.action(), op.path());
    fx.perform(op).map_err(|source| StoreError::Io {
        action,
        path,
        source,
    })
}

/// Does one effect that opens a file.
pub(super) fn run_open(fx: &dyn Effects, op: FsOp<'_>) -> Result<OpenFile, StoreError> {
    let (action, path) = (op.action(), op.path());
    match fx.perform(op) {
        Ok(Some(file)) => Ok(file),
        Ok(None) => Err(StoreError::io(action, &path, io::ErrorKind::Other)),
        Err(source) => Err(StoreError::Io {
            action,
            path,
            source,
        }),
    }
}

const NEW_FILE: Mode = Mode::RUSR.union(Mode::WUSR);
const PLAIN: OFlags = OFlags::NOFOLLOW
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

fn execute(op: FsOp<'_>) -> rustix::io::Result<Option<OpenFile>> {
    match op {
        FsOp::MakeFolder { within, name } => rustix::fs::mkdirat(&within.fd, name, Mode::RWXU)?,
        FsOp::CreateFile { within, name } => {
            let flags = PLAIN | OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
            return open(within, name, flags).map(Some);
        }
        FsOp::OpenOrCreate { within, name } => {
            let flags = PLAIN | OFlags::RDWR | OFlags::CREATE | OFlags::APPEND;
            return open(within, name, flags).map(Some);
        }
        FsOp::OpenExisting { within, name } => {
            return open_existing(within, name).map(Some);
        }
        FsOp::Write { file, bytes } => write_all(file, bytes)?,
        FsOp::Truncate { file, length } => rustix::fs::ftruncate(&file.fd, length)?,
        FsOp::DropAcl { of } => {
            let lists: &[&str] = match of {
                Node::File(_) => &[ACL],
                Node::Folder(_) => &[ACL, DEFAULT_ACL],
            };
            for list in lists {
                match rustix::fs::fremovexattr(of.fd(), *list) {
                    // No list, or a file system that knows none: nothing to remove.
                    Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS) => {}
                    Err(e) => return Err(e),
                }
            }
        }
        FsOp::SetAttribute { file, name, value } => {
            rustix::fs::fsetxattr(&file.fd, name, value, XattrFlags::empty())?;
        }
        FsOp::SetOwner { of, uid, gid } => {
            rustix::fs::fchown(of.fd(), uid.map(Uid::from_raw), gid.map(Gid::from_raw))?;
        }
        FsOp::SetMode { of, mode } => {
            rustix::fs::fchmod(of.fd(), Mode::from_raw_mode(mode & 0o7777))?;
        }
        FsOp::SyncFile { file } => rustix::fs::fsync(&file.fd)?,
        FsOp::SyncFolder { folder } => rustix::fs::fsync(&folder.fd)?,
        FsOp::Link {
            within,
            name,
            second,
        } => {
            rustix::fs::linkat(&within.fd, name, &within.fd, second, AtFlags::empty())?;
        }
        FsOp::Rename {
            from,
            name,
            to,
            new,
            replace: true,
        } => {
            rustix::fs::renameat(&from.fd, name, &to.fd, new)?;
        }
        FsOp::Rename {
            from,
            name,
            to,
            new,
            replace: false,
        } => {
            rustix::fs::renameat_with(&from.fd, name, &to.fd, new, RenameFlags::NOREPLACE)?;
        }
        FsOp::Close { file } => drop(file),
        FsOp::Unlink { within, name } => rustix::fs::unlinkat(&within.fd, name, AtFlags::empty())?,
        FsOp::RemoveFolder { within, name } => {
            rustix::fs::unlinkat(&within.fd, name, AtFlags::REMOVEDIR)?;
        }
        FsOp::Pause { duration } => clock::sleep(duration),
    }
    Ok(None)
}

fn open(within: &Folder, name: &str, flags: OFlags) -> rustix::io::Result<OpenFile> {
    let fd = rustix::fs::openat(&within.fd, name, flags, NEW_FILE)?;
    only_name(&fd)?;
    Ok(OpenFile {
        fd,
        path: within.path.join(name),
    })
}

/// Takes hold of what is there, looks at it, and opens that very one. Without
/// `/proc` it is not opened: `NOENT`.
fn open_existing(within: &Folder, name: &str) -> rustix::io::Result<OpenFile> {
    let held = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let held = rustix::fs::openat(&within.fd, name, held, Mode::empty())?;
    only_name(&held)?;
    let way = format!("/proc/self/fd/{}", held.as_raw_fd());
    let flags = PLAIN.difference(OFlags::NOFOLLOW) | OFlags::WRONLY;
    Ok(OpenFile {
        fd: rustix::fs::open(way, flags, Mode::empty())?,
        path: within.path.join(name),
    })
}

/// Whether it is a regular file without another name, which may be anybody's.
fn only_name(fd: &OwnedFd) -> rustix::io::Result<()> {
    let stat = rustix::fs::fstat(fd)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Errno::INVAL);
    }
    if stat.st_nlink > 1 {
        return Err(Errno::MLINK);
    }
    Ok(())
}

fn write_all(file: &OpenFile, mut bytes: &[u8]) -> rustix::io::Result<()> {
    within_limit(file, bytes.len())?;
    while !bytes.is_empty() {
        match rustix::io::write(&file.fd, bytes) {
            Ok(0) => return Err(Errno::IO),
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Whether a file may grow by so much: the kernel ends a process that writes
/// beyond its limit (SIGXFSZ; setrlimit(2)), and nobody would be told why.
fn within_limit(file: &OpenFile, more: usize) -> rustix::io::Result<()> {
    let Some(most) = getrlimit(Resource::Fsize).current else {
        return Ok(());
    };
    let size = u64::try_from(rustix::fs::fstat(&file.fd)?.st_size).unwrap_or(0);
    let more = u64::try_from(more).unwrap_or(u64::MAX);
    if size.saturating_add(more) > most {
        return Err(Errno::FBIG);
    }
    Ok(())
}
