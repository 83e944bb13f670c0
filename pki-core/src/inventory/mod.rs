//! What the tree holds, parsed. A file that cannot be used is a state here,
//! never an error: judging it is for the rules.

mod issued;
mod material;
mod relate;

pub use issued::{IssuedLine, IssuedRecord};
pub use material::{CertificateFile, KeyBlock, KeyFile, KeyId, LABELLED, Material};
pub use relate::{NameDifference, shown_names};

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
use std::path::Path;

use crate::cert::{Certificate, CertificateRequest};
use crate::key::PublicKey;
use crate::model::path::TreePath;
use crate::parallel;
use crate::pem;
use crate::record::{Accounts, Content, FileRecord};
use crate::stack::{Origin, Pair, Stack};

/// One place of the tree: what stands there and what it means.
#[derive(Debug)]
pub struct Item {
    /// As it was found.
    pub record: FileRecord,
    /// What it means.
    pub material: Material,
}

/// Everything that was read, by path.
#[derive(Debug, Default)]
pub struct Inventory {
    /// By the octets of the path, not by its parts: that is faster.
    items: HashMap<OsString, Item>,
    issued: IssuedRecord,
    accounts: Accounts,
    system: Vec<Certificate>,
    /// Generations of authorities that stood here.
    stood: BTreeSet<(String, u32)>,
    /// Files that were delivered here.
    delivered: HashSet<OsString>,
}

/// Every file that the stack names below its own folders: certificates and keys
/// of authorities and pairs, and what is derived from them.
pub fn paths(stack: &Stack) -> Vec<TreePath> {
    let mut paths = Vec::new();
    for authority in &stack.authorities {
        for generation in &authority.generations {
            paths.push(generation.certificate.clone());
            paths.extend(generation.key.clone());
        }
        paths.extend(authority.request.clone());
    }
    for pair in stack.pairs() {
        paths.push(pair.files.certificate.clone());
        paths.push(pair.files.key.clone());
        paths.extend(pair.files.chain.clone());
    }
    paths.extend(stack.outputs.iter().map(|o| o.path.clone()));
    paths
}

impl Inventory {
    /// Parses what was read.
    pub fn from_records(
        records: impl IntoIterator<Item = FileRecord>,
        issued: IssuedRecord,
    ) -> Self {
        Self::read(records, issued, Material::of)
    }

    /// Parses files that somebody names for their certificates: see
    /// [`Material::named_for_certificates`].
    pub fn of_certificates(records: impl IntoIterator<Item = FileRecord>) -> Self {
        let issued = IssuedRecord::default();
        Self::read(records, issued, Material::named_for_certificates)
    }

    fn read(
        records: impl IntoIterator<Item = FileRecord>,
        issued: IssuedRecord,
        material: fn(&FileRecord) -> Material,
    ) -> Self {
        let records: Vec<FileRecord> = records.into_iter().collect();
        let items = parallel::map(&records, material)
            .into_iter()
            .zip(records)
            .map(|(material, record)| (record.path.clone().into(), Item { record, material }))
            .collect();
        Self {
            items,
            issued,
            accounts: Accounts::default(),
            system: Vec::new(),
            stood: BTreeSet::new(),
            delivered: HashSet::new(),
        }
    }

    /// Adds the generations of authorities, by name and number, of which the
    /// state says that they stood here.
    #[must_use]
    pub fn with_stood(mut self, stood: impl IntoIterator<Item = (String, u32)>) -> Self {
        self.stood = stood.into_iter().collect();
        self
    }

    /// Adds the files of which the state says that they were delivered here.
    #[must_use]
    pub fn with_delivered(mut self, delivered: impl IntoIterator<Item = TreePath>) -> Self {
        let delivered = delivered.into_iter();
        self.delivered = delivered.map(|path| path.as_path().into()).collect();
        self
    }

    /// Whether a pair was ever delivered to its place: the state or the issuance
    /// record says so. A certificate that was lost with both may be ours all the
    /// same.
    pub fn was_delivered(&self, pair: &Pair) -> bool {
        let files = &pair.files;
        let known = |path: &TreePath| {
            let delivered = self.delivered.contains(path.as_path().as_os_str());
            delivered || self.issued.knows_place(path)
        };
        known(&files.certificate) || known(&files.key)
    }

    /// Whether a generation of an authority stood here once: the state says so,
    /// or something that it left behind does and that none of `others` signed.
    /// Of a record that cannot be read it is assumed.
    pub fn stood(&self, authority: &str, number: u32, others: &[&Certificate]) -> bool {
        if self.stood.contains(&(authority.to_owned(), number)) || self.issued.is_unread() {
            return true;
        }
        let mut certificates = self.items.values().flat_map(Item::certificates);
        certificates.any(|c| self.issued.shows(authority, c, others))
    }

