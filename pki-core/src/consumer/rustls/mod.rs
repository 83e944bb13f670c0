//! rustls: `rustls-webpki`, as rustls 0.23 uses it.

mod names;

use super::rule::{Rule, Seen, Stage, when};
use super::search::{
    Backtracking, End, Miss, Repeats, Search, TargetAsAnchor, Verifies, as_given, outcome,
};
use super::signature::{self, Strength, Written};
use super::{Consumer, Names, Reads, Refusal, Release, Unreadable, facts};
use crate::cert::{Extension, oid};
use crate::chain::Anchor;
use crate::der::{self, tag};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::DnCompare;
use crate::model::usage::Purpose;

/// What `remember_cert_extension` knows; a key id that is critical is unknown.
const KNOWN: [&str; 6] = [
    oid::KEY_USAGE,
    oid::SUBJECT_ALT_NAME,
    oid::BASIC_CONSTRAINTS,
    oid::NAME_CONSTRAINTS,
    "2.5.29.31",
    oid::EXTENDED_KEY_USAGE,
];

/// rustls.
pub(super) static RUSTLS: Consumer = Consumer {
    id: "rustls",
    name: "rustls",
    releases: &[Release {
        id: "0.103",
        measured: "rustls-webpki 0.103.16 with ring",
    }],
    rules: RULES,
    names: DnCompare::Raw,
    search: Search::Backtracking(Backtracking {
        order: as_given,
        stops_at_self_issued: false,
        repeats: Repeats::SubjectAndKeyBelowAnchors,
        most_between: Some((6, &TOO_DEEP)),
        distinct: false,
        verifies: Verifies::AtAnchor,
        signatures: (100, Some(&TOO_MANY_SIGNATURES)),
        steps: (200_000, Some(&TOO_MANY_CALLS)),
        ends: Some(&TOO_MANY_COMPARISONS),
        target_as_anchor: TargetAsAnchor::Ignored,
        report,
    }),
    reads: Reads {
        long_lengths: false,
        trailing: false,
        alone: &[],
        version_3_alone: false,
    },
    no_anchors: Some(&NO_ANCHORS),
    unreadable: Unreadable {
        sent_refuses: false,
        trusted_refuses: false,
    },
    names_asked: Names::AfterSearch,
    verifies_beyond: &[],
};

const UNKNOWN_ISSUER: Rule = outcome(
    "rustls/unknown-issuer",
    "invalid peer certificate: UnknownIssuer",
    "webpki 0.103 verify_cert.rs build_chain_inner",
);

const BAD_SIGNATURE: Rule = outcome(
    "rustls/signature",
    "invalid peer certificate: BadSignature",
    "webpki 0.103 signed_data.rs verify_signature",
);

const TOO_DEEP: Rule = outcome(
    "rustls/depth",
    "invalid peer certificate: Other(OtherError(MaximumPathDepthExceeded))",
    "webpki 0.103 verify_cert.rs MAX_SUB_CA_COUNT",
);

const NO_ANCHORS: Rule = outcome(
    "rustls/no-anchors",
    "no root trust anchors were provided",
    "rustls 0.23 webpki/verify.rs VerifierBuilderError::NoRootAnchors: those that cannot be read are left out",
);

const TOO_MANY_SIGNATURES: Rule = outcome(
    "rustls/signature-limit",
    "invalid peer certificate: Other(OtherError(MaximumSignatureChecksExceeded))",
    "webpki 0.103 verify_cert.rs Budget: 100 signatures",
);

const TOO_MANY_CALLS: Rule = outcome(
    "rustls/path-limit",
    "invalid peer certificate: Other(OtherError(MaximumPathBuildCallsExceeded))",
    "webpki 0.103 verify_cert.rs Budget: 200,000 certificates put above others",
);

const TOO_MANY_COMPARISONS: Rule = Rule::new(
    "rustls/name-comparisons",
    Stage::Chain,
    "invalid peer certificate: Other(OtherError(MaximumNameConstraintComparisonsExceeded))",
    "webpki 0.103 verify_cert.rs Budget: 250,000 names with bases; ends the search",
    |seen| when(names::constraints(seen.path).as_deref() == Some(names::TOO_MANY)),
);

