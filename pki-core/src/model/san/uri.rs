//! URIs (RFC 5280 4.2.1.6, RFC 3986) and SPIFFE ids.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::{DnsName, NameError};

/// Longest that we issue: the limit of a SPIFFE id in octets (SPIFFE-ID 2.3).
pub(super) const MAX: usize = 2048;

/// Reads an absolute URI and keeps it as it is. A host, where there is an
/// authority part, must be a host name or an address (RFC 5280 4.2.1.6).
pub(super) fn uri(text: &str) -> Result<String, NameError> {
    if text.len() > MAX {
        return Err(NameError::Long {
            name: text.to_owned(),
            length: text.len(),
            max: MAX,
        });
    }
    judge(text).map_err(|why| NameError::Uri {
        name: text.to_owned(),
        why,
    })?;
    Ok(text.to_owned())
}

fn judge(text: &str) -> Result<(), &'static str> {
    let (scheme, rest) = text.split_once(':').ok_or("it has no scheme")?;
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(in_scheme) {
        return Err("what stands before the `:` is no scheme");
    }
    if rest.is_empty() {
        return Err("nothing follows the scheme");
    }
    if !rest.is_ascii() {
        return Err("it is not ASCII; other characters are written as %XX");
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    if !rest.chars().all(allowed) {
        return Err("it has a character that is written as %XX");
    }
    let escape =
        |part: &str| part.len() >= 2 && part.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    if !rest.split('%').skip(1).all(escape) {
        return Err("`%` must be followed by two hex digits");
    }
    if scheme.eq_ignore_ascii_case("spiffe") {
        return spiffe(text);
    }
    if scheme.eq_ignore_ascii_case("urn") {
        // RFC 8141: `urn:NID:NSS`.
        let (space, specific) = rest.split_once(':').ok_or("a URN is `urn:SPACE:NAME`")?;
        return if space.is_empty() || specific.is_empty() {
            Err("a URN is `urn:SPACE:NAME`")
        } else {
            Ok(())
        };
    }
    match rest.strip_prefix("//") {
        Some(rest) => authority(rest.split(['/', '?', '#']).next().unwrap_or_default()),
        None => Ok(()),
    }
}

/// `[user@]host[:port]`.
fn authority(text: &str) -> Result<(), &'static str> {
    let host = text.rsplit('@').next().unwrap_or_default();
    let (host, port) = match host.strip_prefix('[').and_then(|h| h.split_once(']')) {
        Some((address, port)) => {
            Ipv6Addr::from_str(address).map_err(|_| "its host is no IPv6 address")?;
            ("", port.strip_prefix(':').unwrap_or(port))
        }
        None => host.split_once(':').unwrap_or((host, "")),
    };
    if !port.bytes().all(|b| b.is_ascii_digit()) {
        return Err("its port is no number");
    }
    let literal = text.contains('[');
    if literal || Ipv4Addr::from_str(host).is_ok() {
        return Ok(());
    }
    match DnsName::parse(host) {
        Ok(name) if !name.is_wildcard() => Ok(()),
        _ => Err("its host is neither a host name nor an address"),
    }
}

/// SPIFFE-ID 2: `spiffe://trust-domain/path`.
fn spiffe(text: &str) -> Result<(), &'static str> {
    let rest = text
        .strip_prefix("spiffe://")
        .ok_or("a SPIFFE id starts with `spiffe://`, lower case")?;
    let (domain, path) = match rest.split_once('/') {
        Some((domain, path)) => (domain, Some(path)),
        None => (rest, None),
    };
    let in_domain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b);
    if domain.is_empty() || domain.len() > 255 || !domain.bytes().all(in_domain) {
        return Err("the trust domain has a-z, 0-9, `.`, `-` and `_` only, at most 255");
    }
    let segment = |part: &str| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
        !matches!(part, "" | "." | "..") && part.bytes().all(allowed)
    };
    if path.is_some_and(|path| !path.split('/').all(segment)) {
        return Err(
            "the parts of a SPIFFE path have letters, digits, `.`, `-`, `_`, and none is empty",
        );
    }
    Ok(())
}
