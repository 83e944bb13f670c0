//! Faults of keys and signatures.

use pki_core::der;

use super::{Draw, Fault};
use crate::keys::{Kind, Signature, ec_on, identifier, rsa};
use crate::plan::Plan;
use crate::signing::Hash;

pub(super) const FAULTS: &[Fault] = &[
    broken, wrong_key, hash, hash, pss, inner, unknown, kind, odd_kind, odd_key,
];

fn broken(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    plan.chain[level].signature = Signature::Broken;
    Some(format!("{} with a bad signature", plan.title(level)))
}

/// Signed by a key that the issuer has not.
fn wrong_key(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    plan.chain[level].signer = draw.other_key(plan);
    Some(format!("{} signed by another key", plan.title(level)))
}

/// The signer of a certificate gets an RSA key, where it has none; `None` where
/// the issuer is not the signer.
fn by_rsa(plan: &mut Plan, level: usize, draw: &mut Draw<'_>) -> Option<()> {
    let is_rsa = |key| draw.keys.kind(key).is_rsa();
    if !is_rsa(plan.chain[level].signer) {
        let kind = *draw.one_of(&[Kind::Rsa, Kind::Rsa, Kind::SmallRsa]);
        let key = draw.keys.draw(kind, draw.random);
        plan.rekey((level + 1).min(plan.top()), key, draw.keys);
    }
    is_rsa(plan.chain[level].signer).then_some(())
}

/// With another hash than usual, SHA-1 most often.
fn hash(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    if draw.random.below(3) == 0 {
        by_rsa(plan, level, draw)?;
    }
    // SHA-384 and SHA-512 are too long for RSA of 512 bits.
    let hash = match draw.keys.kind(plan.chain[level].signer) {
        Kind::Ed25519 => return None,
        Kind::TinyRsa => *draw.one_of(&[Hash::Sha1, Hash::Sha224]),
        _ => *draw.one_of(&[
            Hash::Sha1,
            Hash::Sha1,
            Hash::Sha224,
            Hash::Sha256,
            Hash::Sha384,
            Hash::Sha512,
        ]),
    };
    plan.chain[level].signature = Signature::With(hash);
    Some(format!("{} signed with {hash:?}", plan.title(level)))
}

/// The base point (SEC 2 2.4.1).
const SECP256K1_BASE: [u8; 65] = [
    0x04, 0x79, 0xbe, 0x66, 0x7e, 0xf9, 0xdc, 0xbb, 0xac, 0x55, 0xa0, 0x62, 0x95, 0xce, 0x87, 0x0b,
    0x07, 0x02, 0x9b, 0xfc, 0xdb, 0x2d, 0xce, 0x28, 0xd9, 0x59, 0xf2, 0x81, 0x5b, 0x16, 0xf8, 0x17,
    0x98, 0x48, 0x3a, 0xda, 0x77, 0x26, 0xa3, 0xc4, 0x65, 0x5d, 0xa4, 0xfb, 0xfc, 0x0e, 0x11, 0x08,
    0xa8, 0xfd, 0x17, 0xb4, 0x48, 0xa6, 0x85, 0x54, 0x19, 0x9c, 0x47, 0xd0, 0x8f, 0xfb, 0x10, 0xd4,
    0xb8,
];

/// Public keys that are no keys, or of kinds that few know.
fn odd_key(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let odd = draw.random.below(7);
    // Whether a CA with such a key signed is not told: [`consumer`](pki_core::consumer).
    let level = if odd == 1 { 0 } else { draw.level(plan) };
    let title = plan.title(level);
    let point = [&[4][..], &[7; 64]].concat();
    let (public, what) = match odd {
        0 => (
            ec_on("1.2.840.10045.3.1.7", &point),
            "a point off the curve",
        ),
        1 => (ec_on("1.3.132.0.10", &SECP256K1_BASE), "a key of secp256k1"),
        2 => (ec_on("1.2.3.4", &point), "a key of an unknown curve"),
        3 => {
            let algorithm = identifier("1.2.3.4.5", &[]);
            let public = der::sequence([algorithm, der::bit_string(&point)]);
            (public, "a key of an unknown kind")
        }
        4 => (rsa(&[0xa5; 256], &[1]), "RSA with exponent 1"),
        5 => (rsa(&[0xa4; 256], &[3]), "RSA with an even modulus"),
        _ => (rsa(&[0xa5; 255], &[1, 0, 1]), "RSA of 2040 bits"),
    };
    plan.chain[level].public = Some(public);
    Some(format!("{title} has {what}"))
}

