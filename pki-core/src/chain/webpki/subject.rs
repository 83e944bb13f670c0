//! The common name of a subscriber (CA/B BR 7.1.4.3): one of its names,
//! character for character.

use std::net::{IpAddr, Ipv4Addr};

use super::names::{address, is_internal};
use crate::cert::{Certificate, Fault as Flaw};
use crate::chain::check;
use crate::model::dn::{Attribute, Rdn};
use crate::model::san::GeneralName;

/// The CN that is none of the names, if there is one.
///
/// Not told, though the letter of the clause forbids them too: the domain that a
/// wildcard among the names stands below, whose owner is who was asked; and the CN
/// beside internal names alone, which are outside of the public web altogether
/// (7.1.2.7.12). Such certificates are about, and their CN misleads nobody.
/// Another spelling of a name is told in any case.
pub(super) fn flaw(cert: &Certificate) -> Option<Flaw> {
    let attributes = cert.subject().rdns().iter().flat_map(Rdn::attributes);
    let mut found = attributes
        .filter(|a| a.keyword() == Some("CN"))
        .map(Attribute::text);
    let first = found.next()?;
    let flaw = || check::COMMON_NAME_NOT_IN_NAMES.fails();
    let Some(cn) = first else {
        return Some(flaw().found("a CN that is no text"));
    };
    if found.next().is_some() {
        let flaw = flaw().found(format!("CN={cn}, and one more"));
        return Some(flaw.expected("one"));
    }
    let names = cert.names();
    let written: Vec<String> = names.iter().filter_map(written).collect();
    if written.contains(&cn) {
        return None;
    }
    let meant = Meaning::of(&cn);
    let spelled = names
        .iter()
        .filter_map(self::written)
        .find(|name| Meaning::of(name) == meant);
    if let Some(name) = spelled {
        let flaw = flaw().found(format!("CN={cn}"));
        return Some(flaw.expected(format!("CN={name}, character for character")));
    }
    let base = |name: &String| name.strip_prefix("*.") == Some(&cn);
    if written.iter().any(base) || names.iter().all(is_internal) {
        return None;
    }
    let flaw = flaw().found(format!("CN={cn}"));
    Some(flaw.expected(format!("one of {}", written.join(", "))))
}

/// A name as the CN must write it: RFC 3986 3.2.2 and RFC 5952 4 for addresses.
fn written(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::Dns(text) => Some(text.clone()),
        GeneralName::Ip(octets) => address(octets).map(|ip| ip.to_string()),
        _ => None,
    }
}

/// What a reader takes a text for, whatever its spelling.
#[derive(Debug, Eq, PartialEq)]
enum Meaning {
    Ip(IpAddr),
    Host(String),
}

impl Meaning {
    fn of(text: &str) -> Self {
        if let Ok(ip) = text.parse() {
            return Self::Ip(ip);
        }
        if let Some(ip) = loose_ipv4(text) {
            return Self::Ip(ip.into());
        }
        let lower = || text.to_ascii_lowercase();
        Self::Host(idna::domain_to_ascii(text).unwrap_or_else(|_| lower()))
    }
}

/// IPv4 as `inet_aton` reads it: hexadecimal and octal numbers, fewer than four
/// parts. A part with leading zeros that is no octal number is decimal.
fn loose_ipv4(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<u32> = text.split('.').map(number).collect::<Option<_>>()?;
    let (last, head) = parts.split_last()?;
    if head.len() > 3 || head.iter().any(|&part| part > 255) {
        return None;
    }
    let room = 8 * (4 - u32::try_from(head.len()).ok()?);
    if u64::from(*last) >> room != 0 {
        return None;
    }
    let shifted = head
        .iter()
        .zip([24, 16, 8])
        .map(|(part, shift)| part << shift);
    Some(Ipv4Addr::from_bits(shifted.sum::<u32>() | last))
}

fn number(text: &str) -> Option<u32> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let digits = |t: &str, radix| {
        let plain = !t.is_empty() && t.chars().all(|c| c.is_digit(radix));
        plain.then(|| u32::from_str_radix(t, radix).ok()).flatten()
    };
    match (hex, text.strip_prefix('0')) {
        (Some(hex), _) => digits(hex, 16),
        (None, Some(octal)) if !octal.is_empty() => digits(octal, 8).or_else(|| digits(text, 10)),
        _ => digits(text, 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cert::tests::make::{leaf, party};
    use crate::model::dn::Dn;

    #[test]
    fn one_of_the_names() {
        let dns = |text: &str| GeneralName::Dns(text.into());
        let ip = |text: &str| {
            GeneralName::Ip(match text.parse::<IpAddr>().unwrap() {
                IpAddr::V4(ip) => ip.octets().into(),
                IpAddr::V6(ip) => ip.octets().into(),
            })
        };
        let root = party("CN=Root");
        for (subject, names, good) in [
            ("CN=a.com", vec![dns("b.com"), dns("a.com")], true),
            ("CN=b.com", vec![dns("a.com")], false),
            ("CN=A.com", vec![dns("a.com")], false),
            ("CN=A.com", vec![dns("A.com")], true),
            ("CN=My server", vec![dns("a.com")], false),
            ("O=My server", vec![dns("a.com")], true),
            ("CN=a.com,CN=b.com", vec![dns("a.com"), dns("b.com")], false),
            ("CN=bücher.de", vec![dns("xn--bcher-kva.de")], false),
            ("CN=xn--bcher-kva.de", vec![dns("xn--bcher-kva.de")], true),
            ("CN=*.a.com", vec![dns("*.a.com")], true),
            ("CN=a.com", vec![dns("*.a.com")], true),
            ("CN=b.a.com", vec![dns("*.a.com")], false),
            ("CN=minio", vec![dns("localhost"), ip("127.0.0.1")], true),
            ("CN=minio", vec![dns("localhost"), dns("a.com")], false),
            ("CN=LOCALHOST", vec![dns("localhost")], false),
            ("CN=8.8.8.8", vec![ip("8.8.8.8")], true),
            ("CN=08.8.8.8", vec![ip("8.8.8.8")], false),
            ("CN=192.168.1.1", vec![ip("192.168.1.1")], true),
            ("CN=192.168.001.001", vec![ip("192.168.1.1")], false),
            ("CN=0xC0A80101", vec![ip("192.168.1.1")], false),
            ("CN=0300.0250.1.1", vec![ip("192.168.1.1")], false),
            ("CN=3232235777", vec![ip("192.168.1.1")], false),
            ("CN=fd00::1", vec![ip("fd00::1")], true),
            ("CN=FD00::1", vec![ip("fd00::1")], false),
            ("CN=fd00:0::1", vec![ip("fd00::1")], false),
        ] {
            let mut subject = (party("CN=x"), subject);
            subject.0.name = Dn::parse(subject.1).unwrap();
            let cert = leaf(&subject.0, &root, |b| b.names(&names));
            assert_eq!(flaw(&cert).is_none(), good, "{} {names:?}", subject.1);
        }
    }
}
