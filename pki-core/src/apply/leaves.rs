//! Issues the certificates of pairs in memory, on all cores: each is signed, and
//! judged by the verifying side.

use std::collections::BTreeMap;

use super::check;
use super::signers::Signers;
use crate::cert::Certificate;
use crate::error::{Error, Result};
use crate::inventory::Inventory;
use crate::issue::{self, Issued, Issuer, IssuerError, Request};
use crate::key::{PrivateKey, PublicKey};
use crate::model::san::San;
use crate::model::serial::Serial;
use crate::parallel;
use crate::plan::{Options, Scope};
use crate::reason;
use crate::stack::{Pair, PairId, Stack};

/// A certificate for a pair, and its key where that is new.
pub(super) struct Leaf {
    pub(super) key: Option<PrivateKey>,
    pub(super) issued: Result<Issued>,
}

/// What is asked for: a key where a new one is due, and a serial number.
pub(super) struct Wanted<'a> {
    pub(super) pair: &'a Pair,
    pub(super) authority: &'a str,
    pub(super) key: Option<PrivateKey>,
    pub(super) serial: Serial,
}

/// All that signing needs, and nothing that it changes.
#[derive(Clone, Copy)]
pub(super) struct Signing<'a> {
    pub(super) stack: &'a Stack,
    pub(super) options: &'a Options<'a>,
    pub(super) inventory: &'a Inventory,
    pub(super) signers: &'a Signers,
}

/// A leaf for each, by its pair.
pub(super) fn leaves(wanted: Vec<Wanted<'_>>, signing: Signing<'_>) -> BTreeMap<PairId, Leaf> {
    let issued = parallel::map(&wanted, |wanted| signing.leaf(wanted));
    let leaves = wanted.into_iter().zip(issued);
    let leaves = leaves.map(|(w, issued)| (w.pair.id.clone(), Leaf { key: w.key, issued }));
    leaves.collect()
}

impl<'a> Signing<'a> {
    fn leaf(self, wanted: &Wanted<'_>) -> Result<Issued> {
        let pair = wanted.pair;
        let public = if let Some(key) = &wanted.key {
            key.public()
        } else {
            let found = self.inventory.public_key(&pair.files.key);
            found.ok_or_else(|| {
                Error::usage(format!("the key `{}` cannot be read", pair.files.key))
            })?
        };
        let old = self.inventory.leaf(&pair.files.certificate);
        let (request, names) = self.request(pair, old, public)?;
        let issued = self.issue(&request, wanted.authority, &wanted.serial)?;
        let (certificate, profile) = (&issued.certificate, request.profile());
        let (stack, inventory, now) = (self.stack, self.inventory, self.options.now);
        check::leaf(
            certificate,
            profile,
            &names,
            public,
            wanted.authority,
            stack,
            inventory,
            now,
        )?;
        Ok(issued)
    }

    /// What the manifest asks for; under a renewal, what the certificate has.
    fn request(
        self,
        pair: &Pair,
        old: Option<&Certificate>,
        public: &PublicKey,
    ) -> Result<(Request, Vec<San>)> {
        let kept = match (self.options.scope, old) {
            (Scope::Due(_), Some(old)) => reason::kept(old),
            _ => None,
        };
        let (profile, subject, names) =
            kept.unwrap_or_else(|| (pair.profile, pair.subject.clone(), pair.names.clone()));
        let lifetime = pair.lifetime;
        let request = Request::leaf(profile, subject, names.clone(), lifetime, public.clone())?;
        Ok((request, names))
    }

    /// Signs with an authority's key.
    pub(super) fn issue(
        self,
        request: &Request,
        authority: &str,
        serial: &Serial,
    ) -> Result<Issued> {
        let ca = self
            .inventory
            .authority(self.stack, authority)
            .ok_or_else(|| Error::usage(format!("authority `{authority}` has no certificate")))?;
        let issuer = Issuer::new(ca, self.signer(authority)?).map_err(|e| {
            let signing = self.stack.authority(authority).and_then(|a| a.signing());
            match (
                &e,
                signing.and_then(|g| Some((&g.certificate, g.key.as_ref()?))),
            ) {
                (IssuerError::KeyMismatch(_), Some((certificate, key))) => Error::usage(format!(
                    "the key `{key}` does not belong to the CA certificate `{certificate}`"
                ))
                .hint("restore both files from the same backup"),
                _ => e.into(),
            }
        })?;
        issue::issue(request, &issuer, self.options.now, serial)
            .map_err(|e| e.of_authority(authority))
    }

    pub(super) fn signer(self, authority: &str) -> Result<&'a PrivateKey> {
        let key = self.signers.keys.get(authority);
        key.ok_or_else(|| Error::usage(format!("the key of authority `{authority}` is not open")))
    }
}
