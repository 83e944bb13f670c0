//! The programs that are asked, as far as they are installed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use crate::case::{self, Case};
use crate::{machine, rustls_judge};

/// What a client says of a chain.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub(crate) struct Answer {
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) verdict: Verdict,
    /// In the client's own words; what was not asked where it is skipped.
    pub(crate) message: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Verdict {
    Success,
    Failure,
    /// The client has no means to be asked that.
    Skipped,
}

/// A way to verify chains that programs use.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    /// crypto/x509, with the reading of a TLS peer's message.
    Go,
    /// The trust manager of JSSE.
    Java,
    /// libcrypto as many ask it.
    OpenSsl,
    /// libcrypto as the `ssl` module of Python 3.12 and older asks it.
    Python,
    /// libcrypto as the `ssl` module of Python 3.13 and newer asks it.
    Python313,
    /// rustls-webpki with ring.
    Rustls,
}

/// Lists of cases so far: several tests ask at once.
static LISTS: AtomicU32 = AtomicU32::new(0);

/// An installed client.
pub(crate) struct Client {
    pub(crate) kind: Kind,
    /// As the program or library says it.
    pub(crate) version: String,
    /// What to start; a file of cases comes behind it. Nothing for rustls.
    command: Vec<OsString>,
}

impl Client {
    pub(crate) fn name(&self) -> String {
        let kind = match self.kind {
            Kind::Go => "go",
            Kind::Java => "java",
            Kind::OpenSsl | Kind::Python | Kind::Python313 => "openssl",
            Kind::Rustls => "rustls-webpki",
        };
        format!("{kind} {}", self.version)
    }

    /// One answer per case, in their order.
    pub(crate) fn ask(&self, cases: &[Case]) -> Vec<Answer> {
        let Some((program, arguments)) = self.command.split_first() else {
            return cases.iter().map(rustls_judge::judge).collect();
        };
        let name = self.name().replace(' ', "-");
        let number = LISTS.fetch_add(1, Ordering::Relaxed);
        let list = scratch().join(format!("{name}-{}-{number}.json", std::process::id()));
        case::write(&list, cases);
        let output = machine::command(program)
            .args(arguments)
            .arg(&list)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<Answer> = said
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
            .collect();
        assert!(
            answers
                .iter()
                .map(|a| &a.id)
                .eq(cases.iter().map(|c| &c.id)),
            "{} answered {} of {} cases: {}",
            self.name(),
            answers.len(),
            cases.len(),
            String::from_utf8_lossy(&output.stderr)
        );
        machine::remove(&list);
        answers
    }
}

/// Says that a client is not here, which fails a run that requires all.
fn missing(what: &str) {
    machine::say(&format!("skipped: {what} not found"));
    let required = machine::variable("PKI_REQUIRE_JUDGES").is_some_and(|value| value == "1");
    assert!(!required, "{what} is required");
}

/// Those that are here; says which are not. Looked for and built once.
pub(crate) fn all() -> &'static [Client] {
    static ALL: OnceLock<Vec<Client>> = OnceLock::new();
    ALL.get_or_init(find)
}

fn find() -> Vec<Client> {
    let mut clients = vec![Client {
        kind: Kind::Rustls,
        version: rustls_judge::version(),
        command: Vec::new(),
    }];
    let go = scratch().join("clients-go");
    if machine::build_go(&judges().join("judge.go"), &go) {
        clients.push(Client {
            kind: Kind::Go,
            version: words("go", &["env", "GOVERSION"]).replace("go", ""),
            command: vec![go.into(), "--tls".into()],
        });
    } else {
        missing("go");
    }
    let javas = machine::javas();
    if javas.is_empty() {
        missing("java of version 17 or newer");
    }
    for java in javas {
        clients.push(Client {
            kind: Kind::Java,
            version: java.version,
            command: vec![
                java.program.into(),
                // A run is too short for the second compiler to pay.
                "-XX:TieredStopAtLevel=1".into(),
                // The name is looked for by a class that is not exported.
                "--add-exports".into(),
                "java.base/sun.security.util=ALL-UNNAMED".into(),
                judges().join("Judge.java").into(),
                "--trust-manager".into(),
            ],
        });
    }
    let libcrypto = libcrypto();
    if libcrypto.is_empty() {
        missing("python3 with libcrypto");
    }
    clients.extend(libcrypto);
    clients
}

/// All Pythons from 3.11 on that may be here.
fn pythons() -> Vec<PathBuf> {
    let mut found = machine::pyenv(|name| name.starts_with("3.1") && !name.starts_with("3.10"));
    found.extend((11..20).filter_map(|minor| machine::on_path(&format!("python3.{minor}"))));
    found.extend(machine::on_path("python3"));
    found
}

/// libcrypto as libssl asks it, and as each Python that is here does.
fn libcrypto() -> Vec<Client> {
    let judge = judges().join("judge_openssl.py");
    let mut clients: Vec<Client> = Vec::new();
    for python in pythons() {
        // Empty where this Python has no `ssl`, or one before 3.10.
        let said = words(&python, &[judge.to_str().unwrap(), "--version"]);
        let [openssl, version, strict] = said.split(' ').collect::<Vec<_>>()[..] else {
            continue;
        };
        let client = |kind, version: String, setting: &str| Client {
            kind,
            version,
            command: vec![
                python.clone().into(),
                judge.clone().into(),
                "--as".into(),
                setting.into(),
            ],
        };
        if clients.is_empty() {
            clients.push(client(Kind::OpenSsl, openssl.to_owned(), "default"));
        }
        let minor = version.rsplit_once('.').map_or(version, |(minor, _)| minor);
        let python = format!("{openssl}, as Python {version} asks");
        let again = format!("as Python {minor}.");
        if !clients.iter().any(|c| c.version.contains(&again)) {
            let kind = if strict == "True" {
                Kind::Python313
            } else {
                Kind::Python
            };
            clients.push(client(kind, python, "python"));
        }
    }
    clients
}

/// What a program prints.
fn words(program: impl AsRef<Path>, arguments: &[&str]) -> String {
    let output = machine::command(program).args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn judges() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/clients/judges")
}

pub(crate) fn scratch() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
    machine::create_folder(&folder);
    folder
}
