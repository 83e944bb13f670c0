//! Faults of what a certificate may be used for.

use pki_core::cert::oid;
use pki_core::der::{self, tag};

use super::{Draw, Fault};
use crate::make::{self, CLIENT_AUTH, SERVER_AUTH};
use crate::plan::Plan;

pub(super) const FAULTS: &[Fault] = &[
    key_usage,
    key_usage,
    ca,
    ca,
    path_length,
    path_length,
    leaf_constraints,
    purposes,
    purposes,
];

/// Octets of the BIT STRING, unused bits first (RFC 5280 4.2.1.3).
const KEY_USAGES: [(&[u8], &str); 13] = [
    (&[7, 0x80], "digitalSignature"),
    (&[6, 0x40], "nonRepudiation"),
    (&[5, 0x20], "keyEncipherment"),
    (&[5, 0xa0], "digitalSignature, keyEncipherment"),
    (&[4, 0x10], "dataEncipherment"),
    (&[3, 0x08], "keyAgreement"),
    (&[2, 0x04], "keyCertSign"),
    (&[1, 0x02], "cRLSign"),
    (&[2, 0x84], "digitalSignature, keyCertSign"),
    (&[7, 0xff, 0x80], "all"),
    (&[0], "no bit"),
    (&[7, 0x00], "a zero bit"),
    (&[0, 0x06], "with zero bits at the end"),
];

fn key_usage(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let title = plan.title(level);
    let body = &mut plan.chain[level].body;
    if draw.random.below(4) == 0 {
        body.remove(oid::KEY_USAGE);
        return Some(format!("{title} without keyUsage"));
    }
    let (octets, what) = *draw.one_of(&KEY_USAGES);
    let critical = draw.random.below(4) != 0;
    body.set(oid::KEY_USAGE, critical, make::key_usage(octets));
    let mark = if critical { "" } else { ", not critical" };
    Some(format!("{title} keyUsage {what}{mark}"))
}

/// `BasicConstraints` of a CA.
fn ca(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.ca(plan);
    let title = plan.title(level);
    let body = &mut plan.chain[level].body;
    let what = match draw.random.below(5) {
        0 => {
            body.remove(oid::BASIC_CONSTRAINTS);
            "without basicConstraints"
        }
        1 => {
            let value = make::basic_constraints(true, None);
            body.set(oid::BASIC_CONSTRAINTS, false, value);
            "with basicConstraints not critical"
        }
        2 => {
            let value = make::basic_constraints(false, None);
            body.set(oid::BASIC_CONSTRAINTS, true, value);
            "with CA:FALSE"
        }
        3 => {
            let value = make::basic_constraints(false, Some(1));
            body.set(oid::BASIC_CONSTRAINTS, true, value);
            "with CA:FALSE and pathlen"
        }
        _ => {
            let value = make::basic_constraints(false, None);
            body.set(oid::BASIC_CONSTRAINTS, true, value);
            body.set(oid::KEY_USAGE, true, make::key_usage(&[7, 0x80]));
            "as a leaf"
        }
    };
    Some(format!("{title} {what}"))
}

fn path_length(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.ca(plan);
    let length = *draw.one_of(&[0, 0, 1, 2]);
    let value = make::basic_constraints(true, Some(length));
    plan.chain[level]
        .body
        .set(oid::BASIC_CONSTRAINTS, true, value);
    let below = level - 1;
    Some(format!(
        "{} pathlen {length}, {below} CAs below",
        plan.title(level)
    ))
}

/// `BasicConstraints` of the leaf.
fn leaf_constraints(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let body = &mut plan.leaf().body;
    Some(match draw.random.below(4) {
        0 => {
            body.remove(oid::BASIC_CONSTRAINTS);
            "leaf without basicConstraints".into()
        }
        1 => {
            let value = make::basic_constraints(true, None);
            body.set(oid::BASIC_CONSTRAINTS, true, value);
            "leaf is a CA".into()
        }
        2 => {
            let value = make::basic_constraints(true, None);
            body.set(oid::BASIC_CONSTRAINTS, true, value);
            body.set(oid::KEY_USAGE, true, make::key_usage(&[1, 0x06]));
            "leaf is a CA by keyUsage too".into()
        }
        _ => {
            let value = make::basic_constraints(false, Some(0));
            body.set(oid::BASIC_CONSTRAINTS, true, value);
            "leaf with pathlen".into()
        }
    })
}

const ANY: &str = "2.5.29.37.0";
const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
const NETSCAPE_STEP_UP: &str = "2.16.840.1.113730.4.1";
const MICROSOFT_STEP_UP: &str = "1.3.6.1.4.1.311.10.3.3";
const PURPOSES: [(&[&str], &str); 9] = [
    (&[SERVER_AUTH], "serverAuth"),
    (&[CLIENT_AUTH], "clientAuth"),
    (&[SERVER_AUTH, CLIENT_AUTH], "serverAuth, clientAuth"),
    (&[ANY], "any"),
    (&[CODE_SIGNING], "codeSigning"),
    (&[CODE_SIGNING, ANY], "codeSigning, any"),
    (&[NETSCAPE_STEP_UP], "Netscape step-up"),
    (&[MICROSOFT_STEP_UP], "Microsoft step-up"),
    (&[], "none"),
];

fn purposes(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let title = plan.title(level);
    let body = &mut plan.chain[level].body;
    if level == 0 && draw.random.below(4) == 0 {
        body.remove(oid::EXTENDED_KEY_USAGE);
        return Some("leaf without EKU".into());
    }
    let (oids, what) = *draw.one_of(&PURPOSES);
    let critical = draw.random.below(4) == 0;
    let value = if oids.is_empty() {
        der::encode(tag::SEQUENCE, &[])
    } else {
        make::purposes(oids)
    };
    body.set(oid::EXTENDED_KEY_USAGE, critical, value);
    let mark = if critical { ", critical" } else { "" };
    Some(format!("{title} EKU {what}{mark}"))
}
