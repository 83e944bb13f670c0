//! Java: PKIX of the JDK (`sun.security.provider.certpath`), as JSSE's trust
//! manager and its host name checker use it.

mod build;
mod end_entity;
mod host;
mod names;
mod policies;
mod read;

use self::build::{key_id_fits, preferred, printed, report};
use self::end_entity::is_asked as asked_of_end_entity;

use super::keys::{self, Curve};
use super::rule::{Rule, Seen, Stage, when};
use super::search::{Backtracking, InOrder, Repeats, Search, TargetAsAnchor, Verifies, outcome};
use super::signature::{self, Strength};
use super::{Consumer, Names, Reads, Release, Through, Unreadable, facts};
use crate::cert::{Certificate, Extension, oid};
use crate::chain::PeerName;
use crate::der::tag;
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::{Dn, DnCompare, Rdn};
use crate::model::usage::KeyUsage;

/// Index of 25 in the releases.
const V25: usize = 1;

/// What `ForwardBuilder.verifyCert` takes off the critical extensions.
const KNOWN: [&str; 9] = [
    oid::BASIC_CONSTRAINTS,
    oid::NAME_CONSTRAINTS,
    "2.5.29.32",
    "2.5.29.33",
    "2.5.29.36",
    "2.5.29.54",
    oid::SUBJECT_ALT_NAME,
    oid::KEY_USAGE,
    oid::EXTENDED_KEY_USAGE,
];

/// Java.
pub(super) static JSSE: Consumer = Consumer {
    id: "jsse",
    name: "Java",
    releases: &[
        Release {
            id: "17",
            measured: "OpenJDK 17.0.15",
        },
        Release {
            id: "25",
            measured: "Temurin 25",
        },
    ],
    rules: RULES,
    names: DnCompare::Java,
    search: Search::InOrder(
        InOrder {
            key_id_fits,
            bad_signature: &BAD_SIGNATURE,
            no_anchor: &NO_ANCHOR,
            printed,
            no_path: &NO_PATH,
        },
        Backtracking {
            order: preferred,
            stops_at_self_issued: true,
            repeats: Repeats::SubjectKeyAndNames,
            most_between: None,
            distinct: false,
            verifies: Verifies::Last,
            // The JDK has no limits; these are ours.
            signatures: (10_000, None),
            steps: (100_000, None),
            ends: None,
            target_as_anchor: TargetAsAnchor::Accepted,
            report,
        },
    ),
    reads: Reads {
        long_lengths: true,
        trailing: false,
        alone: &[],
        version_3_alone: false,
    },
    no_anchors: Some(&NO_ANCHORS),
    unreadable: Unreadable {
        sent_refuses: true,
        trusted_refuses: true,
    },
    names_asked: Names::AfterSearch,
    // 17.0.15 and 25 verify with no curve but P-256 to P-521.
    verifies_beyond: &[signature::ED448],
};

const NO_PATH: Rule = outcome(
    "jsse/no-path",
    "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: \
     unable to find valid certification path to requested target",
    "sun.security.provider.certpath.SunCertPathBuilder.engineBuild",
);

const NO_ANCHORS: Rule = outcome(
    "jsse/no-anchors",
    "InvalidAlgorithmParameterException: the trustAnchors parameter must be non-empty",
    "java.security.cert.PKIXParameters.setTrustAnchors",
);

const BAD_SIGNATURE: Rule = outcome(
    "jsse/signature",
    "signature check failed",
    "sun.security.provider.certpath.BasicChecker.verifySignature",
);

const NO_ANCHOR: Rule = outcome(
    "jsse/no-anchor",
    "Path does not chain with any of the trust anchors",
    "sun.security.provider.certpath.PKIXCertPathValidator.validate",
);

