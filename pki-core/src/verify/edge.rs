//! Edges: would this client accept this server, and this server the client?

use super::Judge;
use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy, Outcome, PeerName};
use crate::model::usage::Purpose;
use crate::report::{Finding, Locator, Severity, rule};
use crate::role::TlsLibrary;
use crate::stack::{Edge, OutputKind, Pair, PairKind, Scheme, Service, Use};

impl Judge<'_> {
    pub(super) fn edge(&self, edge: &Edge) -> Vec<Finding> {
        let (Some(from), Some(to)) = (self.stack.service(&edge.from), self.stack.service(&edge.to))
        else {
            return Vec::new();
        };
        if edge.url.scheme == Scheme::Http {
            return Vec::new();
        }
        let Some(trust) = &edge.trust else {
            return Vec::new();
        };
        let trusted = match self.trusted_in(trust) {
            Ok(trusted) => trusted,
            Err(finding) => return vec![*finding],
        };
        if to.external {
            return vec![rule::EDGE_UNCHECKED.at(locator(edge)).found(format!(
                "{} trusts {} CA certificates from {trust}",
                edge.from,
                trusted.len()
            ))];
        }
        let anchors: Vec<Anchor> = trusted.into_iter().map(Anchor::new).collect();
        let mut findings: Vec<Finding> = Vec::new();
        for host in &edge.hosts {
            for finding in self.host(edge, from, to, host, &anchors) {
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
        }
        findings.extend(self.client(edge, to));
        findings
    }

    fn host(
        &self,
        edge: &Edge,
        from: &Service,
        to: &Service,
        host: &str,
        anchors: &[Anchor],
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let peer = PeerName::parse(host);
        if from.role.tls == TlsLibrary::Jsse && host.contains('_') {
            findings.push(
                rule::UNDERSCORE_JAVA
                    .at(locator(edge))
                    .found(host)
                    .fix("dial a name without an underscore"),
            );
        }
        let Some((pair, leaf)) = self.served(to, &peer) else {
            // A missing certificate is told where it is missing.
            return findings;
        };
        if let Err(not_covered) = chain::matches(&peer, leaf.names()) {
            findings.push(
                rule::NAME_NOT_COVERED
                    .at(locator(edge))
                    .found(not_covered.present.join(", "))
                    .expected(host)
                    .fix(format!(
                        "add \"{host}\" to service.{}.hosts, or dial one of the names found",
                        to.name
                    )),
            );
        }
        let sent = self.inventory.certificates(&pair.files.certificate);
        let policy = ChainPolicy::strict(Some(Purpose::ServerAuth));
        let outcome = chain::build(
            leaf,
            sent.get(1..).unwrap_or_default(),
            anchors,
            &policy,
            self.now,
        );
        findings.extend(
            refusals(&outcome, || locator(edge))
                .into_iter()
                .map(|finding| {
                    finding.affects(format!("{} refuses {}", edge.from, pair.files.certificate))
                }),
        );
        if from.role.tls == TlsLibrary::Jsse
            && leaf.public_key().algorithm() == Some(crate::model::algorithm::KeyAlgorithm::Ed25519)
        {
            findings.push(
                rule::ED25519_JAVA
                    .at(locator(edge))
                    .found(format!("{} has an Ed25519 key", pair.files.certificate))
                    .fix(format!("set key = \"ecdsa-p256\" in service.{}", to.name)),
            );
        }
        findings
    }

    /// The pair that a server shows to who asks for this name (RFC 6066 3):
    /// the one that covers it, else the default one.
    fn served(&self, to: &Service, peer: &PeerName) -> Option<(&Pair, &Certificate)> {
        let servers = || {
            self.stack
                .service(&to.name)
                .into_iter()
                .flat_map(|s| &s.pairs)
                .filter(|p| p.id.kind == PairKind::Server)
                .filter_map(|p| Some((p, self.inventory.leaf(&p.files.certificate)?)))
        };
        servers()
            .find(|(_, leaf)| chain::matches(peer, leaf.names()).is_ok())
            .or_else(|| servers().next())
    }

    /// The client's own pair, as the server judges it.
    fn client(&self, edge: &Edge, to: &Service) -> Vec<Finding> {
        let Some(pair) = edge.client.as_ref().and_then(|id| self.stack.pair(id)) else {
            return Vec::new();
        };
        let sent = self.inventory.certificates(&pair.files.certificate);
        let Some((leaf, above)) = sent.split_first() else {
            return Vec::new();
        };
        let file = self.stack.outputs.iter().find(|o| {
            let client_trust = matches!(
                &o.kind,
                OutputKind::Bundle {
                    purpose: Use::ClientTrust,
                    ..
                }
            );
            client_trust && o.service.as_deref() == Some(&to.name)
        });
        let anchors: Vec<Anchor> = match file {
            Some(output) => match self.trusted_in(&output.path) {
                Ok(trusted) => trusted.into_iter().map(Anchor::new).collect(),
                Err(finding) => return vec![*finding],
            },
            // A server without such a file takes any client certificate, or is
            // told elsewhere whom to take.
            None => return Vec::new(),
        };
        let policy = ChainPolicy::strict(Some(Purpose::ClientAuth));
        let outcome = chain::build(leaf, above, &anchors, &policy, self.now);
        refusals(&outcome, || locator(edge))
            .into_iter()
            .map(|finding| {
                finding.affects(format!("{} refuses {}", edge.to, pair.files.certificate))
            })
            .collect()
    }
}

fn locator(edge: &Edge) -> Locator {
    Locator::Edge {
        from: edge.from.clone(),
        to: edge.to.clone(),
        url: edge.url.to_string(),
    }
}

/// Why a chain was refused, as findings; the most useful first, three at most.
pub(super) fn refusals(outcome: &Outcome, at: impl Fn() -> Locator) -> Vec<Finding> {
    let explanation = match outcome {
        Outcome::Accepted(_) => return Vec::new(),
        Outcome::Refused(explanation) | Outcome::Undecided(_, explanation) => explanation,
    };
    explanation
        .faults()
        .into_iter()
        .take(3)
        .map(|fault| {
            let mut finding = Finding::new(fault.check, Severity::Error, at())
                .found(format!("{}: {}", fault.at.subject, fault.found))
                .citation(fault.clause);
            finding.expected.clone_from(&fault.expected);
            finding
        })
        .collect()
}
