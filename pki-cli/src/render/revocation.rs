//! What was asked about revocation, of which lists, and how fresh they are.

use pki_core::clock::Timestamp;
use pki_core::model::validity::DAY;
use pki_core::verify::GivenCrl;
use serde::Serialize;

use super::human::many;
use super::{style, text};
use crate::cli::verify::HowRevoked;

/// Where what is said begins.
const INDENT: usize = 12;

/// What was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) how: HowRevoked,
    pub(crate) lists: &'a [GivenCrl],
    /// Files of lists that are named and not read.
    pub(crate) unread: usize,
    pub(crate) now: Timestamp,
}

fn meaning(how: HowRevoked) -> &'static str {
    match how {
        HowRevoked::Off => "not looked at",
        HowRevoked::Soft => "what a CRL revokes is refused, what none can tell of passes",
        HowRevoked::Hard => {
            "a CRL must tell of every certificate below the CA that it is not revoked"
        }
    }
}

/// One line for what was asked, one for each list, and an empty one.
pub(crate) fn human(asked: &Asked<'_>) -> String {
    let label = "revocation";
    let fill = " ".repeat(INDENT - label.len());
    let count = match asked.lists.len() {
        0 => String::new(),
        n => format!(", {}", many(n, "CRL")),
    };
    let unread = match asked.unread {
        0 => "",
        1 => ", and the file of --crl is not read",
        _ => ", and the files of --crl are not read",
    };
    let mut lines = format!(
        "{}{fill}{}{count}: {}{unread}\n",
        style::label(label),
        asked.how.word(),
        meaning(asked.how)
    );
    for given in asked.lists {
        let line = text::hanging(&text::line(&list(given, asked.now)), INDENT);
        lines.push_str(&format!("{}{line}\n", " ".repeat(INDENT)));
    }
    lines + "\n"
}

fn list(given: &GivenCrl, now: Timestamp) -> String {
    let crl = &given.crl;
    let number = match crl.number_text() {
        Some(number) => format!("number {number}"),
        None => "no number".to_owned(),
    };
    let revoked = crl.entries().len();
    let made = crl.this_update();
    let next = match (state(given, now), crl.next_update()) {
        (State::NotYetValid, _) => "which is not yet".to_owned(),
        (_, None) => "no word of a next one".to_owned(),
        (State::Expired, Some(next)) => {
            format!("the next was due {next}, {} ago", span(now, next))
        }
        (_, Some(next)) => format!("the next is due {next}, in {}", span(next, now)),
    };
    format!(
        "{given}: {}, {number}, {revoked} revoked, made {made}, {next}",
        crl.issuer()
    )
}

/// The time between two moments, in the largest unit that it fills.
fn span(later: Timestamp, earlier: Timestamp) -> String {
    let seconds = later.unix().saturating_sub(earlier.unix());
    let units = [(DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let unit = units.into_iter().find(|(size, _)| seconds >= *size);
    let (size, noun) = unit.unwrap_or((1, "second"));
    many(usize::try_from(seconds / size).unwrap_or(usize::MAX), noun)
}

/// Of a list at a moment, by its dates alone.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Current,
    Expired,
    NotYetValid,
}

fn state(given: &GivenCrl, now: Timestamp) -> State {
    if now < given.crl.this_update() {
        State::NotYetValid
    } else if given.crl.next_update().is_some_and(|next| now > next) {
        State::Expired
    } else {
        State::Current
    }
}

/// For programs. Absent facts are `null`.
#[derive(Serialize)]
pub(super) struct RevocationWire {
    /// `off`, `soft` or `hard`.
    asked: &'static str,
    lists: Vec<ListWire>,
    meaning: &'static str,
}

#[derive(Serialize)]
struct ListWire {
    crl_number: Option<String>,
    file: String,
    issuer: String,
    next_update: Option<String>,
    /// Which list of the file, from 1.
    number: usize,
    revoked: usize,
    state: State,
    this_update: String,
}

pub(super) fn wire(asked: &Asked<'_>) -> RevocationWire {
    let lists = asked.lists.iter().map(|given| {
        let crl = &given.crl;
        ListWire {
            crl_number: crl.number_text(),
            file: given.file.display().to_string(),
            issuer: crl.issuer().to_string(),
            next_update: crl.next_update().map(|next| next.to_string()),
            number: given.number,
            revoked: crl.entries().len(),
            state: state(given, asked.now),
            this_update: crl.this_update().to_string(),
        }
    });
    RevocationWire {
        asked: asked.how.word(),
        lists: lists.collect(),
        meaning: meaning(asked.how),
    }
}
