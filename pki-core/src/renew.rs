//! Is it due? One question, asked by plan, verify and list.

use crate::clock::Timestamp;
use crate::model::validity::{RenewAt, Validity};
use crate::report::{Finding, Locator, rule};

/// Where in its life a certificate is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Due {
    /// Not valid yet.
    NotYet {
        /// notBefore
        from: Timestamp,
    },
    /// Nothing to do until then.
    Fresh {
        /// When it becomes due.
        until: Timestamp,
    },
    /// To be renewed.
    Due {
        /// Since when.
        since: Timestamp,
    },
    /// No longer valid.
    Expired {
        /// notAfter
        since: Timestamp,
    },
}

/// Tells where in its life a certificate is.
///
/// `issuer_end` is the end of who signed it: a certificate that ends together
/// with its issuer cannot get any longer, so it is not due before it expires;
/// the issuer is what is due.
pub fn due(
    validity: &Validity,
    renew: RenewAt,
    issuer_end: Option<Timestamp>,
    now: Timestamp,
) -> Due {
    if now > validity.not_after {
        return Due::Expired {
            since: validity.not_after,
        };
    }
    if now < validity.not_before {
        return Due::NotYet {
            from: validity.not_before,
        };
    }
    let since = renew.moment(validity);
    if issuer_end.is_some_and(|end| validity.not_after >= end) {
        return Due::Fresh {
            until: validity.not_after,
        };
    }
    if now >= since {
        Due::Due { since }
    } else {
        Due::Fresh { until: since }
    }
}

/// That a certificate has not begun, in words.
pub fn not_before(from: Timestamp, now: Timestamp) -> String {
    format!("not valid before {from}, the clock here says {now}")
}

/// That a certificate has not begun; `anew`: how another one is had, where the
/// clock is right.
pub fn not_yet_valid(at: Locator, from: Timestamp, now: Timestamp, anew: &str) -> Finding {
    rule::NOT_YET_VALID
        .at(at)
        .found(not_before(from, now))
        .fix(format!(
            "set this machine's clock; where `date -u` is right: {anew}"
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::validity::DAY;

    #[test]
    fn the_life_of_a_certificate() {
        let day = |n: i64| Timestamp::from_unix(n * DAY);
        let validity = Validity {
            not_before: day(0),
            not_after: Timestamp::from_unix(90 * DAY - 1),
        };
        let third = RenewAt::Fraction(1, 3);
        let end = validity.not_after;
        let since = Timestamp::from_unix(60 * DAY - 1);
        for (now, issuer_end, expected) in [
            (day(-1), None, Due::NotYet { from: day(0) }),
            (day(0), None, Due::Fresh { until: since }),
            (since, None, Due::Due { since }),
            (end, None, Due::Due { since }),
            (day(90), None, Due::Expired { since: end }),
            (since, Some(day(900)), Due::Due { since }),
            (since, Some(end), Due::Fresh { until: end }),
            (day(90), Some(end), Due::Expired { since: end }),
        ] {
            assert_eq!(due(&validity, third, issuer_end, now), expected);
        }
    }
}
