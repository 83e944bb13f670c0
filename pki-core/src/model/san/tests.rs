use super::*;
use crate::error::Error;
use proptest::prelude::*;

#[test]
fn names_are_told_apart_and_normal() {
    for (text, kind, value) in [
        ("minkms", "DNS", "minkms"),
        ("MinKMS.Example.COM", "DNS", "minkms.example.com"),
        ("minkms.15332_default", "DNS", "minkms.15332_default"),
        ("*.example.com", "DNS", "*.example.com"),
        ("*.local", "DNS", "*.local"),
        ("DNS:localhost", "DNS", "localhost"),
        ("r3---sn-x.example.com", "DNS", "r3---sn-x.example.com"),
        ("bücher.example", "DNS", "xn--bcher-kva.example"),
        ("*.BÜCHER.example", "DNS", "*.xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "DNS", "xn--bcher-kva.example"),
        ("faß.example", "DNS", "xn--fa-hia.example"),
        ("a。example", "DNS", "a.example"),
        ("127.0.0.1", "IP", "127.0.0.1"),
        ("IP:127.0.0.1", "IP", "127.0.0.1"),
        ("0:0:0:0:0:0:0:1", "IP", "::1"),
        ("2001:DB8::A", "IP", "2001:db8::a"),
        ("Some.One+x@Example.com", "email", "Some.One+x@example.com"),
        ("email:a@b", "email", "a@b"),
        (
            "spiffe://example.org/ns/a/sa/b",
            "URI",
            "spiffe://example.org/ns/a/sa/b",
        ),
        ("urn:uuid:f81d4fae", "URI", "urn:uuid:f81d4fae"),
        ("ldap://host:389/x", "URI", "ldap://host:389/x"),
        ("URI:https://minio:9000/x?y#z", "URI", "URI"),
        ("uri:http://[::1]:80/", "URI", "http://[::1]:80/"),
    ] {
        let name = San::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(name.kind(), kind, "{text}");
        if value != "URI" {
            assert_eq!(name.to_string(), value, "{text}");
        }
    }
}

#[test]
fn refused_names_say_why_and_what_instead() {
    let long = format!("{}.example.com", "a".repeat(64));
    let longer = vec!["abcdefg"; 32].join(".");
    for (text, why, hint) in [
        ("", "empty", "leave it out"),
        ("a b", "space", "one name"),
        ("a..b", "empty label", "`a.b`"),
        (".a", "starts with a dot", "`*.a`"),
        ("a.example.", "ends with a dot", "`a.example`"),
        (".", "starts with a dot", ""),
        ("*", "alone", "*.DOMAIN"),
        ("a.*.b", "first label", "*.DOMAIN"),
        ("a*.b", "first label", "*.DOMAIN"),
        ("*a.b", "first label", "*.DOMAIN"),
        ("*.*.b", "first label", "*.DOMAIN"),
        ("*.", "ends with a dot", ""),
        (&long, "64 octets", ""),
        (&longer, "255 octets", ""),
        ("minio:9000", "port", "`minio`"),
        ("minio:9000/x", "port", "`minio`"),
        ("dns:9000", "port", "`dns`"),
        ("10.0.0.1:9000", "port", "`10.0.0.1`"),
        ("[::1]:9000", "port", "`::1`"),
        ("https://minio", "address, not a name", "`minio`"),
        ("HTTPS://u@minio:9000/x", "address, not a name", "`minio`"),
        ("https://[::1]:9000", "address, not a name", "`::1`"),
        ("DNS:https://minio", "address, not a name", "`minio`"),
        (
            "DNS:10.0.0.1",
            "IP address, not a host name",
            "`10.0.0.1` or `IP:10.0.0.1`",
        ),
        ("DNS:::1", "IP address, not a host name", "`::1`"),
        ("1.2.3.256", "ends in a number", ""),
        ("１.２.３.４", "is read as the IP address", "1.2.3.4"),
        ("0x7f000001", "is read as the IP address", "127.0.0.1"),
        ("0X7F.1", "is read as the IP address", "127.0.0.1"),
        ("0177.0.0.1", "is read as the IP address", "127.0.0.1"),
        ("127.1", "is read as the IP address", "127.0.0.1"),
        ("10.1.513", "is read as the IP address", "10.1.2.1"),
        ("2130706433", "is read as the IP address", "127.0.0.1"),
        ("4294967296", "ends in a number", ""),
        ("08.1.1.1", "ends in a number", ""),
        ("1.2.65536", "ends in a number", ""),
        ("*.0x7f", "ends in a number", ""),
        ("a.1", "ends in a number", ""),
        ("IP:minio", "no IP address", ""),
        ("fe80:::1", "no IP address", ""),
        ("10.0.0.0/8", "network", "list the addresses"),
        ("fe80::/10", "network", "list the addresses"),
        ("[::1]", "brackets", "`::1`"),
        ("fe80::1%eth0", "zone", "`fe80::1`"),
        ("minio/x", "'/'", ""),
        ("minio!", "'!'", ""),
        ("minio-{1...4}", "'{'", "{1...4}"),
        ("a\0b", "'\\0'", ""),
        ("-a.b", "`-`", ""),
        ("a-.b", "`-`", ""),
        ("xn--a.example", "internationalised", ""),
        ("xn--\u{e9}", "internationalised", ""),
        ("a\u{a0}b", "space", ""),
        ("\u{ad}", "", ""),
        ("a@", "follows the `@`", ""),
        ("@b", "before the `@`", ""),
        ("a@@b", "before the `@`", ""),
        ("a..b@c", "before the `@`", ""),
        ("ä@b", "ASCII", ""),
        ("a@10.0.0.1", "follows the `@`", ""),
        ("a@*.b", "wildcard", ""),
        ("email:a", "no `@`", ""),
        ("spiffe://Example.org/x", "trust domain", ""),
        ("spiffe://example.org/x/", "SPIFFE path", ""),
        ("spiffe://example.org:1/x", "trust domain", ""),
        ("spiffe://", "trust domain", ""),
        ("SPIFFE://a/b", "lower case", ""),
        ("urn:x", "URN", ""),
        ("ldap://a/%zz", "hex digits", ""),
        ("ldap://a/%é", "ASCII", ""),
        ("ldap://a/{b}", "%XX", ""),
        ("ldap://*/x", "its host", ""),
        ("ldap:///x", "its host", ""),
        ("://x", "no scheme", ""),
        ("URI:x", "no scheme", ""),
    ] {
        let error = San::parse(text).expect_err(text);
        assert!(error.to_string().contains(why), "{text:?}: {error}");
        let found = error.hint().unwrap_or_default();
        assert!(found.contains(hint), "{text:?}: hint {found:?}");
    }
    let endless = "a@".repeat(1 << 20);
    assert!(San::parse(&endless).unwrap_err().to_string().len() < 100);
    assert!(Constraint::parse(&endless).is_err() && expand(&endless).is_err());
    let error = Error::from(San::parse("minio:9000").unwrap_err());
    assert_eq!(error.hint_text(), Some("write `minio`"));
}

#[test]
fn what_some_consumers_refuse_is_told() {
    let dns = |text| match San::parse(text) {
        Ok(San::Dns(name)) => name,
        other => panic!("{other:?}"),
    };
    assert!(dns("*.local").wildcard_over_one_label());
    assert!(!dns("*.example.com").wildcard_over_one_label());
    assert!(dns("*.example.com").is_wildcard());
    assert!(!dns("local").wildcard_over_one_label());
    assert!(dns("a_b").has_underscore());
}

#[test]
fn ranges_are_expanded() {
    for (text, names) in [
        ("minio", &["minio"][..]),
        ("", &[""]),
        ("m{1...3}.x", &["m1.x", "m2.x", "m3.x"]),
        ("{8...11}", &["8", "9", "10", "11"]),
        ("{08...11}", &["08", "09", "10", "11"]),
        ("{0...1}", &["0", "1"]),
        ("{5...5}", &["5"]),
        ("r{1...2}-d{1...2}", &["r1-d1", "r1-d2", "r2-d1", "r2-d2"]),
    ] {
        assert_eq!(expand(text).unwrap(), names, "{text}");
    }
    assert_eq!(expand("{1...1024}").unwrap().len(), MAX_EXPANDED);
    for (text, hint) in [
        ("{4...1}", "`{1...4}`"),
        ("a{1..4}b", "`a{1...4}b`"),
        ("{1-4}", "`{1...4}`"),
        ("{1...4", "`{1...4}`"),
        ("1...4}", "`{1...4}`"),
        ("{a...c}", "`{1...4}`"),
        ("{1...}", "`{1...4}`"),
        ("{}", "`{1...4}`"),
        ("{a,b}", "`{1...4}`"),
        ("{1...04}", "`{1...4}`"),
        ("{1...{2...3}}", "`{1...4}`"),
        ("{+1...4}", "`{1...4}`"),
        ("{1...1025}", "wildcard"),
        ("{1...99}{1...99}", "wildcard"),
        ("{0...999999999}", "wildcard"),
        ("{1...99999999999999999999}", "`{1...4}`"),
    ] {
        let error = expand(text).expect_err(text);
        let found = error.hint().unwrap_or_default();
        assert!(found.contains(hint), "{text}: {error}: {found}");
    }
    assert!(expand(&"{1...2}".repeat(600)).is_err());
}

#[test]
fn constraints_are_read() {
    for (text, shown, base) in [
        ("example.com", "example.com", "DNS:example.com"),
        ("Minkms", "minkms", "DNS:minkms"),
        ("DNS:a_b", "a_b", "DNS:a_b"),
        ("127.0.0.0/8", "127.0.0.0/8", "IP:127.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3/32", "IP:10.1.2.3/32"),
        ("0.0.0.0/0", "0.0.0.0/0", "IP:0.0.0.0/0"),
        ("::1", "::1/128", "IP:::1/128"),
        ("IP:fd00::/9", "fd00::/9", "IP:fd00::/9"),
        ("@Example.com", "@example.com", "email:example.com"),
        ("@.example.com", "@.example.com", "email:.example.com"),
        ("A@Example.com", "A@example.com", "email:A@example.com"),
    ] {
        let constraint = Constraint::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(constraint.to_string(), shown, "{text}");
        assert_eq!(GeneralName::from(&constraint).to_string(), base, "{text}");
        assert_eq!(Constraint::parse(shown).unwrap(), constraint);
    }
    for (text, why, hint) in [
        ("", "empty", ""),
        ("10.0.0.1/8", "bits set", "`10.0.0.0/8`"),
        ("fd00::1/64", "bits set", "`fd00::/64`"),
        ("10.0.0.0/33", "0 to 32", "`10.0.0.0`"),
        ("10.0.0.0/", "0 to 32", ""),
        ("10.0.0.0/+8", "0 to 32", ""),
        ("10.0.0.0/255.0.0.0", "0 to 32", ""),
        ("::/129", "0 to 128", ""),
        (".example.com", "starts with a dot", "`example.com`"),
        ("*.example.com", "no name constraint", "`example.com`"),
        ("https://a", "address, not a name", "`a`"),
        ("spiffe://a/b", "cannot be permitted", ""),
        ("URI:a", "cannot be permitted", ""),
        ("minio:9000", "port", "`minio`"),
        ("a b", "space", ""),
        ("@", "host name", ""),
        ("@a@b", "host name", ""),
    ] {
        let error = Constraint::parse(text).expect_err(text);
        assert!(error.to_string().contains(why), "{text:?}: {error}");
        let found = error.hint().unwrap_or_default();
        assert!(found.contains(hint), "{text:?}: hint {found:?}");
    }
}

#[test]
fn constraints_cover_what_rfc_5280_says() {
    for (constraint, inside, outside) in [
        (
            "example.com",
            &[
                "example.com",
                "a.example.com",
                "*.example.com",
                "a.b.example.com",
            ][..],
            &[
                "badexample.com",
                "com",
                "*.com",
                "example.com.de",
                "10.0.0.1",
                "a@example.com",
            ][..],
        ),
        (
            "a.example.com",
            &["a.example.com"],
            &["*.example.com", "b.example.com"],
        ),
        (
            "127.0.0.0/8",
            &["127.0.0.1", "127.255.255.255"],
            &["128.0.0.1", "::1", "localhost"],
        ),
        ("0.0.0.0/0", &["1.2.3.4"], &["::ffff:1.2.3.4"]),
        ("::/0", &["::1"], &["0.0.0.1"]),
        ("fd00::/9", &["fd7f::1"], &["fd80::1"]),
        ("10.0.0.1", &["10.0.0.1"], &["10.0.0.2"]),
        (
            "@example.com",
            &["a@example.com"],
            &["a@b.example.com", "example.com"],
        ),
        ("@.example.com", &["a@b.example.com"], &["a@example.com"]),
        (
            "A@example.com",
            &["A@EXAMPLE.com"],
            &["a@example.com", "b@example.com"],
        ),
    ] {
        let constraint = Constraint::parse(constraint).unwrap();
        for name in inside {
            assert!(
                constraint.permits(&San::parse(name).unwrap()),
                "{constraint} {name}"
            );
        }
        for name in outside {
            assert!(
                !constraint.permits(&San::parse(name).unwrap()),
                "{constraint} {name}"
            );
        }
    }
}

#[test]
fn constraints_lie_in_one_another_or_apart() {
    for (one, other, apart) in [
        ("example.com", "example.com", false),
        ("example.com", "a.example.com", false),
        ("example.com", "anexample.com", true),
        ("a.example.com", "b.example.com", true),
        ("10.0.0.0/8", "10.1.2.3", false),
        ("10.0.0.0/8", "10.0.0.0/7", false),
        ("10.0.0.0/8", "11.0.0.0/8", true),
        ("0.0.0.0/0", "192.0.2.0/24", false),
        ("0.0.0.0/0", "::/0", true),
        ("2001:db8::/32", "2001:db8:1::/48", false),
        ("example.com", "10.0.0.0/8", true),
        ("example.com", "@example.com", true),
        ("@example.com", "a@example.com", false),
        ("@example.com", "a@b.example.com", true),
        ("@.example.com", "a@b.example.com", false),
        ("@.example.com", "@.b.example.com", false),
        ("@.example.com", "@example.com", true),
    ] {
        let [a, b] = [one, other].map(|text| Constraint::parse(text).unwrap());
        assert_eq!(a.is_apart_from(&b), apart, "{one} {other}");
        assert_eq!(b.is_apart_from(&a), apart, "{other} {one}");
    }
}

#[test]
fn what_is_not_listed_is_closed() {
    let parse = |texts: &[&str]| -> Vec<Constraint> {
        texts
            .iter()
            .map(|t| Constraint::parse(t).unwrap())
            .collect()
    };
    let show = |list: Vec<Constraint>| {
        let texts: Vec<String> = list
            .iter()
            .map(|c| GeneralName::from(c).to_string())
            .collect();
        texts.join(" ")
    };
    for (listed, permitted, excluded) in [
        (&[][..], "", ""),
        (
            &["example.com"],
            "DNS:example.com email:invalid URI:invalid",
            "IP:0.0.0.0/0 IP:::/0",
        ),
        (
            &["a", "127.0.0.0/8"],
            "DNS:a IP:127.0.0.0/8 email:invalid URI:invalid",
            "",
        ),
        (
            &["::1", "@a.b"],
            "IP:::1/128 email:a.b DNS:invalid URI:invalid",
            "",
        ),
    ] {
        let listed = parse(listed);
        assert_eq!(show(permitted_forms(&listed)), permitted);
        assert_eq!(show(excluded_forms(&listed)), excluded);
    }
    let listed = parse(&["example.com", "127.0.0.0/8"]);
    let may = |name| all_permitted(&listed, &San::parse(name).unwrap());
    assert!(may("a.example.com") && may("127.0.0.1"));
    assert!(!may("::1") && !may("a@example.com") && !may("spiffe://example.com/a"));
    assert!(all_permitted(&[], &San::parse("a@b").unwrap()));
    // RFC 5280 4.2.1.10: address and mask.
    assert_eq!(
        listed[1].subtree_base(),
        [0x87, 8, 127, 0, 0, 0, 255, 0, 0, 0]
    );
}

#[test]
fn found_names_are_shown_safely() {
    for (tag, value, shown) in [
        (0x82, &b"a.b"[..], "DNS:a.b"),
        (0x82, b"a, DNS:b", "DNS:\"a, DNS:b\""),
        (0x82, b"a\x1b[1m", "DNS:\"a\\u{1b}[1m\""),
        (0x82, b"", "DNS:"),
        (0x82, b"\xff", "[2]:#FF"),
        (0x81, b"a@b", "email:a@b"),
        (0x86, b"https://x/", "URI:https://x/"),
        (0x87, b"\x7f\0\0\x01", "IP:127.0.0.1"),
        (0x87, b"\x7f\0\0\x01\x02", "IP:#7F00000102"),
        (0x87, b"\x7f\0\0\0\xff\0\0\0", "IP:127.0.0.0/8"),
        (0x87, b"\x7f\0\0\0\0\xff\0\0", "IP:127.0.0.0/0.255.0.0"),
        (0x87, b"", "IP:#"),
        (0x88, b"\x2a\x03", "Registered ID:1.2.3"),
        (0xa0, b"\x06\x00", "othername:#0600"),
        (0xa3, b"\x01", "[3]:#01"),
        (
            0xa4,
            b"\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02\x61\x62",
            "DirName:CN=ab",
        ),
    ] {
        let name = GeneralName::from_der(tag, value).unwrap();
        assert_eq!(name.to_string(), shown);
        assert_eq!(name.to_der(), crate::der::encode(tag, value));
    }
    assert!(GeneralName::from_der(0xa4, b"\x31\0").is_err());
    let dns = |text: &str| GeneralName::Dns(text.into());
    assert_eq!(dns("A.b").to_san(), San::parse("a.b").ok());
    assert_eq!(dns("1.2.3.4").to_san(), None);
    assert_eq!(dns("a b").to_san(), None);
    assert_eq!(GeneralName::Ip(vec![1, 2, 3]).to_san(), None);
    assert_eq!(dns("a.b").value(), "a.b");
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "\\PC{0,40}|[a-z0-9.:/@*%{}\\[\\] -]{0,40}") {
        if let Ok(name) = San::parse(&text) {
            // What is valid stays what it is, also through a certificate.
            prop_assert_eq!(GeneralName::from(&name).to_san(), Some(name.clone()));
            let plain = format!("{}:{name}", name.kind());
            prop_assert_eq!(San::parse(&plain), Ok(name));
        }
        if let Ok(constraint) = Constraint::parse(&text) {
            prop_assert_eq!(Constraint::parse(&constraint.to_string()), Ok(constraint));
        }
        if let Ok(names) = expand(&text) {
            prop_assert!(names.len() <= MAX_EXPANDED);
        }
    }

    #[test]
    fn host_names_fit_their_limits(text in "(\\*\\.)?([a-zA-Z0-9_äßω-]{1,70}\\.){0,6}[a-z]{1,20}") {
        if let Ok(San::Dns(name)) = San::parse(&text) {
            let name = name.as_str();
            prop_assert!(name.len() <= 253 && name.is_ascii());
            prop_assert!(name.split('.').all(|l| (1..=63).contains(&l.len())));
        }
    }

    #[test]
    fn any_general_name_is_survived(tag in any::<u8>(), value in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(name) = GeneralName::from_der(tag, &value) {
            let shown = name.to_string();
            prop_assert!(!shown.contains(char::is_control));
            let _ = (name.value(), name.to_san());
        }
    }
}
