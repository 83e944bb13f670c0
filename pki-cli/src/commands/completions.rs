//! `pki completions SHELL`

use crate::cli::{self, completions::Args};
use crate::exit::Status;
use crate::printer::Printer;

/// Prints the completions of a shell, made from the command line itself.
pub(crate) fn run(args: &Args, printer: &mut Printer) -> Status {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(), "pki", &mut script);
    printer.bytes(&script);
    Status::Clean
}
