//! rustls.

use super::Meaning;

pub(super) const ROWS: &[Meaning] = &[
    Meaning::of(
        "rustls/version",
        &["version"],
        "The certificate is not of version 3; a root of version 1 without extensions is taken.",
    ),
    Meaning::of(
        "rustls/unique-id",
        &["unique-identifier"],
        "The certificate has unique identifiers.",
    ),
    Meaning::of(
        "rustls/algorithms-differ",
        &["algorithms-differ"],
        "The certificate names two signature algorithms where it must name one twice.",
    ),
    Meaning::of(
        "rustls/duplicate-extension",
        &["duplicate-extension"],
        "An extension that rustls knows stands twice in the certificate.",
    ),
    Meaning::of(
        "rustls/extension-form",
        &["malformed-extension", "not-der"],
        "An extension that rustls knows is no SEQUENCE, or has something after it, or a BOOLEAN that is not DER.",
    ),
    Meaning::of(
        "rustls/unknown-critical",
        &["unknown-critical-extension", "policies-not-processed"],
        "A critical extension that rustls does not know, certificate policies among them; roots are not asked.",
    ),
    Meaning::of(
        "rustls/ca-as-end-entity",
        &["ca-as-end-entity"],
        "The server's certificate is one of a CA.",
    ),
    Meaning::of(
        "rustls/time",
        &["expired", "not-yet-valid"],
        "The server's certificate is past its end, or starts in the future.",
    )
    .values(&[
        "certificate expired: verification time 1796000000 (UNIX), but certificate is not valid after 1795000000",
        "certificate not valid yet: verification time 1796000000 (UNIX), but certificate is not valid before 1797000000",
    ]),
    Meaning::of(
        "rustls/time-form",
        &["time-form"],
        "A time of the server's certificate is not written as DER has it, or is before 1970.",
    ),
    Meaning::of(
        "rustls/purpose",
        &["purpose"],
        "The ExtendedKeyUsage of the certificate does not name the use; anyExtendedKeyUsage does not count.",
    )
    .values(&["certificate does not allow extended key usage for server authentication", "Other(OtherError(EmptyEkuExtension))"]),
    Meaning::of(
        "rustls/not-a-ca",
        &["not-a-ca"],
        "A certificate between server and root is no CA.",
    ),
    Meaning::of(
        "rustls/path-length-form",
        &["malformed-extension"],
        "The path length of a CA of the chain is negative or above 255; roots are not asked.",
    ),
    Meaning::of(
        "rustls/path-length",
        &["path-length"],
        "More CAs stand below a CA than its pathLenConstraint allows; CAs that are self-issued count, roots are not asked.",
    ),
    Meaning::of(
        "rustls/issuer-time",
        &["expired", "not-yet-valid"],
        "A CA of the chain is past its end or starts in the future; roots are not asked.",
    )
    .values(&[
        "certificate expired: verification time 1796000000 (UNIX), but certificate is not valid after 1795000000",
    ]),
    Meaning::of(
        "rustls/issuer-time-form",
        &["time-form"],
        "A time of a CA of the chain is not written as DER has it, or is before 1970; roots are not asked.",
    ),
    Meaning::of(
        "rustls/issuer-purpose",
        &["purposes-disjoint", "purpose"],
        "The ExtendedKeyUsage of a CA of the chain does not name the use; roots are not asked.",
    )
    .values(&["certificate does not allow extended key usage for server authentication"]),
    Meaning::of(
        "rustls/signature-algorithm",
        &["signature-algorithm", "weak-key"],
        "A signature of the chain is made in a way that rustls with ring does not take: SHA-1, DSA, ECDSA with SHA-512.",
    )
    .fix("Issue it again from a CA with a key on P-256 or P-384, or RSA with 2048 bits or more."),
    Meaning::of(
        "rustls/signature-key",
        &["signature", "weak-key"],
        "The key of the certificate that stands as issuer is of another kind than the signature, or of one that rustls with ring does not take, as P-521.",
    )
    .values(&["{ signature_algorithm_id: [6, 8, …], public_key_algorithm_id: [6, 9, …] }"]),
    Meaning::of(
        "rustls/rsa-size",
        &["weak-key"],
        "An RSA key that signed is shorter than 2048 bits or longer than 8192.",
    ),
    Meaning::of(
        "rustls/depth",
        &["chain-too-long"],
        "More than six CAs stand between server and root.",
    ),
    Meaning::of(
        "rustls/name-constraints",
        &["name-not-permitted", "name-excluded", "constraint-malformed"],
        "A name in a certificate is not among those that a CA above it may vouch for, or the constraints cannot be read.",
    )
    .values(&[
        "Other(OtherError(NameConstraintViolation))",
        "Other(OtherError(MalformedNameConstraint))",
        "Other(OtherError(InvalidNetworkMaskConstraint))",
    ]),
    Meaning::of(
        "rustls/name-comparisons",
        &[],
        "The names of a chain would have to be compared with name constraints more than 250,000 times.",
    )
    .fix("Issue the CA again with fewer name constraints, or the certificates below it with fewer names."),
    Meaning::of(
        "rustls/name",
        &["name-not-covered", "no-alternative-name", "wildcard-over-one-label"],
        "The name that is dialled is not in the SubjectAltName; the common name does not count.",
    )
    .values(&["\"minio\""]),
    Meaning::of(
        "rustls/no-anchors",
        &["issuer-not-found"],
        "Nothing is trusted, or nothing that rustls can read.",
    ),
    Meaning::of(
        "rustls/signature-limit",
        &["chain-too-long"],
        "More than 100 signatures would have to be verified to find a chain.",
    )
    .fix("Send the chain alone, and trust one CA of each name."),
    Meaning::of(
        "rustls/path-limit",
        &["chain-too-long"],
        "More than 200,000 certificates would have to be put above others to find a chain.",
    )
    .fix("Send the chain alone."),
    Meaning::of(
        "rustls/unknown-issuer",
        &["issuer-not-found", "untrusted-root"],
        "No chain leads to a trusted certificate.",
    ),
    Meaning::of(
        "rustls/signature",
        &["signature"],
        "The key of the certificate that stands as issuer did not make the signature.",
    ),
];
