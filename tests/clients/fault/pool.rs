//! What is sent behind the leaf, and what is trusted.

use super::{Draw, Fault};
use crate::plan::Plan;

pub(super) const FAULTS: &[Fault] = &[
    missing,
    missing,
    doubled,
    unrelated,
    shuffled,
    with_root,
    leaf_again,
    nothing_trusted,
    partial,
    partial,
    trusted_leaf,
    all_trusted,
    another_root,
    reversed,
    root_twice,
];

fn missing(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.between(plan)?;
    plan.sent.retain(|&sent| sent != level);
    Some(format!("{} is not sent", plan.title(level)))
}

fn doubled(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.between(plan)?;
    plan.sent.push(level);
    Some(format!("{} is sent twice", plan.title(level)))
}

/// A whole other chain, of which nothing fits.
fn unrelated(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let mut other = crate::chain::draw(draw.keys, draw.random);
    let at = draw.random.below(2) * plan.chain.len();
    let count = other.chain.len();
    for draft in other.chain.drain(..) {
        plan.more.push((at, draft));
    }
    Some(format!("{count} unrelated certificates are sent"))
}

fn shuffled(plan: &mut Plan, _: &mut Draw<'_>) -> Option<String> {
    plan.shuffled = true;
    Some("sent in any order".into())
}

fn reversed(plan: &mut Plan, _: &mut Draw<'_>) -> Option<String> {
    plan.sent.reverse();
    Some("sent from the top".into())
}

fn root_twice(plan: &mut Plan, _: &mut Draw<'_>) -> Option<String> {
    let top = plan.top();
    plan.trusted.push(top);
    Some("root is trusted twice".into())
}

fn with_root(plan: &mut Plan, _: &mut Draw<'_>) -> Option<String> {
    let top = plan.top();
    plan.sent.push(top);
    plan.distrust_root();
    Some("root is sent and not trusted".into())
}

fn leaf_again(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    plan.sent
        .insert(draw.random.below(2).min(plan.sent.len()), 0);
    Some("leaf is sent again".into())
}

fn nothing_trusted(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let other = crate::chain::draw(draw.keys, draw.random);
    plan.anchors = other.chain.last().cloned().into_iter().collect();
    plan.distrust_root();
    Some("only an unrelated root is trusted".into())
}

/// A CA between is trusted and its root is not.
fn partial(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.between(plan)?;
    plan.trusted.push(level);
    plan.distrust_root();
    if draw.random.below(2) == 0 {
        plan.sent.retain(|&sent| sent != level);
    }
    Some(format!("only {} is trusted", plan.title(level)))
}

fn trusted_leaf(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    plan.trusted.push(0);
    if draw.random.below(2) == 0 {
        return Some("leaf is trusted too".into());
    }
    plan.distrust_root();
    Some("only the leaf is trusted".into())
}

fn all_trusted(plan: &mut Plan, _: &mut Draw<'_>) -> Option<String> {
    let top = plan.top();
    plan.trusted.extend(1..top);
    Some("all CAs are trusted".into())
}

/// The trusted root has the name and another key: it was made anew.
fn another_root(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let key = draw.other_key(plan);
    let mut root = plan.root().clone();
    let subject = root.subject.clone();
    root.rekey(key, draw.keys);
    root.sign_by(&subject, key, draw.keys);
    root.body.serial = vec![0x76];
    plan.anchors.insert(0, root);
    if draw.random.below(2) == 0 {
        return Some("a root of the same name is trusted too".into());
    }
    plan.distrust_root();
    Some("a root of the same name is trusted instead".into())
}
