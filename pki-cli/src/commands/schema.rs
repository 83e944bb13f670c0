//! `pki schema`

use crate::exit::Status;
use crate::printer::Printer;

/// Prints the JSON schema of the manifest.
pub(crate) fn run(printer: &mut Printer) -> Status {
    printer.data(&pki_core::manifest::json_schema());
    Status::Clean
}
