//! Finds the judges on this machine, runs each once, and says what they said.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::case::Case;

/// What a judge says of one case.
#[derive(Debug, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) id: String,
    pub(crate) ok: bool,
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) fields: serde_json::Value,
}

/// What came out of one judge.
pub(crate) enum Outcome {
    /// One verdict per case.
    Judged(Vec<Verdict>),
    /// It is not here.
    Skipped {
        /// What is not, and how to get it.
        why: String,
        /// Whether a run with `PKI_REQUIRE_JUDGES=1` needs it.
        required: bool,
    },
}

impl Outcome {
    pub(crate) fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped {
            why: why.into(),
            required: true,
        }
    }

    /// Of a judge that comes by pip, which not every machine can do.
    fn skipped_extra(why: impl Into<String>) -> Self {
        Self::Skipped {
            why: why.into(),
            required: false,
        }
    }

    /// Prints one line and fails the test where a verdict is not the right one,
    /// or, when judges are required, where there are fewer than `minimum`.
    pub(crate) fn report(self, judge: &str, minimum: usize) {
        let required = variable("PKI_REQUIRE_JUDGES").is_some_and(|value| value == "1");
        let verdicts = match self {
            Self::Judged(verdicts) => verdicts,
            Self::Skipped {
                why,
                required: needed,
            } => {
                say(&format!("skipped: {why}"));
                assert!(!(required && needed), "judge {judge} is required: {why}");
                return;
            }
        };
        let mut wrong = String::new();
        for verdict in verdicts.iter().filter(|verdict| !verdict.ok) {
            let _ = writeln!(wrong, "{}: {}", verdict.id, verdict.message);
        }
        assert!(wrong.is_empty(), "judge {judge} objects:\n{wrong}");
        say(&format!("judge {judge}: {} cases ok", verdicts.len()));
        assert!(
            !required || verdicts.len() >= minimum,
            "judge {judge} had {} cases, at least {minimum} are expected",
            verdicts.len()
        );
    }
}

/// A Java to test with.
pub(crate) struct Java {
    program: PathBuf,
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

pub(crate) fn run_java(java: &Java, cases: &[Case]) -> Outcome {
    let source = judges().join("Judge.java");
    judge(
        command(&java.program).arg("-Xshare:auto").arg(source),
        "java",
        cases,
    )
}

pub(crate) fn run_go(cases: &[Case]) -> Outcome {
    if on_path("go").is_none() {
        return Outcome::skipped("go not found");
    }
    let program = scratch().join("judge-go");
    let built = command("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(judges().join("judge.go"))
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
    judge(&mut command(&program), "go", cases)
}

/// The newest Python, which is the strictest.
pub(crate) fn run_python(cases: &[Case]) -> Outcome {
    match python("ssl.VERIFY_X509_STRICT", "import ssl") {
        Some(python) => judge(
            command(&python).arg(judges().join("judge.py")),
            "python",
            cases,
        ),
        None => Outcome::skipped("python3 with ssl not found"),
    }
}

pub(crate) fn run_pyca(cases: &[Case]) -> Outcome {
    match python("x509", "from cryptography import x509") {
        Some(python) => judge(
            command(&python).arg(judges().join("judge.py")),
            "pyca",
            cases,
        ),
        None => {
            Outcome::skipped_extra("cryptography for python3 not found (pip install cryptography)")
        }
    }
}

pub(crate) fn run_pkilint(cases: &[Case]) -> Outcome {
    match python("pkilint", "import pkilint") {
        Some(python) => judge(
            command(&python).arg(judges().join("lint.py")),
            "pkilint",
            cases,
        ),
        None => Outcome::skipped_extra(
            "pkilint not found (python3 -m venv target/ci-venv && target/ci-venv/bin/pip install pkilint==0.13.3)",
        ),
    }
}

/// The first Python in which `import` works and `expression` has a value.
fn python(expression: &str, import: &str) -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = variable("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".pyenv")));
    // The shims of pyenv fail where a version is installed and not chosen.
    let mut versions: Vec<PathBuf> = root
        .map(|root| folder(root.join("versions")))
        .unwrap_or_default();
    versions.retain(|version| {
        version
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("3.13"))
    });
    versions.sort();
    let candidates = versions
        .into_iter()
        .rev()
        .map(|version| version.join("bin/python3.13"))
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

/// Runs a judge over the cases; its verdicts must be as many, in their order.
fn judge(judge: &mut Command, name: &str, cases: &[Case]) -> Outcome {
    let mut lines = String::new();
    for case in cases {
        lines.push_str(&serde_json::to_string(case).unwrap());
        lines.push('\n');
    }
    let list = scratch().join(format!("{name}-{}.jsonl", std::process::id()));
    write(&list, &lines);
    let output = judge.arg(&list).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let verdicts: Vec<Verdict> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let ids = |verdicts: &[Verdict]| {
        verdicts
            .iter()
            .map(|verdict| verdict.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ids(&verdicts),
        cases.iter().map(|case| case.id.clone()).collect::<Vec<_>>(),
        "judge {name} did not answer all: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    remove(&list);
    Outcome::Judged(verdicts)
}

fn judges() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/interop/judges")
}

/// A folder of this test below the target folder.
pub(crate) fn scratch() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop");
    create_folder(&folder);
    folder
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
fn say(line: &str) {
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
fn remove(file: &Path) {
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
