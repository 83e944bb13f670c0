//! Writing truststores.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use super::{Pkcs12Error, Protection, TrustEntry, cipher, mac, oid};
use crate::der::{self, tag};

/// Key derivation rounds, of the cipher and of the MAC: what keytool of Java
/// 17 and 25 writes (`keystore.pkcs12.*IterationCount` of java.security).
/// They guard nothing secret.
const ROUNDS: NonZeroU32 = NonZeroU32::new(10_000).expect("not zero");

/// A PKCS#12 store (DER) in which Java sees each entry as `trustedCertEntry`.
///
/// Each bag carries `friendlyName` and `trustedKeyUsage` = anyExtendedKeyUsage,
/// as keytool writes them. It does not check that the certificates are ones,
/// or authorities, or in date. The same input gives the same octets.
///
/// # Errors
/// When there is no entry, an alias is one that Java would change or lose, a
/// certificate is no DER SEQUENCE, or the password is empty.
pub fn write_truststore(
    entries: &[TrustEntry],
    protection: Protection<'_>,
) -> Result<Vec<u8>, Pkcs12Error> {
    if entries.is_empty() {
        return Err(Pkcs12Error::Empty);
    }
    let mut taken = BTreeSet::new();
    let bags = entries
        .iter()
        .map(|entry| {
            check(entry)?;
            if !taken.insert(&entry.alias) {
                return Err(Pkcs12Error::Alias {
                    alias: entry.alias.clone(),
                    problem: "is there twice; Java would see the last only",
                });
            }
            Ok(bag(entry))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let bags = der::sequence(bags);
    Ok(match protection {
        Protection::Open => store(&der::sequence([data(&bags)]), None),
        Protection::Password { password, salts } => {
            if password.is_empty() {
                return Err(Pkcs12Error::EmptyPassword);
            }
            let (algorithm, sealed) = cipher::encrypt(password, salts, ROUNDS, &bags);
            let safe = der::sequence([encrypted_data(&algorithm, &sealed)]);
            let mac = mac::seal(password, &salts.mac, ROUNDS, &safe);
            store(&safe, Some(&mac))
        }
    })
}

/// Aliases for `names`, in their order: lower-case, printable ASCII kept,
/// other characters `-`, and `-2`, `-3` … after the ones that are taken.
pub fn aliases<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut unique = |name: &str| {
        let plain = |c: char| {
            if c.is_ascii_graphic() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        };
        let mut base: String = name.chars().map(plain).collect();
        if base.is_empty() {
            base.push_str("ca");
        }
        let mut alias = base.clone();
        let mut number = 1_usize;
        while !taken.insert(alias.clone()) {
            number += 1;
            alias = format!("{base}-{number}");
        }
        alias
    };
    names
        .into_iter()
        .map(|name| unique(name.as_ref()))
        .collect()
}

fn check(entry: &TrustEntry) -> Result<(), Pkcs12Error> {
    let problem = if entry.alias.is_empty() {
        Some("is empty")
    } else if entry.alias != entry.alias.to_lowercase() {
        Some("is not lower-case; Java would change it")
    } else if entry.alias.chars().any(char::is_control) {
        Some("holds a control character")
    } else if entry.alias.chars().any(|c| c.len_utf16() > 1) {
        Some("holds a character that BMPString has not")
    } else {
        None
    };
    if let Some(problem) = problem {
        return Err(Pkcs12Error::Alias {
            alias: entry.alias.clone(),
            problem,
        });
    }
    der::only(&entry.certificate_der, tag::SEQUENCE)
        .map(drop)
        .map_err(|source| Pkcs12Error::Certificate {
            alias: entry.alias.clone(),
            source,
        })
}

/// A `SafeBag` with a certificate and its two attributes.
fn bag(entry: &TrustEntry) -> Vec<u8> {
    let certificate = der::sequence([
        der::encode(tag::OID, oid::X509_CERTIFICATE),
        der::encode(
            tag::context(0),
            &der::encode(tag::OCTET_STRING, &entry.certificate_der),
        ),
    ]);
    let name: Vec<u8> = entry
        .alias
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let attribute = |id: &[u8], value: Vec<u8>| {
        der::sequence([der::encode(tag::OID, id), der::encode(tag::SET, &value)])
    };
    der::sequence([
        der::encode(tag::OID, oid::CERT_BAG),
        der::encode(tag::context(0), &certificate),
        der::set_of(vec![
            attribute(oid::FRIENDLY_NAME, der::encode(tag::BMP_STRING, &name)),
            attribute(
                oid::TRUSTED_KEY_USAGE,
                der::encode(tag::OID, oid::ANY_EXTENDED_KEY_USAGE),
            ),
        ]),
    ])
}

/// A `ContentInfo` of kind `data` around `octets`.
fn data(octets: &[u8]) -> Vec<u8> {
    der::sequence([
        der::encode(tag::OID, oid::DATA),
        der::encode(tag::context(0), &der::encode(tag::OCTET_STRING, octets)),
    ])
}

/// A `ContentInfo` of kind `encryptedData` (RFC 2315 13).
fn encrypted_data(algorithm: &[u8], sealed: &[u8]) -> Vec<u8> {
    let content = der::sequence([
        &der::encode(tag::OID, oid::DATA)[..],
        algorithm,
        &der::encode(tag::context_primitive(0), sealed),
    ]);
    let version = der::unsigned(&[0]);
    der::sequence([
        der::encode(tag::OID, oid::ENCRYPTED_DATA),
        der::encode(tag::context(0), &der::sequence([version, content])),
    ])
}

/// A `PFX`: version 3, the safe, a MAC or none.
fn store(safe: &[u8], mac: Option<&[u8]>) -> Vec<u8> {
    der::sequence([
        &der::unsigned(&[3])[..],
        &data(safe),
        mac.unwrap_or_default(),
    ])
}
