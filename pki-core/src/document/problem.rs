//! What is wrong in a document, and how it is shown.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Source;
use crate::error::Error;

/// Something wrong at a place in the text, before it is rendered.
#[derive(Clone, Debug)]
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
        let mut snippet = Snippet::source(self.text).path(self.name).annotation(
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
            message: fault.message,
            line,
            column,
            excerpt: Renderer::plain().render(&[group]),
            help: fault.help,
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

/// A document that cannot be used: everything that is wrong in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invalid {
    name: String,
    problems: Vec<Problem>,
}

impl Invalid {
    /// In the order of the text; the same said twice is said once.
    pub(super) fn new(source: &Source<'_>, mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(|f| f.span.start);
        let mut problems: Vec<Problem> = faults.into_iter().map(|f| source.problem(f)).collect();
        problems.dedup();
        Self {
            name: source.name.to_owned(),
            problems,
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
        let texts: Vec<String> = self.problems.iter().map(Problem::render).collect();
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
        let count = invalid.problems.len();
        Error::usage(format!("`{}` has {count} errors", invalid.name)).excerpt(invalid.render())
    }
}
