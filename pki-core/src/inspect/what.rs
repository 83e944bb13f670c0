//! What a file is, in a few words.

use super::{Part, read};

/// What [`what`] calls a CRL.
pub const REVOCATION_LIST: &str = "a certificate revocation list";

/// The most kinds that are named.
const KINDS: usize = 3;

/// What a file holds, for those who were given it in place of something else:
/// `a certificate request`, `an encrypted private key`, `a public key`. Nothing
/// of the content is said.
pub fn what(bytes: &[u8]) -> String {
    // Without a password none can be wrong.
    let parts = read::file(bytes, None).map_or_else(|_| Vec::new(), |file| file.parts);
    let mut words: Vec<String> = Vec::new();
    let store = parts.iter().any(|part| matches!(part, Part::Store(_)));
    for part in &parts {
        let word = match part {
            // They are in it.
            Part::Certificate(_) if store => continue,
            Part::Certificate(_) => "a certificate".to_owned(),
            Part::Key(key) if key.form.encrypted() => "an encrypted private key".to_owned(),
            Part::Key(_) => "a private key".to_owned(),
            Part::PublicKey { .. } => "a public key".to_owned(),
            Part::Crl(_) => REVOCATION_LIST.to_owned(),
            Part::Request { .. } => "a certificate request".to_owned(),
            Part::Store(store) => match &store.content {
                Some(content) if content.keys == 0 && content.trusted > 0 => {
                    "a truststore (PKCS#12)".to_owned()
                }
                _ => "a PKCS#12 store".to_owned(),
            },
            Part::Unknown(unknown) => unknown.what.clone(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.len() > KINDS {
        words.truncate(KINDS);
        words.push("more".to_owned());
    }
    words.join(" and ")
}
