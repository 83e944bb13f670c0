//! Faults of form: extensions, versions, serial numbers and encodings.

use pki_core::cert::oid;
use pki_core::der::{self, tag};

use super::{Draw, Fault};
use crate::make;
use crate::plan::Plan;

pub(super) const FAULTS: &[Fault] = &[
    unknown, unknown, doubled, version, serial, serial, sloppy, sloppy, unique, policies, access,
    marked, trailing, others, others, tail,
];

fn unknown(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let critical = draw.random.below(3) != 0;
    let body = &mut plan.chain[level].body;
    body.set("1.2.3.4.5.6", critical, vec![5, 0]);
    let mark = if critical { "critical" } else { "harmless" };
    Some(format!("{} unknown {mark} extension", plan.title(level)))
}

fn doubled(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let title = plan.title(level);
    let extensions = &mut plan.chain[level].body.extensions;
    if extensions.is_empty() {
        return None;
    }
    let again = draw.one_of(extensions).clone();
    extensions.push(again);
    Some(format!("{title} has an extension twice"))
}

fn version(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let title = plan.title(level);
    let body = &mut plan.chain[level].body;
    let (version, bare, what) = *draw.one_of(&[
        (0, true, "v1 without extensions"),
        (0, false, "v1 with extensions"),
        (1, true, "v2"),
        (2, true, "v3 without extensions"),
        (3, false, "v4"),
    ]);
    body.version = version;
    if bare {
        body.extensions.clear();
    }
    Some(format!("{title} is {what}"))
}

fn serial(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let (octets, what) = draw
        .one_of(&[
            (vec![0], "zero"),
            (vec![0xff], "negative"),
            (vec![0x80, 1], "negative"),
            (vec![0x7f; 20], "of 20 octets"),
            (vec![0x7f; 21], "of 21 octets"),
            (vec![0x7f; 60], "of 60 octets"),
            (vec![0, 0, 1], "not minimal"),
            (vec![], "of no octets"),
        ])
        .clone();
    plan.chain[level].body.serial = octets;
    Some(format!("{} serial {what}", plan.title(level)))
}

/// BER that is no DER (X.690 10 and 11), and contents that are cut off.
fn sloppy(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let ca = level > 0;
    let true_as_one = der::sequence([der::encode(tag::BOOLEAN, &[1])]);
    let explicit_false = der::sequence([der::encode(tag::BOOLEAN, &[0])]);
    let usage: u8 = if ca { 0x06 } else { 0x80 };
    let id = der::encode(tag::OCTET_STRING, &[7; 20]);
    let long = |value: &[u8]| {
        let mut long = vec![value[0], 0x81];
        long.extend_from_slice(&value[1..]);
        long
    };
    let (of, value, what) = match draw.random.below(7) {
        0 if ca => (oid::BASIC_CONSTRAINTS, true_as_one, "TRUE written as 1"),
        1 if !ca => (
            oid::BASIC_CONSTRAINTS,
            explicit_false,
            "cA FALSE written out",
        ),
        2 => (
            oid::KEY_USAGE,
            make::key_usage(&[0, usage]),
            "keyUsage with unused bits",
        ),
        3 => (
            oid::KEY_USAGE,
            long(&make::key_usage(&[0, usage])),
            "keyUsage with a long length",
        ),
        4 => (oid::KEY_USAGE, vec![3, 5, 0, usage], "keyUsage cut off"),
        5 => (oid::SUBJECT_KEY_ID, long(&id), "SKI with a long length"),
        _ => (oid::SUBJECT_KEY_ID, vec![4], "SKI cut off"),
    };
    let critical = of != oid::SUBJECT_KEY_ID;
    plan.chain[level].body.set(of, critical, value);
    Some(format!("{} {what}", plan.title(level)))
}

/// Octets behind the value of an extension.
fn trailing(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let title = plan.title(level);
    let extensions = &mut plan.chain[level].body.extensions;
    let count = extensions.len();
    if count == 0 {
        return None;
    }
    let (of, _, value) = &mut extensions[draw.random.below(count)];
    value.extend([5, 0]);
    Some(format!("{title} octets behind extension {of}"))
}

