//! Password-based encryption: PBES2 (RFC 8018) read and written, and the
//! schemes of PKCS#12 (RFC 7292 C) that older Java and OpenSSL wrote, read only.

use std::num::NonZeroU32;

use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyIvInit};
use ring::{digest, pbkdf2};
use zeroize::Zeroizing;

use super::kdf::{self, Purpose, Rounds, hex};
use super::{Pkcs12Error, Salts, at, bmp_password, oid};
use crate::der::{self, Element, Reader, tag};

const ALGORITHM: &str = "encryption algorithm";

/// The ciphers, all in CBC mode with the padding of RFC 5652 6.3.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
    /// With this many effective key bits (RFC 2268 2).
    Rc2(usize),
}

impl Cipher {
    fn key_octets(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
            Self::Rc2(bits) => bits / 8,
        }
    }

    /// Decrypts in place; `None` where sizes or padding are wrong.
    fn decrypt<'a>(self, key: &[u8], iv: &[u8], data: &'a mut [u8]) -> Option<&'a [u8]> {
        fn open<C: BlockModeDecrypt>(mode: Option<C>, data: &mut [u8]) -> Option<&[u8]> {
            mode?.decrypt_padded::<Pkcs7>(data).ok()
        }
        match self {
            Self::Aes128 => open(
                Decryptor::<aes::Aes128>::new_from_slices(key, iv).ok(),
                data,
            ),
            Self::Aes192 => open(
                Decryptor::<aes::Aes192>::new_from_slices(key, iv).ok(),
                data,
            ),
            Self::Aes256 => open(
                Decryptor::<aes::Aes256>::new_from_slices(key, iv).ok(),
                data,
            ),
            Self::TripleDes => open(
                Decryptor::<des::TdesEde3>::new_from_slices(key, iv).ok(),
                data,
            ),
            Self::Rc2(bits) => {
                let cipher = rc2::Rc2::new_with_eff_key_len(key, bits);
                open(Decryptor::inner_iv_slice_init(cipher, iv).ok(), data)
            }
        }
    }
}

/// Decrypts `data` as the `AlgorithmIdentifier` says.
pub(super) fn decrypt(
    algorithm: &Element<'_>,
    password: &str,
    rounds: &mut Rounds,
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let mut fields = algorithm.reader();
    let id = fields.element(tag::OID).map_err(at(ALGORITHM))?.value;
    let parameters = fields.element(tag::SEQUENCE).map_err(at(ALGORITHM))?;
    fields.end().map_err(at(ALGORITHM))?;
    let parameters = parameters.reader();
    match id {
        oid::PBES2 => pbes2(parameters, password, rounds, data),
        oid::PBE_SHA1_3DES => pbe_sha1(Cipher::TripleDes, parameters, password, rounds, data),
        oid::PBE_SHA1_RC2_128 => pbe_sha1(Cipher::Rc2(128), parameters, password, rounds, data),
        oid::PBE_SHA1_RC2_40 => pbe_sha1(Cipher::Rc2(40), parameters, password, rounds, data),
        other => Err(unsupported(ALGORITHM, other)),
    }
}

fn pbes2(
    mut parameters: Reader<'_>,
    password: &str,
    rounds: &mut Rounds,
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let key_derivation = parameters.element(tag::SEQUENCE).map_err(at(ALGORITHM))?;
    let scheme = parameters.element(tag::SEQUENCE).map_err(at(ALGORITHM))?;
    parameters.end().map_err(at(ALGORITHM))?;

    let mut scheme = scheme.reader();
    let cipher = match scheme.element(tag::OID).map_err(at(ALGORITHM))?.value {
        oid::AES128_CBC => Cipher::Aes128,
        oid::AES192_CBC => Cipher::Aes192,
        oid::AES256_CBC => Cipher::Aes256,
        oid::DES_EDE3_CBC => Cipher::TripleDes,
        other => return Err(unsupported("cipher", other)),
    };
    let iv = scheme
        .element(tag::OCTET_STRING)
        .map_err(at("initialization vector"))?;

    let mut kdf = key_derivation.reader();
    match kdf.element(tag::OID).map_err(at(ALGORITHM))?.value {
        oid::PBKDF2 => {}
        other => return Err(unsupported("key derivation", other)),
    }
    let kdf = kdf
        .element(tag::SEQUENCE)
        .map_err(at("PBKDF2 parameters"))?;
    let mut kdf = kdf.reader();
    let salt = kdf.element(tag::OCTET_STRING).map_err(at("PBKDF2 salt"))?;
    let count = kdf.element(tag::INTEGER).map_err(at("PBKDF2 rounds"))?;
    // keyLength only repeats what the cipher says.
    kdf.optional(tag::INTEGER)
        .map_err(at("PBKDF2 parameters"))?;
    let prf = match kdf
        .optional(tag::SEQUENCE)
        .map_err(at("PBKDF2 parameters"))?
    {
        None => pbkdf2::PBKDF2_HMAC_SHA1,
        Some(prf) => match prf
            .reader()
            .element(tag::OID)
            .map_err(at("PBKDF2 hash"))?
            .value
        {
            oid::HMAC_SHA1 => pbkdf2::PBKDF2_HMAC_SHA1,
            oid::HMAC_SHA256 => pbkdf2::PBKDF2_HMAC_SHA256,
            oid::HMAC_SHA384 => pbkdf2::PBKDF2_HMAC_SHA384,
            oid::HMAC_SHA512 => pbkdf2::PBKDF2_HMAC_SHA512,
            other => return Err(unsupported("PBKDF2 hash", other)),
        },
    };
    kdf.end().map_err(at("PBKDF2 parameters"))?;

    let count = rounds.take("number of PBKDF2 rounds", &count)?;
    let mut key = Zeroizing::new(vec![0; cipher.key_octets()]);
    pbkdf2::derive(prf, count, salt.value, password.as_bytes(), &mut key);
    open(cipher, &key, iv.value, data)
}

