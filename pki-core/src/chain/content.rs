//! Parts of a certificate that path validation never looks into, held to RFC
//! 5280 section 4: unique identifiers, the key's parameters, extensions that
//! are not processed.

use std::collections::BTreeSet;

use super::check;
use crate::cert::{Certificate, Fault as Flaw};
use crate::der::{self, DerError, Element, Reader, tag};
use crate::key::PublicKey;

/// Extensions that are a SEQUENCE of at least one element.
const LISTS: [&str; 9] = [
    "2.5.29.9",
    "2.5.29.18",
    DISTRIBUTION_POINTS,
    CERTIFICATE_POLICIES,
    "2.5.29.33",
    "2.5.29.36",
    "2.5.29.46",
    "1.3.6.1.5.5.7.1.1",
    "1.3.6.1.5.5.7.1.11",
];
const DISTRIBUTION_POINTS: &str = "2.5.29.31";
const CERTIFICATE_POLICIES: &str = "2.5.29.32";

/// The tag of a `VisibleString`, X.680 41.
const VISIBLE_STRING: u8 = 0x1a;

/// Content octets of rsaEncryption, 1.2.840.113549.1.1.1.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

pub(super) fn flaws(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    if !minimal(cert.serial().octets()) {
        let found = "serial number with needless leading octets";
        flaws.push(check::NOT_DER.fails().found(found));
    }
    if let Some(found) = unique_ids(cert) {
        flaws.push(check::UNIQUE_ID.fails().found(found));
    }
    if rsa_without_null(cert.public_key()) {
        flaws.push(
            check::KEY_PARAMETERS
                .fails()
                .found("parameters that are not NULL")
                .expected("NULL beside rsaEncryption"),
        );
    }
    for extension in cert.extensions() {
        let oid = extension.oid.as_str();
        if !LISTS.contains(&oid) {
            continue;
        }
        let read = match oid {
            DISTRIBUTION_POINTS => distribution_points(&extension.value),
            CERTIFICATE_POLICIES => certificate_policies(&extension.value),
            _ => elements(&extension.value).map(|_| None),
        };
        let found = match read {
            Ok(found) => found.map(str::to_owned),
            Err(error) => Some(error.to_string()),
        };
        let empty = extension.value == [tag::SEQUENCE, 0];
        if let Some(found) = empty.then(|| "empty".to_owned()).or(found) {
            let found = format!("{}: {found}", extension.name());
            flaws.push(check::EXTENSION_CONTENT.fails().found(found));
        }
    }
}

/// X.690 8.3.2: the first nine bits are not all alike.
fn minimal(integer: &[u8]) -> bool {
    match integer {
        [0, second, ..] => *second >= 0x80,
        [0xff, second, ..] => *second < 0x80,
        _ => true,
    }
}

/// issuerUniqueID and subjectUniqueID (4.1.2.8).
fn unique_ids(cert: &Certificate) -> Option<&'static str> {
    let mut reader = der::only(cert.tbs(), tag::SEQUENCE).ok()?.reader();
    while let Ok(element) = reader.any() {
        if ![1, 2].map(tag::context_primitive).contains(&element.tag) {
            continue;
        }
        if cert.version() == 1 {
            return Some("a unique identifier in version 1");
        }
        let [unused, octets @ ..] = element.value else {
            return Some("a unique identifier that is no BIT STRING");
        };
        let spare = octets.last().copied().unwrap_or(0).trailing_zeros();
        if *unused > 7 || u32::from(*unused) > spare || (octets.is_empty() && *unused > 0) {
            return Some("unused bits of a unique identifier that are not zero");
        }
    }
    None
}

/// RFC 3279 2.3.1: the parameters of rsaEncryption are NULL.
fn rsa_without_null(key: &PublicKey) -> bool {
    let parts = || -> Result<bool, DerError> {
        let mut reader = der::only(key.algorithm_identifier(), tag::SEQUENCE)?.reader();
        let oid = reader.element(tag::OID)?;
        Ok(oid.value == RSA && reader.rest() != [tag::NULL, 0])
    };
    parts().unwrap_or(false)
}

