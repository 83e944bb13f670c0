//! Derived files: what authorities publish, issuer files, trust files, client
//! trust files, texts.

use super::Context;
use super::authorities::root;
use super::elsewhere::{Behind, behind};
use crate::document::Fault;
use crate::manifest::schema::{Service as Wire, in_order};
use crate::model::path::TreePath;
use crate::role::{RoleFiles, TrustForm, VARIABLES};
use crate::stack::{
    Access, Dials, Edge, Output, OutputKind, PairKind, Scheme, Serves, Service, Stack, Url, Use,
};
use crate::template;

/// A name of `trust` that is no authority: the machine's own CAs.
const SYSTEM: &str = "system";

impl Context<'_> {
    /// Fills in `stack.outputs`, and the advice of each service.
    pub(super) fn outputs(&mut self, stack: &mut Stack) {
        let manifest = self.manifest;
        let mut outputs = Vec::new();
        for (name, wire) in in_order(&manifest.authority) {
            let path = wire.publish.as_ref().and_then(|word| self.path(None, word));
            outputs.extend(path.map(|path| Output {
                path,
                service: None,
                kind: OutputKind::Bundle {
                    purpose: Use::Publish,
                    authorities: vec![(**name).clone()],
                    system: false,
                },
                access: Access {
                    owner: None,
                    group: None,
                    mode: 0o644,
                },
            }));
        }
        let dials = Dials::of(stack);
        // In the order of the text, as `services` made them.
        let made = self.each(&stack.services, |context, service| {
            let wire = manifest.service.get(service.name.as_str())?;
            Some(context.of_service(stack, &dials, service, wire))
        });
        let mut advice = Vec::with_capacity(made.len());
        for made in made {
            let (files, next) = made.unwrap_or_default();
            outputs.extend(files);
            advice.push(next);
        }
        for (service, next) in stack.services.iter_mut().zip(advice) {
            service.next = next;
        }
        stack.outputs = outputs;
    }

    /// The files of one service, bundles before texts, and its advice.
    fn of_service(
        &mut self,
        stack: &Stack,
        dials: &Dials<'_>,
        service: &Service,
        wire: &Wire,
    ) -> (Vec<Output>, Vec<String>) {
        let trusted = self.trusted(stack, dials, service, wire);
        if service.external {
            return (Vec::new(), Vec::new());
        }
        let access = self.accesses(wire, &service.role).certificate;
        let files = &service.role.files;
        let authorities = &stack.authorities;
        let mut bundles: Vec<(Option<&String>, OutputKind)> = Vec::new();
        let mut issuers = Vec::new();
        for behind in behind(service) {
            if let Behind::Authority(name) = behind
                && let Some(root) = root(authorities, &name)
            {
                push(&mut issuers, &root.name);
            }
        }
        if service.serves == Serves::Tls && !issuers.is_empty() {
            let issuers = bundle(Use::Issuer, issuers, false);
            bundles.push((files.issuer.as_ref(), issuers));
        }
        if !trusted.authorities.is_empty() || trusted.system {
            let password = wire.truststore_password.as_ref().map(|p| (**p).clone());
            let kind = match service.role.trust_form {
                TrustForm::Pem => bundle(Use::Trust, trusted.authorities, trusted.system),
                TrustForm::Pkcs12 => OutputKind::Truststore {
                    authorities: trusted.authorities,
                    system: trusted.system,
                    password,
                },
            };
            bundles.push((files.trust.as_ref(), kind));
        }
        let clients = client_authorities(stack, dials, service);
        if !clients.is_empty() {
            bundles.push((
                files.client_trust.as_ref(),
                bundle(Use::ClientTrust, clients, false),
            ));
        }
        let has: Vec<&String> = bundles.iter().filter_map(|(file, _)| *file).collect();
        let base = self.roles.get(&service.role.name).map(|r| &r.files);
        let variables = variables(stack, dials, service, wire, base, &has);
        let mut texts: Vec<(&String, String)> = Vec::new();
        for (file, text) in &service.role.writes {
            // Role files are checked when they are loaded.
            if let Ok(Some(text)) = template::render(text, &variables) {
                texts.push((file, text));
            }
        }
        let next = service
            .role
            .next
            .iter()
            .filter_map(|line| template::render(line, &variables).ok().flatten())
            .collect::<Vec<String>>();
        let folders = folders(service);
        let output = |folder: &TreePath, file: &String, kind: OutputKind, access: Access| {
            Some(Output {
                path: folder.join(file).ok()?,
                service: Some(service.name.clone()),
                kind,
                access,
            })
        };
        let mut outputs = Vec::new();
        for folder in &folders {
            for (file, kind) in &bundles {
                let made = file.and_then(|f| output(folder, f, kind.clone(), access.clone()));
                outputs.extend(made);
            }
        }
        // A text with a password in it is as secret as a key.
        let secret = wire.truststore_password.is_some();
        let mode = if secret {
            service.role.key_mode
        } else {
            access.mode
        };
        let access = Access { mode, ..access };
        for (folder, (file, text)) in folders
            .iter()
            .flat_map(|folder| texts.iter().map(move |text| (folder, text)))
        {
            let text = OutputKind::Text(text.clone());
            outputs.extend(output(folder, file, text, access.clone()));
        }
        (outputs, next)
    }

    /// What a service accepts when it dials: the roots above the servers it
    /// dials, then those of `trust`.
    fn trusted(
        &mut self,
        stack: &Stack,
        dials: &Dials<'_>,
        service: &Service,
        wire: &Wire,
    ) -> Trusted {
        let mut trusted = Trusted {
            authorities: Vec::new(),
            system: false,
        };
        for edge in dials.from(&service.name) {
            if edge.url.scheme != Scheme::Https {
                continue;
            }
            let Some(server) = stack.service(&edge.to) else {
                continue;
            };
            for behind in behind(server) {
                let signer = match &behind {
                    Behind::Authority(name) => root(&stack.authorities, name),
                    _ => None,
                };
                if let Some(signer) = signer {
                    push(&mut trusted.authorities, &signer.name);
                } else if wire.trust.is_empty() && (server.external || behind == Behind::System) {
                    self.nobody_named(&behind, service, server, wire);
                }
            }
        }
        for word in &wire.trust {
            if word.as_str() == SYSTEM {
                trusted.system = true;
            } else if let Some(root) = root(&stack.authorities, word) {
                push(&mut trusted.authorities, &root.name);
            } else {
                self.unknown_authority(word, Some(SYSTEM));
            }
        }
        if let (Some(word), None) = (wire.trust.first(), &service.role.files.trust) {
            let message = format!("role `{}` names no trust file", service.role.name);
            self.fault(
                Fault::new(word.span(), message, "nowhere to put it")
                    .help("add `files = { trust = \"trust.crt\" }`"),
            );
        }
        trusted
    }

    /// A server whose CA neither the manifest nor `trust` names.
    fn nobody_named(&mut self, behind: &Behind, client: &Service, server: &Service, wire: &Wire) {
        let word = wire.connects.iter().find(|c| c.as_str() == server.name);
        let name = format!("add `authority = \"…\"` to `service.{}`", server.name);
        let help = match behind {
            Behind::System => format!(
                "{name}, with its `external` CA; or `trust = [\"{SYSTEM}\"]` to `service.{}`",
                client.name
            ),
            _ => name,
        };
        self.fault(
            Fault::new(
                word.map_or(0..0, crate::document::At::span),
                format!("nothing says which CA signs `{}`", server.name),
                "whom to trust?",
            )
            .help(help),
        );
    }
}

