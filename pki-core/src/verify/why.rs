//! Why a chain was refused: what is told of it, and the graph behind it.

use std::cell::LazyCell;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::heard::Heard;
use crate::chain::{self, Explanation, Fault, Files, Limit, Outcome, Place, Source};
use crate::model::usage::Purpose;
use crate::report::guide::Client;
use crate::report::{Finding, Locator, Severity};
use crate::role::TlsLibrary;

/// Faults of one chain that are told as findings, the most useful; all of them
/// are in the explanation.
const TOLD: usize = 3;

/// Explanations kept of one call. A tree has a few; where a root is lost they
/// all say the same.
const KEPT: usize = 100;

/// A chain that was refused, with all that was looked at.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What was judged.
    pub at: Locator,
    /// What it was to be used for; `None`: for anything.
    pub purpose: Option<Purpose>,
    /// The service that refuses it, where one does.
    pub by: Option<String>,
    /// The files that the chain was built from, for hints.
    pub files: Files,
    /// The limit that ended the search, where one did: then other paths may
    /// hold, and are not trusted.
    pub limit: Option<Limit>,
    /// Every certificate, every possible issuer and the nearest paths, each
    /// with its faults.
    pub explanation: Explanation,
}

/// Explanations as they come, from several threads.
#[derive(Debug, Default)]
pub(super) struct Why(Mutex<Kept>);

/// The first by place, whatever the order they came in.
#[derive(Debug, Default)]
struct Kept {
    first: Vec<Explained>,
    seen: usize,
}

impl Kept {
    fn push(&mut self, explained: Explained) {
        self.seen += 1;
        self.first.push(explained);
        if self.first.len() >= 2 * KEPT {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let use_of = |e: &Explained| e.purpose.as_ref().map(ToString::to_string);
        let key = |e: &Explained| (e.at.clone(), use_of(e), e.by.clone());
        self.first.sort_by_cached_key(key);
        self.first.truncate(KEPT);
    }
}

impl Why {
    /// Those kept, by place, and how many are left out.
    pub(super) fn told(self) -> (Vec<Explained>, usize) {
        let mut kept = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        kept.cut();
        let left_out = kept.seen - kept.first.len();
        (kept.first, left_out)
    }

    /// The faults that are told of a refused chain, each with what to do; none
    /// of one that holds.
    pub(super) fn faults(&self, outcome: &Outcome, asked: &Asked<'_>) -> Vec<(Fault, Finding)> {
        let Some(explained) = explained(outcome, asked) else {
            return Vec::new();
        };
        let told = told(&explained, asked);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(explained);
        told
    }

    /// Why a chain was refused, as findings; what one check says of several
    /// certificates is one finding.
    pub(super) fn refusals(&self, outcome: &Outcome, asked: &Asked<'_>) -> Vec<Finding> {
        let told = self.faults(outcome, asked).into_iter();
        gathered(told.map(|(_, finding)| finding), asked)
    }

