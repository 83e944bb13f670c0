//! Files from anywhere: a chain to the CA that is named, a key that fits, and
//! what the certificate says that it is for.

mod anchors;
mod clients;
mod form;
mod key;
mod lists;
mod uses;

pub use lists::GivenCrl;

/// How standard input is called where a file is named.
pub const STDIN: &str = "-";

use std::path::{Path, PathBuf};

use super::Verdict;
use super::authority::life;
use super::heard::Heard;
use super::why::Why;
use crate::cert::Certificate;
use crate::chain::{self, PeerName, Revocation};
use crate::clock::Timestamp;
use crate::consumer::CONSUMERS;
use crate::inspect::{self, Wanted};
use crate::inventory::{CertificateFile, Inventory, Item, Material, shown_names};
use crate::key::{KeyForm, PublicKey};
use crate::model::usage::Purpose;
use crate::model::validity::RenewAt;
use crate::renew::due;
use crate::report::{Finding, Locator, Report, Severity, rule, shell};

/// What files are judged by.
#[derive(Debug)]
pub struct Loose<'a> {
    /// The file of the CA certificates, as it is called.
    pub ca: &'a Path,
    /// What it holds: the certificates to trust. Leaves among them are not
    /// trusted, and told.
    pub anchors: Vec<Certificate>,
    /// What that file is where it is not PEM as every program reads it (see
    /// [`CertificateFile::not_pem`]).
    pub ca_not_pem: Option<&'static str>,
    /// Blocks of it that are no readable certificate, with the reason.
    pub ca_unreadable: Vec<String>,
    /// The private key that should belong to the first file.
    pub key: Option<(&'a Path, PublicKey)>,
    /// How that key file is written, for who reads only some forms.
    pub key_form: Option<KeyForm>,
    /// The name that is dialled.
    pub name: Option<PeerName>,
    /// What the certificates are used for; `None`: for what each says itself.
    pub purpose: Option<Purpose>,
    /// When a certificate counts as due.
    pub renew: RenewAt,
    /// Whether revocation is asked, of which lists and how strictly. Lists that
    /// are not as RFC 5280 section 5 demands are used all the same
    /// ([`chain::ChainPolicy::with_any_list`]), and told.
    pub revocation: Revocation,
    /// The same lists, with their files: for what is odd about them.
    pub lists: &'a [GivenCrl],
}

/// Judges files that no manifest names. Each file's first certificate is the
/// one judged; what follows may stand between it and the CA.
pub fn verify_files(
    files: &[PathBuf],
    inventory: &Inventory,
    by: &Loose<'_>,
    now: Timestamp,
) -> Verdict {
    let mut verdict = Verdict {
        certificates: files.len(),
        ..Verdict::default()
    };
    let items: Vec<Option<&Item>> = files.iter().map(|p| inventory.item_at(p)).collect();
    let leaves: Vec<(&Path, &Certificate)> = files
        .iter()
        .zip(&items)
        .filter_map(|(path, item)| {
            Some((path.as_path(), certificates(*item)?.certificates.first()?))
        })
        .collect();
    let (anchors, told) = anchors::of(by, &leaves);
    verdict.report.extend(told);
    verdict.report.extend(form::of_authorities(by));
    // Where nothing is trusted, nothing else can be said.
    if !anchors.is_empty() {
        let why = Why::default();
        let judge = Judge {
            by,
            files,
            inventory,
            anchors,
            now,
            why,
        };
        verdict.report.extend(judge.key_file());
        verdict.report.extend(judge.lists());
        for (i, (path, item)) in files.iter().zip(items).enumerate() {
            verdict.report.extend(judge.file(path, i == 0, item));
        }
        (verdict.explanations, verdict.explanations_left_out) = judge.why.told();
    }
    let mut report = Report::default();
    let findings = std::mem::take(&mut verdict.report).into_findings();
    report.extend(findings.into_iter().map(with_a_way_out));
    verdict.report = report.sorted();
    verdict
}

/// Where nothing better is known, what the rule says itself.
fn with_a_way_out(finding: Finding) -> Finding {
    let explains = format!("pki explain {}", finding.rule);
    let fix = finding.fix.clone().unwrap_or(explains);
    finding.fix(fix)
}

/// The certificates of a file that holds at least one.
fn certificates(item: Option<&Item>) -> Option<&CertificateFile> {
    match &item?.material {
        Material::Certificates(file) if !file.certificates.is_empty() => Some(file),
        _ => None,
    }
}

/// What every file is judged by.
struct Judge<'a> {
    by: &'a Loose<'a>,
    files: &'a [PathBuf],
    inventory: &'a Inventory,
    anchors: Vec<chain::Anchor>,
    now: Timestamp,
    why: Why,
}

