//! The one error of the library: what happened, why, and the next command.
//!
//! An error means that no answer was possible. A bad certificate is no error
//! but a [`Finding`](crate::report::Finding). This module knows no other: each
//! module owns its error type with data and writes its own `From` into
//! [`Error`].

use std::fmt;

/// What went wrong, coarse enough to choose an exit code by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The call, the manifest or an input file says something impossible.
    Usage,
    /// The machine failed: input, output, a lock, a missing right.
    World,
    /// Some of the work is done and some is not; the text says which.
    Partial,
}

/// An error with its causes and, where there is one, the next command.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    excerpt: Option<String>,
    causes: Vec<String>,
    hint: Option<String>,
}

impl Error {
    /// An error of `kind`; `message` is one line, values in backticks.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            excerpt: None,
            causes: Vec::new(),
            hint: None,
        }
    }

    /// Shorthand for [`ErrorKind::Usage`].
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Shorthand for [`ErrorKind::World`].
    pub fn world(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::World, message)
    }

    /// Adds one line of cause below those already there.
    #[must_use]
    pub fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Says the exact next command or edit.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a rendered excerpt of the text that is wrong (several lines).
    #[must_use]
    pub fn excerpt(mut self, excerpt: impl Into<String>) -> Self {
        self.excerpt = Some(excerpt.into());
        self
    }

    /// Puts `context` in front: the old message becomes the first cause.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        let old = std::mem::replace(&mut self.message, context.into());
        self.causes.insert(0, old);
        self
    }

    /// The coarse kind.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The first line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The causes, outermost first.
    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    /// The next command, where there is one.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The excerpt, where there is one.
    pub fn excerpt_text(&self) -> Option<&str> {
        self.excerpt.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The result of what can fail to answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;
