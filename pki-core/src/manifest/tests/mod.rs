use std::fmt::Write as _;

use super::*;
use crate::error::Error;
use crate::role::Roles;
use crate::stack::{OutputKind, Stack};

mod accepted;
mod edited;
mod refused;
mod warned;
mod written;

/// Resolves a text with the built-in roles and no state.
fn resolved(text: &str) -> Result<Resolved, ManifestError> {
    let roles = Roles::load(&[]).unwrap();
    resolve(
        &Source {
            name: "pki.toml",
            text,
        },
        &roles,
        &Generations::new(),
        &[],
    )
}

/// Every pair, edge and output in one line each.
fn summary(stack: &Stack) -> String {
    let mut out = String::new();
    for a in &stack.authorities {
        let files: Vec<String> = a
            .generations
            .iter()
            .map(|g| g.certificate.to_string())
            .collect();
        writeln!(
            out,
            "authority {} {:?} \"{}\" {} {} pathlen {:?} {}",
            a.name,
            a.origin,
            a.subject,
            a.key,
            a.lifetime,
            a.path_length,
            files.join(" ")
        )
        .unwrap();
    }
    for p in stack.pairs() {
        let names: Vec<String> = p.names.iter().map(ToString::to_string).collect();
        writeln!(
            out,
            "{} \"{}\" [{}] {} by {} {} {}",
            p.id,
            p.subject,
            names.join(", "),
            p.lifetime,
            p.authority().unwrap_or("system"),
            p.files.certificate,
            p.files.key
        )
        .unwrap();
    }
    for e in &stack.edges {
        let client = e.client.as_ref().map(ToString::to_string);
        let trust = e.trust.as_ref().map(ToString::to_string);
        writeln!(
            out,
            "{} → {} {} [{}] shows {} trusts {}",
            e.from,
            e.to,
            e.url,
            e.hosts.join(", "),
            client.as_deref().unwrap_or("nothing"),
            trust.as_deref().unwrap_or("nothing"),
        )
        .unwrap();
    }
    for o in &stack.outputs {
        let kind = match &o.kind {
            OutputKind::Bundle {
                purpose,
                authorities,
                system,
            } => {
                let system = if *system { " system" } else { "" };
                format!("{purpose:?} {}{system}", authorities.join(" "))
            }
            OutputKind::Truststore {
                authorities,
                system,
                password,
            } => {
                let system = if *system { " system" } else { "" };
                let password = if password.is_some() { " password" } else { "" };
                format!("Truststore {}{system}{password}", authorities.join(" "))
            }
            OutputKind::Text(text) => format!("text\n{text}").trim_end().replace('\n', "\n    "),
        };
        writeln!(out, "{} {kind}", o.path).unwrap();
    }
    out
}

/// What the command line would print for these errors.
fn shown(error: ManifestError) -> String {
    let error = Error::from(error);
    let mut out = format!("error: {}", error.message());
    if let Some(excerpt) = error.excerpt_text() {
        write!(out, "\n{excerpt}").unwrap();
    }
    if let Some(hint) = error.hint_text() {
        write!(out, "\nhint: {hint}").unwrap();
    }
    out
}
