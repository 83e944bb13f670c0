//! What files from anywhere hold: everything that can be told of them without
//! a manifest. It describes; judging a chain or a service is for `verify`.

mod instead;
mod looks;
mod read;
mod refusal;
mod relate;
#[cfg(test)]
mod tests;
mod what;

pub use instead::{Wanted, instead};
pub use refusal::{Refusal, refusals};
pub use what::what;

use crate::cert::{Certificate, CertificateRequest, Crl};
use crate::der::{self, tag};
use crate::key::{KeyError, KeyForm, PublicKey, SignatureFault};
use crate::secret::Secret;

/// One file, as far as it is understood.
#[derive(Debug)]
pub struct Inspected {
    /// Text or octets.
    pub form: Form,
    /// What is in it, in the order of the file.
    pub parts: Vec<Part>,
    /// How its certificates stand to each other; `None` for less than two.
    pub order: Option<Order>,
}

/// Text or octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Form {
    /// At least one `BEGIN` line.
    Pem,
    /// DER, or BER: a SEQUENCE.
    Der,
    /// Other text (UTF-8).
    Text,
    /// Other octets.
    Binary,
    /// Nothing but white space.
    Empty,
}

/// One thing in a file. The certificates of a store follow the store.
#[derive(Debug)]
#[non_exhaustive]
pub enum Part {
    /// A certificate.
    Certificate(Box<CertificatePart>),
    /// The private key, or several that stand where one belongs.
    Key(KeyPart),
    /// A public key (SubjectPublicKeyInfo).
    PublicKey {
        /// The key.
        key: PublicKey,
        /// The certificates of all files that are for it.
        certificates: Vec<Place>,
    },
    /// A certificate request.
    Request {
        /// The request.
        request: Box<CertificateRequest>,
        /// Whether who made it holds the key.
        signature: Result<(), SignatureFault>,
        /// The certificates of all files that are for its key.
        certificates: Vec<Place>,
    },
    /// A certificate revocation list.
    Crl(Box<CrlPart>),
    /// A PKCS#12 store.
    Store(StorePart),
    /// What is not understood.
    Unknown(Unknown),
}

/// A certificate in its file.
#[derive(Debug)]
pub struct CertificatePart {
    /// What it says.
    pub certificate: Certificate,
    /// Its entry, where it stands in a store.
    pub entry: Option<Entry>,
    /// Who signed it, among the certificates of all files.
    pub issuer: Issuer,
}

/// A CRL in its file.
#[derive(Debug)]
pub struct CrlPart {
    /// What it says.
    pub crl: Crl,
    /// Who signed it, among the certificates of all files; never
    /// [`Issuer::Itself`].
    pub issuer: Issuer,
}

/// The entry of a certificate in a PKCS#12 store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Its name.
    pub alias: Option<String>,
    /// Whether Java takes it for a trusted one.
    pub trusted: bool,
}

/// A certificate among those of all files.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// Which file, counted from 0.
    pub file: usize,
    /// Which certificate of that file, counted from 1.
    pub number: usize,
}

/// Who signed a certificate or a CRL, as far as the files tell. Signatures are verified;
/// whether the issuer may issue is not looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Issuer {
    /// It is signed with its own key.
    Itself,
    /// This one.
    Here {
        /// Where it is.
        at: Place,
        /// Whether its subject is the issuer's name, octet by octet, as Go and
        /// rustls compare. If not, it was found by its key id.
        same_name: bool,
    },
    /// This one has the issuer's name or key id, but the signature is not its.
    Claimed {
        /// Where it is.
        at: Place,
        /// Why the signature does not hold.
        why: SignatureFault,
    },
    /// None of those here.
    Elsewhere,
    /// There were too many candidates to look at.
    Unchecked,
}

/// How the certificates of one file stand to each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Order {
    /// Each is followed by its issuer.
    Chain,
    /// None signed another: a bundle of CAs, or of leaves.
    Bundle,
    /// Some signed others, in another order than TLS servers send them (RFC
    /// 8446 4.4.2: the leaf first, each certified by the next).
    Mixed,
}

