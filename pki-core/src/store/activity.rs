//! Whether somebody is at work in a tree, for those who look without the lock.

use std::ffi::OsStr;
use std::path::Path;

use super::error::Kind;
use super::holder::{NAME, PROC, is_stopped, process, who_said};
use super::read::read_file;
use super::walk::{kind, stat_name};
use super::{HOME, Store, journal};

/// What a delivery makes of a look at the tree that was taken without the lock.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// A command is changing the tree.
    UnderWay(Working),
    /// One changed it while it was read.
    Meanwhile,
    /// One was killed in the middle; the next one that changes the tree finishes
    /// that or takes it back.
    Interrupted,
}

/// A command that has the lock.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Working {
    /// `pki apply (process 4711, user root) since 2026-11-21T09:00:00Z`
    pub holder: String,
    /// Its process, where it is stopped (Ctrl-Z, SIGSTOP): it does not go on by
    /// itself.
    pub stopped: Option<u32>,
}

/// What is known of deliveries at one moment.
#[derive(Debug)]
pub struct Activity {
    journal: bool,
    working: Option<Working>,
    /// When the lock file was written to last, and what it says: each command
    /// that takes the lock does both.
    lock: Option<(i64, i64, String)>,
}

impl Store {
    /// Who is at work now. To be asked before a look and after it: see
    /// [`Activity::until`].
    pub fn activity(&self) -> Activity {
        let nobody = || Activity {
            journal: journal::exists(self),
            working: None,
            lock: None,
        };
        let Ok(home) = self.walk.open(Path::new(HOME)) else {
            return nobody();
        };
        let stat = stat_name(&home, OsStr::new(NAME)).ok().flatten();
        let Some(stat) = stat.filter(|stat| kind(stat) == Kind::File) else {
            return nobody();
        };
        let said = who_said(&home).unwrap_or_default();
        let working = process(&said)
            // We are not somebody else; a killed one may have had our number.
            .filter(|pid| *pid != std::process::id() && has_a_lock(*pid))
            .map(|pid| Working {
                holder: said.clone(),
                stopped: is_stopped(pid).then_some(pid),
            });
        Activity {
            // Asked last: who ends a delivery removes it before the name goes.
            journal: journal::exists(self),
            working,
            lock: Some((moment(stat.st_mtime), moment(stat.st_mtime_nsec), said)),
        }
    }
}

/// Seconds and nanoseconds have other types on other machines.
fn moment(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(0)
}

impl Activity {
    /// What to say of a look that began at this moment and ended at `end`.
    pub fn until(self, end: Self) -> Option<Delivery> {
        let changed = self.lock != end.lock;
        match end.working.or(self.working.filter(|_| !changed)) {
            Some(working) => Some(Delivery::UnderWay(working)),
            None if changed => Some(Delivery::Meanwhile),
            None => (self.journal || end.journal).then_some(Delivery::Interrupted),
        }
    }
}

/// Whether a process has a lock of the kind that ours is (proc(5)). One in another
/// container is not seen.
fn has_a_lock(pid: u32) -> bool {
    let locks = read_file(Path::new("/proc/locks"), PROC);
    let Ok(locks) = locks else {
        // Nobody tells: that it runs has to do.
        return read_file(Path::new(&format!("/proc/{pid}/stat")), PROC).is_ok();
    };
    let pid = pid.to_string();
    String::from_utf8_lossy(&locks).lines().any(|line| {
        // `1: FLOCK  ADVISORY  WRITE 4711 08:01:7454728 0 EOF`; one that waits has
        // an arrow behind its number.
        let mut words = line.split_whitespace().skip(1);
        words.next() == Some("FLOCK") && words.nth(2) == Some(pid.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(journal: bool, working: Option<&str>, lock: Option<i64>) -> Activity {
        let working = working.map(|holder| Working {
            holder: holder.into(),
            stopped: None,
        });
        let said = working.as_ref().map(|w| w.holder.clone());
        let lock = lock.map(|time| (time, 0, said.unwrap_or_default()));
        Activity {
            journal,
            working,
            lock,
        }
    }

    #[test]
    fn who_was_at_work_is_told() {
        let under_way = |holder: &str| {
            Some(Delivery::UnderWay(Working {
                holder: holder.into(),
                stopped: None,
            }))
        };
        let quiet = || at(false, None, Some(1));
        for (begin, end, told) in [
            (at(false, None, None), at(false, None, None), None),
            (quiet(), quiet(), None),
            // The first command of a tree.
            (at(false, None, None), quiet(), Some(Delivery::Meanwhile)),
            (quiet(), at(false, None, Some(2)), Some(Delivery::Meanwhile)),
            (quiet(), at(true, Some("a"), Some(2)), under_way("a")),
            (
                at(true, Some("a"), Some(2)),
                at(true, Some("a"), Some(2)),
                under_way("a"),
            ),
            (
                at(false, Some("a"), Some(2)),
                at(false, Some("b"), Some(3)),
                under_way("b"),
            ),
            // It was killed while it was looked at.
            (
                at(true, Some("a"), Some(2)),
                at(true, None, Some(3)),
                Some(Delivery::Meanwhile),
            ),
            (
                at(true, None, Some(1)),
                at(true, None, Some(1)),
                Some(Delivery::Interrupted),
            ),
            (
                at(true, None, Some(1)),
                at(false, None, Some(2)),
                Some(Delivery::Meanwhile),
            ),
        ] {
            let shown = format!("{begin:?}\n{end:?}");
            assert_eq!(begin.until(end), told, "{shown}");
        }
    }
}
