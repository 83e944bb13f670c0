//! What mutants are made of: our own issuing with every kind of key, and the
//! certificates of the corpora where they are.

use std::path::{Path, PathBuf};

use pki_core::cert::Certificate;
use pki_core::der::{self, tag};
use pki_core::issue::{self, Issuer, Request};
use pki_core::key::{self, KeySource as _, PrivateKey, SystemKeys};
use pki_core::model::algorithm::KeyAlgorithm;
use pki_core::model::dn::Dn;
use pki_core::model::profile::Profile;
use pki_core::model::san::{Constraint, San};
use pki_core::model::serial::Serial;
use pki_core::model::validity::Lifetime;
use pki_core::pem;

use crate::make::{NOW, Party};
use crate::tree::Node;
use crate::{machine, make_crl};

const KEYS: [KeyAlgorithm; 5] = [
    KeyAlgorithm::EcdsaP256,
    KeyAlgorithm::EcdsaP384,
    KeyAlgorithm::EcdsaP521,
    KeyAlgorithm::Ed25519,
    KeyAlgorithm::Rsa(2048),
];

/// Certificates of the corpora that are taken; more would repeat each other.
const OF_THE_CORPORA: usize = 400;

/// What a piece is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Certificate,
    Crl,
    Request,
    /// A private key in DER.
    Key,
    /// Any of them as text.
    Pem,
}

/// One thing to change.
pub(crate) struct Piece {
    pub(crate) kind: Kind,
    pub(crate) octets: Vec<u8>,
    pub(crate) tree: Option<Node>,
    /// The chain that it stands in: an index of [`Material::chains`].
    pub(crate) chain: usize,
}

impl Piece {
    fn new(kind: Kind, octets: Vec<u8>, chain: usize) -> Self {
        Self {
            kind,
            tree: Node::read(&octets),
            octets,
            chain,
        }
    }
}

/// A chain that holds.
pub(crate) struct Chain {
    pub(crate) leaf: Certificate,
    pub(crate) ca: Certificate,
    pub(crate) root: Certificate,
    /// One mutant of so many is judged, not only read: how long a signature of
    /// its kind of key takes, in those of P-256.
    pub(crate) every: usize,
}

pub(crate) struct Material {
    pub(crate) chains: Vec<Chain>,
    pub(crate) pieces: Vec<Piece>,
    /// Certificates of others.
    pub(crate) corpora: Vec<Piece>,
}

impl Material {
    pub(crate) fn new() -> Self {
        let mut material = Self {
            chains: Vec::new(),
            pieces: Vec::new(),
            corpora: Vec::new(),
        };
        for algorithm in KEYS {
            let key = |_| SystemKeys.generate(algorithm).unwrap();
            material.issue([1, 2, 3].map(key));
        }
        let corpora = of_the_corpora().into_iter();
        let piece = |der| Piece::new(Kind::Certificate, der, 0);
        material.corpora = corpora.map(piece).collect();
        material
    }

    /// The same octets each time, to the last of each signature.
    pub(crate) fn fixed() -> Self {
        let mut material = Self {
            chains: Vec::new(),
            pieces: Vec::new(),
            corpora: Vec::new(),
        };
        material.issue([1, 2, 3].map(ed25519));
        material
    }

    /// What the mutant of this number is made of, and how many were made of it
    /// before: a quarter of the certificates of others, where there are any.
    pub(crate) fn piece(&self, number: usize) -> (&Piece, usize) {
        let (list, number) = match number % 4 {
            3 if !self.corpora.is_empty() => (&self.corpora, number / 4),
            _ => (&self.pieces, number - number / 4),
        };
        (&list[number % list.len()], number / list.len())
    }

