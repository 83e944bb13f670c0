//! What can be wrong with the fields of a `TBSCertificate`, one at a time.

use pki_core::der::{self, tag};

use super::{Change, Tbs, change};
use crate::tree::Node;

/// The name's string, in another type: RFC 5280 4.1.2.4 names five.
const STRINGS: [(&str, u8); 6] = [
    ("PrintableString", tag::PRINTABLE_STRING),
    ("T61String", tag::T61_STRING),
    ("IA5String", tag::IA5_STRING),
    ("NumericString", tag::NUMERIC_STRING),
    ("VisibleString", 0x1a),
    ("OCTET STRING", tag::OCTET_STRING),
];

/// RFC 5280 4.1.2.5: UTCTime with seconds and Z until 2049, GeneralizedTime
/// without fractions from 2050.
const TIMES: [(&str, u8, &str); 12] = [
    (
        "GeneralizedTime before 2050",
        tag::GENERALIZED_TIME,
        "20270101000000Z",
    ),
    (
        "GeneralizedTime of 2050",
        tag::GENERALIZED_TIME,
        "20500101000000Z",
    ),
    ("without seconds", tag::UTC_TIME, "2701010000Z"),
    ("with an offset", tag::UTC_TIME, "270101000000+0000"),
    ("without Z", tag::UTC_TIME, "270101000000"),
    (
        "with a fraction",
        tag::GENERALIZED_TIME,
        "20500101000000.5Z",
    ),
    ("month 13", tag::UTC_TIME, "271301000000Z"),
    ("30 February", tag::UTC_TIME, "270230000000Z"),
    ("hour 24", tag::UTC_TIME, "270101240000Z"),
    ("second 60", tag::UTC_TIME, "270101000060Z"),
    ("letters", tag::UTC_TIME, "27010100000xZ"),
    (
        "UTCTime with four digits of the year",
        tag::UTC_TIME,
        "20270101000000Z",
    ),
];

pub(super) fn all() -> Vec<Change> {
    let mut all = numbers();
    all.extend(names());
    all.extend(times());
    all.extend(key());
    all
}

fn numbers() -> Vec<Change> {
    let mut all = vec![
        change("version: absent", |tbs| {
            tbs.fields().remove(Tbs::VERSION);
        }),
        change("version: v1 written", |tbs| version(tbs, &[0])),
        change("version: v2", |tbs| version(tbs, &[1])),
        change("version: twice", |tbs| {
            let version = tbs.field(Tbs::VERSION).nodes();
            version.push(version[0].clone());
        }),
        change("version: v4", |tbs| version(tbs, &[3])),
        change("version: padded", |tbs| version(tbs, &[0, 2])),
        change("version: negative", |tbs| version(tbs, &[0xfd])),
        change("signature: ECDSA with SHA-384 inside", |tbs| {
            let oid = der::oid_octets("1.2.840.10045.4.3.3").unwrap();
            tbs.field(Tbs::ALGORITHM).nodes()[0].set(&oid);
        }),
        change("signature: NULL inside", |tbs| {
            tbs.field(Tbs::ALGORITHM)
                .nodes()
                .push(Node::new(tag::NULL, &[]));
        }),
        change("unique id: of the issuer", |tbs| unique(tbs, 1)),
        change("unique id: of the subject", |tbs| unique(tbs, 2)),
        change("field: one more at the end", |tbs| {
            tbs.fields().push(Node::new(tag::NULL, &[]));
        }),
    ];
    let long = [
        &[0x11; 20][..],
        &[0x11; 21],
        &[0; 1],
        &[0xff; 1],
        &[0, 1],
        &[0, 0x80],
        &[],
    ];
    let names = [
        "20 octets",
        "21 octets",
        "zero",
        "negative",
        "padded",
        "with its sign",
        "empty",
    ];
    for (name, octets) in names.into_iter().zip(long) {
        let octets = octets.to_vec();
        all.push(change(&format!("serial: {name}"), move |tbs| {
            tbs.field(Tbs::SERIAL).set(&octets);
        }));
    }
    all.push(change("serial: ENUMERATED", |tbs| {
        tbs.field(Tbs::SERIAL).tag = 0x0a;
    }));
    all
}

fn version(tbs: &mut Tbs, octets: &[u8]) {
    tbs.field(Tbs::VERSION).nodes()[0].set(octets);
}

fn unique(tbs: &mut Tbs, n: u8) {
    let id = Node::new(tag::context_primitive(n), &[0, 7]);
    tbs.fields().insert(Tbs::KEY + usize::from(n.min(1)), id);
}

