//! `pki explain`

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::Error;
use clap::{Arg, Command};
use pki_core::consumer;
use pki_core::verify::reference;

use super::options::Reporting;

/// What a rule means, whom it hurts and in which words, and what to do
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Ids of rules, as `pki verify` shows them (a client's own as `--as` does), or a
    /// client for all it refuses for; without any, all rules in one line each
    #[arg(value_name = "RULE", value_parser = Ids, hide_possible_values = true)]
    pub(crate) rules: Vec<String>,

    #[command(flatten)]
    pub(crate) reporting: Reporting,
}

/// Any word: whether there is such a rule is said by the command, which knows
/// what is near. The ids are for the completions of shells.
#[derive(Clone)]
struct Ids;

impl TypedValueParser for Ids {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, Error> {
        clap::builder::StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let rules = reference::rules().into_iter().map(|rule| rule.id);
        let of_clients = consumer::meanings().map(|meaning| meaning.rule);
        let clients = consumer::CONSUMERS.iter().map(|client| client.id);
        let words = rules.chain(of_clients).chain(clients);
        Some(Box::new(words.map(PossibleValue::new)))
    }
}
