//! What lies around the files that the manifest names.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::ignored::is_ignored;
use crate::authority::{belongs_to, exposed, renamed};
use crate::inventory::{Inventory, Item, KeyBlock, KeyId};
use crate::model::path::{STAGE_PREFIX, TreePath};
use crate::reason;
use crate::record::{Content, FileRecord};
use crate::report::{Finding, Locator, Report, Severity, rule, shell};
use crate::stack::{Authority, Generation, Stack};
use crate::store::{Delivery, Kind, LOCK};

/// What is known of the tree beside the files that the stack names.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// A delivery that was going on, or was interrupted.
    pub delivery: Option<Delivery>,
    /// What stands in the place of the lock and is no file.
    pub lock: Option<Kind>,
    /// Files delivered once, no longer named, still there.
    pub leftovers: Vec<TreePath>,
    /// Files by names that delivery keeps for itself, which no delivery needs.
    pub staged: Vec<PathBuf>,
    /// Folders by such names: nothing is delivered where those are needed.
    pub barred: Vec<PathBuf>,
    /// Every private key in the folders that services mount and in the
    /// manifest's own, but for the key files of authorities.
    pub keys: Vec<FoundKey>,
    /// The manifest's folder (an empty path), and those of services, of
    /// authorities and of pki itself: their modes.
    pub folders: Vec<FileRecord>,
    /// Folders of authorities that the manifest no longer names, with files in
    /// them.
    pub abandoned: Vec<PathBuf>,
    /// What makes the manifest's folder a container build context.
    pub build_context: Option<BuildContext>,
    /// What was not looked at.
    pub unseen: Vec<Unseen>,
}

/// A container build context, and what is left out of it.
#[derive(Debug)]
pub struct BuildContext {
    /// `Dockerfile` or `Containerfile`.
    pub file: String,
    /// The file that says what is left out, or should: `.dockerignore`.
    pub ignoring: String,
    /// What it says.
    pub rules: String,
}

/// Something that was not looked at.
#[derive(Debug)]
pub struct Unseen {
    /// Where; an empty path is the manifest's folder.
    pub path: PathBuf,
    /// Why.
    pub why: String,
    /// Whether it is a single file.
    pub single: bool,
}

impl Unseen {
    /// A folder, or what is left of one.
    pub fn folder(path: PathBuf, why: String) -> Self {
        let single = false;
        Self { path, why, single }
    }

    /// A file.
    pub fn file(path: PathBuf, why: String) -> Self {
        let single = true;
        Self { path, why, single }
    }
}

/// A private key, and where it lies.
#[derive(Debug)]
pub struct FoundKey {
    /// The file.
    pub path: PathBuf,
    /// The key.
    pub key: KeyBlock,
}

/// So many files of a folder are named.
const NAMED: usize = 3;

pub(super) fn judge(
    stack: &Stack,
    inventory: &Inventory,
    around: &Surroundings,
    report: &mut Report,
) {
    report.extend(around.delivery.as_ref().map(reason::delivery));
    if let Some(kind) = around.lock {
        let path = Path::new(LOCK);
        let old = shell::path(Path::new(&format!("{LOCK}.old")));
        report.push(
            rule::IN_THE_WAY
                .at(Locator::File(path.to_owned()))
                .found(kind.to_string())
                .expected("a file: nothing can be changed")
                .fix(format!("mv {} {old}", shell::path(path))),
        );
    }
    record(stack, inventory, report);
    for path in &around.leftovers {
        let at = Locator::File(path.as_path().to_owned());
        report.push(rule::LEFTOVER.at(at).fix("pki apply --prune"));
    }
    report.extend(staged(&around.staged));
    let barred = around.barred.iter().filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.trim_start_matches(STAGE_PREFIX);
        inventory.item_at(&path.with_file_name(name)).is_some()
    });
    report.extend(barred.map(|path| reason::stage_barred(path)));
    let unnamed = |folder: &&PathBuf| {
        let all = stack.authorities.iter();
        let mut all = all.flat_map(|a| a.generations.iter().map(move |g| (a, g)));
        let lost = |g: &Generation| g.key.is_some() && inventory.is_missing(&g.certificate);
        // Whose it is: told there.
        !all.any(|(a, g)| lost(g) && renamed(a, g, stack, inventory) == Some(folder.as_path()))
    };
    for path in around.abandoned.iter().filter(unnamed) {
        report.push(
            rule::AUTHORITY_ABANDONED
                .at(Locator::File(path.clone()))
                .fix("once nothing trusts it, move it to where your backups are"),
        );
    }
    unseen(&around.unseen, report);
    let private: HashSet<&Path> = stack
        .authority_keys()
        .filter_map(|key| key.as_path().parent())
        .collect();
    for folder in &around.folders {
        report.extend(writable(folder));
        report.extend(open(folder, &private));
    }
    report.extend(closed(stack, inventory, &around.folders));
    let of_authorities = keys_of_authorities(stack, inventory, around);
    for found in &around.keys {
        if let Some((authority, generation)) = of_authorities.get(&found.key.id) {
            report.push(misplaced(found, authority, generation, inventory));
        }
    }
    if let Some(context) = &around.build_context {
        report.extend(in_build_context(context, stack, inventory));
    }
}

