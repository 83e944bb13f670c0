//! rustls with ring, both sides in memory.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use crate::case::{Case, Expect};
use crate::judge::{Outcome, Verdict};

pub(crate) fn judge(cases: &[Case]) -> Outcome {
    let verdict = |case: &Case| {
        // Files that do not load are no refusal, whatever is expected.
        let (found, message) = match connections(case) {
            Err(error) => (None, format!("setup: {error}")),
            Ok((client, server)) => match talk(client, server) {
                Ok(()) => (Some(Expect::Ok), "accepted".to_owned()),
                Err(error) => (Some(Expect::Fail), error),
            },
        };
        Verdict {
            id: case.id.clone(),
            ok: found == Some(case.expect),
            message,
            fields: ().into(),
        }
    };
    Outcome::Judged(cases.iter().map(verdict).collect())
}

type Failure = Box<dyn std::error::Error>;

fn connections(case: &Case) -> Result<(ClientConnection, ServerConnection), Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?;
    let server = match &case.server_trust {
        None => server.with_no_client_auth(),
        Some(trust) => server.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots(trust)?), provider.clone())
                .build()?,
        ),
    };
    let key = case.server_key.as_deref().ok_or("no key")?;
    let server = server.with_single_cert(
        chain(&case.server_cert)?,
        PrivateKeyDer::from_pem_file(key)?,
    )?;

    let client =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let client = client.with_root_certificates(roots(case.trust.as_deref().ok_or("no trust")?)?);
    let client = match (&case.client_cert, &case.client_key) {
        (Some(certificate), Some(key)) => {
            client.with_client_auth_cert(chain(certificate)?, PrivateKeyDer::from_pem_file(key)?)?
        }
        _ => client.with_no_client_auth(),
    };
    let name = ServerName::try_from(case.name.clone().ok_or("no name")?)?;
    Ok((
        ClientConnection::new(Arc::new(client), name)?,
        ServerConnection::new(Arc::new(server))?,
    ))
}

fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    Ok(CertificateDer::pem_file_iter(file)?.collect::<Result<_, _>>()?)
}

fn roots(file: &Path) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    for certificate in chain(file)? {
        roots.add(certificate)?;
    }
    Ok(roots)
}

/// The handshake and one word of the server.
fn talk(mut client: ClientConnection, mut server: ServerConnection) -> Result<(), String> {
    for _ in 0..10 {
        let mut wire = Vec::new();
        while client.wants_write() {
            client
                .write_tls(&mut wire)
                .map_err(|error| error.to_string())?;
        }
        let mut read = &wire[..];
        while !read.is_empty() {
            server
                .read_tls(&mut read)
                .map_err(|error| error.to_string())?;
            server
                .process_new_packets()
                .map_err(|error| format!("server: {error}"))?;
        }
        if !server.is_handshaking() && server.wants_write() {
            server
                .writer()
                .write_all(b"hello")
                .map_err(|error| error.to_string())?;
        }
        wire.clear();
        while server.wants_write() {
            server
                .write_tls(&mut wire)
                .map_err(|error| error.to_string())?;
        }
        let mut read = &wire[..];
        while !read.is_empty() {
            client
                .read_tls(&mut read)
                .map_err(|error| error.to_string())?;
            client
                .process_new_packets()
                .map_err(|error| format!("client: {error}"))?;
        }
        let mut hello = [0; 5];
        if client
            .reader()
            .read(&mut hello)
            .is_ok_and(|count| count == 5)
        {
            return Ok(());
        }
    }
    Err("the handshake does not end".to_owned())
}
