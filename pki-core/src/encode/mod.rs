//! Encoders of what other programs read: bytes from values, and back.

pub mod bundle;
pub mod pkcs12;
