//! Why something is not as the manifest says, and so is done: asked by `plan`,
//! which acts on it, and by `verify`, which tells it.

mod foreign;
mod pair;
mod place;
mod recorded;

pub use foreign::{foreign, foreign_files};
pub use pair::{kept, of_delivery, of_issuer, of_pair, of_those_above};
pub use place::{anew, barred, delivery, files, hard_link, let_in, stage_barred};
pub use recorded::{not_recorded, unrecorded};

use std::fmt;

use crate::clock::Timestamp;
use crate::renew::not_before;

/// Why a step is needed.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// A file is not there.
    Missing(String),
    /// A file is there and cannot be used; the text says why.
    Unusable(String),
    /// Past its renewal point.
    Due {
        /// Since when.
        since: Timestamp,
        /// notAfter
        end: Timestamp,
    },
    /// Past its end.
    Expired(Timestamp),
    /// It starts later than now.
    NotYetValid {
        /// notBefore
        from: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// It has other names than the manifest.
    Names {
        /// In the manifest only.
        added: Vec<String>,
        /// In the certificate only.
        removed: Vec<String>,
    },
    /// The key file holds the key of another certificate.
    KeyMismatch,
    /// Signed by another CA than the manifest's.
    Issuer(String),
    /// Not what its profile says; the text says in what.
    Profile(String),
    /// The manifest asks for another kind of key.
    KeyAlgorithm {
        /// What is there.
        found: String,
        /// What the manifest says.
        wanted: String,
    },
    /// What it is delivered from holds another certificate, that ends then.
    Lineage(Timestamp),
    /// The certificate is right, the file around it is not.
    Chain(String),
    /// The key is right, the file around it is not.
    KeyForm(String),
    /// A derived file does not hold what it should.
    Stale(String),
    /// Owner or mode differ.
    Access {
        /// What is there.
        found: String,
        /// What belongs there.
        wanted: String,
    },
    /// The manifest no longer names it.
    NotInManifest,
    /// It was asked for.
    Forced,
}

/// What the steps so far make new; what derives from it follows.
#[derive(Debug, Default)]
pub struct Pending {
    /// Authorities with a new key: all that they signed is replaced.
    pub rekeyed: Vec<String>,
    /// Authorities with a new certificate: all that contains it is rewritten.
    pub reissued: Vec<String>,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "{what} is missing"),
            Self::Unusable(why) => f.write_str(why),
            Self::Due { since, end } => {
                write!(f, "due since {}, ends {}", since.date(), end.date())
            }
            Self::Expired(end) => write!(f, "expired on {}", end.date()),
            Self::NotYetValid { from, now } => f.write_str(&not_before(*from, *now)),
            Self::Names { added, removed } => {
                f.write_str("names changed:")?;
                added.iter().try_for_each(|n| write!(f, " +{n}"))?;
                removed.iter().try_for_each(|n| write!(f, " -{n}"))
            }
            Self::KeyMismatch => f.write_str("the key belongs to another certificate"),
            Self::Issuer(why) => write!(f, "issuer replaced: {why}"),
            Self::Profile(what) => write!(f, "profile changed: {what}"),
            Self::KeyAlgorithm { found, wanted } => {
                write!(f, "key changed: {found} → {wanted}")
            }
            Self::Lineage(end) => {
                write!(
                    f,
                    "its lineage holds another certificate, until {}",
                    end.date()
                )
            }
            Self::Chain(what) => write!(f, "chain: {what}"),
            Self::KeyForm(what) => write!(f, "key file: {what}"),
            Self::Stale(what) => write!(f, "output stale: {what}"),
            Self::Access { found, wanted } => write!(f, "mode {found} → {wanted}"),
            Self::NotInManifest => f.write_str("no longer in the manifest"),
            Self::Forced => f.write_str("forced"),
        }
    }
}
