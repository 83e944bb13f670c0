//! Java.

use super::Meaning;

/// `PKIXValidator`: what it finds of a chain, and what the builder keeps to itself.
const OF_CHAIN: &str = "printed behind `PKIX path validation failed: java.security.cert.CertPathValidatorException:`; \
     where what was sent is no chain as it stands, Java says the words of jsse/no-path instead";

pub(super) const ROWS: &[Meaning] = &[
    Meaning::of(
        "jsse/empty-issuer",
        &["empty-issuer"],
        "The certificate does not name who issued it.",
    ),
    Meaning::of(
        "jsse/algorithm-form",
        &["signature-algorithm"],
        "The algorithm of the signature has more behind its parameters than belongs there, or those of RSASSA-PSS are none.",
    )
    .values(&[
        "Invalid AlgorithmIdentifier: extra data",
        "Invalid encoded PSSParameters",
        "Unsupported trailerField value",
    ]),
    Meaning::of(
        "jsse/algorithms-differ",
        &["algorithms-differ"],
        "The certificate names two signature algorithms where it must name one twice.",
    ),
    Meaning::of(
        "jsse/serial",
        &["serial-number"],
        "The serial number has no octet.",
    ),
    Meaning::of(
        "jsse/old-version",
        &["extensions-in-old-version"],
        "A certificate of version 1 or 2 has extensions, or one of version 1 unique identifiers.",
    )
    .values(&[
        "no more data allowed for version 1 certificate",
        "Extensions not allowed in v2 certificate",
    ]),
    Meaning::of(
        "jsse/explicit-curve",
        &["key-parameters"],
        "The key writes out its curve in place of naming it.",
    ),
    Meaning::of(
        "jsse/unknown-curve",
        &["key-parameters"],
        "The key names a curve that Java has no name for.",
    )
    .values(&["1.2.3.4"])
    .fix("Make a new key and issue the certificate again."),
    Meaning::of(
        "jsse/public-key",
        &["key-malformed", "weak-key"],
        "The key cannot be read: a point that is compressed, an RSA key shorter than 512 or longer than 16384 bits or with an exponent below 3.",
    )
    .values(&["Invalid EC key", "exponent is smaller than 3", "RSA keys must be at least 512 bits long"]),
    Meaning::of(
        "jsse/duplicate-extension",
        &["duplicate-extension"],
        "One extension stands twice in the certificate.",
    ),
    Meaning::of(
        "jsse/critical-form",
        &["malformed-extension"],
        "A critical extension cannot be read; one that is not critical is passed over.",
    ),
    Meaning::of(
        "jsse/empty-subject",
        &["empty-subject", "extension-criticality"],
        "The subject is empty, and the SubjectAltName is absent, empty or not critical.",
    )
    .values(&[
        "subject field is empty, and SubjectAlternativeName extension is absent",
        "subject field is empty, and SubjectAlternativeName extension is empty",
        "SubjectAlternativeName extension MUST be marked critical when subject field is empty",
    ]),
    Meaning::of(
        "jsse/time",
        &["expired", "not-yet-valid"],
        "The server's certificate is past its end, or starts in the future.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/unknown-critical",
        &["unknown-critical-extension"],
        "A critical extension of the server's certificate that Java does not know.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/anchor-time",
        &["expired", "not-yet-valid"],
        "A trusted root is past its end or starts in the future, and a chain had to be searched through a CA below it.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/issuer-time",
        &["expired", "not-yet-valid"],
        "A CA of the chain is past its end or starts in the future; roots are not asked.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/not-a-ca",
        &["not-a-ca"],
        "A certificate between server and root is no CA.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/path-length",
        &["path-length"],
        "More CAs stand below a CA than its pathLenConstraint allows; CAs that are self-issued do not count, roots are not asked.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/issuer-unknown-critical",
        &["unknown-critical-extension"],
        "A critical extension of a CA that Java does not know; roots are not asked.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/key-cert-sign",
        &["key-cert-sign"],
        "The KeyUsage of a CA between server and root lacks keyCertSign.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/depth",
        &["chain-too-long"],
        "The chain is longer than the caller allows.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/algorithm",
        &["signature-algorithm", "weak-key"],
        "A signature of the chain rests on MD5, or a key is shorter than 1024 bits of RSA or a curve of 224.",
    )
    .values(&["signature algorithm", "keysize limits"])
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/signature-parameters",
        &["signature-algorithm"],
        "The algorithm of a signature with RSA has parameters that are not NULL.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/signature-parameters-17",
        &["signature-algorithm"],
        "The algorithm of a signature with ECDSA has parameters that are not NULL.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/key-usage-empty",
        &["key-usage-empty"],
        "The KeyUsage of a certificate allows nothing.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/policies",
        &["policies-not-processed"],
        "A CA asks for an explicit policy, and the chain has none that all of it share.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/policy-qualifiers",
        &[],
        "The certificate policies are critical, and one of them has qualifiers, such as the address of a statement; asked where each CA above, the root aside, has policies too.",
    )
    .fix("Issue it again with policies that are not critical, or have no qualifiers.")
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/empty-base",
        &[],
        "The name constraints of a CA have an empty DNS name, on which Java ends with an exception.",
    )
    .fix("Issue the CA again with the names that it may vouch for, each of one letter at least."),
    Meaning::of(
        "jsse/empty-base-25",
        &[],
        "The name constraints of a CA have an empty DNS name, on which Java ends with an exception.",
    )
    .fix("Issue the CA again with the names that it may vouch for, each of one letter at least."),
    Meaning::of(
        "jsse/base-distance",
        &["constraint-malformed"],
        "The name constraints of a CA have a minimum or a maximum.",
    )
    .values(&["Maximum BaseDistance", "Non-zero minimum BaseDistance"])
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/address-families",
        &[],
        "The name constraints of a CA have an IPv6 network, and a certificate below it an IPv4 address that begins like it: Java 17 ends with an exception.",
    )
    .fix("Use a newer Java, or issue the CA again without that network."),
    Meaning::of(
        "jsse/address-beyond-network",
        &[],
        "A CA excludes an IPv4 network, and a certificate below it has an IPv6 address that begins like it: Java 17 takes it for one of that network.",
    )
    .fix("Use a newer Java, or issue the CA again without that network."),
    Meaning::of(
        "jsse/uri-without-host",
        &[],
        "A CA has name constraints for URIs, and a certificate below it a URI without a host: Java ends with an exception.",
    )
    .fix("Issue the certificate again without that URI."),
    Meaning::of(
        "jsse/other-name",
        &[],
        "A CA has name constraints of a form that Java cannot compare (otherName, x400Address, ediPartyName, registeredID), and a certificate below it such a name: Java ends with an exception.",
    )
    .fix("Issue the CA again without those constraints."),
    Meaning::of(
        "jsse/name-constraints",
        &["name-not-permitted", "name-excluded", "common-name-not-permitted"],
        "A name in a certificate is not among those that a CA above it may vouch for; what the root says does not count. Java 17 permits an IPv6 address that begins like an IPv4 network.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/name-constraints-25",
        &["name-not-permitted", "name-excluded", "common-name-not-permitted"],
        "A name in a certificate is not among those that a CA above it may vouch for; what the root says does not count.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/anchor-is-no-ca",
        &["not-a-ca"],
        "The trusted certificate above the chain is no CA.",
    )
    .values(&["\"CN=root\""]),
    Meaning::of(
        "jsse/anchor-key-cert-sign",
        &["key-cert-sign"],
        "The KeyUsage of the trusted CA lacks keyCertSign.",
    )
    .values(&["\"CN=root\""]),
    Meaning::of(
        "jsse/key-usage",
        &["key-usage-without-digital-signature", "key-usage"],
        "The KeyUsage of the server's certificate lacks digitalSignature; without KeyUsage all is allowed.",
    ),
    Meaning::of(
        "jsse/purpose-form",
        &["malformed-extension", "not-der"],
        "The ExtendedKeyUsage of the server cannot be read, critical or not.",
    ),
    Meaning::of(
        "jsse/purpose",
        &["purpose"],
        "The ExtendedKeyUsage of the certificate does not name the use; those of CAs are not looked at.",
    )
    .values(&["server", "client"]),
    Meaning::of(
        "jsse/netscape-type",
        &[],
        "The Netscape certificate type of the server does not allow its use.",
    )
    .values(&["server", "client"])
    .fix("Issue it again without that extension, which nobody needs."),
    Meaning::of(
        "jsse/alt-name-form",
        &["malformed-extension", "malformed-name"],
        "The SubjectAltName cannot be read, critical or not.",
    )
    .values(&[
        "No data available in passed DER encoded value.",
        "Invalid IPAddressName",
        "RFC822Name may not end with @",
    ]),
    Meaning::of(
        "jsse/name",
        &["name-not-covered", "underscore-host", "underscore-in-name"],
        "The name that is dialled is not in the certificate, or is none that Java dials; `*` may stand in any label but the last.",
    )
    .values(&[
        "No subject alternative DNS name matching minio found.",
        "No subject alternative names matching IP address 10.0.0.7 found",
        "No subject alternative names present",
        "No name matching minio found",
        "Illegal given domain name: minkms.15332_default",
    ]),
    Meaning::of(
        "jsse/name-25",
        &["name-not-covered", "underscore-host", "underscore-in-name"],
        "The name that is dialled is not in the certificate, or is none that Java dials; `*` may stand in the first label alone.",
    )
    .values(&[
        "No subject alternative DNS name matching minio found.",
        "No subject alternative names matching IP address 10.0.0.7 found",
        "No subject alternative names present",
        "No name matching minio found",
        "Illegal given domain name: minkms.15332_default",
    ]),
    Meaning::of(
        "jsse/no-anchors",
        &["issuer-not-found"],
        "Nothing is trusted: the truststore has no certificate.",
    ),
    Meaning::of(
        "jsse/no-path",
        &["issuer-not-found", "untrusted-root"],
        "No chain leads to a trusted certificate. Java says so too where one is found and something is wrong with it.",
    ),
    Meaning::of(
        "jsse/signature",
        &["signature"],
        "The key of the certificate that stands as issuer did not make the signature.",
    )
    .note(OF_CHAIN),
    Meaning::of(
        "jsse/no-anchor",
        &["signature", "authority-key-id-mismatch"],
        "Of what is trusted nothing of that name has the key that is named as signer.",
    )
    .note(OF_CHAIN),
];
