//! What every command on a tree starts from: the manifest, its meaning, and
//! the files.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use pki_core::apply::{self, Look, Receipt, Tools, Work};
use pki_core::clock::{self, Timestamp};
use pki_core::issue::RandomSerials;
use pki_core::key::{self, SystemKeys};
use pki_core::manifest::{self, Generations, Resolved, Source, Warning};
use pki_core::model::path::TreePath;
use pki_core::plan::{Options, Owners, Plan, Scope, Target};
use pki_core::record::{Content, FileRecord};
use pki_core::report::{Finding, shell};
use pki_core::role::Roles;
use pki_core::secret::Secret;
use pki_core::stack::{Phase, Stack};
use pki_core::store::{
    self, GenerationPhase, Holder, Locked, Recovered, State, Store, StoreError, Write,
};
use pki_core::{Error, Result};

pub(crate) use super::place::above;
use super::place::elsewhere;
use crate::passphrase::{self, Origin, Sources};
use crate::printer::Printer;
use crate::progress::Progress;
use crate::prompt;
use crate::render::change;
use crate::settings::Settings;
use crate::signals::{self, Process};

/// The manifest's file.
pub(crate) const MANIFEST: &str = "pki.toml";

/// A tree as it was found.
pub(crate) struct Tree {
    /// Its files.
    pub(crate) store: Store,
    /// The manifest's text.
    pub(crate) text: String,
    /// The manifest's file, as it was found.
    manifest: FileRecord,
    /// What the manifest asks for.
    pub(crate) stack: Stack,
    /// What is odd about the manifest.
    pub(crate) warnings: Vec<Warning>,
    /// What the files hold.
    pub(crate) look: Look,
}

impl Tree {
    /// Opens the tree in a folder.
    ///
    /// # Errors
    /// When there is no manifest, or it does not mean anything.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let store = open_store(folder)?;
        let (text, manifest) = read_manifest(&store)?;
        Self::resolve(store, text, manifest)
    }

    /// As [`Self::open`], for who is going to change it: what an interrupted
    /// command left is finished or taken back first, so that the plan is made
    /// from what really stands there.
    ///
    /// # Errors
    /// As [`Self::open`], and when the lock cannot be had.
    pub(crate) fn open_to_change(folder: &Path, how: &How<'_>) -> Result<Self> {
        let store = how.recovered(folder)?;
        let (text, manifest) = read_manifest(&store)?;
        let tree = Self::resolve(store, text, manifest)?;
        tree.knows(&how.sources)?;
        Ok(tree)
    }

    /// Whether passphrases are given for authorities of this tree only.
    fn knows(&self, sources: &Sources) -> Result<()> {
        let authorities = self.stack.authorities.iter();
        let names: Vec<&str> = authorities.map(|a| a.name.as_str()).collect();
        sources.check(&names)
    }

    /// The tree as it would be with this text in place of the manifest that was
    /// found.
    ///
    /// # Errors
    /// When the manifest does not mean anything.
    pub(crate) fn resolve(store: Store, text: String, manifest: FileRecord) -> Result<Self> {
        let state = store.read_state()?;
        let Resolved {
            stack, warnings, ..
        } = resolve(&store, &text, &state)?;
        let look = apply::look(&store, &stack)?;
        Ok(Self {
            store,
            text,
            manifest,
            stack,
            warnings,
            look,
        })
    }

    /// What is to be done.
    pub(crate) fn plan(&self, options: &Options<'_>) -> Plan {
        let mut plan = apply::plan(&self.store, &self.stack, &self.look, options);
        let issued = self.look.inventory.issued();
        // A renewal by timer does not say every day what only somebody's edit mends.
        let told = |_: &Finding| issued.is_unread() || !matches!(options.scope, Scope::Due(_));
        plan.findings.extend(issued.problem().filter(told));
        plan
    }

    /// The manifest with the text of this tree, its mode and owner as they were.
    ///
    /// # Errors
    /// None in practice: the place is a fixed one.
    pub(crate) fn manifest(&self) -> Result<Write> {
        let new = Write::public(tree_path(MANIFEST)?, self.text.as_bytes().to_vec());
        let old = &self.manifest;
        if old.is_missing() {
            return Ok(new);
        }
        Ok(Write {
            mode: old.mode,
            // Only root gives a file away.
            uid: (store::effective_uid() == 0).then_some(old.uid),
            gid: Some(old.gid),
            ..new
        })
    }

    /// Does it; under `-v` it says each reason first. The passphrase of each
    /// authority is asked once.
    ///
    /// # Errors
    /// As [`apply::apply`].
    pub(crate) fn apply(
        &self,
        plan: &Plan,
        options: &Options<'_>,
        how: &How<'_>,
        also: Vec<Write>,
        printer: &mut Printer,
    ) -> Result<Receipt> {
        let recovered = how.recovered.take();
        printer.talk(&change::recovered(&recovered, self.store.root()));
        self.knows(&how.sources)?;
        self.look.whole()?;
        if !plan.is_empty() {
            printer.detail(&format!("{}\n", change::steps(plan, &self.stack)));
        }
        let bar = Progress::new(printer.shows_progress());
        let phrases = Passphrases::new(&how.sources, Some(plan));
        let mut receipt = apply::apply_in_turn(
            &mut how.turn.borrow_mut(),
            &self.store,
            &self.stack,
            plan,
            options,
            Tools {
                keys: &SystemKeys,
                serials: &mut RandomSerials::default(),
                passphrase: &|authority| phrases.of(authority),
                progress: &|work, done, all| match work {
                    Work::Keys => bar.at("making keys", done, all),
                    Work::Files => {
                        signals::done(done);
                        // Fewer are there at once.
                        if all > store::BATCH {
                            bar.at("writing files", done, all);
                        }
                    }
                    _ => {}
                },
                threads: std::thread::available_parallelism().map_or(1, usize::from),
                holder: how.holder(),
                wait: how.wait,
                basis: &[(tree_path(MANIFEST)?, &self.manifest)],
                also,
            },
        )
        .map_err(|e| phrases.explain(e))?;
        signals::finished();
        drop(bar);
        receipt.findings.extend(phrases.into_findings());
        Ok(receipt)
    }
}

