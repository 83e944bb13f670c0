//! Go: `crypto/x509`, as `crypto/tls` uses it.

mod key;
mod mailbox;
mod names;
mod policies;
mod read;
mod report;

use self::read::INFO_ACCESS;

use super::keys;
use super::rule::{Rule, Seen, Stage, when};
use super::search::{Backtracking, Repeats, Search, TargetAsAnchor, Verifies, outcome};
use super::signature::{self, Written};
use super::{Consumer, Names, Reads, Release, Through, Unreadable, facts};
use crate::cert::{Certificate, oid};
use crate::chain::PeerName;
use crate::der::{Element, tag};
use crate::key::PssFault;
use crate::model::dn::{Dn, DnCompare};
use crate::model::san::GeneralName;
use crate::model::usage::{KeyUsage, Purpose};

/// Index of 1.26 in the releases.
const V1_26: usize = 1;

/// What `processExtensions` handles; the last three since 1.24: policy mappings,
/// policy constraints, inhibitAnyPolicy.
const HANDLED: [&str; 13] = [
    oid::KEY_USAGE,
    oid::BASIC_CONSTRAINTS,
    oid::SUBJECT_ALT_NAME,
    oid::NAME_CONSTRAINTS,
    "2.5.29.31",
    oid::AUTHORITY_KEY_ID,
    oid::EXTENDED_KEY_USAGE,
    oid::SUBJECT_KEY_ID,
    "2.5.29.32",
    INFO_ACCESS,
    "2.5.29.33",
    "2.5.29.36",
    "2.5.29.54",
];

/// Algorithms of `signatureAlgorithmDetails` with a hash that is not refused, PSS
/// and Ed25519 aside: ECDSA and RSA with SHA-256, SHA-384, SHA-512.
const VERIFIED: [&str; 6] = [
    "1.2.840.10045.4.3.2",
    "1.2.840.10045.4.3.3",
    "1.2.840.10045.4.3.4",
    "1.2.840.113549.1.1.11",
    "1.2.840.113549.1.1.12",
    "1.2.840.113549.1.1.13",
];

/// dsa-with-sha256, known and never verified.
const DSA_SHA256: &str = "2.16.840.1.101.3.4.3.2";

/// How many of them Go handled before.
const BEFORE_1_24: usize = 10;

/// Go.
pub(super) static GO: Consumer = Consumer {
    id: "go",
    name: "Go",
    releases: &[
        Release {
            id: "1.23",
            measured: "Go 1.23.5",
        },
        Release {
            id: "1.26",
            measured: "Go 1.26.8",
        },
    ],
    rules: RULES,
    names: DnCompare::Raw,
    search: Search::Backtracking(Backtracking {
        order: by_key_id,
        stops_at_self_issued: false,
        repeats: Repeats::SubjectKeyAndNames,
        most_between: None,
        distinct: true,
        verifies: Verifies::First,
        signatures: (100, Some(&SIGNATURE_LIMIT)),
        // Ours: no more than the signatures come about.
        steps: (100_000, None),
        ends: None,
        target_as_anchor: TargetAsAnchor::Accepted,
        report: report::report,
    }),
    reads: Reads {
        long_lengths: false,
        trailing: true,
        alone: &[oid::NAME_CONSTRAINTS],
        version_3_alone: true,
    },
    unreadable: Unreadable {
        sent_refuses: true,
        trusted_refuses: false,
    },
    no_anchors: None,
    names_asked: Names::BeforeSearch,
    // P-256 to P-521 are verified here too; 1.23.5 and 1.26.8 read no other curve.
    verifies_beyond: &[keys::P224],
};

const UNKNOWN_AUTHORITY: Rule = outcome(
    "go/unknown-authority",
    "x509: certificate signed by unknown authority{}",
    "crypto/x509 verify.go UnknownAuthorityError",
);

const SIGNATURE_LIMIT: Rule = outcome(
    "go/signature-limit",
    "x509: signature check attempts limit reached while verifying certificate chain",
    "crypto/x509 verify.go maxChainSignatureChecks: 100 certificates tried above others",
);

const NOT_AUTHORIZED: &str =
    "a root or intermediate certificate is not authorized to sign for this name";

