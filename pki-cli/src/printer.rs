//! Printing: stdout is data, stderr is talk. The only user of either.
//!
//! Texts may hold colours (ANSI); they are taken out where none are wanted.
#![expect(
    clippy::disallowed_methods,
    reason = "the one owner of stdout and stderr"
)]

use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anstream::AutoStream;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use pki_core::report::{Report, shell};

use crate::exit::Status;
use crate::render::text;

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Volume {
    /// Nothing where all is well (`-q`).
    Quiet,
    /// What was done and what comes next.
    Normal,
    /// Details as well (`-v`).
    Verbose,
}

/// How to print, decided once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talk {
    /// Colours on stdout.
    pub(crate) color_out: bool,
    /// Colours on stderr.
    pub(crate) color_err: bool,
    /// Progress bars on stderr.
    pub(crate) progress: bool,
    /// How much is said.
    pub(crate) volume: Volume,
}

/// One last line on stderr, past everything that somebody may hold: not where
/// nobody takes it at once.
pub(crate) fn at_once(line: &str) {
    let err = rustix::stdio::stderr();
    let mut ready = [PollFd::new(&err, PollFlags::OUT)];
    let now = Timespec::default();
    if poll(&mut ready, Some(&now)).is_ok_and(|ready| ready > 0) {
        let _ = rustix::io::write(err, line.as_bytes());
    }
}

/// Whether stderr is a terminal.
pub(crate) fn is_on_terminal() -> bool {
    io::stderr().is_terminal()
}

/// The two streams of the program.
pub(crate) struct Printer {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
    talk: Talk,
    state: Out,
    /// The folder that what was said is as seen from, where it is another than
    /// the current one.
    seen_from: Option<PathBuf>,
}

/// What became of stdout.
enum Out {
    Open,
    /// The reader went away: the rest is dropped, and that is success.
    Closed,
    Failed(io::Error),
}

impl Printer {
    /// A printer that talks so.
    pub(crate) fn new(talk: Talk) -> Self {
        Self {
            out: if talk.color_out {
                AutoStream::always_ansi(io::stdout())
            } else {
                AutoStream::never(io::stdout())
            },
            err: if talk.color_err {
                AutoStream::always_ansi(io::stderr())
            } else {
                AutoStream::never(io::stderr())
            },
            talk,
            state: Out::Open,
            seen_from: None,
        }
    }

    /// Data: what the caller asked for, on stdout, exactly as given.
    ///
    /// Never fails: what became of it is asked at the end ([`Self::finish`]),
    /// so that no half-done work depends on who reads.
    pub(crate) fn data(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Data that is no text, on stdout.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if !matches!(self.state, Out::Open) {
            return;
        }
        let written = self.out.write_all(bytes);
        self.note(written);
    }

    fn note(&mut self, written: io::Result<()>) {
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.state = Out::Closed,
            Err(error) => self.state = Out::Failed(error),
        }
    }

    /// Talk: what was done, what comes next, on stderr. Nothing under `-q`.
    pub(crate) fn talk(&mut self, text: &str) {
        if self.talk.volume != Volume::Quiet {
            self.error(text);
        }
    }

    /// Details, on stderr, under `-v` only.
    pub(crate) fn detail(&mut self, text: &str) {
        if self.talk.volume == Volume::Verbose {
            self.error(text);
        }
    }

    /// What was found beside the work, on stderr. Nothing under `-q` where the
    /// answer is yes all the same.
    pub(crate) fn found(&mut self, text: &str, status: Status) {
        if !self.is_silent(status) {
            self.error(text);
        }
    }

    /// Whether an answer of this status is told by its exit code alone (`-q`).
    pub(crate) fn is_silent(&self, status: Status) -> bool {
        self.talk.volume == Volume::Quiet && status == Status::Clean
    }

    /// Errors, on stderr, always. A closed stderr is nobody's loss.
    pub(crate) fn error(&mut self, text: &str) {
        // What was asked for comes first where both go to one place.
        if matches!(self.state, Out::Open) {
            let flushed = self.out.flush();
            self.note(flushed);
        }
        let _ = self.err.write_all(text.as_bytes());
    }

    /// As [`Self::seen_from`], of the fixes in a report that was printed.
    pub(crate) fn told(&mut self, report: &Report, status: Status, folder: &Path) {
        let has_fix = report.findings().iter().any(|f| f.fix.is_some());
        if has_fix && !self.is_silent(status) {
            self.seen_from(folder);
        }
    }

    /// That paths and commands were said as seen from this folder: where it is not
    /// the current one, that is the last line.
    pub(crate) fn seen_from(&mut self, folder: &Path) {
        if folder != Path::new(".") {
            self.seen_from = Some(folder.to_owned());
        }
    }

    /// Whether progress may be shown.
    pub(crate) fn shows_progress(&self) -> bool {
        self.talk.progress
    }

    /// Flushes, and says whether all data reached its reader.
    ///
    /// # Errors
    /// The first failure of stdout that is not a reader that went away: a full
    /// disk. It is also printed.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        if matches!(self.state, Out::Open) {
            let flushed = self.out.flush();
            self.note(flushed);
        }
        if let Some(folder) = self.seen_from.take() {
            let shown = text::line(&folder.display().to_string());
            let word = text::line(&shell::path(&folder));
            let line = format!("\npaths and commands are as seen from `{shown}`: cd {word}\n");
            let _ = self.err.write_all(line.as_bytes());
        }
        match self.state {
            Out::Open | Out::Closed => Ok(()),
            Out::Failed(error) => {
                let _ = writeln!(
                    self.err,
                    "error: the output could not be written\ncaused by: {error}"
                );
                Err(error)
            }
        }
    }
}
