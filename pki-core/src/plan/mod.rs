//! Desired minus actual: what would be made, re-issued or kept, each with its
//! reason. Pure; `apply` executes exactly this.

mod authority;
mod elsewhere;
mod outputs;
mod pair;

pub use crate::reason::Reason;
use crate::regression::{self, Held};
pub use outputs::leftovers;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::authority::only_copy;
use crate::clock::Timestamp;
use crate::inventory::Inventory;
use crate::model::path::TreePath;
use crate::parallel;
use crate::reason::{self, Pending};
use crate::report::{Finding, Locator, Severity};
use crate::stack::{Access, Authority, Maker, Origin, Pair, PairId, Stack};

/// What is to be done, in the order of doing it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Plan {
    /// Steps; those that derive stand behind what they derive from.
    pub steps: Vec<Step>,
    /// Files that were delivered once and that the manifest no longer names.
    pub leftovers: Vec<TreePath>,
    /// What keeps a step from being planned, and what should be known.
    pub findings: Vec<Finding>,
    /// How many pairs and authorities need nothing.
    pub kept: usize,
    /// Pairs of ours that the issuance record lost: `apply` records them as found.
    pub unrecorded: Vec<PairId>,
}

/// One thing to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// To what.
    pub target: Target,
    /// What.
    pub action: Action,
    /// Why: at least one.
    pub reasons: Vec<Reason>,
}

/// What a step is about.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Target {
    /// The signing generation of an authority, by name.
    Authority(String),
    /// A pair.
    Pair(PairId),
    /// A derived file.
    Output(TreePath),
    /// A file that stays as it is but for owner and mode.
    Access(TreePath),
    /// A file that the manifest no longer names.
    Leftover(TreePath),
}

/// What a step does.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// New key, new certificate.
    Create,
    /// A request for a CA elsewhere to sign.
    Request {
        /// For a key that is made now; else for the one that is there.
        new_key: bool,
    },
    /// New certificate for the key that is there.
    Renew,
    /// New key and certificate in place of those that are there.
    Rekey,
    /// What a lineage holds is put where the service reads it.
    Deliver,
    /// Certificate and key stay, the files around them are written anew.
    Rewrite,
    /// A derived file is written.
    Write,
    /// Owner and mode are set.
    SetAccess(Access),
    /// Moved to the archive.
    Archive,
    /// A private key that nothing uses any more: removed for good.
    Destroy,
}

impl Action {
    /// The word for it, in JSON and on screen.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Create => "make",
            Self::Request { .. } => "request",
            Self::Renew => "renew",
            Self::Rekey => "rekey",
            Self::Deliver => "deliver",
            Self::Rewrite => "rewrite",
            Self::Write => "write",
            Self::SetAccess(_) => "access",
            Self::Archive => "archive",
            Self::Destroy => "destroy",
        }
    }

    /// Whether it needs a key made first.
    pub fn needs_key(&self) -> bool {
        matches!(
            self,
            Self::Create | Self::Rekey | Self::Request { new_key: true }
        )
    }
}

/// What is planned for.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The moment to judge by.
    pub now: Timestamp,
    /// What of the differences counts.
    pub scope: Scope<'a>,
    /// Re-issue what is selected even where nothing asks for it.
    pub force: bool,
    /// New keys for what is re-issued.
    pub rekey: bool,
    /// Archive what the manifest no longer names, and destroy its keys.
    pub prune: bool,
    /// Whether owners are set (as root) or only reported.
    pub owners: Owners,
}

/// Which differences become steps.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Scope<'a> {
    /// All: the tree becomes what the manifest says.
    Everything,
    /// All, but only of these and of what derives from them.
    Only(&'a [Selected]),
    /// Only what is due or expired (or forced), with the names and the profile
    /// it has; of these, or of all where empty.
    Due(&'a [Selected]),
}

/// One thing that a scope is about. A service and an authority may have the
/// same name.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Selected {
    /// All pairs of a service, by its name.
    Service(String),
    /// An authority, by its name.
    Authority(String),
}

