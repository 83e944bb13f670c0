//! What the file that is replaced has beside content, owner and mode, and what of
//! it the new one has not.
#![expect(clippy::disallowed_methods, reason = "opens the file that is asked")]

use std::ffi::OsStr;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags};

use super::attribute::{ACL, LABEL, named, value};
use super::error::Kind;
use super::op::Folder;
use super::walk::{kind, stat_name};
use crate::model::path::TreePath;

/// What a replaced file had and the new one has not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unkept {
    /// The file.
    pub path: TreePath,
    /// `access control list` or `SELinux label`.
    pub what: &'static str,
    /// The system's words; `None`: it is a key, which takes no list.
    pub why: Option<String>,
}

/// What the file that is replaced has.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub(super) acl: Option<Vec<u8>>,
    pub(super) label: Option<Vec<u8>>,
}

impl Attributes {
    /// Of the file at a name. Nothing where there is none, or one that has
    /// another name as well: its label may be any file's.
    pub(super) fn of(folder: &Folder, name: &OsStr) -> Self {
        let Some(file) = open(folder, name) else {
            return Self::default();
        };
        Self {
            acl: value(&file, ACL),
            label: value(&file, LABEL),
        }
    }
}

/// Whom the list of the file at a name lets read or write it, beside the owner,
/// the group and the others of its mode: `user 4242 (r--)`.
pub(super) fn granted(folder: &Folder, name: &OsStr) -> Vec<String> {
    let acl = open(folder, name).and_then(|file| value(&file, ACL));
    acl.map_or_else(Vec::new, |acl| named(&acl))
}

fn open(folder: &Folder, name: &OsStr) -> Option<OwnedFd> {
    let alone = |stat: &rustix::fs::Stat| kind(stat) == Kind::File && stat.st_nlink == 1;
    stat_name(folder, name).ok().flatten().filter(alone)?;
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::openat(&folder.fd, name, flags, Mode::empty()).ok()?;
    alone(&rustix::fs::fstat(&file).ok()?).then_some(file)
}
