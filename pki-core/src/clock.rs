//! Time: the only place that asks the machine for it.
#![expect(
    clippy::disallowed_methods,
    reason = "the one owner of the machine's clock"
)]

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment in UTC, in whole seconds since 1970-01-01.
///
/// Certificates count in seconds, so nothing finer is kept.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last moment a certificate can name: 9999-12-31T23:59:59Z
    /// (RFC 5280 4.1.2.5, "no well-defined expiration").
    pub const LAST: Self = Self(253_402_300_799);

    /// From seconds since 1970-01-01T00:00:00Z.
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// This moment moved by `seconds`, kept between year 0 and [`Self::LAST`].
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        const FIRST: i64 = -62_167_219_200;
        Self(self.0.saturating_add(seconds).clamp(FIRST, Self::LAST.0))
    }

    /// Reads `2026-11-21T09:00:00Z`, `2026-11-21` (midnight UTC) or `@1795251600`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(unix) = text.strip_prefix('@') {
            let moment = Self(unix.parse().ok()?);
            return (Self(0).plus_seconds(moment.0) == moment).then_some(moment);
        }
        let whole = if text.len() == 10 {
            format!("{text}T00:00:00Z")
        } else {
            text.to_owned()
        };
        let parsed = OffsetDateTime::parse(&whole, &Rfc3339).ok()?;
        Some(Self(parsed.unix_timestamp()))
    }

    /// `2026-11-21`.
    pub fn date(self) -> String {
        self.to_string()[..10].to_owned()
    }

    /// Year, month, day, hour, minute, second in UTC.
    pub fn civil(self) -> (i32, u8, u8, u8, u8, u8) {
        let t = self.offset();
        (
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
        )
    }

    /// From a civil date and time in UTC; `None` where there is no such moment.
    pub fn from_civil(year: i32, month: u8, day: u8, h: u8, m: u8, s: u8) -> Option<Self> {
        let month = time::Month::try_from(month).ok()?;
        let date = time::Date::from_calendar_date(year, month, day).ok()?;
        let clock = time::Time::from_hms(h, m, s).ok()?;
        Some(Self(
            time::PrimitiveDateTime::new(date, clock)
                .assume_utc()
                .unix_timestamp(),
        ))
    }

    fn offset(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// RFC 3339, UTC: `2026-11-21T09:00:00Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, h, m, s) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
    }
}

/// The machine's time now.
pub fn now() -> Timestamp {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX));
    Timestamp(seconds)
}

/// A clock that only runs forward, for deadlines and pauses.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Waits.
pub fn sleep(duration: Duration) {
    std::thread::sleep(duration);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for (text, unix) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-21T09:13:00Z", 1_795_252_380),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("1949-12-31T23:59:59Z", -631_152_001),
        ] {
            let t = Timestamp::parse(text).unwrap();
            assert_eq!(t.unix(), unix, "{text}");
            assert_eq!(t.to_string(), text);
        }
        assert_eq!(
            Timestamp::parse("2026-11-21"),
            Timestamp::parse("2026-11-21T00:00:00Z")
        );
        assert_eq!(Timestamp::parse("@5"), Some(Timestamp(5)));
        assert_eq!(Timestamp::parse("tomorrow"), None);
        assert_eq!(Timestamp::parse("@999999999999999"), None);
    }

    #[test]
    fn moves_stay_in_what_a_certificate_can_say() {
        assert_eq!(Timestamp(0).plus_seconds(i64::MAX), Timestamp::LAST);
        assert_eq!(Timestamp(0).plus_seconds(i64::MIN).date(), "0000-01-01");
    }
}
