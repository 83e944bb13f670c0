//! The manifests below `examples/` do what they say.

use std::fs;
use std::path::PathBuf;

use crate::folder::Folder;
use crate::transcript::Form;
use crate::workspace;

/// Runs a line that must end with `code`; what it printed on stdout.
#[track_caller]
fn ends(folder: &Folder, line: &str, code: i32) -> String {
    let ran = folder.run(line, Form::Streams);
    assert_eq!(ran.code, code, "{line}\n{}{}", ran.stdout, ran.stderr);
    ran.stdout
}

/// A folder with a copy of `example`, and the passphrase of all authorities.
fn copied(folder: &Folder, example: &str) {
    let from = workspace().join("examples").join(example);
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        // Not what somebody made by running it in place.
        if entry.file_type().unwrap().is_file() {
            let name = entry.file_name().into_string().unwrap();
            let text = fs::read_to_string(entry.path()).unwrap();
            folder.write(&format!("{example}/{name}"), &text);
        }
    }
    ends(folder, "umask 077; echo 'a sample' >passphrase", 0);
}

fn apply(folder: &Folder, example: &str) {
    let line = format!("pki -C {example} apply --passphrase-file passphrase");
    ends(folder, &line, 0);
}

#[test]
fn every_example_is_planned_applied_and_clean() {
    let examples = fs::read_dir(workspace().join("examples")).unwrap();
    let folders = examples.map(|entry| entry.unwrap().path());
    let folders: Vec<PathBuf> = folders.filter(|path| path.is_dir()).collect();
    assert!(folders.len() >= 6, "{folders:?}");
    for path in folders {
        let example = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(path.join("pki.toml")).unwrap();
        assert!(text.starts_with("# "), "{example} does not say what it is");
        assert!(
            text.contains(&format!("pki -C examples/{example} apply")),
            "{example} does not say how to run it"
        );
        let folder = Folder::new();
        copied(&folder, example);
        ends(&folder, &format!("pki -C {example} plan --check"), 1);
        apply(&folder, example);
        let verify = format!("pki -C {example} verify --fail-on warning");
        ends(&folder, &verify, 0);
        ends(&folder, &format!("pki -C {example} plan --check"), 0);
        ends(&folder, "remember", 0);
        apply(&folder, example);
        ends(&folder, "unchanged", 0);
    }
}

#[test]
fn production_does_not_accept_development() {
    let folder = Folder::new();
    for example in ["dev", "prod"] {
        copied(&folder, example);
        apply(&folder, example);
    }
    for (ca, code) in [("dev", 0), ("prod", 1)] {
        let line = format!("pki verify --ca {ca}/certs/ca/ca.crt dev/certs/minio/public.crt");
        ends(&folder, &line, code);
    }
}

#[test]
fn an_encrypted_key_is_encrypted_and_its_passphrase_needed() {
    let folder = Folder::new();
    copied(&folder, "encrypted-ca");
    apply(&folder, "encrypted-ca");
    let key = "encrypted-ca/authorities/root/1/ca.key";
    let begin = ends(&folder, &format!("head -n 1 {key}"), 0);
    assert_eq!(begin, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
    ends(&folder, "pki -C encrypted-ca renew --force", 2);
    let systemd = "mkdir run && cp passphrase run/pki-root && \
        CREDENTIALS_DIRECTORY=$PWD/run pki -C encrypted-ca renew --force";
    ends(&folder, systemd, 0);
}

#[test]
fn a_root_whose_key_is_away_keeps_its_stack_going() {
    let folder = Folder::new();
    copied(&folder, "intermediate");
    apply(&folder, "intermediate");
    ends(&folder, "rm intermediate/authorities/root/1/ca.key", 0);
    ends(&folder, "pki -C intermediate plan --check", 0);
    ends(&folder, "pki -C intermediate renew --force vault", 0);
    ends(&folder, "pki -C intermediate verify", 0);
}
