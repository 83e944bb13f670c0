//! What the model knows of a tree: what each file means, told from what was
//! done to it alone, never read from the disk.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::{Key, Manifest, Profile, SECURE, Slot, WantedPair, authority_name};

/// A certificate or a key, by its number.
pub(super) type Id = usize;

#[derive(Clone, Debug)]
pub(super) struct Cert {
    pub(super) key: Id,
    /// The key that signed it.
    pub(super) signer: Id,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) what: What,
}

/// What a certificate says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum What {
    Authority {
        below: u32,
        permit: bool,
    },
    Leaf {
        names: BTreeSet<String>,
        subject: String,
        profile: Profile,
    },
}

/// What stands at a place.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) enum Content {
    #[default]
    Missing,
    Folder,
    Empty,
    Rubbish,
    Certificates(Vec<Id>),
    Key(Id),
    /// A key, but not one whole one.
    NoKey,
    /// Two of them.
    Keys,
    /// The key with something behind it.
    KeyAndMore(Id),
    Truststore(Vec<Id>, Option<bool>),
    Text(String),
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct File {
    pub(super) content: Content,
    pub(super) mode: u32,
}

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) manifest: Manifest,
    pub(super) now: i64,
    pub(super) files: BTreeMap<String, File>,
    pub(super) certs: Vec<Cert>,
    /// Kind, and since when it is certified.
    pub(super) keys: Vec<(Key, i64)>,
    /// What the issuance record names.
    pub(super) record: BTreeSet<Id>,
    /// Whose certificate each CA's is.
    pub(super) homes: BTreeMap<Id, Slot>,
    /// How many lines of it are of what was found once it was lost.
    pub(super) found: usize,
    /// The places of pairs that it names.
    pub(super) places: BTreeSet<String>,
    /// What the state names.
    pub(super) delivered: BTreeSet<String>,
    pub(super) stood: BTreeSet<Slot>,
}

pub(super) fn ca_certificate(slot: Slot) -> String {
    format!("authorities/a{slot}/1/ca.crt")
}

pub(super) fn ca_key(slot: Slot) -> String {
    let folder = if slot == SECURE {
        "secure"
    } else {
        "authorities"
    };
    format!("{folder}/a{slot}/1/ca.key")
}

/// How an authority stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    New,
    Sound(Id),
    /// It cannot sign.
    Keyless(Id),
    Broken,
}

impl World {
    pub(super) fn content(&self, path: &str) -> &Content {
        static NOTHING: Content = Content::Missing;
        self.files.get(path).map_or(&NOTHING, |file| &file.content)
    }

    pub(super) fn certificates(&self, path: &str) -> &[Id] {
        match self.content(path) {
            Content::Certificates(ids) => ids,
            _ => &[],
        }
    }

    pub(super) fn leaf(&self, path: &str) -> Option<Id> {
        self.certificates(path).first().copied()
    }

    pub(super) fn key(&self, path: &str) -> Option<Id> {
        match self.content(path) {
            Content::Key(id) | Content::KeyAndMore(id) => Some(*id),
            _ => None,
        }
    }

    /// Whether it is destroyed rather than kept.
    pub(super) fn is_secret(&self, path: &str) -> bool {
        self.key(path).is_some() || matches!(self.content(path), Content::NoKey | Content::Keys)
    }

    /// Whether what stands in a pair's place was never put there by pki, and
    /// would be lost.
    pub(super) fn is_foreign(&self, pair: &WantedPair) -> bool {
        let places = [&pair.certificate, &pair.key];
        let is_known =
            |path: &&String| self.delivered.contains(*path) || self.places.contains(*path);
        if places.iter().any(is_known) {
            return false;
        }
        let has_key = |path| self.key(path).is_some() || *self.content(path) == Content::Keys;
        let slots = self.manifest.authorities.iter().enumerate();
        let slots = slots.filter(|(_, a)| a.is_some()).map(|(slot, _)| slot);
        let authorities: Vec<Id> = slots
            .filter_map(|slot| self.leaf(&ca_certificate(slot)))
            .collect();
        let is_of = |key: Id| authorities.iter().any(|ca| self.certs[*ca].key == key);
        if let Some(leaf) = self.leaf(&pair.certificate) {
            return !is_of(self.certs[leaf].signer);
        }
        let is_lost = match self.key(&pair.key) {
            Some(key) => self.keys[key].0 != pair.kind && !is_of(key),
            None => has_key(&pair.key),
        };
        is_lost || has_key(&pair.certificate)
    }

    pub(super) fn is_missing(&self, path: &str) -> bool {
        *self.content(path) == Content::Missing
    }

    pub(super) fn is_ca(&self, cert: Id) -> bool {
        matches!(self.certs[cert].what, What::Authority { .. })
    }

    pub(super) fn standing(&self, slot: Slot) -> Standing {
        let (certificate, key) = (ca_certificate(slot), ca_key(slot));
        if self.is_missing(&certificate) {
            let never = self.is_missing(&key) && !self.stood.contains(&slot);
            return if never {
                Standing::New
            } else {
                Standing::Broken
            };
        }
        let found = self.certificates(&certificate);
        let Some(ca) = found
            .first()
            .filter(|_| found.iter().all(|c| self.is_ca(*c)))
        else {
            return Standing::Broken;
        };
        // That of another authority of the manifest.
        let home = self.homes.get(ca).filter(|home| **home != slot);
        if home.is_some_and(|home| self.manifest.authorities[*home].is_some()) {
            return Standing::Broken;
        }
        match self.key(&key) {
            Some(id) if id == self.certs[*ca].key => Standing::Sound(*ca),
            Some(_) => Standing::Broken,
            None => Standing::Keyless(*ca),
        }
    }

