//! Judges the cases of an [x509-limbo](https://x509-limbo.com) file: the file on stdin, the
//! results on stdout, in its format, with what is wrong with which certificate besides.
//!
//! ```sh
//! cargo run --release --example limbo < limbo.json > results.json
//! ```
//!
//! `context` is the explanation. `errors` lists all faults of the path nearest to
//! being accepted: `certificate` counts from the target, `rule` is the id of our
//! check, `boringssl` how `BoringSSL` would say it. `predicted` says by the name
//! of a client how it would decide.

#[path = "limbo/boringssl.rs"]
mod boringssl;
#[path = "limbo/case.rs"]
mod case;
#[path = "limbo/predict.rs"]
mod predict;

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use case::{Case, Verdict};
use serde_json::{Map, Value, json};

#[expect(
    clippy::disallowed_methods,
    reason = "a program of its own, which prints"
)]
fn main() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let file: Value = serde_json::from_str(&text)?;
    let cases = file["testcases"].as_array().map_or(&[][..], Vec::as_slice);
    let results: Vec<Value> = cases.iter().map(result).collect();
    let output = json!({ "version": 1, "harness": "pki", "results": results });
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, &output)?;
    writeln!(out)
}

/// One case. What cannot be read is skipped, and one that breaks the engine is
/// no acceptance.
fn result(value: &Value) -> Value {
    let judged = catch_unwind(AssertUnwindSafe(|| {
        Case::read(value).map(|case| (case.judge(), predicted(&case)))
    }));
    let id = &value["id"];
    match judged {
        Err(_) => json!({ "id": id, "actual_result": "FAILURE", "context": "a panic" }),
        Ok(Err(why)) => json!({
            "id": id,
            "actual_result": "SKIPPED",
            "context": format!("not processed: {why}"),
        }),
        Ok(Ok((answer, predicted))) => json!({
            "id": id,
            "actual_result": match answer.verdict {
                Verdict::Accepted => "SUCCESS",
                Verdict::Refused => "FAILURE",
                Verdict::Skipped => "SKIPPED",
            },
            "context": answer.context,
            "errors": answer.errors.iter().map(|error| json!({
                "certificate": error.certificate,
                "rule": error.rule,
                "boringssl": error.boringssl,
            })).collect::<Vec<Value>>(),
            "predicted": predicted,
        }),
    }
}

/// How clients would decide, by their names.
fn predicted(case: &Case) -> Map<String, Value> {
    let decide = |(name, consumer, release): (&str, &str, &str)| {
        let accepted = matches!(predict::predict(case, consumer, release), Some(Ok(())));
        let verdict = if accepted { "SUCCESS" } else { "FAILURE" };
        (name.to_owned(), verdict.into())
    };
    predict::CLIENTS.map(decide).into_iter().collect()
}
