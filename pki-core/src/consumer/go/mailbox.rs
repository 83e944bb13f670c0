//! Mail addresses and domains as Go takes them apart (`parseRFC2821Mailbox`,
//! `domainToReverseLabels`).

/// `domainToReverseLabels`, a leading dot aside: printable labels, none empty.
pub(super) fn is_domain(text: &str) -> bool {
    let text = text.strip_prefix('.').unwrap_or(text);
    text.is_empty()
        || text
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(|b| (33..=126).contains(&b)))
}

/// Local part without its quotation, and domain; `None` where Go reads none.
pub(super) fn mailbox(text: &str) -> Option<(String, &str)> {
    let (local, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted_string(quoted)?,
        None => atoms(text)?,
    };
    let domain = rest.strip_prefix('@')?;
    is_domain(domain).then_some((local, domain))
}

/// Up to the closing mark.
fn quoted_string(text: &str) -> Option<(String, &str)> {
    let mut local = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((local, &text[at + 1..])),
            '\\' => {
                let (_, escaped) = chars.next()?;
                let good =
                    matches!(escaped, '\u{1}'..='\u{9}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{7f}');
                local.push(Some(escaped).filter(|_| good)?);
            }
            '\u{1}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | ' '..='~' | '\u{7f}' => {
                local.push(c);
            }
            _ => return None,
        }
    }
    None
}

/// Words with dots between them; a backslash takes what follows as it is.
fn atoms(text: &str) -> Option<(String, &str)> {
    let mut local = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '\\' {
            let escaped = rest[1..].chars().next()?;
            local.push(escaped);
            rest = &rest[1 + escaped.len_utf8()..];
        } else if c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) {
            local.push(c);
            rest = &rest[1..];
        } else {
            break;
        }
    }
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    (!local.is_empty() && !dots).then_some((local, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("a@example.com", Some(("a", "example.com"))),
            ("\"a b\"@example.com", Some(("a b", "example.com"))),
            ("\"a\\\"b\"@x", Some(("a\"b", "x"))),
            ("a\\@b@x", Some(("a@b", "x"))),
            ("a@b@x", Some(("a", "b@x"))),
            ("@x", None),
            ("a", None),
            ("a..b@x", None),
            ("a b@x", None),
            ("\"a@x", None),
            ("a\\", None),
            ("a@x..y", None),
        ] {
            let found = mailbox(text);
            let found = found.as_ref().map(|(local, domain)| (&**local, *domain));
            assert_eq!(found, expected, "{text}");
        }
    }
}
