//! OpenSSL: `verify` as its users call it, and a handshake of `s_server` and
//! `s_client`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::case::{Case, Expect};
use crate::judge::{Outcome, Verdict};
use crate::machine::{command, on_path};

pub(crate) fn judge(cases: &[Case]) -> Outcome {
    if on_path("openssl").is_none() {
        return Outcome::skipped("openssl not found");
    }
    Outcome::Judged(
        cases
            .iter()
            .map(|case| {
                let (found, message) = match verify(case).and_then(|()| handshake(case)) {
                    Ok(()) => (Expect::Ok, "accepted".to_owned()),
                    Err(message) => (Expect::Fail, message),
                };
                Verdict {
                    id: case.id.clone(),
                    ok: found == case.expect,
                    message,
                    fields: ().into(),
                }
            })
            .collect(),
    )
}

/// `openssl verify -x509_strict` of the server's chain, and of the client's.
fn verify(case: &Case) -> Result<(), String> {
    let name = case.name.as_deref().unwrap();
    let check = match name.parse::<IpAddr>() {
        Ok(_) => "-verify_ip",
        Err(_) => "-verify_hostname",
    };
    run(
        verification("sslserver", case.trust.as_ref().unwrap(), &case.server_cert)
            .args([check, name]),
        &case.server_cert,
    )?;
    match (&case.client_cert, &case.server_trust) {
        (Some(client), Some(trust)) => run(&mut verification("sslclient", trust, client), client),
        _ => Ok(()),
    }
}

fn verification(purpose: &str, trust: &Path, chain: &Path) -> Command {
    let mut openssl = command("openssl");
    openssl
        .args([
            "verify",
            "-x509_strict",
            "-no-CApath",
            "-no-CAstore",
            "-purpose",
            purpose,
            "-CAfile",
        ])
        .arg(trust)
        .arg("-untrusted")
        .arg(chain);
    openssl
}

fn run(openssl: &mut Command, last: &Path) -> Result<(), String> {
    let output = openssl
        .arg(last)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&said).trim().replace('\n', "; "))
}

/// A server process that ends with its owner.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn handshake(case: &Case) -> Result<(), String> {
    let (mut server, port) = serve(case)?;
    let answer = dial(case, port);
    let _ = server.0.kill();
    let mut said = String::new();
    if let Some(mut error) = server.0.stderr.take() {
        let _ = error.read_to_string(&mut said);
    }
    answer.map_err(|error| {
        format!(
            "client: {error}; server: {}",
            said.trim().replace('\n', "; ")
        )
    })
}

fn serve(case: &Case) -> Result<(Server, u16), String> {
    let mut openssl = command("openssl");
    openssl
        .args([
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-naccept",
            "1",
            "-www",
            "-cert",
        ])
        .arg(&case.server_cert)
        .arg("-cert_chain")
        .arg(&case.server_cert)
        .arg("-key")
        .arg(case.server_key.as_ref().unwrap());
    if let Some(trust) = &case.server_trust {
        openssl
            .args([
                "-Verify",
                "5",
                "-verify_return_error",
                "-x509_strict",
                "-CAfile",
            ])
            .arg(trust);
    }
    let child = openssl
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut server = Server(child.map_err(|error| error.to_string())?);
    let out = server.0.stdout.take().ok_or("no output")?;
    for line in BufReader::new(out).lines() {
        let line = line.map_err(|error| error.to_string())?;
        if let Some(address) = line.strip_prefix("ACCEPT ") {
            let port = address
                .rsplit(':')
                .next()
                .and_then(|port| port.trim().parse().ok());
            return Ok((server, port.ok_or("no port")?));
        }
    }
    let mut said = String::new();
    if let Some(mut error) = server.0.stderr.take() {
        let _ = error.read_to_string(&mut said);
    }
    Err(format!("s_server does not start: {said}"))
}

fn dial(case: &Case, port: u16) -> Result<(), String> {
    let name = case.name.as_deref().unwrap();
    let mut openssl = command("openssl");
    openssl
        .args([
            "s_client",
            "-connect",
            &format!("127.0.0.1:{port}"),
            "-verify_return_error",
            "-x509_strict",
        ])
        .args(["-no-CApath", "-no-CAstore", "-quiet", "-CAfile"])
        .arg(case.trust.as_ref().unwrap());
    match name.parse::<IpAddr>() {
        Ok(_) => openssl.args(["-noservername", "-verify_ip", name]),
        Err(_) => openssl.args(["-servername", name, "-verify_hostname", name]),
    };
    if let (Some(certificate), Some(key)) = (&case.client_cert, &case.client_key) {
        openssl.arg("-cert").arg(certificate).arg("-key").arg(key);
    }
    let child = openssl
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut client = child.map_err(|error| error.to_string())?;
    if let Some(mut request) = client.stdin.take() {
        // A client that has given up already does not read it.
        let _ = request.write_all(b"GET / HTTP/1.0\r\n\r\n");
    }
    let output = client
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    // The server answers only after it has accepted the client.
    if String::from_utf8_lossy(&output.stdout).starts_with("HTTP/1.0 200") {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr)
        .trim()
        .replace('\n', "; "))
}
