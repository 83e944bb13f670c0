//! CAs whose files were moved: one that stands in the place of another, and one
//! that lies where the manifest called it otherwise.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::at;
use crate::cert::Certificate;
use crate::inventory::{Inventory, KeyFile};
use crate::model::path::TreePath;
use crate::report::{Finding, rule, shell};
use crate::stack::{AUTHORITIES, Authority, Generation, Stack};

/// A generation and the authority that it is of.
type Place<'s> = (&'s Authority, &'s Generation);

/// That the CA at the place of `generation` is that of another place of the
/// manifest: the issuance record says so, or where it does not know the CA, its
/// subject. Nothing is signed then, for all that it signed before would have to
/// follow.
pub(super) fn misplaced(
    authority: &Authority,
    generation: &Generation,
    ca: &Certificate,
    stack: &Stack,
    inventory: &Inventory,
) -> Option<Box<Finding>> {
    let here = (authority, generation);
    let owner = owner(here, ca, stack, inventory)?;
    let fix = way_back(here, owner, stack, inventory);
    let (name, of) = (&authority.name, &owner.0.name);
    Some(Box::new(
        rule::AUTHORITY_MISPLACED
            .at(at(&generation.certificate))
            .found(format!("{}, the CA of authority `{of}`", ca.subject()))
            .expected(format!(
                "{}, the CA of authority `{name}`",
                authority.subject
            ))
            .fix(fix),
    ))
}

/// Whose the CA is that stands here, where it is another's.
fn owner<'s>(
    here: Place<'_>,
    ca: &Certificate,
    stack: &'s Stack,
    inventory: &Inventory,
) -> Option<Place<'s>> {
    let ours = stack.authorities.iter();
    let ours = ours.flat_map(|a| a.generations.iter().map(move |g| (a, g)));
    let mut ours = ours.filter(|(_, g)| g.key.is_some());
    let own = &here.1.certificate;
    if let Some(places) = inventory.issued().places_of(ca) {
        let is_known = |path: &TreePath| places.contains(path.as_path().as_os_str());
        return if is_known(own) {
            None
        } else {
            ours.find(|(_, g)| is_known(&g.certificate))
        };
    }
    let is_its = |a: &Authority| a.name != here.0.name && a.subject == *ca.subject();
    let is_own = here.0.subject == *ca.subject();
    ours.find(|(a, _)| !is_own && is_its(a))
}

/// The commands that put everything where it belongs.
fn way_back(here: Place<'_>, owner: Place<'_>, stack: &Stack, inventory: &Inventory) -> String {
    let certificate = |place: Place<'_>| inventory.leaf(&place.1.certificate).cloned();
    // The places that each CA goes to, from here until one is free or ours.
    let mut line = vec![here, owner];
    while let Some(last) = line.last().copied()
        && line.len() <= stack.authorities.len() + 1
        && let Some(ca) = certificate(last)
        && let Some(next) = self::owner(last, &ca, stack, inventory)
    {
        if is(next, here) {
            let first = line.iter().min_by_key(|(_, g)| g.certificate.as_path());
            return match first {
                // Told once: done twice it would be as before.
                Some(first) if !is(*first, here) => {
                    format!("as told at `{}`", first.1.certificate)
                }
                _ => in_turn(&line, inventory),
            };
        }
        if line.iter().any(|known| is(*known, next)) {
            break;
        }
        line.push(next);
    }
    let (from, to) = (here.1, owner.1);
    let key_too = to.key.as_ref().is_none_or(|key| inventory.is_missing(key));
    if inventory.is_missing(&to.certificate) && key_too {
        let all = Parts::of(&[from, to], &[from], inventory).moves(from, to);
        let folders = all.iter().filter_map(|(_, to)| to.parent());
        let folders: BTreeSet<String> = folders.map(shell::path).collect();
        let folders = Vec::from_iter(folders).join(" ");
        return format!("mkdir -p -m 700 {folders} && {}", commands(&all));
    }
    let parts = Parts::of(&[from], &[from], inventory).places(from);
    let away: Vec<_> = parts
        .into_iter()
        .map(|path| (path.clone(), beside(&path, "old")))
        .collect();
    // What is gone then, and where it is had from, is told at its place.
    commands(&away)
}

fn is(one: Place<'_>, other: Place<'_>) -> bool {
    one.1.certificate == other.1.certificate
}

