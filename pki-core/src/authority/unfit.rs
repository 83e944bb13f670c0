//! A CA from elsewhere that cannot vouch for what the manifest has it sign:
//! told before anything is signed, for nobody would accept it.

use super::at;
use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy};
use crate::inventory::Inventory;
use crate::model::algorithm::KeyAlgorithm;
use crate::model::path::TreePath;
use crate::model::san::GeneralName;
use crate::model::usage::{KeyUsage, Purpose};
use crate::report::{Finding, rule};
use crate::stack::{Authority, Origin, Pair, Stack};

/// What is told elsewhere: the life of a CA, and who should have signed it.
const ELSEWHERE: [&str; 4] = [
    chain::EXPIRED.id,
    chain::NOT_YET_VALID.id,
    chain::UNTRUSTED_ROOT.id,
    chain::ISSUER_NOT_FOUND.id,
];

/// Why `ca` cannot do its work; the first reason, and how to come by another
/// CA. One that was made here can.
pub(super) fn unfit(
    authority: &Authority,
    place: &TreePath,
    ca: &Certificate,
    fix: String,
    stack: &Stack,
    inventory: &Inventory,
) -> Option<Box<Finding>> {
    if inventory.issued().contains(ca) {
        return None;
    }
    let finding = rule::AUTHORITY_UNFIT.at(at(place)).fix(fix);
    let anchors: Vec<&Certificate> = stack
        .root_of(&authority.name)
        .map(|root| inventory.signers(stack, &root.name))
        .unwrap_or_default();
    let line = whole_line(authority, place, ca, &anchors, stack, inventory);
    let told = itself(&line, authority, finding.clone()).or_else(|| {
        in_chain(
            authority, place, &line, &anchors, stack, inventory, &finding,
        )
    });
    told.or_else(|| {
        let mut pairs = stack
            .pairs()
            .filter(|p| p.issuer() == Some(&authority.name));
        pairs.find_map(|pair| for_pair(&line, pair, finding.clone()))
    })
    .map(Box::new)
}

/// Those that a certificate of it is checked with: the CA, what stands behind
/// it, and whom clients trust.
fn whole_line<'a>(
    authority: &Authority,
    place: &TreePath,
    ca: &'a Certificate,
    anchors: &[&'a Certificate],
    stack: &Stack,
    inventory: &'a Inventory,
) -> Vec<&'a Certificate> {
    let mut line = inventory.line(ca, place);
    for above in inventory.intermediates(stack, &authority.name) {
        if !line.contains(&above) {
            line.push(above);
        }
    }
    let signer = |last: &&Certificate| anchors.iter().find(|a| last.is_signed_by(a)).copied();
    let signer = line.last().and_then(signer).filter(|s| !line.contains(s));
    line.extend(signer);
    line
}

/// What our own check of each certificate that it signs would refuse in the
/// chain above it (`apply::check`). One that the wrong CA signed is told as that.
fn in_chain(
    authority: &Authority,
    place: &TreePath,
    line: &[&Certificate],
    anchors: &[&Certificate],
    stack: &Stack,
    inventory: &Inventory,
    finding: &Finding,
) -> Option<Finding> {
    let (ca, above) = line.split_first()?;
    if anchors.contains(ca) {
        // Of what clients trust itself less is asked: told above.
        return None;
    }
    if let Origin::Issuer(issuer) = &authority.origin
        && !inventory.is_below(ca, place, &inventory.signers(stack, issuer))
    {
        return None;
    }
    let pool: Vec<Certificate> = above.iter().copied().cloned().collect();
    let anchors: Vec<Anchor> = anchors.iter().map(|&a| Anchor::new(a.clone())).collect();
    let policy = ChainPolicy::strict(None).with_any_anchor();
    // A day that it is valid on: whether it is today is not asked.
    let outcome = chain::build(ca, &pool, &anchors, &policy, ca.validity().not_before);
    let faults = outcome.explanation()?.faults();
    let fault = faults.iter().find(|f| !ELSEWHERE.contains(&f.check))?;
    let found = format!("{}: {}: {}", fault.check, fault.at.subject, fault.found);
    let mut finding = finding.clone().found(found).citation(fault.clause);
    finding.expected.clone_from(&fault.expected);
    Some(finding)
}

/// What stands in the way whatever it signs.
fn itself(line: &[&Certificate], authority: &Authority, finding: Finding) -> Option<Finding> {
    for (i, ca) in line.iter().enumerate() {
        let subject = ca.subject();
        if let Some(usage) = ca
            .key_usage()
            .filter(|u| !u.contains(KeyUsage::KEY_CERT_SIGN))
        {
            let found = format!("KeyUsage of {subject}: {usage}");
            return Some(
                finding
                    .found(found)
                    .expected("keyCertSign")
                    .citation("RFC 5280 4.2.1.3"),
            );
        }
        if let Some(KeyAlgorithm::Rsa(bits)) = ca.public_key().algorithm()
            && bits < 2048
        {
            let found = format!("{subject}: RSA {bits}");
            let finding = finding.found(found).expected("RSA 2048 or more");
            return Some(finding.citation("NIST SP 800-131A"));
        }
        if let Some(extension) = chain::not_understood(ca) {
            let found = format!("{subject}: {extension}");
            let finding = finding
                .found(found)
                .expected("critical extensions of RFC 5280 alone");
            return Some(
                finding
                    .affects("OpenSSL: \"unhandled critical extension\"; Go refuses it as well")
                    .citation("RFC 5280 4.2"),
            );
        }
        // How many CAs stand between this one and a leaf.
        let below = i + usize::from(authority.path_length.unwrap_or(0));
        let allowed = ca.basic_constraints().and_then(|b| b.path_length);
        if let Some(allowed) = allowed.and_then(|n| usize::try_from(n).ok())
            && allowed < below
        {
            let found = format!("{subject}: path length {allowed}, and {below} below it");
            let finding = finding.found(found).expected(format!("at least {below}"));
            return Some(finding.citation("RFC 5280 4.2.1.9"));
        }
    }
    None
}

/// What stands in the way of one pair.
fn for_pair(line: &[&Certificate], pair: &Pair, finding: Finding) -> Option<Finding> {
    let finding = finding.affects(format!("{} cannot be signed", pair.files.certificate));
    let names: Vec<GeneralName> = pair.names.iter().map(GeneralName::from).collect();
    for ca in line {
        let subject = ca.subject();
        let lacks = |wanted: &&Purpose| {
            let has = |all: &[Purpose]| all.contains(wanted) || all.contains(&Purpose::Any);
            ca.purposes().is_some_and(|all| !has(all))
        };
        if let Some(purpose) = pair.profile.rules().purposes.iter().find(lacks) {
            let found = format!("ExtendedKeyUsage of {subject} without {purpose}");
            let finding = finding
                .found(found)
                .expected(format!("{purpose}, or none at all"));
            return Some(finding.citation("RFC 5280 4.2.1.12"));
        }
        if let Some(name) = chain::outside(ca, &pair.subject, &names) {
            let found = format!("the name constraints of {subject} do not allow {name}");
            return Some(finding.found(found).citation("RFC 5280 4.2.1.10"));
        }
    }
    let signer = line.first()?;
    (*signer.subject() == pair.subject).then(|| {
        finding
            .found(format!("{} has the same subject", pair.id))
            .expected("another `subject` for one of them")
            .fix(format!("set `subject` in service.{}", pair.id.service))
            .citation(rule::SUBJECT_IS_ISSUER.citation)
    })
}
