//! Subject alternative names (RFC 5280 4.2.1.6).
//!
//! [`San`] is a name we issue, [`Constraint`] what an authority of ours may
//! vouch for, [`GeneralName`] a name as it stands in any certificate.

mod constraint;
mod dns;
mod error;
mod general;
mod mail;
mod range;
mod uri;

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

pub use constraint::{Constraint, all_permitted, excluded_forms, permitted_forms};
pub use dns::DnsName;
pub use error::NameError;
pub use general::GeneralName;
pub use range::{MAX_EXPANDED, expand};

/// A name we issue. [`San::parse`] is the one way to make it from a text, and
/// what it returns is valid.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum San {
    /// A host name, perhaps a wildcard.
    Dns(DnsName),
    /// An address.
    Ip(IpAddr),
    /// A mailbox, `local@domain`, ASCII (RFC 5280 4.2.1.6).
    Email(String),
    /// An absolute URI, ASCII (RFC 3986).
    Uri(String),
}

/// Schemes of addresses that people paste where a host name belongs.
const ADDRESS_SCHEMES: [&str; 13] = [
    "http", "https", "tcp", "tls", "ssl", "ws", "wss", "ftp", "ftps", "s3", "s3a", "grpc", "grpcs",
];
/// Longest text of any form, in octets: a URI and its prefix.
const MAX_TEXT: usize = uri::MAX + 4;

impl San {
    /// Reads a name and finds out what it is: an IP address, `a@b` a mailbox,
    /// `scheme://…` or `urn:…` a URI, else a host name.
    ///
    /// The prefixes `DNS:`, `IP:`, `email:`, `URI:` of OpenSSL say it instead;
    /// the name must then be of that kind. A host name in Unicode becomes
    /// A-labels (UTS 46, non-transitional) and is lower case in any case.
    ///
    /// Does not look at what some consumer refuses (underscores, `*.local`):
    /// [`DnsName`] tells.
    ///
    /// # Errors
    /// See [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        check_length(text)?;
        if text.contains(char::is_whitespace) {
            return Err(NameError::Space(text.into()));
        }
        if let Some((kind, rest)) = split_prefix(text) {
            return match kind {
                "DNS" => host(rest).map(Self::Dns),
                "IP" => ip(rest).map(Self::Ip),
                "email" => mail::mailbox(rest).map(Self::Email),
                _ => uri::uri(rest).map(Self::Uri),
            };
        }
        if let Ok(ip) = IpAddr::from_str(text) {
            return Ok(Self::Ip(ip));
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            let scheme = scheme.to_ascii_lowercase();
            if ADDRESS_SCHEMES.contains(&&*scheme) {
                return Err(NameError::Url {
                    name: text.into(),
                    right: host_of(rest).into(),
                });
            }
            return uri::uri(text).map(Self::Uri);
        }
        if text
            .get(..4)
            .is_some_and(|t| t.eq_ignore_ascii_case("urn:"))
        {
            return uri::uri(text).map(Self::Uri);
        }
        if text.contains('@') {
            return mail::mailbox(text).map(Self::Email);
        }
        // What looks like an address gets the words for a bad address.
        if text.contains(['[', '%']) || text.matches(':').count() > 1 || is_network(text) {
            return ip(text).map(Self::Ip);
        }
        host(text).map(Self::Dns)
    }

    /// The word for its form: `DNS`, `IP`, `email` or `URI`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Dns(_) => "DNS",
            Self::Ip(_) => "IP",
            Self::Email(_) => "email",
            Self::Uri(_) => "URI",
        }
    }
}

/// The plain value; an IPv6 address in its short form (RFC 5952).
impl fmt::Display for San {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => name.fmt(f),
            Self::Ip(ip) => ip.fmt(f),
            Self::Email(text) | Self::Uri(text) => text.fmt(f),
        }
    }
}

impl FromStr for San {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

/// So that no error repeats a text without end.
fn check_length(text: &str) -> Result<(), NameError> {
    if text.len() <= MAX_TEXT {
        return Ok(());
    }
    Err(NameError::Long {
        name: text.chars().take(40).collect(),
        length: text.len(),
        max: MAX_TEXT,
    })
}

/// The form that OpenSSL's prefix of `text` names, and the rest.
fn split_prefix(text: &str) -> Option<(&'static str, &str)> {
    let (prefix, rest) = text.split_once(':')?;
    let kind = ["DNS", "IP", "email", "URI"]
        .into_iter()
        .find(|kind| kind.eq_ignore_ascii_case(prefix))?;
    // `dns:9000` is a host and a port.
    let port = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    (!port).then_some((kind, rest))
}

/// A host name that is no address.
fn host(text: &str) -> Result<DnsName, NameError> {
    if IpAddr::from_str(text).is_ok() {
        return Err(NameError::IpAsDns(text.into()));
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        return Err(NameError::Url {
            name: format!("{scheme}://{rest}"),
            right: host_of(rest).into(),
        });
    }
    if let Some((name, port)) = text.rsplit_once(':') {
        let digits = port.split('/').next().unwrap_or_default();
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NameError::Port {
                name: text.into(),
                right: name.into(),
            });
        }
    }
    DnsName::parse(text)
}

/// An address, alone.
fn ip(text: &str) -> Result<IpAddr, NameError> {
    if let Ok(ip) = IpAddr::from_str(text) {
        return Ok(ip);
    }
    if is_network(text) {
        return Err(NameError::Network(text.into()));
    }
    if let Some((inner, after)) = text.strip_prefix('[').and_then(|t| t.split_once(']')) {
        let inner = inner.split('%').next().unwrap_or_default();
        if Ipv6Addr::from_str(inner).is_ok() {
            let (name, right) = (text.into(), inner.into());
            return Err(if after.starts_with(':') {
                NameError::Port { name, right }
            } else {
                NameError::Brackets { name, right }
            });
        }
    }
    if let Some((address, _)) = text.split_once('%')
        && Ipv6Addr::from_str(address).is_ok()
    {
        return Err(NameError::Zone {
            name: text.into(),
            right: address.into(),
        });
    }
    if let Some((address, _)) = text.rsplit_once(':')
        && address.parse::<std::net::Ipv4Addr>().is_ok()
    {
        return Err(NameError::Port {
            name: text.into(),
            right: address.into(),
        });
    }
    Err(NameError::Ip(text.into()))
}

/// Whether `text` is `ADDRESS/…`.
fn is_network(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(address, _)| IpAddr::from_str(address).is_ok())
}

/// The host in what follows the `//` of a URL.
fn host_of(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.strip_prefix('[').and_then(|h| h.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
