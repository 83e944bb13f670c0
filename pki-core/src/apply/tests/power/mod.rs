//! A loss of power at any moment of a command, with any part of what was not
//! synced lost: what the next command finds is whole, and goes on.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::model::path::STAGE_PREFIX;
use crate::store::power::{Recorder, Recording};
use crate::store::{Effects, FsOp, Machine, OpenFile, Resolver};

mod commands;
mod mutants;

use commands::{
    CLEAR, Command, FINISH, INIT, ISSUE, LESS, NEW_KEYS, TAKE_BACK, begin, kill, manifest, pruning,
};

/// The machine, without waiting for disks.
struct Quick;

impl Effects for Quick {
    fn perform(&self, op: FsOp<'_>) -> std::io::Result<Option<OpenFile>> {
        match op {
            FsOp::SyncFile { .. } | FsOp::SyncFolder { .. } | FsOp::Pause { .. } => Ok(None),
            op => Machine.perform(op),
        }
    }
}

/// What `act` does to a tree, effect by effect.
/// With the number of effects of what was killed before.
fn recorded(tree: &mut Tree, command: &Command) -> (Recording, usize) {
    let recorder = Arc::new(Recorder::new(tree.dir.path()));
    let effects = || Arc::clone(&recorder) as Arc<dyn Effects>;
    if let Some(is_last) = command.killed {
        kill(tree, is_last, effects());
    }
    let from = recorder.recording().len();
    tree.store = Store::open_with(tree.dir.path(), effects(), Resolver::Kernel).unwrap();
    (command.act)(tree);
    tree.store = Store::open_with(tree.dir.path(), Arc::new(Quick), Resolver::Kernel).unwrap();
    (recorder.recording(), from)
}

/// What must never be lost once it stood.
struct Before {
    /// Certificate and key of each authority, where they were.
    authorities: Vec<(String, Vec<u8>)>,
    /// What was delivered and is no key: there still, or in the archive.
    delivered: Vec<(String, Vec<u8>)>,
    manifest: Option<String>,
}

impl Before {
    fn of(tree: &Tree) -> Self {
        let seen = tree.seen();
        let files = seen.iter().filter(|(file, _)| tree.path(file).is_file());
        let below = |folder: &str| {
            let here = files.clone().filter(|(file, _)| file.starts_with(folder));
            here.map(|(file, (bytes, ..))| (file.clone(), bytes.clone()))
                .collect::<Vec<_>>()
        };
        let mut delivered = below("certs/");
        delivered.retain(|(file, bytes)| !is_key(bytes) && !file.contains(STAGE_PREFIX));
        Self {
            authorities: below("authorities/"),
            delivered,
            manifest: manifest(tree),
        }
    }
}

fn is_key(bytes: &[u8]) -> bool {
    bytes.windows(11).any(|w| w == b"PRIVATE KEY")
}

/// What the next command must find, and make.
fn check(
    tree: &mut Tree,
    before: &Before,
    command: &Command,
    done: bool,
) -> std::result::Result<(), String> {
    let fails = |what: &str, why: &dyn std::fmt::Display| Err(format!("{what}: {why}"));
    for (file, (bytes, mode, ..)) in tree.seen() {
        if is_key(&bytes) && mode & 0o077 != 0 {
            return fails("a key is open", &format!("{file} {mode:04o}"));
        }
    }
    if let Err(e) = tree
        .store
        .lock(&Holder::me("test", tree.now), Duration::ZERO)
    {
        return fails("no recovery", &e);
    }
    for file in tree.seen().keys() {
        if file.contains(STAGE_PREFIX) || file.ends_with("/journal") {
            return fails("left over", file);
        }
    }
    if let Some(wanted) = command.writes {
        let found = manifest(tree);
        if done && found.as_deref() != Some(wanted) {
            return fails("the manifest", &"was written and is not there");
        }
        if found != before.manifest && found.as_deref() != Some(wanted) {
            return fails("the manifest", &"is neither the old one nor the new one");
        }
        match (found, &before.manifest) {
            (None, _) if tree.path("authorities/root/1/ca.key").exists() => {
                return fails("an authority", &"without a manifest bars the way of `init`");
            }
            (None, _) => begin(tree, wanted),
            (Some(text), _) => tree.stack = stack(&text),
        }
    }
    for (file, bytes) in &before.authorities {
        if !tree.path(file).exists() || tree.read(file) != *bytes {
            return fails("an authority is lost", file);
        }
    }
    let seen = tree.seen();
    for (file, bytes) in &before.delivered {
        let archived = |(path, found): (&String, &(Vec<u8>, u32, u64, i64, i64))| {
            path.starts_with(".pki/archive/") && found.0 == *bytes
        };
        if !seen.contains_key(file) && !seen.iter().any(archived) {
            return fails("neither here nor archived", file);
        }
    }
    let look = match look(&tree.store, &tree.stack) {
        Ok(look) => look,
        Err(e) => return fails("the tree cannot be read", &told(&e)),
    };
    for pair in tree.stack.pairs() {
        let leaf = look.inventory.leaf(&pair.files.certificate);
        let key = look.inventory.public_key(&pair.files.key);
        match (leaf, key) {
            (None, None) => {}
            (Some(leaf), Some(key)) if leaf.public_key() == key => {
                if !look.inventory.issued().contains(leaf) {
                    return fails("not in the issuance record", &pair.id);
                }
                let issuer = look
                    .inventory
                    .authority(&tree.stack, pair.issuer().unwrap());
                if !issuer.is_some_and(|ca| leaf.is_signed_by(ca)) {
                    return fails("its CA is lost", &pair.id);
                }
            }
            _ => return fails("half a pair", &pair.id),
        }
    }
    let options = if command.prune {
        pruning(tree)
    } else {
        tree.options()
    };
    let plan = tree.plan(&options);
    if done && !plan.is_empty() {
        return fails("it was done and is not", &lines(&plan).join("; "));
    }
    match tree.apply_as(&options) {
        Err(e) => return fails("the next apply", &told(&e)),
        Ok(receipt)
            if receipt
                .findings
                .iter()
                .any(|f| f.severity == Severity::Error) =>
        {
            return fails("the next apply", &format!("{:?}", receipt.findings));
        }
        Ok(_) => {}
    }
    let planned = tree.planned();
    if !planned.is_empty() {
        return fails("not settled", &planned.join("; "));
    }
    let report = tree.verdict().report;
    if report.worst() >= Some(Severity::Warning) {
        return fails("not clean", &format!("{:?}", report.findings()));
    }
    Ok(())
}

