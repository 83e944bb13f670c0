//! Reading role files: those built in and a user's own.

use std::collections::BTreeMap;

use super::wire::RoleFile;
use super::{CHECKS, ClientCertificates, Notice, Role, RoleFiles, ServerRole, VARIABLES};
use super::{TlsLibrary, TrustForm};
use crate::document::{At, Fault, Invalid, Source, did_you_mean};
use crate::model::path::TreePath;
use crate::template;

/// Every role there is, by name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Roles(BTreeMap<String, Role>);

impl Roles {
    /// The roles built in, and a user's `own` as pairs of file name (without
    /// `.toml`) and text. An own role with a built-in name takes its place, and
    /// may still say `like` that name.
    ///
    /// # Errors
    /// The first file that is no role: everything wrong in it.
    pub fn load(own: &[(String, String)]) -> Result<Self, Invalid> {
        let mut built_in = Layer::default();
        for (name, text) in pki_templates::ROLES {
            built_in.add(name, text)?;
        }
        let mut layer = Layer::default();
        for (name, text) in own {
            layer.add(name, text)?;
        }
        let mut roles = BTreeMap::new();
        let layers = [built_in, layer];
        for (depth, layer) in layers.iter().enumerate() {
            for name in layer.0.keys() {
                roles.insert(name.clone(), build(&layers, depth, name)?);
            }
        }
        Ok(Self(roles))
    }

    /// The role of this name.
    pub fn get(&self, name: &str) -> Option<&Role> {
        self.0.get(name)
    }

    /// Every name, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Every role, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Role> {
        self.0.values()
    }
}

/// The files of one origin, read but not yet put on top of what they are like.
#[derive(Default)]
struct Layer(BTreeMap<String, Named>);

struct Named {
    file: String,
    text: String,
    wire: RoleFile,
}

impl Named {
    fn source(&self) -> Source<'_> {
        Source {
            name: &self.file,
            text: &self.text,
        }
    }

    fn invalid(&self, fault: Fault) -> Invalid {
        self.source().invalid(vec![fault])
    }
}

impl Layer {
    fn add(&mut self, name: &str, text: &str) -> Result<(), Invalid> {
        let file = format!("roles/{name}.toml");
        let source = Source { name: &file, text };
        let wire: RoleFile = source.read()?;
        if *wire.name != name {
            let message = format!("`{}` stands in `{file}`", *wire.name);
            return Err(source.invalid(vec![
                Fault::new(wire.name.span(), message, "not the name of the file")
                    .help(format!("write `name = \"{name}\"`")),
            ]));
        }
        let named = Named {
            text: text.to_owned(),
            file: file.clone(),
            wire,
        };
        self.0.insert(name.to_owned(), named);
        Ok(())
    }
}

/// The role `name` of layer `depth`, everything it is like filled in.
fn build(layers: &[Layer], depth: usize, name: &str) -> Result<Role, Invalid> {
    // From the role itself down to the one that is like no other.
    let mut line: Vec<(usize, &Named)> = Vec::new();
    let (mut depth, mut name) = (Some(depth), name);
    while let Some((found, named)) = depth.and_then(|d| find(layers, d, name)) {
        if line
            .iter()
            .any(|(d, n)| *d == found && n.wire.name == named.wire.name)
        {
            let (first, span) = match line[0].1.wire.like.as_ref() {
                Some(like) => (line[0].1, like.span()),
                None => (line[0].1, 0..0),
            };
            let names: Vec<&str> = line.iter().map(|(_, n)| n.wire.name.as_str()).collect();
            let circle = format!("{} → {name}", names.join(" → "));
            return Err(first.invalid(
                Fault::new(
                    span,
                    format!("a circle of roles: {circle}"),
                    "like itself in the end",
                )
                .help("take out one `like`"),
            ));
        }
        line.push((found, named));
        let Some(like) = &named.wire.like else { break };
        // A role may be like the built-in one whose name it takes.
        depth = if **like == *named.wire.name {
            found.checked_sub(1)
        } else {
            Some(layers.len() - 1)
        };
        if depth.and_then(|d| find(layers, d, like)).is_none() {
            let names = layers.iter().flat_map(|l| l.0.keys()).map(String::as_str);
            return Err(named.invalid(
                Fault::new(
                    like.span(),
                    format!("unknown role `{}`", **like),
                    "no such role",
                )
                .help(did_you_mean(like, names)),
            ));
        }
        name = like.as_str();
    }
    let named = line[0].1;
    let mut wire = RoleFile::default();
    for (_, base) in line.iter().rev() {
        wire.put_on_top(&base.wire);
    }
    finish(wire, named)
}

/// The role in the highest layer up to `depth` that has it.
fn find<'a>(layers: &'a [Layer], depth: usize, name: &str) -> Option<(usize, &'a Named)> {
    (0..=depth)
        .rev()
        .find_map(|d| layers[d].0.get(name).map(|named| (d, named)))
}

