//! OpenSSL, as it comes and as Python 3.13 sets it.

use super::Meaning;

pub(super) const ROWS: &[Meaning] = &[
    Meaning::of(
        "openssl/serial",
        &["serial-number", "not-der"],
        "The serial number is not written as DER has it: no octet, or more than it needs.",
    )
    .values(&["illegal zero content", "illegal padding"]),
    Meaning::of(
        "openssl/algorithm-form",
        &["algorithms-differ", "signature-algorithm"],
        "The algorithm of the signature has more behind its parameters.",
    ),
    Meaning::of(
        "openssl/name-text",
        &["name-encoding"],
        "A UTF8String of issuer or subject is no UTF-8.",
    ),
    Meaning::of(
        "openssl/key-too-weak",
        &["weak-key"],
        "The key of the server is too weak for security level 2 (RSA below 1963 bits, a curve below 224), or no key comes of it.",
    ),
    Meaning::of(
        "openssl/unknown-critical",
        &["unknown-critical-extension"],
        "A critical extension that OpenSSL does not know; roots are asked too.",
    ),
    Meaning::of(
        "openssl/invalid-ca",
        &["not-a-ca", "key-cert-sign"],
        "A CA of the chain, the root among them, is none: no BasicConstraints that say so, or a KeyUsage without keyCertSign.",
    ),
    Meaning::of(
        "openssl/explicit-curve",
        &["key-parameters"],
        "A key of the chain writes out its curve in place of naming it.",
    ),
    Meaning::of(
        "openssl/strict",
        &[
            "ca-without-key-usage",
            "authority-key-id-missing",
            "subject-key-id-missing",
            "extension-criticality",
            "key-cert-sign-without-ca",
            "path-length-without-ca",
            "empty-subject",
            "algorithms-differ",
        ],
        "A certificate of the chain is not as RFC 5280 has it; Python 3.13 asks, and `openssl verify -x509_strict`.",
    )
    .values(&[
        "CA cert does not include key usage extension",
        "Missing Authority Key Identifier",
        "Missing Subject Key Identifier",
        "Basic Constraints of CA cert not marked critical",
        "Key usage keyCertSign invalid for non-CA cert",
        "Path length invalid for non-CA cert",
        "Path length given without key usage keyCertSign",
        "Issuer name empty",
        "Subject name empty",
        "Subject empty and Subject Alt Name extension not critical",
        "Empty Subject Alternative Name extension",
        "cert info signature and signature algorithm mismatch",
        "Authority Key Identifier marked critical",
        "Subject Key Identifier marked critical",
        "Using cert extension requires at least X509v3",
    ])
    .fix("Find which it is: `pki verify CERTIFICATE --ca TRUST` names our rule, and `pki explain` says what to do of that one."),
    Meaning::of(
        "openssl/purpose",
        &["purpose", "key-usage"],
        "ExtendedKeyUsage of a certificate of the chain does not name the use, or KeyUsage of the server's allows neither signatures nor key agreement nor encipherment.",
    ),
    Meaning::of(
        "openssl/path-length",
        &["path-length"],
        "More CAs stand below a CA than its pathLenConstraint allows; CAs that are self-issued do not count.",
    ),
    Meaning::of(
        "openssl/ca-key-too-weak",
        &["weak-key"],
        "The key of a CA is too short for security level 2: RSA below 2048 bits, a curve below 224.",
    ),
    Meaning::of(
        "openssl/digest-too-weak",
        &["signature-algorithm"],
        "A signature of the chain rests on SHA-1 or MD5; that of the root is not looked at.",
    ),
    Meaning::of(
        "openssl/name",
        &["name-not-covered", "wildcard-over-one-label"],
        "The name that is dialled is not in the certificate; curl and Python say it in words of their own. OpenSSL lets a wildcard stand for a part of its label too, curl and Python do not.",
    )
    .values(&["hostname mismatch", "IP address mismatch"]),
    Meaning::of(
        "openssl/signature",
        &["signature", "expired", "not-yet-valid", "key-cert-sign"],
        "From the root down: a signature does not hold, or a certificate is past its end or starts in the future.",
    )
    .values(&[
        "certificate signature failure",
        "certificate has expired",
        "certificate is not yet valid",
        "key usage does not include certificate signing",
    ])
    .fix("Find which it is: `pki verify CERTIFICATE --ca TRUST` names our rule, and `pki explain` says what to do of that one."),
    Meaning::of(
        "openssl/name-constraints",
        &["name-not-permitted", "name-excluded", "common-name-not-permitted"],
        "A name in a certificate is not among those that a CA above it may vouch for; a common name that looks like a host counts where there is no DNS name.",
    )
    .values(&[
        "permitted subtree violation",
        "excluded subtree violation",
        "name constraints minimum and maximum not supported",
        "unspecified certificate verification error",
    ]),
    Meaning::of(
        "openssl/no-local-issuer",
        &["issuer-not-found", "authority-key-id-mismatch"],
        "The issuer is neither in what the server sent nor among what is trusted. The one of that name may have another key id. The same is said where either has an extension that cannot be read, such as a CRL distribution point without a place and an issuer.",
    ),
    Meaning::of(
        "openssl/no-issuer",
        &["anchor-is-no-root"],
        "The trusted CA is no root, and the root above it is not trusted.",
    ),
    Meaning::of(
        "openssl/self-signed",
        &["subject-equals-issuer", "untrusted-root"],
        "The server's certificate is self-signed and not trusted itself; one with its CA's name is taken for self-signed.",
    ),
    Meaning::of(
        "openssl/self-signed-in-chain",
        &["untrusted-root"],
        "The chain ends in a root that is not trusted.",
    ),
    Meaning::of(
        "openssl/chain-too-long",
        &["chain-too-long"],
        "The chain is longer than the caller allows.",
    ),
];
