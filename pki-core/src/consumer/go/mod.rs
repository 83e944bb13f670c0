//! Go: `crypto/x509`, as `crypto/tls` uses it.

mod names;

use super::rule::{Rule, Seen, Stage, when};
use super::search::{Backtracking, Miss, Repeats, Search, TargetAsAnchor, as_given, outcome};
use super::signature::{self, Strength, Written};
use super::{Consumer, Names, Reads, Refusal, Release, Unreadable, facts};
use crate::cert::{Certificate, oid};
use crate::chain::PeerName;
use crate::der::{self, tag};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::{Attribute, Dn, DnCompare};
use crate::model::san::GeneralName;
use crate::model::usage::{KeyUsage, Purpose};

/// Index of 1.26 in the releases.
const V1_26: usize = 1;

const INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";

/// What `processExtensions` handles.
const HANDLED: [&str; 10] = [
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
];

/// And since 1.24: policy constraints, mappings, inhibitAnyPolicy.
const HANDLED_1_26: [&str; 13] = [
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
        order: as_given,
        stops_at_self_issued: false,
        repeats: Repeats::SubjectKeyAndNames,
        most_between: usize::MAX,
        signatures: 100,
        target_as_anchor: TargetAsAnchor::Accepted,
        report,
    }),
    reads: Reads {
        long_lengths: false,
        trailing: true,
        version_3_alone: true,
    },
    unreadable: Unreadable {
        sent_refuses: true,
        trusted_refuses: false,
    },
    names_asked: Names::BeforeSearch,
};

const UNKNOWN_AUTHORITY: Rule = outcome(
    "go/unknown-authority",
    "x509: certificate signed by unknown authority{}",
    "crypto/x509 verify.go UnknownAuthorityError",
);

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
        unreadable_der,
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
            let odd = |name: &Dn| facts::strings(name).any(is_no_text);
            let cert = seen.cert();
            (odd(cert.issuer()) || odd(cert.subject())).then(|| "invalid RDNSequence".to_owned())
        },
    ),
    Rule::new(
        "go/public-key",
        Stage::Read,
        PARSE,
        "crypto/x509 parser.go parsePublicKey",
        public_key,
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
        |seen| extension(seen.cert()),
    ),
    Rule::new(
        "go/name-constraints-form",
        Stage::Read,
        PARSE,
        "crypto/x509 parser.go parseNameConstraintsExtension",
        |seen| read_extensions(seen.cert()).then(|| names::unreadable(seen.cert()))?,
    ),
    Rule::new(
        "go/unknown-critical",
        Stage::Target,
        "x509: unhandled critical extension",
        "crypto/x509 verify.go isValid; 1.23",
        |seen| unhandled(seen.cert(), &HANDLED),
    )
    .until(V1_26),
    Rule::new(
        "go/unknown-critical-1.24",
        Stage::Target,
        "x509: unhandled critical extension",
        "crypto/x509 verify.go isValid; policies are processed since 1.24",
        |seen| unhandled(seen.cert(), &HANDLED_1_26),
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
        Stage::Issuer,
        "x509: invalid signature: parent certificate cannot sign this kind of certificate",
        "crypto/x509 x509.go CheckSignatureFrom: asked of roots too",
        cannot_sign,
    ),
    Rule::new(
        "go/insecure-algorithm",
        Stage::Issuer,
        "x509: cannot verify signature: insecure algorithm {}",
        "crypto/x509 x509.go checkSignature",
        |seen| {
            let child = seen.path[seen.path.len() - 2];
            match signature::strength(child) {
                Strength::Sha1 => Some(
                    if signature::is_rsa(child) {
                        "SHA1-RSA"
                    } else {
                        "ECDSA-SHA1"
                    }
                    .into(),
                ),
                Strength::Broken => Some("MD5-RSA".into()),
                Strength::Good | Strength::Unknown => None,
            }
        },
    ),
    Rule::new(
        "go/unknown-algorithm",
        Stage::Issuer,
        "x509: cannot verify signature: algorithm unimplemented",
        "crypto/x509 x509.go getSignatureAlgorithmFromAI: PSS with a salt as long as its hash, Ed25519 without parameters",
        |seen| {
            let child = seen.path[seen.path.len() - 2];
            let written = signature::written(child);
            when(match signature::algorithm(child).as_deref() {
                Some("1.2.840.113549.1.1.10") => written != Written::UsualPss,
                Some("1.3.101.112") => written != Written::Right,
                _ => signature::strength(child) == Strength::Unknown,
            })
        },
    ),
    Rule::new(
        "go/issuer-unknown-critical",
        Stage::Issuer,
        "x509: unhandled critical extension",
        "crypto/x509 verify.go isValid: asked of roots too; 1.23",
        |seen| unhandled(seen.cert(), &HANDLED),
    )
    .until(V1_26),
    Rule::new(
        "go/issuer-unknown-critical-1.24",
        Stage::Issuer,
        "x509: unhandled critical extension",
        "crypto/x509 verify.go isValid: asked of roots too",
        |seen| unhandled(seen.cert(), &HANDLED_1_26),
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
        "go/name-constraints",
        Stage::Issuer,
        "x509: a root or intermediate certificate is not authorized to sign for this name: {}",
        "crypto/x509 verify.go isValid: SubjectAltName alone, self-issued CAs too; 1.23",
        |seen| names::constraints(seen.cert(), seen.below(), false),
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
    UNKNOWN_AUTHORITY,
];

