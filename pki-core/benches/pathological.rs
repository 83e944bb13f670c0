//! What the worst inputs that we know cost: time, and the memory of the process at
//! its highest. The engine must stay below a second and 64 MB on each; what the models
//! of five clients take together is told beside. Under `$PKI_VECTORS` (else beside the
//! workspace) the `pathological::` cases of the corpora count as well.
//!
//! `cargo bench -p pki-core --bench pathological`
#![expect(clippy::unwrap_used, reason = "what cannot go on ends")]
#![expect(clippy::disallowed_methods, reason = "measures this process")]

#[expect(dead_code, reason = "tests make more with it")]
#[path = "../src/cert/tests/make.rs"]
mod make;
#[expect(dead_code, reason = "the target of the vectors asks more of it")]
#[path = "../../tests/vectors/corpus.rs"]
mod corpus;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::ExitCode;

use pki_core::chain::{self, Anchor, ChainPolicy, Outcome, PeerName};
use pki_core::clock::Stopwatch;
use pki_core::consumer::{Asked, CONSUMERS, Through};
use pki_core::model::san::GeneralName;
use pki_core::model::usage::Purpose;
// As the file that is shared names them.
use pki_core::{cert, clock, der, key, model, pem};
use serde_json::Value;

use cert::Certificate;
use make::{NOW, Party, ca, leaf, party};

const SECONDS: f64 = 1.0;
const MEGABYTES: u64 = 64;

/// What is judged.
struct Input {
    target: Certificate,
    pool: Vec<Certificate>,
    anchors: Vec<Anchor>,
}

