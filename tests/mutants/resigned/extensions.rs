//! What can be wrong with extensions, one at a time.

use pki_core::cert::oid;
use pki_core::der::{self, tag};
use pki_core::model::san::GeneralName;

use super::{Change, change};
use crate::make;
use crate::tree::Node;

/// Those that our certificates have, and name constraints.
const KNOWN: [(&str, &str); 7] = [
    ("basicConstraints", oid::BASIC_CONSTRAINTS),
    ("keyUsage", oid::KEY_USAGE),
    ("extKeyUsage", oid::EXTENDED_KEY_USAGE),
    ("subjectAltName", oid::SUBJECT_ALT_NAME),
    ("subjectKeyId", oid::SUBJECT_KEY_ID),
    ("authorityKeyId", oid::AUTHORITY_KEY_ID),
    ("nameConstraints", oid::NAME_CONSTRAINTS),
];

/// The whole value of an extension, as hex.
const VALUES: [(&str, &str, &str); 44] = [
    (
        "basicConstraints: cA FALSE written",
        oid::BASIC_CONSTRAINTS,
        "3003010100",
    ),
    (
        "basicConstraints: cA 01",
        oid::BASIC_CONSTRAINTS,
        "3003010101",
    ),
    (
        "basicConstraints: cA of two octets",
        oid::BASIC_CONSTRAINTS,
        "30040102ffff",
    ),
    (
        "basicConstraints: path length negative",
        oid::BASIC_CONSTRAINTS,
        "30060101ff0201ff",
    ),
    (
        "basicConstraints: path length padded",
        oid::BASIC_CONSTRAINTS,
        "30070101ff02020001",
    ),
    (
        "basicConstraints: path length huge",
        oid::BASIC_CONSTRAINTS,
        "300e0101ff020900ffffffffffffffff",
    ),
    (
        "basicConstraints: path length without cA",
        oid::BASIC_CONSTRAINTS,
        "3003020101",
    ),
    (
        "basicConstraints: path length 0",
        oid::BASIC_CONSTRAINTS,
        "30060101ff020100",
    ),
    ("basicConstraints: CA", oid::BASIC_CONSTRAINTS, "30030101ff"),
    ("basicConstraints: no CA", oid::BASIC_CONSTRAINTS, "3000"),
    (
        "basicConstraints: a third part",
        oid::BASIC_CONSTRAINTS,
        "30080101ff0201050500",
    ),
    ("keyUsage: no bit", oid::KEY_USAGE, "030100"),
    ("keyUsage: zero bits written", oid::KEY_USAGE, "03020700"),
    ("keyUsage: unused bits set", oid::KEY_USAGE, "030207ff"),
    ("keyUsage: unused bits not told", oid::KEY_USAGE, "030200a6"),
    ("keyUsage: eight unused bits", oid::KEY_USAGE, "030208a6"),
    ("keyUsage: no octet", oid::KEY_USAGE, "0300"),
    (
        "keyUsage: digitalSignature alone",
        oid::KEY_USAGE,
        "03020780",
    ),
    ("keyUsage: keyCertSign alone", oid::KEY_USAGE, "03020204"),
    ("keyUsage: decipherOnly too", oid::KEY_USAGE, "0303078680"),
    (
        "keyUsage: a zero octet at the end",
        oid::KEY_USAGE,
        "0303008600",
    ),
    ("keyUsage: constructed", oid::KEY_USAGE, "230403020186"),
    ("extKeyUsage: none", oid::EXTENDED_KEY_USAGE, "3000"),
    (
        "extKeyUsage: any",
        oid::EXTENDED_KEY_USAGE,
        "30060604551d2500",
    ),
    (
        "extKeyUsage: client alone",
        oid::EXTENDED_KEY_USAGE,
        "300a06082b06010505070302",
    ),
    (
        "extKeyUsage: server twice",
        oid::EXTENDED_KEY_USAGE,
        "301406082b0601050507030106082b06010505070301",
    ),
    ("extKeyUsage: no OID", oid::EXTENDED_KEY_USAGE, "30020500"),
    (
        "extKeyUsage: an empty OID",
        oid::EXTENDED_KEY_USAGE,
        "300c06082b060105050703010600",
    ),
    ("subjectKeyId: empty", oid::SUBJECT_KEY_ID, "0400"),
    ("subjectKeyId: another", oid::SUBJECT_KEY_ID, "040401020304"),
    (
        "subjectKeyId: no OCTET STRING",
        oid::SUBJECT_KEY_ID,
        "020101",
    ),
    ("authorityKeyId: empty", oid::AUTHORITY_KEY_ID, "3000"),
    (
        "authorityKeyId: another",
        oid::AUTHORITY_KEY_ID,
        "3006800401020304",
    ),
    (
        "authorityKeyId: a serial alone",
        oid::AUTHORITY_KEY_ID,
        "3003820101",
    ),
    (
        "authorityKeyId: unknown part",
        oid::AUTHORITY_KEY_ID,
        "3003850101",
    ),
    ("nameConstraints: empty", oid::NAME_CONSTRAINTS, "3000"),
    (
        "nameConstraints: permitted of nothing",
        oid::NAME_CONSTRAINTS,
        "3002a000",
    ),
    (
        "nameConstraints: that permit it",
        oid::NAME_CONSTRAINTS,
        "300fa00d300b8209652e6578616d706c65",
    ),
    (
        "nameConstraints: minimum 1",
        oid::NAME_CONSTRAINTS,
        "3014a0123010820b6578616d706c652e636f6d800101",
    ),
    (
        "nameConstraints: a network with holes",
        oid::NAME_CONSTRAINTS,
        "300ea00c300a87080a000000ff00ff00",
    ),
    (
        "nameConstraints: a network of five octets",
        oid::NAME_CONSTRAINTS,
        "300ba009300787050a00000000",
    ),
    (
        "nameConstraints: an unknown form",
        oid::NAME_CONSTRAINTS,
        "300aa0083006880453040506",
    ),
    (
        "nameConstraints: with a leading dot",
        oid::NAME_CONSTRAINTS,
        "3012a010300e820c2e6578616d706c652e636f6d",
    ),
    (
        "nameConstraints: that exclude it",
        oid::NAME_CONSTRAINTS,
        "3011a10f300d820b6578616d706c652e636f6d",
    ),
];

