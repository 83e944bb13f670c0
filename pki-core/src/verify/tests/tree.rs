//! A tree in memory, made by issuing alone.

use std::collections::BTreeMap;

pub(crate) use crate::cert::tests::make::{DAY, NOW};

use crate::clock::Timestamp;
use crate::encode::bundle::bundle;
use crate::inventory::{self, Inventory, IssuedLine, IssuedRecord};
use crate::issue::{self, Issuer, RandomSerials, Request};
use crate::key::{KeySource as _, PrivateKey, SystemKeys};
use crate::manifest::{Generations, Source, resolve};
use crate::model::path::TreePath;
use crate::model::serial::SerialSource as _;
use crate::outputs;
use crate::record::{Content, FileRecord};
use crate::role::Roles;
use crate::stack::{Authority, Origin, Pair, Stack};

/// A stack and its files.
pub(crate) struct Tree {
    pub(crate) stack: Stack,
    pub(crate) now: Timestamp,
    pub(crate) keys: BTreeMap<String, PrivateKey>,
    files: BTreeMap<TreePath, (Vec<u8>, u32)>,
    issued: String,
}

pub(crate) fn stack(manifest: &str) -> Stack {
    let source = Source {
        name: "pki.toml",
        text: manifest,
    };
    let roles = Roles::load(&[]).unwrap();
    resolve(&source, &roles, &Generations::new(), &[])
        .unwrap()
        .stack
}

pub(crate) fn place(path: &str) -> TreePath {
    TreePath::new(path).unwrap()
}

impl Tree {
    /// Everything of a manifest, but for what is external.
    pub(crate) fn new(manifest: &str) -> Self {
        let mut tree = Self::empty(manifest);
        for authority in tree.stack.authorities.clone() {
            if authority.origin != Origin::External {
                let key = SystemKeys.generate(authority.key).unwrap();
                tree.authority(&authority, key);
            }
        }
        for pair in tree.stack.pairs().cloned().collect::<Vec<_>>() {
            tree.pair(&pair);
        }
        tree.outputs();
        tree
    }

    /// No file yet.
    pub(crate) fn empty(manifest: &str) -> Self {
        Self {
            stack: stack(manifest),
            now: NOW,
            keys: BTreeMap::new(),
            files: BTreeMap::new(),
            issued: String::new(),
        }
    }

    /// A new certificate of an authority for a key.
    pub(crate) fn authority(&mut self, authority: &Authority, key: PrivateKey) {
        let request = Request::authority(
            authority.subject.clone(),
            authority.lifetime,
            key.public().clone(),
            authority.path_length,
            authority.permit.clone(),
        )
        .unwrap();
        let serial = RandomSerials::default().next_serial().unwrap();
        let certificate = match &authority.origin {
            Origin::Issuer(issuer) => {
                let inventory = self.inventory();
                let ca = inventory.authority(&self.stack, issuer).unwrap();
                let issuer = Issuer::new(ca, &self.keys[issuer]).unwrap();
                issue::issue(&request, &issuer, self.now, &serial)
                    .unwrap()
                    .certificate
            }
            _ => issue::self_sign(&request, &key, self.now, &serial).unwrap(),
        };
        let generation = authority.signing().unwrap().clone();
        let key_path = generation.key.unwrap();
        self.files
            .insert(key_path, (key.to_pem().expose().to_vec(), 0o600));
        let text = bundle(&[certificate.der()]).into_bytes();
        self.record(
            &certificate,
            format!("authority {}", authority.name),
            &generation.certificate,
        );
        self.files.insert(generation.certificate, (text, 0o644));
        self.keys.insert(authority.name.clone(), key);
    }

