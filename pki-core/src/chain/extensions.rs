//! What stands in extensions that path validation does not process, held to the
//! clause that defines each.

use std::collections::BTreeSet;

use super::check::{self, Check};
use crate::cert::{Certificate, Fault as Flaw, oid};
use crate::der::{self, DerError, Element, Reader, tag};

/// What is wrong with an extension: a text, or that it cannot be read.
type Found = Result<Option<&'static str>, DerError>;

/// An extension whose content is looked into, the clause, and how.
type Row = (&'static str, &'static str, fn(&[u8]) -> Found);

const JUDGED: [Row; 12] = [
    ("2.5.29.9", "RFC 5280 4.2.1.8", list),
    ("2.5.29.18", "RFC 5280 4.2.1.7", list),
    ("2.5.29.31", "RFC 5280 4.2.1.13", distribution_points),
    ("2.5.29.32", "RFC 5280 4.2.1.4", certificate_policies),
    ("2.5.29.33", "RFC 5280 4.2.1.5", policy_mappings),
    ("2.5.29.36", "RFC 5280 4.2.1.11", policy_constraints),
    ("2.5.29.46", "RFC 5280 4.2.1.15", distribution_points),
    ("2.5.29.54", "RFC 5280 4.2.1.14", inhibit_any_policy),
    ("1.3.6.1.5.5.7.1.1", "RFC 5280 4.2.2.1", access),
    ("1.3.6.1.5.5.7.1.11", "RFC 5280 4.2.2.2", access),
    ("1.3.6.1.5.5.7.1.24", "RFC 7633 4.1", tls_features),
    ("1.3.6.1.4.1.11129.2.4.2", "RFC 6962 3.3", timestamps),
];

/// Content octets of anyPolicy, 2.5.29.32.0.
const ANY_POLICY: &[u8] = &[0x55, 0x1d, 0x20, 0];
/// Content octets of id-qt-cps and id-qt-unotice, 1.3.6.1.5.5.7.2.1 and .2.
const CPS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 2, 1];
const USER_NOTICE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 2, 2];

/// Characters of a `DisplayText` (RFC 5280 4.2.1.4).
const DISPLAY_TEXT: usize = 200;

pub(super) fn flaws(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    for extension in cert.extensions() {
        let id = extension.oid.as_str();
        // Those that path validation reads are judged where they are read.
        if oid::UNDERSTOOD.contains(&id) {
            continue;
        }
        let row = JUDGED.iter().find(|(oid, ..)| *oid == id);
        let (clause, found) = match row {
            Some((_, clause, judge)) => (*clause, judge(&extension.value)),
            None => ("RFC 5280 4.2", one_value(&extension.value)),
        };
        let found = match found {
            Ok(None) => continue,
            Ok(Some(found)) => found.to_owned(),
            Err(error) => error.to_string(),
        };
        let check = Check {
            clause,
            ..check::EXTENSION_CONTENT
        };
        let found = format!("{}: {found}", extension.name());
        flaws.push(check.fails().found(found));
    }
}

/// Whatever it is: one value in DER and nothing after it (4.2, extnValue).
fn one_value(value: &[u8]) -> Found {
    let mut reader = Reader::new(value);
    match reader.any() {
        // A tag that is not read here.
        Err(DerError::HighTag { .. }) => Ok(None),
        Err(error) => Err(error),
        Ok(_) => reader.end().map(|()| None),
    }
}

/// The parts of a SEQUENCE.
fn elements(value: &[u8]) -> Result<Vec<Element<'_>>, DerError> {
    let mut reader = der::only(value, tag::SEQUENCE)?.reader();
    let mut elements = Vec::new();
    while !reader.is_empty() {
        elements.push(reader.any()?);
    }
    Ok(elements)
}

/// A SEQUENCE of at least one element.
fn list(value: &[u8]) -> Found {
    Ok(elements(value)?.is_empty().then_some("empty"))
}

