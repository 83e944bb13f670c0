//! Signing: the only place where a private key is used.

use super::error::KeyError;
use super::private::PrivateKey;
use super::public::PublicKey;
use crate::model::algorithm::SignatureAlgorithm;

/// Something that signs: a [`PrivateKey`], or a key that never leaves its
/// device.
pub trait Signer {
    /// The public half.
    fn public(&self) -> &PublicKey;

    /// What [`Self::sign`] makes.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// The signature over `message`, as it stands in the BIT STRING of a
    /// certificate.
    ///
    /// # Errors
    /// [`KeyError::Sign`] when the key or the device refuses.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError>;
}

impl Signer for PrivateKey {
    fn public(&self) -> &PublicKey {
        self.public()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm().signature()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.ready()
            .and_then(|ready| ready.sign(message))
            .map_err(|why| KeyError::Sign {
                key: self.algorithm().title(),
                why,
            })
    }
}
