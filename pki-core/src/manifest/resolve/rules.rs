//! What works and will not for everyone, and what a role refuses.

use std::ops::Range;

use super::Context;
use crate::document::Fault;
use crate::issue::BACKDATE;
use crate::model::algorithm::KeyAlgorithm;
use crate::model::san::San;
use crate::model::validity::{Lifetime, RenewAt};
use crate::report::consumer::{one_label, refused_by_some, too_long_for_apple, underscore};
use crate::report::rule::{ED25519_JAVA, NAME_NOT_COVERED, OUTLIVES_ISSUER};
use crate::report::{Locator, Severity};
use crate::role::TlsLibrary;
use crate::stack::{Authority, Edge, Pair, PairKind, Scheme, Serves, Service, Stack};

impl Context<'_> {
    pub(super) fn rules(&mut self, stack: &Stack) {
        for pair in stack.pairs() {
            // What others make lives as long as they say.
            if pair.lineage().is_none() {
                self.lifetimes(stack, pair);
            }
            self.default_alone_has_addresses(stack, pair);
            self.can_be_dialled(pair);
        }
        for edge in &stack.edges {
            if edge.url.scheme == Scheme::Https {
                self.consumer(stack, edge);
            }
        }
        for pair in stack.pairs() {
            self.refused_by_some(pair);
        }
    }

    fn lifetimes(&mut self, stack: &Stack, pair: &Pair) {
        let Some(notes) = self.notes.get(&pair.id) else {
            return;
        };
        let span = notes.lifetime.clone();
        self.always_due(
            &format!("`{}`", pair.id),
            pair.lifetime,
            pair.renew,
            span.clone(),
        );
        let at = Locator::Service(pair.id.service.clone());
        if let Some(authority) = pair.issuer().and_then(|name| stack.authority(name))
            && authority.lifetime < pair.lifetime
        {
            self.outlives(at.clone(), pair.lifetime, authority, span.clone());
        }
        // It starts a little before it is issued.
        let life = Lifetime::from_seconds(pair.lifetime.seconds() + BACKDATE);
        let found = format!("`{}` lives {}", pair.id, pair.lifetime);
        if pair.profile.serves()
            && let Some(finding) = too_long_for_apple(life, &found, at)
        {
            let fix = format!("lower `lifetime`: `824d` leaves room for {BACKDATE} seconds before");
            self.warn(finding.fix(fix), span);
        }
    }

    /// Clients look for a host name or an address, or as SPIFFE does for a URI.
    fn can_be_dialled(&mut self, pair: &Pair) {
        let is_mail = |san: &San| matches!(san, San::Email(_));
        if pair.id.kind != PairKind::Server || !pair.names.iter().all(is_mail) {
            return;
        }
        let span = self.notes.get(&pair.id).and_then(|n| n.names.first());
        if let (Some(span), Some(name)) = (span.cloned(), pair.names.first()) {
            self.fault(
                Fault::new(
                    span,
                    format!("`{name}` is a mailbox, and `{}` has no other name", pair.id),
                    "nobody can dial it",
                )
                .help("add the host name or the address that its clients dial"),
            );
        }
    }

    /// What is due from its first day would be renewed at every turn.
    pub(super) fn always_due(
        &mut self,
        what: &str,
        life: Lifetime,
        renew: RenewAt,
        span: Range<usize>,
    ) {
        if let RenewAt::Left(left) = renew
            && left >= life
        {
            let message = format!("{what} lives {life} and is due {left} before its end");
            self.fault(
                Fault::new(span, message, "due from the first day").help(
                    "a `renew` shorter than the `lifetime`, or a part of it, such as \"1/3\"",
                ),
            );
        }
    }

    /// Names that some client refuses, whoever dials today. Said of an edge
    /// already, it is not said again.
    fn refused_by_some(&mut self, pair: &Pair) {
        let Some(notes) = self.notes.get(&pair.id).cloned() else {
            return;
        };
        if !pair.profile.serves() {
            return;
        }
        let at = || Locator::Service(pair.id.service.clone());
        for (san, span) in pair.names.iter().zip(notes.names) {
            let San::Dns(name) = san else { continue };
            if let Some(finding) = refused_by_some(name, at) {
                self.warn(finding, span);
            }
        }
    }

    /// What ends after its issuer is cut short when it is issued.
    pub(super) fn outlives(
        &mut self,
        at: Locator,
        lifetime: Lifetime,
        issuer: &Authority,
        span: Range<usize>,
    ) {
        self.warn(
            OUTLIVES_ISSUER
                .at(at)
                .found(format!(
                    "{lifetime}, and its authority `{}` lives {}",
                    issuer.name, issuer.lifetime
                ))
                .expected("less than its authority")
                .fix("lower `lifetime`, or raise the authority's"),
            span,
        );
    }

    /// MinIO: "only the default certificate may contain IP SANs"
    /// (pkg v3.1.3 certs/manager.go).
    fn default_alone_has_addresses(&mut self, stack: &Stack, pair: &Pair) {
        let further = pair.id.kind == PairKind::Server && pair.id.name != "default";
        let role = stack.service(&pair.id.service).map(|s| &s.role);
        let asks =
            |r: &&crate::role::Role| r.checks.iter().any(|c| c == "only-default-may-carry-ip");
        let (true, Some(role)) = (further, role.filter(asks)) else {
            return;
        };
        let Some(notes) = self.notes.get(&pair.id).cloned() else {
            return;
        };
        for (san, span) in pair.names.iter().zip(notes.names) {
            if matches!(san, San::Ip(_)) {
                self.fault(
                    Fault::new(
                        span,
                        format!("`{san}` in a further pair of role `{}`", role.name),
                        "only the default pair may carry an address",
                    )
                    .help("move it to the service's `hosts`"),
                );
            }
        }
    }

    /// What the client of an edge refuses in its server's names or key.
    fn consumer(&mut self, stack: &Stack, edge: &Edge) {
        let Some(client) = stack.service(&edge.from).map(|s| s.role.tls) else {
            return;
        };
        let Some(server) = stack.service(&edge.to) else {
            return;
        };
        let at = || Locator::Edge {
            from: edge.from.clone(),
            to: edge.to.clone(),
            url: edge.url.to_string(),
        };
        let dialled = self.edge_span(edge);
        if client == TlsLibrary::Jsse
            && let Some(host) = edge.hosts.iter().find(|h| h.contains('_'))
        {
            self.warn(underscore(host, at()), dialled.clone());
        }
        self.dead(edge, server, at());
        for pair in server
            .pairs
            .iter()
            .filter(|p| p.id.kind == PairKind::Server)
        {
            let Some(notes) = self.notes.get(&pair.id).cloned() else {
                continue;
            };
            for (san, span) in pair.names.iter().zip(notes.names) {
                let San::Dns(name) = san else { continue };
                if client == TlsLibrary::Jsse && name.has_underscore() {
                    self.warn(underscore(name.as_str(), at()), span);
                } else if name.wildcard_over_one_label()
                    && matches!(
                        client,
                        TlsLibrary::OpenSsl | TlsLibrary::Python | TlsLibrary::Rustls
                    )
                {
                    let finding = one_label(name, &client.to_string(), at())
                        .affects(format!("{} → {}: no name matches", edge.from, edge.to));
                    self.warn(finding, span);
                }
            }
            // Of what others make the key is not known before it is there.
            let Some(issuer) = pair.issuer() else {
                continue;
            };
            let above = stack.issuers(issuer);
            let own = (format!("`{}`", pair.id), pair.key);
            let keys = above
                .iter()
                .map(|a| (format!("authority `{}`", a.name), a.key));
            let is_ed25519 = |(_, key): &(String, KeyAlgorithm)| *key == KeyAlgorithm::Ed25519;
            if client == TlsLibrary::Jsse
                && let Some((who, _)) = std::iter::once(own).chain(keys).find(is_ed25519)
            {
                self.warn(
                    ED25519_JAVA
                        .at(at())
                        .found(format!("{who} has an Ed25519 key"))
                        .expected("ecdsa-p256, which every Java reads")
                        .affects(format!(
                            "{} → {}: Java 11 has no such algorithm",
                            edge.from, edge.to
                        ))
                        .fix("key = \"ecdsa-p256\""),
                    notes.table,
                );
            }
        }
    }

    /// A name that is dialled and that no pair of the server has.
    fn dead(&mut self, edge: &Edge, server: &Service, at: Locator) {
        if server.external || server.serves != Serves::Tls {
            return;
        }
        let Some(host) = server.uncovered(&edge.hosts).into_iter().next() else {
            return;
        };
        let pairs = server
            .pairs
            .iter()
            .filter(|p| p.id.kind == PairKind::Server);
        let names: Vec<String> = pairs.flat_map(|p| &p.names).map(San::to_string).collect();
        let mut finding = NAME_NOT_COVERED
            .at(at)
            .found(names.join(", "))
            .expected(host)
            .fix(format!(
                "add \"{host}\" to service.{}.hosts, or dial one of the names found",
                server.name
            ));
        // Everything else can be made all the same.
        finding.severity = Severity::Warning;
        self.warn(finding, self.edge_span(edge));
    }

    /// The address of an edge, else its name in `connects`.
    fn edge_span(&self, edge: &Edge) -> Range<usize> {
        let found = self.manifest.service.get_key_value(edge.from.as_str());
        let Some((name, wire)) = found else {
            return 0..0;
        };
        let url = wire.to.get(edge.to.as_str()).and_then(|t| t.url.as_ref());
        let connects = wire.connects.iter().find(|c| c.as_str() == edge.to);
        url.or(connects)
            .map_or(name.span(), crate::document::At::span)
    }
}
