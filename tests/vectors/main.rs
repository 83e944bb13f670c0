//! Public corpora of chains (x509-limbo, `BetterTLS`, `BoringSSL`, PKITS,
//! x509test) against the engine.
//!
//! The cases are read by the example `limbo`; the format is x509-limbo's with the
//! fields that its `case.rs` names.

#[path = "../../pki-core/examples/limbo/boringssl.rs"]
mod boringssl;
#[path = "../../pki-core/examples/limbo/case.rs"]
mod case;
mod corpus;
#[path = "../../pki-core/examples/limbo/predict.rs"]
mod predict;
mod predicted;

use std::collections::BTreeMap;

use case::{Answer, Case, Verdict};
use corpus::Corpus;
use pki_core::chain;
use serde_json::{Value, json};

/// Past the test runner, which hides what a passing test prints.
#[expect(
    clippy::disallowed_methods,
    reason = "the figures are what this is for"
)]
pub(crate) fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// How many of the first faults may hold the reason of a refusal.
const FIRST: usize = 3;

/// How a file went.
#[derive(Default)]
struct Tally {
    ok: usize,
    false_accepts: Vec<String>,
    false_rejects: Vec<String>,
    skipped: BTreeMap<String, usize>,
    /// Of the cases that say which certificate has which fault.
    told: usize,
    not_told: Vec<String>,
}

impl Tally {
    fn of(corpus: &Corpus) -> Self {
        let mut tally = Self::default();
        for value in &corpus.cases {
            let id = value["id"].as_str().unwrap_or_default().to_owned();
            let answer = judge(value);
            if answer.verdict == Verdict::Skipped {
                *tally.skipped.entry(answer.context).or_default() += 1;
                continue;
            }
            let missing = missing(value, &answer);
            let accepted = answer.verdict == Verdict::Accepted;
            match (accepted, value["expected_result"] == "SUCCESS") {
                (true, false) => tally.false_accepts.push(id.clone()),
                (false, true) => {
                    let wrong = format!("{id}  {}", answer.context);
                    tally.false_rejects.push(wrong);
                }
                _ => tally.ok += 1,
            }
            match missing {
                None => {}
                Some(missing) if missing.is_empty() => tally.told += 1,
                Some(missing) => tally.not_told.push(format!("{id}: {}", missing.join(", "))),
            }
        }
        tally
    }

    fn wrong(&self) -> impl Iterator<Item = &String> {
        self.false_accepts.iter().chain(&self.false_rejects)
    }
}

fn judge(value: &Value) -> Answer {
    match Case::read(value) {
        Ok(case) => case.judge(),
        Err(why) => panic!("{}: {why}", value["id"]),
    }
}

/// The expected errors that were not told of the same certificate; `None` where
/// none is expected.
fn missing(value: &Value, answer: &Answer) -> Option<Vec<String>> {
    let expected = value["expected_errors"].as_array()?;
    let expected: Vec<_> = expected
        .iter()
        .filter(|error| error["severity"] != "WARNING")
        .map(|error| (error["certificate"].as_u64(), error["message"].as_str()))
        .collect();
    let told = |at: Option<u64>, message| {
        let mut errors = answer.errors.iter();
        errors.any(|e| u64::try_from(e.certificate).ok() == at && e.boringssl == message)
    };
    let missing = expected.iter().filter(|(at, message)| !told(*at, *message));
    let missing = missing.map(|(at, message)| format!("{at:?} {message:?}"));
    (!expected.is_empty()).then(|| missing.collect())
}

/// What a file must reach: right verdicts, and whether a wrong one is allowed
/// outside of `exceptions.toml`.
fn floor(file: &str) -> (usize, bool) {
    match file {
        "bettertls-names" => (971, false),
        "bettertls-paths" => (51, false),
        "limbo-core" => (140, false),
        "boringssl-chains" => (95, false),
        "pkits" => (56, false),
        "x509test" => (71, false),
        _ => (0, true),
    }
}

