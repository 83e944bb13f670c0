//! What octets look like that nobody here can read. Nothing of the content is
//! said: it may be a secret.

use super::{Form, Unknown};
use crate::der::{self, DerError, tag};

/// What writes a file that nobody else reads, for it may be a key: begin and end.
pub(super) const GUARDED: (&str, &str) = ("(umask 077; ", ")");

/// The first octets of files that are met where certificates are kept.
const MAGIC: [(&[u8], &str, &str); 6] = [
    (
        &[0xfe, 0xed, 0xfe, 0xed],
        "a Java key store (JKS)",
        "keytool -importkeystore -srckeystore OLD -destkeystore NEW.p12 -deststoretype pkcs12",
    ),
    (
        &[0xce, 0xce, 0xce, 0xce],
        "a Java key store (JCEKS)",
        "keytool -importkeystore -srckeystore OLD -srcstoretype jceks -destkeystore NEW.p12 -deststoretype pkcs12",
    ),
    (
        &[0xff, 0xfe],
        "text in UTF-16",
        "(umask 077; iconv -f UTF-16 -t UTF-8 OLD >NEW)",
    ),
    (
        &[0xfe, 0xff],
        "text in UTF-16",
        "(umask 077; iconv -f UTF-16 -t UTF-8 OLD >NEW)",
    ),
    (
        &[0x1f, 0x8b],
        "a gzip archive",
        "(umask 077; gunzip -c FILE >NEW)",
    ),
    (b"PK\x03\x04", "a zip archive", "unzip FILE"),
];

/// The type, as keytool calls it, of a Java key store that is no PKCS#12.
pub(super) fn java_store(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xfe, 0xed, 0xfe, 0xed, ..] => Some("jks"),
        [0xce, 0xce, 0xce, 0xce, ..] => Some("jceks"),
        _ => None,
    }
}

/// A file that is neither PEM nor begins as DER does.
pub(super) fn like(bytes: &[u8]) -> (Form, Unknown) {
    if bytes.trim_ascii().is_empty() {
        let what = if bytes.is_empty() {
            "an empty file"
        } else {
            "nothing but white space"
        };
        return (Form::Empty, unknown(what, None));
    }
    if let Some((_, what, hint)) = MAGIC.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return (Form::Binary, unknown(*what, Some(hint)));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        let what = format!("{} octets that are no text", bytes.len());
        return (Form::Binary, unknown(what, None));
    };
    if text.contains('\0') {
        let what = format!("{} octets that are no text", bytes.len());
        return (Form::Binary, unknown(what, None));
    }
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let known = if text.starts_with("LS0tLS1CRUdJTi") {
        Some((
            "PEM in another layer of base64, as in a Kubernetes secret",
            Some("(umask 077; base64 -d OLD >NEW)"),
        ))
    } else if ["MII", "MIG"].iter().any(|begin| text.starts_with(begin))
        && text.lines().next().is_some_and(is_base64)
    {
        Some((
            "base64 without its BEGIN and END lines",
            Some("(umask 077; base64 -d OLD >NEW.der)"),
        ))
    } else if ["ssh-", "ecdsa-sha2-"]
        .iter()
        .any(|word| text.starts_with(word))
    {
        Some(("a public key of OpenSSH", Some(SSH_PUBLIC)))
    } else if ["kes:v1:", "k1:", "k2:", "h1:"]
        .iter()
        .any(|word| text.starts_with(word))
    {
        Some(("an API key or identity of KES or MinKMS", None))
    } else {
        None
    };
    let unknown = if let Some((what, hint)) = known {
        unknown(what, hint)
    } else {
        let lines = text.lines().count();
        let plural = if lines == 1 { "" } else { "s" };
        unknown(
            format!("text of {lines} line{plural}, without a PEM block"),
            None,
        )
    };
    (Form::Text, unknown)
}

