//! What to do about a fault: a table of commands and edits, filled with the
//! names, key ids and files of the certificates that it is about.

use std::borrow::Cow;

use super::Source;
use super::check::{self, Check};
use super::explanation::{CertRef, Fault};

/// What the files are called that a chain is built from, for hints.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Files {
    /// The file that begins with the target, where what stands between belongs.
    pub leaf: Option<String>,
    /// The file of the anchors.
    pub trust: Option<String>,
}

/// Whose fault a hint is for.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    /// Anybody's.
    Any,
    /// The target's.
    Leaf,
    /// That of a certificate above it, trusted or not.
    Above,
    /// A trusted certificate's.
    Anchor,
}

/// One hint. `{…}` is filled in; where a value is not known, the next hint of
/// the table is taken.
struct Hint {
    check: &'static Check,
    of: Of,
    text: &'static str,
}

const fn hint(check: &'static Check, of: Of, text: &'static str) -> Hint {
    Hint { check, of, text }
}

/// Shared by both checks that see another key of the same name, where the
/// certificate with the right one is at hand.
const SIGNER: &str = "{signer_place} signed it, and {issuer_place} is another generation of {issuer}: \
     put the first into {trust_file}, or issue {subject} again";

/// And where it is not.
const GENERATION: &str = "{issuer_place} is another generation of {issuer} (key id {issuer_key_id}): \
     put the one with key id {other_key} into {trust_file}, or issue {subject} again";

/// The same of a certificate that is sent: the other belongs in its place.
const SIGNER_OF_SENT: &str = "{signer_place} signed it, and {sent_place} is another generation of {issuer}: \
     put the first in place of the second, or issue {subject} again";
const GENERATION_OF_SENT: &str = "{sent_place} is another generation of {issuer} (key id {issuer_key_id}): \
     put the one with key id {other_key} in its place, or issue {subject} again";

