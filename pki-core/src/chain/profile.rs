//! What RFC 5280 section 4 demands of a certificate beyond path validation,
//! and what strict clients add.

use super::check::{self, Check};
use super::content;
use super::edge;
use super::graph::Node;
use super::host::{is_host, mailbox, uri_parts};
use crate::cert::{Certificate, Extension, Fault as Flaw, oid};
use crate::model::san::GeneralName;
use crate::model::usage::KeyUsage;

/// Extensions whose criticality RFC 5280 fixes with a MUST, and the clause.
const CRITICALITY: [(&str, bool, &str); 8] = [
    (oid::AUTHORITY_KEY_ID, false, "RFC 5280 4.2.1.1"),
    (oid::SUBJECT_KEY_ID, false, "RFC 5280 4.2.1.2"),
    ("2.5.29.36", true, "RFC 5280 4.2.1.11"),
    ("2.5.29.54", true, "RFC 5280 4.2.1.14"),
    ("2.5.29.46", false, "RFC 5280 4.2.1.15"),
    ("2.5.29.9", false, "RFC 5280 4.2.1.8"),
    ("1.3.6.1.5.5.7.1.1", false, "RFC 5280 4.2.2.1"),
    ("1.3.6.1.5.5.7.1.11", false, "RFC 5280 4.2.2.2"),
];

/// Names looked at one by one; the first that is malformed is told.
pub(super) fn flaws(node: &Node<'_>, flaws: &mut Vec<Flaw>) {
    let cert = node.cert;
    criticality(cert, flaws);
    names(cert, flaws);
    key_ids(node, flaws);
    content::flaws(cert, flaws);
    if cert.is_ca() {
        as_ca(cert, flaws);
    } else {
        as_end_entity(cert, flaws);
    }
    if cert.key_usage().is_some_and(|u| u.names().is_empty()) {
        flaws.push(check::KEY_USAGE_EMPTY.fails().found("no bit set"));
    }
}

fn criticality(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    let word = |critical: bool| if critical { "critical" } else { "not critical" };
    let mut wrong = |name: &str, found: bool, clause: &'static str| {
        let check = Check {
            clause,
            ..check::EXTENSION_CRITICALITY
        };
        flaws.push(
            check
                .fails()
                .found(format!("{name} is {}", word(found)))
                .expected(word(!found)),
        );
    };
    for extension in cert.extensions() {
        let row = CRITICALITY.iter().find(|(oid, ..)| *oid == extension.oid);
        if let Some(&(_, critical, clause)) = row
            && critical != extension.critical
        {
            wrong(extension.name(), extension.critical, clause);
        }
    }
    if let Some(b) = cert.basic_constraints()
        && b.ca
        && !b.critical
    {
        wrong("BasicConstraints", false, "RFC 5280 4.2.1.9");
    }
    let names_critical = cert
        .extensions()
        .iter()
        .find(|e| e.oid == oid::SUBJECT_ALT_NAME)
        .map(|e| e.critical);
    if cert.subject().is_empty() && names_critical == Some(false) {
        wrong(
            "SubjectAltName of an empty subject",
            false,
            "RFC 5280 4.2.1.6",
        );
    }
    // Told apart, since the rules of the web allow it (CA/B BR 7.1.2.10.8).
    let loose = |e: &Extension| e.oid == oid::NAME_CONSTRAINTS && !e.critical;
    if cert.extensions().iter().any(loose) {
        flaws.push(
            check::CONSTRAINTS_NOT_CRITICAL
                .fails()
                .found("NameConstraints is not critical")
                .expected("critical"),
        );
    }
}

fn names(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    if cert.issuer().is_empty() {
        flaws.push(check::EMPTY_ISSUER.fails().found("no issuer"));
    }
    if cert.subject().is_empty() && (cert.is_ca() || !cert.has_names()) {
        let found = if cert.is_ca() {
            "a CA without a subject"
        } else {
            "neither subject nor SubjectAltName"
        };
        flaws.push(check::EMPTY_SUBJECT.fails().found(found));
    }
    let above = cert.authority_key_id().and_then(|a| a.issuer.as_deref());
    let mut all = cert.names().iter().chain(above.unwrap_or_default());
    if let Some(name) = all.find(|name| !well_formed(name)) {
        flaws.push(check::MALFORMED_NAME.fails().found(name.to_string()));
    }
    let odd = |name: &&GeneralName| match name {
        GeneralName::Dns(text) => {
            let host = text.strip_prefix("*.").unwrap_or(text);
            is_host(host) && !host.split('.').all(is_preferred)
        }
        _ => false,
    };
    if let Some(name) = cert.names().iter().find(odd) {
        flaws.push(
            check::HOST_SYNTAX
                .fails()
                .found(name.to_string())
                .expected("letters, digits, and hyphens between them"),
        );
    }
}

