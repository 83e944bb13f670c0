//! What clients say of a file.

use std::path::Path;

use super::Judge;
use super::uses::uses;
use crate::cert::Certificate;
use crate::consumer::{CONSUMERS, Consumer, Refusal};
use crate::model::usage::Purpose;
use crate::report::{Finding, Locator, Severity, rule};
use crate::verify::clients::{Question, ask};
use crate::verify::heard::means;

impl Judge<'_> {
    /// What these clients are to be asked.
    pub(super) fn question<'a>(
        &'a self,
        purpose: Option<Purpose>,
        clients: &'a [&'static Consumer],
    ) -> Question<'a> {
        Question {
            anchors: &self.anchors,
            name: self.by.name.as_ref(),
            purpose,
            clients,
            now: self.now,
        }
    }

    /// One finding for all clients that refuse for a reason that none of the
    /// findings so far names; nothing where the chain is refused anyway.
    pub(super) fn refused_by_clients(
        &self,
        leaf: &Certificate,
        above: &[Certificate],
        path: &Path,
        told: &[Finding],
    ) -> Option<Finding> {
        let purpose = self.by.purpose.clone();
        let for_tls = uses(leaf, purpose.as_ref()).iter().any(Option::is_some);
        if !for_tls || told.iter().any(|f| f.severity == Severity::Error) {
            return None;
        }
        let is_told = |refusal: &Refusal| told.iter().any(|f| means(refusal, f.rule));
        let (_, answers) = ask(leaf, above, &self.question(purpose, CONSUMERS));
        let takes_it = answers.iter().any(|answer| answer.refusal.is_none());
        let mut said: Vec<(Refusal, Vec<&str>)> = Vec::new();
        for answer in answers {
            let Some(refusal) = answer.refusal.filter(|refusal| !is_told(refusal)) else {
                continue;
            };
            let name = answer.client.name;
            match said.iter_mut().find(|(same, _)| same.text == refusal.text) {
                Some((_, names)) => names.push(name),
                None => said.push((refusal, vec![name])),
            }
        }
        let first = said.first()?.0.rule;
        let mut words = said
            .iter()
            .map(|(refusal, names)| format!("{}: \"{}\"", names.join(", "), refusal.text));
        let finding = rule::REFUSED_BY_CLIENT
            .at(Locator::File(path.to_owned()))
            .weighing(if takes_it {
                Severity::Warning
            } else {
                Severity::Error
            })
            .found(words.next()?)
            .expected("a certificate that every client takes")
            .fix(format!("pki explain {first}"));
        Some(words.fold(finding, Finding::affects))
    }
}
