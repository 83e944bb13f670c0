//! What a key may be used for: KeyUsage (RFC 5280 4.2.1.3) and
//! ExtendedKeyUsage (4.2.1.12).

use std::fmt;

/// A set of KeyUsage bits. Bit 0 (digitalSignature) is the lowest bit here.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// digitalSignature (0)
    pub const DIGITAL_SIGNATURE: Self = Self(1);
    /// nonRepudiation, contentCommitment (1)
    pub const CONTENT_COMMITMENT: Self = Self(1 << 1);
    /// keyEncipherment (2)
    pub const KEY_ENCIPHERMENT: Self = Self(1 << 2);
    /// dataEncipherment (3)
    pub const DATA_ENCIPHERMENT: Self = Self(1 << 3);
    /// keyAgreement (4)
    pub const KEY_AGREEMENT: Self = Self(1 << 4);
    /// keyCertSign (5)
    pub const KEY_CERT_SIGN: Self = Self(1 << 5);
    /// cRLSign (6)
    pub const CRL_SIGN: Self = Self(1 << 6);
    /// encipherOnly (7)
    pub const ENCIPHER_ONLY: Self = Self(1 << 7);
    /// decipherOnly (8)
    pub const DECIPHER_ONLY: Self = Self(1 << 8);

    const NAMES: [&str; 9] = [
        "digitalSignature",
        "contentCommitment",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];

    /// The bits as given, bit 0 lowest; bits beyond 8 are dropped.
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & 0x1ff)
    }

    /// The bits, bit 0 lowest.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in this.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of RFC 5280, in bit order.
    pub fn names(self) -> Vec<&'static str> {
        (0..9)
            .filter(|bit| self.0 & (1 << bit) != 0)
            .map(|bit| Self::NAMES[bit])
            .collect()
    }
}

impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(", "))
    }
}

/// One purpose of ExtendedKeyUsage.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Purpose {
    /// id-kp-serverAuth
    ServerAuth,
    /// id-kp-clientAuth
    ClientAuth,
    /// anyExtendedKeyUsage
    Any,
    /// Any other, as dotted OID.
    Other(String),
}

impl Purpose {
    /// The dotted OID.
    pub fn oid(&self) -> &str {
        match self {
            Self::ServerAuth => "1.3.6.1.5.5.7.3.1",
            Self::ClientAuth => "1.3.6.1.5.5.7.3.2",
            Self::Any => "2.5.29.37.0",
            Self::Other(oid) => oid,
        }
    }

    /// From a dotted OID.
    pub fn from_oid(oid: &str) -> Self {
        [Self::ServerAuth, Self::ClientAuth, Self::Any]
            .into_iter()
            .find(|p| p.oid() == oid)
            .unwrap_or_else(|| Self::Other(oid.to_owned()))
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ServerAuth => "serverAuth",
            Self::ClientAuth => "clientAuth",
            Self::Any => "anyExtendedKeyUsage",
            Self::Other(oid) => oid,
        })
    }
}
