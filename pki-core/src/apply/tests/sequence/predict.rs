//! What the model expects of a command: its steps with their reasons, and what
//! they make of the tree.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::{Form, Rekey, Slot, WantedOutput, WantedPair};
use super::model::{Content, Id, Standing, What, World, ca_certificate, ca_key};
use crate::model::validity::DAY;

/// A command that may change the tree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Command {
    pub(super) scope: Scope,
    pub(super) force: bool,
    pub(super) rekey: bool,
    pub(super) prune: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scope {
    Everything,
    /// One service, as `pki issue` does.
    Only(Slot),
    /// What is due; of one service where it is said.
    Due(Option<Slot>),
}

impl Command {
    pub(super) const APPLY: Self = Self {
        scope: Scope::Everything,
        force: false,
        rekey: false,
        prune: false,
    };

    pub(super) fn is_due_only(self) -> bool {
        matches!(self.scope, Scope::Due(_))
    }

    fn selects(self, service: Option<Slot>) -> bool {
        match self.scope {
            Scope::Everything | Scope::Due(None) => true,
            Scope::Only(one) | Scope::Due(Some(one)) => service.is_none_or(|s| s == one),
        }
    }

    fn selects_authorities(self) -> bool {
        matches!(self.scope, Scope::Everything | Scope::Due(None))
    }
}

/// What is to be done, by what it is done to: the word for it, and the reasons.
pub(super) type Steps = BTreeMap<String, (&'static str, BTreeSet<String>)>;

#[derive(Debug)]
pub(super) struct Prediction {
    pub(super) steps: Steps,
    /// The tree once all is done.
    pub(super) after: World,
    /// Whether it is refused as a whole, for a CA would not be accepted.
    pub(super) refused: Option<String>,
    /// Whether something cannot be done that should be.
    pub(super) stuck: bool,
}

/// Where a certificate is in its life.
fn life(world: &World, cert: Id, issuer_end: Option<i64>) -> Option<String> {
    let cert = &world.certs[cert];
    let third = cert.to - (cert.to - cert.from + 1) / 3;
    if world.now > cert.to {
        Some(format!("expired {}", cert.to))
    } else if world.now < cert.from {
        Some(format!("not before {}", cert.from))
    } else if issuer_end.is_some_and(|end| cert.to >= end) {
        None
    } else {
        (world.now >= third).then(|| format!("due {third} {}", cert.to))
    }
}

fn is_of_time(reason: &str) -> bool {
    reason.starts_with("due ") || reason.starts_with("expired ") || reason == "forced"
}

/// Works a command out.
struct Worker<'a> {
    before: &'a World,
    command: Command,
    steps: Steps,
    after: World,
    refused: Option<String>,
    broken: BTreeSet<Slot>,
    keyless: BTreeSet<Slot>,
    created: BTreeSet<Slot>,
    reissued: BTreeSet<Slot>,
    written: BTreeSet<String>,
    delivered: BTreeSet<String>,
    stuck: bool,
    /// Files that are not written, for edges would break.
    held: &'a BTreeSet<String>,
}

pub(super) fn predict(world: &World, command: Command, held: &BTreeSet<String>) -> Prediction {
    let mut worker = Worker {
        before: world,
        command,
        steps: Steps::new(),
        after: world.clone(),
        refused: None,
        broken: BTreeSet::new(),
        keyless: BTreeSet::new(),
        created: BTreeSet::new(),
        reissued: BTreeSet::new(),
        written: BTreeSet::new(),
        delivered: BTreeSet::new(),
        stuck: false,
        held,
    };
    worker.all();
    Prediction {
        steps: worker.steps,
        after: match worker.refused {
            Some(_) => world.clone(),
            None => worker.after,
        },
        refused: worker.refused,
        stuck: worker.stuck,
    }
}

