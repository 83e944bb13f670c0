//! Whether the certificates of a path are revoked (RFC 5280 6.3).
//!
//! A list counts when the issuer of the certificate signed it: with the key of
//! the path, or with another one of the same name whose certificate stands in
//! the path above or was issued by one that does, so that both lead to the same
//! anchor (6.3.3(f)). Longer ways to a signer are not looked for.

use super::budget::Limit;
use super::check;
use super::crls::Status;
use super::search::Session;
use crate::cert::Fault as Flaw;
use crate::model::usage::KeyUsage;

/// Checks that are asked of who signs certificates, not of who signs lists.
const OF_ISSUERS: [&str; 3] = [
    check::NOT_A_CA.id,
    check::KEY_CERT_SIGN.id,
    check::PURPOSE.id,
];

impl Session<'_> {
    /// Whether anything is asked about this node: not of what is trusted.
    fn asks_status(&self, node: usize) -> bool {
        let trusted =
            self.graph.node(node).anchor && (node != 0 || self.policy.anchor.accept_target);
        self.policy.revocation.is_asked() && !trusted
    }

    /// Tells of every certificate whose status no list can settle, where all
    /// must be known.
    pub(super) fn refuse_unknown(&mut self) {
        if !self.policy.revocation.is_hard() {
            return;
        }
        for node in self.graph.reached().to_vec() {
            if self.asks_status(node) {
                let cert = self.graph.node(node).cert;
                let why = self.lists.hopeless(node, cert).unwrap_or_default();
                self.add_unknown(node, why);
            }
        }
    }

    fn add_unknown(&mut self, node: usize, why: Vec<Flaw>) {
        if self.policy.checks.counts(check::REVOCATION_UNKNOWN.id) {
            self.add_node_flaws(node, why);
        }
    }

    /// Finds out what a single pair of certificates tells about revocation:
    /// whether any path over it is lost. True when something new is known to be
    /// wrong.
    pub(super) fn revocation_of_edge(
        &mut self,
        child: usize,
        issuer: usize,
    ) -> Result<bool, Limit> {
        if !self.asks_status(child) || self.told_unknown(child) {
            return Ok(false);
        }
        let namesakes = self.namesakes(child);
        let alone = namesakes
            .iter()
            .all(|&other| self.same_signer(other, issuer));
        let signers = if alone { vec![issuer] } else { namesakes };
        match self.status(child, &signers)? {
            Status::Revoked(flaw) if alone && self.policy.checks.counts(flaw.check) => {
                self.revoke_edge(child, issuer, flaw);
                Ok(true)
            }
            Status::Unknown(why) if self.policy.revocation.is_hard() => {
                // Nobody at hand signed a list that can be used.
                self.add_unknown(child, why);
                Ok(self.told_unknown(child))
            }
            _ => Ok(false),
        }
    }

    /// What a whole path tells about revocation, each flaw with the place of
    /// the certificate; what is told of single ones is left out.
    pub(super) fn revocation_of_path(
        &mut self,
        path: &[usize],
    ) -> Result<Vec<(usize, Flaw)>, Limit> {
        let mut flaws = Vec::new();
        for (at, pair) in path.windows(2).enumerate() {
            let (child, issuer) = (pair[0], pair[1]);
            let known = self.told_unknown(child) || self.is_revoked(child, issuer);
            if known || !self.asks_status(child) {
                continue;
            }
            let signers = self.signers(path, at)?;
            match self.status(child, &signers)? {
                Status::Good => {}
                Status::Revoked(flaw) => flaws.push((at, flaw)),
                Status::Unknown(why) => {
                    if self.policy.revocation.is_hard()
                        && self.policy.checks.counts(check::REVOCATION_UNKNOWN.id)
                    {
                        flaws.extend(why.into_iter().map(|flaw| (at, flaw)));
                    }
                }
            }
        }
        flaws.retain(|(_, flaw)| flaw.check != check::REVOKED.id || self.counts_revoked());
        Ok(flaws)
    }

    fn counts_revoked(&self) -> bool {
        self.policy.checks.counts(check::REVOKED.id)
    }

    fn told_unknown(&self, node: usize) -> bool {
        let flaws = self.node_flaws(node).iter();
        flaws
            .into_iter()
            .any(|f| f.check == check::REVOCATION_UNKNOWN.id)
    }

    fn status(&mut self, node: usize, signers: &[usize]) -> Result<Status, Limit> {
        self.lists
            .status(node, signers, &self.graph, self.policy, &mut self.purse)
    }

    /// All that bear the name of the child's issuer.
    fn namesakes(&self, child: usize) -> Vec<usize> {
        let issuers = self.graph.issuers(child).iter();
        issuers.filter(|c| c.by_name).map(|c| c.node).collect()
    }

    /// Whether two certificates make no difference for who signed a list.
    fn same_signer(&self, a: usize, b: usize) -> bool {
        let signs = |node: usize| {
            let cert = self.graph.node(node).cert;
            let usage = cert.key_usage();
            (
                cert.public_key(),
                usage.is_none_or(|u| u.contains(KeyUsage::CRL_SIGN)),
            )
        };
        signs(a) == signs(b)
    }

    /// The issuer of `path[at]`, and the others of its name that may sign lists
    /// under the same anchor.
    fn signers(&mut self, path: &[usize], at: usize) -> Result<Vec<usize>, Limit> {
        let above = &path[at + 1..];
        let mut signers = vec![path[at + 1]];
        for other in self.namesakes(path[at]) {
            if signers.contains(&other) {
                continue;
            }
            if above.contains(&other) || self.leads_to(other, above)? {
                signers.push(other);
            }
        }
        Ok(signers)
    }

    /// Whether one of `above` (the rest of a path, its anchor last) issued
    /// `signer`, and nothing is wrong with that.
    fn leads_to(&mut self, signer: usize, above: &[usize]) -> Result<bool, Limit> {
        let flaws = self.node_flaws(signer).iter();
        let mut flaws = flaws.filter(|f| !OF_ISSUERS.contains(&f.check));
        if self.graph.node(signer).anchor || flaws.next().is_some() {
            return Ok(false);
        }
        for (i, &issuer) in above.iter().enumerate() {
            self.purse.step()?;
            let edge = self.edges().get(&(signer, issuer));
            if !edge.is_some_and(|e| e.flaws.is_empty()) || !self.verify(signer, issuer)? {
                continue;
            }
            if self.constrained(signer, &above[i..])? {
                continue;
            }
            // Only by the one who issued it: no list vouches for its own signer.
            match self.status(signer, &[issuer])? {
                Status::Good => return Ok(true),
                Status::Unknown(_) if !self.policy.revocation.is_hard() => return Ok(true),
                Status::Unknown(_) | Status::Revoked(_) => {}
            }
        }
        Ok(false)
    }

    /// Whether name constraints of `above` forbid `signer`.
    fn constrained(&mut self, signer: usize, above: &[usize]) -> Result<bool, Limit> {
        for &issuer in above {
            let binds = !self.graph.node(issuer).anchor || self.policy.anchor.enforce_constraints;
            if !binds {
                continue;
            }
            let flaws = self.constraint_flaws(issuer, signer)?;
            if flaws.iter().any(|f| self.policy.checks.counts(f.check)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