/// Extensions that some programs know.
fn others(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let name = der::sequence([der::encode(tag::context_primitive(2), b"ca.example.com")]);
    let bits = |octets: &[u8]| der::encode(tag::BIT_STRING, octets);
    let feature = der::sequence([der::unsigned(&[5])]);
    let comment = der::encode(tag::IA5_STRING, b"made by a test");
    let period = der::sequence([der::encode(tag::context_primitive(1), b"20200101000000Z")]);
    let (of, value, what) = draw
        .one_of(&[
            (
                "2.16.840.1.113730.1.1",
                bits(&[6, 0x40]),
                "nsCertType server",
            ),
            (
                "2.16.840.1.113730.1.1",
                bits(&[7, 0x80]),
                "nsCertType client",
            ),
            ("2.16.840.1.113730.1.1", bits(&[2, 0x04]), "nsCertType CA"),
            ("2.16.840.1.113730.1.1", bits(&[5, 0x20]), "nsCertType mail"),
            ("2.16.840.1.113730.1.13", comment, "nsComment"),
            ("1.3.6.1.5.5.7.1.24", feature, "TLS feature"),
            ("2.5.29.18", name, "issuerAltName"),
            ("2.5.29.16", period, "a key period that is over"),
            ("1.3.6.1.5.5.7.48.1.5", vec![5, 0], "OCSP no check"),
        ])
        .clone();
    let critical = draw.random.below(3) == 0;
    plan.chain[level].body.set(of, critical, value);
    let mark = if critical { ", critical" } else { "" };
    Some(format!("{} has {what}{mark}", plan.title(level)))
}

fn tail(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    plan.chain[level].tail = vec![5, 0];
    Some(format!("octets behind the {}", plan.title(level)))
}

fn unique(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let body = &mut plan.chain[level].body;
    body.extra = der::encode(tag::context_primitive(1), &[0, 1, 2, 3]);
    Some(format!("{} has an issuerUniqueID", plan.title(level)))
}

/// Policies, which are processed by few.
fn policies(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let policy = |text: &str| {
        let oid = der::encode(tag::OID, &der::oid_octets(text).unwrap());
        der::sequence([der::sequence([oid])])
    };
    let require = der::sequence([der::encode(tag::context_primitive(0), &[0])]);
    let (of, critical, value, what) = match draw.random.below(5) {
        0 => ("2.5.29.32", false, policy("1.2.3.4"), "a policy"),
        1 => ("2.5.29.32", true, policy("1.2.3.4"), "a critical policy"),
        2 => (
            "2.5.29.32",
            true,
            policy("2.5.29.32.0"),
            "any policy, critical",
        ),
        3 => ("2.5.29.36", true, require, "a policy required"),
        _ => (
            "2.5.29.54",
            true,
            der::unsigned(&[0]),
            "any policy inhibited",
        ),
    };
    plan.chain[level].body.set(of, critical, value);
    Some(format!("{} {what}", plan.title(level)))
}

/// `AuthorityInfoAccess` and `CRLDistributionPoints`, right and wrong.
fn access(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let uri = der::encode(tag::context_primitive(6), b"http://ca.example.com/ca");
    let method = der::encode(tag::OID, &der::oid_octets("1.3.6.1.5.5.7.48.2")?);
    let locations = der::sequence([der::sequence([&method, &uri])]);
    let full = der::encode(tag::context(0), &uri);
    let points = der::sequence([der::sequence([der::encode(tag::context(0), &full)])]);
    let (of, value, name) = if draw.random.below(2) == 0 {
        ("1.3.6.1.5.5.7.1.1", locations, "AIA")
    } else {
        ("2.5.29.31", points, "CRL points")
    };
    let (critical, value, how) = match draw.random.below(4) {
        0 => (true, value, ", critical"),
        1 => (false, vec![4, 1, 0], ", malformed"),
        _ => (false, value, ""),
    };
    plan.chain[level].body.set(of, critical, value);
    Some(format!("{} has {name}{how}", plan.title(level)))
}

/// Extensions that are critical where they should not be.
fn marked(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    let title = plan.title(level);
    for (_, critical, _) in &mut plan.chain[level].body.extensions {
        *critical = true;
    }
    Some(format!("{title} has all extensions critical"))
}
