//! RSASSA-PSS: its parameters (RFC 4055 3.1), and signatures made with it.

use ring::signature as ring_sig;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, RsaPublicKey};

use super::oid;
use super::public::PublicKey;
use super::signature::{Hash, SignatureFault, ring, rsa_size, split};
use crate::der::{self, DerError, tag};

/// Whether an AlgorithmIdentifier (DER) is RSASSA-PSS as nearly all write it: one
/// of SHA-256, SHA-384 and SHA-512 throughout, NULL beside it, a salt of its length
/// (RFC 4055 3.1, 6). No other encoding of the same counts.
pub fn is_usual_pss(identifier: &[u8]) -> bool {
    // The last octet of the OID of SHA-2, and the octets of the hash.
    [(1, 32), (2, 48), (3, 64)]
        .iter()
        .any(|&(hash, salt)| identifier == usual_pss(hash, salt))
}

fn usual_pss(hash: u8, salt: u8) -> Vec<u8> {
    let oid = |octets: &[u8]| der::encode(tag::OID, octets);
    let sha2 = oid(&[0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, hash]);
    let hash = der::sequence([sha2, der::encode(tag::NULL, &[])]);
    let mask = der::sequence([oid(oid::MGF1), hash.clone()]);
    let fields = (0..).zip([hash, mask, der::unsigned(&[salt])]);
    let fields = fields.map(|(n, field)| der::encode(tag::context(n), &field));
    der::sequence([oid(oid::RSA_PSS), der::sequence(fields)])
}

/// RSASSA-PSS-params (RFC 4055 3.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Pss {
    hash: Hash,
    /// The hash of MGF1. RFC 4055 3.1 recommends the same one and allows another.
    mask: Hash,
    salt: usize,
}

impl Pss {
    /// The name that openssl prints.
    const NAME: &'static str = "rsassaPss";

    pub(super) fn read(parameters: Option<&[u8]>) -> Result<Self, SignatureFault> {
        let fault = SignatureFault::Parameters;
        let der_fault = |_: DerError| fault("no RSASSA-PSS-params");
        let parameters = parameters.ok_or(fault("PSS without parameters"))?;
        let mut reader = der::only(parameters, tag::SEQUENCE)
            .map_err(der_fault)?
            .reader();
        let mut field = |n| match reader.optional(tag::context(n)) {
            Ok(Some(wrapped)) => Ok(Some(wrapped.value)),
            Ok(None) => Ok(None),
            Err(error) => Err(der_fault(error)),
        };
        let (hash, mask, salt, trailer) = (field(0)?, field(1)?, field(2)?, field(3)?);
        reader.end().map_err(der_fault)?;

        // Absent means SHA-1 (RFC 4055 3.1), for the hash and for the mask.
        let hash = hash.ok_or(SignatureFault::WeakHash("SHA-1"))?;
        let hash = Hash::read(der::only(hash, tag::SEQUENCE).map_err(der_fault)?)?;
        let mask = mask.ok_or(SignatureFault::WeakHash("SHA-1"))?;
        let (mask_oid, mask_hash) = split(der::only(mask, tag::SEQUENCE).map_err(der_fault)?)?;
        let mask_hash = mask_hash.ok_or(fault("the mask names no hash"))?;
        if mask_oid != oid::MGF1 {
            return Err(fault("the mask is not MGF1"));
        }
        let mask = Hash::read(der::only(mask_hash, tag::SEQUENCE).map_err(der_fault)?)?;
        let salt = match salt {
            None => 20,
            Some(integer) => match der::only(integer, tag::INTEGER).map_err(der_fault)?.value {
                [octet @ 0..=0x7f] => usize::from(*octet),
                [high @ 0..=0x7f, low] => usize::from(*high) << 8 | usize::from(*low),
                _ => return Err(fault("the salt has an impossible length")),
            },
        };
        if !matches!(trailer, None | Some([tag::INTEGER, 1, 1])) {
            return Err(fault("the trailer field is not 1"));
        }
        Ok(Self { hash, mask, salt })
    }
}