/// Files that no delivery needs: one is told by its name, several once for each
/// folder.
fn staged(files: &[PathBuf]) -> Vec<Finding> {
    let mut folders: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
    for path in files {
        let folder = path.parent().unwrap_or(Path::new(""));
        folders.entry(folder).or_default().push(path);
    }
    let told = folders.into_iter().map(|(folder, files)| {
        if let [path] = files[..] {
            return rule::STAGED_FILE
                .at(Locator::File(path.to_owned()))
                .found("a file that no delivery needs")
                .fix(format!("rm {}", shell::path(path)));
        }
        let is_top = folder.as_os_str().is_empty();
        let word = shell::path(if is_top { Path::new(".") } else { folder });
        let mut finding = rule::STAGED_FILE
            .at(place(folder))
            .found(format!("{} files that no delivery needs", files.len()))
            .fix(format!(
                "find {word} -maxdepth 1 -type f -name '{STAGE_PREFIX}*' -delete"
            ));
        let names = files.iter().filter_map(|path| path.file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        finding.affects.extend(names.take(NAMED));
        if let Some(more @ 1..) = files.len().checked_sub(NAMED) {
            finding.affects.push(format!("and {more} more"));
        }
        finding
    });
    told.collect()
}

/// What was not looked at; of very many the first.
fn unseen(all: &[Unseen], report: &mut Report) {
    /// So many are told one by one.
    const MANY: usize = 20;
    for Unseen { path, why, single } in all.iter().take(MANY) {
        let mut finding = rule::NOT_LOOKED_AT.at(place(path)).found(why);
        if *single {
            finding.severity = Severity::Info;
        }
        report.push(finding);
    }
    if let Some(more @ 1..) = all.len().checked_sub(MANY) {
        let found = format!("{more} more files and folders");
        report.push(rule::NOT_LOOKED_AT.at(Locator::Tree).found(found));
    }
}

/// CA keys that an image would hold.
fn in_build_context(
    context: &BuildContext,
    stack: &Stack,
    inventory: &Inventory,
) -> Option<Finding> {
    let copied: Vec<&TreePath> = stack
        .authority_keys()
        .filter(|key| key.as_path().is_relative() && !inventory.is_missing(key))
        .filter(|key| !is_ignored(&context.rules, key.as_path()))
        .collect();
    let first = copied.first()?;
    // The uppermost folder of each.
    let tops: BTreeSet<String> = copied
        .iter()
        .filter_map(|key| key.as_path().iter().next())
        .map(|top| top.to_string_lossy().into_owned())
        .collect();
    let mut lines = Vec::new();
    if !context.rules.is_empty() && !context.rules.ends_with('\n') {
        // What is added begins a line of its own.
        lines.push(String::new());
    }
    lines.extend(tops.iter().map(|top| pattern(top)));
    let said: Vec<String> = lines.iter().filter(|l| !l.is_empty()).cloned().collect();
    lines.push(".pki".to_owned());
    let words: Vec<String> = lines.iter().map(|l| shell::word(l).into_owned()).collect();
    Some(
        rule::CA_KEY_IN_BUILD_CONTEXT
            .at(Locator::File((&context.file).into()))
            .found(first.to_string())
            .expected(format!(
                "a line `{}` in {}",
                said.join("`, `"),
                context.ignoring
            ))
            .fix(format!(
                "printf '%s\\n' {} >> {}",
                words.join(" "),
                context.ignoring
            )),
    )
}

/// A name as a pattern that means it alone.
fn pattern(name: &str) -> String {
    let mut pattern = String::new();
    for c in name.chars() {
        if "*?[\\".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

fn record(stack: &Stack, inventory: &Inventory, report: &mut Report) {
    report.extend(inventory.issued().problem());
    let lost = reason::unrecorded(stack, inventory);
    report.extend(reason::not_recorded(&lost, inventory));
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
        .at(place(&folder.path))
        .found(format!("mode {mode:04o}"))
        .expected("no write permission for others")
        .fix(format!("chmod go-w {}", shown(folder)));
    if !world {
        finding.severity = Severity::Warning;
    }
    Some(finding)
}

/// A folder of CA keys, or of pki itself, that others can look into.
fn open(folder: &FileRecord, private: &HashSet<&Path>) -> Option<Finding> {
    let private = private.contains(folder.path.as_path()) || folder.path.as_os_str() == ".pki";
    let wrong = is_folder(folder) && private && folder.mode & 0o055 != 0;
    wrong.then(|| {
        rule::FOLDER_OPEN
            .at(place(&folder.path))
            .found(format!("mode {:04o}", folder.mode))
            .expected("mode 0700")
            .fix(format!("chmod 700 {}", shown(folder)))
    })
}

/// The keys of CAs, whose copies are looked for: the one in each certificate,
/// and as it stands in its file where that is encrypted.
fn keys_of_authorities<'a>(
    stack: &'a Stack,
    inventory: &Inventory,
    around: &Surroundings,
) -> HashMap<KeyId, (&'a Authority, &'a Generation)> {
    let mut keys = HashMap::new();
    let unknown = |found: &FoundKey| matches!(found.key.id, KeyId::Digest(_));
    let encrypted = around.keys.iter().any(unknown);
    for authority in &stack.authorities {
        for generation in &authority.generations {
            let of = (authority, generation);
            let ca = inventory.leaf(&generation.certificate);
            if let Some(ca) = ca.filter(|c| c.is_ca()) {
                let id = KeyId::Public(ca.public_key().clone());
                keys.entry(id).or_insert(of);
            }
            let file = generation.key.as_ref().filter(|_| encrypted);
            let item = file.and_then(|key| inventory.item(key));
            for block in item.map(Item::keys).unwrap_or_default() {
                if matches!(block.id, KeyId::Digest(_)) {
                    keys.entry(block.id).or_insert(of);
                }
            }
        }
    }
    keys
}

/// A CA's key outside of the CA's own place.
fn misplaced(
    found: &FoundKey,
    authority: &Authority,
    generation: &Generation,
    inventory: &Inventory,
) -> Finding {
    let path = &found.path;
    let word = shell::path(path);
    let mut finding = match &generation.key {
        None => exposed(path, authority).fix(format!("move {word} to where that CA is kept")),
        Some(own) => {
            let named = inventory.item_at(path).is_some();
            let finding = belongs_to(path, authority, own);
            match (inventory.is_missing(own), found.key.alone, named) {
                // It is written anew without it.
                (_, false, true) => finding.fix("pki apply"),
                (_, false, false) => finding.fix(format!("take the key out of {word}")),
                (true, true, _) => finding,
                (false, true, _) => finding.fix(format!("rm {word}")),
            }
        }
    };
    // At the top nobody mounts it; it is not where it should be all the same.
    if path.components().count() == 1 {
        finding.severity = Severity::Warning;
    }
    finding
}

fn place(path: &Path) -> Locator {
    if path.as_os_str().is_empty() {
        Locator::Tree
    } else {
        Locator::File(path.to_owned())
    }
}

/// Folders that the users of the files in them cannot pass, one finding each.
/// Those above are not looked at: a service may be given the folder alone.
fn closed(stack: &Stack, inventory: &Inventory, folders: &[FileRecord]) -> Vec<Finding> {
    let folders = folders.iter().filter(|folder| is_folder(folder));
    let folders: BTreeMap<&Path, &FileRecord> = folders
        .map(|folder| (folder.path.as_path(), folder))
        .collect();
    let accounts = inventory.accounts();
    let mut told: BTreeMap<&Path, Finding> = BTreeMap::new();
    for (path, access, _) in stack.accesses() {
        let folder = path.as_path().parent().and_then(|p| folders.get(p));
        let user = access.owner.as_deref();
        let (Some(folder), Some(user)) = (folder, user) else {
            continue;
        };
        if accounts
            .user(user)
            .is_some_and(|uid| folder.shuts_out(uid, 1))
        {
            told.entry(&folder.path).or_insert_with(|| {
                rule::FOLDER_CLOSED
                    .at(place(&folder.path))
                    .found(format!(
                        "{}, mode {:04o}",
                        accounts.names(folder.uid, folder.gid),
                        folder.mode
                    ))
                    .expected(format!("a mode that lets user {user} pass"))
                    .affects(format!("user {user} cannot open {path}: permission denied"))
                    .fix(format!("chmod o+x {}", shown(folder)))
            });
        }
    }
    told.into_values().collect()
}

fn is_folder(record: &FileRecord) -> bool {
    matches!(record.content, Content::Folder)
}

/// A folder as a word of a command.
fn shown(folder: &FileRecord) -> String {
    if folder.path.as_os_str().is_empty() {
        ".".to_owned()
    } else {
        shell::path(&folder.path)
    }
}
