//! What comes in on stdin, where a file is named `-`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use pki_core::store;
use pki_core::verify::STDIN;
use pki_core::{Error, Result};
use zeroize::Zeroizing;

use crate::settings::Settings;

/// Whether a file that the command line names is stdin.
pub(super) fn is(file: &Path) -> bool {
    file == Path::new(STDIN)
}

/// As [`Settings::path`]; stdin is in no folder.
pub(super) fn path(settings: &Settings, file: &Path) -> PathBuf {
    if is(file) {
        file.to_owned()
    } else {
        settings.path(file)
    }
}

/// All of it, once; at most as much as is read of a file.
///
/// # Errors
/// When it cannot be read, or is larger.
pub(super) fn read() -> Result<Zeroizing<Vec<u8>>> {
    let limit = usize::try_from(store::LIMIT).unwrap_or(usize::MAX);
    let mut bytes = Zeroizing::new(Vec::new());
    std::io::stdin()
        .lock()
        .take(store::LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::world("stdin cannot be read").cause(error))?;
    if bytes.len() > limit {
        return Err(
            Error::usage(format!("more than {limit} bytes come in on stdin"))
                .hint("no certificate, key or store is so large: is it the right input?"),
        );
    }
    Ok(bytes)
}
