//! The table of profiles, extension by extension.

use super::*;
use crate::cert::oid;
use crate::model::profile::Profile::{Client, Peer, Server};
use crate::model::san::GeneralName;
use crate::model::serial::SerialSource as _;

const SERVER_ONLY: &[u8] = b"\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
const CLIENT_ONLY: &[u8] = b"\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02";
const BOTH: &[u8] =
    b"\x30\x14\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02";
const NO_CA: &[u8] = b"\x30\x00";
/// digitalSignature
const SIGNS: &[u8] = b"\x03\x02\x07\x80";
/// digitalSignature, keyEncipherment
const SIGNS_AND_WRAPS: &[u8] = b"\x03\x02\x05\xa0";
/// keyCertSign, cRLSign
const CERTIFIES: &[u8] = b"\x03\x02\x01\x06";
/// DNS:a.b
const A_B: &[u8] = b"\x30\x05\x82\x03a.b";

/// SHA-1 of the key bits (RFC 5280 4.2.1.2 (1)), not by the code under test.
fn sha1(key: &PrivateKey) -> Vec<u8> {
    let bits = key.public().key_bits();
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bits);
    digest.as_ref().to_vec()
}

fn ski(id: &[u8]) -> Vec<u8> {
    [&[4, 20], id].concat()
}

fn aki(id: &[u8]) -> Vec<u8> {
    [&[0x30, 22, 0x80, 20], id].concat()
}

/// Every extension, none more, by OID.
#[track_caller]
fn assert_extensions(certificate: &Certificate, expected: &[(&str, bool, &[u8])]) {
    let mut found: Vec<(&str, bool, &[u8])> = certificate
        .extensions()
        .iter()
        .map(|e| (&*e.oid, e.critical, &*e.value))
        .collect();
    let mut expected = expected.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(certificate.version(), 3);
    assert_eq!(certificate.faults(), []);
}

#[test]
fn leaves_say_what_the_table_says() {
    let ca = root("CN=Root", new_key(), &[]);
    let ca_id = aki(&sha1(&ca.key));
    let (ec, rsa) = (new_key(), stored(fixture!("rsa-2048.pem")));
    for (profile, names, key, usage, purposes) in [
        (Server, &["a.b"][..], &ec, SIGNS, SERVER_ONLY),
        (Server, &["a.b"], &rsa, SIGNS_AND_WRAPS, SERVER_ONLY),
        (Client, &[], &ec, SIGNS, CLIENT_ONLY),
        (Client, &["a.b"], &rsa, SIGNS_AND_WRAPS, CLIENT_ONLY),
        (Peer, &["a.b"], &ec, SIGNS, BOTH),
        (Peer, &["a.b"], &rsa, SIGNS_AND_WRAPS, BOTH),
    ] {
        let leaf = ca.issue(&request(profile, "CN=leaf", names, key));
        let own = ski(&sha1(key));
        let mut expected = vec![
            (oid::BASIC_CONSTRAINTS, true, NO_CA),
            (oid::KEY_USAGE, true, usage),
            (oid::EXTENDED_KEY_USAGE, false, purposes),
            (oid::SUBJECT_KEY_ID, false, &own),
            (oid::AUTHORITY_KEY_ID, false, &ca_id),
        ];
        if !names.is_empty() {
            expected.push((oid::SUBJECT_ALT_NAME, false, A_B));
        }
        assert_extensions(&leaf, &expected);
        let purpose = if profile == Client {
            "sslclient"
        } else {
            "sslserver"
        };
        openssl_accepts(&["-x509_strict", "-purpose", purpose], &ca, None, &[leaf]);
    }
}

#[test]
fn authorities_say_what_the_table_says() {
    for key in [
        new_key(),
        stored(fixture!("rsa-2048.pem")),
        stored(fixture!("ed25519.pem")),
    ] {
        let id = sha1(&key);
        let ca = root("CN=Root", key, &[]);
        let own = ski(&id);
        assert_extensions(
            &ca.certificate,
            &[
                (oid::BASIC_CONSTRAINTS, true, b"\x30\x03\x01\x01\xff"),
                (oid::KEY_USAGE, true, CERTIFIES),
                (oid::SUBJECT_KEY_ID, false, &own),
            ],
        );
        let middle = below(&ca, "CN=Middle", &[]);
        let (own, above) = (ski(&sha1(&middle.key)), aki(&id));
        assert_extensions(
            &middle.certificate,
            &[
                (
                    oid::BASIC_CONSTRAINTS,
                    true,
                    b"\x30\x06\x01\x01\xff\x02\x01\x00",
                ),
                (oid::KEY_USAGE, true, CERTIFIES),
                (oid::SUBJECT_KEY_ID, false, &own),
                (oid::AUTHORITY_KEY_ID, false, &above),
            ],
        );
        let key = new_key();
        let leaf = middle.issue(&request(Server, "CN=leaf", &["a.b"], &key));
        let strict = [
            "-x509_strict",
            "-purpose",
            "sslserver",
            "-verify_hostname",
            "a.b",
        ];
        openssl_accepts(&strict, &ca, Some(&middle), &[leaf]);
    }
}

