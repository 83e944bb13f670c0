//! `source`: a pair that is made elsewhere.

use super::Context;
use crate::document::{At, Fault};
use crate::manifest::schema::Service as Wire;
use crate::stack::{Lineage, PairKind, Serves, Service};

/// Before the folder, in `source`.
const LINEAGE: &str = "lineage:";

/// Who stands behind a server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Behind {
    /// An authority of the manifest.
    Authority(String),
    /// The machine's own CAs.
    System,
    /// Nobody that the manifest names.
    Unknown,
}

impl Context<'_> {
    /// Where the default pair of a service comes from, where it is not issued
    /// here. `service` is complete but for its pairs.
    pub(super) fn lineage(&mut self, wire: &Wire, service: &Service) -> Option<Lineage> {
        let word = wire.source.as_ref()?;
        let served = match service.serves {
            _ if service.external => Some("exists elsewhere"),
            Serves::Tls => None,
            Serves::Http => Some("serves plain HTTP"),
            Serves::Nothing => Some("serves nothing"),
        };
        if let Some(why) = served {
            let message = format!("`{}` {why}: it has no pair", service.name);
            self.fault(
                Fault::new(word.span(), message, "delivered to nobody").help("take out `source`"),
            );
            return None;
        }
        let Some(folder) = word.strip_prefix(LINEAGE) else {
            self.fault(
                Fault::new(word.span(), format!("`{}` is no source", **word), "unknown").help(
                    "write `lineage:` and a folder with fullchain.pem and privkey.pem, such as \"lineage:/etc/letsencrypt/live/NAME\"",
                ),
            );
            return None;
        };
        self.nothing_of_ours(wire, service);
        let folder = self.path(None, &At::new(folder.to_owned(), word.span()))?;
        let authority = wire.authority.as_ref().filter(|a| self.is_external(a));
        Some(Lineage {
            certificate: folder.join("fullchain.pem").ok()?,
            key: folder.join("privkey.pem").ok()?,
            authority: authority.map(|a| (**a).clone()),
        })
    }

    /// Words about a pair that others make.
    fn nothing_of_ours(&mut self, wire: &Wire, service: &Service) {
        let default = wire.server.get("default");
        let mut words = vec![
            ("subject", wire.subject.as_ref().map(At::span)),
            ("per_host", wire.per_host.as_ref().map(At::span)),
            (
                "subject",
                default.and_then(|d| d.subject.as_ref()).map(At::span),
            ),
            ("key", default.and_then(|d| d.key.as_ref()).map(At::span)),
            (
                "lifetime",
                default.and_then(|d| d.lifetime.as_ref()).map(At::span),
            ),
            (
                "rekey",
                default.and_then(|d| d.rekey.as_ref()).map(At::span),
            ),
        ];
        let is_alone = wire.server.keys().all(|n| n.as_str() == "default");
        if is_alone && wire.client.is_empty() && wire.connects.is_empty() {
            words.extend([
                ("key", wire.key.as_ref().map(At::span)),
                ("lifetime", wire.lifetime.as_ref().map(At::span)),
                ("rekey", wire.rekey.as_ref().map(At::span)),
            ]);
        }
        for (word, span) in words {
            let Some(span) = span else { continue };
            let message = format!("`{word}` of a pair that is not made here");
            self.fault(
                Fault::new(span, message, "decided where it is made")
                    .help(format!("take it out, or `source` of `{}`", service.name)),
            );
        }
    }

    pub(super) fn is_external(&self, authority: &At<String>) -> bool {
        let named = self.manifest.authority.get(authority);
        named.is_some_and(|a| a.external.is_some())
    }
}

/// Who stands behind the certificates that a server shows, each once.
pub(super) fn behind(service: &Service) -> Vec<Behind> {
    let known = |name: Option<&str>, none| name.map_or(none, |n| Behind::Authority(n.to_owned()));
    let servers = service
        .pairs
        .iter()
        .filter(|p| p.id.kind == PairKind::Server);
    let mut all: Vec<Behind> = Vec::new();
    for pair in servers {
        let one = known(pair.authority(), Behind::System);
        if !all.contains(&one) {
            all.push(one);
        }
    }
    if all.is_empty() {
        all.push(known(service.authority.as_deref(), Behind::Unknown));
    }
    all
}
