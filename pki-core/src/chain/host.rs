//! Whether a certificate covers the name that was dialled (RFC 9525).

use std::fmt;
use std::net::IpAddr;

use crate::model::san::{GeneralName, NameError, San};

/// The name that a peer is expected to have.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum PeerName {
    /// A host name in A-labels (`xn--…`); one final dot is kept for clients, some of
    /// which compare it, and ignored here.
    Dns(String),
    /// An IP address.
    Ip(IpAddr),
    /// A mailbox, `local@host`.
    Email(String),
    /// A URI, such as a SPIFFE id.
    Uri(String),
}

impl PeerName {
    /// Reads the name as a person gives it: an IP address (IPv6 with or
    /// without brackets), `local@host`, a URI with a scheme, else a host.
    pub fn parse(text: &str) -> Self {
        let bare = text
            .strip_prefix('[')
            .and_then(|t| t.strip_suffix(']'))
            .unwrap_or(text);
        if let Ok(ip) = bare.parse() {
            return Self::Ip(ip);
        }
        match text.split_once(':') {
            Some((scheme, _)) if is_scheme(scheme) => Self::Uri(text.to_owned()),
            _ if text.contains('@') => Self::Email(text.to_owned()),
            _ => Self::Dns(text.to_owned()),
        }
    }

    /// What a client dials: as a certificate would name it, IPv6 with brackets
    /// or without, a host in Unicode or with the dot of the root.
    ///
    /// # Errors
    /// What a certificate cannot name (a port, a URL, white space, …), and a
    /// wildcard, which nobody dials.
    pub fn dialled(text: &str) -> Result<Self, NameError> {
        let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        if let Some(Ok(ip)) = inner.map(str::parse) {
            return Ok(Self::Ip(IpAddr::V6(ip)));
        }
        let rootless = text.strip_suffix('.').filter(|t| !t.ends_with('.'));
        Ok(match San::parse(rootless.unwrap_or(text))? {
            San::Dns(name) if name.is_wildcard() => {
                return Err(NameError::Pattern(name.as_str().to_owned()));
            }
            San::Dns(name) => {
                let root = if rootless.is_some() { "." } else { "" };
                Self::Dns(format!("{}{root}", name.as_str()))
            }
            San::Ip(ip) => Self::Ip(ip),
            San::Email(text) => Self::Email(text),
            San::Uri(text) => Self::Uri(text),
        })
    }
}

fn is_scheme(text: &str) -> bool {
    // RFC 3986 3.1
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => write!(f, "{ip}"),
            Self::Dns(text) | Self::Email(text) | Self::Uri(text) => f.write_str(text),
        }
    }
}

/// The name is not covered.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("covers {}", if .present.is_empty() { "no name".into() } else { .present.join(", ") })]
pub struct NotCovered {
    /// The names that would have been covered, as they stand in the certificate.
    pub present: Vec<String>,
}

/// Whether one of `names` covers `peer`.
///
/// Hosts are compared without case; `*` stands for exactly one label and only
/// as the whole leftmost one (RFC 9525 6.3). An IP address is covered by its
/// octets alone (6.4); the local part of a mailbox is compared with case (RFC
/// 5280 7.5), a URI octet by octet save scheme and host. The subject's CN is
/// never looked at. Not checked: public suffixes, and how many labels stand
/// behind a wildcard.
///
/// # Errors
/// The names that are there.
pub fn matches(peer: &PeerName, names: &[GeneralName]) -> Result<(), NotCovered> {
    if covers(names, peer) {
        return Ok(());
    }
    Err(NotCovered {
        present: names.iter().map(ToString::to_string).collect(),
    })
}

/// As [`matches()`], without the names that are there.
pub fn covers(names: &[GeneralName], peer: &PeerName) -> bool {
    names.iter().any(|name| match (peer, name) {
        (PeerName::Dns(host), GeneralName::Dns(pattern)) => covers_host(pattern, host),
        (PeerName::Ip(IpAddr::V4(ip)), GeneralName::Ip(octets)) => octets == &ip.octets(),
        (PeerName::Ip(IpAddr::V6(ip)), GeneralName::Ip(octets)) => octets == &ip.octets(),
        (PeerName::Email(a), GeneralName::Email(b)) => same_mailbox(a, b),
        (PeerName::Uri(a), GeneralName::Uri(b)) => same_uri(a, b),
        _ => false,
    })
}

/// Whether the dNSName `pattern` covers `host`.
fn covers_host(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    // What differs is most often told by the text alone.
    let (pattern, rest) = match pattern.strip_prefix("*.") {
        None => (pattern, Some(host)),
        Some(base) => (base, host.split_once('.').map(|(_, rest)| rest)),
    };
    rest.is_some_and(|rest| rest.eq_ignore_ascii_case(pattern))
        && is_host(pattern)
        && is_host(host)
        && host.parse::<IpAddr>().is_err()
}

/// Letters, digits, `-` and `_` in labels of 1 to 63, 253 in all (RFC 1034
/// 3.5; underscores occur and are the consumers' business).
pub(super) fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

/// Local part and host of a mailbox; `None` when it is none.
pub(super) fn mailbox(text: &str) -> Option<(&str, &str)> {
    let (local, host) = text.split_once('@')?;
    (!local.is_empty() && is_host(host)).then_some((local, host))
}

fn same_mailbox(a: &str, b: &str) -> bool {
    match (mailbox(a), mailbox(b)) {
        (Some((local_a, host_a)), Some((local_b, host_b))) => {
            local_a == local_b && host_a.eq_ignore_ascii_case(host_b)
        }
        _ => false,
    }
}