fn elements(value: &[u8]) -> Result<Vec<Element<'_>>, DerError> {
    let mut reader: Reader<'_> = der::only(value, tag::SEQUENCE)?.reader();
    let mut elements = Vec::new();
    while !reader.is_empty() {
        elements.push(reader.any()?);
    }
    Ok(elements)
}

/// 4.2.1.13: a point has a name or an issuer, not reasons alone.
fn distribution_points(value: &[u8]) -> Result<Option<&'static str>, DerError> {
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
    Ok(None)
}

/// 4.2.1.4: each policy once; the text of a notice is no BMPString and no
/// `VisibleString`.
fn certificate_policies(value: &[u8]) -> Result<Option<&'static str>, DerError> {
    let mut seen = BTreeSet::new();
    for policy in elements(value)? {
        let mut reader = policy.reader();
        if !seen.insert(reader.element(tag::OID)?.value) {
            return Ok(Some("a policy twice"));
        }
        let Some(qualifiers) = reader.optional(tag::SEQUENCE)? else {
            continue;
        };
        for qualifier in elements(qualifiers.raw)? {
            let mut reader = qualifier.reader();
            reader.element(tag::OID)?;
            // A UserNotice; a CPS pointer is a string and ends here.
            let Some(notice) = reader.optional(tag::SEQUENCE)? else {
                continue;
            };
            let texts = elements(notice.raw)?;
            let tags = [tag::BMP_STRING, VISIBLE_STRING];
            if texts.iter().any(|text| tags.contains(&text.tag)) {
                return Ok(Some("the text of a notice as BMPString or VisibleString"));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cert::tests::make::{Body, leaf, party};

    type Row = (fn(&mut Body), Option<&'static str>);

    const AIA: &str = "1.3.6.1.5.5.7.1.1";

    const ROWS: [Row; 11] = [
        (|_| (), None),
        (|b| b.serial = vec![0, 1], Some("not-der")),
        (|b| b.serial = vec![0, 0x80], None),
        (|b| b.extra = vec![0x82, 2, 7, 0x80], None),
        (
            |b| b.extra = vec![0x82, 2, 7, 0x81],
            Some("unique-identifier"),
        ),
        (
            |b| {
                b.version = 0;
                b.extensions.clear();
                b.extra = vec![0x81, 2, 0, 1];
            },
            Some("unique-identifier"),
        ),
        (
            |b| b.set(AIA, false, vec![0x30, 0]),
            Some("extension-content"),
        ),
        (
            |b| {
                b.set(
                    DISTRIBUTION_POINTS,
                    false,
                    vec![0x30, 6, 0x30, 4, 0x81, 2, 7, 0x80],
                );
            },
            Some("extension-content"),
        ),
        (
            |b| {
                let policy = [0x30, 4, 6, 2, 0x2a, 3];
                b.set(CERTIFICATE_POLICIES, false, der::sequence([policy, policy]));
            },
            Some("extension-content"),
        ),
        (
            |b| {
                b.set(
                    CERTIFICATE_POLICIES,
                    false,
                    vec![0x30, 6, 0x30, 4, 6, 2, 0x2a, 3],
                );
            },
            None,
        ),
        (
            |b| b.set(CERTIFICATE_POLICIES, false, vec![0x30, 1, 0x30]),
            Some("extension-content"),
        ),
    ];

    #[test]
    fn contents() {
        let root = party("CN=Root");
        for (i, (tweak, expected)) in ROWS.into_iter().enumerate() {
            let cert = leaf(&party("CN=host"), &root, tweak);
            let mut found = Vec::new();
            flaws(&cert, &mut found);
            assert_eq!(found.first().map(|f| f.check), expected, "row {i}");
        }
    }
}