/// In the order of `Error::rank`, the most telling first, within a stage.
const RULES: &[Rule] = &[
    Rule::new(
        "rustls/version",
        Stage::Read,
        "invalid peer certificate: Other(OtherError(UnsupportedCertVersion))",
        "webpki 0.103 cert.rs version3; of an anchor v1 is taken (trust_anchor.rs)",
        |seen| {
            let cert = seen.cert();
            let bare = cert.version() == 1 && cert.extensions().is_empty();
            when(cert.version() != 3 && !(is_anchor(seen) && bare))
        },
    ),
    Rule::new(
        "rustls/unique-id",
        Stage::Read,
        "invalid peer certificate: BadEncoding",
        "webpki 0.103 cert.rs from_input: no unique identifiers",
        |seen| when(facts::has_unique_id(seen.cert())),
    ),
    Rule::new(
        "rustls/algorithms-differ",
        Stage::Read,
        "invalid peer certificate: Other(OtherError(SignatureAlgorithmMismatch))",
        "webpki 0.103 cert.rs from_input",
        |seen| when(facts::has_fault(seen.cert(), "algorithms-differ")),
    ),
    Rule::new(
        "rustls/duplicate-extension",
        Stage::Read,
        "invalid peer certificate: Other(OtherError(ExtensionValueInvalid))",
        "webpki 0.103 x509.rs set_extension_once: of those that it knows",
        |seen| {
            let known = |e: &Extension| KNOWN.contains(&e.oid.as_str());
            facts::duplicate(seen.cert(), known).map(|e| e.name().to_owned())
        },
    ),
    Rule::new(
        "rustls/extension-form",
        Stage::Read,
        "invalid peer certificate: BadEncoding",
        "webpki 0.103 cert.rs remember_cert_extension: one SEQUENCE and nothing after it",
        |seen| {
            let odd = |e: &Extension| is_no_sequence(e) || (!is_anchor(seen) && is_odd_boolean(e));
            when(seen.cert().extensions().iter().any(odd))
        },
    ),
    Rule::new(
        "rustls/unknown-critical",
        Stage::Read,
        "invalid peer certificate: Other(OtherError(UnsupportedCriticalExtension))",
        "webpki 0.103 x509.rs unsupported: not asked of anchors",
        |seen| facts::critical_beyond(seen.cert(), &KNOWN).filter(|_| !is_anchor(seen)),
    ),
    Rule::new(
        "rustls/ca-as-end-entity",
        Stage::Target,
        "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
        "webpki 0.103 verify_cert.rs check_basic_constraints",
        |seen| when(facts::basic(seen.cert()).is_some_and(|b| b.ca)),
    ),
    Rule::new(
        "rustls/time-form",
        Stage::Target,
        "invalid peer certificate: BadEncoding",
        "webpki 0.103 time.rs, verify_cert.rs check_validity: DER alone, nothing before 1970",
        time_form,
    ),
    Rule::new(
        "rustls/time",
        Stage::Target,
        "invalid peer certificate: {}",
        "webpki 0.103 verify_cert.rs check_validity",
        time,
    ),
    Rule::new(
        "rustls/purpose",
        Stage::Target,
        "invalid peer certificate: {}",
        "webpki 0.103 verify_cert.rs check_eku: an empty one never, anyExtendedKeyUsage does not count",
        purpose,
    ),
    Rule::new(
        "rustls/not-a-ca",
        Stage::Issuer,
        "invalid peer certificate: Other(OtherError(EndEntityUsedAsCa))",
        "webpki 0.103 verify_cert.rs check_basic_constraints: not asked of anchors",
        |seen| when(!seen.is_anchor() && !facts::basic(seen.cert()).is_some_and(|b| b.ca)),
    ),
    Rule::new(
        "rustls/path-length-form",
        Stage::Issuer,
        "invalid peer certificate: BadEncoding",
        "webpki 0.103 der.rs small_nonnegative_integer: one octet; not asked of anchors",
        |seen| {
            let length = facts::basic(seen.cert()).and_then(|b| b.path_length);
            when(!seen.is_anchor() && length.is_some_and(|l| !(0..=255).contains(&l)))
        },
    ),
    Rule::new(
        "rustls/path-length",
        Stage::Issuer,
        "invalid peer certificate: Other(OtherError(PathLenConstraintViolated))",
        "webpki 0.103 verify_cert.rs check_basic_constraints: self-issued CAs count, anchors are not asked",
        |seen| {
            let length = facts::basic(seen.cert()).and_then(|b| b.path_length);
            let between = i64::try_from(seen.below().len() - 1).unwrap_or(i64::MAX);
            when(!seen.is_anchor() && length.is_some_and(|most| between > most))
        },
    ),
    Rule::new(
        "rustls/issuer-time-form",
        Stage::Issuer,
        "invalid peer certificate: BadEncoding",
        "webpki 0.103 time.rs, verify_cert.rs check_validity: not asked of anchors",
        |seen| time_form(seen).filter(|_| !seen.is_anchor()),
    ),
    Rule::new(
        "rustls/issuer-time",
        Stage::Issuer,
        "invalid peer certificate: {}",
        "webpki 0.103 verify_cert.rs check_validity: not asked of anchors",
        |seen| time(seen).filter(|_| !seen.is_anchor()),
    ),
    Rule::new(
        "rustls/issuer-purpose",
        Stage::Issuer,
        "invalid peer certificate: {}",
        "webpki 0.103 verify_cert.rs check_eku: of every certificate but the anchor",
        |seen| purpose(seen).filter(|_| !seen.is_anchor()),
    ),
    Rule::new(
        "rustls/signature-algorithm",
        Stage::Signature,
        "invalid peer certificate: UnsupportedSignatureAlgorithm",
        "rustls 0.23 crypto/ring SUPPORTED_SIG_ALGS: no SHA-1, no P-521, RSA from 2048 bits",
        signature_algorithm,
    ),
    Rule::new(
        "rustls/signature-key",
        Stage::Signature,
        "invalid peer certificate: UnsupportedSignatureAlgorithmForPublicKeyContext {}",
        "webpki 0.103 signed_data.rs verify_signature: the key of the issuer is of another kind",
        signature_key,
    ),
    Rule::new(
        "rustls/rsa-size",
        Stage::Signature,
        "invalid peer certificate: BadSignature",
        "ring RSA_PKCS1_2048_8192_SHA256 and its like",
        |seen| match seen.cert().public_key().algorithm() {
            Some(KeyAlgorithm::Rsa(bits)) => when(!(2048..=8192).contains(&bits)),
            _ => None,
        },
    ),
    Rule::new(
        "rustls/name-constraints",
        Stage::Chain,
        "invalid peer certificate: {}",
        "webpki 0.103 verify_cert.rs check_signed_chain_name_constraints, subject_name/mod.rs",
        |seen| {
            let error = names::constraints(seen.path).filter(|e| e != names::TOO_MANY)?;
            Some(match error.as_str() {
                "BadDer" => "BadEncoding".to_owned(),
                _ => format!("Other(OtherError({error}))"),
            })
        },
    ),
    TOO_MANY_COMPARISONS,
    Rule::new(
        "rustls/name",
        Stage::Name,
        "invalid peer certificate: certificate not valid for name {}",
        "webpki 0.103 subject_name/dns_name.rs, ip_address.rs",
        |seen| {
            let peer = seen.asked.peer?;
            (!names::covers(peer, seen.path[0])).then(|| format!("{:?}", peer.to_string()))
        },
    ),
    NO_ANCHORS,
    TOO_DEEP,
    TOO_MANY_SIGNATURES,
    TOO_MANY_CALLS,
    UNKNOWN_ISSUER,
    BAD_SIGNATURE,
];

