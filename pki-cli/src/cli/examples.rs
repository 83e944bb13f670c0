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
}

/// Every command with its examples, in the order of use.
pub(crate) const EXAMPLES: &[(&str, &[Line])] = &[(
    "completions",
    &[show(
        "Completions for bash, for this user",
        "pki completions bash > pki.bash",
    )],
)];

const fn show(about: &'static str, command: &'static str) -> Line {
    Line {
        about: Some(about),
        command,
    }
}

/// The examples of one command.
pub(crate) fn of(name: &str) -> Option<&'static [Line]> {
    EXAMPLES
        .iter()
        .find(|(command, _)| *command == name)
        .map(|(_, lines)| *lines)
}

/// The examples of one command as its help shows them.
pub(crate) fn help(name: &str) -> Option<String> {
    let mut text = String::from("Examples:\n");
    for line in of(name)? {
        if let Some(about) = line.about {
            text.push_str(&format!("  # {about}\n  $ {}\n", line.command));
        }
    }
    Some(text)
}
