//! Faults of the leaf's names and of the name that is dialled.

use pki_core::cert::oid;
use pki_core::der::{self, tag};
use pki_core::model::dn::Dn;
use pki_core::model::san::GeneralName;

use super::{Draw, Fault};
use crate::case::PeerName;
use crate::plan::{Plan, name};

pub(super) const FAULTS: &[Fault] = &[
    pairs,
    pairs,
    pairs,
    addresses,
    addresses,
    no_names,
    other_kinds,
    common_name,
    empty,
    marked,
    empty_subject,
    spelled,
];

fn dial(plan: &mut Plan, kind: &str, value: &str) {
    plan.peer = Some(PeerName {
        kind: kind.into(),
        value: value.into(),
    });
}

fn dns(text: &str) -> GeneralName {
    GeneralName::Dns(text.into())
}

/// What the certificate names and what is dialled.
const PAIRS: [(&str, &str); 38] = [
    ("other.example.com", "kes.example.com"),
    ("example.com", "kes.example.com"),
    ("kes.example.com", "example.com"),
    ("*.example.com", "kes.example.com"),
    ("*.example.com", "example.com"),
    ("*.example.com", "a.kes.example.com"),
    ("*.EXAMPLE.com", "kes.example.COM"),
    ("k*.example.com", "kes.example.com"),
    ("*s.example.com", "kes.example.com"),
    ("kes.*.com", "kes.example.com"),
    ("*.*.example.com", "a.b.example.com"),
    ("*.local", "kes.local"),
    ("*.com", "example.com"),
    ("*", "localhost"),
    ("*", "example.com"),
    ("*.internal", "minio.internal"),
    ("*.svc.cluster.local", "kes.svc.cluster.local"),
    ("*.example.com.", "kes.example.com"),
    ("KES.example.COM", "kes.example.com"),
    ("kes.example.com", "KES.Example.Com"),
    ("kes.example.com.", "kes.example.com"),
    ("kes.example.com", "kes.example.com."),
    ("kes.example.com.", "kes.example.com."),
    (".example.com", "kes.example.com"),
    ("kes_1.example.com", "kes_1.example.com"),
    ("*.example.com", "kes_1.example.com"),
    ("_kes.example.com", "_kes.example.com"),
    ("-kes.example.com", "-kes.example.com"),
    ("localhost", "localhost"),
    ("kes", "kes"),
    ("xn--bcher-kva.example.com", "xn--bcher-kva.example.com"),
    ("*.xn--bcher-kva.example", "a.xn--bcher-kva.example"),
    ("xn--*-kva.example.com", "xn--bcher-kva.example.com"),
    ("kes..example.com", "kes..example.com"),
    ("kes.example.com ", "kes.example.com"),
    ("kes example", "kes.example.com"),
    ("kes.example.com:9000", "kes.example.com"),
    ("1.example.com", "1.example.com"),
];

fn pairs(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    plan.peer.as_ref()?;
    let (named, dialled) = *draw.one_of(&PAIRS);
    let mut names = vec![dns(named)];
    if draw.random.below(4) == 0 {
        names.insert(0, dns("first.example.org"));
    }
    plan.leaf().body.names(&names);
    dial(plan, "DNS", dialled);
    Some(format!("SAN `{named}`, dialled `{dialled}`"))
}

fn addresses(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    plan.peer.as_ref()?;
    let v6: Vec<u8> = [0xfd, 0].into_iter().chain([0; 13]).chain([1]).collect();
    let mapped: Vec<u8> = [0; 10].into_iter().chain([255, 255, 10, 0, 0, 1]).collect();
    let ip = |octets: &[u8]| GeneralName::Ip(octets.to_vec());
    let (names, dialled, what) = draw
        .one_of(&[
            (ip(&[10, 0, 0, 1]), "10.0.0.1", "SAN IP, dialled"),
            (ip(&[10, 0, 0, 2]), "10.0.0.1", "SAN another IP"),
            (dns("10.0.0.1"), "10.0.0.1", "SAN DNS with an IP"),
            (dns("kes.example.com"), "10.0.0.1", "IP dialled, SAN DNS"),
            (dns("*.0.0.1"), "10.0.0.1", "IP dialled, SAN wildcard"),
            (ip(&v6), "fd00::1", "SAN IPv6, dialled"),
            (ip(&v6), "fd00:0:0:0:0:0:0:1", "SAN IPv6, dialled in full"),
            (ip(&v6), "fd00::2", "SAN another IPv6"),
            (ip(&mapped), "10.0.0.1", "SAN mapped IPv4"),
            (ip(&[10, 0, 0, 1]), "::ffff:10.0.0.1", "mapped IPv4 dialled"),
            (ip(&[10, 0, 0]), "10.0.0.1", "SAN IP of three octets"),
            (
                ip(&[10, 0, 0, 1, 255, 255, 255, 0]),
                "10.0.0.1",
                "SAN IP with mask",
            ),
            (ip(&[]), "10.0.0.1", "SAN IP of no octets"),
        ])
        .clone();
    plan.leaf().body.names(&[names]);
    dial(plan, "IP", dialled);
    Some(format!("{what}: {dialled}"))
}

