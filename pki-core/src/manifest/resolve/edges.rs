//! Edges: who dials whom, at which address, presenting what.

use std::collections::BTreeSet;

use super::Context;
use crate::document::{At, Fault, ask, did_you_mean, near};
use crate::manifest::schema::{Service as Wire, To, in_order};
use crate::model::san::San;
use crate::role::ClientCertificates;
use crate::stack::{Edge, PairId, PairKind, Scheme, Serves, Service, Stack, Url};

impl Context<'_> {
    /// Every edge, in the order of the client services and their `connects`.
    pub(super) fn edges(&mut self, stack: &Stack) -> Vec<Edge> {
        let manifest = self.manifest;
        let mut edges = Vec::new();
        for (name, wire) in in_order(&manifest.service) {
            self.unused_tables(name, wire);
            let mut seen: BTreeSet<&str> = BTreeSet::new();
            for server in &wire.connects {
                if !self.may_dial(name, server) {
                    continue;
                }
                if !seen.insert(server) {
                    self.fault(
                        Fault::new(
                            server.span(),
                            format!("`{}` is named twice", **server),
                            "again",
                        )
                        .help("name it once; two addresses are two services"),
                    );
                    continue;
                }
                let target = manifest.service.get_key_value(server);
                // A service without a role of ours has its fault already.
                let (Some((_, target)), Some(from), Some(to)) =
                    (target, stack.service(name), stack.service(server))
                else {
                    continue;
                };
                let none = To::default();
                let words = wire.to.get(server).unwrap_or(&none);
                edges.extend(self.edge(server, words, target, from, to));
            }
        }
        edges
    }

    fn may_dial(&mut self, name: &At<String>, server: &At<String>) -> bool {
        let manifest = self.manifest;
        if !manifest.service.contains_key(server) {
            let names = in_order(&manifest.service)
                .into_iter()
                .map(|(n, _)| n.as_str());
            self.fault(
                Fault::new(
                    server.span(),
                    format!("unknown service `{}`", **server),
                    "no such service",
                )
                .help(did_you_mean(server, names)),
            );
            return false;
        }
        if name == server {
            self.fault(
                Fault::new(server.span(), format!("`{}` dials itself", **name), "its own name").help(
                    "nodes of one service that dial each other need its CA: `trust = [\"AUTHORITY\"]`",
                ),
            );
            return false;
        }
        true
    }

    /// `to.X` says more about an edge, so there must be one.
    fn unused_tables(&mut self, name: &At<String>, wire: &Wire) {
        for (server, _) in in_order(&wire.to) {
            let unknown = wire.connects.iter().map(|c| c.as_str());
            let unknown = unknown.filter(|name| !self.manifest.service.contains_key(*name));
            // The word in `connects` is told already: it was to be this one.
            let is_told = near(server, unknown).is_some();
            if !wire.connects.contains(server) && !is_told {
                let message = format!("`{}` does not connect to `{}`", **name, **server);
                let near = near(server, wire.connects.iter().map(|c| c.as_str()));
                let help = near.map_or_else(
                    || format!("add `\"{}\"` to `service.{}.connects`", **server, **name),
                    ask,
                );
                self.fault(Fault::new(server.span(), message, "no such edge").help(help));
            }
        }
    }

    fn edge(
        &mut self,
        server: &At<String>,
        words: &To,
        target: &Wire,
        from: &Service,
        to: &Service,
    ) -> Option<Edge> {
        let Some(listens) = &to.role.server else {
            let message = format!(
                "`{}` serves nothing: its role is `{}`",
                to.name, to.role.name
            );
            self.fault(
                Fault::new(server.span(), message, "nobody can dial it")
                    .help("take it out of `connects`, or give it another role"),
            );
            return None;
        };
        let (url, hosts) = match &words.url {
            Some(word) => {
                let (url, hosts) = self.url(word)?;
                self.same_scheme(word, &url, to)?;
                (url, hosts)
            }
            None => self.default_url(server, target, to, listens.port)?,
        };
        if url.scheme == Scheme::Http
            && let Some(client) = &words.client
        {
            self.fault(
                Fault::new(
                    client.span(),
                    "a client pair for plain HTTP",
                    "never presented",
                )
                .help("take out `client`"),
            );
        }
        let client = match &words.client {
            Some(client) => Some(client.as_str()),
            None if url.scheme == Scheme::Https
                && listens.client_certificates == ClientCertificates::Required =>
            {
                Some("client")
            }
            None => None,
        };
        let trust = match url.scheme {
            Scheme::Http => None,
            Scheme::Https => Some(self.trust_file(server, from)?),
        };
        Some(Edge {
            from: from.name.clone(),
            to: to.name.clone(),
            url,
            hosts,
            client: client.map(|name| PairId {
                service: from.name.clone(),
                kind: PairKind::Client,
                name: name.to_owned(),
                node: None,
            }),
            trust,
        })
    }

    fn same_scheme(&mut self, word: &At<String>, url: &Url, to: &Service) -> Option<()> {
        let (message, help) = match (url.scheme, to.serves) {
            (Scheme::Http, Serves::Tls) => (
                format!("`{}` serves TLS, and is dialled without", to.name),
                format!("write https, or `serves = \"http\"` at `{}`", to.name),
            ),
            (Scheme::Https, Serves::Http) => (
                format!("`{}` serves plain HTTP, and is dialled with TLS", to.name),
                format!(
                    "write http, or take out `serves = \"http\"` at `{}`",
                    to.name
                ),
            ),
            _ => return Some(()),
        };
        self.fault(Fault::new(word.span(), message, "the other scheme").help(help));
        None
    }

    /// The server's first host that can be dialled, as written, and its role's
    /// port.
    fn default_url(
        &mut self,
        server: &At<String>,
        target: &Wire,
        to: &Service,
        port: u16,
    ) -> Option<(Url, Vec<String>)> {
        let tables = in_order(&target.server);
        let further = tables.iter().filter_map(|(_, s)| s.hosts.as_ref());
        let lists = target.hosts.as_ref().into_iter().chain(further);
        let hosts: Vec<&At<String>> = lists.flat_map(|h| h.iter()).collect();
        let faults = self.faults.len();
        let Some(host) = hosts.iter().find(|h| {
            !h.starts_with("*.") && !h.contains(['@', ':']) || h.parse::<std::net::IpAddr>().is_ok()
        }) else {
            let named: Vec<Vec<San>> = hosts.iter().map(|host| self.san(host)).collect();
            self.faults.truncate(faults);
            // A name that was refused has its fault already.
            if faults > 0 && named.iter().any(Vec::is_empty) {
                return None;
            }
            let is_wildcard = |san: &&San| matches!(san, San::Dns(name) if name.is_wildcard());
            if let Some(wildcard) = named.iter().flatten().find(is_wildcard) {
                let message = format!("`{wildcard}` of `{}` cannot be dialled", to.name);
                self.fault(
                    Fault::new(server.span(), message, "at which host?").help(format!(
                        "name a host beside it in `hosts` of `service.{0}`, or `url` in a table `to.{0}` here",
                        to.name
                    )),
                );
                return None;
            }
            // Without any host the server has its own fault, unless it needs none.
            if to.serves == Serves::Http || to.external || target.hosts.is_some() {
                let message = format!("nothing says where `{}` is dialled", to.name);
                self.fault(
                    Fault::new(server.span(), message, "it has no host").help(format!(
                        "add `hosts` to `service.{}`, or `url` to a table `to.{}` here",
                        to.name, to.name
                    )),
                );
            }
            return None;
        };
        let scheme = if to.serves == Serves::Http {
            Scheme::Http
        } else {
            Scheme::Https
        };
        // What is wrong with it is said where the server's names are read.
        let dialled = self.dialled(host);
        self.faults.truncate(faults);
        let prefixed = host
            .strip_prefix("DNS:")
            .or(host.strip_prefix("IP:"))
            .unwrap_or(host);
        Some((
            Url {
                scheme,
                host: prefixed.to_owned(),
                port,
            },
            dialled?,
        ))
    }

    /// Where the client takes its CAs from.
    fn trust_file(
        &mut self,
        server: &At<String>,
        from: &Service,
    ) -> Option<crate::model::path::TreePath> {
        let Some(file) = &from.role.files.trust else {
            let message = format!("role `{}` names no trust file", from.role.name);
            self.fault(
                Fault::new(server.span(), message, "dialled with TLS").help(format!(
                    "add `files = {{ trust = \"trust.crt\" }}` to `service.{}`",
                    from.name
                )),
            );
            return None;
        };
        from.directory.join(file).ok()
    }
}
