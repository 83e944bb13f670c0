//! OpenSSL 3.0, with its default flags (`openssl verify`, wget, Python up to
//! 3.12) and with those of Python 3.13 (`VERIFY_X509_STRICT` and
//! `VERIFY_X509_PARTIAL_CHAIN`). No Python takes wildcards for a part of a label,
//! which alone is told of 3.13.

mod issued;
mod key;
mod names;
mod points;
mod strict;
mod wildcard;

use self::issued::{invalid, likely_issued, self_issued, self_signed};
use self::key::{LEVEL_2, explicit_curve, security_bits};
use self::strict::{Ca, check_ca, invalid_ca, invalid_ca_strict, strict};

use super::keys;
use super::rule::{Rule, Seen, Stage, when};
use super::search::{Committed, Outcomes, Search, outcome};
use super::signature::{self, Strength};
use super::{Consumer, Names, Reads, Release, Through, Unreadable, facts};
use crate::cert::{Certificate, oid};
use crate::der::{self, tag};
use crate::model::dn::{Attribute, DnCompare};
use crate::model::usage::{KeyUsage, Purpose};

/// `X509_supported_extension`.
const SUPPORTED: [&str; 14] = [
    facts::NETSCAPE_TYPE,
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

const READS: Reads = Reads {
    long_lengths: true,
    trailing: true,
    alone: &[],
    version_3_alone: false,
};

/// Measured with 3.0.19: brainpoolP256r1, 384r1 and 512r1.
const VERIFIES_BEYOND: &[&str] = &[
    keys::P224,
    keys::SECP256K1,
    "1.3.36.3.3.2.8.1.1.7",
    "1.3.36.3.3.2.8.1.1.11",
    "1.3.36.3.3.2.8.1.1.13",
    signature::ED448,
];

const UNREADABLE: Unreadable = Unreadable {
    sent_refuses: true,
    trusted_refuses: true,
};

/// OpenSSL as it comes.
pub(super) static OPENSSL: Consumer = Consumer {
    id: "openssl",
    name: "OpenSSL",
    releases: RELEASES,
    rules: PLAIN,
    names: DnCompare::OpenSsl,
    search: Search::Committed(committed(false)),
    reads: READS,
    unreadable: UNREADABLE,
    no_anchors: None,
    names_asked: Names::Within,
    verifies_beyond: VERIFIES_BEYOND,
};

/// OpenSSL as Python 3.13 sets it.
pub(super) static PYTHON_STRICT: Consumer = Consumer {
    id: "python-strict",
    name: "Python 3.13",
    releases: RELEASES,
    rules: STRICT,
    names: DnCompare::OpenSsl,
    search: Search::Committed(committed(true)),
    reads: READS,
    unreadable: UNREADABLE,
    no_anchors: None,
    names_asked: Names::Within,
    verifies_beyond: VERIFIES_BEYOND,
};

const NO_LOCAL_ISSUER: Rule = outcome(
    "openssl/no-local-issuer",
    "unable to get local issuer certificate",
    "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY (20); x509_vfy.c check_issued, v3_purp.c EXFLAG_INVALID",
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
        no_child: invalid,
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
    ($invalid_ca:expr, $name:expr, [$($strict:expr)?], [$($no_issuer:expr)?]) => {
        &[
            Rule::new(
                "openssl/serial",
                Stage::Read,
                "{}",
                "a_int.c c2i_ibuf",
                |seen| match seen.cert().serial().octets() {
                    [] => Some("illegal zero content".into()),
                    serial => (!der::is_minimal(serial)).then(|| "illegal padding".into()),
                },
            ),
            Rule::new(
                "openssl/algorithm-form",
                Stage::Read,
                "sequence length mismatch",
                "tasn_dec.c asn1_template_noexp_d2i of X509_ALGOR",
                |seen| when(signature::has_extra(seen.cert().algorithm_identifier())),
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
                Stage::Each,
                "unhandled critical extension",
                "x509_vfy.c check_extensions: asked of roots too",
                |seen| facts::critical_beyond(seen.cert(), &SUPPORTED),
            ),
            Rule::new(
                "openssl/invalid-ca",
                Stage::Each,
                "invalid CA certificate",
                "x509_vfy.c check_extensions, v3_purp.c check_ca",
                $invalid_ca,
            ),
            Rule::new(
                "openssl/explicit-curve",
                Stage::Each,
                "Certificate public key has explicit ECC parameters",
                "x509_vfy.c check_curve",
                |seen| when(seen.path.len() > 1 && explicit_curve(seen.cert())),
            ),
            $($strict,)?
            Rule::new(
                "openssl/purpose",
                Stage::Each,
                "unsuitable certificate purpose",
                "v3_purp.c check_purpose_ssl_server, check_purpose_ssl_client",
                unsuitable,
            ),
            Rule::new(
                "openssl/path-length",
                Stage::Each,
                "path length constraint exceeded",
                "x509_vfy.c check_extensions: self-issued CAs do not count",
                path_length,
            ),
            Rule::new(
                "openssl/ca-key-too-weak",
                Stage::Chain,
                "CA certificate key too weak",
                "x509_vfy.c check_auth_level at security level 2",
                |seen| when(first_weak(seen) == Some(Weak::Key)),
            ),
            Rule::new(
                "openssl/digest-too-weak",
                Stage::Chain,
                "CA signature digest algorithm too weak",
                "x509_vfy.c check_auth_level: SHA-1 has 63 bits; not asked of the last",
                |seen| when(first_weak(seen) == Some(Weak::Digest)),
            ),
            Rule::new(
                "openssl/name",
                Stage::Chain,
                "{}",
                "x509_vfy.c check_id, v3_utl.c do_x509_check",
                $name,
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
            $($no_issuer,)?
            SELF_SIGNED,
            SELF_SIGNED_IN_CHAIN,
            TOO_LONG,
        ]
    };
}

// With partial chains whatever is trusted ends a chain.
const PLAIN: &[Rule] = rules!(invalid_ca, |seen| name(seen, true), [], [NO_ISSUER]);
// Python sets `X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS`.
const STRICT: &[Rule] = rules!(invalid_ca_strict, |seen| name(seen, false), [AS_STRICT], []);

const AS_STRICT: Rule = Rule::new(
    "openssl/strict",
    Stage::Each,
    "{}",
    "x509_vfy.c check_extensions with X509_V_FLAG_X509_STRICT",
    strict,
);

/// A UTF8String that is none.
fn is_broken(attribute: &Attribute) -> bool {
    attribute.tag() == tag::UTF8_STRING && attribute.text().is_none()
}

/// The purpose that libssl asks: always in a handshake, by the library's call
/// only where the caller sets one.
fn unsuitable(seen: &Seen<'_>) -> Option<String> {
    let purpose = match (&seen.asked.purpose, seen.asked.through) {
        (Some(purpose), _) => purpose.clone(),
        (None, Through::Handshake) => Purpose::ServerAuth,
        (None, Through::Library) => return None,
    };
    let (client, cert) = (purpose == Purpose::ClientAuth, seen.cert());
    let gated = |p: &Purpose| !client && facts::SERVER_GATED.contains(&p.oid());
    let other =
        facts::purposes(cert).is_some_and(|all| !all.iter().any(|p| *p == purpose || gated(p)));
    let mut bits = KeyUsage::DIGITAL_SIGNATURE.with(KeyUsage::KEY_AGREEMENT);
    if !client {
        bits = bits.with(KeyUsage::KEY_ENCIPHERMENT);
    }
    let usage = cert.key_usage().filter(|_| seen.is_target());
    let unusable = usage.is_some_and(|u| u.bits() & bits.bits() == 0);
    let asked = match seen.is_target() {
        true if client => facts::NETSCAPE_CLIENT,
        true => facts::NETSCAPE_SERVER,
        // `check_ssl_ca` looks at the type where nothing else makes a CA.
        false if check_ca(cert) == Ca::Netscape => facts::NETSCAPE_TLS_CA,
        false => u8::MAX,
    };
    let netscape = facts::netscape_type(cert).filter(|_| asked != u8::MAX);
    when(other || unusable || netscape.is_some_and(|bits| bits & asked == 0))
}

/// What `check_auth_level` finds first: of each certificate from the target up the
/// key, that of the target aside, then the digest, that of the last aside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Weak {
    Key,
    Digest,
}

fn first_weak(seen: &Seen<'_>) -> Option<Weak> {
    let last = seen.path.len() - 1;
    seen.path.iter().enumerate().find_map(|(at, cert)| {
        if at > 0 && security_bits(cert) < LEVEL_2 {
            Some(Weak::Key)
        } else if at < last && signature::strength(cert) != Strength::Good {
            Some(Weak::Digest)
        } else {
            None
        }
    })
}

fn path_length(seen: &Seen<'_>) -> Option<String> {
    let most = facts::basic(seen.cert()).and_then(|b| b.path_length)?;
    let between = seen.below().iter().skip(1);
    let between = between.filter(|c| !self_issued(c)).count();
    when(seen.at > 1 && i64::try_from(between).unwrap_or(i64::MAX) > most)
}

fn name(seen: &Seen<'_>, partial_wildcards: bool) -> Option<String> {
    let peer = seen.asked.peer?;
    let covered = names::covers(peer, seen.path[0], partial_wildcards);
    (!covered).then(|| {
        match peer {
            crate::chain::PeerName::Ip(_) => "IP address mismatch",
            crate::chain::PeerName::Email(_) => "email address mismatch",
            _ => "hostname mismatch",
        }
        .to_owned()
    })
}

/// Which of the times `X509_cmp_time` does not read.
fn odd_times(cert: &Certificate) -> [bool; 2] {
    facts::times(cert).map_or([true; 2], |times| times.map(|t| !facts::in_der_form(&t)))
}

/// Signatures and times, from the top down.
fn verify(seen: &Seen<'_>) -> Option<String> {
    let top = seen.path.len() - 1;
    for at in (0..=top).rev() {
        let cert = seen.path[at];
        if at < top {
            let issuer = seen.path[at + 1];
            let differ = facts::has_fault(cert, "algorithms-differ");
            if differ || !signature::holds(cert, issuer, VERIFIES_BEYOND) {
                return Some("certificate signature failure".into());
            }
        }
        let validity = cert.validity();
        let [begins, ends] = odd_times(cert);
        if begins {
            return Some("format error in certificate's notBefore field".into());
        }
        if seen.asked.now < validity.not_before {
            return Some("certificate is not yet valid".into());
        }
        if ends {
            return Some("format error in certificate's notAfter field".into());
        }
        // `X509_cmp_time` takes the last second for past.
        if seen.asked.now >= validity.not_after {
            return Some("certificate has expired".into());
        }
    }
    None
}
