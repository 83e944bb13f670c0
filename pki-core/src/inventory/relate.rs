//! What files and manifest are to each other.

use super::{Inventory, Item, Material};
use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::model::path::TreePath;
use crate::model::san::GeneralName;
use crate::record::Content;
use crate::stack::{Authority, Origin, Pair, Stack};

impl Inventory {
    /// The end of who signed this authority; `None` for a root.
    pub fn issuer_end(&self, stack: &Stack, authority: &Authority) -> Option<Timestamp> {
        match &authority.origin {
            Origin::Issuer(issuer) => self
                .authority(stack, issuer)
                .map(|ca| ca.validity().not_after),
            Origin::Root | Origin::External => None,
        }
    }

    /// The CA certificates that follow a leaf: from its authority up to, and
    /// without, the root. A CA that came from elsewhere may have more of them in
    /// its own file.
    pub fn intermediates(&self, stack: &Stack, authority: &str) -> Vec<&Certificate> {
        let above = stack.issuers(authority).into_iter();
        let places = above.filter_map(|a| a.signing().or_else(|| a.generations.last()));
        let pool: Vec<&Certificate> = places
            .flat_map(|g| self.certificates(&g.certificate))
            .collect();
        let mut chain: Vec<&Certificate> = Vec::new();
        let mut next = self.authority(stack, authority);
        while let Some(ca) = next.filter(|ca| !ca.is_self_issued() && !chain.contains(ca)) {
            chain.push(ca);
            let named = || pool.iter().copied().filter(|c| ca.issuer() == c.subject());
            // Of several of one name, the key identifier tells which it is.
            let key = ca.authority_key_id().and_then(|a| a.key_id.as_deref());
            let by_key = |c: &&Certificate| key.is_some() && key == c.subject_key_id();
            next = named().find(by_key).or_else(|| named().next());
        }
        chain
    }

    /// What stands at a place, in words, when it is not what belongs there.
    pub fn unusable(&self, path: &TreePath) -> String {
        let what = self
            .item(path)
            .map_or_else(|| "was not read".to_owned(), Item::unusable);
        format!("`{path}` {what}")
    }
}

impl Item {
    /// What this file is, in words, when it is not what belongs there.
    pub fn unusable(&self) -> String {
        match (&self.record.content, &self.material) {
            (Content::Missing, _) => "is missing".to_owned(),
            (Content::Folder, _) => "is a folder".to_owned(),
            (Content::Refused(why) | Content::Unreadable(why), _) => {
                format!("cannot be read: {why}")
            }
            (_, Material::Certificates(file)) => match file.unreadable.first() {
                Some(why) => format!("holds no readable certificate: {why}"),
                None => "holds a certificate".to_owned(),
            },
            (_, Material::Key(key)) => match &key.public {
                Ok(_) => "holds a private key".to_owned(),
                Err(why) => format!("holds no readable key: {why}"),
            },
            (Content::File(bytes), _) if bytes.is_empty() => "is empty".to_owned(),
            _ => "holds neither a certificate nor a key".to_owned(),
        }
    }
}

/// How the names of a certificate differ from the manifest's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameDifference {
    /// In the manifest only.
    pub added: Vec<String>,
    /// In the certificate only.
    pub removed: Vec<String>,
}

impl NameDifference {
    /// `None` where they are the same names, in whatever order.
    pub fn of(pair: &Pair, leaf: &Certificate) -> Option<Self> {
        let wanted: Vec<GeneralName> = pair.names.iter().map(GeneralName::from).collect();
        let only = |these: &[GeneralName], those: &[GeneralName]| -> Vec<String> {
            let missing = these.iter().filter(|name| !those.contains(name));
            missing.map(GeneralName::value).collect()
        };
        let added = only(&wanted, leaf.names());
        let removed = only(leaf.names(), &wanted);
        (!added.is_empty() || !removed.is_empty()).then_some(Self { added, removed })
    }
}