const RULES: &[Rule] = &[
    Rule::new(
        "jsse/empty-issuer",
        Stage::Read,
        "CertificateParsingException: Empty issuer DN not allowed in X509Certificates",
        "sun.security.x509.X509CertInfo.parse",
        |seen| when(seen.cert().issuer().is_empty()),
    ),
    Rule::new(
        "jsse/algorithm-form",
        Stage::Read,
        "CertificateException: Unable to initialize, java.io.IOException: {}",
        "sun.security.x509.AlgorithmId.parse, sun.security.util.PSSParameters.engineInit",
        read::algorithm,
    ),
    Rule::new(
        "jsse/algorithms-differ",
        Stage::Read,
        "CertificateException: Signature algorithm mismatch",
        "sun.security.x509.X509CertImpl.parse",
        |seen| when(!names::same_algorithm(seen.cert())),
    ),
    Rule::new(
        "jsse/serial",
        Stage::Read,
        "CertificateParsingException: java.io.IOException: Invalid encoding: zero length Int value",
        "sun.security.util.DerValue.getBigInteger",
        |seen| when(seen.cert().serial().octets().is_empty()),
    ),
    Rule::new(
        "jsse/old-version",
        Stage::Read,
        "CertificateParsingException: {}",
        "sun.security.x509.X509CertInfo.parse",
        read::old_version,
    ),
    Rule::new(
        "jsse/explicit-curve",
        Stage::Read,
        "CertificateParsingException: java.io.IOException: Only named ECParameters supported",
        "sun.security.util.ECParameters.engineInit",
        |seen| {
            when(matches!(
                keys::curve(seen.cert()),
                Some(Curve::Explicit | Curve::Missing)
            ))
        },
    ),
    Rule::new(
        "jsse/unknown-curve",
        Stage::Read,
        "CertificateParsingException: java.io.IOException: Unknown named curve: {}",
        "sun.security.util.ECParameters.engineInit, CurveDB",
        |seen| match keys::curve(seen.cert())? {
            Curve::Named(oid) => (!Curve::Named(oid.clone()).is_listed()).then_some(oid),
            _ => None,
        },
    ),
    Rule::new(
        "jsse/public-key",
        Stage::Read,
        "CertificateParsingException: java.io.IOException: subject key, java.security.InvalidKeyException: {}",
        "sun.security.x509.X509Key.parse; sun.security.ec.ECPublicKeyImpl, sun.security.rsa.RSAPublicKeyImpl",
        read::public_key,
    ),
    Rule::new(
        "jsse/duplicate-extension",
        Stage::Read,
        "CertificateParsingException: java.io.IOException: Duplicate extensions not allowed",
        "sun.security.x509.CertificateExtensions.parseExtension",
        |seen| facts::duplicate(seen.cert(), |_| true).map(|e| e.name().to_owned()),
    ),
    Rule::new(
        "jsse/critical-form",
        Stage::Read,
        "CertificateParsingException",
        "sun.security.x509.CertificateExtensions.parseExtension: those that are not critical are passed over",
        |seen| {
            let cert = seen.cert();
            let odd = |e: &&Extension| e.critical && read::unparseable(cert, e);
            cert.extensions()
                .iter()
                .find(odd)
                .map(|e| e.name().to_owned())
        },
    ),
    Rule::new(
        "jsse/empty-subject",
        Stage::Read,
        "CertificateParsingException: X.509 Certificate is incomplete: {}",
        "sun.security.x509.X509CertInfo.verifyCert",
        read::empty_subject,
    ),
    Rule::new(
        "jsse/time",
        Stage::Target,
        "validity check failed",
        "sun.security.provider.certpath.ForwardBuilder.getMatchingEECerts, BasicChecker.verifyValidity",
        |seen| {
            when(!is_trusted(seen) && (seen.not_begun(seen.cert()) || seen.expired(seen.cert())))
        },
    ),
    Rule::new(
        "jsse/unknown-critical",
        Stage::Target,
        "unrecognized critical extension(s)",
        "sun.security.provider.certpath.ForwardBuilder.verifyCert",
        |seen| facts::critical_beyond(seen.cert(), &KNOWN).filter(|_| !is_trusted(seen)),
    ),
    Rule::new(
        "jsse/depth",
        Stage::Candidate,
        "unable to find valid certification path to requested target",
        "ForwardBuilder.getMatchingCACerts, PKIXBuilderParameters: 5 where nothing is set",
        |seen| {
            let most = seen.asked.max_depth.unwrap_or(5);
            when(!seen.is_anchor() && traversed(seen) >= most)
        },
    ),
    Rule::new(
        "jsse/anchor-time",
        Stage::Issuer,
        "validity check failed",
        "ForwardBuilder.getMatchingCACerts: its selector keeps the date from the second look-up on",
        |seen| {
            let late = seen.is_anchor() && seen.below().len() > 1;
            when(late && (seen.not_begun(seen.cert()) || seen.expired(seen.cert())))
        },
    ),
    Rule::new(
        "jsse/issuer-time",
        Stage::Issuer,
        "validity check failed",
        "ForwardBuilder.getMatchingCACerts, BasicChecker.verifyValidity: of anchors not asked",
        |seen| {
            when(!seen.is_anchor() && (seen.not_begun(seen.cert()) || seen.expired(seen.cert())))
        },
    ),
    Rule::new(
        "jsse/key-cert-sign",
        Stage::Issuer,
        "CA key usage check failed: keyCertSign bit is not set",
        "sun.security.provider.certpath.KeyChecker.verifyCAKeyUsage: of anchors not asked",
        |seen| {
            let usage = seen.cert().key_usage();
            let refused = usage.is_some_and(|u| !u.contains(KeyUsage::KEY_CERT_SIGN));
            when(!seen.is_anchor() && refused)
        },
    ),
    Rule::new(
        "jsse/not-a-ca",
        Stage::Issuer,
        "basic constraints check failed: this is not a CA certificate",
        "ForwardBuilder.verifyCert, ConstraintsChecker.checkBasicConstraints",
        |seen| when(!seen.is_anchor() && path_length(seen.cert()).is_none()),
    ),
    Rule::new(
        "jsse/path-length",
        Stage::Issuer,
        "basic constraints check failed: pathLenConstraint violated - this cert must be the last cert in the certification path",
        "ForwardBuilder.getMatchingCACerts, ConstraintsChecker: self-issued CAs do not count, anchors are not asked",
        too_many,
    ),
    Rule::new(
        "jsse/issuer-unknown-critical",
        Stage::Issuer,
        "unrecognized critical extension(s)",
        "ForwardBuilder.verifyCert: of anchors not asked",
        |seen| facts::critical_beyond(seen.cert(), &KNOWN).filter(|_| !seen.is_anchor()),
    ),
    Rule::new(
        "jsse/algorithm",
        Stage::Each,
        "Algorithm constraints check failed on {}",
        "AlgorithmChecker with jdk.certpath.disabledAlgorithms: MD5, RSA below 1024, EC below 224",
        algorithm,
    ),
    Rule::new(
        "jsse/signature-parameters",
        Stage::Each,
        "signature check failed",
        "java.security.Signature.setParameter of RSA: none are supported",
        |seen| when(!seen.is_anchor() && read::parameters(seen.cert(), "1.2.840.113549.1.1.")),
    ),
    Rule::new(
        "jsse/signature-parameters-17",
        Stage::Each,
        "signature check failed",
        "java.security.Signature.setParameter of ECDSA: none are supported; 25 passes them over",
        |seen| when(!seen.is_anchor() && read::parameters(seen.cert(), "1.2.840.10045.4.")),
    )
    .until(V25),
    Rule::new(
        "jsse/key-usage-empty",
        Stage::Chain,
        "incorrect KeyUsage extension bits",
        "sun.security.provider.certpath.AlgorithmChecker.check",
        |seen| {
            let signed = signed(seen);
            when(signed.iter().any(|c| {
                c.key_usage()
                    .is_some_and(|u| u.bits().trailing_zeros() >= 7)
            }))
        },
    ),
    Rule::new(
        "jsse/policies",
        Stage::Chain,
        "non-null policy tree required and policy tree is null",
        "sun.security.provider.certpath.PolicyChecker",
        |seen| when(facts::lacks_policies(seen.path, |c| seen.self_issued(c))),
    ),
    Rule::new(
        "jsse/policy-qualifiers",
        Stage::Chain,
        "critical policy qualifiers present in certificate",
        "sun.security.provider.certpath.PolicyChecker.processPolicies: anyPolicy aside, where each certificate above has policies",
        |seen| when(policies::critical_qualifiers(seen.path)),
    ),
    Rule::new(
        "jsse/empty-base",
        Stage::Chain,
        "StringIndexOutOfBoundsException: String index out of range: 0",
        "sun.security.x509.DNSName.constrains of 17 ends with an exception",
        |seen| when(names::empty_base(signed(seen), seen.names)),
    )
    .until(V25),
    Rule::new(
        "jsse/empty-base-25",
        Stage::Chain,
        "StringIndexOutOfBoundsException: Index 0 out of bounds for length 0",
        "sun.security.x509.DNSName.constrains ends with an exception",
        |seen| when(names::empty_base(signed(seen), seen.names)),
    )
    .since(V25),
    Rule::new(
        "jsse/base-distance",
        Stage::Chain,
        "java.io.IOException: {} in name constraints not supported",
        "sun.security.x509.NameConstraintsExtension.verify: asked before the names",
        |seen| names::base_distance(signed(seen), seen.names),
    ),
    Rule::new(
        "jsse/address-families",
        Stage::Chain,
        "ArrayIndexOutOfBoundsException: Index 4 out of bounds for length 4",
        "sun.security.x509.IPAddressName.constrains of 17: an IPv4 address against an IPv6 network",
        |seen| when(names::past_the_end(signed(seen), seen.names)),
    )
    .until(V25),
    Rule::new(
        "jsse/address-beyond-network",
        Stage::Chain,
        "name constraints check failed",
        "sun.security.x509.IPAddressName.constrains of 17: an IPv6 address against an IPv4 network",
        |seen| when(names::first_octets_excluded(signed(seen), seen.names)),
    )
    .until(V25),
    Rule::new(
        "jsse/uri-without-host",
        Stage::Chain,
        "NullPointerException: Cannot invoke \"String.equalsIgnoreCase(String)\" because \"otherHost\" is null",
        "sun.security.x509.URIName.constrains (17 and 25)",
        |seen| when(names::hostless_uri(signed(seen), seen.names)),
    ),
    Rule::new(
        "jsse/other-name",
        Stage::Chain,
        "UnsupportedOperationException: Narrowing, widening, and matching are not supported for OtherName.",
        "sun.security.x509.OtherName.constrains, and those of X400Address and EDIPartyName (17 and 25)",
        |seen| when(names::incomparable(signed(seen), seen.names)),
    ),
    Rule::new(
        "jsse/name-constraints",
        Stage::Chain,
        "name constraints check failed",
        "ConstraintsChecker.verifyNameConstraints: those of the anchor do not count; an IPv6 address is permitted by the first octets of an IPv4 network",
        |seen| when(!names::constraints(signed(seen), seen.names, true)),
    )
    .until(V25),
    Rule::new(
        "jsse/name-constraints-25",
        Stage::Chain,
        "name constraints check failed",
        "ConstraintsChecker.verifyNameConstraints: those of the anchor do not count",
        |seen| when(!names::constraints(signed(seen), seen.names, false)),
    )
    .since(V25),
    Rule::new(
        "jsse/anchor-is-no-ca",
        Stage::Accepted,
        "PKIX path validation failed: sun.security.validator.ValidatorException: TrustAnchor with subject {} is not a CA certificate",
        "sun.security.validator.PKIXValidator.verifyTrustAnchor (jdk.security.allowNonCaAnchor)",
        |seen| {
            let anchor = seen.cert();
            let asked = asked_of_end_entity(seen);
            let refused = anchor.version() == 3 && path_length(anchor).is_none();
            (asked && refused).then(|| quoted(anchor.subject()))
        },
    ),
    Rule::new(
        "jsse/anchor-key-cert-sign",
        Stage::Accepted,
        "PKIX path validation failed: sun.security.validator.ValidatorException: TrustAnchor with subject {} does not have keyCertSign bit set in KeyUsage extension",
        "sun.security.validator.PKIXValidator.verifyTrustAnchor",
        |seen| {
            let anchor = seen.cert();
            let asked = asked_of_end_entity(seen);
            let usage = anchor.key_usage().filter(|_| anchor.version() == 3);
            let refused = usage.is_some_and(|u| !u.contains(KeyUsage::KEY_CERT_SIGN));
            (asked && refused).then(|| quoted(anchor.subject()))
        },
    ),
    Rule::new(
        "jsse/key-usage",
        Stage::Accepted,
        "KeyUsage does not allow digital signatures",
        "sun.security.validator.EndEntityChecker: in a handshake, of a target that is no anchor",
        |seen| {
            let usage = seen.path[0].key_usage();
            let refused = usage.is_some_and(|u| !u.contains(KeyUsage::DIGITAL_SIGNATURE));
            when(asked_of_end_entity(seen) && refused)
        },
    ),
    Rule::new(
        "jsse/purpose-form",
        Stage::Accepted,
        "CertificateParsingException: extra data at the end",
        "X509CertImpl.getExtendedKeyUsage (Temurin 25); 17 passes the extension over",
        |seen| {
            let cert = seen.path[0];
            let listed = facts::extension(cert, oid::EXTENDED_KEY_USAGE).is_some();
            let readable = cert.purposes().is_some() || facts::purposes_empty(cert);
            when(asked_of_end_entity(seen) && listed && !readable)
        },
    )
    .since(V25),
    Rule::new(
        "jsse/purpose",
        Stage::Accepted,
        "Extended key usage does not permit use for TLS {} authentication",
        "sun.security.validator.EndEntityChecker: CAs are not asked",
        end_entity::purpose,
    ),
    Rule::new(
        "jsse/netscape-type",
        Stage::Accepted,
        "Netscape cert type does not permit use for SSL {}",
        "sun.security.validator.EndEntityChecker, SimpleValidator.getNetscapeCertTypeBit",
        end_entity::netscape_type,
    ),
    Rule::new(
        "jsse/alt-name-form",
        Stage::Name,
        "CertificateParsingException: {}",
        "X509CertImpl.getSubjectAlternativeNames (Temurin 25); 17 passes the extension over",
        |seen| {
            let value = facts::names_der(seen.path[0]).filter(|_| seen.asked.peer.is_some())?;
            if value == [tag::SEQUENCE, 0] {
                Some("No data available in passed DER encoded value.".into())
            } else {
                names::unreadable(seen.path[0])
            }
        },
    )
    .since(V25),
    Rule::new(
        "jsse/name",
        Stage::Name,
        "{}",
        "sun.security.util.HostnameChecker.matchAllWildcards",
        |seen| name(seen, false),
    )
    .until(V25),
    Rule::new(
        "jsse/name-25",
        Stage::Name,
        "{}",
        "sun.security.util.HostnameChecker.matchLeftmostWildcard",
        |seen| name(seen, true),
    )
    .since(V25),
    NO_ANCHORS,
    NO_PATH,
    BAD_SIGNATURE,
    NO_ANCHOR,
];

