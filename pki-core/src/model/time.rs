//! Times as certificates write them (RFC 5280 4.1.2.5), from and to raw octets.

use crate::clock::Timestamp;
use crate::der::{self, tag};

/// Why the octets of a time are not what RFC 5280 allows.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeFault {
    /// Neither UTCTime nor GeneralizedTime.
    #[error("tag {0:#04x} is no time")]
    Tag(u8),
    /// Not `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`: a fraction, an offset, no seconds.
    #[error("not in the form [YY]YYMMDDHHMMSSZ")]
    Form,
    /// The form is right and there is no such moment.
    #[error("no such moment")]
    Moment,
    /// A GeneralizedTime before 2050, which must be a UTCTime.
    #[error("GeneralizedTime before 2050")]
    Generalized,
}

/// Reads a time from its tag and content octets.
///
/// # Errors
/// What is wrong. [`TimeFault::Generalized`] always, and [`TimeFault::Form`] often
/// still have a moment: see [`read_lenient`].
pub fn read(tag: u8, octets: &[u8]) -> Result<Timestamp, TimeFault> {
    let moment = read_lenient(tag, octets)?;
    let digits = if tag == tag::UTC_TIME { 12 } else { 14 };
    if octets.len() != digits + 1 || octets.last() != Some(&b'Z') {
        return Err(TimeFault::Form);
    }
    if tag == tag::GENERALIZED_TIME && moment.civil().0 < 2050 {
        return Err(TimeFault::Generalized);
    }
    Ok(moment)
}

/// As [`read`], but takes a GeneralizedTime of any year, and what X.680 46 and 47
/// allow beyond RFC 5280: no seconds, a fraction of a second, which is dropped, an
/// offset from UTC.
///
/// # Errors
/// When no moment can be told.
pub fn read_lenient(tag: u8, octets: &[u8]) -> Result<Timestamp, TimeFault> {
    let year_digits = match tag {
        tag::UTC_TIME => 2,
        tag::GENERALIZED_TIME => 4,
        other => return Err(TimeFault::Tag(other)),
    };
    let (local, zone) = match octets {
        [local @ .., b'Z'] => (local, 0),
        [local @ .., sign @ (b'+' | b'-'), a, b, c, d] => {
            let offset = offset([*a, *b, *c, *d]).ok_or(TimeFault::Form)?;
            (local, if *sign == b'+' { offset } else { -offset })
        }
        _ => return Err(TimeFault::Form),
    };
    let dot = local.iter().position(|o| matches!(o, b'.' | b','));
    let digits = match dot {
        Some(dot) if tag == tag::GENERALIZED_TIME && is_digits(&local[dot + 1..]) => &local[..dot],
        Some(_) => return Err(TimeFault::Form),
        None => local,
    };
    // A fraction of a minute is none that anybody writes.
    let whole = digits.len() == year_digits + 10;
    if !is_digits(digits) || !(whole || (digits.len() == year_digits + 8 && dot.is_none())) {
        return Err(TimeFault::Form);
    }
    let (year, rest) = digits.split_at(year_digits);
    let year = match (tag, number(year)) {
        // RFC 5280 4.1.2.5.1: 50 to 99 is 19YY, 00 to 49 is 20YY.
        (tag::UTC_TIME, yy @ 50..) => 1900 + yy,
        (tag::UTC_TIME, yy) => 2000 + yy,
        (_, year) => year,
    };
    #[expect(clippy::cast_possible_truncation, reason = "two digits each")]
    let two = |i: usize| rest.get(i * 2..i * 2 + 2).map_or(0, number) as u8;
    Timestamp::from_civil(i32::from(year), two(0), two(1), two(2), two(3), two(4))
        .map(|moment| moment.plus_seconds(-zone))
        .ok_or(TimeFault::Moment)
}

fn is_digits(octets: &[u8]) -> bool {
    !octets.is_empty() && octets.iter().all(u8::is_ascii_digit)
}

/// At most four digits.
fn number(digits: &[u8]) -> u16 {
    digits.iter().fold(0, |n, o| n * 10 + u16::from(o - b'0'))
}

/// Seconds of an offset `hhmm`.
fn offset(digits: [u8; 4]) -> Option<i64> {
    let [hours, minutes] = [&digits[..2], &digits[2..]];
    if !is_digits(&digits) || number(hours) > 23 || number(minutes) > 59 {
        return None;
    }
    Some(i64::from(number(hours)) * 3600 + i64::from(number(minutes)) * 60)
}

