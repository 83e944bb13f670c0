//! What was just issued, judged by the verifying side before it is written.

use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::inventory::Inventory;
use crate::key::PublicKey;
use crate::model::profile::Profile;
use crate::model::san::{GeneralName, San};
use crate::stack::{Authority, Origin, Stack};

/// A new leaf: chain, purpose, validity, constraints, names and key.
#[expect(clippy::too_many_arguments, reason = "each is a fact to compare with")]
pub(super) fn leaf(
    certificate: &Certificate,
    profile: Profile,
    names: &[San],
    public: &PublicKey,
    authority: &str,
    stack: &Stack,
    inventory: &Inventory,
    now: Timestamp,
) -> Result<()> {
    if certificate.public_key() != public {
        return Err(Error::usage(
            "the new certificate has another key than the one it is for",
        ));
    }
    let wanted: Vec<GeneralName> = names.iter().map(GeneralName::from).collect();
    if certificate.names() != wanted {
        return Err(Error::usage(
            "the new certificate has other names than asked for",
        ));
    }
    let pool: Vec<Certificate> = inventory
        .intermediates(stack, authority)
        .into_iter()
        .cloned()
        .collect();
    let anchors = anchors(authority, stack, inventory);
    for purpose in profile.rules().purposes {
        let policy = ChainPolicy::strict(Some(purpose.clone())).with_any_anchor();
        accepted(&chain::build(certificate, &pool, &anchors, &policy, now))?;
    }
    Ok(())
}

/// A new CA certificate.
pub(super) fn authority(
    certificate: &Certificate,
    authority: &Authority,
    stack: &Stack,
    inventory: &Inventory,
    now: Timestamp,
) -> Result<()> {
    let policy = ChainPolicy::strict(None).with_any_anchor();
    let outcome = match &authority.origin {
        Origin::Issuer(issuer) => {
            let pool: Vec<Certificate> = inventory
                .intermediates(stack, issuer)
                .into_iter()
                .cloned()
                .collect();
            let anchors = anchors(issuer, stack, inventory);
            chain::build(certificate, &pool, &anchors, &policy, now)
        }
        Origin::Root | Origin::External => {
            if !certificate.is_signed_by(certificate) {
                return Err(Error::usage(
                    "the new root does not verify with its own key",
                ));
            }
            chain::build(
                certificate,
                &[],
                &[Anchor::new(certificate.clone())],
                &policy,
                now,
            )
        }
    };
    accepted(&outcome)
        .map_err(|e| e.context(format!("authority `{}` was not made", authority.name)))
}

/// The root above an authority: of one that signs here, the generation that
/// does; of one elsewhere, whatever its file holds.
fn anchors(authority: &str, stack: &Stack, inventory: &Inventory) -> Vec<Anchor> {
    stack
        .root_of(authority)
        .map(|root| inventory.signers(stack, &root.name))
        .unwrap_or_default()
        .into_iter()
        .cloned()
        .map(Anchor::new)
        .collect()
}

/// Whether a chain holds; else why not.
pub(super) fn accepted(outcome: &Outcome) -> Result<()> {
    match outcome {
        Outcome::Accepted(_) => Ok(()),
        Outcome::Refused(explanation) | Outcome::Undecided(_, explanation) => {
            let mut error = Error::usage("the new certificate does not verify; it was not written");
            for fault in explanation.faults().iter().take(3) {
                error = error.cause(format!(
                    "{}: `{}`: {} ({})",
                    fault.check, fault.at.subject, fault.found, fault.clause
                ));
                if fault.check == "common-name-not-permitted" {
                    error = error.hint("give it a host in `hosts`, or a `subject` with a CN that cannot be a host, such as \"CN=aistor client\"");
                }
            }
            Err(error)
        }
    }
}
