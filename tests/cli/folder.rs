//! A fresh folder, and shell lines run in it with nothing of the caller's
//! environment but the search path.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::transcript::Form;

/// The program under test: the one that was built with the tests, or the one
/// that `PKI_UNDER_TEST` names, such as a release.
fn program() -> PathBuf {
    let named = env::var_os("PKI_UNDER_TEST");
    named.map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_pki")), PathBuf::from)
}

/// Shell functions every line may use.
const PRELUDE: &str = include_str!("prelude.sh");

/// What a line said, and how it ended (128 + signal, as the shell says it).
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

/// A folder of its own for one transcript; gone when dropped.
pub(crate) struct Folder {
    top: TempDir,
}

impl Folder {
    /// An empty one, which every user may enter.
    pub(crate) fn new() -> Self {
        let top = tempfile::Builder::new().prefix("pki-").tempdir().unwrap();
        fs::set_permissions(top.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let folder = Self { top };
        fs::create_dir(folder.tree()).unwrap();
        fs::set_permissions(folder.tree(), fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    /// Where the lines run.
    pub(crate) fn tree(&self) -> PathBuf {
        self.top.path().join("tree")
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.tree().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The program where every user may run it: others may not look into the
    /// folder where it was built.
    pub(crate) fn everybodys_pki(&self) -> PathBuf {
        let bin = self.top.path().join("pki");
        if !bin.exists() {
            fs::copy(program(), &bin).unwrap();
        }
        bin
    }

    /// Runs one line; `as USER LINE` runs it as that user (see [`missing`]).
    pub(crate) fn run(&self, line: &str, form: Form) -> Ran {
        let mut shell = Command::new("sh");
        let mut bin = program();
        let mut script = line;
        if let Some((user, rest)) = other_user(line) {
            bin = self.everybodys_pki();
            shell.uid(id("-u", user)).gid(id("-g", user));
            script = rest;
        }
        let path = env::var("PATH").unwrap_or_default();
        let merge = if form == Form::Terminal { "2>&1" } else { "" };
        let ran = shell
            .arg("-c")
            .arg(format!("umask 022\n{PRELUDE}\n{{ {script}\n}} {merge}"))
            .current_dir(self.tree())
            .env_clear()
            .env(
                "PATH",
                format!("{}:{path}", bin.parent().unwrap().display()),
            )
            .env("HOME", self.tree())
            .env("STATE", self.top.path().join("state"))
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Ran {
            stdout: String::from_utf8_lossy(&ran.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&ran.stderr).into_owned(),
            code: ran.status.code().unwrap_or(-1),
        }
    }
}

/// What this machine lacks for a line, if anything.
pub(crate) fn missing(line: &str) -> Option<String> {
    const TOOLS: [&str; 6] = ["openssl", "keytool", "java", "go", "python3", "setfacl"];
    if other_user(line).is_some() && id_of_self() != 0 {
        return Some("only root can run a line as another user".to_owned());
    }
    let mut words = line.split_whitespace();
    let absent = words.find(|word| TOOLS.contains(word) && !on_path(word));
    absent.map(|tool| format!("{tool} not found"))
}

/// `as USER LINE`
fn other_user(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("as ")?.split_once(' ')
}

fn on_path(tool: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(tool).is_file())
}

pub(crate) fn id_of_self() -> u32 {
    number(&["-u"])
}

pub(crate) fn id(what: &str, user: &str) -> u32 {
    number(&[what, user])
}

fn number(arguments: &[&str]) -> u32 {
    let ran = Command::new("id").args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    text.trim()
        .parse()
        .unwrap_or_else(|_| panic!("id {arguments:?} says `{text}`"))
}
