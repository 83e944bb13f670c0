//! Services: role with its overrides, folder, owner and modes.

use super::Context;
use super::defaults::Defaults;
use super::values::Word;
use crate::document::{At, Fault, did_you_mean, known};
use crate::manifest::schema::{Service as Wire, in_order};
use crate::model::path::TreePath;
use crate::report::Locator;
use crate::report::rule::EXTERNAL_SIGNER;
use crate::role::{Role, TrustForm};
use crate::stack::{Access, Authority, Serves, Service};

/// Owner and modes of a service's files.
pub(super) struct Accesses {
    pub(super) certificate: Access,
    pub(super) key: Access,
}

impl Context<'_> {
    /// Every service in the order of the text. One whose role is unknown is
    /// left out: a fault is on record.
    pub(super) fn services(&mut self, authorities: &[Authority]) -> Vec<Service> {
        let manifest = self.manifest;
        let defaults = self.defaults(authorities);
        let services = self.each(&in_order(&manifest.service), |context, (name, wire)| {
            let mut service = context.service(name, wire, &defaults)?;
            service.pairs = context.pairs(name, wire, &service, &defaults, authorities);
            Some(service)
        });
        services.into_iter().flatten().collect()
    }

    fn service(&mut self, name: &At<String>, wire: &Wire, defaults: &Defaults) -> Option<Service> {
        let Some(role) = self.roles.get(&wire.role) else {
            let names: Vec<&str> = self.roles.names().collect();
            self.fault(
                Fault::new(
                    wire.role.span(),
                    format!("unknown role `{}`", *wire.role),
                    "no such role",
                )
                .help(did_you_mean(&wire.role, names)),
            );
            return None;
        };
        let role = self.overrides(role.clone(), name, wire);
        let external = wire.external.as_ref().is_some_and(|e| **e);
        let serves = self.serves(name, wire, &role);
        let directory = self.directory(name, wire, defaults);
        if let Some(mount) = &wire.mount {
            self.path(None, mount);
        }
        if wire.truststore_password.is_some() && role.trust_form == TrustForm::Pem {
            let message = format!("role `{}` has no truststore", role.name);
            self.fault(
                Fault::new(
                    wire.role.span(),
                    message,
                    "and `truststore_password` is set",
                )
                .help("take out `truststore_password`: its trust file is PEM"),
            );
        }
        Some(Service {
            name: (**name).clone(),
            role,
            external,
            serves,
            authority: self.signer(name, wire, serves, defaults),
            host: wire.host.as_ref().map(|h| (**h).clone()),
            directory: directory?,
            pairs: Vec::new(),
            next: Vec::new(),
        })
    }

    /// The role with the manifest's file names and modes.
    fn overrides(&mut self, mut role: Role, name: &At<String>, wire: &Wire) -> Role {
        if let Some(files) = &wire.files {
            let over = |word: Word<'_>, file: &mut String| {
                if let Some(word) = word {
                    file.clone_from(word);
                }
            };
            over(files.cert.as_ref(), &mut role.files.cert);
            over(files.key.as_ref(), &mut role.files.key);
            let some = |word: Word<'_>, file: &mut Option<String>| {
                if let Some(word) = word {
                    *file = Some((**word).clone());
                }
            };
            some(files.chain.as_ref(), &mut role.files.chain);
            some(files.issuer.as_ref(), &mut role.files.issuer);
            some(files.trust.as_ref(), &mut role.files.trust);
            some(files.client_trust.as_ref(), &mut role.files.client_trust);
            // Judged here, where the words stand; used where files are laid out.
            let words = [
                &files.cert,
                &files.key,
                &files.chain,
                &files.issuer,
                &files.trust,
                &files.client_trust,
            ];
            if let Ok(folder) = TreePath::new("folder") {
                for word in words.into_iter().flatten() {
                    self.path(Some(&folder), word);
                }
            }
            if let (None, Some(word)) = (&role.server, files.cert.as_ref().or(files.key.as_ref())) {
                let message = format!(
                    "role `{}` serves nothing: it has no default pair",
                    role.name
                );
                self.fault(
                    Fault::new(word.span(), message, "names no file").help(format!(
                        "a client pair is a table: `[service.{}.client.client]`",
                        toml_edit::Key::new(name.as_str())
                    )),
                );
            }
        }
        if let Some(mode) = self.key_mode(wire.key_mode.as_ref()) {
            role.key_mode = mode;
        }
        role
    }

    fn serves(&mut self, name: &At<String>, wire: &Wire, role: &Role) -> Serves {
        let serves = match &wire.serves {
            None => None,
            Some(word) if word.as_str() == "http" => Some(Serves::Http),
            Some(word) if word.as_str() == "https" => Some(Serves::Tls),
            Some(word) => {
                self.fault(
                    Fault::new(
                        word.span(),
                        format!("`{}` is nothing to serve", **word),
                        "unknown",
                    )
                    .help(known(["http", "https"])),
                );
                None
            }
        };
        if role.server.is_some() {
            return serves.unwrap_or(Serves::Tls);
        }
        let further = wire.server.keys().next().map(At::span);
        let hosts = wire.hosts.as_ref().map(At::span);
        if let Some(span) = hosts.or(further).or(wire.serves.as_ref().map(At::span)) {
            let message = format!("`{}` serves nothing: its role is `{}`", **name, role.name);
            self.fault(Fault::new(span, message, "nobody dials it").help(format!(
                "names of a client go below `[service.{}.client.client]`; or choose another role",
                **name
            )));
        }
        Serves::Nothing
    }

    /// Its folder: its own `directory`, else its name below the default one,
    /// all of it below `out/HOST` where it has a host.
    fn directory(
        &mut self,
        name: &At<String>,
        wire: &Wire,
        defaults: &Defaults,
    ) -> Option<TreePath> {
        let directory = match &wire.directory {
            Some(word) => self.path(None, word)?,
            // A name that is no file name has its fault already.
            None => defaults.directory.join(name).ok()?,
        };
        let Some(host) = &wire.host else {
            return Some(directory);
        };
        let below = directory.to_string();
        let out = TreePath::new("out").and_then(|out| out.join(host));
        out.and_then(|out| out.join(below.trim_start_matches('/')))
            .ok()
    }

    /// Who signs its pairs, or signed them where it is external.
    fn signer(
        &mut self,
        name: &At<String>,
        wire: &Wire,
        serves: Serves,
        defaults: &Defaults,
    ) -> Option<String> {
        let manifest = self.manifest;
        let external = wire.external.as_ref().is_some_and(|e| **e);
        let Some(word) = &wire.authority else {
            if external && serves == Serves::Tls {
                self.external_signer(name, defaults);
            }
            return defaults.authority.clone();
        };
        let Some((_, authority)) = manifest.authority.get_key_value(word) else {
            self.unknown_authority(word, None);
            return None;
        };
        if authority.external.is_some() && wire.source.is_some() {
            // It stands behind the pair that is made elsewhere; others are ours.
            return defaults.authority.clone();
        }
        if authority.external.is_some() && !external {
            self.fault(
                Fault::new(
                    word.span(),
                    format!("`{}` is external: it cannot sign for `{}`", **word, **name),
                    "only trusted here",
                )
                .help("name an authority of this manifest"),
            );
        }
        Some((**word).clone())
    }

    /// An external server whose CA nobody named: taken to be the default one.
    fn external_signer(&mut self, name: &At<String>, defaults: &Defaults) {
        let Some(authority) = &defaults.authority else {
            return;
        };
        let at = Locator::Service((**name).clone());
        self.warn(
            EXTERNAL_SIGNER
                .at(at)
                .found(format!(
                    "nothing says which CA signs `{}`: taken to be `{authority}`",
                    **name
                ))
                .expected("the authority that signs it")
                .fix(format!(
                    "add `authority = \"{authority}\"`, or the one that does"
                )),
            name.span(),
        );
    }

    pub(super) fn accesses(&mut self, wire: &Wire, role: &Role) -> Accesses {
        // Accounts of another machine mean nothing here.
        let here = wire.host.is_none();
        let owner = self.account(wire.owner.as_ref()).filter(|_| here);
        let group = self.account(wire.group.as_ref()).filter(|_| here);
        let mode = self.cert_mode(wire.cert_mode.as_ref()).unwrap_or(0o644);
        Accesses {
            certificate: Access {
                owner: owner.clone(),
                group: group.clone(),
                mode,
            },
            key: Access {
                owner,
                group,
                mode: role.key_mode,
            },
        }
    }
}
