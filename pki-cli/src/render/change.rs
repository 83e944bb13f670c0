//! Plans and receipts for people.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pki_core::apply::{Done, Receipt};
use pki_core::clock::Timestamp;
use pki_core::model::validity::DAY;
use pki_core::plan::{Action, Plan, Step, Target};
use pki_core::report::Severity;
use pki_core::stack::{PairKind, Stack};
use pki_core::store::Recovered;

use super::human::many;
use super::{style, text};

/// So many folders are named.
const FOLDERS: usize = 6;
/// The column of words: `renew`, `made`.
const WHAT: usize = 10;
/// The column of profiles: `server`, `client`.
const PROFILE: usize = 8;
/// Columns as wide as the longest text in them, from the first of these to the
/// second; what is longer still stands out alone and moves its own line only.
const SUBJECT: (usize, usize) = (24, 56);
const PLACE: (usize, usize) = (20, 48);
const NAMES: (usize, usize) = (40, 64);

/// What became of what a killed command had left; nothing where none had.
pub(crate) fn recovered(recovered: &Recovered, root: &Path) -> String {
    let line = |done: &str, files: &[PathBuf]| {
        let folders: BTreeSet<&Path> = files.iter().filter_map(|file| file.parent()).collect();
        let shown = folders.iter().map(|folder| {
            let below = folder.strip_prefix(root).unwrap_or(folder);
            text::line(&below.display().to_string())
        });
        let shown: Vec<String> = shown.take(FOLDERS).collect();
        let more = match folders.len().saturating_sub(FOLDERS) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let files = many(files.len(), "file");
        let place = shown.join(", ");
        format!("{done:<WHAT$}what a killed command began: {files} in {place}{more}\n")
    };
    let parts = [
        ("finished", &recovered.finished),
        ("undone", &recovered.taken_back),
    ];
    let parts = parts.iter().filter(|(_, files)| !files.is_empty());
    parts.map(|(done, files)| line(done, files)).collect()
}

/// A plan as a diff: what is made `+`, changed `~`, taken away `-`.
pub(crate) fn plan(plan: &Plan, stack: &Stack) -> String {
    let mut lines = steps(plan, stack);
    let blocked = plan.findings.iter().any(|f| f.severity == Severity::Error);
    if plan.steps.is_empty() && !blocked {
        lines.push_str(&nothing(plan.kept));
    } else if !plan.steps.is_empty() {
        let made = plan
            .steps
            .iter()
            .filter(|s| s.action == Action::Create)
            .count();
        lines.push_str(&format!(
            "\n{} ({made} new), {} kept\n",
            many(plan.steps.len(), "step"),
            plan.kept
        ));
    }
    lines.push_str(&leftovers(plan));
    lines
}

/// Each step with its reasons.
pub(crate) fn steps(plan: &Plan, stack: &Stack) -> String {
    let mut lines = String::new();
    let subjects: Vec<String> = plan
        .steps
        .iter()
        .map(|step| text::line(&subject(step, stack)))
        .collect();
    let width = width(&subjects, SUBJECT);
    for (step, subject) in plan.steps.iter().zip(&subjects) {
        let sign = match step.action {
            Action::Create | Action::Request { .. } => style::good("+"),
            Action::Archive | Action::Destroy => style::error("-"),
            _ => style::warning("~"),
        };
        let reasons: Vec<String> = step.reasons.iter().map(ToString::to_string).collect();
        let subject = column(subject, width);
        let at = 2 + WHAT + text::width(&subject);
        lines.push_str(&format!(
            "{sign} {}{subject}{}\n",
            text::pad(step.action.word(), WHAT),
            text::hanging(&text::line(&reasons.join("; ")), at)
        ));
    }
    lines
}

/// What the manifest no longer names, with the way out.
pub(crate) fn leftovers(plan: &Plan) -> String {
    let mut steps = plan.steps.iter();
    let pruned = steps.any(|s| matches!(s.target, Target::Leftover(_)));
    if plan.leftovers.is_empty() || pruned {
        return String::new();
    }
    let mut lines = String::from(
        "\nno longer in pki.toml, left alone (`pki apply --prune` archives them and destroys keys):\n",
    );
    for path in &plan.leftovers {
        lines.push_str(&format!("  {}\n", text::line(&path.to_string())));
    }
    lines
}

