//! From the octets of one file to its parts.

use super::looks;
use super::{
    CertificatePart, CrlPart, Entry, Form, Inspected, Issuer, KeyPart, Mac, Part, REVOCATION_LIST,
    StoreContent, StorePart, Unknown,
};
use crate::cert::{Certificate, CertificateRequest, Crl};
use crate::der::{self, tag};
use crate::encode::pkcs12::{self, Pkcs12Error, Store};
use crate::key::{self, KeyError, PublicKey};
use crate::pem::{self, Block};
use crate::secret::Secret;

/// Reads one file; an error is a password that does not open it.
pub(super) fn file(bytes: &[u8], password: Option<&Secret>) -> Result<Inspected, String> {
    let blocks = pem::blocks(bytes).blocks;
    let (form, parts) = if !blocks.is_empty() {
        (Form::Pem, pem_parts(bytes, &blocks, password)?)
    } else if bytes.first() == Some(&tag::SEQUENCE) {
        (Form::Der, der_parts(bytes, password)?)
    } else {
        let (form, unknown) = looks::like(bytes);
        (form, vec![Part::Unknown(unknown)])
    };
    Ok(Inspected {
        form,
        parts,
        order: None,
    })
}

fn pem_parts(
    bytes: &[u8],
    blocks: &[Block],
    password: Option<&Secret>,
) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let has_key = blocks.iter().any(is_key);
    let mut key_seen = false;
    for block in blocks {
        if is_key(block) {
            // All keys of a file are one part: a file is for one.
            if !key_seen {
                parts.push(private_key(bytes, password)?);
            }
            key_seen = true;
        } else if !(has_key && block.label == "EC PARAMETERS") {
            parts.push(block_part(block));
        }
    }
    Ok(parts)
}

fn is_key(block: &Block) -> bool {
    block.label.ends_with("PRIVATE KEY")
}

fn block_part(block: &Block) -> Part {
    let what = |kind: &str| format!("{kind}, line {}", block.line);
    let der = match &block.der {
        Ok(der) => der.as_slice(),
        Err(fault) => {
            return unknown(
                what(&format!("a block `{}`", block.label)),
                Some(fault.to_string()),
            );
        }
    };
    match block.label.as_str() {
        "CERTIFICATE" | "X509 CERTIFICATE" => certificate(der, None, what("a certificate")),
        // OpenSSL's own form: trust settings follow the certificate.
        "TRUSTED CERTIFICATE" => {
            let first = der::Reader::new(der).element(tag::SEQUENCE);
            certificate(
                first.map_or(der, |element| element.raw),
                None,
                what("a certificate"),
            )
        }
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => request(der, what("a request")),
        "PUBLIC KEY" => public_key(der, what("a public key")),
        "X509 CRL" => crl(der, what(REVOCATION_LIST)),
        label => Part::Unknown(looks::label(label, what(&format!("a block `{label}`")))),
    }
}

fn der_parts(bytes: &[u8], password: Option<&Secret>) -> Result<Vec<Part>, String> {
    let part = match looks::der(bytes) {
        looks::Shape::Certificate => certificate(bytes, None, "a certificate".into()),
        looks::Shape::Request => request(bytes, "a request".into()),
        looks::Shape::PublicKey => public_key(bytes, "a public key".into()),
        looks::Shape::Crl => crl(bytes, REVOCATION_LIST.into()),
        looks::Shape::Pkcs12 => return store(bytes, password),
        looks::Shape::Other(unknown) if key::survey(bytes).kind.is_none() => Part::Unknown(unknown),
        looks::Shape::Other(_) => private_key(bytes, password)?,
    };
    Ok(vec![part])
}

fn certificate(der: &[u8], entry: Option<Entry>, what: String) -> Part {
    match Certificate::from_der(der) {
        Ok(certificate) => Part::Certificate(Box::new(CertificatePart {
            certificate,
            entry,
            issuer: Issuer::Elsewhere,
        })),
        Err(why) => unknown(what, Some(why.to_string())),
    }
}

