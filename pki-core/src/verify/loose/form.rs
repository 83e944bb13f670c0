//! The form of the files: DER where programs read PEM, a private key beside
//! the certificates.

use std::path::Path;

use super::{Loose, STDIN};
use crate::inventory::{CertificateFile, Item, LABELLED};
use crate::pem;
use crate::report::{Finding, Locator, Severity, rule, shell};

/// A file of certificates that is not PEM as every program reads it. A warning:
/// nobody says which program it is for, and Java and Windows read DER.
pub(super) fn of_file(path: &Path, file: &CertificateFile) -> Option<Finding> {
    let what = file.not_pem().filter(|_| !is_stdin(path))?;
    let who = match what {
        pem::MARKED => "Go: the first certificate is not seen",
        LABELLED => {
            "Go, MinIO: `tls: failed to find \"CERTIFICATE\" PEM block in certificate input`"
        }
        _ => "servers that read PEM: Go, MinIO, nginx, HAProxy",
    };
    Some(not_pem(path, what).affects(who))
}

/// The same of the file of the CAs, and what of it cannot be read: OpenSSL 3.0.19,
/// curl 7.88 and Python 3.13 then take nothing of it, Go 1.26 takes the rest.
pub(super) fn of_authorities(by: &Loose<'_>) -> Vec<Finding> {
    let not_pem = by.ca_not_pem.map(|what| {
        let who = match what {
            pem::MARKED => "Go: the first certificate is not seen",
            LABELLED => {
                "Go: `x509: certificate signed by unknown authority`, for it is passed over"
            }
            _ => "clients that read PEM: Go, OpenSSL, curl, Python, rustls",
        };
        not_pem(by.ca, what).affects(who)
    });
    let unreadable = (!by.ca_unreadable.is_empty()).then(|| {
        rule::CERTIFICATE_NOT_PEM
            .at(Locator::File(by.ca.to_owned()))
            .found(by.ca_unreadable.join("; "))
            .expected("CA certificates and nothing that cannot be read")
            .affects("Python: \"[X509] PEM lib\"")
            .affects("curl: \"error setting certificate verify locations\"")
            .fix(format!(
                "take it out: `pki inspect {}` shows which blocks are good",
                shell::path(by.ca)
            ))
    });
    not_pem.into_iter().chain(unreadable).collect()
}

fn not_pem(path: &Path, what: &str) -> Finding {
    let file = shell::path(path);
    let new = shell::word(&in_pem(path)).into_owned();
    rule::CERTIFICATE_NOT_PEM
        .at(Locator::File(path.to_owned()))
        .weighing(Severity::Warning)
        .found(what)
        .expected("PEM")
        .fix(match what {
            pem::MARKED => format!("tail -c +4 {file} >{new}"),
            LABELLED => format!("openssl x509 -in {file} -out {new}"),
            _ => format!("openssl x509 -inform DER -in {file} -out {new}"),
        })
}

/// What the fix of [`not_pem`] makes of a file.
fn in_pem(path: &Path) -> String {
    format!("{}.pem", path.display())
}

/// The file that something can be appended to in PEM: the one itself, or what is
/// made of it where `not_pem` says what it is; `None` of what came in on stdin.
pub(super) fn to_add_to(path: &Path, not_pem: Option<&str>) -> Option<String> {
    match not_pem {
        _ if is_stdin(path) => None,
        Some(_) => Some(in_pem(path)),
        None => Some(path.display().to_string()),
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}

/// A private key beside the certificates that everybody on the machine can read.
/// A warning: who should read it, nobody says.
pub(super) fn readable(path: &Path, item: &Item, file: &CertificateFile) -> Option<Finding> {
    file.key.as_ref()?;
    let mode = item.record.mode;
    (mode & 0o004 != 0).then(|| {
        rule::KEY_READABLE
            .at(Locator::File(path.to_owned()))
            .weighing(Severity::Warning)
            .found(format!(
                "a private key beside the certificate, mode {mode:04o}"
            ))
            .expected("mode 0600, or 0640 for the group of its server")
            .fix(format!("chmod o-rwx {}", shell::path(path)))
    })
}
