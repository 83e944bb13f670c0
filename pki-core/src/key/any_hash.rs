//! Hashes of signatures, trusted here or not.

use ring::digest;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

/// A hash that is not broken outright.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum AnyHash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512Of224,
    Sha512Of256,
}

impl AnyHash {
    /// By its OID (RFC 8017 B.1).
    pub(super) fn of(dotted: &str) -> Option<Self> {
        const ALL: [AnyHash; 7] = [
            AnyHash::Sha1,
            AnyHash::Sha224,
            AnyHash::Sha256,
            AnyHash::Sha384,
            AnyHash::Sha512,
            AnyHash::Sha512Of224,
            AnyHash::Sha512Of256,
        ];
        ALL.into_iter().find(|hash| hash.oid() == dotted)
    }

    pub(super) const fn oid(self) -> &'static str {
        match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha224 => "2.16.840.1.101.3.4.2.4",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
            Self::Sha512Of224 => "2.16.840.1.101.3.4.2.5",
            Self::Sha512Of256 => "2.16.840.1.101.3.4.2.6",
        }
    }

    pub(super) const fn octets(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 | Self::Sha512Of224 => 28,
            Self::Sha256 | Self::Sha512Of256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(super) fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => {
                let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, message);
                hash.as_ref().to_vec()
            }
            Self::Sha224 => Sha224::digest(message).to_vec(),
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
            Self::Sha512Of224 => Sha512_224::digest(message).to_vec(),
            Self::Sha512Of256 => Sha512_256::digest(message).to_vec(),
        }
    }
}
