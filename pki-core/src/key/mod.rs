//! Keys: making, reading, encrypting, signing, verifying.
//!
//! A private key is held as its PKCS#8 octets, wiped when dropped; one that
//! signs also in the form of its library (`ready.rs`), from its first signature
//! on. ring signs what it can; P-521, RSA above 4096 bits and RSA keys that ring
//! refuses (e = 3, odd sizes) go through `p521` and `rsa` (blinded). ring wipes
//! nothing of what it holds, so a key is given to it once, not for each signature.

mod any;
mod any_hash;
mod curve;
mod encrypt;
mod error;
mod form;
mod generate;
mod load;
mod oid;
mod private;
mod pss;
mod pss_form;
mod public;
mod random;
mod ready;
mod sign;
#[cfg(test)]
mod tests;
mod signature;
mod sound;
mod verify;

pub(crate) use any::{digest_octets, made_by_any};
pub use encrypt::{MAX_ROUNDS, MAX_SCRYPT_MEMORY, ROUNDS};
pub use error::{KeyError, is_wrong_passphrase};
pub use form::{Encoding, KeyForm, KeyKind, Trailing, survey};
pub use generate::{KeySource, SystemKeys, generate_all};
pub use load::{Loaded, load};
pub use private::PrivateKey;
pub use pss::is_usual_pss;
pub(crate) use pss_form::{PssFault, PssForm, pss_form};
pub use public::PublicKey;
pub use sign::Signer;
pub use signature::SignatureFault;
pub use verify::verify;
