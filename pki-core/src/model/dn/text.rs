//! The text form of RFC 4514, read and written.

use std::fmt;

use super::{Attribute, Dn, DnError, Rdn, types};
use crate::der::Reader;

/// As `openssl x509 -noout -subject -nameopt RFC2253` prints it (OpenSSL 3.0):
/// the last octets first, also within an RDN; empty RDNs do not show.
///
/// Where OpenSSL cuts or drops something, this prints it: dotted types over 79
/// characters, ill-formed BMPString and UniversalString (in hex).
impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rdns = self.rdns.iter().rev().map(Rdn::attributes);
        for (at, attributes) in rdns.filter(|a| !a.is_empty()).enumerate() {
            for (inner, attribute) in attributes.iter().rev().enumerate() {
                match (at, inner) {
                    (0, 0) => {}
                    (_, 0) => f.write_str(",")?,
                    _ => f.write_str("+")?,
                }
                write!(f, "{attribute}")?;
            }
        }
        Ok(())
    }
}

/// The RDNs in the order of the text.
pub(super) fn parse(text: &str) -> Result<Vec<Vec<Attribute>>, DnError> {
    let text = text.trim_start_matches(' ');
    if text.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(line) = text.strip_prefix('/') {
        return Err(DnError::Slashes {
            found: text.to_owned(),
            right: from_slashes(line),
        });
    }
    let mut rdns = vec![Vec::new()];
    let mut rest = text;
    loop {
        let (word, after) = split_type(rest)?;
        let (attribute, after) = value(word, after.trim_start_matches(' '))?;
        if let Some(rdn) = rdns.last_mut() {
            rdn.push(attribute);
        }
        let mut chars = after.chars();
        match chars.next() {
            None => return Ok(rdns),
            Some(',') => rdns.push(Vec::new()),
            Some(_) => {}
        }
        rest = chars.as_str();
    }
}

/// What stands before the next `=`, and what after it.
fn split_type(text: &str) -> Result<(&str, &str), DnError> {
    let end = text.find([',', '+']).unwrap_or(text.len());
    match text.split_once('=') {
        Some((word, after)) if word.len() < end => Ok((word.trim_matches(' '), after)),
        _ => Err(DnError::NoValue {
            part: text[..end].trim_matches(' ').to_owned(),
        }),
    }
}

/// The value at the start of `text`, and the rest from its separator on.
fn value<'a>(word: &str, text: &'a str) -> Result<(Attribute, &'a str), DnError> {
    if let Some(hex) = text.strip_prefix('#') {
        let end = hex.find([',', '+']).unwrap_or(hex.len());
        let digits = hex[..end].trim_end_matches(' ');
        // What OpenSSL prints for the value `#`; no element is so short.
        let attribute = if digits.is_empty() {
            Attribute::issue(word, "#")?
        } else {
            from_hex(word, digits)?
        };
        return Ok((attribute, &hex[end..]));
    }
    let (octets, rest) = unescape(word, text)?;
    let text = String::from_utf8(octets).map_err(|_| DnError::Utf8 {
        kind: word.to_owned(),
    })?;
    Ok((Attribute::issue(word, &text)?, rest))
}

/// The octets up to the next separator, without the unescaped spaces before it.
fn unescape<'a>(word: &str, text: &'a str) -> Result<(Vec<u8>, &'a str), DnError> {
    let mut octets = Vec::new();
    let mut kept = 0;
    let mut chars = text.chars();
    loop {
        let rest = chars.as_str();
        match chars.next() {
            None | Some(',' | '+') => {
                octets.truncate(kept);
                return Ok((octets, rest));
            }
            Some('\\') => {
                let after = chars.as_str();
                let (octet, length) = escape(after)?;
                octets.push(octet);
                kept = octets.len();
                chars = after[length..].chars();
            }
            Some(character @ ('"' | ';' | '<' | '>')) => {
                return Err(DnError::Unescaped {
                    kind: word.to_owned(),
                    character,
                });
            }
            Some(character) => {
                octets.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                if character != ' ' {
                    kept = octets.len();
                }
            }
        }
    }
}

/// The octet that the escape before `text` stands for, and its length there.
fn escape(text: &str) -> Result<(u8, usize), DnError> {
    if let Some(octet) = text.get(..2).and_then(octet) {
        return Ok((octet, 2));
    }
    match text.bytes().next() {
        Some(octet) if b" \"#+,;<=>\\".contains(&octet) => Ok((octet, 1)),
        _ => Err(DnError::Escape {
            found: text.chars().take(1).collect(),
        }),
    }
}

fn octet(digits: &str) -> Option<u8> {
    let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

fn from_hex(word: &str, digits: &str) -> Result<Attribute, DnError> {
    let bad = || DnError::Hex {
        found: format!("#{digits}"),
    };
    let kind = types::octets_of(word)?;
    if !digits.len().is_multiple_of(2) {
        return Err(bad());
    }
    let der = (0..digits.len())
        .step_by(2)
        .map(|at| digits.get(at..at + 2).and_then(octet))
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(bad)?;
    let mut reader = Reader::new(&der);
    let element = reader.any().map_err(|_| bad())?;
    reader.end().map_err(|_| bad())?;
    Ok(Attribute::new(&kind, element.tag, element.value))
}

/// `C=US/O=a, b/CN=x` in the form of RFC 4514; a slash not followed by
/// `TYPE=` belongs to the value before it.
fn from_slashes(line: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in line.split('/') {
        match parts.last_mut() {
            Some(last) if !part.contains('=') => {
                last.push('/');
                last.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    let escaped = parts.iter().rev().map(|part| part.replace(',', "\\,"));
    escaped.collect::<Vec<_>>().join(", ")
}
