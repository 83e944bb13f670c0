//! What can go wrong with files, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::standing::nearest;
use crate::error::{Error, ErrorKind};
use crate::report::shell;

/// What stands at a place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A device, or something the system has no name for.
    Device,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Link => "a link",
            Self::Pipe => "a pipe",
            Self::Socket => "a socket",
            Self::Device => "a device",
        })
    }
}

/// Why the store could not do what was asked. Paths are as the user can type
/// them: the manifest's folder as it was given, then the place in the tree.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing is there.
    #[error("`{}` does not exist", path.display())]
    Missing {
        /// Where.
        path: PathBuf,
    },
    /// Something stands where a file or folder should.
    #[error("`{}` is {found}, not {wanted}", path.display())]
    InTheWay {
        /// Where.
        path: PathBuf,
        /// What stands there.
        found: Kind,
        /// What should.
        wanted: Kind,
    },
    /// A link on the way to a file, in a place where none is followed.
    #[error("`{}` is a link, which is not followed here: {reason}", path.display())]
    Link {
        /// The link.
        path: PathBuf,
        /// Why it is not followed.
        reason: &'static str,
    },
    /// A link on the way to a folder of the user's that leads nowhere.
    #[error("`{}` is a link to nothing", path.display())]
    Dangling {
        /// The link.
        path: PathBuf,
    },
    /// It is there already and must not be replaced.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },
    /// More octets than are read.
    #[error("`{}` has {size} bytes, more than the {limit} that are read", path.display())]
    TooLarge {
        /// Where.
        path: PathBuf,
        /// In bytes; for a file that grows while it is read, at least this.
        size: u64,
        /// In bytes.
        limit: u64,
    },
    /// More names than are listed.
    #[error("`{}` holds more than {limit} files", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// How many are listed at most.
        limit: usize,
    },
    /// One place was to be written twice at once.
    #[error("`{}` would be written twice", path.display())]
    Twice {
        /// Where.
        path: PathBuf,
    },
    /// Somebody else changes the tree.
    #[error("another command is changing this tree: {holder}")]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Who holds it, from what the lock file says.
        holder: String,
        /// Its process, where it is stopped: it does not go on by itself.
        stopped: Option<u32>,
        /// How long was waited.
        waited: Duration,
    },
    /// A file of the store itself that another user wrote, or that is damaged.
    #[error("`{}` cannot be trusted: {reason}", path.display())]
    Untrusted {
        /// Where.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// The next step.
        hint: String,
    },
    /// A single file that is mounted cannot be replaced by renaming.
    #[error("`{}` is a mount point: it cannot be replaced", path.display())]
    Mounted {
        /// Where.
        path: PathBuf,
    },
    /// The file is marked so that nobody can replace it.
    #[error("`{}` is marked immutable or append-only", path.display())]
    Immutable {
        /// Where.
        path: PathBuf,
    },
    /// A file with several names must not get another owner or mode.
    #[error("`{}` has several names (hard links)", path.display())]
    HardLinks {
        /// Where.
        path: PathBuf,
    },
    /// A line of the issuance record that is no line.
    #[error("a line of the issuance record contains a line break")]
    RecordLine,
    /// The state file cannot be read.
    #[error("`{}` is not understood", path.display())]
    State {
        /// Where.
        path: PathBuf,
        /// The parser's words.
        reason: String,
    },
    /// The state file was written by a later version of this program.
    #[error("`{}` was written by a newer pki", path.display())]
    Newer {
        /// Where.
        path: PathBuf,
        /// The version found and the one that is known.
        reason: String,
    },
    /// A file is there and cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A signal wants the process to end.
    #[error("interrupted")]
    Interrupted,
    /// The system refused.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried: `create`, `write`, …
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// Some files were delivered, some were not; each pair is old or new as a
    /// whole.
    #[error("{}", how_many(delivered, missing))]
    Partly {
        /// New and in place.
        delivered: Vec<PathBuf>,
        /// As they were.
        missing: Vec<PathBuf>,
        /// The first failure.
        cause: Box<StoreError>,
        /// The command that does the rest, where `pki apply` does not.
        goes_on: Option<String>,
    },
}

