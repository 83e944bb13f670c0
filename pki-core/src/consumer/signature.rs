//! Signatures as clients verify them: also those made with SHA-1 or a small
//! RSA key, which this program itself trusts nowhere.

use ring::{digest, signature as ring_sig};

use crate::cert::Certificate;
use crate::der::{self, tag};
use crate::key::{self, PublicKey, SignatureFault};
use crate::model::algorithm::{KeyAlgorithm, SignatureAlgorithm};

/// sha1WithRSAEncryption and the older name for it.
const RSA_SHA1: [&str; 2] = ["1.2.840.113549.1.1.5", "1.3.14.3.2.29"];
const ECDSA_SHA1: &str = "1.2.840.10045.4.1";

/// The hash of a signature, as far as clients tell signatures apart by it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Strength {
    /// SHA-256 or better.
    Good,
    Sha1,
    /// MD5 and older.
    Broken,
    Unknown,
}

/// OID of the algorithm of a certificate's signature, dotted.
pub(super) fn algorithm(cert: &Certificate) -> Option<String> {
    let mut identifier = der::only(cert.algorithm_identifier(), tag::SEQUENCE)
        .ok()?
        .reader();
    der::oid_text(identifier.element(tag::OID).ok()?.value)
}

/// Whether a certificate is signed with RSA, PKCS#1 v1.5 or PSS.
pub(super) fn is_rsa(cert: &Certificate) -> bool {
    let oid = algorithm(cert);
    oid.is_some_and(|oid| oid.starts_with("1.2.840.113549.1.1.") || RSA_SHA1.contains(&&*oid))
}

/// How strong the hash of a certificate's signature is.
pub(super) fn strength(cert: &Certificate) -> Strength {
    match algorithm(cert).as_deref() {
        Some(oid) if RSA_SHA1.contains(&oid) || oid == ECDSA_SHA1 => Strength::Sha1,
        // PSS without parameters is SHA-1 (RFC 4055 3.1).
        // The hash is told before key and signature are looked at.
        Some("1.2.840.113549.1.1.10") => {
            match key::verify(cert.algorithm_identifier(), cert.public_key(), &[], &[]) {
                Err(SignatureFault::WeakHash("SHA-1")) => Strength::Sha1,
                Err(SignatureFault::WeakHash(_)) => Strength::Broken,
                _ => Strength::Good,
            }
        }
        Some("1.2.840.113549.1.1.2" | "1.2.840.113549.1.1.3" | "1.2.840.113549.1.1.4") => {
            Strength::Broken
        }
        Some(
            "1.2.840.10045.4.3.2"
            | "1.2.840.10045.4.3.3"
            | "1.2.840.10045.4.3.4"
            | "1.3.101.112"
            | "1.2.840.113549.1.1.11"
            | "1.2.840.113549.1.1.12"
            | "1.2.840.113549.1.1.13",
        ) => Strength::Good,
        _ => Strength::Unknown,
    }
}

/// Whether `issuer` made the signature of `child`, whatever its strength.
pub(super) fn holds(child: &Certificate, issuer: &PublicKey) -> bool {
    match child.verify_signature(issuer) {
        Ok(()) => true,
        Err(SignatureFault::WeakHash("SHA-1")) => sha1(child, issuer),
        Err(SignatureFault::KeySize { .. }) => small(child, issuer),
        Err(SignatureFault::Parameters(_)) => other_parameters(child, issuer),
        Err(_) => false,
    }
}

/// Where the parameters are NULL for absent, or absent for NULL.
fn other_parameters(child: &Certificate, issuer: &PublicKey) -> bool {
    usual(child).is_some_and(|algorithm| {
        let identifier = algorithm.identifier();
        key::verify(identifier, issuer, child.tbs(), child.signature()).is_ok()
    })
}

/// The algorithm of this OID, whatever its parameters.
fn usual(cert: &Certificate) -> Option<SignatureAlgorithm> {
    let oid = algorithm(cert)?;
    let octets = der::encode(tag::OID, &der::oid_octets(&oid)?);
    SignatureAlgorithm::ALL
        .into_iter()
        .find(|a| a.identifier()[2..].starts_with(&octets))
}

/// How the AlgorithmIdentifier of a signature is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Written {
    /// As its RFC demands.
    Right,
    /// RSA without the NULL.
    RsaWithoutNull,
    /// PSS with a salt as long as its hash, and the mask with the same hash.
    UsualPss,
    /// Any other way.
    Other,
}

/// How the AlgorithmIdentifier of a certificate's signature is written.
pub(super) fn written(cert: &Certificate) -> Written {
    let identifier = cert.algorithm_identifier();
    if SignatureAlgorithm::from_identifier(identifier).is_some() {
        return Written::Right;
    }
    if key::is_usual_pss(identifier) {
        return Written::UsualPss;
    }
    match usual(cert) {
        Some(algorithm) if algorithm.name().contains("RSA") => Written::RsaWithoutNull,
        _ => Written::Other,
    }
}

fn ring(
    by: &'static dyn ring_sig::VerificationAlgorithm,
    child: &Certificate,
    issuer: &PublicKey,
) -> bool {
    ring_sig::UnparsedPublicKey::new(by, issuer.key_bits())
        .verify(child.tbs(), child.signature())
        .is_ok()
}

fn sha1(child: &Certificate, issuer: &PublicKey) -> bool {
    match issuer.algorithm() {
        Some(KeyAlgorithm::Rsa(_)) => ring(
            &ring_sig::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            child,
            issuer,
        ),
        Some(KeyAlgorithm::EcdsaP256) => {
            use p256::ecdsa::signature::hazmat::PrehashVerifier;
            let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, child.tbs());
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(issuer.key_bits());
            let signature = p256::ecdsa::Signature::from_der(child.signature());
            match (key, signature) {
                (Ok(key), Ok(signature)) => {
                    // A digest shorter than the curve counts as a number (FIPS 186-5 6.4.1).
                    let mut padded = [0; 32];
                    padded[32 - digest.as_ref().len()..].copy_from_slice(digest.as_ref());
                    key.verify_prehash(&padded, &signature).is_ok()
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// RSA of 1024 to 2047 bits, PKCS#1 v1.5.
fn small(child: &Certificate, issuer: &PublicKey) -> bool {
    let by: &'static dyn ring_sig::VerificationAlgorithm = match algorithm(child).as_deref() {
        Some("1.2.840.113549.1.1.11") => &ring_sig::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        Some("1.2.840.113549.1.1.13") => &ring_sig::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        _ => return false,
    };
    ring(by, child, issuer)
}
