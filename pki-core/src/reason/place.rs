//! What keeps a file from being written, or its mode from being set, with the
//! command that makes room: `apply` replaces files only.

use std::collections::BTreeMap;
use std::path::Path;

use crate::inventory::Inventory;
use crate::model::path::{STAGE_PREFIX, TreePath};
use crate::record::{Accounts, Content, FileRecord};
use crate::report::{Finding, Locator, rule, shell};
use crate::stack::{Pair, Stack};
use crate::store::{Delivery, Working, words_hint};

/// So many of those who are hurt are named.
const NAMED: usize = 10;

/// The files of a pair.
pub fn files(pair: &Pair) -> impl Iterator<Item = &TreePath> {
    let files = &pair.files;
    [&files.certificate, &files.key]
        .into_iter()
        .chain(&files.chain)
}

/// What makes a file anew; `apply` replaces neither folders nor links, nor what
/// it may not read.
pub fn anew(path: &TreePath, inventory: &Inventory) -> String {
    if let Some(it) = inventory.in_the_way(path) {
        return away(it);
    }
    let word = shell::path(path.as_path());
    let record = inventory.item(path).map(|item| &item.record);
    match record.map(|record| (&record.content, record)) {
        Some((Content::Refused(_), _)) => away(path.as_path()),
        Some((Content::Unreadable(why), record)) => {
            words_hint(why).unwrap_or_else(|| readable(record, &word, inventory.accounts()))
        }
        _ => "pki apply".to_owned(),
    }
}

/// What lets us read a file that is closed to us.
fn readable(record: &FileRecord, word: &str, accounts: &Accounts) -> String {
    let folder = record.path.parent().unwrap_or(Path::new(""));
    if record.links == 0 && !folder.as_os_str().is_empty() {
        // Not even its mode was seen.
        let folder = shell::path(folder);
        return format!("chmod u+rwx {folder}, as its owner: `ls -ld {folder}` says who that is");
    }
    if record.links > 0 && accounts.is_own(record) && record.mode & 0o400 == 0 {
        return format!("chmod u+rw {word}");
    }
    format!("ls -l {word}; run pki as its owner or as root")
}

fn away(path: &Path) -> String {
    let old = format!("{}.old", path.display());
    format!(
        "mv {} {} && pki apply",
        shell::path(path),
        shell::word(&old)
    )
}

/// What stands where folders of pairs and derived files belong, each once, with
/// who is hurt; of the files of those that `concerns` picks by their service.
/// (Authorities tell it themselves.)
pub fn barred(
    stack: &Stack,
    inventory: &Inventory,
    concerns: impl Fn(Option<&str>) -> bool,
) -> Vec<Finding> {
    let pairs = stack.pairs().flat_map(|pair| {
        let service = Some(pair.id.service.as_str());
        files(pair).map(move |path| (path, service))
    });
    let outputs = stack.outputs.iter();
    let outputs = outputs.map(|output| (&output.path, output.service.as_deref()));
    let mut found: BTreeMap<&Path, (Finding, Vec<&str>)> = BTreeMap::new();
    for (path, service) in pairs.chain(outputs).filter(|(_, s)| concerns(*s)) {
        let Some((it, item)) = inventory.barred(path).zip(inventory.item(path)) else {
            continue;
        };
        let (_, hurt) = found.entry(it).or_insert_with(|| {
            let mut finding = rule::IN_THE_WAY
                .at(Locator::File(it.to_owned()))
                .expected("a folder; one elsewhere is named in pki.toml")
                .fix(room(it, path));
            if let Content::Refused(why) = &item.record.content {
                finding = finding.found(why);
            }
            (finding, Vec::new())
        });
        let who = service.unwrap_or("what authorities publish");
        if !hurt.contains(&who) && hurt.len() <= NAMED {
            hurt.push(who);
        }
    }
    let findings = found.into_values().map(|(mut finding, mut hurt)| {
        if hurt.len() > NAMED {
            hurt.truncate(NAMED);
            hurt.push("more");
        }
        finding.affects = hurt.into_iter().map(str::to_owned).collect();
        finding
    });
    findings.collect()
}

