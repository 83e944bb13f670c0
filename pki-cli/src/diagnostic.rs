//! The one form of errors: what, where, why, and the next command.

use pki_core::Error;

use crate::render::{style, text};

/// An error as text for stderr, ending in a newline:
///
/// ```text
/// error: `port` is no key of a service
///  --> pki.toml:12:1 …
/// caused by: …
///
/// hint: did you mean `url`?
/// ```
///
/// Control characters in it are escaped: the text may quote a hostile file.
pub(crate) fn render(error: &Error) -> String {
    let mut lines = format!(
        "{} {}\n",
        style::error("error:"),
        text::lines(error.message())
    );
    if let Some(excerpt) = error.excerpt_text() {
        lines.push_str(text::lines(excerpt).trim_end_matches('\n'));
        lines.push('\n');
    }
    for cause in error.causes() {
        let cause = text::lines(cause);
        lines.push_str(&format!("{} {cause}\n", style::label("caused by:")));
    }
    if let Some(hint) = error.hint_text() {
        let hint = text::lines(hint);
        lines.push_str(&format!("\n{} {hint}\n", style::hint("hint:")));
    }
    lines
}

/// Whether a hint names a command of ours that does not say which tree it means.
pub(crate) fn names_a_command(hint: &str) -> bool {
    let is_own =
        |at: usize| !hint[..at].ends_with(|c: char| c.is_alphanumeric() || "-_./".contains(c));
    let mut own = hint.match_indices("pki ").filter(|(at, _)| is_own(*at));
    own.any(|(at, _)| {
        !["pki -C", "pki init"]
            .iter()
            .any(|w| hint[at..].starts_with(w))
    }) && !hint.contains("pki -C")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(error: &Error) -> String {
        anstream::adapter::strip_str(&render(error)).to_string()
    }

    #[test]
    fn has_every_part_in_order() {
        let error = Error::usage("`port` is no key of a service")
            .excerpt(" --> pki.toml:12:1\n  |\n12| port = 1\n")
            .cause("first")
            .cause("second")
            .hint("write `url`");
        assert_eq!(
            plain(&error),
            "error: `port` is no key of a service\n --> pki.toml:12:1\n  |\n12| port = 1\n\
             caused by: first\ncaused by: second\n\nhint: write `url`\n"
        );
    }

    #[test]
    fn commands_in_hints_are_known() {
        for (hint, expected) in [
            ("pki apply", true),
            ("mend it, then: pki apply", true),
            ("`pki verify` tells more", true),
            ("pki -C dev apply", false),
            (
                "make one: `pki init dev`; or name the folder it is in: `pki -C DIR …`",
                false,
            ),
            ("ask my-pki for it", false),
            ("sudo chmod 600 .pki", false),
        ] {
            assert_eq!(names_a_command(hint), expected, "{hint}");
        }
    }

    #[test]
    fn a_hostile_value_cannot_drive_the_terminal() {
        let error = Error::world("`a\u{1b}[2Jb`");
        assert_eq!(plain(&error), "error: `a\\u{1b}[2Jb`\n");
    }
}
