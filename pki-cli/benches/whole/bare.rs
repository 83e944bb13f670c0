//! What has to be done at least: the same files written so that they last.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use pki_core::key::{KeySource as _, SystemKeys};
use pki_core::model::algorithm::KeyAlgorithm;

/// Files below a folder, the folder's own first, with their contents.
pub(crate) type Files = Vec<(PathBuf, Vec<u8>)>;

/// Every file of a tree but the lock and the manifest.
pub(crate) fn files(root: &Path) -> Files {
    let mut found = Files::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let below = path.strip_prefix(root).unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !below.ends_with("lock") && !below.ends_with("pki.toml") {
                found.push((below, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Creates, writes, syncs and renames one file after the other. On ext4 threads
/// that each do this wait for one another.
pub(crate) fn write(root: &Path, files: &Files) {
    for (path, bytes) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let stage = path.with_extension("stage");
        let mut file = File::create_new(&stage).unwrap();
        file.write_all(bytes).unwrap();
        file.set_permissions(fs::Permissions::from_mode(0o600))
            .unwrap();
        file.sync_all().unwrap();
        fs::rename(stage, path).unwrap();
    }
}

/// A whole process: keys as many as `like` has, its files and folders synced, and
/// a journal around them.
pub(crate) fn replay(root: &Path, like: &Path) {
    let files = files(like);
    let keys = files
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|e| e == "key"));
    for _ in keys {
        SystemKeys.generate(KeyAlgorithm::EcdsaP256).unwrap();
    }
    let journal = root.join("journal");
    let mut file = File::create_new(&journal).unwrap();
    for _ in 0..2 {
        file.write_all(&[b' '; 1000]).unwrap();
        file.sync_all().unwrap();
    }
    write(root, &files);
    let mut folders: Vec<&Path> = files
        .iter()
        .flat_map(|(path, _)| path.ancestors().skip(1))
        .collect();
    folders.sort();
    folders.dedup();
    for folder in folders {
        File::open(root.join(folder)).unwrap().sync_all().unwrap();
    }
    fs::remove_file(journal).unwrap();
}
