//! The three NIST curves: scalar → PKCS#8 and public point.

use p256::elliptic_curve::Generate;
use p256::pkcs8::EncodePrivateKey;
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
        on_curve!(self, m => {
            let key = m::SecretKey::try_generate().map_err(|_| KeyError::Random)?;
            let pkcs8 = key.to_pkcs8_der().map_err(|_| MALFORMED)?;
            Ok(EcKey {
                pkcs8: Secret::from(pkcs8.to_bytes()),
                point: key.public_key().to_sec1_bytes().into_vec(),
            })
        })
    }

    /// The key with this scalar, big-endian; leading zeros may be missing (as
    /// in keys of OpenSSL before 1.0) or superfluous.
    pub(super) fn key(self, scalar: &[u8]) -> Result<EcKey, KeyError> {
        let mut padded = Zeroizing::new(vec![0; self.octets()]);
        let skip = scalar.len().saturating_sub(self.octets());
        let (zeros, value) = scalar.split_at(skip);
        if zeros.iter().any(|&octet| octet != 0) {
            return Err(MALFORMED);
        }
        padded[self.octets() - value.len()..].copy_from_slice(value);
        on_curve!(self, m => {
            let key = m::SecretKey::from_slice(&padded).map_err(|_| MALFORMED)?;
            let pkcs8 = key.to_pkcs8_der().map_err(|_| MALFORMED)?;
            Ok(EcKey {
                pkcs8: Secret::from(pkcs8.to_bytes()),
                point: key.public_key().to_sec1_bytes().into_vec(),
            })
        })
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

const MALFORMED: KeyError = KeyError::Malformed {
    what: "EC private key",
    why: "its number is zero or beyond the order of the curve",
};