/// What a delivery that was going on makes of a look.
pub fn delivery(delivery: &Delivery) -> Finding {
    let finding = rule::INTERRUPTED.at(Locator::Tree);
    match delivery {
        Delivery::UnderWay(Working { holder, stopped }) => {
            let (what, fix) = match stopped {
                None => ("under way", "look again once it is done".to_owned()),
                Some(pid) => (
                    "under way and stopped",
                    format!("`kill -CONT {pid}` lets it go on"),
                ),
            };
            finding.found(format!("{what}: {holder}")).fix(fix)
        }
        Delivery::Meanwhile => finding
            .found("another command changed the tree while it was read")
            .fix("look again"),
        Delivery::Interrupted => finding
            .found("a command was interrupted before all was in its place")
            .fix("pki apply"),
    }
}

/// A folder that has a name of delivery's own: nothing is written through it.
pub fn stage_barred(path: &Path) -> Finding {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_start_matches(STAGE_PREFIX);
    let beside = path.with_file_name(format!("{name}.stage.old"));
    rule::IN_THE_WAY
        .at(Locator::File(path.to_owned()))
        .found(format!("`{}` is a folder", path.display()))
        .expected("nothing: a new file is written there first")
        .fix(format!(
            "mv {} {} && pki apply",
            shell::path(path),
            shell::path(&beside)
        ))
}

/// Outside of the tree a folder on the way may be the whole machine's.
fn room(it: &Path, path: &TreePath) -> String {
    if path.as_path().is_relative() {
        return away(it);
    }
    format!(
        "`ls -ld {}` shows what is there; name the real folder in pki.toml",
        shell::path(it)
    )
}

/// A file whose mode and owner are not set, for another of its names may be
/// anything.
pub fn hard_link(path: &TreePath, inventory: &Inventory) -> Option<Finding> {
    let record = &inventory.item(path)?.record;
    if record.links < 2 || record.bytes().is_none() {
        return None;
    }
    let word = shell::path(path.as_path());
    let finding = rule::HARD_LINK
        .at(Locator::File(path.as_path().to_owned()))
        .found(format!(
            "{} names (hard links); `find . -samefile {word}` shows those below this folder",
            record.links
        ))
        .expected("one name");
    Some(finding.fix(alone(path)))
}

/// Users whom the list of a key lets in.
pub fn let_in(path: &TreePath, record: &FileRecord) -> Option<Finding> {
    let found = record.granted.join(", ");
    let at = Locator::File(path.as_path().to_owned());
    (!found.is_empty()).then(|| {
        rule::KEY_ACL
            .at(at)
            .found(found)
            .expected("no access control list")
    })
}

/// What gives a file a copy of its own.
fn alone(path: &TreePath) -> String {
    let word = shell::path(path.as_path());
    let new = shell::path(Path::new(&format!("{path}.new")));
    format!("cp -p {word} {new} && mv {new} {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_set_where_it_was_seen_and_by_its_owner() {
        let file = |mode, uid, links| FileRecord {
            mode,
            uid,
            links,
            ..FileRecord::missing("certs/web/server.key")
        };
        let word = "certs/web/server.key";
        let accounts = Accounts::default().seen_by(7);
        let others = "ls -l certs/web/server.key; run pki as its owner or as root";
        for (record, expected) in [
            (file(0, 7, 1), "chmod u+rw certs/web/server.key"),
            (file(0o060, 8, 1), others),
            (file(0o600, 8, 1), others),
            (
                // In a folder that cannot be entered.
                file(0, 0, 0),
                "chmod u+rwx certs/web, as its owner: `ls -ld certs/web` says who that is",
            ),
        ] {
            assert_eq!(readable(&record, word, &accounts), expected);
        }
    }
}
