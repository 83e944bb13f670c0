//! Certificates read back: fields, oddities, and octets that are none.

mod crls;
pub(crate) mod make;
pub(crate) mod make_crl;

use super::*;
use make::{Body, NOW, ca, key_usage, leaf, party, purposes};
use proptest::prelude::*;

#[test]
fn fields() {
    let root = party("CN=Root,O=x");
    let host = party("CN=host");
    let cert = leaf(&host, &root, |body| {
        body.serial = vec![0, 0x8a, 1];
        body.names(&[
            GeneralName::Dns("a.example".into()),
            GeneralName::Ip(vec![10, 0, 0, 1]),
        ]);
    });
    assert_eq!(cert.version(), 3);
    assert_eq!(cert.serial().to_string(), "8A01");
    assert_eq!(cert.issuer(), &root.name);
    assert_eq!(cert.subject(), &host.name);
    assert!(cert.validity().contains(NOW));
    assert_eq!(cert.public_key(), host.key.public());
    assert_eq!(
        cert.signature_algorithm(),
        Some(SignatureAlgorithm::EcdsaSha256)
    );
    assert_eq!(cert.names().len(), 2);
    assert_eq!(cert.purposes(), Some(&[Purpose::ServerAuth][..]));
    assert_eq!(cert.key_usage(), Some(KeyUsage::DIGITAL_SIGNATURE));
    assert_eq!(cert.subject_key_id(), Some(&host.key_id()[..]));
    let aki = cert.authority_key_id().unwrap();
    assert_eq!(aki.key_id.as_deref(), Some(&root.key_id()[..]));
    assert!(!cert.is_ca() && !cert.is_self_issued());
    assert_eq!(cert.faults(), []);
    assert!(
        cert.der()
            .windows(cert.tbs().len())
            .any(|w| w == cert.tbs())
    );
    key::verify(
        cert.algorithm_identifier(),
        root.key.public(),
        cert.tbs(),
        cert.signature(),
    )
    .unwrap();
    let again = ca(&root, &root, |_| ());
    assert!(again.is_ca() && again.is_self_issued());
}

/// A change, and the checks that it breaks.
type Oddity = (fn(&mut Body), &'static [&'static str]);

const ODDITIES: [Oddity; 16] = [
    (|b| b.serial = vec![0], &["serial-number"]),
    (|b| b.serial = vec![0x80], &["serial-number"]),
    (|b| b.serial = vec![1; 21], &["serial-number"]),
    (|b| b.serial = vec![1; 20], &[]),
    (|b| b.version = 1, &["version"]),
    (
        |b| b.inner = Some(SignatureAlgorithm::EcdsaSha384.identifier().to_vec()),
        &["algorithms-differ"],
    ),
    (
        |b| b.extensions.push(("1.2.3", true, vec![5, 0])),
        &["unknown-critical-extension"],
    ),
    (|b| b.extensions.push(("1.2.3", false, vec![5, 0])), &[]),
    (
        |b| {
            b.extensions
                .extend([("1.2.3", false, vec![5, 0]), ("1.2.3", false, vec![5, 0])]);
        },
        &["duplicate-extension"],
    ),
    (
        |b| b.set(oid::EXTENDED_KEY_USAGE, false, purposes(&[])),
        &["malformed-extension"],
    ),
    (
        |b| b.set(oid::KEY_USAGE, true, key_usage(&[1, 0x81])),
        &["malformed-extension"],
    ),
    (
        |b| b.not_after = der::encode(der::tag::GENERALIZED_TIME, b"20300101000000Z"),
        &["time-form"],
    ),
    (
        |b| b.not_after = der::encode(der::tag::UTC_TIME, b"3001010000Z"),
        &["time-form"],
    ),
    (
        |b| b.not_after = der::encode(der::tag::UTC_TIME, b"300101000000+0000"),
        &["time-form"],
    ),
    (
        |b| b.not_after = der::encode(der::tag::GENERALIZED_TIME, b"20500101000000.5Z"),
        &["time-form"],
    ),
    (
        |b| b.not_before = der::encode(der::tag::UTC_TIME, b"500101000000Z"),
        &[],
    ),
];

