//! The desired state, complete and typed: what the manifest means once every
//! default is filled in. No TOML in it.

mod access;
mod dials;
mod edge;
mod names;
mod output;
mod pair;

pub(crate) use dials::Dials;
pub use edge::{Edge, Scheme, Url};
pub use output::{Output, OutputKind, Use};
pub use pair::{Access, Lineage, Maker, Pair, PairFiles, PairId, PairKind, Rekey};

use names::Index;

use crate::chain::{self, PeerName};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::Dn;
use crate::model::path::TreePath;
use crate::model::san::{Constraint, GeneralName};
use crate::model::validity::{Lifetime, RenewAt};
use crate::role::Role;

pub use crate::model::path::AUTHORITIES;

/// Everything the manifest asks for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Stack {
    /// Issuers before those they issue.
    pub authorities: Vec<Authority>,
    /// In the order of the manifest.
    pub services: Vec<Service>,
    /// In the order of the client services.
    pub edges: Vec<Edge>,
    /// Every file that is derived from certificates: bundles, truststores,
    /// published CA certificates, texts. In the order of writing.
    pub outputs: Vec<Output>,
    /// Where what is asked for by its name stands.
    pub(crate) index: Index,
}

/// A CA of the manifest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authority {
    /// The manifest's word.
    pub name: String,
    /// Who vouches for it.
    pub origin: Origin,
    /// Subject of a new generation. One that exists keeps its own.
    pub subject: Dn,
    /// Key of a new generation.
    pub key: KeyAlgorithm,
    /// Lifetime of a new generation.
    pub lifetime: Lifetime,
    /// When it is due.
    pub renew: RenewAt,
    /// How many CAs may stand below it.
    pub path_length: Option<u8>,
    /// Name constraints: nothing else can be vouched for. Empty: no constraint.
    pub permit: Vec<Constraint>,
    /// Whether its key is stored encrypted.
    pub encrypted: bool,
    /// Where its certificate request is written, where a CA elsewhere signs it.
    pub request: Option<TreePath>,
    /// Oldest first; exactly one is [`Phase::Signing`], unless external.
    pub generations: Vec<Generation>,
}

/// Who vouches for an authority.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Origin {
    /// Itself.
    Root,
    /// Another authority of this manifest, by name.
    Issuer(String),
    /// Not ours: only its certificate is here, to be trusted.
    External,
}

/// One key and certificate of an authority.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Generation {
    /// 1, 2, …
    pub number: u32,
    /// Its part in the life of the authority.
    pub phase: Phase,
    /// Its certificate.
    pub certificate: TreePath,
    /// Its key; `None` for an external authority.
    pub key: Option<TreePath>,
}

/// Part of a generation in the life of its authority.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Phase {
    /// Trusted by edges, signs nothing.
    Trusted,
    /// Trusted, and signs what is new.
    Signing,
    /// Neither.
    Retired,
}

/// A program of the stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Service {
    /// The manifest's word.
    pub name: String,
    /// What kind of program it is, the manifest's overrides applied.
    pub role: Role,
    /// Exists elsewhere: only a target of edges, nothing is made for it.
    pub external: bool,
    /// What stands behind its address.
    pub serves: Serves,
    /// Who signs its pairs.
    pub authority: Option<String>,
    /// The machine it runs on, where the manifest says so.
    pub host: Option<String>,
    /// Its folder.
    pub directory: TreePath,
    /// The default server pair (or, with `per_host`, one per name), further
    /// servers, then clients.
    pub pairs: Vec<Pair>,
    /// What to do once it has its files: lines for people, filled in from the
    /// role's.
    pub next: Vec<String>,
}

/// What stands behind a service's address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Serves {
    /// TLS with its own pairs.
    Tls,
    /// Plain HTTP: no server pair.
    Http,
    /// Nothing: it only dials.
    Nothing,
}

impl Stack {
    /// The authority of this name.
    pub fn authority(&self, name: &str) -> Option<&Authority> {
        self.index.authority(&self.authorities, name)
    }

    /// The service of this name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.index.service(&self.services, name)
    }

    /// An authority and those above it, up to the root.
    pub fn issuers(&self, authority: &str) -> Vec<&Authority> {
        let mut chain: Vec<&Authority> = Vec::new();
        let mut next = self.authority(authority);
        while let Some(current) = next {
            // The manifest has no cycles; this ends whatever it says.
            if chain.iter().any(|a| a.name == current.name) {
                break;
            }
            chain.push(current);
            next = match &current.origin {
                Origin::Issuer(issuer) => self.authority(issuer),
                Origin::Root | Origin::External => None,
            };
        }
        chain
    }

    /// The root above an authority: itself where nothing vouches for it.
    pub fn root_of(&self, authority: &str) -> Option<&Authority> {
        self.issuers(authority).last().copied()
    }

    /// The key files of all generations of all authorities.
    pub fn authority_keys(&self) -> impl Iterator<Item = &TreePath> {
        let generations = self.authorities.iter().flat_map(|a| &a.generations);
        generations.filter_map(|g| g.key.as_ref())
    }

    /// Every pair of every service.
    pub fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.services.iter().flat_map(|s| &s.pairs)
    }

    /// The pair with this id.
    pub fn pair(&self, id: &PairId) -> Option<&Pair> {
        self.index.pair(&self.services, id)
    }
}

impl Service {
    /// Those of `hosts` that none of its server pairs should have.
    pub fn uncovered<'h>(&self, hosts: &'h [String]) -> Vec<&'h String> {
        let servers = self.pairs.iter().filter(|p| p.id.kind == PairKind::Server);
        let names: Vec<Vec<GeneralName>> = servers
            .map(|pair| pair.names.iter().map(GeneralName::from).collect())
            .collect();
        let is_covered = |host: &String| {
            let peer = PeerName::parse(host);
            names.iter().any(|names| chain::covers(names, &peer))
        };
        hosts.iter().filter(|host| !is_covered(host)).collect()
    }
}

impl Authority {
    /// The generation that signs; `None` for an external authority.
    pub fn signing(&self) -> Option<&Generation> {
        self.generations.iter().find(|g| g.phase == Phase::Signing)
    }

    /// The generation that signs; of an external authority, which signs nothing
    /// here, its own.
    pub fn current(&self) -> Option<&Generation> {
        self.signing().or_else(|| self.generations.last())
    }

    /// The generations that clients accept, oldest first.
    pub fn trusted(&self) -> impl Iterator<Item = &Generation> {
        self.generations
            .iter()
            .filter(|g| g.phase != Phase::Retired)
    }
}
