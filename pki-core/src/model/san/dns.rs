//! Host names.

use std::fmt;

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
        let name = format!("{star}{}", to_ascii(base)?);
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
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NameError::NumericEnd(name()));
    }
    Ok(())
}

fn too_long(text: &str) -> NameError {
    NameError::Long {
        name: text.to_owned(),
        length: text.len(),
        max: MAX_NAME,
    }
}
