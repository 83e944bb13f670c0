//! `pki apply` and `pki renew`

use pki_core::authority::external_issuer;
use pki_core::plan::{Options, Scope, Selected};
use pki_core::report::{Report, Severity, rule, shell};
use pki_core::stack::{Authority, Lineage, Origin, Pair, Service};
use pki_core::{Error, Result};

use super::tree::{self, How, Tree, Turn, manifest_findings};
use crate::cli::tree::{Apply, Renew};
use crate::exit::Status;
use crate::printer::Printer;
use crate::render::{change, human};
use crate::settings::Settings;
use crate::signals;

/// Makes the tree what the manifest says.
///
/// # Errors
/// As [`Tree::apply`].
pub(crate) fn apply(
    args: &Apply,
    settings: &Settings,
    printer: &mut Printer,
    turn: &Turn,
) -> Result<Status> {
    let now = settings.issuing_now(args.issuing.allow_fake_time)?;
    let how = How::new("apply", args.wait, &args.issuing, settings, turn);
    let tree = Tree::open_to_change(settings.folder(), &how)?;
    let mut options = tree::options(now);
    options.prune = args.prune;
    let prune = if args.prune { " --prune" } else { "" };
    signals::goes_on(format!("pki apply{prune}"));
    let mut report = Report::default();
    report.extend(manifest_findings(&tree.warnings));
    execute(&tree, &options, &how, report, printer)
}

/// Renews what is due.
///
/// # Errors
/// An unknown name, and as [`Tree::apply`].
pub(crate) fn renew(
    args: &Renew,
    settings: &Settings,
    printer: &mut Printer,
    turn: &Turn,
) -> Result<Status> {
    let now = if args.dry_run {
        settings.now()
    } else {
        settings.issuing_now(args.issuing.allow_fake_time)?
    };
    let how = How::new("renew", args.wait, &args.issuing, settings, turn);
    let tree = if args.dry_run {
        Tree::open(settings.folder())?
    } else {
        Tree::open_to_change(settings.folder(), &how)?
    };
    let selected = args
        .names
        .iter()
        .map(|name| select(name, &tree))
        .collect::<Result<Vec<_>>>()?;
    let external = selected.iter().find_map(|s| match s {
        Selected::Authority(name) => tree
            .stack
            .authority(name)
            .filter(|a| a.origin == Origin::External),
        _ => None,
    });
    if let Some(authority) = external {
        return Err(Error::usage(format!(
            "authority `{}` is external: it is renewed where it was made",
            authority.name
        ))
        .hint("put its new certificate in the place of the old one, then: pki apply"));
    }
    let signed_elsewhere = selected.iter().find_map(|s| match s {
        Selected::Authority(name) => tree
            .stack
            .authority(name)
            .and_then(|authority| Some((authority, external_issuer(authority, &tree.stack)?))),
        _ => None,
    });
    if let (true, Some((authority, issuer))) = (args.force, signed_elsewhere) {
        return Err(by_its_issuer(authority, issuer));
    }
    let nothing = selected.iter().find_map(|s| match s {
        Selected::Service(name) => tree.stack.service(name).filter(|s| s.pairs.is_empty()),
        _ => None,
    });
    if let Some(service) = nothing {
        return Err(Error::usage(format!(
            "service `{}` has no certificate of its own",
            service.name
        ))
        .hint(if service.external {
            "it exists elsewhere: it is renewed there"
        } else {
            "`pki apply` writes its trust files when what is in them changes"
        }));
    }
    let elsewhere = selected.iter().find_map(|s| match s {
        Selected::Service(name) => tree.stack.service(name).and_then(made_elsewhere),
        _ => None,
    });
    if let (true, Some((service, lineage))) = (args.force || args.rekey, elsewhere) {
        return Err(Error::usage(format!(
            "the certificate of `{service}` comes from `{}`: it is renewed there",
            lineage.certificate
        ))
        .hint("renew it there; plain `pki renew` delivers what is new"));
    }
    if args.rekey && selected.iter().any(|s| matches!(s, Selected::Authority(_))) {
        return Err(Error::usage(
            "`--rekey` is for services: a CA with a new key is another CA, that nobody trusts yet",
        )
        .hint("renew it with the key it has: leave `--rekey` away"));
    }
    let mut options = tree::options(now);
    options.scope = Scope::Due(&selected);
    options.force = args.force || (args.rekey && !args.names.is_empty());
    options.rekey = args.rekey;
    signals::goes_on(again(args));
    if args.dry_run {
        let plan = tree.plan(&options);
        if !plan.is_empty() {
            printer.data(&change::plan(&plan, &tree.stack));
        }
        let mut report = Report::default();
        report.extend(plan.findings);
        return Ok(finish(&report, &tree, printer));
    }
    execute(&tree, &options, &how, Report::default(), printer)
}