/// Judges the values. Places are those of `named`, where a value may be
/// inherited from another file: then the whole file is blamed.
fn finish(wire: RoleFile, named: &Named) -> Result<Role, Invalid> {
    let mut faults = Vec::new();
    let tls = match &wire.tls {
        Some(word) => one_of(word, &TLS, &mut faults),
        None => {
            faults.push(
                Fault::new(
                    wire.name.span(),
                    format!("role `{}` has no `tls`", *wire.name),
                    "needs one",
                )
                .help("add `tls = \"go\"` (or jsse, openssl, python, rustls)"),
            );
            None
        }
    };
    let server = wire.server.as_ref().map(|server| ServerRole {
        port: server.port,
        client_certificates: server
            .client_certificates
            .as_ref()
            .and_then(|word| one_of(word, &CLIENT_CERTIFICATES, &mut faults))
            .unwrap_or(ClientCertificates::Never),
    });
    let trust_form = wire
        .trust_form
        .as_ref()
        .and_then(|word| one_of(word, &TRUST_FORMS, &mut faults))
        .unwrap_or(TrustForm::Pem);
    let key_mode = match &wire.key_mode {
        None => 0o600,
        Some(text) => super::key_mode(text).unwrap_or_else(|| {
            faults.push(
                Fault::new(
                    text.span(),
                    format!("`{}` is no mode of a key file", **text),
                    "found",
                )
                .help("write \"0600\", or \"0640\" for a group"),
            );
            0o600
        }),
    };
    let files = wire.files.clone().unwrap_or_default();
    let paths = [
        &files.cert,
        &files.key,
        &files.chain,
        &files.issuer,
        &files.trust,
        &files.client_trust,
    ];
    let written = wire.write.iter().flatten();
    for path in paths
        .into_iter()
        .flatten()
        .chain(written.clone().map(|w| &w.file))
    {
        if let Err(error) = TreePath::new("folder").and_then(|f| f.join(path)) {
            faults.push(Fault::new(
                path.span(),
                error.to_string(),
                "no file name here",
            ));
        }
    }
    if server.is_some() && (files.cert.is_none() || files.key.is_none()) {
        let message = format!("role `{}` serves and names no `cert` and `key`", *wire.name);
        faults.push(
            Fault::new(wire.name.span(), message, "needs both")
                .help("add `[files]` with `cert = \"public.crt\"` and `key = \"private.key\"`"),
        );
    }
    let empty: Vec<(&str, Option<String>)> = VARIABLES.iter().map(|(v, _)| (*v, None)).collect();
    let texts = written
        .clone()
        .map(|w| &w.text)
        .chain(wire.next.iter().flatten());
    for text in texts {
        if let Err(error) = template::render(text, &empty) {
            faults.push(
                Fault::new(text.span(), error.to_string(), "in this text").help(error.expected()),
            );
        }
    }
    for check in wire.checks.iter().flatten() {
        if !CHECKS.contains(&check.as_str()) {
            faults.push(
                Fault::new(
                    check.span(),
                    format!("unknown check `{}`", **check),
                    "no such check",
                )
                .help(did_you_mean(check, CHECKS)),
            );
        }
    }
    let (Some(tls), true) = (tls, faults.is_empty()) else {
        return Err(named.source().invalid(faults));
    };
    let text = |value: Option<At<String>>| value.map(|v| (*v).clone());
    let notice = wire.notice.unwrap_or_default();
    Ok(Role {
        name: (*wire.name).clone(),
        summary: wire.summary.unwrap_or_default(),
        tls,
        server,
        files: RoleFiles {
            cert: text(files.cert).unwrap_or_default(),
            key: text(files.key).unwrap_or_default(),
            chain: text(files.chain),
            issuer: text(files.issuer),
            trust: text(files.trust),
            client_trust: text(files.client_trust),
        },
        trust_form,
        key_mode,
        notice: Notice {
            pair: notice.pair.unwrap_or_default(),
            trust: notice.trust.unwrap_or_default(),
        },
        writes: wire
            .write
            .into_iter()
            .flatten()
            .map(|w| ((*w.file).clone(), (*w.text).clone()))
            .collect(),
        next: wire
            .next
            .into_iter()
            .flatten()
            .map(|t| (*t).clone())
            .collect(),
        checks: wire
            .checks
            .into_iter()
            .flatten()
            .map(|c| (*c).clone())
            .collect(),
    })
}

const TLS: [(&str, TlsLibrary); 5] = [
    ("go", TlsLibrary::Go),
    ("jsse", TlsLibrary::Jsse),
    ("openssl", TlsLibrary::OpenSsl),
    ("python", TlsLibrary::Python),
    ("rustls", TlsLibrary::Rustls),
];
const CLIENT_CERTIFICATES: [(&str, ClientCertificates); 3] = [
    ("never", ClientCertificates::Never),
    ("optional", ClientCertificates::Optional),
    ("required", ClientCertificates::Required),
];
const TRUST_FORMS: [(&str, TrustForm); 2] =
    [("pem", TrustForm::Pem), ("pkcs12", TrustForm::Pkcs12)];

fn one_of<T: Copy>(word: &At<String>, words: &[(&str, T)], faults: &mut Vec<Fault>) -> Option<T> {
    let found = words.iter().find(|(known, _)| *known == word.as_str());
    if found.is_none() {
        faults.push(
            Fault::new(
                word.span(),
                format!("unknown word `{}`", **word),
                "not one of the words",
            )
            .help(did_you_mean(word, words.iter().map(|(known, _)| *known))),
        );
    }
    found.map(|(_, value)| *value)
}