impl Worker<'_> {
    fn all(&mut self) {
        let slots = 0..self.before.manifest.authorities.len();
        for slot in slots.filter(|s| self.before.manifest.authorities[*s].is_some()) {
            self.authority(slot);
        }
        let pairs = self.before.manifest.pairs();
        let outputs = self.before.manifest.outputs();
        for pair in &pairs {
            self.pair(pair);
        }
        for output in &outputs {
            self.output(output);
        }
        if !self.command.is_due_only() {
            for pair in &pairs {
                self.access(&pair.certificate, 0o644, Some(pair.service));
                self.access(&pair.key, pair.key_mode, Some(pair.service));
                if let Some(chain) = &pair.chain {
                    self.access(chain, 0o644, Some(pair.service));
                }
            }
            for output in &outputs {
                self.access(&output.path, output.mode, output.service);
            }
        }
        let leftovers = self.before.leftovers();
        self.after
            .delivered
            .extend(std::mem::take(&mut self.delivered));
        if self.command.prune {
            for path in leftovers {
                let is_key = self.before.is_secret(&path);
                let word = if is_key { "destroy" } else { "archive" };
                self.step(path.clone(), word, ["not in manifest".to_owned()]);
                self.after.files.remove(&path);
                self.after.delivered.remove(&path);
            }
        }
        if !self.steps.is_empty() {
            let authorities = self.after.manifest.authorities.iter().enumerate();
            let there = authorities.filter(|(_, a)| a.is_some());
            let stands = there.filter(|(slot, _)| self.after.ca(*slot).is_some());
            let stands: Vec<Slot> = stands.map(|(slot, _)| slot).collect();
            self.after.stood.extend(stands);
        }
    }

    fn step(
        &mut self,
        target: String,
        word: &'static str,
        reasons: impl IntoIterator<Item = String>,
    ) {
        let reasons = reasons.into_iter().collect();
        let old = self.steps.insert(target.clone(), (word, reasons));
        assert_eq!(old, None, "{target} has one step");
    }

    fn authority(&mut self, slot: Slot) {
        let world = self.before;
        let wanted = world.manifest.authority(slot);
        let above = &world.manifest.line(slot)[1..];
        let below = world.manifest.depth(slot);
        let mut reason = None;
        let old = match world.standing(slot) {
            Standing::Broken => {
                self.broken.insert(slot);
                return;
            }
            Standing::New => {
                reason = Some(format!("missing authority a{slot}"));
                None
            }
            Standing::Keyless(ca) => {
                self.keyless.insert(slot);
                Some(ca)
            }
            Standing::Sound(ca) => Some(ca),
        };
        if let Some(ca) = old {
            let is_ours = world.record.contains(&ca);
            let issuer = wanted.issuer;
            let end = issuer
                .filter(|issuer| !self.reissued.contains(issuer))
                .and_then(|issuer| world.ca(issuer))
                .map(|issuer| world.certs[issuer].to);
            let found = &world.certs[ca].what;
            if is_ours && issuer.is_some_and(|i| self.created.contains(&i)) {
                reason = Some("issuer".to_owned());
            } else if !world.is_below(slot, ca) {
                // A root that another signed is not made one.
                if !is_ours || issuer.is_none() {
                    self.broken.insert(slot);
                    return;
                }
                reason = Some("issuer".to_owned());
            } else {
                reason = life(world, ca, end);
                let is_over = reason.as_ref().is_some_and(|r| r.starts_with("expired"));
                let is_early = reason.as_ref().is_some_and(|r| r.starts_with("not before"));
                if is_early || (!is_ours && is_over) {
                    self.broken.insert(slot);
                    return;
                }
                if !is_ours {
                    // Renewed where it was made: told, not done.
                    self.stuck |= reason.is_some() && self.command.selects_authorities();
                    reason = None;
                } else if reason.is_none()
                    && let What::Authority { below: has, permit } = found
                {
                    if *has < below {
                        reason = Some(format!("profile path length {has} → {below}"));
                    } else if *permit != wanted.permit {
                        reason = Some("profile permit".to_owned());
                    }
                }
            }
        }
        if above.iter().any(|a| self.broken.contains(a)) {
            return;
        }
        if self.command.is_due_only() {
            // A timer renews; it makes nothing new.
            reason = reason.filter(|r| is_of_time(r) || r == "issuer");
        }
        let is_new = old.is_none();
        let Some(reason) = reason.filter(|_| is_new || self.command.selects_authorities()) else {
            return;
        };
        let no_key = !is_new && self.keyless.contains(&slot)
            || wanted.issuer.is_some_and(|i| self.keyless.contains(&i));
        if no_key {
            self.stuck = true;
            if is_new || reason.starts_with("expired") {
                self.broken.insert(slot);
            }
            return;
        }
        self.step(
            World::target(slot),
            if is_new { "make" } else { "renew" },
            [reason],
        );
        self.reissued.insert(slot);
        if is_new {
            self.created.insert(slot);
            let key = self.after.new_key(wanted.key);
            self.after.put(&ca_key(slot), Content::Key(key), 0o600);
        }
        let Some(key) = self.after.key(&ca_key(slot)) else {
            return;
        };
        let issuer = wanted.issuer.and_then(|i| self.after.ca(i));
        if let Some(issuer) = wanted.issuer {
            self.may_sign(issuer, 0, &World::target(slot));
        }
        let (seconds, permit) = (wanted.days * DAY, wanted.permit);
        let what = What::Authority { below, permit };
        let ca = self.after.issue(key, issuer, seconds, what);
        let place = ca_certificate(slot);
        self.after.put(&place, Content::Certificates(vec![ca]), 0o644);
    }

    /// What is signed by an authority is checked before it is written: those
    /// above it must hold, and go so deep. `depth`: the CAs below the first.
    fn may_sign(&mut self, slot: Slot, depth: u32, what: &str) {
        let now = self.after.now;
        for (i, slot) in self.after.manifest.line(slot).into_iter().enumerate() {
            let Some(ca) = self.after.ca(slot) else {
                continue;
            };
            let cert = &self.after.certs[ca];
            let depth = depth + u32::try_from(i).unwrap();
            let deep = matches!(cert.what, What::Authority { below, .. } if below < depth);
            let ends = i == 0 && cert.to - now < DAY;
            if now < cert.from || now > cert.to || deep || ends {
                self.refused
                    .get_or_insert(format!("{what} below authority a{slot}"));
            }
        }
    }

    fn pair(&mut self, pair: &WantedPair) {
        let world = self.before;
        let line = world.manifest.line(pair.authority);
        if line.iter().any(|a| self.broken.contains(a)) {
            return;
        }
        let selected = self.command.selects(Some(pair.service));
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
            reasons.retain(|r| is_of_time(r));
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
        let word = match self.word(pair, &reasons) {
            "renew" if is_foreign_key => "rekey",
            word => word,
        };
        if word != "rewrite" && self.keyless.contains(&pair.authority) {
            self.stuck = true;
            return;
        }
        let mend_key = reasons.iter().any(|r| r == "key form");
        self.step(pair.id.clone(), word, reasons);
        self.make(pair, word, mend_key);
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
        if reasons.iter().all(|r| r == "chain" || r == "key form") {
            return "rewrite";
        }
        let is_old = match pair.rekey {
            Rekey::Never => false,
            Rekey::Always => true,
            Rekey::After400Days => leaf.is_some_and(|leaf| {
                let cert = &world.certs[leaf];
                let known = world
                    .record
                    .iter()
                    .any(|c| world.certs[*c].key == cert.key);
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
        let mut reasons = Vec::new();
        let file = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        for (what, path) in [("certificate", &pair.certificate), ("key", &pair.key)] {
            if world.is_missing(path) {
                reasons.push(format!("missing {what} {}", file(path)));
            }
        }
        if !reasons.is_empty() {
            reasons.extend(key.and_then(|key| self.unfit(pair, key)));
            return reasons;
        }
        let (Some(leaf), Some(key)) = (world.leaf(&pair.certificate), key) else {
            return vec!["unusable".to_owned()];
        };
        let cert = &world.certs[leaf];
        let file = world.certificates(&pair.certificate);
        if cert.key != key {
            let is_its = |c: &Id| world.certs[*c].key == key && !world.is_ca(*c);
            if file.iter().any(is_its) {
                return vec!["unusable".to_owned()];
            }
            reasons.push("key mismatch".to_owned());
        } else {
            reasons.extend(self.unfit(pair, key));
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
    fn make(&mut self, pair: &WantedPair, word: &str, mend_key: bool) {
        self.may_sign(pair.authority, 0, &pair.id);
        let old = self.before.leaf(&pair.certificate);
        let leaf = match old {
            Some(old) if word == "rewrite" => old,
            _ => {
                let key = if word == "renew" {
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
                self.after.issue(key, Some(ca), pair.seconds, what)
            }
        };
        if mend_key
            && (word == "rewrite" || word == "renew")
            && let Some(key) = self.before.key(&pair.key)
        {
            self.after
                .put(&pair.key, Content::Key(key), pair.key_mode);
            self.delivered.insert(pair.key.clone());
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

    fn write(&mut self, path: &str, content: Content, mode: u32) {
        self.after.put(path, content, mode);
        self.written.insert(path.to_owned());
        self.delivered.insert(path.to_owned());
    }

    fn output(&mut self, output: &WantedOutput) {
        let world = self.before;
        if output.authorities.iter().any(|a| self.broken.contains(a)) {
            return;
        }
        let renewed = output.authorities.iter().any(|a| self.reissued.contains(a));
        let of = |world: &World| -> Content {
            let ids: Vec<Id> = output
                .authorities
                .iter()
                .filter_map(|a| world.ca(*a))
                .collect();
            match &output.form {
                Form::Bundle => Content::Certificates(ids),
                Form::Truststore(password) => Content::Truststore(ids, *password),
                Form::Text(text) => Content::Text(text.clone()),
            }
        };
        let file = output.path.rsplit('/').next().unwrap();
        let found = sorted(world.content(&output.path));
        let reason = if found == Content::Missing {
            format!("missing {file}")
        } else if renewed || found != sorted(&of(world)) {
            "stale".to_owned()
        } else {
            return;
        };
        let wanted = self.command.selects(output.service) && !self.command.is_due_only();
        let is_there = |a: &Slot| self.reissued.contains(a) || world.ca(*a).is_some();
        if (!wanted && !renewed) || !output.authorities.iter().all(is_there) {
            return;
        }
        if found == Content::Folder {
            self.stuck = true;
            return;
        }
        let content = of(&self.after);
        if self.held.contains(&output.path) {
            self.stuck = true;
            self.hold_back(output, &content);
            return;
        }
        self.step(output.path.clone(), "write", [reason]);
        self.write(&output.path, content, output.mode);
    }

    /// What is not written would take a CA away that a pair needs which stays as
    /// it is: else there is no reason to hold it back.
    fn hold_back(&mut self, output: &WantedOutput, wanted: &Content) {
        let world = self.before;
        let ids = |content: &Content| match content {
            Content::Certificates(ids) | Content::Truststore(ids, _) => ids.clone(),
            _ => Vec::new(),
        };
        let mut gone = ids(world.content(&output.path));
        gone.retain(|id| !ids(wanted).contains(id));
        let pairs = world.manifest.pairs();
        let mut staying = pairs.iter().filter(|p| !self.steps.contains_key(&p.id));
        let is_needed = staying.any(|pair| {
            let file = world.certificates(&pair.certificate);
            let signed = |id: &Id| {
                let signer = world.certs[*id].signer;
                gone.iter().any(|ca| world.certs[*ca].key == signer)
            };
            file.iter().any(signed)
        });
        if !is_needed {
            self.refused
                .get_or_insert(format!("{} is held back for nothing", output.path));
        }
    }

    fn access(&mut self, path: &str, mode: u32, service: Option<Slot>) {
        let Some(file) = self.before.files.get(path) else {
            return;
        };
        let is_file = !matches!(file.content, Content::Missing | Content::Folder);
        if !is_file
            || file.mode == mode
            || self.written.contains(path)
            || !self.command.selects(service)
        {
            return;
        }
        let reason = format!("mode {:04o} → {mode:04o}", file.mode);
        self.step(path.to_owned(), "access", [reason]);
        if let Some(file) = self.after.files.get_mut(path) {
            file.mode = mode;
        }
    }
}

/// The order of trusted CAs is nobody's business.
fn sorted(content: &Content) -> Content {
    let mut content = content.clone();
    if let Content::Certificates(ids) | Content::Truststore(ids, _) = &mut content {
        ids.sort_unstable();
    }
    content
}
