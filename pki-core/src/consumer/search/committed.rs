//! One chain only, and whether it is trusted: as OpenSSL builds it.
//!
//! For each certificate the first fitting issuer is taken, out of what is
//! trusted before what was sent (`X509_V_FLAG_TRUSTED_FIRST`, the default), and
//! never given back (3.0 `x509_vfy.c build_chain`).

use crate::cert::Certificate;
use crate::consumer::rule::{Rule, Stage};
use crate::consumer::{Refusal, Run};

/// What such a search is told.
#[derive(Debug)]
pub(in crate::consumer) struct Committed {
    /// `X509_V_FLAG_PARTIAL_CHAIN`: any trusted certificate ends a chain, not
    /// only a self-signed one.
    pub(in crate::consumer) partial_chain: bool,
    /// What nothing is an issuer of.
    pub(in crate::consumer) no_child: fn(&Certificate) -> bool,
    /// Whether the first may have issued the second, short of the signature.
    pub(in crate::consumer) likely_issued: fn(&Certificate, &Certificate) -> bool,
    /// Whether a certificate says that it signed itself.
    pub(in crate::consumer) self_signed: fn(&Certificate) -> bool,
    /// What is said where there is no chain.
    pub(in crate::consumer) outcomes: Outcomes,
}

/// Why there is no chain.
#[derive(Debug)]
pub(in crate::consumer) struct Outcomes {
    /// Nothing issued the last that was sent.
    pub(in crate::consumer) no_local_issuer: &'static Rule,
    /// Something trusted did, and has no issuer itself.
    pub(in crate::consumer) no_issuer: &'static Rule,
    /// The target is self-signed and not trusted.
    pub(in crate::consumer) self_signed: &'static Rule,
    /// A root was sent that is not trusted.
    pub(in crate::consumer) self_signed_in_chain: &'static Rule,
    /// More than the most that may be.
    pub(in crate::consumer) too_long: &'static Rule,
}

/// `X509_VERIFY_MAX_CHAIN_CERTS` of libssl: CAs between target and anchor.
const MOST_BETWEEN: usize = 100;

impl Committed {
    /// Builds the chain and asks the rules of it.
    pub(super) fn run<'a>(
        &self,
        run: &Run<'a>,
        pool: &[&'a Certificate],
        anchors: &[&'a Certificate],
    ) -> Result<Vec<&'a Certificate>, Refusal> {
        let mut builder = Builder {
            run,
            how: self,
            pool: pool.to_vec(),
            anchors,
            path: vec![run.asked.target],
            most: run.asked.max_depth.unwrap_or(MOST_BETWEEN),
        };
        let trusted_from = builder.build()?;
        run.each(&builder.path, trusted_from)?;
        run.ask(Stage::Chain, &run.seen(&builder.path, trusted_from))?;
        Ok(builder.path)
    }
}

struct Builder<'b, 'a> {
    run: &'b Run<'a>,
    how: &'b Committed,
    /// What was sent and is not in the path.
    pool: Vec<&'a Certificate>,
    anchors: &'b [&'a Certificate],
    path: Vec<&'a Certificate>,
    most: usize,
}

impl<'a> Builder<'_, 'a> {
    /// Returns from where on the path is trusted.
    fn build(&mut self) -> Result<usize, Refusal> {
        let mut untrusted = true;
        loop {
            let current = self.path[self.path.len() - 1];
            let too_long = self.path.len() > self.most + 1;
            let trusted = if too_long {
                None
            } else {
                self.find(self.anchors, current)
            };
            let self_signed = (self.how.self_signed)(current);
            if let Some(issuer) = trusted {
                if !self_signed {
                    let from = self.path.len();
                    self.path.push(issuer);
                    return self.extend_trusted(from);
                }
                // Of a self-signed certificate only itself may be trusted.
                if issuer == current {
                    return Ok(self.path.len() - 1);
                }
            }
            if !untrusted || self_signed || too_long {
                break;
            }
            match self.sent(current) {
                Some(issuer) => self.path.push(issuer),
                None => untrusted = false,
            }
            if !untrusted {
                break;
            }
        }
        // Only the target itself is looked up; what was put above it stays.
        let target = self.run.asked.target;
        let fits = self.path.len() <= self.most + 1;
        if self.how.partial_chain && fits && self.anchors.contains(&target) {
            return Ok(0);
        }
        Err(self.no_chain(self.path.len()))
    }

    /// A trusted certificate is on top: without partial chains go on to a root.
    fn extend_trusted(&mut self, from: usize) -> Result<usize, Refusal> {
        loop {
            let top = self.path[self.path.len() - 1];
            if self.how.partial_chain || (self.how.self_signed)(top) {
                return Ok(from);
            }
            let next = self
                .find(self.anchors, top)
                .filter(|c| !self.path.contains(c));
            match next {
                Some(issuer) if self.path.len() <= self.most + 1 => self.path.push(issuer),
                _ => return Err(self.no_chain(from)),
            }
        }
    }

    fn no_chain(&self, trusted_from: usize) -> Refusal {
        let outcomes = &self.how.outcomes;
        let top = self.path[self.path.len() - 1];
        if self.path.len() > self.most + 1 {
            outcomes.too_long.refusal("")
        } else if (self.how.self_signed)(top) {
            if self.path.len() == 1 {
                outcomes.self_signed.refusal("")
            } else {
                outcomes.self_signed_in_chain.refusal("")
            }
        } else if trusted_from < self.path.len() {
            outcomes.no_issuer.refusal("")
        } else {
            outcomes.no_local_issuer.refusal("")
        }
    }

    /// The issuer among what was sent; it is not looked at again.
    fn sent(&mut self, child: &'a Certificate) -> Option<&'a Certificate> {
        let pool: Vec<&Certificate> = self
            .pool
            .iter()
            .copied()
            .filter(|c| {
                let leaf_again = self.path.len() == 1 && self.run.named(child, child);
                leaf_again || !self.path.contains(c)
            })
            .collect();
        let found = self.find(&pool, child)?;
        let at = self.pool.iter().position(|c| *c == found)?;
        self.pool.remove(at);
        Some(found)
    }

    /// The first that may have issued `child` and is in its time; else the one
    /// that lives longest.
    fn find(&self, among: &[&'a Certificate], child: &Certificate) -> Option<&'a Certificate> {
        if (self.how.no_child)(child) {
            return None;
        }
        let now = self.run.asked.now;
        let mut best: Option<&'a Certificate> = None;
        for issuer in among.iter().copied() {
            if !(self.how.likely_issued)(issuer, child) {
                continue;
            }
            let validity = issuer.validity();
            if validity.not_before <= now && now < validity.not_after {
                return Some(issuer);
            }
            if best.is_none_or(|b| validity.not_after > b.validity().not_after) {
                best = Some(issuer);
            }
        }
        best
    }
}
