//! One certificate with its key, as it should be.

use std::fmt;

use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::Dn;
use crate::model::path::TreePath;
use crate::model::profile::Profile;
use crate::model::san::San;
use crate::model::validity::{Lifetime, RenewAt};

/// Names a pair inside the stack: `aistor.server.default`, `aistor.client.kes`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PairId {
    /// The service it belongs to.
    pub service: String,
    /// Which side of a connection it is for.
    pub kind: PairKind,
    /// `default`, or the name of its table.
    pub name: String,
    /// With `per_host`, the host name it is for.
    pub node: Option<String>,
}

impl fmt::Display for PairId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            PairKind::Server => "server",
            PairKind::Client => "client",
        };
        write!(f, "{}.{kind}.{}", self.service, self.name)?;
        match &self.node {
            Some(node) => write!(f, "[{node}]"),
            None => Ok(()),
        }
    }
}

/// Which side of a connection a pair is for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum PairKind {
    /// Shown to those who dial the service.
    Server,
    /// Shown by the service when it dials.
    Client,
}

/// One certificate with its key, as it should be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pair {
    /// Its name in the stack.
    pub id: PairId,
    /// What it may say: server, client or peer.
    pub profile: Profile,
    /// Its names, in order, each once.
    pub names: Vec<San>,
    /// Its subject.
    pub subject: Dn,
    /// Its kind of key.
    pub key: KeyAlgorithm,
    /// How long it lives.
    pub lifetime: Lifetime,
    /// When it is due.
    pub renew: RenewAt,
    /// When it gets a new key.
    pub rekey: Rekey,
    /// Who makes it.
    pub maker: Maker,
    /// Where it stands.
    pub files: PairFiles,
    /// Owner and mode of the certificate files.
    pub certificate_access: Access,
    /// Owner and mode of the key file.
    pub key_access: Access,
}

/// Who makes a pair.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Maker {
    /// An authority of the manifest, by name: it is issued here.
    Authority(String),
    /// Somebody else: it is verified and delivered, never issued here.
    Elsewhere(Lineage),
}

/// A pair that is made and renewed elsewhere, as certbot keeps it: the newest
/// always under the same names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lineage {
    /// Leaf, then intermediates: `fullchain.pem`. It may be a link.
    pub certificate: TreePath,
    /// The private key: `privkey.pem`. It may be a link.
    pub key: TreePath,
    /// The authority of the manifest behind it; `None`: one of the machine's
    /// own CAs.
    pub authority: Option<String>,
}

impl Pair {
    /// The authority that issues it here.
    pub fn issuer(&self) -> Option<&str> {
        match &self.maker {
            Maker::Authority(name) => Some(name),
            Maker::Elsewhere(_) => None,
        }
    }

    /// The authority of the manifest behind it, whoever issues it.
    pub fn authority(&self) -> Option<&str> {
        match &self.maker {
            Maker::Authority(name) => Some(name),
            Maker::Elsewhere(lineage) => lineage.authority.as_deref(),
        }
    }

    /// Where it comes from, where it is not issued here.
    pub fn lineage(&self) -> Option<&Lineage> {
        match &self.maker {
            Maker::Authority(_) => None,
            Maker::Elsewhere(lineage) => Some(lineage),
        }
    }
}

/// Where a pair stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PairFiles {
    /// Leaf, then intermediates (never the root).
    pub certificate: TreePath,
    /// The private key: PKCS#8 in one PEM block.
    pub key: TreePath,
    /// Intermediates alone, where the role or the manifest asks for it.
    pub chain: Option<TreePath>,
}

/// When a renewal makes a new key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Rekey {
    /// Only when told to.
    Never,
    /// At every renewal.
    Always,
    /// When the key is older than this at a renewal.
    Every(Lifetime),
}

/// Owner, group and mode of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Access {
    /// A name or a number; `None`: whoever runs pki.
    pub owner: Option<String>,
    /// A name or a number; `None`: the group of whoever runs pki.
    pub group: Option<String>,
    /// Permission bits.
    pub mode: u32,
}
