//! Colours by meaning, not by name. The printer takes them out where none are
//! wanted, so a renderer never asks.

use owo_colors::OwoColorize as _;

/// Something wrong.
pub(crate) fn error(text: &str) -> String {
    text.red().bold().to_string()
}

/// Something that will be wrong.
pub(crate) fn warning(text: &str) -> String {
    text.yellow().bold().to_string()
}

/// Something done or good.
pub(crate) fn good(text: &str) -> String {
    text.green().to_string()
}

/// The way out.
pub(crate) fn hint(text: &str) -> String {
    text.cyan().bold().to_string()
}

/// The word before a value.
pub(crate) fn label(text: &str) -> String {
    text.dimmed().to_string()
}

/// What a block is about.
pub(crate) fn heading(text: &str) -> String {
    text.bold().to_string()
}
