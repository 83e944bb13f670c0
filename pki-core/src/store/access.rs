//! Owner and mode of what is there.
#![expect(
    clippy::disallowed_methods,
    reason = "opens the file whose owner and mode are set"
)]

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::attribute::{ACL, value};
use super::error::{Kind, StoreError};
use super::lock::Locked;
use super::op::{FsOp, Node, OpenFile, run};
use super::read::split;
use super::walk::{kind, stat_name};
use crate::model::path::TreePath;

impl Locked {
    /// Gives a file or folder this mode, and this owner and group where named.
    /// What is right already is not touched. In between it is never open to
    /// more than it is before and after.
    ///
    /// # Errors
    /// When nothing is there; when it is a link, a pipe or a device; when it is
    /// a file with several names (the other one may be anything); when the
    /// system refuses: only root gives files away.
    pub fn set_access(
        &mut self,
        path: &TreePath,
        mode: u32,
        uid: Option<u32>,
        gid: Option<u32>,
    ) -> Result<(), StoreError> {
        self.give(path, mode, uid, gid, false)
    }

    /// As [`Self::set_access`], and removes the access control list: what the
    /// mode of a key says is all.
    ///
    /// # Errors
    /// As [`Self::set_access`].
    pub fn set_key_access(
        &mut self,
        path: &TreePath,
        mode: u32,
        uid: Option<u32>,
        gid: Option<u32>,
    ) -> Result<(), StoreError> {
        self.give(path, mode, uid, gid, true)
    }

    fn give(
        &self,
        path: &TreePath,
        mode: u32,
        uid: Option<u32>,
        gid: Option<u32>,
        is_key: bool,
    ) -> Result<(), StoreError> {
        let (above, name) = split(path.as_path());
        let folder = self.store.walk.open(above)?;
        let shown = folder.path.join(name);
        let wanted = match stat_name(&folder, name)?.map(|stat| kind(&stat)) {
            None => return Err(StoreError::Missing { path: shown }),
            Some(Kind::File) => OFlags::empty(),
            Some(Kind::Folder) => OFlags::DIRECTORY,
            Some(found) => {
                return Err(StoreError::InTheWay {
                    path: shown,
                    found,
                    wanted: Kind::File,
                });
            }
        };
        let flags = wanted
            | OFlags::RDONLY
            | OFlags::NOFOLLOW
            | OFlags::NONBLOCK
            | OFlags::NOCTTY
            | OFlags::CLOEXEC;
        let failed = |e: Errno| StoreError::io("open", &shown, e);
        let fd = rustix::fs::openat(&folder.fd, name, flags, Mode::empty()).map_err(failed)?;
        let stat = rustix::fs::fstat(&fd).map_err(failed)?;
        match kind(&stat) {
            Kind::Folder if wanted == OFlags::DIRECTORY => {}
            Kind::File if stat.st_nlink == 1 => {}
            Kind::File => {
                return Err(StoreError::HardLinks { path: shown });
            }
            found => {
                return Err(StoreError::InTheWay {
                    path: shown,
                    found,
                    wanted: Kind::File,
                });
            }
        }
        let file = OpenFile { fd, path: shown };
        let of = Node::File(&file);
        let fx = self.effects();
        let (mut now, mode) = (stat.st_mode & 0o7777, mode & 0o7777);
        let uid = uid.filter(|uid| *uid != stat.st_uid);
        let gid = gid.filter(|gid| *gid != stat.st_gid);
        if is_key && value(&file.fd, ACL).is_some() {
            // Without its list the group bits, which were the list's mask, would
            // let the whole group in.
            let narrow = now & mode & !0o077;
            run(fx, FsOp::SetMode { of, mode: narrow })?;
            run(fx, FsOp::DropAcl { of })?;
            now = narrow;
        }
        let untouched = now == stat.st_mode & 0o7777;
        if uid.is_some() || gid.is_some() {
            if now & mode != now {
                run(
                    fx,
                    FsOp::SetMode {
                        of,
                        mode: now & mode,
                    },
                )?;
            }
            run(fx, FsOp::SetOwner { of, uid, gid })?;
            run(fx, FsOp::SetMode { of, mode })?;
        } else if now != mode || !untouched {
            run(fx, FsOp::SetMode { of, mode })?;
        } else {
            return Ok(());
        }
        run(fx, FsOp::SyncFile { file: &file }).map(|_| ())
    }
}
