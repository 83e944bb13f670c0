//! Keys: making, reading, encrypting, signing, verifying.
//!
//! A private key is held as its PKCS#8 octets alone and parsed for each use, so
//! that no library keeps a copy that is not wiped. ring signs what it can;
//! P-521, RSA above 4096 bits and RSA keys that ring refuses (e = 3, odd sizes)
//! go through `p521` and `rsa` (blinded): `sign.rs` is the only such place.

mod curve;
mod encrypt;
mod error;
mod form;
mod generate;
mod load;
mod oid;
mod private;
mod public;
mod sign;
#[cfg(test)]
mod tests;
mod verify;

pub use encrypt::{MAX_ROUNDS, MAX_SCRYPT_MEMORY, ROUNDS};
pub use error::KeyError;
pub use form::{Encoding, KeyForm, KeyKind, Trailing, survey};
pub use generate::{KeySource, SystemKeys, generate_all};
pub use load::{Loaded, load};
pub use private::PrivateKey;
pub use public::PublicKey;
pub use sign::Signer;
pub use verify::{SignatureFault, verify};
