//! Files that the command line names.

use std::path::Path;

use pki_core::report::shell;
use pki_core::secret::Secret;
use pki_core::store::{self, Kind, StoreError};
use pki_core::{Error, Result};
use zeroize::Zeroizing;

use super::place::above;
use crate::settings::Settings;

/// A file that the command line names.
///
/// # Errors
/// When it is no file that can be read.
pub(crate) fn read_named(settings: &Settings, file: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let path = settings.path(file);
    store::read_file(&path, store::LIMIT).map_err(|e| unread(settings, e))
}

/// Why a file that the command line names is not read.
pub(crate) fn unread(settings: &Settings, e: StoreError) -> Error {
    match &e {
        StoreError::InTheWay {
            path,
            wanted,
            found,
        } => {
            let hint = no_folder(settings, path, *wanted);
            let hint = hint.unwrap_or_else(|| match found {
                Kind::Folder => {
                    format!(
                        "name a file in it: `ls {}` shows what is there",
                        shell::path(path)
                    )
                }
                _ => "name a file".into(),
            });
            Error::from(e).hint(hint)
        }
        _ => e.into(),
    }
}

/// As [`read_named`], of a private key.
///
/// # Errors
/// As [`read_named`].
pub(crate) fn read_key(settings: &Settings, file: &Path) -> Result<Secret> {
    read_named(settings, file).map(Secret::from)
}

/// What to do where `path`, on the way to a file that the command line names,
/// is not the folder that is wanted.
pub(crate) fn no_folder(settings: &Settings, path: &Path, wanted: Kind) -> Option<String> {
    let folder = shell::path(above(path));
    match wanted {
        Kind::Folder if path == settings.folder() => {
            Some(format!("-C wants a folder: `pki -C {folder} …`"))
        }
        Kind::Folder => Some(format!("`ls {folder}` shows what is there")),
        _ => None,
    }
}
