//! Places in the tree.

use std::fmt;
use std::path::{Component, Path, PathBuf};

/// A place that the manifest may name: relative to the manifest's folder, or
/// absolute. Normal: no `.`, no `..`, no empty part, so that equal places are
/// equal values.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TreePath(String);

/// Why a text is no place in the tree.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// Nothing.
    #[error("an empty path")]
    Empty,
    /// `.`, or an absolute name of the manifest's folder.
    #[error("`{0}` is the manifest's own folder")]
    Own(String),
    /// `/`
    #[error("`{0}` is the root of the machine")]
    Root(String),
    /// Steps out of its folder.
    #[error("`{0}` contains `..`")]
    Parent(String),
    /// A name that delivery keeps for itself, or an octet no path can hold.
    #[error("`{0}` cannot be the name of a file here")]
    Reserved(String),
}

/// The folder of the authorities whose keys stay in the tree: `NAME/GENERATION`
/// below it.
pub const AUTHORITIES: &str = "authorities";

/// Files being delivered start with this; MinIO skips names that start with `..`.
pub const STAGE_PREFIX: &str = "..stage-";

impl TreePath {
    /// Reads a place; `./a//b` is `a/b`.
    ///
    /// # Errors
    /// See [`PathError`].
    pub fn new(text: &str) -> Result<Self, PathError> {
        if text.contains('\0') {
            return Err(PathError::Reserved(text.replace('\0', "\\0")));
        }
        let mut path = PathBuf::new();
        for component in Path::new(text).components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => return Err(PathError::Parent(text.into())),
                Component::Normal(name) if name.to_string_lossy().starts_with(STAGE_PREFIX) => {
                    return Err(PathError::Reserved(text.into()));
                }
                other => path.push(other),
            }
        }
        if path.file_name().is_none() {
            return Err(match (text.is_empty(), path.has_root()) {
                (true, _) => PathError::Empty,
                (false, true) => PathError::Root(text.into()),
                (false, false) => PathError::Own(text.into()),
            });
        }
        Self::of(&path).ok_or(PathError::Empty)
    }

    /// The place `text` below this folder.
    ///
    /// # Errors
    /// As [`Self::new`], and when `text` is absolute.
    pub fn join(&self, text: &str) -> Result<Self, PathError> {
        if text.starts_with('/') {
            return Err(PathError::Reserved(text.into()));
        }
        let below = Self::new(text)?;
        Ok(Self(format!("{}/{}", self.0, below.0)))
    }

    /// The same place, relative where it is below one of `roots`: names of the
    /// manifest's folder, absolute. `None` for that folder itself.
    pub fn within(self, roots: &[PathBuf]) -> Option<Self> {
        let mut below = roots
            .iter()
            .filter_map(|root| self.as_path().strip_prefix(root).ok());
        match below.next() {
            Some(path) if path.as_os_str().is_empty() => None,
            Some(path) => Self::of(path),
            None => Some(self),
        }
    }

    /// A normal path, made of text.
    fn of(path: &Path) -> Option<Self> {
        path.to_str().map(|text| Self(text.to_owned()))
    }

    /// The place as a path, still relative to the manifest's folder if it was.
    pub fn as_path(&self) -> &Path {
        Path::new(&self.0)
    }

    /// The folder it is in; `None` for a name at the top of the tree.
    pub fn parent(&self) -> Option<Self> {
        let parent = self.as_path().parent()?;
        parent.file_name()?;
        Self::of(parent)
    }

    /// Its last part.
    pub fn file_name(&self) -> String {
        self.as_path()
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_normal() {
        for (text, normal) in [("a/b", "a/b"), ("./a//b/", "a/b"), ("/etc/x", "/etc/x")] {
            assert_eq!(TreePath::new(text).unwrap().to_string(), normal);
        }
        for bad in ["", ".", "/", "..", "a/../b", "a\0b", "a/..stage-b"] {
            assert!(TreePath::new(bad).is_err(), "{bad:?}");
        }
        let a = TreePath::new("a").unwrap();
        assert_eq!(a.join("b/c").unwrap().to_string(), "a/b/c");
        assert!(a.join("/etc").is_err());
        let roots = ["/srv/tree".into(), "/mnt/real".into()];
        for (text, within) in [
            ("/srv/tree/a/b", Some("a/b")),
            ("//srv/./tree//a/b/", Some("a/b")),
            ("/mnt/real/a", Some("a")),
            ("/srv/trees/a", Some("/srv/trees/a")),
            ("/srv/tree/", None),
            ("srv/tree/a", Some("srv/tree/a")),
        ] {
            let place = TreePath::new(text).unwrap().within(&roots);
            assert_eq!(place.map(|p| p.to_string()).as_deref(), within, "{text}");
        }
        assert_eq!(a.parent(), None);
    }
}
