//! What lies around the files that the manifest names.

use crate::inventory::{Inventory, KeyBlock};
use crate::model::path::TreePath;
use crate::record::{Content, FileRecord};
use crate::report::{Finding, Locator, Report, Severity, rule};
use crate::stack::{Authority, Generation, Stack};

/// What is known of the tree beside the files that the stack names.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// Whether a delivery was interrupted.
    pub interrupted: bool,
    /// Files delivered once, no longer named, still there.
    pub leftovers: Vec<TreePath>,
    /// Every private key in the folders that services mount and in the
    /// manifest's own, but for the key files of authorities.
    pub keys: Vec<FoundKey>,
    /// The manifest's folder (an empty path), and those of services, of
    /// authorities and of pki itself: their modes.
    pub folders: Vec<FileRecord>,
    /// Folders of authorities that the manifest no longer names.
    pub abandoned: Vec<TreePath>,
    /// A file that makes the manifest's folder a container build context
    /// (`Dockerfile`), where `.dockerignore` does not keep the CA keys out.
    pub build_context: Option<String>,
}

/// A private key, and where it lies.
#[derive(Debug)]
pub struct FoundKey {
    /// The file.
    pub path: TreePath,
    /// The key.
    pub key: KeyBlock,
}

pub(super) fn judge(
    stack: &Stack,
    inventory: &Inventory,
    around: &Surroundings,
    report: &mut Report,
) {
    if around.interrupted {
        report.push(rule::INTERRUPTED.at(Locator::Tree).fix("pki apply"));
    }
    record(inventory, report);
    for path in &around.leftovers {
        report.push(rule::LEFTOVER.at(at(path)).fix("pki apply --prune"));
    }
    for path in &around.abandoned {
        report.push(
            rule::AUTHORITY_ABANDONED
                .at(at(path))
                .fix("once nothing trusts it, move it to where your backups are"),
        );
    }
    for folder in &around.folders {
        report.extend(writable(folder));
        report.extend(open(folder, stack));
    }
    report.extend(
        around
            .keys
            .iter()
            .filter_map(|found| exposed(found, stack, inventory)),
    );
    if let Some(file) = &around.build_context
        && stack.authorities.iter().any(|a| key_below(a, inventory))
    {
        report.push(
            rule::CA_KEY_IN_BUILD_CONTEXT
                .at(Locator::File(file.into()))
                .expected("a line `authorities` in .dockerignore")
                .fix("printf 'authorities\\n.pki\\n' >> .dockerignore"),
        );
    }
}

fn record(inventory: &Inventory, report: &mut Report) {
    let lines = match inventory.issued().unreadable() {
        0 => return,
        1 => "1 unreadable line".to_owned(),
        n => format!("{n} unreadable lines"),
    };
    let at = Locator::File(".pki/issued.jsonl".into());
    report.push(rule::RECORD_UNREADABLE.at(at).found(lines));
}

/// A folder where others can put files of their own.
fn writable(folder: &FileRecord) -> Option<Finding> {
    const STICKY: u32 = 0o1000;
    let is_root = folder.path.as_os_str().is_empty();
    let mode = folder.mode;
    let world = mode & 0o002 != 0 && mode & STICKY == 0;
    // The user's own folder may be a team's.
    let group = mode & 0o020 != 0 && !is_root;
    if !is_folder(folder) || !(world || group) {
        return None;
    }
    let mut finding = rule::FOLDER_WRITABLE
        .at(folder_at(folder))
        .found(format!("mode {mode:04o}"))
        .expected("no write permission for others")
        .fix(format!("chmod go-w {}", shown(folder)));
    if !world {
        finding.severity = Severity::Warning;
    }
    Some(finding)
}

/// A folder of CA keys, or of pki itself, that others can look into.
fn open(folder: &FileRecord, stack: &Stack) -> Option<Finding> {
    let keys = stack.authorities.iter().flat_map(|a| &a.generations);
    let holds_key = keys
        .filter_map(|g| g.key.as_ref())
        .any(|key| key.as_path().parent() == Some(&folder.path));
    let private = holds_key || folder.path.as_os_str() == ".pki";
    let wrong = is_folder(folder) && private && folder.mode & 0o055 != 0;
    wrong.then(|| {
        rule::FOLDER_OPEN
            .at(folder_at(folder))
            .found(format!("mode {:04o}", folder.mode))
            .expected("mode 0700")
            .fix(format!("chmod 700 {}", shown(folder)))
    })
}

/// A CA's key outside of the CA's own place.
fn exposed(found: &FoundKey, stack: &Stack, inventory: &Inventory) -> Option<Finding> {
    let generations = stack.authorities.iter();
    let mut generations = generations.flat_map(|a| a.generations.iter().map(move |g| (a, g)));
    let (authority, generation) = generations.find(|(_, g)| is_key_of(found, g, inventory))?;
    let path = &found.path;
    let finding = rule::CA_KEY_EXPOSED
        .at(at(path))
        .found(format!("the key of authority {}", authority.name))
        .affects("whoever reads it can vouch for any name");
    let mut finding = match &generation.key {
        None => finding.fix(format!("move {path} to where that CA is kept")),
        Some(place) => {
            let named = inventory.item(path).is_some();
            let fix = match (inventory.is_missing(place), found.key.alone, named) {
                // It is written anew without it.
                (_, false, true) => "pki apply".to_owned(),
                (_, false, false) => format!("take the key out of {path}"),
                (true, true, _) => format!("mv {path} {place}"),
                (false, true, _) => format!("rm {path}"),
            };
            finding
                .expected(format!("that key in {place} alone"))
                .fix(fix)
        }
    };
    // At the top nobody mounts it; it is not where it should be all the same.
    if path.as_path().components().count() == 1 {
        finding.severity = Severity::Warning;
    }
    Some(finding)
}

/// Whether a key is that of a CA: the one in its certificate, or an encrypted
/// one that is the same octet by octet.
fn is_key_of(found: &FoundKey, generation: &Generation, inventory: &Inventory) -> bool {
    let ca = inventory
        .leaf(&generation.certificate)
        .filter(|c| c.is_ca());
    match (&found.key.public, &generation.key) {
        (Some(public), _) => ca.is_some_and(|ca| ca.public_key() == public),
        (None, Some(key)) => {
            let own = inventory.bytes(key).map(KeyBlock::all).unwrap_or_default();
            own.iter().any(|key| key.digest == found.key.digest)
        }
        (None, None) => false,
    }
}

/// Whether the key of an authority lies below the manifest's folder.
fn key_below(authority: &Authority, inventory: &Inventory) -> bool {
    let mut keys = authority.generations.iter().filter_map(|g| g.key.as_ref());
    keys.any(|key| key.as_path().is_relative() && !inventory.is_missing(key))
}

fn at(path: &TreePath) -> Locator {
    Locator::File(path.as_path().to_owned())
}

fn folder_at(folder: &FileRecord) -> Locator {
    if folder.path.as_os_str().is_empty() {
        Locator::Tree
    } else {
        Locator::File(folder.path.clone())
    }
}

fn is_folder(record: &FileRecord) -> bool {
    matches!(record.content, Content::Folder)
}

fn shown(folder: &FileRecord) -> String {
    match folder.path.display().to_string() {
        root if root.is_empty() => ".".to_owned(),
        path => path,
    }
}
