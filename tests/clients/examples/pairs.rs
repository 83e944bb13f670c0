//! Every name against every constraint and every host that is dialled: what
//! each client says of it.

use pki_core::cert::oid;
use pki_core::model::dn::Dn;
use pki_core::model::san::GeneralName;

use super::Chain;
use super::change::{HOST, also_named, dial, dns, exclude, ip, mail, other, permit, uri};
use super::sweep::{all_agree, is_long};
use crate::case::Case;
use crate::keys::Keys;
use crate::plan::name;

/// The share of answers that must be as predicted: what it was when these
/// tables were made. It only grows.
const AGREEMENT: f64 = 0.99;

/// A fifth of all pairs; all of them with `PKI_LONG=1`.
#[test]
fn each_name_against_each_other() {
    let keys = Keys::new();
    let mut cases = constrained(&keys);
    cases.extend(dialled(&keys));
    // Prime to the length of every row, so that no column is left out.
    let step = if is_long() { 1 } else { 5 };
    let some: Vec<Case> = cases.into_iter().step_by(step).collect();
    all_agree("pairs", &some, AGREEMENT);
}

/// Each name of a form in the leaf, under a CA that permits or excludes each base.
fn constrained(keys: &Keys) -> Vec<Case> {
    let mut cases = Vec::new();
    for (names, bases) in forms() {
        for (name, base) in names.iter().flat_map(|n| bases.iter().map(move |b| (n, b))) {
            let mut chain = Chain::sound(keys);
            also_named(&mut chain, name.clone());
            exclude(chain.ca(), base.clone());
            cases.push(chain.sign(&format!("{name:?}, excluded {base:?}")));
            match base {
                // The host too, so that the other name alone counts.
                GeneralName::Dns(_) => {
                    let bases = [base.clone(), dns(HOST)];
                    chain.ca().body.constrain(&bases, &[]);
                }
                _ => permit(chain.ca(), base.clone()),
            }
            cases.push(chain.sign(&format!("{name:?}, permitted {base:?}")));
        }
    }
    cases
}

/// Each host in the SubjectAltName, or in the common name, with each that is dialled.
fn dialled(keys: &Keys) -> Vec<Case> {
    let mut cases = Vec::new();
    for (text, host) in HOSTS
        .iter()
        .flat_map(|n| DIALLED.iter().map(move |d| (n, d)))
    {
        let mut chain = Chain::sound(keys);
        dial(&mut chain, "DNS", host);
        chain.leaf().body.hosts(&[text]);
        cases.push(chain.sign(&format!("SAN {text:?}, dialled {host:?}")));
        if text.is_empty() {
            continue;
        }
        chain.leaf().subject = name(&format!("CN={text}"));
        chain.leaf().body.names(&[mail("a@example.com")]);
        cases.push(chain.sign(&format!("CN {text:?} and SAN mail, dialled {host:?}")));
        chain.leaf().body.remove(oid::SUBJECT_ALT_NAME);
        cases.push(chain.sign(&format!("CN {text:?}, dialled {host:?}")));
    }
    for (octets, host) in addresses()
        .iter()
        .flat_map(|a| ["10.0.0.1", "fd00::1", "::ffff:10.0.0.1"].map(|d| (a, d)))
    {
        let mut chain = Chain::sound(keys);
        chain.leaf().body.names(&[ip(octets)]);
        dial(&mut chain, "IP", host);
        cases.push(chain.sign(&format!("SAN {octets:?}, dialled {host}")));
    }
    cases
}

const HOSTS: [&str; 18] = [
    "host.example.com",
    "HOST.example.com",
    "example.com",
    "*.example.com",
    "*.host.example.com",
    ".example.com",
    "a..b",
    "host.example.com.",
    "*",
    "",
    "localhost",
    "a_b.example.com",
    "xn--bcher-kva.example.com",
    "-a.example.com",
    "1.2.3.4",
    "a.notexample.com",
    "*.com",
    "h*.example.com",
];

const DIALLED: [&str; 11] = [
    "host.example.com",
    "HOST.EXAMPLE.COM",
    "host.example.com.",
    "example.com",
    "a.host.example.com",
    "localhost",
    "a_b.example.com",
    "xn--bcher-kva.example.com",
    "x.com",
    "a.notexample.com",
    "hx.example.com",
];

const HOST_BASES: [&str; 18] = [
    "",
    ".",
    "example.com",
    ".example.com",
    "host.example.com",
    ".host.example.com",
    "EXAMPLE.com",
    "com",
    "ample.com",
    "*.example.com",
    "example.com.",
    "a..b",
    "a_b.example.com",
    "elsewhere.org",
    "a.host.example.com",
    "localhost",
    "xn--bcher-kva.example.com",
    "-a.example.com",
];

const MAILS: [&str; 10] = [
    "a@example.com",
    "a@host.example.com",
    "A@EXAMPLE.com",
    "example.com",
    "@example.com",
    "a@",
    "a@b@example.com",
    "\"a b\"@example.com",
    "a@[10.0.0.1]",
    "",
];

