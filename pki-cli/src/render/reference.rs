//! Rules, for people, for programs and for the page `docs/rules.md`.

use pki_core::consumer::CONSUMERS;
use pki_core::report::guide::Says;
use pki_core::verify::client_rules::ClientRule;
use pki_core::verify::reference::Entry;
use serde::Serialize;

use super::client_rules::{self, ClientRuleWire};
use super::{json, style, text};

/// The schema of [`json()`].
pub(crate) const RULES: (&str, u32) = ("pki-rules", 1);

/// The widest word before a value is `found`.
const LABEL_WIDTH: usize = 8;

/// One rule, whole.
pub(crate) fn one(rule: &Entry) -> String {
    let mut lines = format!("{}   {}", style::heading(rule.id), rule.severity);
    if !rule.citation.is_empty() {
        lines.push_str(&format!(
            "   {}",
            style::label(&format!("({})", rule.citation))
        ));
    }
    lines.push_str(&format!("\n{}\n", text::hanging(rule.meaning, 0)));
    let clients = rule.guide.clients;
    if !clients.is_empty() {
        let names = clients.iter().map(|(client, _)| client.to_string());
        let widest = names.map(|name| text::width(&name)).max().unwrap_or(0);
        lines.push('\n');
        for (client, says) in clients {
            let says = match says {
                Says::Accepts => style::good("accepts it"),
                Says::Refuses(words) => {
                    let said = text::hanging(&format!("refuses it: \"{words}\""), widest + 4);
                    let words = said.strip_prefix("refuses it:").unwrap_or(&said);
                    format!("{}{words}", style::error("refuses it:"))
                }
            };
            lines.push_str(&format!(
                "  {}  {says}\n",
                text::pad(&client.to_string(), widest)
            ));
        }
    }
    lines.push('\n');
    for (label, value) in [("found", rule.guide.example), ("fix", rule.guide.fix)] {
        let fill = " ".repeat(LABEL_WIDTH - label.len());
        let value = text::hanging(value, 2 + LABEL_WIDTH);
        lines.push_str(&format!("  {}{fill}{value}\n", style::label(label)));
    }
    lines
}

/// All rules by group, one line each, and where those of clients are.
pub(crate) fn list(rules: &[Entry]) -> String {
    let widest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let groups = rules.chunk_by(|a, b| a.guide.group == b.guide.group);
    let groups = groups.filter_map(|group| {
        let mut lines = format!(
            "{}\n",
            style::heading(&group.first()?.guide.group.to_string())
        );
        for rule in group {
            lines.push_str(&format!(
                "  {}  {}\n",
                text::pad(rule.id, widest),
                text::hanging(rule.meaning, widest + 4)
            ));
        }
        Some(lines)
    });
    let clients = CONSUMERS.iter().map(|client| client.id);
    let clients: Vec<&str> = clients.collect();
    format!(
        "{}\n{} what a client refuses for: pki explain {}\n",
        groups.collect::<Vec<_>>().join("\n"),
        style::hint("more:"),
        clients.join(", ")
    )
}

#[derive(Serialize)]
struct RulesWire {
    schema: &'static str,
    version: u32,
    rules: Vec<RuleWire>,
    client_rules: Vec<ClientRuleWire>,
}

#[derive(Serialize)]
struct RuleWire {
    citation: Option<&'static str>,
    clients: Vec<ClientWire>,
    example: &'static str,
    fix: &'static str,
    group: String,
    meaning: &'static str,
    rule: &'static str,
    severity: String,
}

#[derive(Serialize)]
struct ClientWire {
    accepts: bool,
    client: &'static str,
    words: Option<&'static str>,
}

