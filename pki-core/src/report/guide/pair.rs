//! Keys and certificates on disk, as programs load them.

use super::Client::{Go, Java, KesLoads, MinioLoads, OpenSsl, Python313, Rustls};
use super::Group::Pairs;
use super::{Guide, no, yes};

pub(super) const GUIDES: &[Guide] = &[
    Guide::of(
        Pairs,
        "key-mismatch",
        "a key that is not the one certified in certs/web/server.crt",
        "`pki apply`; by hand: find the key with `pki inspect *.key *.crt`, which says what belongs together.",
    )
    .clients(&[
        no(MinioLoads, "tls: private key does not match public key"),
        no(KesLoads, "failed to read TLS certificate: tls: private key does not match public key"),
    ]),
    Guide::of(
        Pairs,
        "chain-order",
        "the leaf is certificate 2 of the file",
        "Write the leaf first, then its issuers: `cat leaf.crt middle.crt > server.crt`.",
    )
    .clients(&[
        no(MinioLoads, "tls: private key does not match public key"),
        no(KesLoads, "failed to read TLS certificate: tls: private key does not match public key"),
    ]),
    Guide::of(
        Pairs,
        "chain-unordered",
        "certificate 2 is CN=root",
        "Put the leaf first, then each one's issuer, and nothing else.",
    )
    .clients(&[yes(Go), yes(Java), yes(OpenSsl), yes(Python313), yes(Rustls)]),
    Guide::of(
        Pairs,
        "key-file-trailing-data",
        "2 PEM blocks (EC PARAMETERS, EC PRIVATE KEY)",
        "`openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.new` writes one block; `pki apply` does it in a tree.",
    )
    .clients(&[
        no(MinioLoads, "the private key contains additional data"),
        no(KesLoads, "https: unsupported PEM data block"),
        yes(Go),
    ]),
    Guide::of(
        Pairs,
        "key-encrypted",
        "an encrypted key",
        "`openssl pkey -in KEY -out KEY.plain` decrypts it; keep it 0600. `pki apply` writes a plain one in a tree.",
    )
    .clients(&[
        no(MinioLoads, "unable to load certs: tls: failed to parse private key"),
        no(KesLoads, "failed to read TLS certificate: tls: failed to parse private key"),
    ]),
    Guide::of(
        Pairs,
        "key-missing",
        "certs/web/server.key",
        "`pki apply` makes the pair anew.",
    ),
    Guide::of(
        Pairs,
        "key-unreadable",
        "`certs/web/server.key` is a directory",
        "Look at it with `pki inspect FILE`; `pki apply` writes a new one where it may.",
    ),
    Guide::of(
        Pairs,
        "key-not-pem",
        "DER",
        "`openssl pkey -inform DER -in KEY -out KEY.pem`.",
    )
    .clients(&[
        no(Go, "tls: failed to find any PEM data in key input"),
    ]),
    Guide::of(
        Pairs,
        "certificate-missing",
        "certs/web/server.crt",
        "`pki apply` issues it.",
    ),
    Guide::of(
        Pairs,
        "certificate-unreadable",
        "a PKCS#12 store",
        "Get the certificate out, by the command that is shown, or name the file that holds it; `pki inspect FILE` says what a file holds.",
    )
    .clients(&[
        no(Go, "tls: failed to find any PEM data in certificate input"),
    ]),
    Guide::of(
        Pairs,
        "certificate-not-pem",
        "DER",
        "`openssl x509 -inform DER -in CERT -out CERT.pem`; `pki apply` in a tree.",
    )
    .clients(&[
        no(Go, "tls: failed to find any PEM data in certificate input"),
    ]),
    Guide::of(
        Pairs,
        "subject-equals-issuer",
        "CN=root",
        "Issue it with another subject than its CA's.",
    )
    .clients(&[
        no(OpenSsl, "self-signed certificate"),
        no(Python313, "self-signed certificate"),
        yes(Go),
        yes(Java),
        yes(Rustls),
    ]),
    Guide::of(
        Pairs,
        "manifest-differs",
        "key: the manifest asks for ecdsa-p256 where rsa-2048 is",
        "`pki apply` makes it what the manifest says; or write into the manifest what is there.",
    ),
    Guide::of(
        Pairs,
        "pair-not-issued-here",
        "CN=web, issued by CN=Another CA",
        "Move the files away and `pki apply`; or take them over as a pair from elsewhere in the manifest.",
    ),
    Guide::of(
        Pairs,
        "lineage-not-delivered",
        "another certificate than the one delivered",
        "`pki apply` delivers it.",
    ),
    Guide::of(
        Pairs,
        "lineage-unfit",
        "the key is for another certificate",
        "Have the pair made anew where it comes from (certbot, the corporate CA), then `pki renew NAME`.",
    ),
];
