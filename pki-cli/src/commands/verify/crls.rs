//! What is asked about revocation, and the CRLs that it is asked of.

use std::path::Path;

use pki_core::cert::{Crl, CrlFileError, MAX_CRL_OCTETS};
use pki_core::chain::{Budget, Revocation};
use pki_core::inspect::{self, Wanted};
use pki_core::report::shell;
use pki_core::store::{self, StoreError};
use pki_core::verify::GivenCrl;
use pki_core::{Error, Result};

use super::super::kind::no_such;
use super::super::named::unread;
use crate::cli::verify::{Args, HowRevoked};
use crate::settings::Settings;

/// Octets that are read of one file: the largest list as PEM has 1.4 times its
/// octets, and a few small ones beside it have room.
const LIMIT: u64 = 2 * MAX_CRL_OCTETS as u64;

/// What is asked; `None` where nobody says anything of revocation.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) how: HowRevoked,
    /// The lists in the order of the command line; none where it is off.
    pub(super) lists: Vec<GivenCrl>,
    /// Files that are named and not read, since it is off.
    pub(super) unread: usize,
}

impl Asked {
    /// Reads what the command line names. Lists without a word how they are
    /// asked are asked hard: who gives some wants to know, and a list that is
    /// missing or old must not look like a good answer.
    ///
    /// # Errors
    /// When there is nothing to ask, or a file that holds no CRL.
    pub(super) fn of(args: &Args, settings: &Settings) -> Result<Option<Self>> {
        let how = match (args.revocation, args.crl.is_empty()) {
            (None, true) => return Ok(None),
            (None, false) => HowRevoked::Hard,
            (Some(HowRevoked::Off), _) => HowRevoked::Off,
            (Some(how), true) => return Err(none_given(how)),
            (Some(how), false) => how,
        };
        let mut lists = Vec::new();
        for file in args.crl.iter().filter(|_| how != HowRevoked::Off) {
            lists.extend(read(file, settings)?);
        }
        let most = Budget::default().crls;
        if lists.len() > most {
            let count = lists.len();
            return Err(
                Error::usage(format!("{count} CRLs are given, and {most} are looked at"))
                    .hint("give those of the CAs above FILE, the newest of each"),
            );
        }
        let unread = match how {
            HowRevoked::Off => args.crl.len(),
            _ => 0,
        };
        Ok(Some(Self { how, lists, unread }))
    }

    /// For the engine.
    pub(super) fn revocation(&self) -> Revocation {
        let lists = GivenCrl::named(&self.lists);
        match self.how {
            HowRevoked::Off => Revocation::Off,
            HowRevoked::Soft => Revocation::Soft(lists),
            HowRevoked::Hard => Revocation::Hard(lists),
        }
    }
}

/// What clients would say is told without revocation.
///
/// # Errors
/// When both are asked for.
pub(super) fn not_beside_clients(args: &Args) -> Result<()> {
    let asked = args.revocation.is_some_and(|how| how != HowRevoked::Off);
    if args.clients.is_empty() || (args.crl.is_empty() && !asked) {
        return Ok(());
    }
    let option = if args.crl.is_empty() {
        "--revocation"
    } else {
        "--crl"
    };
    Err(
        Error::usage(format!("`{option}` cannot stand beside `--as`"))
            .cause("what clients say is told as they are by default: none of them asks a CRL then")
            .hint("ask twice: once with `--crl`, once with `--as`"),
    )
}

fn none_given(how: HowRevoked) -> Error {
    let word = how.word();
    Error::usage(format!(
        "`--revocation {word}` has no CRL to ask: `--crl` is missing"
    ))
    .hint(format!(
        "name the lists of the CAs above FILE: `--crl FILE --revocation {word}`; none is fetched"
    ))
}

fn read(file: &Path, settings: &Settings) -> Result<Vec<GivenCrl>> {
    let path = settings.path(file);
    let bytes = store::read_file(&path, LIMIT).map_err(|error| match error {
        StoreError::TooLarge { .. } => {
            Error::from(error).hint("no list in use is so large: is it the right file?")
        }
        other => unread(settings, other),
    })?;
    let crls = Crl::of_file(&bytes).map_err(|why| no_crl(file, &bytes, &why))?;
    Ok(GivenCrl::of_file(&path, crls))
}

/// What is there instead of a list, or what is wrong with the one that is there.
fn no_crl(file: &Path, bytes: &[u8], why: &CrlFileError) -> Error {
    let what = inspect::what(bytes);
    let is_other = match why {
        CrlFileError::NoBlock => true,
        CrlFileError::None(_) => !what.contains(inspect::REVOCATION_LIST),
        _ => false,
    };
    if is_other {
        let wanted = "--crl wants CRLs, in PEM (`BEGIN X509 CRL`) or DER";
        let error = no_such(file, bytes, wanted, Wanted::Crls);
        // What begins as DER may be half of a list.
        return match bytes {
            [0x30, ..] => error.cause(why),
            _ => error,
        };
    }
    let shown = file.display();
    let name = shell::path(file);
    Error::usage(format!("a CRL of `{shown}` cannot be read"))
        .cause(why)
        .hint(format!(
            "get it again: half of a list tells nothing; `openssl crl -noout -text -in {name}` reads it too"
        ))
}
