//! What tests need of the machine they run on: its programs, files and variables.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Java to test with.
pub(crate) struct Java {
    pub(crate) program: PathBuf,
    /// As its `release` file says it.
    pub(crate) version: String,
}

/// Every Java ≥ 17 of the machine, by version.
pub(crate) fn javas() -> Vec<Java> {
    let installed = folder("/usr/lib/jvm")
        .into_iter()
        .map(|home| home.join("bin/java"));
    let mut found = BTreeMap::new();
    for program in installed.chain(on_path("java")) {
        let Ok(program) = canonical(&program) else {
            continue;
        };
        let release = program.ancestors().nth(2).map(|home| home.join("release"));
        let Some(release) = release.and_then(|file| read(&file).ok()) else {
            continue;
        };
        let release = String::from_utf8_lossy(&release);
        let version = release
            .lines()
            .find_map(|line| line.strip_prefix("JAVA_VERSION=\"")?.strip_suffix('"'));
        let major = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
        if let (Some(version), Some(17..)) = (version, major) {
            found.insert(version.to_owned(), program);
        }
    }
    let java = |(version, program)| Java { program, version };
    found.into_iter().map(java).collect()
}

/// Pythons that pyenv has, of these versions (`3.13.0`), the newest first.
pub(crate) fn pyenv(wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let root = variable("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".pyenv")));
    // The shims of pyenv fail where a version is installed and not chosen.
    let mut versions: Vec<PathBuf> = root
        .map(|root| folder(root.join("versions")))
        .unwrap_or_default();
    versions.retain(|version| {
        let name = version.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| wanted(&name))
    });
    versions.sort();
    let versions = versions.into_iter().rev();
    versions
        .map(|version| version.join("bin/python3"))
        .collect()
}

/// The first Python in which `import` works and `expression` has a value.
pub(crate) fn python(expression: &str, import: &str) -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let candidates = pyenv(|name| name.starts_with("3.13"))
        .into_iter()
        .chain(on_path("python3.13"))
        .chain(on_path("python3"))
        .chain([workspace.join("target/ci-venv/bin/python")]);
    for candidate in candidates {
        let tried = command(&candidate)
            .args(["-c", &format!("{import}; {expression}")])
            .output();
        if tried.is_ok_and(|output| output.status.success()) {
            return Some(candidate);
        }
    }
    None
}

/// Builds one file of Go; false where there is no Go.
pub(crate) fn build_go(source: &Path, program: &Path) -> bool {
    if on_path("go").is_none() {
        return false;
    }
    let built = command("go")
        .args(["build", "-o"])
        .arg(program)
        .arg(source)
        // Only the standard library and the installed toolchain: no network.
        .envs([
            ("GOFLAGS", "-mod=mod"),
            ("GOPROXY", "off"),
            ("GOTOOLCHAIN", "local"),
            ("GOWORK", "off"),
        ])
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    true
}

/// Where the program of this name stands, by PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = variable("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| canonical(file).is_ok())
}

#[expect(clippy::disallowed_methods, reason = "other programs judge our files")]
pub(crate) fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command
        .stdin(Stdio::null())
        .env_remove("JAVA_TOOL_OPTIONS")
        .env("LC_ALL", "C.UTF-8")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Prints past the capture of the test harness: the counts belong into the log.
#[expect(
    clippy::disallowed_methods,
    reason = "the counts belong into the log of a run that passes"
)]
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test looks for programs and its settings"
)]
pub(crate) fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

#[expect(clippy::disallowed_methods, reason = "a test reads what was made")]
pub(crate) fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(file)
}

#[expect(clippy::disallowed_methods, reason = "a test hands files to judges")]
pub(crate) fn write(file: &Path, octets: impl AsRef<[u8]>) {
    std::fs::write(file, octets).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}

#[expect(clippy::disallowed_methods, reason = "a test cleans up")]
pub(crate) fn remove(file: &Path) {
    let _ = std::fs::remove_file(file);
}

#[expect(clippy::disallowed_methods, reason = "a test makes its folder")]
pub(crate) fn create_folder(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test starts from an empty folder"
)]
pub(crate) fn empty_folder(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder);
    create_folder(folder);
}

#[expect(clippy::disallowed_methods, reason = "links lead to the same program")]
fn canonical(file: &Path) -> std::io::Result<PathBuf> {
    file.canonicalize()
}

/// The entries of a folder; none where it is not there.
#[expect(clippy::disallowed_methods, reason = "a test looks for programs")]
fn folder(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.as_ref()).into_iter().flatten();
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect()
}
