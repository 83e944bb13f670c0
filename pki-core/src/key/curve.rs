//! The three NIST curves: scalar → PKCS#8 and public point.

use p256::elliptic_curve::Generate;
use p256::pkcs8::EncodePrivateKey;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
};
use zeroize::Zeroizing;

use super::error::KeyError;
use super::oid;
use crate::model::algorithm::KeyAlgorithm;
use crate::secret::Secret;

/// A curve that this program uses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

/// A private key on a curve with what follows from it.
pub(super) struct EcKey {
    /// PKCS#8 v1, as openssl writes it: the point inside, the curve outside.
    pub(super) pkcs8: Secret,
    /// The point, not compressed (SEC 1 2.3.3).
    pub(super) point: Vec<u8>,
}

/// Runs `$body` with `$m` as the curve's crate.
macro_rules! on_curve {
    ($curve:expr, $m:ident => $body:expr) => {
        match $curve {
            Curve::P256 => {
                use p256 as $m;
                $body
            }
            Curve::P384 => {
                use p384 as $m;
                $body
            }
            Curve::P521 => {
                use p521 as $m;
                $body
            }
        }
    };
}

/// A key of a curve's crate, its point found once: that is nearly all there is
/// to do.
macro_rules! written {
    ($curve:expr, $key:expr) => {{
        let point = $key.public_key().to_sec1_bytes().into_vec();
        let pkcs8 = match $curve.frame() {
            Some(frame) => assemble(frame, &Zeroizing::new($key.to_bytes()), &point),
            None => {
                let pkcs8 = $key.to_pkcs8_der().map_err(|_| MALFORMED)?;
                Secret::from(pkcs8.to_bytes())
            }
        };
        Ok(EcKey { pkcs8, point })
    }};
}

impl Curve {
    pub(super) fn from_oid(oid: &[u8]) -> Result<Self, KeyError> {
        match oid {
            oid::P256 => Ok(Self::P256),
            oid::P384 => Ok(Self::P384),
            oid::P521 => Ok(Self::P521),
            other => Err(KeyError::Unsupported {
                found: oid::name(other),
            }),
        }
    }

    pub(super) fn algorithm(self) -> KeyAlgorithm {
        match self {
            Self::P256 => KeyAlgorithm::EcdsaP256,
            Self::P384 => KeyAlgorithm::EcdsaP384,
            Self::P521 => KeyAlgorithm::EcdsaP521,
        }
    }

    /// AlgorithmIdentifier of the public key (RFC 5480 2.1.1).
    pub(super) const fn identifier(self) -> &'static [u8] {
        match self {
            Self::P256 => {
                b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
            }
            Self::P384 => {
                b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22"
            }
            Self::P521 => {
                b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23"
            }
        }
    }

    /// Octets of a scalar and of a coordinate.
    pub(super) const fn octets(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// A new key from the system's randomness.
    pub(super) fn generate(self) -> Result<EcKey, KeyError> {
        if self == Self::P256
            && let Some(key) = generate_p256()
        {
            return Ok(key);
        }
        on_curve!(self, m => {
            let key = m::SecretKey::try_generate().map_err(|_| KeyError::Random)?;
            written!(self, key)
        })
    }

    /// The key with this scalar, big-endian; leading zeros may be missing (as
    /// in keys of OpenSSL before 1.0) or superfluous. `claimed` is the point
    /// that its file says, where it says one: not compared, but found faster.
    pub(super) fn key(self, scalar: &[u8], claimed: Option<&[u8]>) -> Result<EcKey, KeyError> {
        let mut padded = Zeroizing::new(vec![0; self.octets()]);
        let skip = scalar.len().saturating_sub(self.octets());
        let (zeros, value) = scalar.split_at(skip);
        if zeros.iter().any(|&octet| octet != 0) {
            return Err(MALFORMED);
        }
        padded[self.octets() - value.len()..].copy_from_slice(value);
        if let Some(key) = claimed.and_then(|point| self.agreed(&padded, point)) {
            return Ok(key);
        }
        on_curve!(self, m => {
            let key = m::SecretKey::from_slice(&padded).map_err(|_| MALFORMED)?;
            written!(self, key)
        })
    }

    /// The key of a scalar and the point that ring says is its: ten times as
    /// fast as finding the point.
    fn agreed(self, scalar: &[u8], point: &[u8]) -> Option<EcKey> {
        let algorithm = match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
            Self::P521 => return None,
        };
        let random = SystemRandom::new();
        EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, point, &random).ok()?;
        Some(EcKey {
            pkcs8: assemble(self.frame()?, scalar, point),
            point: point.to_vec(),
        })
    }

    /// What stands around scalar and point, where it is known.
    const fn frame(self) -> Option<Pkcs8> {
        match self {
            Self::P256 => Some(P256_PKCS8),
            Self::P384 => Some(P384_PKCS8),
            Self::P521 => None,
        }
    }

    /// Whether `given` (compressed or not) is the same point as `point`.
    pub(super) fn same_point(self, given: &[u8], point: &[u8]) -> bool {
        given == point
            || on_curve!(self, m => {
                m::PublicKey::from_sec1_bytes(given)
                    .is_ok_and(|key| key.to_sec1_bytes().as_ref() == point)
            })
    }
}

