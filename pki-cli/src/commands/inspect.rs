//! `pki inspect`

use std::path::Path;

use pki_core::inspect::{self, Inspected};
use pki_core::secret::Secret;
use pki_core::store::{self, StoreError};
use pki_core::{Error, Result};

use super::{named, stdin, tree};
use crate::cli::inspect::Args;
use crate::exit::Status;
use crate::printer::Printer;
use crate::render::inspection;
use crate::settings::Settings;

/// No password is longer.
const PASSWORD_LIMIT: u64 = 64 * 1024;

/// Says what files hold.
///
/// # Errors
/// When one cannot be read, or the password does not open one.
pub(crate) fn run(args: &Args, settings: &Settings, printer: &mut Printer) -> Result<Status> {
    let password = match &args.password_file {
        Some(file) => Some(password(file, settings)?),
        None => None,
    };
    // A file may be a key: its octets are wiped as one.
    let contents = args
        .files
        .iter()
        .map(|file| read(file, settings))
        .collect::<Result<Vec<_>>>()?;
    let octets: Vec<&[u8]> = contents.iter().map(Secret::expose).collect();
    let found = inspect::inspect(&octets, password.as_ref()).map_err(|wrong| {
        Error::usage(format!(
            "`{}` cannot be opened with the password of `{}`",
            shown(&args.files[wrong.file]),
            args.password_file.as_deref().map(shown).unwrap_or_default(),
        ))
        .cause(wrong)
        .hint("one final newline of the password file is ignored, other white space counts")
    })?;
    let names: Vec<String> = args.files.iter().map(|file| shown(file)).collect();
    let now = settings.now();
    printer.data(&if args.reporting.json {
        inspection::document(&names, &found, now)
    } else {
        inspection::files(&names, &found, now)
    });
    Ok(if found.iter().all(Inspected::understood) {
        Status::Clean
    } else {
        Status::Usage
    })
}

fn read(file: &Path, settings: &Settings) -> Result<Secret> {
    if stdin::is(file) {
        return stdin::read().map(Secret::from);
    }
    let path = settings.path(file);
    // Errors show `a.crt`, not `./a.crt`.
    let path = path.strip_prefix(".").unwrap_or(&path);
    match store::read_file(path, store::LIMIT) {
        Ok(bytes) => Ok(Secret::from(bytes)),
        Err(error) => Err(unread(file, settings, error)),
    }
}

/// Which call would be right, where it is not the machine that failed.
fn unread(file: &Path, settings: &Settings, error: StoreError) -> Error {
    let name = shown(file);
    match error {
        StoreError::Missing { .. } => {
            let path = settings.path(file);
            let folder = shown(store::nearest(tree::above(&path)));
            let name = shown(&path);
            Error::usage(format!("`{name}` does not exist"))
                .hint(format!("`ls {folder}` shows what is there"))
        }
        StoreError::InTheWay {
            path,
            found,
            wanted,
        } => {
            if let Some(hint) = named::no_folder(settings, &path, wanted) {
                let path = shown(&path);
                return Error::usage(format!("`{path}` is {found}, not {wanted}")).hint(hint);
            }
            let hint = match found {
                store::Kind::Folder => {
                    let folder = name.trim_end_matches('/');
                    format!("name the files in it: `pki inspect {folder}/*`")
                }
                _ => format!("pipe it in: `pki inspect - <{name}`"),
            };
            Error::usage(format!("`{name}` is {found}, not a file")).hint(hint)
        }
        StoreError::TooLarge { size, limit, .. } => Error::usage(format!(
            "`{name}` has {size} bytes, more than the {limit} that are read"
        ))
        .hint("no certificate, key or store is so large: is it the right file?"),
        other => other.into(),
    }
}

/// The content of a password file, without its final newline.
fn password(file: &Path, settings: &Settings) -> Result<Secret> {
    let bytes = store::read_file(&settings.path(file), PASSWORD_LIMIT)
        .map(Secret::from)
        .map_err(|error| unread(file, settings, error))?;
    let text = bytes.expose();
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    if text.is_empty() {
        return Err(
            Error::usage(format!("the password file `{}` is empty", shown(file)))
                .hint("leave `--password-file` out for what is not encrypted"),
        );
    }
    Ok(Secret::new(text.to_vec()))
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}