impl Scope<'_> {
    fn selects(&self, wanted: impl Fn(&Selected) -> bool) -> bool {
        match self {
            Self::Everything | Self::Due([]) => true,
            Self::Only(some) | Self::Due(some) => some.iter().any(wanted),
        }
    }

    fn selects_service(&self, name: &str) -> bool {
        self.selects(|s| matches!(s, Selected::Service(n) if n == name))
    }

    fn selects_authority(&self, name: &str) -> bool {
        self.selects(|s| matches!(s, Selected::Authority(n) if n == name))
    }

    /// Whether it is asked for by its name.
    fn names_authority(&self, name: &str) -> bool {
        !matches!(self, Self::Everything | Self::Due([])) && self.selects_authority(name)
    }

    /// Whether it is to be renewed by its name.
    fn renews_authority(&self, name: &str) -> bool {
        self.is_due_only() && self.names_authority(name)
    }

    /// Whether a service is to be renewed by its name.
    fn renews_service(&self, name: &str) -> bool {
        !matches!(self, Self::Due([])) && self.is_due_only() && self.selects_service(name)
    }

    fn is_due_only(&self) -> bool {
        matches!(self, Self::Due(_))
    }
}

/// What is done about owners.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Owners {
    /// They are set: pki runs as root.
    Set,
    /// They cannot be set; verify reports them.
    Report,
}

/// Places where no file can be delivered now, each with the finding that says why.
pub type Obstacles = BTreeMap<TreePath, Finding>;

/// Plans.
pub fn plan(
    stack: &Stack,
    inventory: &Inventory,
    delivered: &[TreePath],
    options: &Options<'_>,
) -> Plan {
    plan_around(stack, inventory, delivered, options, &Obstacles::new())
}

/// As [`plan`], where some places are known to be out of reach: what would write
/// there stays as it is, and so does what needs that.
pub fn plan_around(
    stack: &Stack,
    inventory: &Inventory,
    delivered: &[TreePath],
    options: &Options<'_>,
    obstacles: &Obstacles,
) -> Plan {
    let mut plan = Plan::default();
    let mut fresh = Fresh::default();
    let mut findings = Vec::new();
    for authority in &stack.authorities {
        authority::plan(authority, stack, inventory, options, &mut fresh, &mut plan);
        if !concerns(&options.scope, authority, stack) {
            plan.findings.clear();
        }
        findings.append(&mut plan.findings);
    }
    plan.findings = findings;
    plan.findings
        .extend(reason::barred(stack, inventory, |service| {
            service.is_none_or(|s| options.scope.selects_service(s))
        }));
    let services = stack.services.iter().filter(|s| !s.external);
    let pairs: Vec<&Pair> = services.flat_map(|s| &s.pairs).collect();
    let around = pair::Around {
        stack,
        inventory,
        options,
        fresh: &fresh,
        obstacles,
    };
    let reasons = parallel::map(&pairs, |pair| {
        let authority = pair.issuer();
        authority.map_or_else(Vec::new, |a| pair::reasons(pair, a, &around))
    });
    for (pair, reasons) in pairs.into_iter().zip(reasons) {
        match &pair.maker {
            Maker::Authority(authority) => {
                pair::plan(pair, authority, reasons, &around, &mut plan);
            }
            Maker::Elsewhere(lineage) => {
                elsewhere::plan(pair, lineage, &around, &mut plan);
            }
        }
    }
    outputs::plan(&around, &mut plan);
    let outputs = stack.outputs.iter().map(|output| &output.path);
    let mut stays: BTreeSet<TreePath> = outputs
        .filter(|path| obstacles.contains_key(*path))
        .cloned()
        .collect();
    loop {
        stays.extend(hold_back(stack, inventory, options.now, &mut plan));
        if !leave_behind(stack, inventory, options.now, &stays, &mut plan) {
            break;
        }
    }
    if matches!(options.scope, Scope::Everything) {
        let pairs = reason::unrecorded(stack, inventory);
        plan.findings
            .extend(reason::not_recorded(&pairs, inventory));
        plan.unrecorded = pairs.iter().map(|pair| pair.id.clone()).collect();
    }
    plan.leftovers = leftovers(stack, inventory, delivered);
    if options.prune {
        let copies = plan.leftovers.iter();
        let copies = copies.filter_map(|path| only_copy(path, stack, inventory));
        let copies: Vec<Finding> = copies.collect();
        let is_copy = |path: &&TreePath| {
            let at = Locator::File(path.as_path().to_owned());
            copies.iter().any(|finding| finding.at == at)
        };
        let surplus = plan.leftovers.iter().filter(|path| !is_copy(path));
        plan.steps.extend(surplus.map(|path| Step {
            target: Target::Leftover(path.clone()),
            action: if inventory.key(path).is_some() {
                Action::Destroy
            } else {
                Action::Archive
            },
            reasons: vec![Reason::NotInManifest],
        }));
        plan.findings.extend(copies);
    }
    plan
}

