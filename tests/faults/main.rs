//! What happens to a tree when the machine fails: whole processes are killed,
//! disks are full or broken, others read meanwhile, many work at once.
//!
//! * `PKI_SEED=N` repeats the moments of a run; each test prints its seed.
//! * `PKI_LONG=1` takes the long form of tests that are shortened.
//! * `PKI_UNDER_TEST=/path/to/pki` tests another binary than the one built here.
//!
//! What needs root, `mount` or `strace` and has it not is one line `skipped: …`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test makes folders, starts programs, kills them and looks at the time"
)]

mod crowd;
mod disks;
mod injected;
mod kills;
mod mounted;
mod obstacles;
mod process;
mod random;
mod readers;
mod scene;
mod signals;
mod trial;
mod turns;
mod whole;
