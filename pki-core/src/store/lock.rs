//! The lock: one command changes a tree at a time.
//!
//! A lock of the operating system on `.pki/lock` (`flock`): it ends with its
//! process, however that ends. What the file says is for people only.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::error::{Kind, StoreError};
use super::holder::{NAME, is_stopped, process, who_said};
use super::interrupt::Held;
use super::op::{Effects, Folder, FsOp, Node, OpenFile, run, run_open};
use super::recover::{Recovered, recover, sweep};
use super::walk::{kind, stat_folder, stat_name};
use super::{HOME, Store, account};
use crate::clock::{Stopwatch, Timestamp, sleep};
use crate::report::shell;

/// Where it stands in the tree.
pub const LOCK: &str = ".pki/lock";
/// Between two tries.
const POLL: Duration = Duration::from_millis(20);

/// Who takes the lock; others are told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Holder {
    /// The command, without values: `pki apply`.
    pub command: String,
    /// Process number.
    pub pid: u32,
    /// Whose process it is.
    pub user: String,
    /// Since when.
    pub since: Timestamp,
}

impl Holder {
    /// This process.
    pub fn me(command: impl Into<String>, now: Timestamp) -> Self {
        Self {
            command: command.into(),
            pid: std::process::id(),
            user: account::user_name(),
            since: now,
        }
    }
}

/// `pki apply (process 4711, user root) since 2026-11-21T09:00:00Z`.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (process {}, user {}) since {}",
            self.command, self.pid, self.user, self.since
        )
    }
}

/// A tree that only we change. Dropping it lets others.
pub struct Locked {
    pub(super) store: Store,
    pub(super) home: Folder,
    recovered: Recovered,
    file: OpenFile,
    // Last: the lock itself ends with it.
    _lock: File,
}

impl Store {
    /// Takes the lock, waiting at most `wait` for another command; then finishes
    /// or takes back what a killed one left, removes what it forgot, and mends the
    /// issuance record where its last line is torn. Makes `.pki/` (0700) when missing.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when somebody else has it; the system's errors;
    /// [`StoreError::Untrusted`] when another user's delivery is unfinished.
    pub fn lock(&self, holder: &Holder, wait: Duration) -> Result<Locked, StoreError> {
        let fx = &*self.effects;
        let home = self.home(fx)?;
        if let Some(found) = barred(&home)? {
            let path = home.path.join(NAME);
            let hint = format!(
                "move it away (`mv {} {}`); the next change makes it anew",
                shell::path(&path),
                shell::word(&format!("{}.old", path.display()))
            );
            let reason = format!("it is {found}, not a file");
            return Err(StoreError::Untrusted { path, reason, hint });
        }
        let file = run_open(
            fx,
            FsOp::OpenOrCreate {
                within: &home,
                name: NAME,
            },
        )?;
        let lock = file
            .fd
            .try_clone()
            .map_err(|e| StoreError::io("open", &file.path, e))?;
        let lock = File::from(lock);
        let clock = Stopwatch::start();
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(e)) => return Err(StoreError::io("lock", &file.path, e)),
                Err(TryLockError::WouldBlock) if clock.elapsed() < wait => {
                    sleep(POLL.min(wait.saturating_sub(clock.elapsed())));
                }
                Err(TryLockError::WouldBlock) => {
                    let holder = who(&home);
                    return Err(StoreError::Locked {
                        stopped: process(&holder).filter(|pid| is_stopped(*pid)),
                        holder,
                        path: file.path,
                        waited: wait,
                    });
                }
            }
        }
        self.interrupts.begin();
        say_who(fx, &file, holder, clock.elapsed());
        let mut recovered = {
            let _held = Held::new(&*self.interrupts);
            recover(fx, &self.walk, &home)?
        };
        if self.interrupts.is_asked() {
            return Err(StoreError::Interrupted);
        }
        recovered.swept = sweep(fx, self);
        let locked = Locked {
            store: self.clone(),
            home,
            recovered,
            file,
            _lock: lock,
        };
        locked.mend_record()?;
        Ok(locked)
    }

    /// What stands in the place of the lock and is no file: nothing can be
    /// changed before it is away. `None` too where nobody can tell.
    pub fn lock_barred(&self) -> Option<Kind> {
        barred(&self.walk.open(Path::new(HOME)).ok()?).ok()?
    }

    /// Opens `.pki`, makes it when missing, and closes it to others.
    fn home(&self, fx: &dyn Effects) -> Result<Folder, StoreError> {
        let mut made = Vec::new();
        let home = self
            .walk
            .open_or_make(fx, Path::new(HOME), 0o700, &mut made)?;
        for (within, _) in &made {
            run(fx, FsOp::SyncFolder { folder: within })?;
        }
        if stat_folder(&home)?.st_mode & 0o7777 != 0o700 {
            run(
                fx,
                FsOp::SetMode {
                    of: Node::Folder(&home),
                    mode: 0o700,
                },
            )?;
        }
        Ok(home)
    }
}

/// Writes who has the lock, and since when: `waited` after it asked. For people
/// only: on a full disk what was left is still taken back.
fn say_who(fx: &dyn Effects, file: &OpenFile, holder: &Holder, waited: Duration) {
    let waited = i64::try_from(waited.as_secs()).unwrap_or(i64::MAX);
    let since = holder.since.plus_seconds(waited);
    let holder = Holder {
        since,
        ..holder.clone()
    };
    let (text, length) = (format!("{holder}\n"), 0);
    if run(fx, FsOp::Truncate { file, length }).is_ok() {
        let bytes = text.as_bytes();
        let _ = run(fx, FsOp::Write { file, bytes });
    }
}

/// What stands in the place of the lock and is no file.
fn barred(home: &Folder) -> Result<Option<Kind>, StoreError> {
    let found = stat_name(home, OsStr::new(NAME))?.map(|stat| kind(&stat));
    Ok(found.filter(|found| *found != Kind::File))
}

/// Who holds the lock, as the file says.
fn who(home: &Folder) -> String {
    who_said(home).unwrap_or_else(|| "it has not said its name".to_owned())
}

impl Locked {
    /// The tree, for reading.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What a killed command had left, and what became of it.
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    pub(super) fn effects(&self) -> &dyn Effects {
        &*self.store.effects
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // Only the name of the holder; the lock ends all the same.
        let _ = run(
            self.effects(),
            FsOp::Truncate {
                file: &self.file,
                length: 0,
            },
        );
    }
}

impl fmt::Debug for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locked")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