#[test]
fn oddities_are_faults() {
    let root = party("CN=Root");
    for (i, (tweak, expected)) in ODDITIES.into_iter().enumerate() {
        let cert = leaf(&party("CN=host"), &root, tweak);
        let found: Vec<_> = cert.faults().iter().map(|f| f.check).collect();
        assert_eq!(found, expected, "row {i}: {:?}", cert.faults());
    }
}

#[test]
fn what_is_no_certificate() {
    let cert = ca(&party("CN=Root"), &party("CN=Root"), |_| ());
    let mut longer = cert.der().to_vec();
    longer.push(0);
    let shorter = &cert.der()[..cert.der().len() - 1];
    // The same parts in another frame: a length at length, or something after.
    let parts = der::only(cert.der(), der::tag::SEQUENCE).unwrap().value;
    let size = u16::try_from(parts.len()).unwrap().to_be_bytes();
    let at_length = [&[0x30, 0x83, 0][..], &size, parts].concat();
    let more = der::sequence([parts, &[5, 0]]);
    let with = |tweak: fn(&mut Body)| {
        let root = party("CN=Root");
        make::octets(&root, &root, tweak)
    };
    for octets in [
        &[][..],
        &longer,
        shorter,
        &at_length,
        &more,
        // Unknown in a certificate, and a third time.
        &with(|b| b.extra = vec![0xa4, 0]),
        &with(|b| b.not_after.extend([5, 0])),
        // No moment at all, and forms that nobody reads.
        &with(|b| b.not_after = der::encode(der::tag::UTC_TIME, b"271301000000Z")),
        &with(|b| b.not_after = der::encode(der::tag::UTC_TIME, b"270101000000")),
        b"-----BEGIN",
        &[0x30, 0x80, 0, 0],
    ] {
        assert!(Certificate::from_der(octets).is_err(), "{octets:02x?}");
    }
    assert!(Certificate::from_der(&with(|_| ())).is_ok());
    let error = Certificate::from_der(&vec![0x30; MAX_OCTETS + 1]).unwrap_err();
    assert_eq!(error, CertError::TooLarge(MAX_OCTETS + 1));
}

#[test]
fn openssl_reads_the_same() {
    let root = party("CN=Root,O=Ex\\,ample");
    let cert = leaf(&party("CN=host,OU=b,OU=a"), &root, |b| {
        b.serial = vec![0x12, 0x34];
    });
    let Some(text) = openssl(
        &[
            "x509", "-inform", "DER", "-noout", "-subject", "-issuer", "-serial", "-dates",
        ],
        cert.der(),
    ) else {
        return;
    };
    for line in [
        format!("subject={}", cert.subject()),
        format!("issuer={}", cert.issuer()),
        format!("serial={}", cert.serial()),
        "notBefore=Nov 20 00:00:00 2026 GMT".into(),
        "notAfter=Nov 22 00:00:00 2026 GMT".into(),
    ] {
        assert!(text.contains(&line), "{line}\n{text}");
    }
}

#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test asks another implementation"
)]
fn openssl(arguments: &[&str], input: &[u8]) -> Option<String> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut command = Command::new("openssl");
    command.args(arguments).args(["-nameopt", "RFC2253"]);
    let Ok(mut child) = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
        println!("skipped: openssl not found");
        return None;
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}

proptest! {
    #[test]
    fn mutants_are_survived(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        static GOOD: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
            let root = party("CN=Root");
            let limited = ca(&party("CN=A"), &root, |b| {
                b.constrain(&[GeneralName::Dns("x".into())], &[GeneralName::Ip(vec![0; 8])]);
            });
            limited.der().to_vec()
        });
        let mut octets = GOOD.clone();
        for (at, octet) in changes {
            *at.get_mut(&mut octets) = octet;
        }
        if let Some(cut) = cut {
            octets.truncate(cut.index(octets.len()));
        }
        if let Ok(cert) = Certificate::from_der(&octets) {
            prop_assert_eq!(cert.der(), &octets[..]);
            let _ = (cert.faults().len(), cert.subject().to_string(), cert.fingerprint());
        }
    }
}
