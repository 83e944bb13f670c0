//! What files hold, for programs: wire structs of their own.

use pki_core::cert::{Certificate, Fault, Reason};
use pki_core::clock::Timestamp;
use pki_core::inspect::{
    CertificatePart, CrlPart, Form, Inspected, Issuer, KeyPart, Mac, Order, Part, Place, StorePart,
    refusals, signature_name,
};
use pki_core::key::{Encoding, KeyKind, PublicKey};
use pki_core::model::fingerprint::KesIdentity;
use pki_core::model::usage::KeyUsage;
use serde::Serialize;

use super::super::json;
use super::crl::only;
use super::{hex, subtree};

/// The schema of an inspection, and its version; see [`json::REPORT`].
const INSPECTION: (&str, u32) = ("pki-inspection", 1);

/// All files as JSON. Absent facts are `null`, so that every part of one kind
/// has the same keys.
pub(crate) fn document(names: &[String], files: &[Inspected], now: Timestamp) -> String {
    let wire = Wire { names, now };
    json::document(&DocumentWire {
        schema: INSPECTION.0,
        version: INSPECTION.1,
        time: now.to_string(),
        files: names
            .iter()
            .zip(files)
            .map(|(name, file)| wire.file(name, file))
            .collect(),
    })
}

#[derive(Serialize)]
struct DocumentWire<'a> {
    schema: &'static str,
    version: u32,
    time: String,
    files: Vec<FileWire<'a>>,
}

#[derive(Serialize)]
struct FileWire<'a> {
    file: &'a str,
    form: &'static str,
    order: Option<&'static str>,
    parts: Vec<PartWire<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum PartWire<'a> {
    Certificate(Box<CertificateWire<'a>>),
    PrivateKey(KeyWire<'a>),
    PublicKey {
        key: PublicWire,
        certificates: Vec<PlaceWire<'a>>,
    },
    Request {
        subject: String,
        names: Vec<String>,
        key: PublicWire,
        signature_good: bool,
        signature_fault: Option<String>,
        certificates: Vec<PlaceWire<'a>>,
    },
    Crl(CrlWire<'a>),
    Store(StoreWire),
    Unknown {
        found: &'a str,
        why: Option<&'a str>,
        hint: Option<&'a str>,
    },
}

/// A certificate of a file, counted from 1.
#[derive(Serialize)]
struct PlaceWire<'a> {
    file: &'a str,
    number: usize,
}

#[derive(Serialize)]
struct PublicWire {
    algorithm: String,
    spki_sha256: String,
    kes_identity: String,
    minkms_identity: String,
}

#[derive(Serialize)]
struct CertificateWire<'a> {
    number: usize,
    alias: Option<&'a str>,
    trusted_by_java: Option<bool>,
    subject: String,
    issuer: String,
    signed_by: SignedByWire<'a>,
    serial: String,
    not_before: String,
    not_after: String,
    days_left: i64,
    key: PublicWire,
    signature_algorithm: String,
    version: u32,
    names: Vec<String>,
    key_usage: Option<Vec<&'static str>>,
    extended_key_usage: Option<Vec<String>>,
    ca: bool,
    path_length: Option<u32>,
    permitted: Option<Vec<String>>,
    excluded: Option<Vec<String>>,
    subject_key_id: Option<String>,
    authority_key_id: Option<String>,
    extensions: Vec<ExtensionWire<'a>>,
    sha256: String,
    faults: Vec<FaultWire<'a>>,
}

#[derive(Serialize)]
struct SignedByWire<'a> {
    /// `itself`, `here`, `claimed`, `elsewhere` or `unchecked`.
    state: &'static str,
    certificate: Option<PlaceWire<'a>>,
    same_name: Option<bool>,
    fault: Option<String>,
}

#[derive(Serialize)]
struct ExtensionWire<'a> {
    oid: &'a str,
    name: Option<&'a str>,
    critical: bool,
    /// Hex.
    value: String,
}

#[derive(Serialize)]
struct FaultWire<'a> {
    check: &'static str,
    found: &'a str,
    expected: Option<&'a str>,
    clause: &'static str,
}

#[derive(Serialize)]
struct CrlWire<'a> {
    issuer: String,
    signed_by: SignedByWire<'a>,
    crl_number: Option<String>,
    this_update: String,
    next_update: Option<String>,
    revoked: Vec<RevokedWire>,
    authority_key_id: Option<String>,
    /// What it is about, in words; empty where that is all.
    only: Vec<&'static str>,
    version: u32,
    faults: Vec<FaultWire<'a>>,
}

