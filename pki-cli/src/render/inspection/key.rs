//! A private key file, for people.

use pki_core::inspect::{KeyPart, refusals};
use pki_core::key::{Encoding, KeyForm, KeyKind};

use super::{Rows, Shown, public_key};

impl Shown<'_> {
    pub(super) fn key(&self, part: &KeyPart) -> Rows {
        let form = &part.form;
        let mut rows = Rows::head("private key");
        rows.add("form", &key_form(form));
        rows.add("encrypted", if form.encrypted() { "yes" } else { "no" });
        match &part.public {
            Ok(public) => {
                public_key(&mut rows, public);
                self.belongs(&mut rows, &part.certificates);
            }
            Err(_) if form.encrypted() && form.kind == Some(KeyKind::EncryptedPkcs8) => rows.add(
                "key",
                "seen only with the passphrase: add --password-file FILE",
            ),
            Err(why) => {
                rows.wrong("key", &format!("cannot be read: {why}"));
                if let Some(hint) = why.hint() {
                    rows.add("", hint);
                }
            }
        }
        if form.labels.len() > 1 {
            rows.add("blocks", &form.labels.join(", "));
        }
        if let Some(trailing) = &form.trailing {
            rows.wrong("after it", &trailing.to_string());
        }
        for refusal in refusals(form) {
            rows.wrong(
                "refused",
                &format!("by {}: \"{}\"", refusal.programs, refusal.words),
            );
        }
        rows
    }
}

/// The structure of a key file.
fn key_form(form: &KeyForm) -> String {
    let kind = match form.kind {
        Some(KeyKind::Pkcs8) => "PKCS#8",
        Some(KeyKind::Pkcs1) => "PKCS#1 (RSA PRIVATE KEY)",
        Some(KeyKind::Sec1) => "SEC1 (EC PRIVATE KEY)",
        Some(KeyKind::EncryptedPkcs8) => "encrypted PKCS#8",
        Some(KeyKind::LegacyEncrypted) => "encrypted in the legacy form (Proc-Type: 4,ENCRYPTED)",
        _ => "not one of PKCS#8, PKCS#1, SEC1",
    };
    match form.encoding {
        Encoding::Pem => format!("{kind}, PEM"),
        Encoding::Der => format!("{kind}, DER"),
        _ => kind.to_owned(),
    }
}
