//! OpenSSL 3.0, with its default flags (`openssl verify`, wget, Python up to
//! 3.12) and with those of Python 3.13 (`VERIFY_X509_STRICT` and
//! `VERIFY_X509_PARTIAL_CHAIN`).

mod names;

use super::rule::{Rule, Seen, Stage, when};
use super::search::{Committed, Outcomes, Search, outcome};
use super::signature::{self, Strength};
use super::{Consumer, Names, Reads, Release, Through, Unreadable, facts};
use crate::cert::{Certificate, oid};
use crate::der::{self, tag};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::{Attribute, DnCompare};
use crate::model::san::GeneralName;
use crate::model::usage::{KeyUsage, Purpose};

/// `X509_supported_extension`.
const SUPPORTED: [&str; 14] = [
    "2.16.840.1.113730.1.1",
    oid::KEY_USAGE,
    oid::SUBJECT_ALT_NAME,
    oid::BASIC_CONSTRAINTS,
    "2.5.29.32",
    "2.5.29.31",
    oid::EXTENDED_KEY_USAGE,
    "1.3.6.1.5.5.7.1.7",
    "1.3.6.1.5.5.7.1.8",
    "1.3.6.1.5.5.7.48.1.5",
    "2.5.29.36",
    oid::NAME_CONSTRAINTS,
    "2.5.29.33",
    "2.5.29.54",
];

const RELEASES: &[Release] = &[Release {
    id: "3.0",
    measured: "OpenSSL 3.0.19, security level 2 (Debian's default)",
}];

/// OpenSSL as it comes.
pub(super) static OPENSSL: Consumer = Consumer {
    id: "openssl",
    name: "OpenSSL",
    releases: RELEASES,
    rules: PLAIN,
    names: DnCompare::OpenSsl,
    search: Search::Committed(committed(false)),
    reads: Reads {
        long_lengths: true,
        trailing: true,
        version_3_alone: false,
    },
    unreadable: Unreadable {
        sent_refuses: true,
        trusted_refuses: true,
    },
    names_asked: Names::Within,
};

/// OpenSSL as Python 3.13 sets it.
pub(super) static PYTHON_STRICT: Consumer = Consumer {
    id: "python-strict",
    name: "Python 3.13",
    releases: RELEASES,
    rules: STRICT,
    names: DnCompare::OpenSsl,
    search: Search::Committed(committed(true)),
    reads: Reads {
        long_lengths: true,
        trailing: true,
        version_3_alone: false,
    },
    unreadable: Unreadable {
        sent_refuses: true,
        trusted_refuses: true,
    },
    names_asked: Names::Within,
};

const NO_LOCAL_ISSUER: Rule = outcome(
    "openssl/no-local-issuer",
    "unable to get local issuer certificate",
    "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY (20)",
);
const NO_ISSUER: Rule = outcome(
    "openssl/no-issuer",
    "unable to get issuer certificate",
    "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT (2): the trusted CA is no root",
);
const SELF_SIGNED: Rule = outcome(
    "openssl/self-signed",
    "self-signed certificate",
    "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT (18)",
);
const SELF_SIGNED_IN_CHAIN: Rule = outcome(
    "openssl/self-signed-in-chain",
    "self-signed certificate in certificate chain",
    "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN (19)",
);
const TOO_LONG: Rule = outcome(
    "openssl/chain-too-long",
    "certificate chain too long",
    "X509_V_ERR_CERT_CHAIN_TOO_LONG (22)",
);

const fn committed(partial_chain: bool) -> Committed {
    Committed {
        partial_chain,
        likely_issued,
        self_signed,
        outcomes: Outcomes {
            no_local_issuer: &NO_LOCAL_ISSUER,
            no_issuer: &NO_ISSUER,
            self_signed: &SELF_SIGNED,
            self_signed_in_chain: &SELF_SIGNED_IN_CHAIN,
            too_long: &TOO_LONG,
        },
    }
}

