//! Certificates and CRLs: the DER as it came, and what it says, parsed once.
//!
//! Parsing judges nothing. What is odd about a certificate that can still be
//! read is kept as [`Fault`]s for the verifying side.

mod crl;
mod extension;
mod fault;
mod frame;
mod request;

pub use crl::{
    Crl, CrlError, CrlFileError, Entry as CrlEntry, MAX_OCTETS as MAX_CRL_OCTETS, Reason,
    Scope as CrlScope,
};
pub use extension::{AuthorityKeyId, BasicConstraints, Extension, NameConstraints, Subtree, oid};
pub use fault::Fault;
pub use request::CertificateRequest;

use std::sync::OnceLock;

use x509_parser::certificate::X509CertificateParser;
use x509_parser::nom::Parser;
use x509_parser::prelude::X509Version;

use crate::der;
use crate::key::{self, PublicKey, SignatureFault};
use crate::model::algorithm::SignatureAlgorithm;
use crate::model::dn::Dn;
use crate::model::fingerprint::{CertFingerprint, KesIdentity};
use crate::model::san::GeneralName;
use crate::model::serial::Serial;
use crate::model::usage::{KeyUsage, Purpose};
use crate::model::validity::Validity;

/// Octets above this are not read as one certificate; the largest seen in
/// public corpora are below 64 KiB, and name constraints of 10,000 hosts fit.
pub const MAX_OCTETS: usize = 1 << 20;

/// One X.509 certificate. Equal when the DER is.
#[derive(Clone, Debug)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: std::ops::Range<usize>,
    version: u32,
    serial: Serial,
    issuer: Dn,
    subject: Dn,
    validity: Validity,
    public_key: PublicKey,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    extensions: Vec<Extension>,
    known: extension::Known,
    faults: Vec<Fault>,
    /// What came of the first key that its signature was verified with: many
    /// rules ask of the same issuer.
    judged: OnceLock<(PublicKey, Result<(), SignatureFault>)>,
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

/// Why octets are no certificate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CertError {
    /// Larger than [`MAX_OCTETS`].
    #[error("{0} octets, more than the limit of {MAX_OCTETS}")]
    TooLarge(usize),
    /// Not the structure of RFC 5280 4.1; the text says where.
    #[error("{0}")]
    Structure(String),
}

impl From<der::DerError> for CertError {
    fn from(error: der::DerError) -> Self {
        Self::Structure(error.to_string())
    }
}

impl Certificate {
    /// Reads one certificate from DER.
    ///
    /// Nothing is verified: not the signature, not the times, not one rule.
    ///
    /// # Errors
    /// When the octets are not one certificate and nothing else.
    pub fn from_der(octets: &[u8]) -> Result<Self, CertError> {
        if octets.len() > MAX_OCTETS {
            return Err(CertError::TooLarge(octets.len()));
        }
        let mut faults = Vec::new();
        // First what is read here: it says better what is wrong.
        let frame = frame::Frame::read(octets)?;
        let validity = Validity {
            not_before: frame.time(0, "notBefore", &mut faults)?,
            not_after: frame.time(1, "notAfter", &mut faults)?,
        };
        let (rest, parsed) = X509CertificateParser::new()
            .with_deep_parse_extensions(false)
            .parse(octets)
            .map_err(|e| {
                // It refuses more of these than we do.
                let odd_time = faults.iter().find(|f| f.check == "time-form");
                CertError::Structure(match odd_time {
                    Some(fault) => fault.found.clone(),
                    None => format!("no certificate: {e}"),
                })
            })?;
        if !rest.is_empty() {
            return Err(CertError::Structure(format!(
                "{} octets after the certificate",
                rest.len()
            )));
        }
        let dn = |raw: &[u8], what: &str| {
            Dn::from_der(raw).map_err(|e| CertError::Structure(format!("{what}: {e}")))
        };
        let public_key = PublicKey::from_spki(parsed.tbs_certificate.subject_pki.raw)
            .map_err(|e| CertError::Structure(format!("public key: {e}")))?;
        let extensions: Vec<Extension> = parsed
            .tbs_certificate
            .extensions()
            .iter()
            .map(|e| Extension {
                oid: extension::oid_text(e.oid.as_bytes()),
                critical: e.critical,
                value: e.value.to_vec(),
            })
            .collect();
        let version = match parsed.tbs_certificate.version {
            X509Version(v) => v.saturating_add(1),
        };
        let known = extension::Known::read(&extensions, &mut faults);
        frame::judge(version, &frame, &extensions, &mut faults);
        Ok(Self {
            tbs: frame.tbs_at,
            version,
            serial: Serial::from_octets(frame.serial),
            issuer: dn(frame.issuer, "issuer")?,
            subject: dn(frame.subject, "subject")?,
            validity,
            public_key,
            algorithm: frame.outer_algorithm.to_vec(),
            signature: parsed.signature_value.data.to_vec(),
            extensions,
            known,
            faults,
            der: octets.to_vec(),
            judged: OnceLock::new(),
        })
    }

    /// The whole certificate.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What the signature covers (`TBSCertificate`, DER).
    pub fn tbs(&self) -> &[u8] {
        &self.der[self.tbs.clone()]
    }

