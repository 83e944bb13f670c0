//! Certificate requests (PKCS#10, RFC 2986), as far as they are looked at.

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::prelude::FromDer;

use super::extension::{self, BasicConstraints, Extension, Known, NameConstraints, oid};
use super::{CertError, MAX_OCTETS};
use crate::der::{self, tag};
use crate::key::{self, PublicKey, SignatureFault};
use crate::model::dn::Dn;
use crate::model::san::GeneralName;

/// One PKCS#10 request.
#[derive(Clone, Debug)]
pub struct CertificateRequest {
    der: Vec<u8>,
    info: std::ops::Range<usize>,
    subject: Dn,
    public_key: PublicKey,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    names: Vec<GeneralName>,
    asked: Known,
}

impl CertificateRequest {
    /// Reads one request from DER. The signature is not verified.
    ///
    /// # Errors
    /// When the octets are not one request and nothing else.
    pub fn from_der(octets: &[u8]) -> Result<Self, CertError> {
        if octets.len() > MAX_OCTETS {
            return Err(CertError::TooLarge(octets.len()));
        }
        let structure =
            |e: &dyn std::fmt::Display| CertError::Structure(format!("no request: {e}"));
        let (rest, parsed) =
            X509CertificationRequest::from_der(octets).map_err(|e| structure(&e))?;
        if !rest.is_empty() {
            return Err(structure(&format!("{} octets after it", rest.len())));
        }
        let mut outer = der::only(octets, tag::SEQUENCE)?.reader();
        let info = outer.element(tag::SEQUENCE)?;
        let start = octets.len() - outer.rest().len() - info.raw.len();
        let algorithm = outer.element(tag::SEQUENCE)?.raw.to_vec();
        let body = &parsed.certification_request_info;
        let asked = body
            .iter_attributes()
            .filter_map(|attribute| match attribute.parsed_attribute() {
                ParsedCriAttribute::ExtensionRequest(asked) => Some(&asked.extensions),
                _ => None,
            })
            .flatten();
        let asked: Vec<Extension> = asked
            .map(|extension| Extension {
                oid: extension::oid_text(extension.oid.as_bytes()),
                critical: extension.critical,
                value: extension.value.to_vec(),
            })
            .collect();
        let names = asked
            .iter()
            .filter(|extension| extension.oid == oid::SUBJECT_ALT_NAME)
            .map(|extension| extension::alt_names(&extension.value))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| structure(&format!("SubjectAltName: {e}")))?
            .concat();
        Ok(Self {
            info: start..start + info.raw.len(),
            subject: Dn::from_der(body.subject.as_raw()).map_err(|e| structure(&e))?,
            public_key: PublicKey::from_spki(body.subject_pki.raw).map_err(|e| structure(&e))?,
            algorithm,
            signature: parsed.signature_value.data.to_vec(),
            names,
            asked: Known::read(&asked, &mut Vec::new()),
            der: octets.to_vec(),
        })
    }

    /// The whole request.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The subject asked for.
    pub fn subject(&self) -> &Dn {
        &self.subject
    }

    /// The key it is for.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The names asked for.
    pub fn names(&self) -> &[GeneralName] {
        &self.names
    }

    /// The BasicConstraints asked for, where they can be read.
    pub fn basic_constraints(&self) -> Option<&BasicConstraints> {
        self.asked.basic_constraints.as_ref()
    }

    /// The NameConstraints asked for, where they can be read.
    pub fn name_constraints(&self) -> Option<&NameConstraints> {
        self.asked.name_constraints.as_ref()
    }

    /// Whether who made the request holds the key.
    ///
    /// # Errors
    /// Why the signature does not fit.
    pub fn verify(&self) -> Result<(), SignatureFault> {
        key::verify(
            &self.algorithm,
            &self.public_key,
            &self.der[self.info.clone()],
            &self.signature,
        )
    }
}
