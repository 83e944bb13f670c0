//! Executes a plan: the only place where the tree changes.
//!
//! Everything is made before the lock is taken: keys, certificates, files, so
//! that whatever is refused leaves not even a lock file behind. Under the lock
//! the tree is read anew, and nothing is done when it is another than the one
//! that was planned for. Every new certificate is verified from its DER, and
//! the issuance record is durable, before the first byte reaches its place.

mod around;
mod authority;
mod build;
mod check;
mod deliver;
mod leaves;
mod look;
mod pair;
mod reach;
mod signers;
mod single;

pub use around::around;
pub use look::{Look, look};
pub use reach::plan;
pub use single::{Single, single};

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::key::{self, KeySource, PrivateKey};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::path::TreePath;
use crate::model::serial::SerialSource;
use crate::plan::{Options, Plan, Step, Target};
use crate::record::FileRecord;
use crate::report::{Finding, Locator, rule, shell};
use crate::secret::Secret;
use crate::stack::{PairId, Stack};
use crate::store::{Holder, Locked, Store, StoreError, Unkept, Write};
use build::Numeric;

/// What an apply needs beside the tree and the plan.
pub struct Tools<'a> {
    /// Makes keys.
    pub keys: &'a dyn KeySource,
    /// Gives serial numbers.
    pub serials: &'a mut dyn SerialSource,
    /// The passphrase of an authority's key, by the authority's name; asked
    /// only for keys that are or shall be encrypted, and never under the lock.
    pub passphrase: &'a dyn Fn(&str) -> Result<Secret>,
    /// Told how much of what is done, of how much.
    pub progress: &'a (dyn Fn(Work, usize, usize) + Sync),
    /// How many keys are made at a time.
    pub threads: usize,
    /// Who holds the lock, for those who wait.
    pub holder: Holder,
    /// How long to wait for the lock.
    pub wait: Duration,
    /// What the change was made from beside the files of the stack, as it was
    /// read: the manifest. Another one under the lock, and nothing is done.
    pub basis: &'a [(TreePath, &'a FileRecord)],
    /// Files that belong to the change: the manifest with what was added.
    pub also: Vec<Write>,
}

/// What takes time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Work {
    /// Keys are made.
    Keys,
    /// Files are written so that they last.
    Files,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Receipt {
    /// The steps, in order, with what came of them.
    pub done: Vec<Done>,
    /// What should be known: a shortened lifetime, an owner that was not set.
    pub findings: Vec<Finding>,
    /// How many authorities and pairs needed nothing.
    pub kept: usize,
}

/// One step that was executed.
#[derive(Clone, Debug)]
pub struct Done {
    /// As it was planned.
    pub step: Step,
    /// The new certificate's end.
    pub ends: Option<Timestamp>,
    /// The new certificate's names; of a client its common name, of an authority
    /// its kind of key and its subject.
    pub names: Vec<String>,
    /// The identity that KES gave the client before and gives it now, where
    /// both are known and differ.
    pub identity: Option<(String, String)>,
}

/// Executes `plan`, which was made from this tree and these options.
///
/// # Errors
/// When the tree changed since it was planned, a signing key is missing or
/// does not open, a new certificate does not verify, or the machine fails.
/// Old files survive each of them.
pub fn apply(
    store: &Store,
    stack: &Stack,
    plan: &Plan,
    options: &Options<'_>,
    tools: Tools<'_>,
) -> Result<Receipt> {
    apply_in_turn(&mut None, store, stack, plan, options, tools)
}

/// As [`apply`], for who plans again where others were faster: then the lock
/// stays in `turn`, so that the next try is the last. It is not kept where a
/// passphrase was asked for: nobody types under the lock.
///
/// # Errors
/// As [`apply`].
pub fn apply_in_turn(
    turn: &mut Option<Locked>,
    store: &Store,
    stack: &Stack,
    plan: &Plan,
    options: &Options<'_>,
    tools: Tools<'_>,
) -> Result<Receipt> {
    let left = store.interrupted() || store.record_is_torn();
    if plan.is_empty() && plan.unrecorded.is_empty() && tools.also.is_empty() && !left {
        return Ok(Receipt {
            findings: plan.findings.clone(),
            kept: plan.kept,
            ..Receipt::default()
        });
    }
    let (found, seen) = look::look_and_digest(store, stack)?;
    found.whole()?;
    let Tools {
        keys,
        serials,
        passphrase,
        progress,
        threads,
        holder,
        wait,
        basis,
        also,
    } = tools;
    let again = reach::plan(store, stack, &found, options);
    if again.digest() != plan.digest() {
        return Err(changed());
    }
    let made = make_keys(stack, plan, keys, threads, progress)?;
    let asked = Cell::new(false);
    let signers = signers::open(store, stack, plan, &|authority| {
        asked.set(true);
        passphrase(authority)
    })?;
    let built = build::build(stack, plan, options, found, made, signers, serials)?;
    for write in built.authorities.values().flatten().chain(&built.writes) {
        store.check(write)?;
    }
    if let Some(state) = &built.state {
        store.check(&state.write()?)?;
    }
    let mut locked = match turn.take() {
        Some(locked) => locked,
        None => store.lock(&holder, wait)?,
    };
    let same = |(path, before): &(TreePath, &FileRecord)| store.read(path).is_same(before);
    if look::digest(store, stack)? != seen || !basis.iter().all(same) {
        *turn = Some(locked).filter(|_| !asked.get());
        return Err(changed());
    }
    if !built.record.is_empty() {
        locked.append_record(&built.record)?;
    }
    let mut receipt = built.receipt;
    let mut state = built.state;
    let Away { gone, mut failed } = away(&mut locked, &built.archive, &built.destroy, options.now);
    if let Some(state) = &mut state {
        // What is still there is not forgotten.
        state
            .delivered
            .extend(failed.iter().map(|(path, _)| path.clone()));
        state.delivered.sort();
    }
    undone(&mut receipt, &mut failed)?;
    // A new authority is in place before the state says that it stands, and
    // before anything that it signed: what is there can always go on.
    let mut groups: Vec<Vec<Write>> = built.authorities.into_values().collect();
    groups.extend(
        state
            .map(|state| Ok::<_, Error>(vec![state.write()?]))
            .transpose()?,
    );
    groups.push(built.writes);
    if !also.is_empty()
        && let Some(first) = groups.first_mut()
    {
        first.splice(0..0, also);
        // All of it or nothing: an authority that no manifest names would bar
        // the way of the next try.
        for write in first.iter_mut() {
            write.pair = Some(0);
        }
    }
    let all = groups.iter().map(Vec::len).sum();
    let told = |done| progress(Work::Files, done, all);
    let again = |missing: &[PathBuf]| deliver::again(stack, plan, options, store.root(), missing);
    let unkept = deliver::deliver(&mut locked, groups, gone, &told, &again)?;
    receipt.findings.extend(unkept.into_iter().map(lost));
    for (path, access) in built.access {
        let Numeric { mode, uid, gid } = access;
        let set = if built.keys.contains(&path) {
            locked.set_key_access(&path, mode, uid, gid)
        } else {
            locked.set_access(&path, mode, uid, gid)
        };
        failed.extend(set.err().map(|e| (path, e)));
    }
    undone(&mut receipt, &mut failed)?;
    Ok(receipt)
}

