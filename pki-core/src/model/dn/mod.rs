//! Distinguished names (RFC 5280 4.1.2.4): the octets as they came, and what they say.
//!
//! The octets of a foreign CA's name must come back as its certificates'
//! issuer, so they are kept; everything else is read from them.

mod attribute;
mod compare;
mod judge;
mod text;
mod types;

use crate::der::{self, DerError, tag};
use crate::error::Error;

pub use attribute::Attribute;
pub use compare::DnCompare;

/// A distinguished name. Equal values have equal octets; for equality of
/// meaning see [`Dn::equals`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Dn {
    raw: Vec<u8>,
    rdns: Vec<Rdn>,
}

/// A relative distinguished name: one attribute, rarely several (`CN=a+UID=b`),
/// in the order of the octets. A foreign one can be empty.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Rdn(Vec<Attribute>);

impl Rdn {
    /// Its attributes, in the order of the octets.
    pub fn attributes(&self) -> &[Attribute] {
        &self.0
    }
}

/// Why octets or a text are no distinguished name, or none that we would issue.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DnError {
    /// The octets are not a DER `Name`.
    #[error("not a distinguished name: {0}")]
    Der(#[from] DerError),
    /// A part of the text that is not `TYPE=value`.
    #[error("`{part}` is not of the form `TYPE=value`")]
    NoValue {
        /// The part.
        part: String,
    },
    /// A type that is neither a known keyword nor a dotted number.
    #[error("unknown attribute type `{word}`")]
    Type {
        /// What stands before the `=`.
        word: String,
    },
    /// A value without a character.
    #[error("`{kind}` is empty")]
    Empty {
        /// The attribute type.
        kind: String,
    },
    /// Longer than RFC 5280 appendix A allows.
    #[error("`{kind}` has {found} characters, at most {max} are allowed (RFC 5280 appendix A)")]
    TooLong {
        /// The attribute type.
        kind: String,
        /// Its upper bound, in characters.
        max: usize,
        /// How many characters there are.
        found: usize,
    },
    /// A country that is not two letters.
    #[error("`{kind}` is `{value}`, not a country code of two letters (ISO 3166)")]
    Country {
        /// The attribute type.
        kind: String,
        /// The value.
        value: String,
    },
    /// A character that the type of string cannot hold.
    #[error("`{kind}` contains {character:?}, which {string} cannot hold (RFC 5280 appendix A)")]
    Character {
        /// The attribute type.
        kind: String,
        /// The character.
        character: char,
        /// The type of string.
        string: &'static str,
    },
    /// A control character, which only misleads whoever reads the name.
    #[error("`{kind}` contains the control character {character:?}")]
    Control {
        /// The attribute type.
        kind: String,
        /// The character.
        character: char,
    },
    /// Escaped octets that are no UTF-8.
    #[error("`{kind}` is not UTF-8")]
    Utf8 {
        /// The attribute type.
        kind: String,
    },
    /// A backslash before something that needs none.
    #[error("`\\{found}` is no escape of RFC 4514")]
    Escape {
        /// What follows the backslash; empty at the end of the text.
        found: String,
    },
    /// A character that RFC 4514 wants escaped.
    #[error("`{character}` stands unescaped in `{kind}`")]
    Unescaped {
        /// The attribute type.
        kind: String,
        /// The character.
        character: char,
    },
    /// A value after `#` that is not the hex form of one DER element.
    #[error("`{found}` is not `#` and the hex digits of one DER element")]
    Hex {
        /// What was found.
        found: String,
    },
    /// The old one-line form of OpenSSL, `/C=US/CN=x`.
    #[error("`{found}` is OpenSSL's one-line form, not RFC 4514")]
    Slashes {
        /// The text.
        found: String,
        /// The same name in RFC 4514 form.
        right: String,
    },
}

impl DnError {
    /// What to write instead, where that can be said.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Der(_) | Self::Utf8 { .. } => return None,
            Self::NoValue { .. } => {
                "write the most specific part first, as in `CN=MinIO Root CA, O=MinIO, C=US`; a comma inside a value is `\\,`".into()
            }
            Self::Type { .. } => {
                "use CN, O, OU, L, ST, C, DC, UID, emailAddress, serialNumber, street, another name that openssl knows, or a dotted object identifier".into()
            }
            Self::Empty { kind } => format!("leave `{kind}` out or give it a value"),
            Self::TooLong { max, .. } => format!("shorten it to {max} characters"),
            Self::Country { .. } => "write two letters such as `US`".into(),
            Self::Character { .. } | Self::Control { .. } => "leave the character out".into(),
            Self::Escape { .. } => {
                "a backslash stands before one of ` \"#+,;<=>\\` or before two hex digits".into()
            }
            Self::Unescaped { character, .. } => format!("write `\\{character}`"),
            Self::Hex { .. } => "write text, or `\\#` where the value starts with `#`".into(),
            Self::Slashes { right, .. } => format!("write `{right}`"),
        })
    }
}

