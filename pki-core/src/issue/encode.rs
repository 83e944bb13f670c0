//! The octets of a certificate. rcgen writes the extensions; everything that
//! must come out octet by octet as it came in is spliced into its result.
//!
//! rcgen 0.14 re-encodes names: a repeated attribute (`DC=example,DC=com`) is
//! lost without a word, a multi-valued RDN is refused. It knows no P-521 key
//! and no RSA key above 4096 bits under ring. So it signs with a stand-in that
//! only catches what would be signed; algorithm, issuer, subject and public
//! key are put in from their own octets, and the real key signs that.

use std::cell::RefCell;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyIdMethod, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SerialNumber,
    SigningKey,
};
use time::OffsetDateTime;

use super::{IssueError, Request};
use crate::der::{self, tag};
use crate::model::algorithm::{KeyAlgorithm, SignatureAlgorithm};
use crate::model::san::{self, Constraint, San};
use crate::model::serial::Serial;
use crate::model::usage::{KeyUsage, Purpose};
use crate::model::validity::Validity;

/// All that a `TBSCertificate` is made of.
pub(super) struct Parts<'a> {
    pub(super) request: &'a Request,
    pub(super) issuer_dn: &'a [u8],
    pub(super) issuer_key_id: &'a [u8],
    pub(super) validity: Validity,
    pub(super) serial: &'a Serial,
    pub(super) algorithm: SignatureAlgorithm,
}

/// `TBSCertificate` (RFC 5280 4.1.2) in DER.
pub(super) fn tbs(parts: &Parts<'_>) -> Result<Vec<u8>, IssueError> {
    let encode = |e: rcgen::Error| IssueError::Encode(e.to_string());
    let stand_in = StandIn::default();
    let mut issuer = CertificateParams::default();
    issuer.key_identifier_method = KeyIdMethod::PreSpecified(parts.issuer_key_id.to_vec());
    let issuer = rcgen::Issuer::new(issuer, &stand_in);
    params(parts)?
        .signed_by(&stand_in, &issuer)
        .map_err(encode)?;
    splice(&stand_in.seen.into_inner(), parts)
        .map_err(|e| IssueError::Encode(format!("unexpected TBSCertificate: {e}")))
}

/// What is signed, with its signature: a Certificate (RFC 5280 4.1) or a
/// `CertificationRequest` (RFC 2986 4.2) in DER.
pub(super) fn signed(tbs: &[u8], algorithm: SignatureAlgorithm, signature: &[u8]) -> Vec<u8> {
    der::sequence([tbs, algorithm.identifier(), &der::bit_string(signature)])
}

/// Signs nothing: keeps what it was asked to sign.
#[derive(Default)]
struct StandIn {
    seen: RefCell<Vec<u8>>,
}

impl PublicKeyData for StandIn {
    fn der_bytes(&self) -> &[u8] {
        &[4]
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for StandIn {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        *self.seen.borrow_mut() = message.to_vec();
        Ok(Vec::new())
    }
}

/// `CertificationRequestInfo` (RFC 2986 4.1) in DER: subject, key, and in an
/// extensionRequest (RFC 2985 5.4.2) what the certificate should say.
pub(super) fn request_info(request: &Request) -> Result<Vec<u8>, IssueError> {
    let stand_in = StandIn::default();
    asked(request)?
        .serialize_request(&stand_in)
        .map_err(|e| IssueError::Encode(e.to_string()))?;
    let own = |info: &[u8]| -> Result<Vec<u8>, der::DerError> {
        let mut reader = der::only(info, tag::SEQUENCE)?.reader();
        let version = reader.element(tag::INTEGER)?.raw;
        let _stand_in_subject = reader.element(tag::SEQUENCE)?;
        let _stand_in_key = reader.element(tag::SEQUENCE)?;
        let attributes = reader.element(tag::context(0))?.raw;
        reader.end()?;
        Ok(der::sequence([
            version,
            request.subject().raw(),
            request.public_key().spki(),
            attributes,
        ]))
    };
    own(&stand_in.seen.into_inner())
        .map_err(|e| IssueError::Encode(format!("unexpected CertificationRequestInfo: {e}")))
}

/// Puts algorithm, issuer, subject and public key in from their own octets.
fn splice(tbs: &[u8], parts: &Parts<'_>) -> Result<Vec<u8>, der::DerError> {
    let mut reader = der::only(tbs, tag::SEQUENCE)?.reader();
    let version = reader.element(tag::context(0))?.raw;
    let serial = reader.element(tag::INTEGER)?.raw;
    let _stand_in_algorithm = reader.element(tag::SEQUENCE)?;
    let _stand_in_issuer = reader.element(tag::SEQUENCE)?;
    let validity = reader.element(tag::SEQUENCE)?.raw;
    let _stand_in_subject = reader.element(tag::SEQUENCE)?;
    let _stand_in_key = reader.element(tag::SEQUENCE)?;
    let extensions = reader.element(tag::context(3))?.raw;
    reader.end()?;
    Ok(der::sequence([
        version,
        serial,
        parts.algorithm.identifier(),
        parts.issuer_dn,
        validity,
        parts.request.subject().raw(),
        parts.request.public_key().spki(),
        extensions,
    ]))
}

fn params(parts: &Parts<'_>) -> Result<CertificateParams, IssueError> {
    let request = parts.request;
    let mut params = asked(request)?;
    // RFC 5280 4.1.2.2: rcgen's own default is a hash of the key, the same at
    // each renewal.
    params.serial_number = Some(SerialNumber::from_slice(parts.serial.octets()));
    // RFC 5280 4.1.2.5: rcgen chooses UTCTime by the year of what it is given,
    // so that must be UTC.
    params.not_before = moment(parts.validity.not_before)?;
    params.not_after = moment(parts.validity.not_after)?;
    params.key_identifier_method = KeyIdMethod::PreSpecified(request.key_id());
    // RFC 5280 4.2.1.1: not needed on what signs itself.
    params.use_authority_key_identifier_extension =
        parts.issuer_dn != request.subject().raw() || !request.profile().rules().is_ca;
    Ok(params)
}

/// The extensions that a request asks for.
fn asked(request: &Request) -> Result<CertificateParams, IssueError> {
    let rules = request.profile().rules();
    let key = request
        .public_key()
        .algorithm()
        .unwrap_or(KeyAlgorithm::EcdsaP256);
    let mut params = CertificateParams::default();
    // Not empty, or SubjectAltName would be critical (4.2.1.6).
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "stand-in");
    params.is_ca = if rules.is_ca {
        // rcgen takes 255 at most, more than any chain has.
        let length = |n: u32| BasicConstraints::Constrained(u8::try_from(n).unwrap_or(u8::MAX));
        let length = request.path_length().map(length);
        IsCa::Ca(length.unwrap_or(BasicConstraints::Unconstrained))
    } else {
        // `NoCa` would leave out BasicConstraints and SubjectKeyIdentifier.
        IsCa::ExplicitNoCa
    };
    params.key_usages = key_usages(rules.key_usage_for(key));
    params.extended_key_usages = rules.purposes.iter().filter_map(purpose).collect();
    params.subject_alt_names = request.names().iter().map(name).collect::<Result<_, _>>()?;
    let constraints = match request.permit() {
        [] => request.constraints().map(<[u8]>::to_vec),
        permit => Some(name_constraints(permit)),
    };
    if let Some(value) = constraints {
        let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 30], value);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    }
    Ok(params)
}

