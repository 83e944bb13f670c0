//! What must hold of a tree: at every moment, and once a command has recovered.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use pki_core::cert::Certificate;

use crate::process::run;
use crate::scene::files;

/// Files of a tree with their modes, by path from its top.
pub(crate) type Files = BTreeMap<PathBuf, (u32, Vec<u8>)>;

/// The tree as it is.
pub(crate) fn look(tree: &Path) -> Files {
    let read = |path: PathBuf| {
        let mode = fs::metadata(&path).ok()?.permissions().mode() & 0o7777;
        let name = path.strip_prefix(tree).unwrap().to_owned();
        Some((name, (mode, fs::read(&path).ok()?)))
    };
    files(tree).into_iter().filter_map(read).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

pub(crate) fn is_staged(path: &Path) -> bool {
    text(path).contains("..stage-")
}

/// What must hold before anything recovers: no private key is open to others,
/// and no CA key, pair or line of the record that was there is lost. A file of
/// `gone` may be away.
///
/// # Errors
/// What does not hold.
pub(crate) fn survives(before: &Files, now: &Files, gone: &str) -> Result<(), String> {
    for (path, (mode, octets)) in now {
        let key = String::from_utf8_lossy(octets).contains("PRIVATE KEY");
        if key && mode & 0o077 != 0 {
            return Err(format!("{} is open to others: {mode:o}", path.display()));
        }
    }
    for (path, (_, octets)) in before {
        let name = text(path);
        let Some((_, found)) = now.get(path) else {
            // The journal and what is staged come and go.
            let passes = is_staged(path) || name == ".pki/journal";
            if passes || !gone.is_empty() && name.contains(gone) {
                continue;
            }
            return Err(format!("{name} is gone"));
        };
        if name.ends_with("ca.key") && found != octets {
            return Err(format!("{name} is another key"));
        }
        if name == RECORD && !found.starts_with(&whole_lines(octets)) {
            return Err(format!("{name} lost lines"));
        }
    }
    Ok(())
}

const RECORD: &str = ".pki/issued.jsonl";

/// Without what a crash tore.
fn whole_lines(octets: &[u8]) -> Vec<u8> {
    let end = octets
        .iter()
        .rposition(|o| *o == b'\n')
        .map_or(0, |i| i + 1);
    octets[..end].to_vec()
}

/// What must hold once a command has recovered: `verify` is clean, `plan` is
/// empty, nothing is staged, every certificate is in the record, no serial
/// number is there twice.
///
/// # Errors
/// What does not hold.
pub(crate) fn settled(tree: &Path) -> Result<(), String> {
    let verified = run(tree, &["verify"]);
    if verified.code() != 0 || !verified.stdout.starts_with("clean: ") {
        return Err(verified.to_string());
    }
    let planned = run(tree, &["plan", "--check", "--prune"]);
    if planned.code() != 0 {
        return Err(planned.to_string());
    }
    let now = look(tree);
    survives(&Files::new(), &now, "")?;
    if let Some(left) = now.keys().find(|p| is_staged(p) || p.ends_with("journal")) {
        return Err(format!("{} is left", left.display()));
    }
    recorded(&now)
}

/// Whether the record names every certificate that stands there, each line is
/// whole, and no serial number is there twice.
fn recorded(now: &Files) -> Result<(), String> {
    let record = now.get(Path::new(RECORD)).ok_or("there is no record")?;
    let record = String::from_utf8(record.1.clone()).map_err(|e| e.to_string())?;
    let (mut named, mut serials) = (BTreeSet::new(), BTreeSet::new());
    for line in record.lines() {
        let line: serde_json::Value =
            serde_json::from_str(line).map_err(|e| format!("{e} in line {line}"))?;
        let field = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        named.insert(field("sha256"));
        if !serials.insert(field("serial")) {
            return Err(format!("serial {} is there twice", field("serial")));
        }
    }
    for (path, (_, octets)) in now {
        for certificate in certificates(octets) {
            if !named.contains(&certificate.fingerprint().to_string()) {
                return Err(format!("{} is not in the record", path.display()));
            }
        }
    }
    Ok(())
}

/// The certificates of a PEM file.
pub(crate) fn certificates(octets: &[u8]) -> Vec<Certificate> {
    if !pki_core::pem::is_pem(octets) {
        return Vec::new();
    }
    let pem = pki_core::pem::blocks(octets);
    pem.labelled("CERTIFICATE")
        .map(|block| Certificate::from_der(block.der.as_ref().unwrap()).unwrap())
        .collect()
}

/// Whether a delivery is written down to its end: it can only be finished.
pub(crate) fn is_committed(tree: &Path) -> bool {
    let journal = fs::read_to_string(tree.join(".pki/journal")).unwrap_or_default();
    journal.matches('\n').count() == 2
}

/// Whether every key that stands beside a certificate is the certificate's.
///
/// # Errors
/// The first pair that does not match.
pub(crate) fn pairs_match(now: &Files) -> Result<(), String> {
    let provider = rustls::crypto::ring::default_provider();
    for (path, (_, key)) in now {
        let Some((_, certificate)) = now.get(&path.with_extension("crt")) else {
            continue;
        };
        let is_key = path.extension().is_some_and(|e| e == "key");
        if is_key && !is_staged(path) && !crate::readers::matches(certificate, key, &provider) {
            return Err(format!("{} is not its certificate's", path.display()));
        }
    }
    Ok(())
}
