//! The command line, by whole transcripts (see `transcript`).
//!
//! * `cargo test -p pki-cli --test cli` runs them all; `TRANSCRIPT=init` only
//!   those with `init` in their path.
//! * `SNAPSHOTS=overwrite cargo test …` writes what the commands really say.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test makes folders, starts the program and says what it left out"
)]

#[path = "../../pki-cli/src/cli/examples.rs"]
mod examples;
mod examples_folder;
mod folder;
mod guarded;
mod redact;
mod transcript;

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use folder::Folder;
use transcript::Form;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every `*.md` below `folder`.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            documents(&path, found);
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
}

/// Runs documents on a few threads; the failures, in order.
fn run_all(documents: Vec<PathBuf>, form: Form) -> Vec<String> {
    let overwrite = env::var("SNAPSHOTS").is_ok_and(|v| v == "overwrite");
    let todo = Mutex::new(documents);
    let failures = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(path) = { todo.lock().unwrap().pop() } {
                    if let Err(failure) = transcript::run(&path, form, overwrite) {
                        failures.lock().unwrap().push(failure);
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    failures
}

#[track_caller]
fn none(failures: &[String]) {
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

#[test]
fn transcripts() {
    let wanted = env::var("TRANSCRIPT").unwrap_or_default();
    let mut found = Vec::new();
    documents(&workspace().join("tests/cli"), &mut found);
    assert!(!found.is_empty(), "where are the transcripts?");
    found.retain(|path| path.to_string_lossy().contains(&wanted));
    none(&run_all(found, Form::Streams));
}

#[test]
fn the_readme_tells_the_truth() {
    let readme = workspace().join("README.md");
    if readme.exists() {
        none(&run_all(vec![readme], Form::Terminal));
    }
}

#[test]
fn the_examples_of_the_help_work() {
    let mut failures = Vec::new();
    for (command, lines) in examples::EXAMPLES {
        let folder = Folder::new();
        for line in *lines {
            if let Some(lack) = folder::missing(line.command) {
                // Past the test runner, which hides what a passing test prints.
                let shown = line.command;
                let _ = writeln!(std::io::stderr(), "skipped: {command}: `{shown}`: {lack}");
                break;
            }
            let ran = folder.run(line.command, Form::Streams);
            if ran.code != i32::from(line.status) {
                failures.push(format!(
                    "{command}: `{}` ({}) ends with {}, not {}\n{}{}",
                    line.command,
                    line.about.unwrap_or("preparation"),
                    ran.code,
                    line.status,
                    ran.stdout,
                    ran.stderr,
                ));
                break;
            }
        }
    }
    none(&failures);
}
