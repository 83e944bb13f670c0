//! Extensions of a CRL and of its entries (RFC 5280 5.2, 5.3).

use std::collections::HashSet;

use super::{CrlError, Known, Reason, Scope};
use crate::cert::extension::{Extension, authority_key_id, oid};
use crate::cert::fault::Fault;
use crate::der::{self, DerError, Element, Reader, tag};
use crate::model::serial::Serial;

/// Extensions of a list that are read here: those that may be critical.
const UNDERSTOOD: [&str; 4] = [
    oid::AUTHORITY_KEY_ID,
    oid::CRL_NUMBER,
    oid::DELTA_CRL_INDICATOR,
    oid::ISSUING_DISTRIBUTION_POINT,
];

/// Extensions of an entry that are read here.
const UNDERSTOOD_OF_ENTRY: [&str; 3] = [
    oid::REASON_CODE,
    oid::INVALIDITY_DATE,
    oid::CERTIFICATE_ISSUER,
];

/// Extensions whose criticality RFC 5280 fixes, and the clause.
const CRITICALITY: [(&str, bool, &str); 7] = [
    (oid::AUTHORITY_KEY_ID, false, "RFC 5280 5.2.1"),
    (oid::CRL_NUMBER, false, "RFC 5280 5.2.3"),
    (oid::DELTA_CRL_INDICATOR, true, "RFC 5280 5.2.4"),
    (oid::ISSUING_DISTRIBUTION_POINT, true, "RFC 5280 5.2.5"),
    (oid::REASON_CODE, false, "RFC 5280 5.3.1"),
    (oid::INVALIDITY_DATE, false, "RFC 5280 5.3.2"),
    (oid::CERTIFICATE_ISSUER, true, "RFC 5280 5.3.3"),
];

/// The faults so far, those of a kind once.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    pub(super) fn add(
        &mut self,
        check: &'static str,
        clause: &'static str,
        found: impl Into<String>,
    ) {
        if !self
            .0
            .iter()
            .any(|f| f.check == check && f.clause == clause)
        {
            self.0.push(Fault::new(check, clause).found(found));
        }
    }
}

/// `Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension`
pub(super) fn read(list: &Element<'_>, faults: &mut Faults) -> Result<Vec<Extension>, CrlError> {
    let mut reader = list.reader();
    let mut extensions: Vec<Extension> = Vec::new();
    let mut known = HashSet::new();
    if reader.is_empty() {
        faults.add("crl-content", "RFC 5280 5.1", "an empty list of extensions");
    }
    while !reader.is_empty() {
        let mut extension = reader.element(tag::SEQUENCE)?.reader();
        let id = extension.element(tag::OID)?.value;
        let id =
            der::oid_text(id).ok_or_else(|| CrlError::Structure("an unreadable OID".into()))?;
        let critical = match extension.optional(tag::BOOLEAN)?.map(|e| e.value) {
            None => false,
            Some([0xff]) => true,
            Some([0]) => {
                let found = "critical FALSE is written out, which DER leaves away";
                faults.add("crl-content", "RFC 5280 5.1", found);
                false
            }
            Some(_) => return Err(CrlError::Structure("critical is no DER BOOLEAN".into())),
        };
        let value = extension.element(tag::OCTET_STRING)?.value.to_vec();
        extension.end()?;
        let found = Extension {
            oid: id,
            critical,
            value,
        };
        if !known.insert(found.oid.clone()) {
            let found = format!("{} more than once", found.name());
            faults.add("crl-malformed", "RFC 5280 4.2", found);
        }
        let row = CRITICALITY.iter().find(|(oid, ..)| *oid == found.oid);
        if let Some(&(_, critical, clause)) = row
            && critical != found.critical
        {
            let is = if found.critical {
                "critical"
            } else {
                "not critical"
            };
            faults.add("crl-content", clause, format!("{} is {is}", found.name()));
        }
        extensions.push(found);
    }
    Ok(extensions)
}

pub(super) fn of_entry(
    extension: &Extension,
    reason: &mut Option<Reason>,
    known: &mut Known,
    faults: &mut Faults,
) {
    let id = extension.oid.as_str();
    if extension.critical && !UNDERSTOOD_OF_ENTRY.contains(&id) {
        let found = format!("{} in an entry, critical", extension.name());
        faults.add("crl-critical-extension", "RFC 5280 5.3", found);
    }
    match id {
        oid::REASON_CODE => {
            *reason = reason_code(&extension.value);
            if reason.is_none() {
                let found = "a reasonCode that is none";
                faults.add("crl-malformed", "RFC 5280 5.3.1", found);
            }
        }
        oid::CERTIFICATE_ISSUER => known.names_other_issuers = true,
        _ => {}
    }
}

