//! Signatures as somebody verifies them, trusted here or not: with SHA-1, by RSA
//! keys of any size, by DSA keys. What clients say of a chain depends on them.

use ring::signature as ring_sig;
use rsa::BoxedUint;

use super::any_hash::AnyHash;
use super::oid;
use super::pss::{Encoding, encoding_holds};
use super::pss_form::{PssFault, PssForm};
use super::public::{PublicKey, unsigned_bits};
use super::signature::ring;
use crate::der::{self, tag};
use crate::model::algorithm::KeyAlgorithm;

/// The largest modulus that OpenSSL (`OPENSSL_RSA_MAX_MODULUS_BITS`) and Java
/// (`RSAKeyFactory.MAX_MODLEN`) compute with.
const MOST_BITS: u16 = 16_384;

/// The longest exponent that they take above 3072 bits of the modulus
/// (`OPENSSL_RSA_MAX_PUBEXP_BITS`, `RSAKeyFactory.MAX_RESTRICTED_EXPLEN`). Below that
/// they take any; here none is longer, since nobody makes one and each costs time.
const MOST_EXPONENT_BITS: u16 = 64;

/// The largest field and the orders that OpenSSL verifies DSA with
/// (`OPENSSL_DSA_MAX_MODULUS_BITS`, `dsa_do_verify`).
const MOST_FIELD_BITS: u16 = 10_000;
const ORDER_BITS: [u16; 3] = [160, 224, 256];

/// Whether `key` made `signature` over `message`, by the algorithm that the
/// AlgorithmIdentifier (DER) names: ECDSA, RSA with PKCS#1 v1.5 or PSS, DSA, with
/// SHA-1 or SHA-2 of any length and keys of any size, and Ed25519. The parameters of
/// the identifier are looked at for PSS alone, and what stands behind them never. No ground to trust it: [`super::verify`]
/// says what is.
pub(crate) fn made_by_any(
    algorithm_identifier: &[u8],
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let Some(scheme) = Scheme::read(algorithm_identifier) else {
        return false;
    };
    let (kind, parameters) = key.algorithm_parts();
    let holds = match (scheme, kind) {
        (Scheme::Pkcs1(hash), oid::RSA) => pkcs1_holds(hash, key, message, signature),
        (Scheme::Pss(pss), _) if pss.fault == Some(PssFault::Trailer) => None,
        (Scheme::Pss(pss), oid::RSA) => pss_holds(&pss, key, message, signature),
        (Scheme::Pss(pss), oid::RSA_PSS) if pss.is_within(parameters) => {
            pss_holds(&pss, key, message, signature)
        }
        (Scheme::Ecdsa(hash), oid::EC) => ecdsa_holds(hash, key, message, signature),
        (Scheme::Ed25519, oid::ED25519) => Some(ring(&ring_sig::ED25519, key, message, signature)),
        (Scheme::Dsa(hash), oid::DSA) => {
            parameters.and_then(|p| dsa_holds(hash, p, key.key_bits(), message, signature))
        }
        _ => None,
    };
    holds.unwrap_or(false)
}

/// How many octets the hash of a signature has, by its AlgorithmIdentifier (DER);
/// of PSS that of the message. `None` for Ed25519, which has its own, and for all
/// that [`made_by_any`] does not know.
pub(crate) fn digest_octets(algorithm_identifier: &[u8]) -> Option<usize> {
    let hash = match Scheme::read(algorithm_identifier)? {
        Scheme::Pkcs1(hash) | Scheme::Ecdsa(hash) | Scheme::Dsa(hash) => hash,
        Scheme::Pss(pss) => pss.hash,
        Scheme::Ed25519 => return None,
    };
    Some(hash.octets())
}

/// A way to sign, as an AlgorithmIdentifier names it.
enum Scheme {
    Pkcs1(AnyHash),
    Pss(PssForm),
    Ecdsa(AnyHash),
    Dsa(AnyHash),
    Ed25519,
}

