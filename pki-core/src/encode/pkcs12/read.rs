//! Reading stores that this or another program wrote.

use std::collections::BTreeMap;

use super::cipher::{self, unsupported};
use super::kdf::{Rounds, hex};
use super::mac::Mac;
use super::{MAX_OCTETS, Pkcs12Error, Store, StoreEntry, at, oid};
use crate::der::{self, Element, Reader, tag};

/// Reads a PKCS#12 store (DER) as Java does.
///
/// Knows PBES2 with PBKDF2 and AES or 3DES, and the 3DES and RC2 schemes of
/// older Java and `openssl pkcs12 -legacy`; MAC by SHA-1, SHA-256, SHA-384 or
/// SHA-512. With a password the MAC is checked first, where there is one;
/// without, it is not checked. Keys are counted, other secrets and CRLs passed
/// over. It does not look into the certificates.
///
/// # Errors
/// When it is no such store or in BER form, is too large, asks for too many
/// rounds or an unknown algorithm, or the password is missing or wrong.
pub fn read_store(bytes: &[u8], password: Option<&str>) -> Result<Store, Pkcs12Error> {
    if bytes.len() > MAX_OCTETS {
        return Err(Pkcs12Error::TooLarge {
            octets: bytes.len(),
        });
    }
    let mut rounds = Rounds::default();
    let mut pfx = der::only(bytes, tag::SEQUENCE).map_err(at("PFX"))?.reader();
    version(&mut pfx, "version of PFX", 3, "3")?;
    let safe = pfx.element(tag::SEQUENCE).map_err(at("authSafe"))?;
    let safe = match content(&safe)? {
        (oid::DATA, content) => octets(content, "authSafe")?,
        (other, _) => return Err(unsupported("kind of authSafe", other)),
    };
    let mac = match pfx.optional(tag::SEQUENCE).map_err(at("macData"))? {
        Some(mac) => Some(Mac::parse(&mac, &mut rounds)?),
        None => None,
    };
    pfx.end().map_err(at("PFX"))?;
    if let (Some(mac), Some(password)) = (&mac, password) {
        mac.verify(password, &mut rounds, safe)?;
    }

    let mut bags = Bags::default();
    let mut encrypted = false;
    let mut parts = der::only(safe, tag::SEQUENCE)
        .map_err(at("AuthenticatedSafe"))?
        .reader();
    while !parts.is_empty() {
        let part = parts
            .element(tag::SEQUENCE)
            .map_err(at("AuthenticatedSafe"))?;
        match content(&part)? {
            (oid::DATA, content) => bags.add_all(octets(content, "SafeContents")?)?,
            (oid::ENCRYPTED_DATA, content) => {
                let password = password.ok_or(Pkcs12Error::PasswordNeeded)?;
                let before = bags.entries.len();
                let (algorithm, sealed) = encrypted_content(content)?;
                let opened = cipher::decrypt(&algorithm, password, &mut rounds, sealed)?;
                // A wrong password passes the padding once in 256 times.
                bags.add_all(&opened).map_err(|error| match error {
                    Pkcs12Error::Der { .. } if mac.is_none() => Pkcs12Error::WrongPassword,
                    other => other,
                })?;
                encrypted |= bags.entries.len() > before;
            }
            (other, _) => return Err(unsupported("kind of content", other)),
        }
    }
    Ok(bags.into_store(encrypted, mac.is_some()))
}

/// The kind of a `ContentInfo` and what stands in its `[0]`.
fn content<'a>(info: &Element<'a>) -> Result<(&'a [u8], &'a [u8]), Pkcs12Error> {
    let at = at("ContentInfo");
    let mut fields = info.reader();
    let kind = fields.element(tag::OID).map_err(&at)?.value;
    let content = fields.element(tag::context(0)).map_err(&at)?.value;
    fields.end().map_err(&at)?;
    Ok((kind, content))
}

fn octets<'a>(content: &'a [u8], part: &'static str) -> Result<&'a [u8], Pkcs12Error> {
    Ok(der::only(content, tag::OCTET_STRING)
        .map_err(at(part))?
        .value)
}

fn version(
    fields: &mut Reader<'_>,
    part: &'static str,
    version: u8,
    expected: &'static str,
) -> Result<(), Pkcs12Error> {
    let found = fields.element(tag::INTEGER).map_err(at(part))?.value;
    if found == [version] {
        return Ok(());
    }
    Err(Pkcs12Error::Value {
        part,
        found: hex(found),
        expected,
    })
}

/// The algorithm and the ciphertext of an `EncryptedData` (RFC 2315 13).
fn encrypted_content(content: &[u8]) -> Result<(Element<'_>, &[u8]), Pkcs12Error> {
    let at = at("EncryptedData");
    let mut data = der::only(content, tag::SEQUENCE).map_err(&at)?.reader();
    version(&mut data, "version of EncryptedData", 0, "0")?;
    let mut info = data.element(tag::SEQUENCE).map_err(&at)?.reader();
    data.end().map_err(&at)?;
    let kind = info.element(tag::OID).map_err(&at)?.value;
    if kind != oid::DATA {
        return Err(unsupported("kind of encrypted content", kind));
    }
    let algorithm = info.element(tag::SEQUENCE).map_err(&at)?;
    let sealed = info.element(tag::context_primitive(0)).map_err(&at)?.value;
    info.end().map_err(&at)?;
    Ok((algorithm, sealed))
}

