//! Damage: done to the disk, and to what the model knows.

use std::os::unix::fs::PermissionsExt as _;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::*;
use super::manifest::Slot;
use super::model::{Content, Standing, ca_certificate, ca_key};
use super::rig::{Held, Rig, hold};
use crate::report::Severity;

/// What happens to a file of a pair or to a derived one.
#[derive(Clone, Debug)]
pub(super) enum Hurt {
    Removed,
    Empty,
    Rubbish,
    /// Ends in the middle of its first line but one.
    Cut,
    /// The first certificate stays.
    FirstOnly,
    Twice,
    /// One more line end.
    More,
    Mode(u32),
    /// Another file in its place.
    Other(Index),
    Folder,
}

pub(super) fn hurts() -> impl Strategy<Value = Hurt> {
    prop_oneof![
        3 => Just(Hurt::Removed),
        1 => Just(Hurt::Empty),
        1 => Just(Hurt::Rubbish),
        2 => Just(Hurt::Cut),
        2 => Just(Hurt::FirstOnly),
        1 => Just(Hurt::Twice),
        1 => Just(Hurt::More),
        3 => select(vec![0o666, 0o604, 0o400, 0o755, 0o644, 0o600, 0o640]).prop_map(Hurt::Mode),
        5 => any::<Index>().prop_map(Hurt::Other),
        1 => Just(Hurt::Folder),
    ]
}

/// What happens to a CA's own files: the product refuses and says what.
#[derive(Clone, Copy, Debug)]
pub(super) enum OfCa {
    Removed,
    Rubbish,
    /// A leaf's certificate or key.
    Leaf,
    /// Another CA's.
    Other,
}

/// What happens to pki's own files and to folders.
#[derive(Clone, Copy, Debug)]
pub(super) enum Home {
    StateGone,
    StateRubbish,
    RecordGone,
    RecordTorn,
    RecordRubbish,
    JournalTorn,
    LockRubbish,
    LockIsFolder,
    Open(&'static str, u32, &'static str),
    Stray,
    Foreign,
}

pub(super) fn homes() -> impl Strategy<Value = Home> {
    select(vec![
        Home::StateGone,
        Home::StateRubbish,
        Home::RecordGone,
        Home::RecordTorn,
        Home::RecordRubbish,
        Home::JournalTorn,
        Home::LockRubbish,
        Home::LockIsFolder,
        Home::Open(".pki", 0o755, "folder-open"),
        Home::Open("authorities/a0/1", 0o755, "folder-open"),
        Home::Open("certs", 0o777, "folder-writable"),
        Home::Stray,
        Home::Foreign,
    ])
}

const RUBBISH: &[u8] = b"rubbish";