#[derive(Serialize)]
struct RevokedWire {
    serial: String,
    date: String,
    /// As RFC 5280 5.3.1 spells it.
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct KeyWire<'a> {
    form: Option<&'static str>,
    encoding: &'static str,
    encrypted: bool,
    blocks: &'a [String],
    trailing_octets: usize,
    key: Option<PublicWire>,
    fault: Option<String>,
    refused: Vec<RefusalWire>,
    certificates: Vec<PlaceWire<'a>>,
}

#[derive(Serialize)]
struct RefusalWire {
    by: &'static str,
    words: &'static str,
}

#[derive(Serialize)]
struct StoreWire {
    /// Whether a password is needed to see anything; the rest is `null` then.
    locked: bool,
    certificates: Option<usize>,
    private_keys: Option<usize>,
    trusted_by_java: Option<usize>,
    encrypted: Option<bool>,
    /// `none`, `unchecked`, `good` or `wrong`.
    mac: Option<&'static str>,
}

struct Wire<'a> {
    names: &'a [String],
    now: Timestamp,
}

impl<'a> Wire<'a> {
    fn file(&self, name: &'a str, file: &'a Inspected) -> FileWire<'a> {
        let mut number = 0;
        FileWire {
            file: name,
            form: match file.form {
                Form::Pem => "pem",
                Form::Der => "der",
                Form::Text => "text",
                Form::Empty => "empty",
                _ => "binary",
            },
            order: file.order.map(|order| match order {
                Order::Chain => "chain",
                Order::Bundle => "bundle",
                _ => "mixed",
            }),
            parts: file
                .parts
                .iter()
                .filter_map(|part| self.part(part, &mut number))
                .collect(),
        }
    }

    fn part(&self, part: &'a Part, number: &mut usize) -> Option<PartWire<'a>> {
        Some(match part {
            Part::Certificate(part) => {
                *number += 1;
                PartWire::Certificate(Box::new(self.certificate(*number, part)))
            }
            Part::Key(key) => PartWire::PrivateKey(self.key(key)),
            Part::PublicKey { key, certificates } => PartWire::PublicKey {
                key: public(key),
                certificates: self.places(certificates),
            },
            Part::Request {
                request,
                signature,
                certificates,
            } => PartWire::Request {
                subject: request.subject().to_string(),
                names: request.names().iter().map(ToString::to_string).collect(),
                key: public(request.public_key()),
                signature_good: signature.is_ok(),
                signature_fault: signature.as_ref().err().map(ToString::to_string),
                certificates: self.places(certificates),
            },
            Part::Crl(part) => PartWire::Crl(self.crl(part)),
            Part::Store(part) => PartWire::Store(store(part)),
            Part::Unknown(unknown) => PartWire::Unknown {
                found: &unknown.what,
                why: unknown.why.as_deref(),
                hint: unknown.hint.as_deref(),
            },
            _ => return None,
        })
    }

    fn certificate(&self, number: usize, part: &'a CertificatePart) -> CertificateWire<'a> {
        let cert = &part.certificate;
        let basic = cert.basic_constraints();
        let constraints = cert.name_constraints();
        let subtrees = |list: &[_]| list.iter().map(subtree).collect();
        CertificateWire {
            number,
            alias: part.entry.as_ref().and_then(|e| e.alias.as_deref()),
            trusted_by_java: part.entry.as_ref().map(|e| e.trusted),
            subject: cert.subject().to_string(),
            issuer: cert.issuer().to_string(),
            signed_by: self.signed_by(&part.issuer),
            serial: cert.serial().to_string(),
            not_before: cert.validity().not_before.to_string(),
            not_after: cert.validity().not_after.to_string(),
            days_left: cert.validity().days_left(self.now),
            key: public(cert.public_key()),
            signature_algorithm: signature_name(cert),
            version: cert.version(),
            names: cert.names().iter().map(ToString::to_string).collect(),
            key_usage: cert.key_usage().map(KeyUsage::names),
            extended_key_usage: cert
                .purposes()
                .map(|list| list.iter().map(ToString::to_string).collect()),
            ca: cert.is_ca(),
            path_length: basic.and_then(|b| b.path_length),
            permitted: constraints.and_then(|c| c.permitted.as_deref().map(subtrees)),
            excluded: constraints.and_then(|c| c.excluded.as_deref().map(subtrees)),
            subject_key_id: cert.subject_key_id().map(hex),
            authority_key_id: cert
                .authority_key_id()
                .and_then(|aki| aki.key_id.as_deref())
                .map(hex),
            extensions: extensions(cert),
            sha256: cert.fingerprint().to_string(),
            faults: cert.faults().iter().map(fault).collect(),
        }
    }

    fn crl(&self, part: &'a CrlPart) -> CrlWire<'a> {
        let crl = &part.crl;
        let revoked = crl.entries().iter().map(|entry| RevokedWire {
            serial: entry.serial.to_string(),
            date: entry.date.to_string(),
            reason: entry.reason.map(Reason::name),
        });
        CrlWire {
            issuer: crl.issuer().to_string(),
            signed_by: self.signed_by(&part.issuer),
            crl_number: crl.number_text(),
            this_update: crl.this_update().to_string(),
            next_update: crl.next_update().map(|next| next.to_string()),
            revoked: revoked.collect(),
            authority_key_id: crl
                .authority_key_id()
                .and_then(|aki| aki.key_id.as_deref())
                .map(hex),
            only: only(crl),
            version: crl.version(),
            faults: crl.faults().iter().map(fault).collect(),
        }
    }

    fn signed_by(&self, issuer: &Issuer) -> SignedByWire<'a> {
        let mut wire = SignedByWire {
            state: "unchecked",
            certificate: None,
            same_name: None,
            fault: None,
        };
        match issuer {
            Issuer::Itself => wire.state = "itself",
            Issuer::Here { at, same_name } => {
                wire.state = "here";
                wire.certificate = Some(self.place(*at));
                wire.same_name = Some(*same_name);
            }
            Issuer::Claimed { at, why } => {
                wire.state = "claimed";
                wire.certificate = Some(self.place(*at));
                wire.fault = Some(why.to_string());
            }
            Issuer::Elsewhere => wire.state = "elsewhere",
            _ => {}
        }
        wire
    }

    fn place(&self, at: Place) -> PlaceWire<'a> {
        PlaceWire {
            file: self.names.get(at.file).map_or("", String::as_str),
            number: at.number,
        }
    }

    fn places(&self, places: &[Place]) -> Vec<PlaceWire<'a>> {
        places.iter().map(|at| self.place(*at)).collect()
    }

    fn key(&self, part: &'a KeyPart) -> KeyWire<'a> {
        let form = &part.form;
        KeyWire {
            form: form.kind.and_then(|kind| match kind {
                KeyKind::Pkcs8 => Some("pkcs8"),
                KeyKind::Pkcs1 => Some("pkcs1"),
                KeyKind::Sec1 => Some("sec1"),
                KeyKind::EncryptedPkcs8 => Some("encrypted-pkcs8"),
                KeyKind::LegacyEncrypted => Some("legacy-encrypted"),
                _ => None,
            }),
            encoding: match form.encoding {
                Encoding::Pem => "pem",
                Encoding::Der => "der",
                _ => "neither",
            },
            encrypted: form.encrypted(),
            blocks: &form.labels,
            trailing_octets: form.trailing.map_or(0, |t| t.octets),
            key: part.public.as_ref().ok().map(public),
            fault: part.public.as_ref().err().map(ToString::to_string),
            refused: refusals(form)
                .iter()
                .map(|refusal| RefusalWire {
                    by: refusal.programs,
                    words: refusal.words,
                })
                .collect(),
            certificates: self.places(&part.certificates),
        }
    }
}

