//! A loss of power at any moment of a command, with any part of what was not
//! synced lost: what the next command finds is whole, and goes on.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::model::path::STAGE_PREFIX;
use crate::store::power::{Recorder, Recording};
use crate::store::{Effects, FsOp, Machine, OpenFile, Resolver};

/// A CA, a server, a client that presents a pair.
const SMALL: &str = r#"
version = 1
[authority.root]
publish = "certs/ca.crt"
[service.s]
role = "server"
hosts = ["s"]
[service.c]
role = "client"
connects = ["s"]
[service.c.to.s]
client = "own"
"#;

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
fn recorded(tree: &mut Tree, act: impl FnOnce(&Tree)) -> Recording {
    let recorder = Arc::new(Recorder::new(tree.dir.path()));
    let effects = Arc::clone(&recorder) as Arc<dyn Effects>;
    tree.store = Store::open_with(tree.dir.path(), effects, Resolver::Kernel).unwrap();
    act(tree);
    tree.store = Store::open_with(tree.dir.path(), Arc::new(Quick), Resolver::Kernel).unwrap();
    recorder.recording()
}

/// A command that is recorded: how the tree is before, and what it does.
struct Command {
    make: fn() -> Tree,
    act: fn(&Tree),
    /// Whether it takes away what the manifest no longer names.
    prune: bool,
}

const FIRST: Command = Command {
    make: || Tree::new(SMALL),
    act: |tree| {
        tree.apply().unwrap();
    },
    prune: false,
};

const NEW_KEYS: Command = Command {
    make: || Tree::made(SMALL),
    act: |tree| {
        let options = Options {
            scope: Scope::Due(&[]),
            force: true,
            rekey: true,
            ..tree.options()
        };
        tree.apply_as(&options).unwrap();
    },
    prune: false,
};

const MORE: Command = Command {
    make: || {
        let more = "[service.t]\nrole = \"server\"\nhosts = [\"t\"]\n";
        Tree::made(SMALL).with(&format!("{SMALL}{more}"))
    },
    act: |tree| {
        tree.apply().unwrap();
    },
    prune: false,
};

const LESS: Command = Command {
    make: || Tree::made(SMALL).with(&SMALL.replace("client = \"own\"", "")),
    act: |tree| {
        tree.apply_as(&pruning(tree)).unwrap();
    },
    prune: true,
};

fn pruning(tree: &Tree) -> Options<'static> {
    Options {
        prune: true,
        ..tree.options()
    }
}

/// What must never be lost once it stood.
struct Before {
    /// Certificate and key of each authority, where they were.
    authorities: Vec<(String, Vec<u8>)>,
    /// What was delivered and is no key: there still, or in the archive.
    delivered: Vec<(String, Vec<u8>)>,
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
        delivered.retain(|(_, bytes)| !is_key(bytes));
        Self {
            authorities: below("authorities/"),
            delivered,
        }
    }
}

fn is_key(bytes: &[u8]) -> bool {
    bytes.windows(11).any(|w| w == b"PRIVATE KEY")
}

/// What the next command must find, and make.
fn check(
    tree: &Tree,
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
    known: Known,
}