/// Each CA of a circle to its place: the first steps aside, the others follow
/// from the last.
fn in_turn(line: &[Place<'_>], inventory: &Inventory) -> String {
    let line: Vec<&Generation> = line.iter().map(|place| place.1).collect();
    let parts = Parts::of(&line, &line, inventory);
    let (Some(first), Some(second)) = (line.first(), line.get(1)) else {
        return String::new();
    };
    let aside = |path: PathBuf| beside(&path, "aside");
    let there = parts.places(first).into_iter();
    let mut all: Vec<_> = there.map(|path| (path.clone(), aside(path))).collect();
    // Who belongs to the place that became free stands before it in the line.
    let mut free = first;
    for place in line.iter().skip(1).rev() {
        all.extend(parts.moves(place, free));
        free = place;
    }
    let last = parts.moves(first, second).into_iter();
    all.extend(last.map(|(from, to)| (aside(from), to)));
    commands(&all)
}

/// What is moved when a CA is.
#[derive(Clone, Copy)]
enum Parts {
    /// The folder of the generation.
    Folder,
    /// Certificate and key, which lie apart.
    Both,
    /// The certificate: the key beside it is not its own.
    Certificate,
}

impl Parts {
    /// How CAs are moved between `places`, of which `full` hold one.
    fn of(places: &[&Generation], full: &[&Generation], inventory: &Inventory) -> Self {
        let is_whole = |generation: &&Generation| {
            let ca = inventory.leaf(&generation.certificate);
            let key = generation.key.as_ref();
            key.is_some_and(|key| {
                let encrypted = inventory.key(key).is_some_and(KeyFile::is_encrypted);
                encrypted || inventory.public_key(key) == ca.map(Certificate::public_key)
            })
        };
        let is_together = |generation: &&Generation| {
            let folder = generation.certificate.parent();
            generation.key.as_ref().and_then(TreePath::parent) == folder
        };
        match (full.iter().all(is_whole), places.iter().all(is_together)) {
            (true, true) => Self::Folder,
            (true, false) => Self::Both,
            (false, _) => Self::Certificate,
        }
    }

    fn places(self, of: &Generation) -> Vec<PathBuf> {
        let certificate = of.certificate.as_path();
        let key = of.key.iter().map(|key| key.as_path().to_owned());
        match self {
            Self::Folder => certificate
                .parent()
                .map(Path::to_owned)
                .into_iter()
                .collect(),
            Self::Both => std::iter::once(certificate.to_owned()).chain(key).collect(),
            Self::Certificate => vec![certificate.to_owned()],
        }
    }

    fn moves(self, from: &Generation, to: &Generation) -> Vec<(PathBuf, PathBuf)> {
        self.places(from).into_iter().zip(self.places(to)).collect()
    }
}

fn beside(path: &Path, word: &str) -> PathBuf {
    PathBuf::from(format!("{}.{word}", path.display()))
}

fn commands(moves: &[(PathBuf, PathBuf)]) -> String {
    let words = moves
        .iter()
        .map(|(from, to)| format!("mv -T {} {}", shell::path(from), shell::path(to)));
    let words: Vec<String> = words.collect();
    words.join(" && ")
}

/// The folder in which the CA of an authority lies that is not at its own place:
/// another one of `authorities`, which the manifest does not name, as after the
/// authority was given another name there.
pub fn renamed<'i>(
    authority: &Authority,
    generation: &Generation,
    stack: &Stack,
    inventory: &'i Inventory,
) -> Option<&'i Path> {
    let number = generation.number.to_string();
    let found = inventory.items().filter_map(|(path, item)| {
        let parts: Vec<&OsStr> = path.strip_prefix(AUTHORITIES).ok()?.iter().collect();
        let [name, of, _] = parts[..] else {
            return None;
        };
        let is_named = name
            .to_str()
            .is_none_or(|name| stack.authority(name).is_some());
        let ca = item.certificates().first()?;
        let is_its = ca.is_ca() && *ca.subject() == authority.subject;
        (!is_named && of == number.as_str() && is_its).then(|| path.ancestors().nth(2))?
    });
    found.min()
}

/// What moves the CA in `folder` to its place.
pub(super) fn to_its_place(folder: &Path, generation: &Generation) -> String {
    let of = |path: &TreePath| path.as_path().ancestors().nth(2).map(Path::to_owned);
    let mut all = Vec::new();
    if let Some(place) = of(&generation.certificate) {
        all.push((folder.to_owned(), place));
    }
    let keys = generation.key.as_ref().and_then(of);
    if let (Some(keys), Some(name)) = (keys, folder.file_name())
        && !all.iter().any(|(_, place)| *place == keys)
    {
        let there = keys.with_file_name(name);
        all.push((there, keys));
    }
    commands(&all)
}
