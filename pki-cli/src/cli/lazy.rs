//! The options of a command, described only once the command is called: most of
//! the time that a call of `pki` takes to start would go into the others.

use clap::error::Error;
use clap::{ArgMatches, Args, Command, FromArgMatches};

/// Options of a command, and its examples.
#[derive(Debug)]
pub(crate) struct Lazy<T>(T);

fn options<T: Args>(command: Command) -> Command {
    let command = match super::examples_of(command.get_name()) {
        Some(text) => command.after_help(text),
        None => command,
    };
    // What it does is said where the commands are; the options' own words are
    // for who reads the code.
    let about = command.get_about().cloned().unwrap_or_default();
    T::augment_args(command).about(about).long_about(None)
}

impl<T: Args> Args for Lazy<T> {
    fn augment_args(command: Command) -> Command {
        command.defer(options::<T>)
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(T::augment_args_for_update)
    }
}

impl<T: FromArgMatches> FromArgMatches for Lazy<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T> std::ops::Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
