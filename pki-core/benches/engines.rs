//! What each engine costs in memory, each beside what it cannot be faster than:
//! the keys, signatures and verifications in it.
//!
//! `cargo bench -p pki-core --bench engines`
#![expect(clippy::unwrap_used, reason = "what cannot go on ends")]
#![expect(clippy::wildcard_imports, reason = "groups of one file")]

use std::collections::BTreeMap;

use divan::{Bencher, black_box};
use pki_core::cert::Certificate;
use pki_core::chain::{self, Anchor, ChainPolicy};
use pki_core::clock::{self, Timestamp};
use pki_core::document::Source;
use pki_core::encode::bundle::bundle;
use pki_core::inventory::{Inventory, IssuedRecord};
use pki_core::issue::{self, Issuer, Request};
use pki_core::key::{self, KeySource, PrivateKey, Signer, SystemKeys};
use pki_core::manifest::{self, Resolved};
use pki_core::model::algorithm::KeyAlgorithm;
use pki_core::model::dn::Dn;
use pki_core::model::profile::Profile;
use pki_core::model::san::San;
use pki_core::model::serial::Serial;
use pki_core::model::usage::Purpose;
use pki_core::model::validity::Lifetime;
use pki_core::plan::{self, Options, Owners, Scope};
use pki_core::role::Roles;

fn main() {
    divan::main();
}

const KEYS: [KeyAlgorithm; 4] = [
    KeyAlgorithm::EcdsaP256,
    KeyAlgorithm::EcdsaP384,
    KeyAlgorithm::Ed25519,
    KeyAlgorithm::Rsa(2048),
];

/// A root and what is needed to issue below it.
struct Ca {
    key: PrivateKey,
    certificate: Certificate,
    anchors: [Anchor; 1],
    now: Timestamp,
}

impl Ca {
    fn new(algorithm: KeyAlgorithm) -> Self {
        let key = SystemKeys.generate(algorithm).unwrap();
        let now = clock::now();
        let (name, life) = (named("bench CA"), Lifetime::from_days(3650));
        let request = Request::authority(name, life, key.public().clone(), None, vec![]).unwrap();
        let certificate = issue::self_sign(&request, &key, now, &serial()).unwrap();
        Self {
            key,
            anchors: [Anchor::new(certificate.clone())],
            certificate,
            now,
        }
    }

    fn issue(&self, key: &PrivateKey) -> Certificate {
        let names = vec![San::parse("bench.example").unwrap()];
        let (subject, life) = (named("bench.example"), Lifetime::from_days(90));
        let public = key.public().clone();
        let request = Request::leaf(Profile::Server, subject, names, life, public).unwrap();
        let signer = Issuer::new(&self.certificate, &self.key).unwrap();
        let issued = issue::issue(&request, &signer, self.now, &serial()).unwrap();
        issued.certificate
    }

    fn accepts(&self, leaf: &Certificate) -> bool {
        let policy = ChainPolicy::strict(Some(Purpose::ServerAuth)).with_any_anchor();
        chain::build(leaf, &[], &self.anchors, &policy, self.now)
            .accepted()
            .is_some()
    }
}

fn serial() -> Serial {
    Serial::from_random([7; 16])
}

fn named(common: &str) -> Dn {
    Dn::from_common_name(common).unwrap()
}

/// So many servers below one root.
fn services(many: usize) -> String {
    let mut text = String::from("version = 1\n[authority.root]\n");
    for n in 0..many {
        text += &format!("[service.s{n}]\nrole = \"server\"\nhosts = [\"s{n}.example\"]\n");
    }
    text
}

fn resolved(text: &str) -> Resolved {
    let roles = Roles::load(&[]).unwrap();
    let name = "pki.toml";
    manifest::resolve(&Source { name, text }, &roles, &BTreeMap::new(), &[]).unwrap()
}

#[divan::bench_group(name = "limits")]
mod limits {
    use super::*;

    #[divan::bench(args = KEYS, sample_count = 20)]
    fn key(algorithm: KeyAlgorithm) -> PrivateKey {
        SystemKeys.generate(algorithm).unwrap()
    }

    #[divan::bench(args = KEYS)]
    fn signature(bencher: Bencher<'_, '_>, algorithm: KeyAlgorithm) {
        let key = SystemKeys.generate(algorithm).unwrap();
        bencher.bench(|| key.sign(black_box(&[7; 600])).unwrap());
    }

    #[divan::bench(args = KEYS)]
    fn verification(bencher: Bencher<'_, '_>, algorithm: KeyAlgorithm) {
        let ca = Ca::new(algorithm);
        let (leaf, key) = (ca.issue(&ca.key), ca.key.public());
        let identifier = leaf.algorithm_identifier();
        bencher.bench(|| key::verify(identifier, key, leaf.tbs(), leaf.signature()).unwrap());
    }

    /// The three after one another, as in a leaf: each finds the caches as the
    /// other left them, and no signature is seen twice.
    #[divan::bench(args = KEYS, sample_count = 1000, max_time = 3)]
    fn all_three(bencher: Bencher<'_, '_>, algorithm: KeyAlgorithm) {
        let ca = Ca::new(algorithm);
        let identifier = ca.certificate.algorithm_identifier();
        bencher.bench(|| {
            let key = SystemKeys.generate(algorithm).unwrap();
            let message = key.public().spki();
            let signature = ca.key.sign(message).unwrap();
            key::verify(identifier, ca.key.public(), message, &signature).unwrap();
            key
        });
    }
}

#[divan::bench_group(name = "engines")]
mod engines {
    use super::*;

    /// Key, certificate, its chain judged, key and certificate as PEM.
    #[divan::bench(args = KEYS, sample_count = 1000, max_time = 3)]
    fn leaf(bencher: Bencher<'_, '_>, algorithm: KeyAlgorithm) {
        let ca = Ca::new(algorithm);
        bencher.bench(|| {
            let key = SystemKeys.generate(algorithm).unwrap();
            let leaf = ca.issue(&key);
            assert!(ca.accepts(&leaf));
            (key.to_pem(), bundle(&[leaf.der()]))
        });
    }

    #[divan::bench]
    fn certificate_read(bencher: Bencher<'_, '_>) {
        let ca = Ca::new(KeyAlgorithm::EcdsaP256);
        let leaf = ca.issue(&ca.key);
        bencher.bench(|| Certificate::from_der(black_box(leaf.der())).unwrap());
    }

    #[divan::bench(args = KEYS)]
    fn chain_built(bencher: Bencher<'_, '_>, algorithm: KeyAlgorithm) {
        let ca = Ca::new(algorithm);
        let der = ca.issue(&ca.key).der().to_vec();
        bencher
            .with_inputs(|| Certificate::from_der(&der).unwrap())
            .bench_refs(|leaf| assert!(ca.accepts(leaf)));
    }

    #[divan::bench(args = [100, 1000])]
    fn manifest_read(bencher: Bencher<'_, '_>, many: usize) {
        let text = services(many);
        bencher.bench(|| resolved(black_box(&text)));
    }

    #[divan::bench(args = [100, 1000])]
    fn first_plan(bencher: Bencher<'_, '_>, many: usize) {
        let stack = resolved(&services(many)).stack;
        let inventory = Inventory::from_records([], IssuedRecord::default());
        let options = Options {
            now: clock::now(),
            scope: Scope::Everything,
            force: false,
            rekey: false,
            prune: false,
            owners: Owners::Report,
        };
        bencher.bench(|| plan::plan(&stack, &inventory, &[], &options));
    }
}
