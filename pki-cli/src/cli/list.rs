//! `pki list`

use pki_core::model::validity::Lifetime;

use super::options::Reporting;

/// Every certificate of the tree, authorities included, the first to expire on
/// top
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only what ends within SPAN: `30d`, `2w`, `12h`, `1y`
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) within: Option<Lifetime>,

    #[command(flatten)]
    pub(crate) reporting: Reporting,
}

fn span(text: &str) -> Result<Lifetime, String> {
    text.parse::<Lifetime>()
        .map_err(|error| format!("{error}: expected {}", error.expected()))
}
