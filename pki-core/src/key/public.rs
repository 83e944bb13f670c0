//! Public keys as they stand in certificates: SubjectPublicKeyInfo.

use std::fmt;
use std::ops::Range;

use super::error::KeyError;
use super::oid;
use crate::der::{self, DerError, tag};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::fingerprint::SpkiFingerprint;

/// A SubjectPublicKeyInfo (RFC 5280 4.1.2.7), byte for byte as it was read.
///
/// Two are equal when their octets are.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct PublicKey {
    spki: Vec<u8>,
    algorithm: Range<usize>,
    bits: Range<usize>,
}

impl PublicKey {
    /// From a SubjectPublicKeyInfo in DER. Only the framing is checked: an
    /// unknown algorithm or a point off the curve is accepted.
    ///
    /// # Errors
    /// [`KeyError::Spki`] when it is no SEQUENCE of an AlgorithmIdentifier and
    /// a BIT STRING of whole octets, or octets follow it.
    pub fn from_spki(spki: &[u8]) -> Result<Self, KeyError> {
        let outer = der::only(spki, tag::SEQUENCE).map_err(KeyError::Spki)?;
        let header = spki.len() - outer.value.len();
        let mut reader = outer.reader();
        let mut parts = || -> Result<_, DerError> {
            let algorithm = reader.element(tag::SEQUENCE)?;
            algorithm.reader().element(tag::OID)?;
            let bits = reader.element(tag::BIT_STRING)?;
            reader.end()?;
            Ok((algorithm, bits))
        };
        let (algorithm, bits) = parts().map_err(KeyError::Spki)?;
        if bits.value.first() != Some(&0) {
            return Err(KeyError::Malformed {
                what: "public key",
                why: "its BIT STRING does not end at an octet",
            });
        }
        let algorithm = header..header + algorithm.raw.len();
        let bits = spki.len() - bits.value.len() + 1..spki.len();
        Ok(Self {
            spki: spki.to_vec(),
            algorithm,
            bits,
        })
    }

    /// From the AlgorithmIdentifier and the octets of the BIT STRING.
    pub(super) fn assemble(algorithm: &[u8], bits: &[u8]) -> Result<Self, KeyError> {
        Self::from_spki(&der::sequence([algorithm, &der::bit_string(bits)]))
    }

    /// The whole SubjectPublicKeyInfo in DER.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The AlgorithmIdentifier in DER.
    pub fn algorithm_identifier(&self) -> &[u8] {
        &self.spki[self.algorithm.clone()]
    }

    /// The octets of the BIT STRING after the count of unused bits: an EC
    /// point, an `RSAPublicKey`, the 32 octets of Ed25519.
    pub fn key_bits(&self) -> &[u8] {
        &self.spki[self.bits.clone()]
    }

    /// Content octets of the algorithm's OID, and its parameters as they stand.
    pub(super) fn algorithm_parts(&self) -> (&[u8], Option<&[u8]>) {
        let parts = || {
            let mut reader = der::only(self.algorithm_identifier(), tag::SEQUENCE)
                .ok()?
                .reader();
            let oid = reader.element(tag::OID).ok()?.value;
            Some((oid, reader.rest()))
        };
        // `from_spki` has read both.
        let (oid, rest) = parts().unwrap_or_default();
        (oid, (!rest.is_empty()).then_some(rest))
    }

    /// The OID of the named curve of an EC key.
    fn curve(&self) -> Option<&[u8]> {
        let (algorithm, parameters) = self.algorithm_parts();
        if algorithm != oid::EC {
            return None;
        }
        Some(der::only(parameters?, tag::OID).ok()?.value)
    }

    /// Bits of the modulus of an RSA or RSA-PSS key.
    pub(super) fn modulus_bits(&self) -> Option<u16> {
        if ![oid::RSA, oid::RSA_PSS].contains(&self.algorithm_parts().0) {
            return None;
        }
        let modulus = der::only(self.key_bits(), tag::SEQUENCE)
            .ok()?
            .reader()
            .element(tag::INTEGER)
            .ok()?
            .value;
        unsigned_bits(modulus)
    }

    /// The kind of key, where it is one that this program uses: by OID, named
    /// curve and size of the modulus. Not said: whether the point is on the
    /// curve. `None` for RSA keys that are bound to PSS.
    pub fn algorithm(&self) -> Option<KeyAlgorithm> {
        let (algorithm, parameters) = self.algorithm_parts();
        match algorithm {
            oid::RSA => self.modulus_bits().map(KeyAlgorithm::Rsa),
            oid::ED25519 if parameters.is_none() && self.key_bits().len() == 32 => {
                Some(KeyAlgorithm::Ed25519)
            }
            oid::EC => match self.curve()? {
                oid::P256 => Some(KeyAlgorithm::EcdsaP256),
                oid::P384 => Some(KeyAlgorithm::EcdsaP384),
                oid::P521 => Some(KeyAlgorithm::EcdsaP521),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is an EC key that names its curve, whatever curve that is.
    pub fn is_on_named_curve(&self) -> bool {
        self.curve().is_some()
    }

    /// For people, any key: `ECDSA P-256`, `RSA 1024`, `secp256k1`, a dotted OID.
    pub fn describe(&self) -> String {
        if let Some(known) = self.algorithm() {
            return known.title();
        }
        let (algorithm, _) = self.algorithm_parts();
        match (algorithm, self.curve(), self.modulus_bits()) {
            (_, Some(curve), _) => oid::name(curve),
            (oid::EC, None, _) => "EC without a named curve".into(),
            (other, _, Some(bits)) => format!("{} {bits}", oid::name(other)),
            (other, _, None) => oid::name(other),
        }
    }

    /// SHA-256 of the whole SubjectPublicKeyInfo.
    pub fn fingerprint(&self) -> SpkiFingerprint {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.spki);
        let mut out = [0; 32];
        out.copy_from_slice(digest.as_ref());
        SpkiFingerprint(out)
    }

    /// SHA-1 of [`Self::key_bits`], the usual SubjectKeyIdentifier (RFC 5280
    /// 4.2.1.2 method 1). A name, no protection: SHA-1 does no harm here.
    pub fn key_id_sha1(&self) -> [u8; 20] {
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, self.key_bits());
        let mut out = [0; 20];
        out.copy_from_slice(digest.as_ref());
        out
    }

    /// `PUBLIC KEY`, one PEM block.
    pub fn to_pem(&self) -> String {
        crate::pem::encode("PUBLIC KEY", &self.spki)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {})", self.describe(), self.fingerprint())
    }
}

/// Bits of a positive INTEGER given as content octets; `None` when it is
/// negative, zero or over 65,535 bits.
pub(super) fn unsigned_bits(integer: &[u8]) -> Option<u16> {
    if integer.first()? & 0x80 != 0 {
        return None;
    }
    let skip = integer.iter().take_while(|&&o| o == 0).count();
    let first = integer.get(skip)?;
    let octets = integer.len() - skip;
    let bits = octets.checked_mul(8)? - first.leading_zeros() as usize;
    u16::try_from(bits).ok()
}
