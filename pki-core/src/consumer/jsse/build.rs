//! How Java's builder puts issuers in order, and how what is found is printed.

use super::{BAD_SIGNATURE, NO_PATH};
use crate::cert::{Certificate, oid};
use crate::consumer::rule::Rule;
use crate::consumer::search::{End, Miss};
use crate::consumer::{Refusal, facts};
use crate::der::{self, tag};
use crate::model::dn::DnCompare;

/// Why the builder found nothing is not printed.
pub(super) fn report(misses: &[Miss<'_>], _: Option<&Rule>) -> Refusal {
    let text = NO_PATH.refusal("").text;
    let told = misses.iter().rev().find_map(|miss| match &miss.end {
        End::Signature => Some(BAD_SIGNATURE.id),
        End::Rule(_, refusal) => Some(refusal.rule),
        End::Above => None,
    });
    let rule = told.unwrap_or(NO_PATH.id);
    Refusal { rule, text }
}

/// How the trust manager prints what its validator found.
pub(super) fn printed(words: &str) -> String {
    // What is thrown beside the checks is not caught.
    if words.contains("Exception: ") && !words.starts_with("java.io.IOException: ") {
        return words.to_owned();
    }
    format!("PKIX path validation failed: java.security.cert.CertPathValidatorException: {words}")
}

/// `AdaptableX509CertSelector`: key id and serial number, where both have them.
/// The key id is compared with its frame.
pub(super) fn key_id_fits(child: &Certificate, anchor: &Certificate) -> bool {
    let Some(aki) = child.authority_key_id() else {
        return true;
    };
    let given = facts::extension(anchor, oid::SUBJECT_KEY_ID);
    let key_id = match (aki.key_id.as_deref(), given) {
        (Some(asked), Some(given)) => der::encode(tag::OCTET_STRING, asked) == given.value,
        _ => true,
    };
    let serial = match aki.serial.as_deref() {
        Some(serial) if anchor.version() == 3 => serial == anchor.serial().octets(),
        _ => true,
    };
    key_id && serial
}

/// `ForwardBuilder.PKIXCertComparator`: key ids first, then issuers that are trusted; among equals the last comes
/// first, since each new one is put before those it is not worse than.
pub(super) fn preferred(
    child: &Certificate,
    anchors: &[&Certificate],
    names: DnCompare,
    candidates: &mut [(&Certificate, bool)],
) {
    let wanted = child
        .authority_key_id()
        .and_then(|aki| aki.key_id.as_deref());
    candidates.reverse();
    candidates.sort_by_cached_key(|(issuer, _)| {
        let by_key = wanted.is_some() && issuer.subject_key_id() == wanted;
        let trusted = anchors
            .iter()
            .any(|a| issuer.issuer().equals(a.subject(), names));
        (!by_key, !trusted)
    });
}
