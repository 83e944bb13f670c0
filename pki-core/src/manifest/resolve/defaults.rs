//! `[defaults]`, and what every leaf falls back to.

use std::ops::Range;

use super::Context;
use super::values::Word;
use crate::document::{At, Fault};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::path::TreePath;
use crate::model::san::San;
use crate::model::validity::{Lifetime, RenewAt};
use crate::stack::{Authority, Origin, Rekey};

/// `[defaults]` with its own defaults.
pub(super) struct Defaults {
    pub(super) authority: Option<String>,
    pub(super) directory: TreePath,
    pub(super) names: Vec<(San, Range<usize>)>,
    pub(super) leaf: Leaf,
}

/// What a leaf table may say, each falling back to the table around it.
#[derive(Clone)]
pub(super) struct Leaf {
    pub(super) key: KeyAlgorithm,
    pub(super) lifetime: At<Lifetime>,
    pub(super) renew: RenewAt,
    pub(super) rekey: Rekey,
}

/// The words of one table that [`Leaf`] is made of.
pub(super) struct LeafWords<'a> {
    pub(super) key: Word<'a>,
    pub(super) lifetime: Word<'a>,
    pub(super) renew: Word<'a>,
    pub(super) rekey: Word<'a>,
}

macro_rules! leaf_words {
    ($table:expr) => {
        LeafWords {
            key: $table.key.as_ref(),
            lifetime: $table.lifetime.as_ref(),
            renew: $table.renew.as_ref(),
            rekey: $table.rekey.as_ref(),
        }
    };
}

pub(super) use leaf_words;

impl Context<'_> {
    pub(super) fn defaults(&mut self, authorities: &[Authority]) -> Defaults {
        let manifest = self.manifest;
        let words = &manifest.defaults;
        if let Some(word) = &words.authority {
            match manifest.authority.get(word) {
                None => self.unknown_authority(word, None),
                Some(authority) if authority.external.is_some() => self.fault(
                    Fault::new(
                        word.span(),
                        format!("`{}` is external: it signs nothing here", **word),
                        "only trusted here",
                    )
                    .help("name an authority of this manifest"),
                ),
                Some(_) => {}
            }
        }
        let mut ours = authorities
            .iter()
            .filter(|a| a.origin != Origin::External)
            .map(|a| a.name.clone());
        let only = ours.next().filter(|_| ours.next().is_none());
        let directory = words
            .directory
            .as_ref()
            .and_then(|word| self.path(None, word));
        let leaf = Leaf {
            key: KeyAlgorithm::EcdsaP256,
            lifetime: At::new(Lifetime::from_days(365), 0..0),
            renew: RenewAt::Fraction(1, 3),
            rekey: Rekey::Never,
        };
        let words_of_leaf = LeafWords {
            key: words.key.as_ref(),
            lifetime: words.lifetime.as_ref(),
            renew: words.renew.as_ref(),
            rekey: None,
        };
        Defaults {
            authority: words.authority.as_ref().map(|a| (**a).clone()).or(only),
            directory: directory
                .or_else(|| TreePath::new("certs").ok())
                .unwrap_or_else(|| unreachable!("`certs` is a place")),
            names: self.sans(&words.names),
            leaf: self.leaf(&leaf, &words_of_leaf),
        }
    }

    pub(super) fn leaf(&mut self, around: &Leaf, words: &LeafWords<'_>) -> Leaf {
        Leaf {
            key: self.key(words.key).unwrap_or(around.key),
            lifetime: self
                .lifetime(words.lifetime)
                .unwrap_or_else(|| around.lifetime.clone()),
            renew: self.renew(words.renew).unwrap_or(around.renew),
            rekey: self.rekey(words.rekey).unwrap_or(around.rekey),
        }
    }
}
