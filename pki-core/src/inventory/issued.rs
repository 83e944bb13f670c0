//! The issuance record: one JSON line per certificate that was ever issued,
//! written before the certificate is delivered.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::model::path::TreePath;
use crate::parallel;
use crate::report::{Finding, Locator, Severity, rule};
use crate::store::{RECORD, is_torn};

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
    /// Whether the record had been lost and it was found in its place then: when
    /// and for what it was issued is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub found: bool,
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
            found: false,
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
    /// Where certificates were delivered, or were about to be.
    places: HashSet<OsString>,
    /// Subject and fingerprint of every certificate that was made for an authority.
    authorities: BTreeMap<String, BTreeSet<(String, String)>>,
    /// Where each of them was put, by its fingerprint.
    homes: BTreeMap<String, BTreeSet<OsString>>,
    /// Lines that are none, by their number.
    unreadable: Vec<usize>,
    /// Lines of a later version of this program.
    newer: usize,
    /// Whether a crash tore the last line.
    torn: bool,
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
        let mut record = Self {
            torn: is_torn(text),
            ..Self::default()
        };
        let lines = (1..).zip(text.split_terminator('\n'));
        let mut lines = lines.filter(|(_, line)| !line.trim().is_empty());
        loop {
            // So many at a time: what they say takes more room than they do.
            let some: Vec<(usize, &str)> = lines.by_ref().take(10_000).collect();
            if some.is_empty() {
                break;
            }
            let read = parallel::map(&some, |(_, line)| Line::read(line));
            for ((number, _), line) in some.into_iter().zip(read) {
                match line {
                    Line::Issued(since, line) => record.take(since, *line),
                    Line::Newer => record.newer += 1,
                    Line::None if record.unreadable.len() == MAX_UNREADABLE => {
                        let why = format!(
                            "`{RECORD}`: more than {MAX_UNREADABLE} lines are no lines of it"
                        );
                        return Self::unread(why, "restore it from your backup");
                    }
                    Line::None => record.unreadable.push(number),
                }
            }
        }
        if record.torn {
            // It ends the text, and is told by itself.
            let last = text.split('\n').count();
            record.unreadable.retain(|number| *number != last);
        }
        record
    }

    fn take(&mut self, issued: Timestamp, line: IssuedLine) {
        if line.found {
            // Who issued it, and when, is not known.
            self.places.insert(line.path.into());
            return;
        }
        if let Some(name) = line.target.strip_prefix("authority ") {
            let made = self.authorities.entry(name.to_owned()).or_default();
            made.insert((line.subject, line.sha256.clone()));
            let homes = self.homes.entry(line.sha256.clone()).or_default();
            homes.insert(line.path.clone().into());
        }
        self.certificates.insert(line.sha256);
        self.places.insert(line.path.into());
        let since = self.key_since.entry(line.spki_sha256).or_insert(issued);
        *since = issued.min(*since);
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

    /// Where the certificate of an authority was put that was made here.
    pub fn places_of(&self, ca: &Certificate) -> Option<&BTreeSet<OsString>> {
        self.homes.get(&ca.fingerprint().to_string())
    }

    /// Whether a certificate was ever issued for this place; of a record that
    /// cannot be read it is assumed.
    pub fn knows_place(&self, path: &TreePath) -> bool {
        self.is_unread() || self.places.contains(path.as_path().as_os_str())
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
        let unknown = self.torn || self.newer > 0 || !self.unreadable.is_empty();
        self.places.is_empty() && !unknown && !self.is_unread()
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
        if !self.unreadable.is_empty() {
            return Some(
                finding
                    .found(format!("{} cannot be read", these(&self.unreadable)))
                    .affects("what was named there counts as not made here, its key as in use since its certificate starts")
                    .fix(format!(
                        "restore it from your backup; without one: sed -i.old '{}' {RECORD} (no key and no certificate is lost)",
                        taken_out(&self.unreadable)
                    )),
            );
        }
        if self.newer > 0 {
            return Some(
                finding
                    .found("lines of a newer pki")
                    .fix("use that pki, or a later one; `pki --version` says which this is"),
            );
        }
        self.torn.then(|| {
            finding
                .found("the last line is torn, as a crash leaves it")
                .affects("nothing, where a crash tore it: what it names was never delivered")
                .fix("pki apply")
        })
    }
}