/// A string whose octets are not of its type. Other types are passed over.
fn is_no_text(attribute: &Attribute) -> bool {
    let value = attribute.value();
    match attribute.tag() {
        tag::PRINTABLE_STRING => !value.iter().all(|b| is_printable(*b)),
        tag::UTF8_STRING => std::str::from_utf8(value).is_err(),
        tag::IA5_STRING => !value.is_ascii(),
        tag::NUMERIC_STRING => !value.iter().all(|b| b.is_ascii_digit() || *b == b' '),
        tag::BMP_STRING => !value.len().is_multiple_of(2),
        tag::T61_STRING => false,
        _ => true,
    }
}

/// `isPrintable`: with `*` and `&`, which X.680 does not have.
fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(&octet)
}

/// What cryptobyte does not read: it is strict about lengths and integers.
fn unreadable_der(seen: &Seen<'_>) -> Option<String> {
    let cert = seen.cert();
    let padded = match cert.serial().octets() {
        [] => true,
        [0, next, ..] => *next < 0x80,
        [0xff, next, ..] => *next >= 0x80,
        [_, ..] => false,
    };
    padded.then(|| "malformed serial number".to_owned())
}

fn public_key(seen: &Seen<'_>) -> Option<String> {
    const EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    const RSA: &[u8] = &[
        0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
    ];
    const P224: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x21];
    let key = seen.cert().public_key();
    let identifier = der::only(key.algorithm_identifier(), tag::SEQUENCE).ok()?;
    let mut reader = identifier.reader();
    let kind = reader.element(tag::OID).ok()?.raw;
    let parameters = reader.rest();
    if kind == EC {
        if parameters.first() != Some(&tag::OID) {
            return Some("invalid ECDSA parameters".into());
        }
        if key.algorithm().is_none() && parameters != P224 {
            return Some("unsupported elliptic curve".into());
        }
    }
    if kind == RSA && parameters != [tag::NULL, 0] {
        return Some("RSA key missing NULL parameters".into());
    }
    None
}

/// v1 and v2 certificates have no extensions that Go reads.
fn read_extensions(cert: &Certificate) -> bool {
    cert.version() == 3
}

fn extension(cert: &Certificate) -> Option<String> {
    if !read_extensions(cert) {
        return None;
    }
    cert.extensions().iter().find_map(|e| {
        let sequence = der::only(&e.value, tag::SEQUENCE).is_ok();
        let found = match e.oid.as_str() {
            oid::AUTHORITY_KEY_ID if e.critical => {
                "authority key identifier incorrectly marked critical"
            }
            oid::SUBJECT_KEY_ID if e.critical => {
                "subject key identifier incorrectly marked critical"
            }
            INFO_ACCESS if e.critical => "authority info access incorrectly marked critical",
            INFO_ACCESS if !info_access(&e.value) => "invalid authority info access",
            oid::AUTHORITY_KEY_ID if !sequence => "invalid authority key identifier",
            oid::SUBJECT_KEY_ID if cert.subject_key_id().is_none() => {
                "invalid subject key identifier"
            }
            "2.5.29.31" if !sequence => "invalid CRL distribution points",
            "2.5.29.32" if !sequence => "invalid certificate policies",
            oid::BASIC_CONSTRAINTS if facts::basic(cert).is_none() || !boolean(&e.value) => {
                "invalid basic constraints"
            }
            oid::KEY_USAGE if der::only(&e.value, tag::BIT_STRING).is_err() => "invalid key usage",
            oid::EXTENDED_KEY_USAGE
                if cert.purposes().is_none() && !facts::purposes_empty(cert) =>
            {
                "invalid extended key usages"
            }
            oid::SUBJECT_ALT_NAME => return alt_names(cert),
            _ => return None,
        };
        Some(found.to_owned())
    })
}

/// A DER BOOLEAN at the front, where there is one at all.
fn boolean(value: &[u8]) -> bool {
    let first = der::only(value, tag::SEQUENCE).and_then(|s| s.reader().any());
    first.is_ok_and(|e| e.tag != tag::BOOLEAN || [&[0xff][..], &[0]].contains(&e.value))
        || value == [tag::SEQUENCE, 0]
}

fn info_access(value: &[u8]) -> bool {
    let Ok(list) = der::only(value, tag::SEQUENCE) else {
        return false;
    };
    let mut reader = list.reader();
    while !reader.is_empty() {
        let entry = reader.element(tag::SEQUENCE);
        let method = entry.and_then(|e| e.reader().element(tag::OID));
        if method.is_err() {
            return false;
        }
    }
    true
}

