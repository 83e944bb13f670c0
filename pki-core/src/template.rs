//! Texts with variables: configuration lines and advice that roles carry.
//!
//! `{name}` is a variable from a closed set, `{{` and `}}` are braces. A
//! variable may have no value here (a service without edges has no endpoint):
//! then its line is left out.

use crate::error::Error;

/// Every variable a template may name, with its value where it has one here.
pub type Variables<'a> = [(&'a str, Option<String>)];

/// Why a template cannot be used. Lines count from 1.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A name outside the set.
    #[error("line {line}: unknown variable `{{{name}}}`")]
    Unknown {
        /// Where.
        line: usize,
        /// As written.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// `{` without `}` on its line.
    #[error("line {line}: `{{` is never closed")]
    Unclosed {
        /// Where.
        line: usize,
    },
    /// `}` without `{` on its line.
    #[error("line {line}: `}}` closes nothing")]
    Stray {
        /// Where.
        line: usize,
    },
}

impl TemplateError {
    /// What would be right.
    pub fn expected(&self) -> String {
        match self {
            Self::Unknown { known, .. } => format!("one of: {}", known.join(", ")),
            Self::Unclosed { .. } => "write `{{` for a brace that is meant as one".into(),
            Self::Stray { .. } => "write `}}` for a brace that is meant as one".into(),
        }
    }
}

impl From<TemplateError> for Error {
    fn from(error: TemplateError) -> Self {
        let hint = error.expected();
        Self::usage(error.to_string()).hint(hint)
    }
}

/// Fills in `text`. Lines with a variable that has no value are left out;
/// `None` when that leaves no line that had a variable, though there was one.
///
/// # Errors
/// See [`TemplateError`]; the whole text is checked, left out lines too.
pub fn render(text: &str, variables: &Variables<'_>) -> Result<Option<String>, TemplateError> {
    let mut out = String::with_capacity(text.len());
    let (mut asked, mut given) = (false, false);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let filled = fill(line, index + 1, variables)?;
        asked |= filled.asked;
        if let Some(text) = filled.text {
            given |= filled.asked;
            out.push_str(&text);
        }
    }
    Ok((given || !asked).then_some(out))
}

struct Filled {
    /// Whether the line names a variable.
    asked: bool,
    /// `None`: one of them has no value.
    text: Option<String>,
}

fn fill(line: &str, number: usize, variables: &Variables<'_>) -> Result<Filled, TemplateError> {
    let mut filled = Filled {
        asked: false,
        text: Some(String::with_capacity(line.len())),
    };
    let mut rest = line;
    while let Some(at) = rest.find(['{', '}']) {
        let (plain, brace) = rest.split_at(at);
        push(&mut filled.text, plain);
        if let Some(after) = brace.strip_prefix("{{") {
            push(&mut filled.text, "{");
            rest = after;
        } else if let Some(after) = brace.strip_prefix("}}") {
            push(&mut filled.text, "}");
            rest = after;
        } else if let Some(after) = brace.strip_prefix('{') {
            let Some((name, after)) = after.split_once('}') else {
                return Err(TemplateError::Unclosed { line: number });
            };
            let Some((_, value)) = variables.iter().find(|(known, _)| *known == name) else {
                return Err(TemplateError::Unknown {
                    line: number,
                    name: name.to_owned(),
                    known: variables
                        .iter()
                        .map(|(known, _)| (*known).to_owned())
                        .collect(),
                });
            };
            filled.asked = true;
            match value {
                Some(value) => push(&mut filled.text, value),
                None => filled.text = None,
            }
            rest = after;
        } else {
            return Err(TemplateError::Stray { line: number });
        }
    }
    push(&mut filled.text, rest);
    Ok(filled)
}

fn push(text: &mut Option<String>, part: &str) {
    if let Some(text) = text {
        text.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn variables() -> Vec<(&'static str, Option<String>)> {
        vec![("dir", Some("certs/{x}".into())), ("url", None)]
    }

    #[test]
    fn lines_are_filled_or_left_out() {
        for (text, expected) in [
            ("plain", Some("plain")),
            ("mount {dir}\n", Some("mount certs/{x}\n")),
            ("{{{dir}}}", Some("{certs/{x}}")),
            ("a {dir}\nb {url}\nc\n", Some("a certs/{x}\nc\n")),
            ("# head\nurl {url}\n", None),
            ("", Some("")),
        ] {
            let found = render(text, &variables()).unwrap();
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let known = vec!["dir".to_owned(), "url".to_owned()];
        for (text, error) in [
            (
                "a\n{dri}",
                TemplateError::Unknown {
                    line: 2,
                    name: "dri".into(),
                    known,
                },
            ),
            ("{dir", TemplateError::Unclosed { line: 1 }),
            ("dir}", TemplateError::Stray { line: 1 }),
        ] {
            assert_eq!(render(text, &variables()), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn escaped_text_comes_back(text in ".{0,80}") {
            let escaped = text.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(render(&escaped, &variables()), Ok(Some(text)));
        }

        #[test]
        fn no_text_panics(text in "[{}a\n]{0,40}") {
            let _ = render(&text, &variables());
        }
    }
}
