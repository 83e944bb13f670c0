//! What only a whole path can tell: lengths and name constraints.

use std::collections::BTreeSet;

use super::budget::Limit;
use super::check;
use super::common_name;
use super::search::Session;
use crate::cert::Fault as Flaw;
use crate::model::usage::Purpose;

impl Session<'_> {
    /// What is wrong with putting `next` above `path` (target first), each
    /// with the index in the path of the certificate that is at fault.
    pub(super) fn step_flaws(
        &mut self,
        path: &[usize],
        next: usize,
    ) -> Result<Vec<(usize, Flaw)>, Limit> {
        let mut flaws = Vec::new();
        let above = self.graph.node(next);
        let (anchor, cert) = (above.anchor, above.cert);
        // Self-issued CAs do not count, nor does the target (RFC 5280 4.2.1.9).
        let between = path
            .iter()
            .skip(1)
            .filter(|&&i| !self.graph.node(i).self_issued)
            .count();
        let binds = !anchor || self.policy.anchor.enforce_constraints;
        let allowed = cert.basic_constraints().and_then(|b| b.path_length);
        if let Some(allowed) = allowed.filter(|_| binds)
            && between > usize::try_from(allowed).unwrap_or(usize::MAX)
        {
            // The first CA that is one too many, seen from above.
            let at = self.over_length(path, allowed);
            flaws.push((
                at,
                check::PATH_LENGTH
                    .fails()
                    .found(format!(
                        "{between} CA{} below {}",
                        if between == 1 { "" } else { "s" },
                        cert.subject()
                    ))
                    .expected(format!("at most {allowed}")),
            ));
        }
        let counted = between + usize::from(!anchor && !above.self_issued);
        if let Some(most) = self.policy.max_depth.filter(|&most| counted > most)
            && counted > between
        {
            flaws.push((
                path.len(),
                check::CHAIN_TOO_LONG
                    .fails()
                    .found(format!("{counted} CAs between target and anchor"))
                    .expected(format!("at most {most}")),
            ));
        }
        if binds && self.policy.purpose.is_none() {
            flaws.extend(self.disjoint(path, next).map(|flaw| (path.len(), flaw)));
        }
        if binds && cert.name_constraints().is_some() {
            let target = path.first().map(|&target| self.graph.node(target).cert);
            let flaw = target.and_then(|target| common_name::flaw(target, cert));
            flaws.extend(flaw.map(|flaw| (0, flaw)));
            for (at, &below) in path.iter().enumerate() {
                // Self-issued certificates are exempt unless last (6.1.3(b)).
                if at == 0 || !self.graph.node(below).self_issued {
                    let found = self.constraint_flaws(next, below)?;
                    flaws.extend(found.into_iter().map(|flaw| (at, flaw)));
                }
            }
        }
        flaws.retain(|(_, flaw)| self.policy.checks.counts(flaw.check));
        Ok(flaws)
    }
    /// Where in `path` the CA stands that exceeds `allowed`, counted from the top.
    fn over_length(&self, path: &[usize], allowed: u32) -> usize {
        let allowed = usize::try_from(allowed).unwrap_or(usize::MAX);
        (1..path.len())
            .rev()
            .filter(|&at| !self.graph.node(path[at]).self_issued)
            .nth(allowed)
            .unwrap_or(0)
    }
    /// Where no purpose is asked for, at least one must be left of those that
    /// the target has once every CA has had its say.
    fn disjoint(&self, path: &[usize], next: usize) -> Option<Flaw> {
        let purposes = |node: &usize| self.graph.node(*node).cert.purposes();
        let limits: Vec<&[Purpose]> = path
            .iter()
            .chain([&next])
            .filter_map(purposes)
            .filter(|purposes| !purposes.contains(&Purpose::Any))
            .collect();
        purposes(&next)?;
        let mut limits = limits.into_iter();
        let mut left: BTreeSet<&Purpose> = limits.next()?.iter().collect();
        for limit in limits {
            let limit: BTreeSet<&Purpose> = limit.iter().collect();
            left.retain(|purpose| limit.contains(purpose));
        }
        left.is_empty().then(|| {
            let found: Vec<String> = purposes(&next)
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect();
            check::PURPOSES_DISJOINT
                .fails()
                .found(found.join(", "))
                .expected("a purpose that the certificates below it have")
        })
    }
}
