//! What a pair needs, and what is made of it.

use super::*;

impl Worker<'_> {
    pub(super) fn pair(&mut self, pair: &WantedPair) {
        let world = self.before;
        let line = world.manifest.line(pair.authority);
        if line.iter().any(|a| self.broken.contains(a)) {
            return;
        }
        let selected = self.command.selects(Some(pair.service));
        if world.is_foreign(pair) {
            self.stuck |= selected;
            return;
        }
        let places = [&pair.certificate, &pair.key];
        let all = places.into_iter().chain(&pair.chain);
        if all.clone().any(|p| *world.content(p) == Content::Folder) {
            self.stuck |= selected;
            return;
        }
        let mut reasons = Vec::new();
        if selected {
            reasons = self.of_pair(pair);
            if self.command.force {
                reasons.push("forced".to_owned());
            }
        }
        let is_foreign_key = reasons.iter().any(|r| r == "key mismatch");
        if self.command.is_due_only() {
            let is_other = reasons.iter().any(|r| r == "issuer");
            let is_named = matches!(self.command.scope, Scope::Due(Some(_)));
            let (of_time, rest) = reasons
                .into_iter()
                .partition(|r| is_of_time(r) || is_named && r.starts_with("not before"));
            reasons = of_time;
            let rest: Vec<String> = rest;
            let is_early = rest.iter().any(|r| r.starts_with("not before"));
            self.stuck |= is_early && reasons.is_empty() && !is_other;
            if is_other {
                // Nobody trusts another CA before an apply.
                self.stuck |= !reasons.is_empty();
                return;
            }
        }
        let (leaf, key) = (world.leaf(&pair.certificate), world.key(&pair.key));
        let matching = leaf.zip(key).filter(|(l, k)| world.certs[*l].key == *k);
        if reasons.is_empty() && matching.is_some() {
            // What derives from a new CA follows it, whoever asked.
            let above = &line[..line.len() - 1];
            let signer = matching.map(|(leaf, _)| world.certs[leaf].signer);
            let ca = world.ca(pair.authority).map(|ca| world.certs[ca].key);
            if self.created.contains(&pair.authority) {
                reasons.push("issuer".to_owned());
            } else if signer == ca && above.iter().any(|a| self.reissued.contains(a)) {
                reasons.push("chain".to_owned());
            }
        }
        if reasons.is_empty() {
            return;
        }
        let action = match self.word(pair, &reasons) {
            "renew" if is_foreign_key => "rekey",
            action => action,
        };
        if action != "rewrite" && self.keyless.contains(&pair.authority) {
            self.stuck = true;
            return;
        }
        let mend_key = reasons.iter().any(|r| r == "key form");
        self.step(&pair.id, action, reasons);
        self.make(pair, action, mend_key);
    }

    fn word(&self, pair: &WantedPair, reasons: &[String]) -> &'static str {
        let world = self.before;
        let has = |wanted: &str| reasons.iter().any(|r| r.starts_with(wanted));
        if world.is_missing(&pair.certificate) && world.is_missing(&pair.key) {
            return "make";
        }
        let leaf = world.leaf(&pair.certificate);
        let stranger = leaf.is_some_and(|l| !world.record.contains(&l)) && has("issuer");
        let no_key = world.key(&pair.key).is_none();
        if no_key || has("key mismatch") || has("key kind") || stranger || self.command.rekey {
            return "rekey";
        }
        let holds = |leaf: Id| {
            let cert = &world.certs[leaf];
            (cert.from..=cert.to).contains(&world.now)
        };
        let is_whole = reasons.iter().all(|r| r == "chain" || r == "key form");
        if is_whole && leaf.is_some_and(holds) {
            return "rewrite";
        }
        let is_old = match pair.rekey {
            Rekey::Never => false,
            Rekey::Always => true,
            Rekey::After400Days => leaf.is_some_and(|leaf| {
                let cert = &world.certs[leaf];
                let known = world.record.iter().any(|c| world.certs[*c].key == cert.key);
                let since = if known {
                    world.keys[cert.key].1
                } else {
                    cert.from
                };
                since + 400 * DAY <= world.now
            }),
        };
        if is_old { "rekey" } else { "renew" }
    }

    fn of_pair(&self, pair: &WantedPair) -> Vec<String> {
        let world = self.before;
        let key = world.key(&pair.key);
        let bare = || {
            let unfit = key.and_then(|key| self.unfit(pair, key));
            let is_odd = matches!(world.content(&pair.key), Content::KeyAndMore(_));
            unfit.or_else(|| is_odd.then(|| "key form".to_owned()))
        };
        let mut reasons = Vec::new();
        let file = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        for (what, path) in [("certificate", &pair.certificate), ("key", &pair.key)] {
            if world.is_missing(path) {
                reasons.push(format!("missing {what} {}", file(path)));
            }
        }
        if !reasons.is_empty() {
            reasons.extend(bare());
            return reasons;
        }
        let (Some(leaf), Some(key)) = (world.leaf(&pair.certificate), key) else {
            reasons.push("unusable".to_owned());
            reasons.extend(bare());
            return reasons;
        };
        let cert = &world.certs[leaf];
        let file = world.certificates(&pair.certificate);
        let is_its = |c: &Id| world.certs[*c].key == key && !world.is_ca(*c);
        if cert.key == key {
            reasons.extend(self.unfit(pair, key));
        } else if file.iter().any(is_its) {
            return vec!["unusable".to_owned()];
        } else {
            reasons.push("key mismatch".to_owned());
        }
        let ca = world.ca(pair.authority);
        let is_new = self.created.contains(&pair.authority);
        if is_new || ca.is_some_and(|ca| world.certs[ca].key != cert.signer) {
            reasons.push("issuer".to_owned());
        }
        let (names, is_other) = match &cert.what {
            What::Authority { .. } => (BTreeSet::new(), true),
            What::Leaf {
                names,
                subject,
                profile,
            } => (
                names.clone(),
                *subject != pair.subject || *profile != pair.profile,
            ),
        };
        if names != pair.names {
            let added = pair.names.difference(&names).map(|n| format!(" +{n}"));
            let removed = names.difference(&pair.names).map(|n| format!(" -{n}"));
            reasons.push(format!("names{}", added.chain(removed).collect::<String>()));
        }
        if is_other {
            reasons.push("profile".to_owned());
        }
        let end = ca.filter(|_| !self.reissued.contains(&pair.authority));
        reasons.extend(life(world, leaf, end.map(|ca| world.certs[ca].to)));
        if reasons.is_empty() {
            let line = world.manifest.line(pair.authority);
            let above = &line[..line.len() - 1];
            let wanted = world.intermediates(pair.authority);
            let is_chain = |path: &String| match world.content(path) {
                Content::Certificates(found) => *found == wanted,
                Content::Empty => wanted.is_empty(),
                _ => false,
            };
            if above.iter().any(|a| self.reissued.contains(a))
                || file[1..] != wanted
                || !pair.chain.iter().all(is_chain)
            {
                reasons.push("chain".to_owned());
            }
        }
        if matches!(world.content(&pair.key), Content::KeyAndMore(_)) {
            reasons.push("key form".to_owned());
        }
        reasons
    }

    /// A key that cannot be a pair's.
    fn unfit(&self, pair: &WantedPair, key: Id) -> Option<String> {
        let world = self.before;
        let authorities = world.manifest.authorities.iter().enumerate();
        let mut there = authorities.filter(|(_, a)| a.is_some());
        if there.any(|(slot, _)| world.ca(slot).is_some_and(|ca| world.certs[ca].key == key)) {
            return Some("key mismatch".to_owned());
        }
        (world.keys[key].0 != pair.kind).then(|| "key kind".to_owned())
    }

    /// What a step makes of a pair.
    fn make(&mut self, pair: &WantedPair, action: &str, mend_key: bool) {
        self.may_sign(pair.authority, 0, &pair.id);
        let old = self.before.leaf(&pair.certificate);
        let leaf = match old {
            Some(old) if action == "rewrite" => old,
            _ => {
                let key = if action == "renew" {
                    self.before.key(&pair.key).unwrap()
                } else {
                    let key = self.after.new_key(pair.kind);
                    self.write(&pair.key, Content::Key(key), pair.key_mode);
                    key
                };
                let wanted = What::Leaf {
                    names: pair.names.clone(),
                    subject: pair.subject.clone(),
                    profile: pair.profile,
                };
                // A timer keeps what there is.
                let kept = old.map(|old| self.before.certs[old].what.clone());
                let kept = kept.filter(|what| matches!(what, What::Leaf { .. }));
                let what = kept
                    .filter(|_| self.command.is_due_only())
                    .unwrap_or(wanted);
                let Some(ca) = self.after.ca(pair.authority) else {
                    self.refused
                        .get_or_insert(format!("{}: its authority is not there", pair.id));
                    return;
                };
                self.after.places.insert(pair.certificate.clone());
                self.after.issue(key, Some(ca), pair.seconds, what)
            }
        };
        if mend_key
            && (action == "rewrite" || action == "renew")
            && let Some(key) = self.before.key(&pair.key)
        {
            self.write(&pair.key, Content::Key(key), pair.key_mode);
        }
        let above = self.after.intermediates(pair.authority);
        if let Some(chain) = &pair.chain {
            let content = match &above[..] {
                [] => Content::Empty,
                above => Content::Certificates(above.to_vec()),
            };
            self.write(chain, content, 0o644);
        }
        let all = [&[leaf], &above[..]].concat();
        self.write(&pair.certificate, Content::Certificates(all), 0o644);
    }

    pub(super) fn write(&mut self, path: &str, content: Content, mode: u32) {
        self.after.put(path, content, mode);
        self.written.insert(path.to_owned());
        self.delivered.insert(path.to_owned());
    }
}