struct Trusted {
    authorities: Vec<String>,
    system: bool,
}

fn bundle(purpose: Use, authorities: Vec<String>, system: bool) -> OutputKind {
    OutputKind::Bundle {
        purpose,
        authorities,
        system,
    }
}

fn push(list: &mut Vec<String>, name: &str) {
    if !list.iter().any(|known| known == name) {
        list.push(name.to_owned());
    }
}

/// The roots above those who dial `service` with a pair.
fn client_authorities(stack: &Stack, dials: &Dials<'_>, service: &Service) -> Vec<String> {
    let mut names = Vec::new();
    for edge in dials.to(&service.name) {
        let pair = edge.client.as_ref().and_then(|id| stack.pair(id));
        if let Some(root) = pair.and_then(|p| root(&stack.authorities, p.authority()?)) {
            push(&mut names, &root.name);
        }
    }
    names
}

/// Its folder, or with `per_host` also each node's, which is what is mounted.
fn folders(service: &Service) -> Vec<TreePath> {
    let nodes = service.pairs.iter().filter_map(|p| p.id.node.as_ref());
    let nodes = nodes.filter_map(|node| service.directory.join(node).ok());
    std::iter::once(service.directory.clone())
        .chain(nodes)
        .collect()
}

/// The values of [`VARIABLES`] for a service; `base` are the role's own file
/// names, `has` the derived files that the service really has.
fn variables(
    stack: &Stack,
    dials: &Dials<'_>,
    service: &Service,
    wire: &Wire,
    base: Option<&RoleFiles>,
    has: &[&String],
) -> Vec<(&'static str, Option<String>)> {
    let files = &service.role.files;
    let dir = service.directory.to_string();
    let mount = mount(service, wire);
    let file = |name: &str| format!("{mount}/{name}");
    let derived = |name: &Option<String>| {
        name.as_ref()
            .filter(|name| has.contains(name))
            .map(|name| file(name))
    };
    let default = service
        .pairs
        .iter()
        .find(|p| p.id.kind == PairKind::Server && p.id.name == "default");
    let seen = |path: &TreePath| {
        let below = path.as_path().strip_prefix(service.directory.as_path());
        below.map_or_else(|_| path.to_string(), |below| file(&below.to_string_lossy()))
    };
    let edges = || dials.from(&service.name).iter().copied();
    let presented = edges().find_map(|e| stack.pair(e.client.as_ref()?));
    let to_role = |role: &str| {
        let to = |e: &&Edge| stack.service(&e.to).is_some_and(|s| s.role.name == role);
        edges().find(to).map(addresses)
    };
    let first = |addresses: Vec<String>| addresses.into_iter().next();
    let backends: Vec<String> = edges().map(|e| e.url.to_string()).collect();
    let trust = derived(&files.trust);
    let java_options = trust.as_ref().map(|trust| {
        let password = match &wire.truststore_password {
            Some(p) => format!(" -Djavax.net.ssl.trustStorePassword={}", **p),
            None => String::new(),
        };
        format!(
            "-Djavax.net.ssl.trustStore={trust} -Djavax.net.ssl.trustStoreType=PKCS12{password}"
        )
    });
    let cert = default.map(|p| seen(&p.files.certificate));
    let key = default.map(|p| seen(&p.files.key));
    let value = |name: &str| match name {
        "service" => Some(service.name.clone()),
        "dir" => Some(dir.clone()),
        "mount" => Some(mount.clone()),
        "host" => default
            .and_then(|p| p.names.first())
            .map(ToString::to_string),
        "port" => service.role.server.as_ref().map(|s| s.port.to_string()),
        "cert" => cert.clone(),
        "key" => key.clone(),
        "own_cert" if base.is_some_and(|base| base.cert != files.cert) => cert.clone(),
        "own_key" if base.is_some_and(|base| base.key != files.key) => key.clone(),
        "issuer" => derived(&files.issuer),
        "trust" => trust.clone(),
        "client_trust" => derived(&files.client_trust),
        "endpoint" => edges()
            .find(|e| e.url.scheme == Scheme::Https)
            .map(addresses)
            .and_then(first),
        "backends" => Some(backends.join(" ")).filter(|b| !b.is_empty()),
        "client_cert" => presented.map(|p| seen(&p.files.certificate)),
        "client_key" => presented.map(|p| seen(&p.files.key)),
        "kes_url" => to_role("kes").map(|all| all.join(",")),
        "vault_url" => to_role("vault").and_then(first),
        "java_options" => java_options.clone(),
        _ => None,
    };
    VARIABLES
        .iter()
        .map(|(name, _)| (*name, value(name)))
        .collect()
}

/// Where the program sees its folder: its `mount`, else the folder itself, on
/// its own machine where it has one.
fn mount(service: &Service, wire: &Wire) -> String {
    if let Some(mount) = &wire.mount {
        return mount.trim_end_matches('/').to_owned();
    }
    let dir = service.directory.to_string();
    let Some(host) = &service.host else {
        return dir;
    };
    let below = dir.strip_prefix(&format!("out/{host}/")).unwrap_or(&dir);
    let absolute = wire.directory.as_ref().is_some_and(|d| d.starts_with('/'));
    if absolute {
        format!("/{below}")
    } else {
        below.to_owned()
    }
}

/// The addresses that an edge means, one for each name of its ranges.
fn addresses(edge: &Edge) -> Vec<String> {
    let one = |host: &String| {
        Url {
            host: host.clone(),
            ..edge.url.clone()
        }
        .to_string()
    };
    edge.hosts.iter().map(one).collect()
}
