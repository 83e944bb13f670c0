//! Processes of the program under test: bounded, and gone with the test.

use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Nothing that is run here takes so long, on the slowest machine.
const BOUND: Duration = Duration::from_secs(120);
/// A user who owns nothing.
pub(crate) const NOBODY: u32 = 65_534;

/// Prints past the capture of the test harness: the figures belong into the log.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The program under test: the one that was built with the tests, or the one
/// that `PKI_UNDER_TEST` names, such as a release.
pub(crate) fn program() -> PathBuf {
    let named = env::var_os("PKI_UNDER_TEST");
    named.map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_pki")), PathBuf::from)
}

/// Whether the long form is wanted.
pub(crate) fn is_long() -> bool {
    env::var("PKI_LONG").is_ok_and(|value| value == "1")
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether a program can be run.
pub(crate) fn has(tool: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(tool).is_file())
}

/// What a process said, and how it ended.
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
    what: String,
}

impl Ran {
    /// The exit code; -1 where a signal ended it.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }

    pub(crate) fn was_killed(&self) -> bool {
        self.status.signal() == Some(9)
    }

    /// # Panics
    /// Where it did not end with 0.
    #[track_caller]
    pub(crate) fn fine(self) -> Self {
        assert!(self.code() == 0, "{self}");
        self
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` ended with {} after {:?}\n{}{}",
            self.what, self.status, self.took, self.stdout, self.stderr
        )
    }
}

/// A process that runs; dropped, it is killed.
pub(crate) struct Running {
    child: Child,
    began: Instant,
    what: String,
    said: Option<[JoinHandle<String>; 2]>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let words = command.get_args().map(OsStr::to_string_lossy);
        let what = words.collect::<Vec<_>>().join(" ");
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let began = Instant::now();
        let mut child = loop {
            match command.spawn() {
                Ok(child) => break child,
                // A copy of the program that another thread's child still has
                // open for writing, between its fork and its exec.
                Err(e) if e.kind() == ErrorKind::ExecutableFileBusy && began.elapsed() < BOUND => {
                    thread::sleep(Duration::from_millis(2));
                }
                Err(e) => panic!("{what}: {e}"),
            }
        };
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let said = Some([reader(out), reader(err)]);
        Self {
            child,
            began,
            what,
            said,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Sends SIGKILL.
    pub(crate) fn kill(&mut self) {
        // One that has ended cannot be killed any more.
        let _ = self.child.kill();
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        // Not yet waited for, so it is still its own number.
        let _ = rustix::process::kill_process(pid, signal);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// Where it does not end.
    pub(crate) fn wait(mut self) -> Ran {
        let (mut pause, mut took) = (Duration::from_micros(500), Duration::ZERO);
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            took = self.began.elapsed();
            assert!(took < BOUND, "`{}` does not end", self.what);
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(5));
        };
        let [stdout, stderr] = self.said.take().unwrap().map(|said| said.join().unwrap());
        Ran {
            status,
            stdout,
            stderr,
            took,
            what: std::mem::take(&mut self.what),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn reader(mut from: impl std::io::Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = from.by_ref().take(1 << 20).read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    })
}

/// A call of `pki` in a tree, with nothing of the caller's environment.
pub(crate) fn pki<S: AsRef<OsStr>>(tree: &Path, arguments: &[S]) -> Command {
    pki_under(&[], &program(), tree, arguments)
}

/// As [`pki`], with words before it: `strace …`, `prlimit …`.
pub(crate) fn pki_under<S: AsRef<OsStr>>(
    words: &[&str],
    program: &Path,
    tree: &Path,
    arguments: &[S],
) -> Command {
    let mut all = words.iter().map(OsStr::new).chain([program.as_os_str()]);
    let mut command = Command::new(all.next().unwrap());
    command.args(all).arg("-C").arg(tree).args(arguments);
    clean(&mut command);
    command
}

fn clean(command: &mut Command) {
    let path = env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("LC_ALL", "C");
    command.current_dir("/");
}

/// Runs `pki` to its end.
pub(crate) fn run<S: AsRef<OsStr>>(tree: &Path, arguments: &[S]) -> Ran {
    Running::start(pki(tree, arguments)).wait()
}

/// The same command as a user who owns nothing; the caller is root.
pub(crate) fn as_nobody(mut command: Command) -> Command {
    command.uid(NOBODY).gid(NOBODY);
    command
}
