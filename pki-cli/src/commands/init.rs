//! `pki init [DIR] [--template T]`

use std::path::Path;

use pki_core::apply::Receipt;
use pki_core::clock::Timestamp;
use pki_core::model::path::TreePath;
use pki_core::plan::Reason;
use pki_core::record::Content;
use pki_core::stack::AUTHORITIES;
use pki_core::store::{self, Store, Write};
use pki_core::{Error, Result};

use super::tree::{self, How, MANIFEST, Tree, Turn};
use super::verify;
use crate::cli::tree::Init;
use crate::exit::Status;
use crate::printer::Printer;
use crate::render::{change, next};
use crate::settings::Settings;

/// Writes the manifest, makes the tree, verifies it, says what comes next.
///
/// # Errors
/// When something stands where it would write; then nothing is written.
pub(crate) fn run(args: &Init, settings: &Settings, printer: &mut Printer) -> Result<Status> {
    let now = settings.issuing_now(args.issuing.allow_fake_time)?;
    let text = template(&args.template)?;
    let folder = match &args.folder {
        Some(folder) => settings.path(folder),
        None => settings.folder().to_owned(),
    };
    let turn = Turn::default();
    let how = How::new("init", 0, &args.issuing, settings, &turn);
    tree::make_store(&folder)?;
    // An `init` that was killed is taken back or finished first; of what it
    // took back empty folders may be left.
    let store = how.recovered(&folder)?;
    if store.read(&tree::tree_path(MANIFEST)?).bytes() == Some(text.as_bytes())
        && let Some(status) = go_on(&folder, now, &how, printer)?
    {
        return Ok(status);
    }
    refuse(&store, MANIFEST, &folder)?;
    let authorities = tree::tree_path(AUTHORITIES)?;
    let inside = store.walk(Some(&authorities), 1);
    let is_folder = matches!(store.read(&authorities).content, Content::Folder);
    if !is_folder || !inside.files.is_empty() || !inside.unseen.is_empty() {
        refuse(&store, AUTHORITIES, &folder)?;
    }
    let none = store.read(&tree::tree_path(MANIFEST)?);
    let tree = Tree::resolve(store, text.to_owned(), none)?;
    let options = tree::options(now);
    let plan = tree.plan(&options);
    for path in pki_core::inventory::paths(&tree.stack) {
        if !tree.look.inventory.is_missing(&path) {
            return Err(taken(path.as_path(), &folder));
        }
    }
    let mut lines = ignore_files(&tree.store)?;
    let mut also = std::mem::take(&mut lines.writes);
    also.push(tree.manifest()?);
    let receipt = tree.apply(&plan, &options, &how, also, printer)?;
    let tree = Tree::open(&folder)?;
    printer.talk(&change::wrote(MANIFEST, &receipt, &tree.stack));
    Ok(told(&receipt, &lines, &tree, &folder, now, printer))
}

/// Does what an `init` from the same template had not done when it ended. `None`
/// where nothing of it is missing.
fn go_on(
    folder: &Path,
    now: Timestamp,
    how: &How<'_>,
    printer: &mut Printer,
) -> Result<Option<Status>> {
    let tree = Tree::open(folder)?;
    let options = tree::options(now);
    let plan = tree.plan(&options);
    let is_new = |reason: &Reason| matches!(reason, Reason::Missing(_));
    let all_new = plan
        .steps
        .iter()
        .all(|step| step.reasons.iter().all(is_new));
    if !how.has_recovered() && (plan.is_empty() || !all_new) {
        return Ok(None);
    }
    let lines = ignore_files(&tree.store)?;
    let receipt = tree.apply(&plan, &options, how, Vec::new(), printer)?;
    let tree = Tree::open(folder)?;
    Ok(Some(told(&receipt, &lines, &tree, folder, now, printer)))
}

/// Says what was done, whether it is good, and what comes next.
fn told(
    receipt: &Receipt,
    lines: &Ignore,
    tree: &Tree,
    folder: &Path,
    now: Timestamp,
    printer: &mut Printer,
) -> Status {
    printer.talk(&change::receipt(receipt, &tree.stack, now));
    let status = verify::short(tree, now, printer);
    for (file, missing) in &lines.missing {
        printer.talk(&format!(
            "\n{file} is yours and was left alone; add to it:\n{missing}"
        ));
    }
    printer.talk(&next::steps(&tree.stack, folder));
    status
}

/// The text of a starter.
fn template(name: &str) -> Result<&'static str> {
    pki_templates::STACKS
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, text)| *text)
        .ok_or_else(|| {
            let names: Vec<&str> = pki_templates::STACKS.iter().map(|(n, _)| *n).collect();
            Error::usage(format!("there is no template `{name}`"))
                .hint(format!("templates: {}", names.join(", ")))
        })
}

fn refuse(store: &Store, name: &str, folder: &Path) -> Result<()> {
    let path = tree::tree_path(name)?;
    match store.read(&path).content {
        Content::Missing => Ok(()),
        Content::Unreadable(why) => {
            let file = folder.join(path.as_path());
            let hint = store::reading_hint(&file, &why);
            let what = format!("it cannot be told what `{}` is", file.display());
            Err(Error::world(what).cause(why).hint(hint))
        }
        _ => Err(taken(path.as_path(), folder)),
    }
}

fn taken(path: &Path, folder: &Path) -> Error {
    Error::usage(format!(
        "`{}` exists; nothing was written",
        folder.join(path).display()
    ))
    .hint(if path == Path::new(MANIFEST) {
        format!(
            "`pki -C {} apply` makes what it says; or start in another folder: `pki init DIR`",
            folder.display()
        )
    } else {
        "start in another folder: `pki init DIR`".to_owned()
    })
}

/// What to write so that keys stay out of repositories and images, and what to
/// say where such a file exists.
#[derive(Default)]
struct Ignore {
    writes: Vec<Write>,
    missing: Vec<(&'static str, String)>,
}

fn ignore_files(store: &Store) -> Result<Ignore> {
    let mut ignore = Ignore::default();
    for (name, text) in [
        (".gitignore", pki_templates::GITIGNORE),
        (".dockerignore", pki_templates::DOCKERIGNORE),
    ] {
        let path: TreePath = tree::tree_path(name)?;
        match store.read(&path).content {
            Content::Missing => ignore
                .writes
                .push(Write::public(path, text.as_bytes().to_vec())),
            Content::File(bytes) => {
                let there = String::from_utf8_lossy(&bytes);
                let missing: Vec<&str> = text
                    .lines()
                    .filter(|line| !line.starts_with('#'))
                    .filter(|line| !there.lines().any(|l| l.trim() == *line))
                    .collect();
                if !missing.is_empty() {
                    ignore.missing.push((name, missing.join("\n") + "\n"));
                }
            }
            _ => {}
        }
    }
    Ok(ignore)
}
