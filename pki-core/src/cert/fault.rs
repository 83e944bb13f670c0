//! What is odd about one certificate, told by itself alone.

use super::Frame;
use super::extension::{Extension, oid};

/// One oddity: the check it fails, what is there, and the clause.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The rule's id.
    pub check: &'static str,
    /// What is there.
    pub found: String,
    /// What belongs there.
    pub expected: Option<String>,
    /// The clause that says so.
    pub clause: &'static str,
}

impl Fault {
    pub(crate) fn new(check: &'static str, clause: &'static str) -> Self {
        Self {
            check,
            found: String::new(),
            expected: None,
            clause,
        }
    }

    pub(crate) fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }
}

/// Extensions that this library understands, and so may be critical.
const UNDERSTOOD: [&str; 7] = [
    oid::BASIC_CONSTRAINTS,
    oid::KEY_USAGE,
    oid::EXTENDED_KEY_USAGE,
    oid::SUBJECT_ALT_NAME,
    oid::SUBJECT_KEY_ID,
    oid::AUTHORITY_KEY_ID,
    oid::NAME_CONSTRAINTS,
];

pub(super) fn of_frame(
    version: u32,
    frame: &Frame<'_>,
    extensions: &[Extension],
    faults: &mut Vec<Fault>,
) {
    let serial = crate::model::serial::Serial::from_octets(frame.serial);
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
    for (i, extension) in extensions.iter().enumerate() {
        if extensions[..i].iter().any(|e| e.oid == extension.oid) {
            faults.push(
                Fault::new("duplicate-extension", "RFC 5280 4.2")
                    .found(format!("{} more than once", extension.name())),
            );
        }
        if extension.critical && !UNDERSTOOD.contains(&extension.oid.as_str()) {
            faults.push(
                Fault::new("unknown-critical-extension", "RFC 5280 4.2")
                    .found(format!("{}, critical", extension.name())),
            );
        }
    }
}
