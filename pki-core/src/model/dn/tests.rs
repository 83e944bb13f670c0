use super::*;
use proptest::prelude::*;

/// CN=value with the value's tag.
fn cn(tag: u8, value: &[u8]) -> Vec<u8> {
    attribute(&[0x55, 4, 3], tag, value)
}

fn attribute(kind: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
    Attribute::new(kind, tag, value).to_der()
}

/// A name of RDNs of attributes, in the order given.
fn name(rdns: &[&[Vec<u8>]]) -> Dn {
    let sets = rdns.iter().map(|rdn| der::encode(tag::SET, &rdn.concat()));
    Dn::from_der(&der::sequence(sets)).unwrap()
}

#[test]
fn text_is_read() {
    for (text, shown) in [
        ("", ""),
        ("  ", ""),
        (
            "CN=MinIO Root CA, O=MinIO, L=SF, ST=CA, C=US",
            "CN=MinIO Root CA,O=MinIO,L=SF,ST=CA,C=US",
        ),
        ("dc=example,DC=com", "DC=example,DC=com"),
        ("OU=b,OU=a,O=x", "OU=b,OU=a,O=x"),
        (" cn = a b  ,o= c ", "CN=a b,O=c"),
        ("commonName=a,organizationName=b", "CN=a,O=b"),
        ("2.5.4.3=a,OID.2.5.4.10=b,oid.2.5.4.11=c", "CN=a,O=b,OU=c"),
        (
            "S=a,E=a@b,SERIALNUMBER=1,street=x",
            "ST=a,emailAddress=a@b,serialNumber=1,street=x",
        ),
        ("UID=a", "UID=a"),
        ("Uid=a", "UID=a"),
        ("uid=a", "uid=a"),
        ("CN=a\\, b\\+c\\;d", "CN=a\\, b\\+c\\;d"),
        ("CN=\\20a\\20", "CN=\\ a\\ "),
        ("CN=\\ a\\ ", "CN=\\ a\\ "),
        ("CN=\\#a", "CN=\\#a"),
        ("CN=#", "CN=#"),
        ("CN=a=b", "CN=a=b"),
        ("CN=a/b", "CN=a/b"),
        ("CN=\\C3\\A4", "CN=\\C3\\A4"),
        ("CN=ä", "CN=\\C3\\A4"),
        ("CN=#0c0161", "CN=a"),
        ("CN=#1303414243 ,O=b", "CN=ABC,O=b"),
        ("CN=#0403414243", "CN=#0403414243"),
        // A set has its order in DER.
        ("CN=a+OU=b", "OU=b+CN=a"),
        ("OU=b + CN=a,O=c", "OU=b+CN=a,O=c"),
        ("1.2.3.4=a", "1.2.3.4=#0C0161"),
    ] {
        let dn = Dn::parse(text).unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert_eq!(dn.to_string(), shown, "{text:?}");
        let again = Dn::parse(shown).unwrap();
        assert!(again.equals(&dn, DnCompare::OpenSsl), "{text:?}");
        assert_eq!(Dn::from_der(dn.raw()).unwrap(), dn, "{text:?}");
    }
}

