//! `.pki/state.toml`: what cannot be recomputed from the files of the tree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::read::LIMIT;
use super::write::Write;
use super::{HOME, Store};
use crate::document::too_much;
use crate::model::path::{PathError, TreePath};
use crate::record::Content;
use crate::report::shell;

/// Where it stands in the tree.
pub const STATE: &str = ".pki/state.toml";
const VERSION: u32 = 1;

/// What cannot be recomputed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct State {
    /// By name. An authority that is not there has one generation, number 1,
    /// signing, and was not seen to stand here yet: it is noted once it does,
    /// before the first leaf below it.
    pub authorities: BTreeMap<String, AuthorityState>,
    /// Files that were delivered and not archived since, sorted: what the
    /// manifest no longer names is left over.
    pub delivered: Vec<TreePath>,
    /// Pairs that are in place but were not yet seen in use by their service,
    /// as the stack names them (`aistor.server.default`).
    pub undelivered: Vec<String>,
}

/// What is known of an authority.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuthorityState {
    /// Oldest first.
    pub generations: Vec<GenerationState>,
    /// The phase of a rotation under way, in the words of `pki rotate`.
    pub rotation: Option<String>,
    /// The number of the last revocation list (RFC 5280 5.2.3); 0: none yet.
    pub crl_number: u64,
}

/// One key and certificate of an authority.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GenerationState {
    /// 1, 2, …
    pub number: u32,
    /// Its part in the life of the authority.
    pub phase: GenerationPhase,
}

/// Part of a generation in the life of its authority.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum GenerationPhase {
    /// Trusted by edges, signs nothing.
    Trusted,
    /// Trusted, and signs what is new.
    Signing,
    /// Neither.
    Retired,
}