/// All but the anchor.
fn signed<'a>(seen: &Seen<'a>) -> &'a [&'a Certificate] {
    &seen.path[..seen.path.len() - 1]
}

fn is_trusted(seen: &Seen<'_>) -> bool {
    let target = seen.path[0];
    let ca = facts::basic(target).is_some_and(|b| b.ca);
    let trusted = seen.asked.anchors.iter().any(|a| a.certificate() == target);
    // The builder looks for end entities that are valid, trusted or not.
    trusted && (ca || seen.asked.through == Through::Handshake)
}

/// `X500Principal.toString`, in quotation marks.
fn quoted(name: &Dn) -> String {
    let attributes = name.rdns().iter().rev().flat_map(Rdn::attributes);
    let attributes: Vec<String> = attributes.map(ToString::to_string).collect();
    format!("\"{}\"", attributes.join(", "))
}

/// `getBasicConstraints`: how many CAs may follow; `None` where it is no CA.
fn path_length(cert: &Certificate) -> Option<i64> {
    let basic = facts::basic(cert).filter(|b| b.ca && cert.version() == 3)?;
    // -1 is what it answers for no CA.
    Some(basic.path_length.unwrap_or(i64::MAX)).filter(|length| *length != -1)
}

/// CAs below the last one that are not self-issued, the target not counted.
fn traversed(seen: &Seen<'_>) -> usize {
    let between = seen.below().iter().skip(1);
    between.filter(|c| !seen.self_issued(c)).count()
}

