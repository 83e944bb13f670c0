//! A tree with what the model knows of it: every command is foretold, done, and
//! looked at.

mod disk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::crash::Full;
use super::super::*;
use super::model::{Content, File, Id, What, World};
use super::predict::{Command, Prediction, Scope as Asked, Steps, predict};
use crate::encode::pkcs12;
use crate::key::PublicKey;
use crate::plan::Selected;
use crate::store::{Effects, Resolver};

/// What went otherwise than it should, in words.
pub(super) type Wrong = String;
pub(super) type Held<T = ()> = std::result::Result<T, Wrong>;

pub(super) fn hold(is: bool, otherwise: impl FnOnce() -> Wrong) -> Held {
    if is { Ok(()) } else { Err(otherwise()) }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Held {
    hold(found == expected, || {
        format!("{what}\n   found: {found:?}\nexpected: {expected:?}")
    })
}

pub(super) struct Rig {
    pub(super) tree: Tree,
    pub(super) world: World,
    /// What each file holds, octet by octet.
    pub(super) raw: BTreeMap<String, Vec<u8>>,
    /// The certificates and keys that the numbers stand for.
    certs: BTreeMap<Id, Certificate>,
    keys: BTreeMap<Id, PublicKey>,
    pems: BTreeMap<Id, String>,
    texts: BTreeMap<String, Vec<u8>>,
    /// Files that nobody asked for, which stay.
    pub(super) foreign: BTreeSet<String>,
    /// Files by names of delivery, which go with the next change.
    pub(super) strays: BTreeSet<String>,
    /// What is to be restored: file and what it held.
    pub(super) backup: BTreeMap<String, (Option<Vec<u8>>, File)>,
    /// The record before it was lost.
    pub(super) record: Option<(Vec<u8>, World)>,
}

impl Rig {
    pub(super) fn new(world: World) -> Self {
        let tree = Tree::new(&world.manifest.text());
        Self {
            tree: Tree {
                store: quick(tree.dir.path()),
                ..tree
            },
            world,
            raw: BTreeMap::new(),
            certs: BTreeMap::new(),
            keys: BTreeMap::new(),
            pems: BTreeMap::new(),
            texts: BTreeMap::new(),
            foreign: BTreeSet::new(),
            strays: BTreeSet::new(),
            backup: BTreeMap::new(),
            record: None,
        }
    }

    /// The model's clock and manifest are the tree's.
    pub(super) fn align(&mut self) {
        self.tree.now = Timestamp::from_unix(self.world.now);
        self.tree.stack = stack(&self.world.manifest.text());
    }

    fn with_options<T>(&self, command: Command, act: impl FnOnce(&Options<'_>) -> T) -> T {
        let service = |slot: usize| {
            let service = self.world.manifest.services[slot].as_ref().unwrap();
            [Selected::Service(service.name(slot))]
        };
        let selected;
        let scope = match command.scope {
            Asked::Everything => Scope::Everything,
            Asked::Due(None) => Scope::Due(&[]),
            Asked::Only(slot) => {
                selected = service(slot);
                Scope::Only(&selected)
            }
            Asked::Due(Some(slot)) => {
                selected = service(slot);
                Scope::Due(&selected)
            }
        };
        act(&Options {
            scope,
            force: command.force,
            rekey: command.rekey,
            prune: command.prune,
            ..self.tree.options()
        })
    }

    /// What is planned, compared with what is foretold.
    fn planned(&self, command: Command) -> Held<(Plan, Prediction)> {
        let plan = self.with_options(command, |options| self.tree.plan(options));
        let held = plan
            .findings
            .iter()
            .filter(|f| f.rule == "edge-would-break");
        let held: BTreeSet<String> = held.map(|f| f.at.to_string()).collect();
        let expected = predict(&self.world, command, &held);
        hold(
            held.is_empty() || command.scope != Asked::Everything || !self.world.is_whole(),
            || format!("held back: {held:?}"),
        )?;
        same(
            &format!("steps and reasons of {command:?}"),
            &steps(&plan)?,
            &expected.steps,
        )?;
        let errors = plan.findings.iter();
        let errors = errors.filter(|f| f.severity == Severity::Error).count();
        let told = !plan.findings.is_empty();
        let is_whole = !expected.stuck && self.world.is_whole();
        hold(told || !expected.stuck, || "nothing is told".to_owned())?;
        hold(errors == 0 || !is_whole, || {
            format!("told of a whole tree: {:#?}", plan.findings)
        })?;
        Ok((plan, expected))
    }

    /// Plans and verifies: nothing changes, and what is planned is told.
    pub(super) fn look(&self) -> Held {
        let before = self.tree.seen();
        let (plan, _) = self.planned(Command::APPLY)?;
        for scope in [Asked::Due(None), Asked::Only(0)] {
            let there =
                !matches!(scope, Asked::Only(slot) if self.world.manifest.services[slot].is_none());
            if there {
                let scope = Command {
                    scope,
                    ..Command::APPLY
                };
                self.planned(scope)?;
            }
        }
        let report = self.tree.verdict().report;
        hold(
            plan.is_empty() || report.worst() >= Some(Severity::Warning),
            || format!("planned and not told by verify: {:?}", lines(&plan)),
        )?;
        same("looking changed something", &self.tree.seen(), &before)
    }

    /// Does a command: what it does is what is foretold.
    pub(super) fn run(&mut self, command: Command) -> Held {
        self.recover();
        let (plan, expected) = self.planned(command)?;
        let before = self.tree.seen();
        let good = self.tree.verdict().good_edges;
        let done = self.with_options(command, |options| {
            self.tree.execute(&plan, options, &no_passphrase)
        });
        match (done, &expected.refused) {
            (Err(error), Some(_)) => {
                hold(!error.message().is_empty(), || "no message".to_owned())?;
                return same("refused, and changed", &self.tree.seen(), &before);
            }
            (Ok(_), Some(why)) => return Err(format!("not refused: {why}")),
            (Err(error), None) => return Err(format!("refused: {}", told(&error))),
            (Ok(receipt), None) => {
                same("steps done", &receipt.done.len(), &plan.steps.len())?;
            }
        }
        if !plan.is_empty() {
            self.sweep();
        }
        self.sync(expected.after, false)?;
        let left = self.tree.verdict().good_edges;
        hold(left >= good, || {
            format!("{good} edges worked and {left} do: {:?}", lines(&plan))
        })?;
        self.check()
    }

    /// As every command begins that changes something.
    fn recover(&mut self) {
        if self.tree.store.interrupted() || self.tree.store.record_is_torn() {
            let holder = Holder::me("test", self.tree.now);
            drop(self.tree.store.lock(&holder, Duration::ZERO));
            self.sweep();
        }
    }

    /// Strays go from every folder where something is known to be delivered.
    fn sweep(&mut self) {
        let folder = |path: &String| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let known: BTreeSet<_> = self.world.delivered.iter().map(folder).collect();
        self.strays.retain(|stray| !known.contains(&folder(stray)));
    }

    /// After an apply of all: nothing to do, nothing wrong.
    pub(super) fn settled(&self) -> Held {
        let before = self.tree.seen();
        let (plan, expected) = self.planned(Command::APPLY)?;
        hold(plan.is_empty() && !expected.stuck, || {
            format!("not settled: {:?}, {:#?}", lines(&plan), plan.findings)
        })?;
        let verdict = self.tree.verdict();
        for finding in verdict.report.findings() {
            let known = match finding.rule {
                "ed25519-for-old-java" => true,
                "staged-file" => !self.strays.is_empty(),
                "interrupted-delivery" => self.tree.store.interrupted(),
                // Nobody knows any more that it was delivered.
                "ca-key-in-mounted-folder" => {
                    let at = finding.at.to_string();
                    !self.world.named().contains(&at) && !self.world.delivered.contains(&at)
                }
                "issuance-record" => self.tree.store.record_is_torn(),
                _ => finding.severity < Severity::Warning,
            };
            hold(known, || format!("verify finds {finding:#?}"))?;
        }
        same("edges", &verdict.good_edges, &verdict.edges)?;
        let options = self.tree.options();
        let receipt = self.tree.execute(&plan, &options, &no_passphrase);
        hold(receipt.is_ok_and(|r| r.done.is_empty()), || {
            "a second apply does something".to_owned()
        })?;
        if self.strays.is_empty() && !before.contains_key(".pki/journal") {
            same("a second apply", &self.tree.seen(), &before)?;
        }
        Ok(())
    }

    /// A command that dies, or fails, at one of its effects; then perhaps the
    /// recovery of what it left does as well.
    pub(super) fn crash(
        &mut self,
        command: Command,
        at: u16,
        stays: bool,
        again: Option<u16>,
    ) -> Held {
        self.recover();
        let (plan, expected) = self.planned(command)?;
        let total = {
            let copy = self.copy();
            let full = Arc::new(Full::new(usize::MAX, false));
            copy.on(command, &plan, Arc::clone(&full)).ok();
            full.count()
        };
        let part = |total: usize, at: u16| total * usize::from(at) / 1000;
        let full = Arc::new(Full::new(part(total, at), stays));
        let done = self.on(command, &plan, Arc::clone(&full));
        let before = self.tree.seen();
        // Whoever looks now may see anything and changes nothing.
        let found = look(&self.tree.store, &self.tree.stack);
        let found = found.map_err(|e| format!("cannot be looked at: {}", told(&e)))?;
        let foreseen = found.recovered(&self.tree.store);
        let foreseen = plan::plan(
            &self.tree.stack,
            &foreseen.inventory,
            &foreseen.state.delivered,
            &self.tree.options(),
        );
        self.tree.verdict();
        same("looking changed something", &self.tree.seen(), &before)?;
        if let Some(again) = again {
            let full = Arc::new(Full::new(usize::from(again) / 20, stays));
            let effects = Arc::clone(&full) as Arc<dyn Effects>;
            let store = Store::open_with(self.tree.dir.path(), effects, Resolver::Kernel);
            let holder = Holder::me("test", self.tree.now);
            drop(store.unwrap().lock(&holder, Duration::ZERO));
        }
        let holder = Holder::me("test", self.tree.now);
        let locked = self.tree.store.lock(&holder, Duration::ZERO);
        hold(locked.is_ok(), || {
            format!("no recovery: {:?}", locked.as_ref().err())
        })?;
        drop(locked);
        if again.is_none() {
            let plan = self.tree.plan(&self.tree.options());
            same("foreseen", &steps(&foreseen)?, &steps(&plan)?)?;
        }
        self.sweep();
        // What could not be taken away is told, and the rest is done.
        let all = |receipt: &Receipt| receipt.done.len() == plan.steps.len();
        let whole = done.as_ref().is_ok_and(all) && expected.refused.is_none();
        self.sync(expected.after, !whole)?;
        self.check()
    }

    /// Executes a plan with other effects.
    fn on(&self, command: Command, plan: &Plan, effects: Arc<Full>) -> Result<Receipt> {
        let store = Store::open_with(self.tree.dir.path(), effects, Resolver::Kernel).unwrap();
        self.with_options(command, |options| {
            apply(
                &store,
                &self.tree.stack,
                plan,
                options,
                Tools {
                    keys: &SystemKeys,
                    serials: &mut RandomSerials::default(),
                    passphrase: &no_passphrase,
                    progress: &|_, _, _| (),
                    threads: 1,
                    holder: Holder::me("test", self.tree.now),
                    wait: Duration::ZERO,
                    basis: &[],
                    also: Vec::new(),
                },
            )
        })
    }

    /// The same files in another folder.
    fn copy(&self) -> Self {
        let rig = Self::new(self.world.clone());
        let (from, to) = (self.tree.dir.path(), rig.tree.dir.path());
        let mut all = Vec::new();
        walk(from, &mut |path| all.push(path.to_owned()));
        all.sort();
        for path in all {
            let target = to.join(path.strip_prefix(from).unwrap());
            let meta = std::fs::metadata(&path).unwrap();
            if meta.is_dir() {
                std::fs::create_dir(&target).unwrap();
                std::fs::set_permissions(&target, meta.permissions()).unwrap();
            } else {
                std::fs::copy(&path, &target).unwrap();
            }
        }
        Self {
            tree: Tree {
                now: self.tree.now,
                ..rig.tree
            },
            ..rig
        }
    }
}

/// Steps and reasons as the model names them.
fn steps(plan: &Plan) -> Held<Steps> {
    let mut steps = Steps::new();
    for step in &plan.steps {
        let target = match &step.target {
            Target::Authority(name) => format!("authority {name}"),
            Target::Pair(id) => id.to_string(),
            Target::Output(path) | Target::Access(path) | Target::Leftover(path) => {
                path.to_string()
            }
        };
        let reasons: BTreeSet<String> = step.reasons.iter().map(reason).collect();
        same("reasons twice", &reasons.len(), &step.reasons.len())?;
        let old = steps.insert(target.clone(), (step.action.word(), reasons));
        hold(old.is_none(), || format!("two steps for {target}"))?;
    }
    Ok(steps)
}

fn reason(reason: &plan::Reason) -> String {
    use plan::Reason as R;
    match reason {
        R::Missing(what) => format!("missing {what}"),
        R::Unusable(_) => "unusable".into(),
        R::Due { since, end } => format!("due {} {}", since.unix(), end.unix()),
        R::Expired(end) => format!("expired {}", end.unix()),
        R::NotYetValid { from, .. } => format!("not before {}", from.unix()),
        R::Names { added, removed } => {
            let added: BTreeSet<String> = added.iter().map(|n| format!(" +{n}")).collect();
            let removed: BTreeSet<String> = removed.iter().map(|n| format!(" -{n}")).collect();
            let all: String = added.into_iter().chain(removed).collect();
            format!("names{all}")
        }
        R::KeyMismatch => "key mismatch".into(),
        R::Issuer(_) => "issuer".into(),
        R::Profile(what) if what.starts_with("path length") => format!("profile {what}"),
        R::Profile(what) if what.starts_with("permit") => "profile permit".into(),
        R::Profile(_) => "profile".into(),
        R::KeyAlgorithm { .. } => "key kind".into(),
        R::Chain(_) => "chain".into(),
        R::KeyForm(_) => "key form".into(),
        R::Stale(_) => "stale".into(),
        R::Access { found, wanted } => {
            format!("mode {} → {}", &found[..4], &wanted[..4])
        }
        R::NotInManifest => "not in manifest".into(),
        R::Forced => "forced".into(),
        other => format!("{other:?}"),
    }
}

/// Without waiting for disks.
pub(super) fn quick(root: &Path) -> Store {
    let effects = Arc::new(Full::new(usize::MAX, false));
    Store::open_with(root, effects, Resolver::Kernel).unwrap()
}