/// When it is read a certificate has no place yet: an anchor is told by the list.
fn is_anchor(seen: &Seen<'_>) -> bool {
    let anchors = seen.asked.anchors.iter();
    !seen.is_target() && anchors.map(Anchor::certificate).any(|a| a == seen.cert())
}

fn is_no_sequence(extension: &Extension) -> bool {
    let known = KNOWN.contains(&extension.oid.as_str()) && extension.oid != oid::KEY_USAGE;
    known && der::only(&extension.value, tag::SEQUENCE).is_err()
}

/// cA that is neither 0 nor 255; of anchors it is not read.
fn is_odd_boolean(extension: &Extension) -> bool {
    let first = der::only(&extension.value, tag::SEQUENCE).and_then(|s| s.reader().any());
    let odd = |e: der::Element<'_>| e.tag == tag::BOOLEAN && !matches!(e.value, [0 | 0xff]);
    extension.oid == oid::BASIC_CONSTRAINTS && first.is_ok_and(odd)
}

fn time(seen: &Seen<'_>) -> Option<String> {
    // A fraction of a second is not seen: `UnixTime` counts whole ones.
    let (validity, now) = (seen.cert().validity(), seen.asked.now);
    if validity.not_after < validity.not_before {
        // `InvalidCertValidity`
        Some("Expired".into())
    } else if now < validity.not_before {
        let (now, begins) = (now.unix(), validity.not_before.unix());
        Some(format!(
            "certificate not valid yet: verification time {now} (UNIX), but certificate is not valid before {begins}"
        ))
    } else if now > validity.not_after {
        let (now, ends) = (now.unix(), validity.not_after.unix());
        Some(format!(
            "certificate expired: verification time {now} (UNIX), but certificate is not valid after {ends}"
        ))
    } else {
        None
    }
}