macro_rules! rules {
    ($strict:literal) => {
        &[
            Rule::new(
                "openssl/serial",
                Stage::Read,
                "{}",
                "a_int.c c2i_ibuf",
                |seen| match seen.cert().serial().octets() {
                    [] => Some("illegal zero content".into()),
                    [0, next, ..] if *next < 0x80 => Some("illegal padding".into()),
                    [0xff, next, ..] if *next >= 0x80 => Some("illegal padding".into()),
                    _ => None,
                },
            ),
            Rule::new(
                "openssl/name-text",
                Stage::Read,
                "invalid utf8string",
                "x_name.c x509_name_canon, a_strex.c",
                |seen| {
                    let cert = seen.cert();
                    let broken = |name| facts::strings(name).any(is_broken);
                    when(broken(cert.issuer()) || broken(cert.subject()))
                },
            ),
            Rule::new(
                "openssl/key-too-weak",
                Stage::Target,
                "EE certificate key too weak",
                "x509_vfy.c X509_verify_cert at security level 2: 112 bits",
                |seen| when(security_bits(seen.cert()) < LEVEL_2),
            ),
            Rule::new(
                "openssl/unknown-critical",
                Stage::Chain,
                "unhandled critical extension",
                "x509_vfy.c check_extensions: asked of roots too",
                |seen| any(seen, |c| facts::critical_beyond(c, &SUPPORTED).is_some()),
            ),
            Rule::new(
                "openssl/invalid-ca",
                Stage::Chain,
                "invalid CA certificate",
                "x509_vfy.c check_extensions, v3_purp.c check_ca",
                if $strict {
                    invalid_ca_strict
                } else {
                    invalid_ca
                },
            ),
            Rule::new(
                "openssl/explicit-curve",
                Stage::Chain,
                "Certificate public key has explicit ECC parameters",
                "x509_vfy.c check_curve",
                |seen| when(seen.path.len() > 1 && seen.path.iter().any(|c| explicit_curve(c))),
            ),
            Rule::new(
                "openssl/strict",
                Stage::Chain,
                "{}",
                "x509_vfy.c check_extensions with X509_V_FLAG_X509_STRICT",
                strict,
            )
            .until(if $strict { usize::MAX } else { 0 }),
            Rule::new(
                "openssl/purpose",
                Stage::Chain,
                "unsuitable certificate purpose",
                "v3_purp.c check_purpose_ssl_server, check_purpose_ssl_client",
                unsuitable,
            ),
            Rule::new(
                "openssl/path-length",
                Stage::Chain,
                "path length constraint exceeded",
                "x509_vfy.c check_extensions: self-issued CAs do not count",
                path_length,
            ),
            Rule::new(
                "openssl/ca-key-too-weak",
                Stage::Chain,
                "CA certificate key too weak",
                "x509_vfy.c check_auth_level at security level 2",
                |seen| when(seen.path.iter().skip(1).any(|c| security_bits(c) < LEVEL_2)),
            ),
            Rule::new(
                "openssl/digest-too-weak",
                Stage::Chain,
                "CA signature digest algorithm too weak",
                "x509_vfy.c check_auth_level: SHA-1 has 63 bits; not asked of the last",
                |seen| {
                    let signed = &seen.path[..seen.path.len() - 1];
                    when(
                        signed
                            .iter()
                            .any(|c| signature::strength(c) != Strength::Good),
                    )
                },
            ),
            Rule::new(
                "openssl/name",
                Stage::Chain,
                "{}",
                "x509_vfy.c check_id, v3_utl.c do_x509_check",
                name,
            ),
            Rule::new(
                "openssl/signature",
                Stage::Chain,
                "{}",
                "x509_vfy.c internal_verify: from the root down, times too",
                verify,
            ),
            Rule::new(
                "openssl/name-constraints",
                Stage::Chain,
                "{}",
                "x509_vfy.c check_name_constraints, v3_ncons.c",
                |seen| names::constraints(seen.path),
            ),
            NO_LOCAL_ISSUER,
            NO_ISSUER,
            SELF_SIGNED,
            SELF_SIGNED_IN_CHAIN,
            TOO_LONG,
        ]
    };
}

const PLAIN: &[Rule] = rules!(false);
const STRICT: &[Rule] = rules!(true);

/// Security level 2 (`minbits_table`).
const LEVEL_2: u32 = 112;

/// `EXFLAG_SI`
fn self_issued(cert: &Certificate) -> bool {
    cert.issuer().equals(cert.subject(), DnCompare::OpenSsl)
}

/// `EXFLAG_SS`: names, key ids and algorithms say so, no signature is verified.
fn self_signed(cert: &Certificate) -> bool {
    self_issued(cert) && key_ids_agree(cert, cert) && algorithms_agree(cert, cert)
}

/// `EXFLAG_CA`
fn is_ca(cert: &Certificate) -> bool {
    facts::basic(cert).is_some_and(|b| b.ca)
}

