//! `pki plan`

use pki_core::Result;
use pki_core::reason;
use pki_core::report::Report;
use pki_core::store::Delivery;

use super::tree::{self, Tree, manifest_findings};
use crate::cli::tree::Plan;
use crate::exit::Status;
use crate::printer::Printer;
use crate::render::{change, human, json};
use crate::settings::Settings;

/// Says what `pki apply` would do.
///
/// # Errors
/// When there is no manifest, or it means nothing.
pub(crate) fn run(args: &Plan, settings: &Settings, printer: &mut Printer) -> Result<Status> {
    let mut tree = Tree::open(settings.folder())?;
    if tree.look.delivery == Some(Delivery::Interrupted) {
        tree.look = tree.look.recovered(&tree.store);
    }
    let mut options = tree::options(settings.now());
    options.prune = args.prune;
    let plan = tree.plan(&options);
    let mut report = Report::default();
    report.extend(manifest_findings(&tree.warnings));
    report.extend(plan.findings.iter().cloned());
    let delivery = tree.look.delivery.as_ref();
    report.extend(delivery.map(reason::delivery));
    let blocked = report.worst() == Some(pki_core::report::Severity::Error);
    // What keeps a step from being planned is a no with or without --check.
    let status = if blocked || (args.check && (delivery.is_some() || !plan.is_empty())) {
        Status::No
    } else {
        Status::Clean
    };
    if args.reporting.json {
        printer.data(&json::plan(&plan, &report));
        return Ok(status);
    }
    if !(plan.is_empty() && printer.is_silent(status)) {
        printer.data(&change::plan(&plan, &tree.stack));
    }
    if !report.findings().is_empty() {
        printer.found(&format!("\n{}", human::findings(&report)), status);
        printer.told(&report, status, settings.folder());
    }
    Ok(status)
}
