//! `pki issue`

mod alone;

use pki_core::manifest::{self, NewAuthority, NewService, Source};
use pki_core::model::profile::Profile;
use pki_core::plan::{Scope, Selected};
use pki_core::record::Content;
use pki_core::report::{Finding, Locator, Report, Severity};
use pki_core::{Error, Result};

use super::tree::{self, How, MANIFEST, Tree, Turn, manifest_findings};
use clap::ValueEnum as _;

use crate::cli::issue::{Args, Kind};
use crate::exit::Status;
use crate::printer::Printer;
use crate::render::{change, human};
use crate::settings::Settings;

/// Adds one service or authority to the manifest and makes it.
///
/// # Errors
/// A name that exists, names that are refused, and as [`Tree::apply`]. Then
/// neither the manifest nor the tree is changed.
pub(crate) fn run(
    args: &Args,
    settings: &Settings,
    printer: &mut Printer,
    turn: &Turn,
) -> Result<Status> {
    match_options(args)?;
    if args.out.is_some() {
        return alone::run(args, settings, printer);
    }
    let now = settings.issuing_now(args.issuing.allow_fake_time)?;
    let how = How::new("issue", args.wait, &args.issuing, settings, turn);
    let store = how.recovered(settings.folder())?;
    let (text, manifest) = tree::read_manifest(&store)?;
    let source = Source {
        name: MANIFEST,
        text: &text,
    };
    let name = name(args)?;
    let added = if args.kind == Kind::Ca {
        manifest::add_authority(
            &source,
            &NewAuthority {
                name: &name,
                subject: args.subject.as_deref(),
                issuer: args.authority.as_deref(),
                permit: &args.permit,
                key: args.key,
                lifetime: args.lifetime,
            },
        )?
    } else {
        manifest::add_service(
            &source,
            &NewService {
                name: &name,
                profile: profile(args.kind),
                hosts: &args.sans,
                subject: args.subject.as_deref(),
                authority: args.authority.as_deref(),
                key: args.key,
                lifetime: args.lifetime,
            },
        )?
    };
    let tree = Tree::resolve(store, added, manifest).map_err(|e| {
        if e.excerpt_text().is_some() {
            e.cause("these are the lines that `pki issue` would add; pki.toml is as it was")
        } else {
            e
        }
    })?;
    let only: Vec<Selected> = match args.kind {
        // Those above it too: their path length may have to grow.
        Kind::Ca => {
            let above = tree.stack.issuers(&name).into_iter();
            above.map(|a| Selected::Authority(a.name.clone())).collect()
        }
        _ => vec![Selected::Service(name.clone())],
    };
    let mut options = tree::options(now);
    options.scope = Scope::Only(&only);
    let plan = tree.plan(&options);
    let mut report = Report::default();
    report.extend(manifest_findings(&tree.warnings));
    let blocked = plan.findings.iter().find(|f| f.severity == Severity::Error);
    if let Some(finding) = blocked {
        let what = format!("`{}` was not issued: {}", name, finding.rule);
        let error = if is_unreadable(finding, &tree) {
            Error::world(what)
        } else {
            Error::usage(what)
        };
        return Err(error
            .cause(finding.found.clone().unwrap_or_default())
            .hint(finding.fix.clone().unwrap_or_else(|| "pki verify".into())));
    }
    let also = vec![tree.manifest()?];
    let receipt = tree.apply(&plan, &options, &how, also, printer)?;
    printer.talk(&change::added(&text, &tree.text));
    printer.talk(&change::receipt(&receipt, &tree.stack, now));
    report.extend(receipt.findings);
    if !report.findings().is_empty() {
        printer.found(&format!("\n{}", human::findings(&report)), Status::Clean);
        printer.told(&report, Status::Clean, settings.folder());
    }
    Ok(Status::Clean)
}

/// Whether what is told is that a file may not be read.
fn is_unreadable(finding: &Finding, tree: &Tree) -> bool {
    let Locator::File(path) = &finding.at else {
        return false;
    };
    let item = tree.look.inventory.item_at(path);
    item.is_some_and(|item| matches!(item.record.content, Content::Unreadable(_)))
}

/// Options that do not go with the kind.
fn match_options(args: &Args) -> Result<()> {
    if args.kind == Kind::Ca && !args.sans.is_empty() {
        return Err(Error::usage("an authority has no names of its own")
            .hint("limit what it may vouch for with `--permit NAME`, or leave `--san` away"));
    }
    if args.kind != Kind::Ca && !args.permit.is_empty() {
        return Err(
            Error::usage("`--permit` limits what an authority may vouch for")
                .hint("name the certificate with `--san NAME`"),
        );
    }
    if matches!(args.kind, Kind::Server | Kind::Peer) && args.sans.is_empty() {
        return Err(Error::usage("a server certificate needs at least one name")
            .hint("add `--san NAME`: the name or address that its clients dial"));
    }
    Ok(())
}

/// The name given, or the first label of the first name.
fn name(args: &Args) -> Result<String> {
    if let Some(name) = &args.name {
        return Ok(name.clone());
    }
    args.sans
        .first()
        .and_then(|san| manifest::name_for(san))
        .ok_or_else(|| {
            let kind = args.kind.to_possible_value();
            let kind = kind.as_ref().map_or("KIND", |value| value.get_name());
            Error::usage("it needs a name").hint(format!("`pki issue {kind} NAME …`"))
        })
}

fn profile(kind: Kind) -> Profile {
    match kind {
        Kind::Server => Profile::Server,
        Kind::Client => Profile::Client,
        Kind::Peer => Profile::Peer,
        Kind::Ca => Profile::Authority,
    }
}