fn too_many(seen: &Seen<'_>) -> Option<String> {
    let most = path_length(seen.cert()).filter(|_| !seen.is_anchor())?;
    when(i64::try_from(traversed(seen)).unwrap_or(i64::MAX) > most)
}

/// The signature of all but the anchor, and the key.
fn algorithm(seen: &Seen<'_>) -> Option<String> {
    let cert = seen.cert();
    let unknown_to_tls = ["2.16.840.1.101.3.4.3.3", "2.16.840.1.101.3.4.3.4"];
    let oid = signature::algorithm(cert).filter(|_| !seen.is_anchor());
    if oid.is_some_and(|oid| unknown_to_tls.contains(&&*oid)) {
        // Of the signatures that TLS offers, where a handshake asks.
        if seen.asked.through == Through::Handshake {
            return Some("signature algorithm".into());
        }
    }
    if !seen.is_anchor() && signature::strength(cert) == Strength::Broken {
        return Some("signature algorithm".into());
    }
    let weak = match cert.public_key().algorithm() {
        Some(KeyAlgorithm::Rsa(bits)) => bits < 1024,
        None if keys::dsa_bits(cert).is_some_and(|[p, _]| p < 1024) => true,
        _ => keys::curve(cert).is_some_and(|curve| curve.is_small()),
    };
    when(weak).map(|_| "keysize limits".into())
}

fn name(seen: &Seen<'_>, leftmost: bool) -> Option<String> {
    let names = names::as_host_name_checker_sees(seen.path);
    let mut peer = seen.asked.peer?.clone();
    if let (PeerName::Dns(host), Through::Handshake) = (&mut peer, seen.asked.through)
        && host.ends_with('.')
    {
        // `X509TrustManagerImpl.checkIdentity`
        host.pop();
    }
    host::refusal(&peer, seen.path[0], names.as_deref(), leftmost)
}