/// Passphrases, each asked for once.
pub(crate) struct Passphrases<'a> {
    sources: &'a Sources,
    /// Authorities whose keys are about to be made: what is typed for them is
    /// asked twice, for a typing error would lose the key.
    new: Vec<&'a str>,
    known: RefCell<BTreeMap<String, Zeroizing<Vec<u8>>>>,
    findings: RefCell<Vec<Finding>>,
    /// Where the last one came from, which may not open its key.
    last: RefCell<Option<Origin>>,
}

impl<'a> Passphrases<'a> {
    /// From these sources.
    pub(crate) fn new(sources: &'a Sources, plan: Option<&'a Plan>) -> Self {
        let steps = plan.into_iter().flat_map(|plan| &plan.steps);
        let made = steps.filter(|step| step.action.needs_key());
        let new = made.filter_map(|step| match &step.target {
            Target::Authority(name) => Some(name.as_str()),
            _ => None,
        });
        Self {
            sources,
            new: new.collect(),
            known: RefCell::default(),
            findings: RefCell::default(),
            last: RefCell::default(),
        }
    }

    /// The same error; of a passphrase that does not open a key with what to do
    /// about it.
    pub(crate) fn explain(&self, error: Error) -> Error {
        match &*self.last.borrow() {
            Some(from) if key::is_wrong_passphrase(&error) => error.hint(from.hint()),
            _ => error,
        }
    }

    /// The passphrase of an authority.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn of(&self, authority: &str) -> Result<Secret> {
        if let Some(known) = self.known.borrow().get(authority) {
            return Ok(Secret::new(known.to_vec()));
        }
        let found = self
            .sources
            .resolve(authority, read_passphrase, |question| {
                let ways = passphrase::ways(authority);
                if self.new.contains(&authority) {
                    prompt::new_passphrase(question, &ways)
                } else {
                    prompt::passphrase(question, &ways)
                }
            })?;
        self.findings.borrow_mut().extend(found.finding);
        *self.last.borrow_mut() = Some(found.from);
        let copy = Zeroizing::new(found.secret.expose().to_vec());
        self.known.borrow_mut().insert(authority.to_owned(), copy);
        Ok(found.secret)
    }

    /// What is wrong with the places they came from.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }
}

/// The lock, where the try before this one has it.
pub(crate) type Turn = RefCell<Option<Locked>>;

