//! Hashes that name a certificate or a key. Three types, so that one is never
//! taken for another; how each is computed stands with what it is of.

use std::fmt;

fn hex(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    octets.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
}

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub [u8; 32]);

        /// Lower-case hex.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex(f, &self.0)
            }
        }
    };
}

digest! {
    /// SHA-256 of a certificate's DER.
    CertFingerprint
}
digest! {
    /// SHA-256 of a SubjectPublicKeyInfo's DER, as it stands in the certificate.
    SpkiFingerprint
}
digest! {
    /// The identity KES gives a client: the hex SHA-256 of the raw
    /// SubjectPublicKeyInfo (minio/kes `auth.go`).
    KesIdentity
}

impl From<SpkiFingerprint> for KesIdentity {
    fn from(fingerprint: SpkiFingerprint) -> Self {
        Self(fingerprint.0)
    }
}
