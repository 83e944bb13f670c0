//! Where the passphrase of an authority comes from, in a fixed order:
//!
//! 1. `--passphrase-file NAME=FILE`, then `--passphrase-file FILE`
//! 2. `PKI_PASSPHRASE_FILE`, the same forms, several separated by `:`
//! 3. `$CREDENTIALS_DIRECTORY/pki-NAME` (systemd's `LoadCredential=`)
//! 4. a prompt, on a terminal
//!
//! Never from an argument: every user of the machine can read those.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use pki_core::document::did_you_mean;
use pki_core::report::{Finding, Locator, rule, shell};
use pki_core::secret::Secret;
use pki_core::{Error, Result};

use crate::settings::{CREDENTIALS_DIRECTORY, Environment, PASSPHRASE_FILE};

/// What a file holds, with its permission bits.
#[derive(Debug)]
pub(crate) struct Content {
    /// All of it.
    pub(crate) bytes: Secret,
    /// The permission bits, as in 0600.
    pub(crate) mode: u32,
}

/// A passphrase, and what is wrong with its place.
#[derive(Debug)]
pub(crate) struct Passphrase {
    /// Never empty; without its final newline.
    pub(crate) secret: Secret,
    /// A file that others can read.
    pub(crate) finding: Option<Finding>,
    /// Where it came from.
    pub(crate) from: Origin,
}

/// Where a passphrase came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// A person typed it.
    Typed,
    /// A file, and what named it.
    File(PathBuf, &'static str),
}

impl Origin {
    /// What to do about one that does not open the key.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Typed => {
                "run the command again and type the passphrase that the key was encrypted with"
                    .to_owned()
            }
            Self::File(file, source) => format!(
                "check `{}`, named by {source}: one final newline is ignored, other white space counts",
                file.display()
            ),
        }
    }
}

/// The files that may hold passphrases.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Sources {
    options: Vec<Named>,
    variable: Vec<Named>,
    credentials: Option<PathBuf>,
}

/// A file, for one authority or for all.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Named {
    name: Option<String>,
    file: PathBuf,
}

impl Sources {
    /// From the values of `--passphrase-file` and the environment.
    pub(crate) fn new(options: &[OsString], environment: &Environment) -> Self {
        let variable = environment.passphrase_file.as_deref();
        Self {
            options: options.iter().map(|text| named(text)).collect(),
            variable: variable
                .map(|list| list.as_bytes().split(|byte| *byte == b':'))
                .into_iter()
                .flatten()
                .filter(|part| !part.is_empty())
                .map(|part| named(OsStr::from_bytes(part)))
                .collect(),
            credentials: environment.credentials.clone(),
        }
    }

    /// Whether each name given by option is one of `authorities`. The
    /// environment may name those of other trees.
    ///
    /// # Errors
    /// A name that is none.
    pub(crate) fn check(&self, authorities: &[&str]) -> Result<()> {
        let names = self.options.iter().filter_map(|n| n.name.as_deref());
        match names.into_iter().find(|name| !authorities.contains(name)) {
            None => Ok(()),
            Some(name) => Err(Error::usage(format!("there is no authority `{name}`"))
                .cause("it is named by --passphrase-file")
                .hint(did_you_mean(name, authorities.iter().copied()))),
        }
    }