impl StoreError {
    pub(super) fn io(action: &'static str, path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source: source.into(),
        }
    }

    /// Whether nothing is there.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::Dangling { .. } => true,
            Self::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            _ => false,
        }
    }

    pub(super) fn is_exists(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists)
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::InTheWay { path, .. } => format!(
                "move it away (`mv {0} {1}`), then run the same command again",
                shell::path(path),
                old(path)
            ),
            Self::Link { path, .. } => format!(
                "look where it points with `readlink {}`, then name the real place in the manifest or replace the link",
                shell::path(path)
            ),
            Self::Dangling { path } => format!(
                "`readlink {}` shows where it should lead",
                shell::path(path)
            ),
            Self::Exists { path } => format!(
                "choose another place, or move it away (`mv {0} {1}`)",
                shell::path(path),
                old(path)
            ),
            Self::Locked {
                stopped: Some(pid), ..
            } => format!(
                "process {pid} is stopped (Ctrl-Z, SIGSTOP): `kill -CONT {pid}` lets it go on; then run the same command again"
            ),
            Self::Locked { .. } => "wait until it is done, then run the same command again".into(),
            Self::Mounted { .. } => {
                "mount its folder instead of the single file, so that a new file is seen inside"
                    .into()
            }
            Self::Immutable { path } => format!("`chattr -i -a {}`", shell::path(path)),
            Self::HardLinks { path } => format!(
                "find the other names with `find . -samefile {}`; a copy instead of a link ends it",
                shell::path(path)
            ),
            Self::Untrusted { hint, .. } => hint.clone(),
            Self::State { path, .. } => format!(
                "restore `{0}` from your backup; without one: mv {0} {1} (lost is which generation of an authority signs, where it has several, and what was delivered)",
                shell::path(path),
                old(path)
            ),
            Self::Newer { .. } => {
                "use that pki, or a later one; `pki --version` says which this is".into()
            }
            Self::Unreadable { path, reason } => {
                return Some(reading_hint(path, reason));
            }
            Self::Io { path, source, .. } => return io_hint(path, source),
            Self::Partly {
                cause,
                missing,
                goes_on,
                ..
            } => {
                let goes_on = match goes_on {
                    _ if missing.is_empty() => {
                        "the next command that changes the tree clears up".to_owned()
                    }
                    Some(command) => format!("`{command}` goes on with what is missing"),
                    None => {
                        "`pki apply` goes on with what is missing, `pki plan` shows it".to_owned()
                    }
                };
                // What failed is not there yet, what came before is: `pki issue`
                // would find its own lines.
                let stopped = matches!(**cause, Self::Interrupted);
                let hint = cause.hint().filter(|_| !stopped).unwrap_or_default();
                return Some(match hint.split(AGAIN).next() {
                    None | Some("") => goes_on,
                    Some(cure) => format!("{cure}; {goes_on}"),
                });
            }
            Self::Missing { path } => {
                let above = path.parent().unwrap_or(path);
                format!("`ls {}` shows what is there", shell::path(nearest(above)))
            }
            Self::TooLarge { .. } => {
                "no certificate, key or store is so large: is it the right file?".into()
            }
            Self::Interrupted => "run the same command again".into(),
            Self::TooMany { .. } | Self::Twice { .. } | Self::RecordLine => return None,
        })
    }
}

/// How far a delivery came.
fn how_many(delivered: &[PathBuf], missing: &[PathBuf]) -> String {
    let (done, all) = (delivered.len(), delivered.len() + missing.len());
    let files = if all == 1 { "file is" } else { "files are" };
    if missing.is_empty() {
        format!("{all} {files} in place, but what comes after failed")
    } else {
        format!("{done} of {all} {files} in place")
    }
}

/// Another name for it, beside it.
fn old(path: &Path) -> String {
    shell::word(&format!("{}.old", path.display())).into_owned()
}

fn who_may(path: &Path) -> String {
    format!(
        "see who may with `ls -ld {}`; run as that user, or with `sudo`",
        shell::path(nearest(path))
    )
}

/// How the way out ends where all is as it was.
const AGAIN: &str = ", then run the same command again";

/// What helps against an error of the system.
fn io_hint(file: &Path, source: &io::Error) -> Option<String> {
    let path = shell::path(nearest(file));
    Some(match source.kind() {
        io::ErrorKind::StorageFull => {
            format!(
                "free space or inodes there (`df -h {path}`, `df -i {path}`){AGAIN}; nothing is lost"
            )
        }
        io::ErrorKind::QuotaExceeded => {
            format!("free space within the quota (`quota -s`){AGAIN}; nothing is lost")
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            format!(
                "the file system is mounted read-only (`findmnt -T {path}`): mount it writable, or name another folder"
            )
        }
        io::ErrorKind::PermissionDenied => who_may(file),
        io::ErrorKind::IsADirectory => format!(
            "a file belongs there: move it away (`mv {} {}`)",
            shell::path(file),
            old(file)
        ),
        _ => return words_hint(&source.to_string()),
    })
}

/// What helps against an error that is known by the system's words only; `None`
/// where it depends on the file, as rights do.
pub fn words_hint(words: &str) -> Option<String> {
    use rustix::io::Errno;
    let is = |errno: Errno| words == io::Error::from(errno).to_string();
    Some(if is(Errno::MFILE) {
        format!("allow more open files (`ulimit -n 4096`){AGAIN}")
    } else if is(Errno::NFILE) {
        format!(
            "the machine has too many files open (`sysctl fs.file-nr`): end what holds them{AGAIN}"
        )
    } else if is(Errno::FBIG) {
        format!("files may not be so large here: raise the limit (`ulimit -f unlimited`){AGAIN}")
    } else if is(Errno::NOMEM) {
        format!("the machine is out of memory (`free -h`): end what holds it{AGAIN}")
    } else if is(Errno::IO) {
        format!("the disk or the way to it fails (`dmesg` tells more): mend it{AGAIN}")
    } else {
        return None;
    })
}

/// What helps where a file is there and cannot be read, from the system's words.
pub fn reading_hint(path: &Path, words: &str) -> String {
    words_hint(words).unwrap_or_else(|| who_may(path))
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Partly { .. } => ErrorKind::Partial,
            StoreError::Exists { .. }
            | StoreError::Twice { .. }
            | StoreError::Missing { .. }
            | StoreError::InTheWay { .. }
            | StoreError::Link { .. }
            | StoreError::Dangling { .. }
            | StoreError::TooLarge { .. } => ErrorKind::Usage,
            _ => ErrorKind::World,
        };
        let mut out = Self::new(kind, error.to_string());
        let mut cause = &error;
        while let StoreError::Partly { cause: inner, .. } = cause {
            out = out.cause(inner);
            cause = inner;
        }
        match cause {
            StoreError::Io { source, .. } => out = out.cause(source),
            StoreError::State { reason, .. }
            | StoreError::Newer { reason, .. }
            | StoreError::Unreadable { reason, .. } => {
                out = out.cause(reason);
            }
            _ => {}
        }
        match error.hint() {
            Some(hint) => out.hint(hint),
            None => out,
        }
    }
}