/// A name beside the one that is dialled: its tag and value.
const NAMES: [(&str, u8, &[u8]); 20] = [
    ("an empty host", 0x82, b""),
    ("a NUL in a host", 0x82, b"a\0b.example"),
    ("a host with a final dot", 0x82, b"a.example."),
    ("a host with a leading dot", 0x82, b".a.example"),
    ("a host with a space", 0x82, b"a b.example"),
    ("a host with an underscore", 0x82, b"a_b.example"),
    ("a host of UTF-8", 0x82, "ü.example".as_bytes()),
    ("a host of no ASCII", 0x82, b"\xff.example"),
    ("a wildcard within a label", 0x82, b"a*.example"),
    ("a wildcard alone", 0x82, b"*"),
    ("two wildcards", 0x82, b"*.*.example"),
    ("a constructed host", 0xa2, b"\x16\x01a"),
    ("an address of five octets", 0x87, b"\x0a\0\0\x01\x01"),
    (
        "an address of eight octets",
        0x87,
        b"\x0a\0\0\x01\xff\xff\xff\0",
    ),
    ("an empty address", 0x87, b""),
    ("mail without a host", 0x81, b"user"),
    ("a URI without a scheme", 0x86, b"//a/b"),
    ("a URI of no ASCII", 0x86, b"http://\xff/"),
    ("an OID", 0x88, b"\x2a\x03"),
    ("an unknown form", 0x8b, b"a"),
];

pub(super) fn all() -> Vec<Change> {
    let mut all = Vec::new();
    for (name, oid) in KNOWN {
        all.extend(of_each(name, oid));
    }
    for (name, oid, value) in VALUES {
        all.push(change(name, move |tbs| {
            tbs.extend(oid, None, &octets(value));
        }));
    }
    for (name, tag, value) in NAMES {
        all.push(change(&format!("subjectAltName: {name} too"), move |tbs| {
            let host = der::encode(tag::context_primitive(2), b"host.example.com");
            let names = der::sequence([host, der::encode(tag, value)]);
            tbs.extend(oid::SUBJECT_ALT_NAME, None, &names);
        }));
    }
    all.push(change("subjectAltName: no name", |tbs| {
        tbs.extend(oid::SUBJECT_ALT_NAME, None, &der::sequence::<&[u8]>([]));
    }));
    all.extend(of_the_list());
    all
}

fn octets(hex: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digit).collect()
}