/// How a change is made.
pub(crate) struct How<'a> {
    /// The command, for those who wait for the lock.
    pub(crate) command: &'a str,
    /// How long to wait for the lock.
    pub(crate) wait: Duration,
    /// Where passphrases come from.
    pub(crate) sources: Sources,
    /// See [`Turn`].
    turn: &'a Turn,
    /// What a killed command had left, as long as nobody was told.
    recovered: RefCell<Recovered>,
    /// Whether one was killed at all.
    interrupted: Cell<bool>,
}

impl<'a> How<'a> {
    /// The files of a folder, after what an interrupted command left was
    /// finished or taken back.
    ///
    /// # Errors
    /// When the folder cannot be opened or the lock cannot be had.
    pub(crate) fn recovered(&self, folder: &Path) -> Result<Store> {
        let store = open_store(folder)?;
        let is_ours = self.turn.borrow().is_some();
        if !is_ours && (store.interrupted() || store.record_is_torn()) {
            let interrupted = store.interrupted();
            let locked = store.lock(&self.holder(), self.wait)?;
            self.interrupted.set(interrupted);
            *self.recovered.borrow_mut() = locked.recovered().clone();
        }
        Ok(store)
    }

    /// Whether a command was interrupted before this one, and may have left something.
    pub(crate) fn has_recovered(&self) -> bool {
        self.interrupted.get()
    }

    /// This process, for those who wait.
    fn holder(&self) -> Holder {
        Holder::me(format!("pki {}", self.command), clock::now())
    }

    /// From the options of a command that issues.
    pub(crate) fn new(
        command: &'a str,
        wait: u64,
        issuing: &crate::cli::Issuing,
        settings: &Settings,
        turn: &'a Turn,
    ) -> Self {
        Self {
            command,
            wait: Duration::from_secs(wait),
            sources: Sources::new(&issuing.passphrase_files, settings.environment()),
            turn,
            recovered: RefCell::default(),
            interrupted: Cell::default(),
        }
    }
}

/// Options of a plan for everything, as whoever runs this.
pub(crate) fn options(now: Timestamp) -> Options<'static> {
    Options {
        now,
        scope: Scope::Everything,
        force: false,
        rekey: false,
        prune: false,
        owners: if store::effective_uid() == 0 {
            Owners::Set
        } else {
            Owners::Report
        },
    }
}

/// Whether there is a folder as `-C` names it, for who makes files in it.
///
/// # Errors
/// When there is none.
pub(crate) fn is_in_place(settings: &Settings) -> Result<()> {
    let opened = Store::open(settings.folder()).map(|_| ());
    opened.map_err(|e| match &e {
        StoreError::InTheWay { path, .. } => {
            let hint = format!("-C wants a folder: `pki -C {} …`", shell::path(above(path)));
            Error::from(e).hint(hint)
        }
        _ => e.into(),
    })
}

/// The folder of a manifest.
///
/// # Errors
/// When there is none.
pub(crate) fn open_store(folder: &Path) -> Result<Store> {
    let opened = Store::open(folder).map_err(|e| {
        let hint = match &e {
            StoreError::Missing { .. } => format!(
                "`ls {}` shows what is there; a new tree: `pki init {}`",
                shell::path(store::nearest(above(folder))),
                shell::path(folder)
            ),
            StoreError::InTheWay { path, .. } => format!(
                "-C wants the folder that `pki.toml` is in: `pki -C {} …`",
                shell::path(above(path))
            ),
            _ => return e.into(),
        };
        Error::from(e).hint(hint)
    });
    opened.map(|store| store.with_interrupts(Arc::new(Process)))
}

/// The folder for a new tree, made when missing.
///
/// # Errors
/// When something else stands there, or it cannot be made.
pub(crate) fn make_store(folder: &Path) -> Result<()> {
    if Store::open(folder).is_err() {
        signals::begun();
    }
    Store::create(folder).map(|_| ()).map_err(|e| match &e {
        StoreError::InTheWay { path, .. } => {
            let hint = format!(
                "a tree is made in a folder: `pki init {}`, or a new one: `pki init DIR`",
                shell::path(above(path))
            );
            Error::from(e).hint(hint)
        }
        _ => e.into(),
    })
}

