//! How the clients of a stack judge a chain: Go, Java, OpenSSL, Python 3.13
//! and rustls, each in its own words.
//!
//! A [`Consumer`] is data: how it searches, how it compares names, a table of
//! rules in the order in which it asks them, and the releases that were
//! measured. Nothing here says what is right: that is [`crate::chain`].

mod facts;
mod go;
mod jsse;
mod keys;
mod meaning;
mod names;
mod openssl;
mod rule;
mod rustls;
mod search;
mod signature;

pub use meaning::{Meaning, all as meanings, find as meaning};
pub use rule::{Rule, Stage};

use std::borrow::Cow;

use rule::Seen;
use search::Search;

use crate::cert::{Certificate, Extension};
use crate::chain::{Anchor, PeerName};
use crate::clock::Timestamp;
use crate::model::dn::DnCompare;
use crate::model::usage::Purpose;

/// A program or library that verifies chains.
#[derive(Debug)]
pub struct Consumer {
    /// The word for it: `go`, `jsse`, `openssl`, `python-strict`, `rustls`.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// Releases whose answers were measured, the oldest first.
    pub releases: &'static [Release],
    /// All that it refuses for, in the order in which it asks.
    pub rules: &'static [Rule],
    names: DnCompare,
    search: Search,
    reads: Reads,
    unreadable: Unreadable,
    /// What is said where nothing is trusted, before anything is asked.
    no_anchors: Option<&'static Rule>,
    names_asked: Names,
    /// OIDs of the curves and kinds of keys with which it verifies and this library
    /// does not.
    verifies_beyond: &'static [&'static str],
}

/// A release of a consumer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Release {
    /// Its number, as far as the behaviour depends on it.
    pub id: &'static str,
    /// What was measured.
    pub measured: &'static str,
}

/// How the values of extensions are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Reads {
    /// Lengths that are longer than they must be are taken.
    long_lengths: bool,
    /// Octets behind a value are passed over.
    trailing: bool,
    /// But not behind the values of these extensions.
    alone: &'static [&'static str],
    /// Certificates before version 3 have no extensions.
    version_3_alone: bool,
}

impl Reads {
    /// The certificate as it is seen, where that is not as it is.
    fn other(self, cert: &Certificate) -> Option<Certificate> {
        if self.version_3_alone && cert.version() != 3 {
            return Some(cert.read_with(|_| None));
        }
        let value = |extension: &Extension| {
            let trailing = self.trailing && !self.alone.contains(&extension.oid.as_str());
            facts::in_der(&extension.value, self.long_lengths, trailing)
        };
        let differs = |e: &Extension| value(e).is_some_and(|value| value != e.value);
        cert.extensions()
            .iter()
            .any(differs)
            .then(|| cert.read_with(|e| Some(value(e).unwrap_or_else(|| e.value.clone()))))
    }

    /// What `read` makes of all of them, where it makes something of any.
    fn all<T: Clone>(all: &[T], read: impl Fn(&T) -> Option<T>) -> Cow<'_, [T]> {
        let others: Vec<Option<T>> = all.iter().map(read).collect();
        if others.iter().all(Option::is_none) {
            return Cow::Borrowed(all);
        }
        let both = others.into_iter().zip(all);
        Cow::Owned(
            both.map(|(other, cert)| other.unwrap_or_else(|| cert.clone()))
                .collect(),
        )
    }
}

/// What comes of certificates besides the target that cannot be read: whether
/// one ends everything, or is as if it were not there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Unreadable {
    /// One that was sent, in a handshake. The callers of a library leave it away.
    sent_refuses: bool,
    /// One that is trusted.
    trusted_refuses: bool,
}

/// When the name that is dialled is compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Names {
    BeforeSearch,
    AfterSearch,
    /// By the search itself.
    Within,
}

/// By which door a chain comes in.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Through {
    /// In a TLS handshake: what the consumer's own TLS asks with its defaults.
    #[default]
    Handshake,
    /// By the library's call that verifies a chain, and nothing more.
    Library,
}

