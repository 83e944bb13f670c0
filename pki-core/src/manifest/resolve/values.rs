//! Single words of the manifest, judged.

use std::collections::HashSet;
use std::ops::Range;

use super::Context;
use crate::document::{At, Fault, did_you_mean};
use crate::manifest::schema::in_order;
use crate::manifest::{NAME_RULE, is_name_char, is_table_name};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::Dn;
use crate::model::path::{PathError, TreePath};
use crate::model::san::{NameError, San, expand};
use crate::model::validity::{Lifetime, RenewAt};
use crate::role::{cert_mode, key_mode};
use crate::stack::Rekey;

/// A text that may be missing.
pub(super) type Word<'a> = Option<&'a At<String>>;

/// More names make a certificate that no TLS peer reads: the handshake message
/// is limited (Go: 256 KiB, OpenSSL: 100 KiB).
const NAMES_MAX: usize = 2048;

impl Context<'_> {
    /// Names of tables become parts of file names and of ids.
    pub(super) fn names(&mut self) {
        let manifest = self.manifest;
        for (name, _) in in_order(&manifest.authority) {
            self.table_name("authority", name);
            if name.as_str() == "system" {
                self.fault(
                    Fault::new(
                        name.span(),
                        "`system` names the machine's own CAs",
                        "reserved",
                    )
                    .help("choose another name for this authority"),
                );
            }
        }
        for (name, service) in in_order(&manifest.service) {
            self.table_name("service", name);
            for pair in service.server.keys() {
                self.table_name("server", pair);
            }
            for pair in service.client.keys() {
                self.table_name("client", pair);
            }
            if let Some(host) = &service.host {
                self.table_name("host", host);
            }
        }
    }

    /// A fault where a name cannot be one.
    pub(super) fn table_name(&mut self, kind: &str, name: &At<String>) -> bool {
        let good = is_table_name(name);
        if !good {
            let better: String = name
                .chars()
                .map(|c| if is_name_char(c) { c } else { '-' })
                .skip_while(|c| !c.is_ascii_alphanumeric())
                .take(64)
                .collect();
            let help = if is_table_name(&better) {
                format!("write `{better}` ({NAME_RULE})")
            } else {
                NAME_RULE.to_owned()
            };
            let message = format!("`{}` cannot be the name of a {kind}", **name);
            self.fault(
                Fault::new(name.span(), message, "it becomes part of file names").help(help),
            );
        }
        good
    }

    pub(super) fn key(&mut self, word: Word<'_>) -> Option<KeyAlgorithm> {
        let word = word?;
        let parsed = word.parse();
        if parsed.is_err() {
            self.fault(
                Fault::new(
                    word.span(),
                    format!("unknown key algorithm `{}`", **word),
                    "unknown",
                )
                .help(did_you_mean(word, KeyAlgorithm::WORDS)),
            );
        }
        parsed.ok()
    }

    pub(super) fn lifetime(&mut self, word: Word<'_>) -> Option<At<Lifetime>> {
        let word = word?;
        match word.parse::<Lifetime>() {
            Ok(lifetime) => Some(At::new(lifetime, word.span())),
            Err(error) => {
                self.fault(
                    Fault::new(word.span(), error.to_string(), "found").help(error.expected()),
                );
                None
            }
        }
    }

    pub(super) fn renew(&mut self, word: Word<'_>) -> Option<RenewAt> {
        let word = word?;
        match word.parse::<RenewAt>() {
            Ok(renew) => Some(renew),
            Err(error) => {
                self.fault(Fault::new(word.span(), error.to_string(), "found").help(
                    "a part of the life below 1, such as \"1/3\", or a span, such as \"30d\"",
                ));
                None
            }
        }
    }

    pub(super) fn rekey(&mut self, word: Word<'_>) -> Option<Rekey> {
        let word = word?;
        let rekey = match word.as_str() {
            "never" => Some(Rekey::Never),
            "always" => Some(Rekey::Always),
            span => span.parse().ok().map(Rekey::Every),
        };
        if rekey.is_none() {
            self.fault(
                Fault::new(
                    word.span(),
                    format!("`{}` is no time for a new key", **word),
                    "found",
                )
                .help("\"never\", \"always\", or a span such as \"2y\""),
            );
        }
        rekey
    }

    pub(super) fn subject(&mut self, word: Word<'_>) -> Option<Dn> {
        let word = word?;
        match Dn::parse(word) {
            Ok(dn) if dn.is_empty() => {
                self.fault(
                    Fault::new(word.span(), "an empty subject", "names nobody")
                        .help("for example \"CN=Example\""),
                );
                None
            }
            Ok(dn) => Some(dn),
            Err(error) => {
                self.fault(
                    Fault::new(word.span(), format!("not a subject: {error}"), "found").help(
                        error.hint().unwrap_or_else(|| {
                            "most specific part first (RFC 4514), such as \"CN=Example CA, O=Example, C=US\"".into()
                        }),
                    ),
                );
                None
            }
        }
    }

    /// A place anywhere; in the tree it is relative, however it is written.
    pub(super) fn place(&self, text: &str) -> Result<TreePath, PathError> {
        let place = TreePath::new(text)?;
        place
            .within(self.roots)
            .ok_or_else(|| PathError::Own(text.to_owned()))
    }

    /// A place below `folder`, or anywhere for a place of its own.
    pub(super) fn path(
        &mut self,
        folder: Option<&TreePath>,
        word: &At<String>,
    ) -> Option<TreePath> {
        if word.starts_with("~/") || word.as_str() == "~" {
            let message = format!(
                "`{}` is no place: `~` stands for a home in a shell only",
                **word
            );
            self.fault(Fault::new(word.span(), message, "found").help("write the folder out"));
            return None;
        }
        let path = match folder {
            Some(folder) => folder.join(word),
            None => self.place(word),
        };
        match path {
            Ok(path) => Some(path),
            Err(error) => {
                let own = matches!((&error, folder), (PathError::Own(_), Some(_)));
                let message = if own {
                    format!("`{}` is the service's folder itself", **word)
                } else {
                    error.to_string()
                };
                let help = match (&error, folder) {
                    (PathError::Own(_), None) => {
                        "name a place below it: a folder such as \"certs\", or a file such as \"certs/ca.crt\""
                    }
                    (PathError::Root(_), _) => "name a folder below it, such as \"/etc/pki\"",
                    (PathError::Parent(_), _) => "name the folder itself, absolute if need be",
                    (PathError::Own(_) | PathError::Reserved(_), Some(_)) => {
                        "a name inside the service's folder"
                    }
                    _ => "a name such as \"certs\"",
                };
                self.fault(Fault::new(word.span(), message, "found").help(help));
                None
            }
        }
    }

    pub(super) fn key_mode(&mut self, word: Word<'_>) -> Option<u32> {
        let word = word?;
        let mode = key_mode(word);
        if mode.is_none() {
            self.fault(
                Fault::new(
                    word.span(),
                    format!("`{}` is no mode of a key", **word),
                    "found",
                )
                .help("\"0600\", or \"0640\" to let the group read it; never more"),
            );
        }
        mode
    }

    pub(super) fn cert_mode(&mut self, word: Word<'_>) -> Option<u32> {
        let word = word?;
        let mode = cert_mode(word);
        if mode.is_none() {
            self.fault(
                Fault::new(
                    word.span(),
                    format!("`{}` is no mode of a certificate", **word),
                    "found",
                )
                .help("\"0644\", or less; nobody but the owner writes"),
            );
        }
        mode
    }

    /// An owner or group: a name as `useradd` takes it, or a number.
    pub(super) fn account(&mut self, word: Word<'_>) -> Option<String> {
        let word = word?;
        let good = !word.is_empty()
            && word.len() <= 256
            && !word.starts_with('-')
            && word
                .chars()
                .all(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, ':' | '/'));
        if !good {
            self.fault(
                Fault::new(
                    word.span(),
                    format!("`{}` is no user or group", **word),
                    "found",
                )
                .help("a name or a number; owner and group are two keys"),
            );
        }
        good.then(|| (**word).clone())
    }

    /// Names with their ranges spelled out, each once, with the place it came from.
    pub(super) fn sans<'w>(
        &mut self,
        words: impl IntoIterator<Item = &'w At<String>>,
    ) -> Vec<(San, Range<usize>)> {
        let mut sans: Vec<(San, Range<usize>)> = Vec::new();
        let mut seen: HashSet<San> = HashSet::new();
        for word in words {
            for san in self.san(word) {
                if seen.insert(san.clone()) {
                    sans.push((san, word.span()));
                }
            }
            if sans.len() > NAMES_MAX {
                let message = format!("more than {NAMES_MAX} names for one certificate");
                self.fault(
                    Fault::new(word.span(), message, "too many from here on")
                        .help("`per_host = true`, or several services"),
                );
                break;
            }
        }
        sans
    }

    /// The names that one entry of `hosts` means.
    pub(super) fn san(&mut self, word: &At<String>) -> Vec<San> {
        let parsed = expand(word).and_then(|texts| {
            texts
                .iter()
                .map(|text| San::parse(text))
                .collect::<Result<Vec<San>, _>>()
        });
        parsed.unwrap_or_else(|error| {
            self.fault(named(word, &error));
            Vec::new()
        })
    }
}

/// The fault of a name that is refused.
pub(super) fn named(word: &At<String>, error: &NameError) -> Fault {
    let fault = Fault::new(word.span(), error.to_string(), "refused");
    match error.hint() {
        Some(hint) => fault.help(hint),
        None => fault,
    }
}
