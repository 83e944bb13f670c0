//! Name constraints (RFC 5280 4.2.1.10), kept and broken.

use pki_core::cert::oid;
use pki_core::der::{self, tag};
use pki_core::model::dn::Dn;
use pki_core::model::san::GeneralName;

use super::{Draw, Fault};
use crate::make;
use crate::plan::Plan;

pub(super) const FAULTS: &[Fault] = &[
    hosts,
    hosts,
    hosts,
    addresses,
    directories,
    others,
    odd,
    of_leaf,
];

fn put(
    plan: &mut Plan,
    level: usize,
    permitted: &[GeneralName],
    excluded: &[GeneralName],
    draw: &mut Draw<'_>,
) -> &'static str {
    let body = &mut plan.chain[level].body;
    body.constrain(permitted, excluded);
    if draw.random.below(4) == 0 {
        plan.chain[level].mark(oid::NAME_CONSTRAINTS, false);
        return ", not critical";
    }
    ""
}

/// Permitted or excluded, one base.
fn one(plan: &mut Plan, base: GeneralName, what: &str, draw: &mut Draw<'_>) -> String {
    let level = draw.ca(plan);
    let (side, mark) = if draw.random.below(2) == 0 {
        ("permits", put(plan, level, &[base], &[], draw))
    } else {
        ("excludes", put(plan, level, &[], &[base], draw))
    };
    format!("{} {side} {what}{mark}", plan.title(level))
}

fn hosts(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let host = plan.host();
    let parent = host.split_once('.').map_or(host.as_str(), |(_, rest)| rest);
    let label = host.split('.').next().unwrap_or_default();
    let base = match draw.random.below(10) {
        0 | 1 => parent.to_owned(),
        2 => host.clone(),
        3 => format!(".{parent}"),
        4 => String::new(),
        5 => "elsewhere.example".into(),
        6 => parent.to_ascii_uppercase(),
        7 => format!("sub.{host}"),
        8 => format!("{}{parent}", &label[..1]),
        _ => format!("*.{parent}"),
    };
    let what = format!("DNS `{base}`");
    let base = GeneralName::Dns(base);
    Some(one(plan, base, &what, draw))
}

fn addresses(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let (octets, what) = draw
        .one_of(&[
            (vec![10, 0, 0, 0, 255, 0, 0, 0], "10.0.0.0/8"),
            (vec![192, 0, 2, 0, 255, 255, 255, 0], "192.0.2.0/24"),
            (vec![0; 8], "0.0.0.0/0"),
            (vec![0; 32], "::/0"),
            (vec![10, 0, 0, 0, 255, 0, 255, 0], "mask with a hole"),
            (vec![10, 0, 0, 0], "four octets"),
            (vec![10, 1, 2, 3, 255, 0, 0, 0], "10.1.2.3/8"),
        ])
        .clone();
    Some(one(
        plan,
        GeneralName::Ip(octets),
        &format!("IP {what}"),
        draw,
    ))
}

fn directories(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let subject = Dn::from_der(&plan.chain[0].subject).ok()?;
    let (base, what) = match draw.random.below(4) {
        0 => (subject, "the subject"),
        1 => (Dn::empty(), "any directory name"),
        2 => (Dn::parse("O=Elsewhere").ok()?, "another directory name"),
        _ => (Dn::parse("O=Example").ok()?, "a directory name"),
    };
    Some(one(plan, GeneralName::Directory(base), what, draw))
}

fn others(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let other = |tag, value: &[u8]| GeneralName::Other {
        tag,
        value: value.to_vec(),
    };
    let (base, what) = draw
        .one_of(&[
            (GeneralName::Email("example.com".into()), "email host"),
            (GeneralName::Email("a@example.com".into()), "email address"),
            (GeneralName::Uri("example.com".into()), "URI host"),
            (GeneralName::Uri(".example.com".into()), "URI domain"),
            (other(0x88, &[0x2a, 3, 4]), "registered ID"),
            (
                other(0xa0, &[6, 1, 0x2a, 0xa0, 3, 0x0c, 1, 0x61]),
                "otherName",
            ),
        ])
        .clone();
    Some(one(plan, base, what, draw))
}

/// Constraints that are malformed or say what they may not.
fn odd(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.ca(plan);
    let base = GeneralName::Dns("example.com".into()).to_der();
    let minimum = der::encode(tag::context_primitive(0), &[1]);
    let maximum = der::encode(tag::context_primitive(1), &[5]);
    let permitted = |tree: &[u8]| {
        let trees = der::sequence([tree]);
        der::sequence([der::encode(tag::context(0), &trees)])
    };
    let (value, what) = match draw.random.below(4) {
        0 => (der::sequence::<Vec<u8>>([]), "empty constraints"),
        1 => (permitted(&der::join([&base, &minimum])), "a minimum"),
        2 => (permitted(&der::join([&base, &maximum])), "a maximum"),
        _ => (
            der::sequence([der::encode(tag::context(0), &[])]),
            "constraints that permit nothing",
        ),
    };
    let body = &mut plan.chain[level].body;
    body.set(oid::NAME_CONSTRAINTS, true, value);
    Some(format!("{} has {what}", plan.title(level)))
}

fn of_leaf(plan: &mut Plan, _: &mut Draw<'_>) -> Option<String> {
    let value = make::constraints(&[GeneralName::Dns(plan.host())], &[]);
    plan.leaf().body.set(oid::NAME_CONSTRAINTS, true, value);
    Some("leaf has name constraints".into())
}
