//! The frame of a certificate: the parts whose exact octets matter.

use std::collections::HashSet;

use super::CertError;
use super::extension::{Extension, oid};
use super::fault::Fault;
use crate::clock::Timestamp;
use crate::der::{self, tag};
use crate::model::serial::Serial;
use crate::model::time;

/// The parts that are read by offset, since their exact octets matter.
pub(super) struct Frame<'a> {
    pub(super) tbs_at: std::ops::Range<usize>,
    pub(super) serial: &'a [u8],
    inner_algorithm: &'a [u8],
    pub(super) outer_algorithm: &'a [u8],
    times: [der::Element<'a>; 2],
    /// x509-parser stops at an empty RDN and tells nothing of the name.
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
}

impl<'a> Frame<'a> {
    pub(super) fn read(octets: &'a [u8]) -> Result<Self, CertError> {
        let mut outer = der::only(octets, tag::SEQUENCE)?.reader();
        let tbs = outer.element(tag::SEQUENCE)?;
        let outer_algorithm = outer.element(tag::SEQUENCE)?.raw;
        let start = octets.len() - outer.rest().len() - outer_algorithm.len() - tbs.raw.len();
        let mut inner = tbs.reader();
        // What an explicit tag holds is one element (X.690 8.14.2).
        if let Some(version) = inner.optional(tag::context(0))? {
            der::only(version.value, tag::INTEGER)?;
        }
        let serial = inner.element(tag::INTEGER)?.value;
        let inner_algorithm = inner.element(tag::SEQUENCE)?.raw;
        let issuer = inner.element(tag::SEQUENCE)?.raw;
        let mut validity = inner.element(tag::SEQUENCE)?.reader();
        let times = [validity.any()?, validity.any()?];
        validity.end()?;
        let subject = inner.element(tag::SEQUENCE)?.raw;
        inner.element(tag::SEQUENCE)?;
        for unique_id in [1, 2].map(tag::context_primitive) {
            inner.optional(unique_id)?;
        }
        if let Some(extensions) = inner.optional(tag::context(3))? {
            der::only(extensions.value, tag::SEQUENCE)?;
        }
        inner.end()?;
        outer.element(tag::BIT_STRING)?;
        outer.end()?;
        Ok(Self {
            tbs_at: start..start + tbs.raw.len(),
            serial,
            inner_algorithm,
            outer_algorithm,
            times,
            issuer,
            subject,
        })
    }

    pub(super) fn time(
        &self,
        index: usize,
        what: &'static str,
        faults: &mut Vec<Fault>,
    ) -> Result<Timestamp, CertError> {
        let element = &self.times[index];
        if let Err(fault) = time::read(element.tag, element.value) {
            faults.push(
                Fault::new("time-form", "RFC 5280 4.1.2.5").found(format!("{what}: {fault}")),
            );
        }
        time::read_lenient(element.tag, element.value)
            .map_err(|e| CertError::Structure(format!("{what}: {e}")))
    }
}

/// What is odd about the frame and about the extensions taken together.
pub(super) fn judge(
    version: u32,
    frame: &Frame<'_>,
    extensions: &[Extension],
    faults: &mut Vec<Fault>,
) {
    let serial = Serial::from_octets(frame.serial);
    if !serial.conforms() {
        faults.push(
            Fault::new("serial-number", "RFC 5280 4.1.2.2")
                .found(if frame.serial.len() > 20 {
                    format!("{} octets", frame.serial.len())
                } else {
                    format!("{serial}, not positive")
                })
                .expected("a positive number of at most 20 octets"),
        );
    }
    if frame.inner_algorithm != frame.outer_algorithm {
        faults.push(
            Fault::new("algorithms-differ", "RFC 5280 4.1.1.2")
                .found("signature and signatureAlgorithm are not the same octets"),
        );
    }
    if version != 3 {
        faults.push(
            Fault::new("version", "RFC 5280 4.1.2.1")
                .found(format!("version {version}"))
                .expected("version 3"),
        );
    }
    let mut known = HashSet::new();
    for extension in extensions {
        if !known.insert(extension.oid.as_str()) {
            faults.push(
                Fault::new("duplicate-extension", "RFC 5280 4.2")
                    .found(format!("{} more than once", extension.name())),
            );
        }
        if extension.critical && !oid::UNDERSTOOD.contains(&extension.oid.as_str()) {
            faults.push(
                Fault::new("unknown-critical-extension", "RFC 5280 4.2")
                    .found(format!("{}, critical", extension.name())),
            );
        }
    }
}