    /// Whether neither the state nor the issuance record tells of anything that
    /// was ever made here.
    pub fn remembers_nothing(&self) -> bool {
        self.stood.is_empty() && self.issued.is_empty()
    }

    /// Adds the accounts that owners are named by.
    #[must_use]
    pub fn with_accounts(mut self, accounts: Accounts) -> Self {
        self.accounts = accounts;
        self
    }

    /// Adds the machine's own CA certificates, for outputs that contain them.
    #[must_use]
    pub fn with_system(mut self, certificates: Vec<Certificate>) -> Self {
        self.system = certificates;
        self
    }

    /// The accounts that owners are named by.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The machine's own CA certificates, where they were read.
    pub fn system(&self) -> &[Certificate] {
        &self.system
    }

    /// What stands at a place; `None` when it was not looked at.
    pub fn item(&self, path: &TreePath) -> Option<&Item> {
        self.item_at(path.as_path())
    }

    /// As [`Self::item`], for a path as it was read.
    pub fn item_at(&self, path: &Path) -> Option<&Item> {
        self.items.get(path.as_os_str())
    }

    /// Every place that was looked at, in no order.
    pub fn items(&self) -> impl Iterator<Item = (&Path, &Item)> {
        let items = self.items.iter();
        items.map(|(path, item)| (Path::new(path), item))
    }

    /// Whether nothing stands there.
    pub fn is_missing(&self, path: &TreePath) -> bool {
        self.item(path)
            .is_none_or(|item| matches!(item.record.content, Content::Missing))
    }

    /// What keeps a file from being written there: the place itself, or one above
    /// it (see [`FileRecord::in_the_way`]).
    pub fn in_the_way(&self, path: &TreePath) -> Option<&Path> {
        self.item(path)?.record.in_the_way.as_deref()
    }

    /// As [`Self::in_the_way`], where it is one above it.
    pub fn barred(&self, path: &TreePath) -> Option<&Path> {
        self.in_the_way(path).filter(|it| *it != path.as_path())
    }

    /// The octets of a file that could be read.
    pub fn bytes(&self, path: &TreePath) -> Option<&[u8]> {
        self.item(path)?.record.bytes()
    }

    /// The certificates of a file that holds nothing else; empty otherwise.
    pub fn certificates(&self, path: &TreePath) -> &[Certificate] {
        self.item(path).map(Item::certificates).unwrap_or_default()
    }

    /// The first certificate of a file.
    pub fn leaf(&self, path: &TreePath) -> Option<&Certificate> {
        self.certificates(path).first()
    }

    /// The public half of the private key in a file; `None` also for an
    /// encrypted key.
    pub fn public_key(&self, path: &TreePath) -> Option<&PublicKey> {
        match &self.item(path)?.material {
            Material::Key(key) => key.public.as_ref().ok(),
            _ => None,
        }
    }

    /// The key file at a place.
    pub fn key(&self, path: &TreePath) -> Option<&KeyFile> {
        match &self.item(path)?.material {
            Material::Key(key) => Some(key),
            _ => None,
        }
    }

    /// The certificate request in a file, in PEM.
    pub fn request(&self, path: &TreePath) -> Option<CertificateRequest> {
        let blocks = pem::blocks(self.bytes(path)?).blocks;
        let mut requests = blocks
            .iter()
            .filter(|b| b.label.ends_with("CERTIFICATE REQUEST"));
        CertificateRequest::from_der(requests.next()?.der.as_ref().ok()?).ok()
    }

    /// What was ever issued.
    pub fn issued(&self) -> &IssuedRecord {
        &self.issued
    }

    /// The certificate of the generation of `authority` that signs.
    pub fn authority(&self, stack: &Stack, authority: &str) -> Option<&Certificate> {
        let authority = stack.authority(authority)?;
        let generation = authority.current()?;
        self.leaf(&generation.certificate)
    }

    /// The certificates that can stand behind what `authority` signed: that of
    /// the generation that signs, or all that the file of an external authority
    /// holds.
    pub fn signers<'a>(&'a self, stack: &Stack, authority: &str) -> Vec<&'a Certificate> {
        match stack.authority(authority).map(|a| &a.origin) {
            Some(Origin::External) => self.trusted(stack, authority),
            _ => self.authority(stack, authority).into_iter().collect(),
        }
    }

    /// Puts a file that is about to be written over what was found: the tree
    /// as it will be.
    pub fn overlay(&mut self, record: FileRecord) {
        let material = Material::of(&record);
        self.items
            .insert(record.path.clone().into(), Item { record, material });
    }
}
