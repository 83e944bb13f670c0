//! Chains of every kind, sound and faulty, and what the programs that read
//! certificates say of them.

#![expect(clippy::unwrap_used, reason = "in a test a failure may end it")]

mod case;
mod chain;
mod client;
mod examples;
mod fault;
mod keys;
mod known;
#[expect(dead_code, reason = "the tests of handshakes need more of the machine")]
#[path = "../interop/machine.rs"]
mod machine;
#[expect(dead_code, reason = "the library's own tests make more with it")]
#[path = "../../pki-core/src/cert/tests/make.rs"]
mod make;
mod plan;
mod predict;
#[expect(
    dead_code,
    clippy::disallowed_methods,
    reason = "the tests of faults draw more; a seed is given or of the time"
)]
#[path = "../faults/random.rs"]
mod random;
mod report;
mod rustls_judge;
mod signing;

// As the files that are shared name them.
use machine as process;
use pki_core::{cert, clock, der, key, model};

use case::Case;
use keys::Keys;
use random::Random;

/// The same chains for every client, and what they should say.
#[test]
fn differential() {
    let count = machine::variable("PKI_CASES")
        .map_or(2000, |count| count.to_str().unwrap().parse().unwrap());
    let mut random = Random::seeded("clients");
    let keys = Keys::new();
    let cases = draw(count, &keys, &mut random);
    let clients = client::all();
    let answers: Vec<_> = std::thread::scope(|scope| {
        let asked = clients
            .iter()
            .map(|client| scope.spawn(|| client.ask(&cases)));
        let asked: Vec<_> = asked.collect();
        asked.into_iter().map(|a| a.join().unwrap()).collect()
    });
    report::keep(&cases, clients, &answers);
    let mut sound = Vec::new();
    let mut poor = Vec::new();
    for (client, answers) in clients.iter().zip(&answers) {
        sound.extend(report::refused_without_fault(client, &cases, answers));
        if !report::compare(client, &cases, answers) {
            poor.push(client.name());
        }
    }
    assert!(sound.is_empty(), "sound chains are refused: {sound:?}");
    assert!(
        poor.is_empty(),
        "less than 99 of 100 as predicted: {poor:?}"
    );
}

fn draw(count: usize, keys: &Keys, random: &mut Random) -> Vec<Case> {
    let case = |n: usize| {
        let mut plan = chain::draw(keys, random);
        let faults = *random.one_of(&[0, 1, 1, 1, 1, 1, 2, 2, 2, 3]);
        fault::put(faults, &mut plan, &mut fault::Draw { keys, random });
        plan.sign(n.to_string(), keys, random)
    };
    (0..count).map(case).collect()
}

/// Prints what every client says of the cases in the file that `PKI_CLIENT_CASES`
/// names, in the format of x509-limbo; `PKI_CLIENT=go` asks only those whose name
/// begins so.
#[test]
fn of_a_file() {
    let Some(file) = machine::variable("PKI_CLIENT_CASES") else {
        return;
    };
    let cases = case::read(file.as_ref());
    let wanted = machine::variable("PKI_CLIENT").unwrap_or_default();
    let wanted = wanted.to_str().unwrap();
    for client in client::all() {
        if !client.name().starts_with(wanted) {
            continue;
        }
        let answers = client.ask(&cases);
        for (case, answer) in cases.iter().zip(&answers) {
            machine::say(&report::line(client, case, answer).to_string());
        }
        // Whatever comes of it: it is for people.
        let _ = report::compare(client, &cases, &answers);
    }
}
