//! The disk as it is, against what the model knows of it.

use super::*;

impl Rig {
    /// Compares the disk with what was foretold. Where it was `broken_off`, each
    /// file may also be as it was.
    pub(super) fn sync(&mut self, after: World, broken_off: bool) -> Held {
        let before = std::mem::replace(&mut self.world, after);
        let places: BTreeSet<String> = before.files.keys().cloned().collect();
        let places: BTreeSet<String> = places
            .union(&self.world.files.keys().cloned().collect())
            .cloned()
            .collect();
        let record =
            String::from_utf8_lossy(&self.optional(".pki/issued.jsonl").unwrap_or_default())
                .into_owned();
        for path in &places {
            let old = before.files.get(path).cloned().unwrap_or_default();
            let new = self.world.files.get(path).cloned().unwrap_or_default();
            let found = self.optional(path);
            let is_same = found == self.raw.get(path).cloned();
            let mode = self.mode(path);
            if is_same && mode == old.mode && (broken_off || old == new) {
                self.world.files.insert(path.clone(), old);
                continue;
            }
            let content = if old.content == new.content {
                // Owner and mode alone.
                hold(is_same, || "it was touched".to_owned())
            } else {
                self.is(path, &new.content, found.as_deref(), &record)
            };
            content
                .map_err(|why| format!("{path} ({:?} → {:?}): {why}", old.content, new.content))?;
            let is_file = !matches!(new.content, Content::Missing | Content::Folder);
            let may = broken_off
                && mode == old.mode
                && old.content != Content::Missing
                && old.content == new.content;
            hold(!is_file || mode == new.mode || may, || {
                format!("{path} has mode {mode:04o}, not {:04o}", new.mode)
            })?;
            if may {
                self.world.files.entry(path.clone()).or_default().mode = mode;
            }
            if let (Some(raw), Content::Missing) = (self.raw.get(path), &new.content) {
                self.is_away(path, raw, &old.content)?;
            }
            match found {
                Some(bytes) => self.raw.insert(path.clone(), bytes),
                None => self.raw.remove(path),
            };
        }
        self.world
            .files
            .retain(|_, file| file.content != Content::Missing);
        let state = self.tree.store.read_state().map_err(|e| e.to_string())?;
        let delivered: BTreeSet<String> = state.delivered.iter().map(ToString::to_string).collect();
        let stood = state.stood().map(|(name, _)| name[1..].parse().unwrap());
        let stood: BTreeSet<usize> = stood.collect();
        if broken_off && (&delivered, &stood) == (&before.delivered, &before.stood) {
            self.world.delivered.clone_from(&before.delivered);
            self.world.stood.clone_from(&before.stood);
        } else if broken_off {
            // What could not be taken away, or not for sure, is not forgotten.
            let left =
                |path: &&String| self.world.files.contains_key(*path) || delivered.contains(*path);
            let left: Vec<String> = before.delivered.iter().filter(left).cloned().collect();
            self.world.delivered.extend(left);
        }
        same("delivered", &delivered, &self.world.delivered)?;
        same("authorities that stood", &stood, &self.world.stood)?;
        // No line for what is new.
        let lines = before.record.len() + before.found;
        if broken_off && record.lines().count() <= lines {
            self.world.record.clone_from(&before.record);
            self.world.places.clone_from(&before.places);
            self.world.found = before.found;
            for (key, old) in self.world.keys.iter_mut().zip(&before.keys) {
                key.1 = old.1;
            }
        }
        Ok(())
    }

