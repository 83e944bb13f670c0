//! CRLs of any shape for tests: every field as told, then signed.

use super::make::{DAY, NOW, Party};
use crate::cert::{Crl, oid};
use crate::clock::Timestamp;
use crate::der::{self, tag};
use crate::key::Signer;
use crate::model::time;

/// OID, whether critical, and value of an extension.
pub(crate) type Extension = (&'static str, bool, Vec<u8>);

/// What a CRL says, to be changed before it is signed.
pub(crate) struct ListBody {
    /// `None` is v1, 1 is v2.
    pub(crate) version: Option<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) this_update: Vec<u8>,
    /// Empty for none.
    pub(crate) next_update: Vec<u8>,
    /// Entries in DER.
    pub(crate) entries: Vec<Vec<u8>>,
    /// Written even where empty.
    pub(crate) always_entries: bool,
    pub(crate) extensions: Vec<Extension>,
    /// AlgorithmIdentifier inside; outside stands the true one.
    pub(crate) inner: Option<Vec<u8>>,
}

impl ListBody {
    pub(crate) fn revoke(&mut self, serial: &[u8], extensions: &[Extension]) {
        self.entries.push(der::sequence([
            der::encode(tag::INTEGER, serial),
            time::write(NOW.plus_seconds(-DAY)),
            list_of(extensions),
        ]));
    }

    pub(crate) fn set(&mut self, oid: &'static str, critical: bool, value: Vec<u8>) {
        self.remove(oid);
        self.extensions.push((oid, critical, value));
    }

    pub(crate) fn remove(&mut self, oid: &str) {
        self.extensions.retain(|(o, ..)| *o != oid);
    }

    pub(crate) fn number(&mut self, number: u8) {
        self.set(oid::CRL_NUMBER, false, der::unsigned(&[number]));
    }

    pub(crate) fn current(&mut self, from: Timestamp, until: Timestamp) {
        self.this_update = time::write(from);
        self.next_update = time::write(until);
    }

    /// `IssuingDistributionPoint` of these fields in DER.
    pub(crate) fn scope(&mut self, fields: &[u8]) {
        let value = der::encode(tag::SEQUENCE, fields);
        self.set(oid::ISSUING_DISTRIBUTION_POINT, true, value);
    }
}

/// reasonCode of an entry.
pub(crate) fn reason(code: u8) -> Extension {
    (oid::REASON_CODE, false, vec![0x0a, 1, code])
}

fn list_of(extensions: &[Extension]) -> Vec<u8> {
    if extensions.is_empty() {
        return Vec::new();
    }
    der::sequence(extensions.iter().map(|(oid, critical, value)| {
        der::sequence([
            der::encode(tag::OID, &der::oid_octets(oid).unwrap()),
            if *critical {
                der::encode(tag::BOOLEAN, &[0xff])
            } else {
                Vec::new()
            },
            der::encode(tag::OCTET_STRING, value),
        ])
    }))
}

/// An empty, current CRL as RFC 5280 5 asks for, changed by `tweak`.
pub(crate) fn crl(issuer: &Party, tweak: impl FnOnce(&mut ListBody)) -> Crl {
    Crl::from_der(&crl_der(issuer, tweak)).unwrap()
}

pub(crate) fn crl_der(issuer: &Party, tweak: impl FnOnce(&mut ListBody)) -> Vec<u8> {
    let key_id = der::encode(tag::context_primitive(0), &issuer.key_id());
    let mut body = ListBody {
        version: Some(1),
        issuer: issuer.name.raw().to_vec(),
        this_update: time::write(NOW.plus_seconds(-DAY)),
        next_update: time::write(NOW.plus_seconds(DAY)),
        entries: Vec::new(),
        always_entries: false,
        extensions: vec![
            (oid::AUTHORITY_KEY_ID, false, der::sequence([key_id])),
            (oid::CRL_NUMBER, false, der::unsigned(&[1])),
        ],
        inner: None,
    };
    tweak(&mut body);
    let algorithm = issuer.key.algorithm().signature().identifier();
    let extensions = if body.extensions.is_empty() {
        Vec::new()
    } else {
        der::encode(tag::context(0), &list_of(&body.extensions))
    };
    let entries = if body.entries.is_empty() && !body.always_entries {
        Vec::new()
    } else {
        der::sequence(body.entries)
    };
    let tbs = der::sequence([
        body.version.map_or(Vec::new(), |v| der::unsigned(&[v])),
        body.inner.unwrap_or_else(|| algorithm.to_vec()),
        body.issuer,
        body.this_update,
        body.next_update,
        entries,
        extensions,
    ]);
    let signature = Signer::sign(&issuer.key, &tbs).unwrap();
    der::sequence([tbs, algorithm.to_vec(), der::bit_string(&signature)])
}
