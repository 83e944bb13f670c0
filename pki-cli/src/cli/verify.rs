//! `pki verify`

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use pki_core::consumer::{CONSUMERS, Consumer};

use super::options::Reporting;

/// Without arguments the whole tree; with files, each of them against a CA
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Certificates from anywhere; they need --ca; `-` is what comes in on stdin
    #[arg(value_name = "FILE", requires = "ca")]
    pub(crate) files: Vec<PathBuf>,

    /// The CA certificates to trust; what stands between may follow the leaf
    #[arg(long, value_name = "FILE", requires = "files")]
    pub(crate) ca: Option<PathBuf>,

    /// The private key that should belong to the first FILE
    #[arg(long, value_name = "FILE", requires = "files")]
    pub(crate) key: Option<PathBuf>,

    /// The name or address that is dialled
    #[arg(long, value_name = "N", requires = "files")]
    pub(crate) name: Option<String>,

    /// What the certificate is used for; without: a server where --name is given, else
    /// what it says itself
    #[arg(long, value_enum, requires = "files")]
    pub(crate) purpose: Option<Purpose>,

    /// Ask these clients, and only them, whether they accept the certificates
    ///
    /// The handshake itself is not judged, but for keys that none is signed with.
    #[arg(
        long = "as",
        value_name = "CLIENT",
        value_delimiter = ',',
        value_parser = clients(),
        ignore_case = true,
        requires = "files",
        conflicts_with = "key"
    )]
    pub(crate) clients: Vec<String>,

    /// The CRLs of the CAs above FILE (PEM or DER); may be repeated. Nothing is fetched
    #[arg(long, value_name = "FILE", requires = "files")]
    pub(crate) crl: Vec<PathBuf>,

    /// What is asked of the CRLs; with --crl `hard`, else `off`
    #[arg(long, value_name = "HOW", value_enum, requires = "files")]
    pub(crate) revocation: Option<HowRevoked>,

    /// The lightest finding that makes the exit code 1
    #[arg(long, value_name = "WEIGHT", value_enum, default_value_t)]
    pub(crate) fail_on: FailOn,

    #[command(flatten)]
    pub(crate) reporting: Reporting,
}

/// What people call clients, beside the words that stand for them.
const ALSO_CALLED: [(&str, &[&str]); 5] = [
    ("go", &["golang"]),
    ("jsse", &["java", "jdk", "jvm"]),
    ("openssl", &["curl"]),
    ("python-strict", &["python", "python3", "py"]),
    ("rustls", &["rust"]),
];

/// The other words for a client.
fn also_called(id: &str) -> &'static [&'static str] {
    let known = ALSO_CALLED.iter().find(|(known, _)| *known == id);
    known.map_or(&[], |(_, words)| words)
}

/// Every other word for a client.
pub(crate) fn other_words() -> impl Iterator<Item = &'static str> {
    ALSO_CALLED
        .iter()
        .flat_map(|(_, words)| words.iter().copied())
}

/// The client that a word stands for, in whatever case.
pub(crate) fn client(word: &str) -> Option<&'static Consumer> {
    let is = |known: &str| known.eq_ignore_ascii_case(word);
    let mut clients = CONSUMERS.iter().copied();
    clients.find(|client| is(client.id) || also_called(client.id).iter().any(|known| is(known)))
}

/// The clients that are known, and the word for all of them.
fn clients() -> PossibleValuesParser {
    let known = CONSUMERS.iter().map(|client| {
        let also = also_called(client.id);
        PossibleValue::new(client.id)
            .help(format!(
                "{}, as {}; also `{}`",
                client.name,
                client.newest().measured,
                also.join("`, `")
            ))
            .aliases(also)
    });
    known
        .chain([PossibleValue::new(ALL_CLIENTS).help("Every one of them")])
        .into()
}

/// The word for every client.
pub(crate) const ALL_CLIENTS: &str = "all";

/// Which side of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Purpose {
    /// To be dialled
    Server,
    /// To dial
    Client,
}

/// How strictly revocation is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum HowRevoked {
    /// It is not looked at
    Off,
    /// What a CRL revokes is refused; what none can tell of is let pass
    Soft,
    /// And a CRL must tell of every certificate below the CA that it is good
    Hard,
}

impl HowRevoked {
    /// As the option has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Soft => "soft",
            Self::Hard => "hard",
        }
    }
}

/// Weights of findings.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum FailOn {
    /// What does not work
    #[default]
    Error,
    /// What will not work for some client, or not for long
    Warning,
    /// Anything
    Info,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_other_names() {
        for (word, id) in [("java", "jsse"), ("Go", "go"), ("Python", "python-strict")] {
            assert_eq!(client(word).map(|client| client.id), Some(id));
        }
        assert!(client("perl").is_none());
        let ids: Vec<&str> = CONSUMERS.iter().map(|client| client.id).collect();
        assert!(ALSO_CALLED.iter().all(|(id, _)| ids.contains(id)));
        assert_eq!(ids.len(), ALSO_CALLED.len());
    }
}