#[test]
fn wrong_text_is_refused() {
    let long = |word: &str, count: usize| format!("{word}={}", "x".repeat(count));
    for (text, why, hint) in [
        ("minio", "TYPE=value", "most specific"),
        ("CN=a,", "TYPE=value", ""),
        ("CN=a,,O=b", "TYPE=value", ""),
        ("CN=a+", "TYPE=value", ""),
        ("CN=Foo, Inc.", "`Inc.` is not of the form", "`\\,`"),
        ("CN=a,b=c", "unknown attribute type `b`", "CN, O"),
        ("=a", "unknown attribute type ``", ""),
        ("2.5=a,9.9=b", "unknown attribute type `9.9`", ""),
        ("CN=", "`CN` is empty", ""),
        ("CN= ,O=a", "`CN` is empty", ""),
        ("O=\"a\"", "unescaped", "`\\\"`"),
        ("CN=a;O=b", "unescaped", "`\\;`"),
        ("CN=<a>", "unescaped", "`\\<`"),
        ("CN=\\q", "no escape", "backslash"),
        ("CN=a\\", "no escape", ""),
        ("CN=\\ä", "no escape", ""),
        ("CN=\\FF", "not UTF-8", ""),
        ("CN=a\\00b", "control character '\\0'", ""),
        ("CN=a\nb", "control character '\\n'", ""),
        ("CN=#0c", "DER element", "`\\#`"),
        ("CN=#0c01", "DER element", ""),
        ("CN=#0c0161ff", "DER element", ""),
        ("CN=#xyz", "DER element", ""),
        ("CN=#ää", "DER element", ""),
        (
            "/C=US/O=a, b/CN=x/y",
            "one-line form",
            "`CN=x/y, O=a\\, b, C=US`",
        ),
        ("C=USA", "two letters", "`US`"),
        ("C=1A", "two letters", ""),
        ("serialNumber=a_b", "'_', which PrintableString", ""),
        ("DC=ä", "'ä', which IA5String", ""),
        ("emailAddress=ä@b", "'ä', which IA5String", ""),
        (
            &long("CN", 65),
            "65 characters, at most 64",
            "64 characters",
        ),
        (&long("O", 65), "at most 64", ""),
        (&long("OU", 65), "at most 64", ""),
        (&long("serialNumber", 65), "at most 64", ""),
        (&long("L", 129), "at most 128", ""),
        (&long("ST", 129), "at most 128", ""),
        (&long("emailAddress", 256), "at most 255", ""),
    ] {
        let error = Dn::parse(text).expect_err(text);
        assert!(error.to_string().contains(why), "{text:?}: {error}");
        let found = error.hint().unwrap_or_default();
        assert!(found.contains(hint), "{text:?}: hint {found:?}");
    }
    // Bounds count characters, not octets.
    assert!(Dn::parse(&format!("CN={}", "ä".repeat(64))).is_ok());
    assert!(Dn::from_common_name("").is_err());
    assert_eq!(Dn::from_common_name("a,b").unwrap().to_string(), "CN=a\\,b");
}

#[test]
fn foreign_octets_are_kept() {
    let odd = name(&[
        &[],
        &[cn(tag::T61_STRING, b"\xfc"), cn(tag::BMP_STRING, b"\0a")],
        &[
            cn(tag::UTF8_STRING, b"last"),
            attribute(&[0x80], tag::NULL, b""),
        ],
        &[],
    ]);
    assert_eq!(odd.rdns().len(), 4);
    assert_eq!(odd.rdns()[1].attributes()[0].text().unwrap(), "ü");
    assert_eq!(odd.common_name().unwrap(), "last");
    assert_eq!(odd.to_string(), "#060180=#0500+CN=last,CN=a+CN=\\C3\\BC");
    assert!(!odd.is_empty());
    assert!(name(&[&[], &[]]).is_empty() && Dn::empty().is_empty());
    assert_eq!(Dn::empty().raw(), [0x30, 0]);
    assert_eq!(
        name(&[&[cn(tag::UTF8_STRING, b"\xff")]]).common_name(),
        None
    );
    for bad in [
        &[][..],
        &[0x31, 0],
        &[0x30, 0, 0],
        &[0x30, 2, 0x30, 0],
        &[0x30, 4, 0x31, 2, 0x30, 0],
        &[0x30, 0x80, 0, 0],
    ] {
        assert!(Dn::from_der(bad).is_err(), "{bad:02x?}");
    }
    // A third element in an attribute.
    let three = der::sequence([&[6, 1, 0x2a][..], &[5, 0], &[5, 0]]);
    assert!(Dn::from_der(&der::sequence([der::encode(tag::SET, &three)])).is_err());
}