/// What the bags held so far.
#[derive(Default)]
struct Bags {
    entries: Vec<StoreEntry>,
    keys: usize,
    /// Per lower-case alias: the entry that Java shows under it; `None` is a key.
    shown: BTreeMap<String, Option<usize>>,
}

impl Bags {
    /// Adds the bags of a `SafeContents`.
    fn add_all(&mut self, contents: &[u8]) -> Result<(), Pkcs12Error> {
        let mut bags = der::only(contents, tag::SEQUENCE)
            .map_err(at("SafeContents"))?
            .reader();
        while !bags.is_empty() {
            self.add(&bags.element(tag::SEQUENCE).map_err(at("SafeBag"))?)?;
        }
        Ok(())
    }

    fn add(&mut self, bag: &Element<'_>) -> Result<(), Pkcs12Error> {
        let at = at("SafeBag");
        let mut fields = bag.reader();
        let kind = fields.element(tag::OID).map_err(&at)?.value;
        let value = fields.element(tag::context(0)).map_err(&at)?.value;
        let attributes = match fields.optional(tag::SET).map_err(&at)? {
            Some(set) => Attributes::parse(&set)?,
            None => Attributes::default(),
        };
        fields.end().map_err(&at)?;
        match kind {
            oid::CERT_BAG => {
                if let Some(certificate) = certificate(value)? {
                    self.add_certificate(certificate, attributes);
                }
            }
            oid::KEY_BAG | oid::SHROUDED_KEY_BAG => {
                self.keys += 1;
                if let Some(alias) = attributes.alias {
                    self.shown.insert(alias.to_lowercase(), None);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add_certificate(&mut self, certificate_der: Vec<u8>, attributes: Attributes) {
        if let (true, Some(alias)) = (attributes.trusted, &attributes.alias) {
            self.shown
                .insert(alias.to_lowercase(), Some(self.entries.len()));
        }
        self.entries.push(StoreEntry {
            alias: attributes.alias,
            certificate_der,
            trusted: attributes.trusted,
        });
    }

    fn into_store(mut self, encrypted: bool, mac: bool) -> Store {
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if let (true, Some(alias)) = (entry.trusted, &entry.alias) {
                entry.trusted = self.shown.get(&alias.to_lowercase()) == Some(&Some(index));
            }
        }
        Store {
            entries: self.entries,
            keys: self.keys,
            encrypted,
            mac,
        }
    }
}

/// The certificate of a `CertBag`; `None` where it is of another kind.
fn certificate(value: &[u8]) -> Result<Option<Vec<u8>>, Pkcs12Error> {
    let at = at("CertBag");
    let mut fields = der::only(value, tag::SEQUENCE).map_err(&at)?.reader();
    let kind = fields.element(tag::OID).map_err(&at)?.value;
    let value = fields.element(tag::context(0)).map_err(&at)?.value;
    fields.end().map_err(&at)?;
    if kind != oid::X509_CERTIFICATE {
        return Ok(None);
    }
    let certificate = octets(value, "CertBag")?;
    der::only(certificate, tag::SEQUENCE).map_err(self::at("certificate"))?;
    Ok(Some(certificate.to_vec()))
}

/// The two bag attributes that matter to Java.
#[derive(Default)]
struct Attributes {
    alias: Option<String>,
    trusted: bool,
}

impl Attributes {
    fn parse(set: &Element<'_>) -> Result<Self, Pkcs12Error> {
        let at = at("bagAttributes");
        let mut found = Self::default();
        let mut attributes = set.reader();
        while !attributes.is_empty() {
            let mut fields = attributes.element(tag::SEQUENCE).map_err(&at)?.reader();
            let id = fields.element(tag::OID).map_err(&at)?.value;
            let mut values = fields.element(tag::SET).map_err(&at)?.reader();
            fields.end().map_err(&at)?;
            match id {
                oid::FRIENDLY_NAME => {
                    let name = values
                        .element(tag::BMP_STRING)
                        .map_err(self::at("friendlyName"))?;
                    found.alias = Some(bmp_text(name.value)?);
                }
                // Java refuses the store when this is there without a value,
                // and asks nothing of the value.
                oid::TRUSTED_KEY_USAGE => {
                    values
                        .element(tag::OID)
                        .map_err(self::at("trustedKeyUsage"))?;
                    found.trusted = true;
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

fn bmp_text(octets: &[u8]) -> Result<String, Pkcs12Error> {
    let (pairs, rest) = octets.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(Pkcs12Error::Value {
            part: "friendlyName",
            found: hex(octets),
            expected: "UTF-16",
        }),
    }
}
