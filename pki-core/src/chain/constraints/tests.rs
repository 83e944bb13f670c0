//! Every trap of name constraints, one row each.

use super::*;
use crate::cert::tests::make::{Party, leaf, party};
use crate::model::san::GeneralName as Name;

fn dns(text: &str) -> Name {
    Name::Dns(text.into())
}

fn mail(text: &str) -> Name {
    Name::Email(text.into())
}

fn uri(text: &str) -> Name {
    Name::Uri(text.into())
}

fn ip(octets: &[u8]) -> Name {
    Name::Ip(octets.to_vec())
}

fn dir(text: &str) -> Name {
    Name::Directory(Dn::parse(text).unwrap())
}

fn other(tag: u8) -> Name {
    Name::Other {
        tag,
        value: vec![5, 0],
    }
}

fn read(permitted: &[Name], excluded: &[Name]) -> Constraints {
    let list = |bases: &[Name]| {
        let tree = |base: &Name| Subtree {
            base: base.clone(),
            plain: true,
            has_maximum: false,
        };
        (!bases.is_empty()).then(|| bases.iter().map(tree).collect())
    };
    Constraints::read(&NameConstraints {
        permitted: list(permitted),
        excluded: list(excluded),
    })
}

fn judge(constraints: &Constraints, subject: &Party, names: &[Name]) -> Option<&'static str> {
    let issuer = party("CN=CA");
    let cert = leaf(subject, &issuer, |body| body.names(names));
    let free = |_| Ok::<_, ()>(());
    let flaws = constraints
        .flaws(&issuer.name, &cert, DnCompare::Rfc5280, free)
        .unwrap();
    flaws.first().map(|flaw| flaw.check)
}

const OUT: Option<&str> = Some("name-not-permitted");
const EXCLUDED: Option<&str> = Some("name-excluded");
const UNREADABLE: Option<&str> = Some("constraint-unsupported");

#[test]
fn permitted_and_excluded() {
    let mapped = [&[0; 10][..], &[255, 255, 10, 0, 0, 1]].concat();
    let every4 = ip(&[0; 8]);
    // Base, name, result when permitted, result when excluded.
    let rows: Vec<(Name, Name, Option<&str>, Option<&str>)> = vec![
        (dns("example.com"), dns("example.com"), None, EXCLUDED),
        (dns("example.com"), dns("a.b.Example.COM"), None, EXCLUDED),
        (dns("Example.com"), dns("badexample.com"), OUT, None),
        (dns("a.example.com"), dns("example.com"), OUT, None),
        (dns(""), dns("anything"), None, EXCLUDED),
        // A wildcard: some of its names, all of its names.
        (dns("example.com"), dns("*.example.com"), None, EXCLUDED),
        (dns("a.example.com"), dns("*.example.com"), OUT, EXCLUDED),
        (dns("a.b.example.com"), dns("*.example.com"), OUT, None),
        (dns("example.com"), dns("*.com"), OUT, EXCLUDED),
        // No name of a host: nothing can be said, so nothing is allowed.
        (
            dns("example.com"),
            dns("example.com."),
            UNREADABLE,
            UNREADABLE,
        ),
        (
            dns("example.com"),
            dns("a..example.com"),
            UNREADABLE,
            UNREADABLE,
        ),
        (
            dns("example.com"),
            dns("x*.example.com"),
            UNREADABLE,
            UNREADABLE,
        ),
        (dns("example.com"), other(0x82), UNREADABLE, UNREADABLE),
        // Addresses.
        (
            ip(&[10, 0, 0, 0, 255, 0, 0, 0]),
            ip(&[10, 1, 2, 3]),
            None,
            EXCLUDED,
        ),
        (
            ip(&[10, 0, 0, 0, 255, 0, 0, 0]),
            ip(&[11, 1, 2, 3]),
            OUT,
            None,
        ),
        (
            ip(&[10, 9, 0, 0, 255, 0, 0, 0]),
            ip(&[10, 1, 2, 3]),
            None,
            EXCLUDED,
        ),
        (
            ip(&[10, 0, 0, 8, 255, 255, 255, 252]),
            ip(&[10, 0, 0, 11]),
            None,
            EXCLUDED,
        ),
        (
            ip(&[10, 0, 0, 8, 255, 255, 255, 252]),
            ip(&[10, 0, 0, 12]),
            OUT,
            None,
        ),
        (every4.clone(), ip(&[0; 16]), OUT, None),
        (every4.clone(), ip(&mapped), OUT, None),
        (
            every4,
            ip(&[10, 0, 0, 0, 255, 0, 0, 0]),
            UNREADABLE,
            UNREADABLE,
        ),
        (ip(&[0; 32]), ip(&[1; 16]), None, EXCLUDED),
        // Mail: a mailbox, a host, what is below a host; the local part has case.
        (mail("a@b.c"), mail("a@B.C"), None, EXCLUDED),
        (mail("a@b.c"), mail("A@b.c"), OUT, None),
        (mail("*@b.c"), mail("x@b.c"), OUT, None),
        (mail("b.c"), mail("x@b.c"), None, EXCLUDED),
        (mail("b.c"), mail("x@a.b.c"), OUT, None),
        (mail(".b.c"), mail("x@a.b.c"), None, EXCLUDED),
        (mail(".b.c"), mail("x@b.c"), OUT, None),
        (mail("b.c"), mail("x@y@b.c"), UNREADABLE, UNREADABLE),
        // URI: the host alone counts.
        (uri("b.c"), uri("https://u@b.c:1/x"), None, EXCLUDED),
        (uri("b.c"), uri("https://a.b.c/"), OUT, None),
        (uri(".b.c"), uri("spiffe://a.B.c/x"), None, EXCLUDED),
        (uri("b.c"), uri("https://10.0.0.1/"), UNREADABLE, UNREADABLE),
        (uri("b.c"), uri("https://[::1]/"), UNREADABLE, UNREADABLE),
        (uri("b.c"), uri("urn:b.c"), UNREADABLE, UNREADABLE),
        // Another form than the one constrained.
        (dns("b.c"), mail("x@y.z"), None, None),
        (mail("b.c"), dns("x"), None, None),
        // Forms that are not compared: only a name of that form is refused.
        (other(0xa0), dns("x"), None, None),
        (other(0xa0), other(0xa0), UNREADABLE, UNREADABLE),
        (other(0xa0), other(0x88), None, None),
    ];
    let subject = party("");
    for (base, name, permitted, excluded) in rows {
        let bases = [base.clone()];
        let names = [name.clone()];
        let found = judge(&read(&bases, &[]), &subject, &names);
        assert_eq!(found, permitted, "permitted {base}, {name}");
        let found = judge(&read(&[], &bases), &subject, &names);
        assert_eq!(found, excluded, "excluded {base}, {name}");
    }
}

