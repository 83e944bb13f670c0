//! What clients read out of a certificate where they read less strictly, or
//! otherwise, than [`Certificate`] does.

use std::collections::HashSet;

use crate::cert::{Certificate, Extension, oid};
use crate::der::{self, Element, Reader, tag};
use crate::model::dn::{Attribute, Dn, Rdn};
use crate::model::usage::Purpose;

/// issuerUniqueID and subjectUniqueID (RFC 5280 4.1.2.8).
const UNIQUE_IDS: [u8; 4] = [
    tag::context_primitive(1),
    tag::context_primitive(2),
    tag::context(1),
    tag::context(2),
];

/// Microsoft's and Netscape's server gated cryptography: purposes that some take
/// for that of a server.
pub(super) const SERVER_GATED: [&str; 2] = ["1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1"];

/// nsCertType
pub(super) const NETSCAPE_TYPE: &str = "2.16.840.1.113730.1.1";
/// What nsCertType allows: to be a client, a server, a CA of either.
pub(super) const NETSCAPE_CLIENT: u8 = 0x80;
pub(super) const NETSCAPE_SERVER: u8 = 0x40;
pub(super) const NETSCAPE_TLS_CA: u8 = 0x04;
pub(super) const NETSCAPE_ANY_CA: u8 = 0x07;

/// The first extension with this OID.
pub(super) fn extension<'a>(cert: &'a Certificate, oid: &str) -> Option<&'a Extension> {
    cert.extensions().iter().find(|e| e.oid == oid)
}

/// The name of the first critical extension that is none of `known`.
pub(super) fn critical_beyond(cert: &Certificate, known: &[&str]) -> Option<String> {
    let unknown = |e: &&Extension| e.critical && !known.contains(&e.oid.as_str());
    let found = cert.extensions().iter().find(unknown)?;
    Some(found.name().to_owned())
}

/// The first extension that is there twice, out of those that `counts`.
pub(super) fn duplicate(
    cert: &Certificate,
    counts: impl Fn(&Extension) -> bool,
) -> Option<&Extension> {
    let mut before = HashSet::new();
    let mut all = cert.extensions().iter();
    all.find(|e| counts(e) && !before.insert(e.oid.as_str()))
}

/// Whether a check of the strict reader failed.
pub(super) fn has_fault(cert: &Certificate, check: &str) -> bool {
    cert.faults().iter().any(|f| f.check == check)
}

/// Whether the certificate has a unique identifier.
pub(super) fn has_unique_id(cert: &Certificate) -> bool {
    let Ok(tbs) = der::only(cert.tbs(), tag::SEQUENCE) else {
        return false;
    };
    elements(&mut tbs.reader()).any(|e| UNIQUE_IDS.contains(&e.tag))
}

/// The elements up to the first that cannot be read.
pub(super) fn elements<'r, 'a>(
    reader: &'r mut Reader<'a>,
) -> impl Iterator<Item = Element<'a>> + 'r {
    std::iter::from_fn(move || (!reader.is_empty()).then(|| reader.any().ok())?)
}

/// The first element of `value` in DER, where a reader takes lengths that are
/// longer than they must be (`long_lengths`), or octets behind it (`trailing`).
pub(super) fn in_der(value: &[u8], long_lengths: bool, trailing: bool) -> Option<Vec<u8>> {
    let (element, rest) = relaxed(value, long_lengths, DEPTH)?;
    (trailing || rest.is_empty()).then_some(element)
}

/// How deep elements are looked into; what is deeper stays as it is.
const DEPTH: usize = 32;

/// One element in DER, and what follows it. Lengths of up to four octets.
fn relaxed(input: &[u8], long_lengths: bool, depth: usize) -> Option<(Vec<u8>, &[u8])> {
    const CONSTRUCTED: u8 = 0x20;
    let mut reader = Reader::new(input);
    if let Ok(element) = reader.any()
        && !long_lengths
    {
        return Some((element.raw.to_vec(), reader.rest()));
    }
    let (&tag, rest) = input.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 if long_lengths => {
            let (octets, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (
                octets.iter().fold(0, |n, &o| (n << 8) | usize::from(o)),
                rest,
            )
        }
        _ => return None,
    };
    let (mut content, rest) = rest.split_at_checked(length)?;
    if tag & CONSTRUCTED == 0 || depth == 0 {
        return Some((der::encode(tag, content), rest));
    }
    let mut parts = Vec::new();
    while !content.is_empty() {
        let (part, behind) = relaxed(content, long_lengths, depth - 1)?;
        parts.extend(part);
        content = behind;
    }
    Some((der::encode(tag, &parts), rest))
}

/// OID and parameters of the algorithm inside the signed part, as they stand.
pub(super) fn inner_algorithm(cert: &Certificate) -> Option<Element<'_>> {
    let tbs = der::only(cert.tbs(), tag::SEQUENCE).ok()?;
    let mut reader = tbs.reader();
    elements(&mut reader).find(|e| e.tag == tag::SEQUENCE)
}

/// notBefore and notAfter as they stand.
pub(super) fn times(cert: &Certificate) -> Option<[Element<'_>; 2]> {
    let tbs = der::only(cert.tbs(), tag::SEQUENCE).ok()?;
    let mut reader = tbs.reader();
    // Behind the algorithm and the issuer.
    let validity = elements(&mut reader)
        .filter(|e| e.tag == tag::SEQUENCE)
        .nth(2)?;
    let mut reader = validity.reader();
    Some([reader.any().ok()?, reader.any().ok()?])
}

