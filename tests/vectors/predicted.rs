//! What real clients answered (`verdicts.json`) against what is predicted.

use std::collections::BTreeMap;

use crate::case::Case;
use crate::corpus;
use crate::predict::{CLIENTS, predict};
use crate::say;

#[test]
fn predicted() {
    let Some(verdicts) = corpus::verdicts() else {
        say("skipped: no verdicts of clients (PKI_VECTORS)");
        return;
    };
    let mut tally: BTreeMap<(&str, bool), (usize, Vec<String>)> = BTreeMap::new();
    for value in corpus::all().iter().flat_map(|corpus| &corpus.cases) {
        let id = value["id"].as_str().unwrap_or_default();
        if verdicts[id].is_null() {
            continue;
        }
        let case = Case::read(value).expect("a case that clients were asked");
        for (client, consumer, release) in CLIENTS {
            let answer = &verdicts[id][client];
            let Some(verdict) = answer["verdict"].as_str() else {
                continue;
            };
            let told = predict(&case, consumer, release);
            let accepted = matches!(told, Some(Ok(())));
            let row = tally
                .entry((client, id.starts_with("bettertls")))
                .or_default();
            if accepted == (verdict == "SUCCESS") {
                row.0 += 1;
            } else {
                let message = &answer["message"];
                let missed = format!("{id}: {verdict} {message}; predicted {told:?}");
                row.1.push(missed);
            }
        }
    }
    let mut wrong = Vec::new();
    for ((client, bettertls), (right, missed)) in &tally {
        let corpus = if *bettertls { "bettertls" } else { "core" };
        let all = right + missed.len();
        say(&format!("{client} {corpus}: {right} of {all} predicted"));
        let least = if *bettertls { 1000 } else { 980 };
        for missed in missed {
            say(&format!("  {missed}"));
        }
        if right * 1000 < all * least {
            wrong.push(format!("{client} {corpus}: {right} of {all}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
