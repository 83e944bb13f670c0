//! Makes the files of one pair in memory: issued here, or delivered from where
//! it is made.

use std::collections::BTreeMap;

use super::build::Builder;
use super::check;
use super::leaves::{Leaf, Wanted, leaves};
use crate::cert::Certificate;
use crate::encode::bundle::bundle;
use crate::error::{Error, Result};
use crate::key::{self, PrivateKey};
use crate::lineage;
use crate::model::path::TreePath;
use crate::plan::{Action, Step, Target};
use crate::reason;
use crate::report::Locator;
use crate::stack::{Lineage, Maker, Pair, PairId};
use crate::store::{Part, Write};

impl Builder<'_> {
    /// A leaf for each pair that a step issues one for.
    pub(super) fn leaves(&mut self, steps: &[Step]) -> Result<BTreeMap<PairId, Leaf>> {
        let mut wanted = Vec::new();
        for step in steps {
            let (Target::Pair(id), false) = (&step.target, step.action == Action::Rewrite) else {
                continue;
            };
            let pair = self.pairs.get(id).copied();
            if let Some((pair, authority)) = pair.and_then(|p| Some((p, p.issuer()?))) {
                let new = step.action.needs_key();
                wanted.push(Wanted {
                    pair,
                    authority,
                    key: new.then(|| self.next_key()).transpose()?,
                    serial: self.next_serial()?,
                });
            }
        }
        Ok(leaves(wanted, self.signing()))
    }

    /// What a step makes of a pair.
    pub(super) fn pair(
        &mut self,
        pair: &Pair,
        action: &Action,
        rewrite_key: bool,
    ) -> Result<Certificate> {
        match &pair.maker {
            Maker::Authority(authority) => self.issued(pair, authority, action, rewrite_key),
            Maker::Elsewhere(lineage) => self.delivered(pair, lineage),
        }
    }

    /// What a lineage holds, in the service's own files: the key as PKCS#8 PEM,
    /// the certificates in their order.
    fn delivered(&mut self, pair: &Pair, lineage: &Lineage) -> Result<Certificate> {
        let group = self.built.writes.len();
        let now = self.options.now;
        let delivery = lineage::delivery(pair, lineage, self.stack, &self.inventory, now);
        let delivery = delivery.map_err(|finding| {
            let error = Error::usage(format!("`{}` cannot be delivered", lineage.certificate));
            let error = error.cause(finding.found.unwrap_or_default());
            error.hint(finding.fix.unwrap_or_default())
        })?;
        let chain: Vec<Certificate> = delivery.chain.into_iter().cloned().collect();
        let Some((leaf, above)) = chain.split_first() else {
            return Err(Error::usage(format!("`{}` is empty", lineage.certificate)));
        };
        let key = self.readable_key(&lineage.key)?;
        self.key_file(pair, &key, group)?;
        self.certificate_files(pair, leaf, above, group)?;
        Ok(leaf.clone())
    }

    fn issued(
        &mut self,
        pair: &Pair,
        authority: &str,
        action: &Action,
        rewrite_key: bool,
    ) -> Result<Certificate> {
        let group = self.built.writes.len();
        let context = |e: Error| e.context(format!("`{}` was not issued", pair.files.certificate));
        let old = self.inventory.leaf(&pair.files.certificate).cloned();
        if rewrite_key && !action.needs_key() {
            // The key that is there, in a file of its own form. Of one with another
            // name the content may be anybody's: it is given to nobody else.
            if let Some(finding) = reason::hard_link(&pair.files.key, &self.inventory) {
                let key = &pair.files.key;
                return Err(Error::usage(format!("the key `{key}` is not written anew"))
                    .cause(finding.found.unwrap_or_default())
                    .hint(finding.fix.unwrap_or_default()));
            }
            let key = self.readable_key(&pair.files.key)?;
            self.key_file(pair, &key, group)?;
        }
        let certificate = if let (Action::Rewrite, Some(old)) = (action, &old) {
            if let Some((profile, _, names)) = reason::kept(old) {
                let (stack, inventory, now) = (self.stack, &self.inventory, self.options.now);
                let key = old.public_key();
                check::leaf(old, profile, &names, key, authority, stack, inventory, now)
                    .map_err(context)?;
            }
            old.clone()
        } else {
            let leaf = self.leaves.remove(&pair.id);
            let leaf = leaf
                .ok_or_else(|| Error::usage("it was not planned"))
                .map_err(context)?;
            let issued = leaf.issued.map_err(context)?;
            if let Some(key) = &leaf.key {
                self.key_file(pair, key, group)?;
            }
            self.note_clamp(
                &issued,
                Locator::File(pair.files.certificate.as_path().to_owned()),
            );
            self.record(
                &issued.certificate,
                pair.id.to_string(),
                &pair.files.certificate,
            );
            issued.certificate
        };
        let above = self.inventory.intermediates(self.stack, authority);
        let above: Vec<Certificate> = above.into_iter().cloned().collect();
        self.certificate_files(pair, &certificate, &above, group)?;
        Ok(certificate)
    }

    /// The leaf with those above it, and those alone where they are asked for.
    fn certificate_files(
        &mut self,
        pair: &Pair,
        leaf: &Certificate,
        above: &[Certificate],
        group: usize,
    ) -> Result<()> {
        let above: Vec<&[u8]> = above.iter().map(Certificate::der).collect();
        let chain = bundle(&above).into_bytes();
        let mut whole = bundle(&[leaf.der()]).into_bytes();
        whole.extend_from_slice(&chain);
        let files = [
            pair.files.chain.as_ref().map(|path| (path, chain)),
            Some((&pair.files.certificate, whole)),
        ];
        files.into_iter().flatten().try_for_each(|(path, bytes)| {
            let access = &pair.certificate_access;
            self.public(path, bytes, access, Part::Certificate, Some(group))
        })
    }

    fn readable_key(&self, path: &TreePath) -> Result<PrivateKey> {
        let bytes = self.inventory.bytes(path).unwrap_or_default();
        let loaded = key::load(bytes, None)
            .map_err(|e| Error::from(e).context(format!("the key `{path}` cannot be read")))?;
        Ok(loaded.key)
    }

    fn key_file(&mut self, pair: &Pair, key: &PrivateKey, group: usize) -> Result<()> {
        let access = self.numeric(&pair.files.key, &pair.key_access)?;
        self.built.writes.push(Write {
            uid: access.uid,
            gid: access.gid,
            mode: access.mode,
            pair: Some(group),
            ..Write::key(pair.files.key.clone(), key.to_pem())
        });
        Ok(())
    }
}