/// `EXFLAG_INVALID`: an extension that cannot be read, or is there twice, of
/// those that are read when a certificate is first used.
fn invalid(cert: &Certificate) -> bool {
    const READ: [&str; 8] = [
        oid::BASIC_CONSTRAINTS,
        oid::KEY_USAGE,
        oid::EXTENDED_KEY_USAGE,
        oid::SUBJECT_KEY_ID,
        oid::AUTHORITY_KEY_ID,
        oid::SUBJECT_ALT_NAME,
        oid::NAME_CONSTRAINTS,
        "2.5.29.31",
    ];
    let read = |oid: &str| READ.contains(&oid);
    if facts::duplicate(cert, |e| read(&e.oid)).is_some() {
        return true;
    }
    cert.extensions().iter().any(|e| match e.oid.as_str() {
        oid::BASIC_CONSTRAINTS => match facts::basic(cert) {
            Some(basic) => basic.path_length.is_some_and(|length| length < 0),
            None => true,
        },
        oid::KEY_USAGE => cert.key_usage().is_none_or(|usage| usage.bits() == 0),
        oid::EXTENDED_KEY_USAGE => cert.purposes().is_none() && !facts::purposes_empty(cert),
        oid::SUBJECT_KEY_ID => cert.subject_key_id().is_none(),
        oid::AUTHORITY_KEY_ID => cert.authority_key_id().is_none(),
        oid::SUBJECT_ALT_NAME => {
            let empty = e.value == [tag::SEQUENCE, 0];
            (!cert.has_names() && !empty) || cert.names().iter().any(is_unknown_form)
        }
        oid::NAME_CONSTRAINTS => cert.name_constraints().is_none() && e.value != [tag::SEQUENCE, 0],
        "2.5.29.31" => der::only(&e.value, tag::SEQUENCE).is_err(),
        _ => false,
    })
}

/// A tag that no form of `GeneralName` has.
fn is_unknown_form(name: &GeneralName) -> bool {
    const KNOWN: [u8; 7] = [0xa0, 0x81, 0x82, 0xa3, 0xa5, 0x86, 0x88];
    matches!(name, GeneralName::Other { tag, .. } if !KNOWN.contains(tag))
}

/// A UTF8String that is none.
fn is_broken(attribute: &Attribute) -> bool {
    attribute.tag() == tag::UTF8_STRING && attribute.text().is_none()
}

/// `ossl_x509_likely_issued`: names, key ids, and the kind of the key.
fn likely_issued(issuer: &Certificate, child: &Certificate) -> bool {
    child.issuer().equals(issuer.subject(), DnCompare::OpenSsl)
        && !invalid(issuer)
        && !invalid(child)
        && key_ids_agree(issuer, child)
        && algorithms_agree(issuer, child)
}

/// `X509_check_akid`
fn key_ids_agree(issuer: &Certificate, child: &Certificate) -> bool {
    let Some(aki) = child.authority_key_id() else {
        return true;
    };
    if let (Some(asked), Some(given)) = (aki.key_id.as_deref(), issuer.subject_key_id())
        && asked != given
    {
        return false;
    }
    if aki
        .serial
        .as_deref()
        .is_some_and(|serial| serial != issuer.serial().octets())
    {
        return false;
    }
    let directory = aki.issuer.iter().flatten().find_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    });
    directory.is_none_or(|name| name.equals(issuer.issuer(), DnCompare::OpenSsl))
}

/// `check_sig_alg_match`
fn algorithms_agree(issuer: &Certificate, child: &Certificate) -> bool {
    let kind = |key: &crate::key::PublicKey| -> Option<Vec<u8>> {
        let identifier = der::only(key.algorithm_identifier(), tag::SEQUENCE).ok()?;
        Some(identifier.reader().element(tag::OID).ok()?.value.to_vec())
    };
    let key = kind(issuer.public_key()).and_then(|oid| der::oid_text(&oid));
    // The one inside the signed part is looked at.
    let signature = facts::inner_algorithm(child)
        .and_then(|inner| der::oid_text(inner.reader().element(tag::OID).ok()?.value));
    let (Some(key), Some(signature)) = (key, signature) else {
        return false;
    };
    match key.as_str() {
        "1.2.840.10045.2.1" => signature.starts_with("1.2.840.10045.4."),
        "1.2.840.113549.1.1.1" => {
            signature.starts_with("1.2.840.113549.1.1.") || signature == "1.3.14.3.2.29"
        }
        "1.2.840.10040.4.1" => {
            signature.starts_with("1.2.840.10040.4.")
                || signature.starts_with("2.16.840.1.101.3.4.3.")
        }
        // Ed25519, Ed448, RSA-PSS: the key's OID is the signature's.
        other => signature == other,
    }
}

