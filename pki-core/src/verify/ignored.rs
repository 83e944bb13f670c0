//! What a `.dockerignore` leaves out of a build context.
//!
//! As Docker reads it (moby/patternmatcher v0.6): patterns line by line, the
//! last one that matches a path or a folder above it decides, `!` takes back.

use std::path::Path;

/// A pattern, and whether it takes back.
struct Pattern {
    parts: Vec<Token>,
    back: bool,
}

/// A piece of a pattern.
enum Token {
    /// This character.
    Is(char),
    /// `?`: one character that is no slash.
    One,
    /// `*`: any that are no slash.
    Any,
    /// `**` at the end: anything.
    Rest,
    /// `**/`: any folders, or none.
    Folders,
    /// `[a-z]`: one of these; with `^`, none of them.
    Of(Vec<(char, char)>, bool),
}

/// Whether a file with these rules keeps a path, relative to its folder, out of
/// the context.
pub(super) fn is_ignored(rules: &str, path: &Path) -> bool {
    let path: Vec<String> = path
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    // The path and every folder above it.
    let names: Vec<Vec<char>> = (1..=path.len())
        .map(|parts| path[..parts].join("/").chars().collect())
        .collect();
    let mut ignored = false;
    for pattern in rules
        .trim_start_matches('\u{feff}')
        .lines()
        .filter_map(read)
    {
        if names.iter().any(|name| matches(&pattern.parts, name)) {
            ignored = !pattern.back;
        }
    }
    ignored
}

/// One line; `None` for none, a comment, and what Docker refuses.
fn read(line: &str) -> Option<Pattern> {
    if line.starts_with('#') {
        return None;
    }
    let text = line.trim();
    let (back, text) = match text.strip_prefix('!') {
        Some(rest) => (true, rest.trim()),
        None => (false, text),
    };
    // As Go's `filepath.Clean` for what is met: `./a//b/` is `a/b`.
    let mut clean: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    if clean.is_empty() {
        return None;
    }
    let parts = tokens(&clean.join("/"))?;
    Some(Pattern { parts, back })
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut left = text.chars().peekable();
    while let Some(c) = left.next() {
        tokens.push(match c {
            '*' if left.next_if_eq(&'*').is_some() => {
                left.next_if_eq(&'/');
                if left.peek().is_none() {
                    Token::Rest
                } else {
                    Token::Folders
                }
            }
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Is(left.next()?),
            '[' => {
                let not = left.next_if_eq(&'^').is_some();
                let mut of = Vec::new();
                while left.next_if_eq(&']').is_none() {
                    let from = escaped(&mut left)?;
                    let to = match left.next_if_eq(&'-') {
                        Some(_) => escaped(&mut left)?,
                        None => from,
                    };
                    of.push((from, to));
                }
                Token::Of(of, not)
            }
            c => Token::Is(c),
        });
    }
    Some(tokens)
}

fn escaped(left: &mut impl Iterator<Item = char>) -> Option<char> {
    match left.next()? {
        '\\' => left.next(),
        c => Some(c),
    }
}

/// Whether the whole name is what the pattern says: for each piece, the places
/// in the name that it can end at. Time is their product, whatever is written.
fn matches(pattern: &[Token], name: &[char]) -> bool {
    let mut ends = vec![false; name.len() + 1];
    ends[0] = true;
    for token in pattern {
        let mut next = vec![false; name.len() + 1];
        // Whether some earlier place reaches up to here.
        let mut open = false;
        for at in 0..=name.len() {
            let before = at.checked_sub(1).map(|i| (name[i], ends[i]));
            next[at] = match token {
                Token::Rest => {
                    open |= ends[at];
                    open
                }
                Token::Any => {
                    open = ends[at] || (open && before.is_some_and(|(c, _)| c != '/'));
                    open
                }
                Token::Folders => {
                    let reached = ends[at] || (open && before.is_some_and(|(c, _)| c == '/'));
                    open |= ends[at];
                    reached
                }
                Token::Is(c) => before == Some((*c, true)),
                Token::One => before.is_some_and(|(c, here)| here && c != '/'),
                Token::Of(of, not) => before.is_some_and(|(c, here)| {
                    let within = of.iter().any(|(from, to)| (*from..=*to).contains(&c));
                    here && c != '/' && within != *not
                }),
            };
        }
        ends = next;
    }
    ends[name.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_docker_reads_it() {
        let key = "authorities/root/1/ca.key";
        for (rules, path, ignored) in [
            ("", key, false),
            ("authorities", key, true),
            ("/authorities/", key, true),
            ("./authorities//root", key, true),
            ("authorities\r\n", key, true),
            ("\u{feff}authorities", key, true),
            ("# authorities", key, false),
            ("authoritie", key, false),
            ("*/*/*.key", key, false),
            ("*/*/*/*.key", key, true),
            ("**/*.key", key, true),
            ("**/*.key", "ca.key", true),
            ("*.key", key, false),
            ("*.key", "ca.key", true),
            ("*", key, true),
            ("**", key, true),
            ("**/ca.key", key, true),
            ("**/a.key", key, false),
            ("authorities/**", key, true),
            ("authorities/**/ca.key", key, true),
            ("authorities/**/a.key", key, false),
            ("auth?rities", key, true),
            ("a[t-v]thorities", key, true),
            ("a[^u]thorities", key, false),
            ("authorities/[", key, false),
            ("\\authorities", key, true),
            ("authorities\n!authorities", key, false),
            ("!authorities\nauthorities", key, true),
            ("*\n!authorities/root", key, false),
            ("*\n!authorities/root\n**/*.key", key, true),
            ("*\n!authorities/other", key, true),
            ("authorities", "keys/root/1/ca.key", false),
            ("a*b*c", "a/b/c", false),
            ("a*b*c", "axbxc", true),
        ] {
            assert_eq!(is_ignored(rules, Path::new(path)), ignored, "{rules:?}");
        }
    }

    #[test]
    fn no_pattern_takes_long() {
        let rules = format!("{}b", "*a".repeat(200));
        let name = "a".repeat(200);
        assert!(!is_ignored(&rules, Path::new(&name)));
    }
}
