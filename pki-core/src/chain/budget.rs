//! Limits on work, each with the origin of its number. Used-up is an answer of
//! its own, never "accepted".

use std::fmt;

/// How much work one call may do. A chain that people use needs a hundredth.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Budget {
    /// Certificates looked at, target and anchors included. The largest public
    /// root store has below 200; 10,000 certificates in a bundle is our choice.
    pub certificates: usize,
    /// Pairs of child and possible issuer. 100 certificates of one name (the
    /// worst case of x509-limbo) are 10,000 pairs; ten times that.
    pub candidates: usize,
    /// Signatures verified in the search: 100 in rustls-webpki 0.103 (`Budget`)
    /// and in Go's crypto/x509 (`maxChainSignatureChecks`).
    pub signatures: u32,
    /// Signatures verified besides, only to explain a refusal. Our choice.
    pub explained_signatures: u32,
    /// Steps of the search: 200,000 calls in rustls-webpki 0.103.
    pub steps: u32,
    /// Names, each counted with every name constraint: 2^20 in
    /// OpenSSL (`NAME_CHECK_MAX`) and `BoringSSL`, there for one CA and one
    /// certificate; 250,000 in rustls-webpki 0.103 and, up to Go 1.24, in
    /// crypto/x509 (`maxConstraintComparisons`).
    pub comparisons: u32,
    /// Certificates in one path: 100, OpenSSL's default verify depth.
    pub depth: usize,
    /// CRLs given. 100 CAs (the worst case of x509-limbo) with ten lists each.
    pub crls: usize,
    /// Signatures of CRLs verified, each once for a key: as
    /// [`Self::signatures`], whose 100 hold for one kind of work each.
    pub crl_signatures: u32,
    /// Paths checked whole for an explanation: 8 (design).
    pub paths: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            certificates: 10_000,
            candidates: 100_000,
            signatures: 100,
            explained_signatures: 32,
            steps: 200_000,
            comparisons: 1 << 20,
            depth: 100,
            crls: 1_000,
            crl_signatures: 100,
            paths: 8,
        }
    }
}

/// The limit that was reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Limit {
    /// [`Budget::certificates`]
    Certificates,
    /// [`Budget::candidates`]
    Candidates,
    /// [`Budget::signatures`]
    Signatures,
    /// [`Budget::steps`]
    Steps,
    /// [`Budget::comparisons`]
    Comparisons,
    /// [`Budget::depth`]
    Depth,
    /// [`Budget::crls`]
    Crls,
    /// [`Budget::crl_signatures`]
    CrlSignatures,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificates => "too many certificates",
            Self::Candidates => "too many possible issuers",
            Self::Signatures => "too many signatures to check",
            Self::Steps => "too many paths to try",
            Self::Comparisons => "too many names and name constraints",
            Self::Depth => "a path is too long",
            Self::Crls => "too many CRLs",
            Self::CrlSignatures => "too many signatures of CRLs to check",
        })
    }
}

/// What is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purse {
    signatures: u32,
    steps: u32,
    comparisons: u32,
    crl_signatures: u32,
}

impl Purse {
    pub(super) fn new(budget: &Budget) -> Self {
        Self {
            signatures: budget.signatures,
            steps: budget.steps,
            comparisons: budget.comparisons,
            crl_signatures: budget.crl_signatures,
        }
    }

    /// For the explanation: its own signatures, and the rest filled up, since
    /// the explanation's loops are bounded by their own numbers.
    pub(super) fn for_explaining(budget: &Budget) -> Self {
        Self {
            signatures: budget.explained_signatures,
            ..Self::new(budget)
        }
    }

    pub(super) fn signature(&mut self) -> Result<(), Limit> {
        take(&mut self.signatures, 1).ok_or(Limit::Signatures)
    }

    pub(super) fn crl_signature(&mut self) -> Result<(), Limit> {
        take(&mut self.crl_signatures, 1).ok_or(Limit::CrlSignatures)
    }

    pub(super) fn step(&mut self) -> Result<(), Limit> {
        take(&mut self.steps, 1).ok_or(Limit::Steps)
    }

    pub(super) fn comparisons(&mut self, count: usize) -> Result<(), Limit> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        take(&mut self.comparisons, count).ok_or(Limit::Comparisons)
    }
}

fn take(from: &mut u32, count: u32) -> Option<()> {
    *from = from.checked_sub(count)?;
    Some(())
}
