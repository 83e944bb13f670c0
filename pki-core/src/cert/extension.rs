//! Extensions (RFC 5280 4.2): raw as they came, and the known ones parsed.

use super::fault::Fault;
use crate::der::{self, DerError, Element, Reader, tag};
use crate::model::san::GeneralName;
use crate::model::usage::{KeyUsage, Purpose};

/// Dotted OIDs of the extensions this library understands, with their clauses
/// of RFC 5280.
pub mod oid {
    /// SubjectKeyIdentifier, 4.2.1.2
    pub const SUBJECT_KEY_ID: &str = "2.5.29.14";
    /// KeyUsage, 4.2.1.3
    pub const KEY_USAGE: &str = "2.5.29.15";
    /// SubjectAltName, 4.2.1.6
    pub const SUBJECT_ALT_NAME: &str = "2.5.29.17";
    /// BasicConstraints, 4.2.1.9
    pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
    /// NameConstraints, 4.2.1.10
    pub const NAME_CONSTRAINTS: &str = "2.5.29.30";
    /// AuthorityKeyIdentifier, 4.2.1.1
    pub const AUTHORITY_KEY_ID: &str = "2.5.29.35";
    /// ExtendedKeyUsage, 4.2.1.12
    pub const EXTENDED_KEY_USAGE: &str = "2.5.29.37";

    /// cRLNumber, 5.2.3
    pub const CRL_NUMBER: &str = "2.5.29.20";
    /// reasonCode of an entry, 5.3.1
    pub const REASON_CODE: &str = "2.5.29.21";
    /// invalidityDate of an entry, 5.3.2
    pub const INVALIDITY_DATE: &str = "2.5.29.24";
    /// deltaCRLIndicator, 5.2.4
    pub const DELTA_CRL_INDICATOR: &str = "2.5.29.27";
    /// issuingDistributionPoint, 5.2.5
    pub const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";
    /// certificateIssuer of an entry, 5.3.3
    pub const CERTIFICATE_ISSUER: &str = "2.5.29.29";

    /// Those of certificates that may be critical.
    pub const UNDERSTOOD: [&str; 7] = [
        SUBJECT_KEY_ID,
        KEY_USAGE,
        SUBJECT_ALT_NAME,
        BASIC_CONSTRAINTS,
        NAME_CONSTRAINTS,
        AUTHORITY_KEY_ID,
        EXTENDED_KEY_USAGE,
    ];
}

/// One extension as it stands in the certificate or CRL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Extension {
    /// Dotted OID; where the octets are none, or a number is above 64 bits, they
    /// stand there in hex.
    pub oid: String,
    /// Whether who does not know it must refuse the certificate.
    pub critical: bool,
    /// The octets inside extnValue, DER.
    pub value: Vec<u8>,
}

/// An OID as text. Octets that are no OID must not look like one: readers that
/// pass over a missing end take them for the extension that they resemble.
pub(super) fn oid_text(octets: &[u8]) -> String {
    let hex = || octets.iter().map(|octet| format!("{octet:02X}"));
    der::oid_text(octets).unwrap_or_else(|| hex().collect::<Vec<_>>().join(":"))
}