/// Checks a signature of RSASSA-PSS.
pub(super) fn verify(
    pss: &Pss,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureFault> {
    let mismatch = || SignatureFault::Mismatch {
        key: key.describe(),
        algorithm: Pss::NAME,
    };
    let bits = key.modulus_bits().ok_or_else(mismatch)?;
    rsa_size(bits)?;
    // A key bound to PSS may bind the hashes and the least salt (RFC 4055 3.3).
    if let (oid::RSA_PSS, bound @ Some(_)) = key.algorithm_parts() {
        let bound = Pss::read(bound)?;
        if (bound.hash, bound.mask) != (pss.hash, pss.mask) || pss.salt < bound.salt {
            return Err(mismatch());
        }
    }
    let valid = if pss.salt == pss.hash.octets() && pss.mask == pss.hash {
        let algorithm = match pss.hash {
            Hash::Sha256 => &ring_sig::RSA_PSS_2048_8192_SHA256,
            Hash::Sha384 => &ring_sig::RSA_PSS_2048_8192_SHA384,
            Hash::Sha512 => &ring_sig::RSA_PSS_2048_8192_SHA512,
        };
        ring(algorithm, key, message, signature)
    } else {
        holds(pss, key, message, signature).unwrap_or(false)
    };
    if valid {
        Ok(())
    } else {
        Err(SignatureFault::Bad)
    }
}

/// RSASSA-PSS-VERIFY (RFC 8017 8.1.2) for what ring does not do: another salt
/// than the hash is long, another hash in the mask. `None` where key or
/// signature are malformed.
fn holds(pss: &Pss, key: &PublicKey, message: &[u8], signature: &[u8]) -> Option<bool> {
    let key = RsaPublicKey::from_pkcs1_der(key.key_bits()).ok()?;
    let modulus = key.n().as_ref();
    if signature.len() != key.size() {
        return None;
    }
    let number = BoxedUint::from_be_slice(signature, modulus.bits_precision()).ok()?;
    if number >= *modulus {
        return None;
    }
    let encoded = rsa::hazmat::rsa_encrypt(&key, &number).ok()?.to_be_bytes();
    let bits = usize::try_from(modulus.bits()).ok()? - 1;
    // Its octets that count; those before them are zero in a true one.
    let (before, encoded) =
        encoded.split_at_checked(encoded.len().checked_sub(bits.div_ceil(8))?)?;
    let encoding = Encoding {
        hash: &|message| pss.hash.digest(message),
        mask: &|message| pss.mask.digest(message),
        salt: pss.salt,
    };
    Some(before.iter().all(|&o| o == 0) && encoding_holds(&encoding, message, encoded, bits)?)
}

/// What an encoding is made with: hash, hash of the mask, octets of salt.
pub(super) struct Encoding<'a> {
    pub(super) hash: &'a dyn Fn(&[u8]) -> Vec<u8>,
    pub(super) mask: &'a dyn Fn(&[u8]) -> Vec<u8>,
    pub(super) salt: usize,
}

/// EMSA-PSS-VERIFY (RFC 8017 9.1.2), its steps numbered as there; `bits` is
/// emBits. `None` where there is no room for hash and salt (step 3).
pub(super) fn encoding_holds(
    encoding: &Encoding<'_>,
    message: &[u8],
    encoded: &[u8],
    bits: usize,
) -> Option<bool> {
    let of_message = (encoding.hash)(message);
    let hash = of_message.len();
    let (rest, &trailer) = encoded.split_last().map(|(last, rest)| (rest, last))?;
    let room = rest.len().checked_sub(hash)?;
    let padding = room.checked_sub(encoding.salt)?.checked_sub(1)?;
    let (masked, digest) = rest.split_at(room);
    // 4 to 6: the trailer, and the bits beyond emBits.
    // At most 7 bits of the first octet.
    let beyond = !(0xff_u8 >> (8 * encoded.len() - bits));
    let first = masked.first()?;
    if trailer != 0xbc || first & beyond != 0 {
        return Some(false);
    }
    // 7 to 9.
    let mut block: Vec<u8> = masked
        .iter()
        .zip(mask(encoding.mask, digest, room))
        .map(|(a, b)| a ^ b)
        .collect();
    block[0] &= !beyond;
    // 10 to 14.
    let (zeros, salt) = block.split_at(padding);
    let (&one, salt) = salt.split_first()?;
    let salted = [&[0; 8][..], &of_message, salt].concat();
    Some(zeros.iter().all(|&o| o == 0) && one == 1 && (encoding.hash)(&salted) == digest)
}

/// MGF1 (RFC 8017 B.2.1).
fn mask(hash: &dyn Fn(&[u8]) -> Vec<u8>, seed: &[u8], octets: usize) -> Vec<u8> {
    let blocks = (0_u32..).map(|counter| hash(&[seed, &counter.to_be_bytes()].concat()));
    blocks.flatten().take(octets).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_as_the_baseline_requirements_print_it() {
        let printed = "304106092a864886f70d01010a3034a00f300d0609608648016503040201\
                       0500a11c301a06092a864886f70d010108300d0609608648016503040201\
                       0500a203020120";
        let hex = usual_pss(1, 32)
            .iter()
            .fold(String::new(), |h, o| format!("{h}{o:02x}"));
        assert_eq!(hex, printed);
    }
}
