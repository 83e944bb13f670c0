//! What came out, for people.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::case::{self, Case};
use crate::client::{self, Answer, Client, Verdict};
use crate::known;
use crate::machine::{say, variable, write};
use crate::predict::predict;

/// Keeps the cases and all answers below the target folder, to ask again by hand.
pub(crate) fn keep(cases: &[Case], clients: &[Client], answers: &[Vec<Answer>]) {
    let folder = client::scratch();
    case::write(&folder.join("cases.json"), cases);
    let mut lines = String::new();
    for (client, answers) in clients.iter().zip(answers) {
        for (case, answer) in cases.iter().zip(answers) {
            lines += &format!("{}\n", line(client, case, answer));
        }
    }
    write(&folder.join("answers.jsonl"), lines);
    say(&format!(
        "clients: cases and answers in {}",
        folder.display()
    ));
}

/// One answer with what was asked.
pub(crate) fn line(client: &Client, case: &Case, answer: &Answer) -> Value {
    json!({
        "client": client.name(),
        "id": case.id,
        "verdict": answer.verdict,
        "message": answer.message,
        "faults": case.features,
    })
}

/// Chains without a fault that a client refuses: what it says of them.
pub(crate) fn refused_without_fault(
    client: &Client,
    cases: &[Case],
    answers: &[Answer],
) -> Vec<String> {
    let asked = cases.iter().zip(answers);
    let refused = asked
        .filter(|(case, answer)| case.features.is_empty() && answer.verdict != Verdict::Success);
    let line = |(case, answer): (&Case, &Answer)| {
        format!("{}: {}: {}", client.name(), case.id, answer.message)
    };
    refused.map(line).collect()
}

/// Why nothing is predicted.
const UNREADABLE: &str = "the library reads no certificate in it, and says so";

/// Prints the verdicts of a client, and where they are not as predicted; whether
/// enough of them are.
pub(crate) fn compare(client: &Client, cases: &[Case], answers: &[Answer]) -> bool {
    let mut counts: BTreeMap<Verdict, u32> = BTreeMap::new();
    let (mut right, mut refused, mut worded) = (0, 0, 0);
    let (mut wrong, mut other_words) = (Vec::new(), Vec::new());
    let mut untold: BTreeMap<&str, u32> = BTreeMap::new();
    for (case, answer) in cases.iter().zip(answers) {
        *counts.entry(answer.verdict).or_default() += 1;
        let Some(predicted) = predict(client.kind, &client.version, case) else {
            *untold.entry(UNREADABLE).or_default() += 1;
            continue;
        };
        let faults = case.features.join("; ");
        let line = format!(
            "  {}: {faults}\n    predicted {:?} {} {}\n    said      {:?} {}",
            case.id,
            predicted.verdict,
            predicted.rule,
            predicted.text,
            answer.verdict,
            answer.message
        );
        if let Some(why) = known::why(client.kind, case) {
            *untold.entry(why).or_default() += 1;
            continue;
        }
        match answer.verdict {
            Verdict::Skipped => {}
            verdict if verdict != predicted.verdict => wrong.push(line),
            Verdict::Success => right += 1,
            Verdict::Failure => {
                right += 1;
                refused += 1;
                if says(answer, &predicted.text) {
                    worded += 1;
                } else {
                    other_words.push(line);
                }
            }
        }
    }
    say(&format!("{}: {counts:?}", client.name()));
    let total = right + u32::try_from(wrong.len()).unwrap();
    if total == 0 {
        return true;
    }
    let agreement = f64::from(right) / f64::from(total);
    say(&format!(
        "{}: {right} of {total} as predicted ({:.2} %); words of {worded} of {refused} refusals",
        client.name(),
        100.0 * agreement
    ));
    for (why, count) in untold {
        say(&format!("  {count} not told: {why}"));
    }
    if variable("PKI_LONG").is_some_and(|long| long == "1") {
        wrong.push("  other words:".into());
        wrong.append(&mut other_words);
    }
    for line in wrong {
        say(&line);
    }
    agreement >= 0.99
}

/// Whether a client says what was predicted, with or without more.
pub(crate) fn says(answer: &Answer, predicted: &str) -> bool {
    answer.message.contains(predicted)
}