impl From<DnError> for Error {
    fn from(error: DnError) -> Self {
        let hint = error.hint();
        let error = Self::usage(format!("the subject cannot be used: {error}"));
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl Dn {
    /// The name without any attribute.
    pub fn empty() -> Self {
        Self::from_rdns(Vec::new())
    }

    /// Reads a DER `Name` and keeps its octets.
    ///
    /// Only the framing is judged. Taken as they are: any type of string and
    /// any octets in it, several attributes in one RDN in any order, empty
    /// RDNs, repeated attributes, values over their bounds.
    ///
    /// # Errors
    /// [`DnError::Der`].
    pub fn from_der(der: &[u8]) -> Result<Self, DnError> {
        let mut name = der::only(der, tag::SEQUENCE)?.reader();
        let mut rdns = Vec::new();
        while !name.is_empty() {
            let mut set = name.element(tag::SET)?.reader();
            let mut attributes = Vec::new();
            while !set.is_empty() {
                let mut pair = set.element(tag::SEQUENCE)?.reader();
                let kind = pair.element(tag::OID)?;
                let value = pair.any()?;
                pair.end()?;
                attributes.push(Attribute::new(kind.value, value.tag, value.value));
            }
            rdns.push(Rdn(attributes));
        }
        Ok(Self {
            raw: der.to_vec(),
            rdns,
        })
    }

    /// The name `CN=text`, as a UTF8String.
    ///
    /// # Errors
    /// When it is empty, longer than 64 characters, or holds a control character.
    pub fn from_common_name(text: &str) -> Result<Self, DnError> {
        let attribute = Attribute::issue("CN", text)?;
        Ok(Self::from_rdns(vec![vec![attribute]]))
    }

    /// Reads the text form of RFC 4514, the most specific part first.
    ///
    /// Types are the short and long names of OpenSSL (`CN`, `commonName`),
    /// their case ignored unless two differ in nothing else (`UID`, `uid`), or
    /// object identifiers (`2.5.4.3`, `OID.2.5.4.3`). Unescaped spaces around
    /// `,` `+` `=` do not count. A value `#…` is DER in hex and taken as it is.
    /// Other values become UTF8String, PrintableString where RFC 5280
    /// appendix A asks for it (C, serialNumber, dnQualifier), or IA5String
    /// (DC, emailAddress), and are held to the bounds given there.
    /// An empty text is the empty name.
    ///
    /// # Errors
    /// See [`DnError`].
    pub fn parse(text: &str) -> Result<Self, DnError> {
        let mut rdns = text::parse(text)?;
        rdns.reverse();
        Ok(Self::from_rdns(rdns))
    }

    fn from_rdns(rdns: Vec<Vec<Attribute>>) -> Self {
        let sets = rdns
            .iter()
            .map(|rdn| der::set_of(rdn.iter().map(Attribute::to_der).collect()));
        let raw = der::sequence(sets);
        let rdns = rdns
            .into_iter()
            .map(|mut rdn| {
                // The order of `der::set_of`.
                rdn.sort_by_cached_key(Attribute::to_der);
                Rdn(rdn)
            })
            .collect();
        Self { raw, rdns }
    }

    /// The DER octets, as they came.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Its parts, the most general first (the order of the octets).
    pub fn rdns(&self) -> &[Rdn] {
        &self.rdns
    }

    /// Whether it names nothing: no part holds an attribute.
    pub fn is_empty(&self) -> bool {
        self.rdns.iter().all(|rdn| rdn.0.is_empty())
    }

    /// The last common name, which is the most specific; `None` where there is
    /// none or where its octets are no text.
    pub fn common_name(&self) -> Option<String> {
        self.rdns
            .iter()
            .flat_map(Rdn::attributes)
            .rfind(|a| a.keyword() == Some("CN"))
            .and_then(Attribute::text)
    }
}

#[cfg(test)]
mod tests;
