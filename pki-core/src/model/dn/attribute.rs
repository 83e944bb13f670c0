//! Attributes of a name: their types, how a new value is encoded, how one reads.

use std::fmt;

use super::DnError;
use crate::der::{self, tag};

/// VisibleString, the one string tag that only ever occurs here.
const VISIBLE_STRING: u8 = 0x1a;

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
        let kind = octets_of(word)?;
        let row = row_of(&kind);
        let name = || row.map_or_else(|| word.to_owned(), |row| row.1.to_owned());
        let syntax = row.map_or(Utf8(ANY), |row| row.3);
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
            Utf8(max) => (tag::UTF8_STRING, max),
            Printable(max) => {
                refuse("PrintableString", is_printable)?;
                (tag::PRINTABLE_STRING, max)
            }
            Ia5(max) => {
                refuse("IA5String", |c| c.is_ascii())?;
                (tag::IA5_STRING, max)
            }
            Country => {
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
        row_of(&self.kind).map(|row| row.1)
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

/// ESC_2253, ESC_CTRL and ESC_MSB of OpenSSL (`a_strex.c`, `charmap.h`).
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
fn is_printable(c: char) -> bool {
    c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c)
}

fn row_of(kind: &[u8]) -> Option<&'static Row> {
    let oid = der::oid_text(kind)?;
    TYPES.iter().find(|row| row.0 == oid)
}

/// Content octets of the object identifier that `word` stands for.
pub(super) fn octets_of(word: &str) -> Result<Vec<u8>, DnError> {
    let same = |name: &str| !name.is_empty() && name.eq_ignore_ascii_case(word);
    let dotted = match word.get(..4) {
        Some(prefix) if prefix.eq_ignore_ascii_case("OID.") => &word[4..],
        _ => word,
    };
    let alias = ALIASES.iter().find(|alias| same(alias.0));
    let row = TYPES
        .iter()
        .find(|row| row.1 == word)
        .or_else(|| TYPES.iter().find(|row| alias.is_some_and(|a| a.1 == row.1)))
        .or_else(|| TYPES.iter().find(|row| same(row.1) || same(row.2)));
    der::oid_octets(row.map_or(dotted, |row| row.0)).ok_or_else(|| DnError::Type {
        word: word.to_owned(),
    })
}

/// How a new value is encoded, with its upper bound in characters
/// (RFC 5280 appendix A).
#[derive(Clone, Copy)]
enum Syntax {
    Utf8(usize),
    Printable(usize),
    Ia5(usize),
    Country,
}
use Syntax::{Country, Ia5, Printable, Utf8};

/// No bound in RFC 5280.
const ANY: usize = usize::MAX;

