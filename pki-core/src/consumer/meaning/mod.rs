//! What the rules of clients are about, for people: one sentence each, which of
//! our own rules says the same, and what to do. `pki explain` and
//! `docs/clients.md` are made of it.
//!
//! Data only. A rule that is new needs one [`Meaning`] in the file of its
//! client; a test says which are missing.

mod go;
mod jsse;
mod openssl;
mod rustls;

/// What is to be said of one rule of a client.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    /// The rule's id, `CONSUMER/NAME`.
    pub rule: &'static str,
    /// One sentence.
    pub meaning: &'static str,
    /// Ids of our own rules that find the same in the files, the nearest first.
    pub ours: &'static [&'static str],
    /// What stands for `{}` in the client's words, by example; empty where
    /// they have none.
    pub values: &'static [&'static str],
    /// What to do, where none of [`Self::ours`] says it.
    pub fix: Option<&'static str>,
    /// How the words are printed, where they do not stand alone.
    pub note: Option<&'static str>,
}

impl Meaning {
    const fn of(rule: &'static str, ours: &'static [&'static str], meaning: &'static str) -> Self {
        Self {
            rule,
            meaning,
            ours,
            values: &[],
            fix: None,
            note: None,
        }
    }

    const fn values(self, values: &'static [&'static str]) -> Self {
        Self { values, ..self }
    }

    const fn fix(self, fix: &'static str) -> Self {
        Self {
            fix: Some(fix),
            ..self
        }
    }

    const fn note(self, note: &'static str) -> Self {
        Self {
            note: Some(note),
            ..self
        }
    }

    /// The client's words (`text` of the rule) with each value of the example.
    pub fn words(&self, text: &str) -> Vec<String> {
        if self.values.is_empty() {
            return vec![text.to_owned()];
        }
        let values = self.values.iter();
        values.map(|value| text.replace("{}", value)).collect()
    }
}

/// All of them, by client.
pub fn all() -> impl Iterator<Item = &'static Meaning> {
    let clients = [go::ROWS, jsse::ROWS, openssl::ROWS, rustls::ROWS];
    clients.into_iter().flatten()
}

/// What the rule of this id is about.
pub fn find(rule: &str) -> Option<&'static Meaning> {
    all().find(|meaning| meaning.rule == rule)
}
