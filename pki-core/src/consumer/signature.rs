//! Signatures as clients verify them: also those that this program itself trusts
//! nowhere, with SHA-1, by DSA, by RSA keys of any size.

use super::facts;
use super::keys::{self, Curve};
use crate::cert::Certificate;
use crate::der::{self, tag};
use crate::key::{self, PssForm, PublicKey, SignatureFault};
use crate::model::algorithm::{KeyAlgorithm, SignatureAlgorithm};

/// sha1WithRSAEncryption and the older name for it.
const RSA_SHA1: [&str; 2] = ["1.2.840.113549.1.1.5", "1.3.14.3.2.29"];
pub(super) const ED25519: &str = "1.3.101.112";
pub(super) const ED448: &str = "1.3.101.113";
pub(super) const PSS: &str = "1.2.840.113549.1.1.10";

/// The hash of a signature, as far as clients tell signatures apart by it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Strength {
    /// SHA-224 or better.
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
    let oid = algorithm(cert);
    match (
        oid.as_deref(),
        key::digest_octets(cert.algorithm_identifier()),
    ) {
        (Some("1.2.840.113549.1.1.2" | "1.2.840.113549.1.1.3" | "1.2.840.113549.1.1.4"), _) => {
            Strength::Broken
        }
        (Some(ED25519 | ED448), _) => Strength::Good,
        _ if form(cert).is_some_and(|form| form.fault.is_some()) => Strength::Unknown,
        (_, Some(20)) => Strength::Sha1,
        (_, Some(_)) => Strength::Good,
        (_, None) => Strength::Unknown,
    }
}

/// Whether `issuer` made the signature of `child`, whatever its strength; also where
/// it may have, by a key on one of the curves or of one of the kinds in `beyond`
/// (OIDs), with which nothing is verified here.
pub(super) fn holds(child: &Certificate, issuer: &Certificate, beyond: &[&str]) -> bool {
    let key = issuer.public_key();
    match child.verify_signature(key) {
        Ok(()) => true,
        Err(SignatureFault::Bad) => false,
        Err(_) => {
            let (algorithm, signature) = (child.algorithm_identifier(), child.signature());
            key::made_by_any(algorithm, key, child.tbs(), signature)
                || may_hold(child, issuer, beyond)
        }
    }
}

/// Whether a signature has the algorithm and the form of one by this key.
fn may_hold(child: &Certificate, issuer: &Certificate, beyond: &[&str]) -> bool {
    let algorithm = algorithm(child).unwrap_or_default();
    match keys::curve(issuer) {
        Some(Curve::Named(curve)) => {
            let known = strength(child) == Strength::Good || strength(child) == Strength::Sha1;
            beyond.contains(&&*curve)
                && algorithm.starts_with("1.2.840.10045.4.")
                && known
                && der::only(child.signature(), tag::SEQUENCE).is_ok()
        }
        Some(_) => false,
        None => {
            let kind = keys::kind(issuer).unwrap_or_default();
            kind == algorithm && kind == ED448 && beyond.contains(&ED448)
        }
    }
}

/// How much longer it takes to verify with a key than with those of every day, for
/// limits that are ours.
pub(super) fn cost(issuer: &PublicKey) -> u32 {
    match issuer.algorithm() {
        // By the square of the size, above all that ring computes with.
        Some(KeyAlgorithm::Rsa(8193..)) => 64,
        Some(_) => 1,
        None => 16,
    }
}

/// RSASSA-PSS as a certificate's signature has it.
pub(super) fn form(cert: &Certificate) -> Option<PssForm> {
    key::pss_form(cert.algorithm_identifier())
}

/// How the AlgorithmIdentifier of a signature is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Written {
    /// As its RFC demands.
    Right,
    /// RSA without the NULL.
    RsaWithoutNull,
    /// PSS with a salt as long as its hash, and the mask with the same hash, in the
    /// one encoding that is usual.
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
    let without_null = |algorithm: SignatureAlgorithm| {
        let content = &algorithm.identifier()[2..];
        let bare = content.strip_suffix(&[tag::NULL, 0]);
        bare.is_some_and(|bare| identifier == der::encode(tag::SEQUENCE, bare))
    };
    if SignatureAlgorithm::ALL.into_iter().any(without_null) {
        Written::RsaWithoutNull
    } else {
        Written::Other
    }
}

/// Whether an AlgorithmIdentifier of a signature has more behind its parameters.
pub(super) fn has_extra(identifier: &[u8]) -> bool {
    let Ok(identifier) = der::only(identifier, tag::SEQUENCE) else {
        return false;
    };
    facts::elements(&mut identifier.reader()).count() > 2
}
