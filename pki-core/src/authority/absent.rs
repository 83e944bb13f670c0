//! A CA of ours whose certificate is not there.

use std::collections::BTreeSet;
use std::path::Path;

use super::moved::{renamed, to_its_place};
use super::{Standing, at, restore};
use crate::cert::Certificate;
use crate::inventory::Inventory;
use crate::model::path::TreePath;
use crate::report::{rule, shell};
use crate::stack::{AUTHORITIES, Authority, Generation, Origin, Output, Stack};
use crate::store::HOME;

/// No certificate: made only where there never was one.
pub(super) fn absent<'a>(
    authority: &Authority,
    generation: &Generation,
    key: &TreePath,
    stack: &Stack,
    inventory: &Inventory,
) -> Standing<'a> {
    let (name, certificate) = (&authority.name, &generation.certificate);
    let key_too = inventory.is_missing(key);
    let others = stack.authorities.iter().filter(|a| a.name != *name);
    let others: Vec<&Certificate> = others
        .flat_map(|a| inventory.signers(stack, &a.name))
        .collect();
    let copy = copy(authority, stack, inventory);
    let elsewhere = elsewhere(stack, inventory);
    let renamed = renamed(authority, generation, stack, inventory).filter(|_| key_too);
    if let Some(folder) = renamed {
        let folder = folder.to_path_buf();
        let gone = format!(
            "`{certificate}` is missing; {} is in `{}`, which the manifest does not name",
            authority.subject,
            folder.display()
        );
        return Standing::Broken(Box::new(
            rule::AUTHORITY_MISSING
                .at(at(certificate))
                .found(gone)
                .expected("the CA that was made here once")
                .fix(format!(
                    "{}; for a new CA give `{name}` another `subject`",
                    to_its_place(&folder, generation)
                )),
        ));
    }
    let stood = inventory.stood(name, generation.number, &others);
    if key_too && elsewhere.is_none() && !stood && copy.is_none() {
        return Standing::New;
    }
    let finding = rule::AUTHORITY_MISSING.at(at(certificate));
    Standing::Broken(Box::new(if key_too {
        finding
            .found(match copy {
                Some(copy) => format!(
                    "`{certificate}` and `{key}` are gone; `{copy}` holds a CA of that name"
                ),
                None => format!("`{certificate}` and `{key}` are gone"),
            })
            .expected("the CA that was made here once")
            .fix(elsewhere.unwrap_or_else(|| {
                // What tells of the old one must not tell of the new one as well.
                let other = match (stood, copy) {
                    (true, None) => format!("another name than `{name}`"),
                    (false, _) => "another `subject`".to_owned(),
                    (true, Some(_)) => format!("another name than `{name}` and another `subject`"),
                };
                format!("restore both from your backup; for a new CA give the authority {other}")
            }))
    } else {
        finding
            .found(format!("`{certificate}` is gone, its key is there"))
            .expected("the CA's certificate")
            .fix(restore(certificate))
    }))
}

/// What to do where no CA of ours is here and nothing tells of any but what was
/// made of them: this is a copy of the tree as a repository keeps it, without
/// keys.
fn elsewhere(stack: &Stack, inventory: &Inventory) -> Option<String> {
    let is_ours = |a: &&Authority| a.origin != Origin::External;
    let ours = || stack.authorities.iter().filter(is_ours);
    let mut files = ours()
        .flat_map(|a| &a.generations)
        .flat_map(|g| std::iter::once(&g.certificate).chain(&g.key));
    if !inventory.remembers_nothing() || !files.all(|file| inventory.is_missing(file)) {
        return None;
    }
    let is_copy = |output: &&Output| {
        let names = output.kind.authorities().iter();
        let mut made_of = names
            .filter_map(|name| stack.authority(name))
            .filter(is_ours);
        made_of.any(|authority| holds(output, authority, inventory))
    };
    let copies = stack.outputs.iter().filter(is_copy);
    let tops: BTreeSet<String> = copies.map(|output| top(&output.path)).collect();
    if tops.is_empty() {
        return None;
    }
    let mut moves: Vec<String> = tops
        .iter()
        .map(|top| {
            let old = format!("{top}.old");
            format!("mv {} {}", shell::word(top), shell::word(&old))
        })
        .collect();
    moves.push("pki apply".to_owned());
    Some(format!(
        "CA keys are not in git: copy `{AUTHORITIES}` and `{HOME}` from where the tree was made, or from your backup; to begin anew with other CAs: {}",
        moves.join(" && ")
    ))
}

/// What is moved away so that a file is: the uppermost folder of the tree that
/// it is in; of one outside of the tree itself.
fn top(path: &TreePath) -> String {
    let path = path.as_path();
    let first = path.iter().next().filter(|_| path.is_relative());
    let top = first.map_or(path, Path::new);
    top.display().to_string()
}

/// A file made of an authority that holds a CA certificate with its name: all
/// that is left when its folder and the state are lost, as in a fresh checkout.
fn copy<'s>(
    authority: &Authority,
    stack: &'s Stack,
    inventory: &Inventory,
) -> Option<&'s TreePath> {
    let of = |output: &&Output| output.kind.authorities().contains(&authority.name);
    let mut outputs = stack.outputs.iter().filter(of);
    let found = outputs.find(|output| holds(output, authority, inventory));
    found.map(|output| &output.path)
}

fn holds(output: &Output, authority: &Authority, inventory: &Inventory) -> bool {
    let mut found = inventory.certificates(&output.path).iter();
    found.any(|c| c.is_ca() && *c.subject() == authority.subject)
}