/// The line for a tree that needs nothing.
pub(crate) fn nothing(kept: usize) -> String {
    format!(
        "nothing to do: {} as the manifest says\n",
        many(kept, "certificate")
    )
}

/// The lines that the manifest gained.
pub(crate) fn added(before: &str, after: &str) -> String {
    let tail = after.strip_prefix(before).unwrap_or(after);
    let mut lines = String::from("pki.toml\n");
    for line in tail.lines().skip_while(|line| line.is_empty()) {
        lines.push_str(&style::good(&format!("+ {line}")));
        lines.push('\n');
    }
    lines.push('\n');
    lines
}

/// The first line of `pki init`, above its receipt.
pub(crate) fn wrote(manifest: &str, receipt: &Receipt, stack: &Stack) -> String {
    format!(
        "{}{}{}, {}\n",
        text::pad("wrote", WHAT),
        column(manifest, width(places(receipt, stack), PLACE)),
        many(stack.services.len(), "service"),
        super::human::authorities(stack.authorities.len())
    )
}

/// What was done.
pub(crate) fn receipt(receipt: &Receipt, stack: &Stack, now: Timestamp) -> String {
    let mut lines = String::new();
    let places = places(receipt, stack);
    let details: Vec<Detail> = receipt
        .done
        .iter()
        .map(|done| Detail::of(done, stack, now))
        .collect();
    let place_width = width(&places, PLACE);
    let names_width = width(details.iter().filter_map(Detail::names), NAMES);
    let mut last = ("", "");
    for ((done, place), detail) in receipt.done.iter().zip(&places).zip(&details) {
        let verb = past(&done.step);
        let again = verb == last.0;
        let shown = (
            if again { "" } else { verb },
            if again && place == last.1 { "" } else { place },
        );
        lines.push_str(&format!(
            "{}{}{}\n",
            text::pad(shown.0, WHAT),
            column(shown.1, place_width),
            detail.text(names_width).trim_end()
        ));
        if let Some((old, new)) = &done.identity {
            let indent = " ".repeat(WHAT + place_width + 2);
            lines.push_str(&format!(
                "{indent}KES identity {old}\n{indent}         now {new}\n"
            ));
        }
        last = (verb, place);
    }
    lines
}

/// The place of everything that was done, safe to show.
fn places(receipt: &Receipt, stack: &Stack) -> Vec<String> {
    let done = receipt.done.iter();
    done.map(|done| text::line(&place(&done.step, stack)))
        .collect()
}

fn past(step: &Step) -> &'static str {
    match step.action {
        Action::Create => "made",
        Action::Request { .. } => "requested",
        Action::Renew => "renewed",
        Action::Rekey => "rekeyed",
        Action::Deliver => "delivered",
        Action::Rewrite => "rewrote",
        Action::SetAccess(_) => "set",
        Action::Archive => "archived",
        Action::Destroy => "destroyed",
        _ => "wrote",
    }
}

/// The folder or authority of a step.
fn place(step: &Step, stack: &Stack) -> String {
    match &step.target {
        Target::Authority(name) => stack
            .authority(name)
            .and_then(|a| a.signing())
            .and_then(|g| g.key.as_ref())
            .and_then(|key| key.parent()?.parent())
            .map_or_else(|| name.clone(), |folder| folder.to_string()),
        Target::Pair(id) => stack
            .service(&id.service)
            .map_or_else(|| id.service.clone(), |s| s.directory.to_string()),
        Target::Output(path) | Target::Access(path) | Target::Leftover(path) => path
            .parent()
            .map_or_else(String::new, |folder| folder.to_string()),
        _ => String::new(),
    }
}

/// Kind, names and life of what a step made, safe to show.
enum Detail {
    Authority {
        name: String,
        end: String,
    },
    Pair {
        profile: &'static str,
        names: String,
        days: String,
    },
    Other(String),
}

