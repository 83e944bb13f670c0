//! Sound chains of every shape.

use pki_core::cert::oid;
use pki_core::model::san::GeneralName;

use crate::case::PeerName;
use crate::keys::{Keys, Kind};
use crate::make::{self, Body, CLIENT_AUTH, DAY, Extensions, NOW, SERVER_AUTH};
use crate::plan::{Draft, Plan, name};
use crate::random::Random;

const WORDS: [&str; 8] = [
    "kes", "minio", "sidekick", "spark", "node-1", "node-2", "gateway", "prom",
];
const DOMAINS: [&str; 5] = [
    "example.com",
    "internal",
    "svc.cluster.local",
    "prod.example.org",
    "a.b.example.net",
];

/// A chain of two to eight certificates that every client should accept, or
/// refuse for the kinds of its keys alone.
pub(crate) fn draw(keys: &Keys, random: &mut Random) -> Plan {
    let cas = *random.one_of(&[0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 6]);
    let server = random.below(8) != 0;
    let tag = random.below(1000);
    let mut chain: Vec<Draft> = Vec::new();
    for level in (0..cas + 2).rev() {
        let key = keys.draw(kind(random), random);
        let subject = match level {
            0 => format!("CN={}-{tag}", random.one_of(&WORDS)),
            level => format!("O=Example {tag},CN=CA {level}"),
        };
        let subject = name(&subject);
        let (issuer, signer) = chain.last().map_or((subject.clone(), key), |above| {
            (above.subject.clone(), above.key)
        });
        let (own, authority) = (keys.id(key), keys.id(signer));
        let extensions: Extensions = match level {
            0 => make::leaf_extensions(&own, &authority),
            _ => make::ca_extensions(&own, &authority),
        };
        let mut body = Body::new(extensions);
        body.serial = vec![
            1 + u8::try_from(level).unwrap(),
            1 + u8::try_from(tag % 200).unwrap(),
        ];
        let from = NOW.plus_seconds(-DAY * span(random));
        body.valid(from, NOW.plus_seconds(DAY * span(random)));
        chain.push(Draft::new(&subject, key, &issuer, signer, body));
    }
    chain.reverse();
    let mut plan = Plan {
        now: NOW,
        sent: (1..=cas).collect(),
        chain,
        more: Vec::new(),
        trusted: vec![cas + 1],
        anchors: Vec::new(),
        // Those with more than five CAs in any order are too long for JSSE.
        shuffled: cas <= 5 && random.below(10) == 0,
        server,
        peer: None,
        faults: Vec::new(),
    };
    if random.below(6) == 0 {
        // The root is sent along.
        plan.sent.push(cas + 1);
    }
    ask(&mut plan, random);
    plan
}

/// Mostly P-256, as it is in the field.
fn kind(random: &mut Random) -> Kind {
    match random.below(20) {
        0..13 => Kind::P256,
        13..16 => Kind::P384,
        16..19 => Kind::Rsa,
        _ => Kind::Ed25519,
    }
}

fn span(random: &mut Random) -> i64 {
    *random.one_of(&[1, 10, 90, 400, 3650])
}

/// Names and purposes of the leaf, and whom the client dials.
fn ask(plan: &mut Plan, random: &mut Random) {
    if !plan.server {
        let purposes = make::purposes(&[CLIENT_AUTH]);
        plan.leaf()
            .body
            .set(oid::EXTENDED_KEY_USAGE, false, purposes);
    } else if random.below(3) == 0 {
        let purposes = make::purposes(&[SERVER_AUTH, CLIENT_AUTH]);
        plan.leaf()
            .body
            .set(oid::EXTENDED_KEY_USAGE, false, purposes);
    }
    let host = format!("{}.{}", random.one_of(&WORDS), random.one_of(&DOMAINS));
    let mut names = vec![GeneralName::Dns(host.clone())];
    let mut dialled = vec![("DNS", host)];
    if random.below(3) == 0 {
        let ip = [10, 1, 2, u8::try_from(random.below(250)).unwrap()];
        names.push(GeneralName::Dns("localhost".into()));
        names.push(GeneralName::Ip(ip.to_vec()));
        dialled.push(("DNS", "localhost".into()));
        dialled.push(("IP", std::net::Ipv4Addr::from(ip).to_string()));
    }
    plan.leaf().body.names(&names);
    let (kind, value) = random.one_of(&dialled).clone();
    plan.peer = plan.server.then(|| PeerName {
        kind: kind.into(),
        value,
    });
}