/// The same renewal once more.
fn again(args: &Renew) -> String {
    let mut words = vec!["pki renew".to_owned()];
    words.extend(args.names.iter().map(|name| shell::word(name).into_owned()));
    words.extend(args.force.then(|| "--force".to_owned()));
    words.extend(args.rekey.then(|| "--rekey".to_owned()));
    words.join(" ")
}

/// An authority that only a CA elsewhere can renew.
fn by_its_issuer(authority: &Authority, issuer: &Authority) -> Error {
    let (name, issuer) = (&authority.name, &issuer.name);
    let place = authority.current().map(|g| &g.certificate);
    let put = place.map_or_else(String::new, |at| {
        format!(" and put the certificate at `{at}`")
    });
    Error::usage(format!(
        "authority `{name}` is signed by `{issuer}`, which is not ours"
    ))
    .hint(format!(
        "have `{issuer}` sign `{name}.csr` again{put}, then: pki apply"
    ))
}

/// A service none of whose pairs is issued here, and where they come from.
fn made_elsewhere(service: &Service) -> Option<(&str, &Lineage)> {
    let issued = service.pairs.iter().any(|pair| pair.lineage().is_none());
    let mut lineages = service.pairs.iter().filter_map(Pair::lineage);
    let lineage = lineages.next().filter(|_| !issued)?;
    Some((&service.name, lineage))
}

/// A service; an authority by `authority.NAME`, or by NAME where no service has
/// it.
fn select(name: &str, tree: &Tree) -> Result<Selected> {
    if let Some(authority) = name.strip_prefix("authority.")
        && tree.stack.authority(authority).is_some()
    {
        return Ok(Selected::Authority(authority.to_owned()));
    }
    if tree.stack.service(name).is_some() {
        return Ok(Selected::Service(name.to_owned()));
    }
    match tree.stack.authority(name) {
        Some(_) => Ok(Selected::Authority(name.to_owned())),
        None => Err(unknown(name, tree)),
    }
}

fn unknown(name: &str, tree: &Tree) -> Error {
    let services = tree.stack.services.iter().map(|s| s.name.clone());
    let authorities = tree.stack.authorities.iter();
    let names: Vec<String> = services
        .chain(authorities.map(|a| format!("authority.{}", a.name)))
        .collect();
    Error::usage(format!(
        "there is no service or authority `{name}` in pki.toml"
    ))
    .hint(format!("there are: {}", names.join(", ")))
}

/// Plans, applies, and says what was done. Nothing done: nothing said.
fn execute(
    tree: &Tree,
    options: &Options<'_>,
    how: &How<'_>,
    mut report: Report,
    printer: &mut Printer,
) -> Result<Status> {
    let plan = tree.plan(options);
    let receipt = tree.apply(&plan, options, how, Vec::new(), printer)?;
    printer.talk(&change::receipt(&receipt, &tree.stack, options.now));
    report.extend(receipt.findings);
    let mut findings = report.findings().iter();
    let held = findings.any(|finding| finding.rule == rule::IN_THE_WAY.id);
    let blocked = report.worst() == Some(Severity::Error);
    if receipt.done.is_empty() && !blocked && !matches!(options.scope, Scope::Due(_)) {
        printer.talk(&change::nothing(plan.kept));
    }
    if !matches!(options.scope, Scope::Due(_)) && !options.prune {
        printer.talk(&change::leftovers(&plan));
    }
    let status = finish(&report, tree, printer);
    // The rest is done, and a plan shows what is missing.
    let partly = held && !receipt.done.is_empty() && status == Status::No;
    Ok(if partly { Status::Partial } else { status })
}

/// Says what should be known, and how that ends.
fn finish(report: &Report, tree: &Tree, printer: &mut Printer) -> Status {
    let status = match report.worst() {
        Some(Severity::Error) => Status::No,
        _ => Status::Clean,
    };
    if !report.findings().is_empty() {
        printer.found(&format!("\n{}", human::findings(report)), status);
        printer.told(report, status, tree.store.root());
    }
    status
}
