//! A folder of its own, and the program run in it with its cost measured.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than this nothing may take, however busy the machine is.
const DEADLINE: Duration = Duration::from_secs(60);

/// The program under test, as with the transcripts.
pub(crate) fn program() -> PathBuf {
    let named = std::env::var_os("PKI_UNDER_TEST");
    named.map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_pki")), PathBuf::from)
}

/// An empty folder, where the machine has such a place without a disk.
pub(crate) fn folder() -> TempDir {
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("pki-");
    let made = builder.tempdir_in("/dev/shm");
    made.or_else(|_| builder.tempdir()).unwrap()
}

/// One that every user may enter.
pub(crate) fn open_folder() -> TempDir {
    let folder = folder();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A root, a server, and somebody who dials it.
pub(crate) const STACK: &str = "version = 1\n\
    [authority.ca]\n\
    [service.web]\nrole = \"minio\"\nhosts = [\"web\"]\n\
    [service.tool]\nrole = \"client\"\nconnects = [\"web\"]\n";

/// A tree of [`STACK`], in place.
pub(crate) fn applied(dir: &Path, manifest: &str) {
    write(&dir.join("pki.toml"), manifest);
    let ran = run(dir, &["apply"]);
    assert_eq!(ran.code, 0, "{}", ran.said());
}

/// What a call said, and what it took.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// 128 + signal, as the shell says it.
    pub(crate) code: i32,
    /// Processor time.
    pub(crate) took: Duration,
    /// The most memory it had, in KiB, as far as it was seen.
    pub(crate) peak: u64,
}

impl Ran {
    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// `pki` in a folder, with nothing of the caller's environment.
pub(crate) fn pki(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .args(arguments)
        .current_dir(dir)
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn run(dir: &Path, arguments: &[&str]) -> Ran {
    measure(pki(dir, arguments))
}

/// As user and group 65534, by a copy of the program that everybody may run.
pub(crate) fn run_as_nobody(top: &Path, dir: &Path, line: &str) -> Ran {
    let program = everybodys(top);
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("PATH={}:$PATH; {line}", top.display())])
        .current_dir(dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .uid(65534)
        .gid(65534)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    assert!(program.exists());
    measure(command)
}

/// A copy of the program in a folder that everybody may enter.
pub(crate) fn everybodys(top: &Path) -> PathBuf {
    let copy = top.join("pki");
    if !copy.exists() {
        fs::copy(program(), &copy).unwrap();
    }
    copy
}

/// Runs to the end, looking at its cost all the while.
pub(crate) fn measure(mut command: Command) -> Ran {
    let mut child = command.spawn().unwrap();
    let read = |pipe: Option<Box<dyn std::io::Read + Send>>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            pipe.unwrap().read_to_end(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let stdout = read(child.stdout.take().map(|p| Box::new(p) as Box<_>));
    let stderr = read(child.stderr.take().map(|p| Box::new(p) as Box<_>));
    let started = Instant::now();
    let (mut took, mut peak) = (Duration::ZERO, 0);
    let status = loop {
        (took, peak) = (
            cost(&child).unwrap_or(took).max(took),
            peak.max(memory(&child)),
        );
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > DEADLINE {
            child.kill().unwrap();
            break child.wait().unwrap();
        }
        thread::sleep(Duration::from_millis(2));
    };
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    Ran {
        stdout: stdout.join().unwrap(),
        stderr: stderr.join().unwrap(),
        code: status.code().unwrap_or_else(|| 128 + signal.unwrap_or(0)),
        took,
        peak,
    }
}

fn proc(child: &Child, file: &str) -> String {
    let mut text = String::new();
    let file = fs::File::open(format!("/proc/{}/{file}", child.id()));
    let _ = file.and_then(|mut file| file.read_to_string(&mut text));
    text
}

/// `VmHWM`: the most memory it had so far.
fn memory(child: &Child) -> u64 {
    let status = proc(child, "status");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Time on processors so far, in hundredths of a second (proc(5)).
fn cost(child: &Child) -> Option<Duration> {
    let stat = proc(child, "stat");
    let (_, after) = stat.rsplit_once(')')?;
    let fields: Vec<u64> = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|n| n.parse().ok())
        .collect();
    Some(Duration::from_millis(fields.iter().sum::<u64>() * 10))
}

/// Runs each on two threads.
pub(crate) fn in_pairs<T: Send>(items: Vec<T>, work: impl Fn(T) + Sync) {
    let todo = std::sync::Mutex::new(items);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(item) = { todo.lock().unwrap().pop() } {
                    work(item);
                }
            });
        }
    });
}
