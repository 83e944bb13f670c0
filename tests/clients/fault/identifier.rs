//! Faults of key identifiers.

use pki_core::cert::oid;
use pki_core::der::{self, tag};
use pki_core::model::dn::Dn;
use pki_core::model::san::GeneralName;

use super::{Draw, Fault};
use crate::make;
use crate::plan::Plan;

pub(super) const FAULTS: &[Fault] = &[
    no_authority,
    no_subject,
    none,
    wrong,
    by_serial,
    marked,
    short,
];

fn no_authority(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    plan.chain[level].body.remove(oid::AUTHORITY_KEY_ID);
    Some(format!("{} without AKI", plan.title(level)))
}

fn no_subject(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    plan.chain[level].body.remove(oid::SUBJECT_KEY_ID);
    Some(format!("{} without SKI", plan.title(level)))
}

fn none(plan: &mut Plan, _: &mut Draw<'_>) -> Option<String> {
    for draft in &mut plan.chain {
        draft.body.remove(oid::AUTHORITY_KEY_ID);
        draft.body.remove(oid::SUBJECT_KEY_ID);
    }
    Some("no AKI and SKI anywhere".into())
}

fn wrong(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let title = plan.title(level);
    let other = vec![0xab; 20];
    let body = &mut plan.chain[level].body;
    if draw.random.below(2) == 0 {
        let value = make::authority_key_id(&other);
        body.set(oid::AUTHORITY_KEY_ID, false, value);
        Some(format!("{title} AKI of nobody"))
    } else {
        let value = der::encode(tag::OCTET_STRING, &other);
        body.set(oid::SUBJECT_KEY_ID, false, value);
        Some(format!("{title} SKI of nobody"))
    }
}

/// authorityCertIssuer and authorityCertSerialNumber name the issuer's own
/// issuer and serial number (RFC 5280 4.2.1.1).
fn by_serial(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.random.below(plan.chain.len());
    let title = plan.title(level);
    let above = (level + 1).min(plan.top());
    let issuer = plan.chain[above].issuer.clone();
    let serial = plan.chain[above].body.serial.clone();
    let (issuer, serial, right) = match draw.random.below(4) {
        0 => (issuer, vec![0x77, 0x77], "wrong serial"),
        1 => (crate::plan::name("CN=Nobody"), serial, "wrong issuer"),
        _ => (issuer, serial, "right"),
    };
    let issuer = GeneralName::Directory(Dn::from_der(&issuer).ok()?).to_der();
    let key_id = draw.keys.id(plan.chain[level].signer);
    let with_key = draw.random.below(2) == 0;
    let mut parts = Vec::new();
    if with_key {
        parts.push(der::encode(tag::context_primitive(0), &key_id));
    }
    parts.push(der::encode(tag::context(1), &issuer));
    parts.push(der::encode(tag::context_primitive(2), &serial));
    let value = der::sequence(parts);
    plan.chain[level]
        .body
        .set(oid::AUTHORITY_KEY_ID, false, value);
    let with = if with_key { " and key id" } else { "" };
    Some(format!("{title} AKI by issuer and serial{with}, {right}"))
}

fn marked(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let (id, what) = *draw.one_of(&[(oid::AUTHORITY_KEY_ID, "AKI"), (oid::SUBJECT_KEY_ID, "SKI")]);
    plan.chain[level].mark(id, true);
    Some(format!("{} {what} critical", plan.title(level)))
}

/// Identifiers that are empty, or of another length on both sides.
fn short(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.ca(plan);
    if draw.random.below(2) == 0 {
        let value = der::sequence::<Vec<u8>>([]);
        plan.chain[level - 1]
            .body
            .set(oid::AUTHORITY_KEY_ID, false, value);
        return Some(format!("{} AKI empty", plan.title(level - 1)));
    }
    let id = [1, 2, 3, 4];
    let own = der::encode(tag::OCTET_STRING, &id);
    plan.chain[level].body.set(oid::SUBJECT_KEY_ID, false, own);
    let value = make::authority_key_id(&id);
    plan.chain[level - 1]
        .body
        .set(oid::AUTHORITY_KEY_ID, false, value);
    Some(format!("{} SKI of four octets", plan.title(level)))
}
