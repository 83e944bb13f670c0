//! Keys stay in this process: no core dump holds them, no debugger reads them.
#![expect(
    clippy::disallowed_methods,
    reason = "the one owner of what may be asked of the process"
)]

use pki_core::{Error, Result};
use rustix::io::Errno;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};

/// Switches core dumps off, and reading this process's memory by any other of
/// the same user (ptrace, `/proc/PID/mem`), until it ends.
///
/// Called first thing by every command, not by those that open a key: reading a
/// tree loads its keys too, and nobody can forget it.
///
/// Does not hold root back, who has `CAP_SYS_PTRACE`, and does not keep pages
/// out of swap. A program started later has the first of both again
/// (`execve` resets it), and may raise the second.
///
/// # Errors
/// Where a sandbox forbids either call; the other one is made all the same.
pub(crate) fn keep_memory_private() -> Result<()> {
    // What the kernel asks before it dumps (also into a pipe, where the limit
    // below does not count) or lets another process look (prctl(2)).
    let dumpable = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let limit = Rlimit {
        current: Some(0),
        ..getrlimit(Resource::Core)
    };
    let size = setrlimit(Resource::Core, limit);
    dumpable.map_err(|e| refused("prctl(PR_SET_DUMPABLE)", e))?;
    size.map_err(|e| refused("setrlimit(RLIMIT_CORE)", e))
}

fn refused(call: &str, why: Errno) -> Error {
    Error::world(format!(
        "core dumps cannot be switched off: {call} is refused"
    ))
    .cause(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::dumpable_behavior;

    #[test]
    fn both_are_off_afterwards() {
        keep_memory_private().unwrap();
        keep_memory_private().unwrap();
        assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
    }
}
