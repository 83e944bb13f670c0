//! What makes a CA, and what `X509_V_FLAG_X509_STRICT` asks besides.

use super::issued::self_signed;
use crate::cert::{Certificate, oid};
use crate::consumer::facts;
use crate::consumer::rule::{Seen, when};
use crate::der::tag;
use crate::model::usage::KeyUsage;

/// `EXFLAG_CA`
fn is_ca(cert: &Certificate) -> bool {
    facts::basic(cert).is_some_and(|b| b.ca)
}

/// What `check_ca` makes of a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ca {
    No,
    Yes,
    /// v1 and self-signed, or KeyUsage with keyCertSign alone: not strict.
    Lenient,
    /// By nsCertType alone: not strict either.
    Netscape,
}

pub(super) fn check_ca(cert: &Certificate) -> Ca {
    let usage = cert.key_usage();
    if usage.is_some_and(|u| !u.contains(KeyUsage::KEY_CERT_SIGN)) {
        return Ca::No;
    }
    let netscape_ca =
        facts::netscape_type(cert).is_some_and(|bits| bits & facts::NETSCAPE_ANY_CA != 0);
    match facts::basic(cert) {
        Some(basic) if basic.ca => Ca::Yes,
        None if cert.version() == 1 && self_signed(cert) => Ca::Lenient,
        None if usage.is_some() => Ca::Lenient,
        None if netscape_ca => Ca::Netscape,
        Some(_) | None => Ca::No,
    }
}

pub(super) fn invalid_ca(seen: &Seen<'_>) -> Option<String> {
    let last = seen.at + 1 == seen.path.len();
    when(match check_ca(seen.cert()) {
        Ca::Yes => false,
        Ca::No => !seen.is_target(),
        Ca::Lenient | Ca::Netscape => !seen.is_target() && !last,
    })
}

pub(super) fn invalid_ca_strict(seen: &Seen<'_>) -> Option<String> {
    when(match check_ca(seen.cert()) {
        Ca::Yes => false,
        Ca::No => !seen.is_target(),
        Ca::Lenient | Ca::Netscape => true,
    })
}

/// `X509_V_FLAG_X509_STRICT`: asked in a chain of two or more.
pub(super) fn strict(seen: &Seen<'_>) -> Option<String> {
    let last = seen.at + 1 == seen.path.len();
    let found = strict_one(seen.cert(), last).filter(|_| seen.path.len() > 1)?;
    Some(found.to_owned())
}

fn strict_one(cert: &Certificate, last: bool) -> Option<&'static str> {
    let ca = is_ca(cert);
    let basic = facts::basic(cert);
    let usage = cert.key_usage();
    let signs = usage.is_some_and(|u| u.contains(KeyUsage::KEY_CERT_SIGN));
    let critical = |oid: &str| facts::extension(cert, oid).is_some_and(|e| e.critical);
    let no_subject = cert.subject().is_empty();
    if basic.is_some_and(|b| b.path_length.is_some()) {
        if !ca {
            return Some("Path length invalid for non-CA cert");
        }
        // Without KeyUsage all bits count as set.
        if usage.is_some() && !signs {
            return Some("Path length given without key usage keyCertSign");
        }
    }
    if ca && !critical(oid::BASIC_CONSTRAINTS) {
        return Some("Basic Constraints of CA cert not marked critical");
    }
    if ca && usage.is_none() {
        return Some("CA cert does not include key usage extension");
    }
    // Without KeyUsage the cached bits are all set: v1 leaves too.
    if !ca && signs {
        return Some("Key usage keyCertSign invalid for non-CA cert");
    }
    if cert.issuer().is_empty() {
        return Some("Issuer name empty");
    }
    let crl_sign = usage.is_some_and(|u| u.contains(KeyUsage::CRL_SIGN));
    if no_subject && (ca || crl_sign || !cert.has_names()) {
        return Some("Subject name empty");
    }
    if no_subject && !critical(oid::SUBJECT_ALT_NAME) {
        return Some("Subject empty and Subject Alt Name extension not critical");
    }
    if facts::names_der(cert).is_some_and(|der| der == [tag::SEQUENCE, 0]) {
        return Some("Empty Subject Alternative Name extension");
    }
    if facts::has_fault(cert, "algorithms-differ") {
        return Some("cert info signature and signature algorithm mismatch");
    }
    if cert.version() >= 3 {
        let named = cert
            .authority_key_id()
            .is_some_and(|aki| aki.key_id.is_some());
        if !last && !named {
            return Some("Missing Authority Key Identifier");
        }
        if ca && cert.subject_key_id().is_none() {
            return Some("Missing Subject Key Identifier");
        }
    } else if !cert.extensions().is_empty() {
        return Some("Using cert extension requires at least X509v3");
    }
    None
}
