//! The model can tell: without a sync, or with one out of its turn, it fails.

use super::*;

/// Mutants that live (`*` stands for anything), and why that is no gap.
const EQUIVALENT: &[(&str, &str)] = &[
    // The first line of the journal, and its name.
    ("swapped: write .pki/journal; and: sync .pki/journal", SWEPT),
    ("without: sync .pki/journal; before: sync .pki", SWEPT),
    ("without: sync .pki; before: create ..stage-pki.toml", AGAIN),
    ("swapped: sync .pki; and: create *", SWEPT),
    (
        "without: sync .pki; before: create .pki/..stage-state.toml",
        AGAIN,
    ),
    ("without: sync .pki; before: close .pki/issued.jsonl", AGAIN),
    ("without: sync .; before: open .pki/lock", AGAIN),
    ("swapped: sync .; and: open .pki/lock", AGAIN),
    ("without: sync certs; before: *", AGAIN),
    (
        "without: sync .; before: sync .pki",
        "what is neither staged nor in place takes its whole unit back",
    ),
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
    let all = [INIT, NEW_KEYS, ISSUE, LESS, TAKE_BACK, FINISH, CLEAR];
    let (mut dead, mut used, mut unexplained) = (0, BTreeSet::new(), BTreeSet::new());
    for outcome in crate::parallel::each(&all, 4, |command| mutated(*command)) {
        dead += outcome.dead;
        used.extend(outcome.used);
        unexplained.extend(outcome.unexplained);
    }
    let unexplained: Vec<String> = unexplained.into_iter().collect();
    assert!(
        unexplained.is_empty(),
        "these make no difference, or the model does not see them:\n{}",
        unexplained.join("\n")
    );
    for (pattern, why) in EQUIVALENT {
        assert!(used.contains(pattern), "{pattern} ({why}) is needed by now");
    }
    assert!(dead >= 60, "{dead}");
}

/// What became of the mutants of a command.
#[derive(Default)]
struct Outcome {
    dead: usize,
    /// Patterns by which some that live are known.
    used: BTreeSet<&'static str>,
    unexplained: Vec<String>,
}

fn mutated(command: Command) -> Outcome {
    let mut outcome = Outcome::default();
    let mut recorded = Recorded::new(command);
    recorded.holds();
    for (how, mutant) in recorded.recording.mutants(recorded.from) {
        let mut known = recorded.known.clone();
        if recorded.survives(&mutant, &mut known).is_err() {
            outcome.dead += 1;
            continue;
        }
        match EQUIVALENT.iter().find(|(pattern, _)| is_as(&how, pattern)) {
            Some((pattern, _)) => {
                outcome.used.insert(pattern);
            }
            None => outcome.unexplained.push(how),
        }
    }
    outcome
}