/// Whether a time is written as DER has it: with seconds, in UTC, without a
/// fraction (X.690 11.7, 11.8).
pub(super) fn in_der_form(time: &Element<'_>) -> bool {
    let length = match time.tag {
        tag::UTC_TIME => 13,
        tag::GENERALIZED_TIME => 15,
        _ => return false,
    };
    time.value.len() == length
        && time.value.ends_with(b"Z")
        && time.value[..length - 1].iter().all(u8::is_ascii_digit)
}

/// Whether a path needs policies and has none: somebody asks for an explicit
/// policy in time (RFC 5280 6.1, policies themselves taken as equal).
/// `path` with its anchor, which is not asked.
pub(super) fn lacks_policies(
    path: &[&Certificate],
    self_issued: impl Fn(&Certificate) -> bool,
) -> bool {
    const POLICIES: &str = "2.5.29.32";
    const CONSTRAINTS: &str = "2.5.29.36";
    let below = &path[..path.len() - 1];
    let mut explicit = i64::try_from(below.len())
        .unwrap_or(i64::MAX)
        .saturating_add(1);
    let mut some = true;
    for (at, cert) in below.iter().enumerate().rev() {
        some &= extension(cert, POLICIES).is_some();
        let last = at == 0;
        if explicit > 0 && (last || !self_issued(cert)) {
            explicit -= 1;
        }
        let required = extension(cert, CONSTRAINTS).and_then(|e| {
            let mut reader = der::only(&e.value, tag::SEQUENCE).ok()?.reader();
            let skip = reader.optional(tag::context_primitive(0)).ok()??;
            (!skip.value.is_empty()).then(|| integer(skip.value))
        });
        if let Some(skip) = required.filter(|skip| !last || *skip == 0) {
            explicit = explicit.min(skip);
        }
        if explicit <= 0 && !some {
            return true;
        }
    }
    false
}

/// BasicConstraints as lenient readers take them: a cA FALSE that is written
/// out and a BOOLEAN that is not 0xff are read, a path length of any size.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Basic {
    pub(super) ca: bool,
    /// Negative where it is.
    pub(super) path_length: Option<i64>,
}

/// `None` without the extension, or where its structure is another.
pub(super) fn basic(cert: &Certificate) -> Option<Basic> {
    let value = &extension(cert, oid::BASIC_CONSTRAINTS)?.value;
    let mut reader = der::only(value, tag::SEQUENCE).ok()?.reader();
    let ca = reader.optional(tag::BOOLEAN).ok()?;
    let length = reader.optional(tag::INTEGER).ok()?;
    reader.end().ok()?;
    Some(Basic {
        ca: ca.is_some_and(|e| e.value.iter().any(|o| *o != 0)),
        path_length: length.map(|e| integer(e.value)),
    })
}

/// A signed INTEGER; what does not fit is the largest of its sign.
fn integer(octets: &[u8]) -> i64 {
    let negative = octets.first().is_some_and(|o| *o >= 0x80);
    if octets.len() > 8 {
        return if negative { i64::MIN } else { i64::MAX };
    }
    let start = if negative { -1_i64 } else { 0 };
    octets.iter().fold(start, |n, o| (n << 8) | i64::from(*o))
}

/// The purposes, `None` without the extension; an empty list where it holds
/// none or cannot be read.
pub(super) fn purposes(cert: &Certificate) -> Option<&[Purpose]> {
    extension(cert, oid::EXTENDED_KEY_USAGE)?;
    Some(cert.purposes().unwrap_or_default())
}

/// Whether an ExtendedKeyUsage is there and empty.
pub(super) fn purposes_empty(cert: &Certificate) -> bool {
    extension(cert, oid::EXTENDED_KEY_USAGE).is_some_and(|e| e.value == [tag::SEQUENCE, 0])
}

/// The last CN of a name as text: what most clients take for *the* CN.
pub(super) fn last_common_name(dn: &Dn) -> Option<String> {
    attributes(dn, "CN").last()
}

/// All attributes of a name.
pub(super) fn strings(dn: &Dn) -> impl Iterator<Item = &Attribute> {
    dn.rdns().iter().flat_map(Rdn::attributes)
}

/// The texts of all attributes of this kind (OpenSSL's short name), in order.
pub(super) fn attributes<'a>(dn: &'a Dn, kind: &'a str) -> impl Iterator<Item = String> + 'a {
    strings(dn)
        .filter(move |a| a.keyword() == Some(kind))
        .filter_map(Attribute::text)
}

/// The bits of a Netscape certificate type; the first is the most significant.
pub(super) fn netscape_type(cert: &Certificate) -> Option<u8> {
    let value = &extension(cert, NETSCAPE_TYPE)?.value;
    let bits = der::only(value, tag::BIT_STRING).ok()?;
    Some(bits.value.get(1).copied().unwrap_or(0))
}

/// A SubjectAltName octet for octet, `None` where absent.
pub(super) fn names_der(cert: &Certificate) -> Option<&[u8]> {
    Some(&extension(cert, oid::SUBJECT_ALT_NAME)?.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lengths_are_made_short_and_no_depth_is_too_deep() {
        let long = [0x30, 0x81, 3, 0x04, 0x81, 0];
        let found = in_der(&long, true, false);
        assert_eq!(found.as_deref(), Some(&[0x30, 2, 0x04, 0][..]));
        let mut deep = Vec::new();
        for left in (1..=60_000_usize).rev() {
            let length = (left - 1) * 5;
            let octets = u32::try_from(length).unwrap().to_be_bytes();
            deep.extend([0x30, 0x83, octets[1], octets[2], octets[3]]);
        }
        assert!(in_der(&deep, true, false).is_some());
    }
}