/// Rules for programs.
pub(crate) fn json(rules: &[Entry], of_clients: &[ClientRule]) -> String {
    let wire = |rule: &Entry| RuleWire {
        citation: Some(rule.citation).filter(|c| !c.is_empty()),
        clients: rule
            .guide
            .clients
            .iter()
            .map(|(client, says)| ClientWire {
                accepts: *says == Says::Accepts,
                client: client.id(),
                words: match says {
                    Says::Accepts => None,
                    Says::Refuses(words) => Some(words),
                },
            })
            .collect(),
        example: rule.guide.example,
        fix: rule.guide.fix,
        group: rule.guide.group.to_string(),
        meaning: rule.meaning,
        rule: rule.id,
        severity: rule.severity.to_string(),
    };
    json::document(&RulesWire {
        schema: RULES.0,
        version: RULES.1,
        rules: rules.iter().map(wire).collect(),
        client_rules: of_clients.iter().map(client_rules::wire).collect(),
    })
}

/// Pages of `docs` that are made of tables here.
#[cfg(test)]
pub(super) mod page {
    use std::path::Path;

    /// What Markdown would take for its own.
    pub(in crate::render) fn plain(text: &str) -> String {
        text.replace('*', "\\*")
            .replace('<', "\\<")
            .replace('_', "\\_")
    }

    /// Holds a page to what is made, or writes it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the test that keeps the page in step reads and writes it"
    )]
    pub(in crate::render) fn stands(name: &str, made: &str) {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let path = docs.join(name);
        if std::env::var("SNAPSHOTS").is_ok_and(|v| v == "overwrite") {
            std::fs::write(&path, made).unwrap();
        }
        let on_disk = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            on_disk == made,
            "docs/{name} is behind: `SNAPSHOTS=overwrite cargo test -p pki-cli --bin pki page`"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::page::{plain, stands};
    use super::*;
    use pki_core::verify::reference;

    /// `docs/rules.md`.
    fn page() -> String {
        let rules = reference::rules();
        let mut page = String::from(
            "# Rules\n\nWhat `pki verify` finds, by group. `pki explain RULE` shows the same. \
             Made of the table in `pki-core/src/report/guide`: change it there, then\n\
             `SNAPSHOTS=overwrite cargo test -p pki-cli --bin pki page`.\n",
        );
        let mut group = None;
        for rule in &rules {
            if group.replace(rule.guide.group) != Some(rule.guide.group) {
                let title = rule.guide.group.to_string();
                let (first, rest) = title.split_at(1);
                let _ = write!(page, "\n## {}{rest}\n", first.to_uppercase());
            }
            let _ = write!(page, "\n### `{}`\n\n", rule.id);
            let cited = match rule.citation {
                "" => String::new(),
                citation => format!(" ({citation})"),
            };
            let _ = write!(
                page,
                "*{}*{cited}. {}\n\n",
                rule.severity,
                plain(rule.meaning)
            );
            for (client, says) in rule.guide.clients {
                let _ = match says {
                    Says::Accepts => writeln!(page, "* {client}: accepts it"),
                    Says::Refuses(words) => {
                        writeln!(page, "* {client}: refuses it, \"{}\"", plain(words))
                    }
                };
            }
            if !rule.guide.clients.is_empty() {
                page.push('\n');
            }
            let _ = write!(
                page,
                "Found: {}\n\nFix: {}\n",
                plain(rule.guide.example),
                rule.guide.fix
            );
        }
        page
    }

    #[test]
    fn the_page_is_in_step() {
        stands("rules.md", &page());
    }

    #[test]
    fn the_keys_are_these() {
        let rule = reference::rule("ca-without-key-usage").unwrap();
        let value: serde_json::Value = serde_json::from_str(&json(&[rule], &[])).unwrap();
        let keys = |value: &serde_json::Value| -> Vec<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(keys(&value), ["client_rules", "rules", "schema", "version"]);
        assert_eq!(
            keys(&value["rules"][0]),
            [
                "citation", "clients", "example", "fix", "group", "meaning", "rule", "severity"
            ]
        );
        assert_eq!(
            keys(&value["rules"][0]["clients"][0]),
            ["accepts", "client", "words"]
        );
    }
}
