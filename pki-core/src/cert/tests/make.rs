//! Certificates of any shape for tests: every field as told, then signed.

use crate::cert::{Certificate, oid};
use crate::clock::Timestamp;
use crate::der::{self, tag};
use crate::key::{KeySource, PrivateKey, Signer, SystemKeys};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::Dn;
use crate::model::san::GeneralName;
use crate::model::time;

/// 2026-11-21T00:00:00Z
pub(crate) const NOW: Timestamp = Timestamp::from_unix(1_795_219_200);
pub(crate) const DAY: i64 = 86_400;

/// A name with a key.
pub(crate) struct Party {
    pub(crate) name: Dn,
    pub(crate) key: PrivateKey,
}

pub(crate) fn party(name: &str) -> Party {
    Party {
        name: Dn::parse(name).unwrap(),
        key: SystemKeys.generate(KeyAlgorithm::EcdsaP256).unwrap(),
    }
}

impl Party {
    /// The same key under another name.
    pub(crate) fn key_id(&self) -> Vec<u8> {
        self.key.public().key_id_sha1().to_vec()
    }
}

/// OID, whether critical, and the octets inside extnValue.
pub(crate) type Extensions = Vec<(&'static str, bool, Vec<u8>)>;

/// What a certificate says, to be changed before it is signed.
#[derive(Clone)]
pub(crate) struct Body {
    /// 0 is v1.
    pub(crate) version: u8,
    pub(crate) serial: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    pub(crate) extensions: Extensions,
    /// AlgorithmIdentifier inside; outside stands the true one.
    pub(crate) inner: Option<Vec<u8>>,
    /// Before the extensions, DER.
    pub(crate) extra: Vec<u8>,
    /// Another subject than the party's, DER.
    pub(crate) subject: Option<Vec<u8>>,
    /// Another SubjectPublicKeyInfo than the party's.
    pub(crate) key: Option<Vec<u8>>,
    /// Version 1 is written out.
    pub(crate) write_version: bool,
    /// After the value in each extension, DER.
    pub(crate) after_each: Vec<u8>,
    /// That an extension is not critical is written out.
    pub(crate) write_false: bool,
}

impl Body {
    /// Version 3, valid from a day before [`NOW`] until a day after.
    pub(crate) fn new(extensions: Extensions) -> Self {
        Self {
            version: 2,
            serial: vec![1],
            not_before: time::write(NOW.plus_seconds(-DAY)),
            not_after: time::write(NOW.plus_seconds(DAY)),
            extensions,
            inner: None,
            extra: Vec::new(),
            subject: None,
            key: None,
            write_version: false,
            after_each: Vec::new(),
            write_false: false,
        }
    }

    /// `TBSCertificate`; algorithm, names and key are DER.
    pub(crate) fn tbs(
        &self,
        algorithm: &[u8],
        issuer: &[u8],
        subject: &[u8],
        public_key: &[u8],
    ) -> Vec<u8> {
        let version = der::encode(tag::context(0), &der::unsigned(&[self.version]));
        let list = self.extensions.iter().map(|(oid, critical, value)| {
            der::sequence([
                der::encode(tag::OID, &der::oid_octets(oid).unwrap()),
                if *critical {
                    der::encode(tag::BOOLEAN, &[0xff])
                } else if self.write_false {
                    der::encode(tag::BOOLEAN, &[0])
                } else {
                    Vec::new()
                },
                der::encode(tag::OCTET_STRING, value),
                self.after_each.clone(),
            ])
        });
        let list = if self.extensions.is_empty() {
            Vec::new()
        } else {
            der::encode(tag::context(3), &der::sequence(list))
        };
        let validity = der::sequence([&self.not_before, &self.not_after]);
        let serial = der::encode(tag::INTEGER, &self.serial);
        der::sequence([
            if self.version == 0 && !self.write_version {
                &[]
            } else {
                &version[..]
            },
            &serial,
            self.inner.as_deref().unwrap_or(algorithm),
            issuer,
            &validity,
            self.subject.as_deref().unwrap_or(subject),
            self.key.as_deref().unwrap_or(public_key),
            &self.extra,
            &list,
        ])
    }

    pub(crate) fn set(&mut self, oid: &'static str, critical: bool, value: Vec<u8>) {
        self.remove(oid);
        self.extensions.push((oid, critical, value));
    }

    pub(crate) fn remove(&mut self, oid: &str) {
        self.extensions.retain(|(o, ..)| *o != oid);
    }

    pub(crate) fn valid(&mut self, from: Timestamp, until: Timestamp) {
        self.not_before = time::write(from);
        self.not_after = time::write(until);
    }

    pub(crate) fn names(&mut self, names: &[GeneralName]) {
        let value = der::sequence(names.iter().map(GeneralName::to_der));
        self.set(oid::SUBJECT_ALT_NAME, false, value);
    }

    pub(crate) fn hosts(&mut self, hosts: &[&str]) {
        let names: Vec<_> = hosts
            .iter()
            .map(|h| GeneralName::Dns((*h).into()))
            .collect();
        self.names(&names);
    }

    pub(crate) fn constrain(&mut self, permitted: &[GeneralName], excluded: &[GeneralName]) {
        let value = constraints(permitted, excluded);
        self.set(oid::NAME_CONSTRAINTS, true, value);
    }
}

pub(crate) fn constraints(permitted: &[GeneralName], excluded: &[GeneralName]) -> Vec<u8> {
    let list = |n: u8, bases: &[GeneralName]| {
        let trees = bases.iter().map(|base| der::sequence([base.to_der()]));
        if bases.is_empty() {
            Vec::new()
        } else {
            der::encode(tag::context(n), &der::join(trees))
        }
    };
    der::sequence([list(0, permitted), list(1, excluded)])
}

pub(crate) fn basic_constraints(ca: bool, path_length: Option<u8>) -> Vec<u8> {
    let ca = if ca {
        der::encode(tag::BOOLEAN, &[0xff])
    } else {
        Vec::new()
    };
    let length = path_length.map_or(Vec::new(), |n| der::unsigned(&[n]));
    der::sequence([ca, length])
}

/// Bits as octets of the BIT STRING: unused bits first.
pub(crate) fn key_usage(octets: &[u8]) -> Vec<u8> {
    der::encode(tag::BIT_STRING, octets)
}

pub(crate) fn purposes(oids: &[&str]) -> Vec<u8> {
    let oid = |text: &&str| der::encode(tag::OID, &der::oid_octets(text).unwrap());
    der::sequence(oids.iter().map(oid))
}

pub(crate) const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
pub(crate) const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";

pub(crate) fn authority_key_id(key_id: &[u8]) -> Vec<u8> {
    der::sequence([der::encode(tag::context_primitive(0), key_id)])
}

fn key_ids(subject: &[u8], issuer: &[u8]) -> Extensions {
    let own = der::encode(tag::OCTET_STRING, subject);
    vec![
        (oid::SUBJECT_KEY_ID, false, own),
        (oid::AUTHORITY_KEY_ID, false, authority_key_id(issuer)),
    ]
}

/// Those of a CA as our profile makes it.
pub(crate) fn ca_extensions(subject: &[u8], issuer: &[u8]) -> Extensions {
    let mut extensions = vec![
        (oid::BASIC_CONSTRAINTS, true, basic_constraints(true, None)),
        (oid::KEY_USAGE, true, key_usage(&[1, 0x06])),
    ];
    extensions.extend(key_ids(subject, issuer));
    extensions
}

/// Those of a server's certificate for `host.example.com`.
pub(crate) fn leaf_extensions(subject: &[u8], issuer: &[u8]) -> Extensions {
    let host = GeneralName::Dns("host.example.com".into());
    let mut extensions = vec![
        (oid::BASIC_CONSTRAINTS, true, basic_constraints(false, None)),
        (oid::KEY_USAGE, true, key_usage(&[7, 0x80])),
        (oid::EXTENDED_KEY_USAGE, false, purposes(&[SERVER_AUTH])),
        (oid::SUBJECT_ALT_NAME, false, der::sequence([host.to_der()])),
    ];
    extensions.extend(key_ids(subject, issuer));
    extensions
}

/// A CA certificate as our profile makes it, changed by `tweak`.
pub(crate) fn ca(subject: &Party, issuer: &Party, tweak: impl FnOnce(&mut Body)) -> Certificate {
    let extensions = ca_extensions(&subject.key_id(), &issuer.key_id());
    sign(subject, issuer, extensions, tweak)
}

/// A server's certificate for `host.example.com`, changed by `tweak`.
pub(crate) fn leaf(subject: &Party, issuer: &Party, tweak: impl FnOnce(&mut Body)) -> Certificate {
    let extensions = leaf_extensions(&subject.key_id(), &issuer.key_id());
    sign(subject, issuer, extensions, tweak)
}

/// The octets of a certificate without extensions but those that `tweak` adds,
/// be it readable or not.
pub(crate) fn octets(subject: &Party, issuer: &Party, tweak: impl FnOnce(&mut Body)) -> Vec<u8> {
    der(subject, issuer, Vec::new(), tweak)
}

fn sign(
    subject: &Party,
    issuer: &Party,
    extensions: Extensions,
    tweak: impl FnOnce(&mut Body),
) -> Certificate {
    Certificate::from_der(&der(subject, issuer, extensions, tweak)).unwrap()
}

fn der(
    subject: &Party,
    issuer: &Party,
    extensions: Extensions,
    tweak: impl FnOnce(&mut Body),
) -> Vec<u8> {
    let mut body = Body::new(extensions);
    tweak(&mut body);
    let algorithm = issuer.key.algorithm().signature().identifier();
    let tbs = body.tbs(
        algorithm,
        issuer.name.raw(),
        subject.name.raw(),
        subject.key.public().spki(),
    );
    let signature = Signer::sign(&issuer.key, &tbs).unwrap();
    signed(&tbs, algorithm, &signature)
}

/// The certificate; all are DER but the signature.
pub(crate) fn signed(tbs: &[u8], algorithm: &[u8], signature: &[u8]) -> Vec<u8> {
    der::sequence([tbs, algorithm, &der::bit_string(signature)])
}
