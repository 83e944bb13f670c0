//! What is wrong with one certificate in its place of a chain.

use super::check::{self, Layer};
use super::graph::Node;
use super::host;
use super::policy::{ChainPolicy, Policies};
use super::profile;
use super::webpki;
use crate::cert::{Certificate, Fault as Flaw, oid};
use crate::clock::Timestamp;
use crate::model::algorithm::KeyAlgorithm;
use crate::model::usage::{KeyUsage, Purpose};

/// Extensions about certificate policies (RFC 5280 4.2.1.4, .5, .11, .14).
const POLICIES: [&str; 4] = ["2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54"];

/// Purposes that the strict mode of `BoringSSL` wants alone: code signing,
/// OCSP signing, time stamping (`parsed_certificate.cc`, CA/B BR 7.1.2.7.10).
const SENSITIVE: [(&str, &str); 3] = [
    ("1.3.6.1.5.5.7.3.3", "codeSigning"),
    ("1.3.6.1.5.5.7.3.8", "timeStamping"),
    ("1.3.6.1.5.5.7.3.9", "OCSPSigning"),
];

/// Everything that counts, for a node in its role: the target is the end
/// entity, an anchor is asked what the policy says, others are issuers.
pub(super) fn flaws(
    node: &Node<'_>,
    is_target: bool,
    policy: &ChainPolicy,
    now: Timestamp,
) -> Vec<Flaw> {
    let cert = node.cert;
    let mut flaws = Vec::new();
    let asks = &policy.anchor;
    let anchor = node.anchor && !is_target;
    if !anchor || asks.enforce_validity {
        validity(cert, policy, now, &mut flaws);
    }
    if !anchor || asks.enforce_profile {
        well_made(cert, &mut flaws);
        // What nobody counts need not be worked out.
        let layers = [Layer::Profile, Layer::Strict, Layer::WebPki];
        if layers.into_iter().any(|layer| policy.checks.asks(layer)) {
            profile::flaws(node, &mut flaws);
        }
        if policy.checks.asks(Layer::WebPki) {
            webpki::flaws(node, is_target, &mut flaws);
        }
    }
    if !anchor || asks.enforce_critical {
        critical(cert, policy.policies, &mut flaws);
    }
    if anchor {
        // Public roots have the number 0 (those of Go Daddy and Starfield), and
        // nobody looks one up by it.
        flaws.retain(|flaw| flaw.check != check::SERIAL_NUMBER.id);
    }
    if anchor && !asks.enforce_profile {
        // Of an anchor only the initial policies would count (RFC 5280 6.1.1).
        flaws.retain(|flaw| flaw.check != check::POLICIES.id);
    }
    if is_target {
        as_target(cert, policy, &mut flaws);
    } else if !anchor || asks.enforce_constraints {
        let basic_constraints = !anchor || asks.require_basic_constraints;
        as_issuer(cert, basic_constraints, &mut flaws);
        let required =
            policy.exact_purpose && !anchor && policy.purpose == Some(Purpose::ClientAuth);
        purpose(cert, policy, required, &mut flaws);
    }
    flaws.retain(|flaw| policy.checks.counts(flaw.check));
    flaws
}

fn validity(cert: &Certificate, policy: &ChainPolicy, now: Timestamp, flaws: &mut Vec<Flaw>) {
    let validity = cert.validity();
    if now < validity.not_before {
        flaws.push(
            check::NOT_YET_VALID
                .fails()
                .found(format!("valid from {}", validity.not_before))
                .expected(format!("valid at {now}")),
        );
    }
    let last = if policy.within_second {
        validity.not_after.plus_seconds(-1)
    } else {
        validity.not_after
    };
    if now > last {
        flaws.push(
            check::EXPIRED
                .fails()
                .found(format!("valid until {}", validity.not_after))
                .expected(format!("valid at {now}")),
        );
    }
}

/// What parsing found, critical extensions, and the key.
fn well_made(cert: &Certificate, flaws: &mut Vec<Flaw>) {
    // `version` and critical extensions are judged here, by what is processed.
    let ours = [check::VERSION.id, check::UNKNOWN_CRITICAL.id];
    flaws.extend(
        cert.faults()
            .iter()
            .filter(|f| !ours.contains(&f.check))
            .cloned(),
    );
    if cert.version() != 3 {
        let check = if cert.extensions().is_empty() && cert.version() < 3 {
            check::VERSION
        } else {
            check::EXTENSIONS_IN_OLD_VERSION
        };
        flaws.push(
            check
                .fails()
                .found(format!("version {}", cert.version()))
                .expected("version 3"),
        );
    }
    if let Some(KeyAlgorithm::Rsa(bits)) = cert.public_key().algorithm()
        && bits < 2048
    {
        flaws.push(
            check::WEAK_KEY
                .fails()
                .found(format!("RSA {bits}"))
                .expected("RSA 2048 or more"),
        );
    }
}