    /// As [`Self::refusals`], of what some clients alone ask for.
    pub(super) fn for_strict(&self, outcome: &Outcome, asked: &Asked<'_>) -> Vec<Finding> {
        weighed_less(self.refusals(outcome, asked), asked)
    }
}

/// As [`Why::for_strict`], of a chain that everybody refuses: what is not among
/// `known` already. Nothing is kept of it.
pub(super) fn also_strict(outcome: &Outcome, asked: &Asked<'_>, known: &[Finding]) -> Vec<Finding> {
    let is_new = |f: &Finding| !known.iter().any(|k| k.rule == f.rule);
    weighed_less(
        gathered(findings(outcome, asked).filter(is_new), asked),
        asked,
    )
}

/// As [`Why::refusals`], of a question that nobody asked. Nothing is kept of it.
pub(super) fn all_refusals(outcome: &Outcome, asked: &Asked<'_>) -> Vec<Finding> {
    gathered(findings(outcome, asked), asked)
}

/// All that is told of a chain, of which nothing is kept.
fn findings(outcome: &Outcome, asked: &Asked<'_>) -> impl Iterator<Item = Finding> {
    let told = explained(outcome, asked).map(|explained| told(&explained, asked));
    let told = told.unwrap_or_default().into_iter();
    told.map(|(_, finding)| finding)
}

/// What clients without strict checks accept.
fn weighed_less(findings: Vec<Finding>, asked: &Asked<'_>) -> Vec<Finding> {
    let findings = findings.into_iter();
    findings
        .map(|mut finding| {
            finding.severity = Severity::Warning;
            if finding.affects.is_empty() && !asked.heard.accepts(Client::Python313) {
                finding = finding.affects("Python 3.13 and OpenSSL with -x509_strict refuse it");
            }
            finding
        })
        .collect()
}

/// One finding for what one check says of several certificates, with whom it
/// hurts.
fn gathered(told: impl Iterator<Item = Finding>, asked: &Asked<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for new in told {
        match findings.iter_mut().find(|f| f.rule == new.rule) {
            Some(known) => {
                let both = [known.found.take(), new.found];
                known.found = Some(both.into_iter().flatten().collect::<Vec<_>>().join("; "));
            }
            None => findings.push(new),
        }
    }
    // Of clients' own certificates servers say some of it in other words.
    let of_server = ["purpose", "no-alternative-name", "name-not-covered"];
    let is_client = asked.purpose == Some(&Purpose::ClientAuth);
    for finding in &mut findings {
        if !(is_client && of_server.contains(&finding.rule)) {
            finding.affects.extend(asked.heard.hurts(finding.rule));
        }
    }
    findings
}

/// Whose words are asked for.
pub(super) fn client(library: TlsLibrary) -> Client {
    match library {
        TlsLibrary::Go => Client::Go,
        TlsLibrary::Jsse => Client::Java,
        TlsLibrary::OpenSsl => Client::OpenSsl,
        TlsLibrary::Python => Client::Python313,
        TlsLibrary::Rustls => Client::Rustls,
    }
}

/// What clients say, asked where it is wanted.
type Hearing<'a> = LazyCell<Heard, Box<dyn FnOnce() -> Heard + 'a>>;

/// What was asked of a chain, and where what it is built from stands.
pub(super) struct Asked<'a> {
    pub(super) at: Locator,
    pub(super) purpose: Option<&'a Purpose>,
    pub(super) by: Option<&'a str>,
    pub(super) given: Given<'a>,
    /// What clients say of it; asked where something is found.
    pub(super) heard: Hearing<'a>,
}

impl<'a> Asked<'a> {
    /// Of a file, by nobody in particular.
    pub(super) fn of_file(path: &Path, purpose: Option<&'a Purpose>, given: Given<'a>) -> Self {
        Self {
            at: Locator::File(path.to_owned()),
            purpose,
            by: None,
            given,
            heard: nobody(),
        }
    }

    /// The same, with what clients say of it.
    pub(super) fn heard(self, heard: impl FnOnce() -> Heard + 'a) -> Self {
        Self {
            heard: LazyCell::new(Box::new(heard)),
            ..self
        }
    }
}

/// No client is asked.
pub(super) fn nobody<'a>() -> Hearing<'a> {
    LazyCell::new(Box::new(Heard::default))
}

/// All that was looked at, named; `None` where a chain holds.
fn explained(outcome: &Outcome, asked: &Asked<'_>) -> Option<Explained> {
    let (limit, explanation) = match outcome {
        Outcome::Accepted(_) => return None,
        Outcome::Refused(explanation) => (None, explanation),
        Outcome::Undecided(limit, explanation) => (Some(*limit), explanation),
    };
    let mut explanation = explanation.clone();
    explanation.place(&asked.given.place);
    Some(Explained {
        at: asked.at.clone(),
        purpose: asked.purpose.cloned(),
        by: asked.by.map(str::to_owned),
        files: asked.given.files.clone(),
        limit,
        explanation,
    })
}

