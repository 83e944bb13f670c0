//! What a call means: the options, the environment and the defaults as one
//! typed value. The only reader of the environment.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use pki_core::clock::{self, Timestamp};
use pki_core::{Error, Result};

use crate::cli::{Color, Global};
use crate::printer::{Talk, Volume};

/// Passphrase files of authorities, in the form of `--passphrase-file`.
pub(crate) const PASSPHRASE_FILE: &str = "PKI_PASSPHRASE_FILE";
/// Where systemd puts the credentials of a unit.
pub(crate) const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";
/// No colours when set and not empty (<https://no-color.org>).
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// `dumb` means no colours and no progress bars.
pub(crate) const TERM: &str = "TERM";

/// Every variable that is read, as the help shows it.
pub(crate) const VARIABLES: [(&str, &str); 4] = [
    (
        PASSPHRASE_FILE,
        "as --passphrase-file: [NAME=]FILE, several separated by `:`",
    ),
    (
        CREDENTIALS_DIRECTORY,
        "set by systemd: the passphrase of authority NAME is its file pki-NAME",
    ),
    (NO_COLOR, "no colours, when set and not empty"),
    (TERM, "`dumb`: no colours, no progress bars"),
];

/// The part of the environment that matters, read once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// [`PASSPHRASE_FILE`], unless empty.
    pub(crate) passphrase_file: Option<OsString>,
    /// [`CREDENTIALS_DIRECTORY`], unless empty.
    pub(crate) credentials: Option<PathBuf>,
    /// Whether [`NO_COLOR`] forbids colours.
    pub(crate) no_color: bool,
    /// Whether [`TERM`] is `dumb`.
    pub(crate) dumb: bool,
}

impl Environment {
    /// Reads it.
    pub(crate) fn read() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one reader of the environment"
        )]
        let get = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            passphrase_file: get(PASSPHRASE_FILE),
            credentials: get(CREDENTIALS_DIRECTORY).map(PathBuf::from),
            no_color: get(NO_COLOR).is_some(),
            dumb: get(TERM).is_some_and(|term| term == "dumb"),
        }
    }

    /// How to talk before, or without, any options.
    pub(crate) fn talk(&self) -> Talk {
        self.talk_as(Color::Auto, Volume::Normal)
    }

    fn talk_as(&self, color: Color, volume: Volume) -> Talk {
        let wanted = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !self.no_color && !self.dumb,
        };
        let terminal = stderr_is_terminal();
        Talk {
            color_out: wanted(stdout_is_terminal()),
            color_err: wanted(terminal),
            progress: terminal && !self.dumb && volume != Volume::Quiet,
            volume,
        }
    }
}

/// The settings every command gets.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    global: Global,
    environment: Environment,
}

impl Settings {
    /// Everything but the folder, as it would be used from `/`.
    pub(crate) fn new(global: Global, environment: Environment) -> Self {
        Self {
            global,
            environment,
        }
    }

    /// How to print.
    pub(crate) fn talk(&self) -> Talk {
        let volume = match (self.global.quiet, self.global.verbose) {
            (true, _) => Volume::Quiet,
            (false, true) => Volume::Verbose,
            (false, false) => Volume::Normal,
        };
        self.environment.talk_as(self.global.color, volume)
    }

    /// Whether more is asked for (`-v`).
    pub(crate) fn is_verbose(&self) -> bool {
        self.global.verbose
    }

    /// The folder of the manifest (`-C`).
    pub(crate) fn folder(&self) -> &Path {
        &self.global.directory
    }

    /// A file named on the command line: relative to `-C`, as if the command
    /// had been started there.
    pub(crate) fn path(&self, named: &Path) -> PathBuf {
        // `-C .` is where one is: paths stay as they were typed.
        if self.folder() == Path::new(".") {
            return named.to_owned();
        }
        match named.strip_prefix(".") {
            Ok(below) if below.as_os_str().is_empty() => self.folder().to_owned(),
            Ok(below) => self.folder().join(below),
            Err(_) => self.folder().join(named),
        }
    }

    /// The moment the answer is for.
    pub(crate) fn now(&self) -> Timestamp {
        self.global.time.unwrap_or_else(clock::now)
    }

    /// The moment for commands that issue.
    ///
    /// # Errors
    /// A `--time` without `--allow-fake-time`: certificates of another day are
    /// made only by somebody who means it.
    pub(crate) fn issuing_now(&self, allow_fake_time: bool) -> Result<Timestamp> {
        match self.global.time {
            Some(time) if !allow_fake_time => Err(Error::usage(format!(
                "`--time {time}` would date certificates to another moment than now"
            ))
            .hint("add `--allow-fake-time` if that is meant (tests do)")),
            Some(time) => Ok(time),
            None => Ok(clock::now()),
        }
    }

    /// The environment, for the sources of passphrases.
    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "asks for the kind, prints nothing"
)]
fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

#[expect(
    clippy::disallowed_methods,
    reason = "asks for the kind, prints nothing"
)]
fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(time: Option<&str>) -> Settings {
        let global = Global {
            directory: "prod".into(),
            time: time.and_then(Timestamp::parse),
            ..Global::default()
        };
        Settings::new(global, Environment::default())
    }

    #[test]
    fn a_fake_time_needs_a_word_of_consent() {
        assert!(settings(None).environment().credentials.is_none());
        let faked = settings(Some("2030-01-01"));
        assert_eq!(faked.now().date(), "2030-01-01");
        assert!(faked.issuing_now(false).is_err());
        assert_eq!(
            faked.issuing_now(true).map(Timestamp::date).unwrap(),
            "2030-01-01"
        );
        assert!(settings(None).issuing_now(false).is_ok());
    }

    #[test]
    fn files_are_relative_to_the_folder() {
        let settings = settings(None);
        assert_eq!(settings.path(Path::new("a.crt")), Path::new("prod/a.crt"));
        assert_eq!(settings.path(Path::new("/a.crt")), Path::new("/a.crt"));
        for (named, path) in [
            (".", "prod"),
            ("./", "prod"),
            ("./a", "prod/a"),
            ("../a", "prod/../a"),
        ] {
            assert_eq!(settings.path(Path::new(named)).as_os_str(), path);
        }
    }

    #[test]
    fn no_color_and_dumb_are_obeyed_and_overruled() {
        let environment = Environment {
            no_color: true,
            dumb: true,
            ..Environment::default()
        };
        let auto = environment.talk();
        assert!(!auto.color_out && !auto.color_err && !auto.progress);
        assert!(environment.talk_as(Color::Always, Volume::Normal).color_out);
    }
}
