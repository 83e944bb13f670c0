//! Where we and others disagree, and why: `classes.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::case::Case;

/// Disagreements of one kind. The first that fits is taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    /// `PLACE FIELD: WHAT`, where `*` stands for anything.
    mutations: Vec<String>,
    /// Who disagrees with us.
    clients: Vec<String>,
    /// By which policies of ours; both where nothing stands.
    #[serde(default)]
    policies: Vec<String>,
    we: We,
    /// One of them is among the words of the side that refuses; nothing asks
    /// for no words.
    #[serde(default)]
    words: Vec<String>,
    reason: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum We {
    Accept,
    Refuse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    class: Vec<Class>,
}

/// What a run saw.
pub(super) struct Seen {
    classes: Vec<Class>,
    /// By class and client.
    counts: BTreeMap<(usize, &'static str), usize>,
    /// In words, and how often.
    unknown: BTreeMap<String, usize>,
    /// The mutants are those of every run, so every class must occur.
    complete: bool,
}

impl Seen {
    pub(super) fn new(complete: bool) -> Self {
        let file: File = toml::from_str(include_str!("classes.toml")).expect("classes.toml");
        for class in &file.class {
            assert!(
                class.reason.len() > 20,
                "{:?} without a reason",
                class.mutations
            );
        }
        Self {
            classes: file.class,
            counts: BTreeMap::new(),
            unknown: BTreeMap::new(),
            complete,
        }
    }

    pub(super) fn disagreement(
        &mut self,
        policy: &str,
        client: &'static str,
        kind: &str,
        ours: &Result<(), String>,
        theirs: &str,
        case: &Case,
    ) {
        let (we, words) = match ours {
            Ok(()) => (We::Accept, theirs),
            Err(why) => (We::Refuse, why.as_str()),
        };
        let fits = |class: &Class| {
            class.we == we
                && class.clients.iter().any(|c| c == client)
                && (class.policies.is_empty() || class.policies.iter().any(|p| p == policy))
                && (class.words.is_empty() || class.words.iter().any(|w| words.contains(w)))
                && class.mutations.iter().any(|m| matches(m, kind))
        };
        if let Some(class) = self.classes.iter().position(fits) {
            *self.counts.entry((class, client)).or_default() += 1;
            return;
        }
        let line = format!("{client} {policy} we {we:?}: {kind}: {words}");
        let count = self.unknown.entry(line).or_default();
        *count += 1;
        if *count == 1 && self.unknown.len() <= 3 {
            let certificate = if kind.starts_with("ca ") {
                &case.untrusted_intermediates[0]
            } else {
                &case.peer_certificate
            };
            crate::machine::say(certificate);
        }
    }

    pub(super) fn summary(&self) -> String {
        let explained: usize = self.counts.values().sum();
        format!(
            "{explained} disagreements of {} classes",
            self.classes.len()
        )
    }

    /// Fails where a disagreement has no class, or a class no disagreement.
    pub(super) fn finish(self, present: &[&str]) {
        let unknown: Vec<String> = self
            .unknown
            .iter()
            .map(|(what, count)| format!("{count} × {what}"))
            .collect();
        assert!(unknown.is_empty(), "no class for:\n{}", unknown.join("\n"));
        if !self.complete {
            return;
        }
        for (at, class) in self.classes.iter().enumerate() {
            for client in class
                .clients
                .iter()
                .filter(|c| present.contains(&c.as_str()))
            {
                let occurs = self.counts.keys().any(|(n, c)| *n == at && c == client);
                assert!(
                    occurs,
                    "{client} disagrees no longer: {:?}",
                    class.mutations
                );
            }
        }
    }
}

/// Whether `text` is `pattern`, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            match rest.find(middle) {
                Some(at) => rest = &rest[at + str::len(middle)..],
                None => return false,
            }
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

#[test]
fn patterns() {
    assert!(matches("leaf serial: *", "leaf serial: zero"));
    assert!(matches("* keyUsage: *bit*", "ca keyUsage: no bit"));
    assert!(matches("a", "a") && !matches("a", "ab") && !matches("a*b", "ac"));
    assert!(!matches("* serial: zero", "leaf serial: zeroes"));
}
