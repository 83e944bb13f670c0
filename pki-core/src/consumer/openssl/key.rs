//! Keys as OpenSSL measures them.

use crate::cert::Certificate;
use crate::consumer::keys::{self, Curve};
use crate::model::algorithm::KeyAlgorithm;

/// Security level 2 (`minbits_table`).
pub(super) const LEVEL_2: u32 = 112;

/// Where the formula of SP 800-56B appendix D, rounded to eights, comes to 112
/// (`rsa_lib.c ossl_ifc_ffc_compute_security_bits`; measured with 3.0.19).
const RSA_112_BITS: u16 = 1963;

/// DSA, DH, RSA for PSS alone, X25519, X448, Ed448: kinds that are known and not
/// judged here.
const KINDS: [&str; 6] = [
    "1.2.840.10040.4.1",
    "1.2.840.113549.1.3.1",
    "1.2.840.113549.1.1.10",
    "1.3.101.110",
    "1.3.101.111",
    "1.3.101.113",
];

/// `EVP_PKEY_get_security_bits`, as far as level 2 asks. A key that cannot be
/// read has none (`check_key_level`).
pub(super) fn security_bits(cert: &Certificate) -> u32 {
    match cert.public_key().algorithm() {
        _ if !readable(cert) => 0,
        Some(KeyAlgorithm::Rsa(bits)) if bits < RSA_112_BITS => 80,
        None if keys::dsa_bits(cert).is_some() => dsa_security_bits(cert),
        _ if keys::curve(cert).is_some_and(|curve| curve.is_small()) => 96,
        _ => LEVEL_2,
    }
}

/// `DSA_security_bits`: by the field and by half of the order
/// (`bn_lib.c BN_security_bits`).
fn dsa_security_bits(cert: &Certificate) -> u32 {
    let [field, order] = keys::dsa_bits(cert).unwrap_or_default();
    let by_field = match field {
        2048.. => LEVEL_2,
        1024.. => 80,
        _ => 0,
    };
    match order / 2 {
        0..80 => 0,
        by_order => by_field.min(u32::from(by_order)),
    }
}

/// `X509_get0_pubkey`: whether a key comes of it. Points on curves that are not
/// computed with here are taken as they are.
pub(super) fn readable(cert: &Certificate) -> bool {
    let key = cert.public_key();
    match keys::curve(cert) {
        Some(Curve::Explicit) => true,
        Some(curve) => curve.is_listed() && key.unsound().is_none(),
        None => {
            let kind = keys::kind(cert).unwrap_or_default();
            match &*kind {
                "1.3.101.112" => key.unsound().is_none() && key.odd_parameters().is_none(),
                _ => key.algorithm().is_some() || KINDS.contains(&&*kind),
            }
        }
    }
}

/// `check_curve`
pub(super) fn explicit_curve(cert: &Certificate) -> bool {
    keys::curve(cert) == Some(Curve::Explicit)
}
