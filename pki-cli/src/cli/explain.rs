//! `pki explain`

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::Error;
use clap::{Arg, Command};

use super::options::Reporting;

/// What a rule means, whom it hurts and in which words, and what to do
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The ids of rules, as `pki verify` shows them; without any, all in one line each
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
        let rules = pki_core::verify::reference::rules().into_iter();
        Some(Box::new(rules.map(|rule| PossibleValue::new(rule.id))))
    }
}
