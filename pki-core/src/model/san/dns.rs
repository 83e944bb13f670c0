//! Host names.

use std::fmt;
use std::net::Ipv4Addr;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::NameError;

/// A host name as it stands in a dNSName: lower case, A-labels, no final dot,
/// `*` at most as the whole first label. Underscores are let through.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DnsName(String);

/// Octets of a label and of a name without the root (RFC 1035 2.3.4).
const MAX_LABEL: usize = 63;
const MAX_NAME: usize = 253;
/// No text longer than this is given to IDNA; what it makes is never shorter
/// than a quarter.
const MAX_TEXT: usize = 4 * MAX_NAME;

impl DnsName {
    /// Reads a host name; Unicode becomes A-labels.
    ///
    /// # Errors
    /// See [`NameError`].
    pub(super) fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() > MAX_TEXT {
            return Err(too_long(text));
        }
        check_shape(text)?;
        let (star, base) = match text.strip_prefix("*.") {
            Some(base) => ("*.", base),
            None => ("", text),
        };
        let base = to_ascii(base).map_err(|e| match e {
            // No address has a star.
            NameError::OtherIp { .. } if !star.is_empty() => NameError::NumericEnd(text.into()),
            other => other,
        })?;
        let name = format!("{star}{base}");
        // Mapping can make dots and other characters of Unicode ones.
        check_shape(&name)?;
        check_ascii(&name)?;
        Ok(Self(name))
    }

    /// As it stands in the certificate.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it starts with `*.`.
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// Whether it has an underscore, which Java refuses.
    pub fn has_underscore(&self) -> bool {
        self.0.contains('_')
    }

    /// Whether it is a wildcard over one label, as `*.local`, which OpenSSL,
    /// Python and rustls refuse.
    pub fn wildcard_over_one_label(&self) -> bool {
        self.0
            .strip_prefix("*.")
            .is_some_and(|base| !base.contains('.'))
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Dots and stars in their places.
fn check_shape(text: &str) -> Result<(), NameError> {
    let name = || text.to_owned();
    // Before the dots of a range are taken for empty labels.
    if let Some(character) = text.chars().find(|c| matches!(c, '{' | '}')) {
        let name = name();
        return Err(NameError::Character { name, character });
    }
    match text {
        "" => return Err(NameError::Empty),
        "*" => return Err(NameError::BareWildcard),
        _ if text.contains(char::is_whitespace) => return Err(NameError::Space(name())),
        _ if text.contains("..") => return Err(NameError::EmptyLabel(name())),
        _ if text.starts_with('.') => return Err(NameError::LeadingDot(name())),
        _ if text.ends_with('.') => return Err(NameError::TrailingDot(name())),
        _ => {}
    }
    if text.strip_prefix("*.").unwrap_or(text).contains('*') {
        return Err(NameError::Wildcard(name()));
    }
    Ok(())
}

/// Lower case and A-labels; those that are there already are checked.
fn to_ascii(base: &str) -> Result<String, NameError> {
    if base.is_ascii() {
        // First, so that a character is called by its name.
        check_ascii(&base.to_ascii_lowercase())?;
    }
    Uts46::new()
        .to_ascii(
            base.as_bytes(),
            AsciiDenyList::EMPTY,
            Hyphens::Allow,
            DnsLength::Ignore,
        )
        .map(Into::into)
        .map_err(|_| NameError::Idn(base.to_owned()))
}

fn check_ascii(text: &str) -> Result<(), NameError> {
    let name = || text.to_owned();
    let base = text.strip_prefix("*.").unwrap_or(text);
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if let Some(character) = base.chars().find(|&c| !allowed(c)) {
        return Err(NameError::Character {
            name: name(),
            character,
        });
    }
    for label in base.split('.') {
        if label.len() > MAX_LABEL {
            return Err(NameError::LongLabel {
                name: name(),
                length: label.len(),
            });
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(NameError::Hyphen(name()));
        }
    }
    if text.len() > MAX_NAME {
        return Err(too_long(text));
    }
    let last = base.rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x");
    if last.bytes().all(|b| b.is_ascii_digit())
        || hex.is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        return Err(match aton(text) {
            Some(right) => NameError::OtherIp {
                name: name(),
                right: right.to_string(),
            },
            None => NameError::NumericEnd(name()),
        });
    }
    Ok(())
}

/// The address that `inet_aton(3)` and browsers read in a text: one to four
/// numbers, each decimal, octal after `0` or hexadecimal after `0x`, the last
/// of them for all octets that are left (WHATWG URL, 3.5).
fn aton(text: &str) -> Option<Ipv4Addr> {
    let number = |part: &str| match part.strip_prefix("0x") {
        Some("") => Some(0),
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None if part.len() > 1 && part.starts_with('0') => u32::from_str_radix(part, 8).ok(),
        None => part.parse().ok(),
    };
    let numbers = text.split('.').map(number).collect::<Option<Vec<u32>>>()?;
    let (last, octets) = numbers.split_last()?;
    if octets.len() > 3 || octets.iter().any(|octet| *octet > 255) {
        return None;
    }
    let left = 32 - 8 * u32::try_from(octets.len()).ok()?;
    if u64::from(*last) >> left != 0 {
        return None;
    }
    let above = octets.iter().fold(0, |sum: u32, octet| (sum << 8) | octet);
    let above = above.checked_shl(left).unwrap_or(0);
    Some(Ipv4Addr::from(above | last))
}

fn too_long(text: &str) -> NameError {
    NameError::Long {
        name: text.to_owned(),
        length: text.len(),
        max: MAX_NAME,
    }
}
