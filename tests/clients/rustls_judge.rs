//! rustls with ring: the verifiers that its clients and servers have by default.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;

use pki_core::clock::Timestamp;

use crate::case::Case;
use crate::client::{Answer, Verdict};

/// Of rustls-webpki, which does the work, by the lock file: the library has no
/// word for it.
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
        None => (Verdict::Skipped, "crls, depth, or no name".to_owned()),
        Some(Ok(())) => (Verdict::Success, String::new()),
        Some(Err(why)) => (Verdict::Failure, why),
    };
    Answer {
        id: case.id.clone(),
        verdict,
        message,
    }
}

/// `None` where the verifiers cannot be asked that.
fn verify(case: &Case) -> Option<Result<(), String>> {
    let server = case.validation_kind == "SERVER";
    let as_implied = match case.extended_key_usage.first().map(String::as_str) {
        None => true,
        Some("serverAuth") => server,
        Some("clientAuth") => !server,
        Some(_) => false,
    };
    if !case.crls.is_empty() || case.max_chain_depth.is_some() || !as_implied {
        return None;
    }
    let leaf = certificate(&case.peer_certificate);
    let pool = case.untrusted_intermediates.iter();
    let pool: Vec<_> = pool.map(|text| certificate(text)).collect();
    let mut roots = RootCertStore::empty();
    // What does not parse is left out.
    roots.add_parsable_certificates(case.trusted_certs.iter().map(|text| certificate(text)));
    let time = case.validation_time.as_deref();
    let now = time.map_or_else(pki_core::clock::now, |t| Timestamp::parse(t).unwrap());
    let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.unix()).unwrap()));
    let name = case.expected_peer_name.as_ref();
    if server {
        let name = name?.value.clone();
        Some(as_client(&leaf, &pool, roots, name, now))
    } else {
        Some(as_server(&leaf, &pool, roots, now))
    }
}

fn as_client(
    leaf: &CertificateDer<'_>,
    pool: &[CertificateDer<'_>],
    roots: RootCertStore,
    name: String,
    now: UnixTime,
) -> Result<(), String> {
    let name = ServerName::try_from(name).map_err(|e| e.to_string())?;
    let provider = Arc::new(default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|e| e.to_string())?;
    let verified = verifier.verify_server_cert(leaf, pool, &name, &[], now);
    verified.map(|_| ()).map_err(|e| e.to_string())
}

fn as_server(
    leaf: &CertificateDer<'_>,
    pool: &[CertificateDer<'_>],
    roots: RootCertStore,
    now: UnixTime,
) -> Result<(), String> {
    let provider = Arc::new(default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|e| e.to_string())?;
    let verified = verifier.verify_client_cert(leaf, pool, now);
    verified.map(|_| ()).map_err(|e| e.to_string())
}

fn certificate(text: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(text.as_bytes()).unwrap()
}
