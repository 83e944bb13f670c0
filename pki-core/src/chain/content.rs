//! Parts of a certificate that path validation never looks into, held to RFC
//! 5280 section 4: that it is DER, unique identifiers, the key, the characters of
//! the subject.

use super::check;
use super::extensions;
use crate::cert::{Certificate, Fault as Flaw, oid};
use crate::der::{self, DerError, tag};
use crate::model::dn::{Attribute, Rdn};

pub(super) fn flaws(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    if let Some(found) = not_der(cert) {
        flaws.push(check::NOT_DER.fails().found(found));
    }
    if writes_version_one(cert.tbs()) {
        let found = "version 1 is written out, which DER leaves away";
        flaws.push(check::VERSION_WRITTEN_OUT.fails().found(found));
    }
    if let Some(found) = unique_ids(cert) {
        flaws.push(check::UNIQUE_ID.fails().found(found));
    }
    let key = cert.public_key();
    if let Some(found) = key.odd_parameters() {
        flaws.push(check::KEY_PARAMETERS.fails().found(found));
    }
    if let Some(found) = key.unsound() {
        let found = format!("{} key: {found}", key.describe());
        flaws.push(check::KEY_MALFORMED.fails().found(found));
    }
    // The issuer's name is what the issuer is called, its own certificate's matter.
    let mut attributes = cert.subject().rdns().iter().flat_map(Rdn::attributes);
    if let Some(found) = attributes.find_map(Attribute::oddity) {
        flaws.push(check::NAME_ENCODING.fails().found(found));
    }
    extensions::flaws(cert, flaws);
}

/// The first thing that DER would write otherwise.
fn not_der(cert: &Certificate) -> Option<String> {
    let inside = cert.extensions().iter().filter_map(|extension| {
        // What cannot be read at all is told as content.
        let value = der::Reader::new(&extension.value).any().ok()?;
        let found = der::not_strict(value.raw)?;
        Some(format!("{}: {found}", extension.name()))
    });
    der::not_strict(cert.der())
        .or_else(|| match odd_extensions(cert.tbs()) {
            Ok(found) => found.map(Into::into),
            Err(error) => Some(format!("extensions: {error}")),
        })
        .or_else(|| bits_at_the_end(cert).map(Into::into))
        .or_else(|| inside.into_iter().next())
}

/// The list of extensions: not empty, nothing after a value, and no critical that
/// is the DEFAULT and stands there all the same (X.690 11.5).
fn odd_extensions(tbs: &[u8]) -> Result<Option<&'static str>, DerError> {
    let mut reader = der::only(tbs, tag::SEQUENCE)?.reader();
    let mut end = None;
    while !reader.is_empty() {
        end = Some(reader.any()?);
    }
    let Some(wrapped) = end.filter(|e| e.tag == tag::context(3)) else {
        return Ok(None);
    };
    let mut list = der::only(wrapped.value, tag::SEQUENCE)?.reader();
    if list.is_empty() {
        return Ok(Some("an empty list of extensions"));
    }
    while !list.is_empty() {
        let mut extension = list.element(tag::SEQUENCE)?.reader();
        extension.element(tag::OID)?;
        let critical = extension.optional(tag::BOOLEAN)?;
        extension.element(tag::OCTET_STRING)?;
        extension.end()?;
        if critical.is_some_and(|critical| critical.value == [0]) {
            return Ok(Some("critical FALSE is written out, which DER leaves away"));
        }
    }
    Ok(None)
}

/// A DEFAULT that is written out, too: the version, which old certificates have often enough.
fn writes_version_one(tbs: &[u8]) -> bool {
    let tbs = der::only(tbs, tag::SEQUENCE).map(|e| e.reader());
    let version = tbs.and_then(|mut reader| reader.optional(tag::context(0)));
    version.is_ok_and(|v| v.is_some_and(|v| v.value == [tag::INTEGER, 1, 0]))
}

