//! What files and manifest are to each other.

use super::{Inventory, Item, KeyBlock, KeyFile, KeyId, Material};
use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::model::path::TreePath;
use crate::model::san::GeneralName;
use crate::record::Content;
use crate::stack::{Authority, Generation, Origin, Pair, Stack};

impl Inventory {
    /// The end of who signed this authority; `None` for a root. The file of an
    /// external issuer may hold others before the one that did.
    pub fn issuer_end(&self, stack: &Stack, authority: &Authority) -> Option<Timestamp> {
        let Origin::Issuer(issuer) = &authority.origin else {
            return None;
        };
        let above = self.signers(stack, issuer);
        let signer = match above[..] {
            [] => return None,
            [only] => only,
            [first, ..] => {
                let own = self.authority(stack, &authority.name);
                let signed = |ca: &&Certificate| own.is_some_and(|own| own.is_signed_by(ca));
                above.into_iter().find(signed).unwrap_or(first)
            }
        };
        Some(signer.validity().not_after)
    }

    /// The CA certificates that follow a leaf: from its authority up to, and
    /// without, the root. A CA that came from elsewhere may have more of them in
    /// its own file.
    pub fn intermediates(&self, stack: &Stack, authority: &str) -> Vec<&Certificate> {
        let above = stack.issuers(authority).into_iter();
        let places = above.filter_map(Authority::current);
        let pool: Vec<&Certificate> = places
            .flat_map(|g| self.certificates(&g.certificate))
            .collect();
        let start = self.authority(stack, authority).into_iter();
        let line = start.flat_map(|ca| line(ca, &pool));
        line.filter(|ca| !ca.is_self_issued()).collect()
    }

    /// The CA certificates of every trusted generation of `authority`, oldest
    /// first, each with those above it that its file holds as well. Of a file
    /// of an external authority every certificate.
    pub fn trusted<'a>(&'a self, stack: &Stack, authority: &str) -> Vec<&'a Certificate> {
        let generations = stack.authority(authority).into_iter();
        generations
            .flat_map(Authority::trusted)
            .flat_map(|generation| self.vouching(generation))
            .collect()
    }

    /// What of the file of a generation is trusted: whoever can add to our own
    /// CA's file does not make others trust what is not above it.
    pub fn vouching(&self, generation: &Generation) -> Vec<&Certificate> {
        let all: Vec<&Certificate> = self.certificates(&generation.certificate).iter().collect();
        match all.first() {
            Some(first) if generation.key.is_some() && all.len() > 1 => line(first, &all),
            _ => all,
        }
    }

    /// Whether a file holds exactly these, in PEM; of none: whether it is empty.
    pub fn is_chain(&self, path: &TreePath, wanted: &[&Certificate]) -> bool {
        let Some(item) = self.item(path) else {
            return false;
        };
        match &item.material {
            Material::Certificates(file) => {
                file.not_pem().is_none()
                    && file.unreadable.is_empty()
                    && file.certificates.iter().eq(wanted.iter().copied())
            }
            _ => wanted.is_empty() && item.record.bytes().is_some_and(<[u8]>::is_empty),
        }
    }

    /// What stands at a place, in words, when it is not what belongs there.
    pub fn unusable(&self, path: &TreePath) -> String {
        let what = self
            .item(path)
            .map_or_else(|| "was not read".to_owned(), Item::unusable);
        format!("`{path}` {what}")
    }

    /// Whether one of `signers` signed a CA, directly or through those that
    /// stand in its own file.
    pub fn is_below(&self, ca: &Certificate, place: &TreePath, signers: &[&Certificate]) -> bool {
        let line = self.line(ca, place);
        line.iter()
            .any(|ca| signers.iter().any(|above| ca.is_signed_by(above)))
    }

    /// A CA and those above it in its own file, up to a root.
    pub fn line<'a>(&'a self, ca: &'a Certificate, place: &TreePath) -> Vec<&'a Certificate> {
        let own: Vec<&Certificate> = self.certificates(place).iter().collect();
        line(ca, &own)
    }
}

/// The names of a certificate as a person writes them.
pub fn shown_names(certificate: &Certificate) -> Vec<String> {
    let names = certificate.names().iter();
    names
        .map(|name| match name.to_san() {
            Some(san) => san.to_string(),
            None => name.to_string(),
        })
        .collect()
}

/// A CA and those above it, as far as they are in `pool`, by their signatures.
fn line<'a>(start: &'a Certificate, pool: &[&'a Certificate]) -> Vec<&'a Certificate> {
    let mut line = vec![start];
    let mut last = start;
    while !last.is_self_issued() {
        let above = pool
            .iter()
            .find(|c| last.is_signed_by(c) && !line.contains(c));
        let Some(above) = above else { break };
        line.push(above);
        last = above;
    }
    line
}

impl Item {
    /// The certificates of a file that holds nothing else; empty otherwise.
    pub fn certificates(&self) -> &[Certificate] {
        match &self.material {
            Material::Certificates(file) => &file.certificates,
            _ => &[],
        }
    }

    /// Every private key in this file, as [`KeyBlock::all`], from what is known
    /// of it already where that tells.
    pub fn keys(&self) -> Vec<KeyBlock> {
        match &self.material {
            Material::Certificates(file) if file.unreadable.is_empty() => Vec::new(),
            Material::Key(KeyFile {
                form,
                public: Ok(public),
            }) if form.surplus().is_none() => vec![KeyBlock {
                id: KeyId::Public(public.clone()),
                alone: true,
            }],
            _ => self.record.bytes().map(KeyBlock::all).unwrap_or_default(),
        }
    }

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