/// What a consumer is asked.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The certificate of the peer.
    pub target: &'a Certificate,
    /// What the peer sent after it, in that order.
    pub pool: &'a [Certificate],
    /// What the consumer trusts, in the order of its file.
    pub anchors: &'a [Anchor],
    /// The name that was dialled; `None` asks for none.
    pub peer: Option<&'a PeerName>,
    /// What the target is used for; `None` is what the consumer asks where
    /// nothing is said.
    pub purpose: Option<Purpose>,
    /// The consumer's clock.
    pub now: Timestamp,
    /// A fraction of a second has passed since [`Self::now`].
    pub within_second: bool,
    /// How many CAs may stand between target and anchor, where the caller says so.
    pub max_depth: Option<usize>,
    /// By which door.
    pub through: Through,
}

/// Why a consumer refuses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// Id of the rule behind it.
    pub rule: &'static str,
    /// What the consumer prints, as near as it can be told.
    pub text: String,
}

/// All that are known.
pub const CONSUMERS: &[&Consumer] = &[
    &go::GO,
    &jsse::JSSE,
    &openssl::OPENSSL,
    &openssl::PYTHON_STRICT,
    &rustls::RUSTLS,
];

/// The consumer of this id.
pub fn find(id: &str) -> Option<&'static Consumer> {
    CONSUMERS.iter().copied().find(|c| c.id == id)
}

impl Consumer {
    /// The newest release that was measured.
    pub fn newest(&self) -> &'static Release {
        // Each table has a row: a test looks.
        &self.releases[self.releases.len() - 1]
    }

    /// The release whose behaviour a version such as `1.24.3` has: the newest
    /// measured one that is not newer than it, else the oldest.
    pub fn release(&self, version: &str) -> &'static Release {
        let version = numbers(version);
        let older = |r: &&Release| numbers(r.id) <= version;
        let known = self.releases.iter().rev().find(older);
        known.unwrap_or(&self.releases[0])
    }

    /// The releases that ask a rule, the oldest first.
    pub fn releases_of(&self, rule: &Rule) -> Vec<&'static Release> {
        let releases = self.releases.iter().enumerate();
        let asking = releases.filter(|(at, _)| rule.holds_in(*at));
        asking.map(|(_, release)| release).collect()
    }

    /// What this consumer, in this release, would answer.
    ///
    /// Revocation is not looked at, nor what is asked of the handshake itself
    /// (protocol, the signature by the target's key).
    ///
    /// Signatures by keys on P-224, secp256k1 and the curves of Brainpool and by
    /// Ed448 are not verified here. Where this consumer verifies such, they are taken
    /// as holding: one by another key is rarer than one that is right.
    ///
    /// # Errors
    /// Why it refuses.
    pub fn predict(&self, release: &Release, asked: &Asked<'_>) -> Result<(), Refusal> {
        let at = self.releases.iter().position(|r| r == release);
        let other = |cert: &Certificate| self.reads.other(cert);
        let target = other(asked.target);
        let pool = Reads::all(asked.pool, other);
        let anchors = Reads::all(asked.anchors, |a| other(a.certificate()).map(Anchor::new));
        let run = Run {
            consumer: self,
            release: at.unwrap_or(self.releases.len() - 1),
            asked: &Asked {
                target: target.as_ref().unwrap_or(asked.target),
                pool: &pool,
                anchors: &anchors,
                purpose: asked.purpose.clone(),
                ..*asked
            },
        };
        run.answer()
    }
}

/// `1.24.3` as numbers; what is none ends it.
fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}

/// A certificate that is passed over, and why.
type Dropped<'a> = (&'a Certificate, Refusal);

/// What a search has to work with.
struct Given<'g, 'a> {
    pool: &'g [&'a Certificate],
    anchors: &'g [&'a Certificate],
    /// What was sent and is passed over, with the reason.
    unreadable: &'g [Dropped<'a>],
}

