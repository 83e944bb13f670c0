//! Depth first, going back at dead ends.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::cert::Certificate;
use crate::consumer::rule::{Rule, Stage};
use crate::consumer::{Given, Refusal, Run, facts, signature};
use crate::model::dn::DnCompare;

/// Refused certificates that are kept for the report: ours.
const MOST_MISSES: usize = 10_000;

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
    /// A certificate that was sent twice is there once.
    pub(in crate::consumer) distinct: bool,
    /// When the signature of a certificate is verified.
    pub(in crate::consumer) verifies: Verifies,
    /// Signatures at most.
    pub(in crate::consumer) signatures: Limit,
    /// Certificates at most that are put above others.
    pub(in crate::consumer) steps: Limit,
    /// A rule after which nothing more is tried.
    pub(in crate::consumer) ends: Option<&'static Rule>,
    /// A target that is itself an anchor.
    pub(in crate::consumer) target_as_anchor: TargetAsAnchor,
    /// Which of the dead ends is told.
    pub(in crate::consumer) report: Report,
}

/// How many, and what is said where there are more; `None` where the client has no
/// such limit and the number is ours.
pub(in crate::consumer) type Limit = (u32, Option<&'static Rule>);

/// When a search verifies the signature that a certificate is to have made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::consumer) enum Verifies {
    /// As it is put there, before [`Stage::Issuer`]. Each candidate counts as one,
    /// also where it is in the path already.
    First,
    /// As it is put there, after [`Stage::Issuer`].
    Last,
    /// All of the path from the top down, once it has reached an anchor.
    AtAnchor,
}