/// A key of a kind or size that some client does not take.
fn odd_kind(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    const KINDS: [Kind; 6] = [
        Kind::SmallRsa,
        Kind::SmallRsa,
        Kind::TinyRsa,
        Kind::HugeRsa,
        Kind::Dsa,
        Kind::SmallDsa,
    ];
    let level = draw.level(plan);
    let kind = *draw.one_of(&KINDS);
    let key = draw.keys.draw(kind, draw.random);
    plan.rekey(level, key, draw.keys);
    // What it signs may be another hash already, for which it is too short.
    for signed in &mut plan.chain {
        let too_long = !matches!(signed.signature, Signature::Usual | Signature::Broken);
        if kind == Kind::TinyRsa && signed.signer == key && too_long {
            signed.signature = Signature::Usual;
        }
    }
    Some(format!("{} has a key of {kind:?}", plan.title(level)))
}

fn pss(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    by_rsa(plan, level, draw)?;
    if draw.keys.kind(plan.chain[level].signer) == Kind::TinyRsa {
        return None;
    }
    let (hash, salt) = *draw.one_of(&[
        (Hash::Sha256, 32),
        (Hash::Sha256, 32),
        (Hash::Sha256, 20),
        (Hash::Sha384, 48),
        (Hash::Sha1, 20),
        (Hash::Sha224, 28),
    ]);
    plan.chain[level].signature = Signature::Pss(hash, salt);
    let title = plan.title(level);
    Some(format!("{title} signed with PSS, {hash:?}, salt {salt}"))
}

fn inner(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let draft = &mut plan.chain[level];
    let truth = draw.keys.algorithm(draft.signer, draft.signature);
    let sha512 = identifier("1.2.840.10045.4.3.4", &[]);
    let what = match draw.random.below(3) {
        0 => {
            draft.outer = Some(sha512);
            "outer algorithm is another"
        }
        1 => {
            draft.body.inner = Some(sha512);
            "inner algorithm is another"
        }
        _ => {
            let (flipped, how) = flip_null(&truth);
            let kind = draw.keys.kind(draft.signer);
            draft.body.inner = Some(flipped);
            return Some(format!("{} inner {kind:?} {how}", plan.title(level)));
        }
    };
    Some(format!("{} {what}", plan.title(level)))
}

/// An algorithm nobody knows, inside and outside.
fn unknown(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let draft = &mut plan.chain[level];
    let truth = draw.keys.algorithm(draft.signer, draft.signature);
    let (algorithm, what) = if draw.random.below(2) == 0 {
        (identifier("1.2.3.4.5", &[]), "unknown".to_owned())
    } else {
        let (flipped, how) = flip_null(&truth);
        (flipped, format!("{:?} {how}", draw.keys.kind(draft.signer)))
    };
    draft.outer = Some(algorithm.clone());
    draft.body.inner = Some(algorithm);
    Some(format!("{} algorithm {what}", plan.title(level)))
}

/// With NULL where there is none, without where there is one.
fn flip_null(identifier: &[u8]) -> (Vec<u8>, &'static str) {
    const NULL: [u8; 2] = [5, 0];
    let content = &identifier[2..];
    let (flipped, how) = match content.strip_suffix(&NULL) {
        Some(bare) => (bare.to_vec(), "without NULL"),
        None => ([content, &NULL].concat(), "with NULL"),
    };
    (der::encode(der::tag::SEQUENCE, &flipped), how)
}

fn kind(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let kind = *draw.one_of(&[Kind::Ed25519, Kind::Rsa, Kind::P384, Kind::P521]);
    let key = draw.keys.draw(kind, draw.random);
    plan.rekey(level, key, draw.keys);
    Some(format!("{} has a key of {kind:?}", plan.title(level)))
}
