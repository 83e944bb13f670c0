//! Questions to a person, on a terminal only.

use std::io::IsTerminal as _;

use pki_core::secret::Secret;
use pki_core::{Error, Result};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};

use crate::signals;

/// Asks for a passphrase without showing it.
///
/// # Errors
/// When there is no terminal: the error carries `ways`, the flags to pass.
pub(crate) fn passphrase(question: &str, ways: &str) -> Result<Secret> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::usage(format!(
            "the {question} is needed, and there is no terminal to ask at"
        ))
        .hint(ways));
    }
    let config = rpassword::ConfigBuilder::new().build();
    let ask = || rpassword::prompt_password_with_config(format!("{question}: "), config);
    signals::asking(terminal(), ask)
        .map(|typed| Secret::new(typed.into_bytes()))
        .map_err(|error| Error::world(format!("the {question} could not be read")).cause(error))
}

/// The terminal of this process, which is asked at.
#[expect(
    clippy::disallowed_methods,
    reason = "a terminal is no file of anybody's"
)]
fn terminal() -> Option<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOCTTY;
    rustix::fs::open("/dev/tty", flags, Mode::empty()).ok()
}

/// Asks for a passphrase that nobody knows yet, twice.
///
/// # Errors
/// As [`passphrase`], and when the two differ.
pub(crate) fn new_passphrase(question: &str, ways: &str) -> Result<Secret> {
    let typed = passphrase(question, ways)?;
    let again = passphrase(&format!("{question}, again"), ways)?;
    if typed.expose() == again.expose() {
        Ok(typed)
    } else {
        Err(
            Error::usage(format!("the {question} was typed in two ways"))
                .hint("run the command again"),
        )
    }
}
