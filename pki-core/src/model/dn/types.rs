//! The attribute types that have a name.

use super::DnError;
use crate::der;

/// One attribute type.
pub(super) struct Row {
    /// Its object identifier.
    pub(super) oid: &'static str,
    /// OpenSSL's short name.
    pub(super) short: &'static str,
    /// OpenSSL's long name; empty where it is the short one.
    pub(super) long: &'static str,
    pub(super) syntax: Syntax,
}

/// How a new value is encoded, with its upper bound in characters
/// (RFC 5280 appendix A).
#[derive(Clone, Copy)]
pub(super) enum Syntax {
    Utf8(usize),
    Printable(usize),
    Ia5(usize),
    Country,
}
use Syntax::{Country, Ia5, Printable, Utf8};

/// No bound in RFC 5280.
pub(super) const ANY: usize = usize::MAX;

/// The row of a type given as content octets of an OBJECT IDENTIFIER.
pub(super) fn row_of(kind: &[u8]) -> Option<&'static Row> {
    let oid = der::oid_text(kind)?;
    TYPES.iter().find(|row| row.oid == oid)
}

/// Content octets of the object identifier that `word` stands for.
pub(super) fn octets_of(word: &str) -> Result<Vec<u8>, DnError> {
    let same = |name: &str| !name.is_empty() && name.eq_ignore_ascii_case(word);
    let dotted = match word.split_at_checked(4) {
        Some((prefix, oid)) if prefix.eq_ignore_ascii_case("OID.") => oid,
        _ => word,
    };
    let alias = ALIASES.iter().find(|alias| same(alias.0));
    let row = TYPES
        .iter()
        .find(|row| row.short == word)
        .or_else(|| {
            TYPES
                .iter()
                .find(|row| alias.is_some_and(|a| a.1 == row.short))
        })
        .or_else(|| TYPES.iter().find(|row| same(row.short) || same(row.long)));
    der::oid_octets(row.map_or(dotted, |row| row.oid)).ok_or_else(|| DnError::Type {
        word: word.to_owned(),
    })
}

/// What other programs print or take for a type below.
const ALIASES: &[(&str, &str)] = &[
    ("E", "emailAddress"),
    ("email", "emailAddress"),
    ("G", "GN"),
    ("S", "ST"),
    ("T", "title"),
    // `uid` exactly is OpenSSL's word for another type.
    ("UID", "UID"),
];

const fn row(oid: &'static str, short: &'static str, long: &'static str, syntax: Syntax) -> Row {
    Row {
        oid,
        short,
        long,
        syntax,
    }
}