impl Extension {
    /// Its name where it has one here, else the dotted OID.
    pub fn name(&self) -> &str {
        match self.oid.as_str() {
            oid::SUBJECT_KEY_ID => "SubjectKeyIdentifier",
            oid::KEY_USAGE => "KeyUsage",
            oid::SUBJECT_ALT_NAME => "SubjectAltName",
            oid::BASIC_CONSTRAINTS => "BasicConstraints",
            oid::NAME_CONSTRAINTS => "NameConstraints",
            oid::AUTHORITY_KEY_ID => "AuthorityKeyIdentifier",
            oid::EXTENDED_KEY_USAGE => "ExtendedKeyUsage",
            oid::CRL_NUMBER => "CRLNumber",
            oid::REASON_CODE => "ReasonCode",
            oid::INVALIDITY_DATE => "InvalidityDate",
            oid::DELTA_CRL_INDICATOR => "DeltaCRLIndicator",
            oid::ISSUING_DISTRIBUTION_POINT => "IssuingDistributionPoint",
            oid::CERTIFICATE_ISSUER => "CertificateIssuer",
            "2.5.29.18" => "IssuerAltName",
            "2.5.29.31" => "CRLDistributionPoints",
            "2.5.29.32" => "CertificatePolicies",
            "2.5.29.33" => "PolicyMappings",
            "2.5.29.36" => "PolicyConstraints",
            "2.5.29.46" => "FreshestCRL",
            "2.5.29.54" => "InhibitAnyPolicy",
            "1.3.6.1.5.5.7.1.1" => "AuthorityInfoAccess",
            "1.3.6.1.5.5.7.1.11" => "SubjectInfoAccess",
            "1.3.6.1.5.5.7.1.24" => "TLSFeature",
            "2.16.840.1.113730.1.13" => "NetscapeComment",
            "1.3.6.1.4.1.11129.2.4.2" => "SignedCertificateTimestamps",
            other => other,
        }
    }
}

/// BasicConstraints.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BasicConstraints {
    /// Whether the subject is a CA.
    pub ca: bool,
    /// How many CAs that are not self-issued may follow.
    pub path_length: Option<u32>,
    /// Whether the extension is critical.
    pub critical: bool,
}

/// AuthorityKeyIdentifier.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuthorityKeyId {
    /// keyIdentifier
    pub key_id: Option<Vec<u8>>,
    /// authorityCertIssuer, where present.
    pub issuer: Option<Vec<GeneralName>>,
    /// authorityCertSerialNumber, content octets.
    pub serial: Option<Vec<u8>>,
}

/// NameConstraints.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NameConstraints {
    /// permittedSubtrees; `None` where absent.
    pub permitted: Option<Vec<Subtree>>,
    /// excludedSubtrees; `None` where absent.
    pub excluded: Option<Vec<Subtree>>,
}

/// One subtree of NameConstraints.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subtree {
    /// The base; an IP base is address and mask.
    pub base: GeneralName,
    /// Whether minimum and maximum are what RFC 5280 4.2.1.10 asks for: 0 and absent.
    pub plain: bool,
    /// Whether there is a maximum.
    pub has_maximum: bool,
}

/// The extensions this library understands, as far as they can be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) purposes: Option<Vec<Purpose>>,
    pub(super) names: Option<Vec<GeneralName>>,
    pub(super) subject_key_id: Option<Vec<u8>>,
    pub(super) authority_key_id: Option<AuthorityKeyId>,
    pub(super) name_constraints: Option<NameConstraints>,
}

impl Known {
    /// Reads what is known. An extension that cannot be read is a fault and
    /// stays `None`; of two alike the first counts (the second is a fault).
    pub(super) fn read(extensions: &[Extension], faults: &mut Vec<Fault>) -> Self {
        let mut known = Self::default();
        for extension in extensions {
            if let Err(why) = known.take(extension) {
                faults.push(
                    Fault::new("malformed-extension", "RFC 5280 4.2.1")
                        .found(format!("{}: {why}", extension.name())),
                );
            }
        }
        known
    }

    fn take(&mut self, extension: &Extension) -> Result<(), String> {
        let value = &extension.value;
        let text = |e: DerError| e.to_string();
        match extension.oid.as_str() {
            oid::BASIC_CONSTRAINTS => first(
                &mut self.basic_constraints,
                basic_constraints(value, extension.critical)?,
            ),
            oid::KEY_USAGE => first(&mut self.key_usage, key_usage(value)?),
            oid::EXTENDED_KEY_USAGE => first(&mut self.purposes, purposes(value)?),
            oid::SUBJECT_ALT_NAME => {
                let names = alt_names(value)?;
                let empty = names.is_empty();
                first(&mut self.names, names);
                if empty {
                    return Err("empty".into());
                }
            }
            oid::SUBJECT_KEY_ID => {
                let id = der::only(value, tag::OCTET_STRING).map_err(text)?;
                first(&mut self.subject_key_id, id.value.to_vec());
            }
            oid::AUTHORITY_KEY_ID => first(&mut self.authority_key_id, authority_key_id(value)?),
            oid::NAME_CONSTRAINTS => first(&mut self.name_constraints, name_constraints(value)?),
            _ => {}
        }
        Ok(())
    }
}