    /// The passphrase of `authority`.
    ///
    /// `read` gives what a file holds, or `None` where there is none; `prompt`
    /// asks a person, or fails saying that there is nobody to ask.
    ///
    /// # Errors
    /// A named file that is missing or cannot be read, an empty passphrase, or
    /// no source at all.
    pub(crate) fn resolve(
        &self,
        authority: &str,
        read: impl Fn(&Path) -> Result<Option<Content>>,
        prompt: impl FnOnce(&str) -> Result<Secret>,
    ) -> Result<Passphrase> {
        for (source, files) in [
            ("--passphrase-file", &self.options),
            (PASSPHRASE_FILE, &self.variable),
        ] {
            if let Some(file) = pick(files, authority) {
                let content = read(file)?.ok_or_else(|| missing(source, file, authority))?;
                return from_file(file, source, &content, authority);
            }
        }
        if let Some(folder) = &self.credentials {
            let file = folder.join(format!("pki-{authority}"));
            if let Some(content) = read(&file)? {
                return from_file(&file, CREDENTIALS_DIRECTORY, &content, authority);
            }
        }
        let secret = prompt(&format!("passphrase of authority {authority}"))?;
        if secret.expose().is_empty() {
            return Err(empty("what was typed", authority));
        }
        Ok(Passphrase {
            secret,
            finding: None,
            from: Origin::Typed,
        })
    }
}

/// `NAME=FILE` or `FILE`. A name has no slash, so `./a=b` is a file.
fn named(text: &OsStr) -> Named {
    let bytes = text.as_bytes();
    let split = bytes.iter().position(|byte| *byte == b'=');
    let parts = split.and_then(|at| {
        let name = std::str::from_utf8(&bytes[..at]).ok()?;
        let file = &bytes[at + 1..];
        (!name.is_empty() && !name.contains('/')).then_some((name, file))
    });
    match parts {
        Some((name, file)) => Named {
            name: Some(name.to_owned()),
            file: OsStr::from_bytes(file).into(),
        },
        None => Named {
            name: None,
            file: text.into(),
        },
    }
}

/// The file for `authority`: its own before the one for all, the last of each
/// as with every option.
fn pick<'a>(files: &'a [Named], authority: &str) -> Option<&'a Path> {
    let mut backwards = files.iter().rev();
    let own = backwards
        .clone()
        .find(|f| f.name.as_deref() == Some(authority));
    own.or_else(|| backwards.find(|f| f.name.is_none()))
        .map(|named| named.file.as_path())
}

fn from_file(
    file: &Path,
    source: &'static str,
    content: &Content,
    authority: &str,
) -> Result<Passphrase> {
    let bytes = content.bytes.expose();
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if text.is_empty() {
        return Err(empty(&format!("`{}`", file.display()), authority));
    }
    let secret = Secret::new(text.to_vec());
    let open = content.mode & 0o007 != 0;
    let finding = open.then(|| {
        rule::PASSPHRASE_FILE_OPEN
            .at(Locator::File(file.into()))
            .found(format!("mode {:04o}", content.mode & 0o7777))
            .expected("mode 0600 or 0640: nothing for others")
            .fix(format!("chmod o= {}", shell::path(file)))
    });
    let from = Origin::File(file.to_owned(), source);
    Ok(Passphrase {
        secret,
        finding,
        from,
    })
}

fn missing(source: &str, file: &Path, authority: &str) -> Error {
    Error::usage(format!(
        "the passphrase file `{}` of authority `{authority}` does not exist",
        file.display()
    ))
    .cause(format!("it is named by {source}"))
    .hint("name a file that holds the passphrase as its only line")
}

fn empty(place: &str, authority: &str) -> Error {
    Error::usage(format!(
        "the passphrase of authority `{authority}` is empty"
    ))
    .cause(format!("{place} holds none"))
    .hint("an encrypted key needs a passphrase; to keep the key unencrypted, take `encrypted = true` out of the manifest")
}

