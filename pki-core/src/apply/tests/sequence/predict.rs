//! What the model expects of a command: its steps with their reasons, and what
//! they make of the tree.

mod output;
mod pair;

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
            for pair in pairs.iter().filter(|pair| !self.before.is_foreign(pair)) {
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
                self.step(&path, word, ["not in manifest".to_owned()]);
                self.after.files.remove(&path);
                self.after.delivered.remove(&path);
            }
        }
        let found = match self.command.scope {
            Scope::Everything => self.before.unrecorded(),
            _ => Vec::new(),
        };
        if !self.steps.is_empty() || !found.is_empty() {
            let authorities = self.after.manifest.authorities.iter().enumerate();
            let there = authorities.filter(|(_, a)| a.is_some());
            let stands = there.filter(|(slot, _)| self.after.ca(*slot).is_some());
            let stands: Vec<Slot> = stands.map(|(slot, _)| slot).collect();
            self.after.stood.extend(stands);
        }
        self.after.found += found.len();
        self.after.places.extend(found);
    }

    fn step(
        &mut self,
        target: &str,
        word: &'static str,
        reasons: impl IntoIterator<Item = String>,
    ) {
        let reasons = reasons.into_iter().collect();
        let old = self.steps.insert(target.to_owned(), (word, reasons));
        assert_eq!(old, None, "{target} has one step");
    }

    /// Whether who asked is told of an authority: it stands above what is named.
    fn concerns(&self, slot: Slot) -> bool {
        let (Scope::Only(service) | Scope::Due(Some(service))) = self.command.scope else {
            return true;
        };
        let pairs = self.before.manifest.pairs();
        let mut own = pairs.iter().filter(|pair| pair.service == service);
        own.any(|pair| self.before.manifest.line(pair.authority).contains(&slot))
    }

    /// What stands there, and why it is made anew; nothing where it is broken.
    fn judged(&mut self, slot: Slot) -> Option<(Option<Id>, Option<String>)> {
        let world = self.before;
        let wanted = world.manifest.authority(slot);
        let below = world.manifest.depth(slot);
        let mut reason = None;
        let old = match world.standing(slot) {
            Standing::Broken => {
                return None;
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
                    return None;
                }
                reason = Some("issuer".to_owned());
            } else {
                reason = life(world, ca, end);
                let is_over = reason.as_ref().is_some_and(|r| r.starts_with("expired"));
                let is_early = reason.as_ref().is_some_and(|r| r.starts_with("not before"));
                if is_early || (!is_ours && is_over) {
                    return None;
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
        Some((old, reason))
    }

    fn authority(&mut self, slot: Slot) {
        let Some((old, mut reason)) = self.judged(slot) else {
            self.broken.insert(slot);
            return;
        };
        let world = self.before;
        let wanted = world.manifest.authority(slot);
        let above = &world.manifest.line(slot)[1..];
        let below = world.manifest.depth(slot);
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
            self.stuck |= self.concerns(slot);
            if is_new || reason.starts_with("expired") {
                self.broken.insert(slot);
            }
            return;
        }
        self.step(
            &World::target(slot),
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
        self.after.homes.insert(ca, slot);
        let place = ca_certificate(slot);
        self.after
            .put(&place, Content::Certificates(vec![ca]), 0o644);
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
}
