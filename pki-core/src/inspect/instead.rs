//! What to do with a file of another kind than is wanted: the command that gets
//! what is wanted out of it, or what to name in its place.

use std::path::Path;

use super::{Part, StorePart, looks, read};
use crate::cert::CertificateRequest;
use crate::report::shell;

/// What a file was given for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wanted {
    /// The certificate that is judged, and what stands above it.
    Certificates,
    /// The CA certificates to trust.
    Authorities,
    /// The private key.
    Key,
    /// Lists of what was revoked.
    Crls,
}

/// The next step with `file`, which holds `bytes` and not what is wanted; `None`
/// where nothing better is known than to look at it. A command that makes a file
/// calls it as this one with `.pem` or `.key` behind.
pub fn instead(bytes: &[u8], file: &Path, wanted: Wanted) -> Option<String> {
    if bytes.trim_ascii().is_empty() {
        return Some(if file == Path::new("-") {
            "nothing came in: see what the command before the pipe says".to_owned()
        } else {
            "get it again from where it was made: nothing is in it".to_owned()
        });
    }
    let names = Names::of(file);
    if let Some(kind) = looks::java_store(bytes) {
        return names.of_java_store(kind, wanted);
    }
    // Without a password none can be wrong.
    let parts = read::file(bytes, None).ok()?.parts;
    let has = |is: fn(&Part) -> bool| parts.iter().any(is);
    if let Some(store) = parts.iter().find_map(as_store) {
        return names.of_store(store, needs_legacy(bytes), wanted);
    }
    let is_certificate = |part: &&Part| matches!(part, Part::Certificate(_));
    match parts.iter().filter(is_certificate).count() {
        0 => {}
        count => return names.of_certificates(count, has(is_key), wanted),
    }
    let first = parts.first()?;
    names.of_part(first, wanted)
}

fn as_store(part: &Part) -> Option<&StorePart> {
    match part {
        Part::Store(store) => Some(store),
        _ => None,
    }
}

/// Whether a store is encrypted with RC2 or RC4 (RFC 7292 appendix C), as Java 8 and
/// Windows wrote them, which OpenSSL 3 reads with its old algorithms alone.
fn needs_legacy(bytes: &[u8]) -> bool {
    // The arc `pkcs-12PbeIds`; 3 and 4 are triple DES.
    const PBE: [u8; 11] = [6, 10, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1];
    let mut found = bytes.windows(PBE.len() + 1);
    found.any(|window| matches!(window, [pbe @ .., 1 | 2 | 5 | 6] if *pbe == PBE))
}

fn is_key(part: &Part) -> bool {
    matches!(part, Part::Key(_))
}

/// The names of a request, as `--san` takes them.
fn names(request: &CertificateRequest) -> String {
    let names = request.names().iter();
    let names: Vec<String> = names
        .filter_map(|name| Some(name.to_san()?.to_string()))
        .collect();
    if names.is_empty() {
        "NAME".to_owned()
    } else {
        shell::word(&names.join(",")).into_owned()
    }
}

/// A file and what is made of it, as words of a shell.
struct Names {
    file: String,
    pem: String,
    key: String,
    der: String,
    store: String,
}

impl Names {
    fn of(file: &Path) -> Self {
        // What came in on stdin has no name yet.
        let file = if file == Path::new("-") {
            Path::new("FILE")
        } else {
            file
        };
        let with = |end: &str| shell::word(&format!("{}.{end}", file.display())).into_owned();
        Self {
            file: shell::path(file),
            pem: with("pem"),
            key: with("key"),
            der: with("der"),
            store: with("p12"),
        }
    }

    fn of_store(&self, store: &StorePart, legacy: bool, wanted: Wanted) -> Option<String> {
        let Self { file, pem, key, .. } = self;
        let read = if legacy { "pkcs12 -legacy" } else { "pkcs12" };
        let keys = store.content.as_ref().map(|content| content.keys);
        Some(match wanted {
            Wanted::Certificates => format!("openssl {read} -in {file} -nokeys -out {pem}"),
            // A store of CAs marks none as one above a key.
            Wanted::Authorities if keys == Some(0) => {
                format!("openssl {read} -in {file} -nokeys -out {pem}")
            }
            Wanted::Authorities => format!("openssl {read} -in {file} -cacerts -nokeys -out {pem}"),
            Wanted::Key if keys == Some(0) => return None,
            Wanted::Key => format!("openssl {read} -in {file} -nocerts -nodes -out {key}"),
            Wanted::Crls => return None,
        })
    }

    fn of_java_store(&self, kind: &str, wanted: Wanted) -> Option<String> {
        let Self {
            file,
            pem,
            key,
            store,
            ..
        } = self;
        Some(match wanted {
            Wanted::Crls => return None,
            Wanted::Certificates | Wanted::Authorities => {
                format!("keytool -list -rfc -keystore {file} -storetype {kind} >{pem}")
            }
            Wanted::Key => format!(
                "keytool -importkeystore -srckeystore {file} -srcstoretype {kind} -destkeystore {store} \
                 -deststoretype pkcs12 && openssl pkcs12 -in {store} -nocerts -nodes -out {key}"
            ),
        })
    }

    /// A file that holds certificates all the same.
    fn of_certificates(&self, count: usize, with_key: bool, wanted: Wanted) -> Option<String> {
        let Self { file, pem, .. } = self;
        match wanted {
            // No private key belongs beside what is trusted.
            Wanted::Authorities if with_key && count == 1 => {
                Some(format!("openssl x509 -in {file} -out {pem}"))
            }
            Wanted::Authorities if with_key => Some(format!(
                "openssl crl2pkcs7 -nocrl -certfile {file} | openssl pkcs7 -print_certs -out {pem}"
            )),
            Wanted::Key => Some(format!("`pki inspect {file} *.key` finds its key")),
            _ => None,
        }
    }

