//! How a certificate is written.

use super::Client::{Go, Java, OpenSsl, Python313, Rustls};
use super::Group::Form;
use super::{Guide, Stance, no, yes};

/// Every library asked takes it.
const NOBODY: &[Stance] = &[yes(Go), yes(Java), yes(OpenSsl), yes(Python313)];

pub(super) const GUIDES: &[Guide] = &[
    Guide::of(
        Form,
        "authority-key-id-missing",
        "CN=web: no AuthorityKeyIdentifier",
        "Issue it again with authorityKeyIdentifier=keyid; pki always writes it.",
    )
    .means("The certificate does not say which key signed it.")
    .clients(&[
        no(Python313, "Missing Authority Key Identifier"),
        yes(Go),
        yes(Java),
        yes(OpenSsl),
        yes(Rustls),
    ]),
    Guide::of(
        Form,
        "subject-key-id-missing",
        "CN=middle: a CA without SubjectKeyIdentifier",
        "Issue the CA again with the same key and subjectKeyIdentifier=hash: what it signed holds.",
    )
    .means("A CA without a key id, so that nothing can say which of its generations signed it.")
    .clients(&[
        no(Python313, "Missing Authority Key Identifier"),
        yes(Go),
        yes(Java),
        yes(OpenSsl),
        yes(Rustls),
    ]),
    Guide::of(
        Form,
        "extension-criticality",
        "BasicConstraints is not critical",
        "Issue the certificate again with that extension as RFC 5280 has it: basicConstraints and keyUsage of a CA critical, key ids not.",
    )
    .means("An extension is critical and must not be, or the other way round.")
    .clients(&[
        no(Python313, "Basic Constraints of CA cert not marked critical"),
        yes(Go),
        yes(Java),
        yes(OpenSsl),
        yes(Rustls),
    ]),
    Guide::of(
        Form,
        "unknown-critical-extension",
        "CN=web: 1.2.3.4.5, critical",
        "Issue it again with that extension not critical, or without it.",
    )
    .means("A critical extension that nobody here understands: such a certificate must be refused.")
    .clients(&[
        no(Go, "x509: unhandled critical extension"),
        no(Java, "PKIX path validation failed: unrecognized critical extension(s)"),
        no(OpenSsl, "unhandled critical extension"),
        no(Python313, "unhandled critical extension"),
        no(Rustls, "UnsupportedCriticalExtension"),
    ]),
    Guide::of(
        Form,
        "policies-not-processed",
        "certificatePolicies, critical",
        "Issue it again with the policies not critical; a private PKI needs none.",
    )
    .means("A critical extension about certificate policies, which are not processed.")
    .clients(NOBODY),
    Guide::of(
        Form,
        "duplicate-extension",
        "SubjectAltName twice",
        "Issue it again, with each extension once.",
    )
    .means("One extension stands twice in a certificate: readers disagree which counts."),
    Guide::of(
        Form,
        "malformed-extension",
        "KeyUsage: cut short at octet 3",
        "Issue it again; the program that made it writes that extension wrongly.",
    )
    .means("An extension that cannot be read."),
    Guide::of(
        Form,
        "extension-content",
        "an empty ExtendedKeyUsage",
        "Issue it again, with content in that extension or without it.",
    )
    .means("An extension that can be read and holds what it must not."),
    Guide::of(
        Form,
        "algorithms-differ",
        "ecdsa-with-SHA256 inside, sha256WithRSAEncryption outside",
        "Issue it again; the program that made it is at fault, or the file was altered.",
    )
    .means("A certificate names two signature algorithms where it must name one twice."),
    Guide::of(
        Form,
        "extensions-in-old-version",
        "version 1",
        "Issue it again as version 3: an extension file for `openssl x509 -req` (`-extfile`) makes it so.",
    )
    .means("Extensions in a certificate of version 1 or 2, or a version that does not exist."),
    Guide::of(
        Form,
        "version",
        "version 1",
        "Issue it again as version 3, with a SubjectAltName: `openssl x509 -req` needs `-extfile` for that.",
    )
    .means("A certificate of version 1 or 2: it has no names for servers, no purposes, and no mark of a CA.")
    .clients(&[
        no(Rustls, "UnsupportedCertVersion"),
        yes(Go),
        yes(Java),
        yes(OpenSsl),
        yes(Python313),
    ]),
    Guide::of(
        Form,
        "serial-number",
        "-5",
        "Issue it again with a random positive serial number of 16 octets, as pki does.",
    )
    .means("A serial number that is negative, zero, or longer than 20 octets.")
    .clients(&[
        no(Go, "x509: negative serial number"),
        yes(Java),
        yes(OpenSsl),
        yes(Python313),
    ]),
    Guide::of(
        Form,
        "time-form",
        "20490101000000Z as GeneralizedTime",
        "Issue it again: UTCTime up to 2049, GeneralizedTime from 2050, whole seconds, ending in Z.",
    )
    .means("A time that is not written as RFC 5280 has it."),
    Guide::of(
        Form,
        "empty-issuer",
        "no issuer",
        "Give the CA a subject (`subject` of the authority), and issue again.",
    )
    .means("A certificate that does not name who issued it."),
    Guide::of(
        Form,
        "empty-subject",
        "neither subject nor SubjectAltName",
        "Give a CA a subject, and anybody else a subject or a SubjectAltName.",
    )
    .means("A certificate that names nobody, or a CA without a subject."),
    Guide::of(
        Form,
        "malformed-name",
        "DNS:https://web.example.com",
        "Issue it again with plain names: a host without scheme, port or dot at its end, and addresses as IP.",
    )
    .means("A name in the SubjectAltName is not what its kind says."),
    Guide::of(
        Form,
        "host-syntax",
        "DNS:minkms.1_default",
        "Issue it again for a host of letters, digits and hyphens. Not counted by `pki verify`, which warns of underscores with `underscore-in-name`: it is the rule sets `rfc5280` and `webpki` of the library that count it.",
    )
    .means("A host in the SubjectAltName is not in the preferred syntax: an underscore, or a hyphen at the end of a label."),
    Guide::of(
        Form,
        "key-usage-empty",
        "no bit set",
        "Issue it again with the bits that it needs, or without KeyUsage.",
    )
    .means("A KeyUsage that allows nothing."),
    Guide::of(
        Form,
        "not-der",
        "a length of 2 octets where 1 does",
        "Issue it again; the program that made it does not write DER, and strict readers refuse the file.",
    )
    .means("A certificate that is not encoded in the one form that DER allows."),
    Guide::of(
        Form,
        "unique-identifier",
        "a subjectUniqueID",
        "Issue it again without unique identifiers.",
    )
    .means("Unique identifiers, which RFC 5280 forbids to issue."),
    Guide::of(
        Form,
        "key-parameters",
        "an RSA key without NULL",
        "Issue it again; the program that made it writes the kind of key wrongly.",
    )
    .means("The kind of key or of signature has parameters that it must not have, or lacks them."),
    Guide::of(
        Form,
        "key-malformed",
        "ECDSA P-256 key: a point that is not on its curve",
        "Make a new key and issue the certificate again; no program makes such a key by itself, so the file was altered or badly copied.",
    )
    .means("The public key is none of its kind: a point off its curve, an even modulus, an exponent of 1."),
    Guide::of(
        Form,
        "name-encoding",
        "C that is no PrintableString",
        "Issue it again with the subject in letters that its kind of string has: C as two letters, other parts as UTF8String.",
    )
    .means("A part of the subject is not written as RFC 5280 has it: another kind of string, characters that it does not have, nothing, or too much."),
    Guide::of(
        Form,
        "version-written-out",
        "version 1 is written out, which DER leaves away",
        "Issue it again as version 3, with the names of the server in it.",
    )
    .means("A certificate of version 1 says its version, which DER leaves away: BoringSSL refuses it, most others take it."),
];
