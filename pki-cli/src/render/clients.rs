//! What clients would say of files, for people and for programs.

use pki_core::chain::PeerName;
use pki_core::consumer::Refusal;
use pki_core::model::usage::Purpose;
use pki_core::report::Severity;
use pki_core::verify::{Answer, Answers};
use serde::Serialize;

use super::{human, json, style, text};

/// The schema of [`json()`].
pub(crate) const CLIENTS: (&str, u32) = ("pki-clients", 1);

/// What is shown.
pub(crate) struct Shown<'a> {
    pub(crate) answers: &'a [Answers],
    /// The name that is dialled.
    pub(crate) name: Option<&'a PeerName>,
}

/// A table for each file, the sum below.
pub(crate) fn human(shown: &Shown<'_>, code: u8) -> String {
    let mut lines = String::new();
    let all = || shown.answers.iter().flat_map(|of| &of.answers);
    let widest = all().map(|a| text::width(&called(a))).max().unwrap_or(0);
    for of in shown.answers {
        let path = text::line(&of.file.display().to_string());
        let dialled = shown
            .name
            .map(|name| format!(", dialled as `{}`", text::line(&name.to_string())));
        lines.push_str(&format!(
            "{}   {} as a {}{}\n",
            style::heading(&path),
            text::line(&of.subject),
            word(&of.purpose),
            dialled.unwrap_or_default()
        ));
        for answer in &of.answers {
            let client = text::pad(&called(answer), widest);
            let says = match &answer.refusal {
                None => style::good("accepts it"),
                Some(refusal) => refuses(refusal, widest + 4),
            };
            lines.push_str(&format!("  {client}  {says}\n"));
        }
        lines.push('\n');
    }
    let refused = all().filter(|a| a.refusal.is_some()).count();
    let sum = summed(shown.answers);
    let worst = (refused > 0).then_some(Severity::Error);
    lines.push_str(&human::ended(&sum, worst, code));
    if let Some(first) = all().find_map(|answer| answer.refusal.as_ref()) {
        lines.push_str(&format!("more: pki explain {}\n", first.rule));
    }
    lines
}

/// What a client says and by which rule, from a column on.
fn refuses(refusal: &Refusal, column: usize) -> String {
    const REFUSES: &str = "refuses it:";
    let said = format!(
        "{REFUSES} \"{}\"   {}",
        text::line(&refusal.text),
        refusal.rule
    );
    let lines = text::wrap(&said, text::COLUMNS - column);
    let lines = lines.join(&format!("\n{}", " ".repeat(column)));
    let rule = style::label(refusal.rule);
    let said = lines.strip_suffix(refusal.rule).unwrap_or(&lines);
    let said = said.strip_prefix(REFUSES).unwrap_or(said);
    format!("{}{said}{rule}", style::error(REFUSES))
}

/// `refused by 2 of 5 clients`, and of how many files where there are several.
fn summed(answers: &[Answers]) -> String {
    let asked = answers.first().map_or(0, |of| of.answers.len());
    let refuses = |of: &Answers, at: usize| {
        let answer = of.answers.get(at);
        answer.is_some_and(|answer| answer.refusal.is_some())
    };
    let clients = (0..asked).filter(|at| answers.iter().any(|of| refuses(of, *at)));
    let files = answers
        .iter()
        .filter(|of| (0..asked).any(|at| refuses(of, at)));
    let by = match clients.count() {
        0 => format!("accepted by {}", human::many(asked, "client")),
        some => format!("refused by {some} of {}", human::many(asked, "client")),
    };
    match (answers.len(), files.count()) {
        (0 | 1, _) => by,
        (all, 0) => format!("{}: {by}", human::many(all, "file")),
        (all, some) => format!("{some} of {}: {by}", human::many(all, "file")),
    }
}

/// `Java 25`; a name that has its release in it stands alone.
fn called(answer: &Answer) -> String {
    let name = answer.client.name;
    if name.ends_with(|c: char| c.is_ascii_digit()) {
        name.to_owned()
    } else {
        format!("{name} {}", answer.release.id)
    }
}

fn word(purpose: &Purpose) -> &'static str {
    match purpose {
        Purpose::ClientAuth => "client",
        _ => "server",
    }
}

#[derive(Serialize)]
struct ClientsWire<'a> {
    schema: &'static str,
    version: u32,
    name: Option<String>,
    files: Vec<FileWire<'a>>,
}

#[derive(Serialize)]
struct FileWire<'a> {
    path: String,
    subject: &'a str,
    purpose: &'static str,
    clients: Vec<ClientWire<'a>>,
}

#[derive(Serialize)]
struct ClientWire<'a> {
    client: &'static str,
    release: &'static str,
    accepts: bool,
    rule: Option<&'static str>,
    words: Option<&'a str>,
}

/// The same for programs.
pub(crate) fn json(shown: &Shown<'_>) -> String {
    let files = shown.answers.iter().map(|of| FileWire {
        path: of.file.display().to_string(),
        subject: &of.subject,
        purpose: word(&of.purpose),
        clients: of.answers.iter().map(wire).collect(),
    });
    json::document(&ClientsWire {
        schema: CLIENTS.0,
        version: CLIENTS.1,
        name: shown.name.map(ToString::to_string),
        files: files.collect(),
    })
}

fn wire(answer: &Answer) -> ClientWire<'_> {
    let refusal = answer.refusal.as_ref();
    ClientWire {
        client: answer.client.id,
        release: answer.release.id,
        accepts: refusal.is_none(),
        rule: refusal.map(|r| r.rule),
        words: refusal.map(|r| r.text.as_str()),
    }
}
