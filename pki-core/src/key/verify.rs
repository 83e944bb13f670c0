//! Verifying signatures: ring where it can, the `RustCrypto` crates where it cannot.

use ring::signature as ring_sig;
use rsa::RsaPublicKey;
use rsa::pkcs1::DecodeRsaPublicKey;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::oid;
use super::public::PublicKey;
use crate::der::{self, DerError, Element, tag};
use crate::model::algorithm::{KeyAlgorithm, SignatureAlgorithm};

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
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The hash of an AlgorithmIdentifier (RFC 4055 2.1: parameters absent or
    /// NULL).
    fn read(identifier: Element<'_>) -> Result<Self, SignatureFault> {
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

    const fn octets(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }
}

/// Checks `signature` over `message` (the octets of the BIT STRING, the whole
/// TBS in DER).
///
/// `algorithm_identifier` is the DER of the certificate's signatureAlgorithm;
/// that the TBS repeats it is the caller's to check. Known: ECDSA over P-256,
/// P-384, P-521 with SHA-256, SHA-384, SHA-512 in any combination (RFC 5758
/// 3.2), Ed25519 (RFC 8410), RSA of 2048 to 8192 bits with PKCS#1 v1.5 (RFC
/// 4055 5) or PSS with any salt (RFC 4055 3) and those hashes.
///
/// # Errors
/// [`SignatureFault`]; weak and unknown algorithms are told before the key or
/// the signature is looked at.
pub fn verify(
    algorithm_identifier: &[u8],
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureFault> {
    let malformed = |_| SignatureFault::Parameters("no AlgorithmIdentifier");
    let identifier = der::only(algorithm_identifier, tag::SEQUENCE).map_err(malformed)?;
    let (oid, parameters) = split(identifier)?;
    if oid == oid::RSA_PSS {
        let pss = Pss::read(parameters)?;
        return verify_pss(&pss, key, message, signature);
    }
    let algorithm = known(oid)?;
    if algorithm.identifier() != algorithm_identifier {
        return Err(SignatureFault::Parameters(
            "not those of the algorithm: NULL for RSA, absent for the others",
        ));
    }
    let mismatch = || SignatureFault::Mismatch {
        key: key.describe(),
        algorithm: algorithm.name(),
    };
    let kind = key.algorithm().ok_or_else(mismatch)?;
    let valid = match (algorithm, kind) {
        (SignatureAlgorithm::EcdsaSha256, _) if !kind.is_rsa() => {
            verify_ecdsa(kind, Hash::Sha256, key, message, signature).ok_or_else(mismatch)?
        }
        (SignatureAlgorithm::EcdsaSha384, _) if !kind.is_rsa() => {
            verify_ecdsa(kind, Hash::Sha384, key, message, signature).ok_or_else(mismatch)?
        }
        (SignatureAlgorithm::EcdsaSha512, _) if !kind.is_rsa() => {
            verify_ecdsa(kind, Hash::Sha512, key, message, signature).ok_or_else(mismatch)?
        }
        (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => {
            ring(&ring_sig::ED25519, key, message, signature)
        }
        (SignatureAlgorithm::RsaPkcs1Sha256, KeyAlgorithm::Rsa(bits)) => {
            rsa_size(bits)?;
            ring(
                &ring_sig::RSA_PKCS1_2048_8192_SHA256,
                key,
                message,
                signature,
            )
        }
        (SignatureAlgorithm::RsaPkcs1Sha384, KeyAlgorithm::Rsa(bits)) => {
            rsa_size(bits)?;
            ring(
                &ring_sig::RSA_PKCS1_2048_8192_SHA384,
                key,
                message,
                signature,
            )
        }
        (SignatureAlgorithm::RsaPkcs1Sha512, KeyAlgorithm::Rsa(bits)) => {
            rsa_size(bits)?;
            ring(
                &ring_sig::RSA_PKCS1_2048_8192_SHA512,
                key,
                message,
                signature,
            )
        }
        _ => return Err(mismatch()),
    };
    if valid {
        Ok(())
    } else {
        Err(SignatureFault::Bad)
    }
}

/// OID and parameters of an AlgorithmIdentifier.
fn split(identifier: Element<'_>) -> Result<(&[u8], Option<&[u8]>), SignatureFault> {
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

/// The algorithm of this OID, or what is wrong with it.
fn known(oid: &[u8]) -> Result<SignatureAlgorithm, SignatureFault> {
    let found = SignatureAlgorithm::ALL.into_iter().find(|algorithm| {
        let mut reader = der::Reader::new(algorithm.identifier());
        let own = reader
            .element(tag::SEQUENCE)
            .and_then(|outer| outer.reader().element(tag::OID));
        own.is_ok_and(|own| own.value == oid)
    });
    if let Some(algorithm) = found {
        return Ok(algorithm);
    }
    let dotted = der::oid_text(oid).unwrap_or_else(|| "an unreadable OID".into());
    Err(match dotted.as_str() {
        "1.2.840.113549.1.1.2" => SignatureFault::WeakHash("MD2"),
        "1.2.840.113549.1.1.3" => SignatureFault::WeakHash("MD4"),
        "1.2.840.113549.1.1.4" => SignatureFault::WeakHash("MD5"),
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" => {
            SignatureFault::WeakHash("SHA-1")
        }
        _ => SignatureFault::Unknown(dotted),
    })
}

fn rsa_size(bits: u16) -> Result<(), SignatureFault> {
    if (2048..=8192).contains(&bits) {
        Ok(())
    } else {
        Err(SignatureFault::KeySize { bits })
    }
}

fn ring(
    algorithm: &'static dyn ring_sig::VerificationAlgorithm,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    ring_sig::UnparsedPublicKey::new(algorithm, key.key_bits())
        .verify(message, signature)
        .is_ok()
}

/// Runs the curve's crate: it takes every hash, and compressed points.
macro_rules! rust_crypto {
    ($m:ident, $key:expr, $digest:expr, $signature:expr) => {{
        use $m::ecdsa::signature::hazmat::PrehashVerifier;
        let key = $m::ecdsa::VerifyingKey::from_sec1_bytes($key);
        let signature = $m::ecdsa::Signature::from_der($signature);
        match (key, signature) {
            (Ok(key), Ok(signature)) => key.verify_prehash($digest, &signature).is_ok(),
            _ => false,
        }
    }};
}

/// `None` when the key is on no curve.
fn verify_ecdsa(
    kind: KeyAlgorithm,
    hash: Hash,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let compressed = key.key_bits().first() != Some(&4);
    let by_ring: Option<&'static ring_sig::EcdsaVerificationAlgorithm> = match (kind, hash) {
        _ if compressed => None,
        (KeyAlgorithm::EcdsaP256, Hash::Sha256) => Some(&ring_sig::ECDSA_P256_SHA256_ASN1),
        (KeyAlgorithm::EcdsaP256, Hash::Sha384) => Some(&ring_sig::ECDSA_P256_SHA384_ASN1),
        (KeyAlgorithm::EcdsaP384, Hash::Sha256) => Some(&ring_sig::ECDSA_P384_SHA256_ASN1),
        (KeyAlgorithm::EcdsaP384, Hash::Sha384) => Some(&ring_sig::ECDSA_P384_SHA384_ASN1),
        _ => None,
    };
    if let Some(algorithm) = by_ring {
        return Some(ring(algorithm, key, message, signature));
    }
    let (point, digest) = (key.key_bits(), hash.digest(message));
    match kind {
        KeyAlgorithm::EcdsaP256 => Some(rust_crypto!(p256, point, &digest, signature)),
        KeyAlgorithm::EcdsaP384 => Some(rust_crypto!(p384, point, &digest, signature)),
        KeyAlgorithm::EcdsaP521 => Some(rust_crypto!(p521, point, &digest, signature)),
        _ => None,
    }
}

/// RSASSA-PSS-params (RFC 4055 3.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Pss {
    hash: Hash,
    salt: usize,
}

impl Pss {
    /// The name that openssl prints.
    const NAME: &'static str = "rsassaPss";

    fn read(parameters: Option<&[u8]>) -> Result<Self, SignatureFault> {
        let fault = SignatureFault::Parameters;
        let der_fault = |_: DerError| fault("no RSASSA-PSS-params");
        let parameters = parameters.ok_or(fault("PSS without parameters"))?;
        let mut reader = der::only(parameters, tag::SEQUENCE)
            .map_err(der_fault)?
            .reader();
        let mut field = |n| match reader.optional(tag::context(n)) {
            Ok(Some(wrapped)) => Ok(Some(wrapped.value)),
            Ok(None) => Ok(None),
            Err(error) => Err(der_fault(error)),
        };
        let (hash, mask, salt, trailer) = (field(0)?, field(1)?, field(2)?, field(3)?);
        reader.end().map_err(der_fault)?;

        // Absent means SHA-1 (RFC 4055 3.1), for the hash and for the mask.
        let hash = hash.ok_or(SignatureFault::WeakHash("SHA-1"))?;
        let hash = Hash::read(der::only(hash, tag::SEQUENCE).map_err(der_fault)?)?;
        let mask = mask.ok_or(SignatureFault::WeakHash("SHA-1"))?;
        let (mask_oid, mask_hash) = split(der::only(mask, tag::SEQUENCE).map_err(der_fault)?)?;
        let mask_hash = mask_hash.ok_or(fault("the mask names no hash"))?;
        if mask_oid != oid::MGF1 {
            return Err(fault("the mask is not MGF1"));
        }
        let mask_hash = Hash::read(der::only(mask_hash, tag::SEQUENCE).map_err(der_fault)?)?;
        if mask_hash != hash {
            return Err(fault("the mask uses another hash than the signature"));
        }
        let salt = match salt {
            None => 20,
            Some(integer) => match der::only(integer, tag::INTEGER).map_err(der_fault)?.value {
                [octet @ 0..=0x7f] => usize::from(*octet),
                [high @ 0..=0x7f, low] => usize::from(*high) << 8 | usize::from(*low),
                _ => return Err(fault("the salt has an impossible length")),
            },
        };
        if !matches!(trailer, None | Some([tag::INTEGER, 1, 1])) {
            return Err(fault("the trailer field is not 1"));
        }
        Ok(Self { hash, salt })
    }
}

fn verify_pss(
    pss: &Pss,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureFault> {
    let mismatch = || SignatureFault::Mismatch {
        key: key.describe(),
        algorithm: Pss::NAME,
    };
    let bits = key.modulus_bits().ok_or_else(mismatch)?;
    rsa_size(bits)?;
    // A key bound to PSS may bind the hash and the least salt (RFC 4055 3.3).
    if let (oid::RSA_PSS, bound @ Some(_)) = key.algorithm_parts() {
        let bound = Pss::read(bound)?;
        if bound.hash != pss.hash || pss.salt < bound.salt {
            return Err(mismatch());
        }
    }
    let valid = if pss.salt == pss.hash.octets() {
        let algorithm = match pss.hash {
            Hash::Sha256 => &ring_sig::RSA_PSS_2048_8192_SHA256,
            Hash::Sha384 => &ring_sig::RSA_PSS_2048_8192_SHA384,
            Hash::Sha512 => &ring_sig::RSA_PSS_2048_8192_SHA512,
        };
        ring(algorithm, key, message, signature)
    } else {
        let key = RsaPublicKey::from_pkcs1_der(key.key_bits()).map_err(|_| SignatureFault::Bad)?;
        let digest = pss.hash.digest(message);
        match pss.hash {
            Hash::Sha256 => key.verify(salted::<Sha256>(pss.salt), &digest, signature),
            Hash::Sha384 => key.verify(salted::<Sha384>(pss.salt), &digest, signature),
            Hash::Sha512 => key.verify(salted::<Sha512>(pss.salt), &digest, signature),
        }
        .is_ok()
    };
    if valid {
        Ok(())
    } else {
        Err(SignatureFault::Bad)
    }
}

fn salted<D: Digest>(salt: usize) -> rsa::Pss<D> {
    rsa::Pss::new_with_salt(salt)
}
