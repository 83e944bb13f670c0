//! Adding to a manifest: lines are added, no old line changes.

use std::fmt::Write as _;

use toml_edit::{Array, DocumentMut, Item, Value};

use super::Source;
use crate::document::{Fault, Invalid};
use crate::error::Error;
use crate::model::algorithm::KeyAlgorithm;
use crate::model::profile::Profile;
use crate::model::validity::Lifetime;

/// A service to add, for one pair.
#[derive(Clone, Debug)]
pub struct NewService<'a> {
    /// Its name in the manifest.
    pub name: &'a str,
    /// Server, client or peer.
    pub profile: Profile,
    /// The names of its pair. A client without any is called by its name.
    pub hosts: &'a [String],
    /// The subject of its pair in RFC 4514 text; without: its first name, of a
    /// client `CN=NAME`.
    pub subject: Option<&'a str>,
    /// Who signs, where it is not the default.
    pub authority: Option<&'a str>,
    /// Kind of key, where it is not the default.
    pub key: Option<KeyAlgorithm>,
    /// Lifetime, where it is not the default.
    pub lifetime: Option<Lifetime>,
}

/// An authority to add.
#[derive(Clone, Debug)]
pub struct NewAuthority<'a> {
    /// Its name in the manifest.
    pub name: &'a str,
    /// Its subject in RFC 4514 text; without: `CN=NAME CA`.
    pub subject: Option<&'a str>,
    /// The authority that vouches for it; without: a root.
    pub issuer: Option<&'a str>,
    /// What it may vouch for; empty: anything.
    pub permit: &'a [String],
    /// Kind of key, where it is not the default.
    pub key: Option<KeyAlgorithm>,
    /// Lifetime, where it is not the default.
    pub lifetime: Option<Lifetime>,
}

/// Why nothing was added.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The manifest itself is wrong, or has the name already.
    #[error(transparent)]
    Manifest(#[from] Invalid),
    /// The name cannot be a table's.
    #[error("`{name}` cannot be the name of a {kind}")]
    Name {
        /// `service` or `authority`.
        kind: &'static str,
        /// As given.
        name: String,
    },
    /// The tables are written in a way that lines cannot be added to.
    #[error("no {kind} can be added to `{file}` by adding lines: `{kind}` is written on one line")]
    OneLine {
        /// The manifest.
        file: String,
        /// `service`, `authority` or `defaults`.
        kind: &'static str,
        /// What would be right: `[service.web]`, …
        tables: String,
    },
}

impl From<EditError> for Error {
    fn from(error: EditError) -> Self {
        let message = error.to_string();
        match error {
            EditError::Manifest(invalid) => invalid.into(),
            EditError::Name { .. } => Self::usage(message).hint(super::NAME_RULE),
            EditError::OneLine { file, tables, .. } => {
                Self::usage(message).hint(format!("write it as {tables} in `{file}`"))
            }
        }
    }
}

/// The manifest with one service more, at its end.
///
/// Not checked: whether the names and words in it are good; resolve the result.
///
/// # Errors
/// See [`EditError`]; a name that exists is shown with its line.
pub fn add_service(source: &Source<'_>, new: &NewService<'_>) -> Result<String, EditError> {
    let document = read(source, "service", new.name)?;
    let mut lines = Lines::new(&["service", new.name]);
    let client = new.profile == Profile::Client;
    lines.word("role", if client { "client" } else { "server" });
    if let Some(authority) = new.authority {
        lines.word("authority", authority);
    }
    if !client {
        lines.list("hosts", new.hosts);
        if let Some(subject) = new.subject {
            lines.word("subject", subject);
        }
    }
    if new.profile == Profile::Peer {
        lines.word("profile", "peer");
    }
    lines.leaf(new.key, new.lifetime);
    if client {
        lines.table(&["service", new.name, "client", "client"]);
        match new.subject {
            Some(subject) => lines.word("subject", subject),
            None => lines.word("subject", &format!("CN={}", new.name)),
        }
        if !new.hosts.is_empty() {
            lines.list("hosts", new.hosts);
        }
    }
    finish(source, &document, "service", &lines)
}

/// The manifest with one authority more, at its end. Where one authority was
/// the default by being the only one, a line says so from now on.
///
/// Not checked: whether the words in it are good; resolve the result.
///
/// # Errors
/// See [`EditError`]; a name that exists is shown with its line.
pub fn add_authority(source: &Source<'_>, new: &NewAuthority<'_>) -> Result<String, EditError> {
    let document = read(source, "authority", new.name)?;
    let mut lines = Lines::new(&["authority", new.name]);
    match new.subject {
        Some(subject) => lines.word("subject", subject),
        None => lines.word("subject", &format!("CN={} CA", new.name)),
    }
    if let Some(issuer) = new.issuer {
        lines.word("issuer", issuer);
    }
    if !new.permit.is_empty() {
        lines.list("permit", new.permit);
    }
    lines.leaf(new.key, new.lifetime);
    let text = finish(source, &document, "authority", &lines)?;
    match only_authority(&document) {
        None => Ok(text),
        Some(only) => default_authority(source, &document, &text, &only),
    }
}

/// A name for a service with this first name: its first label without ranges
/// and wildcards, `10-0-0-1` for an address.
pub fn name_for(san: &str) -> Option<String> {
    let plain = san.strip_prefix("*.").unwrap_or(san);
    let plain = plain.rsplit_once("://").map_or(plain, |(_, rest)| rest);
    let address = plain.parse::<std::net::IpAddr>().is_ok();
    let label = match plain.split(['.', '/', '@']).next() {
        _ if address => plain,
        first => first?,
    };
    // What stands in braces is a range.
    let mut outside = String::new();
    let mut depth = 0_usize;
    for c in label.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    let name: String = outside
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let name = name.trim_matches('-');
    super::is_table_name(name).then(|| name.to_owned())
}

