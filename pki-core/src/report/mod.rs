//! Judgements: what a rule found where. Plain data, rendered elsewhere.

pub mod consumer;
pub mod guide;
pub mod rule;
pub mod shell;

use std::cmp::Ordering;
use std::fmt;
use std::path::PathBuf;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Works today; will not for some client, or not for long.
    Warning,
    /// Does not work.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// What a finding is about. Findings are shown grouped by it, in this order.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Locator {
    /// The whole tree or the manifest.
    Tree,
    /// An authority, by name.
    Authority(String),
    /// A service, by name.
    Service(String),
    /// A file, by its path in the tree.
    File(PathBuf),
    /// An edge: who dials whom, and the address.
    Edge {
        /// The client service.
        from: String,
        /// The server service.
        to: String,
        /// The address dialled.
        url: String,
    },
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tree => f.write_str("the tree"),
            Self::Authority(name) => write!(f, "authority {name}"),
            Self::Service(name) => write!(f, "service {name}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Edge { from, to, url } => write!(f, "{from} → {to}   {url}"),
        }
    }
}

/// One judgement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The rule's id: kebab-case, stable.
    pub rule: &'static str,
    /// Its weight.
    pub severity: Severity,
    /// What it is about.
    pub at: Locator,
    /// What is there.
    pub found: Option<String>,
    /// What belongs there.
    pub expected: Option<String>,
    /// Clause or program and version that the rule rests on.
    pub citation: Option<String>,
    /// Who is hurt, with the words they print.
    pub affects: Vec<String>,
    /// The next command or edit.
    pub fix: Option<String>,
}

impl Finding {
    /// A finding with nothing but its rule, weight and place.
    pub fn new(rule: &'static str, severity: Severity, at: Locator) -> Self {
        Self {
            rule,
            severity,
            at,
            found: None,
            expected: None,
            citation: None,
            affects: Vec::new(),
            fix: None,
        }
    }

    /// Says what is there.
    #[must_use]
    pub fn found(mut self, text: impl Into<String>) -> Self {
        self.found = Some(text.into());
        self
    }

    /// Says what belongs there.
    #[must_use]
    pub fn expected(mut self, text: impl Into<String>) -> Self {
        self.expected = Some(text.into());
        self
    }

    /// Says what the rule rests on.
    #[must_use]
    pub fn citation(mut self, text: impl Into<String>) -> Self {
        self.citation = Some(text.into());
        self
    }

    /// Says who is hurt.
    #[must_use]
    pub fn affects(mut self, text: impl Into<String>) -> Self {
        self.affects.push(text.into());
        self
    }

    /// Says the next command or edit.
    #[must_use]
    pub fn fix(mut self, text: impl Into<String>) -> Self {
        self.fix = Some(text.into());
        self
    }
}

/// Findings in the order they are shown, and what was looked at.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds many.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// Sorted by place, the heaviest first within one; the same said twice is
    /// said once.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.findings.sort_by(|a, b| {
            let weights = std::cmp::Reverse(a.severity).cmp(&std::cmp::Reverse(b.severity));
            let ranks = || guide::rank(a.rule).cmp(&guide::rank(b.rule));
            let places = || a.at.cmp(&b.at);
            places()
                .then(weights)
                .then_with(|| {
                    if a.rule == b.rule {
                        Ordering::Equal
                    } else {
                        ranks()
                    }
                })
                .then_with(|| a.rule.cmp(b.rule))
        });
        self.findings.dedup();
        self
    }

    /// All of them.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// The one with this number, to add to it.
    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut Finding> {
        self.findings.get_mut(number)
    }

    /// How many weigh exactly so much.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|f| f.severity == severity)
            .count()
    }

    /// The heaviest weight in it.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|f| f.severity).max()
    }
}