#[test]
fn subjects() {
    let inside = party("CN=x,O=Acme,C=US");
    let nameless = party("");
    let mail_in_subject = party("emailAddress=a@b.c,CN=host.b.c");
    let host = [dns("host")];
    let acme = || [dir("O=ACME,C=us")];
    // The subject and every directoryName are bound.
    assert_eq!(judge(&read(&acme(), &[]), &inside, &host), None);
    assert_eq!(judge(&read(&[], &acme()), &inside, &host), EXCLUDED);
    assert_eq!(judge(&read(&acme(), &[]), &party("CN=x,C=US"), &host), OUT);
    assert_eq!(judge(&read(&acme(), &[]), &nameless, &host), None);
    assert_eq!(judge(&read(&acme(), &[]), &inside, &[dir("O=b")]), OUT);
    // emailAddress counts where the SubjectAltName has no mailbox, the CN never.
    let b = || [mail("b.c")];
    assert_eq!(judge(&read(&[], &b()), &mail_in_subject, &host), EXCLUDED);
    assert_eq!(
        judge(&read(&[], &b()), &mail_in_subject, &[mail("a@x")]),
        None
    );
    assert_eq!(
        judge(&read(&[], &[dns("b.c")]), &mail_in_subject, &host),
        None
    );
}

#[test]
fn exclusion_wins_and_every_name_counts() {
    let both = read(&[dns("b.c")], &[dns("a.b.c")]);
    let subject = party("CN=x");
    assert_eq!(judge(&both, &subject, &[dns("b.c")]), None);
    assert_eq!(
        judge(&both, &subject, &[dns("b.c"), dns("x.a.b.c")]),
        EXCLUDED
    );
    assert_eq!(judge(&both, &subject, &[dns("b.c"), dns("c")]), OUT);
    // One form of name: IPv4 permitted says that IPv6 is not.
    let net = read(&[ip(&[10, 0, 0, 0, 255, 0, 0, 0])], &[]);
    assert_eq!(judge(&net, &subject, &[ip(&[0; 16])]), OUT);
}

#[test]
fn malformed() {
    for (base, applied, unapplied) in [
        (dns("example.com"), false, false),
        (dns(".example.com"), true, false),
        (dns("*.example.com"), true, false),
        (mail("a@b@c"), true, false),
        (uri("https://x"), true, false),
        (ip(&[10, 0, 0, 1]), true, true),
        (ip(&[10, 0, 0, 0, 255, 0, 255, 0]), true, true),
        (other(0x82), true, true),
    ] {
        let read = read(&[], std::slice::from_ref(&base));
        assert_eq!(read.flaw(true).is_some(), applied, "{base}");
        assert_eq!(read.flaw(false).is_some(), unapplied, "{base}");
    }
    let minimum = Subtree {
        base: dns("x"),
        plain: false,
        has_maximum: false,
    };
    for permitted in [vec![], vec![minimum]] {
        let read = Constraints::read(&NameConstraints {
            permitted: Some(permitted),
            excluded: None,
        });
        assert!(read.flaw(false).is_some());
    }
}

#[test]
fn many_names_and_constraints_are_counted_each_with_each() {
    let hosts: Vec<Name> = (0..5_000)
        .map(|i| dns(&format!("{i}.example.com")))
        .collect();
    let constraints = read(&hosts, &[dns("x.y")]);
    let issuer = party("CN=CA");
    let cert = leaf(&party(""), &issuer, |body| body.names(&hosts));
    let mut spent = 0;
    let flaws = constraints.flaws(&issuer.name, &cert, DnCompare::Rfc5280, |cost| {
        spent += cost;
        Ok::<_, ()>(())
    });
    assert_eq!(flaws, Ok(vec![]));
    assert_eq!(spent, 5_000 * 5_001);
}
