//! Processes, their time and memory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The binary that is measured.
pub(crate) fn pki() -> PathBuf {
    let other = std::env::var_os("PKI_UNDER_TEST");
    other.map_or_else(|| env!("CARGO_BIN_EXE_pki").into(), PathBuf::from)
}

/// A process to be run.
pub(crate) struct Run(Command);

impl Run {
    pub(crate) fn new(program: &Path, args: &[&str], folder: &Path) -> Self {
        let mut command = Command::new(program);
        command.args(args).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Self(command)
    }

    /// Runs it, whatever it says: 1 is an answer too.
    ///
    /// # Panics
    /// When it does not end by itself, or fails.
    pub(crate) fn wait(mut self) {
        let status = self.0.status().unwrap();
        assert!(
            matches!(status.code(), Some(0 | 1)),
            "{:?}: {status}",
            self.0
        );
    }

    /// Runs it; the most memory that it was seen to have, in KiB.
    ///
    /// # Panics
    /// When it fails.
    pub(crate) fn go(mut self) -> u64 {
        let mut child = self.0.spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut most = 0;
        loop {
            if let Some(ended) = child.try_wait().unwrap() {
                assert!(ended.success(), "{:?}: {ended}", self.0);
                return most;
            }
            // A short one is waited for: looking costs time.
            if most == 0 && Self::is_short(&mut child) {
                continue;
            }
            let seen = std::fs::read_to_string(&status).unwrap_or_default();
            let peak = seen.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let peak = peak.and_then(|line| line.split_whitespace().next()?.parse().ok());
            most = most.max(peak.unwrap_or(1));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether it ends within 50 ms.
    fn is_short(child: &mut std::process::Child) -> bool {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(50) {
            if child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return true;
            }
            std::thread::sleep(Duration::from_micros(50));
        }
        false
    }
}

/// How long each of so many takes.
pub(crate) fn seconds(times: usize, mut work: impl FnMut(usize)) -> Vec<f64> {
    let mut one = |n| {
        let start = Instant::now();
        work(n);
        start.elapsed().as_secs_f64()
    };
    (0..times).map(&mut one).collect()
}

/// The one in the middle.
pub(crate) fn median(all: &[f64]) -> f64 {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// In three digits at most.
pub(crate) fn rounded(number: f64) -> String {
    let unit = 10_f64.powf((number.log10().floor() - 2.0).max(0.0));
    format!("{}", (number / unit).round() * unit)
}

/// A row of the table.
pub(crate) struct Ratio {
    what: String,
    takes: f64,
    against: String,
    limit: f64,
}

impl Ratio {
    pub(crate) fn new(what: &str, takes: &[f64], against: &str, limit: &[f64]) -> Self {
        Self {
            what: what.to_owned(),
            takes: median(takes),
            against: against.to_owned(),
            limit: median(limit),
        }
    }

    pub(crate) fn print(&self) {
        let (ours, limit) = (self.takes * 1000.0, self.limit * 1000.0);
        println!(
            "| {} | {ours:.2} ms | {limit:.2} ms: {} | {:.2} |",
            self.what,
            self.against,
            ours / limit
        );
    }
}
