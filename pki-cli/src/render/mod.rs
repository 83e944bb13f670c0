//! Values to text. Nothing here prints, computes or decides.

pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod style;
pub(crate) mod text;