/// Why a text is no state.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// No TOML, an unknown key, a wrong type; the parser's words with the line.
    #[error("{0}")]
    Text(String),
    /// Written by another version.
    #[error("it has version {0}, this program knows version {VERSION}")]
    Version(i64),
    /// More files than a state names that can be read again.
    #[error("{0} files are too many for one tree")]
    TooMany(usize),
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    version: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    delivered: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    undelivered: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    authority: BTreeMap<String, WireAuthority>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WireAuthority {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotation: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    crl_number: u64,
    #[serde(default)]
    generations: Vec<WireGeneration>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WireGeneration {
    number: u32,
    phase: GenerationPhase,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl State {
    /// Reads the text of a state file.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn parse(text: &str) -> Result<Self, StateError> {
        if let Some(why) = too_much(text) {
            return Err(StateError::Text(why));
        }
        let wire: Wire = match toml::from_str(text) {
            Ok(wire) => wire,
            // What another version wrote may be anything but its number.
            Err(why) => {
                let table = toml::from_str::<toml::Table>(text).unwrap_or_default();
                let version = table.get("version").and_then(toml::Value::as_integer);
                return Err(match version {
                    Some(version) if version != i64::from(VERSION) => StateError::Version(version),
                    _ => StateError::Text(why.to_string().trim_end().to_owned()),
                });
            }
        };
        if wire.version != VERSION {
            return Err(StateError::Version(wire.version.into()));
        }
        let generation = |g: WireGeneration| GenerationState {
            number: g.number,
            phase: g.phase,
        };
        let authority = |a: WireAuthority| AuthorityState {
            generations: a.generations.into_iter().map(generation).collect(),
            rotation: a.rotation,
            crl_number: a.crl_number,
        };
        Ok(Self {
            authorities: wire
                .authority
                .into_iter()
                .map(|(n, a)| (n, authority(a)))
                .collect(),
            delivered: wire
                .delivered
                .iter()
                .map(|path| TreePath::new(path).map_err(|e| StateError::Text(e.to_string())))
                .collect::<Result<_, _>>()?,
            undelivered: wire.undelivered,
        })
    }

    /// Notes that generation `number` of an authority stands and signs. What is
    /// known of the authority already stays.
    pub fn note(&mut self, authority: &str, number: u32) {
        let known = self.authorities.entry(authority.to_owned()).or_default();
        if known.generations.is_empty() {
            known.generations.push(GenerationState {
                number,
                phase: GenerationPhase::Signing,
            });
        }
    }

    /// Every generation that is known, with its authority's name.
    pub fn stood(&self) -> impl Iterator<Item = (String, u32)> {
        let of = |(name, authority): (&String, &AuthorityState)| {
            let numbers = authority.generations.iter();
            let pairs: Vec<_> = numbers.map(|g| (name.clone(), g.number)).collect();
            pairs
        };
        self.authorities.iter().flat_map(of)
    }

    /// The text of the state file.
    ///
    /// # Errors
    /// When a number is larger than TOML can say.
    pub fn to_text(&self) -> Result<String, StateError> {
        let generation = |g: &GenerationState| WireGeneration {
            number: g.number,
            phase: g.phase,
        };
        let authority = |a: &AuthorityState| WireAuthority {
            generations: a.generations.iter().map(generation).collect(),
            rotation: a.rotation.clone(),
            crl_number: a.crl_number,
        };
        let wire = Wire {
            version: VERSION,
            delivered: self.delivered.iter().map(ToString::to_string).collect(),
            undelivered: self.undelivered.clone(),
            authority: self
                .authorities
                .iter()
                .map(|(n, a)| (n.clone(), authority(a)))
                .collect(),
        };
        let text = toml::to_string(&wire).map_err(|e| StateError::Text(e.to_string()))?;
        let text = format!("# Written by pki; not for editing.\n{text}");
        let limit = usize::try_from(LIMIT).unwrap_or(usize::MAX);
        if text.len() > limit || too_much(&text).is_some() {
            return Err(StateError::TooMany(self.delivered.len()));
        }
        Ok(text)
    }

    /// The state as a file to be delivered.
    ///
    /// # Errors
    /// As [`Self::to_text`].
    pub fn write(&self) -> Result<Write, StateError> {
        let place = TreePath::new(STATE).map_err(|e: PathError| StateError::Text(e.to_string()))?;
        Ok(Write {
            mode: 0o600,
            folder_mode: 0o700,
            ..Write::public(place, self.to_text()?.into_bytes())
        })
    }
}

impl Store {
    /// The state of the tree; empty where there is none yet.
    ///
    /// # Errors
    /// [`StoreError::State`] when it cannot be read or understood,
    /// [`StoreError::Newer`] when a later program wrote it.
    pub fn read_state(&self) -> Result<State, StoreError> {
        let path = self.walk.shown(&Path::new(HOME).join("state.toml"));
        let failed = |reason: String| StoreError::State {
            path: path.clone(),
            reason,
        };
        let place = TreePath::new(STATE).map_err(|e| failed(e.to_string()))?;
        let record = self.read(&place);
        if let (Some(it), Content::Folder | Content::Refused(_)) =
            (&record.in_the_way, &record.content)
        {
            return Err(in_the_way(path, &self.walk.shown(it), record.content));
        }
        let text = match record.content {
            Content::Missing => return Ok(State::default()),
            Content::File(mut bytes) => {
                String::from_utf8(std::mem::take(&mut *bytes)).map_err(|e| failed(e.to_string()))?
            }
            Content::Folder => return Err(failed("it is a folder".into())),
            Content::Refused(why) => return Err(failed(why)),
            Content::Unreadable(reason) => return Err(StoreError::Unreadable { path, reason }),
        };
        let mut state = State::parse(&text).map_err(|e| match e {
            StateError::Version(found) if found > i64::from(VERSION) => StoreError::Newer {
                path: path.clone(),
                reason: e.to_string(),
            },
            _ => failed(e.to_string()),
        })?;
        // A place that the manifest named absolutely once is the same one.
        let roots = self.roots();
        let delivered = state.delivered.into_iter();
        state.delivered = delivered.filter_map(|path| path.within(&roots)).collect();
        state.delivered.sort();
        state.delivered.dedup();
        Ok(state)
    }
}

/// Something else than a file, or a folder above it that is none.
fn in_the_way(path: PathBuf, it: &Path, content: Content) -> StoreError {
    let old = format!("{}.old", it.display());
    let hint = format!(
        "move it away (`mv {} {}`) and put back what your backup has; without one the next change makes it anew",
        shell::path(it),
        shell::word(&old)
    );
    let reason = match content {
        Content::Refused(why) => why,
        _ => "it is a folder".into(),
    };
    StoreError::Untrusted { path, reason, hint }
}

impl From<StateError> for crate::error::Error {
    fn from(error: StateError) -> Self {
        let out = Self::world("the state of the tree cannot be written").cause(&error);
        match error {
            StateError::TooMany(_) => out.hint("split the manifest: each folder is a tree"),
            _ => out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_again_is_not_written() {
        let place = |n: usize| TreePath::new(&format!("certs/{n}.some.host.example/public.crt"));
        let of = |many: usize| State {
            delivered: (0..many).map(|n| place(n).unwrap()).collect(),
            ..State::default()
        };
        let text = of(150_000).to_text().unwrap();
        assert_eq!(State::parse(&text).unwrap(), of(150_000));
        assert!(matches!(of(450_000).to_text(), Err(StateError::TooMany(_))));
    }

    #[test]
    fn round_trips() {
        let mut state = State {
            delivered: vec![TreePath::new("/etc/x/a.crt").unwrap()],
            undelivered: vec!["a.server.default".into()],
            ..State::default()
        };
        state.authorities.insert(
            "minio".into(),
            AuthorityState {
                generations: vec![
                    GenerationState {
                        number: 1,
                        phase: GenerationPhase::Retired,
                    },
                    GenerationState {
                        number: 2,
                        phase: GenerationPhase::Signing,
                    },
                ],
                rotation: Some("trust".into()),
                crl_number: 7,
            },
        );
        state
            .authorities
            .insert("x.y".into(), AuthorityState::default());
        let text = state.to_text().unwrap();
        assert_eq!(State::parse(&text).unwrap(), state, "{text}");
        assert_eq!(State::parse("version = 1").unwrap(), State::default());
    }

    #[test]
    fn strange_texts_are_refused() {
        assert_eq!(
            State::parse("version = 2\nnew = 1"),
            Err(StateError::Version(2))
        );
        for bad in [
            "",
            "version = 1\nx = 1",
            "version = \"1\"",
            "version",
            "version=1\n[authority.a]\nphase=1",
            "version=1\ndelivered=[\"../x\"]",
        ] {
            assert!(
                matches!(State::parse(bad), Err(StateError::Text(_))),
                "{bad}"
            );
        }
    }
}
