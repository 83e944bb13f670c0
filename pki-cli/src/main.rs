//! `pki`: a private PKI for a stack of services, from one manifest.
//!
//! The flow of every call: arguments (`cli`) and environment (`settings`) →
//! one command (`commands`) → values of `pki-core` → text (`render`) →
//! `printer` → exit code (`exit`).

mod cli;
mod commands;
mod diagnostic;
mod exit;
mod guard;
mod passphrase;
mod printer;
mod progress;
mod prompt;
mod render;
mod settings;
mod signals;

use std::process::ExitCode;

use pki_core::Error;

use cli::Stop;
use exit::Status;
use printer::Printer;
use settings::{Environment, Settings};

/// Parses, runs, and turns the answer into an exit code.
///
/// A sandbox that refuses what guards the keys is warned of and no more: a
/// certificate that is not renewed because of it would be the greater harm.
///
/// A reader that goes away (`pki list | head -1`) is no failure: the work is
/// done, what nobody reads is dropped, and the status is the command's own. A
/// signal that came in the middle of a delivery ends it all, once that is told.
fn main() -> ExitCode {
    let guarded = guard::keep_memory_private();
    let environment = Environment::read();
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the arguments"
    )]
    let arguments = std::env::args_os();
    match cli::parse(arguments) {
        Ok(cli) => {
            let settings = Settings::new(cli.global, environment);
            let mut printer = Printer::new(settings.talk());
            if let Err(refused) = guarded {
                printer.error(&format!("warning: {refused}\n"));
            }
            let answer = commands::run(cli.command, &settings, &mut printer);
            let hint = answer.as_ref().err().and_then(Error::hint_text);
            if hint.is_some_and(diagnostic::names_a_command) {
                printer.seen_from(settings.folder());
            }
            finish(answer, printer)
        }
        Err(Stop::Show(text)) => {
            let mut printer = Printer::new(environment.talk());
            printer.data(&text);
            finish(Ok(Status::Clean), printer)
        }
        Err(Stop::Usage(error)) => finish(Err(error), Printer::new(environment.talk())),
    }
}

/// Prints the error, if there is one, and the exit code of it all.
fn finish(answer: pki_core::Result<Status>, mut printer: Printer) -> ExitCode {
    let status = answer.unwrap_or_else(|error| {
        printer.error(&diagnostic::render(&error));
        Status::from(error.kind())
    });
    let flushed = printer.finish();
    signals::end_if_came();
    match flushed {
        Ok(()) => status.into(),
        Err(_) => Status::World.into(),
    }
}
