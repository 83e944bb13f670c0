//! Finds the judges on this machine, runs each once, and says what they said.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::case::Case;
use crate::machine::{
    Java, build_go, command, create_folder, python, remove, say, variable, write,
};

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

pub(crate) fn run_java(java: &Java, cases: &[Case]) -> Outcome {
    let source = judges().join("Judge.java");
    judge(
        command(&java.program).arg("-Xshare:auto").arg(source),
        "java",
        cases,
    )
}

pub(crate) fn run_go(cases: &[Case]) -> Outcome {
    let program = scratch().join("judge-go");
    if build_go(&judges().join("judge.go"), &program) {
        judge(&mut command(&program), "go", cases)
    } else {
        Outcome::skipped("go not found")
    }
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