fn pbe_sha1(
    cipher: Cipher,
    mut parameters: Reader<'_>,
    password: &str,
    rounds: &mut Rounds,
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let salt = parameters
        .element(tag::OCTET_STRING)
        .map_err(at("encryption salt"))?;
    let count = parameters
        .element(tag::INTEGER)
        .map_err(at("encryption rounds"))?;
    parameters.end().map_err(at(ALGORITHM))?;
    let count = rounds.take("number of encryption rounds", &count)?;
    let hash = &digest::SHA1_FOR_LEGACY_USE_ONLY;
    let password = bmp_password(password);
    let mut key = Zeroizing::new(vec![0; cipher.key_octets()]);
    kdf::derive(hash, Purpose::Key, &password, salt.value, count, &mut key);
    let mut iv = [0; 8];
    kdf::derive(hash, Purpose::Iv, &password, salt.value, count, &mut iv);
    open(cipher, &key, &iv, data)
}

fn open(
    cipher: Cipher,
    key: &[u8],
    iv: &[u8],
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let mut buffer = Zeroizing::new(data.to_vec());
    let length = cipher
        .decrypt(key, iv, &mut buffer)
        .ok_or(Pkcs12Error::WrongPassword)?
        .len();
    buffer.truncate(length);
    Ok(buffer)
}

/// Encrypts by PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC; gives the
/// `AlgorithmIdentifier` and the ciphertext.
pub(super) fn encrypt(
    password: &str,
    salts: &Salts,
    rounds: NonZeroU32,
    data: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        rounds,
        &salts.encryption,
        password.as_bytes(),
        &mut *key,
    );
    let sealed = cbc::Encryptor::<aes::Aes256>::new(&(*key).into(), &salts.iv.into())
        .encrypt_padded_vec::<Pkcs7>(data);
    let prf = der::sequence([
        der::encode(tag::OID, oid::HMAC_SHA256),
        der::encode(tag::NULL, &[]),
    ]);
    let kdf = der::sequence([
        der::encode(tag::OID, oid::PBKDF2),
        der::sequence([
            der::encode(tag::OCTET_STRING, &salts.encryption),
            der::unsigned(&rounds.get().to_be_bytes()),
            prf,
        ]),
    ]);
    let scheme = der::sequence([
        der::encode(tag::OID, oid::AES256_CBC),
        der::encode(tag::OCTET_STRING, &salts.iv),
    ]);
    let algorithm = der::sequence([
        der::encode(tag::OID, oid::PBES2),
        der::sequence([kdf, scheme]),
    ]);
    (algorithm, sealed)
}

/// Names an algorithm that is not read here.
pub(super) fn unsupported(part: &'static str, id: &[u8]) -> Pkcs12Error {
    let found = match der::oid_text(id) {
        Some(text) => match NAMES.iter().find(|(dotted, _)| *dotted == text) {
            Some((_, name)) => format!("{name} ({text})"),
            None => text,
        },
        None => hex(id),
    };
    Pkcs12Error::Unsupported { part, found }
}

/// Names of what stores may use and is not read here.
const NAMES: &[(&str, &str)] = &[
    ("1.2.840.113549.1.5.14", "PBMAC1"),
    ("1.2.840.113549.1.5.3", "pbeWithMD5AndDES-CBC"),
    ("1.2.840.113549.1.5.10", "pbeWithSHA1AndDES-CBC"),
    ("1.2.840.113549.1.12.1.1", "pbeWithSHAAnd128BitRC4"),
    ("1.2.840.113549.1.12.1.2", "pbeWithSHAAnd40BitRC4"),
    ("1.2.840.113549.1.12.1.4", "pbeWithSHAAnd2-KeyTripleDES-CBC"),
    ("1.2.840.113549.2.5", "MD5"),
    ("1.2.840.113549.1.7.2", "signedData"),
    ("1.2.840.113549.1.7.3", "envelopedData"),
    ("1.3.6.1.4.1.11591.4.11", "scrypt"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_do_not_fit_are_no_panic() {
        for cipher in [
            Cipher::Aes128,
            Cipher::Aes256,
            Cipher::TripleDes,
            Cipher::Rc2(40),
        ] {
            let key = vec![1; cipher.key_octets()];
            for (iv, data) in [
                (0, 16),
                (7, 16),
                (8, 15),
                (16, 15),
                (17, 16),
                (8, 0),
                (16, 0),
                (8, 1),
            ] {
                let mut data = vec![0; data];
                assert_eq!(cipher.decrypt(&key, &vec![0; iv], &mut data), None);
            }
        }
    }
}
