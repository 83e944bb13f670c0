//! What was found at a place on disk: plain data that `store` makes and the
//! inventory reads.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

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
    /// How many names (hard links) it has; 0 where that was not asked.
    pub links: u64,
    /// Whom its access control list lets in beside its mode, in words; asked of
    /// files that others do not read.
    pub granted: Vec<String>,
    /// What keeps a file from being written there, as the tree names it: the
    /// path itself, where neither a file nor nothing stands there, or one above
    /// it that is no folder or a link.
    pub in_the_way: Option<PathBuf>,
}

/// What a path holds. `Debug` says how many octets, not which: they may be a key.
#[non_exhaustive]
pub enum Content {
    /// A regular file, read whole; wiped from memory afterwards, for it may be
    /// a key.
    File(Zeroizing<Vec<u8>>),
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

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(bytes) => write!(f, "File({} octets)", bytes.len()),
            Self::Missing => f.write_str("Missing"),
            Self::Folder => f.write_str("Folder"),
            Self::Refused(why) => write!(f, "Refused({why:?})"),
            Self::Unreadable(why) => write!(f, "Unreadable({why:?})"),
        }
    }
}

impl FileRecord {
    /// Whether the mode lets this user in by no means: not the owner, and no bit
    /// of `wanted` (4 to read, 1 to pass a folder) for the group or others. The
    /// group's bits bound an access control list too (acl(5)).
    pub fn shuts_out(&self, uid: u32, wanted: u32) -> bool {
        uid != 0 && uid != self.uid && self.mode & (wanted * 0o011) == 0
    }

    /// A record of nothing at `path`.
    pub fn missing(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            content: Content::Missing,
            mode: 0,
            uid: 0,
            gid: 0,
            links: 0,
            granted: Vec::new(),
            in_the_way: None,
        }
    }

    /// The octets, where it is a file that could be read.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::File(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether the same stands there: content, mode and owner.
    pub fn is_same(&self, other: &Self) -> bool {
        let access = |record: &Self| (record.mode, record.uid, record.gid);
        let content = match (&self.content, &other.content) {
            (Content::File(a), Content::File(b)) => a == b,
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        };
        content && access(self) == access(other)
    }

    /// Whether nothing is there.
    pub fn is_missing(&self) -> bool {
        matches!(self.content, Content::Missing)
    }
}

/// The accounts of this machine, as far as files can belong to them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Accounts {
    users: BTreeMap<String, u32>,
    groups: BTreeMap<String, u32>,
    me: Option<u32>,
}

impl Accounts {
    /// From the text of `/etc/passwd` and `/etc/group` (passwd(5), group(5)).
    pub fn from_text(passwd: &str, group: &str) -> Self {
        let table = |text: &str| {
            text.lines()
                .filter_map(|line| {
                    let mut fields = line.split(':');
                    let name = fields.next()?;
                    let id = number(fields.nth(1)?)?;
                    Some((name.to_owned(), id))
                })
                .collect()
        };
        Self {
            users: table(passwd),
            groups: table(group),
            me: None,
        }
    }

    /// With the user whose rights this process has.
    #[must_use]
    pub fn seen_by(self, uid: u32) -> Self {
        Self {
            me: Some(uid),
            ..self
        }
    }

    /// Whether a file is that user's own.
    pub fn is_own(&self, record: &FileRecord) -> bool {
        self.me == Some(record.uid)
    }

    /// The number of a user given by name or number.
    pub fn user(&self, name: &str) -> Option<u32> {
        number(name).or_else(|| self.users.get(name).copied())
    }

    /// The number of a group given by name or number.
    pub fn group(&self, name: &str) -> Option<u32> {
        number(name).or_else(|| self.groups.get(name).copied())
    }

    /// Whether a file's owner or group are others than those asked for. A name
    /// that nobody has differs from every number.
    pub fn differ(&self, record: &FileRecord, owner: Option<&str>, group: Option<&str>) -> bool {
        owner.is_some_and(|o| self.user(o) != Some(record.uid))
            || group.is_some_and(|g| self.group(g) != Some(record.gid))
    }

    /// `root:sidekick`, with numbers where there is no name.
    pub fn names(&self, uid: u32, gid: u32) -> String {
        let name = |table: &BTreeMap<String, u32>, id: u32| {
            table
                .iter()
                .find(|(_, i)| **i == id)
                .map_or_else(|| id.to_string(), |(name, _)| name.clone())
        };
        format!("{}:{}", name(&self.users, uid), name(&self.groups, gid))
    }
}

/// A user's or group's number. The highest one is nobody's: chown(2) takes it
/// for "leave as it is".
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let id = text.parse().ok().filter(|_| digits)?;
    (id != u32::MAX).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read() {
        let accounts = Accounts::from_text(
            "root:x:0:0:root:/root:/bin/sh\nbroken\nall:x:4294967295:1\nsidekick:x:991:990::/:/bin/false\n",
            "root:x:0:\nsidekick:x:990:minio\n",
        );
        assert_eq!(accounts.user("sidekick"), Some(991));
        assert_eq!(accounts.group("sidekick"), Some(990));
        assert_eq!(accounts.user("1234"), Some(1234));
        for nobody in [
            "nobody-here",
            "all",
            "4294967295",
            "4294967296",
            "-1",
            "+5",
            "",
        ] {
            assert_eq!(accounts.user(nobody), None, "{nobody}");
            assert_eq!(accounts.group(nobody), None, "{nobody}");
        }
        assert_eq!(accounts.group("4294967294"), Some(u32::MAX - 1));
        assert_eq!(accounts.names(0, 990), "root:sidekick");
        assert_eq!(accounts.names(7, 8), "7:8");
        let record = FileRecord {
            uid: 0,
            gid: 990,
            ..FileRecord::missing("x")
        };
        assert!(!accounts.differ(&record, None, Some("sidekick")));
        assert!(accounts.differ(&record, Some("sidekick"), None));
        assert!(accounts.differ(&record, None, Some("nobody-here")));
    }
}
