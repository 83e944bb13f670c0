//! The journal: what a batch is about to do, so that the next command can
//! finish or undo it.
//!
//! `.pki/journal` has at most two lines. The first is on the disk before the
//! first file is staged: it names every file of the batch, so that nothing
//! staged is ever forgotten. The second is on the disk before the first
//! renaming: it says that everything is staged and durable. A torn line is no
//! line. So: no line, nothing was begun; one line, take back; two, finish.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::{Kind, StoreError};
use super::op::{Effects, Folder, FsOp, OpenFile, run, run_open};
use super::read::look;
use super::walk::stat_name;
use super::{HOME, Store};
use crate::model::path::TreePath;
use crate::record::Content;

const NAME: &str = "journal";
const VERSION: u32 = 1;
/// 256 entries with the longest paths are well below this.
const LIMIT: u64 = 4 << 20;

/// One file of a batch.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Its place.
    pub(super) path: String,
    /// What is delivered together has the same number.
    pub(super) unit: usize,
    /// A private key: renamed before the rest.
    pub(super) key: bool,
    /// Of the new content.
    pub(super) sha256: String,
    /// What stood there before.
    pub(super) old: Old,
}

/// What stood at a place before.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Old {
    /// Nothing.
    #[default]
    Nothing,
    /// A file that we could not read.
    Unknown,
    /// A file with this SHA-256.
    File(String),
}

/// The first line.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Intent {
    version: u32,
    /// Wait between keys and certificates.
    pause: bool,
    files: Vec<Entry>,
}

/// The second line.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Commit {
    /// SHA-256 of the first line with its line break.
    staged: String,
}

/// A journal as found.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) files: Vec<Entry>,
    pub(super) pause: bool,
    /// Whether all was staged, so that it can be finished.
    pub(super) staged: bool,
}

/// A journal being written.
#[derive(Debug)]
pub(super) struct Writer {
    file: OpenFile,
    first: String,
}

/// SHA-256 as lower-case hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    use fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut hex, octet| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{octet:02x}");
            hex
        })
}

impl Writer {
    /// Writes the first line and waits until it is on the disk.
    pub(super) fn begin(
        fx: &dyn Effects,
        home: &Folder,
        pause: bool,
        files: Vec<Entry>,
    ) -> Result<Self, StoreError> {
        let path = home.path.join(NAME);
        let first = line(
            &path,
            &Intent {
                version: VERSION,
                pause,
                files,
            },
        )?;
        let file = run_open(
            fx,
            FsOp::CreateFile {
                within: home,
                name: NAME,
            },
        )?;
        run(
            fx,
            FsOp::Write {
                file: &file,
                bytes: first.as_bytes(),
            },
        )?;
        run(fx, FsOp::SyncFile { file: &file })?;
        run(fx, FsOp::SyncFolder { folder: home })?;
        Ok(Self { file, first })
    }

    /// Writes the second line and waits until it is on the disk.
    pub(super) fn staged(self, fx: &dyn Effects) -> Result<(), StoreError> {
        let second = line(
            &self.file.path,
            &Commit {
                staged: sha256(self.first.as_bytes()),
            },
        )?;
        run(
            fx,
            FsOp::Write {
                file: &self.file,
                bytes: second.as_bytes(),
            },
        )?;
        run(fx, FsOp::SyncFile { file: &self.file })?;
        run(fx, FsOp::Close { file: self.file })?;
        Ok(())
    }
}

fn line(path: &Path, value: &impl Serialize) -> Result<String, StoreError> {
    let mut line = serde_json::to_string(value)
        .map_err(|e| StoreError::io("write", path, std::io::Error::from(e)))?;
    line.push('\n');
    Ok(line)
}

/// Removes the journal. Not synced: one that comes back after a crash tells
/// of renamings that are done, and does no harm.
pub(super) fn clear(fx: &dyn Effects, home: &Folder) -> Result<(), StoreError> {
    match run(
        fx,
        FsOp::Unlink {
            within: home,
            name: NAME,
        },
    ) {
        Err(e) if !e.is_missing() => Err(e),
        _ => Ok(()),
    }
}

/// Whether there is one.
pub(super) fn exists(store: &Store) -> bool {
    store
        .walk
        .open(Path::new(HOME))
        .is_ok_and(|home| matches!(stat_name(&home, OsStr::new(NAME)), Ok(Some(_))))
}

