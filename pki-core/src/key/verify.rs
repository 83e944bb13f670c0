//! Verifying signatures: ring where it can, the `RustCrypto` crates where it cannot.

use ring::signature as ring_sig;

use super::oid;
use super::pss::{self, Pss};
use super::public::PublicKey;
use super::signature::{Hash, SignatureFault, ring, rsa_size, split};
use crate::der::{self, tag};
use crate::model::algorithm::{KeyAlgorithm, SignatureAlgorithm};

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
        return pss::verify(&pss, key, message, signature);
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