fn public(key: &PublicKey) -> PublicWire {
    let identity = KesIdentity::from(key.fingerprint());
    PublicWire {
        algorithm: key.describe(),
        spki_sha256: key.fingerprint().to_string(),
        kes_identity: identity.to_string(),
        minkms_identity: identity.minkms(),
    }
}

fn extensions(cert: &Certificate) -> Vec<ExtensionWire<'_>> {
    cert.extensions()
        .iter()
        .map(|extension| ExtensionWire {
            oid: &extension.oid,
            name: Some(extension.name()).filter(|name| *name != extension.oid),
            critical: extension.critical,
            value: hex(&extension.value),
        })
        .collect()
}

fn fault(fault: &Fault) -> FaultWire<'_> {
    FaultWire {
        check: fault.check,
        found: &fault.found,
        expected: fault.expected.as_deref(),
        clause: fault.clause,
    }
}

fn store(part: &StorePart) -> StoreWire {
    let content = part.content.as_ref();
    StoreWire {
        locked: content.is_none(),
        certificates: content.map(|c| c.certificates),
        private_keys: content.map(|c| c.keys),
        trusted_by_java: content.map(|c| c.trusted),
        encrypted: content.map(|c| c.encrypted),
        mac: content.map(|c| match c.mac {
            Mac::None => "none",
            Mac::Unchecked => "unchecked",
            Mac::Good => "good",
            _ => "wrong",
        }),
    }
}
