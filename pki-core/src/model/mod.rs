//! Pure values of the field. No input or output, no clock, no randomness, no
//! cryptography.

pub mod algorithm;
pub mod dn;
pub mod fingerprint;
pub mod path;
pub mod profile;
pub mod san;
pub mod serial;
pub mod time;
pub mod usage;
pub mod validity;
