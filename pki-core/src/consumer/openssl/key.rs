//! Keys as OpenSSL measures them.

use crate::cert::Certificate;
use crate::der::{self, tag};
use crate::model::algorithm::KeyAlgorithm;

/// Security level 2 (`minbits_table`).
pub(super) const LEVEL_2: u32 = 112;

/// `EVP_PKEY_get_security_bits`, as far as level 2 asks.
pub(super) fn security_bits(cert: &Certificate) -> u32 {
    match cert.public_key().algorithm() {
        Some(KeyAlgorithm::Rsa(bits)) if bits < 2048 => 80,
        _ if small_curve(cert) => 96,
        _ => 112,
    }
}

/// Named curves below 224 bits: secp192r1 and what has less.
pub(super) fn small_curve(cert: &Certificate) -> bool {
    const P192: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01];
    cert.public_key().algorithm_identifier().ends_with(P192)
}

pub(super) fn explicit_curve(cert: &Certificate) -> bool {
    let identifier = der::only(cert.public_key().algorithm_identifier(), tag::SEQUENCE);
    identifier.is_ok_and(|identifier| {
        let mut reader = identifier.reader();
        let kind = reader
            .element(tag::OID)
            .ok()
            .and_then(|e| der::oid_text(e.value));
        kind.as_deref() == Some("1.2.840.10045.2.1") && reader.peek() == Some(tag::SEQUENCE)
    })
}
