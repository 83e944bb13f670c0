//! What each client says of the certificates that are judged, for who is hurt by
//! what is found: nobody is quoted who accepts them.

use super::clients::{Question, ask, known};
use crate::cert::Certificate;
use crate::chain::{self, Layer};
use crate::consumer::{self, Refusal};
use crate::report::consumer::not_covered;
use crate::report::guide::{self, Client, Group, Guide, quoted};
use crate::report::{Severity, rule};

/// The answers of all clients; none where nobody was asked.
#[derive(Debug, Default)]
pub(super) struct Heard {
    answers: Vec<(Client, Option<Refusal>)>,
    /// A name was dialled.
    named: bool,
}

impl Heard {
    /// Asks every client about a chain as it is sent.
    pub(super) fn of(leaf: &Certificate, above: &[Certificate], by: &Question<'_>) -> Self {
        let (_, answers) = ask(leaf, above, by);
        let answers = answers.into_iter();
        let known = answers.filter_map(|answer| Some((known(answer.client.id)?, answer.refusal)));
        Self {
            answers: known.collect(),
            named: by.name.is_some(),
        }
    }

    /// How much a fault weighs: one that RFC 5280 or single clients alone find is a
    /// warning where nobody but Python 3.13 refuses for it; where nobody was asked,
    /// an error.
    pub(super) fn weight(&self, check: &str) -> Severity {
        let layer = chain::find_check(check).map(|check| check.layer);
        let is_of_path = layer.is_none_or(|layer| layer == Layer::Path);
        let refuses = |(client, refusal): &(Client, Option<Refusal>)| {
            *client != Client::Python313 && refusal.as_ref().is_some_and(|r| means(r, check))
        };
        if is_of_path || !self.speaks_of(check) || self.answers.iter().any(refuses) {
            Severity::Error
        } else {
            Severity::Warning
        }
    }

    /// Whether anybody was asked who can tell of a rule: of names nobody can who
    /// did not dial one.
    fn speaks_of(&self, rule: &str) -> bool {
        let guide = guide::find(rule);
        let of_names = guide.is_some_and(|guide| guide.group == Group::Names);
        !self.answers.is_empty() && (self.named || !of_names)
    }

    /// Whether this client was asked, and accepts.
    pub(super) fn accepts(&self, client: Client) -> bool {
        let mut answers = self.answers.iter();
        answers.any(|(who, refusal)| *who == client && refusal.is_none())
    }

    /// Who is hurt by what a rule of ours finds: clients that refuse for it in
    /// their own words, those that refuse for something before it in the words
    /// that were measured for it. Of names nobody has said anything who did not
    /// dial one.
    pub(super) fn hurts(&self, rule: &str) -> Vec<String> {
        let guide = guide::find(rule);
        if !self.speaks_of(rule) {
            return guide.map(Guide::hurts).unwrap_or_default();
        }
        let measured = |client: Client| guide?.words(client).map(str::to_owned);
        let words = |client, refusal: &Refusal| {
            let predicted = || means(refusal, rule).then(|| refusal.text.clone());
            predicted().or_else(|| measured(client))
        };
        let mut said = self.said(words);
        let everybody = said.len() == self.answers.len();
        let programs = guide.map(|guide| guide.clients).unwrap_or_default().iter();
        let programs = programs.map(|(client, _)| *client);
        let others = programs.filter(|client| !Client::LIBRARIES.contains(client));
        said.extend(others.filter_map(|client| Some((client, measured(client)?))));
        quoted(&said, everybody)
    }

    /// The same of a name that is dialled and not among those `found`: each says
    /// something else of each name.
    pub(super) fn miss(&self, name: &str, found: &[String]) -> Vec<String> {
        let said = self.said(|client, refusal| {
            Some(if means(refusal, rule::NAME_NOT_COVERED.id) {
                refusal.text.clone()
            } else {
                not_covered(client, name, found)
            })
        });
        quoted(&said, said.len() == self.answers.len())
    }

    /// What those say who refuse.
    fn said(&self, words: impl Fn(Client, &Refusal) -> Option<String>) -> Vec<(Client, String)> {
        let said = self
            .answers
            .iter()
            .filter_map(|(client, refusal)| Some((*client, words(*client, refusal.as_ref()?)?)));
        said.collect()
    }
}

/// Whether a client's reason is what a rule of ours finds.
pub(super) fn means(refusal: &Refusal, rule: &str) -> bool {
    refusal.rule == rule
        || consumer::meaning(refusal.rule).is_some_and(|meaning| meaning.ours.contains(&rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_quoted_who_accepts() {
        let refusal = |rule, text: &str| Refusal {
            rule,
            text: text.to_owned(),
        };
        let answers = vec![
            (Client::Go, Some(refusal("go/expired", "past"))),
            (Client::Java, Some(refusal("jsse/name", "no name"))),
            (Client::OpenSsl, None),
        ];
        let heard = Heard {
            answers,
            named: true,
        };
        let go = "Go: \"x509: certificate has expired or is not yet valid\"";
        let java = "Java: \"PKIX path validation failed: validity check failed: NotAfter: …\"";
        assert_eq!(heard.hurts("expired"), [go, java]);
        assert!(heard.accepts(Client::OpenSsl) && !heard.accepts(Client::Rustls));
        assert_eq!(Heard::default().hurts("expired").len(), 1);
    }
}
