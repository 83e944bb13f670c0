//! A chain and the question about it, in the format of x509-limbo.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::machine;

/// One question.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    /// What was put into it, in words.
    #[serde(default)]
    pub(crate) features: Vec<String>,
    /// `SERVER`: a client judges a server; or `CLIENT`.
    pub(crate) validation_kind: String,
    /// PEM.
    pub(crate) trusted_certs: Vec<String>,
    /// PEM, as the peer sends them behind its own.
    pub(crate) untrusted_intermediates: Vec<String>,
    /// PEM.
    pub(crate) peer_certificate: String,
    /// RFC 3339; now where absent.
    pub(crate) validation_time: Option<String>,
    /// `serverAuth`, `clientAuth`; what the kind implies where empty.
    pub(crate) extended_key_usage: Vec<String>,
    pub(crate) expected_peer_name: Option<PeerName>,
    pub(crate) max_chain_depth: Option<usize>,
    /// PEM.
    pub(crate) crls: Vec<String>,
}

/// Whom the client dials.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct PeerName {
    /// `DNS` or `IP`.
    pub(crate) kind: String,
    pub(crate) value: String,
}

/// A file of cases.
#[derive(Debug, Deserialize, Serialize)]
struct Cases {
    version: u32,
    testcases: Vec<Case>,
}

pub(crate) fn read(file: &Path) -> Vec<Case> {
    let text = machine::read(file).unwrap();
    let cases: Cases = serde_json::from_slice(&text).unwrap();
    cases.testcases
}

pub(crate) fn write(file: &Path, cases: &[Case]) {
    let cases = Cases {
        version: 1,
        testcases: cases.to_vec(),
    };
    machine::write(file, serde_json::to_vec(&cases).unwrap());
}
