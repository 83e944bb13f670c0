//! Whether two names are the same name: it depends on who asks.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::{Attribute, Dn, Rdn};
use crate::der::tag;

/// A way to compare names.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DnCompare {
    /// Octet by octet: Go, rustls.
    Raw,
    /// The canonical form of OpenSSL (`x509_name_canon`, 3.0): strings become
    /// UTF-8, ASCII letters lower case, white space at the ends is dropped and
    /// elsewhere one space; other values as they are. Empty RDNs do not count.
    OpenSsl,
    /// `X500Principal` of Java 17 (RFC 2253 form, `AVA.toRFC2253CanonicalString`):
    /// UTF8String and PrintableString of the attributes that RFC 2253 names, as
    /// [`DnCompare::Rfc5280`]; all others octet by octet.
    Java,
    /// RFC 5280 7.1: as OpenSSL, with the case folding of Unicode, control
    /// characters do not count (RFC 4518 2.2), and letters are the same however
    /// they are composed (2.3, NFKC). Not done: dropping invisible characters,
    /// which would call more names equal.
    Rfc5280,
}

/// What is compared of one attribute: type, tag (0 for text), octets.
type Key = (Vec<u8>, u8, Vec<u8>);

impl Dn {
    /// Whether `self` and `other` are the same name.
    pub fn equals(&self, other: &Self, how: DnCompare) -> bool {
        match how {
            DnCompare::Raw => self.raw == other.raw,
            _ => self.keys(how) == other.keys(how),
        }
    }

    /// Whether `self` lies in the subtree `base`: it starts with all the parts
    /// of `base` (RFC 5280 7.1, for the directoryName constraints of 4.2.1.10).
    pub fn within(&self, base: &Self, how: DnCompare) -> bool {
        self.keys(how).starts_with(&base.keys(how))
    }

    /// An RDN is a set (RFC 5280 7.1), so its attributes are sorted.
    fn keys(&self, how: DnCompare) -> Vec<Vec<Key>> {
        self.rdns
            .iter()
            .map(Rdn::attributes)
            .filter(|attributes| how != DnCompare::OpenSsl || !attributes.is_empty())
            .map(|attributes| {
                let mut keys: Vec<Key> = attributes.iter().map(|a| key(a, how)).collect();
                if how != DnCompare::Raw {
                    keys.sort();
                }
                keys
            })
            .collect()
    }
}

/// The attributes that RFC 2253 2.3 has words for.
const RFC_2253: [&str; 9] = ["CN", "L", "ST", "O", "OU", "C", "street", "DC", "UID"];

fn key(attribute: &Attribute, how: DnCompare) -> Key {
    let named = || {
        attribute
            .keyword()
            .is_some_and(|word| RFC_2253.contains(&word))
    };
    let plain = || [tag::UTF8_STRING, tag::PRINTABLE_STRING].contains(&attribute.tag());
    let text = attribute
        .text()
        .filter(|_| attribute.is_comparable_text())
        .and_then(|text| match how {
            DnCompare::Raw => None,
            DnCompare::Java => (named() && plain()).then(|| rfc5280_form(&text)),
            DnCompare::OpenSsl => Some(openssl_form(&text)),
            DnCompare::Rfc5280 => Some(rfc5280_form(&text)),
        });
    let (tag, octets) = match text {
        Some(text) => (0, text.into_bytes()),
        None => (attribute.tag(), attribute.value().to_vec()),
    };
    (attribute.kind().to_vec(), tag, octets)
}

fn openssl_form(text: &str) -> String {
    // `ossl_isspace`, which unlike Rust's ASCII white space has the vertical tab.
    let is_space = |c: char| matches!(c, ' ' | '\t'..='\r');
    one_space(text.split(is_space)).to_ascii_lowercase()
}

fn rfc5280_form(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| c.is_whitespace() || !c.is_control())
        // Both ways, so that `ß` is `ss` and both small sigmas are one.
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    let text = ComposingNormalizerBorrowed::new_nfkc().normalize(&text);
    one_space(text.split(char::is_whitespace))
}

fn one_space<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}