impl Rig {
    fn set_mode(&self, path: &str, mode: u32) {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.tree.path(path), mode).unwrap();
    }

    fn there(&self, path: &str) -> bool {
        !matches!(self.world.content(path), Content::Missing | Content::Folder)
    }

    /// Another content of a file, whose mode stays.
    fn fill(&mut self, path: &str, bytes: &[u8], content: Content) {
        std::fs::write(self.tree.path(path), bytes).unwrap();
        self.raw.insert(path.to_owned(), bytes.to_vec());
        self.world.files.get_mut(path).unwrap().content = content;
    }

    fn remove(&mut self, path: &str) {
        self.tree.remove(path);
        self.raw.remove(path);
        self.world.files.remove(path);
    }

    /// Hurts one of the files that apply mends; says what was done.
    pub(super) fn hurt(&mut self, file: Index, hurt: &Hurt) -> Option<String> {
        let mut files = self.world.mendable();
        files.retain(|path| self.there(path));
        if files.is_empty() {
            return None;
        }
        let path = file.get::<String>(&files).clone();
        let content = self.world.content(&path).clone();
        let bytes = self.raw[&path].clone();
        match hurt {
            Hurt::Removed => self.remove(&path),
            Hurt::Empty => self.fill(&path, b"", Content::Empty),
            Hurt::Rubbish => self.fill(&path, RUBBISH, Content::Rubbish),
            Hurt::Cut if bytes.len() > 60 => {
                let content = match content {
                    Content::Key(_) | Content::KeyAndMore(_) => Content::NoKey,
                    _ => Content::Rubbish,
                };
                self.fill(&path, &bytes[..60], content);
            }
            Hurt::FirstOnly => match content {
                Content::Certificates(ids) if ids.len() > 1 => {
                    let text = String::from_utf8(bytes).unwrap();
                    let end = text.find("-----BEGIN CERTIFICATE-----\n").unwrap() + 1;
                    let end = end + text[end..].find("-----BEGIN").unwrap();
                    self.fill(
                        &path,
                        &text.as_bytes()[..end],
                        Content::Certificates(ids[..1].to_vec()),
                    );
                }
                _ => return None,
            },
            Hurt::Twice => {
                let content = match content {
                    Content::Certificates(ids) => Content::Certificates([&ids[..], &ids].concat()),
                    Content::Key(_) => Content::Keys,
                    Content::Text(text) => Content::Text(format!("{text} twice")),
                    _ => return None,
                };
                self.fill(&path, &[&bytes[..], &bytes].concat(), content);
            }
            Hurt::More => match content {
                Content::Key(id) => {
                    let more = [&bytes[..], b"\n"].concat();
                    self.fill(&path, &more, Content::KeyAndMore(id));
                }
                _ => return None,
            },
            Hurt::Mode(mode) => {
                self.set_mode(&path, *mode);
                self.world.files.get_mut(&path).unwrap().mode = *mode;
            }
            Hurt::Other(other) => {
                let named = self.world.named();
                let named: Vec<&String> = named.iter().filter(|p| self.there(p)).collect();
                let other = (*other.get::<&String>(&named)).clone();
                let (bytes, content) =
                    (self.raw[&other].clone(), self.world.content(&other).clone());
                self.fill(&path, &bytes, content);
                return Some(format!("{other} is copied to {path}"));
            }
            Hurt::Folder => {
                self.remove(&path);
                std::fs::create_dir(self.tree.path(&path)).unwrap();
                let mode = self.tree.seen()[&path].1;
                self.world.put(&path, Content::Folder, mode);
            }
            Hurt::Cut => return None,
        }
        Some(format!("{path}: {hurt:?}"))
    }

    /// Hurts the certificate or the key of an authority.
    pub(super) fn hurt_ca(&mut self, slot: Slot, key: bool, how: OfCa) -> Option<String> {
        let is_there = self.world.manifest.authorities[slot].is_some();
        let standing = is_there.then(|| self.world.standing(slot));
        if !matches!(standing, Some(Standing::Sound(_))) {
            return None;
        }
        let (certificate, secret) = (ca_certificate(slot), ca_key(slot));
        let path = if key { secret } else { certificate };
        let like = |other: &&String| {
            let is_ca = **other == ca_certificate(slot) || **other == ca_key(slot);
            let content = self.world.content(other);
            !is_ca
                && match how {
                    OfCa::Other => {
                        let all = 0..self.world.manifest.authorities.len();
                        all.clone().any(|s| **other == ca_certificate(s)) && !key
                            || all.clone().any(|s| **other == ca_key(s)) && key
                    }
                    _ if key => matches!(content, Content::Key(_)),
                    _ => self.world.leaf(other).is_some_and(|l| !self.world.is_ca(l)),
                }
        };
        let other = self.world.files.keys().find(like).cloned();
        let old = self.world.files[&path].clone();
        self.backup
            .insert(path.clone(), (self.raw.get(&path).cloned(), old));
        match (how, other) {
            (OfCa::Removed, _) => self.remove(&path),
            (OfCa::Rubbish, _) | (_, None) => self.fill(&path, RUBBISH, Content::Rubbish),
            (_, Some(other)) => {
                let (bytes, content) =
                    (self.raw[&other].clone(), self.world.content(&other).clone());
                self.fill(&path, &bytes, content);
            }
        }
        Some(format!("{path}: {how:?}"))
    }

    /// Puts back what only a person can: from the backup.
    pub(super) fn restore(&mut self) {
        for (path, (bytes, file)) in std::mem::take(&mut self.backup) {
            let bytes = bytes.unwrap();
            std::fs::write(self.tree.path(&path), &bytes).unwrap();
            self.set_mode(&path, file.mode);
            self.raw.insert(path.clone(), bytes);
            self.world.files.insert(path, file);
        }
        let folders = self.world.files.iter();
        let folders = folders.filter(|(_, file)| file.content == Content::Folder);
        let folders: Vec<String> = folders.map(|(path, _)| path.clone()).collect();
        for path in folders {
            std::fs::remove_dir(self.tree.path(&path)).unwrap();
            self.world.files.remove(&path);
        }
        if let Some((old, world)) = self.record.take() {
            let since = std::fs::read(self.tree.path(".pki/issued.jsonl")).unwrap_or_default();
            self.tree.write(".pki/issued.jsonl", [old, since].concat());
            self.world.record.extend(world.record);
            self.world.places.extend(world.places);
            self.world.found += world.found;
            for (key, old) in self.world.keys.iter_mut().zip(world.keys) {
                key.1 = key.1.min(old.1);
            }
        }
    }

    /// Hurts what pki keeps for itself, or opens a folder.
    pub(super) fn hurt_home(&mut self, home: Home) -> Held<Option<String>> {
        const STATE: &str = ".pki/state.toml";
        const RECORD: &str = ".pki/issued.jsonl";
        const JOURNAL: &str = ".pki/journal";
        const LOCK: &str = ".pki/lock";
        let is = |path: &str| self.tree.path(path).exists();
        match home {
            Home::StateGone if is(STATE) && self.backup.is_empty() => {
                self.tree.remove(STATE);
                self.world.delivered.clear();
                self.world.stood.clear();
            }
            Home::StateRubbish if is(STATE) => {
                let text = self.tree.read(STATE);
                self.tree.write(STATE, "rubbish");
                let before = self.tree.seen();
                let found = look(&self.tree.store, &self.tree.stack);
                hold(found.is_err(), || "a state of rubbish is taken".to_owned())?;
                hold(self.tree.seen() == before, || "it changed".to_owned())?;
                self.tree.write(STATE, text);
            }
            Home::RecordGone if is(RECORD) && self.record.is_none() => {
                let text = self.tree.read(RECORD);
                self.tree.remove(RECORD);
                self.record = Some((text, self.world.clone()));
                self.world.record.clear();
                self.world.places.clear();
                self.world.found = 0;
                self.world.keys.iter_mut().for_each(|key| key.1 = i64::MAX);
            }
            Home::RecordTorn if is(RECORD) => {
                let mut text = self.tree.read(RECORD);
                text.extend_from_slice(b"{\"version\":1,\"iss");
                self.tree.write(RECORD, text);
                self.tells("issuance-record", Severity::Info)?;
            }
            Home::RecordRubbish if is(RECORD) => {
                let text = self.tree.read(RECORD);
                self.tree.write(RECORD, [b"rubbish\n", &text[..]].concat());
                self.tells("issuance-record", Severity::Warning)?;
                self.look()?;
                self.tree.write(RECORD, text);
            }
            Home::JournalTorn if is(STATE) => {
                self.tree.write(JOURNAL, "{\"version\":1");
                self.tells("interrupted-delivery", Severity::Warning)?;
            }
            Home::LockRubbish if is(LOCK) => self.tree.write(LOCK, RUBBISH),
            Home::LockIsFolder if is(LOCK) => {
                self.tree.remove(LOCK);
                std::fs::create_dir(self.tree.path(LOCK)).unwrap();
                let before = self.tree.seen();
                let lock = Holder::me("test", self.tree.now);
                let locked = self.tree.store.lock(&lock, Duration::ZERO);
                hold(locked.is_err(), || "a folder is locked".to_owned())?;
                hold(self.tree.seen() == before, || "it changed".to_owned())?;
                std::fs::remove_dir(self.tree.path(LOCK)).unwrap();
            }
            Home::Open(folder, mode, rule) if is(folder) => {
                let old = self.tree.seen()[folder].1;
                self.set_mode(folder, mode);
                self.tells(rule, Severity::Warning)?;
                self.look()?;
                self.set_mode(folder, old);
            }
            Home::Stray => {
                let Some(folder) = self.folder() else {
                    return Ok(None);
                };
                let stray = format!("{folder}/..stage-stray");
                self.tree.write(&stray, "stray");
                self.strays.insert(stray);
                self.tells("staged-file", Severity::Warning)?;
            }
            Home::Foreign => {
                let Some(folder) = self.folder() else {
                    return Ok(None);
                };
                let file = format!("{folder}/notes.txt");
                self.tree.write(&file, "mine");
                self.foreign.insert(file);
            }
            _ => return Ok(None),
        }
        Ok(Some(format!("{home:?}")))
    }

    /// A folder where something was delivered that the manifest still names: into
    /// others nobody looks.
    fn folder(&self) -> Option<String> {
        let named = self.world.named();
        let delivered = self.world.delivered.iter();
        let mut there = delivered.filter(|path| self.there(path) && named.contains(*path));
        let (folder, _) = there.next()?.rsplit_once('/')?;
        Some(folder.to_owned())
    }

    fn tells(&self, rule: &str, least: Severity) -> Held {
        let report = self.tree.verdict().report;
        let mut told = report.findings().iter();
        let is_told = told.any(|f| f.rule == rule && f.severity >= least);
        hold(is_told, || {
            format!("verify does not tell {rule}: {report:#?}")
        })
    }
}