    fn of_part(&self, part: &Part, wanted: Wanted) -> Option<String> {
        use Wanted::{Authorities, Certificates, Key};
        let Self { file, .. } = self;
        Some(match (part, wanted) {
            (Part::Request { request, .. }, Certificates) => format!(
                "have its CA sign it and name what comes back; who has the CA's key can issue a pair \
                 anew: `pki issue server --san {} --ca CA.crt --ca-key CA.key --out DIR`",
                names(request)
            ),
            (Part::Request { .. }, Authorities) => {
                "name the certificate that was made of it".to_owned()
            }
            (Part::Request { .. } | Part::PublicKey { .. }, Key) => {
                format!("`pki inspect {file} *.key` finds its key")
            }
            (Part::Key(_), Certificates) => format!(
                "name the certificate, and this as its key: `pki verify CERTIFICATE --ca CA --key {file}`"
            ),
            (Part::Key(_) | Part::PublicKey { .. }, Certificates | Authorities) => {
                format!("`pki inspect {file} *.crt` finds its certificate")
            }
            (Part::Crl(_), Certificates | Authorities) => {
                format!("it says what was revoked: `pki verify CERTIFICATE --ca CA --crl {file}`")
            }
            (Part::Unknown(unknown), _) => match unknown.hint.as_deref()? {
                looks::PKCS7 | looks::PKCS7_PEM if wanted == Key => return None,
                looks::SSH_PUBLIC if wanted == Key => {
                    "its private key is the file that was made with it, of the same name without `.pub`"
                        .to_owned()
                }
                looks::SSH_PUBLIC => {
                    "name the certificate; no certificate goes with a key of OpenSSH alone".to_owned()
                }
                hint @ looks::PKCS1_PUBLIC => {
                    let (others, what) = match wanted {
                        Key => ("*.key", "key"),
                        _ => ("*.crt", "certificate"),
                    };
                    // Nothing of it is secret, whatever is wanted.
                    let made = self.filled(hint, Certificates);
                    let new = self.made(Certificates);
                    format!("`{made} && pki inspect {new} {others}` finds its {what}")
                }
                hint => self.filled(hint, wanted),
            },
            _ => return None,
        })
    }

    /// What is made of the file.
    fn made(&self, wanted: Wanted) -> &str {
        match wanted {
            Wanted::Key => &self.key,
            _ => &self.pem,
        }
    }

    /// A hint of [`looks`] with the file's own name. Others may read what is no key.
    fn filled(&self, hint: &str, wanted: Wanted) -> String {
        let (begin, end) = looks::GUARDED;
        let guarded = hint.strip_prefix(begin).and_then(|h| h.strip_suffix(end));
        let word = |word: &str| match word {
            "OLD" | "FILE" => self.file.clone(),
            "NEW" | "NEW.pem" => self.made(wanted).to_owned(),
            ">NEW" => format!(">{}", self.made(wanted)),
            ">NEW.der" => format!(">{}", self.der),
            "NEW.p12" => self.store.clone(),
            other => other.to_owned(),
        };
        let words = guarded.unwrap_or(hint).split(' ').map(word);
        let command = words.collect::<Vec<_>>().join(" ");
        match guarded {
            Some(_) if wanted == Wanted::Key => format!("{begin}{command}{end}"),
            _ => command,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_for_its_owner_alone() {
        let next = |bytes: &[u8], wanted| instead(bytes, Path::new("a b"), wanted).unwrap();
        for (bytes, key, certificates) in [
            (
                &b"LS0tLS1CRUdJTiBDRVJU"[..],
                "(umask 077; base64 -d 'a b' >'a b.key')",
                "base64 -d 'a b' >'a b.pem'",
            ),
            (
                b"MIIBKDCB26ADAgEC\n",
                "(umask 077; base64 -d 'a b' >'a b.der')",
                "base64 -d 'a b' >'a b.der'",
            ),
            (
                b"\xff\xfe-\0-\0",
                "(umask 077; iconv -f UTF-16 -t UTF-8 'a b' >'a b.key')",
                "iconv -f UTF-16 -t UTF-8 'a b' >'a b.pem'",
            ),
            (
                b"\x1f\x8b\x08",
                "(umask 077; gunzip -c 'a b' >'a b.key')",
                "gunzip -c 'a b' >'a b.pem'",
            ),
        ] {
            assert_eq!(next(bytes, Wanted::Key), key);
            assert_eq!(next(bytes, Wanted::Certificates), certificates);
        }
    }

    #[test]
    fn of_a_public_key_it_is_said_where_the_other_things_are() {
        let next = |bytes: &[u8], wanted| instead(bytes, Path::new("a.pub"), wanted).unwrap();
        let ssh = b"ssh-ed25519 AAAA me@here\n";
        assert!(next(ssh, Wanted::Key).contains("the same name without `.pub`"));
        assert!(next(ssh, Wanted::Certificates).starts_with("name the certificate;"));
        let rsa = b"-----BEGIN RSA PUBLIC KEY-----\nMAYCAQMCAQM=\n-----END RSA PUBLIC KEY-----\n";
        assert_eq!(
            next(rsa, Wanted::Key),
            "`openssl rsa -RSAPublicKey_in -pubout -in a.pub -out a.pub.pem && pki inspect a.pub.pem *.key` finds its key"
        );
    }
}
