//! What stands on the way of a path that the user named: links in it are
//! followed.
#![expect(clippy::disallowed_methods, reason = "looks at what a path names")]

use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, Stat};

use super::error::{Kind, StoreError};
use crate::model::path::STAGE_PREFIX;

/// What something is.
pub(super) fn kind(stat: &Stat) -> Kind {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        FileType::Fifo => Kind::Pipe,
        FileType::Socket => Kind::Socket,
        _ => Kind::Device,
    }
}

/// The first part of a path that is no folder, as the failure that it is.
pub(super) fn in_the_way(path: &Path) -> StoreError {
    let mut above: Vec<&Path> = path
        .ancestors()
        .filter(|p| !p.as_os_str().is_empty())
        .collect();
    above.reverse();
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let no_folder = |p: &&Path| rustix::fs::open(*p, flags, Mode::empty()).is_err();
    let it = above.into_iter().find(no_folder).unwrap_or(path);
    // `file/.` is the file.
    let it = it.components().as_path();
    StoreError::InTheWay {
        path: it.to_owned(),
        found: rustix::fs::stat(it).map_or(Kind::File, |stat| kind(&stat)),
        wanted: Kind::Folder,
    }
}

/// That nothing is at a path, or that a link on the way leads nowhere.
pub(super) fn missing(path: &Path) -> StoreError {
    let mut above = path.ancestors().filter(|p| !p.as_os_str().is_empty());
    let dangling = above.find(|p| {
        rustix::fs::lstat(*p).is_ok_and(|stat| kind(&stat) == Kind::Link)
            && rustix::fs::stat(*p).is_err()
    });
    match dangling {
        Some(link) => StoreError::Dangling {
            path: link.components().as_path().to_owned(),
        },
        None => StoreError::Missing {
            path: path.to_owned(),
        },
    }
}

/// The name under which a file is written before it is delivered.
pub(super) fn stage_name(name: &str) -> String {
    format!("{STAGE_PREFIX}{name}")
}

/// The second name that keeps the old file while its pair is renamed. No
/// place in the tree may start with the prefix, so no staged file has it.
pub(super) fn undo_name(name: &str) -> String {
    format!("{STAGE_PREFIX}{STAGE_PREFIX}{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_folder_is_named_with_what_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("file"), "x").unwrap();
        std::os::unix::fs::symlink("nowhere", at("link")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), Mode::RUSR).unwrap();
        let said = |error: StoreError| {
            error
                .to_string()
                .replace(&*dir.path().to_string_lossy(), "")
        };
        for (path, expected) in [
            ("file", "`/file` is a file, not a folder"),
            ("file/.", "`/file` is a file, not a folder"),
            ("file/below/it", "`/file` is a file, not a folder"),
            ("pipe/below", "`/pipe` is a pipe, not a folder"),
        ] {
            assert_eq!(said(in_the_way(&at(path))), expected, "{path}");
        }
        for (path, expected) in [
            ("gone/below", "`/gone/below` does not exist"),
            ("link", "`/link` is a link to nothing"),
            ("link/below", "`/link` is a link to nothing"),
        ] {
            assert_eq!(said(missing(&at(path))), expected, "{path}");
        }
    }
}
