//! The model can tell: without a sync, or with one out of its turn, it fails.

use super::*;

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
        let commands = [INIT, NEW_KEYS, ISSUE, LESS, TAKE_BACK, FINISH, CLEAR];
        let runs = commands.map(|command| scope.spawn(move || mutated(command)));
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