/// What is said of the dead ends, and of the limit that was reached.
pub(in crate::consumer) type Report = fn(&[Miss<'_>], Option<&Rule>) -> Refusal;

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
    pub(in crate::consumer) end: End,
    pub(in crate::consumer) cert: &'a Certificate,
    /// Whose issuer it was to be.
    pub(in crate::consumer) child: &'a Certificate,
}

/// What ended there.
#[derive(Debug)]
pub(in crate::consumer) enum End {
    /// A rule refused.
    Rule(Stage, Refusal),
    /// The signature does not hold.
    Signature,
    /// It was put there, and all above it has ended.
    Above,
}

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
    /// Of those that were asked for.
    candidates: HashMap<*const Certificate, Rc<[(&'a Certificate, bool)]>>,
}

/// How a level of the search ended.
#[derive(Debug)]
enum Level {
    Found,
    /// Nothing held.
    Dead,
    /// A limit, or a rule that ends all: nothing more is tried.
    Exhausted(Option<&'static Rule>),
}

impl<'w, 'a> Walk<'w, 'a> {
    fn new(run: &'w Run<'a>, how: &'w Backtracking, given: &'w Given<'w, 'a>) -> Self {
        Self {
            run,
            how,
            given,
            steps: how.steps.0,
            signatures: how.signatures.0,
            candidates: HashMap::new(),
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
            Level::Dead | Level::Exhausted(None) => Err((self.how.report)(&self.misses, None)),
            Level::Exhausted(Some(rule)) => Err((self.how.report)(&self.misses, Some(rule))),
        }
    }

    /// Tries every issuer of the last of `path`.
    fn above(&mut self, path: &mut Vec<&'a Certificate>) -> Level {
        let child = path[path.len() - 1];
        // Read before they are looked at, whatever their name.
        for (issuer, refusal) in self.given.unreadable {
            self.misses.push(Miss {
                depth: path.len(),
                end: End::Rule(Stage::Read, refusal.clone()),
                cert: issuer,
                child,
            });
        }
        for &(issuer, anchor) in self.candidates(child).iter() {
            if self.how.verifies == Verifies::First
                && let Err(end) = self.count_signature(issuer)
            {
                return end;
            }
            if self.repeats(path, issuer, anchor) {
                continue;
            }
            if !anchor || self.how.verifies != Verifies::AtAnchor {
                let Some(left) = self.steps.checked_sub(1) else {
                    return Level::Exhausted(self.how.steps.1);
                };
                self.steps = left;
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

    fn count_signature(&mut self, issuer: &Certificate) -> Result<(), Level> {
        let cost = match self.how.signatures.1 {
            Some(_) => 1,
            None => signature::cost(issuer.public_key()),
        };
        let left = self.signatures.checked_sub(cost);
        self.signatures = left.ok_or(Level::Exhausted(self.how.signatures.1))?;
        Ok(())
    }

    /// Goes on with the last of `path`, which was just put there.
    fn with(&mut self, path: &mut Vec<&'a Certificate>, anchor: bool) -> Level {
        let run = self.run;
        let at = path.len() - 1;
        let (child, issuer) = (path[at - 1], path[at]);
        let trusted_from = if anchor { at } else { path.len() };
        let seen = run.seen(path, trusted_from);
        if let Some((most, too_deep)) = self.how.most_between
            && !anchor
            && at > most
        {
            return self.miss(path, End::Rule(Stage::Candidate, too_deep.refusal("")));
        }
        if let Err(refusal) = run.ask(Stage::Candidate, &seen) {
            return self.miss(path, End::Rule(Stage::Candidate, refusal));
        }
        if self.how.verifies == Verifies::First
            && let Err(end) = self.signed(path, at, trusted_from)
        {
            return self.miss(path, end);
        }
        if let Err(refusal) = run.ask(Stage::Issuer, &seen) {
            return self.miss(path, End::Rule(Stage::Issuer, refusal));
        }
        let signed = match self.how.verifies {
            Verifies::Last => at..at + 1,
            Verifies::AtAnchor if anchor => 1..at + 1,
            Verifies::First | Verifies::AtAnchor => 1..1,
        };
        for above in signed.rev() {
            if let Err(end) = self.count_signature(path[above]) {
                return end;
            }
            if let Err(end) = self.signed(path, above, trusted_from) {
                return self.miss(path, end);
            }
        }
        if anchor {
            let each = run.each(path, trusted_from);
            return match each.and_then(|()| run.ask(Stage::Chain, &seen)) {
                Ok(()) => Level::Found,
                Err(refusal) => match self.how.ends {
                    Some(rule) if rule.id == refusal.rule => Level::Exhausted(Some(rule)),
                    _ => self.miss(path, End::Rule(Stage::Chain, refusal)),
                },
            };
        }
        if self.stops(child, issuer) {
            return Level::Dead;
        }
        match self.above(path) {
            Level::Dead => self.miss(path, End::Above),
            end => end,
        }
    }

    /// Whether the certificate at `above` signed the one below it.
    fn signed(
        &self,
        path: &[&'a Certificate],
        above: usize,
        trusted_from: usize,
    ) -> Result<(), End> {
        let seen = self.run.seen(&path[..=above], trusted_from);
        let asked = self.run.ask(Stage::Signature, &seen);
        asked.map_err(|refusal| End::Rule(Stage::Signature, refusal))?;
        let beyond = self.run.consumer.verifies_beyond;
        let holds = signature::holds(path[above - 1], path[above], beyond);
        holds.then_some(()).ok_or(End::Signature)
    }

    fn stops(&self, child: &Certificate, issuer: &Certificate) -> bool {
        let self_issued = |c: &Certificate| self.run.named(c, c);
        self.how.stops_at_self_issued && self_issued(child) && self_issued(issuer)
    }

    /// The last of `path` is refused.
    fn miss(&mut self, path: &[&'a Certificate], end: End) -> Level {
        let depth = path.len() - 1;
        if self.misses.len() < MOST_MISSES {
            self.misses.push(Miss {
                depth,
                end,
                cert: path[depth],
                child: path[depth - 1],
            });
        }
        Level::Dead
    }

    /// Possible issuers by name, and whether each is an anchor.
    fn candidates(&mut self, child: &'a Certificate) -> Rc<[(&'a Certificate, bool)]> {
        if let Some(known) = self.candidates.get(&std::ptr::from_ref(child)) {
            return Rc::clone(known);
        }
        let anchors = self.given.anchors.iter().map(|c| (*c, true));
        let mut before = HashSet::new();
        let distinct = self.how.distinct;
        let sent = self.given.pool.iter().map(|c| (*c, false));
        let mut candidates: Vec<_> = anchors
            .chain(sent.filter(|(c, _)| !self.given.anchors.contains(c)))
            .filter(|(issuer, _)| self.run.named(child, issuer))
            .filter(|(issuer, anchor)| *anchor || !distinct || before.insert(issuer.der()))
            .collect();
        (self.how.order)(
            child,
            self.given.anchors,
            self.run.consumer.names,
            &mut candidates,
        );
        let candidates: Rc<[_]> = candidates.into();
        self.candidates.insert(child, Rc::clone(&candidates));
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
