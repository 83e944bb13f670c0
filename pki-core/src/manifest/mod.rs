//! The manifest `pki.toml`: text to [`Stack`].

mod resolve;
mod schema;

pub use crate::document::{Invalid as ManifestError, Problem, Source};
pub use resolve::{Generations, Resolved, Warning, resolve};

#[cfg(test)]
mod tests;

use schemars::generate::SchemaSettings;

/// The JSON schema of the manifest, for editors: pretty JSON, one final newline.
pub fn json_schema() -> String {
    let schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<schema::Manifest>();
    // A schema is a JSON value already, so it can be written.
    format!("{:#}\n", schema.to_value())
}
