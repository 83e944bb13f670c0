//! Pairs: names, subject, profile and place of every certificate.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Context;
use super::authorities::above;
use super::services::Accesses;
use super::values::Word;
use crate::document::{At, Fault, did_you_mean, known};
use crate::manifest::schema::{Client, Server, Service as Wire, in_order};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::{Dn, DnCompare};
use crate::model::path::TreePath;
use crate::model::profile::Profile;
use crate::model::san::{Constraint, San, all_permitted};
use crate::model::validity::{Lifetime, RenewAt};
use crate::role::ClientCertificates;
use crate::stack::{Authority, Pair, PairFiles, PairId, PairKind, Rekey, Serves, Service};

/// Longest commonName in octets: ub-common-name counts characters of a
/// PrintableString or UTF8String, names here are ASCII (RFC 5280 appendix A.1).
const CN_MAX: usize = 64;

/// `[defaults]` with its own defaults.
pub(super) struct Defaults {
    pub(super) authority: Option<String>,
    pub(super) directory: TreePath,
    names: Vec<(San, Range<usize>)>,
    leaf: Leaf,
}

/// What a leaf table may say, each falling back to the table around it.
#[derive(Clone)]
struct Leaf {
    key: KeyAlgorithm,
    lifetime: At<Lifetime>,
    renew: RenewAt,
    rekey: Rekey,
}

/// The words of one table that [`Leaf`] is made of.
struct LeafWords<'a> {
    key: Word<'a>,
    lifetime: Word<'a>,
    renew: Word<'a>,
    rekey: Word<'a>,
}

macro_rules! leaf_words {
    ($table:expr) => {
        LeafWords {
            key: $table.key.as_ref(),
            lifetime: $table.lifetime.as_ref(),
            renew: $table.renew.as_ref(),
            rekey: $table.rekey.as_ref(),
        }
    };
}

/// Where the words behind a pair stand.
#[derive(Clone)]
pub(super) struct Notes {
    /// One for each of its names.
    pub(super) names: Vec<Range<usize>>,
    /// Its lifetime.
    pub(super) lifetime: Range<usize>,
    /// The name of its table, or of its service.
    pub(super) table: Range<usize>,
}

/// What all pairs of one service share.
struct Around<'a> {
    name: &'a At<String>,
    service: &'a Service,
    access: Accesses,
    authorities: &'a [Authority],
}

/// What makes one pair differ from another.
struct Own<'a> {
    id: PairId,
    profile: Profile,
    names: Vec<(San, Range<usize>)>,
    subject: Option<Dn>,
    leaf: Leaf,
    files: Option<PairFiles>,
    table: &'a At<String>,
}

