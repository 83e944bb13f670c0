//! What the CA/Browser Forum's Baseline Requirements for TLS servers (2.2.6)
//! demand beyond RFC 5280: section 7.1.2 for each certificate in its place.
//!
//! A trusted certificate that is issued by its own name is a Root CA (7.1.2.1),
//! the target a subscriber (7.1.2.7), all others are subordinate CAs (7.1.2.10).

mod keys;
mod names;
mod pointers;
mod subject;
mod suffix;

use super::check::{self, Check};
use super::graph::Node;
use crate::cert::{Certificate, Extension, Fault as Flaw, oid};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::usage::{KeyUsage, Purpose};
use crate::model::validity::DAY;

pub(super) use keys::signature_for_key;

const AUTHORITY_INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";
const DISTRIBUTION_POINTS: &str = "2.5.29.31";
const CERTIFICATE_POLICIES: &str = "2.5.29.32";
const TIMESTAMPS: &str = "1.3.6.1.4.1.11129.2.4.2";

/// Extensions that must not be critical, in any certificate (7.1.2.1.2,
/// 7.1.2.6.1, 7.1.2.7.6). AIA and the key ids are RFC 5280's business already.
const NOT_CRITICAL: [(&str, &str); 4] = [
    (oid::EXTENDED_KEY_USAGE, "CA/B BR 7.1.2.7.6"),
    (CERTIFICATE_POLICIES, "CA/B BR 7.1.2.7.6"),
    (DISTRIBUTION_POINTS, "CA/B BR 7.1.2.11.2"),
    (TIMESTAMPS, "CA/B BR 7.1.2.11.3"),
];

/// Purposes that no certificate of the web may have (7.1.2.7.10, 7.1.2.10.6).
const FOREIGN_PURPOSES: [(&str, &str); 6] = [
    ("1.3.6.1.5.5.7.3.3", "codeSigning"),
    ("1.3.6.1.5.5.7.3.4", "emailProtection"),
    ("1.3.6.1.5.5.7.3.8", "timeStamping"),
    ("1.3.6.1.5.5.7.3.9", "OCSPSigning"),
    ("2.5.29.37.0", "anyExtendedKeyUsage"),
    ("1.3.6.1.4.1.11129.2.4.4", "precertificate signing"),
];

/// 6.3.2: issued from this time on (Unix seconds) for at most so many days.
const LONGEST: [(i64, i64); 4] = [
    (1_868_227_200, 47),  // 2029-03-15
    (1_805_068_800, 100), // 2027-03-15
    (1_773_532_800, 200), // 2026-03-15
    (i64::MIN, 398),
];

/// All that is wrong with a node in its place.
pub(super) fn flaws(node: &Node<'_>, is_target: bool, flaws: &mut Vec<Flaw>) {
    let cert = node.cert;
    let root = node.anchor && node.self_issued;
    keys::flaws(cert, flaws);
    criticality(cert, flaws);
    pointers::flaws(cert, flaws);
    if root {
        as_root(cert, flaws);
    } else {
        key_id_fields(cert, flaws);
        // The signature of a root on itself vouches for nothing.
        keys::signature(cert, flaws);
    }
    if !is_target {
        as_ca(cert, root, flaws);
    } else if !cert.is_ca() {
        as_subscriber(cert, flaws);
    }
}

/// `check` failed, told by a clause of its own.
fn by(check: &Check, clause: &'static str) -> Flaw {
    Check { clause, ..*check }.fails()
}

fn extension<'a>(cert: &'a Certificate, oid: &str) -> Option<&'a Extension> {
    cert.extensions().iter().find(|e| e.oid == oid)
}

/// 7.1.2.1.3 and the MUST NOT of 7.1.2.1.2.
fn as_root(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    if let Some(aki) = cert.authority_key_id() {
        let mut wrong = |found: &str, expected: &str| {
            let flaw = check::ROOT_KEY_ID.fails();
            flaws.push(flaw.found(found).expected(expected));
        };
        match aki.key_id.as_deref() {
            None => wrong("an AuthorityKeyIdentifier without keyIdentifier", "one"),
            Some(id) if cert.subject_key_id() != Some(id) => wrong(
                "a keyIdentifier that is not the SubjectKeyIdentifier",
                "the same",
            ),
            Some(_) => {}
        }
        if aki.issuer.is_some() {
            wrong("authorityCertIssuer", "the keyIdentifier alone");
        }
        if aki.serial.is_some() {
            wrong("authorityCertSerialNumber", "the keyIdentifier alone");
        }
    }
    if let Some(purposes) = extension(cert, oid::EXTENDED_KEY_USAGE) {
        let found = format!("a root with {}", purposes.name());
        flaws.push(check::ROOT_WITH_PURPOSES.fails().found(found));
    }
}

fn key_id_fields(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    let aki = cert.authority_key_id();
    if aki.is_some_and(|aki| aki.issuer.is_some() || aki.serial.is_some()) {
        flaws.push(
            check::KEY_ID_FIELDS
                .fails()
                .found("authorityCertIssuer or authorityCertSerialNumber")
                .expected("the keyIdentifier alone"),
        );
    }
}

