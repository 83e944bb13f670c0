//! `pki inspect`

use std::path::PathBuf;

use super::options::Reporting;

/// Certificates, chains, requests, keys and CRLs (PEM or DER), and PKCS#12 stores.
/// Nothing secret is shown. Several files are also compared with each other:
/// who signed whom and which CRL, which key is for which certificate.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files of any kind; `-` is what comes in on stdin
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// The password of stores and keys that are encrypted is the content of FILE
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) reporting: Reporting,
}
