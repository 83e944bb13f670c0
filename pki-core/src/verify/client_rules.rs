//! What each client refuses for, with all that is known of it. What `pki explain
//! go/name` shows and `docs/clients.md` is made of.

use super::reference::{self, Entry};
use crate::consumer::{self, CONSUMERS, Consumer, Meaning, Release, Rule};

/// One thing that clients refuse for.
#[derive(Clone, Debug)]
pub struct ClientRule {
    /// Its id, when it is asked, and where that is known.
    pub rule: &'static Rule,
    /// Who asks it, in which releases. OpenSSL and Python 3.13 share rules.
    pub clients: Vec<(&'static Consumer, Vec<&'static Release>)>,
    /// One sentence, and examples of the words.
    pub meaning: &'static Meaning,
    /// Our own rules that find the same in the files, the nearest first.
    pub ours: Vec<Entry>,
}

impl ClientRule {
    /// What the client prints, one by one where a rule says several things.
    pub fn words(&self) -> Vec<String> {
        self.meaning.words(self.rule.text)
    }

    /// What to do.
    pub fn fix(&self) -> &'static str {
        let ours = self.ours.first().map(|entry| entry.guide.fix);
        // A test looks that each has one.
        self.meaning.fix.or(ours).unwrap_or_default()
    }
}

/// What this client refuses for, in the order of its table.
pub fn of(client: &'static Consumer) -> Vec<ClientRule> {
    client.rules.iter().filter_map(whole).collect()
}

/// What all clients refuse for, by client; what two of them share is told once.
pub fn all() -> Vec<ClientRule> {
    let mut all: Vec<ClientRule> = Vec::new();
    for rule in CONSUMERS.iter().flat_map(|client| of(client)) {
        if !all.iter().any(|known| known.rule.id == rule.rule.id) {
            all.push(rule);
        }
    }
    all
}

/// The rule of this id.
pub fn find(id: &str) -> Option<ClientRule> {
    let rules = CONSUMERS.iter().flat_map(|client| client.rules);
    rules.into_iter().find(|rule| rule.id == id).and_then(whole)
}

fn whole(rule: &'static Rule) -> Option<ClientRule> {
    let meaning = consumer::meaning(rule.id)?;
    let clients = CONSUMERS.iter().filter_map(|client| {
        let known = client.rules.iter().find(|known| known.id == rule.id)?;
        Some((*client, client.releases_of(known)))
    });
    let ours = meaning.ours.iter().filter_map(|id| reference::rule(id));
    Some(ClientRule {
        rule,
        clients: clients.collect(),
        meaning,
        ours: ours.collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::consumer::meanings;

    #[test]
    fn every_rule_of_a_client_is_explained_and_nothing_else() {
        let rules = CONSUMERS.iter().flat_map(|client| client.rules);
        let ids: BTreeSet<_> = rules.clone().map(|rule| rule.id).collect();
        let told: Vec<_> = meanings().map(|meaning| meaning.rule).collect();
        let known: BTreeSet<_> = told.iter().copied().collect();
        assert_eq!(ids, known, "missing or left over in consumer/meaning");
        assert_eq!(told.len(), known.len(), "a rule is explained twice");
        for id in ids {
            let found = find(id).unwrap();
            assert!(!found.clients.is_empty(), "{id}: nobody asks it");
            assert!(!found.fix().is_empty(), "{id}: no fix");
            assert_eq!(
                found.ours.len(),
                found.meaning.ours.len(),
                "{id}: names a rule that is none"
            );
            assert!(found.meaning.meaning.ends_with('.'), "{id}");
        }
        assert_eq!(all().len(), known.len());
    }

    #[test]
    fn words_are_whole() {
        for found in all() {
            let id = found.rule.id;
            let has_place = found.rule.text.contains("{}");
            assert_eq!(has_place, !found.meaning.values.is_empty(), "{id}");
            for words in found.words() {
                assert!(!words.contains("{}") && words.len() > 5, "{id}: {words}");
            }
        }
    }

    #[test]
    fn a_client_is_asked_in_the_releases_that_ask() {
        let clients = |id: &str| -> Vec<String> {
            let found = find(id).unwrap();
            let clients = found.clients.iter();
            let named = clients.flat_map(|(client, releases)| {
                releases.iter().map(|r| format!("{} {}", client.id, r.id))
            });
            named.collect()
        };
        assert_eq!(clients("jsse/key-usage"), ["jsse 17", "jsse 25"]);
        assert_eq!(clients("jsse/name"), ["jsse 17"]);
        assert_eq!(clients("openssl/strict"), ["python-strict 3.0"]);
        assert_eq!(
            clients("openssl/name"),
            ["openssl 3.0", "python-strict 3.0"]
        );
        let plain = consumer::find("openssl").unwrap();
        let strict = consumer::find("python-strict").unwrap();
        let asks = |client, id: &str| of(client).iter().any(|found| found.rule.id == id);
        assert!(asks(strict, "openssl/strict") && !asks(plain, "openssl/strict"));
    }
}