/// `EVP_PKEY_get_security_bits`, as far as level 2 asks.
fn security_bits(cert: &Certificate) -> u32 {
    match cert.public_key().algorithm() {
        Some(KeyAlgorithm::Rsa(bits)) if bits < 2048 => 80,
        _ if small_curve(cert) => 96,
        _ => 112,
    }
}

/// Named curves below 224 bits: secp192r1 and what has less.
fn small_curve(cert: &Certificate) -> bool {
    const P192: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01];
    cert.public_key().algorithm_identifier().ends_with(P192)
}

fn explicit_curve(cert: &Certificate) -> bool {
    let identifier = der::only(cert.public_key().algorithm_identifier(), tag::SEQUENCE);
    identifier.is_ok_and(|identifier| {
        let mut reader = identifier.reader();
        let kind = reader
            .element(tag::OID)
            .ok()
            .and_then(|e| der::oid_text(e.value));
        kind.as_deref() == Some("1.2.840.10045.2.1") && reader.peek() == Some(tag::SEQUENCE)
    })
}

fn any(seen: &Seen<'_>, refused: impl Fn(&Certificate) -> bool) -> Option<String> {
    when(seen.path.iter().any(|c| refused(c)))
}

/// What `check_ca` makes of a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ca {
    No,
    Yes,
    /// v1 and self-signed, or KeyUsage with keyCertSign alone: not strict.
    Lenient,
}

fn check_ca(cert: &Certificate) -> Ca {
    let usage = cert.key_usage();
    if usage.is_some_and(|u| !u.contains(KeyUsage::KEY_CERT_SIGN)) {
        return Ca::No;
    }
    match facts::basic(cert) {
        Some(basic) if basic.ca => Ca::Yes,
        None if cert.version() == 1 && self_signed(cert) => Ca::Lenient,
        None if usage.is_some() => Ca::Lenient,
        Some(_) | None => Ca::No,
    }
}

fn invalid_ca(seen: &Seen<'_>) -> Option<String> {
    when(
        seen.path
            .iter()
            .enumerate()
            .skip(1)
            .any(|(at, cert)| match check_ca(cert) {
                Ca::Yes => false,
                Ca::No => true,
                Ca::Lenient => at + 1 < seen.path.len(),
            }),
    )
}

fn invalid_ca_strict(seen: &Seen<'_>) -> Option<String> {
    let refused = |(at, cert): (usize, &&Certificate)| match check_ca(cert) {
        Ca::Yes => false,
        Ca::No => at > 0,
        Ca::Lenient => true,
    };
    when(seen.path.iter().enumerate().any(refused))
}

/// `X509_V_FLAG_X509_STRICT`: the first of all that a chain of two or more breaks.
fn strict(seen: &Seen<'_>) -> Option<String> {
    if seen.path.len() < 2 {
        return None;
    }
    let last = seen.path.len() - 1;
    let broken = |(at, cert): (usize, &&Certificate)| strict_one(cert, at == last);
    seen.path
        .iter()
        .enumerate()
        .find_map(broken)
        .map(str::to_owned)
}

fn strict_one(cert: &Certificate, last: bool) -> Option<&'static str> {
    let ca = is_ca(cert);
    let basic = facts::basic(cert);
    let usage = cert.key_usage();
    let signs = usage.is_some_and(|u| u.contains(KeyUsage::KEY_CERT_SIGN));
    let critical = |oid: &str| facts::extension(cert, oid).is_some_and(|e| e.critical);
    let no_subject = cert.subject().is_empty();
    if basic.is_some_and(|b| b.path_length.is_some()) {
        if !ca {
            return Some("Path length invalid for non-CA cert");
        }
        // Without KeyUsage all bits count as set.
        if usage.is_some() && !signs {
            return Some("Path length given without key usage keyCertSign");
        }
    }
    if ca && !critical(oid::BASIC_CONSTRAINTS) {
        return Some("Basic Constraints of CA cert not marked critical");
    }
    if ca && usage.is_none() {
        return Some("CA cert does not include key usage extension");
    }
    // Without KeyUsage the cached bits are all set: v1 leaves too.
    if !ca && signs {
        return Some("Key usage keyCertSign invalid for non-CA cert");
    }
    if cert.issuer().is_empty() {
        return Some("Issuer name empty");
    }
    let crl_sign = usage.is_some_and(|u| u.contains(KeyUsage::CRL_SIGN));
    if no_subject && (ca || crl_sign || !cert.has_names()) {
        return Some("Subject name empty");
    }
    if no_subject && !critical(oid::SUBJECT_ALT_NAME) {
        return Some("Subject empty and Subject Alt Name extension not critical");
    }
    if facts::names_der(cert).is_some_and(|der| der == [tag::SEQUENCE, 0]) {
        return Some("Empty Subject Alternative Name extension");
    }
    if facts::has_fault(cert, "algorithms-differ") {
        return Some("cert info signature and signature algorithm mismatch");
    }
    if critical(oid::AUTHORITY_KEY_ID) {
        return Some("Authority Key Identifier marked critical");
    }
    if critical(oid::SUBJECT_KEY_ID) {
        return Some("Subject Key Identifier marked critical");
    }
    if cert.version() >= 3 {
        let named = cert
            .authority_key_id()
            .is_some_and(|aki| aki.key_id.is_some());
        if !last && !named {
            return Some("Missing Authority Key Identifier");
        }
        if ca && cert.subject_key_id().is_none() {
            return Some("Missing Subject Key Identifier");
        }
    } else if !cert.extensions().is_empty() {
        return Some("Using cert extension requires at least X509v3");
    }
    None
}