/// By ring, in a seventh of the time that `p256` takes. It writes the same
/// octets, in a buffer that it does not wipe.
fn generate_p256() -> Option<EcKey> {
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let made = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).ok()?;
    let [before, between] = P256_PKCS8;
    let (scalar, rest) = made.as_ref().strip_prefix(before)?.split_at_checked(32)?;
    let point = rest.strip_prefix(between)?;
    Some(EcKey {
        pkcs8: assemble(P256_PKCS8, scalar, point),
        point: point.to_vec(),
    })
}

/// What stands before the scalar and between scalar and point in PKCS#8 (RFC
/// 5958 2, RFC 5915 3), where all lengths are fixed.
type Pkcs8 = [&'static [u8]; 2];

fn assemble([before, between]: Pkcs8, scalar: &[u8], point: &[u8]) -> Secret {
    let mut pkcs8 = Zeroizing::new(Vec::with_capacity(256));
    for part in [before, scalar, between, point] {
        pkcs8.extend_from_slice(part);
    }
    Secret::new(std::mem::take(&mut *pkcs8))
}

const P256_PKCS8: Pkcs8 = [
    b"\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x6d\x30\x6b\x02\x01\x01\x04\x20",
    b"\xa1\x44\x03\x42\x00",
];
const P384_PKCS8: Pkcs8 = [
    b"\x30\x81\xb6\x02\x01\x00\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x04\x81\x9e\x30\x81\x9b\x02\x01\x01\x04\x30",
    b"\xa1\x64\x03\x62\x00",
];

const MALFORMED: KeyError = KeyError::Malformed {
    what: "EC private key",
    why: "its number is zero or beyond the order of the curve",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ring_writes_p256_as_expected() {
        assert!(generate_p256().is_some());
    }

    #[test]
    fn the_fast_way_gives_the_same_octets() {
        for curve in [Curve::P256, Curve::P384, Curve::P521] {
            let made = curve.generate().unwrap();
            let scalar = scalar_of(curve, &made);
            let slow = curve.key(&scalar, None).unwrap();
            let fast = curve.key(&scalar, Some(&made.point)).unwrap();
            assert_eq!(slow.pkcs8.expose(), made.pkcs8.expose());
            assert_eq!(fast.pkcs8.expose(), made.pkcs8.expose());
            assert_eq!(fast.point, slow.point);
            // A point of another key is not taken at its word.
            let other = curve.generate().unwrap();
            let told = curve.key(&scalar, Some(&other.point)).unwrap();
            assert_eq!(told.point, made.point);
        }
    }

    /// From behind: scalar, five octets (six of P-521), point.
    fn scalar_of(curve: Curve, key: &EcKey) -> Vec<u8> {
        let head = if curve == Curve::P521 { 7 } else { 5 };
        let pkcs8 = key.pkcs8.expose();
        let end = pkcs8.len() - key.point.len() - head;
        pkcs8[end - curve.octets()..end].to_vec()
    }
}
