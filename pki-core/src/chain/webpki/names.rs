//! The SubjectAltName of a subscriber (CA/B BR 7.1.2.7.12) and its wildcards
//! (3.2.2.6).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::suffix;
use crate::cert::{Certificate, Fault as Flaw};
use crate::chain::check;
use crate::model::san::GeneralName;

/// Top-level domains that are in nobody's public DNS (RFC 6761, RFC 6762, RFC
/// 8375, and `internal` by ICANN's resolution of 2024-07-29).
const NOT_PUBLIC: [&str; 7] = [
    "example",
    "home.arpa",
    "internal",
    "invalid",
    "local",
    "localhost",
    "test",
];

/// The first name of each kind of fault.
pub(super) fn flaws(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    if !cert.has_names() {
        // RFC 5280 tells an extension that cannot be read.
        return;
    }
    let names = || cert.names().iter();
    let kind = |name: &&GeneralName| {
        !matches!(name, GeneralName::Dns(_) | GeneralName::Ip(_)) && !is_text_dns(name)
    };
    if let Some(name) = names().find(kind) {
        flaws.push(
            check::NAME_KIND_NOT_ALLOWED
                .fails()
                .found(name.to_string())
                .expected("host names and IP addresses alone"),
        );
    }
    let fault = names().find_map(|name| Some((name, host_fault(name)?)));
    if let Some((name, why)) = fault {
        flaws.push(
            check::HOST_NOT_ALLOWED
                .fails()
                .found(format!("{name}: {why}"))
                .expected("labels of letters, digits and hyphens, `*.` at most before them"),
        );
    }
    let broad = |name: &&GeneralName| wildcard_base(name).is_some_and(suffix::is_public);
    if let Some(name) = names().find(broad) {
        flaws.push(
            check::WILDCARD_PUBLIC_SUFFIX
                .fails()
                .found(name.to_string())
                .expected("a wildcard below a domain that somebody has registered"),
        );
    }
    if let Some(name) = names().find(|name| is_internal(name)) {
        flaws.push(
            check::INTERNAL_NAME
                .fails()
                .found(name.to_string())
                .expected("a name of the public DNS, or a public address"),
        );
    }
}

/// A dNSName that is not ASCII; told as a host that is not allowed.
fn is_text_dns(name: &GeneralName) -> bool {
    matches!(name, GeneralName::Other { tag: 0x82, .. })
}

/// What stands behind the `*.` of a wildcard; of `*` alone that is nothing.
fn wildcard_base(name: &GeneralName) -> Option<&str> {
    match name {
        GeneralName::Dns(text) if text == "*" => Some(""),
        GeneralName::Dns(text) => text.strip_prefix("*."),
        _ => None,
    }
}

/// Why a dNSName is neither a fully qualified nor a wildcard domain name.
fn host_fault(name: &GeneralName) -> Option<&'static str> {
    let text = match name {
        GeneralName::Dns(text) => text,
        _ if is_text_dns(name) => return Some("not ASCII"),
        _ => return None,
    };
    if text == "*" {
        // A wildcard of the root, see `wildcard_base`.
        return None;
    }
    let host = text.strip_prefix("*.").unwrap_or(text);
    if host.ends_with('.') {
        return Some("the dot of the root");
    }
    if host.is_empty() || host.len() > 253 {
        return Some("empty or longer than 253 octets");
    }
    if host.parse::<Ipv4Addr>().is_ok() {
        return Some("an IP address as a host name");
    }
    host.split('.').find_map(label_fault)
}