/// The attribute types known to OpenSSL 3.0 (`openssl list -objects`): those of
/// X.520 (2.5.4), of RFC 4524 (0.9.2342…), of PKCS #9, of Microsoft's
/// jurisdictions and of Russian law. OpenSSL would also print the short name
/// of an object that is no attribute (`keyUsage=…`); here that is a number.
pub(super) const TYPES: &[Row] = &[
    row("0.9.2342.19200300.100.1.1", "UID", "userId", Utf8(ANY)),
    row(
        "0.9.2342.19200300.100.1.2",
        "textEncodedORAddress",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.3",
        "mail",
        "rfc822Mailbox",
        Utf8(ANY),
    ),
    row("0.9.2342.19200300.100.1.4", "info", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.5", "favouriteDrink", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.6", "roomNumber", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.7", "photo", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.8", "userClass", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.9", "host", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.10", "manager", "", Utf8(ANY)),
    row(
        "0.9.2342.19200300.100.1.11",
        "documentIdentifier",
        "",
        Utf8(ANY),
    ),
    row("0.9.2342.19200300.100.1.12", "documentTitle", "", Utf8(ANY)),
    row(
        "0.9.2342.19200300.100.1.13",
        "documentVersion",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.14",
        "documentAuthor",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.15",
        "documentLocation",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.20",
        "homeTelephoneNumber",
        "",
        Utf8(ANY),
    ),
    row("0.9.2342.19200300.100.1.21", "secretary", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.22", "otherMailbox", "", Utf8(ANY)),
    row(
        "0.9.2342.19200300.100.1.23",
        "lastModifiedTime",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.24",
        "lastModifiedBy",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.25",
        "DC",
        "domainComponent",
        Ia5(ANY),
    ),
    row("0.9.2342.19200300.100.1.26", "aRecord", "", Utf8(ANY)),
    row(
        "0.9.2342.19200300.100.1.27",
        "pilotAttributeType27",
        "",
        Utf8(ANY),
    ),
    row("0.9.2342.19200300.100.1.28", "mXRecord", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.29", "nSRecord", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.30", "sOARecord", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.31", "cNAMERecord", "", Utf8(ANY)),
    row(
        "0.9.2342.19200300.100.1.37",
        "associatedDomain",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.38",
        "associatedName",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.39",
        "homePostalAddress",
        "",
        Utf8(ANY),
    ),
    row("0.9.2342.19200300.100.1.40", "personalTitle", "", Utf8(ANY)),
    row(
        "0.9.2342.19200300.100.1.41",
        "mobileTelephoneNumber",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.42",
        "pagerTelephoneNumber",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.43",
        "friendlyCountryName",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.44",
        "uid",
        "uniqueIdentifier",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.45",
        "organizationalStatus",
        "",
        Utf8(ANY),
    ),
    row("0.9.2342.19200300.100.1.46", "janetMailbox", "", Utf8(ANY)),
    row(
        "0.9.2342.19200300.100.1.47",
        "mailPreferenceOption",
        "",
        Utf8(ANY),
    ),
    row("0.9.2342.19200300.100.1.48", "buildingName", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.49", "dSAQuality", "", Utf8(ANY)),
    row(
        "0.9.2342.19200300.100.1.50",
        "singleLevelQuality",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.51",
        "subtreeMinimumQuality",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.52",
        "subtreeMaximumQuality",
        "",
        Utf8(ANY),
    ),
    row(
        "0.9.2342.19200300.100.1.53",
        "personalSignature",
        "",
        Utf8(ANY),
    ),
    row("0.9.2342.19200300.100.1.54", "dITRedirect", "", Utf8(ANY)),
    row("0.9.2342.19200300.100.1.55", "audio", "", Utf8(ANY)),
    row(
        "0.9.2342.19200300.100.1.56",
        "documentPublisher",
        "",
        Utf8(ANY),
    ),
    row("1.2.643.3.131.1.1", "INN", "", Utf8(ANY)),
    row("1.2.643.100.1", "OGRN", "", Utf8(ANY)),
    row("1.2.643.100.3", "SNILS", "", Utf8(ANY)),
    row("1.2.643.100.5", "OGRNIP", "", Utf8(ANY)),
    row("1.2.840.113549.1.9.1", "emailAddress", "", Ia5(255)),
    row("1.2.840.113549.1.9.2", "unstructuredName", "", Utf8(ANY)),
    row("1.2.840.113549.1.9.7", "challengePassword", "", Utf8(ANY)),
    row("1.2.840.113549.1.9.8", "unstructuredAddress", "", Utf8(ANY)),
    row("1.2.840.113549.1.9.20", "friendlyName", "", Utf8(ANY)),
    row(
        "1.3.6.1.4.1.311.60.2.1.1",
        "jurisdictionL",
        "jurisdictionLocalityName",
        Utf8(128),
    ),
    row(
        "1.3.6.1.4.1.311.60.2.1.2",
        "jurisdictionST",
        "jurisdictionStateOrProvinceName",
        Utf8(128),
    ),
    row(
        "1.3.6.1.4.1.311.60.2.1.3",
        "jurisdictionC",
        "jurisdictionCountryName",
        Country,
    ),
    row("2.5.4.3", "CN", "commonName", Utf8(64)),
    row("2.5.4.4", "SN", "surname", Utf8(32768)),
    row("2.5.4.5", "serialNumber", "", Printable(64)),
    row("2.5.4.6", "C", "countryName", Country),
    row("2.5.4.7", "L", "localityName", Utf8(128)),
    row("2.5.4.8", "ST", "stateOrProvinceName", Utf8(128)),
    row("2.5.4.9", "street", "streetAddress", Utf8(ANY)),
    row("2.5.4.10", "O", "organizationName", Utf8(64)),
    row("2.5.4.11", "OU", "organizationalUnitName", Utf8(64)),
    row("2.5.4.12", "title", "", Utf8(64)),
    row("2.5.4.13", "description", "", Utf8(ANY)),
    row("2.5.4.14", "searchGuide", "", Utf8(ANY)),
    row("2.5.4.15", "businessCategory", "", Utf8(ANY)),
    row("2.5.4.16", "postalAddress", "", Utf8(ANY)),
    row("2.5.4.17", "postalCode", "", Utf8(ANY)),
    row("2.5.4.18", "postOfficeBox", "", Utf8(ANY)),
    row("2.5.4.19", "physicalDeliveryOfficeName", "", Utf8(ANY)),
    row("2.5.4.20", "telephoneNumber", "", Utf8(ANY)),
    row("2.5.4.21", "telexNumber", "", Utf8(ANY)),
    row("2.5.4.22", "teletexTerminalIdentifier", "", Utf8(ANY)),
    row("2.5.4.23", "facsimileTelephoneNumber", "", Utf8(ANY)),
    row("2.5.4.24", "x121Address", "", Utf8(ANY)),
    row("2.5.4.25", "internationaliSDNNumber", "", Utf8(ANY)),
    row("2.5.4.26", "registeredAddress", "", Utf8(ANY)),
    row("2.5.4.27", "destinationIndicator", "", Utf8(ANY)),
    row("2.5.4.28", "preferredDeliveryMethod", "", Utf8(ANY)),
    row("2.5.4.29", "presentationAddress", "", Utf8(ANY)),
    row("2.5.4.30", "supportedApplicationContext", "", Utf8(ANY)),
    row("2.5.4.31", "member", "", Utf8(ANY)),
    row("2.5.4.32", "owner", "", Utf8(ANY)),
    row("2.5.4.33", "roleOccupant", "", Utf8(ANY)),
    row("2.5.4.34", "seeAlso", "", Utf8(ANY)),
    row("2.5.4.35", "userPassword", "", Utf8(ANY)),
    row("2.5.4.36", "userCertificate", "", Utf8(ANY)),
    row("2.5.4.37", "cACertificate", "", Utf8(ANY)),
    row("2.5.4.38", "authorityRevocationList", "", Utf8(ANY)),
    row("2.5.4.39", "certificateRevocationList", "", Utf8(ANY)),
    row("2.5.4.40", "crossCertificatePair", "", Utf8(ANY)),
    row("2.5.4.41", "name", "", Utf8(32768)),
    row("2.5.4.42", "GN", "givenName", Utf8(32768)),
    row("2.5.4.43", "initials", "", Utf8(32768)),
    row("2.5.4.44", "generationQualifier", "", Utf8(32768)),
    row("2.5.4.45", "x500UniqueIdentifier", "", Utf8(ANY)),
    row("2.5.4.46", "dnQualifier", "", Printable(ANY)),
    row("2.5.4.47", "enhancedSearchGuide", "", Utf8(ANY)),
    row("2.5.4.48", "protocolInformation", "", Utf8(ANY)),
    row("2.5.4.49", "distinguishedName", "", Utf8(ANY)),
    row("2.5.4.50", "uniqueMember", "", Utf8(ANY)),
    row("2.5.4.51", "houseIdentifier", "", Utf8(ANY)),
    row("2.5.4.52", "supportedAlgorithms", "", Utf8(ANY)),
    row("2.5.4.53", "deltaRevocationList", "", Utf8(ANY)),
    row("2.5.4.54", "dmdName", "", Utf8(ANY)),
    row("2.5.4.65", "pseudonym", "", Utf8(128)),
    row("2.5.4.72", "role", "", Utf8(ANY)),
    row("2.5.4.97", "organizationIdentifier", "", Utf8(ANY)),
    row("2.5.4.98", "c3", "countryCode3c", Utf8(ANY)),
    row("2.5.4.99", "n3", "countryCode3n", Utf8(ANY)),
    row("2.5.4.100", "dnsName", "", Utf8(ANY)),
];
