//! Faults of keys and signatures.

use super::{Draw, Fault};
use crate::keys::{Kind, Signature, identifier};
use crate::plan::Plan;

pub(super) const FAULTS: &[Fault] = &[broken, wrong_key, sha1, small, pss, inner, unknown, kind];

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
    let is_rsa = |key| matches!(draw.keys.kind(key), Kind::Rsa | Kind::SmallRsa);
    if !is_rsa(plan.chain[level].signer) {
        let key = draw.keys.draw(Kind::Rsa, draw.random);
        plan.rekey((level + 1).min(plan.top()), key, draw.keys);
    }
    is_rsa(plan.chain[level].signer).then_some(())
}

fn sha1(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    if draw.keys.kind(plan.chain[level].signer) != Kind::P256 {
        by_rsa(plan, level, draw)?;
    }
    plan.chain[level].signature = Signature::Sha1;
    Some(format!("{} signed with SHA-1", plan.title(level)))
}

fn small(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let key = draw.keys.draw(Kind::SmallRsa, draw.random);
    plan.rekey(level, key, draw.keys);
    Some(format!("{} has RSA of 1024 bits", plan.title(level)))
}

fn pss(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    by_rsa(plan, level, draw)?;
    let salt = *draw.one_of(&[32, 32, 20]);
    plan.chain[level].signature = Signature::Pss(salt);
    Some(format!(
        "{} signed with PSS, salt {salt}",
        plan.title(level)
    ))
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
            // With NULL where there is none, without where there is one.
            let flipped = flip_null(&truth);
            draft.body.inner = Some(flipped);
            "inner parameters are others"
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
        (identifier("1.2.3.4.5", &[]), "unknown signature algorithm")
    } else {
        (flip_null(&truth), "algorithm with other parameters")
    };
    draft.outer = Some(algorithm.clone());
    draft.body.inner = Some(algorithm);
    Some(format!("{} {what}", plan.title(level)))
}

fn flip_null(identifier: &[u8]) -> Vec<u8> {
    const NULL: [u8; 2] = [5, 0];
    let content = &identifier[2..];
    let flipped = content
        .strip_suffix(&NULL)
        .map_or_else(|| [content, &NULL].concat(), <[u8]>::to_vec);
    pki_core::der::encode(pki_core::der::tag::SEQUENCE, &flipped)
}

fn kind(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let kind = *draw.one_of(&[Kind::Ed25519, Kind::Rsa, Kind::P384]);
    let key = draw.keys.draw(kind, draw.random);
    plan.rekey(level, key, draw.keys);
    Some(format!("{} has a key of {kind:?}", plan.title(level)))
}
