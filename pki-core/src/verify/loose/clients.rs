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
    /// findings so far names; nothing where the chain is refused anyway. Where more
    /// than one library refuses, for whatever reason, what tells it is an error.
    pub(super) fn refused_by_clients(
        &self,
        leaf: &Certificate,
        above: &[Certificate],
        path: &Path,
        told: &mut Vec<Finding>,
    ) {
        let purpose = self.by.purpose.clone();
        let for_tls = uses(leaf, purpose.as_ref()).iter().any(Option::is_some);
        if !for_tls || told.iter().any(|f| f.severity == Severity::Error) {
            return;
        }
        let (_, answers) = ask(leaf, above, &self.question(purpose, CONSUMERS));
        let refusals = answers.iter().filter_map(|answer| {
            let refusal = answer.refusal.as_ref()?;
            Some((answer.client, refusal))
        });
        let refusals: Vec<(&Consumer, &Refusal)> = refusals.collect();
        // Python has the library of `openssl`.
        let libraries = refusals
            .iter()
            .filter(|(client, _)| client.id != "python-strict");
        let severity = if libraries.count() > 1 {
            Severity::Error
        } else {
            Severity::Warning
        };
        let mut untold: Vec<(&Refusal, Vec<&str>)> = Vec::new();
        for (client, refusal) in refusals {
            let known = told.iter_mut().find(|f| means(refusal, f.rule));
            let same = |(other, _): &&mut (&Refusal, _)| other.text == refusal.text;
            match (known, untold.iter_mut().find(same)) {
                (Some(known), _) => known.severity = known.severity.max(severity),
                (None, Some((_, names))) => names.push(client.name),
                (None, None) => untold.push((refusal, vec![client.name])),
            }
        }
        let mut words = untold
            .iter()
            .map(|(refusal, names)| format!("{}: \"{}\"", names.join(", "), refusal.text));
        let Some((found, (first, _))) = words.next().zip(untold.first()) else {
            return;
        };
        let finding = rule::REFUSED_BY_CLIENT
            .at(Locator::File(path.to_owned()))
            .weighing(severity)
            .found(found)
            .expected("a certificate that every client takes")
            .fix(format!("pki explain {}", first.rule));
        told.push(words.fold(finding, Finding::affects));
    }
}