/// The hints, in the order they are tried.
const HINTS: &[Hint] = &[
    // Trust.
    hint(
        &check::SIGNATURE,
        Of::Above,
        "{place} and {issuer_place} are two generations of {root} (key ids {own_key} and {issuer_key_id}): \
         trust the first too, or issue below the second again",
    ),
    hint(&check::SIGNATURE, Of::Any, SIGNER_OF_SENT),
    hint(&check::SIGNATURE, Of::Any, GENERATION_OF_SENT),
    hint(&check::SIGNATURE, Of::Any, SIGNER),
    hint(&check::SIGNATURE, Of::Any, GENERATION),
    hint(
        &check::SIGNATURE,
        Of::Any,
        "{issuer_place} has the name and not the key: trust the CA certificate that signed, or issue {subject} again",
    ),
    hint(
        &check::UNTRUSTED_ROOT,
        Of::Leaf,
        "nobody else signed it: add it to {trust_file}, or have a CA of {trust_file} issue it",
    ),
    hint(
        &check::UNTRUSTED_ROOT,
        Of::Any,
        "if it is to be trusted, add {place} to {trust_file}",
    ),
    hint(
        &check::ISSUER_NOT_FOUND,
        Of::Any,
        "add the certificate of {issuer_name} to the end of {leaf_file} (a root: to {trust_file}); its key id is {key}",
    ),
    hint(
        &check::ISSUER_NOT_FOUND,
        Of::Any,
        "add the certificate of {issuer_name} to the end of {leaf_file} (a root: to {trust_file})",
    ),
    hint(
        &check::ISSUER_NAME,
        Of::Any,
        "{issuer_place} has the key and another name: use the certificate of {issuer_name}, or issue {subject} again",
    ),
    hint(&check::AKI_MISMATCH, Of::Any, SIGNER_OF_SENT),
    hint(&check::AKI_MISMATCH, Of::Any, GENERATION_OF_SENT),
    hint(&check::AKI_MISMATCH, Of::Any, SIGNER),
    hint(&check::AKI_MISMATCH, Of::Any, GENERATION),
    hint(
        &check::AKI_MISMATCH,
        Of::Any,
        "issue {subject} again, with the key id of {issuer} and nothing else in its AuthorityKeyIdentifier",
    ),
    hint(
        &check::SIGNATURE_ALGORITHM,
        Of::Any,
        "issue {subject} again, signed with SHA-256 or better",
    ),
    hint(
        &check::SIGNATURE_KEY,
        Of::Any,
        "issue {subject} again, with the key of {issuer}",
    ),
    hint(
        &check::WEAK_KEY,
        Of::Any,
        "make a new key (ECDSA P-256, or RSA 2048) for {issuer}, and issue it and {subject} again",
    ),
    hint(
        &check::WEAK_KEY,
        Of::Any,
        "make a new key (ECDSA P-256, or RSA 2048) and issue {subject} again",
    ),
    // Time.
    hint(&check::EXPIRED, Of::Leaf, "renew it where it was issued"),
    hint(
        &check::EXPIRED,
        Of::Anchor,
        "renew {subject} with the same key, so that what it signed holds, and put it into {trust_file}",
    ),
    hint(
        &check::EXPIRED,
        Of::Above,
        "renew {subject} with the same key, so that what it signed holds, in place of {place}",
    ),
    hint(
        &check::NOT_YET_VALID,
        Of::Any,
        "look at the clock of this machine (`date -u`), or wait",
    ),
    // Revocation.
    hint(&check::REVOKED, Of::Leaf, "issue it again, with a new key"),
    hint(
        &check::REVOKED,
        Of::Above,
        "trust nothing below {subject}: issue what it signed again from another CA",
    ),
    hint(
        &check::REVOCATION_UNKNOWN,
        Of::Any,
        "get a current, complete CRL of {issuer_name}",
    ),
    hint(
        &check::CRL_EXPIRED,
        Of::Any,
        "get the newest CRL of {issuer_name}, or have it make one",
    ),
    hint(
        &check::CRL_NOT_YET_VALID,
        Of::Any,
        "look at the clock of this machine (`date -u`), or wait",
    ),
    hint(
        &check::CRL_SIGNATURE,
        Of::Any,
        "use no list that another key signed: get the one of the {issuer_name} that is trusted here",
    ),
    hint(
        &check::CRL_SIGNER,
        Of::Any,
        "issue the CA {issuer_name} again with the same key and cRLSign in its KeyUsage",
    ),
    hint(
        &check::CRL_NOT_PROCESSED,
        Of::Any,
        "get a complete CRL that {issuer_name} signed itself",
    ),
    // What was asked for.
    hint(
        &check::NAME_NOT_COVERED,
        Of::Any,
        "issue it with {expected} among its names, or dial one of those found",
    ),
    hint(
        &check::PURPOSE,
        Of::Leaf,
        "issue it again with {expected} in its ExtendedKeyUsage",
    ),
    hint(
        &check::PURPOSE,
        Of::Above,
        "issue the CA {subject} again without an ExtendedKeyUsage",
    ),
    hint(
        &check::KEY_USAGE,
        Of::Any,
        "issue it again with {expected} in its KeyUsage",
    ),
    hint(
        &check::NO_ALT_NAME,
        Of::Any,
        "issue it with the names that are dialled in its SubjectAltName: the common name does not count",
    ),
    hint(
        &check::TARGET_IS_CA,
        Of::Any,
        "issue a certificate for the server itself, with basicConstraints=critical,CA:FALSE",
    ),
    // Who may issue what.
    hint(
        &check::NOT_A_CA,
        Of::Any,
        "have a CA sign what {place} signed; if {subject} is to be one, issue it again with CA:TRUE",
    ),
    hint(
        &check::KEY_CERT_SIGN,
        Of::Any,
        "issue {subject} again with the same key and keyCertSign in its KeyUsage: what it signed then holds",
    ),
    hint(
        &check::KEY_USAGE_MISSING,
        Of::Any,
        "issue {subject} again with the same key and keyUsage=critical,keyCertSign,cRLSign: what it signed then holds",
    ),
    hint(
        &check::PATH_LENGTH,
        Of::Any,
        "issue from a CA nearer to the root, or issue the CA above again with a longer pathLenConstraint",
    ),
    hint(
        &check::NAME_EXCLUDED,
        Of::Any,
        "issue {subject} without that name, or from a CA that may vouch for it",
    ),
    hint(
        &check::NAME_NOT_PERMITTED,
        Of::Any,
        "issue {subject} without that name, or from a CA that may vouch for it",
    ),
    // Form.
    hint(
        &check::AKI_MISSING,
        Of::Any,
        "issue {subject} again with authorityKeyIdentifier=keyid",
    ),
    hint(
        &check::SKI_MISSING,
        Of::Any,
        "issue {subject} again with subjectKeyIdentifier=hash",
    ),
    hint(
        &check::EXTENSION_CRITICALITY,
        Of::Any,
        "issue {subject} again, with that extension {expected}",
    ),
    hint(
        &check::SERIAL_NUMBER,
        Of::Any,
        "issue {subject} again with a random serial number: positive, of at most 20 octets",
    ),
    hint(
        &check::MALFORMED_NAME,
        Of::Any,
        "issue {subject} again with plain names: hosts without scheme and port, addresses as IP",
    ),
    hint(
        &check::UNKNOWN_CRITICAL,
        Of::Any,
        "issue {subject} again without that extension, or with it not critical",
    ),
    hint(
        &check::POLICIES,
        Of::Any,
        "issue {subject} again with that extension not critical",
    ),
    hint(
        &check::CONSTRAINT_MALFORMED,
        Of::Any,
        "issue the CA {subject} again with the same key and constraints such as DNS:example.com, without a dot before it, and IP:10.0.0.0/255.0.0.0",
    ),
    hint(
        &check::KEY_PARAMETERS,
        Of::Any,
        "make a key whose curve is named (openssl: -pkeyopt ec_param_enc:named_curve), and issue {subject} again",
    ),
    hint(
        &check::CERT_SIGN_WITHOUT_CA,
        Of::Any,
        "issue {subject} again without keyCertSign",
    ),
    hint(
        &check::PATH_LENGTH_WITHOUT_CA,
        Of::Any,
        "issue {subject} again without a path length",
    ),
    hint(
        &check::COMMON_NAME_NOT_PERMITTED,
        Of::Any,
        "issue {subject} again with a CN that is no host, and its hosts in the SubjectAltName",
    ),
];

