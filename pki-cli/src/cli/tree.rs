//! The arguments of the commands that work on a tree.

use std::path::PathBuf;

use super::options::{Issuing, Reporting};

/// `pki init`
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// The folder to make the tree in
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,

    /// The stack to start from: minimal, spark-aistor, sidekick-systemd, minio-kes or vault-kes
    #[arg(long, value_name = "T", default_value = "minimal")]
    pub(crate) template: String,

    #[command(flatten)]
    pub(crate) issuing: Issuing,
}

/// `pki plan`
#[derive(Debug, clap::Args)]
pub(crate) struct Plan {
    /// Exit with 1 when there is something to do
    #[arg(long)]
    pub(crate) check: bool,

    /// Count what the manifest no longer names as something to do
    #[arg(long)]
    pub(crate) prune: bool,

    #[command(flatten)]
    pub(crate) reporting: Reporting,
}

/// `pki apply`
#[derive(Debug, clap::Args)]
pub(crate) struct Apply {
    /// Move what the manifest no longer names to `.pki/archive`; destroy its keys
    #[arg(long)]
    pub(crate) prune: bool,

    /// Wait so many seconds for another pki that works on the tree
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) wait: u64,

    #[command(flatten)]
    pub(crate) issuing: Issuing,
}

/// `pki renew`
///
/// The key stays by default: MinIO and Sidekick then never see a pair that
/// does not match, and KES knows its clients by their keys.
#[derive(Debug, clap::Args)]
pub(crate) struct Renew {
    /// Services, and authorities as `authority.NAME`; without any: whatever is due
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,

    /// Say what would be renewed
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Renew what is named (or all leaves) even when it is not due
    #[arg(long)]
    pub(crate) force: bool,

    /// New keys too; a KES client then has a new identity
    #[arg(long)]
    pub(crate) rekey: bool,

    /// Wait so many seconds for another pki that works on the tree
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) wait: u64,

    #[command(flatten)]
    pub(crate) issuing: Issuing,
}

/// `pki schema`
#[derive(Debug, clap::Args)]
pub(crate) struct Schema {}
