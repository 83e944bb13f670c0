//! `pki verify`

mod crls;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use pki_core::apply;
use pki_core::cert::Certificate;
use pki_core::chain::{Anchor, PeerName, Revocation};
use pki_core::clock::Timestamp;
use pki_core::consumer::{CONSUMERS, Consumer};
use pki_core::inspect::{self, Wanted};
use pki_core::inventory::{Inventory, Material};
use pki_core::key::{self, KeyError, KeyForm};
use pki_core::model::usage::Purpose as KeyPurpose;
use pki_core::model::validity::RenewAt;
use pki_core::pem;
use pki_core::record::{Content, FileRecord};
use pki_core::report::{Finding, Severity, shell};
use pki_core::store::{self, StoreError};
use pki_core::verify::{self, Loose, Question, Verdict, key_untold};
use pki_core::{Error, Result};

use super::kind::no_such;
use super::named::{read_key, read_named, unread};
use super::stdin;
use super::tree::{Tree, manifest_findings};
use crate::cli::verify::{ALL_CLIENTS, Args, FailOn, Purpose, client as named_client};
use crate::exit::Status;
use crate::printer::Printer;
use crate::render::clients;
use crate::render::human::{self, Looked};
use crate::render::json;
use crate::render::revocation;
use crate::render::why;
use crate::settings::Settings;

/// Judges the tree, or files from anywhere.
///
/// # Errors
/// When no answer is possible: no manifest, a CA file that holds none.
pub(crate) fn run(args: &Args, settings: &Settings, printer: &mut Printer) -> Result<Status> {
    let now = settings.now();
    only_once_from_stdin(args)?;
    if !args.clients.is_empty() {
        crls::not_beside_clients(args)?;
        return as_clients(args, settings, now, printer);
    }
    let asked = crls::Asked::of(args, settings)?;
    let (verdict, edges) = if args.files.is_empty() {
        let tree = Tree::open(settings.folder())?;
        let mut verdict = whole(&tree, now);
        // What the files show already is not said again of the manifest.
        let known = |f: &Finding| {
            let mut told = verdict.report.findings().iter();
            told.any(|t| t.rule == f.rule && t.at == f.at)
        };
        let of_manifest: Vec<Finding> = manifest_findings(&tree.warnings)
            .filter(|f| !known(f))
            .collect();
        verdict.report.extend(of_manifest);
        let edges = Some((verdict.edges, verdict.good_edges));
        (verdict, edges)
    } else {
        (files(args, asked.as_ref(), settings, now)?, None)
    };
    let threshold = match args.fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Info => Severity::Info,
    };
    let status = if verdict.report.worst() >= Some(threshold) {
        Status::No
    } else {
        Status::Clean
    };
    let looked = Looked {
        certificates: verdict.certificates,
        edges,
    };
    let report = verdict.report.sorted();
    let (explained, left_out) = (&verdict.explanations, verdict.explanations_left_out);
    let asked = asked.as_ref().map(|asked| revocation::Asked {
        how: asked.how,
        lists: &asked.lists,
        unread: asked.unread,
        now,
    });
    let asked = asked.as_ref();
    if args.reporting.json {
        printer.data(&json::report(
            &report,
            &looked,
            (explained, left_out),
            asked,
        ));
    } else if !printer.is_silent(status) {
        if let Some(asked) = asked {
            printer.data(&revocation::human(asked));
        }
        if settings.is_verbose() && !explained.is_empty() {
            printer.data(&format!("{}\n", why::graphs(explained, left_out)));
        }
        let whole = settings.is_verbose();
        printer.data(&human::report(&report, &looked, status.code(), whole));
        if args.files.is_empty() {
            printer.told(&report, status, settings.folder());
        }
    }
    Ok(status)
}

