//! CRL distribution points as OpenSSL reads them (`v3_crld.c`, `v3_purp.c setup_dp`).

use super::names::is_malformed;
use crate::der::{self, DerError, Reader, tag};
use crate::model::dn::Dn;
use crate::model::san::GeneralName;

/// Whether the extension leaves its certificate usable: each point can be read and
/// has a place or an issuer.
pub(super) fn readable(value: &[u8]) -> bool {
    let Ok(list) = der::only(value, tag::SEQUENCE) else {
        return false;
    };
    let mut points = list.reader();
    while !points.is_empty() {
        let point = points.element(tag::SEQUENCE);
        if !point.is_ok_and(|point| is_point(point.reader()).unwrap_or(false)) {
            return false;
        }
    }
    true
}

/// Lists and strings of an implicit tag may be primitive or constructed, whatever
/// they should be.
fn is_point(mut point: Reader<'_>) -> Result<bool, DerError> {
    let place = point.optional(tag::context(0))?;
    let reasons = either(&mut point, 1)?;
    let issuer = either(&mut point, 2)?;
    point.end()?;
    let some_issuer = issuer.is_some_and(|issuer| !issuer.is_empty());
    Ok((place.is_some() || some_issuer)
        && place.is_none_or(|place| is_place(place.reader()).unwrap_or(false))
        && reasons.is_none_or(is_bit_string)
        && issuer.is_none_or(are_names))
}

/// The content of a field.
fn either<'a>(reader: &mut Reader<'a>, field: u8) -> Result<Option<&'a [u8]>, DerError> {
    let primitive = reader.optional(tag::context_primitive(field))?;
    let found = match primitive {
        Some(found) => Some(found),
        None => reader.optional(tag::context(field))?,
    };
    Ok(found.map(|found| found.value))
}

/// A full name, or what is to stand below that of the issuer.
fn is_place(mut place: Reader<'_>) -> Result<bool, DerError> {
    let (full, relative) = (either(&mut place, 0)?, either(&mut place, 1)?);
    place.end()?;
    Ok(match (full, relative) {
        (Some(full), None) => are_names(full),
        (None, Some([])) => true,
        (None, Some(relative)) => {
            let name = der::encode(tag::SEQUENCE, &der::encode(tag::SET, relative));
            Dn::from_der(&name).is_ok()
        }
        _ => false,
    })
}

/// Content octets; what is constructed is not looked into.
fn is_bit_string(content: &[u8]) -> bool {
    match content {
        [] => false,
        [unused, ..] => *unused < 8,
    }
}

fn are_names(content: &[u8]) -> bool {
    let mut reader = Reader::new(content);
    while !reader.is_empty() {
        let name = reader
            .any()
            .ok()
            .map(|e| GeneralName::from_der(e.tag, e.value));
        if !name.is_some_and(|name| name.is_ok_and(|name| !is_malformed(&name))) {
            return false;
        }
    }
    true
}
