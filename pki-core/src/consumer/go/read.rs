//! What Go does not read: certificates are DER, and nearly all of it.

use super::mailbox::is_domain;
use super::policies;
use crate::cert::{Certificate, oid};
use crate::consumer::facts;
use crate::consumer::rule::Seen;
use crate::der::{self, tag};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::Attribute;
use crate::model::san::GeneralName;

pub(super) const INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";

/// A string whose octets are not of its type. Other types are passed over.
pub(super) fn is_no_text(attribute: &Attribute) -> bool {
    let value = attribute.value();
    match attribute.tag() {
        tag::PRINTABLE_STRING => !value.iter().all(|b| is_printable(*b)),
        tag::UTF8_STRING => std::str::from_utf8(value).is_err(),
        tag::IA5_STRING => !value.is_ascii(),
        tag::NUMERIC_STRING => !value.iter().all(|b| b.is_ascii_digit() || *b == b' '),
        tag::BMP_STRING => !value.len().is_multiple_of(2),
        tag::T61_STRING => false,
        _ => true,
    }
}

/// `isPrintable`: with `*` and `&`, which X.680 does not have.
pub(super) fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(&octet)
}

/// What cryptobyte does not read: it is strict about lengths and integers.
pub(super) fn unreadable_der(seen: &Seen<'_>) -> Option<String> {
    let serial = seen.cert().serial().octets();
    let padded = serial.is_empty() || !der::is_minimal(serial);
    padded.then(|| "malformed serial number".to_owned())
}

pub(super) fn public_key(seen: &Seen<'_>) -> Option<String> {
    const EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    const RSA: &[u8] = &[
        0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
    ];
    const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
    const P224: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x21];
    let key = seen.cert().public_key();
    let identifier = der::only(key.algorithm_identifier(), tag::SEQUENCE).ok()?;
    let mut reader = identifier.reader();
    let kind = reader.element(tag::OID).ok()?.raw;
    let parameters = reader.rest();
    if kind == EC {
        if parameters.first() != Some(&tag::OID) {
            return Some("invalid ECDSA parameters".into());
        }
        if key.algorithm().is_none() && parameters != P224 {
            return Some("unsupported elliptic curve".into());
        }
    }
    if kind == RSA && parameters != [tag::NULL, 0] {
        return Some("RSA key missing NULL parameters".into());
    }
    if kind == RSA
        && let Err(why) = rsa_numbers(key.key_bits())
    {
        return Some(why.into());
    }
    if kind == ED25519 && !parameters.is_empty() {
        return Some("Ed25519 key encoded with illegal parameters".into());
    }
    if kind == ED25519 && key.key_bits().len() != 32 {
        return Some("wrong Ed25519 public key size".into());
    }
    None
}

/// Modulus and exponent, positive.
fn rsa_numbers(bits: &[u8]) -> Result<(), &'static str> {
    let sequence = der::only(bits, tag::SEQUENCE).map_err(|_| "invalid RSA public key")?;
    let mut reader = sequence.reader();
    let positive = |number: &[u8]| number.first().is_some_and(|o| *o < 0x80) && number != [0];
    let number = reader.element(tag::INTEGER);
    let modulus = number.map_err(|_| "invalid RSA modulus")?;
    let number = reader.element(tag::INTEGER);
    let exponent = number.map_err(|_| "invalid RSA public exponent")?;
    if !positive(modulus.value) {
        Err("RSA modulus is not a positive number")
    } else if !positive(exponent.value) {
        Err("RSA public exponent is not a positive number")
    } else {
        Ok(())
    }
}

/// The extensions of policies that Go reads since 1.24, and a negative path length.
pub(super) fn since_1_24(cert: &Certificate) -> Option<String> {
    cert.extensions().iter().find_map(|e| {
        let found = match e.oid.as_str() {
            oid::BASIC_CONSTRAINTS
                if facts::basic(cert).is_some_and(|b| b.path_length.is_some_and(|l| l < 0)) =>
            {
                "invalid basic constraints"
            }
            "2.5.29.32" if policies::twice(&e.value) => "invalid certificate policies",
            "2.5.29.33" if !policies::mappings(&e.value) => "invalid policy mappings extension",
            "2.5.29.36" if !policies::constraints(&e.value) => {
                "invalid policy constraints extension"
            }
            "2.5.29.54" if !policies::inhibit_any(&e.value) => {
                "invalid inhibit any policy extension"
            }
            _ => return None,
        };
        Some(found.to_owned())
    })
}

/// A point of ECDSA that is compressed, or not on its curve.
pub(super) fn point(cert: &Certificate) -> Option<String> {
    let key = cert.public_key();
    let (curve, octets) = match key.algorithm()? {
        KeyAlgorithm::EcdsaP256 => ("P256", 65),
        KeyAlgorithm::EcdsaP384 => ("P384", 97),
        KeyAlgorithm::EcdsaP521 => ("P521", 133),
        _ => return None,
    };
    let bits = key.key_bits();
    if bits.first() != Some(&4) {
        Some("ecdsa: invalid uncompressed public key".into())
    } else if bits.len() != octets {
        Some(format!("invalid {curve} point encoding"))
    } else {
        let off = key.unsound().is_some();
        off.then(|| format!("{curve} point not on curve"))
    }
}

