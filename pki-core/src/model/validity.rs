//! How long a certificate lives and when it is due for renewal.

use std::fmt;
use std::str::FromStr;

use crate::clock::Timestamp;

const HOUR: i64 = 3600;
/// Seconds of a day.
pub const DAY: i64 = 24 * HOUR;

/// notBefore and notAfter (RFC 5280 4.1.2.5); both ends belong to it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Validity {
    /// The first moment.
    pub not_before: Timestamp,
    /// The last moment.
    pub not_after: Timestamp,
}

impl Validity {
    /// Whether `now` lies in it.
    pub fn contains(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// Its length in seconds, both ends counted (RFC 5280 4.1.2.5).
    pub fn seconds(&self) -> i64 {
        self.not_after.unix() - self.not_before.unix() + 1
    }

    /// Whole days from `now` to the end, rounded down; negative once expired.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        (self.not_after.unix() - now.unix()).div_euclid(DAY)
    }
}

/// A span of time as people write it: `365d`, `10y` (of 365 days), `12h`, `2w`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Lifetime(i64);

impl Lifetime {
    /// So many seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// So many days.
    pub const fn from_days(days: i64) -> Self {
        Self(days * DAY)
    }

    /// In seconds.
    pub const fn seconds(self) -> i64 {
        self.0
    }
}

/// In the largest unit that fits: `10y`, `2w`, `30d`, `12h`, else seconds.
impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            s if s % (365 * DAY) == 0 && s > 365 * DAY => write!(f, "{}y", s / (365 * DAY)),
            s if s % DAY == 0 => write!(f, "{}d", s / DAY),
            s if s % HOUR == 0 => write!(f, "{}h", s / HOUR),
            s => write!(f, "{s}s"),
        }
    }
}

/// Why a text is no span of time.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LifetimeError {
    /// Digits only.
    #[error("`{0}` has no unit")]
    NoUnit(String),
    /// Zero, or more than a certificate can live.
    #[error("`{0}` is out of range")]
    Range(String),
    /// Anything else.
    #[error("`{0}` is no span of time")]
    Form(String),
}

impl LifetimeError {
    /// What would be right.
    pub fn expected(&self) -> String {
        match self {
            Self::NoUnit(text) => format!("a number with a unit: \"{text}d\" (h, d, w or y)"),
            Self::Range(_) => "from \"1h\" to \"1000y\"".into(),
            Self::Form(_) => "a number with a unit, such as \"90d\" (h, d, w or y)".into(),
        }
    }
}

impl FromStr for Lifetime {
    type Err = LifetimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (count, unit) = text.split_at(digits);
        let unit = match unit {
            _ if count.is_empty() => return Err(LifetimeError::Form(text.into())),
            "" => return Err(LifetimeError::NoUnit(text.into())),
            "h" => HOUR,
            "d" => DAY,
            "w" => 7 * DAY,
            "y" => 365 * DAY,
            _ => return Err(LifetimeError::Form(text.into())),
        };
        let seconds = count.parse::<i64>().ok().and_then(|n| n.checked_mul(unit));
        match seconds {
            Some(s) if (HOUR..=1000 * 365 * DAY).contains(&s) => Ok(Self(s)),
            _ => Err(LifetimeError::Range(text.into())),
        }
    }
}

/// When a certificate is due: a part of its life left, or a span left.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RenewAt {
    /// `numerator/denominator` of the life is left, below 1.
    Fraction(u32, u32),
    /// So much time is left.
    Left(Lifetime),
}

impl RenewAt {
    /// The moment from which a certificate of this validity is due.
    pub fn moment(self, validity: &Validity) -> Timestamp {
        let left = match self {
            Self::Fraction(n, d) => {
                let part = i128::from(validity.seconds()) * i128::from(n) / i128::from(d);
                i64::try_from(part).unwrap_or(i64::MAX)
            }
            Self::Left(span) => span.seconds(),
        };
        validity.not_after.plus_seconds(-left)
    }
}

impl fmt::Display for RenewAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fraction(n, d) => write!(f, "{n}/{d}"),
            Self::Left(span) => span.fmt(f),
        }
    }
}

impl FromStr for RenewAt {
    type Err = LifetimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((n, d)) = text.split_once('/') else {
            return text.parse().map(Self::Left);
        };
        match (n.parse::<u32>(), d.parse::<u32>()) {
            (Ok(n), Ok(d)) if 0 < n && n < d => Ok(Self::Fraction(n, d)),
            (Ok(_), Ok(_)) => Err(LifetimeError::Range(text.into())),
            _ => Err(LifetimeError::Form(text.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        for (text, days) in [("365d", 365), ("10y", 3650), ("2w", 14), ("24h", 1)] {
            assert_eq!(text.parse::<Lifetime>().unwrap(), Lifetime::from_days(days));
        }
        assert_eq!("1y".parse::<Lifetime>().unwrap().to_string(), "365d");
        assert_eq!("10y".parse::<Lifetime>().unwrap().to_string(), "10y");
        for (text, error) in [
            ("30", LifetimeError::NoUnit("30".into())),
            ("0d", LifetimeError::Range("0d".into())),
            (
                "9999999999999999999y",
                LifetimeError::Range("9999999999999999999y".into()),
            ),
            ("d", LifetimeError::Form("d".into())),
            ("-1d", LifetimeError::Form("-1d".into())),
            ("1 d", LifetimeError::Form("1 d".into())),
            ("1m", LifetimeError::Form("1m".into())),
        ] {
            assert_eq!(text.parse::<Lifetime>(), Err(error));
        }
    }

    #[test]
    fn due_points() {
        let validity = Validity {
            not_before: Timestamp::from_unix(0),
            not_after: Timestamp::from_unix(90 * DAY - 1),
        };
        assert_eq!(validity.seconds(), 90 * DAY);
        for (text, day) in [("1/3", 60), ("30d", 60), ("2/3", 30)] {
            let due: RenewAt = text.parse().unwrap();
            assert_eq!(due.moment(&validity).unix(), day * DAY - 1, "{text}");
            assert_eq!(due.to_string(), text);
        }
        for bad in ["3/3", "0/3", "1/0", "a/b", "5"] {
            assert!(bad.parse::<RenewAt>().is_err(), "{bad}");
        }
    }
}
