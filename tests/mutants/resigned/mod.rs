//! Certificates that are wrong in one thing and signed all the same, judged by
//! us and by others. Where we disagree, `classes.toml` says why.

mod classes;
mod damage;
mod extensions;
mod fields;
mod others;

use std::collections::BTreeMap;

use pki_core::cert::Certificate;
use pki_core::chain::{self, Anchor, ChainPolicy, PeerName};
use pki_core::der::{self, tag};
use pki_core::key::{self, PrivateKey, Signer as _};
use pki_core::model::dn::Dn;
use pki_core::model::usage::Purpose;

use crate::case::{self, Case};
use crate::client::Verdict;
use crate::machine;
use crate::make::{self, Body, NOW, Party};
use crate::random::Random;
use crate::tree::Node;

/// Random mutants besides those of the tables, unless `PKI_CASES` says another
/// number.
const RANDOM: usize = 300;

/// A certificate before it is signed.
pub(super) struct Tbs(Node);

impl Tbs {
    const VERSION: usize = 0;
    const SERIAL: usize = 1;
    const ALGORITHM: usize = 2;
    const ISSUER: usize = 3;
    const VALIDITY: usize = 4;
    const SUBJECT: usize = 5;
    const KEY: usize = 6;
    const EXTENSIONS: usize = 7;

    fn fields(&mut self) -> &mut Vec<Node> {
        self.0.nodes()
    }

    fn field(&mut self, at: usize) -> &mut Node {
        &mut self.0.nodes()[at]
    }

    /// The extensions.
    fn list(&mut self) -> &mut Vec<Node> {
        self.field(Self::EXTENSIONS).nodes()[0].nodes()
    }

    fn extension(&mut self, oid: &str) -> Option<&mut Node> {
        self.list().iter_mut().find(|e| is(e, oid))
    }

    /// An extension with this value, critical as it was where nothing is said.
    fn extend(&mut self, oid: &str, critical: Option<bool>, value: &[u8]) {
        let value = Node::read(&der::encode(tag::OCTET_STRING, value)).unwrap();
        if let Some(extension) = self.extension(oid) {
            *extension.nodes().last_mut().unwrap() = value;
            return;
        }
        let mut parts = vec![Node::new(tag::OID, &der::oid_octets(oid).unwrap())];
        if critical == Some(true) {
            parts.push(Node::new(tag::BOOLEAN, &[0xff]));
        }
        parts.push(value);
        let mut extension = Node::new(tag::SEQUENCE, &[]);
        *extension.nodes() = parts;
        self.list().push(extension);
    }
}

/// Whether it is the extension of this OID.
fn is(extension: &Node, oid: &str) -> bool {
    let crate::tree::Body::Inside { nodes, .. } = &extension.body else {
        return false;
    };
    nodes.first().map(Node::value) == der::oid_octets(oid)
}

/// One thing that is wrong: its kind, and what makes it so.
pub(super) struct Change {
    kind: String,
    make: Box<dyn Fn(&mut Tbs)>,
}

fn change(kind: &str, make: impl Fn(&mut Tbs) + 'static) -> Change {
    Change {
        kind: kind.into(),
        make: Box::new(make),
    }
}

/// A root, a CA and a server that hold.
struct Sound {
    root: Party,
    ca: Party,
    root_der: Vec<u8>,
    ca_tbs: Vec<u8>,
    leaf_tbs: Vec<u8>,
}

impl Sound {
    fn new() -> Self {
        let names = [
            ("CN=Root,O=Example", 1),
            ("CN=CA,O=Example", 2),
            ("CN=web", 3),
        ];
        let [root, ca, leaf] = names.map(|(name, scalar)| Party {
            name: Dn::parse(name).unwrap(),
            key: p256(scalar),
        });
        let certificate = make::ca(&root, &root, |_| {});
        let ca_tbs = tbs(
            &ca,
            &root,
            make::ca_extensions(&ca.key_id(), &root.key_id()),
        );
        let leaf_tbs = tbs(
            &leaf,
            &ca,
            make::leaf_extensions(&leaf.key_id(), &ca.key_id()),
        );
        Self {
            root_der: certificate.der().to_vec(),
            root,
            ca,
            ca_tbs,
            leaf_tbs,
        }
    }

    /// The chain with this change in one of its certificates.
    fn case(&self, id: usize, place: Place, change: &Change) -> Case {
        let with = |octets: &[u8], here: bool| {
            let mut tbs = Tbs(Node::read(octets).unwrap());
            if here {
                (change.make)(&mut tbs);
            }
            tbs.0.write()
        };
        let leaf = signed(&with(&self.leaf_tbs, place == Place::Leaf), &self.ca);
        let ca = signed(&with(&self.ca_tbs, place == Place::Ca), &self.root);
        let text = |der: &[u8]| pki_core::pem::encode("CERTIFICATE", der);
        Case {
            id: id.to_string(),
            features: vec![format!("{} {}", place.name(), change.kind)],
            validation_kind: "SERVER".into(),
            trusted_certs: vec![text(&self.root_der)],
            untrusted_intermediates: vec![text(&ca)],
            peer_certificate: text(&leaf),
            validation_time: Some(NOW.to_string()),
            extended_key_usage: vec!["serverAuth".into()],
            expected_peer_name: Some(case::PeerName {
                kind: "DNS".into(),
                value: "host.example.com".into(),
            }),
            max_chain_depth: None,
            crls: Vec::new(),
        }
    }
}