pub(super) fn extension(cert: &Certificate) -> Option<String> {
    cert.extensions().iter().find_map(|e| {
        let sequence = der::only(&e.value, tag::SEQUENCE).is_ok();
        let found = match e.oid.as_str() {
            oid::AUTHORITY_KEY_ID if e.critical => {
                "authority key identifier incorrectly marked critical"
            }
            oid::SUBJECT_KEY_ID if e.critical => {
                "subject key identifier incorrectly marked critical"
            }
            INFO_ACCESS if e.critical => "authority info access incorrectly marked critical",
            INFO_ACCESS if !info_access(&e.value) => "invalid authority info access",
            oid::AUTHORITY_KEY_ID if !sequence => "invalid authority key identifier",
            oid::SUBJECT_KEY_ID if cert.subject_key_id().is_none() => {
                "invalid subject key identifier"
            }
            "2.5.29.31" if !sequence => "invalid CRL distribution points",
            "2.5.29.31" if !distribution_points(&e.value) => "invalid CRL distribution point",
            "2.5.29.32" if policies::listed(&e.value).is_none() => "invalid certificate policies",
            oid::BASIC_CONSTRAINTS if facts::basic(cert).is_none() || !boolean(&e.value) => {
                "invalid basic constraints"
            }
            oid::KEY_USAGE if der::only(&e.value, tag::BIT_STRING).is_err() => "invalid key usage",
            oid::EXTENDED_KEY_USAGE
                if cert.purposes().is_none() && !facts::purposes_empty(cert) =>
            {
                "invalid extended key usages"
            }
            oid::SUBJECT_ALT_NAME => return alt_names(cert),
            _ => return None,
        };
        Some(found.to_owned())
    })
}

/// A DER BOOLEAN at the front, where there is one at all.
pub(super) fn boolean(value: &[u8]) -> bool {
    let first = der::only(value, tag::SEQUENCE).and_then(|s| s.reader().any());
    first.is_ok_and(|e| e.tag != tag::BOOLEAN || [&[0xff][..], &[0]].contains(&e.value))
        || value == [tag::SEQUENCE, 0]
}

pub(super) fn info_access(value: &[u8]) -> bool {
    let Ok(list) = der::only(value, tag::SEQUENCE) else {
        return false;
    };
    let mut reader = list.reader();
    while !reader.is_empty() {
        let entry = reader.element(tag::SEQUENCE);
        let method = entry.and_then(|e| e.reader().element(tag::OID));
        if method.is_err() {
            return false;
        }
    }
    true
}

/// A point that names a place begins with its full name, of any form.
fn distribution_points(value: &[u8]) -> bool {
    let read = || -> Result<(), der::DerError> {
        let mut points = der::only(value, tag::SEQUENCE)?.reader();
        while !points.is_empty() {
            let mut point = points.element(tag::SEQUENCE)?.reader();
            if let Some(place) = point.optional(tag::context(0))? {
                let mut names = place.reader().element(tag::context(0))?.reader();
                // Up to the first that is no URI.
                while names.optional(tag::context_primitive(6))?.is_some() {}
            }
        }
        Ok(())
    };
    read().is_ok()
}

pub(super) fn alt_names(cert: &Certificate) -> Option<String> {
    let value = facts::names_der(cert)?;
    if der::only(value, tag::SEQUENCE).is_err() || !cert.has_names() {
        return Some("invalid subject alternative names".into());
    }
    cert.names().iter().find_map(|name| match name {
        GeneralName::Other { tag: 0x81, .. } => Some("SAN rfc822Name is malformed".into()),
        GeneralName::Other { tag: 0x82, .. } => Some("SAN dNSName is malformed".into()),
        GeneralName::Other { tag: 0x86, .. } => {
            Some("SAN uniformResourceIdentifier is malformed".into())
        }
        GeneralName::Ip(octets) if ![4, 16].contains(&octets.len()) => Some(format!(
            "cannot parse IP address of length {}",
            octets.len()
        )),
        GeneralName::Uri(text) if !parses(text) => Some(format!("cannot parse URI {text:?}")),
        _ => None,
    })
}

/// `url.Parse` and the host it finds, as far as names in certificates go: no
/// control characters, no space in the authority, a port of digits.
pub(super) fn parses(uri: &str) -> bool {
    let control = |b: u8| b < 0x20 || b == 0x7f;
    if uri.bytes().any(control) {
        return false;
    }
    let Some((_, rest)) = uri.split_once("://") else {
        return !uri.starts_with(':');
    };
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if host.starts_with('[') {
        return host.contains(']');
    }
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    port.bytes().all(|b| b.is_ascii_digit())
        && !name.contains([' ', '<', '>', '"', '%', '^', '`', '{', '}', '|', '\\'])
        && (name.is_empty() || (!name.ends_with('.') && is_domain(name)))
}