#[test]
fn comparing_depends_on_who_asks() {
    use DnCompare::{OpenSsl, Raw, Rfc5280};
    let utf8 = |text: &str| cn(tag::UTF8_STRING, text.as_bytes());
    let one = |attribute: Vec<u8>| name(&[&[attribute]]);
    let printable = |text: &str| one(cn(tag::PRINTABLE_STRING, text.as_bytes()));
    for (a, b, equal) in [
        (one(utf8("a")), one(utf8("a")), &[Raw, OpenSsl, Rfc5280][..]),
        (one(utf8("a")), printable("a"), &[OpenSsl, Rfc5280]),
        (one(utf8(" A  b ")), printable("a b"), &[OpenSsl, Rfc5280]),
        (one(utf8("Ä")), one(utf8("ä")), &[Rfc5280]),
        (one(utf8("Straße")), one(utf8("STRASSE")), &[Rfc5280]),
        (one(utf8("\u{e4}")), one(utf8("a\u{308}")), &[Rfc5280]),
        (one(utf8("\u{fb01}n")), one(utf8("fin")), &[Rfc5280]),
        (one(utf8("a\u{a0}b")), one(utf8("a b")), &[Rfc5280]),
        (one(utf8("a\tb")), one(utf8("a b")), &[OpenSsl, Rfc5280]),
        (one(utf8("a\x0bb")), one(utf8("a b")), &[OpenSsl, Rfc5280]),
        (one(utf8("a\0b")), one(utf8("ab")), &[Rfc5280]),
        (
            one(utf8("ü")),
            one(cn(tag::T61_STRING, b"\xfc")),
            &[OpenSsl, Rfc5280],
        ),
        (
            one(utf8("ü")),
            one(cn(tag::BMP_STRING, b"\0\xfc")),
            &[OpenSsl, Rfc5280],
        ),
        (printable("1"), one(cn(tag::NUMERIC_STRING, b"1")), &[]),
        (
            one(utf8("\u{fffd}")),
            one(cn(tag::UTF8_STRING, b"\xff")),
            &[],
        ),
        (one(utf8("a")), one(utf8("ab")), &[]),
        (
            one(utf8("a")),
            one(attribute(&[0x55, 4, 10], tag::UTF8_STRING, b"a")),
            &[],
        ),
        (
            name(&[&[utf8("a"), utf8("B")]]),
            name(&[&[utf8("b"), utf8("a")]]),
            &[OpenSsl, Rfc5280],
        ),
        (
            name(&[&[utf8("a")], &[utf8("b")]]),
            name(&[&[utf8("b")], &[utf8("a")]]),
            &[],
        ),
        (
            name(&[&[utf8("a"), utf8("b")]]),
            name(&[&[utf8("a")], &[utf8("b")]]),
            &[],
        ),
        (name(&[&[utf8("a")], &[]]), one(utf8("a")), &[OpenSsl]),
    ] {
        for how in [Raw, OpenSsl, Rfc5280] {
            assert_eq!(a.equals(&b, how), equal.contains(&how), "{a} {b} {how:?}");
            assert_eq!(a.equals(&b, how), b.equals(&a, how));
        }
    }
    let base = Dn::parse("O=MinIO,C=US").unwrap();
    let leaf = Dn::parse("CN=x,O=minio,C=US").unwrap();
    assert!(leaf.within(&base, OpenSsl) && leaf.within(&base, Rfc5280));
    assert!(!leaf.within(&base, Raw) && !base.within(&leaf, Rfc5280));
    assert!(base.within(&base, Raw) && leaf.within(&Dn::empty(), Raw));
    assert!(!Dn::parse("O=minio,CN=x").unwrap().within(&base, Rfc5280));
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{1,20}", "\\PC{1,20}", "[ #,+\"\\\\<>;=a]{1,6}"]
        .prop_filter("a control", |text| !text.chars().any(char::is_control))
}

fn any_attribute() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![
        Just(vec![0x55, 4, 3]),
        Just(vec![0x55, 4, 10]),
        Just(vec![9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25]),
        Just(vec![0x2a, 3, 4]),
    ];
    let octet_strings = [
        tag::PRINTABLE_STRING,
        tag::T61_STRING,
        tag::IA5_STRING,
        tag::NUMERIC_STRING,
    ];
    let value = prop_oneof![
        (
            prop::sample::select(octet_strings.to_vec()),
            prop::collection::vec(any::<u8>(), 1..12)
        )
            .boxed(),
        value()
            .prop_map(|t| (tag::UTF8_STRING, t.into_bytes()))
            .boxed(),
        "[ -\u{d7ff}]{1,8}"
            .prop_map(|t| {
                let units: Vec<u16> = t.encode_utf16().collect();
                let octets = units.iter().flat_map(|u| u.to_be_bytes()).collect();
                (tag::BMP_STRING, octets)
            })
            .boxed(),
        "\\PC{1,8}"
            .prop_map(|t| {
                let octets = t.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
                (tag::UNIVERSAL_STRING, octets)
            })
            .boxed(),
    ];
    (kind, value).prop_map(|(kind, (tag, value))| attribute(&kind, tag, &value))
}

