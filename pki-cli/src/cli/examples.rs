//! Examples per command: shown in its help, executed by `tests/cli`.
//!
//! Data only: the test includes this file. Each list runs in one fresh folder,
//! line by line; a line is what one would type into a shell.

/// A line of an example.
pub(crate) struct Line {
    /// What it does, as the help says above it; `None` for a preparation that
    /// the help leaves out.
    pub(crate) about: Option<&'static str>,
    /// The command line.
    pub(crate) command: &'static str,
    /// The exit code it ends with.
    pub(crate) status: u8,
}

/// Every command with its examples, in the order of use.
pub(crate) const EXAMPLES: &[(&str, &[Line])] = &[
    (
        "list",
        &[
            prepare("pki init demo"),
            show(
                "Days left of every certificate, the first to expire on top",
                "pki -C demo list",
            ),
            show(
                "What ends within a month, for a program",
                "pki -C demo list --within 30d --json",
            ),
        ],
    ),
    (
        "inspect",
        &[
            prepare("pki init . --template spark-aistor"),
            show(
                "Who signed it, and is this its key?",
                "pki inspect certs/aistor/server.crt certs/aistor/server.key certs/ca/ca.crt",
            ),
            show(
                "Which CAs does Java find there?",
                "pki inspect certs/spark/truststore.p12",
            ),
            prepare("echo secret >passphrase"),
            show(
                "An encrypted key, or a store with a password",
                "pki inspect authorities/minio/1/ca.key --password-file passphrase",
            ),
            show(
                "What comes in on stdin, for a program",
                "cat certs/aistor/server.crt certs/ca/ca.crt | pki inspect - --json",
            ),
        ],
    ),
    (
        "completions",
        &[
            prepare("mkdir -p ~/.local/share/bash-completion/completions"),
            show(
                "Completions for bash, for this user",
                "pki completions bash > ~/.local/share/bash-completion/completions/pki",
            ),
        ],
    ),
];

const fn show(about: &'static str, command: &'static str) -> Line {
    Line {
        about: Some(about),
        command,
        status: 0,
    }
}

const fn prepare(command: &'static str) -> Line {
    Line {
        about: None,
        command,
        status: 0,
    }
}