/// What was taken away, and what could not be.
struct Away {
    gone: Vec<PathBuf>,
    failed: Vec<(TreePath, StoreError)>,
}

/// Archives and destroys what nothing names, each by itself.
fn away(locked: &mut Locked, archive: &[TreePath], destroy: &[TreePath], now: Timestamp) -> Away {
    let root = locked.store().root().to_owned();
    let (mut gone, mut failed) = (Vec::new(), Vec::new());
    let mut note = |path: &TreePath, done: Result<(), StoreError>| match done {
        Ok(()) => gone.push(root.join(path.as_path())),
        Err(e) => failed.push((path.clone(), e)),
    };
    for path in archive {
        note(path, locked.archive(path, now).map(|_| ()));
    }
    for path in destroy {
        note(path, locked.remove(path));
    }
    Away { gone, failed }
}

/// Takes steps that failed out of the receipt, and tells them there.
///
/// # Errors
/// The first of them, where nothing else was or is to be done.
fn undone(receipt: &mut Receipt, failed: &mut Vec<(TreePath, StoreError)>) -> Result<()> {
    let paths: HashSet<&TreePath> = failed.iter().map(|(path, _)| path).collect();
    let is_failed = |step: &Step| match &step.target {
        Target::Leftover(path) | Target::Access(path) => paths.contains(path),
        _ => false,
    };
    receipt.done.retain(|done| !is_failed(&done.step));
    if receipt.done.is_empty() && !failed.is_empty() {
        return Err(failed.swap_remove(0).1.into());
    }
    for (path, error) in failed.drain(..) {
        let error = Error::from(error);
        let fix = error.hint_text().map(str::to_owned);
        let finding = rule::IN_THE_WAY
            .at(Locator::File(path.as_path().to_owned()))
            .found(error.to_string());
        receipt.findings.push(Finding { fix, ..finding });
    }
    Ok(())
}

/// What the new file has not, of which the old one had it.
fn lost(unkept: Unkept) -> Finding {
    let Unkept { path, what, why } = unkept;
    let at = Locator::File(path.as_path().to_owned());
    match why {
        None => rule::KEY_ACL_DROPPED
            .at(at)
            .found(format!("the {what} of the old key"))
            .expected("who may read a key is said by its mode, owner and group")
            .fix("name the readers' group in pki.toml: `group` and `key_mode = \"0640\"`"),
        Some(why) => rule::ATTRIBUTE_LOST
            .at(at)
            .found(format!("the {what} was not kept: {why}"))
            .fix(format!("ls -lZ {}", shell::path(path.as_path()))),
    }
}

const CHANGED: &str = "the tree changed after it was planned; nothing was done";

fn changed() -> Error {
    Error::world(CHANGED).hint("run the command again")
}

/// Whether [`apply`] did nothing because somebody else changed the tree since it
/// was planned for: who has shown no plan to a person may plan again.
pub fn is_outdated(error: &Error) -> bool {
    error.message() == CHANGED
}

/// A key for every step that needs one, in the order of the steps.
fn make_keys(
    stack: &Stack,
    plan: &Plan,
    source: &dyn KeySource,
    threads: usize,
    progress: &(dyn Fn(Work, usize, usize) + Sync),
) -> Result<std::vec::IntoIter<PrivateKey>> {
    let pairs: BTreeMap<&PairId, KeyAlgorithm> = stack.pairs().map(|p| (&p.id, p.key)).collect();
    let wanted: Vec<KeyAlgorithm> = plan
        .steps
        .iter()
        .filter(|step| step.action.needs_key())
        .filter_map(|step| match &step.target {
            Target::Authority(name) => stack.authority(name).map(|a| a.key),
            Target::Pair(id) => pairs.get(id).copied(),
            _ => None,
        })
        .collect();
    let total = wanted.len();
    progress(Work::Keys, 0, total);
    let keys = key::generate_all(source, &wanted, threads, &|done| {
        progress(Work::Keys, done, total);
    })?;
    Ok(keys.into_iter())
}

#[cfg(test)]
mod tests;
