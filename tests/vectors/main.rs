//! Public corpora of chains (x509-limbo, `BetterTLS`, `BoringSSL`, PKITS,
//! x509test) against the engine.
//!
//! Every JSON file with a `testcases` key under `$PKI_VECTORS` is run; the
//! format is x509-limbo's with the fields of `verification.md` section 0.
//! Which rules count follows from the fields and the first part of an id,
//! never from a single case.

mod case;
mod predicted;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use case::{Case, Verdict};

/// How a file went.
#[derive(Default)]
struct Tally {
    ok: usize,
    false_accepts: Vec<String>,
    false_rejects: Vec<String>,
    skipped: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn wrong(&self) -> impl Iterator<Item = &String> {
        self.false_accepts.iter().chain(&self.false_rejects)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the vectors lie outside of the tree"
)]
fn vectors() -> Vec<PathBuf> {
    let root = std::env::var_os("PKI_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    let mut files: Vec<PathBuf> = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    files
}

#[expect(
    clippy::disallowed_methods,
    reason = "the vectors lie outside of the tree"
)]
fn cases(file: &Path) -> Option<Vec<Case>> {
    let text = std::fs::read_to_string(file).expect("a readable file of vectors");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let cases = value.get("testcases")?.as_array()?;
    Some(cases.iter().map(Case::read).collect())
}

/// Cases that are known to go the other way, each with its reason.
fn exceptions() -> BTreeMap<String, String> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        exception: Vec<Exception>,
    }
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Exception {
        id: String,
        reason: String,
    }
    let file: File = toml::from_str(include_str!("exceptions.toml")).expect("exceptions.toml");
    file.exception
        .into_iter()
        .map(|e| (e.id, e.reason))
        .collect()
}

/// What a file must reach: right verdicts, and whether a wrong one is allowed
/// outside of `exceptions.toml`.
fn floor(file: &str) -> (usize, bool) {
    match file {
        "bettertls-names" => (971, false),
        "bettertls-paths" => (51, false),
        "limbo-core" => (119, false),
        "boringssl-chains" => (95, false),
        "pkits" => (56, false),
        "x509test" => (71, false),
        _ => (0, true),
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are what this test is for")]
fn corpora() {
    let files = vectors();
    let exceptions = exceptions();
    let mut excepted: Vec<&String> = Vec::new();
    let mut failures = Vec::new();
    let mut tallies = Vec::new();
    for file in &files {
        let Some(cases) = cases(file) else { continue };
        let mut tally = Tally::default();
        for case in &cases {
            let (verdict, why) = case.judge();
            match verdict {
                Verdict::Skipped(reason) => *tally.skipped.entry(reason).or_default() += 1,
                Verdict::Judged(accepted) if accepted == case.valid => tally.ok += 1,
                Verdict::Judged(true) => tally.false_accepts.push(case.id.clone()),
                Verdict::Judged(false) => tally.false_rejects.push(format!("{}  {why}", case.id)),
            }
        }
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        println!(
            "{name}: {} ok, {} false accepts, {} false rejects, skipped {:?}, of {}",
            tally.ok,
            tally.false_accepts.len(),
            tally.false_rejects.len(),
            tally.skipped,
            cases.len(),
        );
        tallies.push((name, tally));
    }
    if tallies.is_empty() {
        println!("skipped: no vectors (PKI_VECTORS)");
        return;
    }
    for (name, tally) in &tallies {
        let (least, wrong_allowed) = floor(name);
        if tally.ok < least {
            failures.push(format!("{name}: {} ok, below {least}", tally.ok));
        }
        for wrong in tally.wrong() {
            let id = wrong.split("  ").next().unwrap_or(wrong);
            match exceptions.get_key_value(id) {
                Some((id, _)) => excepted.push(id),
                None if wrong_allowed => println!("  {name}: wrong: {wrong}"),
                None => failures.push(format!("{name}: wrong: {wrong}")),
            }
        }
    }
    for id in exceptions.keys().filter(|id| !excepted.contains(id)) {
        failures.push(format!("exceptions.toml: {id} is right now, or not there"));
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
