//! Server pairs: the default one or one per node, and further ones by SNI.

use std::ops::Range;

use super::Context;
use super::defaults::{Defaults, Leaf, LeafWords, leaf_words};
use super::pairs::{Around, Own, place};
use super::values::Word;
use crate::document::{At, Fault, did_you_mean};
use crate::manifest::schema::{Server, Service as Wire, in_order};
use crate::model::dn::Dn;
use crate::model::profile::Profile;
use crate::model::san::San;
use crate::stack::PairKind;

/// Longest commonName in octets: ub-common-name counts characters of a
/// PrintableString or UTF8String, names here are ASCII (RFC 5280 appendix A.1).
const CN_MAX: usize = 64;

/// What a server's table says.
struct ServerWords<'a> {
    table: &'a At<String>,
    hosts: &'a At<Vec<At<String>>>,
    subject: Word<'a>,
    profile: Word<'a>,
}

impl Context<'_> {
    pub(super) fn servers<'w>(
        &mut self,
        around: &Around<'w>,
        wire: &'w Wire,
        leaf: &Leaf,
        defaults: &Defaults,
        owns: &mut Vec<Own<'w>>,
    ) {
        let name = around.name;
        let default = wire.server.get_key_value("default");
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
                self.default_servers(around, wire, &words, leaf, defaults, owns);
            }
            (None, Some((table, server))) => {
                let leaf = self.leaf(leaf, &leaf_words!(server));
                if let Some(words) = self.server_words(table, server) {
                    self.default_servers(around, wire, &words, &leaf, defaults, owns);
                }
            }
            (None, None) if wire.server.is_empty() || around.lineage.is_some() => {
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
                lineage: None,
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
        leaf: &Leaf,
        defaults: &Defaults,
        owns: &mut Vec<Own<'w>>,
    ) {
        let profile = self.profile(words.profile);
        let directory = &around.service.directory;
        let files = &around.service.role.files;
        let mut own =
            |context: &mut Self, node: Option<&str>, mut names: Vec<(San, Range<usize>)>| {
                let subject = context.server_subject(around, words.subject, &names, around.name);
                // What is made elsewhere has the names that are dialled, no more.
                let added = defaults.names.iter().filter(|_| around.lineage.is_none());
                for (san, span) in added {
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
                    lineage: around.lineage.clone(),
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
        // A range that was refused has its fault already.
        let has_range = words.hosts.iter().any(|h| h.contains('{'));
        if nodes.is_empty() && !has_range {
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
}