/// The manifest's text, and its file.
///
/// # Errors
/// When there is none, or it cannot be read.
pub(crate) fn read_manifest(store: &Store) -> Result<(String, FileRecord)> {
    let folder = store.root().display().to_string();
    let place = tree_path(MANIFEST)?;
    let file = store.root().join(MANIFEST);
    let file = file.strip_prefix(".").unwrap_or(&file).to_owned();
    let record = store.read(&place);
    match &record.content {
        Content::Missing => Err(
            Error::usage(format!("there is no `{MANIFEST}` in `{folder}`"))
                .hint(elsewhere(store.root())),
        ),
        Content::Folder => Err(
            Error::usage(format!("`{MANIFEST}` in `{folder}` is a folder")).hint(format!(
                "`ls {}` shows what is in it; -C wants the folder that the file is in",
                shell::path(&file)
            )),
        ),
        _ => {
            let what = format!("`{MANIFEST}` in `{folder}`");
            Ok((text_of(&record, &what, &file)?, record))
        }
    }
}

/// The text of a file that was read; `file`: where it is, for people.
fn text_of(record: &FileRecord, what: &str, file: &Path) -> Result<String> {
    let cannot = format!("{what} cannot be read");
    match &record.content {
        Content::File(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(e) => Err(Error::usage(format!("{what} is not UTF-8"))
                .cause(format!("octet {} is no text", e.valid_up_to()))),
        },
        Content::Refused(why) => Err(Error::usage(cannot).cause(why).hint(format!(
            "it must be a plain file of its own, below 4 MiB; `ls -l {}` shows what is there",
            shell::path(file)
        ))),
        Content::Unreadable(why) => {
            let hint = store::reading_hint(file, why);
            Err(Error::world(cannot).cause(why).hint(hint))
        }
        _ => Err(Error::usage(cannot).hint(format!(
            "`ls -ld {}` shows what is there",
            shell::path(file)
        ))),
    }
}

/// The meaning of a manifest, with the user's own roles.
pub(crate) fn resolve(store: &Store, text: &str, state: &State) -> Result<Resolved> {
    let roles = Roles::load(&own_roles(store)?)?;
    let source = Source {
        name: MANIFEST,
        text,
    };
    Ok(manifest::resolve(
        &source,
        &roles,
        &generations(state),
        &store.roots(),
    )?)
}

fn own_roles(store: &Store) -> Result<Vec<(String, String)>> {
    let folder = tree_path("roles")?;
    let mut roles = Vec::new();
    for entry in store.list(Some(&folder))? {
        let Some(name) = entry.name.strip_suffix(".toml") else {
            continue;
        };
        let path = folder
            .join(&entry.name)
            .map_err(|e| Error::usage(e.to_string()))?;
        let file = store.root().join(path.as_path());
        let file = file.strip_prefix(".").unwrap_or(&file);
        let text = text_of(&store.read(&path), &format!("`{path}`"), file)?;
        roles.push((name.to_owned(), text));
    }
    Ok(roles)
}

fn generations(state: &State) -> Generations {
    let phase = |phase| match phase {
        GenerationPhase::Trusted => Phase::Trusted,
        GenerationPhase::Retired => Phase::Retired,
        _ => Phase::Signing,
    };
    state
        .authorities
        .iter()
        .filter(|(_, a)| !a.generations.is_empty())
        .map(|(name, a)| {
            let list = a.generations.iter().map(|g| (g.number, phase(g.phase)));
            (name.clone(), list.collect())
        })
        .collect()
}

/// A fixed place in the tree.
pub(crate) fn tree_path(text: &str) -> Result<TreePath> {
    TreePath::new(text).map_err(|e| Error::usage(e.to_string()))
}

fn read_passphrase(path: &Path) -> Result<Option<passphrase::Content>> {
    /// No passphrase is longer.
    const LIMIT: u64 = 64 * 1024;
    let record = store::look_at(path, LIMIT);
    match record.content {
        Content::File(bytes) => Ok(Some(passphrase::Content {
            bytes: Secret::from(bytes),
            mode: record.mode,
        })),
        Content::Missing => Ok(None),
        Content::Refused(why) | Content::Unreadable(why) => Err(Error::world(format!(
            "the passphrase file `{}` cannot be read",
            path.display()
        ))
        .cause(why)),
        _ => Err(Error::usage(format!(
            "the passphrase file `{}` is no file",
            path.display()
        ))),
    }
}

/// Warnings of the manifest as findings with their place.
pub(crate) fn manifest_findings(warnings: &[Warning]) -> impl Iterator<Item = Finding> {
    warnings.iter().map(|w| {
        let mut finding = w.finding.clone();
        let place = format!("{MANIFEST}:{}:{}", w.line, w.column);
        finding.found = Some(match finding.found.take() {
            Some(found) => format!("{found}   ({place})"),
            None => place,
        });
        finding
    })
}