#[test]
fn the_issuer_names_its_key() {
    use crate::cert::tests::make;
    // A CA's own identifier may be anything; where it has none, its key's SHA-1.
    for (id, expected) in [
        (Some(vec![1, 2, 3]), vec![1, 2, 3]),
        (Some(vec![7; 32]), vec![7; 32]),
        (None, Vec::new()),
    ] {
        let party = make::party("CN=Old Root");
        let certificate = make::ca(&party, &party, |body| {
            body.remove(oid::AUTHORITY_KEY_ID);
            body.valid(NOW.plus_seconds(-DAY), NOW.plus_seconds(900 * DAY));
            match id.clone() {
                Some(id) => body.set(
                    oid::SUBJECT_KEY_ID,
                    false,
                    crate::der::encode(crate::der::tag::OCTET_STRING, &id),
                ),
                None => body.remove(oid::SUBJECT_KEY_ID),
            }
        });
        let expected = if id.is_some() {
            expected
        } else {
            sha1(&party.key)
        };
        let ca = Ca {
            certificate,
            key: party.key,
        };
        let key = new_key();
        let leaf = ca.issue(&request(Server, "CN=leaf", &["a.b"], &key));
        let found = leaf.authority_key_id().unwrap();
        assert_eq!(found.key_id.as_deref(), Some(&*expected));
        assert!(found.issuer.is_none() && found.serial.is_none());
        openssl_accepts(&["-purpose", "sslserver"], &ca, None, &[leaf]);
    }
}

#[test]
fn names_come_out_in_order_and_once() {
    let ca = root("CN=Root", new_key(), &[]);
    let key = new_key();
    let names = [
        "b.example",
        "a.example",
        "10.0.0.1",
        "b.example",
        "fe80::1",
        "*.a.example",
        "a@b.example",
        "spiffe://td.example/x",
        "10.0.0.1",
    ];
    let leaf = ca.issue(&request(Server, "CN=leaf", &names, &key));
    let found: Vec<String> = leaf.names().iter().map(GeneralName::value).collect();
    assert_eq!(
        found,
        [
            "b.example",
            "a.example",
            "10.0.0.1",
            "fe80::1",
            "*.a.example",
            "a@b.example",
            "spiffe://td.example/x",
        ]
    );
    openssl_accepts(
        &["-x509_strict", "-verify_ip", "fe80::1"],
        &ca,
        None,
        &[leaf],
    );
}

#[test]
fn serials_are_random_and_new_each_time() {
    let mut serials = RandomSerials::default();
    let (ca, key) = (root("CN=Root", new_key(), &[]), new_key());
    let request = request(Server, "CN=leaf", &["a.b"], &key);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..64 {
        let serial = serials.next_serial().unwrap();
        let leaf = issue(&request, &ca.issuer(), NOW, &serial)
            .unwrap()
            .certificate;
        assert_eq!(leaf.serial(), &serial);
        assert_eq!(serial.octets().len(), 16);
        assert!(serial.conforms());
        // The same key and names each time.
        assert!(seen.insert(serial));
    }
    for octets in [[0; 16], [0xff; 16], [0x80; 16]] {
        let serial = Serial::from_random(octets);
        let leaf = issue(&request, &ca.issuer(), NOW, &serial)
            .unwrap()
            .certificate;
        assert_eq!(leaf.serial().octets(), serial.octets());
        assert_eq!(leaf.faults(), []);
    }
}

#[test]
fn requests_that_no_profile_allows() {
    let key = new_key();
    let make = |profile, subject: Dn, names: &[&str]| {
        Request::leaf(profile, subject, sans(names), days(1), key.public().clone()).unwrap_err()
    };
    for (profile, subject, names, expected) in [
        (Server, dn("CN=x"), &[][..], RequestError::NoNames(Server)),
        (Peer, dn("CN=x"), &[], RequestError::NoNames(Peer)),
        (
            Client,
            dn("O=x"),
            &["x"],
            RequestError::NoCommonName(Client),
        ),
        (
            Server,
            Dn::empty(),
            &["x"],
            RequestError::NoCommonName(Server),
        ),
        (Profile::Authority, dn("CN=x"), &["x"], RequestError::NoLeaf),
    ] {
        assert_eq!(make(profile, subject, names), expected);
    }
    assert!(Request::authority(Dn::empty(), days(1), key.public().clone(), None, vec![]).is_err());
}

#[test]
fn who_may_not_issue() {
    use crate::cert::tests::make;
    let party = make::party("CN=Root");
    let refused = |tweak: &dyn Fn(&mut make::Body)| {
        let certificate = make::ca(&party, &party, tweak);
        Issuer::new(&certificate, &party.key).unwrap_err()
    };
    let leaf = refused(&|b| {
        b.set(
            oid::BASIC_CONSTRAINTS,
            true,
            make::basic_constraints(false, None),
        );
    });
    assert_eq!(leaf, IssuerError::NoCa("CN=Root".into()));
    assert_eq!(refused(&|b| b.remove(oid::BASIC_CONSTRAINTS)), leaf);
    let usage = refused(&|b| b.set(oid::KEY_USAGE, true, make::key_usage(&[1, 0x02])));
    assert!(matches!(&usage, IssuerError::Usage { found, .. } if found == "cRLSign"));
    // Without any KeyUsage a CA may sign (RFC 5280 4.2.1.3).
    let certificate = make::ca(&party, &party, |b| b.remove(oid::KEY_USAGE));
    assert!(Issuer::new(&certificate, &party.key).is_ok());
    let other = Issuer::new(&certificate, &new_key()).unwrap_err();
    assert_eq!(other, IssuerError::KeyMismatch("CN=Root".into()));
    assert!(Error::from(other).message().contains("`CN=Root`"));
}
