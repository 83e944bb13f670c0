//! Public keys as clients look at them.

use crate::cert::Certificate;
use crate::der::{self, tag};
use crate::model::algorithm::KeyAlgorithm;

/// id-ecPublicKey
const EC: &str = "1.2.840.10045.2.1";

/// id-dsa
const DSA: &str = "1.2.840.10040.4.1";

/// Arcs of the curves that libraries have names for: X9.62, SEC 2, RFC 5639.
const CURVES: [&str; 3] = ["1.2.840.10045.3.", "1.3.132.0.", "1.3.36.3.3.2.8.1.1."];

/// secp224r1
pub(super) const P224: &str = "1.3.132.0.33";

/// secp256k1
pub(super) const SECP256K1: &str = "1.3.132.0.10";

/// Where an EC key says that its points lie.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Curve {
    /// OID, dotted.
    Named(String),
    /// Written out.
    Explicit,
    /// Nowhere, or unreadable.
    Missing,
}

impl Curve {
    /// Whether its name is one that some library may know.
    pub(super) fn is_listed(&self) -> bool {
        matches!(self, Self::Named(oid) if CURVES.iter().any(|arc| oid.starts_with(arc)))
    }

    /// secp192r1: the one below 224 bits that is still met.
    pub(super) fn is_small(&self) -> bool {
        matches!(self, Self::Named(oid) if oid == "1.2.840.10045.3.1.1")
    }
}

/// OID of the kind of a key, dotted.
pub(super) fn kind(cert: &Certificate) -> Option<String> {
    let identifier = cert.public_key().algorithm_identifier();
    let mut reader = der::only(identifier, tag::SEQUENCE).ok()?.reader();
    der::oid_text(reader.element(tag::OID).ok()?.value)
}

/// The curve of an EC key; `None` of all other keys.
pub(super) fn curve(cert: &Certificate) -> Option<Curve> {
    kind(cert).filter(|kind| kind == EC)?;
    let identifier = cert.public_key().algorithm_identifier();
    let mut reader = der::only(identifier, tag::SEQUENCE).ok()?.reader();
    reader.element(tag::OID).ok()?;
    Some(match reader.peek() {
        Some(tag::SEQUENCE) => Curve::Explicit,
        Some(tag::OID) => {
            let oid = reader.any().ok().and_then(|e| der::oid_text(e.value));
            oid.map_or(Curve::Missing, Curve::Named)
        }
        _ => Curve::Missing,
    })
}

/// How many bits field and order of a DSA key have (p and q of RFC 3279 2.3.2);
/// `None` of all other keys.
pub(super) fn dsa_bits(cert: &Certificate) -> Option<[u16; 2]> {
    kind(cert).filter(|kind| kind == DSA)?;
    let identifier = cert.public_key().algorithm_identifier();
    let mut reader = der::only(identifier, tag::SEQUENCE).ok()?.reader();
    reader.element(tag::OID).ok()?;
    let mut parameters = reader.element(tag::SEQUENCE).ok()?.reader();
    let field = bits(parameters.element(tag::INTEGER).ok()?.value);
    Some([field, bits(parameters.element(tag::INTEGER).ok()?.value)])
}

/// How many bits a positive INTEGER has.
fn bits(octets: &[u8]) -> u16 {
    let zeros = octets.iter().take_while(|o| **o == 0).count();
    let octets = &octets[zeros..];
    let unused = octets.first().map_or(0, |o| o.leading_zeros());
    let bits = octets.len() * 8 - usize::try_from(unused).unwrap_or(0);
    u16::try_from(bits).unwrap_or(u16::MAX)
}

/// Modulus and exponent of an RSA key, without leading zeros.
pub(super) fn rsa_numbers(cert: &Certificate) -> Option<[&[u8]; 2]> {
    let key = cert.public_key();
    if !matches!(key.algorithm(), Some(KeyAlgorithm::Rsa(_))) {
        return None;
    }
    let mut reader = der::only(key.key_bits(), tag::SEQUENCE).ok()?.reader();
    let modulus = reader.element(tag::INTEGER).ok()?.value;
    let exponent = reader.element(tag::INTEGER).ok()?.value;
    Some([modulus, exponent].map(|number| {
        let zeros = number.iter().take_while(|o| **o == 0).count();
        &number[zeros..]
    }))
}
