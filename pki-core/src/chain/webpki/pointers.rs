//! What extensions point to: revocation, the issuer, policies (CA/B BR 7.1.2.7.7,
//! 7.1.2.7.9, 7.1.2.10.3, 7.1.2.11.2). What cannot be read is RFC 5280's business.

use super::{AUTHORITY_INFO_ACCESS, CERTIFICATE_POLICIES, DISTRIBUTION_POINTS, extension};
use crate::cert::{Certificate, Fault as Flaw};
use crate::chain::check;
use crate::der::{self, DerError, Element, tag};

/// id-ad-ocsp and id-ad-caIssuers.
const METHODS: [&str; 2] = ["1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2"];

/// 7.1.6.1: extended, domain, organization and individual validation.
const RESERVED_POLICIES: [&str; 4] = [
    "2.23.140.1.1",
    "2.23.140.1.2.1",
    "2.23.140.1.2.2",
    "2.23.140.1.2.3",
];
const ANY_POLICY: &str = "2.5.29.32.0";

/// id-qt-cps
const CPS: &str = "1.3.6.1.5.5.7.2.1";

/// uniformResourceIdentifier of a `GeneralName`.
const URI: u8 = tag::context_primitive(6);

/// What is wrong, if anything.
type Found = Option<String>;

/// Where the issuer and its CRLs are, where that is said.
pub(super) fn flaws(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    let clause = if cert.is_ca() {
        "CA/B BR 7.1.2.10.3"
    } else {
        "CA/B BR 7.1.2.7.7"
    };
    let kinds = [
        (AUTHORITY_INFO_ACCESS, clause),
        (DISTRIBUTION_POINTS, "CA/B BR 7.1.2.11.2"),
    ];
    for (oid, clause) in kinds {
        let Some(extension) = extension(cert, oid) else {
            continue;
        };
        let read = match oid {
            AUTHORITY_INFO_ACCESS => access(&extension.value),
            _ => distribution(&extension.value),
        };
        if let Ok(Some(found)) = read {
            flaws.push(
                super::by(&check::POINTER_NOT_ALLOWED, clause)
                    .found(format!("{}: {found}", extension.name()))
                    .expected("addresses that begin with http:"),
            );
        }
    }
}

/// The policies of a subscriber, where it has any.
pub(super) fn policy_flaw(cert: &Certificate) -> Option<Flaw> {
    let extension = extension(cert, CERTIFICATE_POLICIES)?;
    let found = policies(&extension.value).ok()??;
    let flaw = check::POLICY_NOT_ALLOWED.fails().found(found);
    Some(flaw.expected("one policy of 2.23.140.1, and addresses alone as qualifiers"))
}