/// A private key, of which nothing secret is kept.
#[derive(Debug)]
pub struct KeyPart {
    /// What its file looks like to the programs that read it.
    pub form: KeyForm,
    /// The public half, or why it cannot be told.
    pub public: Result<PublicKey, KeyError>,
    /// The certificates of all files that are for it.
    pub certificates: Vec<Place>,
}

/// A PKCS#12 store, without its certificates.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StorePart {
    /// What is in it; `None` when a password is needed to tell.
    pub content: Option<StoreContent>,
}

/// What a store holds beside its certificates.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoreContent {
    /// How many private keys.
    pub keys: usize,
    /// How many certificates.
    pub certificates: usize,
    /// How many of them Java takes for trusted ones. Without any, TLS in Java
    /// fails with `the trustAnchors parameter must be non-empty`.
    pub trusted: usize,
    /// Whether certificates are seen only with the password.
    pub encrypted: bool,
    /// What protects it from changes.
    pub mac: Mac,
}

/// The check sum of a store, which depends on its password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Mac {
    /// There is none.
    None,
    /// There is one, and no password to check it with.
    Unchecked,
    /// It is right.
    Good,
    /// It is wrong: the password is, or the store was changed.
    Wrong,
}

/// Something that is not understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unknown {
    /// What it looks like. Nothing of the content stands in it.
    pub what: String,
    /// Why it cannot be read, where it seemed to be of a known kind.
    pub why: Option<String>,
    /// The next command, where there is one.
    pub hint: Option<String>,
}

/// What [`what`] calls a CRL.
pub const REVOCATION_LIST: &str = "a certificate revocation list";

/// What is understood, for those who gave something else.
pub const EXPECTED: &str =
    "certificates, a key, a request or CRLs (PEM or DER), or a PKCS#12 store";

/// Says what files hold, and how what they hold belongs together.
///
/// `password` opens stores and keys that are encrypted. Without it, such a
/// store shows nothing, such a key no public half. Reading never fails:
/// whatever is not understood is a [`Part::Unknown`]. Not judged: times,
/// purposes, names, chains.
///
/// # Errors
/// The index of the file that `password` does not open.
pub fn inspect(
    files: &[&[u8]],
    password: Option<&Secret>,
) -> Result<Vec<Inspected>, WrongPassword> {
    let mut read = files
        .iter()
        .enumerate()
        .map(|(file, bytes)| read::file(bytes, password).map_err(|why| WrongPassword { file, why }))
        .collect::<Result<Vec<_>, _>>()?;
    relate::relate(&mut read);
    Ok(read)
}

/// The password does not open a file.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{why}")]
pub struct WrongPassword {
    /// Which file, counted from 0.
    pub file: usize,
    /// What was said.
    pub why: String,
}

impl Inspected {
    /// Its certificates in order, those of a store included.
    pub fn certificates(&self) -> impl Iterator<Item = &CertificatePart> {
        self.parts.iter().filter_map(|part| match part {
            Part::Certificate(part) => Some(&**part),
            _ => None,
        })
    }

    /// Whether all of it was understood.
    pub fn understood(&self) -> bool {
        let unknown = |part: &Part| match part {
            Part::Unknown(_) => true,
            Part::Key(key) => key.public.is_err() && !key.form.encrypted(),
            _ => false,
        };
        !self.parts.iter().any(unknown)
    }
}

/// The signature algorithm of a certificate as openssl names it; a dotted OID
/// where it has no name here.
pub fn signature_name(certificate: &Certificate) -> String {
    if let Some(known) = certificate.signature_algorithm() {
        return known.name().to_owned();
    }
    let oid = der::only(certificate.algorithm_identifier(), tag::SEQUENCE)
        .and_then(|outer| outer.reader().element(tag::OID))
        .ok()
        .and_then(|oid| der::oid_text(oid.value))
        .unwrap_or_default();
    match oid.as_str() {
        "" => "an algorithm without a name".into(),
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption".into(),
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption".into(),
        "1.2.840.113549.1.1.10" => "rsassaPss".into(),
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1".into(),
        "1.3.101.113" => "ED448".into(),
        _ => oid,
    }
}
