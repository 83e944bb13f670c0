//! Which servers of the stack refuse a key file for its form alone.

use crate::key::{Encoding, KeyForm, KeyKind};

/// A program that does not read a key file, and what it says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The programs.
    pub programs: &'static str,
    /// Their words.
    pub words: &'static str,
}

/// Who refuses a key in this form. Measured on Sidekick 7.1.2 and MinIO (HEAD
/// 7aac2a2), KES (HEAD 63649d0) and Go 1.26 `tls.LoadX509KeyPair`. The kind of
/// the key is not looked at.
pub fn refusals(form: &KeyForm) -> Vec<Refusal> {
    let mut found = Vec::new();
    let Some(kind) = form.kind else { return found };
    if form.encoding != Encoding::Pem {
        return found;
    }
    let mut add = |programs, words| found.push(Refusal { programs, words });
    let more = form.labels.len() > 1 || form.trailing.is_some();
    match kind {
        KeyKind::EncryptedPkcs8 => {
            add(
                "MinIO, Sidekick, KES, Go",
                "tls: failed to parse private key",
            );
            return found;
        }
        KeyKind::LegacyEncrypted => add("Go", "tls: failed to parse private key"),
        _ => {}
    }
    if more {
        add(
            "MinIO, Sidekick",
            "the private key contains additional data",
        );
    }
    if form.ec_parameters {
        add("KES", "https: unsupported PEM data block");
    } else if form.labels.len() == 1 && form.trailing.is_some_and(|t| !t.blank) {
        add("KES", "https: no valid PEM data");
    }
    found
}