/// Reads the journal; `None`: there is none.
///
/// # Errors
/// When it belongs to another user (it would lead us to rename what they
/// staged) or a newer pki wrote it.
pub(super) fn read(home: &Folder) -> Result<Option<Journal>, StoreError> {
    let path = home.path.join(NAME);
    let untrusted = |reason: String, hint: String| StoreError::Untrusted {
        path: path.clone(),
        reason,
        hint,
    };
    let (stat, bytes) = match look(home, OsStr::new(NAME), LIMIT)? {
        None | Some((_, Content::Missing)) => return Ok(None),
        Some((stat, Content::File(bytes))) => (stat, bytes),
        Some((_, Content::Folder)) => {
            return Err(StoreError::InTheWay {
                path,
                found: Kind::Folder,
                wanted: Kind::File,
            });
        }
        Some((_, Content::Unreadable(reason) | Content::Refused(reason))) => {
            return Err(untrusted(
                reason,
                format!("see what it is with `ls -l {}`", path.display()),
            ));
        }
    };
    let me = rustix::process::geteuid().as_raw();
    if stat.st_uid != me {
        return Err(untrusted(
            format!(
                "user {} began a delivery and did not finish it",
                stat.st_uid
            ),
            format!("run the same command as user {}", stat.st_uid),
        ));
    }
    parse(&bytes)
        .map_err(|version| {
            untrusted(
                format!("it has version {version}, this program knows version {VERSION}"),
                "use the newer pki that began the delivery".into(),
            )
        })
        .map(Some)
}

/// Reads the text of a journal; the error is a version that is not known.
fn parse(bytes: &[u8]) -> Result<Journal, u64> {
    let nothing = Journal {
        files: Vec::new(),
        pause: false,
        staged: false,
    };
    let Some(end) = bytes.iter().position(|&b| b == b'\n') else {
        return Ok(nothing);
    };
    let (first, rest) = bytes.split_at(end + 1);
    let Ok(intent) = serde_json::from_slice::<Intent>(first) else {
        let other: Option<serde_json::Value> = serde_json::from_slice(first).ok();
        let version = other.as_ref().and_then(|v| v.get("version")?.as_u64());
        return match version {
            Some(version) if version != u64::from(VERSION) => Err(version),
            _ => Ok(nothing),
        };
    };
    if intent.version != VERSION {
        return Err(intent.version.into());
    }
    if intent.files.iter().any(|f| TreePath::new(&f.path).is_err()) {
        return Ok(nothing);
    }
    let staged = rest.ends_with(b"\n")
        && serde_json::from_slice::<Commit>(rest).is_ok_and(|c| c.staged == sha256(first));
    Ok(Journal {
        files: intent.files,
        pause: intent.pause,
        staged,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> (String, String) {
        let entry = |path: &str, old| Entry {
            path: path.into(),
            unit: 0,
            key: false,
            sha256: sha256(b"x"),
            old,
        };
        let files = vec![
            entry("a/b", Old::Nothing),
            entry("/c", Old::File(sha256(b"y"))),
            entry("d", Old::Unknown),
        ];
        let first = line(
            Path::new(""),
            &Intent {
                version: VERSION,
                pause: true,
                files,
            },
        )
        .unwrap();
        let second = line(
            Path::new(""),
            &Commit {
                staged: sha256(first.as_bytes()),
            },
        )
        .unwrap();
        (first, second)
    }

    #[test]
    fn every_torn_journal_is_the_one_before() {
        let (first, second) = lines();
        let whole = format!("{first}{second}");
        for end in 0..=whole.len() {
            let journal = parse(&whole.as_bytes()[..end]).unwrap();
            assert_eq!(
                journal.files.len(),
                if end < first.len() { 0 } else { 3 },
                "{end}"
            );
            assert_eq!(journal.staged, end == whole.len(), "{end}");
        }
    }

    #[test]
    fn strange_journals_do_nothing() {
        let (first, second) = lines();
        let other = first.replace("a/b", "a/c");
        assert!(!parse(format!("{other}{second}").as_bytes()).unwrap().staged);
        let out = first.replace("a/b", "../b");
        assert!(parse(out.as_bytes()).unwrap().files.is_empty());
        let newer = first.replace("\"version\":1", "\"version\":7,\"more\":1");
        assert_eq!(parse(newer.as_bytes()).unwrap_err(), 7);
        assert!(parse(&[0xff, 0, b'\n']).unwrap().files.is_empty());
    }
}
