//! The issuance record: one JSON line per certificate that was ever issued,
//! written before the certificate is delivered.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::report::{Finding, Locator, Severity, rule};
use crate::store::RECORD;

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
    /// Subject and fingerprint of every certificate that was made for an authority.
    authorities: BTreeMap<String, BTreeSet<(String, String)>>,
    unreadable: usize,
    /// Why it could not be read at all, and what to do.
    unread: Option<(String, String)>,
}

impl IssuedRecord {
    /// A record that is there and cannot be read whole: what it knows is not
    /// known, which is not the same as nothing.
    pub fn unread(why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            unread: Some((why.into(), fix.into())),
            ..Self::default()
        }
    }

    /// Reads the record. A line that is torn or from another program is
    /// counted, never an error: the files are the truth.
    pub fn from_text(text: &str) -> Self {
        let mut record = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let line = serde_json::from_str::<IssuedLine>(line).ok();
            let issued = line.and_then(|l| Some((Timestamp::parse(&l.issued)?, l)));
            match issued {
                Some((issued, line)) => {
                    if let Some(name) = line.target.strip_prefix("authority ") {
                        let made = record.authorities.entry(name.to_owned()).or_default();
                        made.insert((line.subject, line.sha256.clone()));
                    }
                    record.certificates.insert(line.sha256);
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

    /// Whether a certificate shows that an authority of this name stood here:
    /// it is one that was made for it, or was issued here in its name and by
    /// none of `others`. A line alone shows nothing: it is written before its
    /// certificate is.
    pub fn shows(
        &self,
        authority: &str,
        certificate: &Certificate,
        others: &[&Certificate],
    ) -> bool {
        let Some(made) = self.authorities.get(authority) else {
            return false;
        };
        let fingerprint = certificate.fingerprint().to_string();
        if made.iter().any(|(_, known)| *known == fingerprint) {
            return true;
        }
        let issuer = certificate.issuer().to_string();
        self.certificates.contains(&fingerprint)
            && made.iter().any(|(subject, _)| *subject == issuer)
            && !others.iter().any(|other| certificate.is_signed_by(other))
    }

    /// Whether it tells of nothing; of one that cannot be read nobody knows.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.unreadable == 0 && !self.is_unread()
    }

    /// Whether it could not be read whole.
    pub fn is_unread(&self) -> bool {
        self.unread.is_some()
    }

    /// What is wrong with the record.
    pub fn problem(&self) -> Option<Finding> {
        let finding = rule::RECORD_UNREADABLE.at(Locator::File(RECORD.into()));
        if let Some((why, fix)) = &self.unread {
            let mut finding = finding.found(why).fix(fix);
            finding.severity = Severity::Error;
            return Some(finding);
        }
        match self.unreadable {
            0 => None,
            1 => Some(finding.found("1 unreadable line")),
            n => Some(finding.found(format!("{n} unreadable lines"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn torn_lines_are_counted() {
        let record = IssuedRecord::from_text("{\"version\":1,\n\nnot json\n");
        let problem = record.problem().unwrap();
        assert_eq!(problem.found.as_deref(), Some("2 unreadable lines"));
        assert_eq!(problem.severity, Severity::Warning);
        assert_eq!(IssuedRecord::default().problem(), None);
    }

    #[test]
    fn an_unread_record_is_not_an_empty_one() {
        let record = IssuedRecord::unread("it is too large", "split it");
        assert!(record.is_unread());
        let problem = record.problem().unwrap();
        assert_eq!(problem.severity, Severity::Error);
        assert_eq!(problem.fix.as_deref(), Some("split it"));
    }
}
