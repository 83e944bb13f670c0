//! What is to be certified: valid by construction.

use crate::cert::{Certificate, oid};
use crate::error::Error;
use crate::key::PublicKey;
use crate::model::dn::Dn;
use crate::model::profile::{Names, Profile};
use crate::model::san::{Constraint, San};
use crate::model::validity::Lifetime;

/// Profile, names and public key of a certificate to be.
#[derive(Clone, Debug)]
pub struct Request {
    profile: Profile,
    subject: Dn,
    names: Vec<San>,
    lifetime: Lifetime,
    public_key: PublicKey,
    path_length: Option<u32>,
    permit: Vec<Constraint>,
    key_id: Option<Vec<u8>>,
    constraints: Option<Vec<u8>>,
}

/// Why a request is not one that its profile allows.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// A server or peer without a name.
    #[error("a {0} certificate needs at least one name")]
    NoNames(Profile),
    /// A subject without any attribute, or a client without commonName.
    #[error("a {0} certificate needs a common name (CN) in its subject")]
    NoCommonName(Profile),
    /// [`Profile::Authority`] where a leaf is meant.
    #[error("an authority is no leaf")]
    NoLeaf,
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        Self::usage(error.to_string())
    }
}

impl Request {
    /// A server, client or peer. A name given twice is taken once.
    ///
    /// # Errors
    /// When the profile asks for names or a common name that are not there.
    pub fn leaf(
        profile: Profile,
        subject: Dn,
        names: Vec<San>,
        lifetime: Lifetime,
        public_key: PublicKey,
    ) -> Result<Self, RequestError> {
        let rules = profile.rules();
        if rules.is_ca {
            return Err(RequestError::NoLeaf);
        }
        if rules.names == Names::Required && names.is_empty() {
            return Err(RequestError::NoNames(profile));
        }
        // An empty subject would need a critical SubjectAltName (4.2.1.6);
        // none of our profiles has use for one.
        if subject.is_empty() || (rules.needs_common_name && subject.common_name().is_none()) {
            return Err(RequestError::NoCommonName(profile));
        }
        let mut once: Vec<San> = Vec::with_capacity(names.len());
        for name in names {
            if !once.contains(&name) {
                once.push(name);
            }
        }
        Ok(Self {
            profile,
            subject,
            names: once,
            lifetime,
            public_key,
            path_length: None,
            permit: Vec::new(),
            key_id: None,
            constraints: None,
        })
    }

    /// An authority. `path_length`: how many CAs may stand below it; `permit`:
    /// the only names it may vouch for, none meaning all.
    ///
    /// # Errors
    /// When the subject is empty (RFC 5280 4.1.2.6).
    pub fn authority(
        subject: Dn,
        lifetime: Lifetime,
        public_key: PublicKey,
        path_length: Option<u8>,
        permit: Vec<Constraint>,
    ) -> Result<Self, RequestError> {
        if subject.is_empty() {
            return Err(RequestError::NoCommonName(Profile::Authority));
        }
        Ok(Self {
            profile: Profile::Authority,
            subject,
            names: Vec::new(),
            lifetime,
            public_key,
            path_length: path_length.map(u32::from),
            permit,
            key_id: None,
            constraints: None,
        })
    }

    /// An authority's next certificate for the key that it has: it keeps its
    /// SubjectKeyIdentifier, which those it signed name (RFC 5280 4.2.1.1), and
    /// as many CAs below it as it could have.
    #[must_use]
    pub fn following(mut self, old: &Certificate) -> Self {
        self.key_id = old.subject_key_id().map(<[u8]>::to_vec);
        let old = old.basic_constraints().and_then(|b| b.path_length);
        self.path_length = self.path_length.and_then(|new| Some(old?.max(new)));
        self
    }

    /// The NameConstraints of `old` as they stand there, where `permit` asks
    /// for none: a CA that was made elsewhere does not lose them.
    #[must_use]
    pub fn constrained_as(mut self, old: &Certificate) -> Self {
        let found = old.extensions().iter();
        let mut found = found.filter(|e| e.oid == oid::NAME_CONSTRAINTS);
        if self.permit.is_empty() {
            self.constraints = found.next().map(|e| e.value.clone());
        }
        self
    }

    /// Which kind of certificate.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Its subject.
    pub fn subject(&self) -> &Dn {
        &self.subject
    }

    /// Its names, each once.
    pub fn names(&self) -> &[San] {
        &self.names
    }

    /// How long it is to live from now on.
    pub fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// The key to certify.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    pub(super) fn path_length(&self) -> Option<u32> {
        self.path_length
    }

    pub(super) fn permit(&self) -> &[Constraint] {
        &self.permit
    }

    /// NameConstraints in DER that came with the authority.
    pub(super) fn constraints(&self) -> Option<&[u8]> {
        self.constraints.as_deref()
    }

    /// SubjectKeyIdentifier (RFC 5280 4.2.1.2 (1) where none is kept).
    pub(super) fn key_id(&self) -> Vec<u8> {
        self.key_id
            .clone()
            .unwrap_or_else(|| self.public_key.key_id_sha1().to_vec())
    }
}
