//! Whether OpenSSL takes one certificate for the issuer of another, short of
//! the signature.

use super::key::readable;
use super::names::is_malformed;
use super::points;
use crate::cert::{Certificate, oid};
use crate::consumer::{facts, keys};
use crate::der::{self, tag};
use crate::model::dn::DnCompare;
use crate::model::san::GeneralName;

/// `EXFLAG_SI`
pub(super) fn self_issued(cert: &Certificate) -> bool {
    cert.issuer().equals(cert.subject(), DnCompare::OpenSsl)
}

/// `EXFLAG_SS`: names, key ids and algorithms say so, no signature is verified.
pub(super) fn self_signed(cert: &Certificate) -> bool {
    self_issued(cert) && key_ids_agree(cert, cert) && algorithms_agree(cert, cert)
}

/// `EXFLAG_INVALID`: an extension that cannot be read, or is there twice, of
/// those that are read when a certificate is first used.
pub(super) fn invalid(cert: &Certificate) -> bool {
    const READ: [&str; 9] = [
        oid::BASIC_CONSTRAINTS,
        oid::KEY_USAGE,
        oid::EXTENDED_KEY_USAGE,
        oid::SUBJECT_KEY_ID,
        oid::AUTHORITY_KEY_ID,
        oid::SUBJECT_ALT_NAME,
        oid::NAME_CONSTRAINTS,
        "2.5.29.31",
        facts::NETSCAPE_TYPE,
    ];
    let read = |oid: &str| READ.contains(&oid);
    if facts::duplicate(cert, |e| read(&e.oid)).is_some() {
        return true;
    }
    cert.extensions().iter().any(|e| match e.oid.as_str() {
        oid::BASIC_CONSTRAINTS => match facts::basic(cert) {
            Some(basic) => basic.path_length.is_some_and(|length| length < 0),
            None => true,
        },
        oid::KEY_USAGE => cert.key_usage().is_none_or(|usage| usage.bits() == 0),
        oid::EXTENDED_KEY_USAGE => cert.purposes().is_none() && !facts::purposes_empty(cert),
        oid::SUBJECT_KEY_ID => cert.subject_key_id().is_none(),
        oid::AUTHORITY_KEY_ID => cert.authority_key_id().is_none(),
        oid::SUBJECT_ALT_NAME => {
            let empty = e.value == [tag::SEQUENCE, 0];
            (!cert.has_names() && !empty) || cert.names().iter().any(is_malformed)
        }
        oid::NAME_CONSTRAINTS => match cert.name_constraints() {
            Some(constraints) => {
                let lists = [&constraints.permitted, &constraints.excluded];
                let mut bases = lists.into_iter().flatten().flatten();
                bases.any(|subtree| is_malformed(&subtree.base))
            }
            None => e.value != [tag::SEQUENCE, 0],
        },
        facts::NETSCAPE_TYPE => facts::netscape_type(cert).is_none(),
        "2.5.29.31" => !points::readable(&e.value),
        _ => false,
    })
}

/// `ossl_x509_likely_issued`: names, key ids, and the kind of the key, of a child that
/// is not [`invalid`].
pub(super) fn likely_issued(issuer: &Certificate, child: &Certificate) -> bool {
    child.issuer().equals(issuer.subject(), DnCompare::OpenSsl)
        && !invalid(issuer)
        && key_ids_agree(issuer, child)
        && algorithms_agree(issuer, child)
}

/// `X509_check_akid`
pub(super) fn key_ids_agree(issuer: &Certificate, child: &Certificate) -> bool {
    let Some(aki) = child.authority_key_id() else {
        return true;
    };
    if let (Some(asked), Some(given)) = (aki.key_id.as_deref(), issuer.subject_key_id())
        && asked != given
    {
        return false;
    }
    if aki
        .serial
        .as_deref()
        .is_some_and(|serial| serial != issuer.serial().octets())
    {
        return false;
    }
    let directory = aki.issuer.iter().flatten().find_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    });
    directory.is_none_or(|name| name.equals(issuer.issuer(), DnCompare::OpenSsl))
}

/// DSA with SHA-1, by both names, SHA-224 and SHA-256: those of `obj_xref.h`.
const DSA: [&str; 4] = [
    "1.2.840.10040.4.3",
    "1.3.14.3.2.27",
    "2.16.840.1.101.3.4.3.1",
    "2.16.840.1.101.3.4.3.2",
];

/// `check_sig_alg_match`; of a key that cannot be read no issuer is made.
fn algorithms_agree(issuer: &Certificate, child: &Certificate) -> bool {
    let key = keys::kind(issuer).filter(|_| readable(issuer));
    // The one inside the signed part is looked at.
    let signature = facts::inner_algorithm(child)
        .and_then(|inner| der::oid_text(inner.reader().element(tag::OID).ok()?.value));
    let (Some(key), Some(signature)) = (key, signature) else {
        return false;
    };
    match key.as_str() {
        "1.2.840.10045.2.1" => signature.starts_with("1.2.840.10045.4."),
        "1.2.840.113549.1.1.1" => {
            signature.starts_with("1.2.840.113549.1.1.") || signature == "1.3.14.3.2.29"
        }
        "1.2.840.10040.4.1" => DSA.contains(&&*signature),
        // Ed25519, Ed448, RSA-PSS: the key's OID is the signature's.
        other => signature == other,
    }
}
