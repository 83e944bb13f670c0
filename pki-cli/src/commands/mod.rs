//! What the commands do: settings → core → value → text → exit status. No
//! arithmetic and no formatting here.

mod completions;

use pki_core::Result;

use crate::cli::Command;
use crate::exit::Status;
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs one command.
///
/// # Errors
/// When no answer was possible; an answer "no" is [`Status::No`].
#[expect(clippy::unnecessary_wraps, reason = "the form of every command")]
pub(crate) fn run(command: Command, _settings: &Settings, printer: &mut Printer) -> Result<Status> {
    match command {
        Command::Completions(args) => Ok(completions::run(&args, printer)),
    }
}
