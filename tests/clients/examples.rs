//! Every rule of every client has an example: a small sound chain, changed so
//! that this rule refuses it, which the client itself refuses too.
//!
//! A rule more in a table of `pki_core::consumer` is a row more in the table of
//! the same name here.

mod change;
mod go;
mod jsse;
mod openssl;
mod pairs;
mod rustls;
mod signatures;
mod sweep;

use std::fmt;

use pki_core::consumer::{CONSUMERS, Consumer, Release};

use crate::case::{Case, PeerName};
use crate::client::{self, Client, Verdict};
use crate::keys::{Keys, Kind};
use crate::machine::say;
use crate::make::{self, Body, NOW};
use crate::plan::{Draft, Plan, name};
use crate::predict::{consumer, tell};
use crate::random::Random;
use crate::report::says;

/// What makes a sound chain another.
type Change = fn(&mut Chain<'_>);

/// Id of a rule, and what makes a sound chain one that it refuses.
type Example = (&'static str, Change);

/// The same for a rule that has several words: what of them must be there.
type Wording = (&'static str, &'static str, Change);

/// The tables of a consumer: one example for each rule, and more words.
fn tables(consumer: &Consumer) -> (Vec<Example>, Vec<Wording>) {
    match consumer.id {
        "go" => (go::EXAMPLES.to_vec(), go::WORDS.to_vec()),
        "jsse" => (jsse::EXAMPLES.to_vec(), jsse::words()),
        "openssl" => openssl::plain(),
        "python-strict" => openssl::strict(),
        "rustls" => (rustls::EXAMPLES.to_vec(), rustls::WORDS.to_vec()),
        other => panic!("no examples for {other}"),
    }
}

/// Leaf, one CA, root, and how a client is asked about them.
struct Chain<'k> {
    plan: Plan,
    keys: &'k Keys,
    /// CAs between leaf and root at most.
    max_depth: Option<usize>,
}

impl<'k> Chain<'k> {
    /// One that every client accepts: the server `host.example.com`.
    fn sound(keys: &'k Keys) -> Self {
        let key = |n| keys.nth(Kind::P256, n);
        let names = ["CN=leaf", "CN=CA", "CN=root"].map(name);
        let draft = |level: usize| {
            let above = (level + 1).min(2);
            let (own, authority) = (keys.id(key(level)), keys.id(key(above)));
            let mut body = Body::new(match level {
                0 => make::leaf_extensions(&own, &authority),
                _ => make::ca_extensions(&own, &authority),
            });
            body.serial = vec![u8::try_from(level).unwrap() + 1];
            Draft::new(&names[level], key(level), &names[above], key(above), body)
        };
        let plan = Plan {
            now: NOW,
            chain: (0..3).map(draft).collect(),
            more: Vec::new(),
            trusted: vec![2],
            anchors: Vec::new(),
            sent: vec![1],
            shuffled: false,
            server: true,
            peer: Some(PeerName {
                kind: "DNS".into(),
                value: "host.example.com".into(),
            }),
            faults: Vec::new(),
        };
        Self {
            plan,
            keys,
            max_depth: None,
        }
    }

    fn leaf(&mut self) -> &mut Draft {
        &mut self.plan.chain[0]
    }

    fn ca(&mut self) -> &mut Draft {
        &mut self.plan.chain[1]
    }

    fn root(&mut self) -> &mut Draft {
        self.plan.root()
    }

    /// A key that nobody in the chain has.
    fn other_key(&self) -> usize {
        self.keys.nth(Kind::P256, 3)
    }

    fn sign(&self, id: &str) -> Case {
        // Nothing is drawn: the order is as told.
        let mut case = self.plan.sign(id.into(), self.keys, &mut Random::new(1));
        case.max_chain_depth = self.max_depth;
        case
    }
}

/// An example that is signed.
struct Signed {
    rule: &'static str,
    /// Of a rule that has several; empty for the one example of a rule.
    words: &'static str,
    case: Case,
}

fn sign(consumer: &Consumer, keys: &Keys) -> Vec<Signed> {
    let (examples, words) = tables(consumer);
    let examples = examples
        .into_iter()
        .map(|(rule, change)| (rule, "", change));
    let signed = |(rule, words, change): Wording| {
        let mut chain = Chain::sound(keys);
        change(&mut chain);
        Signed {
            rule,
            words,
            case: chain.sign(&format!("{rule} {words}")),
        }
    };
    examples.chain(words).map(signed).collect()
}

/// What the library says of the examples, in every release it knows.
#[test]
fn each_rule_has_an_example() {
    let keys = Keys::new();
    let mut wrong = Vec::new();
    for consumer in CONSUMERS {
        let signed = sign(consumer, &keys);
        wrong.extend(uncovered(consumer, &signed));
        wrong.extend(unsound(consumer, &Chain::sound(&keys)));
        for example in &signed {
            let told = consumer
                .releases
                .iter()
                .map(|r| tried(consumer, r, example));
            let failed: Vec<String> = told.filter_map(Result::err).collect();
            // A rule of some releases shows in those.
            if failed.len() == consumer.releases.len() {
                wrong.extend(failed);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rules without an example or with several, and examples of no rule.
fn uncovered(consumer: &Consumer, signed: &[Signed]) -> Vec<String> {
    let rules = consumer.rules.iter().map(|rule| rule.id);
    let counted = rules.filter_map(|rule| {
        let count = signed
            .iter()
            .filter(|s| s.rule == rule && s.words.is_empty())
            .count();
        (count != 1).then(|| format!("{}: {rule} has {count} examples", consumer.id))
    });
    let unknown = signed
        .iter()
        .filter(|s| !consumer.rules.iter().any(|rule| rule.id == s.rule))
        .map(|s| format!("{}: {} is no rule", consumer.id, s.rule));
    counted.chain(unknown).collect()
}

/// Releases that refuse the chain without a change.
fn unsound(consumer: &Consumer, sound: &Chain<'_>) -> Vec<String> {
    let case = sound.sign("sound");
    let refused = |release: &Release| {
        let told = tell(consumer, release, &case);
        let of = format!("{} {}", consumer.id, release.id);
        (told != Some(Ok(()))).then(|| format!("{of}: the sound chain: {told:?}"))
    };
    consumer.releases.iter().filter_map(refused).collect()
}

/// Whether a release refuses an example by its rule, in words that are whole.
fn tried(consumer: &Consumer, release: &Release, example: &Signed) -> Result<(), String> {
    let of = format!("{} {}: {}", consumer.id, release.id, example.case.id);
    match tell(consumer, release, &example.case) {
        None => Err(format!("{of}: the library cannot read the example")),
        Some(Ok(())) => Err(format!("{of}: the example is accepted")),
        Some(Err(refusal)) if refusal.rule != example.rule => {
            Err(format!("{of}: refused by {refusal:?}"))
        }
        Some(Err(refusal)) => {
            let whole = !refusal.text.contains("{}")
                && !refusal.text.is_empty()
                && refusal.text.trim() == refusal.text
                && refusal.text.contains(example.words);
            let words = || format!("{of}: words are missing in {:?}", refusal.text);
            whole.then_some(()).ok_or_else(words)
        }
    }
}

/// What the installed clients say of the examples.
#[test]
fn each_example_is_refused_by_the_client_itself() {
    let keys = Keys::new();
    let clients = client::all();
    let accepted: Vec<String> = std::thread::scope(|scope| {
        let asked = clients
            .iter()
            .map(|client| scope.spawn(|| ask(client, &keys)));
        let asked: Vec<_> = asked.collect();
        asked.into_iter().flat_map(|a| a.join().unwrap()).collect()
    });
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
}

/// Prints what a client does with its examples; those that it does not refuse.
fn ask(client: &Client, keys: &Keys) -> Vec<String> {
    let consumer = consumer(client.kind);
    let release = consumer.release(&client.version);
    let (asked, others): (Vec<Signed>, Vec<Signed>) = sign(consumer, keys)
        .into_iter()
        .partition(|example| tried(consumer, release, example).is_ok());
    let cases: Vec<Case> = asked.iter().map(|example| example.case.clone()).collect();
    let (mut rules, mut words) = (Figures::default(), Figures::default());
    let (mut accepted, mut lines) = (Vec::new(), Vec::new());
    for (example, answer) in asked.iter().zip(client.ask(&cases)) {
        let id = &example.case.id;
        let told = tell(consumer, release, &example.case);
        let predicted = told.unwrap().unwrap_err().text;
        let refused = answer.verdict == Verdict::Failure;
        let worded = refused && says(&answer, &predicted);
        let figures = match example.words {
            "" => &mut rules,
            _ => &mut words,
        };
        figures.asked += 1;
        figures.refused += u32::from(refused);
        figures.worded += u32::from(worded);
        let said = format!("{:?} {}", answer.verdict, answer.message);
        if !refused {
            accepted.push(format!("{}: {id}: {said}", client.name()));
        } else if !worded {
            lines.push(format!(
                "  {id}\n    predicted {predicted}\n    said {said}"
            ));
        }
    }
    say(&format!(
        "examples {}: {rules}; of more words: {words}",
        client.name()
    ));
    let others = others.iter().filter(|example| example.words.is_empty());
    let others: Vec<&str> = others.map(|example| example.rule).collect();
    if !others.is_empty() {
        let (count, release) = (others.len(), release.id);
        let ids = others.join(", ");
        lines.push(format!(
            "  {count} not asked, of other releases than {release}: {ids}"
        ));
    }
    for line in lines {
        say(&line);
    }
    accepted
}

/// What came of some examples.
#[derive(Default)]
struct Figures {
    asked: u32,
    refused: u32,
    worded: u32,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            asked,
            refused,
            worded,
        } = self;
        write!(f, "{refused} of {asked} refused, words of {worded}")
    }
}
