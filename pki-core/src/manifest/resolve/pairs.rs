//! Pairs: names, subject, profile and place of every certificate.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Context;
use super::authorities::above;
use super::defaults::{Defaults, Leaf, LeafWords, leaf_words};
use super::services::Accesses;
use crate::document::{At, Fault, known};
use crate::manifest::schema::{Service as Wire, in_order};
use crate::model::dn::{Dn, DnCompare};
use crate::model::path::TreePath;
use crate::model::profile::Profile;
use crate::model::san::{Constraint, San, all_permitted};
use crate::role::RoleFiles;
use crate::stack::{Authority, Lineage, Maker, Pair, PairFiles, PairId, PairKind, Serves, Service};

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
pub(super) struct Around<'a> {
    pub(super) name: &'a At<String>,
    pub(super) service: &'a Service,
    pub(super) access: Accesses,
    pub(super) authorities: &'a [Authority],
    /// Where its default pair comes from, if not from here.
    pub(super) lineage: Option<Lineage>,
}

/// What makes one pair differ from another.
pub(super) struct Own<'a> {
    pub(super) id: PairId,
    pub(super) profile: Profile,
    pub(super) names: Vec<(San, Range<usize>)>,
    pub(super) subject: Option<Dn>,
    pub(super) leaf: Leaf,
    pub(super) files: Option<PairFiles>,
    pub(super) lineage: Option<Lineage>,
    pub(super) table: &'a At<String>,
}

impl Context<'_> {
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
        if service.external || service.serves == Serves::Http {
            // Without a pair its names are read here, for those who dial it.
            self.sans(wire.hosts.iter().flat_map(|hosts| hosts.iter()));
        }
        if service.external {
            self.nothing_of_external(name, wire);
            self.lineage(wire, service);
            return Vec::new();
        }
        let around = Around {
            name,
            service,
            access,
            authorities,
            lineage: self.lineage(wire, service),
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
        let is_ours = |own: &Own<'_>| own.lineage.is_none();
        if service.authority.is_none() && wire.authority.is_none() && owns.iter().any(is_ours) {
            self.no_signer(name);
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

    /// The names of a `hosts` list, which must not be empty.
    pub(super) fn hosts(&mut self, hosts: &At<Vec<At<String>>>) -> Vec<(San, Range<usize>)> {
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

    pub(super) fn common_name(&mut self, name: &str, table: &At<String>) -> Option<Dn> {
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

    /// Puts a pair together and judges it against who signs it. `None`: a fault
    /// is on record.
    fn pair(&mut self, around: &Around<'_>, own: Own<'_>) -> Option<Pair> {
        let subject = own.subject.unwrap_or_else(Dn::empty);
        let maker = if let Some(lineage) = own.lineage {
            Maker::Elsewhere(lineage)
        } else {
            let authority = around.service.authority.as_deref()?;
            let signer = around.authorities.iter().find(|a| a.name == authority)?;
            self.permitted(around, signer, &own.id, &own.names);
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
            Maker::Authority(authority.to_owned())
        };
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
            maker,
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
        // The nodes of a service share their plain names.
        let pair = PairId {
            node: None,
            ..id.clone()
        };
        for (san, span) in names {
            let outside = |(_, permit): &(&&str, &&[Constraint])| !all_permitted(permit, san);
            // Once, however many above it do not permit the name.
            let Some((authority, _)) = constrained.iter().find(outside) else {
                continue;
            };
            let place = format!("`authority.{authority}.permit`");
            let help = match san {
                San::Uri(_) => format!("no URI can stand in {place}: take the name out"),
                San::Dns(name) => {
                    let base = name.as_str().trim_start_matches("*.");
                    format!("add `\"{base}\"` to {place}, or take the name out")
                }
                _ => format!("add `\"{san}\"` to {place}, or take the name out"),
            };
            let message = format!("`{authority}` may not vouch for `{san}`, a name of `{pair}`");
            let fault = Fault::new(span.clone(), message, "outside its `permit`");
            self.fault(fault.help(help));
        }
    }
}

impl Around<'_> {
    pub(super) fn id(&self, kind: PairKind, name: &str, node: Option<&str>) -> PairId {
        PairId {
            service: (**self.name).clone(),
            kind,
            name: name.to_owned(),
            node: node.map(str::to_owned),
        }
    }
}

/// The files of a server pair in `folder`. `None`: a name has its fault already.
pub(super) fn place(folder: &TreePath, files: &RoleFiles) -> Option<PairFiles> {
    Some(PairFiles {
        certificate: folder.join(&files.cert).ok()?,
        key: folder.join(&files.key).ok()?,
        chain: match &files.chain {
            Some(chain) => Some(folder.join(chain).ok()?),
            None => None,
        },
    })
}
