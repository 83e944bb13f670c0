//! What real clients answered (`verdicts.json`) against what is predicted.

use std::collections::BTreeMap;
use std::path::Path;

use pki_core::cert::Certificate;
use pki_core::chain::{Anchor, PeerName};
use pki_core::clock::Timestamp;
use pki_core::consumer::{self, Asked, Consumer, Refusal, Through};
use pki_core::model::usage::Purpose;
use serde_json::Value;

/// The columns of `verdicts.json`, who answered, and the releases asked there.
const COLUMNS: [(&str, &str, &str); 4] = [
    ("go", "go", "1.23"),
    ("jsse", "jsse", "17"),
    ("openssl", "python-strict", "3.0"),
    ("rustls", "rustls", "0.103"),
];

fn certificate(pem: &str) -> Option<Certificate> {
    let pem = pem::parse(pem).ok()?;
    Certificate::from_der(pem.contents()).ok()
}

fn certificates(value: &Value) -> Vec<Certificate> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(|pem| certificate(pem.as_str()?)).collect()
}

fn predict(consumer: &Consumer, release: &str, case: &Value) -> Option<Result<(), Refusal>> {
    let target = certificate(case["peer_certificate"].as_str()?)?;
    let pool = certificates(&case["untrusted_intermediates"]);
    let anchors: Vec<Anchor> = certificates(&case["trusted_certs"])
        .into_iter()
        .map(Anchor::new)
        .collect();
    let peer = &case["expected_peer_name"];
    let name = peer["value"].as_str().unwrap_or_default().to_owned();
    let peer = match peer["kind"].as_str() {
        Some("DNS") => Some(PeerName::Dns(name)),
        Some("IP") => Some(PeerName::Ip(name.parse().ok()?)),
        Some("RFC822") => Some(PeerName::Email(name)),
        _ => None,
    };
    let time = case["validation_time"].as_str();
    let purpose = match case["extended_key_usage"][0].as_str() {
        Some("serverAuth") => Some(Purpose::ServerAuth),
        Some("clientAuth") => Some(Purpose::ClientAuth),
        _ => None,
    };
    let fraction = |t: &str| {
        let rest = t.split_once('.')?.1;
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        Some(digits.bytes().any(|b| b != b'0'))
    };
    let depth = case["max_chain_depth"].as_u64();
    let asked = Asked {
        target: &target,
        pool: &pool,
        anchors: &anchors,
        peer: peer.as_ref(),
        purpose,
        now: time.map_or_else(pki_core::clock::now, |t| {
            Timestamp::parse(t).expect("a time")
        }),
        within_second: time.and_then(fraction).unwrap_or(false),
        max_depth: depth.and_then(|d| usize::try_from(d).ok()),
        through: Through::Library,
    };
    let release = consumer.release(release).expect("a known release");
    Some(consumer.predict(release, &asked))
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are what this test is for")]
#[expect(
    clippy::disallowed_methods,
    reason = "the vectors lie outside of the tree"
)]
fn predicted() {
    let files = super::vectors();
    let Some(verdicts) = files.iter().find(|f| f.ends_with("verdicts.json")) else {
        println!("skipped: no verdicts of clients (PKI_VECTORS)");
        return;
    };
    let read = |path: &Path| -> Value {
        serde_json::from_str(&std::fs::read_to_string(path).expect("readable")).expect("JSON")
    };
    let verdicts = read(verdicts);
    let mut tally: BTreeMap<(&str, bool), (usize, Vec<String>)> = BTreeMap::new();
    for file in &files {
        let text = read(file);
        for case in text["testcases"].as_array().into_iter().flatten() {
            let id = case["id"].as_str().unwrap_or_default();
            for (column, consumer, release) in COLUMNS {
                let answer = &verdicts[id][column];
                let Some(verdict) = answer["verdict"].as_str() else {
                    continue;
                };
                let consumer = consumer::find(consumer).expect("a known consumer");
                let told = predict(consumer, release, case);
                let accepted = matches!(told, Some(Ok(())));
                let row = tally
                    .entry((column, id.starts_with("bettertls")))
                    .or_default();
                if accepted == (verdict == "SUCCESS") {
                    row.0 += 1;
                } else {
                    row.1.push(format!(
                        "{id}: {verdict} {}; predicted {told:?}",
                        answer["message"]
                    ));
                }
            }
        }
    }
    let mut wrong = Vec::new();
    for ((column, bettertls), (right, missed)) in &tally {
        let corpus = if *bettertls { "bettertls" } else { "core" };
        let all = right + missed.len();
        println!("{column} {corpus}: {right} of {all} predicted");
        let least = if *bettertls { 1000 } else { 980 };
        for missed in missed {
            println!("  {missed}");
        }
        if right * 1000 < all * least {
            wrong.push(format!("{column} {corpus}: {right} of {all}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
