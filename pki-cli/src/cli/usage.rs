//! What clap says about a wrong call, in the one form of our errors.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use pki_core::Error;

/// Why a call ends before any command runs.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Help or version: data, and success.
    Show(String),
    /// A wrong call.
    Usage(Error),
}

/// Tells help from mistakes, and says the mistake. `named` finds the command as
/// far as the arguments name one: clap does not always say.
pub(super) fn stop(error: &clap::Error, named: impl FnOnce() -> String) -> Stop {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            Stop::Show(error.render().ansi().to_string())
        }
        _ => Stop::Usage(explain(error).hint(hint(error, &named()))),
    }
}

fn explain(error: &clap::Error) -> Error {
    let option = first(error, ContextKind::InvalidArg);
    let value = first(error, ContextKind::InvalidValue);
    let other = first(error, ContextKind::PriorArg);
    let command = first(error, ContextKind::InvalidSubcommand);
    Error::usage(match (error.kind(), option, value) {
        (ErrorKind::UnknownArgument, Some(option), _) => format!("there is no option `{option}`"),
        (ErrorKind::InvalidSubcommand, ..) => {
            format!("there is no command `{}`", command.unwrap_or_default())
        }
        (
            ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            ..,
        ) => "no command is given".to_owned(),
        (ErrorKind::MissingRequiredArgument, ..) => {
            format!(
                "`{}` is missing",
                all(error, ContextKind::InvalidArg).join("`, `")
            )
        }
        (ErrorKind::InvalidValue, Some(option), Some(value)) if value.is_empty() => {
            format!("`{option}` needs a value")
        }
        (ErrorKind::InvalidValue, Some(option), Some(value)) => {
            format!("`{value}` is no value of `{option}`")
        }
        (ErrorKind::ValueValidation, Some(option), Some(value)) => {
            let message = format!("`{value}` is no value of `{option}`");
            return match error.source() {
                Some(source) => Error::usage(message).cause(source),
                None => Error::usage(message),
            };
        }
        (ErrorKind::ArgumentConflict, Some(option), _) => match other {
            Some(other) if other != option => format!("`{option}` cannot stand beside `{other}`"),
            _ => format!("`{option}` is given twice"),
        },
        (ErrorKind::TooManyValues, Some(option), Some(value)) => {
            format!("`{value}` is one value too many for `{option}`")
        }
        // The rest is rare; clap's own first line, in our quotes.
        _ => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            line.trim_start_matches("error: ").replace('\'', "`")
        }
    })
}

fn hint(error: &clap::Error, named: &str) -> String {
    let similar = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let similar: Vec<_> = similar.iter().flat_map(|kind| all(error, *kind)).collect();
    if !similar.is_empty() {
        return format!("did you mean `{}`?", similar.join("` or `"));
    }
    let valid = all(error, ContextKind::ValidValue);
    if !valid.is_empty() {
        return format!("possible are `{}`", valid.join("`, `"));
    }
    format!("`{} --help` shows the form", called(error, named))
}

/// The command that was called: `pki verify`, from the usage clap shows.
fn called(error: &clap::Error, named: &str) -> String {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else {
        return named.to_owned();
    };
    let usage = usage.to_string();
    let words = usage.split_whitespace().skip_while(|word| *word != "pki");
    words
        .take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect::<Vec<_>>()
        .join(" ")
}

fn first(error: &clap::Error, kind: ContextKind) -> Option<String> {
    all(error, kind).into_iter().next()
}

fn all(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(arguments: &[&str]) -> (String, String) {
        let arguments = std::iter::once("pki").chain(arguments.iter().copied());
        match super::super::parse(arguments.map(Into::into)) {
            Err(Stop::Usage(error)) => (
                error.to_string(),
                error.hint_text().unwrap_or_default().to_owned(),
            ),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn mistakes_are_said_in_our_form() {
        for (arguments, message, hint) in [
            (
                &[][..],
                "no command is given",
                "`pki --help` shows the form",
            ),
            (
                &["completion"],
                "there is no command `completion`",
                "did you mean `completions`?",
            ),
            (
                &["completions"],
                "`<SHELL>` is missing",
                "`pki completions --help` shows the form",
            ),
            (
                &["completions", "ksh"],
                "`ksh` is no value of `<SHELL>`",
                "did you mean `zsh`?",
            ),
            (
                &["completions", "bash", "--colour", "x"],
                "there is no option `--colour`",
                "did you mean `--color`?",
            ),
            (
                &["completions", "bash", "more"],
                "there is no option `more`",
                "`pki completions --help` shows the form",
            ),
            (
                &["completions", "bash", "-q", "-v"],
                "`--quiet` cannot stand beside `--verbose`",
                "`pki completions --help` shows the form",
            ),
            (
                &["verify", "--ca"],
                "`--ca <FILE>` needs a value",
                "`pki verify --help` shows the form",
            ),
            (
                &["-C", "verify", "list", "--within"],
                "`--within <SPAN>` needs a value",
                "`pki list --help` shows the form",
            ),
            (
                &["issue", "server", "--key"],
                "`--key <KIND>` needs a value",
                "`pki issue --help` shows the form",
            ),
            (
                &["completions", "bash", "--time", "noon"],
                "`noon` is no value of `--time <T>`: neither a moment (`2026-11-21T09:00:00Z`), a date (`2026-11-21`) nor `@` and seconds since 1970",
                "`pki completions --help` shows the form",
            ),
        ] {
            assert_eq!(
                wrong(arguments),
                (message.to_owned(), hint.to_owned()),
                "{arguments:?}"
            );
        }
    }
}
