//! Every certificate of a tree, authorities included, the first to expire on
//! top. It tells what is there; what is wrong with it is for `verify`.

#[cfg(test)]
mod tests;

use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::inventory::Inventory;
use crate::model::fingerprint::KesIdentity;
use crate::model::path::TreePath;
use crate::model::san::GeneralName;
use crate::model::validity::{Lifetime, Validity};
use crate::renew::{Due, due};
use crate::stack::{Authority, Generation, Origin, Pair, PairId, PairKind, Phase, Stack};

/// One certificate of the tree, or the place where one is missing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// What it is in the stack.
    pub what: What,
    /// Its file.
    pub file: TreePath,
    /// Where in its life it is.
    pub state: State,
    /// What it says; `None` where there is none.
    pub facts: Option<Facts>,
}

/// What a certificate is in the stack.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum What {
    /// A CA.
    Authority {
        /// The manifest's word.
        name: String,
        /// Which generation of it.
        generation: u32,
        /// Its part in the life of the authority.
        phase: Phase,
        /// Whether somebody else runs it, and renews it.
        external: bool,
    },
    /// A certificate of a service.
    Pair(PairId),
}

/// What a certificate says, as far as a list shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// RFC 4514.
    pub subject: String,
    /// Upper-case hex.
    pub serial: String,
    /// notBefore and notAfter.
    pub validity: Validity,
    /// Whole days to the end, rounded down; negative once expired.
    pub days_left: i64,
    /// The names of the SubjectAltName, without the words for their forms.
    pub names: Vec<String>,
    /// What KES calls who shows this certificate; of clients only.
    pub kes_identity: Option<KesIdentity>,
}

/// Where in its life a certificate is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// Nothing to do.
    Ok,
    /// To be renewed.
    Due,
    /// No longer valid.
    Expired,
    /// Not valid yet.
    NotYet,
    /// No file.
    Missing,
    /// A file that holds no readable certificate; the text says what it holds.
    Unreadable(String),
}

impl State {
    /// One word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Due => "due",
            Self::Expired => "expired",
            Self::NotYet => "not yet",
            Self::Missing => "missing",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// Lists the certificates that `stack` names, as `inventory` found them: of a
/// pair the leaf, of an authority every generation, of an external one every
/// certificate of its file.
///
/// Sorted by their end, those that are missing or unreadable first. With
/// `within`, only what ends within that span from `now`, or has ended; what has
/// no end is left out.
pub fn list(
    stack: &Stack,
    inventory: &Inventory,
    within: Option<Lifetime>,
    now: Timestamp,
) -> Vec<Row> {
    let look = Look {
        stack,
        inventory,
        now,
    };
    let authorities = stack.authorities.iter().flat_map(|authority| {
        let generations = authority.generations.iter();
        generations.flat_map(|generation| look.generation(authority, generation))
    });
    let mut rows: Vec<Row> = authorities
        .chain(stack.pairs().map(|pair| look.pair(pair)))
        .collect();
    if let Some(span) = within {
        let last = now.plus_seconds(span.seconds());
        rows.retain(|row| row.end().is_some_and(|end| end <= last));
    }
    // Stable: of those that end together, authorities come first, then the
    // order of the manifest.
    rows.sort_by_key(Row::end);
    rows
}

impl Row {
    /// Its last moment; `None` where there is no certificate.
    pub fn end(&self) -> Option<Timestamp> {
        self.facts.as_ref().map(|facts| facts.validity.not_after)
    }
}

struct Look<'a> {
    stack: &'a Stack,
    inventory: &'a Inventory,
    now: Timestamp,
}

impl Look<'_> {
    fn generation(&self, authority: &Authority, generation: &Generation) -> Vec<Row> {
        let file = &generation.certificate;
        let external = authority.origin == Origin::External;
        let what = || What::Authority {
            name: authority.name.clone(),
            generation: generation.number,
            phase: generation.phase,
            external,
        };
        let found = self.inventory.certificates(file);
        if found.is_empty() {
            return vec![self.absent(what(), file)];
        }
        // A file of ours may go on with intermediates; they have their own row.
        let own = if external { found } else { &found[..1] };
        let end = self.inventory.issuer_end(self.stack, authority);
        let ours = !external && generation.phase == Phase::Signing;
        own.iter()
            .map(|ca| Row {
                state: match due(ca.validity(), authority.renew, end, self.now) {
                    // Only what signs is renewed; the others run out.
                    Due::Due { .. } if !ours => State::Ok,
                    other => state(other),
                },
                what: what(),
                file: file.clone(),
                facts: Some(self.facts(ca, false)),
            })
            .collect()
    }

    fn pair(&self, pair: &Pair) -> Row {
        let what = What::Pair(pair.id.clone());
        let file = &pair.files.certificate;
        let Some(leaf) = self.inventory.leaf(file) else {
            return self.absent(what, file);
        };
        let issuer = pair
            .issuer()
            .and_then(|authority| self.inventory.authority(self.stack, authority));
        let issuer_end = issuer.map(|ca| ca.validity().not_after);
        Row {
            state: state(due(leaf.validity(), pair.renew, issuer_end, self.now)),
            what,
            file: file.clone(),
            facts: Some(self.facts(leaf, pair.id.kind == PairKind::Client)),
        }
    }

    fn absent(&self, what: What, file: &TreePath) -> Row {
        let state = match self.inventory.item(file) {
            Some(item) if !item.record.is_missing() => State::Unreadable(item.unusable()),
            _ => State::Missing,
        };
        Row {
            what,
            file: file.clone(),
            state,
            facts: None,
        }
    }

    fn facts(&self, certificate: &Certificate, client: bool) -> Facts {
        let validity = *certificate.validity();
        Facts {
            subject: certificate.subject().to_string(),
            serial: certificate.serial().to_string(),
            days_left: validity.days_left(self.now),
            validity,
            names: certificate.names().iter().map(GeneralName::value).collect(),
            kes_identity: client.then(|| certificate.kes_identity()),
        }
    }
}

fn state(due: Due) -> State {
    match due {
        Due::Fresh { .. } => State::Ok,
        Due::Due { .. } => State::Due,
        Due::Expired { .. } => State::Expired,
        Due::NotYet { .. } => State::NotYet,
    }
}