/// Takes out pairs of another CA that a trust file would not know which stays as it
/// is; whether there were any.
fn leave_behind(
    stack: &Stack,
    inventory: &Inventory,
    now: Timestamp,
    stays: &BTreeSet<TreePath>,
    plan: &mut Plan,
) -> bool {
    let is_other = |reason: &Reason| matches!(reason, Reason::Issuer(_));
    let moving = plan.steps.iter().filter_map(|step| match &step.target {
        Target::Pair(id) if step.reasons.iter().any(is_other) => Some(id),
        _ => None,
    });
    let moving: BTreeSet<PairId> = moving.cloned().collect();
    let moves = |pair: &Pair| moving.contains(&pair.id);
    let left = regression::left_behind(stack, inventory, now, stays, &moves);
    plan.steps
        .retain(|step| !matches!(&step.target, Target::Pair(id) if left.contains_key(id)));
    plan.kept += left.len();
    let any = !left.is_empty();
    plan.findings.extend(left.into_values());
    any
}

/// Takes out what would break an edge that works; gives the trust files.
fn hold_back(
    stack: &Stack,
    inventory: &Inventory,
    now: Timestamp,
    plan: &mut Plan,
) -> Vec<TreePath> {
    let (mut changes, mut anew) = (BTreeSet::new(), BTreeSet::new());
    for step in &plan.steps {
        match (&step.target, &step.action) {
            (Target::Output(path), _) => changes.insert(Held::Trust(path.clone())),
            (Target::Pair(id), Action::Deliver) => changes.insert(Held::Pair(id.clone())),
            (Target::Pair(id), _) => anew.insert(id.clone()),
            _ => false,
        };
    }
    let is_anew = |pair: &Pair| anew.contains(&pair.id);
    let held = regression::held_back(stack, inventory, now, changes, &is_anew);
    let (held, findings): (BTreeSet<Held>, Vec<Finding>) = held.into_iter().unzip();
    plan.findings.extend(findings);
    plan.steps.retain(|step| match &step.target {
        Target::Output(path) => !held.contains(&Held::Trust(path.clone())),
        Target::Pair(id) => !held.contains(&Held::Pair(id.clone())),
        _ => true,
    });
    let mut stays = Vec::new();
    for held in held {
        match held {
            Held::Pair(_) => plan.kept += 1,
            Held::Trust(path) => stays.push(path),
        }
    }
    stays
}

/// Whether what is wrong with an authority is the business of who asked: it is
/// named, or stands above one or a service that is.
fn concerns(scope: &Scope<'_>, authority: &Authority, stack: &Stack) -> bool {
    let is_above = |name: &str| stack.issuers(name).iter().any(|a| a.name == authority.name);
    let mut authorities = stack.authorities.iter().map(|a| a.name.as_str());
    let mut pairs = stack.pairs();
    scope.selects_authority(&authority.name)
        || authorities.any(|name| scope.selects_authority(name) && is_above(name))
        || pairs.any(|pair| {
            scope.selects_service(&pair.id.service) && pair.authority().is_some_and(is_above)
        })
}

