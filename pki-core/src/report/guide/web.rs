//! What the public web asks besides: mostly no business of a private PKI. No TLS
//! library of a stack refuses any of it.

use super::Group::{Form, Issuers, Names, Time, Uses};
use super::Guide;

pub(super) const GUIDES: &[Guide] = &[
    Guide::of(
        Uses,
        "root-with-purposes",
        "a root with ExtendedKeyUsage",
        "Make the root again with the same key and without extendedKeyUsage; a CA below it may have one.",
    )
    .means("A root says what its certificates may be used for, which the public web leaves to the CAs below it."),
    Guide::of(
        Form,
        "root-authority-key-id",
        "authorityCertSerialNumber",
        "Make the root again with authorityKeyIdentifier=keyid, or without that extension.",
    )
    .means("The AuthorityKeyIdentifier of a root is not its own key id alone."),
    Guide::of(
        Form,
        "authority-key-id-fields",
        "authorityCertIssuer or authorityCertSerialNumber",
        "Issue it again with authorityKeyIdentifier=keyid.",
    )
    .means("A certificate names its issuer by name and serial number besides the key id: a CA that is renewed no longer fits."),
    Guide::of(
        Form,
        "key-not-allowed",
        "RSA 2052",
        "Issue it again for an RSA key of 2048, 3072 or 4096 bits, or one on P-256, P-384 or P-521.",
    )
    .means("A key that the public web does not take; a private PKI may use Ed25519 all the same."),
    Guide::of(
        Form,
        "signature-not-allowed",
        "ecdsa-with-SHA256 by a ECDSA P-384 key",
        "Sign it again with SHA-256, and with SHA-384 or SHA-512 where the CA's key is on P-384 or P-521.",
    )
    .means("A signature algorithm that the public web does not take, or not from this key."),
    Guide::of(
        Uses,
        "key-usage-not-allowed",
        "digitalSignature, keyEncipherment",
        "Issue it again with digitalSignature alone; keyEncipherment is for RSA keys, keyCertSign and cRLSign for CAs.",
    )
    .means("Key usages that do not fit the key, or that a CA of the public web needs and lacks."),
    Guide::of(
        Uses,
        "purposes-missing",
        "no ExtendedKeyUsage",
        "Issue it again with extendedKeyUsage=serverAuth; pki always writes it.",
    )
    .means("A certificate for servers that does not say so: it may be used for anything."),
    Guide::of(
        Uses,
        "purpose-not-allowed",
        "codeSigning",
        "Issue it again with serverAuth, and clientAuth at most beside it.",
    )
    .means("A certificate of the public web that is for more than TLS, or not for servers."),
    Guide::of(
        Form,
        "criticality-not-allowed",
        "ExtendedKeyUsage is critical",
        "Issue it again with that extension not critical.",
    )
    .means("An extension is critical and must not be, on the public web."),
    Guide::of(
        Names,
        "name-kind-not-allowed",
        "email:admin@example.com",
        "Issue it again with host names and IP addresses alone; give what else it is for a certificate of its own.",
    )
    .means("A name that is no host and no address in a certificate for servers of the public web."),
    Guide::of(
        Names,
        "host-not-allowed",
        "DNS:my_host.example.com: an underscore",
        "Issue it again with a name of letters, digits and hyphens, and dial that one.",
    )
    .means("A host name that the public web does not take: an underscore, a wildcard that is not the whole first label, a name that is not ASCII."),
    Guide::of(
        Names,
        "wildcard-public-suffix",
        "DNS:*.co.uk",
        "Issue it again for names below a domain that is yours, such as *.example.co.uk.",
    )
    .means("A wildcard over names that anybody may register: it vouches for strangers."),
    Guide::of(
        Names,
        "common-name-not-in-names",
        "CN=Example.com",
        "Issue it again with the CN as one of its names, letter for letter, or without a CN.",
    )
    .means("The CN of a certificate is none of its names, or another spelling of one. Clients look at the names alone, people at the CN."),
    Guide::of(
        Form,
        "pointer-not-allowed",
        "CRLDistributionPoints: ldap://example.com",
        "Issue it again with http: addresses of the CRL, of the CA's certificate and of OCSP.",
    )
    .means("An address of a CRL or of the issuer that the public web does not take: only http: may stand there."),
    Guide::of(
        Form,
        "policy-not-allowed",
        "0 policies of 2.23.140.1",
        "Nothing, in a private PKI: leave the policies away.",
    )
    .means("The policies of a certificate are not those that the public web has."),
    Guide::of(
        Names,
        "internal-name",
        "DNS:minio",
        "Nothing, in a private PKI. On the public web: another name.",
    )
    .means("A name that only a private network knows. No public CA may vouch for it; that is what a private PKI is for."),
    Guide::of(
        Time,
        "life-too-long",
        "398 days",
        "Nothing, in a private PKI. On the public web: issue it for a shorter life.",
    )
    .means("A certificate for servers that lives longer than public CAs may let it."),
    Guide::of(
        Form,
        "extension-missing",
        "no AuthorityInfoAccess",
        "Nothing, in a private PKI.",
    )
    .means("An extension that public CAs must write is not there: where to ask for revocation, or under which policy it was issued."),
    Guide::of(
        Uses,
        "crl-sign-missing",
        "keyCertSign",
        "Nothing, where the CA publishes no CRLs; else issue it again with cRLSign beside keyCertSign.",
    )
    .means("A CA that may not sign CRLs, as every CA of the public web must."),
    Guide::of(
        Form,
        "key-usage-not-critical",
        "KeyUsage is not critical",
        "Issue it again with keyUsage=critical,…; pki always writes it so.",
    )
    .means("KeyUsage is not critical, as the public web wants it."),
    Guide::of(
        Issuers,
        "name-constraints-not-critical",
        "NameConstraints is not critical",
        "Issue the CA again with nameConstraints=critical,…: what it signed holds.",
    )
    .means("A CA's name constraints are not critical: a program that does not know them lets every name through."),
];
