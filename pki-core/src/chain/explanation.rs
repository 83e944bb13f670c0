//! What is told of a refusal: plain values, named by who gave the certificates.

use std::fmt;

use super::Source;

/// Where a certificate stands, as people find it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Place {
    /// The file, as its reader calls it.
    pub file: String,
    /// Which certificate of the file, from 1.
    pub number: usize,
    /// How many the file holds.
    pub of: usize,
}

/// `web.crt`, or `certificate 2 of web.crt` where it holds more than one.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.of > 1 {
            write!(f, "certificate {} of ", self.number)?;
        }
        f.write_str(&self.file)
    }
}

/// One certificate, by its names.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct CertRef {
    /// Its place in the path that is told, 0 for the target; `None` where no
    /// path is told.
    pub position: Option<usize>,
    /// Where it was given.
    pub source: Source,
    /// The file it stands in; `None` until [`Explanation::place`] says so.
    pub place: Option<Place>,
    /// Its subject (RFC 4514), or its first name where that is empty.
    pub subject: String,
    /// Who issued it (RFC 4514).
    pub issuer: String,
    /// Its serial number in hex.
    pub serial: String,
    /// Its `SubjectKeyIdentifier` in hex.
    pub key_id: Option<String>,
    /// The key id of its `AuthorityKeyIdentifier` in hex: which key signed it.
    pub authority_key_id: Option<String>,
}

impl fmt::Display for CertRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (serial {}", self.subject, self.serial)?;
        if let Some(place) = &self.place {
            write!(f, ", {place}")?;
        }
        f.write_str(")")
    }
}

/// One check that failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// Id of the check.
    pub check: &'static str,
    /// The certificate at fault; for a signature the one that carries it.
    pub at: CertRef,
    /// The possible issuer, where the fault is between two certificates.
    pub issuer: Option<CertRef>,
    /// The certificate whose key did sign, where that is at hand too.
    pub signer: Option<CertRef>,
    /// What is there.
    pub found: String,
    /// What belongs there.
    pub expected: Option<String>,
    /// The clause that says so.
    pub clause: &'static str,
}

/// `signature: `CN=x` (serial 01): found …, expected … (RFC …)`, in one line.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: found {}", self.check, self.at, self.found)?;
        if let Some(expected) = &self.expected {
            write!(f, ", expected {expected}")?;
        }
        write!(f, " ({})", self.clause)
    }
}

/// What is known about a signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignatureState {
    /// Verified.
    Good,
    /// Verified, and wrong.
    Bad,
    /// Not looked at, since something else was wrong or the budget was used up.
    NotChecked,
}

/// A certificate that the target leads to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertReport {
    /// Which.
    pub certificate: CertRef,
    /// Whether it is an anchor.
    pub anchor: bool,
    /// What is wrong with it in any path.
    pub faults: Vec<Fault>,
}

/// A possible issuer of a certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EdgeReport {
    /// The issued certificate.
    pub child: CertRef,
    /// The possible issuer.
    pub issuer: CertRef,
    /// What speaks against it.
    pub faults: Vec<Fault>,
    /// Whether the signature holds.
    pub signature: SignatureState,
}

/// One path, checked whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PathReport {
    /// Target first.
    pub certificates: Vec<CertRef>,
    /// Whether it ends at an anchor.
    pub complete: bool,
    /// All that is wrong with it, the most useful first.
    pub faults: Vec<Fault>,
}

/// Why no chain holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Explanation {
    /// The certificates that the target leads to, itself first.
    pub certificates: Vec<CertReport>,
    /// Who might have issued whom: the issuers of one certificate stand
    /// together, the one nearest to being accepted first.
    pub edges: Vec<EdgeReport>,
    /// How many edges are left out of [`Self::edges`].
    pub edges_left_out: usize,
    /// The paths nearest to being accepted, the nearest first.
    pub paths: Vec<PathReport>,
}

impl Explanation {
    /// What is wrong with the nearest path, the most useful first.
    pub fn faults(&self) -> Vec<Fault> {
        self.paths
            .first()
            .map(|path| path.faults.clone())
            .unwrap_or_default()
    }

    /// Says of every certificate in it which file it stands in.
    pub fn place(&mut self, of: impl Fn(Source) -> Option<Place>) {
        let set = |at: &mut CertRef| at.place = of(at.source);
        let set_all = |faults: &mut Vec<Fault>| {
            for fault in faults {
                set(&mut fault.at);
                fault.issuer.iter_mut().for_each(set);
                fault.signer.iter_mut().for_each(set);
            }
        };
        for it in &mut self.certificates {
            set(&mut it.certificate);
            set_all(&mut it.faults);
        }
        for edge in &mut self.edges {
            set(&mut edge.child);
            set(&mut edge.issuer);
            set_all(&mut edge.faults);
        }
        for path in &mut self.paths {
            path.certificates.iter_mut().for_each(set);
            set_all(&mut path.faults);
        }
    }
}
