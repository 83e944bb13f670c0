//! Whether an authority is signed by who should have signed it.

use super::ask::{external_issuer, waiting};
use super::{at, restore};
use crate::cert::Certificate;
use crate::inventory::Inventory;
use crate::model::dn::Dn;
use crate::model::path::TreePath;
use crate::report::{Finding, rule};
use crate::stack::{Authority, Generation, Origin, Stack};

/// That an authority is not signed by who should have signed it.
#[derive(Debug)]
pub struct NotBelow {
    /// Who did, and who should have.
    pub why: String,
    /// Whether the right one has but to sign it again, with the key it has.
    pub mends: bool,
    /// The same for people.
    pub finding: Finding,
}

/// Whether `ca`, at the place of `generation`, is not signed by the issuer that
/// the manifest names; of one without, whether it is no root. One from
/// elsewhere, without an issuer in the manifest, stands for itself.
pub fn not_below(
    authority: &Authority,
    generation: &Generation,
    ca: &Certificate,
    stack: &Stack,
    inventory: &Inventory,
) -> Option<NotBelow> {
    let place = &generation.certificate;
    let issuer = match &authority.origin {
        Origin::Issuer(issuer) => issuer,
        Origin::Root => return no_root(authority, generation, ca, stack, inventory),
        Origin::External => return None,
    };
    let above = inventory.signers(stack, issuer);
    let first = above.first()?;
    if inventory.is_below(ca, place, &above) {
        return None;
    }
    let why = format!("signed by {}, not by {}", ca.issuer(), first.subject());
    if let Some(issuer) = external_issuer(authority, stack) {
        let told = format!("issuer replaced: {why}");
        let mut finding = waiting(authority, issuer, generation, inventory, told);
        if let Some(between) = may_be_between(ca, place, &above, inventory)
            && let Some(fix) = &mut finding.fix
        {
            let issuer = &issuer.name;
            *fix = format!(
                "if `{issuer}` signed {between}: add the certificate of {between} to `{place}`, then: pki apply; else {fix}"
            );
        }
        return Some(NotBelow {
            why,
            mends: true,
            finding,
        });
    }
    let ours = inventory.issued().contains(ca);
    let found = if ca.issuer().raw() == first.subject().raw() {
        "another key, or altered after it was signed".to_owned()
    } else {
        ca.issuer().to_string()
    };
    let finding = rule::AUTHORITY_ISSUER
        .at(at(place))
        .found(found)
        .expected(format!("signed by {}", first.subject()))
        .fix(if ours {
            "pki apply".to_owned()
        } else {
            restore(place)
        });
    Some(NotBelow {
        why,
        mends: ours,
        finding,
    })
}

/// Who signed a CA, where that may be one between it and those of `above`, such
/// as the issuing CA of a company: its certificate is not there.
fn may_be_between(
    ca: &Certificate,
    place: &TreePath,
    above: &[&Certificate],
    inventory: &Inventory,
) -> Option<Dn> {
    let line = inventory.line(ca, place);
    let top = line.last().filter(|top| !top.is_self_issued())?;
    let of_above = above.iter().any(|a| a.subject() == top.issuer());
    (!of_above).then(|| top.issuer().clone())
}

/// A root of the manifest whose certificate was signed here by another: its
/// `issuer` was taken out. In trust files it would stand in the place of the
/// root that it needs.
fn no_root(
    authority: &Authority,
    generation: &Generation,
    ca: &Certificate,
    stack: &Stack,
    inventory: &Inventory,
) -> Option<NotBelow> {
    if ca.is_root() {
        return None;
    }
    let ours = |a: &&Authority| a.name != authority.name && a.origin != Origin::External;
    let by = |a: &&Authority| {
        let signers = inventory.signers(stack, &a.name);
        signers.iter().any(|above| ca.is_signed_by(above))
    };
    let signer = stack.authorities.iter().filter(ours).find(by);
    if signer.is_none() && !inventory.issued().contains(ca) {
        return None;
    }
    let name = &authority.name;
    let back = match signer {
        Some(signer) => format!("write `issuer = \"{}\"` in [authority.{name}]", signer.name),
        None => format!("write its `issuer` again in [authority.{name}]"),
    };
    Some(NotBelow {
        why: format!("signed by {}, not by itself", ca.issuer()),
        mends: false,
        finding: rule::AUTHORITY_ISSUER
            .at(at(&generation.certificate))
            .found(format!("signed by {}", ca.issuer()))
            .expected("signed by itself: without `issuer` it is a root")
            .fix(format!(
                "{back}; for a new root give it another name than `{name}` and another `subject`"
            )),
    })
}