    /// The certificate of an authority, whatever its key.
    pub(super) fn ca(&self, slot: Slot) -> Option<Id> {
        self.leaf(&ca_certificate(slot))
            .filter(|ca| self.is_ca(*ca))
    }

    pub(super) fn intermediates(&self, slot: Slot) -> Vec<Id> {
        let line = self.manifest.line(slot);
        let above = &line[..line.len() - 1];
        let cas = above.iter().filter_map(|slot| self.ca(*slot));
        // One that was a root until now is sent to nobody.
        cas.filter(|ca| self.certs[*ca].signer != self.certs[*ca].key)
            .collect()
    }

    pub(super) fn new_key(&mut self, kind: Key) -> Id {
        self.keys.push((kind, i64::MAX));
        self.keys.len() - 1
    }

    /// Issues: from five minutes ago, and no longer than the issuer.
    pub(super) fn issue(&mut self, key: Id, issuer: Option<Id>, seconds: i64, what: What) -> Id {
        let (mut from, mut to) = (self.now - 300, self.now + seconds);
        let signer = match issuer {
            Some(ca) => {
                let ca = &self.certs[ca];
                (from, to) = (from.max(ca.from), to.min(ca.to));
                ca.key
            }
            None => key,
        };
        self.certs.push(Cert {
            key,
            signer,
            from,
            to,
            what,
        });
        let id = self.certs.len() - 1;
        self.record.insert(id);
        let since = &mut self.keys[key].1;
        *since = self.now.min(*since);
        id
    }

    pub(super) fn put(&mut self, path: &str, content: Content, mode: u32) {
        self.files.insert(path.to_owned(), File { content, mode });
    }

    /// Files of pairs and derived ones that the manifest names.
    pub(super) fn mendable(&self) -> Vec<String> {
        let pairs = self.manifest.pairs();
        let of_pair = |p: &WantedPair| {
            [
                Some(p.certificate.clone()),
                Some(p.key.clone()),
                p.chain.clone(),
            ]
        };
        let mut files: Vec<String> = pairs.iter().flat_map(of_pair).flatten().collect();
        files.extend(self.manifest.outputs().into_iter().map(|o| o.path));
        files
    }

    /// Places of authorities that the manifest names, and all that it names.
    pub(super) fn named(&self) -> BTreeSet<String> {
        let mut named: BTreeSet<String> = self.mendable().into_iter().collect();
        let authorities = self.manifest.authorities.iter().enumerate();
        let there = authorities.filter(|(_, a)| a.is_some());
        named.extend(there.flat_map(|(slot, _)| [ca_certificate(slot), ca_key(slot)]));
        named
    }

    /// What was delivered once, is there, and is no longer named.
    pub(super) fn leftovers(&self) -> Vec<String> {
        let named = self.named();
        let left = |path: &&String| {
            let there = !matches!(self.content(path), Content::Missing | Content::Folder);
            there && !named.contains(*path)
        };
        self.delivered.iter().filter(left).cloned().collect()
    }

    /// The authorities that vouch for nothing now, and why that is no matter of
    /// the plan's alone: a clock that runs behind, files that are broken.
    pub(super) fn is_whole(&self) -> bool {
        let authorities = self.manifest.authorities.iter().enumerate();
        let mut there = authorities.filter(|(_, a)| a.is_some());
        there.all(|(slot, _)| match self.standing(slot) {
            Standing::Sound(ca) => {
                let cert = &self.certs[ca];
                self.now >= cert.from && self.is_below(slot, ca) && self.record.contains(&ca)
            }
            Standing::New => true,
            _ => false,
        })
    }

    /// Whether who should have signed an authority did.
    pub(super) fn is_below(&self, slot: Slot, ca: Id) -> bool {
        let signer = self.certs[ca].signer;
        match self.manifest.authority(slot).issuer {
            None => signer == self.certs[ca].key,
            Some(issuer) => self
                .ca(issuer)
                .is_none_or(|issuer| self.certs[issuer].key == signer),
        }
    }

    /// The places of pairs of ours that the record lost.
    pub(super) fn unrecorded(&self) -> Vec<String> {
        let slots = self.manifest.authorities.iter().enumerate();
        let slots = slots.filter(|(slot, a)| a.is_some() && !self.is_missing(&ca_key(*slot)));
        let signers: BTreeSet<Id> = slots
            .filter_map(|(slot, _)| Some(self.certs[self.leaf(&ca_certificate(slot))?].key))
            .collect();
        let is_lost = |pair: &WantedPair| {
            let leaf = self.leaf(&pair.certificate);
            let is_known =
                |leaf| self.record.contains(&leaf) || self.places.contains(&pair.certificate);
            leaf.is_some_and(|leaf| !is_known(leaf) && signers.contains(&self.certs[leaf].signer))
        };
        let lost = self.manifest.pairs().into_iter().filter(is_lost);
        lost.map(|pair| pair.certificate).collect()
    }

    /// A name for people.
    pub(super) fn target(slot: Slot) -> String {
        format!("authority {}", authority_name(slot))
    }
}
