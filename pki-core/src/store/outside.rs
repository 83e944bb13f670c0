//! New files in a folder that is no tree: `--out DIR`, the first folder of a
//! tree. The path is the user's own word: links in it are followed.
#![expect(
    clippy::disallowed_methods,
    reason = "opens folders that the user named"
)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::error::StoreError;
use super::named::stage_name;
use super::named::{in_the_way, missing};
use super::op::{Effects, Folder, FsOp, Machine, Node, run, run_open};
use super::stage::unlink;
use super::walk::{Made, child, stat_name};
use super::write::Bytes;

/// A file that must not be there yet.
#[derive(Debug)]
pub struct NewFile<'a> {
    /// Where; relative to the current folder, or absolute.
    pub path: &'a Path,
    /// What.
    pub content: &'a Bytes,
    /// Permission bits, exactly these whatever the umask.
    pub mode: u32,
}

/// Makes files, and folders (0755) where missing: all of them or none, as far as
/// the system lets what was made be removed again.
///
/// # Errors
/// [`StoreError::Exists`] when one is there already, in whatever form; the
/// system's errors.
pub fn create_new(files: &[NewFile<'_>]) -> Result<(), StoreError> {
    let fx = &Machine;
    let mut made = Made::new();
    let done = create_all(fx, files, &mut made);
    if done.is_err() {
        for (within, name) in made.iter().rev() {
            // Not empty: somebody else's by now.
            let _ = run(fx, FsOp::RemoveFolder { within, name });
        }
    }
    done
}

fn create_all(fx: &dyn Effects, files: &[NewFile<'_>], made: &mut Made) -> Result<(), StoreError> {
    let mut places = Vec::new();
    for file in files {
        let name = file.path.file_name().and_then(OsStr::to_str);
        let name = name.ok_or_else(|| StoreError::Missing {
            path: file.path.to_owned(),
        })?;
        let above = file.path.parent().unwrap_or(Path::new(""));
        let folder = make_folders(fx, above, 0o755, made)?;
        if stat_name(&folder, OsStr::new(name))?.is_some() {
            return Err(StoreError::Exists {
                path: file.path.to_owned(),
            });
        }
        places.push((folder, name));
    }
    let mut done: Vec<(&Folder, &str)> = Vec::new();
    for (file, (folder, name)) in files.iter().zip(&places) {
        if let Err(e) = create(fx, folder, name, file) {
            for (folder, name) in done {
                // The first failure is the one to tell.
                let _ = unlink(fx, folder, name);
            }
            return Err(if e.is_exists() {
                StoreError::Exists {
                    path: file.path.to_owned(),
                }
            } else {
                e
            });
        }
        done.push((folder, name));
    }
    places
        .iter()
        .try_for_each(|(folder, _)| run(fx, FsOp::SyncFolder { folder }).map(|_| ()))
}

/// Written beside its place, so that nobody sees half of it, then renamed to a
/// name that nothing may have.
fn create(
    fx: &dyn Effects,
    folder: &Folder,
    name: &str,
    new: &NewFile<'_>,
) -> Result<(), StoreError> {
    let stage = stage_name(name);
    let file = run_open(
        fx,
        FsOp::CreateFile {
            within: folder,
            name: &stage,
        },
    )?;
    let written = (|| {
        if new.content.is_secret() {
            run(
                fx,
                FsOp::DropAcl {
                    of: Node::File(&file),
                },
            )?;
        }
        run(
            fx,
            FsOp::Write {
                file: &file,
                bytes: new.content.expose(),
            },
        )?;
        run(
            fx,
            FsOp::SetMode {
                of: Node::File(&file),
                mode: new.mode,
            },
        )?;
        run(fx, FsOp::SyncFile { file: &file })?;
        let rename = FsOp::Rename {
            from: folder,
            name: &stage,
            to: folder,
            new: name,
            replace: false,
        };
        run(fx, rename)
    })();
    if written.is_err() {
        let _ = unlink(fx, folder, &stage);
    }
    written?;
    run(fx, FsOp::Close { file }).map(|_| ())
}

/// A folder's name without links, where it has one.
pub(super) fn real(path: &Path) -> Option<PathBuf> {
    let named = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    std::fs::canonicalize(named).ok()
}

/// Opens a folder of the user's, made when missing with those above it; `new`
/// gets those that were.
pub(super) fn make_folders(
    fx: &dyn Effects,
    path: &Path,
    mode: u32,
    new: &mut Made,
) -> Result<Folder, StoreError> {
    let named = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    match rustix::fs::open(named, flags, Mode::empty()) {
        Ok(fd) => {
            return Ok(Folder {
                fd,
                path: path.to_owned(),
            });
        }
        Err(Errno::NOENT) => match missing(named) {
            StoreError::Missing { .. } => {}
            link => return Err(link),
        },
        Err(Errno::NOTDIR) => return Err(in_the_way(named)),
        Err(e) => return Err(StoreError::io("open", named, e)),
    }
    let nothing = || StoreError::Missing {
        path: named.to_owned(),
    };
    let name = named
        .file_name()
        .and_then(OsStr::to_str)
        .ok_or_else(nothing)?;
    let above = make_folders(fx, named.parent().ok_or_else(nothing)?, mode, new)?;
    let above = Arc::new(above);
    match run(
        fx,
        FsOp::MakeFolder {
            within: &above,
            name,
        },
    ) {
        Ok(_) => new.push((Arc::clone(&above), name.to_owned())),
        Err(e) if e.is_exists() => {}
        Err(e) => return Err(e),
    }
    let folder = child(&above, name, named.to_owned())?;
    run(
        fx,
        FsOp::SetMode {
            of: Node::Folder(&folder),
            mode,
        },
    )?;
    run(fx, FsOp::SyncFolder { folder: &above })?;
    Ok(folder)
}
