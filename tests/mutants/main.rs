//! Certificates, lists, requests and keys with something wrong in them, by the
//! hundred thousand: every one is read or refused, none stops the program.
//! Those that are signed anew are judged by others as well.

#![expect(clippy::unwrap_used, reason = "in a test a failure may end it")]

#[expect(dead_code, reason = "cases of a file are read elsewhere")]
#[path = "../clients/case.rs"]
mod case;
#[path = "../clients/client.rs"]
mod client;
#[expect(dead_code, reason = "the tests of handshakes need more of the machine")]
#[path = "../interop/machine.rs"]
mod machine;
#[expect(dead_code, reason = "the library's own tests make more with it")]
#[path = "../../pki-core/src/cert/tests/make.rs"]
mod make;
#[expect(dead_code, reason = "the library's own tests make more with it")]
#[path = "../../pki-core/src/cert/tests/make_crl.rs"]
mod make_crl;
#[expect(dead_code, reason = "fuzzing needs the same octets each time")]
mod material;
mod octets;
#[expect(
    dead_code,
    clippy::disallowed_methods,
    reason = "the tests of faults draw more; a seed is given or of the time"
)]
#[path = "../faults/random.rs"]
mod random;
mod readers;
mod resigned;
#[path = "../clients/rustls_judge.rs"]
mod rustls_judge;
mod tree;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

// As the files that are shared name them.
use machine as process;
use pki_core::clock::Stopwatch;
use pki_core::{cert, clock, der, key, model};

use material::{Kind, Material, Piece};
use random::Random;

/// Mutants of a run, unless `PKI_CASES` says another number.
const COUNT: usize = 120_000;

/// The seed of a run, unless `PKI_SEED` says another: the same mutations each
/// time, so that a change of the code and not of luck is what a run shows.
const SEED: u64 = 5280;

fn number(variable: &str) -> Option<u64> {
    machine::variable(variable).map(|number| number.to_str().unwrap().parse().unwrap())
}

/// What became of the mutants of one kind.
#[derive(Clone, Copy, Default)]
struct Tally {
    count: usize,
    /// Read all the same.
    read: usize,
}

/// What one thread saw.
#[derive(Default)]
struct Found {
    tallies: BTreeMap<String, Tally>,
    slowest: std::time::Duration,
    failed: Vec<String>,
}

#[test]
fn each_mutant_is_read_or_refused() {
    let seed = number("PKI_SEED").unwrap_or(SEED);
    let count = number("PKI_CASES").map_or(COUNT, |count| count.try_into().unwrap());
    let watch = Stopwatch::start();
    let material = Material::new();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let found: Vec<Found> = std::thread::scope(|scope| {
        let material = &material;
        let work = move |thread| {
            let mut found = Found::default();
            for n in (thread..count).step_by(threads) {
                found.look_at(n, seed, material);
            }
            found
        };
        let started: Vec<_> = (0..threads).map(|t| scope.spawn(move || work(t))).collect();
        started.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let mut all: BTreeMap<String, Tally> = BTreeMap::new();
    for (kind, tally) in found.iter().flat_map(|found| &found.tallies) {
        let sum = all.entry(kind.clone()).or_default();
        sum.count += tally.count;
        sum.read += tally.read;
    }
    let told: Vec<String> = all
        .iter()
        .map(|(kind, tally)| format!("{} {kind} ({} read)", tally.count, tally.read))
        .collect();
    let slowest = found.iter().map(|found| found.slowest).max().unwrap();
    machine::say(&format!(
        "mutants: {count} of {} pieces and {} of the corpora, PKI_SEED={seed}: {}; {:.1} s, the slowest {} ms",
        material.pieces.len(),
        material.corpora.len(),
        told.join(", "),
        watch.elapsed().as_secs_f64(),
        slowest.as_millis(),
    ));
    let failed: Vec<&String> = found.iter().flat_map(|found| &found.failed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    // A piece is of a few thousand octets; the longest work on one is a few
    // signatures. A machine that does other things besides is allowed for.
    assert!(slowest.as_secs() < 5, "one mutant took {slowest:?}");
    // Mutants that nothing can read would test the outermost reader alone.
    for (kind, tally) in &all {
        assert!(
            count < COUNT || tally.read * 50 > tally.count,
            "of {} mutants of {kind} only {} can be read",
            tally.count,
            tally.read
        );
    }
}

impl Found {
    fn look_at(&mut self, n: usize, seed: u64, material: &Material) {
        let mut random = Random::new(seed.wrapping_add(n as u64).wrapping_mul(0x9e37_79b9));
        let (piece, turn) = material.piece(n);
        let mutant = mutant(piece, &mut random);
        let chain = &material.chains[piece.chain];
        let watch = Stopwatch::start();
        let read = || readers::read(piece.kind, &mutant, chain, turn);
        let read = catch_unwind(AssertUnwindSafe(read));
        self.slowest = self.slowest.max(watch.elapsed());
        let kind = format!("{:?}", piece.kind);
        let tally = self.tallies.entry(kind.clone()).or_default();
        tally.count += 1;
        match read {
            Ok(read) => tally.read += usize::from(read),
            Err(why) => {
                let why = why.downcast_ref::<String>().cloned();
                let why = why.unwrap_or_else(|| "see above".into());
                // Keys are new in each run, so the octets are told.
                let octets = pki_core::pem::encode("MUTANT", &mutant);
                self.failed
                    .push(format!("{kind} {n}, turn {turn}: {why}\n{octets}"));
            }
        }
    }
}

fn mutant(piece: &Piece, random: &mut Random) -> Vec<u8> {
    match &piece.tree {
        Some(tree) if piece.kind != Kind::Pem => octets::mutant(&piece.octets, tree, random),
        Some(_) | None => octets::text(&piece.octets, random),
    }
}

#[test]
fn what_is_read_is_written_again() {
    let key_usage = der::sequence([
        der::encode(der::tag::OID, &[0x55, 0x1d, 0x0f]),
        der::encode(der::tag::OCTET_STRING, &[3, 2, 7, 0x80]),
    ]);
    let mut node = tree::Node::read(&key_usage).unwrap();
    assert_eq!(node.count(), 4);
    assert_eq!(node.write(), key_usage);
    let mut changed = vec![node.clone()];
    tree::edit(&mut changed, 3, &mut |list, at| list[at].set(&[0, 0xa0]));
    assert_eq!(changed[0].write()[9..], [3, 2, 0, 0xa0]);
    node.long = true;
    assert_eq!(node.write()[..3], [0x30, 0x81, 11]);
    node.nodes()
        .push(tree::Node::new(der::tag::OCTET_STRING, &[7; 200]));
    assert_eq!(node.write()[..4], [0x30, 0x82, 0, 214]);
}