/// Object identifier, short name, long name where it is another, syntax.
type Row = (&'static str, &'static str, &'static str, Syntax);

/// What other programs print or take for a type below.
const ALIASES: &[(&str, &str)] = &[
    ("E", "emailAddress"),
    ("email", "emailAddress"),
    ("G", "GN"),
    ("S", "ST"),
    ("T", "title"),
    ("UID", "UID"),
];

/// The attribute types known to OpenSSL 3.0 (`openssl list -objects`): those of
/// X.520 (2.5.4), of RFC 4524 (0.9.2342…), of PKCS #9, of Microsoft's
/// jurisdictions and of Russian law. OpenSSL would also print the short name
/// of an object that is no attribute (`keyUsage=…`); here that is a number.
const TYPES: &[Row] = &[
    ("0.9.2342.19200300.100.1.1", "UID", "userId", Utf8(ANY)),
    (
        "0.9.2342.19200300.100.1.2",
        "textEncodedORAddress",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.3",
        "mail",
        "rfc822Mailbox",
        Utf8(ANY),
    ),
    ("0.9.2342.19200300.100.1.4", "info", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.5", "favouriteDrink", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.6", "roomNumber", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.7", "photo", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.8", "userClass", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.9", "host", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.10", "manager", "", Utf8(ANY)),
    (
        "0.9.2342.19200300.100.1.11",
        "documentIdentifier",
        "",
        Utf8(ANY),
    ),
    ("0.9.2342.19200300.100.1.12", "documentTitle", "", Utf8(ANY)),
    (
        "0.9.2342.19200300.100.1.13",
        "documentVersion",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.14",
        "documentAuthor",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.15",
        "documentLocation",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.20",
        "homeTelephoneNumber",
        "",
        Utf8(ANY),
    ),
    ("0.9.2342.19200300.100.1.21", "secretary", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.22", "otherMailbox", "", Utf8(ANY)),
    (
        "0.9.2342.19200300.100.1.23",
        "lastModifiedTime",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.24",
        "lastModifiedBy",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.25",
        "DC",
        "domainComponent",
        Ia5(ANY),
    ),
    ("0.9.2342.19200300.100.1.26", "aRecord", "", Utf8(ANY)),
    (
        "0.9.2342.19200300.100.1.27",
        "pilotAttributeType27",
        "",
        Utf8(ANY),
    ),
    ("0.9.2342.19200300.100.1.28", "mXRecord", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.29", "nSRecord", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.30", "sOARecord", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.31", "cNAMERecord", "", Utf8(ANY)),
    (
        "0.9.2342.19200300.100.1.37",
        "associatedDomain",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.38",
        "associatedName",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.39",
        "homePostalAddress",
        "",
        Utf8(ANY),
    ),
    ("0.9.2342.19200300.100.1.40", "personalTitle", "", Utf8(ANY)),
    (
        "0.9.2342.19200300.100.1.41",
        "mobileTelephoneNumber",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.42",
        "pagerTelephoneNumber",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.43",
        "friendlyCountryName",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.44",
        "uid",
        "uniqueIdentifier",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.45",
        "organizationalStatus",
        "",
        Utf8(ANY),
    ),
    ("0.9.2342.19200300.100.1.46", "janetMailbox", "", Utf8(ANY)),
    (
        "0.9.2342.19200300.100.1.47",
        "mailPreferenceOption",
        "",
        Utf8(ANY),
    ),
    ("0.9.2342.19200300.100.1.48", "buildingName", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.49", "dSAQuality", "", Utf8(ANY)),
    (
        "0.9.2342.19200300.100.1.50",
        "singleLevelQuality",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.51",
        "subtreeMinimumQuality",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.52",
        "subtreeMaximumQuality",
        "",
        Utf8(ANY),
    ),
    (
        "0.9.2342.19200300.100.1.53",
        "personalSignature",
        "",
        Utf8(ANY),
    ),
    ("0.9.2342.19200300.100.1.54", "dITRedirect", "", Utf8(ANY)),
    ("0.9.2342.19200300.100.1.55", "audio", "", Utf8(ANY)),
    (
        "0.9.2342.19200300.100.1.56",
        "documentPublisher",
        "",
        Utf8(ANY),
    ),
    ("1.2.643.3.131.1.1", "INN", "", Utf8(ANY)),
    ("1.2.643.100.1", "OGRN", "", Utf8(ANY)),
    ("1.2.643.100.3", "SNILS", "", Utf8(ANY)),
    ("1.2.643.100.5", "OGRNIP", "", Utf8(ANY)),
    ("1.2.840.113549.1.9.1", "emailAddress", "", Ia5(255)),
    ("1.2.840.113549.1.9.2", "unstructuredName", "", Utf8(ANY)),
    ("1.2.840.113549.1.9.7", "challengePassword", "", Utf8(ANY)),
    ("1.2.840.113549.1.9.8", "unstructuredAddress", "", Utf8(ANY)),
    ("1.2.840.113549.1.9.20", "friendlyName", "", Utf8(ANY)),
    (
        "1.3.6.1.4.1.311.60.2.1.1",
        "jurisdictionL",
        "jurisdictionLocalityName",
        Utf8(128),
    ),
    (
        "1.3.6.1.4.1.311.60.2.1.2",
        "jurisdictionST",
        "jurisdictionStateOrProvinceName",
        Utf8(128),
    ),
    (
        "1.3.6.1.4.1.311.60.2.1.3",
        "jurisdictionC",
        "jurisdictionCountryName",
        Country,
    ),
    ("2.5.4.3", "CN", "commonName", Utf8(64)),
    ("2.5.4.4", "SN", "surname", Utf8(32768)),
    ("2.5.4.5", "serialNumber", "", Printable(64)),
    ("2.5.4.6", "C", "countryName", Country),
    ("2.5.4.7", "L", "localityName", Utf8(128)),
    ("2.5.4.8", "ST", "stateOrProvinceName", Utf8(128)),
    ("2.5.4.9", "street", "streetAddress", Utf8(ANY)),
    ("2.5.4.10", "O", "organizationName", Utf8(64)),
    ("2.5.4.11", "OU", "organizationalUnitName", Utf8(64)),
    ("2.5.4.12", "title", "", Utf8(64)),
    ("2.5.4.13", "description", "", Utf8(ANY)),
    ("2.5.4.14", "searchGuide", "", Utf8(ANY)),
    ("2.5.4.15", "businessCategory", "", Utf8(ANY)),
    ("2.5.4.16", "postalAddress", "", Utf8(ANY)),
    ("2.5.4.17", "postalCode", "", Utf8(ANY)),
    ("2.5.4.18", "postOfficeBox", "", Utf8(ANY)),
    ("2.5.4.19", "physicalDeliveryOfficeName", "", Utf8(ANY)),
    ("2.5.4.20", "telephoneNumber", "", Utf8(ANY)),
    ("2.5.4.21", "telexNumber", "", Utf8(ANY)),
    ("2.5.4.22", "teletexTerminalIdentifier", "", Utf8(ANY)),
    ("2.5.4.23", "facsimileTelephoneNumber", "", Utf8(ANY)),
    ("2.5.4.24", "x121Address", "", Utf8(ANY)),
    ("2.5.4.25", "internationaliSDNNumber", "", Utf8(ANY)),
    ("2.5.4.26", "registeredAddress", "", Utf8(ANY)),
    ("2.5.4.27", "destinationIndicator", "", Utf8(ANY)),
    ("2.5.4.28", "preferredDeliveryMethod", "", Utf8(ANY)),
    ("2.5.4.29", "presentationAddress", "", Utf8(ANY)),
    ("2.5.4.30", "supportedApplicationContext", "", Utf8(ANY)),
    ("2.5.4.31", "member", "", Utf8(ANY)),
    ("2.5.4.32", "owner", "", Utf8(ANY)),
    ("2.5.4.33", "roleOccupant", "", Utf8(ANY)),
    ("2.5.4.34", "seeAlso", "", Utf8(ANY)),
    ("2.5.4.35", "userPassword", "", Utf8(ANY)),
    ("2.5.4.36", "userCertificate", "", Utf8(ANY)),
    ("2.5.4.37", "cACertificate", "", Utf8(ANY)),
    ("2.5.4.38", "authorityRevocationList", "", Utf8(ANY)),
    ("2.5.4.39", "certificateRevocationList", "", Utf8(ANY)),
    ("2.5.4.40", "crossCertificatePair", "", Utf8(ANY)),
    ("2.5.4.41", "name", "", Utf8(32768)),
    ("2.5.4.42", "GN", "givenName", Utf8(32768)),
    ("2.5.4.43", "initials", "", Utf8(32768)),
    ("2.5.4.44", "generationQualifier", "", Utf8(32768)),
    ("2.5.4.45", "x500UniqueIdentifier", "", Utf8(ANY)),
    ("2.5.4.46", "dnQualifier", "", Printable(ANY)),
    ("2.5.4.47", "enhancedSearchGuide", "", Utf8(ANY)),
    ("2.5.4.48", "protocolInformation", "", Utf8(ANY)),
    ("2.5.4.49", "distinguishedName", "", Utf8(ANY)),
    ("2.5.4.50", "uniqueMember", "", Utf8(ANY)),
    ("2.5.4.51", "houseIdentifier", "", Utf8(ANY)),
    ("2.5.4.52", "supportedAlgorithms", "", Utf8(ANY)),
    ("2.5.4.53", "deltaRevocationList", "", Utf8(ANY)),
    ("2.5.4.54", "dmdName", "", Utf8(ANY)),
    ("2.5.4.65", "pseudonym", "", Utf8(128)),
    ("2.5.4.72", "role", "", Utf8(ANY)),
    ("2.5.4.97", "organizationIdentifier", "", Utf8(ANY)),
    ("2.5.4.98", "c3", "countryCode3c", Utf8(ANY)),
    ("2.5.4.99", "n3", "countryCode3n", Utf8(ANY)),
    ("2.5.4.100", "dnsName", "", Utf8(ANY)),
];
