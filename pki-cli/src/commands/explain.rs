//! `pki explain`

use pki_core::consumer::{self, CONSUMERS, Consumer};
use pki_core::document::{ask, near};
use pki_core::verify::client_rules::{self, ClientRule};
use pki_core::verify::reference::{self, Entry};
use pki_core::{Error, Result};

use crate::cli::explain::Args;
use crate::cli::verify::{client, other_words};
use crate::exit::Status;
use crate::printer::Printer;
use crate::render::{client_rules as of_clients, reference as render};

/// What is asked about.
enum Asked {
    /// A rule of findings.
    Rule(Entry),
    /// A rule of a client.
    OfClient(ClientRule),
    /// All that a client refuses for.
    Client(&'static Consumer),
}

/// Says what rules mean, or lists all of them.
///
/// # Errors
/// When there is no such rule.
pub(crate) fn run(args: &Args, printer: &mut Printer) -> Result<Status> {
    let asked = args.rules.iter().map(|word| find(word));
    let asked = asked.collect::<Result<Vec<_>>>()?;
    printer.data(&match (args.reporting.json, asked.as_slice()) {
        (true, []) => render::json(&reference::rules(), &client_rules::all()),
        (true, _) => json(&asked),
        (false, []) => render::list(&reference::rules()),
        (false, _) => asked.iter().map(human).collect::<Vec<_>>().join("\n"),
    });
    Ok(Status::Clean)
}

fn find(word: &str) -> Result<Asked> {
    let rule = || reference::rule(word).map(Asked::Rule);
    let of_client = || client_rules::find(word).map(Asked::OfClient);
    let client = || client(word).map(Asked::Client);
    let found = rule().or_else(of_client).or_else(client);
    found.ok_or_else(|| no_such(word))
}

fn human(asked: &Asked) -> String {
    match asked {
        Asked::Rule(rule) => render::one(rule),
        Asked::OfClient(rule) => of_clients::one(rule),
        Asked::Client(client) => of_clients::list(client),
    }
}

fn json(asked: &[Asked]) -> String {
    let (mut rules, mut of_clients) = (Vec::new(), Vec::new());
    for asked in asked {
        match asked {
            Asked::Rule(rule) => rules.push(*rule),
            Asked::OfClient(rule) => of_clients.push(rule.clone()),
            Asked::Client(client) => of_clients.extend(client_rules::of(client)),
        }
    }
    render::json(&rules, &of_clients)
}

/// Every word that is explained.
fn words() -> impl Iterator<Item = &'static str> {
    let rules = reference::rules().into_iter().map(|rule| rule.id);
    let of_clients = consumer::meanings().map(|meaning| meaning.rule);
    let clients = CONSUMERS.iter().map(|client| client.id);
    rules.chain(of_clients).chain(clients)
}

/// What was meant: a client by its name, what begins so, a slip of the hand, else the rules that
/// have a word of it.
fn no_such(id: &str) -> Error {
    let ids = words;
    let near = near(id, ids().chain(other_words()));
    let named = CONSUMERS.iter().find(|c| c.name.eq_ignore_ascii_case(id));
    let words = |id: &str| -> Vec<String> {
        let words = id.split(|c: char| !c.is_alphanumeric());
        let words = words.filter(|word| word.len() > 2);
        words.map(str::to_lowercase).collect()
    };
    let asked = words(id);
    let shared = |id: &&str| words(id).iter().filter(|word| asked.contains(word)).count();
    let most = ids().map(|id| shared(&id)).max().filter(|most| *most > 0);
    let alike: Vec<String> = ids()
        .filter(|id| Some(shared(id)) == most)
        .map(|id| format!("`{id}`"))
        .collect();
    let begun: Vec<String> = ids()
        .filter(|known| known.starts_with(id))
        .map(|known| format!("`{known}`"))
        .collect();
    let hint = if let Some(client) = named {
        format!("did you mean `{}`?", client.id)
    } else if (1..=5).contains(&begun.len()) {
        format!("did you mean {}?", begun.join(" or "))
    } else if let Some(near) = near {
        ask(near)
    } else if (1..=5).contains(&alike.len()) {
        format!("did you mean {}?", alike.join(" or "))
    } else {
        "`pki explain` lists every rule".to_owned()
    };
    Error::usage(format!("there is no rule `{id}`")).hint(hint)
}
