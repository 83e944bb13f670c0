//! The issuance record: one line per certificate ever signed, only appended.

use std::ffi::OsStr;
use std::path::Path;

use super::error::StoreError;
use super::lock::Locked;
use super::op::{Effects, FsOp, OpenFile, run, run_open};
use super::read::look;
use super::{HOME, Store};
use crate::record::Content;
use crate::report::shell;

/// Where it stands in the tree.
pub const RECORD: &str = ".pki/issued.jsonl";
const NAME: &str = "issued.jsonl";
/// Some 200,000 certificates.
const LIMIT: u64 = 256 << 20;

impl Locked {
    /// Completes or takes away the last line where a crash tore it (see
    /// [`Self::append_record`]). A record that cannot be read stays as it is.
    pub(super) fn mend_record(&self) -> Result<(), StoreError> {
        let Ok(Some(bytes)) = self.store.record_bytes() else {
            return Ok(());
        };
        let (length, end) = mend(&bytes);
        if length == bytes.len() && end.is_empty() {
            return Ok(());
        }
        let fx = self.effects();
        let within = &self.home;
        let file = run_open(fx, FsOp::OpenOrCreate { within, name: NAME })?;
        let (file, length) = (&file, length as u64);
        if end.is_empty() {
            run(fx, FsOp::Truncate { file, length })?;
            return run(fx, FsOp::SyncFile { file }).map(|_| ());
        }
        append(fx, file, &end)
    }

    /// Appends lines (JSON, without line breaks) and waits until they are on the
    /// disk: called before the certificates they name are delivered. A line that
    /// a crash tore is completed where only its end is missing, else removed: its
    /// certificate was never delivered.
    ///
    /// # Errors
    /// When a line contains a line break, or the system refuses; then nothing is
    /// appended.
    pub fn append_record(&mut self, lines: &[String]) -> Result<(), StoreError> {
        if lines.is_empty() {
            return Ok(());
        }
        if lines.iter().any(|line| line.contains(['\n', '\r'])) {
            return Err(StoreError::RecordLine);
        }
        let fx = self.effects();
        let before = self.store.record_bytes()?;
        let file = run_open(
            fx,
            FsOp::OpenOrCreate {
                within: &self.home,
                name: NAME,
            },
        )?;
        let (length, mut text) = mend(before.as_ref().map_or(&[], |b| b.as_slice()));
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        if before.as_ref().is_some_and(|b| b.len() != length) {
            run(
                fx,
                FsOp::Truncate {
                    file: &file,
                    length: length as u64,
                },
            )?;
        }
        let done = append(fx, &file, &text);
        if done.is_err() {
            // What was written of it may be half a line; the next one mends that.
            let _ = run(
                fx,
                FsOp::Truncate {
                    file: &file,
                    length: length as u64,
                },
            );
            return done;
        }
        if before.is_none() {
            run(fx, FsOp::SyncFolder { folder: &self.home })?;
        }
        run(fx, FsOp::Close { file }).map(|_| ())
    }
}

impl Store {
    /// The lines of the issuance record, oldest first, also a torn last one.
    /// Empty where nothing was ever issued.
    ///
    /// # Errors
    /// When it is there and cannot be read, or is over 256 MiB.
    pub fn record(&self) -> Result<String, StoreError> {
        let bytes = self.record_bytes()?.unwrap_or_default();
        Ok(String::from_utf8(bytes)
            .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
    }

    /// Whether a crash tore the last line of the issuance record; the next lock
    /// mends it.
    pub fn record_is_torn(&self) -> bool {
        let bytes = self.record_bytes().ok().flatten();
        bytes.is_some_and(|bytes| mend(&bytes) != (bytes.len(), String::new()))
    }

    /// Nothing in it is secret: nothing is wiped.
    fn record_bytes(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let home = match self.walk.open(Path::new(HOME)) {
            Ok(home) => home,
            Err(e) if e.is_missing() => return Ok(None),
            Err(e) => return Err(e),
        };
        let path = home.path.join(NAME);
        match look(&home, OsStr::new(NAME), LIMIT)? {
            None | Some((_, Content::Missing)) => Ok(None),
            Some((_, Content::File(mut bytes))) => Ok(Some(std::mem::take(&mut *bytes))),
            Some((_, Content::Folder)) => Err(StoreError::InTheWay {
                path,
                found: super::Kind::Folder,
                wanted: super::Kind::File,
            }),
            Some((stat, Content::Refused(reason))) => {
                let is_large = u64::try_from(stat.st_size).is_ok_and(|size| size > LIMIT);
                let hint = if is_large {
                    "keep a copy of it, then take out lines of leaves that have ended".to_owned()
                } else {
                    let shown = shell::path(&path);
                    format!("restore it from your backup; `ls -l {shown}` shows what is there")
                };
                Err(StoreError::Untrusted { path, reason, hint })
            }
            Some((_, Content::Unreadable(reason))) => Err(StoreError::Unreadable { path, reason }),
        }
    }
}

fn append(fx: &dyn Effects, file: &OpenFile, text: &str) -> Result<(), StoreError> {
    run(
        fx,
        FsOp::Write {
            file,
            bytes: text.as_bytes(),
        },
    )?;
    run(fx, FsOp::SyncFile { file }).map(|_| ())
}

/// How much of a record is whole lines, and what completes it: a last line
/// that lacks only its line break is whole.
fn mend(bytes: &[u8]) -> (usize, String) {
    let start = bytes
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |at| at + 1);
    let tail = bytes.get(start..).unwrap_or_default();
    if tail.is_empty() {
        (start, String::new())
    } else if serde_json::from_slice::<serde_json::Value>(tail).is_ok_and(|v| v.is_object()) {
        (bytes.len(), "\n".to_owned())
    } else {
        (start, String::new())
    }
}

/// Whether a record ends in a line that a crash tore, so that only a part of it
/// is there: what it names was never delivered.
pub fn is_torn(record: &str) -> bool {
    mend(record.as_bytes()).0 != record.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_is_mended() {
        for (bytes, expected) in [
            ("", (0, "")),
            ("{}\n", (3, "")),
            ("{}\n{\"a\":1}", (10, "\n")),
            ("{}\n{\"a\":", (3, "")),
            ("{\"a\":", (0, "")),
            ("{}\n1", (3, "")),
        ] {
            assert_eq!(
                mend(bytes.as_bytes()),
                (expected.0, expected.1.to_owned()),
                "{bytes}"
            );
        }
    }
}
