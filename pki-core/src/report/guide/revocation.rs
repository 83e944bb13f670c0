//! Revocation: certificates that were taken back, and the lists that say so.
//!
//! No library looks at CRLs unless its program says so: Go has no code for it,
//! JSSE wants `com.sun.net.ssl.checkRevocation`, OpenSSL and Python
//! `X509_V_FLAG_CRL_CHECK`, rustls a verifier with CRLs. So each of them accepts,
//! and the meanings say in which words OpenSSL refuses when it is told to look
//! (measured with `openssl verify -crl_check`, 3.0.19).

use super::Client::{Go, Java, OpenSsl, Python313, Rustls};
use super::Group::Revocation;
use super::{Guide, Stance, yes};

/// By default nobody looks.
const NOBODY_LOOKS: &[Stance] = &[
    yes(Go),
    yes(Java),
    yes(OpenSsl),
    yes(Python313),
    yes(Rustls),
];

pub(super) const GUIDES: &[Guide] = &[
    Guide::of(
        Revocation,
        "revoked",
        "revoked at 2026-11-01T00:00:00Z, keyCompromise, by the CRL of 2026-11-02T00:00:00Z by CN=Root CA",
        "Make a new key and issue the certificate again; what was revoked stays so.",
    )
    .means("A current CRL of its issuer says that the certificate is revoked. By default no client looks; `openssl verify -crl_check` says \"certificate revoked\".")
    .clients(NOBODY_LOOKS),
    Guide::of(
        Revocation,
        "revocation-unknown",
        "none of the 2 CRLs given is of CN=Root CA",
        "Fetch the current CRL of the issuer that is named and give it; of each CA of the chain that is asked about.",
    )
    .means("Revocation must be known, and no CRL that can be used tells of the certificate. By default no client looks; `openssl verify -crl_check` says \"unable to get certificate CRL\".")
    .clients(NOBODY_LOOKS),
    Guide::of(
        Revocation,
        "crl-signature",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: the signature does not match",
        "Fetch the CRL again; if the CA has a new key, take the CRL that this key signed.",
    )
    .means("The key of the issuer did not sign the CRL. OpenSSL, where it looks: \"CRL signature failure\"."),
    Guide::of(
        Revocation,
        "crl-signer",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: CN=Root CA may not sign it, KeyUsage keyCertSign",
        "Issue the CA again with the same key and keyUsage=critical,keyCertSign,cRLSign: its certificates and CRLs hold.",
    )
    .means("The KeyUsage of the CA does not allow it to sign CRLs. OpenSSL, where it looks: \"key usage does not include CRL signing\"."),
    Guide::of(
        Revocation,
        "crl-expired",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: the next one was due at 2026-11-09T00:00:00Z",
        "Fetch the CRL again; if the CA publishes no newer one, have it do so before nextUpdate.",
    )
    .means("The CRL is past its nextUpdate: what was revoked since is not in it. OpenSSL, where it looks: \"CRL has expired\"."),
    Guide::of(
        Revocation,
        "crl-not-yet-valid",
        "CRL of 2040-01-01T00:00:00Z by CN=Root CA: made at 2040-01-01T00:00:00Z",
        "Look at the clock (`date -u`) of this machine and of the one that signs the CRL.",
    )
    .means("The CRL is of the future, or the clock is wrong. OpenSSL, where it looks: \"CRL is not yet valid\"."),
    Guide::of(
        Revocation,
        "crl-scope",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: for CAs alone",
        "Give the CRL for certificates of this kind, or one without onlyContainsUserCerts and onlyContainsCACerts.",
    )
    .means("The CRL is for another kind of certificate: for CAs alone, for end entities alone, or for attribute certificates. OpenSSL, where it looks: \"different CRL scope\"."),
    Guide::of(
        Revocation,
        "crl-not-processed",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: a delta CRL",
        "Give the complete CRL of the issuer itself, for all reasons and all distribution points.",
    )
    .means("A CRL of a kind that is not processed: a delta, one for a distribution point or for some reasons, or one that speaks for other issuers. It tells nothing, good or bad."),
    Guide::of(
        Revocation,
        "crl-critical-extension",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: 1.2.3.4.5, critical",
        "Have the CA sign the CRL without that extension, or with it not critical.",
    )
    .means("A critical extension of the CRL that is not known here: such a CRL must not be used. OpenSSL, where it looks: \"unhandled critical CRL extension\"."),
    Guide::of(
        Revocation,
        "crl-malformed",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: a reasonCode that is none",
        "Have the CA sign the CRL again; the program that made it writes that extension wrongly.",
    )
    .means("An extension of the CRL stands twice in it or cannot be read."),
    Guide::of(
        Revocation,
        "crl-algorithms-differ",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: signature and signatureAlgorithm are not the same octets",
        "Have the CA sign the CRL again; the program that made it is at fault, or the file was altered.",
    )
    .means("A CRL names two signature algorithms where it must name one twice."),
    Guide::of(
        Revocation,
        "crl-version",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: version 1",
        "Have the CA sign it as version 2: `openssl ca -gencrl` with `crl_extensions` makes it so.",
    )
    .means("A CRL of version 1, or one of that version with extensions."),
    Guide::of(
        Revocation,
        "crl-number-missing",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: no cRLNumber",
        "Have the CA number its CRLs: `openssl ca -gencrl` with a `crlnumber` file does.",
    )
    .means("A CRL without a number, so that nothing but its date says which of two is newer."),
    Guide::of(
        Revocation,
        "crl-next-update-missing",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: no nextUpdate",
        "Have the CA say when the next one comes: `default_crl_days` of `openssl ca`.",
    )
    .means("A CRL that does not say when the next one comes: an old one passes for current for ever."),
    Guide::of(
        Revocation,
        "crl-authority-key-id-missing",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: no AuthorityKeyIdentifier",
        "Have the CA sign it with authorityKeyIdentifier=keyid:always in its `crl_extensions`.",
    )
    .means("A CRL that does not say which key of the CA signed it."),
    Guide::of(
        Revocation,
        "crl-content",
        "CRL of 2026-11-02T00:00:00Z by CN=Root CA: an empty list of entries, which is left away",
        "Have the CA sign the CRL again with a program that writes it as RFC 5280 has it.",
    )
    .means("A CRL that can be read and is not written as RFC 5280 has it: a time in another form, an empty list, an extension that is critical and must not be."),
];
