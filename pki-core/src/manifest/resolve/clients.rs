//! Client pairs: declared, named by an edge, or asked for by the role of a
//! server that is dialled.

use std::collections::BTreeSet;

use super::Context;
use super::defaults::{Leaf, LeafWords, leaf_words};
use super::pairs::{Around, Own};
use crate::document::{At, Fault};
use crate::manifest::schema::{Client, Service as Wire, in_order};
use crate::model::dn::Dn;
use crate::model::profile::Profile;
use crate::model::san::San;
use crate::role::ClientCertificates;
use crate::stack::{PairFiles, PairKind};

/// A client pair's name, and where it (or what asks for it) stands.
#[derive(Clone, Copy)]
pub(super) struct ClientName<'a> {
    pub(super) text: &'a str,
    pub(super) at: &'a At<String>,
}

impl Context<'_> {
    /// Client pairs: declared, named by an edge, or asked for by the role of a
    /// server that is dialled. In the order of the text, the asked for last.
    pub(super) fn clients<'w>(
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

    pub(super) fn client<'w>(
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
            lineage: None,
            table: name.at,
        }
    }
}

/// The CN of a client, where it is a DNS name.
fn dns_name(subject: Option<&Dn>) -> Option<San> {
    let san = San::parse(&subject?.common_name()?).ok()?;
    matches!(&san, San::Dns(name) if !name.is_wildcard()).then_some(san)
}