type Case = (&'static str, fn() -> Input);

const CASES: [Case; 7] = [
    ("a chain of three", || deep(1)),
    ("100 CAs of one name, a key each, all cross-signed", mesh),
    ("100 CAs that sign each other in a ring", ring),
    ("10,000 name constraints on 1,000 names", constraints),
    ("a chain of 500", || deep(498)),
    ("3,000 certificates in a bundle", || bundle(false)),
    ("3,000 CAs of one name in a bundle", || bundle(true)),
];

fn main() -> ExitCode {
    let mut table = String::from("case: engine / five clients / memory at its highest\n");
    let mut within = true;
    let own = CASES
        .iter()
        .map(|(name, make)| ((*name).to_owned(), make()));
    for (name, input) in own.chain(of_corpora()) {
        // Only what judging takes, beside the certificates themselves.
        fs::write("/proc/self/clear_refs", "5").unwrap();
        let watch = Stopwatch::start();
        let said = judge(&input);
        let engine = watch.elapsed().as_secs_f64();
        let watch = Stopwatch::start();
        predict(&input);
        let clients = watch.elapsed().as_secs_f64();
        let memory = highest();
        within &= engine < SECONDS && memory < MEGABYTES * 1024;
        let (engine, clients) = (engine * 1e3, clients * 1e3);
        let memory = memory / 1024;
        writeln!(
            table,
            "{name}: {engine:.1} ms / {clients:.1} ms / {memory} MB, {said}"
        )
        .unwrap();
    }
    std::io::stdout().write_all(table.as_bytes()).unwrap();
    if within {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Kilobytes.
fn highest() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

fn judge(input: &Input) -> &'static str {
    let policy = ChainPolicy::common(Some(Purpose::ServerAuth));
    let policy = policy.with_peer(PeerName::Dns("host.example.com".into()));
    match chain::build(&input.target, &input.pool, &input.anchors, &policy, NOW) {
        Outcome::Accepted(_) => "accepted",
        Outcome::Refused(_) => "refused",
        Outcome::Undecided(..) => "undecided",
    }
}

fn predict(input: &Input) {
    for consumer in CONSUMERS {
        let asked = Asked {
            target: &input.target,
            pool: &input.pool,
            anchors: &input.anchors,
            peer: None,
            purpose: None,
            now: NOW,
            within_second: false,
            max_depth: None,
            through: Through::Handshake,
        };
        let _ = std::hint::black_box(consumer.predict(consumer.newest(), &asked));
    }
}

/// What others call pathological: cases of x509-limbo, in its format.
fn of_corpora() -> impl Iterator<Item = (String, Input)> {
    let cases = corpus::all().into_iter().flat_map(|corpus| corpus.cases);
    cases.filter_map(|case| {
        let id = case["id"].as_str()?.to_owned();
        let read = |field: &str| -> Vec<Certificate> {
            let one = case[field].as_str().into_iter();
            let many = case[field].as_array().into_iter().flatten();
            let text: String = one.chain(many.filter_map(Value::as_str)).collect();
            let blocks = pem::blocks(text.as_bytes()).blocks;
            let read = blocks
                .iter()
                .filter_map(|b| Certificate::from_der(b.der.as_ref().ok()?).ok());
            read.collect()
        };
        let trusted = |id: &String| {
            id.starts_with("pathological::")
                .then(|| read("trusted_certs"))
        };
        let anchors = trusted(&id)?.into_iter().map(Anchor::new).collect();
        let input = Input {
            target: read("peer_certificate").pop()?,
            pool: read("untrusted_intermediates"),
            anchors,
        };
        Some((id, input))
    })
}

/// Another root of the same kind, which signed nothing here.
fn stranger() -> Vec<Anchor> {
    let root = party("CN=Stranger");
    vec![Anchor::new(ca(&root, &root, |_| {}))]
}

fn deep(between: usize) -> Input {
    let mut issuer = party("CN=Root");
    let anchors = vec![Anchor::new(ca(&issuer, &issuer, |_| {}))];
    let mut pool = Vec::new();
    for n in 0..between {
        let next = party(&format!("CN=CA {n}"));
        pool.push(ca(&next, &issuer, |_| {}));
        issuer = next;
    }
    let target = leaf(&party("CN=leaf"), &issuer, |_| {});
    Input {
        target,
        pool,
        anchors,
    }
}

fn mesh() -> Input {
    let parties: Vec<Party> = (0..100).map(|_| party("CN=One")).collect();
    let mut pool = Vec::new();
    // Each is signed by thirty others: 3,000 edges, and every key id is unsaid.
    for (n, subject) in parties.iter().enumerate() {
        for step in 1..=30 {
            let issuer = &parties[(n + step) % parties.len()];
            pool.push(ca(subject, issuer, |body| {
                body.remove(cert::oid::AUTHORITY_KEY_ID);
                body.remove(cert::oid::SUBJECT_KEY_ID);
            }));
        }
    }
    let target = leaf(&party("CN=leaf"), &parties[0], |body| {
        body.remove(cert::oid::AUTHORITY_KEY_ID);
    });
    Input {
        target,
        pool,
        anchors: stranger(),
    }
}

fn ring() -> Input {
    let parties: Vec<Party> = (0..100).map(|n| party(&format!("CN=CA {n}"))).collect();
    let next = parties.iter().cycle().skip(1);
    let pool = parties
        .iter()
        .zip(next)
        .map(|(a, b)| ca(a, b, |_| {}))
        .collect();
    let target = leaf(&party("CN=leaf"), &parties[0], |_| {});
    Input {
        target,
        pool,
        anchors: stranger(),
    }
}

fn constraints() -> Input {
    let names = |count: usize, end: &str| -> Vec<GeneralName> {
        let name = |n| GeneralName::Dns(format!("n{n}.{end}"));
        (0..count).map(name).collect()
    };
    let root = party("CN=Root");
    let mut permitted = names(10_000, "permitted.example");
    permitted.push(GeneralName::Dns("example.com".into()));
    let issuer = party("CN=CA");
    let pool = vec![ca(&issuer, &root, |body| body.constrain(&permitted, &[]))];
    let target = leaf(&party("CN=leaf"), &issuer, |body| {
        let mut hosts = names(999, "example.com");
        hosts.push(GeneralName::Dns("host.example.com".into()));
        body.names(&hosts);
    });
    let anchors = vec![Anchor::new(ca(&root, &root, |_| {}))];
    Input {
        target,
        pool,
        anchors,
    }
}

/// A bundle in which the issuer is not.
fn bundle(of_one_name: bool) -> Input {
    let root = party("CN=Root");
    let name = |n: usize| {
        if of_one_name {
            "CN=CA".into()
        } else {
            format!("CN=CA {n}")
        }
    };
    let mut other = party("CN=x");
    let mut anchors = Vec::new();
    for n in 0..3_000 {
        other.name = model::dn::Dn::parse(&name(n)).unwrap();
        let serial = u16::try_from(n + 1).unwrap().to_be_bytes();
        anchors.push(Anchor::new(ca(&other, &root, |body| {
            body.serial = [&[1][..], &serial].concat();
        })));
    }
    let issuer = party("CN=CA");
    let target = leaf(&party("CN=leaf"), &issuer, |_| {});
    Input {
        target,
        pool: Vec::new(),
        anchors,
    }
}
