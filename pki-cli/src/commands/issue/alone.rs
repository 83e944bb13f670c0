//! `pki issue … --out DIR`: one pair without a manifest.

use std::path::Path;

use pki_core::apply::single;
use pki_core::cert::Certificate;
use pki_core::inspect::{self, Wanted};
use pki_core::inventory::Material;
use pki_core::issue::{RandomSerials, Request};
use pki_core::key::{self, KeySource as _, PrivateKey, SystemKeys};
use pki_core::manifest::{NAME_RULE, is_table_name};
use pki_core::model::algorithm::KeyAlgorithm;
use pki_core::model::dn::Dn;
use pki_core::model::san::{Constraint, San, expand};
use pki_core::model::serial::SerialSource as _;
use pki_core::model::validity::Lifetime;
use pki_core::report::{Finding, Report, shell};
use pki_core::store::{self, Bytes, Kind, NewFile, StoreError};
use pki_core::{Error, Result};

use super::{name, profile};
use crate::cli::issue::{self, Args};
use crate::commands::kind::no_such;
use crate::commands::named::{read_key, read_named};
use crate::commands::tree::{self, Passphrases, above};
use crate::exit::Status;
use crate::passphrase::Sources;
use crate::printer::Printer;
use crate::render::human;
use crate::settings::Settings;
use crate::signals;

/// Makes a key, issues its certificate, writes both as new files.
///
/// # Errors
/// No CA for a leaf, a file that exists, names that are refused.
pub(super) fn run(args: &Args, settings: &Settings, printer: &mut Printer) -> Result<Status> {
    let now = settings.issuing_now(args.issuing.allow_fake_time)?;
    let name = name(args)?;
    if !is_table_name(&name) {
        return Err(
            Error::usage(format!("`{name}` cannot be the name of a file here"))
                .cause(NAME_RULE)
                .hint("the files are NAME.key and NAME.crt in the folder of `--out`"),
        );
    }
    // Only the folder of `--out` is made.
    tree::is_in_place(settings)?;
    let folder = settings.path(args.out.as_deref().unwrap_or(Path::new(".")));
    let (issuers, issuer_key, findings) = issuer(args, settings)?;
    let names = names(&args.sans)?;
    let serves = matches!(args.kind, issue::Kind::Server | issue::Kind::Peer);
    if serves && names.iter().all(|name| matches!(name, San::Email(_))) {
        return Err(
            Error::usage("a server whose only name is a mailbox cannot be dialled")
                .hint("add `--san NAME`: the host name or address that its clients dial"),
        );
    }
    let key = SystemKeys.generate(args.key.unwrap_or(KeyAlgorithm::EcdsaP256))?;
    let request = if args.kind == issue::Kind::Ca {
        let permit = args
            .permit
            .iter()
            .map(|text| Constraint::parse(text))
            .collect::<Result<Vec<_>, _>>()?;
        Request::authority(
            subject(args, &format!("{name} CA"))?,
            args.lifetime.unwrap_or(Lifetime::from_days(3650)),
            key.public().clone(),
            Some(0),
            permit,
        )?
    } else {
        // As in a manifest: a server is called by its first name.
        let common_name = match names.first() {
            Some(first) if args.kind != issue::Kind::Client => first.to_string(),
            _ => name.clone(),
        };
        Request::leaf(
            profile(args.kind),
            subject(args, &common_name)?,
            names,
            args.lifetime.unwrap_or(Lifetime::from_days(365)),
            key.public().clone(),
        )?
    };
    let serial = RandomSerials::default()
        .next_serial()
        .ok_or_else(|| Error::world("this machine gives no randomness for a serial number"))?;
    let certificate = folder.join(format!("{name}.crt"));
    let made = single(&request, &key, &issuers, issuer_key.as_ref(), now, &serial)
        .map_err(|e| e.context(format!("`{}` was not issued", certificate.display())))?;
    let key_file = folder.join(format!("{name}.key"));
    let files = [
        NewFile {
            path: &key_file,
            content: &Bytes::Secret(made.key),
            mode: 0o600,
        },
        NewFile {
            path: &certificate,
            content: &Bytes::Public(made.chain.into_bytes()),
            mode: 0o644,
        },
    ];
    signals::holding(|| store::create_new(&files)).map_err(|e| match &e {
        StoreError::InTheWay {
            path,
            wanted: Kind::Folder,
            ..
        } => {
            let hint = format!("--out wants a folder: `--out {}`", shell::path(above(path)));
            Error::from(e).hint(hint)
        }
        _ => e.into(),
    })?;
    let end = made.certificate.validity().not_after;
    printer.talk(&format!(
        "made      {}   until {}\n          {}\n",
        certificate.display(),
        end.date(),
        key_file.display()
    ));
    // One made in the same moment as its issuer ends with it: no loss.
    if let Some(wanted) = made.clamped.filter(|wanted| wanted.date() != end.date()) {
        let (end, wanted) = (end.date(), wanted.date());
        let warning = format!("warning: it ends {end} with its issuer, not {wanted}\n");
        printer.found(&warning, Status::Clean);
    }
    let mut report = Report::default();
    report.extend(findings);
    if !report.findings().is_empty() {
        printer.found(&format!("\n{}", human::findings(&report)), Status::Clean);
    }
    Ok(Status::Clean)
}