    /// A new pair.
    pub(crate) fn pair(&mut self, pair: &Pair) {
        let key = SystemKeys.generate(pair.key).unwrap();
        let request = Request::leaf(
            pair.profile,
            pair.subject.clone(),
            pair.names.clone(),
            pair.lifetime,
            key.public().clone(),
        )
        .unwrap();
        let serial = RandomSerials::default().next_serial().unwrap();
        let inventory = self.inventory();
        let authority = pair.issuer().unwrap();
        let ca = inventory.authority(&self.stack, authority).unwrap();
        let issuer = Issuer::new(ca, &self.keys[authority]).unwrap();
        let leaf = issue::issue(&request, &issuer, self.now, &serial)
            .unwrap()
            .certificate;
        let above = inventory.intermediates(&self.stack, authority);
        let above: Vec<Vec<u8>> = above.iter().map(|c| c.der().to_vec()).collect();
        let whole: Vec<Vec<u8>> = [vec![leaf.der().to_vec()], above.clone()].concat();
        let access = (pair.certificate_access.mode, pair.key_access.mode);
        let files = &pair.files;
        if let Some(chain) = &files.chain {
            let text = bundle(&above).into_bytes();
            self.files.insert(chain.clone(), (text, access.0));
        }
        self.record(&leaf, pair.id.to_string(), &files.certificate);
        self.files.insert(
            files.certificate.clone(),
            (bundle(&whole).into_bytes(), access.0),
        );
        self.files.insert(
            files.key.clone(),
            (key.to_pem().expose().to_vec(), access.1),
        );
    }

    fn record(&mut self, certificate: &crate::cert::Certificate, target: String, path: &TreePath) {
        let line = IssuedLine::new(certificate, target, path.to_string(), self.now);
        self.issued += &format!("{}\n", line.to_json());
    }

    /// Nothing was ever issued here.
    pub(crate) fn forget(&mut self) {
        self.issued.clear();
    }

    /// Every output, as it should be now.
    pub(crate) fn outputs(&mut self) {
        for output in self.stack.outputs.clone() {
            let bytes = outputs::render(&output, &self.stack, &self.inventory()).unwrap();
            self.files.insert(output.path, (bytes, output.access.mode));
        }
    }

    /// A pair made anew as if the manifest had said something else.
    pub(crate) fn reissue(&mut self, id: &str, change: impl FnOnce(&mut Pair)) {
        let mut pair = self
            .stack
            .pairs()
            .find(|p| p.id.to_string() == id)
            .unwrap()
            .clone();
        change(&mut pair);
        self.pair(&pair);
    }

    pub(crate) fn put(&mut self, path: &str, bytes: impl AsRef<[u8]>) {
        let mode = self.files.get(&place(path)).map_or(0o644, |f| f.1);
        self.files
            .insert(place(path), (bytes.as_ref().to_vec(), mode));
    }

    /// One file's octets in the place of another's.
    pub(crate) fn copy(&mut self, from: &str, to: &str) {
        let bytes = self.bytes(from).to_vec();
        self.put(to, bytes);
    }

    pub(crate) fn mode(&mut self, path: &str, mode: u32) {
        self.files.get_mut(&place(path)).unwrap().1 = mode;
    }

    pub(crate) fn bytes(&self, path: &str) -> &[u8] {
        &self.files[&place(path)].0
    }

    pub(crate) fn remove(&mut self, path: &str) {
        assert!(self.files.remove(&place(path)).is_some(), "{path}");
    }

    pub(crate) fn later(&mut self, seconds: i64) {
        self.now = self.now.plus_seconds(seconds);
    }

    /// Another manifest for the same files.
    pub(crate) fn says(&mut self, manifest: &str) {
        self.stack = stack(manifest);
    }

    pub(crate) fn inventory(&self) -> Inventory {
        let mut paths = inventory::paths(&self.stack);
        paths.extend(self.files.keys().cloned());
        paths.sort();
        paths.dedup();
        let records = paths.into_iter().map(|path| match self.files.get(&path) {
            Some((bytes, mode)) => FileRecord {
                content: Content::File(bytes.clone().into()),
                mode: *mode,
                ..FileRecord::missing(path.as_path())
            },
            None => FileRecord::missing(path.as_path()),
        });
        Inventory::from_records(records, IssuedRecord::from_text(&self.issued))
    }
}
