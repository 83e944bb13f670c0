//! The files of cases, and what is known of single cases.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// One file: its name without `.json`, and its cases.
pub(crate) struct Corpus {
    pub(crate) name: String,
    pub(crate) cases: Vec<Value>,
}

/// Every JSON file with a `testcases` key under `$PKI_VECTORS`.
pub(crate) fn all() -> Vec<Corpus> {
    files().iter().filter_map(|file| cases(file)).collect()
}

/// What real clients answered: by id of the case and client, its verdict and
/// message.
pub(crate) fn verdicts() -> Option<Value> {
    let files = files();
    let file = files.iter().find(|file| file.ends_with("verdicts.json"))?;
    Some(read(file))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the vectors lie outside of the tree"
)]
fn files() -> Vec<PathBuf> {
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
fn read(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).expect("a readable file of vectors");
    serde_json::from_str(&text).expect("JSON")
}

fn cases(file: &Path) -> Option<Corpus> {
    let Value::Array(cases) = read(file).get_mut("testcases")?.take() else {
        return None;
    };
    Some(Corpus {
        name: file.file_stem()?.to_string_lossy().into_owned(),
        cases,
    })
}

/// Cases that are known to go the other way, each with its reason.
pub(crate) fn exceptions() -> BTreeMap<String, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        exception: Vec<Exception>,
    }
    #[derive(Deserialize)]
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

/// By the id of a case that fails: the checks of which one tells why.
pub(crate) fn reasons() -> BTreeMap<String, Vec<String>> {
    toml::from_str(include_str!("reasons.toml")).expect("reasons.toml")
}
