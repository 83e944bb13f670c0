//! Reads what the stack names, once, without a lock.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use crate::cert::Certificate;
use crate::error::{Error, Result};
use crate::inventory::{self, Inventory, IssuedRecord};
use crate::model::path::TreePath;
use crate::pem;
use crate::record::FileRecord;
use crate::stack::{AUTHORITIES, Authority, Origin, Pair, Stack};
use crate::store::{self, Delivery, Kind, State, Store};

/// The tree as it was found.
#[derive(Debug)]
pub struct Look {
    /// The files, parsed.
    pub inventory: Inventory,
    /// What cannot be recomputed from the files.
    pub state: State,
    /// What a delivery that was going on makes of it.
    pub delivery: Option<Delivery>,
}

impl Look {
    /// As it will be once what a killed command left is finished, which is how every
    /// command begins that changes something: what is planned from this is what
    /// will be done. The state stays as it is.
    #[must_use]
    pub fn recovered(mut self, store: &Store) -> Self {
        for record in store.awaited() {
            self.inventory.overlay(record);
        }
        self
    }

    /// Whether all is known that a change has to know.
    ///
    /// # Errors
    /// When the issuance record is there and cannot be read: without it a CA
    /// that was made here looks like one from elsewhere, or like none.
    pub fn whole(&self) -> Result<()> {
        let issued = self.inventory.issued();
        match issued.problem().filter(|_| issued.is_unread()) {
            None => Ok(()),
            Some(problem) => Err(Error::world(
                "it cannot be told what was issued here; nothing was done",
            )
            .cause(problem.found.unwrap_or_default())
            .hint(problem.fix.unwrap_or_default())),
        }
    }
}

/// What the stack names, as it stands on the disk.
struct Standing {
    records: Vec<FileRecord>,
    state: State,
    delivery: Option<Delivery>,
}

impl Standing {
    /// Names it: the files octet by octet, modes and owners, and the state. The
    /// issuance record is left out: lines are only added to it.
    fn digest(&self) -> [u8; 32] {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        for record in &self.records {
            let bytes = record.bytes().unwrap_or_default();
            // No path holds a NUL; Debug says what is there; the length says
            // where the octets end.
            context.update(record.path.as_os_str().as_encoded_bytes());
            let head = format!(
                "\0{:?} {} {} {} {}\n",
                record.content,
                record.mode,
                record.uid,
                record.gid,
                bytes.len()
            );
            context.update(head.as_bytes());
            context.update(bytes);
        }
        context.update(format!("{:?}", self.state).as_bytes());
        let mut octets = [0; 32];
        octets.copy_from_slice(context.finish().as_ref());
        octets
    }

    /// What it means, beside what was issued and what the machine says.
    fn parsed(self, store: &Store, stack: &Stack) -> Result<Look> {
        let Self {
            records,
            state,
            delivery,
        } = self;
        let issued = match store.record() {
            Ok(text) => IssuedRecord::from_text(&text),
            Err(e) => {
                let error = Error::from(e);
                let fix = error.hint_text().unwrap_or_default().to_owned();
                IssuedRecord::unread(error.to_string(), fix)
            }
        };
        let mut lineages = stack.pairs().filter_map(Pair::lineage);
        let mut inventory = Inventory::from_records(records, issued)
            .with_accounts(store::accounts())
            .with_stood(state.stood())
            .with_delivered(state.delivered.iter().cloned());
        if stack.outputs.iter().any(|o| o.kind.has_system()) {
            inventory = inventory.with_system(system_certificates()?);
        } else if lineages.any(|l| l.authority.is_none()) {
            // A machine without CAs of its own vouches for nothing: told there.
            inventory = inventory.with_system(system_certificates().unwrap_or_default());
        }
        Ok(Look {
            inventory,
            state,
            delivery,
        })
    }
}

/// As [`look`], with what names it as [`digest`] does.
///
/// # Errors
/// As [`look`].
pub(super) fn look_and_digest(store: &Store, stack: &Stack) -> Result<(Look, [u8; 32])> {
    let standing = read(store, stack)?;
    let seen = standing.digest();
    Ok((standing.parsed(store, stack)?, seen))
}

/// Names what [`look`] would find now.
///
/// # Errors
/// As [`look`].
pub(super) fn digest(store: &Store, stack: &Stack) -> Result<[u8; 32]> {
    Ok(read(store, stack)?.digest())
}

fn read(store: &Store, stack: &Stack) -> Result<Standing> {
    let begin = store.activity();
    let state = store.read_state()?;
    let mut paths = inventory::paths(stack);
    paths.extend(state.delivered.iter().cloned());
    paths.sort();
    paths.dedup();
    // What others keep may be links: they are never written.
    let external = |a: &&Authority| a.origin == Origin::External;
    let external = stack.authorities.iter().filter(external);
    let theirs: BTreeSet<TreePath> = external
        .flat_map(|a| &a.generations)
        .map(|g| g.certificate.clone())
        .filter(|path| path.as_path().is_absolute())
        .collect();
    paths.retain(|path| !theirs.contains(path));
    let mut records = store.read_many(&paths);
    records.extend(store.read_many(&renamed(store, stack, &records)));
    records.extend(theirs.iter().map(|path| store.read_through(path)));
    let lineages = stack.pairs().filter_map(Pair::lineage);
    let elsewhere = lineages.flat_map(|l| [&l.certificate, &l.key]);
    records.extend(elsewhere.map(|path| store.read_through(path)));
    Ok(Standing {
        records,
        state,
        delivery: begin.until(store.activity()),
    })
}

/// Where the CA of an authority may lie that is not at its place: in the folders
/// of `authorities` that the manifest does not name.
fn renamed(store: &Store, stack: &Stack, records: &[FileRecord]) -> Vec<TreePath> {
    /// So many are looked into.
    const FOLDERS: usize = 100;
    let missing: HashSet<&Path> = records
        .iter()
        .filter(|record| record.is_missing())
        .map(|record| record.path.as_path())
        .collect();
    let generations = stack.authorities.iter().flat_map(|a| &a.generations);
    let ours = generations.filter(|g| g.key.is_some());
    let lost = ours.filter(|g| missing.contains(g.certificate.as_path()));
    let numbers: BTreeSet<u32> = lost.map(|g| g.number).collect();
    let Some(home) = TreePath::new(AUTHORITIES)
        .ok()
        .filter(|_| !numbers.is_empty())
    else {
        return Vec::new();
    };
    // One that cannot be listed is told by verify.
    let entries = store.list(Some(&home)).unwrap_or_default().into_iter();
    let others = entries.filter(|e| e.kind == Kind::Folder && stack.authority(&e.name).is_none());
    let others: Vec<String> = others.take(FOLDERS).map(|e| e.name).collect();
    let places = numbers.iter().flat_map(|number| {
        let place = |name: &String| home.join(&format!("{name}/{number}/ca.crt")).ok();
        others.iter().filter_map(place).collect::<Vec<_>>()
    });
    places.collect()
}

/// Reads every file that the stack names, here or elsewhere, or that was
/// delivered once.
///
/// # Errors
/// When the state file is from a newer version or cannot be read.
pub fn look(store: &Store, stack: &Stack) -> Result<Look> {
    read(store, stack)?.parsed(store, stack)
}

/// The machine's own CA certificates; those that cannot be parsed are left out,
/// as every TLS library does.
fn system_certificates() -> Result<Vec<Certificate>> {
    let bytes = store::read_system_bundle()?;
    Ok(pem::blocks(&bytes)
        .blocks
        .iter()
        .filter_map(|block| Certificate::from_der(block.der.as_ref().ok()?).ok())
        .collect())
}
