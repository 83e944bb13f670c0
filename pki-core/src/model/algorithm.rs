//! Kinds of keys and of signatures.

use std::fmt;
use std::str::FromStr;

/// A kind of key that this program makes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// ECDSA over NIST P-256 (RFC 5480).
    EcdsaP256,
    /// ECDSA over NIST P-384.
    EcdsaP384,
    /// ECDSA over NIST P-521.
    EcdsaP521,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// RSA (RFC 8017) with a modulus of so many bits.
    Rsa(u16),
}

impl KeyAlgorithm {
    /// Every word the manifest takes.
    pub const WORDS: [&str; 9] = [
        "ecdsa-p256",
        "ecdsa-p384",
        "ecdsa-p521",
        "ed25519",
        "rsa-2048",
        "rsa-3072",
        "rsa-4096",
        "rsa-6144",
        "rsa-8192",
    ];

    /// Whether it is RSA of any size.
    pub fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa(_))
    }

    /// The signature that a key of this kind makes here: the hash as strong as
    /// the curve, SHA-256 for RSA.
    pub fn signature(self) -> SignatureAlgorithm {
        match self {
            Self::EcdsaP256 => SignatureAlgorithm::EcdsaSha256,
            Self::EcdsaP384 => SignatureAlgorithm::EcdsaSha384,
            Self::EcdsaP521 => SignatureAlgorithm::EcdsaSha512,
            Self::Ed25519 => SignatureAlgorithm::Ed25519,
            Self::Rsa(_) => SignatureAlgorithm::RsaPkcs1Sha256,
        }
    }

    /// For people: `ECDSA P-256`, `RSA 4096`.
    pub fn title(self) -> String {
        match self {
            Self::EcdsaP256 => "ECDSA P-256".into(),
            Self::EcdsaP384 => "ECDSA P-384".into(),
            Self::EcdsaP521 => "ECDSA P-521".into(),
            Self::Ed25519 => "Ed25519".into(),
            Self::Rsa(bits) => format!("RSA {bits}"),
        }
    }
}

/// The manifest's word.
impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EcdsaP256 => f.write_str("ecdsa-p256"),
            Self::EcdsaP384 => f.write_str("ecdsa-p384"),
            Self::EcdsaP521 => f.write_str("ecdsa-p521"),
            Self::Ed25519 => f.write_str("ed25519"),
            Self::Rsa(bits) => write!(f, "rsa-{bits}"),
        }
    }
}

/// A word that names no kind of key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown key algorithm `{0}`")]
pub struct UnknownAlgorithm(pub String);

impl FromStr for KeyAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if !Self::WORDS.contains(&word) {
            return Err(UnknownAlgorithm(word.to_owned()));
        }
        Ok(match word {
            "ecdsa-p256" => Self::EcdsaP256,
            "ecdsa-p384" => Self::EcdsaP384,
            "ecdsa-p521" => Self::EcdsaP521,
            "ed25519" => Self::Ed25519,
            rsa => Self::Rsa(
                rsa["rsa-".len()..]
                    .parse()
                    .map_err(|_| UnknownAlgorithm(word.to_owned()))?,
            ),
        })
    }
}

/// A kind of signature on a certificate, a request or a revocation list.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// ecdsa-with-SHA256 (RFC 5758 3.2)
    EcdsaSha256,
    /// ecdsa-with-SHA384
    EcdsaSha384,
    /// ecdsa-with-SHA512
    EcdsaSha512,
    /// Ed25519 (RFC 8410 3)
    Ed25519,
    /// sha256WithRSAEncryption (RFC 4055 5)
    RsaPkcs1Sha256,
    /// sha384WithRSAEncryption
    RsaPkcs1Sha384,
    /// sha512WithRSAEncryption
    RsaPkcs1Sha512,
}

impl SignatureAlgorithm {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
        Self::Ed25519,
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
    ];

    /// The AlgorithmIdentifier in DER: parameters absent for ECDSA (RFC 5758
    /// 3.2) and Ed25519 (RFC 8410 3), NULL for RSA (RFC 4055 5).
    pub const fn identifier(self) -> &'static [u8] {
        match self {
            Self::EcdsaSha256 => b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02",
            Self::EcdsaSha384 => b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03",
            Self::EcdsaSha512 => b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04",
            Self::Ed25519 => b"\x30\x05\x06\x03\x2b\x65\x70",
            Self::RsaPkcs1Sha256 => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00",
            Self::RsaPkcs1Sha384 => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00",
            Self::RsaPkcs1Sha512 => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00",
        }
    }

    /// The algorithm with this AlgorithmIdentifier, compared octet by octet.
    pub fn from_identifier(der: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.identifier() == der)
    }

    /// The name that openssl prints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaSha256 => "ecdsa-with-SHA256",
            Self::EcdsaSha384 => "ecdsa-with-SHA384",
            Self::EcdsaSha512 => "ecdsa-with-SHA512",
            Self::Ed25519 => "ED25519",
            Self::RsaPkcs1Sha256 => "sha256WithRSAEncryption",
            Self::RsaPkcs1Sha384 => "sha384WithRSAEncryption",
            Self::RsaPkcs1Sha512 => "sha512WithRSAEncryption",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for word in KeyAlgorithm::WORDS {
            assert_eq!(word.parse::<KeyAlgorithm>().unwrap().to_string(), word);
        }
        for bad in ["rsa-1024", "rsa-2047", "rsa", "p256", "ECDSA-P256"] {
            assert!(bad.parse::<KeyAlgorithm>().is_err(), "{bad}");
        }
    }
}
