//! Faults of validity.

use pki_core::clock::Timestamp;
use pki_core::der;
use pki_core::der::tag::{GENERALIZED_TIME as GENERALIZED, UTC_TIME as UTC};

use super::{Draw, Fault};
use crate::make::DAY;
use crate::plan::Plan;

pub(super) const FAULTS: &[Fault] = &[
    expired, early, exact, just_off, reversed, forms, begins, endless,
];

fn expired(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let now = plan.now;
    let until = now.plus_seconds(-DAY);
    plan.chain[level]
        .body
        .valid(now.plus_seconds(-30 * DAY), until);
    Some(format!("{} expired", plan.title(level)))
}

fn early(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let now = plan.now;
    let from = now.plus_seconds(DAY);
    plan.chain[level]
        .body
        .valid(from, now.plus_seconds(30 * DAY));
    Some(format!("{} not yet valid", plan.title(level)))
}

/// Both ends belong to the time of validity.
fn exact(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let now = plan.now;
    let (from, until, what) = *draw.one_of(&[
        (-DAY, 0, "ends now"),
        (0, DAY, "begins now"),
        (0, 0, "is valid for this second"),
    ]);
    let body = &mut plan.chain[level].body;
    body.valid(now.plus_seconds(from), now.plus_seconds(until));
    Some(format!("{} {what}", plan.title(level)))
}

fn just_off(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let now = plan.now;
    let (from, until, what) = *draw.one_of(&[
        (-DAY, -1, "ended a second ago"),
        (1, DAY, "begins in a second"),
    ]);
    let body = &mut plan.chain[level].body;
    body.valid(now.plus_seconds(from), now.plus_seconds(until));
    Some(format!("{} {what}", plan.title(level)))
}

fn reversed(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let now = plan.now;
    let body = &mut plan.chain[level].body;
    body.valid(now.plus_seconds(DAY), now.plus_seconds(-DAY));
    Some(format!("{} ends before it begins", plan.title(level)))
}

/// Other ways to write a time, right and wrong ones (RFC 5280 4.1.2.5).
fn forms(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let (tag, text, what) = *draw.one_of(&[
        (
            GENERALIZED,
            "20301231000000Z",
            "GeneralizedTime before 2050",
        ),
        (GENERALIZED, "20601231000000Z", "GeneralizedTime after 2050"),
        (UTC, "3012310000Z", "UTCTime without seconds"),
        (UTC, "301231000000+0100", "UTCTime with an offset"),
        (GENERALIZED, "20301231000000.5Z", "fraction of a second"),
        (UTC, "301331000000Z", "a thirteenth month"),
        (UTC, "600101000000Z", "UTCTime of 1960"),
    ]);
    plan.chain[level].body.not_after = der::encode(tag, text.as_bytes());
    Some(format!("{} ends in {what}", plan.title(level)))
}

fn begins(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let (tag, text, what) = *draw.one_of(&[
        (
            GENERALIZED,
            "20201231000000Z",
            "GeneralizedTime before 2050",
        ),
        (UTC, "700101000000Z", "UTCTime of 1970"),
        (UTC, "500101000000Z", "UTCTime of 1950"),
        (GENERALIZED, "19400101000000Z", "GeneralizedTime of 1940"),
        (GENERALIZED, "00000101000000Z", "the year 0"),
        (UTC, "2012310000Z", "UTCTime without seconds"),
        (UTC, "201231000060Z", "a leap second"),
    ]);
    plan.chain[level].body.not_before = der::encode(tag, text.as_bytes());
    Some(format!("{} begins in {what}", plan.title(level)))
}

fn endless(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let end = Timestamp::from_civil(9999, 12, 31, 23, 59, 59)?;
    let from = plan.now.plus_seconds(-DAY);
    plan.chain[level].body.valid(from, end);
    Some(format!("{} never ends", plan.title(level)))
}
