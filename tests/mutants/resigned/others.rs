//! Who else judges: the clients that `tests/clients` asks, but for Java, whose
//! rules of certificates are those of its TLS, and pyca/cryptography.

use std::path::{Path, PathBuf};

use crate::case::{self, Case};
use crate::client::{self, Answer, Client, Kind};
use crate::machine;

pub(super) enum Other {
    Client(&'static Client),
    Pyca { python: PathBuf },
}

impl Other {
    pub(super) fn id(&self) -> &'static str {
        match self {
            Self::Client(client) => match client.kind {
                Kind::Go => "go",
                Kind::Java => "java",
                Kind::OpenSsl | Kind::Python => "openssl",
                Kind::Python313 => "openssl-strict",
                Kind::Rustls => "rustls",
            },
            Self::Pyca { .. } => "pyca",
        }
    }

    fn ask(&self, cases: &[Case]) -> Vec<Answer> {
        match self {
            Self::Client(client) => client.ask(cases),
            Self::Pyca { python } => pyca(python, cases),
        }
    }
}

/// Those that are here; says which are not.
pub(super) fn all() -> Vec<Other> {
    let mut others: Vec<Other> = Vec::new();
    for client in client::all() {
        let other = Other::Client(client);
        let again = others.iter().any(|o| o.id() == other.id());
        if client.kind != Kind::Java && !again {
            others.push(other);
        }
    }
    match machine::python(
        "verification.PolicyBuilder",
        "from cryptography.x509 import verification",
    ) {
        Some(python) => others.push(Other::Pyca { python }),
        None => machine::say("skipped: pyca/cryptography not found"),
    }
    others
}

/// One list of answers per judge, in the order of the cases.
pub(super) fn ask(others: &[Other], cases: &[Case]) -> Vec<Vec<Answer>> {
    std::thread::scope(|scope| {
        let asked = others.iter().map(|other| scope.spawn(|| other.ask(cases)));
        let asked: Vec<_> = asked.collect();
        asked.into_iter().map(|a| a.join().unwrap()).collect()
    })
}

fn pyca(python: &Path, cases: &[Case]) -> Vec<Answer> {
    let judge = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/mutants/judge_pyca.py");
    let list = client::scratch().join(format!("pyca-{}.json", std::process::id()));
    case::write(&list, cases);
    let output = machine::command(python)
        .arg(judge)
        .arg(&list)
        .output()
        .unwrap();
    machine::remove(&list);
    let said = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Answer> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(answers.len(), cases.len(), "{complaint}");
    answers
}
