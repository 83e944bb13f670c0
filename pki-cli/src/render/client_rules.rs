//! What clients refuse for, for people, for programs and for the page
//! `docs/clients.md`.

use pki_core::consumer::{Consumer, Release};
use pki_core::verify::client_rules::{self, ClientRule};
use serde::Serialize;

use super::{style, text};

/// The widest word before a value is `source`.
const LABEL_WIDTH: usize = 8;

/// One rule, whole.
pub(crate) fn one(rule: &ClientRule) -> String {
    let clients = rule.clients.iter();
    let clients: Vec<String> = clients
        .map(|(client, releases)| in_releases(client, releases))
        .collect();
    let mut lines = format!(
        "{}   {}\n{}\n\n",
        style::heading(rule.rule.id),
        clients.join(" · "),
        text::wrap(rule.meaning.meaning, text::COLUMNS).join("\n")
    );
    lines.push_str(&labelled("asked", &rule.rule.stage.to_string()));
    for (at, words) in rule.words().iter().enumerate() {
        let label = if at == 0 { "words" } else { "" };
        lines.push_str(&labelled(label, &format!("\"{words}\"")));
    }
    if let Some(note) = rule.meaning.note {
        lines.push_str(&labelled("", note));
    }
    lines.push_str(&labelled("source", rule.rule.source));
    if !rule.ours.is_empty() {
        let ours: Vec<&str> = rule.ours.iter().map(|entry| entry.id).collect();
        lines.push_str(&labelled("ours", &ours.join(", ")));
    }
    lines.push_str(&labelled("fix", rule.fix()));
    lines
}

fn labelled(label: &str, value: &str) -> String {
    let fill = " ".repeat(LABEL_WIDTH - label.len());
    let value = text::hanging(value, 2 + LABEL_WIDTH);
    format!("  {}{fill}{value}\n", style::label(label))
}

/// `Java 17, 25`; a name that ends in a number has its library's behind it.
fn in_releases(client: &Consumer, releases: &[&Release]) -> String {
    let ids: Vec<&str> = releases.iter().map(|release| release.id).collect();
    if client.name.ends_with(|c: char| c.is_ascii_digit()) {
        client.name.to_owned()
    } else {
        format!("{} {}", client.name, ids.join(", "))
    }
}

/// What a client refuses for, one line each, by when it is asked.
pub(crate) fn list(client: &'static Consumer) -> String {
    let rules = client_rules::of(client);
    let widest = rules.iter().map(|rule| rule.rule.id.len()).max();
    let measured = client.releases.iter().map(|release| release.measured);
    let measured: Vec<&str> = measured.collect();
    let mut lines = format!(
        "{}   {}   {}\n",
        style::heading(client.id),
        client.name,
        style::label(&format!("(measured: {})", measured.join("; ")))
    );
    for stage in by_stage(&rules) {
        let Some(first) = stage.first() else { continue };
        lines.push_str(&format!("\n{}\n", first.rule.stage));
        for rule in stage {
            lines.push_str(&format!(
                "  {}  {}\n",
                text::pad(rule.rule.id, widest.unwrap_or(0)),
                text::hanging(rule.meaning.meaning, widest.unwrap_or(0) + 4)
            ));
        }
    }
    lines
}

/// Rules that are asked at one time; the table has them one after the other.
fn by_stage(rules: &[ClientRule]) -> impl Iterator<Item = &[ClientRule]> {
    rules.chunk_by(|a, b| a.rule.stage == b.rule.stage)
}

#[derive(Serialize)]
pub(super) struct ClientRuleWire {
    asked: String,
    clients: Vec<AskedWire>,
    fix: &'static str,
    meaning: &'static str,
    note: Option<&'static str>,
    ours: Vec<&'static str>,
    rule: &'static str,
    source: &'static str,
    words: Vec<String>,
}

#[derive(Serialize)]
struct AskedWire {
    client: &'static str,
    releases: Vec<&'static str>,
}

