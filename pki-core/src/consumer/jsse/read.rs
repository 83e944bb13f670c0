//! What the JDK does not read.

use super::{names, policies};
use crate::cert::{Certificate, Extension, oid};
use crate::consumer::facts;
use crate::consumer::keys;
use crate::consumer::rule::Seen;
use crate::consumer::signature;
use crate::der::{self, tag};
use crate::key::PssFault;
use crate::model::algorithm::KeyAlgorithm;

/// What the JDK refuses of a key. Whether a point is on its curve is not asked.
pub(super) fn public_key(seen: &Seen<'_>) -> Option<String> {
    let cert = seen.cert();
    let bits = cert.public_key().key_bits();
    if keys::curve(cert).is_some_and(|curve| curve.is_listed()) {
        let octets = match cert.public_key().algorithm() {
            Some(KeyAlgorithm::EcdsaP256) => Some(65),
            Some(KeyAlgorithm::EcdsaP384) => Some(97),
            Some(KeyAlgorithm::EcdsaP521) => Some(133),
            _ => None,
        };
        let odd = bits.first() != Some(&4) || octets.is_some_and(|octets| bits.len() != octets);
        return odd.then(|| "Invalid EC key".into());
    }
    match keys::kind(cert)?.as_str() {
        "1.3.101.112" => (bits.len() != 32).then(|| "key length must be 32".into()),
        "1.2.840.113549.1.1.1" => match keys::rsa_numbers(cert) {
            Some(numbers) => rsa_key(numbers),
            None => Some("Invalid RSA public key".into()),
        },
        _ => None,
    }
}

fn rsa_key([modulus, exponent]: [&[u8]; 2]) -> Option<String> {
    let bits = bits(modulus).next_multiple_of(8);
    Some(
        match () {
            () if bits < 512 => "RSA keys must be at least 512 bits long",
            () if bits > 16_384 => "RSA keys must be no longer than 16384 bits",
            () if bits > 3072 && self::bits(exponent) > 64 => {
                "RSA exponents can be no longer than 64 bits  if modulus is greater than 3072 bits"
            }
            () if (exponent.len(), exponent) >= (modulus.len(), modulus) => {
                "exponent is larger than modulus"
            }
            () if matches!(exponent, [] | [..=2]) => "exponent is smaller than 3",
            () => return None,
        }
        .into(),
    )
}

/// How many bits a number without leading zeros has.
fn bits(number: &[u8]) -> usize {
    let zeros = number.first().map_or(0, |o| o.leading_zeros());
    number.len() * 8 - usize::try_from(zeros).unwrap_or(0)
}

/// What the JDK refuses of the algorithm of the signature.
pub(super) fn algorithm(seen: &Seen<'_>) -> Option<String> {
    let cert = seen.cert();
    let extra = signature::has_extra(cert.algorithm_identifier());
    let fault = signature::form(cert).and_then(|form| form.fault);
    let found = match fault {
        _ if extra => "Invalid AlgorithmIdentifier: extra data",
        Some(PssFault::BehindHash) => "Invalid AlgorithmIdentifier: extra data",
        Some(PssFault::ForTrailer | PssFault::BehindTrailer) => "Invalid encoded PSSParameters",
        Some(PssFault::Trailer) => "Unsupported trailerField value",
        None => return None,
    };
    Some(found.to_owned())
}

/// Whether a signature whose algorithm begins so, PSS aside, has parameters that
/// are not NULL.
pub(super) fn parameters(cert: &Certificate, arc: &str) -> bool {
    let oid = signature::algorithm(cert).unwrap_or_default();
    let Ok(identifier) = der::only(cert.algorithm_identifier(), tag::SEQUENCE) else {
        return false;
    };
    let given = facts::elements(&mut identifier.reader())
        .nth(1)
        .is_some_and(|e| e.raw != [tag::NULL, 0]);
    given && oid.starts_with(arc) && oid != signature::PSS
}

pub(super) fn old_version(seen: &Seen<'_>) -> Option<String> {
    let cert = seen.cert();
    let more = !cert.extensions().is_empty() || facts::has_unique_id(cert);
    match cert.version() {
        1 if more => Some("no more data allowed for version 1 certificate".into()),
        1 | 3 => None,
        _ if !cert.extensions().is_empty() => {
            Some("Extensions not allowed in v2 certificate".into())
        }
        _ => None,
    }
}

/// Whether the JDK's class for an extension refuses its octets.
pub(super) fn unparseable(cert: &Certificate, extension: &Extension) -> bool {
    let value = &extension.value;
    match extension.oid.as_str() {
        oid::BASIC_CONSTRAINTS => facts::basic(cert).is_none_or(|basic| {
            let length = basic.path_length.unwrap_or(0);
            i32::try_from(length).is_err()
        }),
        "2.5.29.31" | "2.5.29.33" | "2.5.29.36" => der::only(value, tag::SEQUENCE).is_err(),
        policies::POLICIES => policies::read(value).is_none(),
        "2.5.29.54" => der::only(value, tag::INTEGER).is_err(),
        oid::KEY_USAGE => der::only(value, tag::BIT_STRING).is_err(),
        oid::SUBJECT_ALT_NAME => names::alternative(cert).is_none(),
        oid::EXTENDED_KEY_USAGE => cert.purposes().is_none() && !facts::purposes_empty(cert),
        oid::NAME_CONSTRAINTS => names::constraints_unparseable(cert),
        oid::SUBJECT_KEY_ID => cert.subject_key_id().is_none(),
        oid::AUTHORITY_KEY_ID => cert.authority_key_id().is_none(),
        facts::NETSCAPE_TYPE => facts::netscape_type(cert).is_none(),
        _ => false,
    }
}

pub(super) fn empty_subject(seen: &Seen<'_>) -> Option<String> {
    let cert = seen.cert();
    if !cert.subject().is_empty() {
        return None;
    }
    let extension = facts::extension(cert, oid::SUBJECT_ALT_NAME);
    match (names::alternative(cert), extension) {
        (Some([]), Some(_)) => {
            Some("subject field is empty, and SubjectAlternativeName extension is empty".into())
        }
        (Some(_), Some(extension)) if !extension.critical => Some(
            "SubjectAlternativeName extension MUST be marked critical when subject field is empty"
                .into(),
        ),
        (Some(_), Some(_)) => None,
        _ => Some("subject field is empty, and SubjectAlternativeName extension is absent".into()),
    }
}
