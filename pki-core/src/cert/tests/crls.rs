//! CRLs read back: fields, oddities, and octets that are none.

use super::make::{DAY, NOW, party};
use super::make_crl::{ListBody, crl, crl_der, reason};
use crate::cert::{Crl, CrlError, CrlFileError, CrlScope, MAX_CRL_OCTETS, Reason, oid};
use crate::der::{self, tag};
use crate::model::algorithm::SignatureAlgorithm;
use crate::model::serial::Serial;
use crate::pem::{self, PemFault};
use proptest::prelude::*;

#[test]
fn fields() {
    let ca = party("CN=Root,O=x");
    let list = crl(&ca, |b| {
        b.revoke(&[9], &[reason(1)]);
        b.revoke(&[1], &[]);
        b.revoke(&[0, 0x80], &[reason(6)]);
    });
    assert_eq!(list.faults(), []);
    assert_eq!(list.version(), 2);
    assert_eq!(list.issuer(), &ca.name);
    assert_eq!(list.this_update(), NOW.plus_seconds(-DAY));
    assert_eq!(list.next_update(), Some(NOW.plus_seconds(DAY)));
    assert_eq!(list.number().unwrap().octets(), [1]);
    assert_eq!(list.scope(), None);
    assert!(!list.is_delta() && !list.names_other_issuers());
    let aki = list.authority_key_id().unwrap();
    assert_eq!(aki.key_id.as_deref(), Some(&ca.key_id()[..]));
    list.verify_signature(ca.key.public()).unwrap();
    assert!(list.verify_signature(party("CN=x").key.public()).is_err());
    assert_eq!(list.entries().len(), 3);
    for (serial, expected) in [
        (&[9][..], Some(Some(Reason::KeyCompromise))),
        (&[1], Some(None)),
        (&[0, 0x80], Some(Some(Reason::CertificateHold))),
        // The same number at length.
        (&[0, 0, 1], Some(None)),
        (&[0x80], None),
        (&[2], None),
        (&[], None),
    ] {
        let found = list.entries_of(&Serial::from_octets(serial));
        assert_eq!(found.first().map(|e| e.reason), expected, "{serial:?}");
    }
}

/// A change, and the checks that it breaks.
type Oddity = (fn(&mut ListBody), &'static [&'static str]);

const ODDITIES: [Oddity; 28] = [
    (|_| (), &[]),
    (
        |b| {
            b.version = None;
            b.extensions.clear();
        },
        &[
            "crl-version",
            "crl-number-missing",
            "crl-authority-key-id-missing",
        ],
    ),
    (|b| b.version = None, &["crl-version"]),
    (
        |b| b.inner = Some(SignatureAlgorithm::EcdsaSha384.identifier().to_vec()),
        &["crl-algorithms-differ"],
    ),
    (|b| b.next_update.clear(), &["crl-next-update-missing"]),
    (|b| b.remove(oid::CRL_NUMBER), &["crl-number-missing"]),
    (
        |b| b.set(oid::CRL_NUMBER, false, vec![2, 1, 0x80]),
        &["crl-malformed"],
    ),
    (
        |b| b.set(oid::CRL_NUMBER, false, vec![2, 2, 0, 1]),
        &["crl-malformed"],
    ),
    (|b| b.set(oid::CRL_NUMBER, false, vec![2, 1, 0]), &[]),
    (
        |b| b.set(oid::CRL_NUMBER, true, vec![2, 1, 1]),
        &["crl-content"],
    ),
    (
        |b| b.remove(oid::AUTHORITY_KEY_ID),
        &["crl-authority-key-id-missing"],
    ),
    (
        |b| b.set(oid::AUTHORITY_KEY_ID, false, vec![0x30, 0]),
        &["crl-authority-key-id-missing"],
    ),
    (
        |b| b.set("1.2.3", true, vec![5, 0]),
        &["crl-critical-extension"],
    ),
    (|b| b.set("1.2.3", false, vec![5, 0]), &[]),
    (
        |b| {
            let again = b.extensions[1].clone();
            b.extensions.push(again);
        },
        &["crl-malformed"],
    ),
    (|b| b.always_entries = true, &["crl-content"]),
    (
        |b| b.revoke(&[1], &[("1.2.3", true, vec![5, 0])]),
        &["crl-critical-extension"],
    ),
    (|b| b.revoke(&[1], &[("1.2.3", false, vec![5, 0])]), &[]),
    (|b| b.revoke(&[1], &[reason(7)]), &["crl-malformed"]),
    (|b| b.revoke(&[1], &[reason(11)]), &["crl-malformed"]),
    (|b| b.revoke(&[1], &[reason(8)]), &["crl-content"]),
    (|b| b.revoke(&[0, 1], &[]), &["crl-content"]),
    (
        |b| b.next_update = der::encode(tag::GENERALIZED_TIME, b"20300101000000Z"),
        &["crl-content"],
    ),
    (|b| b.scope(&[]), &["crl-content"]),
    (|b| b.scope(&[0x81, 1, 0xff]), &[]),
    (
        |b| b.scope(&[0x81, 1, 0xff, 0x82, 1, 0xff]),
        &["crl-content"],
    ),
    (|b| b.scope(&[0x81, 1, 0]), &["crl-malformed"]),
    (|b| b.scope(&[0x81, 1, 1]), &["crl-malformed"]),
];