/// Writes a time: UTCTime through 2049, GeneralizedTime from 2050 on (and
/// before 1950), always in UTC with seconds (RFC 5280 4.1.2.5).
pub fn write(moment: Timestamp) -> Vec<u8> {
    let (year, month, day, h, m, s) = moment.civil();
    let rest = format!("{month:02}{day:02}{h:02}{m:02}{s:02}Z");
    if (1950..2050).contains(&year) {
        der::encode(tag::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        der::encode(tag::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_the_rfc_allows() {
        for (tag, text, expected) in [
            (tag::UTC_TIME, "491231235959Z", Ok("2049-12-31T23:59:59Z")),
            (tag::UTC_TIME, "500101000000Z", Ok("1950-01-01T00:00:00Z")),
            (
                tag::GENERALIZED_TIME,
                "20500101000000Z",
                Ok("2050-01-01T00:00:00Z"),
            ),
            (
                tag::GENERALIZED_TIME,
                "20491231235959Z",
                Err(TimeFault::Generalized),
            ),
            (tag::UTC_TIME, "4912312359Z", Err(TimeFault::Form)),
            (tag::UTC_TIME, "491231235959+0000", Err(TimeFault::Form)),
            (
                tag::GENERALIZED_TIME,
                "20500101000000.5Z",
                Err(TimeFault::Form),
            ),
            (tag::UTC_TIME, "491231235959", Err(TimeFault::Form)),
            (tag::UTC_TIME, "49123123595xZ", Err(TimeFault::Form)),
            (tag::UTC_TIME, "Z", Err(TimeFault::Form)),
            (tag::UTC_TIME, "", Err(TimeFault::Form)),
            (tag::GENERALIZED_TIME, "20491231Z", Err(TimeFault::Form)),
            (
                tag::GENERALIZED_TIME,
                "19500101000000Z",
                Err(TimeFault::Generalized),
            ),
            (
                tag::GENERALIZED_TIME,
                "19491231235959Z",
                Err(TimeFault::Generalized),
            ),
            (tag::UTC_TIME, "491331235959Z", Err(TimeFault::Moment)),
            (tag::UTC_TIME, "490229000000Z", Err(TimeFault::Moment)),
            (tag::INTEGER, "1", Err(TimeFault::Tag(2))),
        ] {
            let found = read(tag, text.as_bytes()).map(|t| t.to_string());
            assert_eq!(found, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn reads_more_where_it_is_asked_to() {
        for (tag, text, expected) in [
            (tag::UTC_TIME, "4912312359Z", Some("2049-12-31T23:59:00Z")),
            (
                tag::UTC_TIME,
                "491231235959+0000",
                Some("2049-12-31T23:59:59Z"),
            ),
            (
                tag::UTC_TIME,
                "270101003000+0100",
                Some("2026-12-31T23:30:00Z"),
            ),
            (
                tag::GENERALIZED_TIME,
                "20270101003000-0130",
                Some("2027-01-01T02:00:00Z"),
            ),
            (
                tag::GENERALIZED_TIME,
                "20270101003000.999Z",
                Some("2027-01-01T00:30:00Z"),
            ),
            (tag::UTC_TIME, "270101003000.9Z", None),
            (tag::GENERALIZED_TIME, "20270101003000.Z", None),
            (tag::GENERALIZED_TIME, "202701010030.5Z", None),
            (tag::GENERALIZED_TIME, "2027010100Z", None),
            (tag::GENERALIZED_TIME, "20270101003000", None),
            (tag::UTC_TIME, "270101003000+2400", None),
            (tag::UTC_TIME, "270101003000+0060", None),
            (tag::UTC_TIME, "270101003000+00x0", None),
            (tag::UTC_TIME, "+0000", None),
        ] {
            let found = read_lenient(tag, text.as_bytes()).map(|t| t.to_string());
            assert_eq!(found.ok().as_deref(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_survived(tag in 0x16_u8..0x19, octets in "[0-9Z+.,-]{0,24}") {
            let _ = read(tag, octets.as_bytes());
        }

        #[test]
        fn what_is_written_is_read(unix in -62_167_219_200_i64..=253_402_300_799) {
            let moment = Timestamp::from_unix(unix);
            let der = write(moment);
            let element = der::Reader::new(&der).any().unwrap();
            prop_assert_eq!(read_lenient(element.tag, element.value), Ok(moment));
            if moment.civil().0 >= 1950 {
                prop_assert_eq!(read(element.tag, element.value), Ok(moment));
            }
        }
    }
}
