//! Whatever an existing CA is called comes back octet by octet.

use super::*;
use crate::cert::oid;
use crate::cert::tests::make::{self, Party};
use crate::der::{self, tag};

const CN: &str = "2.5.4.3";
const O: &str = "2.5.4.10";
const OU: &str = "2.5.4.11";
const SERIAL_NUMBER: &str = "2.5.4.5";
const UNIQUE_ID: &str = "2.5.4.45";
const DC: &str = "0.9.2342.19200300.100.1.25";
const MAIL: &str = "1.2.840.113549.1.9.1";

const UTF8: u8 = 0x0c;
const NUMERIC: u8 = 0x12;
const PRINTABLE: u8 = 0x13;
const T61: u8 = 0x14;
const IA5: u8 = 0x16;
const UNIVERSAL: u8 = 0x1c;
const BMP: u8 = 0x1e;

type Attribute<'a> = (&'a str, u8, &'a [u8]);

/// A name from its RDNs, each a set of attributes.
fn name(rdns: &[&[Attribute<'_>]]) -> Vec<u8> {
    let attribute = |(oid, tag, value): &Attribute<'_>| {
        let oid = der::encode(tag::OID, &der::oid_octets(oid).unwrap());
        der::sequence([oid, der::encode(*tag, value)])
    };
    let set = |rdn: &&[Attribute<'_>]| {
        let mut members: Vec<Vec<u8>> = rdn.iter().map(attribute).collect();
        members.sort();
        der::encode(tag::SET, &members.concat())
    };
    der::sequence(rdns.iter().map(set))
}

/// Names as CAs in use have them; rcgen alone breaks or refuses most.
fn foreign() -> Vec<(&'static str, Vec<u8>)> {
    let root: Attribute<'_> = (CN, UTF8, b"Root");
    vec![
        ("utf8", name(&[&[(CN, UTF8, "Zürich CA".as_bytes())]])),
        (
            "domain components",
            name(&[&[(DC, IA5, b"com")], &[(DC, IA5, b"example")], &[root]]),
        ),
        (
            "two units",
            name(&[&[(OU, UTF8, b"one")], &[(OU, UTF8, b"two")], &[root]]),
        ),
        (
            "two common names",
            name(&[&[(CN, UTF8, b"other")], &[root]]),
        ),
        (
            "several values in one RDN",
            name(&[&[(O, UTF8, b"x"), root, (OU, UTF8, b"y")]]),
        ),
        (
            "NumericString",
            name(&[&[(SERIAL_NUMBER, NUMERIC, b"12 34")], &[root]]),
        ),
        ("T61String", name(&[&[(O, T61, b"Soci\xe9t\xe9")], &[root]])),
        ("BMPString", name(&[&[(CN, BMP, b"\0R\0o\0\xf6\0t")]])),
        (
            "UniversalString",
            name(&[&[(CN, UNIVERSAL, b"\0\0\0R\0\0\0t")]]),
        ),
        (
            "PrintableString with *_@&",
            name(&[&[(O, PRINTABLE, b"A&B *_@")], &[root]]),
        ),
        ("an empty RDN", name(&[&[], &[root]])),
        ("mail", name(&[&[root], &[(MAIL, IA5, b"ca@example.com")]])),
        (
            "BIT STRING",
            name(&[&[(UNIQUE_ID, tag::BIT_STRING, b"\x04\xf0")], &[root]]),
        ),
        (
            "an unknown type",
            name(&[&[("1.3.6.1.4.1.99999.1", UTF8, b"x")], &[root]]),
        ),
        (
            "spaces and case",
            name(&[&[(CN, PRINTABLE, b"  rOOT   ca ")]]),
        ),
        ("an empty value", name(&[&[(O, UTF8, b"")], &[root]])),
        (
            "hundred RDNs",
            name(&[[(OU, UTF8, &b"u"[..])].as_slice(); 100]),
        ),
    ]
}

#[test]
fn the_name_of_a_ca_comes_back_octet_by_octet() {
    let key = new_key();
    for (what, raw) in foreign() {
        let party = Party {
            name: Dn::from_der(&raw).unwrap(),
            key: new_key(),
        };
        let certificate = make::ca(&party, &party, |body| {
            body.remove(oid::AUTHORITY_KEY_ID);
            body.valid(NOW.plus_seconds(-DAY), NOW.plus_seconds(2000 * DAY));
        });
        let ca = Ca {
            certificate,
            key: party.key,
        };
        let leaf = ca.issue(&request(Profile::Server, "CN=leaf", &["a.b"], &key));
        assert_eq!(leaf.issuer().raw(), raw, "{what}");
        assert!(leaf.is_signed_by(&ca.certificate), "{what}");
        openssl_accepts(
            &["-x509_strict", "-purpose", "sslserver"],
            &ca,
            None,
            &[leaf],
        );
        // One level down, and the CA's own name when it is renewed.
        let middle = below(&ca, "CN=Middle, O=x", &[]);
        assert_eq!(middle.certificate.issuer().raw(), raw, "{what}");
        let leaf = middle.issue(&request(Profile::Server, "CN=leaf", &["a.b"], &key));
        openssl_accepts(&["-x509_strict"], &ca, Some(&middle), &[leaf]);
        let again = Request::authority(
            ca.certificate.subject().clone(),
            days(3000),
            ca.key.public().clone(),
            None,
            Vec::new(),
        );
        let again = self_sign(&again.unwrap(), &ca.key, NOW, &serial(4)).unwrap();
        assert_eq!(
            (again.subject().raw(), again.issuer().raw()),
            (&*raw, &*raw),
            "{what}"
        );
    }
}

#[test]
fn names_that_openssl_made_come_back() {
    for subject in [
        "/DC=com/DC=example/CN=Corp Root",
        "/C=US/ST=CA/O=MinIO/OU=a/OU=b/CN=Root",
        "/O=x+CN=Root+OU=z",
        "/CN=Root/emailAddress=ca@example.com",
    ] {
        let pem = fixture!("p256.pem");
        let made = openssl(
            &[
                "req",
                "-x509",
                "-new",
                "-key",
                "k.pem",
                "-days",
                "9000",
                "-subj",
                subject,
                "-multivalue-rdn",
                "-addext",
                "keyUsage=critical,keyCertSign,cRLSign",
            ],
            &[("k.pem", pem)],
        );
        let Some(made) = made else { return };
        assert!(made.ok, "{}", made.text);
        let blocks = pem::blocks(made.text.as_bytes()).blocks;
        let block = blocks.iter().find(|b| b.label == "CERTIFICATE").unwrap();
        let ca = Ca {
            certificate: Certificate::from_der(block.der.as_ref().unwrap()).unwrap(),
            key: stored(pem),
        };
        let key = new_key();
        let made = ca.certificate.validity().not_before;
        let request = request(Profile::Server, "CN=leaf", &["a.b"], &key);
        let leaf = issue(&request, &ca.issuer(), made, &serial(5))
            .unwrap()
            .certificate;
        assert_eq!(leaf.issuer().raw(), ca.certificate.subject().raw());
        let files = [
            ("root.pem", to_pem(&ca.certificate)),
            ("leaf.pem", to_pem(&leaf)),
        ];
        let files = files.each_ref().map(|(n, b)| (*n, &b[..]));
        let now = made.unix().to_string();
        let said = openssl(
            &[
                "verify",
                "-attime",
                &now,
                "-x509_strict",
                "-CAfile",
                "root.pem",
                "leaf.pem",
            ],
            &files,
        );
        let said = said.unwrap();
        assert!(said.ok, "{subject} {}", said.text);
    }
}

#[test]
fn a_leaf_is_not_named_like_its_ca() {
    let ca = root("CN=MinIO Root CA, O=MinIO", new_key(), &[]);
    let key = new_key();
    // As OpenSSL compares them: case and spaces do not count.
    for same in [
        "CN=MinIO Root CA, O=MinIO",
        "CN=minio root CA, O=MINIO",
        "CN=MinIO  Root   CA, O=MinIO",
    ] {
        let request = request(Profile::Server, same, &["a.b"], &key);
        let error = issue(&request, &ca.issuer(), NOW, &serial(6)).unwrap_err();
        assert!(matches!(error, IssueError::SubjectIsIssuer(_)), "{same}");
        assert!(Error::from(error).hint_text().is_some());
    }
    for other in [
        "CN=MinIO Root CA",
        "O=MinIO, CN=MinIO Root CA",
        "CN=MinIO RootCA, O=MinIO",
    ] {
        let leaf = ca.issue(&request(Profile::Server, other, &["a.b"], &key));
        openssl_accepts(&["-x509_strict"], &ca, None, &[leaf]);
    }
}
