//! x509-parser (through `pki-core`), OpenSSL and pyca read the same fields.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use pki_core::cert::Certificate;
use pki_core::model::san::GeneralName;
use pki_core::model::usage::{KeyUsage, Purpose};
use serde_json::{Value, json};

use crate::case::Case;
use crate::judge::{Outcome, Verdict, run_pyca};
use crate::machine::{command, on_path, read};

pub(crate) fn judge_pyca(cases: &[Case]) -> Outcome {
    let mut outcome = run_pyca(cases);
    if let Outcome::Judged(verdicts) = &mut outcome {
        for (verdict, case) in verdicts.iter_mut().zip(cases) {
            let ours = fields(&certificate(&case.server_cert));
            if verdict.ok && verdict.fields != ours {
                verdict.ok = false;
                verdict.message = format!("pyca reads {}, pki reads {ours}", verdict.fields);
            }
        }
    }
    outcome
}

pub(crate) fn judge_openssl(cases: &[Case]) -> Outcome {
    if on_path("openssl").is_none() {
        return Outcome::skipped("openssl not found");
    }
    let verdict = |case: &Case| {
        let text = openssl_text(&case.server_cert);
        let printed: Vec<&str> = text.lines().map(str::trim).collect();
        let lines = openssl_lines(&certificate(&case.server_cert));
        let missing: Vec<String> = lines
            .into_iter()
            .filter(|line| !printed.contains(&line.as_str()))
            .collect();
        Verdict {
            id: case.id.clone(),
            ok: missing.is_empty(),
            message: format!("openssl does not print {missing:?}, but\n{text}"),
            fields: Value::Null,
        }
    };
    Outcome::Judged(cases.iter().map(verdict).collect())
}

/// The first certificate of a file.
fn certificate(file: &Path) -> Certificate {
    let pem = pki_core::pem::blocks(&read(file).unwrap());
    let block = pem.labelled("CERTIFICATE").next().unwrap();
    Certificate::from_der(block.der.as_ref().unwrap()).unwrap()
}

/// The fields in the form of `judge.py`.
fn fields(cert: &Certificate) -> Value {
    let basic = cert.basic_constraints();
    let mut critical: Vec<_> = cert
        .extensions()
        .iter()
        .filter(|e| e.critical)
        .map(|e| &e.oid)
        .collect();
    critical.sort();
    json!({
        "version": cert.version(),
        "subject": cert.subject().to_string(),
        "issuer": cert.issuer().to_string(),
        "serial": cert.serial().to_string().to_lowercase().trim_start_matches('0'),
        "not_before": cert.validity().not_before.unix(),
        "not_after": cert.validity().not_after.unix(),
        "sha256": hex(&cert.fingerprint().0, "").to_lowercase(),
        "san": cert.names().iter().map(|name| name_text(name, "IP")).collect::<Vec<_>>(),
        "key_usage": cert.key_usage().map(KeyUsage::names).unwrap_or_default(),
        "extended_key_usage": cert.purposes().unwrap_or_default().iter().map(Purpose::oid).collect::<Vec<_>>(),
        "ca": basic.is_some_and(|basic| basic.ca),
        "path_length": basic.and_then(|basic| basic.path_length),
        "subject_key_id": cert.subject_key_id().map(|id| hex(id, "").to_lowercase()),
        "authority_key_id": cert.authority_key_id()
            .and_then(|id| id.key_id.as_ref())
            .map(|id| hex(id, "").to_lowercase()),
        "critical": critical,
    })
}

fn openssl_text(file: &Path) -> String {
    let output = command("openssl")
        .args(["x509", "-noout", "-subject", "-issuer", "-serial", "-dates", "-fingerprint", "-sha256"])
        .args(["-nameopt", "RFC2253", "-dateopt", "iso_8601", "-ext"])
        .arg(
            "basicConstraints,keyUsage,extendedKeyUsage,subjectAltName,subjectKeyIdentifier,authorityKeyIdentifier",
        )
        .arg("-in")
        .arg(file)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The lines that OpenSSL 3.0 prints of such a certificate.
fn openssl_lines(cert: &Certificate) -> Vec<String> {
    let time = |moment: pki_core::clock::Timestamp| moment.to_string().replace('T', " ");
    let mut lines = vec![
        format!("subject={}", cert.subject()),
        format!("issuer={}", cert.issuer()),
        format!("serial={}", cert.serial()),
        format!("notBefore={}", time(cert.validity().not_before)),
        format!("notAfter={}", time(cert.validity().not_after)),
        format!("sha256 Fingerprint={}", hex(&cert.fingerprint().0, ":")),
    ];
    if let Some(basic) = cert.basic_constraints() {
        lines.push(match (basic.ca, basic.path_length) {
            (false, _) => "CA:FALSE".to_owned(),
            (true, None) => "CA:TRUE".to_owned(),
            (true, Some(length)) => format!("CA:TRUE, pathlen:{length}"),
        });
    }
    if cert.has_names() {
        let names: Vec<_> = cert
            .names()
            .iter()
            .map(|name| name_text(name, "IP Address"))
            .collect();
        lines.push(names.join(", "));
    }
    if let Some(usage) = cert.key_usage() {
        let words = usage.names().into_iter().map(|name| match name {
            "digitalSignature" => "Digital Signature",
            "keyEncipherment" => "Key Encipherment",
            "keyCertSign" => "Certificate Sign",
            "cRLSign" => "CRL Sign",
            other => other,
        });
        lines.push(words.collect::<Vec<_>>().join(", "));
    }
    if let Some(purposes) = cert.purposes() {
        let words = purposes.iter().map(|purpose| match purpose.oid() {
            "1.3.6.1.5.5.7.3.1" => "TLS Web Server Authentication",
            "1.3.6.1.5.5.7.3.2" => "TLS Web Client Authentication",
            other => other,
        });
        lines.push(words.collect::<Vec<_>>().join(", "));
    }
    lines.extend(cert.subject_key_id().map(|id| hex(id, ":")));
    lines.extend(
        cert.authority_key_id()
            .and_then(|id| id.key_id.as_ref())
            .map(|id| hex(id, ":")),
    );
    lines
}

fn name_text(name: &GeneralName, ip: &str) -> String {
    match name {
        GeneralName::Ip(octets) => {
            let v4 =
                <[u8; 4]>::try_from(&octets[..]).map(|octets| Ipv4Addr::from(octets).to_string());
            let v6 =
                <[u8; 16]>::try_from(&octets[..]).map(|octets| Ipv6Addr::from(octets).to_string());
            format!("{ip}:{}", v4.or(v6).unwrap())
        }
        other => other.to_string(),
    }
}

fn hex(octets: &[u8], between: &str) -> String {
    let mut text = String::new();
    for (at, octet) in octets.iter().enumerate() {
        let _ = write!(text, "{}{octet:02X}", if at == 0 { "" } else { between });
    }
    text
}
