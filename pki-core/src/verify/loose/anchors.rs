//! The CA file: is what it holds a CA, and is it a root?

use std::path::Path;

use super::{Judge, Loose, certificates, form};
use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy, Files, Place, VerifiedChain};
use crate::inventory::CertificateFile;
use crate::report::{Finding, Locator, Severity, rule, shell};
use crate::verify::trust::{UpToRoot, no_root};
use crate::verify::why::{Given, place};

/// What is trusted of the CA file, and what is wrong with the rest. A leaf is
/// trusted for itself alone, and where it signed itself: there is no CA then.
pub(super) fn of(by: &Loose<'_>, files: &[(&Path, &Certificate)]) -> (Vec<Anchor>, Vec<Finding>) {
    let stands_alone = |c: &Certificate| files.iter().any(|(_, leaf)| *leaf == c) && c.is_root();
    let (trusted, leaves): (Vec<_>, Vec<_>) = by
        .anchors
        .iter()
        .partition(|c| c.is_ca() || stands_alone(c));
    let told = match leaves.first() {
        None if trusted.is_empty() => vec![not_a_ca(by).found("no certificate")],
        None => Vec::new(),
        Some(leaf) if trusted.is_empty() => vec![no_ca(by, leaf, files)],
        Some(leaf) => vec![
            not_a_ca(by)
                .weighing(Severity::Warning)
                .found(format!("{}, a leaf beside CAs", leaf.subject()))
                .expected("CA certificates alone")
                .fix(format!("take the leaf out of {}", by.ca.display())),
        ],
    };
    (
        trusted.into_iter().cloned().map(Anchor::new).collect(),
        told,
    )
}

fn not_a_ca(by: &Loose<'_>) -> Finding {
    rule::AUTHORITY_IS_NO_CA.at(Locator::File(by.ca.to_owned()))
}

/// A file without any CA, and what to pass instead of it.
fn no_ca(by: &Loose<'_>, leaf: &Certificate, files: &[(&Path, &Certificate)]) -> Finding {
    let finding = not_a_ca(by);
    if leaf.is_root() {
        return finding
            .found(format!(
                "{}, which signed itself and is no CA",
                leaf.subject()
            ))
            .expected("the certificate of the CA that signed the files");
    }
    let issuer = leaf.issuer();
    let fix = match files.iter().find(|(_, c)| leaf.is_signed_by(c)) {
        // The two were taken for each other.
        Some((path, _)) => {
            let ca = shell::path(by.ca);
            format!("pki verify --ca {} {ca}", shell::path(path))
        }
        None => format!("pass the file of {issuer}: `pki verify --ca FILE …`"),
    };
    finding
        .found(format!("{}, a leaf", leaf.subject()))
        .expected(format!(
            "a CA certificate, such as that of {issuer}, which signed it"
        ))
        .fix(fix)
}

impl Judge<'_> {
    /// Where the certificates of a file of `sent` and the trusted ones stand.
    pub(super) fn given<'a>(&'a self, path: &'a Path, sent: usize) -> Given<'a> {
        let anchor = |i| Some(self.place_of(i));
        let item = self.inventory.item_at(path);
        let given = Given::new(path, sent, Some(self.by.ca), anchor);
        given.with_files(Files {
            leaf: form::to_add_to(path, certificates(item).and_then(CertificateFile::not_pem)),
            trust: self.trust_file(),
        })
    }

    /// The file of the CAs, for what is to be added to it.
    fn trust_file(&self) -> Option<String> {
        form::to_add_to(self.by.ca, self.by.ca_not_pem)
    }

    /// Where an anchor stands in the CA file, leaves in it counted.
    fn place_of(&self, anchor: usize) -> Place {
        let all = &self.by.anchors;
        let trusted = self.anchors.get(anchor).map(Anchor::certificate);
        let number = all.iter().position(|c| Some(c) == trusted);
        place(self.by.ca, number.map_or(1, |n| n + 1), all.len())
    }

    /// What clients that know no partial chains say of a chain that is good
    /// here.
    pub(super) fn up_to_a_root(
        &self,
        leaf: &Certificate,
        above: &[Certificate],
        held: &VerifiedChain,
        policy: &ChainPolicy,
        path: &Path,
    ) -> Vec<Finding> {
        let last = held.anchor(leaf, &self.anchors);
        if last.is_root() || last.looks_self_signed() {
            return Vec::new();
        }
        let who = "OpenSSL without -partial_chain, Python before 3.13";
        // What came in on stdin is no file.
        let trust = self.trust_file();
        let trust = trust.as_deref().unwrap_or("the trusted certificates");
        let judged = UpToRoot {
            leaf,
            above,
            anchors: &self.anchors,
            policy,
            now: self.now,
            trust: Path::new(trust),
        };
        let sent = |i| Some(place(path, i + 1, above.len() + 1));
        let told = judged.refusals(&self.why, path, &sent, &|i| self.place_of(i));
        // One of its own name that another key signed looks like a root by its names.
        let above = [chain::ISSUER_NOT_FOUND.id, chain::UNTRUSTED_ROOT.id];
        if !told.iter().any(|f| above.contains(&f.rule)) {
            return told.into_iter().map(|f| f.affects(who)).collect();
        }
        let at = Locator::File(self.by.ca.to_owned());
        let fix = format!("add the root above {} to {trust}", last.subject());
        vec![no_root(at, last, who).fix(fix)]
    }
}
