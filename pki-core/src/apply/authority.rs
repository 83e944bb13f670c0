//! Makes the keys, certificates and requests of authorities.

use super::build::Builder;
use super::check;
use crate::cert::Certificate;
use crate::encode::bundle::{bundle, request_pem};
use crate::error::{Error, Result};
use crate::issue::{self, Request};
use crate::model::path::TreePath;
use crate::plan::Action;
use crate::report::Locator;
use crate::stack::{Authority, Origin};
use crate::store::{Part, Write};

impl Builder<'_> {
    pub(super) fn authority(
        &mut self,
        authority: &Authority,
        action: &Action,
    ) -> Result<Certificate> {
        let name = &authority.name;
        let (certificate_path, key_path) = authority
            .signing()
            .and_then(|g| Some((&g.certificate, g.key.as_ref()?)))
            .ok_or_else(|| {
                Error::usage(format!("authority `{name}` has no generation that signs"))
            })?;
        let is_new = action.needs_key();
        let level = self.stack.issuers(name).len();
        let group = self.built.authorities.get(&level).map_or(0, Vec::len);
        if is_new {
            let key = self.authority_key(authority, key_path, group)?;
            self.built.authorities.entry(level).or_default().push(key);
        }
        let own = self.signing().signer(name)?;
        // An authority that exists keeps its name, octet by octet.
        let subject = self
            .inventory
            .leaf(certificate_path)
            .map_or_else(|| authority.subject.clone(), |old| old.subject().clone());
        let mut request = Request::authority(
            subject,
            authority.lifetime,
            own.public().clone(),
            authority.path_length,
            authority.permit.clone(),
        )?;
        let old = self.inventory.leaf(certificate_path);
        if let Some(old) = old.filter(|old| old.public_key() == own.public()) {
            request = request.following(old);
            if !self.inventory.issued().contains(old) {
                request = request.constrained_as(old);
            }
        }
        let serial = self.next_serial()?;
        let now = self.options.now;
        let certificate = match &authority.origin {
            Origin::Issuer(issuer) => {
                let made = self.signing().issue(&request, issuer, &serial)?;
                self.note_clamp(&made, Locator::Authority(name.clone()));
                made.certificate
            }
            Origin::Root | Origin::External => {
                issue::self_sign(&request, self.signing().signer(name)?, now, &serial).map_err(
                    |e| Error::from(e).context(format!("authority `{name}` was not made")),
                )?
            }
        };
        check::authority(&certificate, authority, self.stack, &self.inventory, now)?;
        let pem = bundle(&[certificate.der()]).into_bytes();
        self.record(&certificate, format!("authority {name}"), certificate_path);
        self.overlay(certificate_path, &pem);
        let write = Write {
            part: Part::Certificate,
            pair: is_new.then_some(group),
            folder_mode: 0o700,
            ..Write::public(certificate_path.clone(), pem)
        };
        if is_new {
            self.built.authorities.entry(level).or_default().push(write);
        } else {
            self.built.writes.push(write);
        }
        Ok(certificate)
    }

    /// A new key of an authority.
    fn authority_key(
        &mut self,
        authority: &Authority,
        path: &TreePath,
        pair: usize,
    ) -> Result<Write> {
        let name = &authority.name;
        let key = self.next_key()?;
        let pem = if authority.encrypted {
            let passphrase = self.signers.passphrases.get(name).ok_or_else(|| {
                Error::usage(format!("there is no passphrase for authority `{name}`"))
            })?;
            key.to_encrypted_pem(passphrase)?
        } else {
            key.to_pem()
        };
        self.signers.keys.insert(name.clone(), key);
        Ok(Write {
            pair: Some(pair),
            folder_mode: 0o700,
            ..Write::key(path.clone(), pem)
        })
    }

    /// What a CA elsewhere is to sign; says in a line what it asks for.
    pub(super) fn request_file(
        &mut self,
        authority: &Authority,
        action: &Action,
    ) -> Result<String> {
        let name = &authority.name;
        let (Some(path), Some(generation)) = (&authority.request, authority.signing()) else {
            return Err(Error::usage(format!("authority `{name}` is signed here")));
        };
        let group = self.built.writes.len();
        if let (true, Some(key)) = (action.needs_key(), &generation.key) {
            let key = self.authority_key(authority, key, group)?;
            self.built.writes.push(key);
        }
        let own = self.signing().signer(name)?;
        // What stands there may be anything; one that is certified keeps its name.
        let there = self.inventory.leaf(&generation.certificate);
        let there = there.filter(|ca| ca.is_ca() && ca.public_key() == own.public());
        let subject = there.map_or(&authority.subject, Certificate::subject);
        let request = Request::authority(
            subject.clone(),
            authority.lifetime,
            own.public().clone(),
            authority.path_length,
            authority.permit.clone(),
        )?;
        let pem = request_pem(&issue::ask(&request, own)?);
        let text = format!("{path}: {}, {subject}", own.public().describe());
        self.built.writes.push(Write {
            pair: Some(group),
            ..Write::public(path.clone(), pem.into_bytes())
        });
        Ok(text)
    }
}