/// The purpose that libssl asks: always in a handshake, by the library's call
/// only where the caller sets one.
fn unsuitable(seen: &Seen<'_>) -> Option<String> {
    let purpose = match (&seen.asked.purpose, seen.asked.through) {
        (Some(purpose), _) => purpose.clone(),
        (None, Through::Handshake) => Purpose::ServerAuth,
        (None, Through::Library) => return None,
    };
    let client = purpose == Purpose::ClientAuth;
    let refused = |(at, cert): (usize, &&Certificate)| {
        let listed = facts::purposes(cert).is_some_and(|all| {
            let gated = |p: &Purpose| !client && SERVER_GATED.contains(&p.oid());
            !all.iter().any(|p| *p == purpose || gated(p))
        });
        let bits = if client {
            KeyUsage::DIGITAL_SIGNATURE.with(KeyUsage::KEY_AGREEMENT)
        } else {
            KeyUsage::DIGITAL_SIGNATURE
                .with(KeyUsage::KEY_ENCIPHERMENT)
                .with(KeyUsage::KEY_AGREEMENT)
        };
        let unusable = cert
            .key_usage()
            .is_some_and(|u| u.bits() & bits.bits() == 0);
        listed || (at == 0 && unusable)
    };
    when(seen.path.iter().enumerate().any(refused))
}

/// Microsoft's and Netscape's server gated cryptography (`XKU_SGC`).
const SERVER_GATED: [&str; 2] = ["1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1"];

fn path_length(seen: &Seen<'_>) -> Option<String> {
    let mut between = 0;
    for (at, cert) in seen.path.iter().enumerate() {
        let most = facts::basic(cert).and_then(|b| b.path_length);
        if at > 1 && most.is_some_and(|most| between > most) {
            return when(true);
        }
        if at > 0 && !self_issued(cert) {
            between += 1;
        }
    }
    None
}

fn name(seen: &Seen<'_>) -> Option<String> {
    let peer = seen.asked.peer?;
    let covered = names::covers(peer, seen.path[0]);
    (!covered).then(|| {
        match peer {
            crate::chain::PeerName::Ip(_) => "IP address mismatch",
            crate::chain::PeerName::Email(_) => "email address mismatch",
            _ => "hostname mismatch",
        }
        .to_owned()
    })
}

/// Signatures and times, from the top down.
fn verify(seen: &Seen<'_>) -> Option<String> {
    let top = seen.path.len() - 1;
    for at in (0..=top).rev() {
        let cert = seen.path[at];
        if at < top {
            let issuer = seen.path[at + 1];
            if issuer
                .key_usage()
                .is_some_and(|u| !u.contains(KeyUsage::KEY_CERT_SIGN))
            {
                return Some("key usage does not include certificate signing".into());
            }
            let differ = facts::has_fault(cert, "algorithms-differ");
            if differ || !signature::holds(cert, issuer.public_key()) {
                return Some("certificate signature failure".into());
            }
        }
        let validity = cert.validity();
        if seen.asked.now < validity.not_before {
            return Some("certificate is not yet valid".into());
        }
        // `X509_cmp_time` takes the last second for past.
        if seen.asked.now >= validity.not_after {
            return Some("certificate has expired".into());
        }
    }
    None
}
