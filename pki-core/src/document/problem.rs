//! What is wrong in a document, and how it is shown.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Source;
use crate::error::Error;

/// Something wrong at a place in the text, before it is rendered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Fault {
    span: Range<usize>,
    message: String,
    label: String,
    help: Option<String>,
    also: Option<(Range<usize>, String)>,
}

impl Fault {
    /// `message` is one line with values in backticks; `label` stands below
    /// the excerpt.
    pub(crate) fn new(
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Self {
            span,
            message: message.into(),
            label: label.into(),
            help: None,
            also: None,
        }
    }

    /// What would be right.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A second place that belongs to it.
    pub(crate) fn also(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.also = Some((span, label.into()));
        self
    }
}

/// Something wrong in a document.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// One line: what is wrong.
    pub message: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// The lines concerned, with marks.
    pub excerpt: String,
    /// What would be right.
    pub help: Option<String>,
}

impl Source<'_> {
    /// Finds line and column of `fault` and draws its excerpt.
    pub(crate) fn problem(&self, fault: Fault) -> Problem {
        let span = self.clip(fault.span);
        let (line, column) = self.position(span.start);
        let text = masked(self.text);
        let mut snippet = Snippet::source(text.as_ref()).path(self.name).annotation(
            AnnotationKind::Primary
                .span(span.clone())
                .label(fault.label),
        );
        if let Some((also, label)) = fault.also {
            let also = self.clip(also);
            if also != span {
                snippet = snippet.annotation(AnnotationKind::Context.span(also).label(label));
            }
        }
        let group = Group::with_level(Level::ERROR).element(snippet);
        Problem {
            message: printable(&fault.message),
            line,
            column,
            excerpt: Renderer::plain().render(&[group]),
            help: fault.help.map(|help| printable(&help)),
        }
    }

    /// The part of `span` that lies in the text, on character boundaries, one
    /// line at most.
    fn clip(&self, span: Range<usize>) -> Range<usize> {
        let floor = |at: usize| {
            let mut at = at.min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(span.start);
        let end = floor(span.end.max(start)).max(start);
        let line = self.text[start..end].find('\n').unwrap_or(end - start);
        start..start + line
    }

    /// Line and column of an octet, both from 1.
    fn position(&self, at: usize) -> (usize, usize) {
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }
}

/// The key whose value no excerpt shows.
const SECRET: &str = "truststore_password";

/// The text with the rest of each line after a secret's key as stars, octet
/// for octet.
fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains(SECRET) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (shown, hidden) = line
            .find(SECRET)
            .and_then(|at| line[at..].find('=').map(|equals| at + equals + 1))
            .map_or((line, ""), |at| line.split_at(at));
        out.push_str(shown);
        for c in hidden.chars() {
            if c.is_ascii_whitespace() {
                out.push(c);
            } else {
                out.extend(std::iter::repeat_n('*', c.len_utf8()));
            }
        }
    }
    Cow::Owned(out)
}

/// Control characters as escapes: what is quoted must not move the cursor.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// A document that cannot be used: everything that is wrong in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invalid {
    name: String,
    problems: Vec<Problem>,
    left_out: usize,
}

/// More is not read by anyone, and each costs a walk through the text.
const MOST: usize = 50;

impl Invalid {
    /// In the order of the text; the same said twice is said once.
    pub(super) fn new(source: &Source<'_>, mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(|f| f.span.start);
        faults.dedup();
        let left_out = faults.len().saturating_sub(MOST);
        faults.truncate(MOST);
        Self {
            name: source.name.to_owned(),
            problems: faults.into_iter().map(|f| source.problem(f)).collect(),
            left_out,
        }
    }

    /// The document, as its source calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// At least one.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// All of it for people: message, excerpt and help of each problem.
    pub fn render(&self) -> String {
        let mut texts: Vec<String> = self.problems.iter().map(Problem::render).collect();
        if self.left_out > 0 {
            texts.push(format!("and {} more", self.left_out));
        }
        texts.join("\n\n")
    }
}

impl Problem {
    fn render(&self) -> String {
        let help = match &self.help {
            Some(help) => format!("\nhint: {help}"),
            None => String::new(),
        };
        format!("error: {}\n{}{help}", self.message, self.excerpt)
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            let Problem {
                message,
                line,
                column,
                ..
            } = problem;
            write!(f, "{separator}{}:{line}:{column}: {message}", self.name)?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

/// One problem is the error itself; several are shown one below the other.
impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        if let [problem] = invalid.problems.as_slice() {
            let error = Error::usage(problem.message.clone()).excerpt(problem.excerpt.clone());
            return match &problem.help {
                Some(help) => error.hint(help.clone()),
                None => error,
            };
        }
        let count = invalid.problems.len() + invalid.left_out;
        Error::usage(format!("`{}` has {count} errors", invalid.name)).excerpt(invalid.render())
    }
}
