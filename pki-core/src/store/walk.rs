//! The way to a folder: by descriptors, so that who may write in a folder on
//! the way cannot lead us elsewhere.
//!
//! * Below the manifest's folder no link is followed at all.
//! * An absolute place is walked from `/`. A link there is followed only where
//!   nobody but root and us could have put it: it belongs to root or to us, and
//!   so does each folder down to it, and none of them is writable by others
//!   (`/tmp`-like sticky folders may be passed, but not through a link in them).
//!   So `/etc/pki -> /srv/pki` works, and a link that a service user made does not.
//!
//! `openat2` (Linux 5.6) does it in one call; where it is missing, refused by a
//! sandbox, or meets anything unusual, the walk is done component by component,
//! which also knows what to say.
#![expect(clippy::disallowed_methods, reason = "folders are opened here")]

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use super::attribute::{ACL, DEFAULT_ACL, value};
use super::error::{Kind, StoreError};
pub(super) use super::named::kind;
use super::named::{in_the_way, missing};
use super::op::{Effects, Folder, FsOp, Node, run};

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NOFOLLOW);
/// As in the kernel (`path_resolution(7)`).
const MAX_LINKS: u32 = 40;

/// How folders are found.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Resolver {
    /// `openat2`, else component by component.
    #[default]
    Kernel,
    /// Always component by component, as on a kernel without `openat2`.
    Components,
}

/// Finds folders from one root.
#[derive(Debug)]
pub(super) struct Walk {
    root: Folder,
    resolver: Resolver,
}

/// Folders that were made on the way: where, and their names.
pub(super) type Made = Vec<(Arc<Folder>, String)>;

/// Open folders of one batch.
#[derive(Debug, Default)]
pub(super) struct Folders {
    open: HashMap<PathBuf, Arc<Folder>>,
    pub(super) made: Made,
}

impl Folders {
    pub(super) fn open(&mut self, walk: &Walk, path: &Path) -> Result<Arc<Folder>, StoreError> {
        if let Some(folder) = self.open.get(path) {
            return Ok(Arc::clone(folder));
        }
        let folder = Arc::new(walk.open(path)?);
        self.open.insert(path.to_owned(), Arc::clone(&folder));
        Ok(folder)
    }

    /// As [`Walk::open_or_make`].
    pub(super) fn open_or_make(
        &mut self,
        walk: &Walk,
        fx: &dyn Effects,
        path: &Path,
        mode: u32,
    ) -> Result<Arc<Folder>, StoreError> {
        match self.open(walk, path) {
            Err(e) if e.is_missing() => {}
            done => return done,
        }
        let folder = Arc::new(walk.open_or_make(fx, path, mode, &mut self.made)?);
        self.open.insert(path.to_owned(), Arc::clone(&folder));
        Ok(folder)
    }

    /// Removes the folders that were made, as far as they are empty.
    pub(super) fn take_back(&self, fx: &dyn Effects) {
        for (within, name) in self.made.iter().rev() {
            // Not empty, or the disk fails: an empty folder more does no harm.
            let _ = run(fx, FsOp::RemoveFolder { within, name });
        }
    }
}

impl Walk {
    /// `root` is the user's word: links in it are followed.
    pub(super) fn new(root: &Path, resolver: Resolver) -> Result<Self, StoreError> {
        let named = if root.as_os_str().is_empty() {
            Path::new(".")
        } else {
            root
        };
        let flags = FOLDER.difference(OFlags::NOFOLLOW);
        let fd = rustix::fs::open(named, flags, Mode::empty()).map_err(|e| match e {
            Errno::NOENT => missing(named),
            Errno::NOTDIR => in_the_way(named),
            e => StoreError::io("open", named, e),
        })?;
        // Shown before each place: `certs/a`, not `./certs/a`.
        let shown = if named == Path::new(".") {
            Path::new("")
        } else {
            named
        };
        let root = Folder {
            fd,
            path: shown.to_owned(),
        };
        Ok(Self { root, resolver })
    }

