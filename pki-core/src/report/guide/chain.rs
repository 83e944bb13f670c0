//! Trust, time, names and uses: what a client asks of a chain.

use super::Client::{Apple, Go, Java, OpenSsl, Python313, Rustls};
use super::Group::{Names, Time, Trust, Uses};
use super::{Guide, Stance, no, yes};

/// Nobody finds an issuer.
const NO_ISSUER: &[Stance] = &[
    no(Go, "x509: certificate signed by unknown authority"),
    no(
        Java,
        "PKIX path building failed: unable to find valid certification path to requested target",
    ),
    no(OpenSsl, "unable to get local issuer certificate"),
    no(Python313, "unable to get local issuer certificate"),
    no(Rustls, "UnknownIssuer"),
];

pub(super) const GUIDES: &[Guide] = &[
    Guide::of(
        Trust,
        "signature",
        "CN=web: the signature does not match",
        "Trust the CA certificate that did sign: compare the key ids of leaf and CA with `pki inspect`. \
         If the CA was made anew, issue the certificate again.",
    )
    .means("The key of the certificate that stands as issuer did not make the signature: another generation of the CA, or an altered file.")
    .clients(&[
        no(Go, "x509: certificate signed by unknown authority (possibly because of \"x509: ECDSA verification failure\")"),
        no(Java, "PKIX path validation failed: Path does not chain with any of the trust anchors"),
        no(OpenSsl, "unable to get local issuer certificate"),
        no(Python313, "unable to get local issuer certificate"),
        no(Rustls, "InvalidSignatureForPublicKey"),
    ]),
    Guide::of(
        Trust,
        "untrusted-root",
        "CN=root (certificate 3 of web.crt): CN=root, issued by itself",
        "Add the root to the trust file of the client: `cat ca.crt >> trust.crt`. With a manifest: `pki apply`.",
    )
    .means("The chain ends in a root that the client does not trust.")
    .clients(&[
        no(Go, "x509: certificate signed by unknown authority"),
        no(Java, "PKIX path building failed: unable to find valid certification path to requested target"),
        no(OpenSsl, "self-signed certificate in certificate chain"),
        no(Python313, "self-signed certificate in certificate chain"),
        no(Rustls, "UnknownIssuer"),
    ]),
    Guide::of(
        Trust,
        "issuer-not-found",
        "CN=web: issued by CN=middle, which is not among the certificates given",
        "Append the CA's certificate to the file of the leaf if it stands between, or add it to the client's trust file if it is a root.",
    )
    .means("Nobody gave the certificate of the issuer: neither the server in its chain nor the client in its trust file.")
    .clients(NO_ISSUER),
    Guide::of(
        Trust,
        "issuer-name",
        "issuer CN=Root CA",
        "Use the CA certificate under the name that signed, or issue the certificate again from the renamed CA.",
    )
    .means("A certificate has the key that is named as signer, and another name than the issuer's.")
    .clients(NO_ISSUER),
    Guide::of(
        Trust,
        "authority-key-id-mismatch",
        "03DAD652275F5210B7BBA9F9E11F625B95AFC9C3",
        "Trust the generation of the CA with that key id, or issue the certificate again from the present one.",
    )
    .means("The certificate names the key that signed it, and the CA of that name has another key id.")
    .clients(&[
        no(Java, "PKIX path validation failed: Path does not chain with any of the trust anchors"),
        no(OpenSsl, "unable to get local issuer certificate"),
        no(Python313, "unable to get local issuer certificate"),
        yes(Go),
        yes(Rustls),
    ]),
    Guide::of(
        Trust,
        "signature-algorithm",
        "CN=web: signed with SHA-1, which can be forged",
        "Issue it again; pki and OpenSSL 3 sign with SHA-256.",
    )
    .means("The signature is made in a way that nobody should accept any more, or that is not known.")
    .clients(&[
        no(Go, "x509: cannot verify signature: insecure algorithm ECDSA-SHA1"),
        no(OpenSsl, "ca md too weak"),
        no(Python313, "ca md too weak"),
        no(Rustls, "UnsupportedSignatureAlgorithm"),
        yes(Java),
    ]),
    Guide::of(
        Trust,
        "signature-key",
        "an RSA signature, and an ECDSA key",
        "Find the CA that signed: it has another kind of key. Then trust that one, or issue again.",
    )
    .means("The issuer's key is of another kind than the signature.")
    .clients(NO_ISSUER),
    Guide::of(
        Trust,
        "weak-key",
        "CN=web: RSA 1024",
        "Make a new key, `ecdsa-p256` or RSA with 2048 bits, and issue the certificate again; in a tree `pki renew NAME --rekey`.",
    )
    .means("A key that is too short to be trusted.")
    .clients(&[
        no(OpenSsl, "ee key too small"),
        no(Python313, "ee key too small"),
        yes(Go),
        yes(Java),
    ]),
    Guide::of(
        Uses,
        "refused-by-client",
        "Java: \"String index out of range: 0\"",
        "Look at the words of the client: `pki verify CERTIFICATE --ca TRUST --name HOST --as CLIENT` names its own rule, and `pki explain` that rule.",
    )
    .means("A client refuses for a reason of its own, where the chain is good by RFC 5280. An error where it is the client of an edge of the tree, and of a file where more than one of Go, Java, OpenSSL (with Python) and rustls refuse; else a warning."),
    Guide::of(
        Trust,
        "chain-over-ten-for-java",
        "11 certificates",
        "Send the leaf and what stands between it and the root, once each, and not the root; or raise `-Djdk.tls.maxCertificateChainLength` of each Java client.",
    )
    .clients(&[
        no(Java, "The certificate chain length (11) exceeds the maximum allowed length (10)"),
        yes(Go),
        yes(OpenSsl),
        yes(Python313),
        yes(Rustls),
    ]),
    Guide::of(
        Trust,
        "limit-reached",
        "too many names and name constraints",
        "Give it what it needs alone: the CA that signed in place of a store of thousands, a certificate with fewer names, a CA with fewer constraints.",
    )
    .means("The search for a chain cost more than any sound chain does, and was ended: nothing is said of whether one holds, and it is not trusted. Clients have limits of the same kind."),
    Guide::of(
        Trust,
        "anchor-is-no-root",
        "CN=middle, issued by CN=root",
        "Add the root above it to the trust file.",
    )
    .clients(&[
        no(OpenSsl, "unable to get issuer certificate"),
        yes(Go),
        yes(Java),
        yes(Python313),
        yes(Rustls),
    ]),
    Guide::of(
        Time,
        "expired",
        "CN=web: valid until 2026-11-21T00:00:00Z",
        "`pki renew NAME`; of a CA `pki renew authority.NAME`, which keeps the key, so that what it signed holds.",
    )
    .clients(&[
        no(Go, "x509: certificate has expired or is not yet valid"),
        no(Java, "PKIX path validation failed: validity check failed: NotAfter: …"),
        no(OpenSsl, "certificate has expired"),
        no(Python313, "certificate has expired"),
        no(Rustls, "CertExpired"),
    ]),
    Guide::of(
        Time,
        "not-yet-valid",
        "CN=web: valid from 2040-01-01T00:00:00Z",
        "Look at the clock (`date -u`) of this machine and of the one that issued; or wait.",
    )
    .clients(&[
        no(Go, "x509: certificate has expired or is not yet valid"),
        no(Java, "PKIX path validation failed: validity check failed: NotBefore: …"),
        no(OpenSsl, "certificate is not yet valid"),
        no(Python313, "certificate is not yet valid"),
        no(Rustls, "CertNotValidYet"),
    ]),
    Guide::of(
        Time,
        "due",
        "ends 2027-11-21, in 112 days",
        "`pki renew`, best by a timer; a file from elsewhere is renewed where it was issued.",
    ),
    Guide::of(
        Time,
        "outlives-issuer",
        "ends 2030-01-01, and its issuer CN=Root CA on 2029-06-01",
        "`pki renew authority.NAME` first: the CA keeps its key, and the leaf then gets its whole life.",
    )
    .clients(&[yes(Go), yes(Java), yes(OpenSsl), yes(Python313), yes(Rustls)]),
    Guide::of(
        Time,
        "lifetime-shortened",
        "365 days, 100 of them left to its issuer",
        "`pki renew authority.NAME`, then `pki renew NAME --force`.",
    ),
    Guide::of(
        Time,
        "lifetime-over-825-days",
        "900 days",
        "Issue it for a shorter time: `lifetime` in the manifest, 825 days at most, 365 by default.",
    )
    .clients(&[
        no(Apple, "certificate is not standards compliant"),
        yes(Go),
        yes(Java),
        yes(OpenSsl),
        yes(Python313),
        yes(Rustls),
    ]),
    Guide::of(
        Names,
        "name-not-covered",
        "aistor, localhost, 127.0.0.1",
        "Add the name to `hosts` of the service and `pki apply`, or dial one of the names found.",
    )
    .clients(&[
        no(Go, "x509: certificate is valid for aistor, not minio"),
        no(Java, "No subject alternative DNS name matching minio found."),
        no(OpenSsl, "no alternative certificate subject name matches target host name 'minio'"),
        no(Python313, "Hostname mismatch, certificate is not valid for 'minio'."),
        no(Rustls, "CertNotValidForName"),
    ]),
    Guide::of(
        Names,
        "no-alternative-name",
        "CN=web: no SubjectAltName",
        "Issue it with the names that are dialled as SubjectAltName: `pki issue server --san web.example.com`.",
    )
    .means("A server's certificate without SubjectAltName: Go and rustls do not look at the common name, and others only where it is the very name.")
    .clients(&[
        no(Go, "x509: certificate relies on legacy Common Name field, use SANs instead"),
        no(Rustls, "CertNotValidForName"),
        yes(Java),
        yes(OpenSsl),
        yes(Python313),
    ]),
    Guide::of(
        Names,
        "names-differ",
        "the manifest has +www.example.com",
        "`pki apply` issues it with the names of the manifest.",
    ),
    Guide::of(
        Names,
        "underscore-in-name",
        "`minkms.15332_default` has an underscore",
        "Give the service a name without an underscore and dial that; in compose a network alias.",
    )
    .clients(&[
        no(Java, "Illegal given domain name: minkms.15332_default"),
        yes(Go),
        yes(OpenSsl),
        yes(Python313),
        yes(Rustls),
    ]),
    Guide::of(
        Names,
        "underscore-host",
        "minkms.15332_default",
        "Dial a name without an underscore; in compose a network alias.",
    )
    .clients(&[
        no(Java, "Illegal given domain name: minkms.15332_default"),
        yes(Go),
        yes(OpenSsl),
        yes(Python313),
        yes(Rustls),
    ]),
    Guide::of(
        Names,
        "wildcard-over-one-label",
        "`*.local` matches nothing for OpenSSL, Python and rustls",
        "Write the names out: `sidekick.local` instead of `*.local`.",
    )
    .clients(&[
        no(OpenSsl, "Hostname mismatch"),
        no(Python313, "Hostname mismatch, certificate is not valid for 'web.local'."),
        no(Rustls, "CertNotValidForName"),
        yes(Go),
        yes(Java),
    ]),
    Guide::of(
        Names,
        "only-default-may-carry-ip",
        "10.0.0.7",
        "Move the address to the service's own `hosts`, so that its default certificate carries it.",
    ),
    Guide::of(
        Uses,
        "purpose",
        "CN=web: clientAuth",
        "Issue it for what it is used for: serverAuth for who is dialled, clientAuth for who dials, both for a peer.",
    )
    .clients(&[
        no(Go, "x509: certificate specifies an incompatible key usage"),
        no(Java, "Extended key usage does not permit use for TLS server authentication"),
        no(OpenSsl, "unsuitable certificate purpose"),
        no(Python313, "unsuitable certificate purpose"),
        no(Rustls, "RequiredEkuNotFound"),
    ]),
    Guide::of(
        Uses,
        "purposes-disjoint",
        "clientAuth",
        "Issue the CA without an ExtendedKeyUsage, or the leaf with a purpose that the CA allows.",
    )
    .means("The ExtendedKeyUsages of a chain leave no purpose that all of them allow."),
    Guide::of(
        Uses,
        "key-usage",
        "CN=web: keyAgreement",
        "Issue it again with the missing bit; digitalSignature is what TLS 1.3 needs.",
    )
    .means("The KeyUsage of the certificate lacks a bit that its use needs.")
    .clients(&[
        no(Java, "KeyUsage does not allow digital signatures"),
        yes(Go),
        yes(OpenSsl),
        yes(Python313),
        yes(Rustls),
    ]),
    Guide::of(
        Uses,
        "key-usage-without-digital-signature",
        "keyEncipherment, dataEncipherment",
        "`pki apply`; by hand: keyUsage=critical,digitalSignature (RSA: keyEncipherment too), and issue it again.",
    )
    .clients(&[
        no(Java, "KeyUsage does not allow digital signatures"),
        yes(Go),
        yes(OpenSsl),
        yes(Python313),
        yes(Rustls),
    ]),
    Guide::of(
        Uses,
        "key-not-for-tls",
        "CN=web: a key of the kind secp256k1",
        "Make a new key, `ecdsa-p256` or RSA with 2048 bits, and issue the certificate again. A key on another curve, and DSA, has no client; Ed448 and RSA-PSS have all but Go and rustls, and are a warning.",
    )
    .clients(&[
        no(Go, "remote error: tls: handshake failure"),
        no(Java, "Received fatal alert: handshake_failure"),
        no(OpenSsl, "sslv3 alert handshake failure"),
        no(Python313, "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure"),
        no(Rustls, "received fatal alert: HandshakeFailure"),
    ]),
    Guide::of(
        Uses,
        "ca-as-end-entity",
        "CN=web: BasicConstraints say that it is a CA",
        "Issue a certificate for the server itself, with basicConstraints=critical,CA:FALSE.",
    )
    .means("A CA certificate is used as a server or client: who has its key can vouch for any name.")
    .clients(&[
        no(Rustls, "CaUsedAsEndEntity"),
        yes(Go),
        yes(Java),
        yes(OpenSsl),
        yes(Python313),
    ]),
    Guide::of(
        Uses,
        "ed25519-for-old-java",
        "certs/web/server.crt has an Ed25519 key",
        "Set key = \"ecdsa-p256\" for the service, then `pki apply`; or run Java 16 or later.",
    ),
];
