//! What the fuzz targets do with octets: each reader is given them as they are,
//! or as edits of something sound, which is the same in each run.
//!
//! A target is a test of `tests/`: `cargo test -p pki-fuzz` runs each for a
//! moment; `cargo bolero test -p pki-fuzz --test certificate certificate` goes on
//! with libFuzzer until something breaks (`cargo install cargo-bolero`).

#![expect(clippy::unwrap_used, reason = "what a test would end at ends here")]

#[expect(dead_code, reason = "the tests of handshakes need more of the machine")]
#[path = "../../tests/interop/machine.rs"]
mod machine;
#[expect(dead_code, reason = "the library's own tests make more with it")]
#[path = "../../pki-core/src/cert/tests/make.rs"]
mod make;
#[expect(dead_code, reason = "the library's own tests make more with it")]
#[path = "../../pki-core/src/cert/tests/make_crl.rs"]
mod make_crl;
#[expect(dead_code, reason = "mutants are made of more kinds of keys")]
#[path = "../../tests/mutants/material.rs"]
mod material;
#[path = "../../tests/mutants/readers.rs"]
mod readers;
#[expect(dead_code, reason = "mutants change whole elements")]
#[path = "../../tests/mutants/tree.rs"]
mod tree;

use std::sync::OnceLock;

// As the files that are shared name them.
use pki_core::{cert, clock, der, key, model};

use cert::Certificate;
use material::{Kind, Material};
use pki_core::chain::Anchor;

/// Certificates in a chain at most: the engine is asked, not its limits.
const LONGEST: usize = 8;

/// Edits of something sound at most: after more, nothing can read it.
const EDITS: usize = 4;

/// A certificate: read, judged as leaf, as CA and as root, and what clients say.
pub fn certificate(input: &[u8]) {
    read(Kind::Certificate, input);
}

/// A CRL: read, and the chain judged with it.
pub fn crl(input: &[u8]) {
    read(Kind::Crl, input);
}

/// A certificate request.
pub fn request(input: &[u8]) {
    read(Kind::Request, input);
}

/// A private key in DER, of any form.
pub fn private_key(input: &[u8]) {
    read(Kind::Key, input);
}

/// A file: PEM, whatever its blocks hold, and text.
pub fn file(input: &[u8]) {
    read(Kind::Pem, input);
}

/// Certificates one behind another, leaf first, the last ones trusted.
pub fn chain(input: &[u8]) {
    let Some((turn, edits)) = turn(input) else {
        return;
    };
    let chain = &material().chains[0];
    let sound = [&chain.leaf, &chain.ca, &chain.root].map(Certificate::der);
    let octets = edited(&sound.concat(), turn, edits);
    let mut certificates = Vec::new();
    let mut reader = der::Reader::new(&octets);
    while let Ok(element) = reader.any() {
        certificates.extend(Certificate::from_der(element.raw).ok());
    }
    certificates.truncate(LONGEST);
    let Some((target, others)) = certificates.split_first() else {
        return;
    };
    let (pool, anchors) = others.split_at(others.len().div_ceil(2));
    let anchors: Vec<Anchor> = anchors.iter().cloned().map(Anchor::new).collect();
    readers::judge(target, pool, &anchors, turn / 2);
    readers::predict(target, pool, &anchors, turn / 2);
}

fn material() -> &'static Material {
    static MATERIAL: OnceLock<Material> = OnceLock::new();
    MATERIAL.get_or_init(Material::fixed)
}

fn read(kind: Kind, input: &[u8]) {
    let Some((turn, edits)) = turn(input) else {
        return;
    };
    let material = material();
    let pieces: Vec<_> = material.pieces.iter().filter(|p| p.kind == kind).collect();
    let piece = pieces[turn / 2 % pieces.len()];
    let octets = edited(&piece.octets, turn, edits);
    readers::read(kind, &octets, &material.chains[0], turn / 2);
}

/// The first two octets choose: the form of the others, whose rules hold.
fn turn(input: &[u8]) -> Option<(usize, &[u8])> {
    let (turn, rest) = input.split_first_chunk()?;
    Some((usize::from(u16::from_be_bytes(*turn)), rest))
}

/// In an even turn `edits` as they are; in an odd one `sound`, where each four
/// octets of `edits` are a place, what is done there, and an octet for it.
fn edited(sound: &[u8], turn: usize, edits: &[u8]) -> Vec<u8> {
    if turn.is_multiple_of(2) {
        return edits.to_vec();
    }
    let mut octets = sound.to_vec();
    for edit in edits.chunks_exact(4).take(EDITS) {
        let at = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % octets.len().max(1);
        match edit[2] % 16 {
            0..3 => octets.insert(at, edit[3]),
            3..6 if at < octets.len() => {
                octets.remove(at);
            }
            6 => octets.truncate(at),
            _ => octets
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|o| *o = edit[3]),
        }
    }
    octets
}
