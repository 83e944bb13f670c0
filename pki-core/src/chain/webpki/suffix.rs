//! Public suffixes: names under which anybody may register one.

/// Whether `domain` (A-labels, no final dot) is one whole, or empty.
///
/// By the Public Suffix List, its private section too: a wildcard over
/// `github.io` vouches for strangers as one over `co.uk` does. A top-level
/// domain that the list does not know is one (the list's rule `*`). Without the
/// feature `public-suffix` only top-level domains are known.
#[cfg(feature = "public-suffix")]
pub(super) fn is_public(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let suffix = psl::suffix(domain.as_bytes());
    domain.is_empty() || suffix.is_some_and(|s| s.as_bytes() == domain.as_bytes())
}

/// See above.
#[cfg(not(feature = "public-suffix"))]
pub(super) fn is_public(domain: &str) -> bool {
    !domain.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes() {
        for (domain, public) in [
            ("", true),
            ("com", true),
            ("COM", true),
            ("local", true),
            ("example.com", false),
            ("a.example.com", false),
            #[cfg(feature = "public-suffix")]
            ("co.uk", true),
            #[cfg(feature = "public-suffix")]
            ("Co.Uk", true),
            #[cfg(feature = "public-suffix")]
            ("github.io", true),
            #[cfg(feature = "public-suffix")]
            ("xn--55qx5d.cn", true),
            ("example.co.uk", false),
            ("me.github.io", false),
        ] {
            assert_eq!(is_public(domain), public, "{domain}");
        }
    }
}
