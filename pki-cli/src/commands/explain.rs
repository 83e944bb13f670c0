//! `pki explain`

use pki_core::document::did_you_mean;
use pki_core::verify::reference;
use pki_core::{Error, Result};

use crate::cli::explain::Args;
use crate::exit::Status;
use crate::printer::Printer;
use crate::render::reference as render;

/// Says what rules mean, or lists all of them.
///
/// # Errors
/// When there is no such rule.
pub(crate) fn run(args: &Args, printer: &mut Printer) -> Result<Status> {
    let all = reference::rules();
    let asked = args.rules.iter();
    let asked = asked.map(|id| reference::rule(id).ok_or_else(|| no_such(id, &all)));
    let asked = asked.collect::<Result<Vec<_>>>()?;
    printer.data(&match (args.reporting.json, asked.as_slice()) {
        (true, []) => render::json(&all),
        (true, _) => render::json(&asked),
        (false, []) => render::list(&all),
        (false, _) => asked.iter().map(render::one).collect::<Vec<_>>().join("\n"),
    });
    Ok(Status::Clean)
}

/// What was meant: a slip of the hand, else the rules that have a word of it.
fn no_such(id: &str, all: &[reference::Entry]) -> Error {
    let ids = || all.iter().map(|rule| rule.id);
    let near = did_you_mean(id, ids());
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
    let hint = if near.starts_with("did you mean") {
        near
    } else if (1..=5).contains(&alike.len()) {
        format!("did you mean {}?", alike.join(" or "))
    } else {
        "`pki explain` lists every rule".to_owned()
    };
    Error::usage(format!("there is no rule `{id}`")).hint(hint)
}