fn first<T>(slot: &mut Option<T>, value: T) {
    slot.get_or_insert(value);
}

fn text(error: DerError) -> String {
    error.to_string()
}

/// `BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLen INTEGER OPTIONAL }`
fn basic_constraints(value: &[u8], critical: bool) -> Result<BasicConstraints, String> {
    let mut reader = der::only(value, tag::SEQUENCE).map_err(text)?.reader();
    let ca = match reader.optional(tag::BOOLEAN).map_err(text)? {
        None => false,
        Some(element) => match element.value {
            [0xff] => true,
            [0] => return Err("cA FALSE is written out, which DER leaves away".into()),
            _ => return Err("cA is no DER BOOLEAN".into()),
        },
    };
    let path_length = match reader.optional(tag::INTEGER).map_err(text)? {
        None => None,
        Some(element) => Some(small_unsigned(element.value).ok_or("path length out of range")?),
    };
    reader.end().map_err(text)?;
    Ok(BasicConstraints {
        ca,
        path_length,
        critical,
    })
}

/// A non-negative INTEGER in minimal form that fits; larger ones mean "no limit".
fn small_unsigned(octets: &[u8]) -> Option<u32> {
    match octets {
        [] => None,
        [first, ..] if *first >= 0x80 => None,
        [0, second, ..] if *second < 0x80 => None,
        _ if octets.len() > 5 => Some(u32::MAX),
        _ => {
            let wide = octets.iter().fold(0_u64, |n, &o| (n << 8) | u64::from(o));
            Some(u32::try_from(wide).unwrap_or(u32::MAX))
        }
    }
}

fn key_usage(value: &[u8]) -> Result<KeyUsage, String> {
    let bits = der::only(value, tag::BIT_STRING).map_err(text)?.value;
    let [unused, octets @ ..] = bits else {
        return Err("no octet for unused bits".into());
    };
    let last = octets.last().copied().unwrap_or(0);
    if *unused > 7 || (octets.is_empty() && *unused != 0) {
        return Err("wrong count of unused bits".into());
    }
    if u16::from(last) & ((1 << unused) - 1) != 0 {
        return Err("unused bits are set".into());
    }
    // Bit 0 of the BIT STRING is the highest bit of the first octet.
    let bits = octets
        .iter()
        .take(2)
        .enumerate()
        .fold(0_u16, |sum, (i, &o)| {
            sum | (u16::from(o.reverse_bits()) << (8 * i))
        });
    Ok(KeyUsage::from_bits(bits))
}

fn purposes(value: &[u8]) -> Result<Vec<Purpose>, String> {
    let mut reader = der::only(value, tag::SEQUENCE).map_err(text)?.reader();
    let mut purposes = Vec::new();
    while !reader.is_empty() {
        let element = reader.element(tag::OID).map_err(text)?;
        let oid = der::oid_text(element.value).ok_or("malformed OID")?;
        purposes.push(Purpose::from_oid(&oid));
    }
    if purposes.is_empty() {
        return Err("empty".into());
    }
    Ok(purposes)
}

/// The names in a SubjectAltName.
pub(super) fn alt_names(value: &[u8]) -> Result<Vec<GeneralName>, String> {
    general_names(&der::only(value, tag::SEQUENCE).map_err(text)?)
}

fn general_names(sequence: &Element<'_>) -> Result<Vec<GeneralName>, String> {
    let mut reader = sequence.reader();
    let mut names = Vec::new();
    while !reader.is_empty() {
        names.push(general_name(&mut reader)?);
    }
    Ok(names)
}

fn general_name(reader: &mut Reader<'_>) -> Result<GeneralName, String> {
    let element = reader.any().map_err(text)?;
    GeneralName::from_der(element.tag, element.value).map_err(|e| e.to_string())
}

