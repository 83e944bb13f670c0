//! DER, the byte form of everything in X.509: a strict reader and a writer.
//!
//! X.690 (DER) allows one encoding per value. The reader refuses what is not
//! it: indefinite or non-minimal lengths, values that run past their frame.
//! It knows tags and lengths only; [`not_strict`] also what X.690 says of the
//! content octets of each type. Meaning belongs to the callers.

mod strict;

pub use strict::{is_minimal, not_strict};

/// Tags used in X.509 (X.690 8.1.2, universal unless said otherwise).
pub mod tag {
    /// BOOLEAN
    pub const BOOLEAN: u8 = 0x01;
    /// INTEGER
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING
    pub const BIT_STRING: u8 = 0x03;
    /// OCTET STRING
    pub const OCTET_STRING: u8 = 0x04;
    /// NULL
    pub const NULL: u8 = 0x05;
    /// ENUMERATED
    pub const ENUMERATED: u8 = 0x0a;
    /// OBJECT IDENTIFIER
    pub const OID: u8 = 0x06;
    /// UTF8String
    pub const UTF8_STRING: u8 = 0x0c;
    /// SEQUENCE, constructed
    pub const SEQUENCE: u8 = 0x30;
    /// SET, constructed
    pub const SET: u8 = 0x31;
    /// NumericString
    pub const NUMERIC_STRING: u8 = 0x12;
    /// PrintableString
    pub const PRINTABLE_STRING: u8 = 0x13;
    /// TeletexString (T61String)
    pub const T61_STRING: u8 = 0x14;
    /// IA5String
    pub const IA5_STRING: u8 = 0x16;
    /// UTCTime
    pub const UTC_TIME: u8 = 0x17;
    /// GeneralizedTime
    pub const GENERALIZED_TIME: u8 = 0x18;
    /// UniversalString
    pub const UNIVERSAL_STRING: u8 = 0x1c;
    /// BMPString
    pub const BMP_STRING: u8 = 0x1e;

    /// Context tag `[n]`, constructed.
    pub const fn context(n: u8) -> u8 {
        0xa0 | n
    }

    /// Context tag `[n]`, primitive.
    pub const fn context_primitive(n: u8) -> u8 {
        0x80 | n
    }
}

/// Why some bytes are not DER.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DerError {
    /// The value ends before its length says so.
    #[error("cut short at octet {at}")]
    Truncated {
        /// Offset of the element, in octets from the start of the reader.
        at: usize,
    },
    /// Indefinite, non-minimal or over-long length.
    #[error("length not in DER form at octet {at}")]
    Length {
        /// Offset of the element.
        at: usize,
    },
    /// A tag of several octets, which X.509 never uses.
    #[error("tag of several octets at octet {at}")]
    HighTag {
        /// Offset of the element.
        at: usize,
    },
    /// Another element than the one expected.
    #[error("tag {found:#04x} where {expected:#04x} belongs, at octet {at}")]
    Tag {
        /// Offset of the element.
        at: usize,
        /// The tag that is there.
        found: u8,
        /// The tag that belongs there.
        expected: u8,
    },
    /// Octets after the last element.
    #[error("{count} octets after the end of the value")]
    Trailing {
        /// How many.
        count: usize,
    },
}

/// One element: tag, value, and the whole encoding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Element<'a> {
    /// The identifier octet.
    pub tag: u8,
    /// The content octets.
    pub value: &'a [u8],
    /// Identifier, length and content octets.
    pub raw: &'a [u8],
}

impl<'a> Element<'a> {
    /// A reader over the content.
    pub fn reader(&self) -> Reader<'a> {
        Reader::new(self.value)
    }
}

