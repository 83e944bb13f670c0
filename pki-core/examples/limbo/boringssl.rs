//! Our checks in the words of `BoringSSL`: the messages of `pki/common_cert_errors.cc`,
//! `pki/parsed_certificate.cc` and `pki/parse_certificate.cc`.

use Only::{Always, Expected, Found};

/// When a row holds, where one check has several messages.
enum Only {
    Always,
    /// What was found says so.
    Found(&'static str),
    /// What belongs there says so.
    Expected(&'static str),
}

/// A check, when, and the message. The first row that fits holds.
const MESSAGES: &[(&str, Only, &str)] = &[
    ("signature", Always, "VerifySignedData failed"),
    ("signature-key", Always, "VerifySignedData failed"),
    (
        "signature-algorithm",
        Always,
        "Unacceptable signature algorithm",
    ),
    (
        "signature-not-allowed",
        Always,
        "Unacceptable signature algorithm",
    ),
    ("weak-key", Always, "Unacceptable public key"),
    ("key-not-allowed", Always, "Unacceptable public key"),
    (
        "untrusted-root",
        Always,
        "Certificate is not a trust anchor",
    ),
    ("issuer-not-found", Always, "No matching issuer found"),
    ("issuer-name", Always, "subject does not match issuer"),
    ("expired", Always, "Time is after notAfter"),
    ("not-yet-valid", Always, "Time is before notBefore"),
    (
        "purpose",
        Found("codeSigning beside"),
        "The extended key usage includes code signing which is not permitted for this use",
    ),
    (
        "purpose",
        Found("timeStamping beside"),
        "The extended key usage includes time stamping which is not permitted for this use",
    ),
    (
        "purpose",
        Found("OCSPSigning beside"),
        "The extended key usage includes OCSP signing which is not permitted for this use",
    ),
    (
        "purpose",
        Expected("an end entity"),
        "Certificate has Basic Constraints indicating it is a CA when it should not be a CA",
    ),
    (
        "purpose",
        Expected("serverAuth"),
        "The extended key usage does not include server auth",
    ),
    (
        "purpose",
        Expected("clientAuth"),
        "The extended key usage does not include client auth",
    ),
    (
        "ca-as-end-entity",
        Always,
        "Certificate has Basic Constraints indicating it is a CA when it should not be a CA",
    ),
    (
        "not-a-ca",
        Found("no BasicConstraints"),
        "Does not have Basic Constraints",
    ),
    ("not-a-ca", Always, "Basic Constraints indicates not a CA"),
    ("key-cert-sign", Always, "keyCertSign bit is not set"),
    ("path-length", Always, "max_path_length reached"),
    ("chain-too-long", Always, "Depth limit exceeded"),
    ("name-excluded", Always, "Not permitted by name constraints"),
    (
        "name-not-permitted",
        Always,
        "Not permitted by name constraints",
    ),
    (
        "constraint-unsupported",
        Always,
        "Not permitted by name constraints",
    ),
    (
        "constraint-malformed",
        Always,
        "Failed parsing name constraints",
    ),
    (
        "unknown-critical-extension",
        Always,
        "Unconsumed critical extension",
    ),
    ("duplicate-extension", Always, "Failed parsing extensions"),
    (
        "malformed-extension",
        Found("BasicConstraints"),
        "Failed parsing basic constraints",
    ),
    (
        "malformed-extension",
        Found("ExtendedKeyUsage"),
        "Failed parsing extended key usage",
    ),
    (
        "malformed-extension",
        Found("KeyUsage"),
        "Failed parsing key usage",
    ),
    (
        "malformed-extension",
        Found("SubjectAltName"),
        "Failed parsing subjectAltName",
    ),
    (
        "malformed-extension",
        Found("NameConstraints"),
        "Failed parsing name constraints",
    ),
    (
        "malformed-extension",
        Found("AuthorityKeyIdentifier"),
        "Failed parsing authority key identifier",
    ),
    (
        "malformed-extension",
        Found("SubjectKeyIdentifier"),
        "Failed parsing subject key identifier",
    ),
    (
        "extension-content",
        Found("AuthorityInfoAccess"),
        "Failed parsing authority info access",
    ),
    (
        "extension-content",
        Found("CertificatePolicies"),
        "Failed parsing certificate policies",
    ),
    (
        "extension-criticality",
        Found("SubjectAltName of an empty subject"),
        "Empty subject and subjectAltName is not critical",
    ),
    (
        "algorithms-differ",
        Always,
        "Certificate.signatureAlgorithm != TBSCertificate.signature",
    ),
    (
        "extensions-in-old-version",
        Always,
        "Unexpected extensions (must be V3 certificate)",
    ),
    (
        "serial-number",
        Found("octets"),
        "Serial number is longer than 20 octets",
    ),
    ("serial-number", Found("-"), "Serial number is negative"),
    ("serial-number", Always, "Serial number is zero"),
    ("revoked", Always, "Certificate is revoked"),
    ("unreadable", Always, "Failed parsing Certificate"),
    (
        "limit-reached",
        Found("name constraints"),
        "Too many name constraints checks",
    ),
    ("limit-reached", Always, "Iteration limit exceeded"),
];

/// The message of `BoringSSL` for a check that failed; `None` where it has none.
pub(crate) fn message(check: &str, found: &str, expected: Option<&str>) -> Option<&'static str> {
    let holds = |only: &Only| match only {
        Always => true,
        Found(piece) => found.contains(piece),
        Expected(piece) => expected.is_some_and(|e| e.contains(piece)),
    };
    MESSAGES
        .iter()
        .find(|(id, only, _)| *id == check && holds(only))
        .map(|(.., message)| *message)
}
