//! Object identifiers of keys and signatures: content octets, and names.

/// rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017 A.1)
pub(super) const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
/// id-RSASSA-PSS, 1.2.840.113549.1.1.10 (RFC 4055 3.1)
pub(super) const RSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
/// id-mgf1, 1.2.840.113549.1.1.8 (RFC 4055 2.2)
pub(super) const MGF1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08";
/// id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480 2.1.1)
pub(super) const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
/// id-dsa, 1.2.840.10040.4.1 (RFC 3279 2.3.2)
pub(super) const DSA: &[u8] = b"\x2a\x86\x48\xce\x38\x04\x01";
/// id-Ed25519, 1.3.101.112 (RFC 8410 3)
pub(super) const ED25519: &[u8] = b"\x2b\x65\x70";
/// secp256r1, 1.2.840.10045.3.1.7 (RFC 5480 2.1.1.1)
pub(super) const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
/// secp384r1, 1.3.132.0.34
pub(super) const P384: &[u8] = b"\x2b\x81\x04\x00\x22";
/// secp521r1, 1.3.132.0.35
pub(super) const P521: &[u8] = b"\x2b\x81\x04\x00\x23";

/// What people call a kind of key or a curve, else the dotted form.
pub(super) fn name(oid: &[u8]) -> String {
    let Some(dotted) = crate::der::oid_text(oid) else {
        return "an unreadable object identifier".into();
    };
    let known = match dotted.as_str() {
        "1.2.840.113549.1.1.1" => "RSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.10045.3.1.7" => "P-256",
        "1.3.132.0.34" => "P-384",
        "1.3.132.0.35" => "P-521",
        "1.3.132.0.33" => "P-224",
        "1.2.840.10045.3.1.1" => "P-192",
        "1.3.132.0.10" => "secp256k1",
        "1.3.36.3.3.2.8.1.1.7" => "brainpoolP256r1",
        "1.3.36.3.3.2.8.1.1.11" => "brainpoolP384r1",
        "1.3.36.3.3.2.8.1.1.13" => "brainpoolP512r1",
        "1.2.156.10197.1.301" => "SM2",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.113549.1.3.1" => "DH",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        _ => return dotted,
    };
    known.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_octets_are_those_of_the_dotted_form() {
        for (octets, dotted) in [
            (RSA, "1.2.840.113549.1.1.1"),
            (DSA, "1.2.840.10040.4.1"),
            (RSA_PSS, "1.2.840.113549.1.1.10"),
            (MGF1, "1.2.840.113549.1.1.8"),
            (EC, "1.2.840.10045.2.1"),
            (ED25519, "1.3.101.112"),
            (P256, "1.2.840.10045.3.1.7"),
            (P384, "1.3.132.0.34"),
            (P521, "1.3.132.0.35"),
        ] {
            assert_eq!(crate::der::oid_octets(dotted).as_deref(), Some(octets));
        }
    }
}
