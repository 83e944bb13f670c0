//! A tree to fail with: a root, a CA below it, servers and clients.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::process::run;

/// A service that comes and goes.
pub(crate) const EXTRA: &str =
    "[service.extra]\nrole = \"minio\"\nhosts = [\"extra.example.com\"]\n";

/// What a user would write by hand.
pub(crate) fn manifest(host: &str, more: &str) -> String {
    format!(
        "version = 1\n\
         [defaults]\nauthority = \"services\"\n\
         [authority.root]\nsubject = \"CN=Root\"\npublish = \"certs/ca/root.crt\"\n\
         [authority.services]\nissuer = \"root\"\n\
         [service.web]\nrole = \"server\"\nhosts = [\"{host}\", \"127.0.0.1\"]\n\
         [service.app]\nrole = \"client\"\nconnects = [\"web\"]\n\
         [service.app.to.web]\nclient = \"client\"\n{more}"
    )
}

/// A folder of its own; every user may enter it.
pub(crate) fn folder() -> TempDir {
    let top = tempfile::Builder::new().prefix("pki-").tempdir().unwrap();
    fs::set_permissions(top.path(), fs::Permissions::from_mode(0o755)).unwrap();
    top
}

/// Writes the manifest at once, as editors do.
pub(crate) fn edit(tree: &Path, text: &str) {
    let new = tree.join("pki.toml.new");
    fs::write(&new, text).unwrap();
    fs::rename(new, tree.join("pki.toml")).unwrap();
}

/// A tree that is as its manifest says.
pub(crate) fn make(tree: &Path) {
    fs::create_dir_all(tree).unwrap();
    edit(tree, &manifest("web.example.com", ""));
    run(tree, &["apply"]).fine();
}

/// Copies a tree with its modes into a folder that is emptied before.
pub(crate) fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    copy_into(from, to);
}

fn copy_into(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_into(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
}

/// Every file below a folder.
pub(crate) fn files(tree: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![tree.to_owned()]);
    while let Some(folder) = folders.pop() {
        // One that is renamed or removed meanwhile is not there.
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}
