//! What is to be delivered.

use std::fmt;

use crate::model::path::TreePath;
use crate::secret::Secret;

/// What a file will hold.
pub enum Bytes {
    /// Anybody may see it.
    Public(Vec<u8>),
    /// A private key: wiped from memory afterwards, without an access control
    /// list from its folder's default.
    Secret(Secret),
}

impl Bytes {
    /// The octets. The caller must not keep a copy of a secret.
    pub fn expose(&self) -> &[u8] {
        match self {
            Self::Public(bytes) => bytes,
            Self::Secret(secret) => secret.expose(),
        }
    }

    pub(super) fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }
}

/// How much, never what.
impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Secret(_) => f.write_str("[elided]"),
        }
    }
}

/// What a file is in its batch; they are delivered in this order.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Part {
    /// A private key.
    Key,
    /// The certificate of a key, or its chain.
    Certificate,
    /// Anything else.
    Other,
}

/// A file to be delivered.
#[derive(Debug)]
pub struct Write {
    /// Where.
    pub path: TreePath,
    /// What.
    pub content: Bytes,
    /// Permission bits (`0o7777`), exactly these whatever the umask.
    pub mode: u32,
    /// Owner; `None`: whoever runs pki.
    pub uid: Option<u32>,
    /// Group; `None`: the group of whoever runs pki, or of the folder where it
    /// is set-group-id.
    pub gid: Option<u32>,
    /// Its turn.
    pub part: Part,
    /// Files with the same number are one pair: all are new or all are old.
    pub pair: Option<usize>,
    /// Permission bits of folders that are missing.
    pub folder_mode: u32,
}

impl Write {
    /// A public file, 0644, in folders 0755, of nobody in particular.
    pub fn public(path: TreePath, bytes: Vec<u8>) -> Self {
        Self {
            path,
            content: Bytes::Public(bytes),
            mode: 0o644,
            uid: None,
            gid: None,
            part: Part::Other,
            pair: None,
            folder_mode: 0o755,
        }
    }

    /// A private key, 0600, in folders 0755, of nobody in particular.
    pub fn key(path: TreePath, secret: Secret) -> Self {
        Self {
            content: Bytes::Secret(secret),
            mode: 0o600,
            part: Part::Key,
            ..Self::public(path, Vec::new())
        }
    }
}
