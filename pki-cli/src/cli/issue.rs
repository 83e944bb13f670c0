//! `pki issue`

use std::path::PathBuf;

use pki_core::model::algorithm::KeyAlgorithm;
use pki_core::model::validity::Lifetime;

use super::options::Issuing;

/// Adds it to `pki.toml` (lines are added, none is changed) and issues it; with
/// --out one pair without a manifest
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What kind of certificate
    #[arg(value_enum)]
    pub(crate) kind: Kind,

    /// Its name in `pki.toml`; without: the first label of the first --san
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// A host name, address, mail address or URI; repeatable, ranges as `node-{1...4}`
    #[arg(long = "san", value_name = "NAME", value_delimiter = ',')]
    pub(crate) sans: Vec<String>,

    /// For `ca`: the only names it may vouch for; repeatable
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) permit: Vec<String>,

    /// The authority that signs, where it is not the default
    #[arg(long, value_name = "NAME", conflicts_with = "out")]
    pub(crate) authority: Option<String>,

    /// The subject in RFC 4514 form: `CN=Example CA,O=Example`
    #[arg(long, value_name = "DN")]
    pub(crate) subject: Option<String>,

    /// The kind of key: ecdsa-p256, ecdsa-p384, ecdsa-p521, ed25519, rsa-2048 … rsa-8192
    #[arg(long, value_name = "KIND", value_parser = key)]
    pub(crate) key: Option<KeyAlgorithm>,

    /// How long it lives: `365d`, `10y`, `12h`
    #[arg(long, value_name = "SPAN", value_parser = lifetime)]
    pub(crate) lifetime: Option<Lifetime>,

    /// Write NAME.crt and NAME.key into DIR, without a manifest
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// With --out: the certificate of the CA that signs, its issuers after it
    #[arg(long, value_name = "FILE", requires = "out", requires = "ca_key")]
    pub(crate) ca: Option<PathBuf>,

    /// With --out: the key of the CA that signs
    #[arg(long, value_name = "FILE", requires = "out", requires = "ca")]
    pub(crate) ca_key: Option<PathBuf>,

    /// Wait so many seconds for another pki that works on the tree
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) wait: u64,

    #[command(flatten)]
    pub(crate) issuing: Issuing,
}

/// Kinds of certificates.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// For a program that is dialled
    Server,
    /// For a program that dials
    Client,
    /// For a program that does both with one certificate
    Peer,
    /// An authority
    Ca,
}

fn key(text: &str) -> Result<KeyAlgorithm, String> {
    text.parse().map_err(|_| {
        let words = KeyAlgorithm::WORDS.join(", ");
        format!("expected one of {words}")
    })
}

fn lifetime(text: &str) -> Result<Lifetime, String> {
    text.parse::<Lifetime>()
        .map_err(|e| format!("{e}; expected {}", e.expected()))
}
