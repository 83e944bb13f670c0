//! Keys and signature algorithms (CA/B BR 6.1.5, 6.1.6, 7.1.3). How each is
//! encoded is fixed octet for octet.

use crate::cert::{Certificate, Fault as Flaw};
use crate::chain::check;
use crate::der::{self, DerError, tag};
use crate::key;
use crate::model::algorithm::{KeyAlgorithm, SignatureAlgorithm};

/// 7.1.3.1.1: rsaEncryption with NULL.
const RSA: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0,
];

pub(super) fn flaws(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    let key = cert.public_key();
    let mut wrong = |clause, found: String, expected: &str| {
        let flaw = super::by(&check::KEY_NOT_ALLOWED, clause);
        flaws.push(flaw.found(found).expected(expected));
    };
    match key.algorithm() {
        Some(KeyAlgorithm::Rsa(bits)) => {
            if key.algorithm_identifier() != RSA {
                let found = "rsaEncryption with other parameters".into();
                wrong("CA/B BR 7.1.3.1.1", found, "NULL");
            }
            if bits < 2048 || bits % 8 != 0 {
                let expected = "2048 bits or more, divisible by 8";
                wrong("CA/B BR 6.1.5", format!("RSA {bits}"), expected);
            }
            if !exponent(key.key_bits()).is_ok_and(good_exponent) {
                let found = "a public exponent that is even, below 3 or unreadable";
                wrong("CA/B BR 6.1.6", found.into(), "an odd one, 3 or more");
            }
        }
        Some(KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 | KeyAlgorithm::EcdsaP521) => {}
        _ => wrong(
            "CA/B BR 7.1.3.1",
            key.describe(),
            "RSA, or a P-256, P-384 or P-521 key with its curve named",
        ),
    }
}

/// Content octets of the public exponent in an `RSAPublicKey`.
fn exponent(key: &[u8]) -> Result<&[u8], DerError> {
    let mut reader = der::only(key, tag::SEQUENCE)?.reader();
    reader.element(tag::INTEGER)?;
    Ok(reader.element(tag::INTEGER)?.value)
}

fn good_exponent(octets: &[u8]) -> bool {
    match octets {
        [first, ..] if *first >= 0x80 => false,
        [] | [0 | 1] => false,
        [.., last] => last % 2 == 1,
    }
}

/// 7.1.3.2: the algorithm that the certificate is signed with.
pub(super) fn signature(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    let identifier = cert.algorithm_identifier();
    let known = match SignatureAlgorithm::from_identifier(identifier) {
        Some(SignatureAlgorithm::Ed25519) => false,
        Some(_) => true,
        // The one encoding that 7.1.3.2.1 has.
        None => key::is_usual_pss(identifier),
    };
    if !known {
        flaws.push(
            check::SIGNATURE_NOT_ALLOWED
                .fails()
                .found(name(identifier))
                .expected("RSA or ECDSA with SHA-256, SHA-384 or SHA-512"),
        );
    }
}

/// The dotted OID of an AlgorithmIdentifier.
fn name(identifier: &[u8]) -> String {
    let oid = der::only(identifier, tag::SEQUENCE).and_then(|i| i.reader().element(tag::OID));
    oid.ok()
        .and_then(|oid| der::oid_text(oid.value))
        .map_or_else(
            || "no OID".into(),
            |oid| format!("{oid}, or its parameters"),
        )
}

/// 7.1.3.2.2: an EC key signs with the hash of its size.
pub(in crate::chain) fn signature_for_key(
    child: &Certificate,
    issuer: &Certificate,
) -> Option<Flaw> {
    let found = child.signature_algorithm()?;
    let key = issuer.public_key().algorithm()?;
    let expected = match key {
        KeyAlgorithm::EcdsaP256 => SignatureAlgorithm::EcdsaSha256,
        KeyAlgorithm::EcdsaP384 => SignatureAlgorithm::EcdsaSha384,
        KeyAlgorithm::EcdsaP521 => SignatureAlgorithm::EcdsaSha512,
        _ => return None,
    };
    (found != expected).then(|| {
        super::by(&check::SIGNATURE_NOT_ALLOWED, "CA/B BR 7.1.3.2.2")
            .found(format!("{} by a {} key", found.name(), key.title()))
            .expected(expected.name())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents() {
        for (octets, good) in [
            (&[1, 0, 1][..], true),
            (&[3], true),
            (&[0, 0x81], true),
            (&[1], false),
            (&[0], false),
            (&[2], false),
            (&[0x81], false),
            (&[], false),
        ] {
            assert_eq!(good_exponent(octets), good, "{octets:02x?}");
        }
    }
}