    /// How the user would name this place.
    pub(super) fn shown(&self, path: &Path) -> PathBuf {
        self.root.path.join(path)
    }

    /// A place as the tree names it, from how it was shown.
    pub(super) fn in_tree<'p>(&self, shown: &'p Path) -> &'p Path {
        shown.strip_prefix(&self.root.path).unwrap_or(shown)
    }

    /// Opens the folder at `path`; an empty path is the root.
    pub(super) fn open(&self, path: &Path) -> Result<Folder, StoreError> {
        if path.as_os_str().is_empty() {
            let fd = self.root.fd.try_clone();
            let fd = fd.map_err(|e| StoreError::io("open", &self.root.path, e))?;
            return Ok(Folder {
                fd,
                path: self.root.path.clone(),
            });
        }
        if self.resolver == Resolver::Kernel && path.is_relative() {
            let resolve =
                ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
            let open = rustix::fs::openat2(&self.root.fd, path, FOLDER, Mode::empty(), resolve);
            match open {
                Ok(fd) => {
                    return Ok(Folder {
                        fd,
                        path: self.shown(path),
                    });
                }
                Err(Errno::NOENT) => {
                    return Err(StoreError::Missing {
                        path: self.shown(path),
                    });
                }
                // Not there, not allowed, or something in the way: the slow way says what.
                Err(_) => {}
            }
        }
        self.by_components(path)
    }

    fn by_components(&self, path: &Path) -> Result<Folder, StoreError> {
        let (mut here, mut shown) = if path.is_absolute() {
            (slash()?, PathBuf::from("/"))
        } else {
            (self.open(Path::new(""))?.fd, self.root.path.clone())
        };
        let failed = |shown: &Path, e: Errno| match e {
            Errno::NOENT => StoreError::Missing {
                path: shown.to_owned(),
            },
            e => StoreError::io("open", shown, e),
        };
        // Whether only root and we could have made what was met so far.
        let mut safe = path.is_absolute();
        let mut links = 0;
        let mut todo: Vec<OsString> = parts(path);
        while let Some(name) = todo.pop() {
            shown.push(&name);
            let error = match rustix::fs::openat(&here, &name, FOLDER, Mode::empty()) {
                Ok(next) => {
                    if safe {
                        let above = rustix::fs::fstat(&here).map_err(|e| failed(&shown, e))?;
                        let below = rustix::fs::fstat(&next).map_err(|e| failed(&shown, e))?;
                        safe = ours(&below) && (!others_write(&above) || sticky(&above));
                    }
                    here = next;
                    continue;
                }
                Err(e) => e,
            };
            if !matches!(error, Errno::NOTDIR | Errno::LOOP) {
                return Err(failed(&shown, error));
            }
            let stat = rustix::fs::statat(&here, &name, AtFlags::SYMLINK_NOFOLLOW)
                .map_err(|e| failed(&shown, e))?;
            let found = kind(&stat);
            if found != Kind::Link {
                return Err(StoreError::InTheWay {
                    path: shown,
                    found,
                    wanted: Kind::Folder,
                });
            }
            let above = rustix::fs::fstat(&here).map_err(|e| failed(&shown, e))?;
            links += 1;
            if let Some(reason) = refused(path, safe, &above, &stat, links) {
                return Err(StoreError::Link {
                    path: shown,
                    reason,
                });
            }
            let target =
                rustix::fs::readlinkat(&here, &name, Vec::new()).map_err(|e| failed(&shown, e))?;
            let target = PathBuf::from(OsString::from_vec(target.into_bytes()));
            shown.pop();
            if target.is_absolute() {
                here = slash()?;
                shown = PathBuf::from("/");
            }
            todo.extend(parts(&target));
        }
        Ok(Folder {
            fd: here,
            path: self.shown(path),
        })
    }

    /// Opens the folder at `path`; makes what is missing with `mode`, whatever
    /// the umask, and adds it to `new`.
    pub(super) fn open_or_make(
        &self,
        fx: &dyn Effects,
        path: &Path,
        mode: u32,
        new: &mut Made,
    ) -> Result<Folder, StoreError> {
        match self.open(path) {
            Err(e) if e.is_missing() => {}
            done => return done,
        }
        let missing = || StoreError::Missing {
            path: self.shown(path),
        };
        let name = path
            .file_name()
            .and_then(OsStr::to_str)
            .ok_or_else(missing)?;
        let above = path.parent().ok_or_else(missing)?;
        let above = Arc::new(self.open_or_make(fx, above, mode, new)?);
        match run(
            fx,
            FsOp::MakeFolder {
                within: &above,
                name,
            },
        ) {
            Ok(_) => new.push((Arc::clone(&above), name.to_owned())),
            // Somebody was faster; what stands there is looked at below.
            Err(e) if e.is_exists() => return self.open(path),
            Err(e) => return Err(e),
        }
        let folder = child(&above, name, self.shown(path))?;
        let stat = stat_folder(&folder)?;
        if stat.st_uid != rustix::process::geteuid().as_raw() {
            return Err(StoreError::Untrusted {
                path: folder.path,
                reason: "another user put a folder there while ours was made".into(),
                hint: "see who may write in the folder above it".into(),
            });
        }
        let of = Node::Folder(&folder);
        let lists = || [ACL, DEFAULT_ACL].map(|list| value(&folder.fd, list));
        // What only its owner may enter takes no list from the folder above it.
        if matches!(mode & 0o077, 0) && lists().iter().any(Option::is_some) {
            run(fx, FsOp::DropAcl { of })?;
        }
        run(fx, FsOp::SetMode { of, mode })?;
        Ok(folder)
    }
}