#[test]
fn corpora() {
    let exceptions = corpus::exceptions();
    let mut excepted: Vec<&String> = Vec::new();
    let mut failures = Vec::new();
    let mut tallies = Vec::new();
    for corpus in corpus::all() {
        let tally = Tally::of(&corpus);
        let name = corpus.name;
        say(&format!(
            "{name}: {} ok, {} false accepts, {} false rejects, skipped {:?}, of {}",
            tally.ok,
            tally.false_accepts.len(),
            tally.false_rejects.len(),
            tally.skipped,
            corpus.cases.len(),
        ));
        let expecting = tally.told + tally.not_told.len();
        if expecting > 0 {
            say(&format!(
                "{name}: faults as expected in {} of {expecting}",
                tally.told
            ));
        }
        tallies.push((name, tally));
    }
    if tallies.is_empty() {
        say("skipped: no vectors (PKI_VECTORS)");
        return;
    }
    for (name, tally) in &tallies {
        let (least, wrong_allowed) = floor(name);
        if tally.ok < least {
            failures.push(format!("{name}: {} ok, below {least}", tally.ok));
        }
        for wrong in tally.wrong() {
            let id = wrong.split("  ").next().unwrap_or(wrong);
            match exceptions.get_key_value(id) {
                Some((id, _)) => excepted.push(id),
                None if wrong_allowed => say(&format!("  {name}: wrong: {wrong}")),
                None => failures.push(format!("{name}: wrong: {wrong}")),
            }
        }
        // 95 of 100 tell every fault at its certificate.
        for not_told in &tally.not_told {
            say(&format!("  {name}: not told: {not_told}"));
        }
        if tally.not_told.len() * 19 > tally.told {
            let all = tally.told + tally.not_told.len();
            failures.push(format!(
                "{name}: faults as expected in {} of {all}",
                tally.told
            ));
        }
    }
    for id in exceptions.keys().filter(|id| !excepted.contains(id)) {
        failures.push(format!("exceptions.toml: {id} is right now, or not there"));
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Each refusal of a case whose reason is known names that reason.
#[test]
fn reasons() {
    let reasons = corpus::reasons();
    let corpora = corpus::all();
    if corpora.is_empty() {
        say("skipped: no vectors (PKI_VECTORS)");
        return;
    }
    let (mut first, mut near, mut skipped) = (0, 0, 0);
    let mut misses = Vec::new();
    for value in corpora.iter().flat_map(|corpus| &corpus.cases) {
        let id = value["id"].as_str().unwrap_or_default();
        let Some(classes) = reasons.get(id) else {
            continue;
        };
        let answer = judge(value);
        if answer.verdict == Verdict::Skipped {
            skipped += 1;
            continue;
        }
        for class in classes.iter().filter(|id| chain::find_check(id).is_none()) {
            misses.push(format!("{id}: no check `{class}`"));
        }
        let mut rules = answer.errors.iter().map(|error| error.rule);
        match rules.position(|rule| classes.iter().any(|class| class == rule)) {
            Some(0) => first += 1,
            Some(1..FIRST) => {
                let first = answer.errors[0].rule;
                say(&format!("  reasons: {id}: {classes:?} after {first}"));
                near += 1;
            }
            _ => misses.push(format!("{id}: {classes:?}, told {}", answer.context)),
        }
    }
    say(&format!(
        "reasons: {first} named first, {near} among the first {FIRST}, {} not, {skipped} skipped, of {}",
        misses.len(),
        reasons.len(),
    ));
    assert!(misses.is_empty(), "\n{}", misses.join("\n"));
}

/// Nothing that stands in a case ends the run.
#[test]
fn what_cannot_be_read() {
    let refused = judge(&json!({
        "id": "webpki::x",
        "peer_certificate": "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
        "untrusted_intermediates": ["nothing"],
        "trusted_certs": [""],
    }));
    assert_eq!(refused.verdict, Verdict::Refused);
    assert!(refused.context.starts_with("the target cannot be read: "));
    let error = &refused.errors[0];
    assert_eq!((error.certificate, error.rule), (0, "unreadable"));
    assert_eq!(error.boringssl, Some("Failed parsing Certificate"));
    for (field, value, why) in [
        (
            "extended_key_usage",
            json!(["eating"]),
            "the purpose eating",
        ),
        ("key_usage", json!(["signing"]), "the key usage signing"),
        ("validation_time", json!("today"), "no time: today"),
        (
            "expected_peer_name",
            json!({"kind": "DN", "value": "x"}),
            "a name of the kind DN",
        ),
    ] {
        let mut case = json!({"id": "x"});
        case[field] = value;
        assert_eq!(Case::read(&case).err().as_deref(), Some(why));
    }
}