fn alt_names(cert: &Certificate) -> Option<String> {
    let value = facts::names_der(cert)?;
    if der::only(value, tag::SEQUENCE).is_err() || !cert.has_names() {
        return Some("invalid subject alternative names".into());
    }
    cert.names().iter().find_map(|name| match name {
        GeneralName::Other { tag: 0x81, .. } => Some("SAN rfc822Name is malformed".into()),
        GeneralName::Other { tag: 0x82, .. } => Some("SAN dNSName is malformed".into()),
        GeneralName::Other { tag: 0x86, .. } => {
            Some("SAN uniformResourceIdentifier is malformed".into())
        }
        GeneralName::Ip(octets) if ![4, 16].contains(&octets.len()) => Some(format!(
            "cannot parse IP address of length {}",
            octets.len()
        )),
        GeneralName::Uri(text) if !parses(text) => Some(format!("cannot parse URI {text:?}")),
        _ => None,
    })
}

/// `url.Parse` and the host it finds, as far as names in certificates go: no
/// control characters, no space in the authority, a port of digits.
fn parses(uri: &str) -> bool {
    let control = |b: u8| b < 0x20 || b == 0x7f;
    if uri.bytes().any(control) {
        return false;
    }
    let Some((_, rest)) = uri.split_once("://") else {
        return !uri.starts_with(':');
    };
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if host.starts_with('[') {
        return host.contains(']');
    }
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    port.bytes().all(|b| b.is_ascii_digit())
        && !name.contains([' ', '<', '>', '"', '%', '^', '`', '{', '}', '|', '\\'])
        && (name.is_empty() || (!name.ends_with('.') && names::is_domain(name)))
}

fn unhandled(cert: &Certificate, handled: &[&str]) -> Option<String> {
    if !read_extensions(cert) {
        return None;
    }
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

fn is_ca(cert: &Certificate) -> bool {
    read_extensions(cert) && facts::basic(cert).is_some_and(|b| b.ca)
}

fn cannot_sign(seen: &Seen<'_>) -> Option<String> {
    let cert = seen.cert();
    let basic = facts::basic(cert).filter(|_| read_extensions(cert));
    let no_ca = match basic {
        None => cert.version() == 3,
        Some(basic) => !basic.ca,
    };
    let usage = cert.key_usage().filter(|_| read_extensions(cert));
    let no_signer = usage.is_some_and(|u| u.bits() != 0 && !u.contains(KeyUsage::KEY_CERT_SIGN));
    when(no_ca || no_signer)
}

/// Nobody in the chain may forbid the purpose; who lists none allows all.
fn purpose(seen: &Seen<'_>) -> Option<String> {
    let asked = seen.asked.purpose.clone().unwrap_or(Purpose::ServerAuth);
    let forbids = |cert: &&Certificate| {
        let listed = facts::purposes(cert).filter(|_| read_extensions(cert));
        listed.is_some_and(|all| {
            !all.is_empty() && !all.contains(&Purpose::Any) && !all.contains(&asked)
        })
    };
    when(seen.path.iter().any(forbids))
}

/// What `isValid` said last; else that no authority was found, with what
/// became of the first candidate.
fn report(misses: &[Miss<'_>]) -> Refusal {
    let hint = |miss: &&Miss<'_>| {
        [Stage::Search, Stage::Read].contains(&miss.stage)
            || [
                "go/cannot-sign",
                "go/insecure-algorithm",
                "go/unknown-algorithm",
            ]
            .contains(&miss.refusal.rule)
    };
    if let Some(last) = misses.iter().rev().find(|m| !hint(m)) {
        return last.refusal.clone();
    }
    let first = misses
        .iter()
        .find(|m| m.depth == 1 && m.stage != Stage::Read);
    let Some(first) = first else {
        return UNKNOWN_AUTHORITY.refusal("");
    };
    let why = match first.refusal.text.as_str() {
        "" => did_not_verify(first.cert),
        text => text,
    };
    let subject = first.cert.subject();
    let name = facts::last_common_name(subject).unwrap_or_else(|| subject.to_string());
    Refusal {
        rule: first_rule(first),
        ..UNKNOWN_AUTHORITY.refusal(&format!(
            " (possibly because of {why:?} while trying to verify candidate authority certificate {name:?})"
        ))
    }
}

/// What the verifying function of the issuer's key says.
fn did_not_verify(issuer: &Certificate) -> &'static str {
    match issuer.public_key().algorithm() {
        Some(KeyAlgorithm::Rsa(_)) => "crypto/rsa: verification error",
        Some(KeyAlgorithm::Ed25519) => "x509: Ed25519 verification failure",
        _ => "x509: ECDSA verification failure",
    }
}

fn first_rule(miss: &Miss<'_>) -> &'static str {
    if miss.stage == Stage::Search {
        UNKNOWN_AUTHORITY.id
    } else {
        miss.refusal.rule
    }
}
