//! What is wrong with a public key by itself.

use super::oid;
use super::pss::Pss;
use super::public::PublicKey;
use super::signature::SignatureFault;
use crate::der::{self, DerError, tag};
use crate::model::algorithm::KeyAlgorithm;

impl PublicKey {
    /// What is wrong with the parameters of its AlgorithmIdentifier: for RSA they
    /// are NULL (RFC 3279 2.3.1), for EC the OID of a curve (RFC 5480 2.1.1), for
    /// Ed25519, X25519 and their like absent (RFC 8410 3). `None` where nothing is,
    /// or where the algorithm is not known here.
    pub fn odd_parameters(&self) -> Option<&'static str> {
        let (algorithm, parameters) = self.algorithm_parts();
        // 1.3.101.110 to .113 are X25519, X448, Ed25519, Ed448.
        let edwards = matches!(algorithm, [0x2b, 0x65, 0x6e..=0x71]);
        match (algorithm, parameters) {
            (oid::RSA, Some([tag::NULL, 0])) | (oid::RSA_PSS, None) => None,
            (oid::RSA, _) => Some("parameters that are not NULL beside rsaEncryption"),
            (oid::RSA_PSS, bound) => match Pss::read(bound) {
                // A hash that is weak or not known makes no malformed key.
                Err(SignatureFault::Parameters(why)) => Some(why),
                _ => None,
            },
            (oid::EC, Some(parameters)) => match der::only(parameters, tag::OID) {
                Ok(_) => None,
                Err(_) => Some("EC parameters that are not the name of a curve"),
            },
            (oid::EC, None) => Some("no EC parameters"),
            (_, Some(_)) if edwards => Some("parameters where none belong"),
            _ => None,
        }
    }

    /// What is wrong with the key itself: an `RSAPublicKey` of two positive, odd
    /// numbers in their shortest form, the exponent from 3 to below the modulus
    /// (RFC 8017 3.1, A.1.1); a point, compressed or not, on its curve (RFC 5480
    /// 2.2); 32 octets for Ed25519 (RFC 8032 5.1.5). `None` where nothing is, or
    /// where kind or curve are not known here.
    ///
    /// Not said: whether an Ed25519 key is a point, whether a modulus is the
    /// product of two primes, whether anybody has the private key.
    pub fn unsound(&self) -> Option<&'static str> {
        let bits = self.key_bits();
        let off = "a point that is not on its curve";
        let on = |is: bool| (!is).then_some(off);
        match (self.algorithm_parts().0, self.algorithm()) {
            (oid::RSA | oid::RSA_PSS, _) => unsound_rsa(bits),
            (oid::ED25519, _) if bits.len() != 32 => Some("no 32 octets"),
            // Not the point at infinity, and no hybrid form.
            (oid::EC, Some(_)) if !matches!(bits, [2..=4, ..]) => Some(off),
            (_, Some(KeyAlgorithm::EcdsaP256)) => {
                on(p256::PublicKey::from_sec1_bytes(bits).is_ok())
            }
            (_, Some(KeyAlgorithm::EcdsaP384)) => {
                on(p384::PublicKey::from_sec1_bytes(bits).is_ok())
            }
            (_, Some(KeyAlgorithm::EcdsaP521)) => {
                on(p521::PublicKey::from_sec1_bytes(bits).is_ok())
            }
            _ => None,
        }
    }
}