/// A client's certificate: `tls: failed to parse client certificate`.
const PARSE: &str = "x509: {}";

const RULES: &[Rule] = &[
    Rule::new(
        "go/version",
        Stage::Read,
        "x509: invalid version",
        "crypto/x509 parser.go parseCertificate",
        |seen| when(seen.cert().version() > 3),
    ),
    Rule::new(
        "go/negative-serial",
        Stage::Read,
        "x509: negative serial number",
        "crypto/x509 parser.go parseCertificate, since Go 1.23",
        |seen| {
            let serial = seen.cert().serial().octets();
            when(serial.first().is_some_and(|o| *o >= 0x80))
        },
    ),
    Rule::new(
        "go/der",
        Stage::Read,
        PARSE,
        "crypto/x509 parser.go: cryptobyte reads DER alone",
        read::unreadable_der,
    ),
    Rule::new(
        "go/algorithms-differ",
        Stage::Read,
        "x509: inner and outer signature algorithm identifiers don't match",
        "crypto/x509 parser.go parseCertificate",
        |seen| when(facts::has_fault(seen.cert(), "algorithms-differ")),
    ),
    Rule::new(
        "go/name-text",
        Stage::Read,
        PARSE,
        "crypto/x509 parser.go parseASN1String",
        |seen| {
            let odd = |name: &Dn| facts::strings(name).any(read::is_no_text);
            let cert = seen.cert();
            (odd(cert.issuer()) || odd(cert.subject())).then(|| "invalid RDNSequence".to_owned())
        },
    ),
    Rule::new(
        "go/public-key",
        Stage::Read,
        PARSE,
        "crypto/x509 parser.go parsePublicKey",
        read::public_key,
    ),
    Rule::new(
        "go/time-form",
        Stage::Read,
        "x509: malformed GeneralizedTime",
        "cryptobyte asn1.go ReadASN1GeneralizedTime: no fraction; a UTCTime may lack its seconds",
        |seen| {
            let odd =
                |time: &Element<'_>| time.tag == tag::GENERALIZED_TIME && !facts::in_der_form(time);
            when(facts::times(seen.cert())?.iter().any(odd))
        },
    ),
    Rule::new(
        "go/rsa-too-large",
        Stage::Read,
        "tls: {} sent certificate containing RSA key larger than 8192 bits",
        "crypto/tls handshake_client.go checkKeySize, handshake_server.go: of what is sent, as it is read",
        |seen| {
            let large = key::is_beyond_tls(seen.cert()) && in_handshake(seen) && is_sent(seen);
            large.then(|| peer(seen).to_owned())
        },
    ),
    Rule::new(
        "go/point",
        Stage::Read,
        "{}",
        "crypto/ecdsa ecdsa.go ParseUncompressedPublicKey; 1.23 has other words",
        |seen| read::point(seen.cert()),
    ),
    Rule::new(
        "go/duplicate-extension",
        Stage::Read,
        "x509: certificate contains duplicate extension with OID {}",
        "crypto/x509 parser.go parseCertificate",
        |seen| facts::duplicate(seen.cert(), |_| true).map(|e| format!("{:?}", e.oid)),
    ),
    Rule::new(
        "go/extension",
        Stage::Read,
        PARSE,
        "crypto/x509 parser.go processExtensions",
        |seen| read::extension(seen.cert()),
    ),
    Rule::new(
        "go/extension-1.24",
        Stage::Read,
        PARSE,
        "crypto/x509 parser.go processExtensions, parseCertificatePoliciesExtension: what 1.23.5 takes and 1.26.8 does not, a policy twice among it",
        |seen| read::since_1_24(seen.cert()),
    )
    .since(V1_26),
    Rule::new(
        "go/name-constraints-form",
        Stage::Read,
        PARSE,
        "crypto/x509 parser.go parseNameConstraintsExtension",
        |seen| names::unreadable(seen.cert()),
    ),
    Rule::new(
        "go/name-constraints-dot",
        Stage::Read,
        PARSE,
        "crypto/x509 parser.go domainNameValid, measured with 1.26; to 1.23 it is all names",
        |seen| names::dot_alone(seen.cert()),
    )
    .since(V1_26),
    Rule::new(
        "go/unknown-critical",
        Stage::Target,
        "x509: unhandled critical extension",
        "crypto/x509 verify.go isValid; 1.23",
        |seen| unhandled(seen.cert(), &HANDLED[..BEFORE_1_24]),
    )
    .until(V1_26),
    Rule::new(
        "go/unknown-critical-1.24",
        Stage::Target,
        "x509: unhandled critical extension",
        "crypto/x509 verify.go isValid; policies are processed since 1.24",
        |seen| unhandled(seen.cert(), &HANDLED),
    )
    .since(V1_26),
    Rule::new(
        "go/time",
        Stage::Target,
        "x509: certificate has expired or is not yet valid: {}",
        "crypto/x509 verify.go isValid",
        time,
    ),
    Rule::new(
        "go/name",
        Stage::Name,
        "x509: {}",
        "crypto/x509 verify.go VerifyHostname, HostnameError",
        name,
    ),
    Rule::new(
        "go/cannot-sign",
        Stage::Signature,
        "x509: invalid signature: parent certificate cannot sign this kind of certificate",
        "crypto/x509 x509.go CheckSignatureFrom: asked of roots too",
        cannot_sign,
    ),
    Rule::new(
        "go/insecure-algorithm",
        Stage::Signature,
        "x509: cannot verify signature: insecure algorithm {}",
        "crypto/x509 x509.go checkSignature",
        |seen| {
            let child = seen.path[seen.path.len() - 2];
            let name = match signature::algorithm(child)?.as_str() {
                "1.2.840.113549.1.1.4" => "MD5-RSA",
                "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "SHA1-RSA",
                "1.2.840.10045.4.1" => "ECDSA-SHA1",
                "1.2.840.10040.4.3" => "DSA-SHA1",
                _ => return None,
            };
            Some(name.to_owned())
        },
    ),
    Rule::new(
        "go/unknown-algorithm",
        Stage::Signature,
        "x509: cannot verify signature: algorithm unimplemented",
        "crypto/x509 x509.go getSignatureAlgorithmFromAI, checkSignature: PSS with a salt as long as its hash, Ed25519 without parameters; no DSA",
        |seen| {
            let child = seen.path[seen.path.len() - 2];
            when(match signature::algorithm(child).as_deref() {
                Some(signature::PSS) => !is_usual_pss(child) || !key::is_verified(seen.cert()),
                Some(signature::ED25519) => signature::written(child) != Written::Right,
                Some(DSA_SHA256) => !key::is_verified(seen.cert()),
                Some(known) => !VERIFIED.contains(&known) || !key::is_verified(seen.cert()),
                None => true,
            })
        },
    ),
    Rule::new(
        "go/rsa-key",
        Stage::Signature,
        "crypto/rsa: {}",
        "crypto/rsa rsa.go checkKeySize since 1.24, crypto/internal/fips140/rsa checkPublicKey; measured with 1.26",
        |seen| {
            let rsa = signature::is_rsa(seen.path[seen.path.len() - 2]);
            key::rsa_refused(seen.cert()).filter(|_| rsa)
        },
    )
    .since(V1_26),
    Rule::new(
        "go/issuer-unknown-critical",
        Stage::Issuer,
        "x509: unhandled critical extension",
        "crypto/x509 verify.go isValid: asked of roots too; 1.23",
        |seen| unhandled(seen.cert(), &HANDLED[..BEFORE_1_24]),
    )
    .until(V1_26),
    Rule::new(
        "go/issuer-unknown-critical-1.24",
        Stage::Issuer,
        "x509: unhandled critical extension",
        "crypto/x509 verify.go isValid: asked of roots too",
        |seen| unhandled(seen.cert(), &HANDLED),
    )
    .since(V1_26),
    Rule::new(
        "go/issuer-time",
        Stage::Issuer,
        "x509: certificate has expired or is not yet valid: {}",
        "crypto/x509 verify.go isValid: asked of roots too",
        time,
    ),
    Rule::new(
        "go/too-many-constraints",
        Stage::Issuer,
        "x509: unknown error",
        "crypto/x509 verify.go checkNameConstraints, TooManyConstraints: 250,000 bases; 1.23",
        |seen| when(names::too_many(seen.cert(), seen.below())),
    )
    .until(V1_26),
    Rule::new(
        "go/name-constraints",
        Stage::Issuer,
        "x509: {}",
        "crypto/x509 verify.go isValid: SubjectAltName alone, self-issued CAs too; 1.23",
        |seen| {
            let found = names::constraints(seen.cert(), seen.below(), false)?;
            // What cannot be parsed is an error of another kind.
            Some(match found.strip_prefix("x509: ") {
                Some(unparsed) => unparsed.to_owned(),
                None => format!("{NOT_AUTHORIZED}: {found}"),
            })
        },
    )
    .until(V1_26),
    Rule::new(
        "go/not-a-ca",
        Stage::Issuer,
        "x509: certificate is not authorized to sign other certificates",
        "crypto/x509 verify.go isValid: asked of intermediates",
        |seen| when(!seen.is_anchor() && !is_ca(seen.cert())),
    ),
    Rule::new(
        "go/path-length",
        Stage::Issuer,
        "x509: too many intermediates for path length constraint",
        "crypto/x509 verify.go isValid: self-issued CAs count, roots are asked",
        |seen| {
            let length = facts::basic(seen.cert()).and_then(|b| b.path_length);
            let between = i64::try_from(seen.below().len() - 1).unwrap_or(i64::MAX);
            when(length.is_some_and(|most| (0..between).contains(&most)))
        },
    ),
    Rule::new(
        "go/policies",
        Stage::Chain,
        "x509: no valid chains built: 1 candidate chains with invalid policies",
        "crypto/x509 verify.go policiesValid, since Go 1.24",
        |seen| when(facts::lacks_policies(seen.path, |c| seen.self_issued(c))),
    )
    .since(V1_26),
    Rule::new(
        "go/purpose",
        Stage::Chain,
        "x509: certificate specifies an incompatible key usage",
        "crypto/x509 verify.go checkChainForKeyUsage: nested, the root too",
        purpose,
    ),
    Rule::new(
        "go/name-constraints-1.25",
        Stage::Chain,
        "x509: a root or intermediate certificate is not authorized to sign for this name: {}",
        "crypto/x509 constraints.go checkChainConstraints",
        |seen| {
            (1..seen.path.len())
                .find_map(|at| names::constraints(seen.path[at], &seen.path[..at], true))
        },
    )
    .since(V1_26),
    Rule::new(
        "go/key-kind",
        Stage::Accepted,
        "tls: {}",
        "crypto/tls handshake_client.go verifyServerCertificate, handshake_server.go processCertsFromClient: RSA, ECDSA and Ed25519 alone",
        |seen| {
            let kind = key::type_unfit_for_tls(seen.path[0]).filter(|_| in_handshake(seen))?;
            Some(match peer(seen) {
                "client" => {
                    format!("client certificate contains an unsupported public key of type {kind}")
                }
                _ => format!(
                    "server's certificate contains an unsupported type of public key: {kind}"
                ),
            })
        },
    ),
    SIGNATURE_LIMIT,
    UNKNOWN_AUTHORITY,
];

