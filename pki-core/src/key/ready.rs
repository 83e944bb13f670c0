//! Private keys in the hands of the libraries that sign with them.

use p521::pkcs8::DecodePrivateKey;
use ring::rand::SystemRandom;
use ring::signature as ring_sign;
use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer};

use super::random::OsRandom;
use crate::model::algorithm::KeyAlgorithm;

/// A private key as the library that signs with it wants it. Making one costs
/// about as much as a signature.
pub(super) enum Ready {
    Ecdsa(ring_sign::EcdsaKeyPair),
    P521(p521::ecdsa::SigningKey),
    Ed25519(ring_sign::Ed25519KeyPair),
    /// 2048 to 4096 bits and e of 65537 or more: what ring takes.
    Rsa(ring_sign::RsaKeyPair),
    /// The rest, blinded (RUSTSEC-2023-0071).
    OtherRsa(rsa::pkcs1v15::SigningKey<sha2::Sha256>),
}

impl Ready {
    /// From PKCS#8 in DER. An error names no octets of the key.
    pub(super) fn new(algorithm: KeyAlgorithm, pkcs8: &[u8]) -> Result<Self, String> {
        let ecdsa = |algorithm| {
            ring_sign::EcdsaKeyPair::from_pkcs8(algorithm, pkcs8, &SystemRandom::new())
                .map(Self::Ecdsa)
                .map_err(text)
        };
        match algorithm {
            KeyAlgorithm::EcdsaP256 => ecdsa(&ring_sign::ECDSA_P256_SHA256_ASN1_SIGNING),
            KeyAlgorithm::EcdsaP384 => ecdsa(&ring_sign::ECDSA_P384_SHA384_ASN1_SIGNING),
            KeyAlgorithm::EcdsaP521 => {
                let key = p521::SecretKey::from_pkcs8_der(pkcs8).map_err(text)?;
                Ok(Self::P521(key.into()))
            }
            KeyAlgorithm::Ed25519 => ring_sign::Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8)
                .map(Self::Ed25519)
                .map_err(text),
            KeyAlgorithm::Rsa(_) => {
                if let Ok(pair) = ring_sign::RsaKeyPair::from_pkcs8(pkcs8) {
                    return Ok(Self::Rsa(pair));
                }
                let key = rsa::RsaPrivateKey::from_pkcs8_der(pkcs8).map_err(text)?;
                Ok(Self::OtherRsa(rsa::pkcs1v15::SigningKey::new(key)))
            }
        }
    }

    /// ECDSA with the hash of the curve's size (P-521: SHA-512 and the
    /// deterministic nonce of RFC 6979), Ed25519, PKCS#1 v1.5 with SHA-256.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let random = SystemRandom::new();
        match self {
            Self::Ecdsa(pair) => {
                let signature = pair.sign(&random, message).map_err(text)?;
                Ok(signature.as_ref().to_vec())
            }
            Self::P521(key) => {
                let signature: p521::ecdsa::DerSignature = key.try_sign(message).map_err(text)?;
                Ok(signature.as_bytes().to_vec())
            }
            Self::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let padding = &ring_sign::RSA_PKCS1_SHA256;
                pair.sign(padding, &random, message, &mut signature)
                    .map_err(text)?;
                Ok(signature)
            }
            Self::OtherRsa(key) => {
                let mut random = OsRandom;
                let signature = key.try_sign_with_rng(&mut random, message).map_err(text)?;
                Ok(signature.to_vec())
            }
        }
    }
}

/// The libraries' messages name no octets of a key.
fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
