//! The manifest `pki.toml`: text to [`Stack`](crate::stack::Stack).

mod edit;
mod resolve;
mod schema;

pub use crate::document::{Invalid as ManifestError, Problem, Source};
pub use edit::{EditError, NewAuthority, NewService, add_authority, add_service, name_for};
pub use resolve::{Generations, Resolved, Warning, resolve};

#[cfg(test)]
mod tests;

use crate::document;

/// The JSON schema of the manifest, for editors: pretty JSON, one final newline.
pub fn json_schema() -> String {
    document::for_editors::<schema::Manifest>()
}

/// Names of tables become parts of file names and of ids.
/// What a name may be, in words.
pub const NAME_RULE: &str =
    "letters, digits, `.`, `_` and `-`, at most 64, the first a letter or digit";

/// Whether a text can be the name of an authority, a service, a pair or a host.
pub fn is_table_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(is_name_char)
        && name.len() <= 64
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}
