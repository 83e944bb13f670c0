//! Owners and modes.

use std::fmt;

use super::{Access, Stack};
use crate::model::path::TreePath;

impl Access {
    /// The mode of a file whose group is the one asked for (`group_is_set`), or
    /// another that has no business reading it.
    pub fn mode_with(&self, group_is_set: bool) -> u32 {
        if group_is_set {
            self.mode
        } else {
            self.mode_without_group()
        }
    }

    /// The mode of a file whose group is not set (yet): nobody but its owner
    /// reads what only the named group may.
    pub fn mode_without_group(&self) -> u32 {
        let others = self.mode & 0o007;
        if self.group.is_some() && others == 0 {
            self.mode & !0o070
        } else {
            self.mode
        }
    }
}

/// `0640 root:sidekick`, or the mode alone where the manifest names no owner.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.mode)?;
        if self.owner.is_none() && self.group.is_none() {
            return Ok(());
        }
        let name = |name: &Option<String>| name.clone().unwrap_or_default();
        write!(f, " {}:{}", name(&self.owner), name(&self.group))
    }
}

impl Stack {
    /// Every file of pairs and outputs, with the access it should have and the
    /// service it belongs to; none for what an authority publishes.
    pub fn accesses(&self) -> impl Iterator<Item = (&TreePath, &Access, Option<&str>)> {
        let pairs = self.pairs().flat_map(|pair| {
            let service = Some(pair.id.service.as_str());
            let files = &pair.files;
            [
                Some((&files.certificate, &pair.certificate_access, service)),
                Some((&files.key, &pair.key_access, service)),
                files
                    .chain
                    .as_ref()
                    .map(|chain| (chain, &pair.certificate_access, service)),
            ]
            .into_iter()
            .flatten()
        });
        let outputs = self
            .outputs
            .iter()
            .map(|o| (&o.path, &o.access, o.service.as_deref()));
        pairs.chain(outputs)
    }
}