impl Recorded {
    fn new(command: Command) -> Self {
        let mut tree = (command.make)();
        let before = Before::of(&tree);
        let recording = recorded(&mut tree, command.act);
        Self {
            command,
            tree,
            before,
            recording,
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
        for end in 0..=recording.len() {
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
                let again = Tree {
                    store: Store::open_with(dir.path(), Arc::new(Quick), Resolver::Kernel).unwrap(),
                    dir,
                    stack: self.tree.stack.clone(),
                    now: self.tree.now,
                };
                check(&again, &self.before, &self.command, done)
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
fn power_may_go_during_a_first_apply() {
    assert!(Recorded::new(FIRST).holds() > 500);
}

#[test]
fn power_may_go_during_a_renewal_with_new_keys() {
    assert!(Recorded::new(NEW_KEYS).holds() > 200);
}

#[test]
fn power_may_go_while_a_service_comes() {
    assert!(Recorded::new(MORE).holds() > 100);
}

#[test]
fn power_may_go_while_a_service_goes() {
    assert!(Recorded::new(LESS).holds() > 50);
}

/// Mutants that live (`*` stands for anything), and why that is no gap.
const EQUIVALENT: &[(&str, &str)] = &[
    // The first line of the journal, and its name.
    ("swapped: write .pki/journal; and: sync .pki/journal", SWEPT),
    ("without: sync .pki/journal; before: sync .pki", SWEPT),
    ("swapped: sync .pki; and: create *", SWEPT),
    (
        "without: sync .pki; before: create .pki/..stage-state.toml",
        AGAIN,
    ),
    ("without: sync .pki; before: close .pki/issued.jsonl", AGAIN),
    ("without: sync .; before: open .pki/lock", AGAIN),
    ("swapped: sync .; and: open .pki/lock", AGAIN),
    ("without: sync certs; before: *", AGAIN),
    // The second line.
    (
        "swapped: sync *; and: write .pki/journal",
        "recovery compares each staged file with its digest",
    ),
    ("without: sync .pki; before: write .pki/journal", AGAIN),
    (
        "without: sync .pki/journal; before: close .pki/journal",
        "one file alone is old or new",
    ),
    // The state is told by the files as long as no authority was rotated.
    (
        "swapped: set the mode of .pki/..stage-state.toml 0600; *",
        "it is made 0600",
    ),
    ("without: sync .pki; before: remove .pki/journal", STATE),
    ("swapped: sync .pki; and: remove .pki/journal", STATE),
    // Second names, and what goes.
    ("swapped: remove *..stage-*; and: sync *", SWEPT),
    (
        "swapped: rename .pki/archive/*; and: sync .pki/archive/*",
        LATER,
    ),
    ("without: sync .pki/archive/*; before: sync certs/*", LATER),
    (
        "without: sync certs/s; before: remove certs/c/own.key",
        LATER,
    ),
    ("swapped: sync certs/s; and: remove certs/c/own.key", LATER),
    (
        "without: sync certs/c; before: make the folder .pki/archive/*",
        LATER,
    ),
    (
        "swapped: sync certs/c; and: make the folder .pki/archive/*",
        LATER,
    ),
    ("without: sync certs/c; before: create .pki/journal", LATER),
    ("swapped: sync certs/c; and: create .pki/journal", LATER),
    ("swapped: remove certs/*; and: sync certs/*", LATER),
];

const SWEPT: &str = "what is staged and in no journal is swept";
const AGAIN: &str = "the same folder is synced again before anything is renamed";
const STATE: &str = "the next command writes it again from the files";
const LATER: &str = "the next command that prunes takes it away";

/// Whether a text is as a pattern says, in which `*` stands for anything.
fn is_as(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let rest = parts.next().and_then(|first| text.strip_prefix(first));
    let Some(mut rest) = rest else { return false };
    let mut last = None;
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    rest.is_empty() || last == Some("")
}

/// The model can tell: with any sync forgotten, or done before what it is for, a
/// state comes that is bad. What is left can be told from here.
#[test]
#[ignore = "takes minutes: `cargo test -p pki-core --lib -- --ignored each_sync`"]
fn each_sync_and_its_turn_are_needed() {
    let (mut dead, mut used) = (0, BTreeSet::new());
    std::thread::scope(|scope| {
        let runs = [FIRST, NEW_KEYS, MORE, LESS].map(|command| scope.spawn(|| mutated(command)));
        for run in runs {
            let (count, patterns) = run.join().unwrap();
            dead += count;
            used.extend(patterns);
        }
    });
    for (pattern, why) in EQUIVALENT {
        assert!(used.contains(pattern), "{pattern} ({why}) is needed by now");
    }
    assert!(dead >= 60, "{dead}");
}

/// How many mutants die, and by which patterns the others are known.
fn mutated(command: Command) -> (usize, BTreeSet<&'static str>) {
    let (mut dead, mut used) = (0, BTreeSet::new());
    let mut recorded = Recorded::new(command);
    recorded.holds();
    for (how, mutant) in recorded.recording.mutants() {
        let mut known = recorded.known.clone();
        if recorded.survives(&mutant, &mut known).is_err() {
            dead += 1;
            continue;
        }
        let why = EQUIVALENT.iter().find(|(pattern, _)| is_as(&how, pattern));
        let Some((pattern, _)) = why else {
            panic!("this makes no difference, or the model does not see it: {how}");
        };
        used.insert(*pattern);
    }
    (dead, used)
}