/// Which certificate is changed.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Place {
    Leaf,
    Ca,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Ca => "ca",
        }
    }
}

/// A key that everybody knows: what is drawn is the same in each run.
fn p256(scalar: u8) -> PrivateKey {
    let scalar = der::encode(tag::OCTET_STRING, &[scalar; 32]);
    let curve = der::oid_octets("1.2.840.10045.3.1.7").unwrap();
    let curve = der::encode(tag::context(0), &der::encode(tag::OID, &curve));
    let sec1 = der::sequence([der::unsigned(&[1]), scalar, curve]);
    key::load(&sec1, None).unwrap().key
}

fn tbs(subject: &Party, issuer: &Party, extensions: make::Extensions) -> Vec<u8> {
    let algorithm = issuer.key.algorithm().signature().identifier();
    let (issuer, key) = (issuer.name.raw(), subject.key.public().spki());
    let mut body = Body::new(extensions);
    // Ninety days around now: some clients ask for no more than a year.
    body.valid(
        NOW.plus_seconds(-make::DAY),
        NOW.plus_seconds(89 * make::DAY),
    );
    // 64 bits: some ask for no less.
    body.serial = vec![0x41, 2, 3, 4, 5, 6, 7, 8, 9];
    body.tbs(algorithm, issuer, subject.name.raw(), key)
}

fn signed(tbs: &[u8], issuer: &Party) -> Vec<u8> {
    let algorithm = issuer.key.algorithm().signature().identifier();
    make::signed(tbs, algorithm, &issuer.key.sign(tbs).unwrap())
}

/// What we say of a case: accepted, or why not.
fn ours(case: &Case, policy: ChainPolicy) -> Result<(), String> {
    let read = |text: &String| {
        let pem = pki_core::pem::blocks(text.as_bytes());
        Certificate::from_der(pem.blocks[0].der.as_ref().unwrap())
    };
    let target = read(&case.peer_certificate).map_err(|e| format!("unreadable: {e}"))?;
    // As a file is read: what is no certificate is not there.
    let pool: Vec<_> = case.untrusted_intermediates.iter().map(read).collect();
    let why = pool.iter().find_map(|c| c.as_ref().err().cloned());
    let pool: Vec<Certificate> = pool.into_iter().flatten().collect();
    let anchors: Vec<_> = case.trusted_certs.iter().map(read).collect();
    let anchors: Vec<Anchor> = anchors.into_iter().flatten().map(Anchor::new).collect();
    let policy = policy.with_peer(PeerName::Dns("host.example.com".into()));
    let outcome = chain::build(&target, &pool, &anchors, &policy, NOW);
    match (outcome.explanation(), why) {
        (None, _) => Ok(()),
        (Some(_), Some(why)) => Err(format!("unreadable: {why}")),
        (Some(told), None) => {
            let faults: Vec<&str> = told.faults().iter().map(|fault| fault.check).collect();
            Err(faults.join(", "))
        }
    }
}

fn policies() -> [(&'static str, ChainPolicy); 2] {
    let mut rfc5280 = ChainPolicy::rfc5280();
    rfc5280.purpose = Some(Purpose::ServerAuth);
    let common = ChainPolicy::common(Some(Purpose::ServerAuth));
    [("common", common), ("rfc5280", rfc5280)]
}

#[test]
fn those_signed_anew_are_judged_as_by_others() {
    let sound = Sound::new();
    let mut random = Random::new(crate::number("PKI_SEED").unwrap_or(crate::SEED));
    let given = crate::number("PKI_CASES").map(|count| usize::try_from(count).unwrap());
    let mut changes = fields::all();
    changes.extend(extensions::all());
    let tables = changes.len();
    changes.extend((0..given.unwrap_or(RANDOM)).map(|_| damage::draw(&mut random)));
    let mut cases = vec![sound.case(0, Place::Leaf, &change("sound", |_| {}))];
    for change in &changes {
        for place in [Place::Leaf, Place::Ca] {
            cases.push(sound.case(cases.len(), place, change));
        }
    }
    let others = others::all();
    let answers = others::ask(&others, &cases);
    let mut seen = classes::Seen::new(given.is_none() && crate::number("PKI_SEED").is_none());
    let mut compared: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for (name, policy) in policies() {
        for (at, case) in cases.iter().enumerate() {
            let told = ours(case, policy.clone());
            for (other, answers) in others.iter().zip(&answers) {
                let answer = &answers[at];
                assert!(
                    at > 0 || (told.is_ok() && answer.verdict == Verdict::Success),
                    "what is sound is refused: {told:?}, {answer:?}"
                );
                let [all, same] = compared
                    .entry(format!("{name}/{}", other.id()))
                    .or_default();
                *all += 1;
                if told.is_ok() == (answer.verdict == Verdict::Success) {
                    *same += 1;
                } else {
                    let kind = &case.features[0];
                    seen.disagreement(name, other.id(), kind, &told, &answer.message, case);
                }
            }
        }
    }
    let told: Vec<String> = compared
        .iter()
        .map(|(who, [all, same])| format!("{who} {same} of {all}"))
        .collect();
    machine::say(&format!(
        "mutants signed anew: {} kinds in two places and {} at random: {}; {}",
        tables,
        changes.len() - tables,
        told.join(", "),
        seen.summary(),
    ));
    let present: Vec<&str> = others.iter().map(others::Other::id).collect();
    seen.finish(&present);
}
