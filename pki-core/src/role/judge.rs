//! Role files judged: the words of each file where they stand, then the role
//! that comes of it.

use super::wire::RoleFile;
use super::{CHECKS, ClientCertificates, Notice, Role, RoleFiles, ServerRole, VARIABLES};
use super::{TlsLibrary, TrustForm};
use crate::document::{At, Fault, did_you_mean};
use crate::model::path::TreePath;
use crate::template;

const TLS: [(&str, TlsLibrary); 5] = [
    ("go", TlsLibrary::Go),
    ("jsse", TlsLibrary::Jsse),
    ("openssl", TlsLibrary::OpenSsl),
    ("python", TlsLibrary::Python),
    ("rustls", TlsLibrary::Rustls),
];
const CLIENT_CERTIFICATES: [(&str, ClientCertificates); 3] = [
    ("never", ClientCertificates::Never),
    ("optional", ClientCertificates::Optional),
    ("required", ClientCertificates::Required),
];
const TRUST_FORMS: [(&str, TrustForm); 2] =
    [("pem", TrustForm::Pem), ("pkcs12", TrustForm::Pkcs12)];

/// Everything wrong in the words of one file.
pub(super) fn words(wire: &RoleFile) -> Vec<Fault> {
    let mut faults = Vec::new();
    let server = wire.server.as_ref();
    known_word(wire.tls.as_ref(), &TLS, &mut faults);
    known_word(
        server.and_then(|s| s.client_certificates.as_ref()),
        &CLIENT_CERTIFICATES,
        &mut faults,
    );
    known_word(wire.trust_form.as_ref(), &TRUST_FORMS, &mut faults);
    if let Some(mode) = &wire.key_mode
        && super::key_mode(mode).is_none()
    {
        let message = format!("`{}` is no mode of a key file", **mode);
        faults.push(
            Fault::new(mode.span(), message, "found").help("\"0600\", or \"0640\" for a group"),
        );
    }
    files(wire, &mut faults);
    texts(wire, &mut faults);
    for check in wire.checks.iter().flatten() {
        if !CHECKS.contains(&check.as_str()) {
            let message = format!("unknown check `{}`", **check);
            let fault = Fault::new(check.span(), message, "no such check");
            faults.push(fault.help(did_you_mean(check, CHECKS)));
        }
    }
    faults
}

/// File names lie inside the service's folder.
fn files(wire: &RoleFile, faults: &mut Vec<Fault>) {
    let files = wire.files.clone().unwrap_or_default();
    let names = [
        files.cert,
        files.key,
        files.chain,
        files.issuer,
        files.trust,
        files.client_trust,
    ];
    let written = wire.write.iter().flatten().map(|w| w.file.clone());
    for name in names.into_iter().flatten().chain(written) {
        if let Err(error) = TreePath::new("folder").and_then(|folder| folder.join(&name)) {
            let fault = Fault::new(name.span(), error.to_string(), "no file name here");
            faults.push(fault.help("a name inside the service's folder"));
        }
    }
}

/// Templates name only the variables there are.
fn texts(wire: &RoleFile, faults: &mut Vec<Fault>) {
    let variables: Vec<(&str, Option<String>)> = VARIABLES.map(|(name, _)| (name, None)).into();
    let written = wire.write.iter().flatten().map(|w| &w.text);
    for text in written.chain(wire.next.iter().flatten()) {
        if let Err(error) = template::render(text, &variables) {
            let fault = Fault::new(text.span(), error.to_string(), "in this text");
            faults.push(fault.help(error.expected()));
        }
    }
}

/// The role that a file means, everything it is like put below it.
///
/// # Errors
/// What it lacks, shown at its name.
pub(super) fn role(wire: RoleFile) -> Result<Role, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut lacks = |what: &str, help: &str| {
        let message = format!("role `{}` {what}", *wire.name);
        faults.push(Fault::new(wire.name.span(), message, "incomplete").help(help));
    };
    let tls = value(wire.tls.as_ref(), &TLS);
    if tls.is_none() {
        lacks(
            "has no `tls`",
            "add `tls = \"go\"` (or jsse, openssl, python, rustls)",
        );
    }
    let files = wire.files.unwrap_or_default();
    if wire.server.is_some() && (files.cert.is_none() || files.key.is_none()) {
        lacks(
            "serves and names no `cert` and `key`",
            "add `[files]` with `cert = \"public.crt\"` and `key = \"private.key\"`",
        );
    }
    let (Some(tls), true) = (tls, faults.is_empty()) else {
        return Err(faults);
    };
    let text = |word: Option<At<String>>| word.map(|w| (*w).clone());
    let texts = |words: Option<Vec<At<String>>>| {
        let words = words.into_iter().flatten();
        words.map(|w| (*w).clone()).collect::<Vec<String>>()
    };
    let notice = wire.notice.unwrap_or_default();
    Ok(Role {
        name: (*wire.name).clone(),
        summary: wire.summary.unwrap_or_default(),
        tls,
        server: wire.server.map(|server| ServerRole {
            port: server.port,
            client_certificates: value(server.client_certificates.as_ref(), &CLIENT_CERTIFICATES)
                .unwrap_or(ClientCertificates::Never),
        }),
        files: RoleFiles {
            cert: text(files.cert).unwrap_or_default(),
            key: text(files.key).unwrap_or_default(),
            chain: text(files.chain),
            issuer: text(files.issuer),
            trust: text(files.trust),
            client_trust: text(files.client_trust),
        },
        trust_form: value(wire.trust_form.as_ref(), &TRUST_FORMS).unwrap_or(TrustForm::Pem),
        key_mode: wire
            .key_mode
            .and_then(|mode| super::key_mode(&mode))
            .unwrap_or(0o600),
        notice: Notice {
            pair: notice.pair.unwrap_or_default(),
            trust: notice.trust.unwrap_or_default(),
        },
        writes: wire
            .write
            .into_iter()
            .flatten()
            .map(|w| ((*w.file).clone(), (*w.text).clone()))
            .collect(),
        next: texts(wire.next),
        checks: texts(wire.checks),
    })
}

fn value<T: Copy>(word: Option<&At<String>>, words: &[(&str, T)]) -> Option<T> {
    let word = word?;
    let found = words.iter().find(|(known, _)| *known == word.as_str());
    found.map(|(_, value)| *value)
}

fn known_word<T: Copy>(word: Option<&At<String>>, words: &[(&str, T)], faults: &mut Vec<Fault>) {
    if let (Some(word), None) = (word, value(word, words)) {
        let message = format!("unknown word `{}`", **word);
        let fault = Fault::new(word.span(), message, "not one of the words");
        faults.push(fault.help(did_you_mean(word, words.iter().map(|(known, _)| *known))));
    }
}
