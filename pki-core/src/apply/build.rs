//! Makes everything a plan asks for in memory: certificates, files, lines of
//! the issuance record.

use std::collections::{BTreeMap, BTreeSet};

use super::leaves::{Leaf, Signing};
use super::look::Look;
use super::signers::Signers;
use super::{Done, Receipt};
use crate::cert::Certificate;
use crate::error::{Error, Result};
use crate::inventory::{Inventory, IssuedLine, shown_names};
use crate::issue::Issued;
use crate::key::PrivateKey;
use crate::model::path::TreePath;
use crate::model::serial::{Serial, SerialSource};
use crate::model::validity::DAY;
use crate::outputs;
use crate::plan::{Action, Options, Owners, Plan, Reason, Step, Target};
use crate::record::{Content, FileRecord};
use crate::report::{Locator, rule};
use crate::stack::{Access, Output, Pair, PairId, PairKind, Stack};
use crate::store::{self, Part, State, Write};

/// All that is to be written.
pub(super) struct Built {
    /// New authorities, by how many stand above them: each level is in place
    /// before the next, and all before the rest.
    pub(super) authorities: BTreeMap<usize, Vec<Write>>,
    /// What cannot be recomputed, where it changes: in place before what it names.
    pub(super) state: Option<State>,
    /// The rest.
    pub(super) writes: Vec<Write>,
    pub(super) record: Vec<String>,
    pub(super) archive: Vec<TreePath>,
    pub(super) destroy: Vec<TreePath>,
    pub(super) access: Vec<(TreePath, Numeric)>,
    /// Of those, private keys.
    pub(super) keys: BTreeSet<TreePath>,
    pub(super) receipt: Receipt,
}

/// Mode and owners in numbers.
pub(super) struct Numeric {
    pub(super) mode: u32,
    pub(super) uid: Option<u32>,
    pub(super) gid: Option<u32>,
}

pub(super) struct Builder<'a> {
    pub(super) stack: &'a Stack,
    pub(super) options: &'a Options<'a>,
    pub(super) inventory: Inventory,
    pub(super) pairs: BTreeMap<&'a PairId, &'a Pair>,
    outputs: BTreeMap<&'a TreePath, &'a Output>,
    made: std::vec::IntoIter<PrivateKey>,
    pub(super) signers: Signers,
    serials: &'a mut dyn SerialSource,
    /// Issued, and not yet delivered.
    pub(super) leaves: BTreeMap<PairId, Leaf>,
    pub(super) built: Built,
}

pub(super) fn build<'a>(
    stack: &'a Stack,
    plan: &Plan,
    options: &'a Options<'a>,
    look: Look,
    made: std::vec::IntoIter<PrivateKey>,
    signers: Signers,
    serials: &'a mut dyn SerialSource,
) -> Result<Built> {
    let mut builder = Builder {
        stack,
        options,
        inventory: look.inventory,
        pairs: stack.pairs().map(|p| (&p.id, p)).collect(),
        outputs: stack.outputs.iter().map(|o| (&o.path, o)).collect(),
        made,
        signers,
        serials,
        leaves: BTreeMap::new(),
        built: Built {
            authorities: BTreeMap::new(),
            state: None,
            writes: Vec::new(),
            record: Vec::new(),
            archive: Vec::new(),
            destroy: Vec::new(),
            access: Vec::new(),
            keys: BTreeSet::new(),
            receipt: Receipt {
                done: Vec::new(),
                findings: plan.findings.clone(),
                kept: plan.kept,
            },
        },
    };
    builder.found(&plan.unrecorded);
    let is_authority = |step: &Step| matches!(step.target, Target::Authority(_));
    let first = plan.steps.iter().take_while(|step| is_authority(step));
    let (first, rest) = plan.steps.split_at(first.count());
    for step in first {
        builder.step(step)?;
    }
    // What authorities sign comes once all of them stand.
    builder.leaves = builder.leaves(rest)?;
    for step in rest {
        builder.step(step)?;
    }
    builder.state(&look.state);
    Ok(builder.built)
}

