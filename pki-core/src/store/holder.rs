//! Who has the lock, as its file says, and how that process is.

use std::ffi::OsStr;
use std::path::Path;

use super::op::Folder;
use super::read::{look, read_file};
use crate::record::Content;

/// The lock's file.
pub(super) const NAME: &str = "lock";
/// Of the files in `/proc` that are read here none is larger.
pub(super) const PROC: u64 = 4 << 20;

/// What the lock file says; `None`: nothing.
pub(super) fn who_said(home: &Folder) -> Option<String> {
    let Ok(Some((_, Content::File(bytes)))) = look(home, OsStr::new(NAME), 4096) else {
        return None;
    };
    let text = String::from_utf8_lossy(&bytes);
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    Some(text).filter(|text| !text.is_empty())
}

/// The process that a holder named.
pub(super) fn process(said: &str) -> Option<u32> {
    let (_, rest) = said.split_once("(process ")?;
    rest.split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// Whether a process is stopped, or held by a debugger (proc(5): `T`, `t`).
pub(super) fn is_stopped(pid: u32) -> bool {
    let stat = read_file(Path::new(&format!("/proc/{pid}/stat")), PROC);
    let stat = stat.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    // Its name is in brackets, and may hold some.
    let state = stat.ok().and_then(|stat| {
        let (_, rest) = stat.rsplit_once(") ")?;
        rest.chars().next()
    });
    matches!(state, Some('T' | 't'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_of_a_holder_is_read() {
        assert_eq!(
            process("pki apply (process 4711, user root) since …"),
            Some(4711)
        );
        for odd in [
            "",
            "pki apply",
            "(process , user",
            "(process 99999999999, u",
        ] {
            assert_eq!(process(odd), None, "{odd}");
        }
    }

    #[test]
    fn this_process_runs() {
        assert!(!is_stopped(std::process::id()));
        assert!(!is_stopped(0));
    }
}