/// A critical extension that nothing here processes (RFC 5280 4.2).
pub fn not_understood(cert: &Certificate) -> Option<String> {
    let mut flaws = Vec::new();
    critical(cert, Policies::NotProcessed, &mut flaws);
    let mut unknown = flaws
        .into_iter()
        .filter(|f| f.check == check::UNKNOWN_CRITICAL.id);
    unknown.next().map(|flaw| flaw.found)
}

fn critical(cert: &Certificate, policies: Policies, flaws: &mut Vec<Flaw>) {
    for extension in cert.extensions().iter().filter(|e| e.critical) {
        let id = extension.oid.as_str();
        let check = match id {
            _ if oid::UNDERSTOOD.contains(&id) => continue,
            _ if POLICIES.contains(&id) => match policies {
                Policies::NotProcessed => check::POLICIES,
            },
            _ => check::UNKNOWN_CRITICAL,
        };
        flaws.push(
            check
                .fails()
                .found(format!("{}, critical", extension.name())),
        );
    }
}

fn as_issuer(cert: &Certificate, basic_constraints: bool, flaws: &mut Vec<Flaw>) {
    let found = match cert.basic_constraints() {
        Some(b) if b.ca => None,
        Some(_) => Some("BasicConstraints say that it is no CA"),
        None if basic_constraints => Some("no BasicConstraints"),
        None => None,
    };
    if let Some(found) = found {
        flaws.push(check::NOT_A_CA.fails().found(found).expected("cA TRUE"));
    }
    if let Some(usage) = cert.key_usage()
        && !usage.contains(KeyUsage::KEY_CERT_SIGN)
    {
        flaws.push(
            check::KEY_CERT_SIGN
                .fails()
                .found(said(usage))
                .expected("keyCertSign"),
        );
    }
}

fn as_target(cert: &Certificate, policy: &ChainPolicy, flaws: &mut Vec<Flaw>) {
    for peer in &policy.peers {
        if let Err(not_covered) = host::matches(peer, cert.names()) {
            flaws.push(
                check::NAME_NOT_COVERED
                    .fails()
                    .found(if not_covered.present.is_empty() {
                        "no name".into()
                    } else {
                        not_covered.present.join(", ")
                    })
                    .expected(peer.to_string()),
            );
        }
    }
    purpose(cert, policy, policy.exact_purpose, flaws);
    if let (Some(asked), Some(usage)) = (policy.key_usage, cert.key_usage())
        && !usage.contains(asked)
    {
        flaws.push(
            check::KEY_USAGE
                .fails()
                .found(said(usage))
                .expected(asked.to_string()),
        );
    }
    if policy.purpose.is_some() && cert.is_ca() {
        let check = if policy.exact_purpose {
            check::PURPOSE
        } else {
            check::TARGET_IS_CA
        };
        flaws.push(
            check
                .fails()
                .found("BasicConstraints say that it is a CA")
                .expected("an end entity"),
        );
    }
    if policy.purpose == Some(Purpose::ServerAuth) && !cert.has_names() {
        flaws.push(
            check::NO_ALT_NAME
                .fails()
                .found("no SubjectAltName")
                .expected("the names of the server there"),
        );
    }
}

/// ExtendedKeyUsage, in the target and nested in its issuers; `required` where
/// its absence is a fault.
fn purpose(cert: &Certificate, policy: &ChainPolicy, required: bool, flaws: &mut Vec<Flaw>) {
    let Some(asked) = &policy.purpose else {
        return;
    };
    let fault = |found: String| {
        check::PURPOSE
            .fails()
            .found(found)
            .expected(asked.to_string())
    };
    let Some(purposes) = cert.purposes() else {
        if required {
            flaws.push(fault("no ExtendedKeyUsage".into()));
        }
        return;
    };
    let any = !policy.exact_purpose && purposes.contains(&Purpose::Any);
    if !any && !purposes.contains(asked) {
        let names: Vec<String> = purposes.iter().map(ToString::to_string).collect();
        flaws.push(fault(names.join(", ")));
    }
    if policy.exact_purpose {
        for (id, name) in SENSITIVE {
            if asked.oid() != id && purposes.iter().any(|p| p.oid() == id) {
                flaws.push(fault(format!("{name} beside it")));
            }
        }
    }
}

fn said(usage: KeyUsage) -> String {
    match usage.to_string() {
        none if none.is_empty() => "no bit set".into(),
        bits => bits,
    }
}