impl Builder<'_> {
    fn step(&mut self, step: &Step) -> Result<()> {
        let gone = |what: &dyn std::fmt::Display| {
            Error::usage(format!(
                "the plan names {what}, which the manifest does not"
            ))
        };
        let mut done = Done {
            step: step.clone(),
            ends: None,
            names: Vec::new(),
            identity: None,
        };
        match (&step.target, &step.action) {
            (Target::Authority(name), Action::Request { .. }) => {
                let authority = self.stack.authority(name).ok_or_else(|| gone(name))?;
                done.names = vec![self.request_file(authority, &step.action)?];
            }
            (Target::Authority(name), action) => {
                let authority = self.stack.authority(name).ok_or_else(|| gone(name))?;
                let certificate = self.authority(authority, action)?;
                done.ends = Some(certificate.validity().not_after);
                done.names = vec![format!(
                    "{}, {}",
                    certificate.public_key().describe(),
                    certificate.subject()
                )];
            }
            (Target::Pair(id), action) => {
                let pair = *self.pairs.get(id).ok_or_else(|| gone(id))?;
                let old = self.inventory.leaf(&pair.files.certificate).cloned();
                let rewrite_key = step.reasons.iter().any(|r| matches!(r, Reason::KeyForm(_)));
                let new = self.pair(pair, action, rewrite_key)?;
                done.ends = Some(new.validity().not_after);
                done.names = match pair.id.kind {
                    PairKind::Client => new.subject().common_name().into_iter().collect(),
                    PairKind::Server => shown_names(&new),
                };
                if let (PairKind::Client, Some(old)) = (pair.id.kind, old)
                    && old.kes_identity() != new.kes_identity()
                {
                    done.identity = Some((
                        old.kes_identity().to_string(),
                        new.kes_identity().to_string(),
                    ));
                }
            }
            (Target::Output(path), _) => {
                let output = *self.outputs.get(path).ok_or_else(|| gone(path))?;
                let bytes = outputs::render(output, self.stack, &self.inventory)?;
                self.public(&output.path, bytes, &output.access, Part::Other, None)?;
            }
            (Target::Access(path), Action::SetAccess(access)) => {
                let numeric = self.numeric(path, access)?;
                self.built.access.push((path.clone(), numeric));
                if self.inventory.key(path).is_some() {
                    self.built.keys.insert(path.clone());
                }
            }
            (Target::Leftover(path), Action::Destroy) => self.built.destroy.push(path.clone()),
            (Target::Leftover(path), _) => self.built.archive.push(path.clone()),
            (Target::Access(_), _) => {}
        }
        self.built.receipt.done.push(done);
        Ok(())
    }

    pub(super) fn signing(&self) -> Signing<'_> {
        Signing {
            stack: self.stack,
            options: self.options,
            inventory: &self.inventory,
            signers: &self.signers,
        }
    }

    pub(super) fn next_key(&mut self) -> Result<PrivateKey> {
        self.made
            .next()
            .ok_or_else(|| Error::usage("the plan needs more keys than were made"))
    }

    pub(super) fn next_serial(&mut self) -> Result<Serial> {
        self.serials
            .next_serial()
            .ok_or_else(|| Error::world("this machine gives no randomness for a serial number"))
    }

    pub(super) fn note_clamp(&mut self, issued: &Issued, at: Locator) {
        let Some(wanted) = issued.clamped else { return };
        let end = issued.certificate.validity().not_after;
        // One made with its authority, a second later, is as long as it can be.
        if wanted.unix() - end.unix() < DAY {
            return;
        }
        self.built.receipt.findings.push(
            rule::LIFETIME_SHORTENED
                .at(at)
                .found(format!("ends {} with its issuer", end.date()))
                .expected(format!("until {}", wanted.date()))
                .fix("replace or renew the authority before then"),
        );
    }

    pub(super) fn record(&mut self, certificate: &Certificate, target: String, path: &TreePath) {
        let line = IssuedLine::new(certificate, target, path.to_string(), self.options.now);
        self.built.record.push(line.to_json());
    }

    /// Lines for what the record lost, as it stands before anything is replaced.
    fn found(&mut self, pairs: &[PairId]) {
        let pairs = pairs.iter().filter_map(|id| self.pairs.get(id).copied());
        for pair in pairs {
            let place = &pair.files.certificate;
            let Some(leaf) = self.inventory.leaf(place) else {
                continue;
            };
            let (id, now) = (pair.id.to_string(), self.options.now);
            let line = IssuedLine {
                found: true,
                ..IssuedLine::new(leaf, id, place.to_string(), now)
            };
            self.built.record.push(line.to_json());
        }
    }

    pub(super) fn overlay(&mut self, path: &TreePath, bytes: &[u8]) {
        self.inventory.overlay(FileRecord {
            content: Content::File(bytes.to_vec().into()),
            ..FileRecord::missing(path.as_path())
        });
    }

    pub(super) fn public(
        &mut self,
        path: &TreePath,
        bytes: Vec<u8>,
        access: &Access,
        part: Part,
        pair: Option<usize>,
    ) -> Result<()> {
        let numeric = self.numeric(path, access)?;
        self.overlay(path, &bytes);
        self.built.writes.push(Write {
            uid: numeric.uid,
            gid: numeric.gid,
            mode: numeric.mode,
            part,
            pair,
            ..Write::public(path.clone(), bytes)
        });
        Ok(())
    }

    /// Owner names as numbers: as root an unknown name is an error; otherwise
    /// owners stay, and a key is not opened to a group that it does not have.
    pub(super) fn numeric(&self, path: &TreePath, access: &Access) -> Result<Numeric> {
        let accounts = self.inventory.accounts();
        if self.options.owners == Owners::Report {
            // Our own group needs nobody's leave.
            let group = access.group.as_deref().and_then(|g| accounts.group(g));
            let own = group.filter(|g| *g == store::effective_gid());
            let there = self.inventory.item(path);
            let set = there.filter(|i| Some(i.record.gid) == group && !i.record.is_missing());
            let is_set = own.is_some() || set.is_some();
            return Ok(Numeric {
                mode: if is_set {
                    access.mode
                } else {
                    access.mode_without_group()
                },
                uid: None,
                gid: own,
            });
        }
        let unknown = |kind: &str, name: &str| {
            Error::usage(format!(
                "`{path}` should belong to {kind} `{name}`, which this machine does not have"
            ))
            .hint(format!("create the {kind}, or name another in pki.toml"))
        };
        let number = |name: &Option<String>, kind: &str, find: &dyn Fn(&str) -> Option<u32>| {
            name.as_deref()
                .map(|n| find(n).ok_or_else(|| unknown(kind, n)))
                .transpose()
        };
        // Where the manifest names nobody, a file stays with who has it: a tree
        // that root looks after may be another user's.
        let there = self.inventory.item(path).map(|i| &i.record);
        let there = there.filter(|record| record.bytes().is_some());
        let user = number(&access.owner, "user", &|n| accounts.user(n))?;
        let group = number(&access.group, "group", &|n| accounts.group(n))?;
        Ok(Numeric {
            mode: access.mode,
            uid: user.or(there.map(|record| record.uid)),
            gid: group.or(there.map(|record| record.gid)),
        })
    }

    /// Remembers what is delivered, which cannot be told from the manifest once
    /// the manifest no longer names it, and which authorities stand. It is
    /// written after new authorities and before everything else, so that after
    /// a crash it names a file that never came rather than miss one that did.
    fn state(&mut self, before: &State) {
        // Authorities are never left over: their keys are not ours to move.
        let authorities: BTreeSet<&TreePath> = self
            .stack
            .authorities
            .iter()
            .flat_map(|a| &a.generations)
            .flat_map(|g| [Some(&g.certificate), g.key.as_ref()])
            .flatten()
            .collect();
        let gone = self.built.archive.iter().chain(&self.built.destroy);
        let gone: BTreeSet<&TreePath> = gone.collect();
        let written = self.built.writes.iter().map(|w| &w.path);
        let delivered: BTreeSet<TreePath> = before
            .delivered
            .iter()
            .filter(|path| !gone.contains(*path))
            .chain(written.filter(|path| !authorities.contains(*path)))
            .cloned()
            .collect();
        let mut state = State {
            delivered: delivered.into_iter().collect(),
            ..before.clone()
        };
        for authority in &self.stack.authorities {
            if let Some(generation) = authority.signing()
                && generation.key.is_some()
                && self.inventory.leaf(&generation.certificate).is_some()
            {
                state.note(&authority.name, generation.number);
            }
        }
        if state != *before {
            self.built.state = Some(state);
        }
    }
}