fn names() -> Vec<Change> {
    let mut all = Vec::new();
    for (what, at) in [("issuer", Tbs::ISSUER), ("subject", Tbs::SUBJECT)] {
        for (name, tag) in STRINGS {
            all.push(change(&format!("{what}: as {name}"), move |tbs| {
                string(tbs, at).tag = tag;
            }));
        }
        all.push(change(&format!("{what}: as BMPString"), move |tbs| {
            let wide: Vec<u8> = string(tbs, at)
                .value()
                .iter()
                .flat_map(|o| [0, *o])
                .collect();
            *string(tbs, at) = Node::new(tag::BMP_STRING, &wide);
        }));
        all.push(change(&format!("{what}: another case"), move |tbs| {
            let octets = string(tbs, at).value().to_ascii_uppercase();
            string(tbs, at).set(&octets);
        }));
        all.push(change(&format!("{what}: spaces around"), move |tbs| {
            let octets = [b"  ", &string(tbs, at).value()[..], b" "].concat();
            string(tbs, at).set(&octets);
        }));
        all.push(change(&format!("{what}: no UTF-8"), move |tbs| {
            string(tbs, at).set(&[0xc3, 0x28]);
        }));
        all.push(change(&format!("{what}: a NUL in it"), move |tbs| {
            string(tbs, at).set(b"a\0b");
        }));
        all.push(change(&format!("{what}: an empty string"), move |tbs| {
            string(tbs, at).set(&[]);
        }));
        all.push(change(&format!("{what}: empty"), move |tbs| {
            tbs.field(at).set(&[]);
        }));
        all.push(change(&format!("{what}: an empty SET"), move |tbs| {
            tbs.field(at).nodes().push(Node::new(tag::SET, &[]));
        }));
        all.push(change(&format!("{what}: an attribute twice"), move |tbs| {
            let set = tbs.field(at).nodes()[0].clone();
            tbs.field(at).nodes().push(set);
        }));
        all.push(change(&format!("{what}: SET out of order"), move |tbs| {
            let set = tbs.field(at).nodes()[0].nodes();
            let mut other = set[0].clone();
            other.nodes()[0].set(&[0x55, 4, 10]);
            set.insert(0, other);
        }));
        all.push(change(
            &format!("{what}: an attribute without a value"),
            move |tbs| {
                tbs.field(at).nodes()[0].nodes()[0].nodes().pop();
            },
        ));
        all.push(change(
            &format!("{what}: an attribute with three parts"),
            move |tbs| {
                let attribute = &mut tbs.field(at).nodes()[0].nodes()[0];
                attribute.nodes().push(Node::new(tag::NULL, &[]));
            },
        ));
    }
    all
}

/// The string of the first attribute.
fn string(tbs: &mut Tbs, field: usize) -> &mut Node {
    &mut tbs.field(field).nodes()[0].nodes()[0].nodes()[1]
}

fn times() -> Vec<Change> {
    let mut all = Vec::new();
    for (name, tag, text) in TIMES {
        all.push(change(&format!("notAfter: {name}"), move |tbs| {
            tbs.field(Tbs::VALIDITY).nodes()[1] = Node::new(tag, text.as_bytes());
        }));
        // The same form of a time that has passed.
        let text = text.replacen("27", "25", 1).replacen("2050", "2025", 1);
        all.push(change(&format!("notBefore: {name}"), move |tbs| {
            tbs.field(Tbs::VALIDITY).nodes()[0] = Node::new(tag, text.as_bytes());
        }));
    }
    all.push(change("validity: the end before the start", |tbs| {
        tbs.field(Tbs::VALIDITY).nodes().swap(0, 1);
    }));
    all.push(change("validity: three times", |tbs| {
        let time = tbs.field(Tbs::VALIDITY).nodes()[1].clone();
        tbs.field(Tbs::VALIDITY).nodes().push(time);
    }));
    all
}

fn key() -> Vec<Change> {
    vec![
        change("key: NULL behind the curve", |tbs| {
            let parts = tbs.field(Tbs::KEY).nodes()[0].nodes();
            parts.push(Node::new(tag::NULL, &[]));
        }),
        change("key: no curve", |tbs| {
            tbs.field(Tbs::KEY).nodes()[0].nodes().pop();
        }),
        change("key: unknown curve", |tbs| {
            tbs.field(Tbs::KEY).nodes()[0].nodes()[1].set(&[0x2b, 0x81, 4, 0, 0x63]);
        }),
        change("key: unknown algorithm", |tbs| {
            tbs.field(Tbs::KEY).nodes()[0].nodes()[0].set(&[0x2b, 6, 1, 4, 1, 0x63]);
        }),
        change("key: off the curve", |tbs| {
            let mut bits = tbs.field(Tbs::KEY).nodes()[1].value();
            bits[9] ^= 1;
            tbs.field(Tbs::KEY).nodes()[1].set(&bits);
        }),
        change("key: an octet less", |tbs| {
            let mut bits = tbs.field(Tbs::KEY).nodes()[1].value();
            bits.pop();
            tbs.field(Tbs::KEY).nodes()[1].set(&bits);
        }),
        change("key: unused bits", |tbs| {
            let mut bits = tbs.field(Tbs::KEY).nodes()[1].value();
            bits[0] = 1;
            tbs.field(Tbs::KEY).nodes()[1].set(&bits);
        }),
        change("key: one more element", |tbs| {
            tbs.field(Tbs::KEY).nodes().push(Node::new(tag::NULL, &[]));
        }),
    ]
}
