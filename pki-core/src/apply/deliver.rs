//! Puts what was made in its places, and says what goes on where that ends early.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::path::TreePath;
use crate::plan::{Options, Plan, Reason, Scope, Selected, Target};
use crate::reason;
use crate::report::shell;
use crate::stack::Stack;
use crate::store::{Locked, StoreError, Unkept, Write};

/// Delivers one after the other; nothing of a group where one before it failed.
/// What a later one breaks off is told with what the earlier ones did, and with
/// what was `done` before all of them; `again` says which command does the rest.
pub(super) fn deliver(
    locked: &mut Locked,
    groups: Vec<Vec<Write>>,
    mut done: Vec<PathBuf>,
    told: &dyn Fn(usize),
    again: &dyn Fn(&[PathBuf]) -> Option<String>,
) -> Result<Vec<Unkept>> {
    let root = locked.store().root().to_owned();
    let mut missing: Vec<PathBuf> = groups
        .iter()
        .flatten()
        .map(|write| root.join(write.path.as_path()))
        .collect();
    let taken = done.len();
    let mut unkept = Vec::new();
    for group in groups {
        let (size, before) = (group.len(), done.len() - taken);
        match locked.deliver_telling(group, &|more| told(before + more)) {
            Ok(delivered) => {
                let written = delivered.written.iter();
                done.extend(written.map(|path| root.join(path.as_path())));
                missing.drain(..size);
                unkept.extend(delivered.unkept);
            }
            Err(error) => {
                let cause = match error {
                    StoreError::Partly {
                        delivered,
                        missing: left,
                        cause,
                        ..
                    } => {
                        missing.splice(..size, left);
                        done.extend(delivered);
                        cause
                    }
                    other => Box::new(other),
                };
                return Err(Error::from(if done.is_empty() {
                    *cause
                } else {
                    StoreError::Partly {
                        goes_on: again(&missing),
                        delivered: done,
                        missing,
                        cause,
                    }
                }));
            }
        }
    }
    Ok(unkept)
}

/// The command that does what is missing of a plan, where `pki apply` does not: what
/// is not due is renewed for whoever asks for it by name.
pub(super) fn again(
    stack: &Stack,
    plan: &Plan,
    options: &Options<'_>,
    root: &Path,
    missing: &[PathBuf],
) -> Option<String> {
    /// More names are not worth a line.
    const NAMED: usize = 20;
    let missing = missing.iter();
    let missing = missing.map(|path| path.strip_prefix(root).unwrap_or(path));
    let missing: BTreeSet<&Path> = missing.collect();
    let (mut names, mut files) = (BTreeSet::new(), BTreeSet::new());
    for step in &plan.steps {
        let forced = options.rekey || step.reasons.contains(&Reason::Forced);
        let (name, places): (String, Vec<&TreePath>) = match &step.target {
            Target::Pair(id) if forced => {
                let pair = stack.pair(id).into_iter();
                (id.service.clone(), pair.flat_map(reason::files).collect())
            }
            Target::Authority(name) if forced => {
                let generations = stack.authority(name).into_iter();
                let generations = generations.flat_map(|a| &a.generations);
                let places = generations.map(|g| &g.certificate).collect();
                (format!("authority.{name}"), places)
            }
            _ => continue,
        };
        if places.iter().any(|path| missing.contains(path.as_path())) {
            names.insert(name);
            files.extend(places.into_iter().map(TreePath::as_path));
        }
    }
    if names.is_empty() {
        return None;
    }
    let mut words = vec!["pki renew".to_owned()];
    match options.scope {
        // All of it once more.
        Scope::Due([]) if names.len() > NAMED || !options.force => {}
        Scope::Due(some) if names.len() > NAMED => words.extend(some.iter().map(name)),
        _ => words.extend(names.iter().map(|name| shell::word(name).into_owned())),
    }
    words.extend(options.force.then(|| "--force".to_owned()));
    words.extend(options.rekey.then(|| "--rekey".to_owned()));
    if missing.iter().any(|path| !files.contains(*path)) {
        words.push("&& pki apply".to_owned());
    }
    Some(words.join(" "))
}

fn name(selected: &Selected) -> String {
    match selected {
        Selected::Service(name) => shell::word(name).into_owned(),
        Selected::Authority(name) => format!("authority.{name}"),
    }
}