/// The tree just made, in one line when it is clean.
pub(crate) fn short(tree: &Tree, now: Timestamp, printer: &mut Printer) -> Status {
    let verdict = whole(tree, now);
    let clean = verdict.report.worst() < Some(Severity::Warning);
    if clean {
        printer.talk(&human::verified(&verdict));
        return Status::Clean;
    }
    let looked = Looked {
        certificates: verdict.certificates,
        edges: Some((verdict.edges, verdict.good_edges)),
    };
    let status = match verdict.report.worst() {
        Some(Severity::Error) => Status::No,
        _ => Status::Clean,
    };
    let report = human::report(&verdict.report, &looked, status.code(), false);
    printer.found(&format!("\n{report}"), status);
    printer.told(&verdict.report, status, tree.store.root());
    status
}

fn whole(tree: &Tree, now: Timestamp) -> Verdict {
    let around = apply::around(&tree.store, &tree.stack, &tree.look);
    verify::verify(&tree.stack, &tree.look.inventory, &around, now)
}

/// What clients would say of files: their verdicts alone count.
fn as_clients(
    args: &Args,
    settings: &Settings,
    now: Timestamp,
    printer: &mut Printer,
) -> Result<Status> {
    let (paths, inventory) = look_at(args, settings)?;
    let wanted = |client: &&&Consumer| {
        let asked = args.clients.iter();
        asked.into_iter().any(|word| {
            let named = named_client(word).map(|named| named.id);
            word.eq_ignore_ascii_case(ALL_CLIENTS) || named == Some(client.id)
        })
    };
    let clients: Vec<&Consumer> = CONSUMERS.iter().filter(wanted).copied().collect();
    let ca = args.ca.as_deref().unwrap_or(Path::new(""));
    let authorities = authorities(ca, settings)?;
    if let Some(damage) = authorities.unreadable.first() {
        let ca = shell::path(ca);
        let what = format!("{ca} is damaged, and not every client reads the rest");
        return Err(Error::usage(what).cause(damage).hint(format!(
            "take it out; `pki inspect {ca}` shows which blocks are good"
        )));
    }
    let anchors: Vec<Anchor> = authorities
        .certificates
        .into_iter()
        .map(Anchor::new)
        .collect();
    let name = args.name.as_deref().map(dialled).transpose()?;
    let question = Question {
        anchors: &anchors,
        name: name.as_ref(),
        purpose: used_for(args),
        clients: &clients,
        now,
    };
    let answers = verify::verify_as(&paths, &inventory, &question);
    let answered: HashSet<&Path> = answers.iter().map(|of| of.file.as_path()).collect();
    for path in &paths {
        if !answered.contains(path.as_path()) {
            let mut files = args.files.iter();
            let named = files.find(|file| stdin::path(settings, file) == *path);
            let named = named.unwrap_or(path);
            let item = inventory.item_at(path);
            let Some(bytes) = item.and_then(|item| item.record.bytes()) else {
                // The system says why.
                return Err(store::read_file(path, store::LIMIT).err().map_or_else(
                    || no_such(named, &[], AS_WANTS, Wanted::Certificates),
                    Into::into,
                ));
            };
            return Err(no_such(named, bytes, AS_WANTS, Wanted::Certificates));
        }
    }
    let refused = answers.iter().flat_map(|of| &of.answers);
    let status = match refused.filter(|a| a.refusal.is_some()).count() {
        0 => Status::Clean,
        _ => Status::No,
    };
    let shown = clients::Shown {
        answers: &answers,
        name: name.as_ref(),
    };
    if args.reporting.json {
        printer.data(&clients::json(&shown));
    } else if !printer.is_silent(status) {
        printer.data(&clients::human(&shown, status.code()));
    }
    Ok(status)
}

/// Who is dialled is a server, unless the caller says otherwise.
fn used_for(args: &Args) -> Option<KeyPurpose> {
    match args.purpose {
        Some(Purpose::Client) => Some(KeyPurpose::ClientAuth),
        Some(Purpose::Server) => Some(KeyPurpose::ServerAuth),
        None => args.name.as_ref().map(|_| KeyPurpose::ServerAuth),
    }
}

