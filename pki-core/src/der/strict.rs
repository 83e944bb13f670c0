//! Whether octets are DER throughout, whatever they mean.

use super::{DerError, Element, Reader, oid_text, tag};

/// Elements inside elements that are looked into; certificates have a dozen.
const DEPTH: usize = 32;

/// Checks values, one after another, and all that it holds: lengths, and of the universal types
/// what X.690 8, 10 and 11 say of their content octets. Says the first thing that is
/// wrong, `None` where nothing is.
///
/// Not looked at: characters and times, which other rules judge; values that are
/// written out though they are a DEFAULT, and bits of named lists, which the
/// octets do not tell; what OCTET STRINGs and primitive context tags hold. Tags of
/// several octets, and what lies deeper than 32 elements, are passed over.
pub fn not_strict(input: &[u8]) -> Option<String> {
    match walk(&mut Reader::new(input), DEPTH) {
        Ok(()) | Err(Stop::Unread) => None,
        Err(Stop::Not(why)) => Some(why),
    }
}

enum Stop {
    /// Nothing is known of the rest.
    Unread,
    Not(String),
}

impl From<DerError> for Stop {
    fn from(error: DerError) -> Self {
        match error {
            DerError::HighTag { .. } => Self::Unread,
            other => Self::Not(other.to_string()),
        }
    }
}

/// Every element of a reader.
fn walk(reader: &mut Reader<'_>, depth: usize) -> Result<(), Stop> {
    while !reader.is_empty() {
        let element = reader.any()?;
        let constructed = element.tag & 0x20 != 0;
        let universal = element.tag & 0xc0 == 0;
        if universal && let Some(why) = content(&element) {
            return Err(Stop::Not(why.into()));
        }
        if constructed && depth > 0 {
            walk(&mut element.reader(), depth - 1)?;
        }
    }
    Ok(())
}

/// What is wrong with the content octets of a universal type.
fn content(element: &Element<'_>) -> Option<&'static str> {
    let value = element.value;
    let wrong = |is: bool, why| is.then_some(why);
    match element.tag {
        tag::BOOLEAN => wrong(
            !matches!(value, [0 | 0xff]),
            "a BOOLEAN that is neither 00 nor FF",
        ),
        tag::INTEGER | tag::ENUMERATED => wrong(
            value.is_empty() || !is_minimal(value),
            "an INTEGER that is not in its shortest form",
        ),
        tag::BIT_STRING => wrong(
            !spare_bits_are_zero(value),
            "unused bits of a BIT STRING that are not zero",
        ),
        tag::NULL => wrong(!value.is_empty(), "a NULL with content"),
        tag::OID => wrong(
            !is_oid(value),
            "an OBJECT IDENTIFIER that is not in its shortest form",
        ),
        tag::SET => wrong(!is_ordered(element), "a SET OF that is not in order"),
        // SEQUENCE, EXTERNAL and EMBEDDED PDV have parts, nothing else has.
        tag::SEQUENCE | 0x28 | 0x2b => None,
        0x10 | 0x11 => Some("a SEQUENCE or SET that is primitive"),
        other => wrong(other & 0x20 != 0, "a string in parts"),
    }
}

/// X.690 8.3.2: the first nine bits are not all alike.
pub fn is_minimal(integer: &[u8]) -> bool {
    match integer {
        [0, second, ..] => *second >= 0x80,
        [0xff, second, ..] => *second < 0x80,
        _ => true,
    }
}

/// X.690 11.2.1, and the count of unused bits (8.6.2).
fn spare_bits_are_zero(value: &[u8]) -> bool {
    match value {
        [] => false,
        [unused] => *unused == 0,
        [unused, .., last] => *unused <= 7 && last.trailing_zeros() >= u32::from(*unused),
    }
}

fn is_oid(value: &[u8]) -> bool {
    // Arcs that do not fit 64 bits have no text here and are none the worse.
    let ends = value.last().is_some_and(|o| o & 0x80 == 0);
    let padded = value
        .iter()
        .enumerate()
        .any(|(i, &o)| o == 0x80 && (i == 0 || value[i - 1] & 0x80 == 0));
    ends && !padded && (oid_text(value).is_some() || value.len() > 8)
}

/// X.690 11.6.
fn is_ordered(set: &Element<'_>) -> bool {
    let mut reader = set.reader();
    let mut last: &[u8] = &[];
    while let Ok(element) = reader.any() {
        if element.raw < last {
            return false;
        }
        last = element.raw;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::{encode, sequence};

    #[test]
    fn each_rule() {
        for (octets, right) in [
            (&[0x01, 1, 0xff][..], true),
            (&[0x01, 1, 0x01], false),
            (&[0x01, 2, 0, 0], false),
            (&[0x02, 1, 0], true),
            (&[0x02, 0], false),
            (&[0x02, 2, 0, 0x7f], false),
            (&[0x02, 2, 0, 0x80], true),
            (&[0x02, 2, 0xff, 0x80], false),
            (&[0x0a, 2, 0, 1], false),
            (&[0x02, 0x81, 1, 0], false),
            (&[0x03, 2, 7, 0x80], true),
            (&[0x03, 2, 7, 0xc0], false),
            (&[0x03, 2, 8, 0], false),
            (&[0x03, 1, 0], true),
            (&[0x03, 1, 1], false),
            (&[0x03, 0], false),
            (&[0x05, 0], true),
            (&[0x05, 1, 0], false),
            (&[0x06, 1, 0x2a], true),
            (&[0x06, 0], false),
            (&[0x06, 2, 0x2a, 0x80], false),
            (&[0x06, 3, 0x2a, 0x80, 1], false),
            (&[0x24, 2, 0x04, 0], false),
            (&[0x2c, 2, 0x0c, 0], false),
            (&[0x10, 0], false),
            (&[0x30, 0x80, 0, 0], false),
            (&[0x31, 6, 2, 1, 1, 2, 1, 2], true),
            (&[0x31, 6, 2, 1, 2, 2, 1, 1], false),
            // Whose meaning is not known here.
            (&[0x80, 2, 0, 1], true),
            (&[0xa0, 3, 1, 1, 1], false),
            (&[0x1f, 0x81, 1, 0], true),
            (&[0x04, 2, 1, 1], true),
        ] {
            let inside = sequence([encode(tag::NULL, &[]), octets.to_vec()]);
            assert_eq!(not_strict(octets).is_none(), right, "{octets:02x?}");
            assert_eq!(not_strict(&inside).is_none(), right, "{inside:02x?}");
        }
        // As deep as memory goes: no stack is used up.
        let deep = (0..5_000).fold(Vec::new(), |inner, _| encode(tag::SEQUENCE, &inner));
        assert_eq!(not_strict(&deep), None);
    }
}
