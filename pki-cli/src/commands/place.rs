//! Folders beside the one that was named, for hints.

use std::path::{Path, PathBuf};

use pki_core::report::shell;
use pki_core::store;

use super::tree::MANIFEST;

/// The folder that something is in.
pub(crate) fn above(path: &Path) -> &Path {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    above.unwrap_or(Path::new("."))
}

/// Where a manifest is, or how one is made, for a folder without.
pub(super) fn elsewhere(folder: &Path) -> String {
    // Who stands in a folder of the tree means the tree.
    let named = folder.ancestors().skip(1).map(|up| {
        if up == Path::new("") {
            PathBuf::from(".")
        } else {
            up.to_owned()
        }
    });
    let here = ["..", "../..", "../../.."].map(PathBuf::from);
    let above: Vec<PathBuf> = if folder == Path::new(".") {
        here.into()
    } else {
        named.collect()
    };
    let is_there = |up: &&PathBuf| !store::look_at(&up.join(MANIFEST), store::LIMIT).is_missing();
    match above.iter().find(is_there) {
        Some(up) => format!("there is one above it: `pki -C {} …`", shell::path(up)),
        None if folder == Path::new(".") => {
            "make one: `pki init`; or name its folder: `pki -C DIR …`".to_owned()
        }
        None => format!(
            "make one: `pki init {}`; or name the folder it is in: `pki -C DIR …`",
            shell::path(folder)
        ),
    }
}
