//! Depth first, going back at dead ends.

use crate::cert::Certificate;
use crate::consumer::rule::{Rule, Stage};
use crate::consumer::{Given, Refusal, Run, facts, signature};
use crate::model::dn::DnCompare;

/// Steps that a prediction takes before it gives up: ours, the limits of clients
/// are on signatures.
const STEPS: u32 = 100_000;

/// What such searches differ in.
#[derive(Debug)]
pub(in crate::consumer) struct Backtracking {
    /// Puts the possible issuers of a certificate in the order in which they are
    /// tried; they come as they were given, anchors first. The anchors are for
    /// looking up.
    pub(in crate::consumer) order: Order,
    /// After two self-issued certificates in a row nothing more is tried on
    /// that level.
    pub(in crate::consumer) stops_at_self_issued: bool,
    /// What makes a certificate the same as one in the path.
    pub(in crate::consumer) repeats: Repeats,
    /// CAs between target and anchor at most, and what is said where there are more.
    pub(in crate::consumer) most_between: Option<(usize, &'static Rule)>,
    /// Signatures at most.
    pub(in crate::consumer) signatures: u32,
    /// A target that is itself an anchor.
    pub(in crate::consumer) target_as_anchor: TargetAsAnchor,
    /// Which of the dead ends is told.
    pub(in crate::consumer) report: fn(&[Miss<'_>]) -> Refusal,
}

/// Child, anchors, comparison of names, and the issuers to be put in order.
pub(in crate::consumer) type Order =
    fn(&Certificate, &[&Certificate], DnCompare, &mut [(&Certificate, bool)]);

/// As they were given, anchors first.
pub(in crate::consumer) fn as_given(
    _: &Certificate,
    _: &[&Certificate],
    _: DnCompare,
    _: &mut [(&Certificate, bool)],
) {
}

/// When a certificate is not taken into a path twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::consumer) enum Repeats {
    /// Same subject and key; anchors are not asked.
    SubjectAndKeyBelowAnchors,
    /// Same subject, key and SubjectAltName.
    SubjectKeyAndNames,
}

/// What is done with a target that is among the anchors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::consumer) enum TargetAsAnchor {
    /// It is a chain of one.
    Accepted,
    /// It needs an issuer as any other.
    Ignored,
}

/// A dead end.
#[derive(Debug)]
pub(in crate::consumer) struct Miss<'a> {
    /// How many certificates stood below the one refused.
    pub(in crate::consumer) depth: usize,
    pub(in crate::consumer) stage: Stage,
    pub(in crate::consumer) cert: &'a Certificate,
    /// Whose issuer it was to be.
    pub(in crate::consumer) child: &'a Certificate,
    pub(in crate::consumer) refusal: Refusal,
}

/// The rule id of a [`Miss`] of the search itself.
const BAD_SIGNATURE: &str = "signature";

impl Backtracking {
    /// The path that is found, target first.
    pub(super) fn run<'a>(
        &self,
        run: &Run<'a>,
        given: &Given<'_, 'a>,
    ) -> Result<Vec<&'a Certificate>, Refusal> {
        Walk::new(run, self, given).start()
    }
}

/// One search.
struct Walk<'w, 'a> {
    run: &'w Run<'a>,
    how: &'w Backtracking,
    given: &'w Given<'w, 'a>,
    steps: u32,
    signatures: u32,
    misses: Vec<Miss<'a>>,
}

/// How a level of the search ended.
#[derive(Debug, Eq, PartialEq)]
enum Level {
    Found,
    /// Nothing held.
    Dead,
    /// A limit: nothing more is tried.
    Exhausted,
}

impl<'w, 'a> Walk<'w, 'a> {
    fn new(run: &'w Run<'a>, how: &'w Backtracking, given: &'w Given<'w, 'a>) -> Self {
        Self {
            run,
            how,
            given,
            steps: STEPS,
            signatures: how.signatures,
            misses: Vec::new(),
        }
    }

