//! From octets to a CRL, with the strict reader: what is not DER is no CRL.

use super::extensions::{self, Faults};
use super::{Crl, CrlError, Entry, Known, MAX_OCTETS, Reason, plain};
use crate::clock::Timestamp;
use crate::der::{self, Element, tag};
use crate::model::dn::Dn;
use crate::model::serial::Serial;
use crate::model::time;

pub(super) fn crl(octets: &[u8]) -> Result<Crl, CrlError> {
    if octets.len() > MAX_OCTETS {
        return Err(CrlError::TooLarge(octets.len()));
    }
    let mut outer = der::only(octets, tag::SEQUENCE)?.reader();
    let tbs = outer.element(tag::SEQUENCE)?;
    let algorithm = outer.element(tag::SEQUENCE)?.raw;
    let start = octets.len() - outer.rest().len() - algorithm.len() - tbs.raw.len();
    let [0, signature @ ..] = outer.element(tag::BIT_STRING)?.value else {
        return Err(structure("the signature does not end at an octet"));
    };
    outer.end()?;

    let mut faults = Faults::default();
    let mut reader = tbs.reader();
    let version = match reader.optional(tag::INTEGER)? {
        None => 1,
        Some(Element { value: [1], .. }) => 2,
        Some(other) => {
            return Err(structure(&format!("version {:02x?} is none", other.value)));
        }
    };
    if reader.element(tag::SEQUENCE)?.raw != algorithm {
        let found = "signature and signatureAlgorithm are not the same octets";
        faults.add("crl-algorithms-differ", "RFC 5280 5.1.1.2", found);
    }
    let issuer = Dn::from_der(reader.element(tag::SEQUENCE)?.raw)
        .map_err(|e| structure(&format!("issuer: {e}")))?;
    let this_update = moment(reader.any()?, "thisUpdate", "RFC 5280 5.1.2.4", &mut faults)?;
    let next_update = if let Some(tag::UTC_TIME | tag::GENERALIZED_TIME) = reader.peek() {
        let clause = "RFC 5280 5.1.2.5";
        Some(moment(reader.any()?, "nextUpdate", clause, &mut faults)?)
    } else {
        let found = "no nextUpdate";
        faults.add("crl-next-update-missing", "RFC 5280 5.1.2.5", found);
        None
    };
    let mut known = Known::default();
    let mut entries = match reader.optional(tag::SEQUENCE)? {
        None => Vec::new(),
        Some(list) if list.value.is_empty() => {
            let found = "an empty list of entries, which is left away";
            faults.add("crl-content", "RFC 5280 5.1.2.6", found);
            Vec::new()
        }
        Some(list) => entries(&list, version, &mut known, &mut faults)?,
    };
    entries.sort_by(|a, b| plain(a.serial.octets()).cmp(plain(b.serial.octets())));
    let extensions = match reader.optional(tag::context(0))? {
        None => Vec::new(),
        Some(wrapped) => extensions::read(&der::only(wrapped.value, tag::SEQUENCE)?, &mut faults)?,
    };
    reader.end()?;
    extensions::of_list(version, &extensions, &mut known, &mut faults);
    let removed = |entry: &Entry| entry.reason == Some(Reason::RemoveFromCrl);
    if !known.is_delta && entries.iter().any(removed) {
        let found = "removeFromCRL in a list that is no delta CRL";
        faults.add("crl-content", "RFC 5280 5.3.1", found);
    }
    Ok(Crl {
        tbs: start..start + tbs.raw.len(),
        version,
        issuer,
        this_update,
        next_update,
        entries,
        extensions,
        known,
        algorithm: algorithm.to_vec(),
        signature: signature.to_vec(),
        faults: faults.0,
        der: octets.to_vec(),
    })
}

fn structure(why: &str) -> CrlError {
    CrlError::Structure(why.to_owned())
}

fn moment(
    element: Element<'_>,
    what: &str,
    clause: &'static str,
    faults: &mut Faults,
) -> Result<Timestamp, CrlError> {
    if let Err(fault) = time::read(element.tag, element.value) {
        faults.add("crl-content", clause, format!("{what}: {fault}"));
    }
    time::read_lenient(element.tag, element.value).map_err(|e| structure(&format!("{what}: {e}")))
}

fn entries(
    list: &Element<'_>,
    version: u32,
    known: &mut Known,
    faults: &mut Faults,
) -> Result<Vec<Entry>, CrlError> {
    let mut reader = list.reader();
    let mut entries = Vec::new();
    while !reader.is_empty() {
        let mut entry = reader.element(tag::SEQUENCE)?.reader();
        let serial = entry.element(tag::INTEGER)?.value;
        if serial.is_empty() || !der::is_minimal(serial) {
            let found = "a serial number that is not in its shortest form";
            faults.add("crl-content", "RFC 5280 5.1", found);
        }
        let date = moment(entry.any()?, "revocationDate", "RFC 5280 5.1.2.6", faults)?;
        let mut reason = None;
        if let Some(list) = entry.optional(tag::SEQUENCE)? {
            if version == 1 {
                let found = "extensions of an entry in version 1";
                faults.add("crl-version", "RFC 5280 5.1.2.1", found);
            }
            for extension in extensions::read(&list, faults)? {
                extensions::of_entry(&extension, &mut reason, known, faults);
            }
        }
        entry.end()?;
        entries.push(Entry {
            serial: Serial::from_octets(serial),
            date,
            reason,
        });
    }
    Ok(entries)
}
