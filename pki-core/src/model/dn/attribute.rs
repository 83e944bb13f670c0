//! Attributes of a name: their types, how a new value is encoded, how one reads.

use std::fmt;

use super::DnError;
use super::types::{self, ANY, Syntax};
use crate::der::{self, tag};

/// `VisibleString`, the one string tag that only ever occurs here.
pub(super) const VISIBLE_STRING: u8 = 0x1a;

/// One attribute: a type and a DER value of any tag.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Attribute {
    kind: Vec<u8>,
    tag: u8,
    value: Vec<u8>,
}

impl Attribute {
    /// `kind` are the content octets of an OBJECT IDENTIFIER, not judged.
    pub(super) fn new(kind: &[u8], tag: u8, value: &[u8]) -> Self {
        Self {
            kind: kind.to_vec(),
            tag,
            value: value.to_vec(),
        }
    }

    /// A new value of the type `word`: a keyword or a dotted number.
    pub(super) fn issue(word: &str, text: &str) -> Result<Self, DnError> {
        let kind = types::octets_of(word)?;
        let row = types::row_of(&kind);
        let name = || row.map_or_else(|| word.to_owned(), |row| row.short.to_owned());
        let syntax = row.map_or(Syntax::Utf8(ANY), |row| row.syntax);
        if text.is_empty() {
            return Err(DnError::Empty { kind: name() });
        }
        if let Some(character) = text.chars().find(|c| c.is_control()) {
            return Err(DnError::Control {
                kind: name(),
                character,
            });
        }
        let refuse = |string: &'static str, allowed: fn(char) -> bool| {
            let character = text.chars().find(|&c| !allowed(c));
            character.map_or(Ok(()), |character| {
                Err(DnError::Character {
                    kind: name(),
                    character,
                    string,
                })
            })
        };
        let (tag, max) = match syntax {
            Syntax::Utf8(max) => (tag::UTF8_STRING, max),
            Syntax::Printable(max) => {
                refuse("PrintableString", is_printable)?;
                (tag::PRINTABLE_STRING, max)
            }
            Syntax::Ia5(max) => {
                refuse("IA5String", |c| c.is_ascii())?;
                (tag::IA5_STRING, max)
            }
            Syntax::Country => {
                if text.len() != 2 || !text.bytes().all(|b| b.is_ascii_alphabetic()) {
                    return Err(DnError::Country {
                        kind: name(),
                        value: text.to_owned(),
                    });
                }
                (tag::PRINTABLE_STRING, 2)
            }
        };
        let found = text.chars().count();
        if found > max {
            return Err(DnError::TooLong {
                kind: name(),
                max,
                found,
            });
        }
        Ok(Self {
            kind,
            tag,
            value: text.as_bytes().to_vec(),
        })
    }

    /// The type as dotted numbers; `None` where it is malformed or a number
    /// does not fit the reader of `der`.
    pub fn oid(&self) -> Option<String> {
        der::oid_text(&self.kind)
    }

    /// The type as OpenSSL's short name; `None` where it has none.
    pub fn keyword(&self) -> Option<&'static str> {
        types::row_of(&self.kind).map(|row| row.short)
    }

    /// Tag of the value.
    pub fn tag(&self) -> u8 {
        self.tag
    }

    /// Content octets of the value.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// The value as text; `None` where it is no string, or a malformed one.
    ///
    /// T61String is read as Latin-1, as OpenSSL and most others do.
    pub fn text(&self) -> Option<String> {
        let value = &self.value[..];
        match self.tag {
            tag::UTF8_STRING => String::from_utf8(value.to_vec()).ok(),
            tag::NUMERIC_STRING
            | tag::PRINTABLE_STRING
            | tag::T61_STRING
            | tag::IA5_STRING
            | VISIBLE_STRING => Some(value.iter().copied().map(char::from).collect()),
            tag::BMP_STRING => wide(value, 2),
            tag::UNIVERSAL_STRING => wide(value, 4),
            _ => None,
        }
    }

    /// Whether comparing may look into the value: the types of string that
    /// OpenSSL 3.0 brings to its canonical form (`ASN1_MASK_CANON`).
    pub(super) fn is_comparable_text(&self) -> bool {
        self.tag != tag::NUMERIC_STRING
    }

    pub(super) fn kind(&self) -> &[u8] {
        &self.kind
    }

    pub(super) fn to_der(&self) -> Vec<u8> {
        der::sequence([
            der::encode(tag::OID, &self.kind),
            der::encode(self.tag, &self.value),
        ])
    }
}

/// `TYPE=value` as in `openssl … -nameopt RFC2253` (OpenSSL 3.0): a value of an
/// unknown type, or that is no well-formed string, is `#` and its DER in hex.
impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keyword = self.keyword();
        match (keyword, self.oid()) {
            (Some(word), _) => f.write_str(word)?,
            (None, Some(oid)) => f.write_str(&oid)?,
            (None, None) => write_hex(f, &der::encode(tag::OID, &self.kind))?,
        }
        f.write_str("=")?;
        let octets = match self.tag {
            _ if keyword.is_none() => None,
            // Not converted, so malformed UTF-8 shows as it is.
            tag::UTF8_STRING => Some(self.value.clone()),
            _ => self.text().map(String::into_bytes),
        };
        match octets {
            Some(octets) => write_escaped(f, &octets),
            None => write_hex(f, &der::encode(self.tag, &self.value)),
        }
    }
}

/// `ESC_2253`, `ESC_CTRL` and `ESC_MSB` of OpenSSL (`a_strex.c`, `charmap.h`).
fn write_escaped(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    let last = octets.len().saturating_sub(1);
    for (at, &octet) in octets.iter().enumerate() {
        let escaped = match octet {
            b',' | b'+' | b'"' | b'\\' | b'<' | b'>' | b';' => true,
            b' ' => at == 0 || at == last,
            // A lone `#` is the last character first of all, there.
            b'#' => at == 0 && at != last,
            _ => false,
        };
        match octet {
            _ if escaped => write!(f, "\\{}", char::from(octet))?,
            0..0x20 | 0x7f.. => write!(f, "\\{octet:02X}")?,
            _ => write!(f, "{}", char::from(octet))?,
        }
    }
    Ok(())
}

fn write_hex(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    f.write_str("#")?;
    octets.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
}

/// Characters of `width` octets each, big-endian.
fn wide(octets: &[u8], width: usize) -> Option<String> {
    let chunks = octets.chunks_exact(width);
    chunks.remainder().is_empty().then_some(())?;
    chunks
        .map(|c| char::from_u32(c.iter().fold(0, |sum, &o| (sum << 8) | u32::from(o))))
        .collect()
}

/// The characters of PrintableString (X.680 41.4).
pub(super) fn is_printable(c: char) -> bool {
    c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c)
}