/// Scheme, authority and the rest of a URI; the authority is `None` where
/// there is no `//`.
pub(super) fn uri_parts(uri: &str) -> Option<(&str, Option<&str>, &str)> {
    let (scheme, rest) = uri.split_once(':')?;
    if !is_scheme(scheme) {
        return None;
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return Some((scheme, None, rest));
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some((scheme, Some(&rest[..end]), &rest[end..]))
}

/// The host in an authority, without user and port.
pub(super) fn authority_host(authority: &str) -> &str {
    let host = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    if host.starts_with('[') {
        return host.find(']').map_or(host, |end| &host[..=end]);
    }
    host.split_once(':').map_or(host, |(h, _)| h)
}

fn same_uri(a: &str, b: &str) -> bool {
    match (uri_parts(a), uri_parts(b)) {
        (Some((scheme_a, at_a, rest_a)), Some((scheme_b, at_b, rest_b))) => {
            scheme_a.eq_ignore_ascii_case(scheme_b)
                && rest_a == rest_b
                && at_a.map(str::to_ascii_lowercase) == at_b.map(str::to_ascii_lowercase)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dns(name: &str) -> GeneralName {
        GeneralName::Dns(name.into())
    }

    #[test]
    fn hosts() {
        for (pattern, host, covered) in [
            ("example.com", "example.com", true),
            ("EXAMPLE.com", "example.COM", true),
            ("example.com", "example.com.", true),
            ("example.com.", "example.com", false),
            ("example.com", "www.example.com", false),
            ("*.example.com", "www.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("*.com", "example.com", true),
            ("*", "minio", false),
            ("w*.example.com", "www.example.com", false),
            ("*w.example.com", "www.example.com", false),
            ("a.*.example.com", "a.b.example.com", false),
            ("*.*.example.com", "a.b.example.com", false),
            ("*.example.com", "*.example.com", false),
            ("*.example.com", ".example.com", false),
            ("minkms.1_default", "minkms.1_default", true),
            ("xn--628h.example.com", "XN--628H.example.com", true),
            ("😜.example.com", "😜.example.com", false),
            ("127.0.0.1", "127.0.0.1", false),
            ("", "", false),
        ] {
            let found = matches(&PeerName::Dns(host.into()), &[dns(pattern)]).is_ok();
            assert_eq!(found, covered, "{pattern} {host}");
        }
    }

    #[test]
    fn other_forms() {
        let ip = |octets: &[u8]| GeneralName::Ip(octets.to_vec());
        let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1];
        for (peer, name, covered) in [
            ("10.0.0.1", ip(&[10, 0, 0, 1]), true),
            ("10.0.0.1", ip(&mapped), false),
            ("10.0.0.1", dns("10.0.0.1"), false),
            ("[::1]", ip(&std::net::Ipv6Addr::LOCALHOST.octets()), true),
            ("a@b.c", GeneralName::Email("a@B.c".into()), true),
            ("a@b.c", GeneralName::Email("A@b.c".into()), false),
            ("a@b@c", GeneralName::Email("a@b@c".into()), false),
            (
                "spiffe://x/a",
                GeneralName::Uri("SPIFFE://X/a".into()),
                true,
            ),
            (
                "spiffe://x/a",
                GeneralName::Uri("spiffe://x/A".into()),
                false,
            ),
            ("urn:x", GeneralName::Uri("urn:x".into()), true),
        ] {
            let found = matches(&PeerName::parse(peer), std::slice::from_ref(&name)).is_ok();
            assert_eq!(found, covered, "{peer} {name:?}");
        }
    }

    #[test]
    fn what_is_dialled_is_one_name() {
        for (text, expected) in [
            ("A.example.com", "a.example.com"),
            ("A.example.com.", "a.example.com."),
            ("bücher.example", "xn--bcher-kva.example"),
            ("minkms.1_default", "minkms.1_default"),
            ("10.0.0.1", "10.0.0.1"),
            ("::1", "::1"),
            ("[2001:DB8::1]", "2001:db8::1"),
            ("a@example.com", "a@example.com"),
            ("spiffe://x/a", "spiffe://x/a"),
        ] {
            let name = PeerName::dialled(text).unwrap();
            assert_eq!(name.to_string(), expected, "{text}");
        }
        for (text, right) in [
            ("", None),
            ("bad name", None),
            ("*.example.com", None),
            ("a..", Some("a")),
            ("[10.0.0.1]", None),
            ("https://a.example.com:9000/x", Some("a.example.com")),
            ("a.example.com:443", Some("a.example.com")),
            ("10.0.0.1:443", Some("10.0.0.1")),
            ("[::1]:443", Some("::1")),
            ("fe80::1%eth0", Some("fe80::1")),
        ] {
            let error = PeerName::dialled(text).unwrap_err();
            assert_eq!(error.right().as_deref(), right, "{text}: {error}");
        }
    }

    #[test]
    fn the_dot_of_the_root_is_kept_and_does_not_count() {
        let dialled = PeerName::dialled("host.example.com.").unwrap();
        assert_eq!(dialled, PeerName::Dns("host.example.com.".into()));
        assert!(covers(&[dns("host.example.com")], &dialled));
        assert!(!covers(&[dns("other.example.com")], &dialled));
    }

    #[test]
    fn a_refusal_says_what_would_have_matched() {
        let error = matches(&PeerName::parse("minio"), &[dns("aistor-1"), dns("aistor")]);
        assert_eq!(error.unwrap_err().present.len(), 2);
    }
}
