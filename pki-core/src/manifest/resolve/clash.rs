//! Every file has one place of its own, and no CA key stands where a program
//! looks.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use super::Context;
use crate::document::{At, Fault};
use crate::model::path::TreePath;
use crate::stack::{AUTHORITIES, OutputKind, Stack, Use};

/// A file that is written, and the words that ask for it.
struct Written {
    what: String,
    span: Range<usize>,
    /// The certificate or key of an authority itself.
    is_authority: bool,
}

impl Context<'_> {
    /// Two files on one place, a file where another needs a folder, files in
    /// pki's own places, CA keys in a service's folder.
    pub(super) fn clashes(&mut self, stack: &Stack) {
        let mut order: Vec<TreePath> = Vec::new();
        let mut files: HashMap<TreePath, Written> = HashMap::new();
        // Two tables that share a folder share more than one file: said once.
        let mut said: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (path, written) in self.written(stack) {
            if own_place(&path, &written) && said.insert((0, written.span.start)) {
                self.fault(
                    Fault::new(
                        written.span.clone(),
                        format!("`{path}` is in a place that is pki's own"),
                        format!("written by {}", written.what),
                    )
                    .help("choose another folder, such as `certs`"),
                );
            }
            if let Some(first) = files.get(&path) {
                if !said.insert((first.span.start, written.span.start)) {
                    continue;
                }
                let message = format!(
                    "`{path}` would be written twice: by {} and by {}",
                    first.what, written.what
                );
                self.fault(
                    Fault::new(written.span, message, "and here")
                        .also(first.span.clone(), "here")
                        .help("give one of them another name or folder"),
                );
                continue;
            }
            order.push(path.clone());
            files.insert(path, written);
        }
        // A folder that is no file needs no second look.
        let mut folders: HashSet<TreePath> = HashSet::new();
        for path in &order {
            let written = &files[path];
            let mut above = path.parent();
            while let Some(folder) = above.take() {
                above = folder.parent();
                let Some(file) = files.get(&folder) else {
                    if !folders.insert(folder) {
                        break;
                    }
                    continue;
                };
                if !said.insert((file.span.start, written.span.start)) {
                    continue;
                }
                let message = format!(
                    "`{folder}` would be a file ({}) and a folder (for {})",
                    file.what, written.what
                );
                self.fault(
                    Fault::new(written.span.clone(), message, "needs the folder")
                        .also(file.span.clone(), "makes the file")
                        .help("give one of them another name or folder"),
                );
            }
        }
        for pair in stack.pairs() {
            let read = pair.lineage().into_iter();
            let written = read
                .flat_map(|lineage| [&lineage.certificate, &lineage.key])
                .find_map(|path| Some((path, files.get(path)?)));
            if let Some((path, written)) = written {
                self.fault(
                    Fault::new(
                        written.span.clone(),
                        format!("`{path}` is where `{}` comes from", pair.id),
                        format!("written by {}", written.what),
                    )
                    .help("give the service another folder: its own copy goes there"),
                );
            }
        }
        self.keys_apart(stack);
    }

    /// Every file of the stack, in the order of writing.
    fn written(&self, stack: &Stack) -> Vec<(TreePath, Written)> {
        let mut written = Vec::new();
        for authority in &stack.authorities {
            let span = self.authority_span(&authority.name);
            for generation in &authority.generations {
                // An external certificate is read, never written; writing over it is the clash.
                let what = format!("authority `{}`", authority.name);
                let files = std::iter::once(&generation.certificate).chain(&generation.key);
                let reads = authority.origin == crate::stack::Origin::External
                    && written
                        .iter()
                        .any(|(path, _)| *path == generation.certificate);
                if reads {
                    continue;
                }
                for file in files {
                    written.push((
                        file.clone(),
                        Written {
                            what: what.clone(),
                            span: span.clone(),
                            is_authority: true,
                        },
                    ));
                }
            }
        }
        for authority in &stack.authorities {
            let request = authority.request.iter().map(|file| {
                let request = Written {
                    what: format!("the request of authority `{}`", authority.name),
                    span: self.authority_span(&authority.name),
                    is_authority: false,
                };
                (file.clone(), request)
            });
            written.extend(request);
        }
        for pair in stack.pairs() {
            let what = format!("`{}`", pair.id);
            let span = self.notes.get(&pair.id).map_or(0..0, |n| n.table.clone());
            let files = [&pair.files.certificate, &pair.files.key];
            for file in files.into_iter().chain(&pair.files.chain) {
                written.push((
                    file.clone(),
                    Written {
                        what: what.clone(),
                        span: span.clone(),
                        is_authority: false,
                    },
                ));
            }
        }
        for output in &stack.outputs {
            let kind = match &output.kind {
                OutputKind::Bundle {
                    purpose: Use::Publish,
                    ..
                } => "what it publishes",
                OutputKind::Bundle {
                    purpose: Use::Issuer,
                    ..
                } => "its issuer file",
                OutputKind::Bundle {
                    purpose: Use::ClientTrust,
                    ..
                } => "its client trust file",
                OutputKind::Bundle {
                    purpose: Use::Trust,
                    ..
                }
                | OutputKind::Truststore { .. } => "its trust file",
                OutputKind::Text(_) => "a text for it",
            };
            let (what, span) = match (&output.service, &output.kind) {
                (Some(service), _) => (format!("`{service}`, {kind}"), self.service_span(service)),
                (None, OutputKind::Bundle { authorities, .. }) => {
                    let name = authorities.first().map_or("", String::as_str);
                    (
                        format!("authority `{name}`, {kind}"),
                        self.authority_span(name),
                    )
                }
                (None, _) => (kind.to_owned(), 0..0),
            };
            written.push((
                output.path.clone(),
                Written {
                    what,
                    span,
                    is_authority: false,
                },
            ));
        }
        written
    }

    pub(super) fn authority_span(&self, name: &str) -> Range<usize> {
        let found = self.manifest.authority.get_key_value(name);
        found.map_or(0..0, |(name, wire)| {
            wire.publish
                .as_ref()
                .or(wire.external.as_ref())
                .map_or(name.span(), At::span)
        })
    }

    pub(super) fn service_span(&self, name: &str) -> Range<usize> {
        let found = self.manifest.service.get_key_value(name);
        found.map_or(0..0, |(name, _)| name.span())
    }

    /// A CA key never stands where a program looks or what is mounted into it.
    fn keys_apart(&mut self, stack: &Stack) {
        let manifest = self.manifest;
        let around = manifest.defaults.directory.as_ref();
        let around = around.map_or("certs", |d| d.as_str());
        let mounted = mounted(stack, self.place(around).ok());
        for authority in &stack.authorities {
            let key = authority.generations.iter().find_map(|g| g.key.as_ref());
            let above = std::iter::successors(key.cloned(), TreePath::parent);
            let folder = above.filter(|folder| mounted.contains(folder)).last();
            let (Some(key), Some(folder)) = (key, folder) else {
                continue;
            };
            let wire = manifest.authority.get_key_value(authority.name.as_str());
            let span = wire.map_or(0..0, |(name, wire)| {
                wire.key_dir.as_ref().map_or(name.span(), At::span)
            });
            self.fault(
                Fault::new(
                    span,
                    format!(
                        "the key of authority `{}` would stand below `{folder}`, which programs see",
                        authority.name
                    ),
                    format!("`{key}`"),
                )
                .help(format!(
                    "keep it out of `{folder}`: whoever reads it can be anyone"
                )),
            );
        }
    }
}

/// Folders that programs see: the one around the services, those of services,
/// those of what is published.
fn mounted(stack: &Stack, around: Option<TreePath>) -> HashSet<TreePath> {
    let services = stack.services.iter().filter(|s| !s.external);
    let published = stack.outputs.iter().filter(|o| o.service.is_none());
    services
        .map(|s| s.directory.clone())
        .chain(published.filter_map(|o| o.path.parent()))
        .chain(around)
        .collect()
}

/// `.pki`, `authorities` and `pki.toml` are not for services, nor for what is
/// published.
fn own_place(path: &TreePath, written: &Written) -> bool {
    let first = path.as_path().components().next();
    match first.map(|c| c.as_os_str().to_string_lossy()).as_deref() {
        Some(".pki" | "pki.toml") => true,
        Some(AUTHORITIES) => !written.is_authority,
        _ => false,
    }
}