/// What to do when there is nobody to ask, for the hint of [`crate::prompt`].
pub(crate) fn ways(authority: &str) -> String {
    format!(
        "pass `--passphrase-file {authority}=FILE`, or set {PASSPHRASE_FILE}, or put the file pki-{authority} into ${CREDENTIALS_DIRECTORY}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [(&str, &str, u32); 6] = [
        ("/all", "everyone\n", 0o600),
        ("/minio", "two\n\n", 0o600),
        ("/open", "seen", 0o644),
        ("/none", "\n", 0o600),
        ("/run/pki-minio", "systemd", 0o440),
        ("./a=b", "odd", 0o600),
    ];

    #[expect(clippy::unnecessary_wraps, reason = "the form of a reader")]
    fn read(path: &Path) -> Result<Option<Content>> {
        Ok(FILES
            .iter()
            .find(|(name, ..)| Path::new(name) == path)
            .map(|(_, text, mode)| Content {
                bytes: Secret::new(text.as_bytes().to_vec()),
                mode: *mode,
            }))
    }

    fn found(options: &[&str], variable: &str, credentials: &str) -> Result<Passphrase> {
        let options: Vec<_> = options.iter().map(OsString::from).collect();
        let environment = Environment {
            passphrase_file: (!variable.is_empty()).then(|| variable.into()),
            credentials: (!credentials.is_empty()).then(|| credentials.into()),
            ..Environment::default()
        };
        let sources = Sources::new(&options, &environment);
        sources.resolve("minio", read, |_| Err(Error::usage("nobody to ask")))
    }

    fn resolve(options: &[&str], variable: &str, credentials: &str) -> Result<String, String> {
        found(options, variable, credentials)
            .map(|found| {
                let mark = if found.finding.is_some() { "!" } else { "" };
                let text = String::from_utf8_lossy(found.secret.expose()).into_owned();
                format!("{mark}{text}")
            })
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn sources_have_an_order() {
        let ok = |text: &str| Ok(text.to_owned());
        for (options, variable, credentials, expected) in [
            (&["minio=/minio", "/all"][..], "/open", "/run", ok("two\n")),
            (&["other=/minio", "/all"], "", "", ok("everyone")),
            (&["other=/minio"], "minio=/minio:/all", "", ok("two\n")),
            (&[], "x=/open:/all", "/run", ok("everyone")),
            (&[], "", "/run", ok("systemd")),
            (&["./a=b"], "", "", ok("odd")),
            (&["/open"], "", "", ok("!seen")),
            (&["/all", "/open"], "", "", ok("!seen")),
            (&[], "", "/elsewhere", Err("nobody to ask".to_owned())),
            (
                &["/none"],
                "",
                "",
                Err("the passphrase of authority `minio` is empty".to_owned()),
            ),
            (
                &["/gone"],
                "",
                "/run",
                Err("the passphrase file `/gone` of authority `minio` does not exist".to_owned()),
            ),
        ] {
            assert_eq!(
                resolve(options, variable, credentials),
                expected,
                "{options:?} {variable}"
            );
        }
    }

    #[test]
    fn the_ways_name_every_source() {
        for source in [
            "--passphrase-file minio=",
            PASSPHRASE_FILE,
            CREDENTIALS_DIRECTORY,
            "pki-minio",
        ] {
            assert!(ways("minio").contains(source), "{source}");
        }
    }

    #[test]
    fn a_wrong_one_is_looked_for_where_it_came_from() {
        let typed = Sources::default();
        let typed = typed.resolve("minio", read, |_| Ok(Secret::new(b"x".to_vec())));
        let hint = typed.unwrap().from.hint();
        assert!(hint.contains("type") && !hint.contains("file"), "{hint}");
        for (options, variable, credentials, named) in [
            (
                &["minio=/minio"][..],
                "",
                "",
                "`/minio`, named by --passphrase-file",
            ),
            (&[], "/all", "", "`/all`, named by PKI_PASSPHRASE_FILE"),
            (
                &[],
                "",
                "/run",
                "`/run/pki-minio`, named by CREDENTIALS_DIRECTORY",
            ),
        ] {
            let hint = found(options, variable, credentials).unwrap().from.hint();
            assert!(hint.contains(named), "{hint}");
        }
    }

    #[test]
    fn an_empty_answer_is_refused() {
        let found = Sources::default().resolve("a", read, |_| Ok(Secret::new(Vec::new())));
        assert!(found.is_err());
    }
}