/// A command, what it did, and the states that are known to be good.
struct Recorded {
    command: Command,
    tree: Tree,
    before: Before,
    recording: Recording,
    /// The effects before are of another command, which was killed.
    from: usize,
    known: Known,
}

impl Recorded {
    fn new(command: Command) -> Self {
        let mut tree = (command.make)();
        let before = Before::of(&tree);
        let (recording, from) = recorded(&mut tree, &command);
        Self {
            command,
            tree,
            before,
            recording,
            from,
            known: Known::default(),
        }
    }

    /// Looks at every state that a loss of power may leave after what `recording`
    /// says, and that is not known to be good: the first that is bad.
    fn survives(
        &self,
        recording: &Recording,
        known: &mut Known,
    ) -> std::result::Result<(), String> {
        let is_own = std::ptr::eq(recording, &raw const self.recording);
        for end in self.from..=recording.len() {
            if !is_own && recording.is_same_at(&self.recording, end) {
                continue;
            }
            let done = end == recording.len();
            let known = if done {
                &mut known.after
            } else {
                &mut known.during
            };
            for left in recording.left_at(end, FEW, known) {
                let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
                let dir = dir.unwrap();
                left.write(dir.path());
                let mut again = Tree {
                    store: Store::open_with(dir.path(), Arc::new(Quick), Resolver::Kernel).unwrap(),
                    dir,
                    stack: self.tree.stack.clone(),
                    now: self.tree.now,
                };
                check(&mut again, &self.before, &self.command, done)
                    .map_err(|why| format!("{why}\n{}", left.when))?;
            }
        }
        Ok(())
    }

    /// As it is done; how many states there were.
    #[track_caller]
    fn holds(&mut self) -> usize {
        let mut known = Known::default();
        if let Err(why) = self.survives(&self.recording, &mut known) {
            panic!("{why}");
        }
        let states = known.during.len() + known.after.len();
        self.known = known;
        states
    }
}

/// States that were looked at: while the command ran, and once it had ended.
#[derive(Clone, Default)]
struct Known {
    during: BTreeSet<Vec<u8>>,
    after: BTreeSet<Vec<u8>>,
}

/// All combinations of so many changes; of more, some.
const FEW: usize = 4;

#[test]
fn power_may_go_during_init() {
    assert!(Recorded::new(INIT).holds() > 500);
}

#[test]
fn power_may_go_during_a_renewal_with_new_keys() {
    assert!(Recorded::new(NEW_KEYS).holds() > 200);
}

#[test]
fn power_may_go_while_a_service_comes() {
    assert!(Recorded::new(ISSUE).holds() > 100);
}

#[test]
fn power_may_go_while_a_service_goes() {
    assert!(Recorded::new(LESS).holds() > 50);
}

#[test]
fn power_may_go_during_recovery() {
    for (command, least) in [(TAKE_BACK, 10), (FINISH, 10), (CLEAR, 2)] {
        let states = Recorded::new(command).holds();
        assert!(states >= least, "{states}");
    }
}