/// What a line is.
enum Line {
    Issued(Timestamp, Box<IssuedLine>),
    /// One of a later version of this program.
    Newer,
    None,
}

impl Line {
    fn read(text: &str) -> Self {
        let line = serde_json::from_str::<Box<IssuedLine>>(text).ok();
        let issued = line.and_then(|line| Some((Timestamp::parse(&line.issued)?, line)));
        match issued {
            Some((issued, line)) => Self::Issued(issued, line),
            None if is_newer(text) => Self::Newer,
            None => Self::None,
        }
    }
}

/// Whether a line is one of a later version.
fn is_newer(line: &str) -> bool {
    let value = serde_json::from_str::<serde_json::Value>(line);
    let version = value.ok().and_then(|v| v.get("version")?.as_u64());
    version.is_some_and(|version| version > 1)
}

/// Of more lines that are none, nothing can be told any more.
const MAX_UNREADABLE: usize = 100_000;
/// So many lines are told by number.
const TOLD: usize = 10;

/// `line 3`, `lines 3 and 7`, `lines 1, 2, 3 and 90 more`.
fn these(numbers: &[usize]) -> String {
    let words: Vec<String> = numbers.iter().take(TOLD).map(usize::to_string).collect();
    match (words.as_slice(), numbers.len() - words.len()) {
        ([one], _) => format!("line {one}"),
        ([some @ .., last], 0) => format!("lines {} and {last}", some.join(", ")),
        (_, more) => format!("lines {} and {more} more", words.join(", ")),
    }
}

/// Lines as sed(1) deletes them, runs of them as one range.
fn taken_out(numbers: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == number => *end = number,
            _ => runs.push((number, number)),
        }
    }
    let words: Vec<String> = runs
        .iter()
        // Of very many the first; the rest is told again.
        .take(100)
        .map(|(start, end)| {
            if start == end {
                format!("{start}d")
            } else {
                format!("{start},{end}d")
            }
        })
        .collect();
    words.join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_none_are_told_with_the_way_out() {
        for (text, found, fix) in [
            (
                "{\"version\":1,\n\nno\n",
                "lines 1 and 3 cannot be read",
                "sed -i.old '1d;3d' .pki/issued.jsonl",
            ),
            (
                "a\nb\nc\n\nd\n",
                "lines 1, 2, 3 and 5 cannot be read",
                "sed -i.old '1,3d;5d' .pki/issued.jsonl",
            ),
            (
                "{}\n",
                "line 1 cannot be read",
                "sed -i.old '1d' .pki/issued.jsonl",
            ),
            // A last line without its end that is whole is no torn one.
            (
                "{}",
                "line 1 cannot be read",
                "sed -i.old '1d' .pki/issued.jsonl",
            ),
            (
                "no\n{\"versi",
                "line 1 cannot be read",
                "sed -i.old '1d' .pki/issued.jsonl",
            ),
            (
                "{\"versi",
                "the last line is torn, as a crash leaves it",
                "pki apply",
            ),
            (
                "{\"version\":2}\n",
                "lines of a newer pki",
                "use that pki, or a later one",
            ),
        ] {
            let problem = IssuedRecord::from_text(text).problem().unwrap();
            assert_eq!(problem.found.as_deref(), Some(found), "{text:?}");
            assert!(problem.fix.unwrap().contains(fix), "{text:?}");
            assert_eq!(problem.severity, Severity::Warning);
        }
        assert_eq!(IssuedRecord::default().problem(), None);
        let many: String = "x\n\n".repeat(1000);
        let problem = IssuedRecord::from_text(&many).problem().unwrap();
        let found = problem.found.unwrap();
        assert!(
            found.ends_with("17, 19 and 990 more cannot be read"),
            "{found}"
        );
        assert!(problem.fix.unwrap().len() < 1000);
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
