//! The integrity MAC of a store: HMAC with a key of PKCS#12 derivation
//! (RFC 7292 4, appendix B).

use std::num::NonZeroU32;

use ring::{digest, hmac};
use zeroize::Zeroizing;

use super::cipher::unsupported;
use super::kdf::{self, Purpose, Rounds};
use super::{Pkcs12Error, at, bmp_password, oid};
use crate::der::{self, Element, tag};

/// A `MacData`, parsed.
pub(super) struct Mac<'a> {
    algorithm: hmac::Algorithm,
    tag: &'a [u8],
    salt: &'a [u8],
    rounds: NonZeroU32,
}

impl<'a> Mac<'a> {
    pub(super) fn parse(element: &Element<'a>, rounds: &mut Rounds) -> Result<Self, Pkcs12Error> {
        let at = at("macData");
        let mut fields = element.reader();
        let mut info = fields.element(tag::SEQUENCE).map_err(&at)?.reader();
        let algorithm = info.element(tag::SEQUENCE).map_err(&at)?;
        let algorithm = match algorithm.reader().element(tag::OID).map_err(&at)?.value {
            oid::SHA1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            oid::SHA256 => hmac::HMAC_SHA256,
            oid::SHA384 => hmac::HMAC_SHA384,
            oid::SHA512 => hmac::HMAC_SHA512,
            other => return Err(unsupported("MAC algorithm", other)),
        };
        let value = info.element(tag::OCTET_STRING).map_err(&at)?.value;
        info.end().map_err(&at)?;
        let salt = fields.element(tag::OCTET_STRING).map_err(&at)?.value;
        let rounds = match fields.optional(tag::INTEGER).map_err(&at)? {
            Some(count) => rounds.take("number of MAC rounds", &count)?,
            None => NonZeroU32::MIN,
        };
        fields.end().map_err(&at)?;
        Ok(Self {
            algorithm,
            tag: value,
            salt,
            rounds,
        })
    }

    /// Whether `content` carries this MAC under `password`.
    pub(super) fn verify(
        &self,
        password: &str,
        rounds: &mut Rounds,
        content: &[u8],
    ) -> Result<(), Pkcs12Error> {
        let matches = |password: &[u8]| {
            let key = key(self.algorithm, password, self.salt, self.rounds);
            hmac::verify(&key, content, self.tag).is_ok()
        };
        if matches(&bmp_password(password)) {
            return Ok(());
        }
        // Some programs derive from an empty password without its final zero;
        // Java and OpenSSL try both.
        if password.is_empty() {
            rounds.spend(self.rounds.get().into())?;
            if matches(&[]) {
                return Ok(());
            }
        }
        Err(Pkcs12Error::WrongPassword)
    }
}

/// A `MacData` with HMAC-SHA-256 over `content`.
pub(super) fn seal(password: &str, salt: &[u8], rounds: NonZeroU32, content: &[u8]) -> Vec<u8> {
    let key = key(hmac::HMAC_SHA256, &bmp_password(password), salt, rounds);
    let algorithm = der::sequence([
        der::encode(tag::OID, oid::SHA256),
        der::encode(tag::NULL, &[]),
    ]);
    der::sequence([
        der::sequence([
            algorithm,
            der::encode(tag::OCTET_STRING, hmac::sign(&key, content).as_ref()),
        ]),
        der::encode(tag::OCTET_STRING, salt),
        der::unsigned(&rounds.get().to_be_bytes()),
    ])
}

fn key(algorithm: hmac::Algorithm, password: &[u8], salt: &[u8], rounds: NonZeroU32) -> hmac::Key {
    let hash: &'static digest::Algorithm = algorithm.digest_algorithm();
    let mut key = Zeroizing::new(vec![0; hash.output_len()]);
    kdf::derive(hash, Purpose::Mac, password, salt, rounds, &mut key);
    hmac::Key::new(algorithm, &key)
}
