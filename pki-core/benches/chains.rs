//! What judging a chain of three costs, beside its two signatures alone and beside
//! rustls-webpki on the same octets.
//!
//! `cargo bench -p pki-core --bench chains`
#![expect(clippy::unwrap_used, reason = "what cannot go on ends")]

#[expect(dead_code, reason = "tests make more with it")]
#[path = "../src/cert/tests/make.rs"]
mod make;

use std::time::Duration;

use divan::{Bencher, black_box};
use pki_core::chain::{self, Anchor, ChainPolicy, PeerName};
use pki_core::model::usage::Purpose;
// As the file that is shared names them.
use pki_core::{cert, clock, der, key, model};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, ring};

use cert::Certificate;
use make::{NOW, party};

fn main() {
    divan::main();
}

/// Leaf, CA and root, P-256, in DER.
struct Three {
    leaf: Vec<u8>,
    ca: Vec<u8>,
    anchors: [Anchor; 1],
}

impl Three {
    fn new() -> Self {
        let [root, ca, leaf] = ["CN=Root", "CN=CA", "CN=leaf"].map(party);
        Self {
            leaf: make::leaf(&leaf, &ca, |_| {}).der().to_vec(),
            ca: make::ca(&ca, &root, |_| {}).der().to_vec(),
            anchors: [Anchor::new(make::ca(&root, &root, |_| {}))],
        }
    }

    /// Read anew each time: a certificate keeps what came of its signature.
    fn read(&self) -> (Certificate, [Certificate; 1]) {
        let [leaf, ca] = [&self.leaf, &self.ca].map(|der| Certificate::from_der(der).unwrap());
        (leaf, [ca])
    }

    fn judge(&self, leaf: &Certificate, pool: &[Certificate], policy: &ChainPolicy) {
        let outcome = chain::build(leaf, pool, &self.anchors, policy, NOW);
        assert!(outcome.accepted().is_some());
    }
}

fn common() -> ChainPolicy {
    let policy = ChainPolicy::common(Some(Purpose::ServerAuth));
    policy.with_peer(PeerName::Dns("host.example.com".into()))
}

#[divan::bench]
fn a_signatures_alone(bencher: Bencher<'_, '_>) {
    let three = Three::new();
    let root = three.anchors[0].certificate();
    bencher
        .with_inputs(|| three.read())
        .bench_refs(|(leaf, pool)| {
            for (child, issuer) in [(&*leaf, &pool[0]), (&pool[0], root)] {
                let (id, key) = (child.algorithm_identifier(), issuer.public_key());
                key::verify(id, key, child.tbs(), child.signature()).unwrap();
            }
        });
}

#[divan::bench]
fn b_judged(bencher: Bencher<'_, '_>) {
    let (three, policy) = (Three::new(), common());
    bencher
        .with_inputs(|| three.read())
        .bench_refs(|(leaf, pool)| three.judge(leaf, pool, &policy));
}

#[divan::bench]
fn c_judged_by_rfc5280(bencher: Bencher<'_, '_>) {
    let three = Three::new();
    let policy = ChainPolicy::rfc5280().with_peer(PeerName::Dns("host.example.com".into()));
    bencher
        .with_inputs(|| three.read())
        .bench_refs(|(leaf, pool)| three.judge(leaf, pool, &policy));
}

#[divan::bench]
fn d_read_and_judged(bencher: Bencher<'_, '_>) {
    let (three, policy) = (Three::new(), common());
    bencher.bench(|| {
        let (leaf, pool) = three.read();
        three.judge(&leaf, &pool, &policy);
    });
}

/// It reads as it judges, so what it is given is octets.
#[divan::bench]
fn e_rustls_webpki(bencher: Bencher<'_, '_>) {
    let three = Three::new();
    let root = CertificateDer::from(three.anchors[0].certificate().der());
    let anchors = [anchor_from_trusted_cert(&root).unwrap()];
    let [leaf, ca] = [&three.leaf, &three.ca].map(|der| CertificateDer::from(&der[..]));
    let now = UnixTime::since_unix_epoch(Duration::from_secs(NOW.unix().unsigned_abs()));
    let name = ServerName::try_from("host.example.com").unwrap();
    let algorithms = [ring::ECDSA_P256_SHA256];
    bencher.bench(|| {
        let leaf = EndEntityCert::try_from(black_box(&leaf)).unwrap();
        let usage = KeyUsage::server_auth();
        let pool = std::slice::from_ref(&ca);
        leaf.verify_for_usage(&algorithms, &anchors, pool, now, usage, None, None)
            .unwrap();
        leaf.verify_is_valid_for_subject_name(&name).unwrap();
    });
}
