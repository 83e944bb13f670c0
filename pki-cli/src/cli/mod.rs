//! The command line: structs only, no logic.
//!
//! * Commands stand in the order of use (design: init, plan, apply, issue, …).
//! * The same option has the same meaning and the same words everywhere; the
//!   shared ones live in `options`.
//! * A command is `cli/NAME.rs` (its `Args`), `commands/NAME.rs` (its `run`),
//!   one variant of [`Command`], and its examples in `examples`, which the help
//!   shows and a test executes.
//! * Help lines start with a small letter where they go on from the option's
//!   name, and have no final full stop. Values in backticks.

pub(crate) mod completions;
pub(crate) mod examples;
pub(crate) mod explain;
pub(crate) mod issue;
pub(crate) mod inspect;
pub(crate) mod list;
mod lazy;
mod options;
pub(crate) mod tree;
mod usage;
pub(crate) mod verify;

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::exit;
use crate::settings;

pub(crate) use lazy::Lazy;
pub(crate) use options::{Color, Global, Issuing};
pub(crate) use usage::Stop;

/// A private PKI for a stack of services, from one manifest
#[derive(Debug, Parser)]
#[command(
    name = "pki",
    version,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// The options of every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, in the order of use.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a manifest from a template, make the whole tree, verify it, say what comes next
    Init(Lazy<tree::Init>),
    /// Say what `apply` would do, each step with its reason
    Plan(Lazy<tree::Plan>),
    /// Make the tree what the manifest says
    Apply(Lazy<tree::Apply>),
    /// Add a certificate or an authority to the manifest, and issue it
    Issue(Lazy<issue::Args>),
    /// Say what is wrong with the tree, or with certificates from anywhere
    Verify(Lazy<verify::Args>),
    /// Renew what is due, with the same key and the names it has
    Renew(Lazy<tree::Renew>),
    /// List every certificate of the tree, the first to expire on top
    List(Lazy<list::Args>),
    /// Say what files hold: certificates, keys, requests, stores, CRLs
    Inspect(Lazy<inspect::Args>),
    /// Say what a rule means, whom it hurts and what to do
    Explain(Lazy<explain::Args>),
    /// Print the JSON schema of `pki.toml`, for editors
    Schema(Lazy<tree::Schema>),
    /// Print the completions of a shell
    Completions(Lazy<completions::Args>),
}

/// Reads the arguments; the first is the program's name.
///
/// # Errors
/// Help and version, to be shown; or what is wrong with the call.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, Stop> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    command()
        .try_get_matches_from(&arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches))
        .map_err(|error| usage::stop(&error, || named(&arguments)))
}

/// The command that a wrong call names all the same: `pki verify`.
fn named(arguments: &[OsString]) -> String {
    let lenient = command().ignore_errors(true);
    let read = lenient.try_get_matches_from(arguments);
    match read
        .as_ref()
        .ok()
        .and_then(clap::ArgMatches::subcommand_name)
    {
        Some(name) => format!("pki {name}"),
        None => "pki".to_owned(),
    }
}

/// The whole command line as clap knows it: the structs, the examples of each
/// command, the exit codes and the environment.
pub(crate) fn command() -> clap::Command {
    Cli::command().after_help(tables())
}

/// The examples of one command as its help shows them.
fn examples_of(name: &str) -> Option<String> {
    let (_, lines) = examples::EXAMPLES
        .iter()
        .find(|(command, _)| *command == name)?;
    let mut text = String::from("Examples:\n");
    for line in *lines {
        let Some(about) = line.about else { continue };
        text.push_str(&format!("  # {about}\n  $ {}\n", line.command));
        if line.status != 0 {
            text.push_str(&format!("  (exit code {})\n", line.status));
        }
    }
    Some(text)
}

fn tables() -> String {
    let mut text = String::from("Exit codes:\n");
    for (status, meaning) in exit::TABLE {
        text.push_str(&format!("  {}  {meaning}\n", status.code()));
    }
    text.push_str("\nEnvironment:\n");
    for (name, meaning) in settings::VARIABLES {
        text.push_str(&format!("  {name:<21}  {meaning}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_finds_no_contradiction() {
        command().debug_assert();
    }

    #[test]
    fn every_command_has_examples_that_parse() {
        for sub in command().get_subcommands() {
            let name = sub.get_name();
            let shown = examples_of(name).unwrap_or_else(|| panic!("{name} has no examples"));
            assert!(shown.contains("$ pki "), "{name}");
        }
        for (name, lines) in examples::EXAMPLES {
            assert!(
                command().find_subcommand(name).is_some(),
                "no command {name}"
            );
            for line in *lines {
                let Some(arguments) = line.command.strip_prefix("pki ") else {
                    continue;
                };
                let words = arguments.split(['|', '>']).next().unwrap_or_default();
                let words = std::iter::once("pki").chain(words.split_whitespace());
                if let Err(error) = command().try_get_matches_from(words) {
                    panic!("{}: {error}", line.command);
                }
            }
        }
    }
}
