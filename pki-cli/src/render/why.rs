//! Why a chain was refused, whole: every certificate, every possible issuer and
//! the nearest paths, for people and for programs.

use pki_core::chain::{CertRef, Fault, Files, SignatureState};
use pki_core::verify::Explained;
use serde::Serialize;

use super::json::{LocatorWire, locator};
use super::{human, style, text};

/// Each refused chain as one block, an empty line between two.
pub(crate) fn graphs(explanations: &[Explained], left_out: usize) -> String {
    let mut blocks: Vec<String> = explanations.iter().map(graph).collect();
    if left_out > 0 {
        blocks.push(format!("{} more\n", human::many(left_out, "refused chain")));
    }
    blocks.join("\n")
}

fn graph(it: &Explained) -> String {
    let why = &it.explanation;
    let mut lines = format!("{}\n", style::heading(&text::line(&title(it))));
    let mut say = |depth: usize, line: &str| {
        lines.push_str(&format!("{}{}\n", "  ".repeat(depth), text::line(line)));
    };
    say(1, "certificates");
    for of in &why.certificates {
        let trusted = if of.anchor { ", trusted" } else { "" };
        say(2, &format!("{}{trusted}", of.certificate));
        for fault in &of.faults {
            say(3, &fault_line(fault));
        }
    }
    say(1, "possible issuers, the nearest first");
    if why.edges.is_empty() {
        say(2, "none");
    }
    for edge in &why.edges {
        let signature = match edge.signature {
            SignatureState::Good => "the signature holds",
            SignatureState::Bad => "the signature does not hold",
            SignatureState::NotChecked => "the signature was not looked at",
        };
        say(
            2,
            &format!("{} by {}: {signature}", edge.child.subject, edge.issuer),
        );
        for fault in &edge.faults {
            say(3, &fault_line(fault));
        }
    }
    if why.edges_left_out > 0 {
        say(2, &format!("{} more", why.edges_left_out));
    }
    say(1, "paths, the nearest first");
    for path in &why.paths {
        let names: Vec<&str> = path
            .certificates
            .iter()
            .map(|c| c.subject.as_str())
            .collect();
        let end = if path.complete {
            ""
        } else {
            ", which nobody trusts"
        };
        say(2, &format!("{}{end}", names.join(" ← ")));
        for fault in &path.faults {
            say(3, &format!("{}: {}", fault.at.subject, fault_line(fault)));
            if let Some(hint) = fault.hint(&it.files) {
                say(4, &format!("fix: {hint}"));
            }
        }
    }
    if let Some(limit) = it.limit {
        say(1, &format!("the search ended early: {limit}"));
    }
    lines
}

fn title(it: &Explained) -> String {
    let purpose = it.purpose.as_ref().map(|p| format!(" for {p}"));
    let by = it.by.as_ref().map(|by| format!(" by {by}"));
    let also = |text: Option<String>| text.unwrap_or_default();
    format!("why refused{}{}: {}", also(purpose), also(by), it.at)
}

/// Check, both values, clause.
fn fault_line(fault: &Fault) -> String {
    let expected = fault.expected.as_ref().map(|e| format!(", expected {e}"));
    format!(
        "{}: found {}{} ({})",
        fault.check,
        fault.found,
        expected.unwrap_or_default(),
        fault.clause
    )
}

/// A refused chain, for programs.
#[derive(Serialize)]
pub(super) struct ExplainedWire<'a> {
    at: LocatorWire<'a>,
    by: Option<&'a str>,
    candidates: Vec<CandidateWire<'a>>,
    candidates_left_out: usize,
    certificates: Vec<JudgedWire<'a>>,
    limit: Option<String>,
    paths: Vec<PathWire<'a>>,
    purpose: Option<String>,
}

#[derive(Serialize)]
struct CertificateWire<'a> {
    authority_key_id: Option<&'a str>,
    file: Option<&'a str>,
    issuer: &'a str,
    key_id: Option<&'a str>,
    number: Option<usize>,
    serial: &'a str,
    subject: &'a str,
}

#[derive(Serialize)]
struct JudgedWire<'a> {
    certificate: CertificateWire<'a>,
    faults: Vec<FaultWire<'a>>,
    trusted: bool,
}

#[derive(Serialize)]
struct CandidateWire<'a> {
    certificate: CertificateWire<'a>,
    faults: Vec<FaultWire<'a>>,
    issuer: CertificateWire<'a>,
    signature: &'static str,
}

#[derive(Serialize)]
struct PathWire<'a> {
    certificates: Vec<CertificateWire<'a>>,
    complete: bool,
    faults: Vec<FaultWire<'a>>,
}

#[derive(Serialize)]
struct FaultWire<'a> {
    certificate: CertificateWire<'a>,
    check: &'static str,
    clause: &'static str,
    expected: Option<&'a str>,
    found: &'a str,
    hint: Option<String>,
}

/// One explanation for the report.
pub(super) fn wire(it: &Explained) -> ExplainedWire<'_> {
    let why = &it.explanation;
    ExplainedWire {
        at: locator(&it.at),
        by: it.by.as_deref(),
        candidates: why
            .edges
            .iter()
            .map(|edge| CandidateWire {
                certificate: certificate(&edge.child),
                faults: faults(&edge.faults, &it.files),
                issuer: certificate(&edge.issuer),
                signature: match edge.signature {
                    SignatureState::Good => "good",
                    SignatureState::Bad => "bad",
                    SignatureState::NotChecked => "not-checked",
                },
            })
            .collect(),
        candidates_left_out: why.edges_left_out,
        certificates: why
            .certificates
            .iter()
            .map(|of| JudgedWire {
                certificate: certificate(&of.certificate),
                faults: faults(&of.faults, &it.files),
                trusted: of.anchor,
            })
            .collect(),
        limit: it.limit.map(|limit| limit.to_string()),
        paths: why
            .paths
            .iter()
            .map(|path| PathWire {
                certificates: path.certificates.iter().map(certificate).collect(),
                complete: path.complete,
                faults: faults(&path.faults, &it.files),
            })
            .collect(),
        purpose: it.purpose.as_ref().map(ToString::to_string),
    }
}

fn certificate(of: &CertRef) -> CertificateWire<'_> {
    let place = of.place.as_ref();
    CertificateWire {
        authority_key_id: of.authority_key_id.as_deref(),
        file: place.map(|place| place.file.as_str()),
        issuer: &of.issuer,
        key_id: of.key_id.as_deref(),
        number: place.map(|place| place.number),
        serial: &of.serial,
        subject: &of.subject,
    }
}

fn faults<'a>(all: &'a [Fault], files: &Files) -> Vec<FaultWire<'a>> {
    all.iter()
        .map(|fault| FaultWire {
            certificate: certificate(&fault.at),
            check: fault.check,
            clause: fault.clause,
            expected: fault.expected.as_deref(),
            found: &fault.found,
            hint: fault.hint(files),
        })
        .collect()
}
