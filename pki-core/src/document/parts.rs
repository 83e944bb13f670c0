//! What makes a text of TOML costly to read: its brackets, braces and the dots
//! of its keys, counted before anything is parsed.

/// Counts them; what stands in strings and comments is no part. A text that is
/// no TOML may have more than are found: reading it ends at its fault.
pub(super) fn count(text: &str) -> usize {
    let (mut rest, mut parts) = (text.as_bytes(), 0);
    while let [first, more @ ..] = rest {
        rest = match first {
            b'[' | b'{' | b'.' => {
                parts += 1;
                more
            }
            b'#' => from(more, |rest| rest.starts_with(b"\n")),
            b'"' | b'\'' => string(rest, *first),
            _ => more,
        };
    }
    parts
}

/// What follows the string that `text` begins with.
fn string(text: &[u8], quote: u8) -> &[u8] {
    let long = [quote; 3];
    let is_long = text.starts_with(&long);
    let mut rest = text.get(if is_long { 3 } else { 1 }..).unwrap_or_default();
    loop {
        let ends = |rest: &[u8]| match rest.first() {
            Some(b'\\') => quote == b'"',
            Some(b'\n') => !is_long,
            _ if is_long => rest.starts_with(&long),
            first => first == Some(&quote),
        };
        rest = from(rest, ends);
        match rest {
            // What is escaped ends nothing.
            [b'\\', _, more @ ..] => rest = more,
            [] | [_] => return &[],
            // Up to two quotes may stand before those that end it.
            _ if is_long => return from(&rest[3..], |rest| rest.first() != Some(&quote)),
            [_, more @ ..] => return more,
        }
    }
}

/// From where `is_there` says so.
fn from(text: &[u8], is_there: impl Fn(&[u8]) -> bool) -> &[u8] {
    let all = 0..text.len();
    let at = all.into_iter().find(|at| is_there(&text[*at..]));
    &text[at.unwrap_or(text.len())..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_a_meaning_counts() {
        for (text, parts) in [
            ("", 0),
            ("[a.b]\nc = [{ d.e = 1 }]", 5),
            ("a = \"[.{\"\n[b]", 1),
            ("a = '[.{'\n[b]", 1),
            ("a = \"\\\"[\" # [[[\n[b]", 1),
            ("a = '\\'\n[b]", 1),
            ("a = \"\"\"[\n\"[\\\"\"\"[\"\"\"\"\"\n[b]", 1),
            ("a = \'\'\'[\n\'[\'\'\'\n[b]", 1),
            // No TOML: a string that does not end, a quote after one.
            ("a = \"\n[b]", 1),
            ("a = \"\"\"[[[", 0),
            ("\"", 0),
            ("\"\\", 0),
        ] {
            assert_eq!(count(text), parts, "{text}");
        }
    }
}