    /// 1, 2 or 3.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The serial number as it stands there.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// The issuer's name.
    pub fn issuer(&self) -> &Dn {
        &self.issuer
    }

    /// The subject's name.
    pub fn subject(&self) -> &Dn {
        &self.subject
    }

    /// notBefore and notAfter.
    pub fn validity(&self) -> &Validity {
        &self.validity
    }

    /// The subject's public key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The AlgorithmIdentifier of the signature (the outer one), DER.
    pub fn algorithm_identifier(&self) -> &[u8] {
        &self.algorithm
    }

    /// The signature's algorithm, where it is one that this library makes.
    pub fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        SignatureAlgorithm::from_identifier(&self.algorithm)
    }

    /// The signature's octets.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Every extension in order, as it stands there.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// BasicConstraints, where present and readable.
    pub fn basic_constraints(&self) -> Option<&BasicConstraints> {
        self.known.basic_constraints.as_ref()
    }

    /// KeyUsage, where present and readable.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.known.key_usage
    }

    /// ExtendedKeyUsage, where present and readable.
    pub fn purposes(&self) -> Option<&[Purpose]> {
        self.known.purposes.as_deref()
    }

    /// SubjectAltName; empty where absent.
    pub fn names(&self) -> &[GeneralName] {
        self.known.names.as_deref().unwrap_or_default()
    }

    /// Whether there is a SubjectAltName at all.
    pub fn has_names(&self) -> bool {
        self.known.names.is_some()
    }

    /// SubjectKeyIdentifier.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.known.subject_key_id.as_deref()
    }

    /// AuthorityKeyIdentifier.
    pub fn authority_key_id(&self) -> Option<&AuthorityKeyId> {
        self.known.authority_key_id.as_ref()
    }

    /// NameConstraints.
    pub fn name_constraints(&self) -> Option<&NameConstraints> {
        self.known.name_constraints.as_ref()
    }

    /// The same octets as a reader sees them who takes each extension's value
    /// for what `value` makes of it; `None` passes the extension over.
    pub(crate) fn read_with(&self, value: impl Fn(&Extension) -> Option<Vec<u8>>) -> Self {
        let read = |extension: &Extension| {
            Some(Extension {
                value: value(extension)?,
                ..extension.clone()
            })
        };
        let extensions: Vec<Extension> = self.extensions.iter().filter_map(read).collect();
        Self {
            known: extension::Known::read(&extensions, &mut Vec::new()),
            extensions,
            ..self.clone()
        }
    }

    /// What is odd about it, as far as one certificate alone can tell.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether issuer and subject are the same octets. Says nothing about the
    /// signature.
    pub fn is_self_issued(&self) -> bool {
        self.issuer.raw() == self.subject.raw()
    }

    /// Whether it looks as if its own key had signed it: it is self-issued, and
    /// its AuthorityKeyIdentifier names no other key. What OpenSSL goes by
    /// (measured with 3.0.19). Says nothing about the signature.
    pub fn looks_self_signed(&self) -> bool {
        let signer = self.authority_key_id().and_then(|a| a.key_id.as_deref());
        self.is_self_issued() && signer.is_none_or(|id| Some(id) == self.subject_key_id())
    }

    /// Whether BasicConstraints say that it is a CA.
    pub fn is_ca(&self) -> bool {
        self.basic_constraints().is_some_and(|b| b.ca)
    }

    /// Whether `issuer`'s name and key stand behind this certificate's
    /// signature. Says nothing about validity, usage or constraints.
    pub fn is_signed_by(&self, issuer: &Self) -> bool {
        self.issuer.raw() == issuer.subject.raw()
            && self.verify_signature(&issuer.public_key).is_ok()
    }

    /// Whether it is a root: it signed itself, or says so and signed with what is
    /// not judged here, such as SHA-1. Of a certificate that is trusted no client
    /// asks how strong its own signature is: `OpenSSL` takes it for self-signed by
    /// its names and key ids (`EXFLAG_SS`), Go, Java and rustls do not look.
    pub fn is_root(&self) -> bool {
        self.is_self_issued()
            && match self.verify_signature(&self.public_key) {
                Ok(()) => true,
                Err(SignatureFault::Bad | SignatureFault::Mismatch { .. }) => false,
                Err(_) => self.looks_self_signed(),
            }
    }

    /// Whether `key` made the signature; see [`key::verify`]. The answer for
    /// the first key that is asked for is kept.
    ///
    /// # Errors
    /// Why the signature does not hold.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), SignatureFault> {
        let verify = || key::verify(&self.algorithm, key, self.tbs(), &self.signature);
        let (first, judged) = self.judged.get_or_init(|| (key.clone(), verify()));
        if first == key {
            judged.clone()
        } else {
            verify()
        }
    }

    /// SHA-256 of the DER.
    pub fn fingerprint(&self) -> CertFingerprint {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.der);
        let mut octets = [0; 32];
        octets.copy_from_slice(digest.as_ref());
        CertFingerprint(octets)
    }

    /// The identity that KES gives a client that shows this certificate.
    pub fn kes_identity(&self) -> KesIdentity {
        self.public_key.fingerprint().into()
    }
}

#[cfg(test)]
pub(crate) mod tests;
