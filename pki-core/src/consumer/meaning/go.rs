//! Go.

use super::Meaning;

pub(super) const ROWS: &[Meaning] = &[
    Meaning::of(
        "go/version",
        &["extensions-in-old-version"],
        "The certificate has a version above 3.",
    ),
    Meaning::of(
        "go/negative-serial",
        &["serial-number"],
        "The serial number is negative.",
    ),
    Meaning::of(
        "go/der",
        &["serial-number", "not-der"],
        "The serial number is not written as DER has it: no octet, or more than it needs.",
    )
    .values(&["malformed serial number"]),
    Meaning::of(
        "go/algorithms-differ",
        &["algorithms-differ"],
        "The certificate names two signature algorithms where it must name one twice.",
    ),
    Meaning::of(
        "go/name-text",
        &["name-encoding"],
        "A part of issuer or subject has octets that its kind of string does not have.",
    )
    .values(&["invalid RDNSequence"]),
    Meaning::of(
        "go/public-key",
        &["key-parameters"],
        "The kind of the key is written otherwise than Go reads it: a curve that is not P-224 to P-521, or an RSA key without NULL.",
    )
    .values(&[
        "invalid ECDSA parameters",
        "unsupported elliptic curve",
        "RSA key missing NULL parameters",
    ]),
    Meaning::of(
        "go/time-form",
        &["time-form"],
        "A GeneralizedTime has a fraction of a second, or lacks its seconds.",
    ),
    Meaning::of(
        "go/rsa-too-large",
        &["weak-key"],
        "A certificate that was sent has an RSA key of more than 8192 bits; of a trusted one it is not asked.",
    )
    .values(&["server", "client"])
    .fix("Issue it again with a key of 8192 bits at most."),
    Meaning::of(
        "go/point",
        &["key-malformed"],
        "The point of an EC key is compressed, or not on its curve.",
    )
    .values(&["P256 point not on curve", "ecdsa: invalid uncompressed public key"]),
    Meaning::of(
        "go/duplicate-extension",
        &["duplicate-extension"],
        "One extension stands twice in the certificate.",
    )
    .values(&["\"2.5.29.15\""]),
    Meaning::of(
        "go/extension",
        &["malformed-extension", "extension-criticality", "malformed-name"],
        "An extension that Go knows cannot be read, or is critical and must not be.",
    )
    .values(&[
        "invalid basic constraints",
        "invalid key usage",
        "invalid subject alternative names",
        "SAN dNSName is malformed",
        "cannot parse IP address of length 5",
        "authority key identifier incorrectly marked critical",
    ]),
    Meaning::of(
        "go/extension-1.24",
        &["malformed-extension", "extension-content"],
        "A path length is negative, one policy stands twice, or policy mappings, policy constraints or inhibitAnyPolicy cannot be read, critical or not.",
    )
    .values(&[
        "invalid policy constraints extension",
        "invalid basic constraints",
        "invalid certificate policies",
    ]),
    Meaning::of(
        "go/name-constraints-form",
        &["constraint-malformed", "malformed-extension"],
        "The name constraints of a CA cannot be read.",
    )
    .values(&[
        "empty name constraints extension",
        "invalid NameConstraints extension",
        "failed to parse dnsName constraint \"*.example.com\"",
    ]),
    Meaning::of(
        "go/name-constraints-dot",
        &["constraint-malformed"],
        "The name constraints of a CA have a base that is a dot alone.",
    )
    .values(&["failed to parse dnsName constraint \".\""]),
    Meaning::of(
        "go/unknown-critical",
        &["unknown-critical-extension", "policies-not-processed"],
        "A critical extension of the server's certificate that Go before 1.24 does not know; policy constraints and mappings among them.",
    ),
    Meaning::of(
        "go/unknown-critical-1.24",
        &["unknown-critical-extension"],
        "A critical extension of the server's certificate that Go does not know.",
    ),
    Meaning::of(
        "go/time",
        &["expired", "not-yet-valid"],
        "The server's certificate is past its end, or starts in the future.",
    )
    .values(&[
        "current time 2026-11-29T12:00:00Z is after 2026-11-21T00:00:00Z",
        "current time 2026-11-29T12:00:00Z is before 2040-01-01T00:00:00Z",
    ]),
    Meaning::of(
        "go/name",
        &["name-not-covered", "no-alternative-name"],
        "The name that is dialled is not in the SubjectAltName; the common name does not count.",
    )
    .values(&[
        "certificate is valid for aistor, not minio",
        "certificate is not valid for any names, but wanted to match minio",
        "certificate relies on legacy Common Name field, use SANs instead",
        "cannot validate certificate for 10.0.0.7 because it doesn't contain any IP SANs",
    ]),
    Meaning::of(
        "go/cannot-sign",
        &["not-a-ca", "key-cert-sign"],
        "What stands as issuer is no CA, or its KeyUsage lacks keyCertSign; Go prints it inside of `certificate signed by unknown authority`.",
    ),
    Meaning::of(
        "go/insecure-algorithm",
        &["signature-algorithm"],
        "The signature rests on SHA-1 or MD5.",
    )
    .values(&["SHA1-RSA", "ECDSA-SHA1", "MD5-RSA"]),
    Meaning::of(
        "go/unknown-algorithm",
        &["signature-algorithm", "key-parameters"],
        "The signature is made in a way that Go does not know, DSA among them.",
    ),
    Meaning::of(
        "go/rsa-key",
        &["weak-key", "key-malformed"],
        "The RSA key of a CA is one that Go does not verify with: below 1024 bits, an even modulus, an exponent that is even or above 2^31.",
    )
    .values(&[
        "512-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)",
        "public modulus is even",
    ])
    .note("printed as the hint of go/unknown-authority"),
    Meaning::of(
        "go/issuer-unknown-critical",
        &["unknown-critical-extension", "policies-not-processed"],
        "A critical extension of a CA that Go before 1.24 does not know; roots are asked too.",
    ),
    Meaning::of(
        "go/issuer-unknown-critical-1.24",
        &["unknown-critical-extension"],
        "A critical extension of a CA that Go does not know; roots are asked too.",
    ),
    Meaning::of(
        "go/issuer-time",
        &["expired", "not-yet-valid"],
        "A CA of the chain is past its end or starts in the future; roots are asked too.",
    )
    .values(&["current time 2026-11-29T12:00:00Z is after 2026-11-21T00:00:00Z"]),
    Meaning::of(
        "go/too-many-constraints",
        &[],
        "The names below a CA would have to be compared with more than 250,000 of its name constraints; Go before 1.25 gives up and has no words for it.",
    )
    .fix("Issue the CA again with fewer name constraints, or the certificates below it with fewer names."),
    Meaning::of(
        "go/name-constraints",
        &["name-not-permitted", "name-excluded"],
        "A name in a certificate is not among those that a CA above it may vouch for.",
    )
    .values(&[
        "a root or intermediate certificate is not authorized to sign for this name: DNS name \"web.example.com\" is not permitted by any constraint",
        "a root or intermediate certificate is not authorized to sign for this name: DNS name \"web.example.com\" is excluded by constraint \"example.com\"",
    ]),
    Meaning::of(
        "go/not-a-ca",
        &["not-a-ca"],
        "A certificate between server and root is no CA.",
    ),
    Meaning::of(
        "go/path-length",
        &["path-length"],
        "More CAs stand below a CA than its pathLenConstraint allows; roots are asked, and CAs that are self-issued count.",
    ),
    Meaning::of(
        "go/policies",
        &["policies-not-processed"],
        "A CA asks for an explicit policy, and the chain has none that all of it share.",
    ),
    Meaning::of(
        "go/purpose",
        &["purpose", "purposes-disjoint"],
        "The ExtendedKeyUsage of a certificate of the chain, the root among them, does not allow the use.",
    ),
    Meaning::of(
        "go/name-constraints-1.25",
        &["name-not-permitted", "name-excluded"],
        "A name in a certificate is not among those that a CA above it may vouch for; asked of whole chains since Go 1.25.",
    )
    .values(&[
        "DNS name \"web.example.com\" is not permitted by any constraint",
        "DNS name \"web.example.com\" is excluded by constraint \"example.com\"",
    ]),
    Meaning::of(
        "go/key-kind",
        &["weak-key", "key-parameters"],
        "The key of the server is neither RSA nor ECDSA nor Ed25519, with which alone Go speaks TLS.",
    )
    .values(&["server's certificate contains an unsupported type of public key: *dsa.PublicKey"])
    .fix("Make a key on P-256 and issue the certificate again."),
    Meaning::of(
        "go/signature-limit",
        &["chain-too-long"],
        "More than 100 certificates would have to be tried above others to find a chain.",
    )
    .fix("Send the chain alone, and trust one CA of each name."),
    Meaning::of(
        "go/unknown-authority",
        &["issuer-not-found", "untrusted-root", "signature"],
        "No chain leads to a trusted certificate: the issuer is not there, or its key did not make the signature.",
    )
    .values(&[
        "",
        " (possibly because of \"x509: ECDSA verification failure\" while trying to verify candidate authority certificate \"root\")",
    ]),
];
