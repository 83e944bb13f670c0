//! PKCS#12 (RFC 7292): the truststores that Java reads, and the stores that
//! others wrote.
//!
//! Java takes a certificate for a trusted one only where its bag carries the
//! attribute `trustedKeyUsage`; without it a store loads with no entry at all
//! and TLS fails with `the trustAnchors parameter must be non-empty`
//! (measured, Java 17 and 25).

mod cipher;
mod kdf;
mod mac;
mod oid;
mod read;
#[cfg(test)]
mod tests;
mod write;

use crate::der::DerError;
use crate::error::Error;

pub use read::read_store;
pub use write::{aliases, write_truststore};

/// The largest store that is read, in octets. Java's own `cacerts`, with 150
/// authorities, has 0.2 MB.
pub const MAX_OCTETS: usize = 16 << 20;

/// The most key derivation rounds that one store may ask for, all its parts
/// together. keytool writes 10,000 and OpenSSL 2,048 for each part.
pub const MAX_ROUNDS: u32 = 2_000_000;

/// A certificate to trust.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrustEntry {
    /// The name Java shows: lower-case and unique in the store
    /// (`PKCS12KeyStore` lower-cases; of two equal ones the last wins).
    pub alias: String,
    /// The certificate, DER.
    pub certificate_der: Vec<u8>,
}

/// How a truststore is protected.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Protection<'a> {
    /// Not encrypted, no MAC: a truststore holds no secret. Java 17 and 25 read
    /// it with any password or none (measured).
    Open,
    /// Encrypted (PBES2: PBKDF2 with HMAC-SHA-256, AES-256-CBC) with a MAC
    /// (HMAC-SHA-256), 10,000 rounds each, as keytool of Java 17 writes it.
    /// Java reads it from 8u301 and 11.0.12 on (release notes, not measured;
    /// 17 and 25 measured), with this password only: without one it sees no entry.
    Password {
        /// Not empty.
        password: &'a str,
        /// Random octets, new for every store.
        salts: &'a Salts,
    },
}

/// The random octets of a store with a password; they are public.
#[derive(Clone, Debug)]
pub struct Salts {
    /// Salt of the encryption key.
    pub encryption: [u8; 20],
    /// Initialization vector of AES-256-CBC.
    pub iv: [u8; 16],
    /// Salt of the MAC key.
    pub mac: [u8; 20],
}

/// What a store holds.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Store {
    /// The certificates, in the order of the store.
    pub entries: Vec<StoreEntry>,
    /// How many private keys; they are never decrypted.
    pub keys: usize,
    /// Whether any certificate stands in an encrypted part, so that Java sees
    /// it only with the password.
    pub encrypted: bool,
    /// Whether there is a MAC. It was checked if a password was given.
    pub mac: bool,
}

/// A certificate of a store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoreEntry {
    /// The attribute `friendlyName`, where there is one.
    pub alias: Option<String>,
    /// The certificate, DER. Known to be one SEQUENCE and no more than that.
    pub certificate_der: Vec<u8>,
    /// Whether Java takes it for a trusted entry: it carries
    /// `trustedKeyUsage`, and no later entry takes its alias.
    pub trusted: bool,
}

/// Why a store cannot be read or written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Pkcs12Error {
    /// More octets than [`MAX_OCTETS`].
    #[error("a store of `{octets}` octets is over the limit of `{MAX_OCTETS}`")]
    TooLarge {
        /// How many.
        octets: usize,
    },
    /// It is no PKCS#12, is cut short, or is in BER form.
    #[error("no PKCS#12 store in DER form: {part}: {source}")]
    Der {
        /// The field of RFC 7292.
        part: &'static str,
        /// Why.
        source: DerError,
    },
    /// A field has a value that RFC 7292 does not know.
    #[error("no PKCS#12 store: {part} is `{found}`, not {expected}")]
    Value {
        /// The field of RFC 7292.
        part: &'static str,
        /// What is there, as hex or a dotted OID.
        found: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// An algorithm or a kind of content that is not read here.
    #[error("{part} `{found}` is not supported")]
    Unsupported {
        /// The field of RFC 7292.
        part: &'static str,
        /// Its dotted OID, with a name where there is one.
        found: String,
    },
    /// More rounds than [`MAX_ROUNDS`]; reading it could take hours.
    #[error(
        "key derivation of `{rounds}` rounds is over the limit of `{MAX_ROUNDS}` for one store"
    )]
    Rounds {
        /// All rounds asked for so far.
        rounds: u64,
    },
    /// The certificates are encrypted and no password was given.
    #[error("the store is encrypted and no password was given")]
    PasswordNeeded,
    /// The MAC does not match, or nothing sensible comes out of the decryption.
    #[error("the password of the store is wrong, or the store is damaged")]
    WrongPassword,
    /// An alias that Java would change or lose.
    #[error("alias `{alias}` {problem}")]
    Alias {
        /// The alias.
        alias: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// What is to be stored is no certificate.
    #[error("the certificate of alias `{alias}` is no DER SEQUENCE: {source}")]
    Certificate {
        /// Its alias.
        alias: String,
        /// Why.
        source: DerError,
    },
    /// A truststore without a certificate, which Java refuses.
    #[error("a truststore needs at least one certificate")]
    Empty,
    /// An empty password protects nothing, and keytool refuses it.
    #[error("the password of a truststore is empty")]
    EmptyPassword,
}

impl From<Pkcs12Error> for Error {
    fn from(error: Pkcs12Error) -> Self {
        let hint = match &error {
            Pkcs12Error::Der {
                source: DerError::Length { .. },
                ..
            } => Some(
                "keytool -importkeystore -srckeystore OLD -destkeystore NEW -deststoretype pkcs12 \
                 rewrites it in DER form",
            ),
            Pkcs12Error::PasswordNeeded => Some("give the password of the store"),
            Pkcs12Error::WrongPassword => {
                Some("keytool -list -keystore STORE asks for the password and tries it")
            }
            _ => None,
        };
        let error = Self::usage(error.to_string());
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

/// Names the field in which some octets are not DER.
fn at(part: &'static str) -> impl Fn(DerError) -> Pkcs12Error {
    move |source| Pkcs12Error::Der { part, source }
}

/// A password as PKCS#12 key derivation takes it (RFC 7292 B.1): UTF-16,
/// big-endian, with a final zero.
fn bmp_password(password: &str) -> zeroize::Zeroizing<Vec<u8>> {
    let units = password.encode_utf16().chain(std::iter::once(0));
    // With its full size at once: growing would leave copies behind.
    let mut octets = Vec::with_capacity(password.len() * 2 + 2);
    octets.extend(units.flat_map(u16::to_be_bytes));
    octets.into()
}