fn criticality(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    let mut wrong = |name: &str, clause| {
        flaws.push(
            by(&check::CRITICALITY_NOT_ALLOWED, clause)
                .found(format!("{name} is critical"))
                .expected("not critical"),
        );
    };
    for (oid, clause) in NOT_CRITICAL {
        if let Some(extension) = extension(cert, oid).filter(|e| e.critical) {
            wrong(extension.name(), clause);
        }
    }
    let names = extension(cert, oid::SUBJECT_ALT_NAME);
    if names.is_some_and(|e| e.critical) && !cert.subject().is_empty() {
        wrong("SubjectAltName beside a subject", "CA/B BR 7.1.2.7.12");
    }
    let usage = extension(cert, oid::KEY_USAGE);
    if usage.is_some_and(|e| !e.critical) {
        flaws.push(
            check::KEY_USAGE_NOT_CRITICAL
                .fails()
                .found("KeyUsage is not critical")
                .expected("critical"),
        );
    }
}

/// 7.1.2.10.
fn as_ca(cert: &Certificate, root: bool, flaws: &mut Vec<Flaw>) {
    let needed = KeyUsage::KEY_CERT_SIGN;
    let allowed = needed
        .with(KeyUsage::CRL_SIGN)
        .with(KeyUsage::DIGITAL_SIGNATURE);
    key_usage(cert, needed, allowed, "CA/B BR 7.1.2.10.7", flaws);
    let signs_crls = |usage: KeyUsage| usage.contains(KeyUsage::CRL_SIGN);
    if let Some(usage) = cert.key_usage().filter(|&usage| !signs_crls(usage)) {
        let flaw = check::CRL_SIGN_MISSING.fails().found(usage.to_string());
        flaws.push(flaw.expected("cRLSign"));
    }
    if !root {
        purposes(cert, "CA/B BR 7.1.2.10.6", flaws);
        missing(
            cert,
            &[
                (oid::EXTENDED_KEY_USAGE, "ExtendedKeyUsage"),
                (CERTIFICATE_POLICIES, "CertificatePolicies"),
                (DISTRIBUTION_POINTS, "CRLDistributionPoints"),
            ],
            "CA/B BR 7.1.2.6.1",
            flaws,
        );
    }
}

/// 7.1.2.7.
fn as_subscriber(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    let key = cert.public_key().algorithm();
    let rsa = key.is_some_and(KeyAlgorithm::is_rsa);
    let (needed, other) = if rsa {
        let other = KeyUsage::KEY_ENCIPHERMENT.with(KeyUsage::DATA_ENCIPHERMENT);
        (KeyUsage::default(), other)
    } else {
        (KeyUsage::DIGITAL_SIGNATURE, KeyUsage::KEY_AGREEMENT)
    };
    let allowed = KeyUsage::DIGITAL_SIGNATURE.with(other);
    key_usage(cert, needed, allowed, "CA/B BR 7.1.2.7.11", flaws);
    if extension(cert, oid::EXTENDED_KEY_USAGE).is_none() {
        flaws.push(
            check::PURPOSES_MISSING
                .fails()
                .found("no ExtendedKeyUsage")
                .expected("serverAuth"),
        );
    }
    purposes(cert, "CA/B BR 7.1.2.7.10", flaws);
    names::flaws(cert, flaws);
    flaws.extend(pointers::policy_flaw(cert));
    flaws.extend(subject::flaw(cert));
    missing(
        cert,
        &[
            (AUTHORITY_INFO_ACCESS, "AuthorityInfoAccess"),
            (CERTIFICATE_POLICIES, "CertificatePolicies"),
        ],
        "CA/B BR 7.1.2.7.6",
        flaws,
    );
    let issued = cert.validity().not_before.unix();
    let longest = LONGEST.iter().find(|(since, _)| issued >= *since);
    // Both ends count: the last second is part of the life.
    let life = cert.validity().seconds().saturating_add(1);
    if let Some(&(_, days)) = longest
        && life > days * DAY
    {
        flaws.push(
            check::LIFE_TOO_LONG
                .fails()
                .found(format!("{} days", (life - 1) / DAY + 1))
                .expected(format!("at most {days}")),
        );
    }
}

/// KeyUsage, where there is one.
fn key_usage(
    cert: &Certificate,
    needed: KeyUsage,
    allowed: KeyUsage,
    clause: &'static str,
    flaws: &mut Vec<Flaw>,
) {
    let Some(usage) = cert.key_usage() else {
        return;
    };
    let flaw = || by(&check::KEY_USAGE_NOT_ALLOWED, clause).found(usage.to_string());
    if !allowed.contains(usage) {
        flaws.push(flaw().expected(format!("nothing but {allowed}")));
    } else if !usage.contains(needed) {
        flaws.push(flaw().expected(needed.to_string()));
    }
}

/// ExtendedKeyUsage, where there is one.
fn purposes(cert: &Certificate, clause: &'static str, flaws: &mut Vec<Flaw>) {
    let Some(purposes) = cert.purposes() else {
        return;
    };
    let mut wrong = |found: &str| {
        flaws.push(
            by(&check::PURPOSE_NOT_ALLOWED, clause)
                .found(found)
                .expected("serverAuth, and clientAuth at most beside it"),
        );
    };
    for (oid, name) in FOREIGN_PURPOSES {
        if purposes.iter().any(|p| p.oid() == oid) {
            wrong(name);
        }
    }
    if !purposes.contains(&Purpose::ServerAuth) {
        wrong("no serverAuth");
    }
}

fn missing(
    cert: &Certificate,
    needed: &[(&str, &str)],
    clause: &'static str,
    flaws: &mut Vec<Flaw>,
) {
    for (_, name) in needed
        .iter()
        .filter(|(oid, _)| extension(cert, oid).is_none())
    {
        flaws.push(by(&check::EXTENSION_MISSING, clause).found(format!("no {name}")));
    }
}
