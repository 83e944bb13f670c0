//! What was sent as it stands, where that is a chain: as Java's trust manager
//! does (`sun.security.validator.PKIXValidator`).

use crate::cert::Certificate;
use crate::consumer::rule::{Rule, Stage};
use crate::consumer::{Refusal, Run, Through, signature};

/// What such a look is told.
#[derive(Debug)]
pub(in crate::consumer) struct InOrder {
    /// Whether the second may have issued the first by their key ids.
    pub(in crate::consumer) key_id_fits: fn(&Certificate, &Certificate) -> bool,
    /// A signature does not hold.
    pub(in crate::consumer) bad_signature: &'static Rule,
    /// Nothing trusted fits.
    pub(in crate::consumer) no_anchor: &'static Rule,
    /// What is said where the builder finds nothing.
    pub(in crate::consumer) no_path: &'static Rule,
    /// How the words of a rule are printed.
    pub(in crate::consumer) printed: fn(&str) -> String,
}

impl InOrder {
    /// Where what was sent is a chain in its order
    /// that something trusted is above, that chain counts and no other. `None`:
    /// the builder looks.
    pub(super) fn run<'a>(
        &self,
        run: &Run<'a>,
        anchors: &[&'a Certificate],
    ) -> Option<Result<Vec<&'a Certificate>, Refusal>> {
        let asked = run.asked;
        if asked.through != Through::Handshake {
            return None;
        }
        let sent: Vec<&Certificate> = std::iter::once(asked.target).chain(asked.pool).collect();
        if anchors.contains(&asked.target) {
            return Some(Ok(vec![asked.target]));
        }
        for at in 1..sent.len() {
            if !run.named(sent[at - 1], sent[at]) {
                return None;
            }
            let replaces = |anchor: &&Certificate| {
                anchor
                    .subject()
                    .equals(sent[at].subject(), run.consumer.names)
                    && anchor.public_key() == sent[at].public_key()
            };
            if anchors.iter().any(|a| *a == sent[at] || replaces(a)) {
                return Some(self.validate(run, &sent[..at], anchors));
            }
        }
        let last = sent[sent.len() - 1];
        let above = anchors.iter().any(|anchor| run.named(last, anchor));
        above.then(|| self.validate(run, &sent, anchors))
    }

    /// `PKIXCertPathValidator`: the first anchor that fits, or why the last did not.
    fn validate<'a>(
        &self,
        run: &Run<'a>,
        sent: &[&'a Certificate],
        anchors: &[&'a Certificate],
    ) -> Result<Vec<&'a Certificate>, Refusal> {
        let failed = |refusal: Refusal| Refusal {
            text: (self.printed)(&refusal.text),
            ..refusal
        };
        let top = sent[sent.len() - 1];
        let mut last = self.no_anchor.refusal("");
        for anchor in anchors {
            if !run.named(top, anchor) || !(self.key_id_fits)(top, anchor) {
                continue;
            }
            let mut path = sent.to_vec();
            path.push(anchor);
            match self.whole(run, &path) {
                Ok(()) => return Ok(path),
                Err(refusal) => last = refusal,
            }
        }
        Err(failed(last))
    }

    /// From the top down, as the checkers go.
    fn whole(&self, run: &Run<'_>, path: &[&Certificate]) -> Result<(), Refusal> {
        let anchor = path.len() - 1;
        for at in (1..anchor).rev() {
            let seen = run.seen(&path[..=at], at + 1);
            run.ask(Stage::Issuer, &seen)?;
        }
        run.each(path, anchor)?;
        run.ask(Stage::Target, &run.seen(&path[..1], 1))?;
        for at in (0..anchor).rev() {
            if !signature::holds(path[at], path[at + 1], run.consumer.verifies_beyond) {
                return Err(self.bad_signature.refusal(""));
            }
        }
        run.ask(Stage::Chain, &run.seen(path, anchor))
    }
}
