//! Keys as Go takes them.

use crate::cert::Certificate;
use crate::consumer::keys;
use crate::model::algorithm::KeyAlgorithm;

const RSA: &str = "1.2.840.113549.1.1.1";
const EC: &str = "1.2.840.10045.2.1";
const ED25519: &str = "1.3.101.112";
const X25519: &str = "1.3.101.110";
const DSA: &str = "1.2.840.10040.4.1";

/// Whether `checkSignature` has a case for such a key.
pub(super) fn is_verified(issuer: &Certificate) -> bool {
    keys::kind(issuer).is_some_and(|kind| [RSA, EC, ED25519].contains(&&*kind))
}

/// Whether `parsePublicKey` makes a key of it; of other kinds it makes none.
pub(super) fn is_read(cert: &Certificate) -> bool {
    let known = [RSA, EC, ED25519, X25519, DSA];
    keys::kind(cert).is_some_and(|kind| known.contains(&&*kind))
}

/// The Go type of a key that TLS does not take for the peer's own.
pub(super) fn type_unfit_for_tls(cert: &Certificate) -> Option<&'static str> {
    match keys::kind(cert)?.as_str() {
        RSA | EC | ED25519 => None,
        DSA => Some("*dsa.PublicKey"),
        X25519 => Some("*ecdh.PublicKey"),
        _ => Some("<nil>"),
    }
}

/// `defaultMaxRSAKeySize` of crypto/tls.
pub(super) fn is_beyond_tls(cert: &Certificate) -> bool {
    matches!(cert.public_key().algorithm(), Some(KeyAlgorithm::Rsa(bits)) if bits > 8192)
}

/// Why Go does not verify with an RSA key (`checkKeySize`, `checkPublicKey`).
pub(super) fn rsa_refused(cert: &Certificate) -> Option<String> {
    let Some(KeyAlgorithm::Rsa(bits)) = cert.public_key().algorithm() else {
        return None;
    };
    if bits < 1024 {
        return Some(format!(
            "{bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"
        ));
    }
    let [modulus, exponent] = keys::rsa_numbers(cert)?;
    let even = |number: &[u8]| number.last().is_none_or(|octet| octet % 2 == 0);
    let found = match exponent {
        _ if even(modulus) => "public modulus is even",
        [] | [1] => "public exponent too small or negative",
        _ if even(exponent) => "public exponent is even",
        // Above 2^31 - 1.
        [0x80..=0xff, _, _, _] | [_, _, _, _, _, ..] => "public exponent too large",
        _ => return None,
    };
    Some(found.to_owned())
}
