//! The extensions of policies as Go reads them (`crypto/x509` parser.go).

use std::collections::HashSet;

use crate::der::{self, Reader, tag};

/// The OIDs of `CertificatePolicies`; `None` where one cannot be read. What is behind
/// them is not looked at.
pub(super) fn listed(value: &[u8]) -> Option<Vec<&[u8]>> {
    let mut list = der::only(value, tag::SEQUENCE).ok()?.reader();
    let mut policies = Vec::new();
    while !list.is_empty() {
        let mut policy = list.element(tag::SEQUENCE).ok()?.reader();
        let oid = policy.element(tag::OID).ok()?.value;
        policies.push(Some(oid).filter(|oid| is_oid(oid))?);
    }
    Some(policies)
}

/// `newOIDFromDER`: whole arcs without padding, of any size.
fn is_oid(octets: &[u8]) -> bool {
    let begins = |at: usize| at == 0 || octets[at - 1] < 0x80;
    let padded = |at: usize| begins(at) && octets[at] == 0x80;
    octets.last().is_some_and(|last| *last < 0x80) && !(0..octets.len()).any(padded)
}

/// Whether one policy stands twice.
pub(super) fn twice(value: &[u8]) -> bool {
    let mut before = HashSet::new();
    let policies = listed(value).unwrap_or_default();
    !policies.into_iter().all(|policy| before.insert(policy))
}

/// Pairs of OIDs, of any octets.
pub(super) fn mappings(value: &[u8]) -> bool {
    let read = || -> Result<(), der::DerError> {
        let mut list = der::only(value, tag::SEQUENCE)?.reader();
        while !list.is_empty() {
            let mut pair = list.element(tag::SEQUENCE)?.reader();
            pair.element(tag::OID)?;
            pair.element(tag::OID)?;
        }
        Ok(())
    };
    read().is_ok()
}

/// Two numbers, either of which may be absent; what is behind them is not looked at.
pub(super) fn constraints(value: &[u8]) -> bool {
    let Ok(list) = der::only(value, tag::SEQUENCE) else {
        return false;
    };
    let mut reader = list.reader();
    let mut number = |field| match reader.optional(tag::context_primitive(field)) {
        Ok(found) => found.is_none_or(|found| is_number(found.value)),
        Err(_) => false,
    };
    number(0) && number(1)
}

pub(super) fn inhibit_any(value: &[u8]) -> bool {
    let number = Reader::new(value).element(tag::INTEGER);
    number.is_ok_and(|number| is_number(number.value))
}

/// What fits into an `int`, in DER.
fn is_number(octets: &[u8]) -> bool {
    (1..=8).contains(&octets.len()) && der::is_minimal(octets)
}
