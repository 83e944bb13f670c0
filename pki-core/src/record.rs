//! What was found at a place on disk: plain data that `store` makes and the
//! inventory reads.

use std::path::PathBuf;

/// What stands at a path.
#[derive(Debug)]
pub struct FileRecord {
    /// The path as the tree names it: relative to the manifest's folder, or absolute.
    pub path: PathBuf,
    /// What is there.
    pub content: Content,
    /// Permission bits (`0o7777`); 0 where nothing is.
    pub mode: u32,
    /// Owner, numeric.
    pub uid: u32,
    /// Group, numeric.
    pub gid: u32,
}

/// What a path holds.
#[derive(Debug)]
#[non_exhaustive]
pub enum Content {
    /// A regular file, read whole.
    File(Vec<u8>),
    /// Nothing.
    Missing,
    /// A folder.
    Folder,
    /// Something that is not read: a link, a pipe, a device, a file over the
    /// size limit; the text says what and why.
    Refused(String),
    /// It could not be read; the system's words.
    Unreadable(String),
}

impl FileRecord {
    /// A record of nothing at `path`.
    pub fn missing(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            content: Content::Missing,
            mode: 0,
            uid: 0,
            gid: 0,
        }
    }

    /// The octets, where it is a file that could be read.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::File(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether nothing is there.
    pub fn is_missing(&self) -> bool {
        matches!(self.content, Content::Missing)
    }
}