    fn optional(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.tree.path(path)).ok()
    }

    fn mode(&self, path: &str) -> u32 {
        let meta = std::fs::metadata(self.tree.path(path));
        meta.map_or(0, |meta| meta.permissions().mode() & 0o7777)
    }

    /// A certificate went to the archive, a key for good.
    fn is_away(&self, path: &str, raw: &[u8], old: &Content) -> Held {
        let mut kept = false;
        let archive = self.tree.path(".pki/archive");
        if archive.exists() {
            walk(&archive, &mut |file| {
                kept |=
                    file.is_file() && file.ends_with(path) && std::fs::read(file).unwrap() == raw;
            });
        }
        let is_key = matches!(
            old,
            Content::Key(_) | Content::KeyAndMore(_) | Content::NoKey | Content::Keys
        );
        hold(kept != is_key, || {
            format!("{path} is {}in the archive", if kept { "" } else { "not " })
        })
    }

    /// Whether a file means what it should.
    fn is(&mut self, path: &str, content: &Content, found: Option<&[u8]>, record: &str) -> Held {
        let missing = || "it is not there".to_owned();
        match content {
            Content::Missing => hold(found.is_none(), || "it is there".to_owned()),
            Content::Empty => hold(found == Some(&[]), || "it is not empty".to_owned()),
            Content::Certificates(ids) => {
                let found = certificates(found.ok_or_else(missing)?);
                same("certificates", &found.len(), &ids.len())?;
                let pairs = ids.iter().zip(found);
                // Issuers first.
                for (id, certificate) in pairs.rev() {
                    self.bind(*id, certificate, record)?;
                }
                Ok(())
            }
            Content::Truststore(ids, password) => {
                let password = password.map(|p| format!("changeit{p}"));
                let store = pkcs12::read_store(found.ok_or_else(missing)?, password.as_deref());
                let store = store.map_err(|e| e.to_string())?;
                let found: BTreeSet<Vec<u8>> = store
                    .entries
                    .into_iter()
                    .map(|e| e.certificate_der)
                    .collect();
                let wanted = ids.iter().map(|id| self.certs[id].der().to_vec());
                same("truststore", &found, &wanted.collect())
            }
            Content::Key(id) => {
                let bytes = found.ok_or_else(missing)?;
                let key = key::load(bytes, None).map_err(|e| format!("{e:?}"))?;
                self.bind_key(*id, key.key.public())?;
                let pem = String::from_utf8_lossy(bytes).into_owned();
                let known = self.pems.entry(*id).or_insert_with(|| pem.clone());
                hold(*known == pem, || "another form of the key".to_owned())
            }
            Content::Text(text) => {
                let bytes = found.ok_or_else(missing)?.to_vec();
                let known = self
                    .texts
                    .entry(text.clone())
                    .or_insert_with(|| bytes.clone());
                hold(*known == bytes, || format!("another text for {path}"))
            }
            Content::Folder
            | Content::Rubbish
            | Content::NoKey
            | Content::Keys
            | Content::KeyAndMore(_) => Err("it is not as it was".to_owned()),
        }
    }

    fn bind_key(&mut self, id: Id, public: &PublicKey) -> Held {
        if let Some(known) = self.keys.get(&id) {
            return hold(known == public, || format!("another key than {id}"));
        }
        let is_new = self.keys.values().all(|known| known != public);
        hold(is_new, || "a key that was known".to_owned())?;
        self.keys.insert(id, public.clone());
        Ok(())
    }

    /// The certificate that a number stands for; seen first, it says what it should.
    fn bind(&mut self, id: Id, found: Certificate, record: &str) -> Held {
        if let Some(known) = self.certs.get(&id) {
            return hold(*known == found, || format!("another certificate than {id}"));
        }
        let cert = self.world.certs[id].clone();
        let is_new = self.certs.values().all(|known| *known != found);
        hold(is_new, || "a certificate that was known".to_owned())?;
        self.bind_key(cert.key, found.public_key())?;
        let validity = found.validity();
        let times = (validity.not_before.unix(), validity.not_after.unix());
        same("validity", &times, &(cert.from, cert.to))?;
        if let What::Leaf { names, subject, .. } = &cert.what {
            let shown = crate::inventory::shown_names(&found).into_iter().collect();
            same("names", names, &shown)?;
            same("subject", &found.subject().to_string(), subject)?;
        }
        let signer = if cert.signer == cert.key {
            Some(&found)
        } else {
            let of =
                |(known, _): &(&Id, &Certificate)| self.world.certs[**known].key == cert.signer;
            self.certs.iter().find(of).map(|(_, ca)| ca)
        };
        hold(signer.is_some_and(|ca| found.is_signed_by(ca)), || {
            "another signer".to_owned()
        })?;
        hold(record.contains(&found.fingerprint().to_string()), || {
            "it is not in the issuance record".to_owned()
        })?;
        self.certs.insert(id, found);
        Ok(())
    }

    /// What holds at any time once a command has ended.
    pub(super) fn check(&self) -> Held {
        let mut live = BTreeSet::new();
        for file in self.world.files.values() {
            if let Content::Key(id) | Content::KeyAndMore(id) = file.content {
                live.insert(id);
            }
        }
        let dead = self.pems.iter().filter(|(id, _)| !live.contains(id));
        let dead: Vec<&str> = dead.map(|(_, pem)| pem.trim()).collect();
        let mut found = BTreeSet::new();
        let home = self.tree.path(".pki");
        let mut wrong = Ok(());
        walk(self.tree.dir.path(), &mut |path| {
            if !path.is_file() || wrong.is_err() {
                return;
            }
            let text = std::fs::read(path).unwrap();
            let text = String::from_utf8_lossy(&text);
            let name = path.strip_prefix(self.tree.dir.path()).unwrap();
            let name = name.to_str().unwrap().to_owned();
            let hurt = self.world.content(&name);
            let is_hurt = matches!(hurt, Content::NoKey | Content::Keys);
            if !is_hurt && dead.iter().any(|pem| text.contains(pem)) {
                wrong = Err(format!("a key that was replaced is still in {name}"));
            }
            let is_journal = name == ".pki/journal" && !self.strays.contains(&name);
            if is_journal || (path.starts_with(&home) && name.contains("..stage-")) {
                wrong = Err(format!("{name} was left"));
            }
            if !path.starts_with(&home) {
                found.insert(name);
            }
        });
        wrong?;
        let files = self.world.files.iter();
        let files = files.filter(|(_, f)| !matches!(f.content, Content::Missing | Content::Folder));
        let mut expected: BTreeSet<String> = files.map(|(path, _)| path.clone()).collect();
        expected.extend(self.foreign.iter().cloned());
        expected.extend(
            self.strays
                .iter()
                .filter(|s| !s.starts_with(".pki"))
                .cloned(),
        );
        same("files", &found, &expected)?;
        for folder in ["authorities", ".pki", "secure"] {
            if self.tree.path(folder).exists() && folder != "secure" {
                same(folder, &self.mode(folder), &0o700)?;
            }
        }
        Ok(())
    }
}
