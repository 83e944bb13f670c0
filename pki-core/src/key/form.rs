//! What form a key file has, told without opening it.

use std::fmt;

use rustls_pki_types::PrivateKeyDer;

use crate::der::{self, tag};
use crate::pem::{self, Pem};

/// Text or octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Encoding {
    /// PEM (RFC 7468): at least one `BEGIN` line.
    Pem,
    /// DER, or BER: the first octet is that of a SEQUENCE.
    Der,
    /// Something else.
    Neither,
}

/// Which structure holds the key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyKind {
    /// PKCS#8 (RFC 5958), label `PRIVATE KEY`; cfssl's `Ed25519 PRIVATE KEY` too.
    Pkcs8,
    /// PKCS#1 (RFC 8017 A.1.2), label `RSA PRIVATE KEY`.
    Pkcs1,
    /// SEC1 (RFC 5915), label `EC PRIVATE KEY`.
    Sec1,
    /// Encrypted PKCS#8 (RFC 5958 3), label `ENCRYPTED PRIVATE KEY`.
    EncryptedPkcs8,
    /// Any PEM with the header `Proc-Type: 4,ENCRYPTED` (RFC 1421 4.6.1.1).
    LegacyEncrypted,
}

/// What follows the first key, counted as Go's `pem.Decode` gives `rest`: the
/// rest of the `END` line and one newline belong to the block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Trailing {
    /// How many octets.
    pub octets: usize,
    /// Whether they are white space only.
    pub blank: bool,
}

/// `additional data after the key (1 octet, white space)`: what Go calls it.
impl fmt::Display for Trailing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.octets == 1 { "" } else { "s" };
        let kind = if self.blank { ", white space" } else { "" };
        let octets = self.octets;
        write!(
            f,
            "additional data after the key ({octets} octet{plural}{kind})"
        )
    }
}

/// The form of a key file, enough to say which server reads it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyForm {
    /// Text or octets.
    pub encoding: Encoding,
    /// The structure of the first key; `None` where there is none.
    pub kind: Option<KeyKind>,
    /// The labels of all PEM blocks in order.
    pub labels: Vec<String>,
    /// Whether a block `EC PARAMETERS` stands there, as
    /// `openssl ecparam -genkey` writes it.
    pub ec_parameters: bool,
    /// What follows the first key; `None` for nothing, and where no key is.
    pub trailing: Option<Trailing>,
    /// Whether a byte order mark stands before it.
    pub marked: bool,
}

impl KeyForm {
    /// Whether a passphrase is needed to read it.
    pub fn encrypted(&self) -> bool {
        matches!(
            self.kind,
            Some(KeyKind::EncryptedPkcs8 | KeyKind::LegacyEncrypted)
        )
    }

