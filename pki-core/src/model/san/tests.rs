use super::*;

#[test]
fn names_are_told_apart() {
    for (text, kind) in [
        ("minkms", "DNS"),
        ("127.0.0.1", "IP"),
        ("a@b.c", "email"),
        ("spiffe://x/y", "URI"),
    ] {
        assert_eq!(San::parse(text).unwrap().kind(), kind, "{text}");
    }
}