fn any_name() -> impl Strategy<Value = Dn> {
    let rdn = prop::collection::vec(any_attribute(), 1..3);
    prop::collection::vec(rdn, 0..4).prop_map(|rdns| {
        let rdns: Vec<&[Vec<u8>]> = rdns.iter().map(Vec::as_slice).collect();
        name(&rdns)
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(values in prop::collection::vec(value(), 1..5)) {
        let rdns = values.iter().map(|v| vec![Attribute::issue("O", v).unwrap()]).collect();
        let dn = Dn::from_rdns(rdns);
        prop_assert_eq!(&Dn::parse(&dn.to_string()).unwrap(), &dn);
        prop_assert_eq!(&Dn::from_der(dn.raw()).unwrap(), &dn);
    }

    #[test]
    fn any_octets_are_survived(octets in prop::collection::vec(any::<u8>(), 0..40)) {
        let sets = der::sequence([der::encode(tag::SET, &der::sequence([&octets]))]);
        for der in [&octets, &sets] {
            if let Ok(dn) = Dn::from_der(der) {
                prop_assert_eq!(dn.raw(), &der[..]);
                prop_assert!(!dn.to_string().contains(char::is_control));
                prop_assert!(dn.equals(&dn, DnCompare::Rfc5280));
            }
        }
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,30}|(CN|O|2.5.4.3)=[ #,+=\\\\0-9a-fA-F\"]{0,20}") {
        if let Ok(dn) = Dn::parse(&text) {
            prop_assert_eq!(Dn::from_der(dn.raw()).unwrap(), dn);
        }
    }

    #[test]
    fn ways_to_compare_widen(a in any_name(), b in any_name()) {
        for other in [&a, &b] {
            let [raw, openssl, rfc] = [DnCompare::Raw, DnCompare::OpenSsl, DnCompare::Rfc5280]
                .map(|how| a.equals(other, how));
            prop_assert!(raw <= openssl && openssl <= rfc);
        }
    }
}

/// What openssl says, the judge of our text form and of [`DnCompare::OpenSsl`].
mod openssl {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    use std::slice::from_ref;

    use super::*;

    /// Runs `openssl` with `input`; `None` where there is none.
    #[expect(clippy::disallowed_methods, reason = "tests ask openssl")]
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn openssl(args: &[&str], input: &[u8]) -> Option<Vec<u8>> {
        let child = Command::new("openssl")
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            eprintln!("skipped: openssl not found");
            return None;
        };
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "openssl {args:?}");
        Some(output.stdout)
    }

    /// The shortest thing with a name that openssl reads: a CRL of that issuer,
    /// with an empty signature. `None`: no openssl. Else the name as printed and
    /// the hash of its canonical form.
    fn ask(dn: &Dn) -> Option<(String, String)> {
        // ecdsa-with-SHA256, and a day in 2024.
        let algorithm = der::sequence([[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]]);
        let time = der::encode(tag::UTC_TIME, b"240101000000Z");
        let list = der::sequence([&algorithm, dn.raw(), &time]);
        let crl = der::sequence([list, algorithm, der::bit_string(&[])]);
        let args = [
            "crl", "-inform", "DER", "-noout", "-issuer", "-hash", "-nameopt", "RFC2253",
        ];
        let text = String::from_utf8(openssl(&args, &crl)?).unwrap();
        let (issuer, hash) = text.trim_end_matches('\n').rsplit_once('\n').unwrap();
        let issuer = issuer.strip_prefix("issuer=").unwrap();
        Some((issuer.to_owned(), hash.to_owned()))
    }

    #[test]
    fn prints_what_we_print() {
        let o = |tag, value: &[u8]| attribute(&[0x55, 4, 10], tag, value);
        let utf8 = tag::UTF8_STRING;
        let mut names = vec![
            Dn::empty(),
            name(&[&[cn(utf8, b"a")], &[], &[o(utf8, b"b")]]),
            name(&[&[cn(utf8, b"a"), o(utf8, b"b"), cn(utf8, b"0")]]),
            name(&[
                &[cn(tag::T61_STRING, b"M\xfcller")],
                &[o(tag::BMP_STRING, b"\0a\x20\xac")],
            ]),
            name(&[&[cn(tag::UNIVERSAL_STRING, b"\0\x01\xf6\0\0\0\0 ")]]),
            name(&[
                &[cn(tag::NUMERIC_STRING, b"1 2")],
                &[o(tag::IA5_STRING, b"a@b")],
            ]),
            name(&[&[cn(tag::BIT_STRING, b"\0a")], &[o(tag::SEQUENCE, &[5, 0])]]),
            name(&[&[attribute(&[0x2a, 3, 4], utf8, b"a")]]),
            name(&[&[attribute(
                &[0x2a, 3, 0x84, 0xff, 0x7f],
                tag::PRINTABLE_STRING,
                b"a",
            )]]),
        ];
        for value in [
            "",
            "#",
            "#a",
            "##",
            " ",
            "  ",
            " a ",
            "   a",
            "\\",
            "a,b+c\"d\\e<f>g;h=i",
            "\0\u{1}\n\u{7f}",
            "é",
            "€",
            "😀",
            " é",
            "é ",
            "a#",
            "/",
            "'",
        ] {
            names.push(name(&[&[cn(utf8, value.as_bytes())], &[o(utf8, b"x")]]));
        }
        for text in [
            "DC=example,DC=com",
            "CN=Corp Issuing CA 1,OU=PKI,OU=IT,DC=corp,DC=example,DC=com",
            "emailAddress=a@b,serialNumber=1,dnQualifier=x,street=s,postalCode=1,GN=g,SN=s,title=t",
            "UID=u,uid=v,organizationIdentifier=i,jurisdictionC=US,pseudonym=p,description=d",
        ] {
            names.push(Dn::parse(text).unwrap());
        }
        for dn in names {
            let Some((text, _)) = ask(&dn) else { return };
            assert_eq!(dn.to_string(), text, "{:02x?}", dn.raw());
        }
    }

    #[test]
    fn knows_the_types_we_know() {
        let Some(list) = openssl(&["list", "-objects"], b"") else {
            return;
        };
        let list = String::from_utf8(list).unwrap();
        for row in types::TYPES {
            let line = match row.long {
                "" => format!("{} = {}", row.short, row.oid),
                long => format!("{} = {long}, {}", row.short, row.oid),
            };
            assert!(list.lines().any(|l| l == line), "{line}");
        }
    }

    #[test]
    fn encodes_what_we_encode() {
        let Some(key) = openssl(&["genpkey", "-algorithm", "ed25519"], b"") else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        #[expect(
            clippy::disallowed_methods,
            reason = "openssl takes a key as a file only"
        )]
        std::fs::write(&path, key).unwrap();
        for (line, text) in [
            (
                "/C=US/ST=CA/L=SF/O=MinIO/CN=MinIO Root CA",
                "CN=MinIO Root CA, O=MinIO, L=SF, ST=CA, C=US",
            ),
            (
                "/DC=com/DC=example/OU=a/OU=b",
                "OU=b,OU=a,DC=example,DC=com",
            ),
            (
                "/O=Müller/CN=a+UID=b/emailAddress=a@b",
                "emailAddress=a@b,UID=b+CN=a,O=Müller",
            ),
            (
                "/serialNumber=1/dnQualifier=q/street=s/GN=g",
                "GN=g,street=s,dnQualifier=q,serialNumber=1",
            ),
        ] {
            let path = path.to_str().unwrap();
            let args = [
                "req",
                "-new",
                "-utf8",
                "-multivalue-rdn",
                "-key",
                path,
                "-subj",
                line,
                "-outform",
                "DER",
            ];
            let Some(request) = openssl(&args, b"") else {
                return;
            };
            let request = der::only(&request, tag::SEQUENCE).unwrap();
            let mut body = request.reader().element(tag::SEQUENCE).unwrap().reader();
            body.element(tag::INTEGER).unwrap();
            let subject = body.element(tag::SEQUENCE).unwrap();
            assert_eq!(Dn::parse(text).unwrap().raw(), subject.raw, "{text}");
        }
    }

    #[test]
    fn compares_as_we_do() {
        let values = [
            (tag::UTF8_STRING, &b"a b"[..]),
            (tag::PRINTABLE_STRING, b"A  B "),
            (tag::IA5_STRING, b"\ta\x0b\x0cb\r\n"),
            (tag::T61_STRING, b"a\x1cb"),
            (tag::NUMERIC_STRING, b"a b"),
            (tag::NUMERIC_STRING, b"A b"),
            (tag::BMP_STRING, b"\0a\0 \0b"),
            (tag::UNIVERSAL_STRING, b"\0\0\0A\0\0\0 \0\0\0b"),
            (tag::UTF8_STRING, "Ä".as_bytes()),
            (tag::UTF8_STRING, "ä".as_bytes()),
            (tag::T61_STRING, b"\xe4"),
            (tag::BIT_STRING, b"\0\xe4"),
            (tag::UTF8_STRING, b" "),
            (tag::UTF8_STRING, b""),
            (tag::UTF8_STRING, "a\u{a0}b".as_bytes()),
        ];
        let mut names: Vec<Dn> = values.iter().map(|&(t, v)| name(&[&[cn(t, v)]])).collect();
        let [a, b] = [cn(tag::UTF8_STRING, b"a"), cn(tag::PRINTABLE_STRING, b"B")];
        names.push(name(&[&[a.clone(), b.clone()]]));
        names.push(name(&[&[b.clone(), a.clone()]]));
        names.push(name(&[from_ref(&a), &[], from_ref(&b)]));
        names.push(name(&[&[a], &[b]]));
        judge(&names);
    }

    /// Names are equal to us where openssl's hashes of their canonical forms are.
    fn judge(names: &[Dn]) {
        let Some(hashes) = names
            .iter()
            .map(|n| ask(n).map(|a| a.1))
            .collect::<Option<Vec<_>>>()
        else {
            return;
        };
        for (a, hash_a) in names.iter().zip(&hashes) {
            for (b, hash_b) in names.iter().zip(&hashes) {
                let equal = a.equals(b, DnCompare::OpenSsl);
                assert_eq!(equal, hash_a == hash_b, "{a} | {b}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn prints_and_compares_any_name_as_we_do(dn in any_name(), case in any::<bool>()) {
            if let Some((text, _)) = ask(&dn) {
                prop_assert_eq!(dn.to_string(), text);
                let rdns: Vec<Vec<Vec<u8>>> = dn
                    .rdns()
                    .iter()
                    .map(|rdn| {
                        let changed = rdn.attributes().iter().rev().map(|a| {
                            let value = if case { a.value().to_ascii_lowercase() } else { a.value().to_vec() };
                            attribute(a.kind(), a.tag(), &value)
                        });
                        changed.collect()
                    })
                    .collect();
                let rdns: Vec<&[Vec<u8>]> = rdns.iter().map(Vec::as_slice).collect();
                // Lower case can make a wide character a surrogate.
                let other = name(&rdns);
                let well_formed = |dn: &Dn| dn.rdns().iter().flat_map(Rdn::attributes).all(|a| a.text().is_some());
                if well_formed(&other) {
                    judge(&[dn, other]);
                }
            }
        }
    }
}
