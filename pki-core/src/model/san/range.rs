//! Ranges in names as MinIO writes them: `minio-{1...4}.example.com`.

use super::NameError;

/// The most names that one text can stand for.
pub const MAX_EXPANDED: usize = 1024;
/// The longest text that is looked at, so that all names together stay small.
const MAX_TEXT: usize = 4096;

/// The names that `text` stands for: each `{M...N}` is every number from M to
/// N, the rightmost counting fastest. Written with leading zeros (`{01...12}`),
/// both ends have the same number of digits, and so has every number. A text
/// without a range stands for itself.
///
/// Does not judge the names.
///
/// # Errors
/// When a brace does not belong to a range, a range is malformed or runs
/// backwards, or there are more than [`MAX_EXPANDED`] names.
pub fn expand(text: &str) -> Result<Vec<String>, NameError> {
    if text.len() > MAX_TEXT {
        return Err(NameError::Long {
            name: text.to_owned(),
            length: text.len(),
            max: MAX_TEXT,
        });
    }
    let mut names = vec![String::new()];
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (plain, braced) = rest.split_at(at);
        let end = braced.find('}').filter(|&end| end > 0);
        let Some(end) = end else {
            let why = if braced.starts_with('{') {
                "the `{` is not closed"
            } else {
                "the `}` was not opened"
            };
            return Err(malformed(text, braced, why));
        };
        let range = Range::parse(text, &braced[..=end])?;
        let count = range.count();
        if names
            .len()
            .checked_mul(count)
            .is_none_or(|all| all > MAX_EXPANDED)
        {
            return Err(NameError::TooMany {
                name: text.to_owned(),
                max: MAX_EXPANDED,
            });
        }
        names = names
            .iter()
            .flat_map(|name| range.numbers().map(move |n| format!("{name}{plain}{n}")))
            .collect();
        rest = &braced[end + 1..];
    }
    for name in &mut names {
        name.push_str(rest);
    }
    Ok(names)
}

struct Range {
    first: u32,
    last: u32,
    width: usize,
}

impl Range {
    /// `range` with its braces; `text` is what it stands in.
    fn parse(text: &str, range: &str) -> Result<Self, NameError> {
        let inner = &range[1..range.len() - 1];
        let Some((first, last)) = inner.split_once("...") else {
            let right = inner.split_once("..").or_else(|| inner.split_once('-'));
            let right = right
                .filter(|(first, last)| number(first).is_some() && number(last).is_some())
                .map(|(first, last)| text.replace(range, &format!("{{{first}...{last}}}")));
            return Err(NameError::Range {
                name: text.to_owned(),
                range: range.to_owned(),
                why: "three dots stand between first and last",
                right,
            });
        };
        let (Some(from), Some(to)) = (number(first), number(last)) else {
            return Err(malformed(
                text,
                range,
                "first and last are numbers of at most 9 digits",
            ));
        };
        if from > to {
            return Err(NameError::Range {
                name: text.to_owned(),
                range: range.to_owned(),
                why: "it runs backwards",
                right: Some(text.replace(range, &format!("{{{last}...{first}}}"))),
            });
        }
        let padded = |digits: &str| digits.len() > 1 && digits.starts_with('0');
        let width = if padded(first) || padded(last) {
            if first.len() != last.len() {
                return Err(malformed(
                    text,
                    range,
                    "padded numbers have the same number of digits",
                ));
            }
            first.len()
        } else {
            0
        };
        Ok(Self {
            first: from,
            last: to,
            width,
        })
    }

    fn count(&self) -> usize {
        usize::try_from(self.last - self.first).map_or(usize::MAX, |n| n.saturating_add(1))
    }

    fn numbers(&self) -> impl Iterator<Item = String> {
        let width = self.width;
        (self.first..=self.last).map(move |n| format!("{n:0width$}"))
    }
}

fn number(digits: &str) -> Option<u32> {
    let plain = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

fn malformed(text: &str, range: &str, why: &'static str) -> NameError {
    NameError::Range {
        name: text.to_owned(),
        range: range.to_owned(),
        why,
        right: None,
    }
}