impl Context<'_> {
    pub(super) fn defaults(&mut self, authorities: &[Authority]) -> Defaults {
        let manifest = self.manifest;
        let words = &manifest.defaults;
        if let Some(word) = &words.authority {
            match manifest.authority.get(word) {
                None => self.unknown_authority(word),
                Some(authority) if authority.external.is_some() => self.fault(
                    Fault::new(
                        word.span(),
                        format!("`{}` is external: it signs nothing here", **word),
                        "only trusted here",
                    )
                    .help("name an authority of this manifest"),
                ),
                Some(_) => {}
            }
        }
        let mut ours = authorities
            .iter()
            .filter(|a| a.origin != crate::stack::Origin::External)
            .map(|a| a.name.clone());
        let only = ours.next().filter(|_| ours.next().is_none());
        let directory = words
            .directory
            .as_ref()
            .and_then(|word| self.path(None, word));
        let leaf = Leaf {
            key: KeyAlgorithm::EcdsaP256,
            lifetime: At::new(Lifetime::from_days(365), 0..0),
            renew: RenewAt::Fraction(1, 3),
            rekey: Rekey::Never,
        };
        let words_of_leaf = LeafWords {
            key: words.key.as_ref(),
            lifetime: words.lifetime.as_ref(),
            renew: words.renew.as_ref(),
            rekey: None,
        };
        Defaults {
            authority: words.authority.as_ref().map(|a| (**a).clone()).or(only),
            directory: directory
                .or_else(|| TreePath::new("certs").ok())
                .unwrap_or_else(|| unreachable!("`certs` is a place")),
            names: self.sans(&words.names),
            leaf: self.leaf(&leaf, &words_of_leaf),
        }
    }

    fn leaf(&mut self, around: &Leaf, words: &LeafWords<'_>) -> Leaf {
        Leaf {
            key: self.key(words.key).unwrap_or(around.key),
            lifetime: self
                .lifetime(words.lifetime)
                .unwrap_or_else(|| around.lifetime.clone()),
            renew: self.renew(words.renew).unwrap_or(around.renew),
            rekey: self.rekey(words.rekey).unwrap_or(around.rekey),
        }
    }

    /// The pairs of a service: the default server (or one per node), further
    /// servers, clients.
    pub(super) fn pairs(
        &mut self,
        name: &At<String>,
        wire: &Wire,
        service: &Service,
        defaults: &Defaults,
        authorities: &[Authority],
    ) -> Vec<Pair> {
        let access = self.accesses(wire, &service.role);
        let leaf = self.leaf(&defaults.leaf, &leaf_words!(wire));
        let clients = self.clients(name, wire);
        if service.external {
            self.nothing_of_external(name, wire);
            return Vec::new();
        }
        let around = Around {
            name,
            service,
            access,
            authorities,
        };
        let mut owns = Vec::new();
        if service.serves == Serves::Tls {
            self.servers(&around, wire, &leaf, defaults, &mut owns);
        } else if let (Serves::Http, Some(server)) = (service.serves, wire.server.keys().next()) {
            let message = format!("`{}` serves plain HTTP", **name);
            self.fault(
                Fault::new(server.span(), message, "a pair for nothing")
                    .help("take out `serves = \"http\"`, or this table"),
            );
        }
        for (client, table) in clients {
            owns.push(self.client(&around, client, table, &leaf));
        }
        if owns.is_empty() {
            return Vec::new();
        }
        if service.authority.is_none() {
            if wire.authority.is_none() {
                self.no_signer(name);
            }
            return Vec::new();
        }
        owns.into_iter()
            .filter_map(|own| self.pair(&around, own))
            .collect()
    }

    fn no_signer(&mut self, name: &At<String>) {
        let manifest = self.manifest;
        let ours: Vec<&str> = in_order(&manifest.authority)
            .into_iter()
            .filter(|(_, a)| a.external.is_none())
            .map(|(n, _)| n.as_str())
            .collect();
        let help = if ours.is_empty() {
            "add `[authority.root]`".to_owned()
        } else {
            format!(
                "add `authority = \"{}\"` here or below `[defaults]`; {}",
                ours[0],
                known(ours.clone())
            )
        };
        let message = format!("nothing says which authority signs for `{}`", **name);
        self.fault(Fault::new(name.span(), message, "has certificates").help(help));
    }

    fn nothing_of_external(&mut self, name: &At<String>, wire: &Wire) {
        let table = wire
            .server
            .keys()
            .chain(wire.client.keys())
            .next()
            .map(At::span);
        let connects = wire.connects.first().map(At::span);
        if let Some(span) = table.or(connects) {
            self.fault(
                Fault::new(
                    span,
                    format!("`{}` is external: nothing is made for it here", **name),
                    "for nothing",
                )
                .help("take this out, or `external = true`"),
            );
        }
    }

    fn servers<'w>(
        &mut self,
        around: &Around<'w>,
        wire: &'w Wire,
        leaf: &Leaf,
        defaults: &Defaults,
        owns: &mut Vec<Own<'w>>,
    ) {
        let name = around.name;
        let default = wire
            .server
            .iter()
            .find(|(table, _)| table.as_str() == "default");
        if let (Some((table, _)), Some(hosts)) = (default, &wire.hosts) {
            self.fault(
                Fault::new(
                    table.span(),
                    "the default pair is described twice",
                    "and here",
                )
                .also(hosts.span(), "`hosts` is short for `server.default.hosts`")
                .help("keep one of both"),
            );
            return;
        }
        match (&wire.hosts, default) {
            (Some(hosts), _) => {
                let words = ServerWords {
                    table: name,
                    hosts,
                    subject: wire.subject.as_ref(),
                    profile: wire.profile.as_ref(),
                };
                self.default_servers(around, wire, &words, leaf.clone(), defaults, owns);
            }
            (None, Some((table, server))) => {
                let leaf = self.leaf(leaf, &leaf_words!(server));
                if let Some(words) = self.server_words(table, server) {
                    self.default_servers(around, wire, &words, leaf, defaults, owns);
                }
            }
            (None, None) if wire.server.is_empty() => {
                self.fault(
                    Fault::new(
                        name.span(),
                        format!("`{}` has no `hosts`", **name),
                        "it serves TLS",
                    )
                    .help(format!(
                        "add `hosts = [\"{}\"]`: the names it is dialled by",
                        **name
                    )),
                );
            }
            (None, None) => {}
        }
        for (table, server) in in_order(&wire.server) {
            if table.as_str() == "default" {
                continue;
            }
            let leaf = self.leaf(leaf, &leaf_words!(server));
            let Some(words) = self.server_words(table, server) else {
                continue;
            };
            let names = self.hosts(words.hosts);
            let id = around.id(PairKind::Server, table, None);
            let folder = around.service.directory.join(table).ok();
            // Further pairs stand below the role's own names: MinIO looks for them.
            let role = self.roles.get(&wire.role);
            let files = folder.and_then(|folder| place(&folder, &role?.files));
            owns.push(Own {
                id,
                profile: self.profile(words.profile),
                subject: self.server_subject(around, words.subject, &names, table),
                names,
                leaf,
                files,
                table,
            });
        }
    }

    fn server_words<'w>(
        &mut self,
        table: &'w At<String>,
        server: &'w Server,
    ) -> Option<ServerWords<'w>> {
        let Some(hosts) = &server.hosts else {
            self.fault(
                Fault::new(
                    table.span(),
                    format!("`server.{}` has no `hosts`", **table),
                    "for which names?",
                )
                .help("add `hosts = [\"…\"]`"),
            );
            return None;
        };
        Some(ServerWords {
            table,
            hosts,
            subject: server.subject.as_ref(),
            profile: server.profile.as_ref(),
        })
    }

    /// The default pair, or one per name of the ranges.
    fn default_servers<'w>(
        &mut self,
        around: &Around<'w>,
        wire: &Wire,
        words: &ServerWords<'w>,
        leaf: Leaf,
        defaults: &Defaults,
        owns: &mut Vec<Own<'w>>,
    ) {
        let profile = self.profile(words.profile);
        let directory = &around.service.directory;
        let files = &around.service.role.files;
        let mut own =
            |context: &mut Self, node: Option<&str>, mut names: Vec<(San, Range<usize>)>| {
                let subject = context.server_subject(around, words.subject, &names, around.name);
                for (san, span) in &defaults.names {
                    if !names.iter().any(|(known, _)| known == san) {
                        names.push((san.clone(), span.clone()));
                    }
                }
                let folder = match node {
                    Some(node) => directory.join(node).ok(),
                    None => Some(directory.clone()),
                };
                owns.push(Own {
                    id: around.id(PairKind::Server, "default", node),
                    profile,
                    names,
                    subject,
                    leaf: leaf.clone(),
                    files: folder.and_then(|folder| place(&folder, files)),
                    table: words.table,
                });
            };
        let per_host = wire.per_host.as_ref().filter(|p| ***p);
        let Some(per_host) = per_host else {
            let names = self.hosts(words.hosts);
            own(self, None, names);
            return;
        };
        let (ranges, plain): (Vec<_>, Vec<_>) = words.hosts.iter().partition(|h| h.contains('{'));
        let nodes = self.sans(ranges);
        let plain = self.sans(plain);
        if nodes.is_empty() {
            self.fault(
                Fault::new(
                    per_host.span(),
                    "`per_host` without a range",
                    "one pair per name of which range?",
                )
                .also(words.hosts.span(), "no `{1...4}` here")
                .help("write a range such as \"node-{1...4}\", or take out `per_host`"),
            );
        }
        for (node, span) in nodes {
            let mut names = vec![(node.clone(), span)];
            names.extend(plain.iter().filter(|(san, _)| *san != node).cloned());
            own(self, Some(&node.to_string()), names);
        }
    }

    /// The names of a `hosts` list, which must not be empty.
    fn hosts(&mut self, hosts: &At<Vec<At<String>>>) -> Vec<(San, Range<usize>)> {
        if hosts.is_empty() {
            self.fault(
                Fault::new(
                    hosts.span(),
                    "`hosts` is empty",
                    "a certificate for no name",
                )
                .help("list at least one name or address"),
            );
        }
        self.sans(hosts.iter())
    }

    fn profile(&mut self, word: Word<'_>) -> Profile {
        match word.map(|w| (w, w.as_str())) {
            None | Some((_, "server")) => Profile::Server,
            Some((_, "peer")) => Profile::Peer,
            Some((word, other)) => {
                self.fault(
                    Fault::new(word.span(), format!("unknown profile `{other}`"), "unknown")
                        .help(did_you_mean(other, ["server", "peer"])),
                );
                Profile::Server
            }
        }
    }

    /// CN = the first name that fits, else the service's name.
    fn server_subject(
        &mut self,
        around: &Around<'_>,
        word: Word<'_>,
        names: &[(San, Range<usize>)],
        table: &At<String>,
    ) -> Option<Dn> {
        if word.is_some() {
            return self.subject(word);
        }
        let fits = names
            .iter()
            .map(|(san, _)| san.to_string())
            .find(|n| n.len() <= CN_MAX);
        self.common_name(&fits.unwrap_or_else(|| (**around.name).clone()), table)
    }

    fn common_name(&mut self, name: &str, table: &At<String>) -> Option<Dn> {
        match Dn::from_common_name(name) {
            Ok(dn) => Some(dn),
            Err(error) => {
                self.fault(
                    Fault::new(table.span(), format!("no subject: {error}"), "its CN")
                        .help("say the subject: `subject = \"CN=…\"`"),
                );
                None
            }
        }
    }

    /// Client pairs: declared, named by an edge, or asked for by the role of a
    /// server that is dialled. In the order of the text, the asked for last.
    fn clients<'w>(
        &mut self,
        name: &'w At<String>,
        wire: &'w Wire,
    ) -> Vec<(ClientName<'w>, Option<&'w Client>)> {
        let manifest = self.manifest;
        let mut clients: Vec<(ClientName<'w>, Option<&'w Client>)> = in_order(&wire.client)
            .into_iter()
            .map(|(n, table)| {
                (
                    ClientName {
                        text: n.as_str(),
                        at: n,
                    },
                    Some(table),
                )
            })
            .collect();
        let mut have: BTreeSet<&str> = clients.iter().map(|(n, _)| n.text).collect();
        for (_, to) in in_order(&wire.to) {
            if let Some(client) = &to.client
                && !have.contains(client.as_str())
                && self.table_name("client", client)
            {
                have.insert(client);
                clients.push((
                    ClientName {
                        text: client,
                        at: client,
                    },
                    None,
                ));
            }
        }
        let asked = wire.connects.iter().any(|server| {
            let says = wire.to.get(server).and_then(|to| to.client.as_ref());
            let service = manifest.service.get(server);
            let role = service
                .and_then(|s| self.roles.get(&s.role))
                .and_then(|r| r.server.as_ref());
            let http = service
                .and_then(|s| s.serves.as_ref())
                .is_some_and(|s| s.as_str() == "http");
            says.is_none()
                && !http
                && role.is_some_and(|r| r.client_certificates == ClientCertificates::Required)
        });
        if asked && !have.contains("client") {
            clients.push((
                ClientName {
                    text: "client",
                    at: name,
                },
                None,
            ));
        }
        clients
    }

    fn client<'w>(
        &mut self,
        around: &Around<'w>,
        name: ClientName<'w>,
        table: Option<&'w Client>,
        leaf: &Leaf,
    ) -> Own<'w> {
        let service = around.service;
        let leaf = match table {
            Some(table) => self.leaf(leaf, &leaf_words!(table)),
            None => leaf.clone(),
        };
        let subject = match table.and_then(|t| t.subject.as_ref()) {
            Some(word) => {
                let subject = self.subject(Some(word));
                if subject.as_ref().is_some_and(|s| s.common_name().is_none()) {
                    self.fault(
                        Fault::new(word.span(), "a client's subject without CN", "found")
                            .help("add a CN: MinIO, Vault and others read who a client is from it"),
                    );
                }
                subject
            }
            None => self.common_name(&format!("{}-{}", service.name, name.text), name.at),
        };
        let names = match table.and_then(|t| t.hosts.as_ref()) {
            Some(hosts) => self.hosts(hosts),
            None => dns_name(subject.as_ref())
                .map(|san| (san, name.at.span()))
                .into_iter()
                .collect(),
        };
        let file = |ending: &str| {
            service
                .directory
                .join(&format!("{}.{ending}", name.text))
                .ok()
        };
        let files = file("crt")
            .zip(file("key"))
            .map(|(certificate, key)| PairFiles {
                certificate,
                key,
                chain: None,
            });
        Own {
            id: around.id(PairKind::Client, name.text, None),
            profile: Profile::Client,
            names,
            subject,
            leaf,
            files,
            table: name.at,
        }
    }

    /// Puts a pair together and judges it against who signs it. `None`: a fault
    /// is on record.
    fn pair(&mut self, around: &Around<'_>, own: Own<'_>) -> Option<Pair> {
        let authority = around.service.authority.as_deref()?;
        let signer = around.authorities.iter().find(|a| a.name == authority)?;
        let subject = own.subject.unwrap_or_else(Dn::empty);
        if subject.equals(&signer.subject, DnCompare::OpenSsl) && !subject.is_empty() {
            self.fault(
                Fault::new(
                    own.table.span(),
                    format!("`{}` has the subject of its CA: `{subject}`", own.id),
                    "would look self-signed (OpenSSL error 18)",
                )
                .help("change its first name, its `subject`, or the authority's"),
            );
        }
        self.permitted(around, signer, &own.id, &own.names);
        self.notes.insert(
            own.id.clone(),
            Notes {
                names: own.names.iter().map(|(_, span)| span.clone()).collect(),
                lifetime: Some(own.leaf.lifetime.span())
                    .filter(|span| !span.is_empty())
                    .unwrap_or_else(|| own.table.span()),
                table: own.table.span(),
            },
        );
        Some(Pair {
            id: own.id,
            profile: own.profile,
            names: own.names.into_iter().map(|(san, _)| san).collect(),
            subject,
            key: own.leaf.key,
            lifetime: *own.leaf.lifetime,
            renew: own.leaf.renew,
            rekey: own.leaf.rekey,
            authority: authority.to_owned(),
            files: own.files?,
            certificate_access: around.access.certificate.clone(),
            key_access: around.access.key.clone(),
        })
    }

    /// Names outside the constraints of the signer or of those above it.
    fn permitted(
        &mut self,
        around: &Around<'_>,
        signer: &Authority,
        id: &PairId,
        names: &[(San, Range<usize>)],
    ) {
        let constrained: BTreeMap<&str, &[Constraint]> = std::iter::once(signer)
            .chain(above(around.authorities, signer))
            .filter(|a| !a.permit.is_empty())
            .map(|a| (a.name.as_str(), a.permit.as_slice()))
            .collect();
        for (san, span) in names {
            for (authority, permit) in &constrained {
                if !all_permitted(permit, san) {
                    self.fault(
                        Fault::new(
                            span.clone(),
                            format!("`{authority}` may not vouch for `{san}`, a name of `{id}`"),
                            "outside its `permit`",
                        )
                        .help(format!("add `\"{san}\"` to `authority.{authority}.permit`, or take the name out")),
                    );
                }
            }
        }
    }
}