impl Scheme {
    fn read(identifier: &[u8]) -> Option<Self> {
        let mut reader = der::only(identifier, tag::SEQUENCE).ok()?.reader();
        let oid = reader.element(tag::OID).ok()?.value;
        let parameters = reader.rest();
        Some(match der::oid_text(oid)?.as_str() {
            "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => Self::Pkcs1(AnyHash::Sha1),
            "1.2.840.113549.1.1.11" => Self::Pkcs1(AnyHash::Sha256),
            "1.2.840.113549.1.1.12" => Self::Pkcs1(AnyHash::Sha384),
            "1.2.840.113549.1.1.13" => Self::Pkcs1(AnyHash::Sha512),
            "1.2.840.113549.1.1.14" => Self::Pkcs1(AnyHash::Sha224),
            "1.2.840.113549.1.1.15" => Self::Pkcs1(AnyHash::Sha512Of224),
            "1.2.840.113549.1.1.16" => Self::Pkcs1(AnyHash::Sha512Of256),
            "1.2.840.113549.1.1.10" => Self::Pss(PssForm::read(parameters)?),
            "1.2.840.10045.4.1" => Self::Ecdsa(AnyHash::Sha1),
            "1.2.840.10045.4.3.1" => Self::Ecdsa(AnyHash::Sha224),
            "1.2.840.10045.4.3.2" => Self::Ecdsa(AnyHash::Sha256),
            "1.2.840.10045.4.3.3" => Self::Ecdsa(AnyHash::Sha384),
            "1.2.840.10045.4.3.4" => Self::Ecdsa(AnyHash::Sha512),
            "1.2.840.10040.4.3" => Self::Dsa(AnyHash::Sha1),
            "2.16.840.1.101.3.4.3.1" => Self::Dsa(AnyHash::Sha224),
            "2.16.840.1.101.3.4.3.2" => Self::Dsa(AnyHash::Sha256),
            "2.16.840.1.101.3.4.3.3" => Self::Dsa(AnyHash::Sha384),
            "2.16.840.1.101.3.4.3.4" => Self::Dsa(AnyHash::Sha512),
            "1.3.101.112" => Self::Ed25519,
            _ => return None,
        })
    }
}

/// RSAVP1 (RFC 8017 5.2.2): the octets that were signed, and the bits of the
/// modulus. `None` where key or signature are none.
fn opened(key: &PublicKey, signature: &[u8]) -> Option<(Vec<u8>, u16)> {
    let mut reader = der::only(key.key_bits(), tag::SEQUENCE).ok()?.reader();
    let modulus = reader.element(tag::INTEGER).ok()?.value;
    let exponent = reader.element(tag::INTEGER).ok()?.value;
    let bits = unsigned_bits(modulus)?;
    let long = unsigned_bits(exponent)? > MOST_EXPONENT_BITS;
    let octets = usize::from(bits.div_ceil(8));
    if bits > MOST_BITS || long || signature.len() != octets {
        return None;
    }
    let modulus = number(modulus);
    below(exponent, &modulus)?;
    let odd = Option::from(modulus.to_odd())?;
    let opened = below(signature, &modulus)?.pow_mod(&number(exponent), &odd);
    let opened = opened.to_be_bytes();
    Some((opened[opened.len() - octets..].to_vec(), bits))
}

/// RSASSA-PKCS1-V1_5-VERIFY (RFC 8017 8.2.2).
fn pkcs1_holds(hash: AnyHash, key: &PublicKey, message: &[u8], signature: &[u8]) -> Option<bool> {
    let (opened, _) = opened(key, signature)?;
    let oid = der::encode(tag::OID, &der::oid_octets(hash.oid())?);
    let algorithm = der::sequence([oid, der::encode(tag::NULL, &[])]);
    let digest = der::encode(tag::OCTET_STRING, &hash.digest(message));
    let info = der::sequence([algorithm, digest]);
    // At least 8 octets of padding.
    let padding = opened
        .len()
        .checked_sub(info.len() + 3)
        .filter(|&n| n >= 8)?;
    Some(opened == [&[0, 1][..], &vec![0xff; padding], &[0], &info].concat())
}

/// RSASSA-PSS-VERIFY (RFC 8017 8.1.2).
fn pss_holds(pss: &PssForm, key: &PublicKey, message: &[u8], signature: &[u8]) -> Option<bool> {
    let (opened, bits) = opened(key, signature)?;
    let bits = usize::from(bits) - 1;
    let (before, encoded) = opened.split_at(opened.len() - bits.div_ceil(8));
    let encoding = Encoding {
        hash: &|message| pss.hash.digest(message),
        mask: &|message| pss.mask.digest(message),
        salt: pss.salt,
    };
    Some(before.iter().all(|&o| o == 0) && encoding_holds(&encoding, message, encoded, bits)?)
}