/// Opens a folder by its name in another; no link is followed.
pub(super) fn child(above: &Folder, name: &str, shown: PathBuf) -> Result<Folder, StoreError> {
    match rustix::fs::openat(&above.fd, name, FOLDER, Mode::empty()) {
        Ok(fd) => Ok(Folder { fd, path: shown }),
        Err(e) => Err(StoreError::io("open", &shown, e)),
    }
}

pub(super) fn stat_folder(folder: &Folder) -> Result<Stat, StoreError> {
    rustix::fs::fstat(&folder.fd).map_err(|e| StoreError::io("look at", &folder.path, e))
}

/// What stands at a name; `None`: nothing.
pub(super) fn stat_name(folder: &Folder, name: &OsStr) -> Result<Option<Stat>, StoreError> {
    match rustix::fs::statat(&folder.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(e) => Err(StoreError::io("look at", &folder.path.join(name), e)),
    }
}

/// The components of a path, last first.
fn parts(path: &Path) -> Vec<OsString> {
    let mut parts: Vec<OsString> = path
        .components()
        .filter_map(|c| match c {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsStr::from_bytes(b"..").to_owned()),
            _ => None,
        })
        .collect();
    parts.reverse();
    parts
}

fn slash() -> Result<OwnedFd, StoreError> {
    rustix::fs::open("/", FOLDER, Mode::empty())
        .map_err(|e| StoreError::io("open", Path::new("/"), e))
}

/// Why a link is not followed; `None`: it is.
fn refused(path: &Path, safe: bool, above: &Stat, link: &Stat, links: u32) -> Option<&'static str> {
    if path.is_relative() {
        Some("no link is followed below the manifest's folder")
    } else if links > MAX_LINKS {
        Some("one link leads to the next, more than 40 times")
    } else if !safe || others_write(above) {
        Some("others than root and you may write in a folder on the way to it")
    } else if !ours(link) {
        Some("it belongs neither to root nor to you")
    } else {
        None
    }
}

fn ours(stat: &Stat) -> bool {
    stat.st_uid == 0 || stat.st_uid == rustix::process::geteuid().as_raw()
}

fn others_write(stat: &Stat) -> bool {
    stat.st_mode & 0o022 != 0
}

fn sticky(stat: &Stat) -> bool {
    stat.st_mode & 0o1000 != 0
}
