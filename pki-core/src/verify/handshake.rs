//! Whether TLS can sign a handshake with the key of a certificate.

use crate::cert::Certificate;
use crate::report::{Finding, Locator, Severity, rule};

/// What clients answer where client and server know no signature for a key in
/// common (measured with a server of OpenSSL 3.0.19 and keys on P-224,
/// secp256k1 and brainpoolP256r1, and DSA; by Go 1.26, Java 17 and Python 3.13).
const EVERYBODY: [&str; 3] = [
    "Go: \"remote error: tls: handshake failure\"",
    "Java: \"Received fatal alert: handshake_failure\"",
    "curl, OpenSSL, Python: \"sslv3 alert handshake failure\"",
];

/// A key that some or all clients cannot have a handshake signed with; the place
/// is still to be said. TLS 1.3 has signatures for three curves, RSA, Ed25519 and
/// Ed448 (RFC 8446 4.2.3), and OpenSSL, Go and Java offer no other curve in TLS
/// 1.2 either. Ed448 is known to OpenSSL and Java, and not to Go.
pub(super) fn unsigned(leaf: &Certificate) -> Option<Finding> {
    let key = leaf.public_key();
    if key.algorithm().is_some() {
        return None;
    }
    let kind = key.describe();
    let (weight, who): (Severity, &[&str]) = match kind.as_str() {
        // What is odd with the parameters is told by `key-parameters`.
        "RSA-PSS" | "EC without a named curve" => return None,
        known if known.starts_with("RSA-PSS ") => return None,
        "Ed448" => (Severity::Warning, &EVERYBODY[..1]),
        _ => (Severity::Error, &EVERYBODY),
    };
    let finding = rule::KEY_NOT_FOR_TLS
        .at(Locator::Tree)
        .weighing(weight)
        .found(format!("{}: a key of the kind {kind}", leaf.subject()))
        .expected("ECDSA P-256 or P-384, or RSA with 2048 bits or more")
        .fix("make a new key, `ecdsa-p256` for example, and issue it again");
    Some(who.iter().copied().fold(finding, Finding::affects))
}
