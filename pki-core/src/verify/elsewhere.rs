//! Pairs that are made elsewhere: what was delivered, and what waits in their
//! lineage.

use super::Judge;
use super::authority::life;
use super::handshake::unsigned;
use super::why::{Asked, Given};
use crate::cert::Certificate;
use crate::chain::{self, ChainPolicy};
use crate::lineage;
use crate::reason;
use crate::renew::due;
use crate::report::{Finding, Locator, Report, rule};
use crate::stack::{Lineage, Pair, Service};

impl Judge<'_> {
    pub(super) fn delivered(
        &self,
        pair: &Pair,
        lineage: &Lineage,
        service: &Service,
        report: &mut Report,
    ) {
        let path = &pair.files.certificate;
        let delivery = lineage::delivery(pair, lineage, self.stack, self.inventory, self.now);
        let mut source = match &delivery {
            Ok(_) => None,
            Err(finding) => Some(lineage::told(
                (**finding).clone(),
                pair,
                self.inventory,
                self.now,
            )),
        };
        if self.inventory.is_missing(path) && source.is_some() {
            // It was never delivered: told there.
            report.extend(source);
            return;
        }
        if let Some(finding) = self.kept(pair) {
            report.push(finding);
            report.extend(source);
            return;
        }
        let leaf = self.inventory.leaf(path);
        let mut findings = self.pair_files(pair, service, leaf);
        if let (true, Some(leaf)) = (findings.is_empty(), leaf) {
            findings.extend(self.leaf_of_others(pair, lineage, leaf));
            let rules = self.server_rules(pair, service, leaf).into_iter();
            let rules = rules.chain(unsigned(leaf).map(|finding| finding.at_place(path.as_path())));
            findings.extend(rules.map(|finding| finding.fix(made_anew(pair))));
            // What is wrong with both is told where it hurts.
            let same = self.inventory.leaf(&lineage.certificate) == Some(leaf);
            if let Some(told) = source.take_if(|_| same && !findings.is_empty()) {
                for finding in &mut findings {
                    finding.fix.clone_from(&told.fix);
                }
            }
        }
        let mut files = reason::files(pair);
        let stopped = files.any(|path| self.inventory.in_the_way(path).is_some());
        if let Ok(delivery) = &delivery
            && !stopped
            && findings
                .iter()
                .all(|f| f.fix.as_deref() != Some("pki apply"))
        {
            let reasons = reason::of_delivery(pair, delivery, self.inventory);
            let texts: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            findings.extend((!texts.is_empty()).then(|| {
                rule::LINEAGE_NEWER
                    .at(Locator::File(path.as_path().to_owned()))
                    .found(texts.join("; "))
                    .fix("pki apply")
            }));
        }
        findings.extend(source);
        report.extend(findings);
    }

    /// The certificate that was delivered: its life, names and chain.
    fn leaf_of_others(&self, pair: &Pair, lineage: &Lineage, leaf: &Certificate) -> Vec<Finding> {
        let at = || Locator::File(pair.files.certificate.as_path().to_owned());
        let mut findings = Vec::new();
        let state = due(leaf.validity(), pair.renew, None, self.now);
        let end = leaf.validity().not_after;
        findings.extend(life(&state, end, at(), self.now, &made_anew(pair)));
        let bare = lineage::uncovered(pair, leaf);
        if !bare.is_empty() {
            findings.push(
                rule::NAME_NOT_COVERED
                    .at(at())
                    .found(super::names(leaf))
                    .expected(bare.join(", "))
                    .fix(made_anew(pair)),
            );
        }
        let sent = self.inventory.certificates(&pair.files.certificate);
        let anchors = lineage::anchors(lineage, self.stack, self.inventory);
        for purpose in pair.profile.rules().purposes {
            let chain = |policy: ChainPolicy| {
                let outcome = chain::build(leaf, &sent[1..], &anchors, &policy, self.now);
                (outcome.accepted().is_none(), outcome)
            };
            let file = pair.files.certificate.as_path();
            let place = |i: usize| self.place_of(anchors.get(i)?.certificate());
            let given = Given::new(file, sent.len(), None, place);
            let asked = Asked::of_file(file, Some(purpose), given);
            let purpose = Some(purpose.clone());
            let (is_refused, outcome) = chain(ChainPolicy::common(purpose.clone()));
            let (is_odd, strict) = chain(ChainPolicy::strict(purpose).with_any_anchor());
            let told = if is_refused {
                self.why.refusals(&outcome, &asked)
            } else if is_odd {
                self.why.for_strict(&strict, &asked)
            } else {
                Vec::new()
            };
            // The life of a certificate is told by `due` and `expired`.
            let told = told.into_iter().filter(|f| {
                f.rule != rule::EXPIRED.id
                    && f.rule != rule::NOT_YET_VALID.id
                    && !findings.iter().any(|known| known.rule == f.rule)
            });
            let told: Vec<Finding> = told.map(|f| f.fix(made_anew(pair))).collect();
            findings.extend(told);
        }
        findings
    }
}

/// What only its maker can mend.
fn made_anew(pair: &Pair) -> String {
    format!(
        "have it made anew where it comes from, then: pki renew {}",
        crate::report::shell::word(&pair.id.service)
    )
}