/// Reads elements one after another.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first octet of `input`.
    pub fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0 }
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.at == self.input.len()
    }

    /// The octets not read yet.
    pub fn rest(&self) -> &'a [u8] {
        &self.input[self.at..]
    }

    /// The tag of the next element, not read yet.
    pub fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    /// The next element, whatever it is.
    ///
    /// # Errors
    /// When it is cut short or its length is not in DER form.
    pub fn any(&mut self) -> Result<Element<'a>, DerError> {
        let at = self.at;
        let truncated = DerError::Truncated { at };
        let input = &self.input[at..];
        let (&tag, after) = input.split_first().ok_or(truncated)?;
        if tag & 0x1f == 0x1f {
            return Err(DerError::HighTag { at });
        }
        let (&first, after) = after.split_first().ok_or(truncated)?;
        let (length, header) = if first < 0x80 {
            (usize::from(first), 2)
        } else {
            let count = usize::from(first & 0x7f);
            if count == 0 || count > 4 {
                return Err(DerError::Length { at });
            }
            let octets = after.get(..count).ok_or(truncated)?;
            let length = octets
                .iter()
                .fold(0_usize, |sum, &o| (sum << 8) | usize::from(o));
            if octets[0] == 0 || length < 0x80 {
                return Err(DerError::Length { at });
            }
            (length, 2 + count)
        };
        let end = header.checked_add(length).ok_or(truncated)?;
        let raw = input.get(..end).ok_or(truncated)?;
        self.at += end;
        Ok(Element {
            tag,
            value: &raw[header..],
            raw,
        })
    }

    /// The next element, which must have `expected` as its tag.
    ///
    /// # Errors
    /// As [`Self::any`], and when the tag is another.
    pub fn element(&mut self, expected: u8) -> Result<Element<'a>, DerError> {
        let at = self.at;
        let element = self.any()?;
        if element.tag == expected {
            Ok(element)
        } else {
            self.at = at;
            Err(DerError::Tag {
                at,
                found: element.tag,
                expected,
            })
        }
    }

    /// The next element where its tag is `expected`, else `None`.
    ///
    /// # Errors
    /// As [`Self::any`].
    pub fn optional(&mut self, expected: u8) -> Result<Option<Element<'a>>, DerError> {
        if self.peek() == Some(expected) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Asserts that nothing is left.
    ///
    /// # Errors
    /// When octets remain.
    pub fn end(&self) -> Result<(), DerError> {
        match self.rest().len() {
            0 => Ok(()),
            count => Err(DerError::Trailing { count }),
        }
    }
}

/// The only element of `input`.
///
/// # Errors
/// When it is no DER, has another tag, or octets follow it.
pub fn only(input: &[u8], expected: u8) -> Result<Element<'_>, DerError> {
    let mut reader = Reader::new(input);
    let element = reader.element(expected)?;
    reader.end()?;
    Ok(element)
}

/// Encodes one element.
pub fn encode(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 6);
    out.push(tag);
    if value.len() < 0x80 {
        #[expect(clippy::cast_possible_truncation, reason = "below 128")]
        out.push(value.len() as u8);
    } else {
        let octets = value.len().to_be_bytes();
        let skip = octets.iter().take_while(|&&o| o == 0).count();
        #[expect(clippy::cast_possible_truncation, reason = "at most 8")]
        out.push(0x80 | (octets.len() - skip) as u8);
        out.extend_from_slice(&octets[skip..]);
    }
    out.extend_from_slice(value);
    out
}

/// Encodes a SEQUENCE of parts that are already encoded.
pub fn sequence<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Vec<u8> {
    encode(tag::SEQUENCE, &join(parts))
}

/// Encodes a SET OF: the parts are put in DER order (X.690 11.6).
pub fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    encode(tag::SET, &join(parts))
}

/// Encodes a BIT STRING with no unused bits.
pub fn bit_string(octets: &[u8]) -> Vec<u8> {
    encode(tag::BIT_STRING, &join([&[0][..], octets]))
}

/// Encodes an unsigned INTEGER given as big-endian octets.
pub fn unsigned(octets: &[u8]) -> Vec<u8> {
    let skip = octets.iter().take_while(|&&o| o == 0).count();
    let trimmed = &octets[skip..];
    match trimmed.first() {
        None => encode(tag::INTEGER, &[0]),
        Some(&first) if first >= 0x80 => encode(tag::INTEGER, &join([&[0][..], trimmed])),
        Some(_) => encode(tag::INTEGER, trimmed),
    }
}

/// Joins encoded parts.
pub fn join<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Vec<u8> {
    parts.into_iter().fold(Vec::new(), |mut out, part| {
        out.extend_from_slice(part.as_ref());
        out
    })
}

