//! `pki list`

use pki_core::Result;
use pki_core::listing;

use super::tree::Tree;
use crate::cli::list::Args;
use crate::exit::Status;
use crate::printer::Printer;
use crate::render::listing as render;
use crate::settings::Settings;

/// Lists every certificate of the tree.
///
/// # Errors
/// When there is no manifest, or it does not mean anything.
pub(crate) fn run(args: &Args, settings: &Settings, printer: &mut Printer) -> Result<Status> {
    let tree = Tree::open(settings.folder())?;
    let now = settings.now();
    let rows = listing::list(&tree.stack, &tree.look.inventory, args.within, now);
    printer.data(&if args.reporting.json {
        render::json(&rows, args.within, now)
    } else {
        render::table(&rows)
    });
    if rows.is_empty() && !args.reporting.json {
        printer.talk(&render::nothing(args.within));
    }
    Ok(Status::Clean)
}