/// Times are read when they are asked for.
fn time_form(seen: &Seen<'_>) -> Option<String> {
    let cert = seen.cert();
    let validity = cert.validity();
    let early = [validity.not_before, validity.not_after]
        .iter()
        .any(|t| t.unix() < 0);
    let odd = facts::times(cert).is_none_or(|times| !times.iter().all(facts::in_der_form));
    when(early || odd)
}

const FORBIDS: &str = "certificate does not allow extended key usage for";

fn purpose(seen: &Seen<'_>) -> Option<String> {
    let asked = seen.asked.purpose.clone().unwrap_or(Purpose::ServerAuth);
    let refused = facts::purposes(seen.cert()).is_some_and(|all| !all.contains(&asked));
    refused.then(|| match asked {
        _ if facts::purposes_empty(seen.cert()) => {
            "Other(OtherError(EmptyEkuExtension))".to_owned()
        }
        Purpose::ClientAuth => format!("{FORBIDS} client authentication"),
        _ => format!("{FORBIDS} server authentication"),
    })
}

/// ring knows P-256 and P-384 with SHA-256 and SHA-384 alone.
fn signature_algorithm(seen: &Seen<'_>) -> Option<String> {
    let child = seen.below()[seen.at - 1];
    let unsupported = signature::strength(child) != Strength::Good
        || signature::written(child) == Written::Other
        || signature::algorithm(child).as_deref() == Some("1.2.840.10045.4.3.4");
    when(unsupported)
}

fn signature_key(seen: &Seen<'_>) -> Option<String> {
    let child = seen.below()[seen.at - 1];
    let key = seen.cert().public_key();
    let fits = match key.algorithm() {
        Some(KeyAlgorithm::Rsa(_)) => signature::is_rsa(child) && key.odd_parameters().is_none(),
        Some(KeyAlgorithm::Ed25519) => {
            signature::algorithm(child).as_deref() == Some(signature::ED25519)
        }
        Some(KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384) => {
            let oid = signature::algorithm(child).unwrap_or_default();
            oid.starts_with("1.2.840.10045.4.")
        }
        _ => false,
    };
    let content = |identifier: &[u8]| {
        let content = der::only(identifier, tag::SEQUENCE).map(|e| e.value.to_vec());
        format!("{:?}", content.unwrap_or_default())
    };
    (!fits).then(|| {
        let [of_signature, of_key] =
            [child.algorithm_identifier(), key.algorithm_identifier()].map(content);
        format!("{{ signature_algorithm_id: {of_signature}, public_key_algorithm_id: {of_key} }}")
    })
}

/// What ended all; else the most telling of all that went wrong, the first of those.
fn report(misses: &[Miss<'_>], limit: Option<&Rule>) -> Refusal {
    if let Some(rule) = limit {
        return rule.refusal("");
    }
    let mut told = UNKNOWN_ISSUER.refusal("");
    for miss in misses {
        let found = match &miss.end {
            End::Signature => BAD_SIGNATURE.refusal(""),
            End::Rule(_, refusal) => refusal.clone(),
            End::Above => continue,
        };
        if rank(&found) > rank(&told) {
            told = found;
        }
    }
    told
}

/// `Error::rank`.
fn rank(refusal: &Refusal) -> u32 {
    let says = |word: &str| refusal.text.contains(word);
    match refusal.rule {
        "rustls/issuer-time" if says("certificate") && says("UNIX") => 290,
        "rustls/issuer-time" => 190,
        "rustls/signature" | "rustls/rsa-size" => 260,
        "rustls/algorithms-differ" => 250,
        "rustls/issuer-purpose" if says("EmptyEkuExtension") => 245,
        "rustls/issuer-purpose" => 240,
        "rustls/path-length" => 220,
        "rustls/not-a-ca" => 210,
        "rustls/signature-key" => 150,
        "rustls/signature-algorithm" => 140,
        "rustls/unknown-critical" | "rustls/version" => 130,
        "rustls/depth" => 61,
        "rustls/duplicate-extension" => 30,
        "rustls/issuer-time-form" => 20,
        "rustls/unknown-issuer" => 0,
        _ if says("NameConstraintViolation") => 230,
        _ if says("InvalidNetworkMaskConstraint") => 180,
        _ if says("MalformedDnsIdentifier") => 60,
        _ if says("MalformedNameConstraint") => 50,
        _ => 10,
    }
}
