//! What comes in on stdin, where a file is named `-`.

use std::io::{self, Read};
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
    let bytes = whole(io::stdin().lock().take(store::LIMIT + 1))
        .map_err(|error| Error::world("stdin cannot be read").cause(error))?;
    if bytes.len() > limit {
        return Err(
            Error::usage(format!("more than {limit} bytes come in on stdin"))
                .hint("no certificate, key or store is so large: is it the right input?"),
        );
    }
    Ok(bytes)
}

/// All that `from` gives. A vector that grows leaves copies behind, of a key maybe:
/// here each smaller one is wiped.
fn whole(mut from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    const FIRST: usize = 64 << 10;
    let mut bytes = Zeroizing::new(Vec::with_capacity(FIRST));
    loop {
        let room = bytes.capacity() - bytes.len();
        let limit = u64::try_from(room).unwrap_or(u64::MAX);
        if from.by_ref().take(limit).read_to_end(&mut bytes)? < room {
            return Ok(bytes);
        }
        let mut larger = Zeroizing::new(Vec::with_capacity(2 * bytes.capacity()));
        larger.extend_from_slice(&bytes);
        bytes = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_read_whatever_its_length() {
        for length in [0, 1, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 1 << 20] {
            let given: Vec<u8> = (0..=250).cycle().take(length).collect();
            let read = whole(given.as_slice()).unwrap();
            assert!(*read == given, "{length}");
            assert!(read.capacity() <= (2 * length).max(64 << 10), "{length}");
        }
    }
}
