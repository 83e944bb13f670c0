//! Signing: the only place where a private key is used.

use p521::pkcs8::DecodePrivateKey;
use ring::rand::SystemRandom;
use ring::signature as ring_sign;
use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer as _};

use super::error::KeyError;
use super::private::PrivateKey;
use super::public::PublicKey;
use crate::model::algorithm::{KeyAlgorithm, SignatureAlgorithm};

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
        let pkcs8 = self.pkcs8().expose();
        let signed = match self.algorithm() {
            KeyAlgorithm::EcdsaP256 => {
                ecdsa(&ring_sign::ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, message)
            }
            KeyAlgorithm::EcdsaP384 => {
                ecdsa(&ring_sign::ECDSA_P384_SHA384_ASN1_SIGNING, pkcs8, message)
            }
            KeyAlgorithm::EcdsaP521 => p521(pkcs8, message),
            KeyAlgorithm::Ed25519 => ed25519(pkcs8, message),
            KeyAlgorithm::Rsa(_) => rsa(pkcs8, message),
        };
        signed.map_err(|why| KeyError::Sign {
            key: self.algorithm().title(),
            why,
        })
    }
}

type Signed = Result<Vec<u8>, String>;

fn ecdsa(
    algorithm: &'static ring_sign::EcdsaSigningAlgorithm,
    pkcs8: &[u8],
    message: &[u8],
) -> Signed {
    let random = SystemRandom::new();
    let pair = ring_sign::EcdsaKeyPair::from_pkcs8(algorithm, pkcs8, &random).map_err(text)?;
    let signature = pair.sign(&random, message).map_err(text)?;
    Ok(signature.as_ref().to_vec())
}

fn ed25519(pkcs8: &[u8], message: &[u8]) -> Signed {
    let pair = ring_sign::Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(text)?;
    Ok(pair.sign(message).as_ref().to_vec())
}

/// ECDSA with SHA-512 and the deterministic nonce of RFC 6979.
fn p521(pkcs8: &[u8], message: &[u8]) -> Signed {
    let key = p521::SecretKey::from_pkcs8_der(pkcs8).map_err(text)?;
    let key = p521::ecdsa::SigningKey::from(key);
    let signature: p521::ecdsa::DerSignature = key.try_sign(message).map_err(text)?;
    Ok(signature.as_bytes().to_vec())
}

/// PKCS#1 v1.5 with SHA-256. ring takes 2048 to 4096 bits and e of 65537 or
/// more; `rsa` the rest, blinded (RUSTSEC-2023-0071).
fn rsa(pkcs8: &[u8], message: &[u8]) -> Signed {
    let random = SystemRandom::new();
    if let Ok(pair) = ring_sign::RsaKeyPair::from_pkcs8(pkcs8) {
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(
            &ring_sign::RSA_PKCS1_SHA256,
            &random,
            message,
            &mut signature,
        )
        .map_err(text)?;
        return Ok(signature);
    }
    let key = rsa::RsaPrivateKey::from_pkcs8_der(pkcs8).map_err(text)?;
    let key = rsa::pkcs1v15::SigningKey::<sha2::Sha256>::new(key);
    let signature = key
        .try_sign_with_rng(&mut super::generate::OsRandom, message)
        .map_err(text)?;
    Ok(signature.to_vec())
}

/// The libraries' messages name no octets of a key.
fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
