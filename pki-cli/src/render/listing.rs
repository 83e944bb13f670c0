//! The list of certificates, for people and for programs.

use pki_core::clock::Timestamp;
use pki_core::listing::{Row, State, What};
use pki_core::model::validity::Lifetime;
use pki_core::stack::{PairId, PairKind, Phase};
use serde::Serialize;

use super::{json, style, text};

/// The schema of a list, and its version; see [`json::REPORT`].
const LIST: (&str, u32) = ("pki-list", 1);

const TITLES: [&str; 6] = ["days", "until", "state", "what", "file", "names"];

/// One line per certificate, under it the identity of a client.
pub(crate) fn table(rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let cells: Vec<[String; 6]> = rows.iter().map(cells).collect();
    let width = |column: usize| {
        let cells = cells.iter().map(|row| text::width(&row[column]));
        cells.chain([TITLES[column].len()]).max().unwrap_or(0)
    };
    let widths = [0, 1, 2, 3, 4].map(width);
    let line = |row: [&str; 6]| {
        let [days, until, state, what, file, names] = row;
        let days = " ".repeat(widths[0].saturating_sub(text::width(days))) + days;
        let columns = [
            days,
            text::pad(until, widths[1]),
            text::pad(state, widths[2]),
            text::pad(what, widths[3]),
            text::pad(file, widths[4]),
            names.to_owned(),
        ];
        columns.join("  ").trim_end().to_owned()
    };
    let indent = " ".repeat(widths[0] + widths[1] + widths[2] + 6);
    let mut lines = format!("{}\n", style::label(&line(TITLES)));
    for (row, cells) in rows.iter().zip(&cells) {
        let shown = line(cells.each_ref().map(String::as_str));
        lines.push_str(&match row.state {
            State::Ok => shown,
            State::Due | State::NotYet => style::warning(&shown),
            _ => style::error(&shown),
        });
        lines.push('\n');
        if let State::Unreadable(why) = &row.state {
            lines.push_str(&format!("{indent}{}\n", text::line(why)));
        }
        if let Some(identity) = row.facts.as_ref().and_then(|facts| facts.kes_identity) {
            lines.push_str(&format!(
                "{indent}{} {identity}\n",
                style::label("KES identity")
            ));
        }
    }
    lines
}

/// What is said instead of an empty table.
pub(crate) fn nothing(within: Option<Lifetime>) -> String {
    match within {
        Some(span) => format!("nothing ends within {span}\n"),
        None => "the manifest names no certificate\n".to_owned(),
    }
}

fn cells(row: &Row) -> [String; 6] {
    let facts = row.facts.as_ref();
    [
        facts.map_or("-".into(), |f| f.days_left.to_string()),
        facts.map_or("-".into(), |f| f.validity.not_after.date()),
        row.state.word().to_owned(),
        text::line(&what(&row.what)),
        text::line(&row.file.to_string()),
        facts.map_or(String::new(), |f| {
            text::line(&about(row, &f.names, &f.subject))
        }),
    ]
}

/// The names; of what has none, the subject.
fn about(row: &Row, names: &[String], subject: &str) -> String {
    if names.is_empty() || matches!(row.what, What::Authority { .. }) {
        subject.to_owned()
    } else {
        names.join(", ")
    }
}

fn what(what: &What) -> String {
    match what {
        What::Authority {
            name,
            generation,
            phase,
            external,
        } => {
            let which = match phase {
                _ if *external => ", external".to_owned(),
                Phase::Signing if *generation == 1 => String::new(),
                Phase::Signing => format!(" {generation}"),
                Phase::Retired => format!(" {generation}, retired"),
                _ => format!(" {generation}, trusted"),
            };
            format!("authority {name}{which}")
        }
        What::Pair(id) => pair(id),
        _ => "certificate".to_owned(),
    }
}

/// `aistor server`, `aistor server public`, `aistor client kes`, with its node;
/// a client that is called `client` needs no name.
fn pair(id: &PairId) -> String {
    let mut words = vec![id.service.as_str(), side(id)];
    if !["default", side(id)].contains(&id.name.as_str()) {
        words.push(&id.name);
    }
    words.extend(id.node.as_deref());
    words.join(" ")
}

fn side(id: &PairId) -> &'static str {
    match id.kind {
        PairKind::Client => "client",
        _ => "server",
    }
}

/// The list as JSON. Absent facts are `null`, so that every row has every key.
pub(crate) fn json(rows: &[Row], within: Option<Lifetime>, now: Timestamp) -> String {
    json::document(&ListWire {
        schema: LIST.0,
        version: LIST.1,
        time: now.to_string(),
        within_seconds: within.map(Lifetime::seconds),
        certificates: rows.iter().map(row_wire).collect(),
    })
}

#[derive(Serialize)]
struct ListWire<'a> {
    schema: &'static str,
    version: u32,
    time: String,
    within_seconds: Option<i64>,
    certificates: Vec<RowWire<'a>>,
}

#[derive(Serialize)]
struct RowWire<'a> {
    /// `authority`, `server` or `client`.
    kind: &'static str,
    authority: Option<&'a str>,
    generation: Option<u32>,
    phase: Option<&'static str>,
    external: bool,
    service: Option<&'a str>,
    name: Option<&'a str>,
    node: Option<&'a str>,
    file: String,
    state: &'static str,
    detail: Option<&'a str>,
    days_left: Option<i64>,
    not_before: Option<String>,
    not_after: Option<String>,
    subject: Option<&'a str>,
    serial: Option<&'a str>,
    names: &'a [String],
    kes_identity: Option<String>,
}

fn row_wire(row: &Row) -> RowWire<'_> {
    let facts = row.facts.as_ref();
    let mut wire = RowWire {
        kind: "authority",
        authority: None,
        generation: None,
        phase: None,
        external: false,
        service: None,
        name: None,
        node: None,
        file: row.file.to_string(),
        state: match &row.state {
            State::NotYet => "not-yet",
            other => other.word(),
        },
        detail: match &row.state {
            State::Unreadable(why) => Some(why),
            _ => None,
        },
        days_left: facts.map(|f| f.days_left),
        not_before: facts.map(|f| f.validity.not_before.to_string()),
        not_after: facts.map(|f| f.validity.not_after.to_string()),
        subject: facts.map(|f| f.subject.as_str()),
        serial: facts.map(|f| f.serial.as_str()),
        names: facts.map_or(&[], |f| &f.names),
        kes_identity: facts.and_then(|f| f.kes_identity).map(|id| id.to_string()),
    };
    match &row.what {
        What::Authority {
            name,
            generation,
            phase,
            external,
        } => {
            wire.authority = Some(name);
            wire.generation = Some(*generation);
            wire.external = *external;
            wire.phase = Some(match phase {
                Phase::Signing => "signing",
                Phase::Retired => "retired",
                _ => "trusted",
            });
        }
        What::Pair(id) => {
            wire.kind = side(id);
            wire.service = Some(&id.service);
            wire.name = Some(&id.name);
            wire.node = id.node.as_deref();
        }
        _ => {}
    }
    wire
}