/// The faults worth a finding.
fn told(explained: &Explained, asked: &Asked<'_>) -> Vec<(Fault, Finding)> {
    let mut faults = explained.explanation.faults();
    without_consequences(&mut faults);
    faults.truncate(TOLD);
    let finding = |fault: Fault| {
        let finding = finding(&fault, &explained.files, asked.at.clone());
        (fault, finding)
    };
    faults.into_iter().map(finding).collect()
}

/// The files that a chain is built from.
pub(super) struct Given<'a> {
    place: Box<dyn Fn(Source) -> Option<Place> + 'a>,
    files: Files,
}

impl<'a> Given<'a> {
    /// A file of `sent` certificates whose first is the target, and anchors
    /// that stand where `anchor` says, in `trust` where it is one file.
    pub(super) fn new(
        leaf: &'a Path,
        sent: usize,
        trust: Option<&Path>,
        anchor: impl Fn(usize) -> Option<Place> + 'a,
    ) -> Self {
        let shown = |path: &Path| path.display().to_string();
        Self {
            place: Box::new(move |source| match source {
                Source::Target => Some(place(leaf, 1, sent)),
                Source::Pool(i) => Some(place(leaf, i + 2, sent)),
                Source::Anchor(i) => anchor(i),
            }),
            files: Files {
                leaf: Some(shown(leaf)),
                trust: trust.map(shown),
            },
        }
    }

    /// The same, with other names of the files for what is to be added to them.
    pub(super) fn with_files(self, files: Files) -> Self {
        Self { files, ..self }
    }

    /// The same, with the target (0) and the pool (from 1) standing elsewhere.
    pub(super) fn with_sent(self, sent: impl Fn(usize) -> Option<Place> + 'a) -> Self {
        let place = self.place;
        Self {
            place: Box::new(move |source| match source {
                Source::Target => sent(0),
                Source::Pool(i) => sent(i + 1),
                Source::Anchor(_) => place(source),
            }),
            files: self.files,
        }
    }
}

/// The certificate of this number in a file.
pub(super) fn place(file: &Path, number: usize, of: usize) -> Place {
    Place {
        file: file.display().to_string(),
        number,
        of,
    }
}

/// A signature by another key says all that its key id says; what a CA lacks is
/// nothing that a server's certificate should have.
fn without_consequences(faults: &mut Vec<Fault>) {
    let signed_by_others: Vec<_> = faults
        .iter()
        .filter(|f| f.check == chain::SIGNATURE.id)
        .map(|f| f.at.source)
        .collect();
    let no_server = |f: &Fault| f.check == chain::TARGET_IS_CA.id;
    let no_server = faults.iter().any(no_server);
    faults.retain(|f| match f.check {
        check if check == chain::AKI_MISMATCH.id => !signed_by_others.contains(&f.at.source),
        check if check == chain::KEY_USAGE_MISSING.id => {
            !(no_server && f.at.source == Source::Target)
        }
        _ => true,
    });
}

/// A fault as a finding. The first certificate of the file is named by its
/// subject; others, and one that is revoked, also by serial number and place.
fn finding(fault: &Fault, files: &Files, at: Locator) -> Finding {
    let who = &fault.at;
    let who = match (&who.place, who.source) {
        (Some(place), Source::Pool(_) | Source::Anchor(_)) => {
            format!("{} ({place}, serial {})", who.subject, who.serial)
        }
        // A list knows nothing but the serial number.
        _ if fault.check == chain::REVOKED.id => {
            format!("{} (serial {})", who.subject, who.serial)
        }
        _ => who.subject.clone(),
    };
    let mut finding = Finding::new(fault.check, Severity::Error, at)
        .found(format!("{who}: {}", fault.found))
        .citation(fault.clause);
    finding.expected.clone_from(&fault.expected);
    finding.fix = fault.hint(files);
    finding
}