#[test]
fn oddities_are_faults() {
    let ca = party("CN=Root");
    for (i, (tweak, expected)) in ODDITIES.into_iter().enumerate() {
        let list = crl(&ca, tweak);
        let found: Vec<_> = list.faults().iter().map(|f| f.check).collect();
        assert_eq!(found, expected, "row {i}: {:?}", list.faults());
    }
}

#[test]
fn scopes_and_kinds() {
    let ca = party("CN=Root");
    let all = [
        0xa0, 4, 0xa0, 2, 0x82, 0, 0x81, 1, 0xff, 0x82, 1, 0xff, 0x83, 2, 0, 2, 0x84, 1, 0xff,
        0x85, 1, 0xff,
    ];
    let list = crl(&ca, |b| {
        b.scope(&all);
        b.set(oid::DELTA_CRL_INDICATOR, true, vec![2, 1, 1]);
        b.revoke(&[1], &[(oid::CERTIFICATE_ISSUER, true, vec![0x30, 0])]);
    });
    let scope = CrlScope {
        point: true,
        only_users: true,
        only_authorities: true,
        only_attributes: true,
        some_reasons: true,
        indirect: true,
    };
    assert_eq!(list.scope(), Some(scope));
    assert!(list.is_delta() && list.names_other_issuers());
}

#[test]
fn what_is_no_crl() {
    let ca = party("CN=Root");
    let good = crl_der(&ca, |_| ());
    let mut longer = good.clone();
    longer.push(0);
    for octets in [
        &[][..],
        &longer,
        &good[..good.len() - 1],
        b"-----BEGIN",
        super::make::ca(&ca, &ca, |_| ()).der(),
        &crl_der(&ca, |b| b.version = Some(2)),
        &crl_der(&ca, |b| b.this_update = vec![5, 0]),
        &crl_der(&ca, |b| b.this_update = vec![0x17, 1, b'1']),
        &crl_der(&ca, |b| b.entries = vec![vec![5, 0]]),
    ] {
        assert!(Crl::from_der(octets).is_err(), "{octets:02x?}");
    }
    let error = Crl::from_der(&vec![0x30; MAX_CRL_OCTETS + 1]).unwrap_err();
    assert_eq!(error, CrlError::TooLarge(MAX_CRL_OCTETS + 1));
}

proptest! {
    #[test]
    fn mutants_are_survived(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        static GOOD: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
            crl_der(&party("CN=Root"), |b| {
                b.revoke(&[1], &[reason(1)]);
                b.revoke(&[2], &[]);
                b.scope(&[0x81, 1, 0xff]);
            })
        });
        let mut octets = GOOD.clone();
        for (at, octet) in changes {
            *at.get_mut(&mut octets) = octet;
        }
        if let Some(cut) = cut {
            octets.truncate(cut.index(octets.len()));
        }
        if let Ok(list) = Crl::from_der(&octets) {
            prop_assert_eq!(list.der(), &octets[..]);
            for entry in list.entries() {
                prop_assert!(list.entries_of(&entry.serial).contains(entry));
            }
        }
    }
}

#[test]
fn of_files() {
    let ca = party("CN=Root");
    let one = crl(&ca, |b| b.revoke(&[1], &[]));
    let two = crl(&ca, |b| b.number(2));
    let pem = |crl: &Crl| pem::encode("X509 CRL", crl.der());
    let other = pem::encode("CERTIFICATE", one.der());
    let both = format!("a comment\n{}{other}{}", pem(&one), pem(&two));
    assert_eq!(Crl::of_file(both.as_bytes()), Ok(vec![one.clone(), two]));
    assert_eq!(Crl::of_file(one.der()), Ok(vec![one.clone()]));
    // Nothing of a file is left out for what is wrong with it.
    let cut = format!("{}{}", pem(&one), &pem(&one)[..60]);
    assert!(matches!(
        Crl::of_file(cut.as_bytes()),
        Err(CrlFileError::Pem(PemFault::Truncated { .. }))
    ));
    let rubbish = format!("{}{}", pem(&one), pem::encode("X509 CRL", b"rubbish"));
    let line = pem(&one).lines().count() + 1;
    assert!(matches!(
        Crl::of_file(rubbish.as_bytes()),
        Err(CrlFileError::Block { line: at, .. }) if at == line
    ));
    let many = other.repeat(pem::MAX_BLOCKS) + &pem(&one);
    assert!(matches!(
        Crl::of_file(many.as_bytes()),
        Err(CrlFileError::Pem(PemFault::TooMany { .. }))
    ));
    assert_eq!(Crl::of_file(other.as_bytes()), Err(CrlFileError::NoBlock));
    for none in [&b""[..], b"text", &one.der()[..90]] {
        assert!(matches!(Crl::of_file(none), Err(CrlFileError::None(_))));
    }
}

#[test]
fn numbers_as_people_read_them() {
    let ca = party("CN=Root");
    for (octets, text) in [
        (&[0][..], Some("0")),
        (&[42], Some("42")),
        (&[0x10, 0], Some("4096")),
        (&[0x7f; 16], Some("169473963133173273960190490760135540607")),
        (&[0x10; 17], Some("0x1010101010101010101010101010101010")),
        // Negative.
        (&[0x80], None),
    ] {
        let list = crl(&ca, |b| {
            b.set(oid::CRL_NUMBER, false, der::encode(tag::INTEGER, octets));
        });
        assert_eq!(list.number_text().as_deref(), text);
    }
    let list = crl(&ca, |b| b.remove(oid::CRL_NUMBER));
    assert_eq!(list.number_text(), None);
}
