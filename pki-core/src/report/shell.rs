//! Words for a shell: a name in a command that people paste.

use std::borrow::Cow;
use std::path::Path;

/// `text` as one word of a POSIX shell: as it is where every octet is harmless,
/// else in single quotes. One that begins with `-` is not taken for an option.
pub fn word(text: &str) -> Cow<'_, str> {
    let harmless = |b: u8| b.is_ascii_alphanumeric() || b"_./:@%+=,-".contains(&b);
    if text.starts_with('-') {
        return Cow::Owned(word(&format!("./{text}")).into_owned());
    }
    if !text.is_empty() && text.bytes().all(harmless) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

/// A path as one word of a shell.
pub fn path(path: &Path) -> String {
    word(&path.to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (text, expected) in [
            ("certs/web/server.crt", "certs/web/server.crt"),
            ("", "''"),
            ("a b", "'a b'"),
            ("x;touch y", "'x;touch y'"),
            ("$(id)", "'$(id)'"),
            ("it's", r"'it'\''s'"),
            ("-rf", "./-rf"),
            ("-r f", "'./-r f'"),
            ("~/x", "'~/x'"),
            ("naïve", "'naïve'"),
        ] {
            assert_eq!(word(text), expected);
        }
    }
}
