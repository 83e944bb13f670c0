//! Takes out what differs from run to run, at the same width where a table may
//! hold it.

use std::path::Path;

/// Redacts what a line said. Dates stay where the line fixed the time itself.
///
/// | found | becomes |
/// |---|---|
/// | the folder of the transcript | `[TREE]` |
/// | the program's version | `[VERSION]` |
/// | 16 or more hex digits, `:` between bytes or not | as many `#` |
/// | `2026-11-21`, `2026-11-21T09:00:00Z` | `YYYY-MM-DD`, `YYYY-MM-DDThh:mm:ssZ` |
pub(crate) fn redact(text: &str, tree: &Path, line: &str) -> String {
    let version = concat!("pki ", env!("CARGO_PKG_VERSION"));
    let text = text
        .replace(&*tree.to_string_lossy(), "[TREE]")
        .replace(version, "pki [VERSION]");
    let text = words(&text, |word| hex(word).unwrap_or_else(|| word.to_owned()));
    if line.contains("--time") {
        text
    } else {
        words(&text, |word| date(word).unwrap_or_else(|| word.to_owned()))
    }
}

/// Replaces each word: letters, digits, `:` and `-`.
fn words(text: &str, replace: impl Fn(&str) -> String) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == ':' || c == '-';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !is_word(c)).unwrap_or(from.len()));
        out.push_str(before);
        out.push_str(&replace(word));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn hex(word: &str) -> Option<String> {
    let digits = word.chars().filter(char::is_ascii_hexdigit).count();
    let pairs = word.split(':').all(|pair| pair.len() == 2);
    let whole = word.len() == digits || (pairs && word.len() > digits);
    let only = word.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
    (digits >= 16 && whole && only).then(|| {
        let mark = |c: char| if c == ':' { ':' } else { '#' };
        word.chars().map(mark).collect()
    })
}

fn date(word: &str) -> Option<String> {
    // The last is the folder name of an archive, where `:` would not do.
    const MARKS: [&str; 3] = ["YYYY-MM-DD", "YYYY-MM-DDThh:mm:ssZ", "YYYY-MM-DDThhmmssZ"];
    let fits = |mark: &&str| {
        word.len() == mark.len()
            && word.chars().zip(mark.chars()).all(|(c, mark)| match mark {
                '-' | ':' | 'T' | 'Z' => c == mark,
                _ => c.is_ascii_digit(),
            })
    };
    MARKS.into_iter().find(fits).map(str::to_owned)
}

#[test]
fn redacts_at_the_same_width() {
    let serial = "0123456789abcdef0123456789ABCDEF";
    for (text, line, expected) in [
        ("until 2036-11-19 (x)", "pki list", "until YYYY-MM-DD (x)"),
        ("until 2036-11-19", "pki list --time @1", "until 2036-11-19"),
        ("2026-11-21T09:00:00Z.", "pki", "YYYY-MM-DDThh:mm:ssZ."),
        ("1-2026-11-21", "pki", "1-2026-11-21"),
        (serial, "pki", "################################"),
        (
            "(01:23:45:67:89:ab:cd:ef)",
            "pki",
            "(##:##:##:##:##:##:##:##)",
        ),
        (
            "deadbeef minio-1.example.com",
            "pki",
            "deadbeef minio-1.example.com",
        ),
        ("/tmp/pki-x/tree/certs", "pki", "[TREE]/certs"),
    ] {
        assert_eq!(redact(text, Path::new("/tmp/pki-x/tree"), line), expected);
    }
}
