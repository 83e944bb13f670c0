//! Options that several commands share: one meaning, one wording.

use std::path::PathBuf;

use pki_core::clock::Timestamp;

/// Options of every command.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Options everywhere")]
pub(crate) struct Global {
    /// Work as if started in DIR: the folder with `pki.toml`
    #[arg(
        short = 'C',
        value_name = "DIR",
        global = true,
        default_value = ".",
        hide_default_value = true
    )]
    pub(crate) directory: PathBuf,

    /// Answer for this moment instead of now: `2026-11-21T09:00:00Z`, `2026-11-21` or `@UNIX`
    #[arg(long, value_name = "T", global = true, value_parser = timestamp)]
    pub(crate) time: Option<Timestamp>,

    /// Colours; `auto` means on a terminal, unless `NO_COLOR` is set
    #[arg(long, value_name = "WHEN", global = true, value_enum, default_value_t)]
    pub(crate) color: Color,

    /// Say nothing where all is well (exit code 0) but what was asked for: lists, plans, JSON
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// Options of commands that report.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Reporting {
    /// Print JSON, with a schema name and a version
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of commands that issue.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Issuing {
    /// Let `--time` date what is issued (for tests)
    #[arg(long)]
    pub(crate) allow_fake_time: bool,

    /// Read the passphrase of authority NAME (without NAME: of all) from FILE; repeatable
    #[arg(long = "passphrase-file", value_name = "[NAME=]FILE")]
    pub(crate) passphrase_files: Vec<std::ffi::OsString>,
}

fn timestamp(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| {
        "neither a moment (`2026-11-21T09:00:00Z`), a date (`2026-11-21`) nor `@` and seconds since 1970"
            .to_owned()
    })
}