fn unsound_rsa(bits: &[u8]) -> Option<&'static str> {
    let parts = || -> Result<_, DerError> {
        let mut reader = der::only(bits, tag::SEQUENCE)?.reader();
        let modulus = reader.element(tag::INTEGER)?.value;
        let exponent = reader.element(tag::INTEGER)?.value;
        reader.end()?;
        Ok([modulus, exponent])
    };
    let Ok([modulus, exponent]) = parts() else {
        return Some("no RSAPublicKey");
    };
    for number in [modulus, exponent] {
        match number {
            [0..=0x7f, ..] if der::is_minimal(number) => {}
            _ => {
                return Some(
                    "a modulus or exponent that is not a positive number in its shortest form",
                );
            }
        }
        if number.last().is_none_or(|o| o % 2 == 0) {
            return Some("a modulus or exponent that is even");
        }
    }
    if exponent == [1] {
        return Some("an exponent of 1");
    }
    // In their shortest form the longer one is the greater.
    let large = (exponent.len(), exponent) >= (modulus.len(), modulus);
    large.then_some("an exponent as large as its modulus")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(algorithm: &[&[u8]], bits: &[u8]) -> PublicKey {
        PublicKey::assemble(&der::sequence(algorithm), bits).unwrap()
    }

    fn oid_of(content: &[u8]) -> Vec<u8> {
        der::encode(tag::OID, content)
    }

    #[test]
    fn parameters() {
        let (rsa, pss, ec) = (oid_of(oid::RSA), oid_of(oid::RSA_PSS), oid_of(oid::EC));
        let (ed, x448) = (oid_of(oid::ED25519), oid_of(&[0x2b, 0x65, 0x6f]));
        let curve = oid_of(oid::P256);
        let null: &[u8] = &[tag::NULL, 0];
        for (i, (algorithm, right)) in [
            (&[&rsa[..], null][..], true),
            (&[&rsa], false),
            (&[&rsa, &curve], false),
            (&[&pss], true),
            (&[&pss, null], false),
            // SHA-1 by default: weak, and well formed.
            (&[&pss, &[0x30, 0]], true),
            (&[&ec, &curve], true),
            (&[&ec], false),
            (&[&ec, null], false),
            // specifiedCurve.
            (&[&ec, &[0x30, 0]], false),
            (&[&ed], true),
            (&[&ed, null], false),
            (&[&x448, null], false),
            (&[&oid_of(&[0x2a, 3]), null], true),
        ]
        .into_iter()
        .enumerate()
        {
            let found = key(algorithm, &[4]).odd_parameters();
            assert_eq!(found.is_none(), right, "row {i}: {found:?}");
        }
    }

    #[test]
    fn keys() {
        let rsa = |n: &[u8], e: &[u8]| {
            der::sequence([der::encode(tag::INTEGER, n), der::encode(tag::INTEGER, e)])
        };
        let point = |size: usize, first: u8, last: u8| {
            let mut point = vec![0; size];
            (point[0], point[size - 1]) = (first, last);
            point
        };
        let (rsa_id, ec) = (oid_of(oid::RSA), oid_of(oid::EC));
        let [p256, p384, p521] = [oid::P256, oid::P384, oid::P521].map(oid_of);
        let other = oid_of(&[0x2b, 0x81, 4, 0, 10]);
        let ed = oid_of(oid::ED25519);
        let null: &[u8] = &[tag::NULL, 0];
        let mut longer = rsa(&[0x51], &[3]);
        longer.push(0);
        for (i, (algorithm, bits, right)) in [
            (&[&rsa_id[..], null][..], rsa(&[0x51], &[3]), true),
            (&[&rsa_id, null], rsa(&[0, 0x81], &[3]), true),
            (&[&rsa_id, null], rsa(&[0x81], &[3]), false),
            (&[&rsa_id, null], rsa(&[0x51], &[0x83]), false),
            (&[&rsa_id, null], rsa(&[0, 0x51], &[3]), false),
            (&[&rsa_id, null], rsa(&[0x50], &[3]), false),
            (&[&rsa_id, null], rsa(&[0x51], &[4]), false),
            (&[&rsa_id, null], rsa(&[0x51], &[1]), false),
            (&[&rsa_id, null], rsa(&[0x51], &[0x51]), false),
            (&[&rsa_id, null], rsa(&[0x51], &[]), false),
            (&[&rsa_id, null], longer, false),
            (&[&rsa_id, null], vec![], false),
            (&[&ec, &p256], point(65, 4, 1), false),
            (&[&ec, &p384], point(97, 4, 1), false),
            (&[&ec, &p521], point(133, 4, 1), false),
            // 5 is the x of a point of P-256, 1 of none.
            (&[&ec, &p256], point(33, 2, 5), true),
            (&[&ec, &p256], point(33, 2, 1), false),
            (&[&ec, &p256], vec![0], false),
            (&[&ec, &p256], vec![], false),
            (&[&ec, &other], vec![0], true),
            (&[&ed], vec![1; 32], true),
            (&[&ed], vec![1; 31], false),
        ]
        .into_iter()
        .enumerate()
        {
            let found = key(algorithm, &bits).unsound();
            assert_eq!(found.is_none(), right, "row {i}: {found:?}");
        }
    }
}