impl Detail {
    fn of(done: &Done, stack: &Stack, now: Timestamp) -> Self {
        match &done.step.target {
            Target::Authority(_) => Self::Authority {
                name: text::line(&done.names.concat()),
                end: done
                    .ends
                    .map_or_else(String::new, |end| format!("until {}", end.date())),
            },
            Target::Pair(id) => {
                let Some(pair) = stack.pair(id) else {
                    return Self::Other(String::new());
                };
                let names = done.names.join(", ");
                let names = match id.kind {
                    PairKind::Client => names + &servers(stack, id),
                    _ => names,
                };
                let days = |end: Timestamp| {
                    let days = (end.unix() - now.unix() + DAY / 2) / DAY;
                    many(usize::try_from(days).unwrap_or(0), "day")
                };
                Self::Pair {
                    profile: pair.profile.word(),
                    names: text::line(&names),
                    days: done.ends.map_or_else(String::new, days),
                }
            }
            Target::Output(path) => {
                let what = format!("{}{}", path.file_name(), content(path, stack));
                Self::Other(text::line(&what))
            }
            Target::Access(path) | Target::Leftover(path) => {
                let reasons = done.step.reasons.iter().map(ToString::to_string);
                let reasons: Vec<String> = reasons.collect();
                let file = path.file_name();
                Self::Other(text::line(&format!("{file}   {}", reasons.join("; "))))
            }
            _ => Self::Other(String::new()),
        }
    }

    /// What stands in the column of names.
    fn names(&self) -> Option<&str> {
        match self {
            Self::Pair { names, .. } => Some(names),
            _ => None,
        }
    }

    /// The line, where names take so many columns.
    fn text(&self, names_width: usize) -> String {
        match self {
            Self::Authority { name, end } => {
                format!("{}{end}", column(name, PROFILE + names_width))
            }
            Self::Pair {
                profile,
                names,
                days,
            } => format!(
                "{}{}{days}",
                text::pad(profile, PROFILE),
                column(names, names_width)
            ),
            Self::Other(text) => text.clone(),
        }
    }
}

fn servers(stack: &Stack, id: &pki_core::stack::PairId) -> String {
    let to: Vec<&str> = stack
        .edges
        .iter()
        .filter(|edge| edge.client.as_ref() == Some(id))
        .map(|edge| edge.to.as_str())
        .collect();
    if to.is_empty() {
        String::new()
    } else {
        format!(" → {}", to.join(", "))
    }
}

fn content(path: &pki_core::model::path::TreePath, stack: &Stack) -> String {
    let Some(output) = stack.outputs.iter().find(|o| o.path == *path) else {
        return String::new();
    };
    let mut who: Vec<&str> = output
        .kind
        .authorities()
        .iter()
        .map(String::as_str)
        .collect();
    if output.kind.has_system() {
        who.push("system");
    }
    if who.is_empty() {
        return String::new();
    }
    format!(" (CA {})", who.join(", "))
}

/// A column of this width and two spaces.
fn column(text: &str, width: usize) -> String {
    text::pad(text, width) + "  "
}

/// How wide a column is: as its longest text, within limits.
fn width<T: AsRef<str>>(
    texts: impl IntoIterator<Item = T>,
    (least, most): (usize, usize),
) -> usize {
    let widths = texts.into_iter().map(|text| text::width(text.as_ref()));
    let fitting = widths.filter(|width| *width <= most);
    fitting.max().unwrap_or(0).max(least)
}

/// What a step is about, in one column.
fn subject(step: &Step, stack: &Stack) -> String {
    match &step.target {
        Target::Authority(name) => format!("authority {name}"),
        Target::Pair(id) => stack
            .pair(id)
            .map_or_else(|| id.to_string(), |pair| pair.files.certificate.to_string()),
        Target::Output(path) | Target::Access(path) | Target::Leftover(path) => path.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_is_told_by_folders() {
        let at = |n: usize| PathBuf::from(format!("tree/certs/s{n}/private.key"));
        let left = Recovered {
            finished: (0..8).map(at).collect(),
            taken_back: vec!["tree/certs/s1/public.crt".into()],
            swept: Vec::new(),
        };
        assert_eq!(
            recovered(&left, Path::new("tree")),
            "finished  what a killed command began: 8 files in certs/s0, certs/s1, certs/s2, \
             certs/s3, certs/s4, certs/s5 and 2 more\n\
             undone    what a killed command began: 1 file in certs/s1\n"
        );
        assert_eq!(recovered(&Recovered::default(), Path::new("")), "");
    }
}
