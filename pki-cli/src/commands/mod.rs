//! What the commands do: settings → core → value → text → exit status. No
//! arithmetic and no formatting here.

mod apply;
mod completions;
mod explain;
mod init;
mod issue;
mod inspect;
mod kind;
mod list;
mod named;
mod place;
mod plan;
mod schema;
mod stdin;
mod tree;
mod verify;

use pki_core::Result;
use pki_core::apply::is_outdated;
use tree::Turn;

use crate::cli::Command;
use crate::exit::Status;
use crate::printer::Printer;
use crate::settings::Settings;
use crate::signals;

/// Runs one command.
///
/// # Errors
/// When no answer was possible; an answer "no" is [`Status::No`].
pub(crate) fn run(command: Command, settings: &Settings, printer: &mut Printer) -> Result<Status> {
    // Who changes nothing ends by a signal as any program does.
    if let Command::Init(_) | Command::Apply(_) | Command::Issue(_) | Command::Renew(_) = &command {
        signals::listen();
    }
    match command {
        Command::Init(args) => init::run(&args, settings, printer),
        Command::Plan(args) => plan::run(&args, settings, printer),
        Command::Apply(args) => again(|turn| apply::apply(&args, settings, printer, turn)),
        Command::Issue(args) => again(|turn| issue::run(&args, settings, printer, turn)),
        Command::Verify(args) => verify::run(&args, settings, printer),
        Command::Renew(args) => again(|turn| apply::renew(&args, settings, printer, turn)),
        Command::List(args) => list::run(&args, settings, printer),
        Command::Inspect(args) => inspect::run(&args, settings, printer),
        Command::Explain(args) => explain::run(&args, printer),
        Command::Schema(_) => Ok(schema::run(printer)),
        Command::Completions(args) => Ok(completions::run(&args, printer)),
    }
}

/// Acts once more where another command was faster: nobody was shown the plan
/// that no longer holds. It keeps the lock that it waited for, so that nobody is
/// faster twice.
fn again(mut act: impl FnMut(&Turn) -> Result<Status>) -> Result<Status> {
    /// More commands at a time than anybody starts.
    const TIMES: usize = 100;
    let turn = Turn::default();
    for _ in 1..TIMES {
        match act(&turn) {
            Err(error) if is_outdated(&error) => {}
            done => return done,
        }
    }
    act(&turn)
}
