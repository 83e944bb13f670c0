//! Plans and receipts for people.

use pki_core::apply::{Done, Receipt};
use pki_core::clock::Timestamp;
use pki_core::model::validity::DAY;
use pki_core::plan::{Action, Plan, Step, Target};
use pki_core::report::Severity;
use pki_core::stack::{PairKind, Stack};

use super::human::many;
use super::{style, text};

/// Where the second and the third column stand.
const WHAT: usize = 10;
const WHO: usize = 32;
const NAMES: usize = 44;
/// Where the end of a certificate's life stands, where its names leave room.
const END: usize = 84;

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
    for step in &plan.steps {
        let sign = match step.action {
            Action::Create | Action::Request { .. } => style::good("+"),
            Action::Archive => style::error("-"),
            _ => style::warning("~"),
        };
        let reasons: Vec<String> = step.reasons.iter().map(ToString::to_string).collect();
        lines.push_str(&format!(
            "{sign} {}{}{}\n",
            text::pad(step.action.word(), WHAT),
            column(&subject(step, stack), WHO - WHAT + 4),
            text::line(&reasons.join("; "))
        ));
    }
    lines
}

/// What the manifest no longer names, with the way out.
pub(crate) fn leftovers(plan: &Plan) -> String {
    let archived = plan.steps.iter().any(|s| s.action == Action::Archive);
    if plan.leftovers.is_empty() || archived {
        return String::new();
    }
    let mut lines =
        String::from("\nno longer in pki.toml, left alone (`pki apply --prune` archives them):\n");
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

/// The first line of `pki init`.
pub(crate) fn wrote(manifest: &str, stack: &Stack) -> String {
    format!(
        "{}{}{}, {}\n",
        text::pad("wrote", WHAT),
        text::pad(manifest, WHO - WHAT),
        many(stack.services.len(), "service"),
        super::human::authorities(stack.authorities.len())
    )
}

/// What was done.
pub(crate) fn receipt(receipt: &Receipt, stack: &Stack, now: Timestamp) -> String {
    let mut lines = String::new();
    let mut last = (String::new(), String::new());
    for done in &receipt.done {
        let verb = past(&done.step);
        let place = place(&done.step, stack);
        let shown = |now: &str, before: &str| {
            if now == before {
                String::new()
            } else {
                now.to_owned()
            }
        };
        let same_verb = verb == last.0;
        let first = shown(verb, &last.0);
        let second = if same_verb {
            shown(&place, &last.1)
        } else {
            place.clone()
        };
        lines.push_str(&format!(
            "{}{}{}\n",
            text::pad(&first, WHAT),
            column(&text::line(&second), WHO - WHAT),
            text::line(&detail(done, stack, now)).trim_end()
        ));
        if let Some((old, new)) = &done.identity {
            lines.push_str(&format!(
                "{}KES identity {old}\n{}         now {new}\n",
                " ".repeat(WHO),
                " ".repeat(WHO)
            ));
        }
        last = (verb.to_owned(), place);
    }
    lines
}

fn past(step: &Step) -> &'static str {
    match step.action {
        Action::Create => "made",
        Action::Request { .. } => "requested",
        Action::Renew => "renewed",
        Action::Rekey => "rekeyed",
        Action::Rewrite => "rewrote",
        Action::SetAccess(_) => "set",
        Action::Archive => "archived",
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

/// Kind, names and life of what a step made.
fn detail(done: &Done, stack: &Stack, now: Timestamp) -> String {
    match &done.step.target {
        Target::Authority(_) => {
            let end = done
                .ends
                .map_or_else(String::new, |end| format!("until {}", end.date()));
            format!("{}  {end}", text::pad(&done.names.concat(), END - WHO - 4))
        }
        Target::Pair(id) => {
            let Some(pair) = stack.pair(id) else {
                return String::new();
            };
            let names = done.names.join(", ");
            let what = match id.kind {
                PairKind::Client => names + &servers(stack, id),
                _ => names,
            };
            let days = done.ends.map_or_else(String::new, |end| {
                many(
                    usize::try_from((end.unix() - now.unix() + DAY / 2) / DAY).unwrap_or(0),
                    "day",
                )
            });
            format!(
                "{}{}  {days}",
                text::pad(pair.profile.word(), NAMES - WHO - 4),
                text::pad(&what, END - NAMES)
            )
        }
        Target::Output(path) => format!("{}{}", path.file_name(), content(path, stack)),
        Target::Access(path) | Target::Leftover(path) => {
            let reasons: Vec<String> = done.step.reasons.iter().map(ToString::to_string).collect();
            format!("{}   {}", path.file_name(), reasons.join("; "))
        }
        _ => String::new(),
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

/// A column of this width; what is wider still ends with two spaces.
fn column(text: &str, width: usize) -> String {
    let padded = text::pad(text, width.saturating_sub(2));
    format!("{padded}  ")
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