fn no_names(plan: &mut Plan, _: &mut Draw<'_>) -> Option<String> {
    plan.leaf().body.remove(oid::SUBJECT_ALT_NAME);
    Some("no SAN".into())
}

/// The host only in the common name.
fn common_name(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let host = plan.host();
    plan.rename(0, &name(&format!("CN={host}")));
    let body = &mut plan.leaf().body;
    let with = match draw.random.below(4) {
        0 => {
            body.remove(oid::SUBJECT_ALT_NAME);
            "no SAN"
        }
        1 => {
            body.names(&[GeneralName::Email("admin@example.com".into())]);
            "SAN email"
        }
        2 => {
            body.names(&[GeneralName::Ip(vec![192, 0, 2, 1])]);
            "SAN another IP"
        }
        _ => {
            body.names(&[dns("other.example.com")]);
            "SAN another DNS"
        }
    };
    Some(format!("CN is the host, {with}"))
}

fn other_kinds(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let host = plan.host();
    let other = |tag, value: &[u8]| GeneralName::Other {
        tag,
        value: value.to_vec(),
    };
    let (added, what) = draw
        .one_of(&[
            (GeneralName::Email("admin@example.com".into()), "email"),
            (GeneralName::Email("no mail".into()), "malformed email"),
            (GeneralName::Uri("spiffe://example.com/kes".into()), "URI"),
            (GeneralName::Uri("not a uri".into()), "malformed URI"),
            (
                GeneralName::Uri("https://[::1".into()),
                "URI with half a host",
            ),
            (
                GeneralName::Directory(Dn::parse("CN=x").unwrap()),
                "directory",
            ),
            (other(0x88, &[0x2a, 3, 4]), "registered ID"),
            (
                other(0xa0, &[6, 1, 0x2a, 0xa0, 3, 0x0c, 1, 0x61]),
                "otherName",
            ),
            (other(0x8a, b"x"), "unknown form"),
            (
                other(0x82, "k\u{e9}s.example.com".as_bytes()),
                "DNS of UTF-8",
            ),
            (other(0x82, b"kes\0.example.com"), "DNS with NUL"),
            (other(0x82, b""), "empty DNS"),
        ])
        .clone();
    let mut names = vec![added];
    let with = if draw.random.below(3) == 0 {
        "alone"
    } else if plan.peer.as_ref().is_some_and(|peer| peer.kind == "IP") {
        let octets: std::net::IpAddr = host.parse().ok()?;
        names.push(GeneralName::Ip(match octets {
            std::net::IpAddr::V4(ip) => ip.octets().to_vec(),
            std::net::IpAddr::V6(ip) => ip.octets().to_vec(),
        }));
        "and the address"
    } else {
        names.push(dns(&host));
        "and the host"
    };
    plan.leaf().body.names(&names);
    Some(format!("SAN {what} {with}"))
}

fn empty(plan: &mut Plan, _: &mut Draw<'_>) -> Option<String> {
    plan.leaf().body.names(&[]);
    Some("empty SAN".into())
}

fn marked(plan: &mut Plan, _: &mut Draw<'_>) -> Option<String> {
    plan.leaf().mark(oid::SUBJECT_ALT_NAME, true);
    Some("SAN critical".into())
}

/// Critical names must stand for an empty subject (RFC 5280 4.2.1.6).
fn empty_subject(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    let level = draw.level(plan);
    plan.rename(level, Dn::empty().raw());
    let critical = draw.random.below(2) == 0;
    if level == 0 {
        plan.leaf().mark(oid::SUBJECT_ALT_NAME, critical);
    }
    let with = if critical && level == 0 {
        ", SAN critical"
    } else {
        ""
    };
    Some(format!("{} with empty subject{with}", plan.title(level)))
}

/// The subject in other strings, which are the same name or none.
fn spelled(plan: &mut Plan, draw: &mut Draw<'_>) -> Option<String> {
    const COMMON_NAME: &[u8] = &[6, 3, 0x55, 4, 3];
    const COUNTRY: &[u8] = &[6, 3, 0x55, 4, 6];
    let level = draw.level(plan);
    let (kind, of, value, what) = *draw.one_of(&[
        (COMMON_NAME, tag::UTF8_STRING, &b"kes"[..], "UTF8String"),
        (COMMON_NAME, 0x14, b"kes", "TeletexString"),
        (COMMON_NAME, 0x1e, b"\0k\0e\0s", "BMPString"),
        (
            COMMON_NAME,
            tag::UTF8_STRING,
            b"\xff\xfe",
            "broken UTF8String",
        ),
        (COMMON_NAME, 0x13, b"kes_1@*", "odd PrintableString"),
        (COMMON_NAME, tag::UTF8_STRING, b"", "empty string"),
        (COUNTRY, 0x13, b"DEU", "country of three letters"),
    ]);
    let attribute = der::sequence([kind, &der::encode(of, value)]);
    let rdn = der::set_of(vec![attribute]);
    plan.rename(level, &der::sequence([rdn]));
    Some(format!("{} subject {what}", plan.title(level)))
}
