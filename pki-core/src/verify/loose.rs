//! Files from anywhere: a chain to the CA that is named, a key that fits.

use std::path::{Path, PathBuf};

use super::Verdict;
use super::authority::for_strict;
use super::edge::refusals;
use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy, PeerName};
use crate::clock::Timestamp;
use crate::inventory::{Inventory, Item, Material};
use crate::key::PublicKey;
use crate::model::usage::Purpose;
use crate::model::validity::RenewAt;
use crate::renew::due;
use crate::report::{Finding, Locator, rule};

/// What files are judged by.
#[derive(Debug)]
pub struct Loose<'a> {
    /// The CA certificates to trust.
    pub anchors: Vec<Certificate>,
    /// More certificates that may stand between.
    pub pool: Vec<Certificate>,
    /// The private key that should belong to the first file.
    pub key: Option<(&'a Path, PublicKey)>,
    /// The name that is dialled.
    pub name: Option<&'a str>,
    /// What the certificates are used for; `None`: any use.
    pub purpose: Option<Purpose>,
    /// When a certificate counts as due.
    pub renew: RenewAt,
}

/// Judges files that no manifest names. Each file's first certificate is the
/// one judged; what follows may stand between it and the CA.
pub fn verify_files(
    files: &[PathBuf],
    inventory: &Inventory,
    by: &Loose<'_>,
    now: Timestamp,
) -> Verdict {
    let mut verdict = Verdict::default();
    for (i, path) in files.iter().enumerate() {
        verdict.report.extend(one(path, i == 0, inventory, by, now));
        verdict.certificates += 1;
    }
    verdict.report = std::mem::take(&mut verdict.report).sorted();
    verdict
}

fn one(
    path: &Path,
    first: bool,
    inventory: &Inventory,
    by: &Loose<'_>,
    now: Timestamp,
) -> Vec<Finding> {
    let at = || Locator::File(path.to_owned());
    let found = inventory
        .items()
        .find(|(p, _)| *p == path)
        .map(|(_, item)| item);
    let file = match found.map(|item| &item.material) {
        Some(Material::Certificates(file)) if !file.certificates.is_empty() => file,
        _ => {
            let what = found.map_or_else(|| "not read".to_owned(), Item::unusable);
            return vec![rule::CERTIFICATE_UNREADABLE.at(at()).found(what)];
        }
    };
    let (leaf, above) = (&file.certificates[0], &file.certificates[1..]);
    let mut findings = Vec::new();
    if !file.unreadable.is_empty() {
        findings.push(
            rule::CERTIFICATE_NOT_PEM
                .at(at())
                .found(file.unreadable.join("; ")),
        );
    }
    if let Some((key_path, key)) = by.key.as_ref().filter(|_| first)
        && key != leaf.public_key()
    {
        findings.push(
            rule::KEY_MISMATCH
                .at(at())
                .found(format!("{} is another key", key_path.display()))
                .expected(format!("the key of {}", leaf.subject())),
        );
    }
    if let Some(name) = by.name
        && chain::matches(&PeerName::parse(name), leaf.names()).is_err()
    {
        findings.push(
            rule::NAME_NOT_COVERED
                .at(at())
                .found(super::names(leaf))
                .expected(name),
        );
    }
    let anchors: Vec<Anchor> = by.anchors.iter().cloned().map(Anchor::new).collect();
    let pool: Vec<Certificate> = above.iter().chain(&by.pool).cloned().collect();
    let strict = ChainPolicy::strict(by.purpose.clone());
    let policy = strict.clone().with_any_anchor();
    let refused = refusals(&chain::build(leaf, &pool, &anchors, &policy, now), at);
    if refused.is_empty() {
        let outcome = chain::build(leaf, &pool, &anchors, &strict, now);
        findings.extend(for_strict(&outcome, at));
    }
    findings.extend(refused);
    let told = |id: &str| findings.iter().any(|f| f.rule == id);
    if !told("expired") && !told("not-yet-valid") {
        let state = due(leaf.validity(), by.renew, None, now);
        findings.extend(super::authority::life(
            &state,
            leaf.validity().not_after,
            at(),
            now,
            "renew it where it was issued",
        ));
    }
    findings
}