    fn start(mut self) -> Result<Vec<&'a Certificate>, Refusal> {
        let target = self.run.asked.target;
        let trusted = self.given.anchors.contains(&target);
        let mut path = vec![target];
        if trusted && self.how.target_as_anchor == TargetAsAnchor::Accepted {
            self.run.ask(Stage::Chain, &self.run.seen(&path, 0))?;
            return Ok(path);
        }
        match self.above(&mut path) {
            Level::Found => Ok(path),
            Level::Dead | Level::Exhausted => Err((self.how.report)(&self.misses)),
        }
    }

    /// Tries every issuer of the last of `path`.
    fn above(&mut self, path: &mut Vec<&'a Certificate>) -> Level {
        let child = path[path.len() - 1];
        let unreadable = self.given.unreadable.iter();
        for (issuer, refusal) in unreadable.filter(|(c, _)| self.run.named(child, c)) {
            self.misses.push(Miss {
                depth: path.len(),
                stage: Stage::Read,
                cert: issuer,
                child,
                refusal: refusal.clone(),
            });
        }
        for (issuer, anchor) in self.candidates(child) {
            if self.steps == 0 || self.signatures == 0 {
                return Level::Exhausted;
            }
            self.steps -= 1;
            if self.repeats(path, issuer, anchor) {
                continue;
            }
            path.push(issuer);
            match self.with(path, anchor) {
                Level::Dead => path.pop(),
                end => return end,
            };
            if !anchor && self.stops(child, issuer) {
                return Level::Dead;
            }
        }
        Level::Dead
    }

    /// Goes on with the last of `path`, which was just put there.
    fn with(&mut self, path: &mut Vec<&'a Certificate>, anchor: bool) -> Level {
        let run = self.run;
        let at = path.len() - 1;
        let (child, issuer) = (path[at - 1], path[at]);
        let trusted_from = if anchor { at } else { path.len() };
        let seen = run.seen(path, trusted_from);
        for stage in [Stage::Candidate, Stage::Issuer] {
            if let Err(refusal) = run.ask(stage, &seen) {
                return self.miss(path, stage, refusal);
            }
        }
        self.signatures -= 1;
        if !signature::holds(child, issuer.public_key()) {
            let refusal = Refusal {
                rule: BAD_SIGNATURE,
                text: String::new(),
            };
            return self.miss(path, Stage::Search, refusal);
        }
        if anchor {
            let each = run.each(path, trusted_from);
            return match each.and_then(|()| run.ask(Stage::Chain, &seen)) {
                Ok(()) => Level::Found,
                Err(refusal) => self.miss(path, Stage::Chain, refusal),
            };
        }
        if let Some((most, too_deep)) = self.how.most_between
            && at > most
        {
            return self.miss(path, Stage::Candidate, too_deep.refusal(""));
        }
        if self.stops(child, issuer) {
            return Level::Dead;
        }
        self.above(path)
    }

    fn stops(&self, child: &Certificate, issuer: &Certificate) -> bool {
        let self_issued = |c: &Certificate| self.run.named(c, c);
        self.how.stops_at_self_issued && self_issued(child) && self_issued(issuer)
    }

    /// The last of `path` is refused.
    fn miss(&mut self, path: &[&'a Certificate], stage: Stage, refusal: Refusal) -> Level {
        let depth = path.len() - 1;
        self.misses.push(Miss {
            depth,
            stage,
            cert: path[depth],
            child: path[depth - 1],
            refusal,
        });
        Level::Dead
    }

    /// Possible issuers by name, and whether each is an anchor.
    fn candidates(&self, child: &Certificate) -> Vec<(&'a Certificate, bool)> {
        let anchors = self.given.anchors.iter().map(|c| (*c, true));
        let sent = self.given.pool.iter().map(|c| (*c, false));
        let mut candidates: Vec<_> = anchors
            .chain(sent.filter(|(c, _)| !self.given.anchors.contains(c)))
            .filter(|(issuer, _)| self.run.named(child, issuer))
            .collect();
        (self.how.order)(
            child,
            self.given.anchors,
            self.run.consumer.names,
            &mut candidates,
        );
        candidates
    }

    fn repeats(&self, path: &[&Certificate], issuer: &Certificate, anchor: bool) -> bool {
        if anchor && self.how.repeats == Repeats::SubjectAndKeyBelowAnchors {
            return false;
        }
        path.iter().any(|known| {
            known.subject() == issuer.subject()
                && known.public_key() == issuer.public_key()
                && (self.how.repeats == Repeats::SubjectAndKeyBelowAnchors
                    || facts::names_der(known) == facts::names_der(issuer))
        })
    }
}
