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

/// The most columns of a line for people.
pub(crate) const COLUMNS: usize = 100;

/// The programs that commands for people begin with.
const PROGRAMS: [&str; 24] = [
    "base64",
    "cat",
    "chmod",
    "chown",
    "cp",
    "curl",
    "git",
    "gunzip",
    "iconv",
    "keytool",
    "ln",
    "ls",
    "mkdir",
    "mv",
    "openssl",
    "pki",
    "rm",
    "sed",
    "setfacl",
    "ssh-keygen",
    "sudo",
    "tail",
    "(umask",
    "unzip",
];

/// Whether a text is a command that one copies: its lines are broken only behind a
/// comma or semicolon.
pub(crate) fn is_command(text: &str) -> bool {
    is_command_here(text) && !text.contains('`')
}

/// As [`is_command`], of what may go on as prose.
fn is_command_here(word: &str) -> bool {
    PROGRAMS.contains(&word.split(' ').next().unwrap_or_default())
}

/// `text` in lines of at most `columns`, broken at white space. What stands in
/// backticks, or is a command behind a colon, is one thing, and so is a quotation
/// where a line has room for it; a longer word has a line of its own. Of commands
/// see [`is_command`].
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    if width(text) <= columns {
        return vec![text.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in pieces(text, columns, is_command(text)) {
        let word = piece.trim_start_matches(' ');
        if !line.is_empty() && width(&line) + width(piece) > columns {
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(if line.is_empty() { word } else { piece });
    }
    lines.push(line);
    lines
}

/// As [`wrap`], for what begins at a column: the other lines begin there too. Behind
/// a wide column it is one line.
pub(crate) fn hanging(text: &str, column: usize) -> String {
    const LEAST: usize = 30;
    let room = COLUMNS.saturating_sub(column);
    let lines = wrap(text, if room < LEAST { usize::MAX } else { room });
    lines.join(&format!("\n{}", " ".repeat(column)))
}

/// What a line is not broken within, each with the white space before it.
fn pieces(text: &str, columns: usize, is_command: bool) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut long) = (0, 0);
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let word = rest.trim_start_matches(' ');
        let at = start + rest.len() - word.len();
        let after_colon = text[..at].trim_end().ends_with(':');
        let end = if is_command || (after_colon && is_command_here(word)) {
            clause(word)
        } else if at < long {
            word.find(' ')
        } else {
            let end = quoted(word);
            let whole = end.map_or(word, |end| &word[..end]);
            if width(whole) > columns && !whole.starts_with(['`', '\'']) {
                long = at + whole.len();
                word.find(' ')
            } else {
                end
            }
        };
        let end = end.map_or(text.len(), |end| at + end);
        pieces.push(&text[start..end]);
        start = end;
    }
    pieces
}

/// Where a clause of a command ends: behind a comma or semicolon, or before a
/// parenthesis, that stand in no quotes. What is behind it is not looked at: a text
/// of others may have a million.
fn clause(command: &str) -> Option<usize> {
    let bytes = command.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at + 1..];
        match byte {
            b',' | b';' if rest.starts_with(b" ") => return Some(at + 1),
            b' ' if rest.starts_with(b"(") => return Some(at),
            b'\\' => at += 1,
            // One that is never closed is an apostrophe.
            b'\'' | b'"' => at += rest.iter().position(|b| b == byte).map_or(0, |end| end + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where a word ends: at white space that stands in no quotation marks and no
/// backticks, nor in the single quotes of a shell, which begin a word.
fn quoted(word: &str) -> Option<usize> {
    let (mut open, mut before) = (None, ' ');
    for (at, c) in word.char_indices() {
        match c {
            '`' | '"' if open.is_none() => open = Some(c),
            '\'' if open.is_none() && matches!(before, ' ' | '(' | '=' | '\'') => open = Some(c),
            c if open == Some(c) => open = None,
            ' ' if open.is_none() => return Some(at),
            _ => {}
        }
        before = c;
    }
    None
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
    fn lines_are_broken_where_nothing_is_copied() {
        for (text, columns, expected) in [
            ("short", 10, &["short"][..]),
            ("one two   three", 8, &["one two", "three"]),
            ("one   two three", 10, &["one   two", "three"]),
            ("say `a b c d` now", 9, &["say", "`a b c d`", "now"]),
            (r#"it: "a b c" (d)"#, 9, &["it:", r#""a b c""#, "(d)"]),
            (
                r#"it: "a b c d e f" g"#,
                9,
                &[r#"it: "a b"#, r#"c d e f""#, "g"],
            ),
            ("abcdefghijkl m", 5, &["abcdefghijkl", "m"]),
            (
                "mv a b && mv c d, then: pki apply",
                20,
                &["mv a b && mv c d,", "then: pki apply"],
            ),
            ("pki verify --ca a b", 10, &["pki verify --ca a b"]),
            (
                "to begin anew: rm a && pki apply",
                25,
                &["to begin anew:", "rm a && pki apply"],
            ),
            (
                "go on: pki apply (as root)",
                18,
                &["go on: pki apply", "(as root)"],
            ),
            ("ö ö ö", 3, &["ö ö", "ö"]),
        ] {
            assert_eq!(wrap(text, columns), expected);
        }
    }

    #[test]
    fn a_path_in_quotes_is_one_thing() {
        let path = "'a of/b (1), c.der'";
        for text in [
            format!("openssl x509 -in {path}"),
            format!("it goes on: openssl x509 -in {path}, then"),
            format!("add that of CN=a to {path} or to another"),
            format!(r"see 'it'\''s (1), here.der' and {path} there"),
        ] {
            let lines = wrap(&text, 12);
            assert!(lines.iter().any(|line| line.contains(path)), "{lines:?}");
            assert_eq!(lines.join(" "), text);
        }
        let lines = wrap(r"say it: mv 'it'\''s (1), a' b, then 'c", 10);
        assert_eq!(lines, ["say it:", r"mv 'it'\''s (1), a' b,", "then 'c"]);
        let lines = wrap("the CA's key is what nobody's server should have", 20);
        assert_eq!(lines.len(), 3, "{lines:?}");
    }

    /// A subject of others' making: looked at once, not once for each word.
    #[test]
    fn a_long_text_is_wrapped_in_time() {
        for part in [
            ": pki x, ",
            ": pki x ",
            "'a ",
            "\"a ",
            ": pki 'x ",
            ": 'a, (",
            ": mv \\",
            "` ",
        ] {
            let text = part.repeat(1_000_000 / part.len());
            let lines = wrap(&text, 80);
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
    }

    #[test]
    fn pads_by_characters() {
        assert_eq!(pad("a→", 4), "a→  ");
        assert_eq!(pad("abcde", 4), "abcde");
    }
}
