//! Private keys, held as PKCS#8.

use std::fmt;
use std::sync::OnceLock;

use ring::signature::{Ed25519KeyPair, KeyPair};
use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::pkcs8::EncodePrivateKey;

use super::curve::{Curve, EcKey};
use super::encrypt;
use super::error::KeyError;
use super::public::PublicKey;
use super::ready::Ready;
use crate::model::algorithm::{KeyAlgorithm, SignatureAlgorithm};
use crate::pem;
use crate::secret::Secret;

/// PKCS#8 v1 of Ed25519 up to the 32 octets of the seed (RFC 8410 7).
const ED25519_PKCS8: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
/// AlgorithmIdentifier of RSA public keys (RFC 3279 2.3.1).
const RSA_IDENTIFIER: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

/// A private key of a kind that this program uses, consistent in itself.
///
/// No `Clone`; `Debug` shows the kind only; wiped when dropped.
pub struct PrivateKey {
    pkcs8: Secret,
    public: PublicKey,
    algorithm: KeyAlgorithm,
    // Boxed: what moves leaves copies behind.
    ready: OnceLock<Box<Ready>>,
}

impl PrivateKey {
    fn new(pkcs8: Secret, public: PublicKey, algorithm: KeyAlgorithm) -> Self {
        Self {
            pkcs8,
            public,
            algorithm,
            ready: OnceLock::new(),
        }
    }

    pub(super) fn from_ec(curve: Curve, key: EcKey) -> Result<Self, KeyError> {
        let public = PublicKey::assemble(curve.identifier(), &key.point)?;
        Ok(Self::new(key.pkcs8, public, curve.algorithm()))
    }

    /// As it signs, made at its first signature.
    pub(super) fn ready(&self) -> Result<&Ready, String> {
        if let Some(ready) = self.ready.get() {
            return Ok(ready);
        }
        let made = Box::new(Ready::new(self.algorithm, self.pkcs8.expose())?);
        Ok(self.ready.get_or_init(|| made))
    }

    pub(super) fn from_ed25519_seed(seed: &[u8]) -> Result<Self, KeyError> {
        let malformed = |_| KeyError::Malformed {
            what: "Ed25519 private key",
            why: "it is not 32 octets long",
        };
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(malformed)?;
        let mut pkcs8 = Vec::with_capacity(ED25519_PKCS8.len() + seed.len());
        pkcs8.extend_from_slice(ED25519_PKCS8);
        pkcs8.extend_from_slice(seed);
        let identifier = SignatureAlgorithm::Ed25519.identifier();
        let public = PublicKey::assemble(identifier, pair.public_key().as_ref())?;
        Ok(Self::new(Secret::new(pkcs8), public, KeyAlgorithm::Ed25519))
    }

    pub(super) fn from_rsa(key: &rsa::RsaPrivateKey) -> Result<Self, KeyError> {
        let malformed = KeyError::Malformed {
            what: "RSA private key",
            why: "its numbers cannot be encoded",
        };
        let Ok(pkcs8) = key.to_pkcs8_der() else {
            return Err(malformed);
        };
        let Ok(public) = key.as_public_key().to_pkcs1_der() else {
            return Err(malformed);
        };
        let public = PublicKey::assemble(RSA_IDENTIFIER, public.as_bytes())?;
        let bits = public.modulus_bits().ok_or(malformed)?;
        Ok(Self::new(
            Secret::from(pkcs8.to_bytes()),
            public,
            KeyAlgorithm::Rsa(bits),
        ))
    }

    /// The kind; for RSA with the size it has, which may be one that the
    /// manifest does not take.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// PKCS#8 v1 in DER. For encoders of key stores.
    pub fn pkcs8(&self) -> &Secret {
        &self.pkcs8
    }

    /// PKCS#8 in PEM: one block `PRIVATE KEY`, one final newline; the form that
    /// every server of the house reads.
    pub fn to_pem(&self) -> Secret {
        pem::encode_secret("PRIVATE KEY", self.pkcs8.expose())
    }

    /// As [`Self::to_pem`], encrypted: PBES2 with PBKDF2-HMAC-SHA256 of
    /// [`ROUNDS`](super::ROUNDS) rounds and AES-256-CBC (RFC 8018), which
    /// OpenSSL since 1.0 reads. About a tenth of a second.
    ///
    /// # Errors
    /// [`KeyError::PassphraseEmpty`], [`KeyError::Random`].
    pub fn to_encrypted_pem(&self, passphrase: &Secret) -> Result<Secret, KeyError> {
        let der = encrypt::encrypt(self.pkcs8.expose(), passphrase)?;
        Ok(pem::encode_secret("ENCRYPTED PRIVATE KEY", &der))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, [elided])", self.algorithm.title())
    }
}