const MAIL_BASES: [&str; 12] = [
    "example.com",
    ".example.com",
    "a@example.com",
    "b@example.com",
    "A@example.com",
    "EXAMPLE.COM",
    "@example.com",
    "",
    ".",
    "a@",
    "host.example.com",
    "org",
];

const URIS: [&str; 16] = [
    "https://host.example.com/",
    "https://example.com",
    "HTTPS://HOST.EXAMPLE.COM/",
    "https://host.example.com:9000/x",
    "https://u@host.example.com/",
    "https://10.0.0.1/",
    "https://[::1]/",
    "spiffe://example.com/kes",
    "urn:x:y",
    "host.example.com",
    "https:///x",
    "https://host.example.com?x",
    "https://host.example.com#x",
    "mailto:a@example.com",
    "https://a_b.example.com/",
    "https://host.example.com:x/",
];

const URI_BASES: [&str; 11] = [
    "example.com",
    ".example.com",
    "host.example.com",
    "HOST.example.com",
    "",
    ".",
    "10.0.0.1",
    "https://host.example.com",
    "example.com:443",
    "org",
    "a..b",
];

/// Octets of names: of both families, mapped, cut off, and with a mask.
fn addresses() -> Vec<Vec<u8>> {
    vec![
        vec![10, 0, 0, 1],
        vec![10, 1, 0, 1],
        private(1),
        private(2),
        mapped(1),
        vec![10, 0, 0],
        vec![],
        vec![10, 0, 0, 1, 255, 255, 255, 255],
    ]
}

/// Address and mask, right and wrong.
fn networks() -> Vec<Vec<u8>> {
    vec![
        vec![10, 0, 0, 0, 255, 255, 0, 0],
        vec![10, 0, 0, 0, 255, 0, 0, 0],
        vec![0; 8],
        vec![0; 32],
        [private(0), mask(64)].concat(),
        [private(1), mask(128)].concat(),
        [mapped(0), mask(120)].concat(),
        vec![10, 0, 0, 0, 255, 0, 255, 0],
        vec![10, 0, 0, 1],
        vec![10, 0, 0, 1, 255, 255, 0, 0],
        private(1),
        vec![],
        vec![10, 0, 0, 1, 255, 255, 255, 255],
        vec![192, 168, 0, 0, 255, 255, 0, 0],
    ]
}

/// `fd00::` and a last octet.
fn private(last: u8) -> Vec<u8> {
    [&[0xfd][..], &[0; 14], &[last]].concat()
}

/// `::ffff:10.0.0.` and a last octet.
fn mapped(last: u8) -> Vec<u8> {
    [&[0; 10][..], &[255, 255, 10, 0, 0, last]].concat()
}

/// Of so many bits, by whole octets.
fn mask(bits: usize) -> Vec<u8> {
    (0..16)
        .map(|at| if at * 8 < bits { 255 } else { 0 })
        .collect()
}

/// Names and bases of each form.
fn forms() -> Vec<(Vec<GeneralName>, Vec<GeneralName>)> {
    let of = |texts: &[&str], form: fn(&str) -> GeneralName| -> Vec<GeneralName> {
        texts.iter().map(|text| form(text)).collect()
    };
    let octets = |list: Vec<Vec<u8>>| list.iter().map(|octets| ip(octets)).collect();
    let directory = |text: &&str| GeneralName::Directory(Dn::parse(text).unwrap());
    let any = GeneralName::Directory(Dn::empty());
    let mut directories: Vec<GeneralName> = ["O=x", "o=X", "O=x,CN=y", "CN=leaf", "CN=LEAF"]
        .iter()
        .map(directory)
        .collect();
    directories.push(any);
    let others = vec![
        other(0x88, &[0x2a, 3, 4]),
        other(0xa0, &[6, 1, 0x2a, 0xa0, 3, 0x0c, 1, 0x61]),
        other(0xa0, &[6, 1, 0x2b, 0xa0, 3, 0x0c, 1, 0x61]),
        other(0xa3, &[]),
        other(0xa5, &[]),
        other(0x8a, b"x"),
    ];
    vec![
        (of(&HOSTS, dns), of(&HOST_BASES, dns)),
        (of(&MAILS, mail), of(&MAIL_BASES, mail)),
        (of(&URIS, uri), of(&URI_BASES, uri)),
        (octets(addresses()), octets(networks())),
        (directories.clone(), directories),
        (others.clone(), others),
        // Octets that are no ASCII.
        (
            vec![other(0x82, b"\xe9.example.com"), other(0x82, b"host.\xe9")],
            of(&["", "example.com", "example.org"], dns),
        ),
        (
            vec![other(0x81, b"\xe9@example.com"), other(0x81, b"a@\xe9")],
            of(&["example.com", "example.org"], mail),
        ),
        (
            vec![
                other(0x86, b"https://\xe9.example.com/"),
                other(0x86, b"\xe9"),
            ],
            of(&[".example.com", "example.org"], uri),
        ),
    ]
}
