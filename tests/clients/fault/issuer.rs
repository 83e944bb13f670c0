//! Several CAs of one name, CAs signed across, and names that differ.

use pki_core::cert::oid;
use pki_core::der::{self, tag};
use pki_core::model::san::GeneralName;

use super::{Draw, Fault};
use crate::keys::Signature;
use crate::make::{self, Body, DAY};
use crate::plan::{Draft, Plan, name};
use crate::signing::Hash;

pub(super) const FAULTS: &[Fault] = &[
    namesake,
    namesake,
    crossed,
    crossed,
    twin,
    twin,
    root_below,
    self_issued,
    self_issued,
    spelled,
    spelled,
    same_subject,
    own_issuer,
    empty_issuer,
];

/// A root that is in no plan yet.
fn other_root(plan: &Plan, draw: &mut Draw<'_>) -> Draft {
    let key = draw.other_key(plan);
    let id = draw.keys.id(key);
    let subject = name(&format!("O=Other,CN=Root {}", draw.random.below(1000)));
    let mut body = Body::new(make::ca_extensions(&id, &id));
    body.serial = vec![0x70];
    Draft::new(&subject, key, &subject, key, body)
}

/// Before or behind the right one in the pool.
fn add(plan: &mut Plan, level: usize, draft: Draft, draw: &mut Draw<'_>) -> &'static str {
    if draw.random.below(2) == 0 {
        plan.more.push((level, draft));
        "before"
    } else {
        plan.more.push((level + 1, draft));
        "behind"
    }
}

/// Another CA of the same name with another key: the pool has both.
fn namesake(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.between(plan)?;
    let mut other = plan.chain[level].clone();
    let key = draw.other_key(plan);
    other.body.serial = vec![0x71];
    let id = match draw.random.below(3) {
        // The identifier of the right one, which does not tell them apart.
        0 => {
            other.key = key;
            "with the same SKI"
        }
        1 => {
            other.key = key;
            other.body.remove(oid::SUBJECT_KEY_ID);
            "without SKI"
        }
        _ => {
            other.rekey(key, draw.keys);
            "with its own SKI"
        }
    };
    let place = add(plan, level, other, draw);
    Some(format!(
        "{} has a namesake of another key {id}, {place} it",
        plan.title(level)
    ))
}

/// The same CA (name and key) has a certificate of another root too.
fn crossed(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.ca(plan);
    let root = other_root(plan, draw);
    let mut other = plan.chain[level].clone();
    other.body.serial = vec![0x72];
    if other.value(oid::AUTHORITY_KEY_ID).is_none() {
        let value = make::authority_key_id(&draw.keys.id(root.key));
        other.body.set(oid::AUTHORITY_KEY_ID, false, value);
    }
    other.sign_by(&root.subject, root.key, draw.keys);
    let how = if draw.random.below(2) == 0 {
        format!(", {}", spoil(&mut other, plan, draw))
    } else {
        String::new()
    };
    let what = match draw.random.below(4) {
        0 => {
            plan.anchors.push(root);
            "by another trusted root"
        }
        1 => {
            plan.anchors.push(root);
            plan.distrust_root();
            "by the only trusted root"
        }
        2 => "by a root that is not trusted",
        _ => {
            plan.more.push((level + 1, root));
            "by a root that is sent and not trusted"
        }
    };
    let place = add(plan, level, other, draw);
    Some(format!(
        "{} also signed {what}{how}, {place} it",
        plan.title(level)
    ))
}

/// Makes a CA certificate one that mostly does not do.
fn spoil(draft: &mut Draft, plan: &Plan, draw: &mut Draw<'_>) -> &'static str {
    let now = plan.now;
    let body = &mut draft.body;
    match draw.random.below(11) {
        0 => {
            body.valid(now.plus_seconds(-30 * DAY), now.plus_seconds(-DAY));
            "expired"
        }
        1 => {
            body.valid(now.plus_seconds(DAY), now.plus_seconds(900 * DAY));
            "not yet valid"
        }
        2 => {
            body.set(oid::KEY_USAGE, true, make::key_usage(&[7, 0x80]));
            "without keyCertSign"
        }
        3 => {
            let value = make::basic_constraints(false, None);
            body.set(oid::BASIC_CONSTRAINTS, true, value);
            "with CA:FALSE"
        }
        4 => {
            draft.signature = Signature::Broken;
            "with a bad signature"
        }
        5 => {
            draft.signature = Signature::With(Hash::Sha1);
            "signed with SHA-1 where it can be"
        }
        6 => {
            body.constrain(&[], &[GeneralName::Dns(plan.host())]);
            "that excludes the host"
        }
        7 => {
            let value = make::purposes(&["1.3.6.1.5.5.7.3.4"]);
            body.set(oid::EXTENDED_KEY_USAGE, false, value);
            "for mail only"
        }
        8 => {
            let value = make::basic_constraints(true, Some(0));
            body.set(oid::BASIC_CONSTRAINTS, true, value);
            "with pathlen 0"
        }
        9 => {
            body.set("1.2.3.4.5.6", true, vec![5, 0]);
            "with an unknown critical extension"
        }
        _ => {
            body.valid(now.plus_seconds(-DAY), now.plus_seconds(5000 * DAY));
            "newer"
        }
    }
}

/// A second certificate of the same name, key and issuer.
fn twin(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.ca(plan);
    let mut other = plan.chain[level].clone();
    other.body.serial = vec![0x73];
    let what = spoil(&mut other, plan, draw);
    if level == plan.top() {
        plan.anchors.push(other);
        return Some(format!("root has a trusted twin {what}"));
    }
    let place = add(plan, level, other, draw);
    Some(format!(
        "{} has a twin {what}, {place} it",
        plan.title(level)
    ))
}

/// The root as a CA below another root that is trusted instead of it.
fn root_below(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let root = other_root(plan, draw);
    let top = plan.top();
    let mut crossed = plan.chain[top].clone();
    crossed.body.serial = vec![0x74];
    crossed.sign_by(&root.subject, root.key, draw.keys);
    plan.anchors.push(root);
    plan.distrust_root();
    plan.more.push((top, crossed));
    Some("root signed by the only trusted root".into())
}

/// A CA certificate more, of its issuer's name: a change of keys.
fn self_issued(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.ca(plan);
    let key = draw.other_key(plan);
    let above = plan.chain[level].clone();
    let mut body = Body::new(make::ca_extensions(
        &draw.keys.id(key),
        &draw.keys.id(above.key),
    ));
    body.serial = vec![0x75];
    let below = &mut plan.chain[level - 1];
    below.sign_by(&above.subject, key, draw.keys);
    let draft = Draft::new(&above.subject, key, &above.subject, above.key, body);
    plan.insert(level, draft);
    plan.sent.push(level);
    plan.sent.sort_unstable();
    Some(format!("self-issued CA below {}", plan.title(level + 1)))
}

/// The issuer is written otherwise than its subject.
fn spelled(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    const COMMON_NAME: [u8; 5] = [6, 3, 0x55, 4, 3];
    const ORGANIZATION: [u8; 5] = [6, 3, 0x55, 4, 10];
    let level = draw.ca(plan);
    let attribute = |kind: [u8; 5], of: u8, text: &str| {
        der::sequence([&kind[..], &der::encode(of, text.as_bytes())])
    };
    let utf8 = |text: &str| attribute(COMMON_NAME, tag::UTF8_STRING, text);
    let printable = |text: &str| attribute(COMMON_NAME, tag::PRINTABLE_STRING, text);
    let one = |attribute: Vec<u8>| der::sequence([der::set_of(vec![attribute])]);
    let company = attribute(ORGANIZATION, tag::UTF8_STRING, "Example");
    let two = |first: &[u8], second: &[u8]| {
        let rdns = [first, second].map(|a| der::encode(tag::SET, a));
        der::sequence(rdns)
    };
    let both = |first: &[u8], second: &[u8]| {
        let rdn = der::encode(tag::SET, &[first, second].concat());
        der::sequence([rdn])
    };
    let ca = utf8("Example CA");
    let (own, other, what) = draw
        .one_of(&[
            (one(ca.clone()), one(utf8("EXAMPLE ca")), "in another case"),
            (
                one(ca.clone()),
                one(utf8(" Example  CA")),
                "with other spaces",
            ),
            (
                one(utf8("Ex\u{e4}mple")),
                one(utf8("Exa\u{308}mple")),
                "in another normal form",
            ),
            (
                one(utf8("\u{c4}rzte")),
                one(utf8("\u{e4}rzte")),
                "in another case of an umlaut",
            ),
            (
                one(printable("Example CA")),
                one(ca.clone()),
                "in another string type",
            ),
            (
                one(printable("Example CA")),
                one(attribute(COMMON_NAME, tag::T61_STRING, "Example CA")),
                "in a T61String",
            ),
            (one(ca.clone()), one(utf8("Example CA 2")), "otherwise"),
            (two(&company, &ca), two(&ca, &company), "in another order"),
            (
                both(&company, &ca),
                both(&ca, &company),
                "in another order of one RDN",
            ),
            (
                two(&company, &ca),
                both(&ca, &company),
                "in one RDN for two",
            ),
        ])
        .clone();
    plan.rename(level, &own);
    plan.chain[level - 1].issuer = other;
    Some(format!("{} names its issuer {what}", plan.title(level - 1)))
}

/// The leaf has its issuer's name.
fn same_subject(plan: &mut Plan, _: &mut Draw<'_>) -> Option<String> {
    plan.leaf().subject = plan.chain[1].subject.clone();
    Some("leaf has the name of its issuer".into())
}

/// The leaf is signed with its own key.
fn own_issuer(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let leaf = plan.leaf();
    let (subject, key) = (leaf.subject.clone(), leaf.key);
    leaf.sign_by(&subject, key, draw.keys);
    if draw.random.below(3) == 0 {
        return Some("leaf self-signed, not trusted".into());
    }
    plan.trusted.push(0);
    Some("leaf self-signed and trusted".into())
}

fn empty_issuer(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    plan.chain[level].issuer = der::sequence::<Vec<u8>>([]);
    Some(format!("{} with empty issuer", plan.title(level)))
}
