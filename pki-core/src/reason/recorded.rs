//! Certificates of ours that the issuance record does not name: it was lost.

use crate::inventory::Inventory;
use crate::report::{Finding, Locator, rule};
use crate::stack::{Pair, Stack};
use crate::store::{HOME, RECORD};

/// So many are named.
const NAMED: usize = 3;

/// The pairs whose certificates were signed by a CA whose key is on this machine,
/// and of whose places the issuance record knows nothing. Nothing where the record
/// cannot be read whole: that is told by itself.
pub fn unrecorded<'s>(stack: &'s Stack, inventory: &Inventory) -> Vec<&'s Pair> {
    let issued = inventory.issued();
    if issued.problem().is_some() {
        return Vec::new();
    }
    let generations = stack.authorities.iter().flat_map(|a| &a.generations);
    let has_key = generations.filter(|g| g.key.as_ref().is_some_and(|k| !inventory.is_missing(k)));
    let signers: Vec<_> = has_key
        .filter_map(|g| inventory.leaf(&g.certificate))
        .collect();
    let is_lost = |pair: &&Pair| {
        let place = &pair.files.certificate;
        let leaf = inventory.leaf(place).filter(|_| !issued.knows_place(place));
        leaf.is_some_and(|leaf| {
            !issued.contains(leaf) && signers.iter().any(|ca| leaf.is_signed_by(ca))
        })
    };
    stack.pairs().filter(is_lost).collect()
}

/// The same for people.
pub fn not_recorded(pairs: &[&Pair], inventory: &Inventory) -> Option<Finding> {
    if pairs.is_empty() {
        return None;
    }
    let files = pairs.iter().map(|pair| pair.files.certificate.to_string());
    let mut names: Vec<String> = files.take(NAMED).collect();
    if let Some(more @ 1..) = pairs.len().checked_sub(NAMED) {
        names.push(format!("{more} more"));
    }
    let mut finding = rule::NOT_RECORDED
        .at(Locator::File(RECORD.into()))
        .found(format!("no line for {}", names.join(", ")))
        .expected("one for each certificate that was issued here")
        .affects("when keys were made, and which CAs were made here, is not known");
    if inventory.remembers_nothing() {
        finding = finding.affects(format!(
            "`{HOME}` is gone or new: which files were delivered and what waits for its service is not known either"
        ));
    }
    Some(finding.fix(format!(
        "restore `{HOME}` from your backup; without one: pki apply, which records what is there"
    )))
}
