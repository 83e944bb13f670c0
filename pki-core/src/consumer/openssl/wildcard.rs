//! Hosts and wildcards as OpenSSL compares them (`v3_utl.c equal_wildcard`).

/// Whether a host is a pattern, or one of those that its wildcard stands for.
pub(super) fn matches_host(pattern: &str, host: &str, partial: bool) -> bool {
    let star = star(pattern, partial).filter(|_| host.len() < 2 || !host.starts_with('.'));
    match star {
        Some((before, behind)) => is_covered(before, behind, host),
        None => !pattern.is_empty() && pattern.eq_ignore_ascii_case(host),
    }
}

/// `wildcard_match`: what stands before and behind the star, and letters, digits
/// and hyphens, or another star, between them.
fn is_covered(before: &str, behind: &str, host: &str) -> bool {
    let host = host.as_bytes();
    let Some((first, rest)) = host.split_at_checked(before.len()) else {
        return false;
    };
    let Some(end) = rest.len().checked_sub(behind.len()) else {
        return false;
    };
    let (between, last) = rest.split_at(end);
    let whole = before.is_empty() && behind.starts_with('.');
    let idna = host
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"xn--"));
    let plain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
    first.eq_ignore_ascii_case(before.as_bytes())
        && last.eq_ignore_ascii_case(behind.as_bytes())
        && !(whole && between.is_empty())
        && (whole || !idna)
        && (between == b"*" || between.iter().all(plain))
}

/// `valid_star`: what stands before and behind the one star, which is at the start or
/// the end of the first label; three labels or more of letters, digits and inner
/// hyphens.
fn star(pattern: &str, partial: bool) -> Option<(&str, &str)> {
    let (before, behind) = pattern.split_once('*')?;
    let (starts, ends) = (
        before.is_empty(),
        behind.is_empty() || behind.starts_with('.'),
    );
    let placed = if partial {
        starts || ends
    } else {
        starts && ends
    };
    let idna = before
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
    let (rest, labels) = behind.split_once('.')?;
    let inner = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let label = |label: &str| {
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && inner(label)
    };
    let edges = !before.starts_with('-') && !before.ends_with('-') && !rest.ends_with('-');
    let good = placed
        && !idna
        && edges
        && inner(before)
        && inner(rest)
        && labels.contains('.')
        && labels.split('.').all(label);
    good.then_some((before, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What OpenSSL 3.0.19 says of each with its default flags.
    #[test]
    fn partial_wildcards() {
        for (pattern, host, covered) in [
            ("h*.example.com", "host.example.com", true),
            ("*t.example.com", "host.example.com", true),
            ("host*.example.com", "host.example.com", true),
            ("*-t.example.com", "h-t.example.com", true),
            ("h*t.example.com", "host.example.com", false),
            ("h-*.example.com", "h-t.example.com", false),
            ("*-.example.com", "h-.example.com", false),
            ("x*.example.com", "xn--host.example.com", false),
            ("h*.com", "host.com", false),
            ("h*.example.com", "h_ost.example.com", false),
            ("host.*.com", "host.example.com", false),
        ] {
            assert_eq!(matches_host(pattern, host, true), covered, "{pattern}");
            assert!(!matches_host(pattern, host, false), "{pattern}");
        }
        for partial in [true, false] {
            assert!(matches_host("*.example.com", "xn--a.example.com", partial));
            assert!(!matches_host("*.example.com", ".example.com", partial));
        }
    }
}
