//! What the verification of every kind of signature needs: why one does not hold,
//! hashes, the parts of an AlgorithmIdentifier.

use ring::signature as ring_sig;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::public::PublicKey;
use crate::der::{self, DerError, Element, tag};

/// Why a signature does not hold.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// A hash that can be forged; not looked at further.
    #[error("signed with {0}, which can be forged")]
    WeakHash(&'static str),
    /// An algorithm that is not known here.
    #[error("signed with `{0}`, which is not supported")]
    Unknown(String),
    /// The algorithm is for another kind of key.
    #[error("`{algorithm}` is no signature of a {key} key")]
    Mismatch {
        /// The kind of the key.
        key: String,
        /// The name of the signature algorithm.
        algorithm: &'static str,
    },
    /// An RSA key of a size that is not looked at: below 2048 bits it can be
    /// broken, above 8192 it costs too much.
    #[error("signed with an RSA key of {bits} bits, outside of 2048 to 8192")]
    KeySize {
        /// Bits of the modulus.
        bits: u16,
    },
    /// The AlgorithmIdentifier is malformed or its parameters are not those
    /// that its RFC demands.
    #[error("the parameters of the signature algorithm are malformed: {0}")]
    Parameters(&'static str),
    /// The signature is not that of this key over these octets.
    #[error("the signature does not match")]
    Bad,
}

/// A hash function that is trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The hash of an AlgorithmIdentifier (RFC 4055 2.1: parameters absent or
    /// NULL).
    pub(super) fn read(identifier: Element<'_>) -> Result<Self, SignatureFault> {
        let (oid, parameters) = split(identifier)?;
        if !matches!(parameters, None | Some([tag::NULL, 0])) {
            return Err(SignatureFault::Parameters("the hash has parameters"));
        }
        let dotted = der::oid_text(oid).unwrap_or_default();
        match dotted.as_str() {
            "2.16.840.1.101.3.4.2.1" => Ok(Self::Sha256),
            "2.16.840.1.101.3.4.2.2" => Ok(Self::Sha384),
            "2.16.840.1.101.3.4.2.3" => Ok(Self::Sha512),
            "1.3.14.3.2.26" => Err(SignatureFault::WeakHash("SHA-1")),
            "1.2.840.113549.2.5" => Err(SignatureFault::WeakHash("MD5")),
            _ => Err(SignatureFault::Unknown(dotted)),
        }
    }

    pub(super) const fn octets(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(super) fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }
}

/// OID and parameters of an AlgorithmIdentifier.
pub(super) fn split(identifier: Element<'_>) -> Result<(&[u8], Option<&[u8]>), SignatureFault> {
    let read = || -> Result<_, DerError> {
        let mut reader = identifier.reader();
        let oid = reader.element(tag::OID)?.value;
        if reader.is_empty() {
            return Ok((oid, None));
        }
        let parameters = reader.any()?.raw;
        reader.end()?;
        Ok((oid, Some(parameters)))
    };
    read().map_err(|_| SignatureFault::Parameters("no AlgorithmIdentifier"))
}

pub(super) fn rsa_size(bits: u16) -> Result<(), SignatureFault> {
    if (2048..=8192).contains(&bits) {
        Ok(())
    } else {
        Err(SignatureFault::KeySize { bits })
    }
}

pub(super) fn ring(
    algorithm: &'static dyn ring_sig::VerificationAlgorithm,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    ring_sig::UnparsedPublicKey::new(algorithm, key.key_bits())
        .verify(message, signature)
        .is_ok()
}