pub(super) fn authority_key_id(value: &[u8]) -> Result<AuthorityKeyId, String> {
    let mut reader = der::only(value, tag::SEQUENCE).map_err(text)?.reader();
    let key_id = reader.optional(tag::context_primitive(0)).map_err(text)?;
    let issuer = reader.optional(tag::context(1)).map_err(text)?;
    let serial = reader.optional(tag::context_primitive(2)).map_err(text)?;
    reader.end().map_err(text)?;
    Ok(AuthorityKeyId {
        key_id: key_id.map(|e| e.value.to_vec()),
        issuer: issuer.map(|e| general_names(&e)).transpose()?,
        serial: serial.map(|e| e.value.to_vec()),
    })
}

fn name_constraints(value: &[u8]) -> Result<NameConstraints, String> {
    let mut reader = der::only(value, tag::SEQUENCE).map_err(text)?.reader();
    let permitted = reader.optional(tag::context(0)).map_err(text)?;
    let excluded = reader.optional(tag::context(1)).map_err(text)?;
    reader.end().map_err(text)?;
    if permitted.is_none() && excluded.is_none() {
        return Err("empty".into());
    }
    Ok(NameConstraints {
        permitted: permitted.map(|e| subtrees(&e)).transpose()?,
        excluded: excluded.map(|e| subtrees(&e)).transpose()?,
    })
}

fn subtrees(list: &Element<'_>) -> Result<Vec<Subtree>, String> {
    let mut reader = list.reader();
    let mut subtrees = Vec::new();
    while !reader.is_empty() {
        let mut subtree = reader.element(tag::SEQUENCE).map_err(text)?.reader();
        let base = general_name(&mut subtree)?;
        let plain = subtree.is_empty();
        let maximum = tag::context_primitive(1);
        let has_maximum = std::iter::from_fn(|| subtree.any().ok()).any(|e| e.tag == maximum);
        subtrees.push(Subtree {
            base,
            plain,
            has_maximum,
        });
    }
    Ok(subtrees)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_oid_resembles_none() {
        assert_eq!(oid_text(&[0x55, 0x1d, 0x11]), oid::SUBJECT_ALT_NAME);
        for octets in [&[0x55, 0x1d, 0x91][..], &[0x55, 0x1d, 0x80, 0x11], &[]] {
            assert!(!oid_text(octets).contains('.'), "{octets:02x?}");
        }
    }

    #[test]
    fn key_usage_bits() {
        for (der, names) in [
            (&[3, 2, 7, 0x80][..], Ok("digitalSignature")),
            (&[3, 2, 1, 0x06], Ok("keyCertSign, cRLSign")),
            (&[3, 2, 5, 0xa0], Ok("digitalSignature, keyEncipherment")),
            (&[3, 3, 7, 0, 0x80], Ok("decipherOnly")),
            (&[3, 1, 0], Ok("")),
            (&[3, 2, 6, 0x60], Err("unused bits are set")),
            (&[3, 1, 3], Err("wrong count of unused bits")),
            (&[3, 0], Err("no octet for unused bits")),
        ] {
            let found = key_usage(der).map(|ku| ku.to_string());
            assert_eq!(
                found.as_deref().map_err(String::as_str),
                names,
                "{der:02x?}"
            );
        }
    }

    #[test]
    fn basic_constraints_in_der_only() {
        for (der, ca, path_length) in [
            (&[0x30, 0][..], false, None),
            (&[0x30, 3, 1, 1, 0xff], true, None),
            (&[0x30, 6, 1, 1, 0xff, 2, 1, 0], true, Some(0)),
            (&[0x30, 7, 1, 1, 0xff, 2, 2, 0, 0x80], true, Some(128)),
        ] {
            let found = basic_constraints(der, true).unwrap();
            assert_eq!((found.ca, found.path_length), (ca, path_length));
        }
        for der in [
            &[0x30, 3, 1, 1, 0][..],
            &[0x30, 3, 1, 1, 1],
            &[0x30, 6, 1, 1, 0xff, 2, 1, 0xff],
            &[0x30, 7, 1, 1, 0xff, 2, 2, 0, 1],
            &[0x30, 5, 1, 1, 0xff, 5, 0],
        ] {
            assert!(basic_constraints(der, true).is_err(), "{der:02x?}");
        }
    }
}