/// What is known of the authorities once their steps are planned.
#[derive(Debug, Default)]
struct Fresh {
    /// What those steps make new.
    pending: Pending,
    /// Authorities that cannot vouch: nothing below them is planned.
    broken: Vec<String>,
    /// Authorities that cannot sign: what is below them stays as it is. With
    /// the finding that says why.
    keyless: BTreeMap<String, Finding>,
}

impl Fresh {
    /// Why a step for an authority cannot be signed: by itself, where it keeps
    /// its key, or by its issuer.
    fn unsigned(&self, authority: &Authority, action: &Action) -> Option<&Finding> {
        let own = self.keyless.get(&authority.name);
        let issuer = match &authority.origin {
            Origin::Issuer(issuer) => self.keyless.get(issuer),
            _ => None,
        };
        own.filter(|_| !action.needs_key()).or(issuer)
    }
}

impl Plan {
    /// Something is to be signed with a key that is not to be had: told once
    /// for each key, with all that waits for it.
    fn blocked(&mut self, why: &Finding, what: &str) {
        let known = |f: &Finding| f.at == why.at && f.rule == why.rule;
        let place = self.findings.iter().position(known).unwrap_or_else(|| {
            self.findings.push(Finding {
                severity: Severity::Error,
                ..why.clone()
            });
            self.findings.len() - 1
        });
        let finding = &mut self.findings[place];
        finding.affects.push(format!("{what} cannot be signed"));
    }

    /// Adds a step for a pair or a derived file, unless it would write where that
    /// cannot be: told once for each obstacle, with all that waits for it. Whether
    /// it was added.
    fn add(&mut self, step: Step, writes: &[&TreePath], obstacles: &Obstacles) -> bool {
        let Some(why) = writes.iter().find_map(|path| obstacles.get(*path)) else {
            self.steps.push(step);
            return true;
        };
        let known = |f: &Finding| f.at == why.at && f.rule == why.rule;
        let place = self.findings.iter().position(known).unwrap_or_else(|| {
            self.findings.push(why.clone());
            self.findings.len() - 1
        });
        let first = writes.first().map(ToString::to_string);
        self.findings[place].affects.extend(first);
        false
    }

    /// The files that the steps write, but for those of authorities.
    pub fn written<'a>(&self, stack: &'a Stack) -> BTreeSet<&'a TreePath> {
        let pairs: BTreeMap<&PairId, &Pair> = stack.pairs().map(|p| (&p.id, p)).collect();
        let outputs: BTreeMap<&TreePath, &TreePath> =
            stack.outputs.iter().map(|o| (&o.path, &o.path)).collect();
        let mut files = BTreeSet::new();
        for step in &self.steps {
            match &step.target {
                Target::Pair(id) => {
                    let pair = pairs.get(id).copied();
                    files.extend(pair.into_iter().flat_map(|pair| pair::writes(pair, step)));
                }
                Target::Output(path) => files.extend(outputs.get(path).copied()),
                _ => {}
            }
        }
        files
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Names the plan: equal plans have equal digests, and a plan made from
    /// another tree, manifest or day of renewal has another.
    pub fn digest(&self) -> [u8; 32] {
        let mut text = String::new();
        for step in &self.steps {
            let _ = writeln!(text, "{step:?}");
        }
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        let mut octets = [0; 32];
        octets.copy_from_slice(digest.as_ref());
        octets
    }

    /// The step for an authority or a pair.
    pub fn step(&self, target: &Target) -> Option<&Step> {
        self.steps.iter().find(|s| s.target == *target)
    }
}

#[cfg(test)]
mod tests;