fn in_handshake(seen: &Seen<'_>) -> bool {
    seen.asked.through == Through::Handshake
}

/// Who sent the target.
fn peer(seen: &Seen<'_>) -> &'static str {
    match seen.asked.purpose {
        Some(Purpose::ClientAuth) => "client",
        _ => "server",
    }
}

/// When it is read a certificate has no place yet: what was sent is told by the list.
fn is_sent(seen: &Seen<'_>) -> bool {
    seen.is_target() || seen.asked.pool.contains(seen.cert())
}

/// `findPotentialParents`: of trusted ones and of those that were sent first those
/// whose key id is asked for, then those where one is missing.
fn by_key_id(
    child: &Certificate,
    _: &[&Certificate],
    _: DnCompare,
    candidates: &mut [(&Certificate, bool)],
) {
    let wanted = child
        .authority_key_id()
        .and_then(|aki| aki.key_id.as_deref())
        .unwrap_or_default();
    candidates.sort_by_key(|(issuer, anchor)| {
        let given = issuer.subject_key_id().unwrap_or_default();
        let rank = match () {
            () if given == wanted => 0,
            () if given.is_empty() || wanted.is_empty() => 1,
            () => 2,
        };
        (!anchor, rank)
    });
}

fn unhandled(cert: &Certificate, handled: &[&str]) -> Option<String> {
    if let Some(found) = facts::critical_beyond(cert, handled) {
        return Some(found);
    }
    let critical = |oid: &str| facts::extension(cert, oid).is_some_and(|e| e.critical);
    let no_name =
        |name: &GeneralName| matches!(name, GeneralName::Directory(_) | GeneralName::Other { .. });
    let refused = (critical(oid::NAME_CONSTRAINTS) && names::unhandled(cert))
        || (critical(oid::SUBJECT_ALT_NAME) && cert.names().iter().all(no_name));
    when(refused)
}

fn time(seen: &Seen<'_>) -> Option<String> {
    let validity = seen.cert().validity();
    let now = seen.asked.now;
    if seen.not_begun(seen.cert()) {
        Some(format!(
            "current time {now} is before {}",
            validity.not_before
        ))
    } else if seen.expired(seen.cert()) {
        Some(format!(
            "current time {now} is after {}",
            validity.not_after
        ))
    } else {
        None
    }
}

fn name(seen: &Seen<'_>) -> Option<String> {
    let (peer, cert) = (seen.asked.peer?, seen.cert());
    if names::covers(peer, cert) {
        return None;
    }
    let address = matches!(peer, PeerName::Ip(_));
    let of_form: Vec<String> = cert
        .names()
        .iter()
        .filter_map(|name| match name {
            GeneralName::Dns(text) => (!address).then(|| text.clone()),
            GeneralName::Ip(_) => address.then(|| name.value()),
            _ => None,
        })
        .collect();
    let by_common_name = || {
        let host = PeerName::Dns(peer.to_string());
        let cn = facts::last_common_name(cert.subject());
        cn.is_some_and(|cn| names::matches_common_name(&cn, &host))
    };
    Some(if !cert.has_names() && by_common_name() {
        "certificate relies on legacy Common Name field, use SANs instead".into()
    } else if of_form.is_empty() && address {
        format!("cannot validate certificate for {peer} because it doesn't contain any IP SANs")
    } else if of_form.concat().is_empty() {
        format!("certificate is not valid for any names, but wanted to match {peer}")
    } else {
        format!(
            "certificate is valid for {}, not {peer}",
            of_form.join(", ")
        )
    })
}

/// The PSS of `getSignatureAlgorithmFromAI`, which passes over what stands behind
/// the trailer and the parameters of hash and mask.
fn is_usual_pss(cert: &Certificate) -> bool {
    signature::form(cert).is_some_and(|form| {
        let readable = !matches!(form.fault, Some(PssFault::ForTrailer | PssFault::Trailer));
        form.has_usual_salt() && !form.hash_parameters && readable
    })
}

fn is_ca(cert: &Certificate) -> bool {
    facts::basic(cert).is_some_and(|b| b.ca)
}

fn cannot_sign(seen: &Seen<'_>) -> Option<String> {
    let cert = seen.cert();
    let basic = facts::basic(cert);
    let no_ca = match basic {
        None => cert.version() == 3,
        Some(basic) => !basic.ca,
    };
    let usage = cert.key_usage();
    let no_signer = usage.is_some_and(|u| u.bits() != 0 && !u.contains(KeyUsage::KEY_CERT_SIGN));
    when(no_ca || no_signer)
}

/// Nobody in the chain may forbid the purpose; who lists none allows all.
fn purpose(seen: &Seen<'_>) -> Option<String> {
    let asked = seen.asked.purpose.clone().unwrap_or(Purpose::ServerAuth);
    let forbids = |cert: &&Certificate| {
        let listed = facts::purposes(cert);
        listed.is_some_and(|all| {
            !all.is_empty() && !all.contains(&Purpose::Any) && !all.contains(&asked)
        })
    };
    when(seen.path.iter().any(forbids))
}
