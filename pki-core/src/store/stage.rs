//! One file on its way: staged beside its place, renamed, closed, put back.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::{AtFlags, Stat, StatxAttributes, StatxFlags};

use super::attribute::{ACL, LABEL, value};
use super::error::{Kind, StoreError};
use super::journal::{Entry, Old, sha256};
use super::kept::{Attributes, Unkept};
use super::named::{stage_name, undo_name};
use super::op::{Effects, Folder, FsOp, Node, OpenFile, run, run_open};
use super::read::{LIMIT, look};
use super::walk::{kind, stat_name};
use super::write::Write;
use crate::record::Content;

/// One file of a batch, with the folder it is in.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) entry: Entry,
    pub(super) folder: Arc<Folder>,
    pub(super) name: String,
    /// Open from its making to its renaming.
    pub(super) file: Option<OpenFile>,
    pub(super) renamed: bool,
}

impl Placed {
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path.join(&self.name)
    }

    /// Delivers: one renaming, then the close that watchers wait for.
    pub(super) fn rename(&mut self, fx: &dyn Effects) -> Result<(), StoreError> {
        let stage = stage_name(&self.name);
        run(
            fx,
            FsOp::Rename {
                from: &self.folder,
                name: &stage,
                to: &self.folder,
                new: &self.name,
                replace: true,
            },
        )?;
        self.renamed = true;
        match self.file.take() {
            Some(file) => run(fx, FsOp::Close { file }).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Puts back what stood there before, as far as it was kept, and removes
    /// what was staged. Where nothing stood, what was renamed is removed.
    pub(super) fn put_back(&mut self, fx: &dyn Effects) -> Result<(), StoreError> {
        self.file = None;
        let undo = undo_name(&self.name);
        let kept = match &self.entry.old {
            Old::File(old) => self.holds(&undo, old)?,
            Old::Nothing | Old::Unknown => false,
        };
        if kept {
            run(
                fx,
                FsOp::Rename {
                    from: &self.folder,
                    name: &undo,
                    to: &self.folder,
                    new: &self.name,
                    replace: true,
                },
            )?;
        } else if self.renamed
            && self.entry.old == Old::Nothing
            && self.holds(&self.name, &self.entry.sha256)?
        {
            unlink(fx, &self.folder, &self.name)?;
        }
        self.renamed = false;
        // The second name too: renaming one name of a file over its other does
        // nothing (rename(2)).
        self.discard(fx)
    }

    /// Removes what was staged and kept; nothing was renamed.
    pub(super) fn discard(&mut self, fx: &dyn Effects) -> Result<(), StoreError> {
        self.file = None;
        let undo = unlink(fx, &self.folder, &undo_name(&self.name));
        unlink(fx, &self.folder, &stage_name(&self.name)).and(undo)
    }

    /// Whether the file of this name has this content.
    pub(super) fn holds(&self, name: &str, digest: &str) -> Result<bool, StoreError> {
        Ok(match look(&self.folder, OsStr::new(name), LIMIT)? {
            Some((_, Content::File(bytes))) => sha256(&bytes) == digest,
            _ => false,
        })
    }
}

/// Removes a name; nothing there is fine.
pub(super) fn unlink(fx: &dyn Effects, folder: &Folder, name: &str) -> Result<(), StoreError> {
    // A name that is not there costs no effect, and a folder is not ours.
    let stat = stat_name(folder, OsStr::new(name))?;
    if stat.is_none_or(|stat| kind(&stat) == Kind::Folder) {
        return Ok(());
    }
    match run(
        fx,
        FsOp::Unlink {
            within: folder,
            name,
        },
    ) {
        Err(e) if !e.is_missing() => Err(e),
        _ => Ok(()),
    }
}

/// What stands where a file is to be delivered.
#[derive(Debug, Default)]
pub(super) struct Current {
    pub(super) old: Old,
    /// Content, mode and owner are those that are wanted.
    pub(super) same: bool,
    /// The content is what is wanted.
    pub(super) same_content: bool,
}

/// Looks at the place of a file before anything is changed.
///
/// # Errors
/// When something stands there that is no file, or that no renaming replaces.
pub(super) fn current(folder: &Folder, name: &str, write: &Write) -> Result<Current, StoreError> {
    let os_name = OsStr::new(name);
    let path = || folder.path.join(name);
    let Some(stat) = stat_name(folder, os_name)? else {
        return Ok(Current::default());
    };
    match kind(&stat) {
        Kind::File => {}
        Kind::Link => {
            return Err(StoreError::Link {
                path: path(),
                reason: "delivering would replace the link, not the file it points to",
            });
        }
        found => {
            return Err(StoreError::InTheWay {
                path: path(),
                found,
                wanted: Kind::File,
            });
        }
    }
    match look(folder, os_name, LIMIT)? {
        None => Ok(Current::default()),
        Some((stat, Content::File(bytes))) => {
            let same_content = *bytes == write.content.expose();
            let same = same_content && same_access(&stat, write);
            if !same {
                replaceable(folder, name)?;
            }
            Ok(Current {
                old: Old::File(sha256(&bytes)),
                same,
                same_content,
            })
        }
        Some(_) => {
            replaceable(folder, name)?;
            Ok(Current {
                old: Old::Unknown,
                same: false,
                same_content: false,
            })
        }
    }
}

fn same_access(stat: &Stat, write: &Write) -> bool {
    stat.st_mode & 0o7777 == write.mode
        && write.uid.is_none_or(|uid| uid == stat.st_uid)
        && write.gid.is_none_or(|gid| gid == stat.st_gid)
}

/// Two things that would let a renaming fail after others are done.
pub(super) fn replaceable(folder: &Folder, name: &str) -> Result<(), StoreError> {
    let looked = rustix::fs::statx(
        &folder.fd,
        name,
        AtFlags::SYMLINK_NOFOLLOW,
        StatxFlags::BASIC_STATS,
    );
    // A kernel without statx: the renaming will tell.
    let Ok(found) = looked else { return Ok(()) };
    let has = |wanted| {
        found.stx_attributes_mask.contains(wanted) && found.stx_attributes.contains(wanted)
    };
    let path = folder.path.join(name);
    if has(StatxAttributes::MOUNT_ROOT) {
        return Err(StoreError::Mounted { path });
    }
    if has(StatxAttributes::IMMUTABLE) || has(StatxAttributes::APPEND) {
        return Err(StoreError::Immutable { path });
    }
    Ok(())
}

/// Writes a file beside its place, with its owner and mode; not yet synced. With
/// what the old one had and this one could not be given.
pub(super) fn stage(
    fx: &dyn Effects,
    folder: &Folder,
    name: &str,
    write: &Write,
) -> Result<(OpenFile, Vec<Unkept>), StoreError> {
    let staged = stage_name(name);
    let create = || {
        run_open(
            fx,
            FsOp::CreateFile {
                within: folder,
                name: &staged,
            },
        )
    };
    let file = match create() {
        // No journal knows it: not ours, or the journal was removed by hand.
        Err(e) if e.is_exists() => {
            run(
                fx,
                FsOp::Unlink {
                    within: folder,
                    name: &staged,
                },
            )?;
            create()?
        }
        done => done?,
    };
    if write.content.is_secret() {
        let of = Node::File(&file);
        run(fx, FsOp::DropAcl { of })?;
    }
    run(
        fx,
        FsOp::Write {
            file: &file,
            bytes: write.content.expose(),
        },
    )?;
    let stat = rustix::fs::fstat(&file.fd).map_err(|e| StoreError::io("look at", &file.path, e))?;
    let uid = write.uid.filter(|uid| *uid != stat.st_uid);
    let gid = write.gid.filter(|gid| *gid != stat.st_gid);
    if uid.is_some() || gid.is_some() {
        run(
            fx,
            FsOp::SetOwner {
                of: Node::File(&file),
                uid,
                gid,
            },
        )?;
    }
    let unkept = keep_attributes(fx, folder, name, &file, write);
    // Only now: a key is never open to a group that is not its own. And of a
    // list it sets the mask.
    run(
        fx,
        FsOp::SetMode {
            of: Node::File(&file),
            mode: write.mode,
        },
    )?;
    Ok((file, unkept))
}

/// Gives the new file the list and the label of the old one; a key takes no
/// list. What cannot be given is told.
fn keep_attributes(
    fx: &dyn Effects,
    folder: &Folder,
    name: &str,
    file: &OpenFile,
    write: &Write,
) -> Vec<Unkept> {
    let old = Attributes::of(folder, OsStr::new(name));
    let mut unkept = Vec::new();
    for (attribute, what, old) in [
        (ACL, "access control list", old.acl),
        (LABEL, "SELinux label", old.label),
    ] {
        let Some(old) = old else { continue };
        let why = if write.content.is_secret() && attribute == ACL {
            None
        } else if value(&file.fd, attribute).as_ref() == Some(&old) {
            continue;
        } else {
            let set = FsOp::SetAttribute {
                file,
                name: attribute,
                value: &old,
            };
            match fx.perform(set) {
                Ok(_) => continue,
                Err(e) => Some(e.to_string()),
            }
        };
        let path = write.path.clone();
        unkept.push(Unkept { path, what, why });
    }
    unkept
}

/// Keeps the old file of a pair under a second name until its pair is renamed.
pub(super) fn keep_old(fx: &dyn Effects, placed: &Placed) -> Result<(), StoreError> {
    if placed.entry.old == Old::Nothing {
        return Ok(());
    }
    let undo = undo_name(&placed.name);
    let link = || {
        fx.perform(FsOp::Link {
            within: &placed.folder,
            name: &placed.name,
            second: &undo,
        })
    };
    let linked = match link() {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            unlink(fx, &placed.folder, &undo)?;
            link()
        }
        done => done,
    };
    match linked {
        Ok(_) => Ok(()),
        // A file system without hard links, or a file of somebody else's
        // (protected_hardlinks): without a way back, as with any other tool.
        Err(e) if is_no_link(&e) => Ok(()),
        Err(e) => Err(StoreError::io("link", &placed.path(), e)),
    }
}

fn is_no_link(e: &std::io::Error) -> bool {
    use rustix::io::Errno;
    [
        Errno::PERM,
        Errno::OPNOTSUPP,
        Errno::NOSYS,
        Errno::MLINK,
        Errno::NOENT,
    ]
    .iter()
    .any(|errno| e.raw_os_error() == Some(errno.raw_os_error()))
}