impl Fault {
    /// The next command or edit, where there is one: of an issuer that is
    /// missing what to append where, of another generation of a CA which one
    /// is wanted. `files` are what the chain was built from.
    pub fn hint(&self, files: &Files) -> Option<String> {
        let fits = |hint: &&Hint| {
            hint.check.id == self.check
                && match hint.of {
                    Of::Any => true,
                    Of::Leaf => self.at.source == Source::Target,
                    Of::Above => self.at.source != Source::Target,
                    Of::Anchor => matches!(self.at.source, Source::Anchor(_)),
                }
        };
        let mut hints = HINTS.iter().filter(fits);
        hints.find_map(|hint| fill(hint.text, |name| self.value(name, files)))
    }

    fn value(&self, name: &str, files: &Files) -> Option<Cow<'_, str>> {
        let key = self.at.authority_key_id.as_deref();
        let issuer_key = self.issuer.as_ref().and_then(|i| i.key_id.as_deref());
        let file = |file: &Option<String>, else_: &str| {
            Cow::Owned(file.clone().unwrap_or_else(|| else_.to_owned()))
        };
        Some(match name {
            "subject" => self.at.subject.as_str().into(),
            "place" => place(&self.at).into(),
            "issuer_name" => self.at.issuer.as_str().into(),
            "key" => key?.into(),
            // Only where the two are known, and are two.
            "other_key" => key
                .filter(|key| issuer_key.is_some_and(|i| i != *key))?
                .into(),
            // A root below another of its name: the two are named by their keys.
            "root" => Some(&self.at)
                .filter(|at| at.issuer == at.subject)?
                .subject
                .as_str()
                .into(),
            "own_key" => self.at.key_id.as_deref()?.into(),
            "issuer" => self.issuer.as_ref()?.subject.as_str().into(),
            "signer_place" => {
                let other = |s: &&CertRef| *s != &self.at && Some(*s) != self.issuer.as_ref();
                place(self.signer.as_ref().filter(other)?).into()
            }
            "sent_place" => {
                let is_sent = |i: &&CertRef| matches!(i.source, Source::Pool(_));
                place(self.issuer.as_ref().filter(is_sent)?).into()
            }
            "issuer_place" => place(self.issuer.as_ref()?).into(),
            "issuer_key_id" => issuer_key?.into(),
            "expected" => self.expected.as_deref()?.into(),
            "leaf_file" => file(&files.leaf, "what the server sends"),
            "trust_file" => file(&files.trust, "the trusted certificates"),
            _ => return None,
        })
    }
}

