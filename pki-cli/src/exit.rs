//! Exit codes: one table, for the help, the documentation and the tests.

use std::process::ExitCode;

use pki_core::ErrorKind;

/// How a command ended. The same meaning in every command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    /// Done, and clean.
    Clean,
    /// The answer is no.
    No,
    /// The call, the manifest or an input file is wrong; nothing was changed.
    Usage,
    /// The machine failed.
    World,
    /// Some of the work is done; a plan shows the rest.
    Partial,
}

/// Every exit code with its meaning, as the help shows it.
pub(crate) const TABLE: [(Status, &str); 5] = [
    (Status::Clean, "done and clean"),
    (
        Status::No,
        "the answer is no: findings at or above --fail-on, or a plan that is not empty under --check",
    ),
    (Status::Usage, "a wrong call, manifest or input file"),
    (Status::World, "the world failed: a file, a lock, a hook"),
    (
        Status::Partial,
        "partly applied; `pki plan` shows what is missing",
    ),
];

impl Status {
    /// The number the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::World => 3,
            Self::Partial => 4,
        }
    }
}

impl From<ErrorKind> for Status {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Usage => Self::Usage,
            ErrorKind::Partial => Self::Partial,
            // A kind that this program does not know yet is no fault of the caller.
            _ => Self::World,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_complete() {
        let codes: Vec<_> = TABLE.iter().map(|(status, _)| status.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn errors_have_their_codes() {
        for (kind, code) in [
            (ErrorKind::Usage, 2),
            (ErrorKind::World, 3),
            (ErrorKind::Partial, 4),
        ] {
            assert_eq!(Status::from(kind).code(), code);
        }
    }
}