/// Content octets of an OBJECT IDENTIFIER as dotted text; `None` when malformed.
pub fn oid_text(value: &[u8]) -> Option<String> {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc: u64 = 0;
    let mut fresh = true;
    for &octet in value {
        if fresh && octet == 0x80 {
            return None;
        }
        arc = arc.checked_mul(128)?.checked_add(u64::from(octet & 0x7f))?;
        fresh = octet & 0x80 == 0;
        if fresh {
            if arcs.is_empty() {
                let first = (arc / 40).min(2);
                arcs.push(first);
                arcs.push(arc - first * 40);
            } else {
                arcs.push(arc);
            }
            arc = 0;
        }
    }
    if !fresh || arcs.is_empty() {
        return None;
    }
    let text: Vec<String> = arcs.iter().map(u64::to_string).collect();
    Some(text.join("."))
}

/// Content octets of the OBJECT IDENTIFIER written as dotted `text`.
pub fn oid_octets(text: &str) -> Option<Vec<u8>> {
    let arcs: Vec<u64> = text
        .split('.')
        .map(|arc| {
            let plain = arc == "0" || !arc.starts_with('0');
            (plain && arc.bytes().all(|b| b.is_ascii_digit()))
                .then(|| arc.parse().ok())
                .flatten()
        })
        .collect::<Option<_>>()?;
    let [first, second, ..] = arcs[..] else {
        return None;
    };
    if first > 2 || (first < 2 && second >= 40) {
        return None;
    }
    let head = first.checked_mul(40)?.checked_add(second)?;
    let mut out = Vec::new();
    for arc in std::iter::once(head).chain(arcs[2..].iter().copied()) {
        let groups = (64 - arc.leading_zeros()).max(1).div_ceil(7);
        for group in (0..groups).rev() {
            #[expect(clippy::cast_possible_truncation, reason = "masked to 7 bits")]
            let bits = (arc >> (group * 7)) as u8 & 0x7f;
            out.push(if group == 0 { bits } else { bits | 0x80 });
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_not_der() {
        for (bytes, error) in [
            (&[][..], DerError::Truncated { at: 0 }),
            (&[0x30][..], DerError::Truncated { at: 0 }),
            (&[0x30, 0x80][..], DerError::Length { at: 0 }),
            (&[0x30, 0x81, 0x01, 0][..], DerError::Length { at: 0 }),
            (&[0x30, 0x82, 0, 0x80][..], DerError::Length { at: 0 }),
            (&[0x30, 0x85, 1, 0, 0, 0, 0][..], DerError::Length { at: 0 }),
            (
                &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff][..],
                DerError::Truncated { at: 0 },
            ),
            (&[0x1f, 0x01, 0][..], DerError::HighTag { at: 0 }),
            (&[0x30, 2, 0][..], DerError::Truncated { at: 0 }),
        ] {
            assert_eq!(Reader::new(bytes).any(), Err(error), "{bytes:02x?}");
        }
        assert_eq!(
            only(&[0x05, 0, 0], tag::NULL),
            Err(DerError::Trailing { count: 1 })
        );
    }

    #[test]
    fn integers_are_minimal_and_positive() {
        for (octets, der) in [
            (&[][..], &[2, 1, 0][..]),
            (&[0, 0, 1], &[2, 1, 1]),
            (&[0x80], &[2, 2, 0, 0x80]),
            (&[0x7f, 0], &[2, 2, 0x7f, 0]),
        ] {
            assert_eq!(unsigned(octets), der);
        }
    }

    #[test]
    fn oids() {
        for text in [
            "2.5.29.15",
            "1.2.840.113549.1.1.11",
            "0.9.2342.19200300.100.1.25",
            "2.999.1",
        ] {
            assert_eq!(oid_text(&oid_octets(text).unwrap()).unwrap(), text);
        }
        for bad in [
            "",
            "1",
            "3.1",
            "1.40",
            "1..2",
            "1.02",
            "a.b",
            "1.2.99999999999999999999",
        ] {
            assert_eq!(oid_octets(bad), None, "{bad}");
        }
        assert_eq!(oid_text(&[0x80, 1]), None);
        assert_eq!(oid_text(&[0x2a, 0x80]), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in prop::collection::vec(any::<u8>(), 0..70_000)) {
            let der = encode(tag::OCTET_STRING, &value);
            let element = only(&der, tag::OCTET_STRING).unwrap();
            prop_assert_eq!(element.value, &value[..]);
            prop_assert_eq!(element.raw, &der[..]);
        }

        #[test]
        fn any_input_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut reader = Reader::new(&bytes);
            while reader.any().is_ok() {}
            let _ = oid_text(&bytes);
        }
    }
}
