//! How RSASSA-PSS is written in an AlgorithmIdentifier, where it is not as RFC 4055
//! has it: clients read more than that.

use super::any_hash::AnyHash;
use super::oid;
use crate::der::{self, Reader, tag};

/// RSASSA-PSS-params (RFC 4055 3.1) with what is odd about them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PssForm {
    pub(super) hash: AnyHash,
    /// The hash of MGF1.
    pub(super) mask: AnyHash,
    /// Octets.
    pub(super) salt: usize,
    /// A hash has other parameters than NULL or none (RFC 4055 2.1).
    pub(crate) hash_parameters: bool,
    /// The first that is.
    pub(crate) fault: Option<PssFault>,
}

/// What is against the definition of RSASSA-PSS-params.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PssFault {
    /// An element behind the salt, where the trailer may stand.
    ForTrailer,
    /// An element behind the trailer.
    BehindTrailer,
    /// An element behind the parameters of hash or mask.
    BehindHash,
    /// A trailer that is not 1.
    Trailer,
}

/// The form of an AlgorithmIdentifier (DER) that is RSASSA-PSS. `None` for another
/// algorithm, and for parameters that nobody reads: absent, of another structure,
/// with a hash that [`super::made_by_any`] does not know, or a mask that is not
/// MGF1. What stands behind the parameters is passed over.
pub(crate) fn pss_form(identifier: &[u8]) -> Option<PssForm> {
    let mut reader = der::only(identifier, tag::SEQUENCE).ok()?.reader();
    let kind = reader.element(tag::OID).ok()?.value;
    (kind == oid::RSA_PSS).then(|| PssForm::read(reader.rest()))?
}

impl PssForm {
    /// From what stands behind the OID.
    pub(super) fn read(parameters: &[u8]) -> Option<Self> {
        let parameters = Reader::new(parameters).element(tag::SEQUENCE).ok()?;
        let mut reader = parameters.reader();
        // What is absent is SHA-1 and a salt of 20 octets.
        let mut form = Self {
            hash: AnyHash::Sha1,
            mask: AnyHash::Sha1,
            salt: 20,
            hash_parameters: false,
            fault: None,
        };
        let mut field = |n| reader.optional(tag::context(n)).ok();
        let (hash, mask, salt, trailer) = (field(0)?, field(1)?, field(2)?, field(3)?);
        if !reader.is_empty() {
            form.fault = Some(match trailer {
                Some(_) => PssFault::BehindTrailer,
                None => PssFault::ForTrailer,
            });
        }
        if let Some(hash) = hash {
            form.hash = form.hash_in(hash.value)?;
        }
        if let Some(mask) = mask {
            let mut reader = der::only(mask.value, tag::SEQUENCE).ok()?.reader();
            let function = reader.element(tag::OID).ok()?.value;
            let hash = reader.element(tag::SEQUENCE).ok()?.raw;
            form.mask = form.hash_in(hash).filter(|_| function == oid::MGF1)?;
            form.nothing_behind(&reader);
        }
        if let Some(salt) = salt {
            form.salt = match der::only(salt.value, tag::INTEGER).ok()?.value {
                [octet @ 0..=0x7f] => usize::from(*octet),
                [high @ 0..=0x7f, low] => usize::from(*high) << 8 | usize::from(*low),
                _ => return None,
            };
        }
        if trailer.is_some_and(|t| t.value != [tag::INTEGER, 1, 1]) {
            form.fault.get_or_insert(PssFault::Trailer);
        }
        Some(form)
    }

    fn hash_in(&mut self, identifier: &[u8]) -> Option<AnyHash> {
        let mut reader = der::only(identifier, tag::SEQUENCE).ok()?.reader();
        let oid = der::oid_text(reader.element(tag::OID).ok()?.value)?;
        if !reader.is_empty() {
            self.hash_parameters |= reader.any().ok()?.raw != [tag::NULL, 0];
        }
        self.nothing_behind(&reader);
        AnyHash::of(&oid)
    }

    fn nothing_behind(&mut self, reader: &Reader<'_>) {
        if !reader.is_empty() {
            self.fault.get_or_insert(PssFault::BehindHash);
        }
    }

    /// SHA-256, SHA-384 or SHA-512 throughout, and a salt of its length.
    pub(crate) fn has_usual_salt(self) -> bool {
        let usual = [AnyHash::Sha256, AnyHash::Sha384, AnyHash::Sha512];
        usual.contains(&self.hash) && self.mask == self.hash && self.salt == self.hash.octets()
    }

    /// Whether a key that is bound to PSS allows it: the same hashes and at least
    /// its salt, or all where it binds nothing (RFC 4055 3.3).
    pub(super) fn is_within(self, bound: Option<&[u8]>) -> bool {
        let allows = |bound: Self| {
            (bound.hash, bound.mask) == (self.hash, self.mask) && self.salt >= bound.salt
        };
        bound.is_none_or(|bound| Self::read(bound).is_some_and(allows))
    }
}