/// The files that are named, each once, and what they hold.
fn look_at(args: &Args, settings: &Settings) -> Result<(Vec<PathBuf>, Inventory)> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut records: Vec<FileRecord> = Vec::new();
    let mut known: HashSet<(bool, PathBuf)> = HashSet::new();
    for file in &args.files {
        let path = stdin::path(settings, file);
        let plain = path.strip_prefix(".").unwrap_or(&path).to_owned();
        // `./-` is a file.
        if !known.insert((stdin::is(&path), plain)) {
            continue;
        }
        records.push(record(settings, file, &path)?);
        paths.push(path);
    }
    Ok((paths, Inventory::of_certificates(records)))
}

/// Stdin is read once, for FILE or --ca: keys and lists are files.
fn only_once_from_stdin(args: &Args) -> Result<()> {
    let is = |file: &Option<PathBuf>| file.as_deref().is_some_and(stdin::is);
    let crl = args.crl.iter().any(|file| stdin::is(file));
    let other = if is(&args.key) {
        "--key"
    } else if crl {
        "--crl"
    } else if is(&args.ca) && args.files.iter().any(|file| stdin::is(file)) {
        return Err(Error::usage("`-` is both a FILE and --ca")
            .hint("stdin is read once: name a file for one of them"));
    } else {
        return Ok(());
    };
    Err(Error::usage(format!("`{other} -` is not read from stdin"))
        .hint("name its file; `-` is for FILE and --ca"))
}

/// What one of them holds: of what is no file, or too large for one, no answer is
/// possible. One that its owner keeps from others is a finding.
fn record(settings: &Settings, file: &Path, path: &Path) -> Result<FileRecord> {
    if stdin::is(file) {
        return Ok(FileRecord {
            content: Content::File(stdin::read()?),
            ..FileRecord::missing(path)
        });
    }
    let record = store::look_at(path, store::LIMIT);
    match record.content {
        Content::File(_) | Content::Unreadable(_) => {}
        Content::Missing | Content::Folder => {
            read_named(settings, file)?;
        }
        _ => {
            store::read_file(path, store::LIMIT)
                .map_err(|e| no_file(settings, file, "- --ca CA", e))?;
        }
    }
    Ok(record)
}

fn files(
    args: &Args,
    asked: Option<&crls::Asked>,
    settings: &Settings,
    now: Timestamp,
) -> Result<Verdict> {
    let (paths, inventory) = look_at(args, settings)?;
    let ca = args.ca.as_deref().unwrap_or(Path::new(""));
    let authorities = authorities(ca, settings)?;
    let key = args.key.as_deref();
    let key = key.map(|file| key_file(file, settings)).transpose()?;
    // One of a kind that is not read here hinders nobody from judging the rest.
    let untold = key.as_ref().and_then(|key| {
        let why = key.public.as_ref().err()?;
        Some(key_untold(&key.path, paths.first()?, why))
    });
    let read = key.as_ref().and_then(|key| {
        let public = key.public.as_ref().ok()?.clone();
        Some(((key.path.as_path(), public), key.form.clone()))
    });
    let (key, key_form) = read.unzip();
    let by = Loose {
        ca: &stdin::path(settings, ca),
        anchors: authorities.certificates,
        ca_not_pem: authorities.not_pem,
        ca_unreadable: authorities.unreadable,
        key,
        key_form,
        name: args.name.as_deref().map(dialled).transpose()?,
        purpose: used_for(args),
        renew: RenewAt::Fraction(1, 3),
        revocation: asked.map_or(Revocation::Off, crls::Asked::revocation),
        lists: asked.map_or(&[], |asked| &asked.lists),
    };
    let mut verdict = verify::verify_files(&paths, &inventory, &by, now);
    verdict.report.extend(untold);
    Ok(verdict)
}

/// Why a file is not read, and for a pipe how it is.
fn no_file(settings: &Settings, file: &Path, named: &str, error: StoreError) -> Error {
    match error {
        StoreError::InTheWay {
            found: store::Kind::Pipe,
            ..
        } => {
            let hint = if is_substituted(file) {
                format!("pipe it in: `COMMAND | pki verify {named}`")
            } else {
                let name = shell::path(file);
                format!("pipe it in: `pki verify {named} <{name}`")
            };
            Error::from(error).hint(hint)
        }
        _ => unread(settings, error),
    }
}