fn moment(at: crate::clock::Timestamp) -> Result<OffsetDateTime, IssueError> {
    OffsetDateTime::from_unix_timestamp(at.unix())
        .map_err(|e| IssueError::Encode(format!("{at}: {e}")))
}

fn key_usages(usage: KeyUsage) -> Vec<KeyUsagePurpose> {
    [
        (
            KeyUsage::DIGITAL_SIGNATURE,
            KeyUsagePurpose::DigitalSignature,
        ),
        (KeyUsage::KEY_ENCIPHERMENT, KeyUsagePurpose::KeyEncipherment),
        (KeyUsage::KEY_CERT_SIGN, KeyUsagePurpose::KeyCertSign),
        (KeyUsage::CRL_SIGN, KeyUsagePurpose::CrlSign),
    ]
    .into_iter()
    .filter(|(bit, _)| usage.contains(*bit))
    .map(|(_, purpose)| purpose)
    .collect()
}

fn purpose(purpose: &Purpose) -> Option<ExtendedKeyUsagePurpose> {
    match purpose {
        Purpose::ServerAuth => Some(ExtendedKeyUsagePurpose::ServerAuth),
        Purpose::ClientAuth => Some(ExtendedKeyUsagePurpose::ClientAuth),
        Purpose::Any | Purpose::Other(_) => None,
    }
}

fn name(name: &San) -> Result<SanType, IssueError> {
    let ascii = |text: &str| {
        rcgen::string::Ia5String::try_from(text).map_err(|e| IssueError::Encode(e.to_string()))
    };
    Ok(match name {
        San::Dns(dns) => SanType::DnsName(ascii(dns.as_str())?),
        San::Ip(ip) => SanType::IpAddress(*ip),
        San::Email(mail) => SanType::Rfc822Name(ascii(mail)?),
        San::Uri(uri) => SanType::URI(ascii(uri)?),
    })
}

/// The value of NameConstraints (RFC 5280 4.2.1.10): what is permitted, with every
/// other form of name closed as [`san::permitted_forms`] and
/// [`san::excluded_forms`] say. Written here since rcgen has no URI subtree.
fn name_constraints(permit: &[Constraint]) -> Vec<u8> {
    let subtrees = |n: u8, bases: Vec<Vec<u8>>| {
        der::encode(
            tag::context(n),
            &der::join(bases.into_iter().map(|base| der::sequence([base]))),
        )
    };
    let bases = |forms: Vec<Constraint>| -> Vec<Vec<u8>> {
        forms.iter().map(Constraint::subtree_base).collect()
    };
    let excluded = bases(san::excluded_forms(permit));
    let mut parts = vec![subtrees(0, bases(san::permitted_forms(permit)))];
    if !excluded.is_empty() {
        parts.push(subtrees(1, excluded));
    }
    der::sequence(parts)
}