/// Runs the curve's crate. A digest that is shorter than the curve counts as a
/// number (FIPS 186-5 6.4.1), which the crates take from half the length on.
macro_rules! rust_crypto {
    ($m:ident, $octets:expr, $key:expr, $digest:expr, $signature:expr) => {{
        use $m::ecdsa::signature::hazmat::PrehashVerifier;
        let key = $m::ecdsa::VerifyingKey::from_sec1_bytes($key).ok()?;
        let signature = $m::ecdsa::Signature::from_der($signature).ok()?;
        let mut digest = vec![0; usize::saturating_sub($octets, $digest.len())];
        digest.extend($digest);
        Some(key.verify_prehash(&digest, &signature).is_ok())
    }};
}

fn ecdsa_holds(hash: AnyHash, key: &PublicKey, message: &[u8], signature: &[u8]) -> Option<bool> {
    let (point, digest) = (key.key_bits(), hash.digest(message));
    match key.algorithm()? {
        KeyAlgorithm::EcdsaP256 => rust_crypto!(p256, 32, point, digest, signature),
        KeyAlgorithm::EcdsaP384 => rust_crypto!(p384, 48, point, digest, signature),
        KeyAlgorithm::EcdsaP521 => rust_crypto!(p521, 66, point, digest, signature),
        _ => None,
    }
}

/// FIPS 186-4 4.7, where the numbers are p, q, g and y; `parameters` are `Dss-Parms`
/// (RFC 3279 2.3.2). That field and order are primes is not asked.
fn dsa_holds(
    hash: AnyHash,
    parameters: &[u8],
    key_bits: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let [field, order, base] = integers(parameters)?;
    let [r, s] = integers(signature)?;
    let public = der::only(key_bits, tag::INTEGER).ok()?.value;
    let order_bits = unsigned_bits(order)?;
    if unsigned_bits(field)? > MOST_FIELD_BITS || !ORDER_BITS.contains(&order_bits) {
        return None;
    }
    let (field, order) = (number(field), number(order));
    let within = |octets: &[u8], modulus: &BoxedUint| {
        unsigned_bits(octets)?;
        below(octets, modulus).filter(|_| der::is_minimal(octets))
    };
    let (base, public) = (within(base, &field)?, within(public, &field)?);
    let (r, s) = (within(r, &order)?, within(s, &order)?);
    let odd_field = Option::from(field.to_odd())?;
    let odd_order = Option::<_>::from(order.to_odd())?;
    let modulus = Option::<_>::from(order.to_nz())?;
    let inverse = Option::<BoxedUint>::from(s.invert_odd_mod(&odd_order))?;
    let digest = hash.digest(message);
    // The leftmost octets: all these orders are of whole octets.
    let digest = &digest[..digest.len().min(order_bits.div_ceil(8).into())];
    let digest = BoxedUint::from_be_slice(digest, order.bits_precision()).ok()?;
    let to_base = base.pow_mod(&digest.mul_mod(&inverse, &modulus), &odd_field);
    let to_public = public.pow_mod(&r.mul_mod(&inverse, &modulus), &odd_field);
    let product = to_base.mul_mod(&to_public, &Option::<_>::from(field.to_nz())?);
    Some(product.rem(&modulus) == r)
}

/// A SEQUENCE of so many INTEGERs, each as content octets.
fn integers<const N: usize>(sequence: &[u8]) -> Option<[&[u8]; N]> {
    let mut reader = der::only(sequence, tag::SEQUENCE).ok()?.reader();
    let mut found = [&[][..]; N];
    for integer in &mut found {
        *integer = reader.element(tag::INTEGER).ok()?.value;
    }
    reader.end().ok()?;
    Some(found)
}

/// From the content octets of an INTEGER, without leading zeros.
fn number(octets: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(without_zeros(octets))
}

/// The same with as much room as `modulus` has; `None` where it is not below it.
fn below(octets: &[u8], modulus: &BoxedUint) -> Option<BoxedUint> {
    let number = BoxedUint::from_be_slice(without_zeros(octets), modulus.bits_precision());
    number.ok().filter(|number| number < modulus)
}

fn without_zeros(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|&&o| o == 0).count();
    &octets[zeros..]
}
