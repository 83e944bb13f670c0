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
        if action.needs_key() {
            self.authority_key(name, key_path)?;
        }
        let own = self.signer(name)?;
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
                let made = self.issue(&request, issuer, &serial)?;
                self.note_clamp(&made, Locator::Authority(name.clone()));
                made.certificate
            }
            Origin::Root | Origin::External => {
                issue::self_sign(&request, self.signer(name)?, now, &serial).map_err(|e| {
                    Error::from(e).context(format!("authority `{name}` was not made"))
                })?
            }
        };
        check::authority(&certificate, authority, self.stack, &self.inventory, now)?;
        let pem = bundle(&[certificate.der()]).into_bytes();
        self.record(&certificate, format!("authority {name}"), certificate_path);
        self.overlay(certificate_path, &pem);
        self.built.writes.push(Write {
            part: Part::Certificate,
            folder_mode: 0o700,
            ..Write::public(certificate_path.clone(), pem)
        });
        Ok(certificate)
    }

    /// A new key of an authority.
    fn authority_key(&mut self, name: &str, path: &TreePath) -> Result<()> {
        let key = self.next_key()?;
        let pem = match self.signers.passphrases.get(name) {
            Some(passphrase) => key.to_encrypted_pem(passphrase)?,
            None => key.to_pem(),
        };
        self.built.writes.push(Write {
            folder_mode: 0o700,
            ..Write::key(path.clone(), pem)
        });
        self.signers.keys.insert(name.to_owned(), key);
        Ok(())
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
        if let (true, Some(key)) = (action.needs_key(), &generation.key) {
            self.authority_key(name, key)?;
        }
        let own = self.signer(name)?;
        let there = self.inventory.leaf(&generation.certificate);
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
        self.built
            .writes
            .push(Write::public(path.clone(), pem.into_bytes()));
        Ok(text)
    }
}