/// One question to one consumer.
struct Run<'a> {
    consumer: &'a Consumer,
    release: usize,
    asked: &'a Asked<'a>,
}

impl<'a> Run<'a> {
    fn answer(&self) -> Result<(), Refusal> {
        let asked = self.asked;
        let alone = [asked.target];
        if let Some(rule) = self.consumer.no_anchors
            && self.lacks_anchors()
        {
            return Err(rule.refusal(""));
        }
        self.ask(Stage::Read, &self.seen(&alone, 1))?;
        let Unreadable {
            sent_refuses,
            trusted_refuses,
        } = self.consumer.unreadable;
        let handshake = asked.through == Through::Handshake;
        let (pool, unreadable) = self.readable(asked.pool.iter(), handshake && sent_refuses)?;
        let trusted = asked.anchors.iter().map(Anchor::certificate);
        let (anchors, _) = self.readable(trusted, trusted_refuses)?;
        let given = Given {
            pool: &pool,
            anchors: &anchors,
            unreadable: &unreadable,
        };
        if !self.consumer.search.asks_target() {
            self.ask(Stage::Target, &self.seen(&alone, 1))?;
        }
        if self.consumer.names_asked == Names::BeforeSearch {
            self.ask(Stage::Name, &self.seen(&alone, 1))?;
        }
        let path = self.consumer.search.run(self, &given)?;
        self.ask(Stage::Accepted, &self.seen(&path, path.len() - 1))?;
        if self.consumer.names_asked == Names::AfterSearch {
            self.ask(Stage::Name, &self.seen(&path, path.len() - 1))?;
        }
        Ok(())
    }

    /// Whether nothing is trusted, or nothing that can be read where that is left out.
    fn lacks_anchors(&self) -> bool {
        let trusted = self.asked.anchors.iter().map(Anchor::certificate);
        self.readable(trusted, self.consumer.unreadable.trusted_refuses)
            .is_ok_and(|(anchors, _)| anchors.is_empty())
    }

    /// Those that can be read, and why others cannot.
    fn readable(
        &self,
        certificates: impl Iterator<Item = &'a Certificate>,
        unreadable_refuses: bool,
    ) -> Result<(Vec<&'a Certificate>, Vec<Dropped<'a>>), Refusal> {
        let (mut readable, mut others) = (Vec::new(), Vec::new());
        for cert in certificates {
            let path = [self.asked.target, cert];
            match self.ask(Stage::Read, &self.seen(&path, 2)) {
                Ok(()) => readable.push(cert),
                Err(refusal) if unreadable_refuses => return Err(refusal),
                Err(refusal) => others.push((cert, refusal)),
            }
        }
        Ok((readable, others))
    }

    fn seen<'s>(&'s self, path: &'s [&'s Certificate], trusted_from: usize) -> Seen<'s> {
        Seen {
            asked: self.asked,
            names: self.consumer.names,
            path,
            at: path.len() - 1,
            trusted_from,
        }
    }

    /// Asks [`Stage::Each`] of the certificates of a path, the target first.
    fn each(&self, path: &[&Certificate], trusted_from: usize) -> Result<(), Refusal> {
        let mut seen = self.seen(path, trusted_from);
        (0..path.len()).try_for_each(|at| {
            seen.at = at;
            self.ask(Stage::Each, &seen)
        })
    }

    /// Asks the rules of one stage in their order.
    fn ask(&self, stage: Stage, seen: &Seen<'_>) -> Result<(), Refusal> {
        let rules = self.consumer.rules.iter();
        for rule in rules.filter(|r| r.stage == stage && r.holds_in(self.release)) {
            if let Some(found) = rule.judge(seen) {
                return Err(rule.refusal(&found));
            }
        }
        Ok(())
    }

    /// Whether `issuer`'s subject is `child`'s issuer.
    fn named(&self, child: &Certificate, issuer: &Certificate) -> bool {
        child.issuer().equals(issuer.subject(), self.consumer.names)
    }
}
