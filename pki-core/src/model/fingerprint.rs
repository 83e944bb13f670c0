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

impl KesIdentity {
    /// The same identity as MinKMS writes it: `h1:` and the 32 octets in
    /// base64url without padding (RFC 4648 5; aead/mtls `identity.go`).
    pub fn minkms(&self) -> String {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut text = String::from("h1:");
        for chunk in self.0.chunks(3) {
            let octet = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
            let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
            for digit in 0..=chunk.len() {
                let value = bits >> (18 - 6 * digit) & 0x3f;
                text.push(char::from(ALPHABET[value as usize]));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs that minio/kes and aead/mtls give for the same keys.
    #[test]
    fn minkms_writes_the_identity_of_kes() {
        for (kes, minkms) in [
            (
                "3ecfcdf38fcbe141ae26a1030f81e96b753365a46760ae6b578698a97c59fd22",
                "h1:Ps_N84_L4UGuJqEDD4Hpa3UzZaRnYK5rV4aYqXxZ_SI",
            ),
            (
                "8b48af805bff937a4f4f8b01e7f824c2859d7121f3d3ad24438ef035f282ce88",
                "h1:i0ivgFv_k3pPT4sB5_gkwoWdcSHz060kQ47wNfKCzog",
            ),
        ] {
            let mut octets = [0; 32];
            for (i, octet) in octets.iter_mut().enumerate() {
                *octet = u8::from_str_radix(&kes[2 * i..2 * i + 2], 16).unwrap();
            }
            let identity = KesIdentity(octets);
            assert_eq!(identity.to_string(), kes);
            assert_eq!(identity.minkms(), minkms);
        }
    }
}