/// A rule for programs.
pub(super) fn wire(rule: &ClientRule) -> ClientRuleWire {
    let clients = rule.clients.iter();
    ClientRuleWire {
        asked: rule.rule.stage.to_string(),
        clients: clients
            .map(|(client, releases)| AskedWire {
                client: client.id,
                releases: releases.iter().map(|release| release.id).collect(),
            })
            .collect(),
        fix: rule.fix(),
        meaning: rule.meaning.meaning,
        note: rule.meaning.note,
        ours: rule.ours.iter().map(|entry| entry.id).collect(),
        rule: rule.rule.id,
        source: rule.rule.source,
        words: rule.words(),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::reference::page::{plain, stands};
    use super::*;
    use pki_core::consumer::CONSUMERS;

    /// `docs/clients.md`.
    fn page() -> String {
        let mut page = String::from(
            "# What clients refuse\n\nIn the order in which each client asks. `pki verify FILE --ca CA --as CLIENT` \
             says what one would answer, `pki explain RULE`\nshows what stands here. Made of the tables in \
             `pki-core/src/consumer`: change them there, then\n\
             `SNAPSHOTS=overwrite cargo test -p pki-cli --bin pki page`.\n",
        );
        for client in CONSUMERS {
            let measured = client.releases.iter().map(|r| r.measured);
            let measured: Vec<&str> = measured.collect();
            let _ = write!(
                page,
                "\n## {} (`{}`)\n\nMeasured: {}.\n",
                client.name,
                client.id,
                measured.join("; ")
            );
            let rules = client_rules::of(client);
            let first = |rule: &ClientRule| rule.clients[0].0.id == client.id;
            let own: Vec<ClientRule> = rules.iter().filter(|r| first(r)).cloned().collect();
            if let Some(shared) = rules.iter().find(|rule| !first(rule)) {
                let other = shared.clients[0].0.name;
                let _ = write!(page, "\nAll that {other} refuses for, and:\n");
            }
            for stage in by_stage(&own) {
                let _ = write!(page, "\nAsked {}\n\n", stage[0].rule.stage);
                for rule in stage {
                    page.push_str(&item(rule, client));
                }
            }
        }
        page
    }

    fn item(rule: &ClientRule, client: &Consumer) -> String {
        let words = rule.words();
        let words: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
        let releases = rule.clients.iter().find(|(known, _)| known.id == client.id);
        let releases = releases
            .map(|(_, releases)| releases)
            .filter(|asked| asked.len() < client.releases.len());
        let only = releases.map(|releases| {
            let ids: Vec<&str> = releases.iter().map(|r| r.id).collect();
            format!(" ({} {} only)", client.name, ids.join(", "))
        });
        let ours: Vec<String> = rule
            .ours
            .iter()
            .map(|entry| format!("[`{0}`](rules.md#{0})", entry.id))
            .collect();
        let ours = if ours.is_empty() {
            format!("Fix: {}", rule.fix())
        } else {
            format!("Ours: {}", ours.join(", "))
        };
        format!(
            "* `{}`{}: {}\n  {}\n  Source: {}. {ours}\n",
            rule.rule.id,
            only.unwrap_or_default(),
            plain(rule.meaning.meaning),
            words.join(" · "),
            plain(rule.rule.source),
        )
    }

    #[test]
    fn the_page_of_clients_is_in_step() {
        stands("clients.md", &page());
    }

    #[test]
    fn the_keys_are_these() {
        let rule = client_rules::find("jsse/key-usage").unwrap();
        let value = serde_json::to_value(wire(&rule)).unwrap();
        let keys = |value: &serde_json::Value| -> Vec<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(
            keys(&value),
            [
                "asked", "clients", "fix", "meaning", "note", "ours", "rule", "source", "words"
            ]
        );
        assert_eq!(keys(&value["clients"][0]), ["client", "releases"]);
    }

    #[test]
    fn a_client_asks_at_one_time_in_one_place() {
        for client in CONSUMERS {
            let rules = client_rules::of(client);
            let stages: Vec<_> = by_stage(&rules).map(|s| s[0].rule.stage).collect();
            let once: std::collections::HashSet<_> = stages.iter().collect();
            assert_eq!(once.len(), stages.len(), "{}", client.id);
        }
    }
}