fn request(der: &[u8], what: String) -> Part {
    match CertificateRequest::from_der(der) {
        Ok(request) => Part::Request {
            signature: request.verify(),
            request: Box::new(request),
            certificates: Vec::new(),
        },
        Err(why) => unknown(what, Some(why.to_string())),
    }
}

fn crl(der: &[u8], what: String) -> Part {
    match Crl::from_der(der) {
        Ok(crl) => Part::Crl(Box::new(CrlPart {
            crl,
            issuer: Issuer::Elsewhere,
        })),
        Err(why) => unknown(what, Some(why.to_string())),
    }
}

fn public_key(der: &[u8], what: String) -> Part {
    match PublicKey::from_spki(der) {
        Ok(key) => Part::PublicKey {
            key,
            certificates: Vec::new(),
        },
        Err(why) => unknown(what, Some(why.to_string())),
    }
}

fn private_key(bytes: &[u8], password: Option<&Secret>) -> Result<Part, String> {
    let public = key::load(bytes, password).map(|loaded| loaded.key.public().clone());
    if let Err(why @ KeyError::PassphraseWrong) = &public {
        return Err(why.to_string());
    }
    Ok(Part::Key(KeyPart {
        form: key::survey(bytes),
        public,
        certificates: Vec::new(),
    }))
}

fn store(bytes: &[u8], password: Option<&Secret>) -> Result<Vec<Part>, String> {
    let text = password.map(|p| std::str::from_utf8(p.expose()));
    let with_password = || match text {
        Some(Ok(text)) => Some(pkcs12::read_store(bytes, Some(text))),
        Some(Err(_)) => Some(Err(Pkcs12Error::WrongPassword)),
        None => None,
    };
    match pkcs12::read_store(bytes, None) {
        Ok(store) => {
            let mac = match store.mac.then(with_password) {
                None => Mac::None,
                Some(None) => Mac::Unchecked,
                Some(Some(Ok(_))) => Mac::Good,
                Some(Some(Err(_))) => Mac::Wrong,
            };
            Ok(entries(store, mac))
        }
        Err(Pkcs12Error::PasswordNeeded) => match with_password() {
            None => Ok(vec![Part::Store(StorePart { content: None })]),
            Some(Ok(store)) => {
                let mac = if store.mac { Mac::Good } else { Mac::None };
                Ok(entries(store, mac))
            }
            Some(Err(why @ Pkcs12Error::WrongPassword)) => Err(why.to_string()),
            Some(Err(why)) => Ok(vec![unreadable_store(&why)]),
        },
        Err(why) => Ok(vec![unreadable_store(&why)]),
    }
}

fn unreadable_store(why: &Pkcs12Error) -> Part {
    let error = crate::Error::from(why.clone());
    Part::Unknown(Unknown {
        what: "a PKCS#12 store".into(),
        why: Some(why.to_string()),
        hint: error.hint_text().map(str::to_owned),
    })
}

/// The store, then its certificates.
fn entries(store: Store, mac: Mac) -> Vec<Part> {
    let head = Part::Store(StorePart {
        content: Some(StoreContent {
            keys: store.keys,
            certificates: store.entries.len(),
            trusted: store.entries.iter().filter(|e| e.trusted).count(),
            encrypted: store.encrypted,
            mac,
        }),
    });
    let entries = store.entries.into_iter().map(|entry| {
        let what = match &entry.alias {
            Some(alias) => format!("the certificate of alias `{alias}`"),
            None => "a certificate without an alias".into(),
        };
        let about = Entry {
            alias: entry.alias,
            trusted: entry.trusted,
        };
        certificate(&entry.certificate_der, Some(about), what)
    });
    std::iter::once(head).chain(entries).collect()
}

fn unknown(what: String, why: Option<String>) -> Part {
    Part::Unknown(Unknown {
        what,
        why,
        hint: None,
    })
}