/// The preferred name syntax of RFC 1034 3.5, as RFC 1123 2.1 has it, of a label
/// that is one of some host.
fn is_preferred(label: &str) -> bool {
    !label.contains('_') && !label.starts_with('-') && !label.ends_with('-')
}

/// RFC 5280 4.2.1.6. A wildcard label is none of the RFC's business.
fn well_formed(name: &GeneralName) -> bool {
    match name {
        GeneralName::Dns(text) => is_host(text.strip_prefix("*.").unwrap_or(text)),
        GeneralName::Email(text) => mailbox(text).is_some(),
        GeneralName::Uri(text) => uri_parts(text).is_some_and(|(scheme, authority, rest)| {
            // Absolute, with something after the scheme; those of the web have a
            // host there (RFC 9110 4.2).
            let of_web = ["http", "https"]
                .iter()
                .any(|s| s.eq_ignore_ascii_case(scheme));
            authority.is_some_and(|a| !a.is_empty()) || (!of_web && !rest.is_empty())
        }),
        GeneralName::Ip(octets) => [4, 16].contains(&octets.len()),
        GeneralName::Directory(name) => !name.is_empty(),
        // otherName, x400Address, ediPartyName, registeredID are not looked
        // into; text that is not ASCII is no IA5String.
        GeneralName::Other { tag, .. } => ![0x81, 0x82, 0x86].contains(tag),
    }
}

fn key_ids(node: &Node<'_>, flaws: &mut Vec<Flaw>) {
    let cert = node.cert;
    match cert.authority_key_id() {
        Some(aki) if aki.key_id.is_none() => {
            flaws.push(check::AKI_MISSING.fails().found("no keyIdentifier"));
        }
        Some(aki) if aki.issuer.is_some() != aki.serial.is_some() => {
            let found = "authorityCertIssuer and authorityCertSerialNumber not both";
            flaws.push(check::AKI_MISSING.fails().found(found));
        }
        Some(_) => {}
        // Only a certificate signed with its own key may do without (4.2.1.1).
        // The names say so but for odd roots, which are few: only for those the
        // signature is asked.
        None if node.self_issued || (node.anchor && edge::signature(cert, cert).is_ok()) => {}
        None if cert.version() < 3 => {}
        None => flaws.push(
            check::AKI_MISSING
                .fails()
                .found("no AuthorityKeyIdentifier"),
        ),
    }
    if cert.is_ca() && cert.subject_key_id().is_none() {
        flaws.push(
            check::SKI_MISSING
                .fails()
                .found("a CA without SubjectKeyIdentifier"),
        );
    }
}

fn as_ca(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    let usage = cert.key_usage();
    if usage.is_none() {
        flaws.push(
            check::KEY_USAGE_MISSING
                .fails()
                .found("a CA without KeyUsage")
                .expected("keyCertSign"),
        );
    }
    let path_length = cert.basic_constraints().and_then(|b| b.path_length);
    if path_length.is_some() && usage.is_some_and(|u| !u.contains(KeyUsage::KEY_CERT_SIGN)) {
        flaws.push(
            check::PATH_LENGTH_WITHOUT_CA
                .fails()
                .found("a path length without keyCertSign"),
        );
    }
}

fn as_end_entity(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    if cert
        .basic_constraints()
        .is_some_and(|b| b.path_length.is_some())
    {
        flaws.push(
            check::PATH_LENGTH_WITHOUT_CA
                .fails()
                .found("a path length, and no CA"),
        );
    }
    let signs = cert
        .key_usage()
        .is_some_and(|u| u.contains(KeyUsage::KEY_CERT_SIGN));
    if signs && cert.version() == 3 {
        flaws.push(
            check::CERT_SIGN_WITHOUT_CA
                .fails()
                .found("keyCertSign, and no CA"),
        );
    }
    if cert.name_constraints().is_some() {
        flaws.push(
            check::CONSTRAINTS_WITHOUT_CA
                .fails()
                .found("NameConstraints, and no CA"),
        );
    }
}
