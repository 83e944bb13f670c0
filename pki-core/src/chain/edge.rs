//! What is wrong between one certificate and a possible issuer.

use super::check;
use super::graph::{Candidate, Graph};
use super::policy::ChainPolicy;
use super::webpki;
use crate::cert::{AuthorityKeyId, Certificate, Fault as Flaw};
use crate::key::SignatureFault;
use crate::model::dn::DnCompare;
use crate::model::san::GeneralName;

/// How well the key ids of a child and a possible issuer agree (RFC 5280
/// 4.2.1.1); the best comes first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum KeyId {
    Same,
    Unsaid,
    Other,
}

/// The rank of `issuer` among the possible issuers of `child`.
pub(super) fn key_id(child: &Certificate, issuer: &Certificate, dn: DnCompare) -> KeyId {
    let Some(aki) = child.authority_key_id() else {
        return KeyId::Unsaid;
    };
    if by_issuer_and_serial(aki, issuer, dn) == Some(false) {
        return KeyId::Other;
    }
    match (aki.key_id.as_deref(), issuer.subject_key_id()) {
        (Some(asked), Some(given)) if asked == given => KeyId::Same,
        (Some(_), Some(_)) => KeyId::Other,
        _ => KeyId::Unsaid,
    }
}

/// The form of an AKI that names the issuer's issuer and serial number.
fn by_issuer_and_serial(aki: &AuthorityKeyId, issuer: &Certificate, dn: DnCompare) -> Option<bool> {
    let names = aki.issuer.as_deref()?;
    let serial = aki.serial.as_deref()?;
    let directory = names.iter().filter_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    });
    // Other names say nothing that could be compared.
    let mut same = directory
        .map(|name| name.equals(issuer.issuer(), dn))
        .peekable();
    let same_name = same.peek().is_none() || same.any(|same| same);
    Some(same_name && serial == issuer.serial().octets())
}

/// All but the signature.
pub(super) fn flaws(
    graph: &Graph<'_>,
    child: usize,
    candidate: Candidate,
    policy: &ChainPolicy,
) -> Vec<Flaw> {
    let (child, issuer) = (graph.node(child).cert, graph.node(candidate.node).cert);
    between(child, issuer, candidate.by_name, policy)
}

/// As [`flaws`], for two certificates; `by_name` says whether the name of one is
/// the issuer of the other.
pub(super) fn between(
    child: &Certificate,
    issuer: &Certificate,
    by_name: bool,
    policy: &ChainPolicy,
) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if !by_name {
        flaws.push(
            check::ISSUER_NAME
                .fails()
                .found(format!("issuer {}", child.issuer()))
                .expected(format!("{}, whose key id is named", issuer.subject())),
        );
    }
    if key_id(child, issuer, policy.dn) == KeyId::Other {
        let found = child.authority_key_id().and_then(|a| a.key_id.as_deref());
        let found = found.filter(|id| Some(*id) != issuer.subject_key_id());
        let fault = check::AKI_MISMATCH.fails();
        flaws.push(match found {
            Some(id) => fault
                .found(hex(id))
                .expected(issuer.subject_key_id().map_or("none".into(), hex)),
            None => fault
                .found("issuer and serial number of another certificate")
                .expected(format!("{}, {}", issuer.issuer(), issuer.serial())),
        });
    }
    if policy.checks.counts(check::SIGNATURE_NOT_ALLOWED.id) {
        flaws.extend(webpki::signature_for_key(child, issuer));
    }
    flaws.retain(|flaw| policy.checks.counts(flaw.check));
    flaws
}

/// Whether the issuer's key made the child's signature; the costly part.
pub(super) fn signature(child: &Certificate, issuer: &Certificate) -> Result<(), Flaw> {
    let verified = child.verify_signature(issuer.public_key());
    verified.map_err(|fault| {
        let check = match fault {
            SignatureFault::Bad => check::SIGNATURE,
            SignatureFault::Mismatch { .. } => check::SIGNATURE_KEY,
            SignatureFault::KeySize { .. } => check::WEAK_KEY,
            _ => check::SIGNATURE_ALGORITHM,
        };
        check
            .fails()
            .found(fault.to_string())
            .expected(format!("the signature of {}", issuer.subject()))
    })
}

/// Octets as key ids are written.
pub(super) fn hex(octets: &[u8]) -> String {
    octets
        .iter()
        .fold(String::new(), |hex, octet| format!("{hex}{octet:02X}"))
}
