//! Text that is safe to show, and its width.

/// One line: everything that could drive a terminal or fake a line is escaped.
///
/// Certificates and file names are written by others: an ESC in a common name
/// must not reach the terminal, nor a character that turns the direction.
pub(crate) fn line(text: &str) -> String {
    escape(text, false)
}

/// As [`line()`], but newlines stay.
pub(crate) fn lines(text: &str) -> String {
    escape(text, true)
}

fn escape(text: &str, newlines: bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if (c == '\n' && newlines) || !drives_terminal(c) {
            safe.push(c);
        } else {
            safe.extend(c.escape_default());
        }
    }
    safe
}

/// Whether a terminal, or whoever reads it, may be led astray by a character:
/// controls, and what turns the direction. All are below U+10000.
pub(super) fn drives_terminal(c: char) -> bool {
    c.is_control() || turns_direction(c)
}

/// Unicode's bidirectional controls (UAX 9), line and paragraph separators.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Columns that `text` takes, without colours: one for each character.
pub(crate) fn width(text: &str) -> usize {
    text.chars().count()
}

/// `text` filled with spaces to `columns`; longer text stays as it is.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let fill = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(fill))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_escaped_and_names_are_not() {
        assert_eq!(
            line("CN=Müller → \u{1b}[31m\n"),
            "CN=Müller → \\u{1b}[31m\\n"
        );
        assert_eq!(line("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(lines("a\nb\r"), "a\nb\\r");
    }

    #[test]
    fn pads_by_characters() {
        assert_eq!(pad("a→", 4), "a→  ");
        assert_eq!(pad("abcde", 4), "abcde");
    }
}