fn reason_code(value: &[u8]) -> Option<Reason> {
    match der::only(value, tag::ENUMERATED).ok()?.value {
        [code] => Reason::from_code(*code),
        _ => None,
    }
}

/// The extensions of the list, and what it must have.
pub(super) fn of_list(
    version: u32,
    extensions: &[Extension],
    known: &mut Known,
    faults: &mut Faults,
) {
    for extension in extensions {
        let id = extension.oid.as_str();
        if extension.critical && !UNDERSTOOD.contains(&id) {
            let found = format!("{}, critical", extension.name());
            faults.add("crl-critical-extension", "RFC 5280 5.2", found);
        }
        if let Err(why) = known.take(extension, faults) {
            let found = format!("{}: {why}", extension.name());
            faults.add("crl-malformed", "RFC 5280 5.2", found);
        }
    }
    if version == 1 {
        let found = if extensions.is_empty() {
            "version 1"
        } else {
            "extensions in version 1"
        };
        faults.add("crl-version", "RFC 5280 5.1.2.1", found);
    }
    let has = |id: &str| extensions.iter().any(|e| e.oid == id);
    if !has(oid::CRL_NUMBER) {
        faults.add("crl-number-missing", "RFC 5280 5.2.3", "no cRLNumber");
    }
    if !has(oid::AUTHORITY_KEY_ID) {
        let found = "no AuthorityKeyIdentifier";
        faults.add("crl-authority-key-id-missing", "RFC 5280 5.2.1", found);
    }
}

impl Known {
    /// Of two alike the first counts.
    fn take(&mut self, extension: &Extension, faults: &mut Faults) -> Result<(), String> {
        let value = &extension.value;
        let text = |e: DerError| e.to_string();
        match extension.oid.as_str() {
            oid::CRL_NUMBER => {
                let number = number(value)?;
                self.number.get_or_insert(number);
            }
            oid::AUTHORITY_KEY_ID => {
                let read = authority_key_id(value)?;
                if read.key_id.is_none() {
                    let found = "no keyIdentifier";
                    faults.add("crl-authority-key-id-missing", "RFC 5280 5.2.1", found);
                }
                self.authority_key_id.get_or_insert(read);
            }
            oid::DELTA_CRL_INDICATOR => {
                self.is_delta = true;
                number(value)?;
            }
            oid::ISSUING_DISTRIBUTION_POINT => {
                let scope = scope(&mut der::only(value, tag::SEQUENCE).map_err(text)?.reader())?;
                let only = [
                    scope.only_users,
                    scope.only_authorities,
                    scope.only_attributes,
                ];
                if scope == Scope::default() || only.iter().filter(|o| **o).count() > 1 {
                    let found =
                        "an IssuingDistributionPoint that says nothing or contradicts itself";
                    faults.add("crl-content", "RFC 5280 5.2.5", found);
                }
                self.scope.get_or_insert(scope);
            }
            _ => {}
        }
        Ok(())
    }
}

/// A number that is not negative, at most 20 octets (RFC 5280 5.2.3).
fn number(value: &[u8]) -> Result<Serial, String> {
    let octets = der::only(value, tag::INTEGER)
        .map_err(|e| e.to_string())?
        .value;
    match octets {
        [0..=0x7f, ..] if octets.len() <= 20 && der::is_minimal(octets) => {
            Ok(Serial::from_octets(octets))
        }
        _ => Err("not a number from 0 of at most 20 octets".into()),
    }
}

fn scope(reader: &mut Reader<'_>) -> Result<Scope, String> {
    let text = |e: DerError| e.to_string();
    let flag = |n: u8, reader: &mut Reader<'_>| {
        let element = reader.optional(tag::context_primitive(n)).map_err(text)?;
        match element.map(|e| e.value) {
            None => Ok(false),
            Some([0xff]) => Ok(true),
            Some([0]) => Err("FALSE is written out, which DER leaves away".to_owned()),
            Some(_) => Err("no DER BOOLEAN".to_owned()),
        }
    };
    let point = reader.optional(tag::context(0)).map_err(text)?.is_some();
    let only_users = flag(1, reader)?;
    let only_authorities = flag(2, reader)?;
    let reasons = reader.optional(tag::context_primitive(3)).map_err(text)?;
    let indirect = flag(4, reader)?;
    let only_attributes = flag(5, reader)?;
    reader.end().map_err(text)?;
    Ok(Scope {
        point,
        only_users,
        only_authorities,
        only_attributes,
        some_reasons: reasons.is_some(),
        indirect,
    })
}
