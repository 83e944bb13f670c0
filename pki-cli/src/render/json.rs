//! JSON for programs: structs of its own, so that renaming a field of the
//! library breaks nobody. Keys are API: the tests list them.

use pki_core::plan::{Plan, Target};
use pki_core::report::{Finding, Locator, Report, Severity};
use pki_core::verify::Explained;
use serde::Serialize;

use super::human::Looked;
use super::revocation::{self, RevocationWire};
use super::text;
use super::why::{self, ExplainedWire};

/// The schema of a report, and its version: a number that grows when a key
/// changes its meaning or goes away, not when one is added.
pub(crate) const REPORT: (&str, u32) = ("pki-report", 1);

/// A wire value as text: indented, with a final newline.
pub(crate) fn document(value: &impl Serialize) -> String {
    match serde_json::to_string_pretty(value) {
        Ok(text) => escape(&text) + "\n",
        // Structs of strings and numbers, no map and no serializer of our own:
        // there is nothing that can fail.
        Err(error) => format!("{{\"error\": {:?}}}\n", error.to_string()),
    }
}

/// `serde_json` escapes no more than the standard asks for. What drives a
/// terminal all the same stands in strings only, so it can be escaped here.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && text::drives_terminal(c) {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A report, its findings in the order of [`Report::sorted`], with the graph
/// behind each chain that was refused, and how many of those are left out, and
/// what was asked about revocation.
pub(crate) fn report(
    report: &Report,
    looked: &Looked,
    (explained, left_out): (&[Explained], usize),
    revocation: Option<&revocation::Asked<'_>>,
) -> String {
    let report = report.clone().sorted();
    let count = |severity| report.count(severity);
    document(&ReportWire {
        schema: REPORT.0,
        version: REPORT.1,
        explanations: explained.iter().map(why::wire).collect(),
        explanations_left_out: left_out,
        findings: report.findings().iter().map(finding).collect(),
        revocation: revocation.map(revocation::wire),
        summary: Summary {
            certificates: looked.certificates,
            edges: looked.edges.map(|(edges, _)| edges),
            edges_good: looked.edges.map(|(_, good)| good),
            errors: count(Severity::Error),
            infos: count(Severity::Info),
            warnings: count(Severity::Warning),
        },
    })
}

#[derive(Serialize)]
struct ReportWire<'a> {
    schema: &'static str,
    version: u32,
    explanations: Vec<ExplainedWire<'a>>,
    explanations_left_out: usize,
    findings: Vec<FindingWire<'a>>,
    /// `null` where nobody asked.
    revocation: Option<RevocationWire>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    certificates: usize,
    edges: Option<usize>,
    edges_good: Option<usize>,
    errors: usize,
    infos: usize,
    warnings: usize,
}

/// The schema of [`plan`].
pub(crate) const PLAN: (&str, u32) = ("pki-plan", 1);

#[derive(Serialize)]
struct PlanWire<'a> {
    schema: &'static str,
    version: u32,
    empty: bool,
    kept: usize,
    leftovers: Vec<String>,
    steps: Vec<StepWire>,
    findings: Vec<FindingWire<'a>>,
}

#[derive(Serialize)]
struct StepWire {
    action: &'static str,
    target: String,
    reasons: Vec<String>,
}

/// A plan, with what was found on the way.
pub(crate) fn plan(plan: &Plan, report: &Report) -> String {
    let target = |target: &Target| match target {
        Target::Authority(name) => format!("authority {name}"),
        Target::Pair(id) => id.to_string(),
        Target::Output(path) | Target::Access(path) | Target::Leftover(path) => path.to_string(),
        _ => String::new(),
    };
    document(&PlanWire {
        schema: PLAN.0,
        version: PLAN.1,
        empty: plan.is_empty(),
        kept: plan.kept,
        leftovers: plan.leftovers.iter().map(ToString::to_string).collect(),
        steps: plan
            .steps
            .iter()
            .map(|step| StepWire {
                action: step.action.word(),
                target: target(&step.target),
                reasons: step.reasons.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        findings: report.findings().iter().map(finding).collect(),
    })
}

/// A finding. Absent facts are `null`, so that every finding has every key.
#[derive(Serialize)]
pub(crate) struct FindingWire<'a> {
    affects: &'a [String],
    at: LocatorWire<'a>,
    citation: Option<&'a str>,
    expected: Option<&'a str>,
    fix: Option<&'a str>,
    found: Option<&'a str>,
    rule: &'static str,
    severity: &'static str,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum LocatorWire<'a> {
    Tree,
    Authority {
        name: &'a str,
    },
    Service {
        name: &'a str,
    },
    File {
        path: String,
    },
    Edge {
        from: &'a str,
        to: &'a str,
        url: &'a str,
    },
    Other {
        text: String,
    },
}

/// One finding, for documents that hold findings among other things.
pub(crate) fn finding(finding: &Finding) -> FindingWire<'_> {
    FindingWire {
        affects: &finding.affects,
        at: locator(&finding.at),
        citation: finding.citation.as_deref(),
        expected: finding.expected.as_deref(),
        fix: finding.fix.as_deref(),
        found: finding.found.as_deref(),
        rule: finding.rule,
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            _ => "info",
        },
    }
}

/// What something is about.
pub(super) fn locator(at: &Locator) -> LocatorWire<'_> {
    match at {
        Locator::Tree => LocatorWire::Tree,
        Locator::Authority(name) => LocatorWire::Authority { name },
        Locator::Service(name) => LocatorWire::Service { name },
        Locator::File(path) => LocatorWire::File {
            path: path.to_string_lossy().into_owned(),
        },
        Locator::Edge { from, to, url } => LocatorWire::Edge { from, to, url },
        other => LocatorWire::Other {
            text: other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_cannot_drive_the_terminal() {
        let text = "a\u{1b}[2J\u{9b}\u{7f}\u{202e}ü";
        let shown = document(&[text]);
        assert_eq!(shown, "[\n  \"a\\u001b[2J\\u009b\\u007f\\u202eü\"\n]\n");
        let back: Vec<String> = serde_json::from_str(&shown).unwrap();
        assert_eq!(back, [text]);
    }

    #[test]
    fn the_keys_are_these() {
        let mut it = Report::default();
        it.push(
            Finding::new(
                "name-not-covered",
                Severity::Error,
                Locator::File("a/b.crt".into()),
            )
            .found("x")
            .affects("spark"),
        );
        let looked = Looked {
            certificates: 3,
            edges: Some((2, 1)),
        };
        let expected = r#"{
  "schema": "pki-report",
  "version": 1,
  "explanations": [],
  "explanations_left_out": 0,
  "findings": [
    {
      "affects": [
        "spark"
      ],
      "at": {
        "kind": "file",
        "path": "a/b.crt"
      },
      "citation": null,
      "expected": null,
      "fix": null,
      "found": "x",
      "rule": "name-not-covered",
      "severity": "error"
    }
  ],
  "revocation": null,
  "summary": {
    "certificates": 3,
    "edges": 2,
    "edges_good": 1,
    "errors": 1,
    "infos": 0,
    "warnings": 0
  }
}
"#;
        assert_eq!(report(&it, &looked, (&[], 0), None), expected);
    }
}