fn subject(args: &Args, common_name: &str) -> Result<Dn> {
    Ok(match &args.subject {
        Some(text) => Dn::parse(text)?,
        None => Dn::from_common_name(common_name)?,
    })
}

fn names(sans: &[String]) -> Result<Vec<San>> {
    let mut names = Vec::new();
    for san in sans {
        for text in expand(san)? {
            names.push(San::parse(&text)?);
        }
    }
    Ok(names)
}

/// The CA's certificates, its opened key, and what is wrong with the place of
/// its passphrase; nothing for a root.
type Opened = (Vec<Certificate>, Option<PrivateKey>, Vec<Finding>);

fn issuer(args: &Args, settings: &Settings) -> Result<Opened> {
    let (Some(ca), Some(ca_key)) = (&args.ca, &args.ca_key) else {
        if args.kind == issue::Kind::Ca {
            return Ok((Vec::new(), None, Vec::new()));
        }
        return Err(Error::usage("`--out` needs the CA that signs")
            .hint("add `--ca FILE --ca-key FILE`; or leave `--out` away to use pki.toml"));
    };
    let bytes = read_named(settings, ca)?;
    let Material::Certificates(file) = Material::of_bytes(&bytes) else {
        let wants = "--ca wants the CA certificate in PEM";
        let ca = settings.path(ca);
        return Err(no_such(&ca, &bytes, wants, Wanted::Authorities));
    };
    let bytes = read_key(settings, ca_key)?;
    let bytes = bytes.expose();
    let sources = Sources::new(&args.issuing.passphrase_files, settings.environment());
    let phrases = Passphrases::new(&sources, None);
    let name = ca_key.file_stem().unwrap_or_default().to_string_lossy();
    sources
        .check(&[&name])
        .map_err(|e| e.cause("with --out the authority is called as its key file is"))?;
    let passphrase = if key::survey(bytes).encrypted() {
        Some(phrases.of(&name)?)
    } else {
        None
    };
    let loaded = key::load(bytes, passphrase.as_ref()).map_err(|e| {
        if !inspect::what(bytes).contains("private key") {
            let wants = "--ca-key wants the private key of the CA";
            return no_such(&settings.path(ca_key), bytes, wants, Wanted::Key);
        }
        let error = Error::from(e);
        let error = error.context(format!("`{}` cannot be read as a key", ca_key.display()));
        phrases.explain(error)
    })?;
    if let Some(certificate) = file.certificates.first()
        && certificate.public_key() != loaded.key.public()
    {
        return Err(Error::usage(format!(
            "the key `{}` does not belong to the CA certificate `{}`",
            ca_key.display(),
            ca.display()
        ))
        .hint("name the key that was made with this certificate"));
    }
    Ok((file.certificates, Some(loaded.key), phrases.into_findings()))
}
