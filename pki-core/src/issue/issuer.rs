//! Who signs: a CA certificate and the key that belongs to it, checked.

use crate::cert::Certificate;
use crate::error::Error;
use crate::key::Signer;
use crate::model::usage::KeyUsage;

/// A CA certificate with its signing key.
#[derive(Clone, Copy)]
pub struct Issuer<'a> {
    certificate: &'a Certificate,
    signer: &'a dyn Signer,
}

impl std::fmt::Debug for Issuer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({})", self.certificate.subject())
    }
}

/// Why a certificate and a key cannot issue.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// BasicConstraints do not say CA:TRUE.
    #[error("`{0}` is no CA certificate")]
    NoCa(String),
    /// KeyUsage is there and lacks keyCertSign.
    #[error("the CA certificate `{subject}` may not sign certificates: its KeyUsage is {found}")]
    Usage {
        /// The subject.
        subject: String,
        /// The bits that are there.
        found: String,
    },
    /// The key is not the certificate's.
    #[error("the key does not belong to the CA certificate `{0}`")]
    KeyMismatch(String),
}

impl From<IssuerError> for Error {
    fn from(error: IssuerError) -> Self {
        Self::usage(error.to_string())
    }
}

impl<'a> Issuer<'a> {
    /// Puts both together.
    ///
    /// Checks CA:TRUE (RFC 5280 4.2.1.9), keyCertSign where KeyUsage is present
    /// (4.2.1.3), and that the key is the certificate's. Not its validity, nor
    /// who vouches for it.
    ///
    /// # Errors
    /// See [`IssuerError`].
    pub fn new(certificate: &'a Certificate, signer: &'a dyn Signer) -> Result<Self, IssuerError> {
        let subject = || certificate.subject().to_string();
        if !certificate.is_ca() {
            return Err(IssuerError::NoCa(subject()));
        }
        if let Some(usage) = certificate.key_usage()
            && !usage.contains(KeyUsage::KEY_CERT_SIGN)
        {
            return Err(IssuerError::Usage {
                subject: subject(),
                found: usage.to_string(),
            });
        }
        if certificate.public_key() != signer.public() {
            return Err(IssuerError::KeyMismatch(subject()));
        }
        Ok(Self {
            certificate,
            signer,
        })
    }

    /// The CA certificate.
    pub fn certificate(&self) -> &'a Certificate {
        self.certificate
    }

    /// The key.
    pub fn signer(&self) -> &'a dyn Signer {
        self.signer
    }

    /// What AuthorityKeyIdentifier names: the CA's SubjectKeyIdentifier, else
    /// the SHA-1 of its key bits (RFC 5280 4.2.1.1, 4.2.1.2).
    pub fn key_id(&self) -> Vec<u8> {
        self.certificate.subject_key_id().map_or_else(
            || self.certificate.public_key().key_id_sha1().to_vec(),
            <[u8]>::to_vec,
        )
    }
}