impl Judge<'_> {
    fn file(&self, path: &Path, first: bool, item: Option<&Item>) -> Vec<Finding> {
        let at = || Locator::File(path.to_owned());
        let Some(file) = certificates(item) else {
            return vec![no_certificate(path, item)];
        };
        let mut findings = Vec::new();
        if !file.unreadable.is_empty() {
            let found = file.unreadable.join("; ");
            findings.push(rule::CERTIFICATE_NOT_PEM.at(at()).found(found));
        }
        findings.extend(form::of_file(path, file));
        findings.extend(item.and_then(|item| form::readable(path, item, file)));
        let key = self.key_for(path, file, first);
        if let Some(number) = leaf_behind(file, key.map(|(_, key)| key)) {
            findings.push(
                rule::CHAIN_ORDER
                    .at(at())
                    .found(format!("the leaf is certificate {number} of the file"))
                    .expected("the leaf first, then its issuers")
                    .affects("servers show the first certificate for their own; Go: tls: private key does not match public key")
                    .fix(format!("put certificate {number} first")),
            );
            return findings;
        }
        let Some((leaf, above)) = file.certificates.split_first() else {
            return findings;
        };
        findings.extend(unordered(leaf, above, at));
        if let Some((key_path, key)) = key
            && key != leaf.public_key()
        {
            findings.push(self.mismatch(key_path, key, leaf, above, at()));
        }
        findings.extend(self.outlived(leaf, above, path));
        findings.extend(self.uses(leaf, above, path));
        // No name at all has a rule of its own.
        let nameless = findings.iter().any(|f| f.rule == chain::NO_ALT_NAME.id);
        if let Some(name) = &self.by.name
            && !nameless
            && !chain::covers(leaf.names(), name)
        {
            let server = Some(Purpose::ServerAuth);
            let heard = Heard::of(leaf, above, &self.question(server, CONSUMERS));
            let found = shown_names(leaf);
            let is_dialled = |name: &String| PeerName::dialled(name).is_ok();
            let or = if found.iter().any(is_dialled) {
                ", or dial one of those found"
            } else {
                ""
            };
            let finding = rule::NAME_NOT_COVERED
                .at(at())
                .found(super::names(leaf))
                .expected(name.to_string())
                .fix(format!("issue it with {name} among its names{or}"));
            let who = heard.miss(&name.to_string(), &found).into_iter();
            findings.push(who.fold(finding, Finding::affects));
        }
        let told = |id: &str| {
            let mut errors = findings.iter().filter(|f| f.severity == Severity::Error);
            errors.any(|f| f.rule == id)
        };
        if !told("expired") && !told("not-yet-valid") {
            let state = due(leaf.validity(), self.by.renew, None, self.now);
            findings.extend(life(
                &state,
                leaf.validity().not_after,
                at(),
                self.now,
                "renew it where it was issued",
            ));
        }
        self.refused_by_clients(leaf, above, path, &mut findings);
        findings
    }
}

/// A file that holds something else, or nothing that can be read.
fn no_certificate(path: &Path, item: Option<&Item>) -> Finding {
    let finding = rule::CERTIFICATE_UNREADABLE.at(Locator::File(path.to_owned()));
    let other = match item.map(|item| &item.material) {
        Some(Material::Key(_) | Material::Other) => item.and_then(|item| item.record.bytes()),
        _ => None,
    };
    match other {
        Some(bytes) => finding
            .found(inspect::what(bytes))
            .expected("a certificate, and after it what stands between it and the CA")
            .fix(
                inspect::instead(bytes, path, Wanted::Certificates).unwrap_or_else(|| {
                    format!("`pki inspect {}` shows what is there", shell::path(path))
                }),
            ),
        None => finding.found(item.map_or_else(|| "not read".to_owned(), Item::unusable)),
    }
}

/// Where the leaf of a file is, if it is not the first certificate: the one
/// that the key is for, or the first that is no CA behind one that is.
fn leaf_behind(file: &CertificateFile, key: Option<&PublicKey>) -> Option<usize> {
    let certificates = &file.certificates;
    let leaf = |fits: &dyn Fn(&Certificate) -> bool| {
        certificates.iter().position(|c| !c.is_ca() && fits(c))
    };
    let with_key = key.and_then(|key| leaf(&|c| c.public_key() == key));
    let behind_ca = || leaf(&|_| certificates.first().is_some_and(Certificate::is_ca));
    let at = with_key.or_else(behind_ca)?;
    (at > 0).then_some(at + 1)
}

/// What follows a leaf is its issuer, and so on (RFC 5246 7.4.2; RFC 8446 4.4.2
/// has clients put up with less). By names: the chain tells of signatures.
fn unordered(
    leaf: &Certificate,
    above: &[Certificate],
    at: impl FnOnce() -> Locator,
) -> Option<Finding> {
    let below = std::iter::once(leaf).chain(above);
    let (number, (child, next)) = (2..)
        .zip(below.zip(above))
        .find(|(_, (child, next))| child.issuer().raw() != next.subject().raw())?;
    if leaf.is_ca() {
        // A bundle of CAs need not be a chain.
        return None;
    }
    Some(
        rule::CHAIN_UNORDERED
            .at(at())
            .found(format!("certificate {number} is {}", next.subject()))
            .expected(if child.is_self_issued() {
                format!("nothing after {}, which is a root", child.subject())
            } else {
                format!("{}, which issued {}", child.issuer(), child.subject())
            })
            .fix("put the leaf first, then each one's issuer, and nothing else"),
    )
}
