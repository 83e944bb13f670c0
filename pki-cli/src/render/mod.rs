//! Values to text. Nothing here prints, computes or decides.

pub(crate) mod change;
pub(crate) mod client_rules;
pub(crate) mod clients;
pub(crate) mod human;
pub(crate) mod inspection;
pub(crate) mod json;
pub(crate) mod listing;
pub(crate) mod next;
pub(crate) mod reference;
pub(crate) mod revocation;
pub(crate) mod style;
pub(crate) mod text;
pub(crate) mod why;