    /// What is there beside one PEM block, if anything: MinIO, Sidekick and KES
    /// refuse a file with more, and Go one with a byte order mark.
    pub fn surplus(&self) -> Option<String> {
        let blocks = (self.labels.len() > 1).then(|| {
            let labels = self.labels.join(", ");
            format!("{} PEM blocks ({labels})", self.labels.len())
        });
        let trailing = self.trailing.map(|trailing| trailing.to_string());
        let marked = self.marked.then(|| pem::MARKED.to_owned());
        let parts: Vec<String> = marked.into_iter().chain(blocks).chain(trailing).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// Describes any file, a key or not. Needs no passphrase and never fails; the
/// key itself is not checked.
pub fn survey(bytes: &[u8]) -> KeyForm {
    survey_blocks(bytes, &pem::blocks(bytes))
}

pub(super) fn survey_blocks(bytes: &[u8], pem: &Pem) -> KeyForm {
    let labels: Vec<String> = pem.labels().map(str::to_owned).collect();
    let (encoding, kind, end) = if let Some(first) = pem.blocks.first() {
        let key = pem.blocks.iter().find(|block| is_key(block));
        let end = key.unwrap_or(first).range.end;
        (Encoding::Pem, key.and_then(kind_of), end)
    } else {
        match der::Reader::new(bytes).element(tag::SEQUENCE) {
            Ok(outer) => (Encoding::Der, content(outer.raw).key(), outer.raw.len()),
            Err(_) if bytes.first() == Some(&tag::SEQUENCE) => (Encoding::Der, None, 0),
            Err(_) => (Encoding::Neither, None, 0),
        }
    };
    let rest = bytes.get(end..).unwrap_or_default();
    let trailing = (kind.is_some() && !rest.is_empty()).then(|| Trailing {
        octets: rest.len(),
        blank: rest.trim_ascii().is_empty(),
    });
    KeyForm {
        encoding,
        kind,
        ec_parameters: labels.iter().any(|label| label == EC_PARAMETERS),
        labels,
        trailing,
        marked: pem::is_marked(bytes),
    }
}

/// The label of the block that `openssl ecparam` puts before a key.
pub(super) const EC_PARAMETERS: &str = "EC PARAMETERS";

/// Whether the label is that of a private key in a form that can be read, as Go
/// decides it (crypto/tls `X509KeyPair`), OpenSSH's own form apart.
pub(super) fn is_key(block: &pem::Block) -> bool {
    let label = block.label.as_str();
    label != "OPENSSH PRIVATE KEY" && (label == "PRIVATE KEY" || label.ends_with(" PRIVATE KEY"))
}

/// By the headers, then by the content, then by the label.
pub(super) fn kind_of(block: &pem::Block) -> Option<KeyKind> {
    let encrypted = block
        .header("Proc-Type")
        .is_some_and(|value| value.contains("ENCRYPTED"));
    if encrypted {
        return Some(KeyKind::LegacyEncrypted);
    }
    let inside = block.der.as_ref().ok().and_then(|der| content(der).key());
    inside.or(match block.label.as_str() {
        "PRIVATE KEY" | "Ed25519 PRIVATE KEY" => Some(KeyKind::Pkcs8),
        "RSA PRIVATE KEY" => Some(KeyKind::Pkcs1),
        "EC PRIVATE KEY" => Some(KeyKind::Sec1),
        "ENCRYPTED PRIVATE KEY" => Some(KeyKind::EncryptedPkcs8),
        _ => None,
    })
}

/// What a SEQUENCE is, judged by its first elements.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Content {
    Key(KeyKind),
    /// A certificate, a request or a revocation list.
    Signed,
    PublicKey,
    Pkcs12,
    Unknown,
}

impl Content {
    fn key(self) -> Option<KeyKind> {
        match self {
            Self::Key(kind) => Some(kind),
            _ => None,
        }
    }
}

pub(super) fn content(der: &[u8]) -> Content {
    let Ok(outer) = der::Reader::new(der).element(tag::SEQUENCE) else {
        return Content::Unknown;
    };
    let mut reader = outer.reader();
    let (Ok(first), second) = (reader.any(), reader.any()) else {
        return Content::Unknown;
    };
    let second = second.map_or(0, |element| element.tag);
    let third = reader.any().map_or(0, |element| element.tag);
    match (first.tag, first.value, second, third) {
        (tag::INTEGER, [3], tag::SEQUENCE, _) => Content::Pkcs12,
        (tag::SEQUENCE, _, tag::OCTET_STRING, 0) => Content::Key(KeyKind::EncryptedPkcs8),
        (tag::SEQUENCE, _, tag::SEQUENCE, tag::BIT_STRING) => Content::Signed,
        (tag::SEQUENCE, _, tag::BIT_STRING, 0) | (tag::INTEGER, _, tag::INTEGER, 0) => {
            Content::PublicKey
        }
        // Three elements or more: one of the plain forms of a private key.
        (tag::INTEGER, [0 | 1], _, third) if third != 0 || second == tag::OCTET_STRING => {
            match PrivateKeyDer::try_from(der) {
                Ok(PrivateKeyDer::Pkcs8(_)) => Content::Key(KeyKind::Pkcs8),
                Ok(PrivateKeyDer::Pkcs1(_)) => Content::Key(KeyKind::Pkcs1),
                Ok(PrivateKeyDer::Sec1(_)) => Content::Key(KeyKind::Sec1),
                _ => Content::Unknown,
            }
        }
        _ => Content::Unknown,
    }
}
