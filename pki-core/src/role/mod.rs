//! Roles: what kind of program a service is. Roles are data (one TOML file per
//! program in the `pki-templates` crate); this is what such a file says.

mod judge;
mod load;
#[cfg(test)]
mod tests;
mod wire;

use std::fmt;

pub use load::Roles;

/// Checks that a role may ask for by id:
/// `only-default-may-carry-ip` (MinIO refuses further pairs with an IP name).
pub const CHECKS: [&str; 1] = ["only-default-may-carry-ip"];

/// Every variable of a role's texts, and what it stands for. Paths are as the
/// program sees them: below the service's `mount`, else below its folder.
pub const VARIABLES: [(&str, &str); 19] = [
    ("service", "the service's name"),
    ("dir", "its folder, as the manifest says"),
    ("mount", "its folder, as the program sees it"),
    ("host", "the first name of its default pair"),
    ("port", "the port of its role"),
    ("cert", "the certificate of its default pair"),
    ("key", "the key of its default pair"),
    (
        "own_cert",
        "that certificate, where the manifest named it otherwise than the role",
    ),
    (
        "own_key",
        "that key, where the manifest named it otherwise than the role",
    ),
    ("issuer", "its issuer file"),
    ("trust", "its trust file"),
    ("client_trust", "its client trust file"),
    (
        "endpoint",
        "the address of its first edge with TLS, one name of a range",
    ),
    (
        "backends",
        "the addresses of all its edges, ranges as written",
    ),
    (
        "client_cert",
        "the certificate of the first client pair that an edge presents",
    ),
    ("client_key", "the key of that pair"),
    (
        "kes_url",
        "the addresses of its first edge to a service of role kes, with commas",
    ),
    (
        "vault_url",
        "the address of its first edge to a service of role vault",
    ),
    (
        "java_options",
        "the javax.net.ssl options for its truststore",
    ),
];

/// Reads the mode of a key file: octal, the owner may read, others nothing,
/// the group at most reads.
pub fn key_mode(text: &str) -> Option<u32> {
    mode(text).filter(|mode| mode & !0o640 == 0)
}

/// Reads the mode of a certificate: octal, the owner may read, nobody else
/// writes.
pub fn cert_mode(text: &str) -> Option<u32> {
    mode(text).filter(|mode| mode & !0o644 == 0)
}

fn mode(text: &str) -> Option<u32> {
    let octal = (3..=4).contains(&text.len()) && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
    let mode = u32::from_str_radix(text, 8).ok()?;
    (octal && mode & 0o400 != 0).then_some(mode)
}

/// One kind of program.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Role {
    /// The word the manifest uses.
    pub name: String,
    /// One line for people.
    pub summary: String,
    /// What verifies certificates in it.
    pub tls: TlsLibrary,
    /// What it listens to; `None` for a program that only dials.
    pub server: Option<ServerRole>,
    /// Default file names inside the service's folder.
    pub files: RoleFiles,
    /// In which form it wants the CAs it trusts when it dials.
    pub trust_form: TrustForm,
    /// Mode of its key files.
    pub key_mode: u32,
    /// What to do once after the first pair, and how a new pair and a new CA
    /// are noticed.
    pub notice: Notice,
    /// Texts to write beside the files: name in the service's folder, and the
    /// template (see `template`).
    pub writes: Vec<(String, String)>,
    /// What `init` says to do next: template lines, "which line where".
    pub next: Vec<String>,
    /// Checks that need code, by id (for example `only-default-may-carry-ip`).
    pub checks: Vec<String>,
}

/// What a program listens to.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ServerRole {
    /// The port of its default URL.
    pub port: u16,
    /// What it does with certificates of those who dial it.
    pub client_certificates: ClientCertificates,
}

/// Whether a server asks for client certificates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ClientCertificates {
    /// It never asks.
    Never,
    /// It takes one when configured to; no pair is made unless declared.
    Optional,
    /// Nobody gets in without: every edge to it presents a pair.
    Required,
}

/// Whose rules decide whether a certificate is accepted.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum TlsLibrary {
    /// Go crypto/tls
    Go,
    /// Java JSSE
    Jsse,
    /// OpenSSL without strict flags (curl, Python ≤ 3.12)
    OpenSsl,
    /// Python ≥ 3.13: OpenSSL with `VERIFY_X509_STRICT`
    Python,
    /// rustls with webpki
    Rustls,
}

impl fmt::Display for TlsLibrary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Go => "Go",
            Self::Jsse => "Java",
            Self::OpenSsl => "OpenSSL",
            Self::Python => "Python",
            Self::Rustls => "rustls",
        })
    }
}

/// File names inside a service's folder; `None`: the program has no such file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RoleFiles {
    /// Leaf, then intermediates.
    pub cert: String,
    /// The private key.
    pub key: String,
    /// Intermediates alone.
    pub chain: Option<String>,
    /// The CAs handed to those who dial this service.
    pub issuer: Option<String>,
    /// The CAs accepted when this service dials.
    pub trust: Option<String>,
    /// The CAs accepted from those who dial this service.
    pub client_trust: Option<String>,
}

/// In which form a program reads the CAs it trusts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TrustForm {
    /// PEM certificates one after another.
    Pem,
    /// A Java truststore in PKCS#12.
    Pkcs12,
}

/// How a program notices what was delivered.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Notice {
    /// How a new pair is noticed, for people: `by itself within a second`, `SIGHUP`.
    pub pair: String,
    /// How a new CA is noticed, for people: `restart`.
    pub trust: String,
}