/// Where a certificate stands, or what it is called where nobody knows.
fn place(of: &CertRef) -> String {
    match &of.place {
        Some(place) => place.to_string(),
        None => format!("{} (serial {})", of.subject, of.serial),
    }
}

/// `text` with a value for each `{name}`; `None` where one is not known.
fn fill<'v>(text: &str, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> Option<String> {
    let mut filled = String::with_capacity(text.len());
    let mut parts = text.split('{');
    filled.push_str(parts.next()?);
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        filled.push_str(&value(name)?);
        filled.push_str(rest);
    }
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::explanation::Place;

    fn cert(source: Source) -> CertRef {
        CertRef {
            position: None,
            source,
            place: None,
            subject: "CN=web".into(),
            issuer: "CN=root".into(),
            serial: "0A".into(),
            key_id: Some("11".into()),
            authority_key_id: Some("22".into()),
        }
    }

    fn fault(check: &Check, source: Source) -> Fault {
        Fault {
            check: check.id,
            at: cert(source),
            issuer: None,
            signer: None,
            found: "x".into(),
            expected: Some("y".into()),
            clause: check.clause,
        }
    }

    #[test]
    fn every_hint_can_be_filled() {
        for hint in HINTS {
            let source = match hint.of {
                Of::Any | Of::Leaf => Source::Target,
                Of::Above => Source::Pool(0),
                Of::Anchor => Source::Anchor(0),
            };
            let mut fault = fault(hint.check, source);
            fault.issuer = Some(cert(if hint.text.contains("{sent_place}") {
                Source::Pool(1)
            } else {
                Source::Anchor(0)
            }));
            fault.signer = Some(cert(Source::Pool(7)));
            if hint.text.contains("{root}") {
                fault.at.issuer.clone_from(&fault.at.subject);
            }
            let files = Files::default();
            let filled = fill(hint.text, |name| fault.value(name, &files));
            let filled = filled.unwrap_or_else(|| panic!("{}: {}", hint.check.id, hint.text));
            assert!(!filled.contains(['{', '}']), "{filled}");
            assert!(fault.hint(&files).is_some());
        }
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let files = Files {
            leaf: Some("web.crt".into()),
            trust: Some("ca.crt".into()),
        };
        let mut missing = fault(&check::ISSUER_NOT_FOUND, Source::Target);
        let long = "add the certificate of CN=root to the end of web.crt (a root: to ca.crt)";
        assert_eq!(
            missing.hint(&files),
            Some(format!("{long}; its key id is 22"))
        );
        missing.at.authority_key_id = None;
        assert_eq!(missing.hint(&files).as_deref(), Some(long));
    }

    #[test]
    fn another_generation_is_told_from_another_signer() {
        let mut other = fault(&check::SIGNATURE, Source::Target);
        let mut issuer = cert(Source::Anchor(1));
        issuer.place = Some(Place {
            file: "ca.crt".into(),
            number: 2,
            of: 2,
        });
        other.issuer = Some(issuer);
        let hint = |fault: &Fault| fault.hint(&Files::default()).unwrap();
        assert_eq!(
            hint(&other),
            "certificate 2 of ca.crt is another generation of CN=web (key id 11): put the one with \
             key id 22 into the trusted certificates, or issue CN=web again"
        );
        // What is sent is put right in what is sent.
        let mut sent = other.clone();
        sent.issuer.as_mut().unwrap().source = Source::Pool(0);
        assert!(hint(&sent).contains("put the one with key id 22 in its place"));
        // One key id and two keys: the file was made over.
        other.at.authority_key_id = Some("11".into());
        assert!(hint(&other).starts_with("certificate 2 of ca.crt has the name and not the key"));
    }
}
