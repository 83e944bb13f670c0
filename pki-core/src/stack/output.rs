//! Files that are derived from certificates.

use super::pair::Access;
use crate::model::path::TreePath;

/// A file that is derived from certificates, as it should be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Output {
    /// Where it stands.
    pub path: TreePath,
    /// The service it is for; `None` for what an authority publishes.
    pub service: Option<String>,
    /// What is in it.
    pub kind: OutputKind,
    /// Owner and mode.
    pub access: Access,
}

/// What is in a derived file.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OutputKind {
    /// The CA certificates of these authorities in PEM, one after another.
    Bundle {
        /// What for.
        purpose: Use,
        /// By name; every trusted generation of each.
        authorities: Vec<String>,
        /// Whether the machine's own CAs follow, for a program whose CA file
        /// replaces them.
        system: bool,
    },
    /// A Java truststore (PKCS#12) of these authorities.
    Truststore {
        /// By name; every trusted generation of each.
        authorities: Vec<String>,
        /// Whether the machine's own CAs follow: a JVM that is given a
        /// truststore no longer looks at its own.
        system: bool,
        /// `None`: unencrypted and without a MAC; it holds no secret.
        password: Option<String>,
    },
    /// A text that is complete.
    Text(String),
}

impl OutputKind {
    /// The authorities whose certificates it holds.
    pub fn authorities(&self) -> &[String] {
        match self {
            Self::Bundle { authorities, .. } | Self::Truststore { authorities, .. } => authorities,
            Self::Text(_) => &[],
        }
    }

    /// Whether it holds the machine's own CAs as well.
    pub fn has_system(&self) -> bool {
        match self {
            Self::Bundle { system, .. } | Self::Truststore { system, .. } => *system,
            Self::Text(_) => false,
        }
    }
}

/// What a bundle of CA certificates is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Use {
    /// Published by an authority.
    Publish,
    /// Handed to those who dial the service.
    Issuer,
    /// Accepted by the service when it dials.
    Trust,
    /// Accepted by the service from those who dial it.
    ClientTrust,
}
