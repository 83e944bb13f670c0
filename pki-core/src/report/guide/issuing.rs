//! What a CA may sign: length, names, and whether it is one.

use super::Client::{Go, Java, OpenSsl, Python313, Rustls};
use super::Group::Issuers;
use super::{Guide, Stance, no, yes};

const NOT_PERMITTED: &[Stance] = &[
    no(
        Go,
        "x509: a root or intermediate certificate is not authorized to sign for this name: … is not permitted by any constraint",
    ),
    no(
        Java,
        "PKIX path validation failed: name constraints check failed",
    ),
    no(OpenSsl, "permitted subtree violation"),
    no(Python313, "permitted subtree violation"),
    no(Rustls, "NameConstraintViolation"),
];

const EXCLUDED: &[Stance] = &[
    no(
        Go,
        "x509: a root or intermediate certificate is not authorized to sign for this name: … is excluded by constraint",
    ),
    no(
        Java,
        "PKIX path validation failed: name constraints check failed",
    ),
    no(OpenSsl, "excluded subtree violation"),
    no(Python313, "excluded subtree violation"),
    no(Rustls, "NameConstraintViolation"),
];

pub(super) const GUIDES: &[Guide] = &[
    Guide::of(
        Issuers,
        "not-a-ca",
        "CN=web (certificate 2 of chain.crt): BasicConstraints say that it is no CA",
        "Sign with a CA. If this one is to be a CA, issue it again with basicConstraints=critical,CA:TRUE.",
    )
    .means("What stands as issuer is no CA.")
    .clients(&[
        no(Go, "x509: invalid signature: parent certificate cannot sign this kind of certificate"),
        no(Java, "PKIX path validation failed: basic constraints check failed: this is not a CA certificate"),
        no(OpenSsl, "invalid CA certificate"),
        no(Python313, "invalid CA certificate"),
        no(Rustls, "EndEntityUsedAsCa"),
    ]),
    Guide::of(
        Issuers,
        "key-cert-sign",
        "CN=middle (certificate 2 of chain.crt): digitalSignature",
        "Issue the CA again with the same key and keyUsage=critical,keyCertSign,cRLSign: what it signed then holds.",
    )
    .means("The KeyUsage of a CA does not allow it to sign certificates.")
    .clients(&[
        no(Go, "x509: invalid signature: parent certificate cannot sign this kind of certificate"),
        no(Java, "PKIX path validation failed: CA key usage check failed: keyCertSign bit is not set"),
        no(OpenSsl, "invalid CA certificate"),
        no(Python313, "invalid CA certificate"),
        yes(Rustls),
    ]),
    Guide::of(
        Issuers,
        "ca-without-key-usage",
        "CN=MinIO Root CA (ca.crt): a CA without KeyUsage",
        "Issue the CA again with the same key and keyUsage=critical,keyCertSign,cRLSign, and put it in place of the old one: what it signed holds.",
    )
    .means("A CA certificate without KeyUsage, as `openssl req -x509` makes it.")
    .clients(&[
        no(Python313, "CA cert does not include key usage extension"),
        yes(Go),
        yes(Java),
        yes(OpenSsl),
        yes(Rustls),
    ]),
    Guide::of(
        Issuers,
        "path-length",
        "CN=issuing (certificate 2 of chain.crt): 1 CA below CN=root",
        "Issue from a CA nearer to the root, or issue the CA above again with a longer pathLenConstraint.",
    )
    .means("More CAs stand below a CA than its pathLenConstraint allows.")
    .clients(&[
        no(Go, "x509: too many intermediates for path length constraint"),
        no(Java, "PKIX path validation failed: basic constraints check failed: pathLenConstraint violated"),
        no(OpenSsl, "path length constraint exceeded"),
        no(Python313, "path length constraint exceeded"),
        no(Rustls, "PathLenConstraintViolated"),
    ]),
    Guide::of(
        Issuers,
        "chain-too-long",
        "6 CAs between target and anchor",
        "Take CAs out of the chain; two below the root are enough for any stack.",
    )
    .means("The chain is longer than the client allows."),
    Guide::of(
        Issuers,
        "name-not-permitted",
        "CN=web: DNS:web.example.com",
        "Issue the certificate without that name, or from a CA that may vouch for it; `permit` of the authority in a manifest.",
    )
    .means("A name in the certificate is outside of what a CA above it may vouch for.")
    .clients(NOT_PERMITTED),
    Guide::of(
        Issuers,
        "name-excluded",
        "CN=web: DNS:web.example.com",
        "Issue the certificate without that name, or from a CA that may vouch for it.",
    )
    .means("A name in the certificate is among those that a CA above it may not vouch for.")
    .clients(EXCLUDED),
    Guide::of(
        Issuers,
        "common-name-not-permitted",
        "CN=web.example.com",
        "Give the certificate a SubjectAltName, or a common name that cannot be a host, such as `aistor client`.",
    )
    .means("Without a SubjectAltName the common name counts as a host, and a CA above may not vouch for it.")
    .clients(&[
        no(OpenSsl, "permitted subtree violation"),
        no(Python313, "permitted subtree violation"),
        no(Java, "PKIX path validation failed: name constraints check failed"),
        yes(Rustls),
    ]),
    Guide::of(
        Issuers,
        "constraint-unsupported",
        "a constraint on x400Address",
        "Issue the CA again with constraints on names that clients know: DNS, IP, mail, URI, directory names.",
    )
    .means("A critical name constraint of a kind that cannot be judged."),
    Guide::of(
        Issuers,
        "constraint-malformed",
        "an address of 5 octets",
        "Issue the CA again with a constraint in the form of RFC 5280 4.2.1.10.",
    )
    .means("A name constraint that is written wrongly, so that nobody knows what it allows."),
    Guide::of(
        Issuers,
        "name-constraints-without-ca",
        "CN=web: NameConstraints, and no CA",
        "Issue the certificate again without NameConstraints.",
    )
    .means("NameConstraints in a certificate that signs nothing.")
    .clients(&[yes(Go), yes(Java), yes(OpenSsl), yes(Python313)]),
    Guide::of(
        Issuers,
        "key-cert-sign-without-ca",
        "CN=web: keyCertSign, and no CA",
        "Issue the certificate again without keyCertSign.",
    )
    .means("The KeyUsage of a certificate that is no CA allows to sign certificates.")
    .clients(&[
        no(Python313, "Key usage keyCertSign invalid for non-CA cert"),
        yes(Go),
        yes(Java),
        yes(OpenSsl),
        yes(Rustls),
    ]),
    Guide::of(
        Issuers,
        "path-length-without-ca",
        "CN=web: a path length, and no CA",
        "Issue the certificate again without pathLenConstraint.",
    )
    .means("A path length in a certificate that signs nothing, or without keyCertSign.")
    .clients(&[
        no(Python313, "Path length invalid for non-CA cert"),
        yes(Go),
        yes(Java),
        yes(OpenSsl),
        yes(Rustls),
    ]),
];