    /// Root, CA and leaf with these keys, and all that goes with them.
    fn issue(&mut self, keys: [PrivateKey; 3]) {
        let at = self.chains.len();
        let [root, ca, leaf] = keys;
        let algorithm = root.algorithm();
        let party = |name: &str, key| Party {
            name: Dn::parse(name).unwrap(),
            key,
        };
        let root = party("CN=Root,O=Example", root);
        let ca = party("CN=CA,O=Example", ca);
        let leaf = party("CN=web.example", leaf);
        let life = Lifetime::from_days(3650);
        let authority = |party: &Party, length, permit| {
            let public = party.key.public().clone();
            Request::authority(party.name.clone(), life, public, length, permit).unwrap()
        };
        let request = authority(&root, None, vec![]);
        let top = issue::self_sign(&request, &root.key, NOW, &serial(1)).unwrap();
        let permit = ["example", "10.0.0.0/8"].map(|p| Constraint::parse(p).unwrap());
        let request = authority(&ca, Some(0), permit.to_vec());
        let below = issue::issue(
            &request,
            &Issuer::new(&top, &root.key).unwrap(),
            NOW,
            &serial(2),
        );
        let below = below.unwrap().certificate;
        let names = ["web.example", "*.web.example", "10.0.0.7"];
        let request = Request::leaf(
            Profile::Peer,
            leaf.name.clone(),
            names.iter().map(|n| San::parse(n).unwrap()).collect(),
            Lifetime::from_days(90),
            leaf.key.public().clone(),
        )
        .unwrap();
        let issuer = Issuer::new(&below, &ca.key).unwrap();
        let end = issue::issue(&request, &issuer, NOW, &serial(3));
        let end = end.unwrap().certificate;
        let list = make_crl::crl_der(&ca, |body| {
            body.number(7);
            body.revoke(&[9], &[make_crl::reason(1)]);
            body.revoke(&[10], &[]);
            body.scope(&[0x81, 1, 0xff]);
        });
        self.add_text("CERTIFICATE", end.der(), at);
        // Most are of leaves: they say most.
        for certificate in [&top, &below, &below, &end, &end, &end] {
            self.add(Kind::Certificate, certificate.der().to_vec(), at);
        }
        self.add_text("X509 CRL", &list, at);
        self.add(Kind::Crl, list, at);
        let asked = issue::ask(&request, &leaf.key).unwrap();
        self.add_text("CERTIFICATE REQUEST", &asked, at);
        self.add(Kind::Request, asked, at);
        let key = leaf.key.pkcs8().expose();
        self.add_text("PRIVATE KEY", key, at);
        // PKCS#1 or SEC1, which PKCS#8 wraps.
        let mut inside = Node::read(key).unwrap();
        let inside = inside.nodes().last().unwrap().value();
        self.add(Kind::Key, inside, at);
        self.add(Kind::Key, key.to_vec(), at);
        self.chains.push(Chain {
            leaf: end,
            ca: below,
            root: top,
            every: match algorithm {
                KeyAlgorithm::EcdsaP521 => 50,
                KeyAlgorithm::EcdsaP384 => 10,
                _ => 1,
            },
        });
    }

    fn add(&mut self, kind: Kind, octets: Vec<u8>, chain: usize) {
        self.pieces.push(Piece::new(kind, octets, chain));
    }

    fn add_text(&mut self, label: &str, der: &[u8], chain: usize) {
        let mut text = format!("# {label}\n").into_bytes();
        text.extend(pem::encode(label, der).into_bytes());
        self.add(Kind::Pem, text, chain);
    }
}

/// A key that everybody knows.
fn ed25519(octet: u8) -> PrivateKey {
    let algorithm = der::sequence([der::encode(tag::OID, &[0x2b, 0x65, 0x70])]);
    let seed = der::encode(tag::OCTET_STRING, &[octet; 32]);
    let key = der::encode(tag::OCTET_STRING, &seed);
    let pkcs8 = der::sequence([der::unsigned(&[0]), algorithm, key]);
    key::load(&pkcs8, None).unwrap().key
}

fn serial(n: u8) -> Serial {
    Serial::from_random([n; 16])
}

/// Certificates of x509-limbo's format under `$PKI_VECTORS`; none where it is not.
fn of_the_corpora() -> Vec<Vec<u8>> {
    let root = machine::variable("PKI_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    let mut found = Vec::new();
    for name in ["limbo-core", "x509test", "boringssl-chains"] {
        let Ok(text) = machine::read(&root.join(name).with_extension("json")) else {
            continue;
        };
        // The texts of a JSON file hold PEM with `\n` written out.
        let text = String::from_utf8(text).unwrap().replace("\\n", "\n");
        let pem = pem::blocks(text.replace('"', "\n").as_bytes());
        let certificates = pem.labelled("CERTIFICATE");
        found.extend(certificates.filter_map(|block| Some(block.der.as_ref().ok()?.to_vec())));
    }
    found.sort();
    found.dedup();
    // The long ones are the pathological ones: they are measured elsewhere.
    found.retain(|der| der.len() < 4096);
    let step = found.len().div_ceil(OF_THE_CORPORA).max(1);
    found.into_iter().step_by(step).collect()
}