/// What a server's table says.
struct ServerWords<'a> {
    table: &'a At<String>,
    hosts: &'a At<Vec<At<String>>>,
    subject: Word<'a>,
    profile: Word<'a>,
}

/// A client pair's name, and where it (or what asks for it) stands.
#[derive(Clone, Copy)]
pub(super) struct ClientName<'a> {
    text: &'a str,
    at: &'a At<String>,
}

impl Around<'_> {
    fn id(&self, kind: PairKind, name: &str, node: Option<&str>) -> PairId {
        PairId {
            service: (**self.name).clone(),
            kind,
            name: name.to_owned(),
            node: node.map(str::to_owned),
        }
    }
}

/// The files of a server pair in `folder`. `None`: a name has its fault already.
fn place(folder: &TreePath, files: &crate::role::RoleFiles) -> Option<PairFiles> {
    Some(PairFiles {
        certificate: folder.join(&files.cert).ok()?,
        key: folder.join(&files.key).ok()?,
        chain: match &files.chain {
            Some(chain) => Some(folder.join(chain).ok()?),
            None => None,
        },
    })
}

/// The CN of a client, where it is a DNS name.
fn dns_name(subject: Option<&Dn>) -> Option<San> {
    let san = San::parse(&subject?.common_name()?).ok()?;
    matches!(&san, San::Dns(name) if !name.is_wildcard()).then_some(san)
}