/// The manifest parsed, when `name` is free in it.
fn read(source: &Source<'_>, kind: &'static str, name: &str) -> Result<DocumentMut, EditError> {
    // In our own words, and with all of them.
    let _: super::schema::Manifest = source.read()?;
    if !super::is_table_name(name) {
        return Err(EditError::Name {
            kind,
            name: name.to_owned(),
        });
    }
    let parsed = toml_edit::Document::parse(source.text.to_owned());
    let parsed = parsed.map_err(|error| {
        let fault = Fault::new(
            error.span().unwrap_or(0..0),
            "not valid TOML",
            error.message(),
        );
        source.invalid(vec![fault])
    })?;
    let found = parsed
        .get(kind)
        .and_then(Item::as_table_like)
        .and_then(|t| t.get_key_value(name));
    if let Some((key, item)) = found {
        let span = key.span().or_else(|| item.span()).unwrap_or(0..0);
        let fault = Fault::new(span, format!("{kind} `{name}` exists already"), "here")
            .help("edit it here, or choose another name");
        return Err(source.invalid(vec![fault]).into());
    }
    Ok(parsed.into_mut())
}

/// Old text, an empty line, the new lines.
fn finish(
    source: &Source<'_>,
    document: &DocumentMut,
    kind: &'static str,
    lines: &Lines,
) -> Result<String, EditError> {
    if document.get(kind).is_some_and(Item::is_value) {
        return Err(one_line(source, document, kind));
    }
    let mut text = source.text.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&lines.text);
    Ok(same_ends(source, &text))
}

/// Tables on one line, and how to write them.
fn one_line(source: &Source<'_>, document: &DocumentMut, kind: &'static str) -> EditError {
    let names = document.get(kind).and_then(Item::as_table_like);
    let tables: Vec<String> = match names {
        Some(table) if kind != "defaults" => table
            .iter()
            .map(|(name, _)| format!("`[{kind}.{}]`", toml_edit::Key::new(name)))
            .collect(),
        _ => Vec::new(),
    };
    EditError::OneLine {
        file: source.name.to_owned(),
        kind,
        tables: if tables.is_empty() {
            format!("`[{kind}]`")
        } else {
            tables.join(", ")
        },
    }
}

/// The authority that is the default by being alone, while a service needs one.
fn only_authority(document: &DocumentMut) -> Option<String> {
    let said = document.get("defaults").and_then(|d| d.get("authority"));
    let ours: Vec<&str> = document
        .get("authority")
        .and_then(Item::as_table_like)?
        .iter()
        .filter(|(_, table)| table.get("external").is_none())
        .map(|(name, _)| name)
        .collect();
    let needed = document
        .get("service")
        .and_then(Item::as_table_like)?
        .iter()
        .any(|(_, service)| service.get("authority").is_none());
    match ours.as_slice() {
        [only] if said.is_none() && needed => Some((*only).to_owned()),
        _ => None,
    }
}

/// Adds `authority = "…"` to `[defaults]`, right below its head.
fn default_authority(
    source: &Source<'_>,
    document: &DocumentMut,
    text: &str,
    only: &str,
) -> Result<String, EditError> {
    let line = format!("authority = {}\n", quoted(only));
    let Some(defaults) = document.get("defaults") else {
        return Ok(same_ends(source, &format!("{text}\n[defaults]\n{line}")));
    };
    let head = toml_edit::Document::parse(text)
        .ok()
        .and_then(|d| d.get("defaults").and_then(Item::span))
        .filter(|_| defaults.is_table())
        .filter(|span| text[span.clone()].starts_with('['));
    let Some(head) = head else {
        return Err(one_line(source, document, "defaults"));
    };
    let end = text[head.start..]
        .find('\n')
        .map_or(text.len(), |at| head.start + at + 1);
    let mut out = text.to_owned();
    out.insert_str(end, &line);
    Ok(same_ends(source, &out))
}

/// New lines end as the old ones do.
fn same_ends(source: &Source<'_>, text: &str) -> String {
    if source.text.contains("\r\n") {
        text.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        text.to_owned()
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string().trim().to_owned()
}

/// Tables as text.
struct Lines {
    text: String,
}

impl Lines {
    fn new(path: &[&str]) -> Self {
        let mut lines = Self {
            text: String::new(),
        };
        lines.table(path);
        lines
    }

    fn table(&mut self, path: &[&str]) {
        // A name with a dot is one key, in quotes.
        let keys: Vec<String> = path
            .iter()
            .map(|k| toml_edit::Key::new(*k).to_string())
            .collect();
        let _ = writeln!(self.text, "[{}]", keys.join("."));
    }

    fn word(&mut self, key: &str, word: &str) {
        let _ = writeln!(self.text, "{key} = {}", quoted(word));
    }

    fn list(&mut self, key: &str, words: &[String]) {
        let list: Array = words.iter().collect();
        let _ = writeln!(
            self.text,
            "{key} = {}",
            Value::from(list).to_string().trim()
        );
    }

    fn leaf(&mut self, key: Option<KeyAlgorithm>, lifetime: Option<Lifetime>) {
        if let Some(key) = key {
            self.word("key", &key.to_string());
        }
        if let Some(lifetime) = lifetime {
            self.word("lifetime", &lifetime.to_string());
        }
    }
}