/// Each `AccessDescription`: one of two methods, at an HTTP address.
fn access(value: &[u8]) -> Result<Found, DerError> {
    for description in elements(der::only(value, tag::SEQUENCE)?)? {
        let mut reader = description.reader();
        let method = oid(reader.element(tag::OID)?);
        if !METHODS.contains(&&*method) {
            return Ok(Some(format!("the method {method}")));
        }
        if let Some(found) = not_http(reader.any()?) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Each `DistributionPoint`: a full name of HTTP addresses and nothing else.
fn distribution(value: &[u8]) -> Result<Found, DerError> {
    for point in elements(der::only(value, tag::SEQUENCE)?)? {
        let mut reader = point.reader();
        let Some(name) = reader.optional(tag::context(0))? else {
            return Ok(Some("a point without a name".into()));
        };
        if !reader.is_empty() {
            return Ok(Some(
                "a point for some reasons, or of another issuer".into(),
            ));
        }
        let Some(full) = name.reader().optional(tag::context(0))? else {
            return Ok(Some("a name that is relative to the issuer".into()));
        };
        if let Some(found) = elements(full)?.into_iter().find_map(not_http) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn policies(value: &[u8]) -> Result<Found, DerError> {
    let mut reserved = 0;
    for policy in elements(der::only(value, tag::SEQUENCE)?)? {
        let mut reader = policy.reader();
        let id = oid(reader.element(tag::OID)?);
        if id == ANY_POLICY {
            return Ok(Some("anyPolicy".into()));
        }
        reserved += usize::from(RESERVED_POLICIES.contains(&&*id));
        let Some(qualifiers) = reader.optional(tag::SEQUENCE)? else {
            continue;
        };
        for qualifier in elements(qualifiers)? {
            let kind = oid(qualifier.reader().element(tag::OID)?);
            if kind != CPS {
                return Ok(Some(format!("the qualifier {kind}")));
            }
        }
    }
    Ok((reserved != 1).then(|| format!("{reserved} policies of 2.23.140.1")))
}

/// Why a `GeneralName` is no address that HTTP can ask.
fn not_http(name: Element<'_>) -> Found {
    if name.tag != URI {
        return Some("a name that is no address".into());
    }
    let uri = String::from_utf8_lossy(name.value);
    let scheme = uri.get(..5).unwrap_or_default();
    (!scheme.eq_ignore_ascii_case("http:")).then(|| uri.into_owned())
}

fn oid(element: Element<'_>) -> String {
    der::oid_text(element.value).unwrap_or_else(|| "an unreadable OID".into())
}

fn elements(list: Element<'_>) -> Result<Vec<Element<'_>>, DerError> {
    let mut reader = list.reader();
    let mut elements = Vec::new();
    while !reader.is_empty() {
        elements.push(reader.any()?);
    }
    Ok(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Vec<u8> {
        der::encode(tag::OID, &der::oid_octets(text).unwrap())
    }

    fn uri(text: &str) -> Vec<u8> {
        der::encode(URI, text.as_bytes())
    }

    #[test]
    fn info_access() {
        for (method, location, good) in [
            (METHODS[0], uri("http://ocsp.example.com"), true),
            (METHODS[1], uri("HTTP://ca.example.com/ca.crt"), true),
            (METHODS[1], uri("https://ca.example.com/ca.crt"), false),
            (METHODS[1], uri("ldap://ca.example.com/"), false),
            (METHODS[1], uri(""), false),
            (METHODS[0], der::encode(0x82, b"ocsp.example.com"), false),
            ("1.3.6.1.5.5.7.48.5", uri("http://a.example.com"), false),
        ] {
            let value = der::sequence([der::sequence([id(method), location.clone()])]);
            let found = access(&value).unwrap();
            assert_eq!(found.is_none(), good, "{method} {location:?}");
        }
        assert!(access(&[0x30, 2, 0x30, 1]).is_err());
    }

    #[test]
    fn distribution_points() {
        let full = |names: &[Vec<u8>]| {
            let names = der::encode(tag::context(0), &der::join(names));
            der::encode(tag::context(0), &names)
        };
        let http = uri("http://crl.example.com/ca.crl");
        let reasons = der::encode(tag::context_primitive(1), &[0, 0x80]);
        let relative = der::encode(tag::context(0), &der::encode(tag::context(1), &[]));
        for (point, good) in [
            (vec![full(std::slice::from_ref(&http))], true),
            (vec![full(&[http.clone(), uri("ldap://x")])], false),
            (vec![full(&[http]), reasons.clone()], false),
            (vec![reasons], false),
            (vec![relative], false),
        ] {
            let value = der::sequence([der::sequence(&point)]);
            assert_eq!(
                distribution(&value).unwrap().is_none(),
                good,
                "{point:02x?}"
            );
        }
    }

    #[test]
    fn policies_of_a_subscriber() {
        let policy = |text: &str| der::sequence([id(text)]);
        let qualified = |kind: &str| {
            let qualifier = der::sequence([id(kind), der::encode(tag::IA5_STRING, b"http://x")]);
            der::sequence([id("2.23.140.1.2.1"), der::sequence([qualifier])])
        };
        for (list, good) in [
            (vec![policy("2.23.140.1.2.1")], true),
            (vec![policy("1.2.3"), policy("2.23.140.1.2.2")], true),
            (vec![qualified(CPS)], true),
            (vec![qualified("1.3.6.1.5.5.7.2.2")], false),
            (vec![policy("1.2.3")], false),
            (
                vec![policy("2.23.140.1.2.1"), policy("2.23.140.1.1")],
                false,
            ),
            (vec![policy("2.23.140.1.2.1"), policy(ANY_POLICY)], false),
        ] {
            let found = policies(&der::sequence(&list)).unwrap();
            assert_eq!(found.is_none(), good, "{found:?}");
        }
    }
}