/// X.690 11.2.2: a list of named bits ends with a bit that is set.
fn bits_at_the_end(cert: &Certificate) -> Option<&'static str> {
    let mut extensions = cert.extensions().iter();
    let usage = extensions.find(|e| e.oid == oid::KEY_USAGE)?;
    let bits = der::only(&usage.value, tag::BIT_STRING).ok()?.value;
    let shortest = match bits {
        [unused, .., last] => u32::from(*unused) == last.trailing_zeros(),
        _ => true,
    };
    (!shortest).then_some("KeyUsage with bits at its end that are not set")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cert::tests::make::{Body, key_usage, leaf, party};
    use crate::model::dn::Dn;

    type Row = (fn(&mut Body), Option<&'static str>);

    /// `subject` as one attribute: the OID's last octet under 2.5.4, tag, value.
    fn named(body: &mut Body, kind: u8, tag: u8, value: &[u8]) {
        let pair = der::sequence([vec![6, 3, 0x55, 4, kind], der::encode(tag, value)]);
        body.subject = Some(der::sequence([der::set_of(vec![pair])]));
    }

    fn keyed(body: &mut Body, algorithm: &[&[u8]], bits: &[u8]) {
        let algorithm = der::sequence(algorithm);
        body.key = Some(der::sequence([algorithm, der::bit_string(bits)]));
    }

    const RSA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    const EC: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

    const ROWS: [Row; 26] = [
        (|_| (), None),
        (|b| b.serial = vec![0, 1], Some("not-der")),
        (|b| b.serial = vec![0xff, 0x80], Some("not-der")),
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
        (|b| b.write_false = true, Some("not-der")),
        (|b| b.after_each = vec![5, 0], Some("not-der")),
        (
            |b| {
                b.extensions.clear();
                b.extra = vec![0xa3, 2, 0x30, 0];
            },
            Some("not-der"),
        ),
        (
            |b| {
                b.version = 0;
                b.write_version = true;
            },
            Some("version-written-out"),
        ),
        (
            |b| b.set(oid::KEY_USAGE, true, key_usage(&[0, 0x80])),
            Some("not-der"),
        ),
        (
            |b| b.set(oid::KEY_USAGE, true, key_usage(&[7, 0x80, 0])),
            Some("not-der"),
        ),
        (|b| b.set(oid::KEY_USAGE, true, key_usage(&[7, 0x80])), None),
        // A BOOLEAN and a length inside of an extension.
        (
            |b| b.set("1.2.3", false, vec![0x30, 3, 1, 1, 1]),
            Some("not-der"),
        ),
        (
            |b| b.set("1.2.3", false, vec![0x30, 4, 0x04, 0x81, 1, 0]),
            Some("not-der"),
        ),
        (
            |b| {
                let [a, z] = [b"a", b"z"].map(|text| {
                    let text = der::encode(tag::UTF8_STRING, text);
                    der::sequence([vec![6, 3, 0x55, 4, 3], text])
                });
                let set = der::encode(tag::SET, &der::join([z, a]));
                b.subject = Some(der::sequence([set]));
            },
            Some("not-der"),
        ),
        (
            |b| named(b, 3, tag::PRINTABLE_STRING, b"a*b"),
            Some("name-encoding"),
        ),
        (|b| named(b, 3, tag::PRINTABLE_STRING, b"a b"), None),
        (
            |b| named(b, 6, tag::UTF8_STRING, b"DE"),
            Some("name-encoding"),
        ),
        (
            |b| named(b, 3, tag::UTF8_STRING, &[b'x'; 65]),
            Some("name-encoding"),
        ),
        (|b| b.subject = Some(Dn::empty().raw().to_vec()), None),
        (
            |b| keyed(b, &[RSA], &[0x30, 6, 2, 1, 0x51, 2, 1, 3]),
            Some("key-parameters"),
        ),
        (
            |b| keyed(b, &[RSA, &[5, 0]], &[0x30, 6, 2, 1, 0xd1, 2, 1, 3]),
            Some("key-malformed"),
        ),
        (
            |b| keyed(b, &[EC, P256], &[&[4][..], &[1; 64]].concat()),
            Some("key-malformed"),
        ),
        (|b| keyed(b, &[EC], &[4]), Some("key-parameters")),
    ];

    #[test]
    fn contents() {
        let root = party("CN=Root");
        for (i, (tweak, expected)) in ROWS.into_iter().enumerate() {
            let cert = leaf(&party("CN=host"), &root, tweak);
            let mut found = Vec::new();
            flaws(&cert, &mut found);
            assert_eq!(
                found.first().map(|f| f.check),
                expected,
                "row {i}: {found:?}"
            );
        }
    }
}
