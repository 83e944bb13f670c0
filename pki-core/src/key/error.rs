//! What can go wrong with a key.

use crate::der::DerError;
use crate::error::{Error, ErrorKind};
use crate::pem::PemFault;

/// Why a key could not be made, read or used. Nothing of a key or a passphrase
/// stands in it, nor the name of a file: the caller adds that.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Nothing but white space.
    #[error("the file is empty where a private key belongs")]
    Empty,
    /// Neither PEM nor a form of DER that is known.
    #[error("no private key found: neither a PEM block nor DER")]
    Unrecognised,
    /// Something else than a private key.
    #[error("found `{found}` where a private key belongs")]
    NotAKey {
        /// The label of the first PEM block, or what the DER is.
        found: String,
    },
    /// A certificate where a key belongs.
    #[error("found a certificate where a private key belongs")]
    Certificate,
    /// A public key where a private key belongs.
    #[error("found a public key where a private key belongs")]
    PublicKey,
    /// Several private keys in one file.
    #[error("found {count} private keys where one belongs")]
    Several {
        /// How many.
        count: usize,
    },
    /// A PEM block that does not decode.
    #[error(transparent)]
    Pem(#[from] PemFault),
    /// A key whose DER is malformed.
    #[error("the {what} is malformed: {fault}")]
    Der {
        /// Which structure.
        what: &'static str,
        /// Where and why.
        fault: DerError,
    },
    /// DER that frames well but says something impossible.
    #[error("the {what} is malformed: {why}")]
    Malformed {
        /// Which structure.
        what: &'static str,
        /// Why.
        why: &'static str,
    },
    /// A kind of key that this program does not handle.
    #[error("keys of kind `{found}` are not supported")]
    Unsupported {
        /// The kind: a curve, an algorithm, a size.
        found: String,
    },
    /// A SEC1 key that names no curve, and no `EC PARAMETERS` block either.
    #[error("the EC private key names no curve")]
    NoCurve,
    /// The public half in the file does not belong to the private half, or the
    /// numbers of an RSA key contradict each other.
    #[error("the private key contradicts itself: {why}")]
    Inconsistent {
        /// Which parts.
        why: &'static str,
    },
    /// Encrypted, and no passphrase was given.
    #[error("the private key is encrypted and no passphrase was given")]
    PassphraseMissing,
    /// The passphrase does not open it.
    #[error("the passphrase does not open the private key")]
    PassphraseWrong,
    /// An empty passphrase to encrypt with.
    #[error("the passphrase is empty")]
    PassphraseEmpty,
    /// Encrypted in the old way of OpenSSL (RFC 1421 headers).
    #[error("the private key is encrypted in the legacy form `Proc-Type: 4,ENCRYPTED`")]
    LegacyEncrypted,
    /// Encrypted with something else than PBES2.
    #[error("the private key is encrypted with `{found}`, which is not supported")]
    Encryption {
        /// The name or OID.
        found: String,
    },
    /// Opening it would cost more than anything honest does.
    #[error("opening the private key costs {found} {unit}, more than the limit of {limit}")]
    CostTooHigh {
        /// What is counted: `rounds`, `octets of memory`, …
        unit: &'static str,
        /// What the file asks for.
        found: u64,
        /// What is allowed.
        limit: u64,
    },
    /// A SubjectPublicKeyInfo that is malformed.
    #[error("the public key is malformed: {0}")]
    Spki(DerError),
    /// The system gave no random octets.
    #[error("the system gives no random octets")]
    Random,
    /// The key refuses to sign.
    #[error("signing with the {key} key failed: {why}")]
    Sign {
        /// The kind of key.
        key: String,
        /// What the library says.
        why: String,
    },
}

impl KeyError {
    /// The next command or edit, where there is one.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Empty | Self::Pem(_) => {
                "restore the file from a backup, or delete it and issue the certificate anew"
            }
            Self::Certificate => {
                "the certificate and the key may be switched: give the file of the private key"
            }
            Self::PublicKey => "give the file of the private key, not of its public half",
            Self::NotAKey { found } if found.starts_with("OPENSSH") => {
                "convert a copy: `ssh-keygen -p -N '' -m PKCS8 -f KEY`"
            }
            Self::NotAKey { found } if found.starts_with("PKCS#12") => {
                "take the key out: `openssl pkcs12 -in FILE -nocerts -noenc -out private.key`"
            }
            Self::Several { .. } => "keep one private key in the file",
            Self::NoCurve => {
                "put the `EC PARAMETERS` block back, or convert the original: \
                 `openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW`"
            }
            Self::PassphraseMissing => "give `--passphrase-file FILE`",
            Self::PassphraseWrong => {
                "check the file given by `--passphrase-file`: one final newline is ignored, \
                 other white space counts"
            }
            Self::PassphraseEmpty => "write a passphrase into the file",
            Self::LegacyEncrypted | Self::Encryption { .. } => {
                "convert it: `openssl pkcs8 -topk8 -in OLD -out NEW`"
            }
            Self::CostTooHigh { .. } => {
                "if you trust the file, encrypt it anew: `openssl pkcs8 -topk8 -in OLD -out NEW`"
            }
            Self::Unsupported { .. } => {
                "use ECDSA P-256, P-384 or P-521, Ed25519, or RSA of 1024 to 8192 bits"
            }
            Self::Inconsistent { .. } => "restore the file from a backup",
            _ => return None,
        })
    }
}

impl KeyError {
    /// Whether the key is whole and only of a form or kind that is not read
    /// here.
    pub fn is_form(&self) -> bool {
        matches!(
            self,
            Self::LegacyEncrypted
                | Self::Encryption { .. }
                | Self::CostTooHigh { .. }
                | Self::Unsupported { .. }
        )
    }
}

/// Whether an error is that a passphrase does not open a key: who knows where it
/// came from has a better hint.
pub fn is_wrong_passphrase(error: &Error) -> bool {
    let wrong = KeyError::PassphraseWrong.to_string();
    let mut texts =
        std::iter::once(error.message()).chain(error.causes().iter().map(String::as_str));
    texts.any(|text| text == wrong)
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        let kind = match error {
            KeyError::Random | KeyError::Sign { .. } => ErrorKind::World,
            _ => ErrorKind::Usage,
        };
        let out = Self::new(kind, error.to_string());
        match error.hint() {
            Some(hint) => out.hint(hint),
            None => out,
        }
    }
}