/// What can be wrong with any extension.
fn of_each(name: &str, oid: &'static str) -> Vec<Change> {
    let each = |what: &str, make: fn(&mut Vec<Node>, usize)| {
        change(&format!("{name}: {what}"), move |tbs| {
            if tbs.extension(oid).is_none() {
                tbs.extend(oid, Some(oid == oid::NAME_CONSTRAINTS), &usual(oid));
            }
            let list = tbs.list();
            let at = list.iter_mut().position(|e| super::is(e, oid)).unwrap();
            make(list, at);
        })
    };
    vec![
        each("absent", |list, at| {
            list.remove(at);
        }),
        each("twice", |list, at| list.push(list[at].clone())),
        each("critical the other way", |list, at| {
            let parts = list[at].nodes();
            if parts.len() == 3 {
                parts.remove(1);
            } else {
                parts.insert(1, Node::new(tag::BOOLEAN, &[0xff]));
            }
        }),
        each("critical FALSE written", |list, at| {
            critical(&mut list[at], &[0]);
        }),
        each("critical 01", |list, at| critical(&mut list[at], &[1])),
        each("one more part", |list, at| {
            list[at].nodes().push(Node::new(tag::NULL, &[]));
        }),
        each("octets behind the value", |list, at| {
            let value = list[at].nodes().last_mut().unwrap();
            let longer = [value.value(), vec![5, 0]].concat();
            value.set(&longer);
        }),
        each("an empty value", |list, at| {
            list[at].nodes().last_mut().unwrap().set(&[]);
        }),
        each("a value of another tag", |list, at| {
            list[at].nodes().last_mut().unwrap().nodes()[0].tag ^= 0x01;
        }),
        each("a long length", |list, at| {
            list[at].nodes().last_mut().unwrap().nodes()[0].long = true;
        }),
        each("BIT STRING around it", |list, at| {
            list[at].nodes().last_mut().unwrap().tag = tag::BIT_STRING;
        }),
    ]
}

/// The value of an extension that only one of both certificates has.
fn usual(oid: &str) -> Vec<u8> {
    let host = |host: &str| GeneralName::Dns(host.into());
    match oid {
        oid::NAME_CONSTRAINTS => make::constraints(&[host("example.com")], &[]),
        oid::EXTENDED_KEY_USAGE => make::purposes(&[make::SERVER_AUTH]),
        _ => der::sequence([host("ca.example.com").to_der()]),
    }
}

fn critical(extension: &mut Node, octets: &[u8]) {
    let parts = extension.nodes();
    if parts.len() == 3 {
        parts.remove(1);
    }
    parts.insert(1, Node::new(tag::BOOLEAN, octets));
}

fn of_the_list() -> Vec<Change> {
    vec![
        change("extensions: absent", |tbs| {
            tbs.fields().pop();
        }),
        change("extensions: none in the list", |tbs| tbs.list().clear()),
        change("extensions: the other way round", |tbs| {
            tbs.list().reverse();
        }),
        change("extensions: an unknown one", |tbs| {
            tbs.extend("1.3.6.1.4.1.99999.1", None, &[5, 0]);
        }),
        change("extensions: an unknown critical one", |tbs| {
            tbs.extend("1.3.6.1.4.1.99999.1", Some(true), &[5, 0]);
        }),
        change("extensions: an unknown one of no DER", |tbs| {
            tbs.extend("1.3.6.1.4.1.99999.1", None, &[0xff, 0xff]);
        }),
        change("extensions: an OID with an empty arc", |tbs| {
            tbs.extend("1.3.6.1.4.1.99999.1", None, &[5, 0]);
            let last = tbs.list().last_mut().unwrap();
            last.nodes()[0].set(&[0x2a, 0x80, 1]);
        }),
        change("extensions: an OID that is cut", |tbs| {
            tbs.extend("1.3.6.1.4.1.99999.1", None, &[5, 0]);
            let last = tbs.list().last_mut().unwrap();
            last.nodes()[0].set(&[0x2a, 0x86]);
        }),
        change("extensions: an OID that ends like a name's", |tbs| {
            let names = tbs.extension(oid::SUBJECT_ALT_NAME);
            if let Some(names) = names {
                names.nodes()[0].set(&[0x55, 0x1d, 0x91]);
            }
        }),
        change("extensions: critical policies", |tbs| {
            tbs.extend(
                "2.5.29.32",
                Some(true),
                &octets("30063004060229 03".replace(' ', "").as_str()),
            );
        }),
        change("extensions: a list behind the list", |tbs| {
            let wrapper = tbs.fields().last_mut().unwrap();
            let list = wrapper.nodes()[0].clone();
            wrapper.nodes().push(list);
        }),
    ]
}