/// Whether a file is what a shell writes for `<(COMMAND)`, which ends with it.
fn is_substituted(file: &Path) -> bool {
    file.starts_with("/dev/fd") || file.starts_with("/proc/self/fd")
}

/// What `--as` wants of a file.
const AS_WANTS: &str = "`--as` asks about certificates";

/// What the file of `--ca` holds.
struct Authorities {
    certificates: Vec<Certificate>,
    not_pem: Option<&'static str>,
    /// What is damaged, where that keeps programs from reading the rest.
    unreadable: Vec<String>,
}

fn authorities(file: &Path, settings: &Settings) -> Result<Authorities> {
    let bytes = if stdin::is(file) {
        stdin::read()?
    } else {
        let path = settings.path(file);
        store::read_file(&path, store::LIMIT)
            .map_err(|e| no_file(settings, file, "FILE --ca -", e))?
    };
    if pem::is_cut(&bytes) {
        let file = file.display();
        let what = format!("`{file}` has more than {} blocks", pem::MAX_BLOCKS);
        return Err(Error::usage(what).hint(
            "name a file that has the CAs of these certificates alone; one that is trusted might be missed",
        ));
    }
    match Material::of_bytes(&bytes) {
        Material::Certificates(found) if !found.certificates.is_empty() => Ok(Authorities {
            not_pem: found.not_pem(),
            unreadable: if found.damaged {
                found.unreadable
            } else {
                Vec::new()
            },
            certificates: found.certificates,
        }),
        _ => {
            let wants = "--ca wants CA certificates in PEM";
            Err(no_such(file, &bytes, wants, Wanted::Authorities))
        }
    }
}

/// The name that is dialled.
fn dialled(name: &str) -> Result<PeerName> {
    PeerName::dialled(name).map_err(|e| {
        let hint = match e.right() {
            Some(right) => format!("write `--name {right}`"),
            None => "write one host name or address, as the client dials it: \
                     `--name web.example.com`, `--name 10.0.0.7` or `--name ::1`"
                .to_owned(),
        };
        Error::from(e).cause("it is given by --name").hint(hint)
    })
}

/// A key file.
struct NamedKey {
    path: PathBuf,
    form: KeyForm,
    /// The error is a kind that is not read here.
    public: std::result::Result<key::PublicKey, KeyError>,
}

fn key_file(file: &Path, settings: &Settings) -> Result<NamedKey> {
    let bytes = read_key(settings, file).map_err(|error| {
        if is_substituted(file) {
            error.hint("a key is read of a file: write it into one, `(umask 077; COMMAND >FILE)`")
        } else {
            error
        }
    })?;
    let bytes = bytes.expose();
    let shown = file.display();
    let form = key::survey(bytes);
    if form.encrypted() {
        let mut error = Error::usage(format!("`{shown}` holds an encrypted private key"));
        for refusal in inspect::refusals(&form) {
            let words = refusal.words;
            error = error.cause(format!("{} refuse it: {words}", refusal.programs));
        }
        return Err(error.hint(format!(
            "give a decrypted copy: `openssl pkey -in {} -out plain.key`, then `--key plain.key`",
            shell::path(file)
        )));
    }
    let public = match key::load(bytes, None) {
        Ok(loaded) => Ok(loaded.key.public().clone()),
        Err(why @ KeyError::Unsupported { .. }) => Err(why),
        Err(why) if inspect::what(bytes) == "a private key" => {
            return Err(Error::from(why).context(format!("`{shown}` cannot be read as a key")));
        }
        Err(_) => {
            let wants = "--key wants the private key";
            return Err(no_such(file, bytes, wants, Wanted::Key));
        }
    };
    Ok(NamedKey {
        path: settings.path(file),
        form,
        public,
    })
}
