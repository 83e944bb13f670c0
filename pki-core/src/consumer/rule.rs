//! The row of a consumer's table.

use std::fmt;

use super::{Asked, Refusal};
use crate::cert::Certificate;
use crate::model::dn::DnCompare;

/// When a rule is asked.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Stage {
    /// Of each certificate, when it is read.
    Read,
    /// Of the target, before a chain is looked for.
    Target,
    /// Of a certificate and the one below it, before that one's signature is verified.
    Signature,
    /// Of a certificate that is put above a path.
    Issuer,
    /// Of the same, where the search may still try another.
    Candidate,
    /// Of each certificate of a path that has reached an anchor, the target first.
    Each,
    /// Of a path that has reached an anchor.
    Chain,
    /// Of the path that was chosen: there is no other any more.
    Accepted,
    /// Of the target and the name that was dialled.
    Name,
    /// Not asked: what comes of the search itself.
    Search,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "of each certificate, when it is read",
            Self::Target => "of the server's certificate, before a chain is looked for",
            Self::Signature => "of each certificate that is to have signed another, before the signature is verified",
            Self::Issuer => "of each certificate that is put above the server's",
            Self::Candidate => "of each certificate that is tried above another",
            Self::Each => "of each certificate of a chain that has reached a trusted one",
            Self::Chain => "of a chain that has reached a trusted certificate",
            Self::Accepted => "of the chain that was chosen; there is no other any more",
            Self::Name => "of the server's certificate and the name that is dialled",
            Self::Search => "after all others: what comes of the search for a chain",
        })
    }
}

/// One thing that a consumer refuses for.
pub struct Rule {
    /// `CONSUMER/NAME`, stable.
    pub id: &'static str,
    /// When it is asked.
    pub stage: Stage,
    /// The consumer's words; `{}` stands for a value.
    pub text: &'static str,
    /// Where in its source, or by which measurement, this is known.
    pub source: &'static str,
    /// Index of the first release that asks so, and of the first that does not any more.
    pub(super) releases: (usize, usize),
    pub(super) judge: Judge,
}

/// `Some` refuses, with the value for the text.
pub(super) type Judge = fn(&Seen<'_>) -> Option<String>;

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("id", &self.id)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

impl Rule {
    pub(super) const fn new(
        id: &'static str,
        stage: Stage,
        text: &'static str,
        source: &'static str,
        judge: Judge,
    ) -> Self {
        Self {
            id,
            stage,
            text,
            source,
            releases: (0, usize::MAX),
            judge,
        }
    }

    /// Only from this release on.
    pub(super) const fn since(mut self, release: usize) -> Self {
        self.releases.0 = release;
        self
    }

    /// Only in releases before this one.
    pub(super) const fn until(mut self, release: usize) -> Self {
        self.releases.1 = release;
        self
    }

    pub(super) fn holds_in(&self, release: usize) -> bool {
        (self.releases.0..self.releases.1).contains(&release)
    }

    pub(super) fn judge(&self, seen: &Seen<'_>) -> Option<String> {
        (self.judge)(seen)
    }

    pub(super) fn refusal(&self, found: &str) -> Refusal {
        Refusal {
            rule: self.id,
            text: self.text.replace("{}", found),
        }
    }
}

/// What a rule looks at.
pub(super) struct Seen<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) names: DnCompare,
    /// The target first; what stands above the one that is judged is there only
    /// where the path is finished.
    pub(super) path: &'a [&'a Certificate],
    /// Index in the path of the certificate that is judged.
    pub(super) at: usize,
    /// Index in the path from which certificates come out of what is trusted.
    pub(super) trusted_from: usize,
}

impl<'a> Seen<'a> {
    /// The certificate that is judged.
    pub(super) fn cert(&self) -> &'a Certificate {
        self.path[self.at]
    }

    /// What stands below it, the target first.
    pub(super) fn below(&self) -> &'a [&'a Certificate] {
        &self.path[..self.at]
    }

    pub(super) fn is_target(&self) -> bool {
        self.at == 0
    }

    pub(super) fn is_anchor(&self) -> bool {
        self.trusted_from <= self.at
    }

    /// Whether a name stands as both issuer and subject, by this consumer's comparison.
    pub(super) fn self_issued(&self, cert: &Certificate) -> bool {
        cert.issuer().equals(cert.subject(), self.names)
    }

    /// Whether `now` is after the last second of a certificate.
    pub(super) fn expired(&self, cert: &Certificate) -> bool {
        let last = cert.validity().not_after;
        self.asked.now > last || (self.asked.within_second && self.asked.now == last)
    }

    pub(super) fn not_begun(&self, cert: &Certificate) -> bool {
        self.asked.now < cert.validity().not_before
    }
}

/// For rules that have nothing to fill in.
pub(super) fn when(refused: bool) -> Option<String> {
    refused.then(String::new)
}

/// The judge of a rule that is never asked.
pub(super) fn never(_: &Seen<'_>) -> Option<String> {
    None
}