/// A point has a name or an issuer, not reasons alone.
fn distribution_points(value: &[u8]) -> Found {
    for point in elements(value)? {
        let mut reader = point.reader();
        let name = reader.optional(tag::context(0))?;
        reader.optional(tag::context_primitive(1))?;
        let issuer = reader.optional(tag::context(2))?;
        reader.end()?;
        if name.is_none() && issuer.is_none() {
            return Ok(Some("a point with neither name nor issuer"));
        }
    }
    list(value)
}

/// Each policy once; anyPolicy with no qualifiers but the two of RFC 5280.
fn certificate_policies(value: &[u8]) -> Found {
    let mut seen = BTreeSet::new();
    for policy in elements(value)? {
        let mut reader = policy.reader();
        let id = reader.element(tag::OID)?.value;
        let qualifiers = reader.optional(tag::SEQUENCE)?;
        reader.end()?;
        if !seen.insert(id) {
            return Ok(Some("a policy twice"));
        }
        let Some(qualifiers) = qualifiers else {
            continue;
        };
        if qualifiers.value.is_empty() {
            return Ok(Some("a policy with an empty list of qualifiers"));
        }
        for qualifier in elements(qualifiers.raw)? {
            let found = policy_qualifier(&qualifier, id == ANY_POLICY)?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    list(value)
}

fn policy_qualifier(qualifier: &Element<'_>, of_any: bool) -> Found {
    let mut reader = qualifier.reader();
    let kind = reader.element(tag::OID)?.value;
    let value = reader.any()?;
    reader.end()?;
    match kind {
        CPS if value.tag != tag::IA5_STRING || !value.value.is_ascii() => {
            Ok(Some("a pointer to a CPS that is no IA5String"))
        }
        CPS => Ok(None),
        USER_NOTICE => user_notice(&value),
        _ => Ok(of_any.then_some("anyPolicy with a qualifier that is not one of RFC 5280's")),
    }
}

/// `UserNotice ::= SEQUENCE { noticeRef OPTIONAL, explicitText OPTIONAL }`
fn user_notice(notice: &Element<'_>) -> Found {
    let mut reader = der::only(notice.raw, tag::SEQUENCE)?.reader();
    reader.optional(tag::SEQUENCE)?;
    if reader.is_empty() {
        return Ok(None);
    }
    let text = reader.any()?;
    reader.end()?;
    let characters = match text.tag {
        tag::UTF8_STRING => std::str::from_utf8(text.value)
            .ok()
            .map(|t| t.chars().count()),
        tag::IA5_STRING => text.value.is_ascii().then_some(text.value.len()),
        _ => {
            let found = "the text of a notice that is neither UTF8String nor IA5String";
            return Ok(Some(found));
        }
    };
    Ok(match characters {
        None => Some("the text of a notice with characters that its string does not have"),
        Some(0) => Some("an empty text of a notice"),
        Some(1..=DISPLAY_TEXT) => None,
        Some(_) => Some("the text of a notice with more than 200 characters"),
    })
}

/// Neither from nor to anyPolicy.
fn policy_mappings(value: &[u8]) -> Found {
    for mapping in elements(value)? {
        let mut reader = mapping.reader();
        let pair = [reader.element(tag::OID)?, reader.element(tag::OID)?];
        reader.end()?;
        if pair.iter().any(|policy| policy.value == ANY_POLICY) {
            return Ok(Some("a mapping from or to anyPolicy"));
        }
    }
    list(value)
}

/// One of the two at least, each a number of certificates.
fn policy_constraints(value: &[u8]) -> Found {
    let mut reader = der::only(value, tag::SEQUENCE)?.reader();
    for n in [0, 1] {
        let skip = reader.optional(tag::context_primitive(n))?;
        if skip.is_some_and(|skip| !is_count(skip.value)) {
            return Ok(Some("no number of certificates"));
        }
    }
    reader.end()?;
    list(value)
}

fn inhibit_any_policy(value: &[u8]) -> Found {
    let skip = der::only(value, tag::INTEGER)?;
    Ok((!is_count(skip.value)).then_some("no number of certificates"))
}

fn is_count(octets: &[u8]) -> bool {
    matches!(octets, [0..=0x7f, ..]) && der::is_minimal(octets)
}

/// `AccessDescription ::= SEQUENCE { accessMethod, accessLocation }`
fn access(value: &[u8]) -> Found {
    for description in elements(value)? {
        let mut reader = description.reader();
        reader.element(tag::OID)?;
        reader.any()?;
        reader.end()?;
    }
    list(value)
}

/// `Features ::= SEQUENCE OF INTEGER`
fn tls_features(value: &[u8]) -> Found {
    let features = elements(value)?;
    let numbers = features.iter().all(|f| f.tag == tag::INTEGER);
    Ok((!numbers).then_some("a feature that is no INTEGER"))
}

/// `SignedCertificateTimestampList` of TLS in an OCTET STRING: lists and their
/// entries with two octets of length each, nothing empty and nothing left.
fn timestamps(value: &[u8]) -> Found {
    let octets = der::only(value, tag::OCTET_STRING)?.value;
    let broken = Ok(Some("no list of timestamps"));
    let Some((mut list, [])) = opaque(octets) else {
        return broken;
    };
    if list.is_empty() {
        return Ok(Some("empty"));
    }
    while !list.is_empty() {
        match opaque(list) {
            Some(([_, ..], rest)) => list = rest,
            _ => return broken,
        }
    }
    Ok(None)
}

/// `opaque<0..2^16-1>` (RFC 8446 3.4) and what follows it.
fn opaque(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = octets.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cert::tests::make::{leaf, party};

    fn policy(id: &[u8], qualifiers: &[Vec<u8>]) -> Vec<u8> {
        let list = if qualifiers.is_empty() {
            Vec::new()
        } else {
            der::sequence(qualifiers)
        };
        der::sequence([der::encode(tag::OID, id), list])
    }

    fn qualifier(id: &[u8], value: Vec<u8>) -> Vec<u8> {
        der::sequence([der::encode(tag::OID, id), value])
    }

    fn notice(tag: u8, text: &[u8]) -> Vec<u8> {
        let text = der::sequence([der::encode(tag, text)]);
        der::sequence([policy(&[0x2a, 3], &[qualifier(USER_NOTICE, text)])])
    }

    fn sct(list: &[u8]) -> Vec<u8> {
        der::encode(tag::OCTET_STRING, list)
    }

    /// An extension, its value, and whether that is right.
    type Judged = (&'static str, Vec<u8>, bool);

    #[track_caller]
    fn judge(rows: Vec<Judged>) {
        let root = party("CN=Root");
        for (i, (id, value, right)) in rows.into_iter().enumerate() {
            let cert = leaf(&party("CN=host"), &root, |b| b.set(id, false, value));
            let mut found = Vec::new();
            flaws(&cert, &mut found);
            let expected = (!right).then_some("extension-content");
            let check = found.first().map(|f| f.check);
            assert_eq!(check, expected, "row {i}: {found:?}");
        }
    }

    fn after(mut value: Vec<u8>) -> Vec<u8> {
        value.push(0);
        value
    }

    #[test]
    fn each_extension() {
        let points = "2.5.29.31";
        let list_of_timestamps = "1.3.6.1.4.1.11129.2.4.2";
        let null = || vec![tag::NULL, 0];
        judge(vec![
            // Any extension is one value in DER.
            ("1.2.3", null(), true),
            ("1.2.3", after(null()), false),
            ("1.2.3", vec![], false),
            ("1.2.3", vec![0x30, 1], false),
            ("1.2.3", vec![0x1f, 0x81, 1, 0], true),
            ("1.3.6.1.5.5.7.1.1", vec![0x30, 0], false),
            ("1.3.6.1.5.5.7.1.1", vec![0x30, 2, 0x30, 0], false),
            ("2.5.29.18", vec![0x30, 0], false),
            ("2.5.29.9", vec![0x30, 0], false),
            // Points.
            (points, vec![0x30, 0], false),
            (points, vec![0x30, 6, 0x30, 4, 0x81, 2, 7, 0x80], false),
            (points, vec![0x30, 4, 0x30, 2, 0xa0, 0], true),
            (points, vec![0x30, 6, 0x30, 4, 0xa0, 0, 0xa3, 0], false),
            ("2.5.29.46", vec![0x30, 2, 0x30, 0], false),
            ("2.5.29.54", vec![2, 1, 0], true),
            ("2.5.29.54", vec![2, 1, 0x80], false),
            ("1.3.6.1.5.5.7.1.24", vec![0x30, 3, 2, 1, 5], true),
            ("1.3.6.1.5.5.7.1.24", vec![0x30, 3, 4, 1, 5], false),
            // Timestamps.
            (list_of_timestamps, sct(&[0, 3, 0, 1, 9]), true),
            (list_of_timestamps, sct(&[0, 6, 0, 1, 9, 0, 1, 8]), true),
            (list_of_timestamps, sct(&[0, 3, 0, 1, 9, 0]), false),
            (list_of_timestamps, after(sct(&[0, 3, 0, 1, 9])), false),
            (list_of_timestamps, sct(&[0, 4, 0, 1, 9, 0]), false),
            (list_of_timestamps, sct(&[0, 2, 0, 0]), false),
            (list_of_timestamps, sct(&[0, 0]), false),
            (list_of_timestamps, sct(&[9]), false),
            (list_of_timestamps, vec![0x30, 0], false),
        ]);
    }

    #[test]
    fn policies() {
        let policies = "2.5.29.32";
        let odd = &[0x2b, 1][..];
        let plain = &[0x2a, 3][..];
        let null = || vec![tag::NULL, 0];
        let oid_of = |id: &[u8]| der::encode(tag::OID, id);
        let mapping =
            |from: &[u8], to: &[u8]| der::sequence([der::sequence([oid_of(from), oid_of(to)])]);
        let cps = |tag, text: &[u8]| {
            der::sequence([policy(plain, &[qualifier(CPS, der::encode(tag, text))])])
        };
        judge(vec![
            // Policies.
            (policies, der::sequence([policy(plain, &[])]), true),
            (policies, after(der::sequence([policy(plain, &[])])), false),
            (policies, vec![0x30, 0], false),
            (policies, vec![0x30, 1, 0x30], false),
            (
                policies,
                der::sequence([policy(plain, &[]), policy(plain, &[])]),
                false,
            ),
            (
                policies,
                der::sequence([policy(plain, &[qualifier(odd, null())])]),
                true,
            ),
            (
                policies,
                der::sequence([policy(ANY_POLICY, &[qualifier(odd, null())])]),
                false,
            ),
            (
                policies,
                der::sequence([policy(
                    ANY_POLICY,
                    &[qualifier(CPS, der::encode(tag::IA5_STRING, b"x"))],
                )]),
                true,
            ),
            (policies, cps(tag::IA5_STRING, b"http://x"), true),
            (policies, cps(tag::UTF8_STRING, b"http://x"), false),
            (policies, cps(tag::IA5_STRING, b"\xff"), false),
            (policies, notice(tag::UTF8_STRING, "ü".as_bytes()), true),
            (policies, notice(tag::IA5_STRING, b"x"), true),
            (policies, notice(tag::IA5_STRING, b"\xff"), false),
            (policies, notice(tag::UTF8_STRING, b"\xff"), false),
            (policies, notice(tag::UTF8_STRING, &[b'x'; 200]), true),
            (policies, notice(tag::UTF8_STRING, &[b'x'; 201]), false),
            (policies, notice(tag::UTF8_STRING, b""), false),
            (policies, notice(tag::BMP_STRING, b"\0x"), false),
            (policies, notice(0x1a, b"x"), false),
            ("2.5.29.33", mapping(plain, odd), true),
            ("2.5.29.33", mapping(plain, ANY_POLICY), false),
            ("2.5.29.33", mapping(ANY_POLICY, odd), false),
            ("2.5.29.33", vec![0x30, 0], false),
            ("2.5.29.36", vec![0x30, 3, 0x80, 1, 0], true),
            ("2.5.29.36", vec![0x30, 0], false),
            ("2.5.29.36", vec![0x30, 3, 0x80, 1, 0xff], false),
            ("2.5.29.36", vec![0x30, 4, 0x81, 2, 0, 1], false),
            ("2.5.29.36", vec![0x30, 3, 0x82, 1, 0], false),
        ]);
    }
}
