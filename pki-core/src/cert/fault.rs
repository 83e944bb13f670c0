//! What is odd about one certificate, told by itself alone.

/// One oddity: the check it fails, what is there, and the clause.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The rule's id.
    pub check: &'static str,
    /// What is there.
    pub found: String,
    /// What belongs there.
    pub expected: Option<String>,
    /// The clause that says so.
    pub clause: &'static str,
}

impl Fault {
    pub(crate) fn new(check: &'static str, clause: &'static str) -> Self {
        Self {
            check,
            found: String::new(),
            expected: None,
            clause,
        }
    }

    pub(crate) fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }
}
