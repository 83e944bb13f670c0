//! Files of another kind than an option wants.

use std::path::Path;

use pki_core::Error;
use pki_core::inspect::{self, Wanted};
use pki_core::report::shell;

use crate::render::text;

/// A file that holds something else than an option wants.
pub(super) fn no_such(file: &Path, bytes: &[u8], wants: &str, wanted: Wanted) -> Error {
    let shown = file.display();
    let what = match bytes {
        [] => format!("`{shown}` is empty"),
        _ => format!("`{shown}` holds {}", inspect::what(bytes)),
    };
    let next = inspect::instead(bytes, file, wanted);
    let next =
        next.unwrap_or_else(|| format!("`pki inspect {}` shows what is there", shell::path(file)));
    Error::usage(what).hint(if text::is_command(&next) {
        format!("{wants}; this gets what is there: `{next}`")
    } else {
        format!("{wants}; {next}")
    })
}
