//! The issuance record: one JSON line per certificate that was ever issued,
//! written before the certificate is delivered.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::cert::Certificate;
use crate::clock::Timestamp;

/// One line of `.pki/issued.jsonl`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedLine {
    /// 1
    pub version: u32,
    /// When it was issued, RFC 3339.
    pub issued: String,
    /// What it is for: `authority NAME`, or a pair's id.
    pub target: String,
    /// Where it is delivered.
    pub path: String,
    /// Its subject, RFC 4514.
    pub subject: String,
    /// Its issuer, RFC 4514.
    pub issuer: String,
    /// Upper-case hex.
    pub serial: String,
    /// RFC 3339.
    pub not_before: String,
    /// RFC 3339.
    pub not_after: String,
    /// SHA-256 of the certificate, hex.
    pub sha256: String,
    /// SHA-256 of the public key (SubjectPublicKeyInfo), hex.
    pub spki_sha256: String,
}

impl IssuedLine {
    /// The line for a certificate.
    pub fn new(certificate: &Certificate, target: String, path: String, now: Timestamp) -> Self {
        Self {
            version: 1,
            issued: now.to_string(),
            target,
            path,
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            serial: certificate.serial().to_string(),
            not_before: certificate.validity().not_before.to_string(),
            not_after: certificate.validity().not_after.to_string(),
            sha256: certificate.fingerprint().to_string(),
            spki_sha256: certificate.public_key().fingerprint().to_string(),
        }
    }
}

impl IssuedLine {
    /// The line, without the newline.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What the record tells: since when each key is in use.
#[derive(Clone, Debug, Default)]
pub struct IssuedRecord {
    key_since: BTreeMap<String, Timestamp>,
    certificates: BTreeSet<String>,
    targets: BTreeSet<String>,
    unreadable: usize,
}

impl IssuedRecord {
    /// Reads the record. A line that is torn or from another program is
    /// counted, never an error: the files are the truth.
    pub fn from_text(text: &str) -> Self {
        let mut record = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let line = serde_json::from_str::<IssuedLine>(line).ok();
            let issued = line.and_then(|l| Some((Timestamp::parse(&l.issued)?, l)));
            match issued {
                Some((issued, line)) => {
                    record.certificates.insert(line.sha256);
                    record.targets.insert(line.target);
                    let key = line.spki_sha256;
                    let since = record.key_since.entry(key).or_insert(issued);
                    *since = issued.min(*since);
                }
                None => record.unreadable += 1,
            }
        }
        record
    }

    /// When a key was first certified.
    pub fn key_since(&self, certificate: &Certificate) -> Option<Timestamp> {
        let key = certificate.public_key().fingerprint().to_string();
        self.key_since.get(&key).copied()
    }

    /// Whether a certificate was issued here.
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.certificates
            .contains(&certificate.fingerprint().to_string())
    }

    /// Whether something was ever issued for a target: `authority NAME`, or a
    /// pair's id.
    pub fn knows(&self, target: &str) -> bool {
        self.targets.contains(target)
    }

    /// How many lines could not be read.
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn torn_lines_are_counted() {
        let record = IssuedRecord::from_text("{\"version\":1,\n\nnot json\n");
        assert_eq!(record.unreadable(), 2);
    }
}