fn is_base64(line: &str) -> bool {
    line.trim_end()
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

/// A PEM block of a label that is not read.
pub(super) fn label(label: &str, what: String) -> Unknown {
    let (more, hint) = match label {
        "PKCS7" | "CMS" => ("a PKCS#7 bundle", PKCS7_PEM),
        "RSA PUBLIC KEY" => ("a public key in PKCS#1 form", PKCS1_PUBLIC),
        _ => return unknown(what, None),
    };
    unknown(format!("{what}: {more}"), Some(hint))
}

/// What makes PKCS#8 of a public key of OpenSSH.
pub(super) const SSH_PUBLIC: &str = "ssh-keygen -e -m PKCS8 -f OLD >NEW";
/// The same of one in PKCS#1.
pub(super) const PKCS1_PUBLIC: &str = "openssl rsa -RSAPublicKey_in -pubout -in OLD -out NEW";
/// What gets the certificates out of a PKCS#7 bundle; no key is ever in one.
pub(super) const PKCS7_PEM: &str = "openssl pkcs7 -print_certs -in OLD -out NEW.pem";
/// The same of one in DER.
pub(super) const PKCS7: &str = "openssl pkcs7 -inform DER -print_certs -in OLD -out NEW.pem";

/// What a SEQUENCE is, told by its first elements.
pub(super) enum Shape {
    Certificate,
    Request,
    PublicKey,
    Crl,
    Pkcs12,
    /// A private key may still be among these.
    Other(Unknown),
}

/// Tells by the elements that RFC 5280 4.1 and 5.1, RFC 2986 4, RFC 7292 4 and
/// RFC 5652 3 put first.
pub(super) fn der(bytes: &[u8]) -> Shape {
    match shape(bytes) {
        Ok(shape) => shape,
        Err(why) => Shape::Other(Unknown {
            what: format!("{} octets that begin as DER", bytes.len()),
            why: Some(why.to_string()),
            hint: None,
        }),
    }
}

fn shape(bytes: &[u8]) -> Result<Shape, DerError> {
    let outer = der::Reader::new(bytes).element(tag::SEQUENCE)?;
    let mut reader = outer.reader();
    let first = reader.any()?;
    let second = reader.peek();
    Ok(match (first.tag, first.value, second) {
        (tag::SEQUENCE, _, Some(tag::BIT_STRING)) => Shape::PublicKey,
        (tag::SEQUENCE, body, Some(tag::SEQUENCE)) => signed(body)?,
        (tag::INTEGER, [3], Some(tag::SEQUENCE)) => Shape::Pkcs12,
        (tag::OID, ..) => Shape::Other(unknown("a PKCS#7 bundle or another CMS file", Some(PKCS7))),
        _ => Shape::Other(unknown("DER of another kind", None)),
    })
}

/// A certificate, a request or a revocation list, by what is signed.
fn signed(body: &[u8]) -> Result<Shape, DerError> {
    let mut reader = der::Reader::new(body);
    let mut tags = Vec::new();
    while tags.len() < 4 && !reader.is_empty() {
        tags.push(reader.any()?.tag);
    }
    Ok(match tags.as_slice() {
        // The attributes are `[0]`; some leave them out.
        [tag::INTEGER, tag::SEQUENCE, tag::SEQUENCE]
        | [tag::INTEGER, tag::SEQUENCE, tag::SEQUENCE, 0xa0] => Shape::Request,
        [
            tag::INTEGER,
            tag::SEQUENCE,
            tag::SEQUENCE,
            tag::UTC_TIME | tag::GENERALIZED_TIME,
        ]
        | [
            tag::SEQUENCE,
            tag::SEQUENCE,
            tag::UTC_TIME | tag::GENERALIZED_TIME,
            ..,
        ] => Shape::Crl,
        _ => Shape::Certificate,
    })
}

fn unknown(what: impl Into<String>, hint: Option<&str>) -> Unknown {
    Unknown {
        what: what.into(),
        why: None,
        hint: hint.map(str::to_owned),
    }
}
