//! rustls-webpki with ring, as rustls uses it for a peer's certificates.

use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, KeyUsage};

use pki_core::clock::Timestamp;

use crate::case::Case;
use crate::client::{Answer, Verdict};

/// As the lock file says it: the library has no word for it.
pub(crate) fn version() -> String {
    let lock = include_str!("../../Cargo.lock");
    let entry = lock.split("[[package]]").find_map(|package| {
        let rest = package.split_once("name = \"rustls-webpki\"")?.1;
        rest.split('"').nth(1)
    });
    entry.unwrap().to_owned()
}

pub(crate) fn judge(case: &Case) -> Answer {
    let (verdict, message) = match verify(case) {
        Ok(()) => (Verdict::Success, String::new()),
        Err(why) => (why.verdict, why.message),
    };
    Answer {
        id: case.id.clone(),
        verdict,
        message,
    }
}

struct Refusal {
    verdict: Verdict,
    message: String,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self {
            verdict: Verdict::Failure,
            message: format!("{error:?}"),
        }
    }
}

fn skipped(what: &str) -> Refusal {
    Refusal {
        verdict: Verdict::Skipped,
        message: what.to_owned(),
    }
}

fn verify(case: &Case) -> Result<(), Refusal> {
    if !case.crls.is_empty() || case.max_chain_depth.is_some() {
        return Err(skipped("crls or max_chain_depth"));
    }
    let leaf = certificate(&case.peer_certificate);
    let leaf = EndEntityCert::try_from(&leaf)?;
    let roots: Vec<_> = case.trusted_certs.iter().map(|t| certificate(t)).collect();
    // As `RootCertStore::add_parsable_certificates`: what does not parse is left out.
    let anchors: Vec<_> = roots
        .iter()
        .filter_map(|root| webpki::anchor_from_trusted_cert(root).ok())
        .collect();
    let pool = case.untrusted_intermediates.iter();
    let pool: Vec<_> = pool.map(|text| certificate(text)).collect();
    let now = case
        .validation_time
        .as_deref()
        .map_or_else(pki_core::clock::now, |time| Timestamp::parse(time).unwrap());
    let now = Duration::from_secs(u64::try_from(now.unix()).unwrap());
    let server = case.validation_kind == "SERVER";
    let purpose = case.extended_key_usage.first().map(String::as_str);
    let usage = match purpose {
        Some("serverAuth") => KeyUsage::server_auth(),
        Some("clientAuth") => KeyUsage::client_auth(),
        None if server => KeyUsage::server_auth(),
        None => KeyUsage::client_auth(),
        Some(other) => return Err(skipped(other)),
    };
    let now = UnixTime::since_unix_epoch(now);
    leaf.verify_for_usage(
        ALL_VERIFICATION_ALGS,
        &anchors,
        &pool,
        now,
        usage,
        None,
        None,
    )?;
    let Some(name) = &case.expected_peer_name else {
        return Ok(());
    };
    let name = ServerName::try_from(name.value.as_str()).map_err(|error| Refusal {
        verdict: Verdict::Failure,
        message: error.to_string(),
    })?;
    Ok(leaf.verify_is_valid_for_subject_name(&name)?)
}

fn certificate(text: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(text.as_bytes()).unwrap()
}