/// RFC 5890 2.3.1: an LDH label; with `--` at its third place it must be a
/// P-label, one that Punycode can read.
fn label_fault(label: &str) -> Option<&'static str> {
    let ldh = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if label.is_empty() || label.len() > 63 {
        return Some("a label that is empty or longer than 63 octets");
    }
    if label.contains('*') {
        return Some("a `*` that is not the whole first label");
    }
    if label.contains('_') {
        return Some("an underscore");
    }
    if !label.bytes().all(ldh) {
        return Some("a character that no host name has");
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Some("a hyphen at the end of a label");
    }
    if label.as_bytes().get(2..4) != Some(b"--") {
        return None;
    }
    let punycode = label
        .get(..4)
        .filter(|prefix| prefix.eq_ignore_ascii_case("xn--"))
        .and_then(|_| idna::punycode::decode_to_string(&label[4..]));
    punycode
        .is_none()
        .then_some("a reserved label that is no Punycode")
}

/// An Internal Name or a Reserved IP Address (BR 1.6.1), as far as the name
/// tells: which top-level domains there are is not looked up.
pub(super) fn is_internal(name: &GeneralName) -> bool {
    match name {
        GeneralName::Dns(text) => {
            let host = text.to_ascii_lowercase();
            let below = |tld: &str| host.strip_suffix(tld).is_some_and(|h| h.ends_with('.'));
            !host.contains('.') || NOT_PUBLIC.into_iter().any(below)
        }
        GeneralName::Ip(octets) => address(octets).is_some_and(is_reserved),
        _ => false,
    }
}

/// The address of an iPAddress.
pub(super) fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(|o| Ipv4Addr::from(o).into());
    let v6 = || <[u8; 16]>::try_from(octets).map(|o| Ipv6Addr::from(o).into());
    v4.or_else(|_| v6()).ok()
}

/// IANA's special-purpose addresses (RFC 6890 and its registries).
fn is_reserved(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_documentation()
                || ip.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (18..20).contains(&b))
        }
        IpAddr::V6(ip) => {
            let [a, b, ..] = ip.segments();
            // 2000::/3 is all that was given out.
            a & 0xe000 != 0x2000 || (a == 0x2001 && b == 0x0db8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dns(text: &str) -> GeneralName {
        GeneralName::Dns(text.into())
    }

    #[test]
    fn hosts() {
        let long = "a".repeat(64);
        for (name, good) in [
            ("example.com", true),
            ("EXAMPLE.com", true),
            ("localhost", true),
            ("*.example.com", true),
            ("*", true), // told as a wildcard
            ("1.example.com", true),
            ("a--b.example.com", true),
            ("xn--bcher-kva.example.com", true),
            ("XN--bcher-kva.example.com", true),
            ("xn--*-1b3c148a.example.com", false),
            ("xn--99999999999.example.com", false),
            ("ab--c.example.com", false),
            ("ba*.example.com", false),
            ("foo.*.example.com", false),
            ("*.*.example.com", false),
            ("a_b.example.com", false),
            ("-a.example.com", false),
            ("a-.example.com", false),
            ("example.com.", false),
            ("a..b", false),
            ("", false),
            ("*.", false),
            ("127.0.0.1", false),
            ("a b.com", false),
            (&long, false),
        ] {
            assert_eq!(host_fault(&dns(name)).is_none(), good, "{name}");
        }
    }

    #[test]
    fn internal_names() {
        for (name, internal) in [
            (dns("localhost"), true),
            (dns("minio.local"), true),
            (dns("*.Internal"), true),
            (dns("example.com"), false),
            (dns("notlocal.com"), false),
            (GeneralName::Ip(vec![127, 0, 0, 1]), true),
            (GeneralName::Ip(vec![192, 168, 1, 1]), true),
            (GeneralName::Ip(vec![100, 64, 0, 1]), true),
            (GeneralName::Ip(vec![8, 8, 8, 8]), false),
            (GeneralName::Ip(Ipv6Addr::LOCALHOST.octets().into()), true),
            (
                GeneralName::Ip(vec![0x26, 6, 0x47, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
                false,
            ),
            (GeneralName::Ip(vec![1, 2]), false),
        ] {
            assert_eq!(is_internal(&name), internal, "{name}");
        }
    }
}
