//! Servers that load their pair while it is renewed, and commands that only look.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::process::{Running, has, pki, pki_under, program, run, say};
use crate::scene::{edit, files, folder, make, manifest};
use crate::turns::hold;

/// How often a pair is loaded while it is renewed.
const LOADS: usize = 10_000;
/// How often it is renewed meanwhile, at least.
const RENEWALS: usize = 15;
/// How often its key is changed.
const REKEYS: usize = 25;
/// Between two loads of one reader.
const BREATH: Duration = Duration::from_micros(300);

/// Loads pairs as a server does; the same octets are judged once.
struct Loader {
    provider: Arc<CryptoProvider>,
    judged: HashMap<(Vec<u8>, Vec<u8>), bool>,
    /// Where the pair is.
    certificate: PathBuf,
    key: PathBuf,
    /// Some servers load the key first.
    key_first: bool,
}

impl Loader {
    fn of(tree: &Path) -> Self {
        Self {
            provider: Arc::new(rustls::crypto::ring::default_provider()),
            judged: HashMap::new(),
            certificate: tree.join("certs/web/server.crt"),
            key: tree.join("certs/web/server.key"),
            key_first: false,
        }
    }

    /// Whether the key is the certificate's.
    ///
    /// # Panics
    /// Where a file is missing or torn.
    fn load(&mut self) -> bool {
        self.key_first = !self.key_first;
        let read = |path: &Path| {
            let found = fs::read(path);
            found.unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        };
        let (certificate, key);
        if self.key_first {
            key = read(&self.key);
            certificate = read(&self.certificate);
        } else {
            certificate = read(&self.certificate);
            key = read(&self.key);
        }
        let provider = &self.provider;
        let pair = (certificate, key);
        if let Some(known) = self.judged.get(&pair) {
            return *known;
        }
        // The leaf, and the CA that signed it.
        let count = CertificateDer::pem_slice_iter(&pair.0).count();
        assert_eq!(count, 2, "a torn certificate");
        let verdict = matches(&pair.0, &pair.1, provider);
        self.judged.insert(pair, verdict);
        verdict
    }
}

/// Whether a key is a certificate's.
pub(crate) fn matches(certificate: &[u8], key: &[u8], provider: &CryptoProvider) -> bool {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
    let chain = chain.expect("a torn certificate");
    let key = PrivateKeyDer::from_pem_slice(key).expect("a torn key");
    match CertifiedKey::from_der(chain, key, provider) {
        Ok(_) => true,
        Err(rustls::Error::InconsistentKeys(_)) => false,
        Err(e) => panic!("neither: {e}"),
    }
}

#[test]
fn a_pair_that_is_renewed_is_whole_for_every_reader() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let (loads, renewals) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (seen, looks) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (slowest, broken) = (AtomicUsize::new(0), AtomicBool::new(false));
    let enough = || {
        let loaded = loads.load(Ordering::Relaxed) >= LOADS;
        let renewed = renewals.load(Ordering::Relaxed) >= RENEWALS;
        broken.load(Ordering::Relaxed) || loaded && renewed
    };
    let work = |task: &dyn Fn()| {
        let guard = Alarm(&broken);
        while !enough() {
            task();
        }
        std::mem::forget(guard);
    };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let loader = std::sync::Mutex::new(Loader::of(tree));
                work(&|| {
                    assert!(loader.lock().unwrap().load(), "key and certificate differ");
                    loads.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(BREATH);
                });
                let loader = loader.into_inner().unwrap();
                seen.fetch_max(loader.judged.len(), Ordering::Relaxed);
            });
        }
        scope.spawn(|| {
            work(&|| {
                for command in LOOKING {
                    let ran = run(tree, command);
                    let told = ran.code() == 1 && only_interrupted(&ran.stdout);
                    assert!(ran.code() == 0 || told, "{ran}");
                    looks.fetch_add(1, Ordering::Relaxed);
                    let took = usize::try_from(ran.took.as_millis()).unwrap();
                    slowest.fetch_max(took, Ordering::Relaxed);
                }
            });
        });
        work(&|| {
            run(tree, &["renew", "--force"]).fine();
            renewals.fetch_add(1, Ordering::Relaxed);
        });
    });
    say(&format!(
        "readers: {} loads during {} renewals, {} different pairs seen, all whole; {} looks by commands, the slowest {} ms",
        loads.into_inner(),
        renewals.into_inner(),
        seen.into_inner(),
        looks.into_inner(),
        slowest.into_inner()
    ));
}

/// Ends the others where one fails.
struct Alarm<'a>(&'a AtomicBool);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The commands that change nothing.
pub(crate) const LOOKING: [&[&str]; 4] = [
    &["list"],
    &["verify"],
    &["plan"],
    &["inspect", "certs/web/server.crt"],
];

/// Whether `verify` found nothing but a delivery that is going on.
fn only_interrupted(stdout: &str) -> bool {
    rules(stdout)
        .iter()
        .all(|rule| *rule == "interrupted-delivery")
}

/// The rules of what `verify` found.
pub(crate) fn rules(stdout: &str) -> Vec<&str> {
    let levelled = stdout
        .lines()
        .filter_map(|line| line.trim_start().split_once(' '));
    let found = levelled.filter(|(level, _)| ["error", "warning", "note"].contains(level));
    found.map(|(_, rule)| rule.trim()).collect()
}

#[test]
fn a_new_key_shows_for_a_moment_how_long() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let over = AtomicBool::new(false);
    let mut windows: Vec<Duration> = Vec::new();
    let (mut loads, mut mismatched) = (0_usize, 0_usize);
    thread::scope(|scope| {
        scope.spawn(|| {
            let _alarm = Alarm(&over);
            for _ in 0..REKEYS {
                run(tree, &["renew", "web", "--force", "--rekey"]).fine();
            }
        });
        let mut loader = Loader::of(tree);
        let mut since: Option<Instant> = None;
        while !over.load(Ordering::Relaxed) {
            loads += 1;
            let whole = loader.load();
            mismatched += usize::from(!whole);
            match (whole, since) {
                (false, None) => since = Some(Instant::now()),
                (true, Some(began)) => {
                    windows.push(began.elapsed());
                    since = None;
                }
                _ => {}
            }
            thread::sleep(BREATH);
        }
        assert!(loader.load() && since.is_none(), "the last pair differs");
    });
    windows.sort();
    // One that falls into a moment without a turn on the processor is not seen.
    assert!(windows.len() * 2 > REKEYS, "{windows:?}");
    let ms = |i: usize| windows[i].as_secs_f64() * 1000.0;
    let last = windows.len() - 1;
    say(&format!(
        "rekey: key and certificate differ for {:.1} ms at least, {:.1} in the middle, {:.1} at most ({REKEYS} times); {mismatched} of {loads} loads saw it",
        ms(0),
        ms(last / 2),
        ms(last)
    ));
    // Who watches needs the pause; who loads at any moment needs it short.
    let middle = windows[last / 2];
    assert!(middle > Duration::from_millis(80), "{windows:?}");
    assert!(middle < Duration::from_secs(1), "{windows:?}");
}

/// What a look must leave as it is.
type Shape = Vec<(PathBuf, u32, u64, i64, i64, Vec<u8>)>;

fn shape(tree: &Path) -> Shape {
    let of = |path: PathBuf| {
        let m = fs::metadata(&path).unwrap();
        let octets = fs::read(&path).unwrap();
        (path, m.mode(), m.ino(), m.mtime(), m.mtime_nsec(), octets)
    };
    files(tree).into_iter().map(of).collect()
}

/// Kills a renewal in the middle of its delivery; the tree has a journal then.
pub(crate) fn interrupt(tree: &Path) {
    for _ in 0..100 {
        let mut running = Running::start(pki(tree, &["renew", "--force", "--rekey"]));
        while !running.is_over() && !tree.join(".pki/journal").exists() {
            thread::sleep(Duration::from_micros(200));
        }
        running.kill();
        running.wait();
        if tree.join(".pki/journal").exists() {
            return;
        }
    }
    panic!("no renewal was hit while it delivered");
}

#[test]
fn who_looks_changes_nothing_and_never_waits() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    for state in ["whole", "interrupted", "edited"] {
        match state {
            "interrupted" => interrupt(tree),
            "edited" => {
                run(tree, &["apply"]).fine();
                edit(tree, &manifest("other.example.com", ""));
            }
            _ => {}
        }
        let _held = hold(tree);
        for command in LOOKING {
            let before = shape(tree);
            let ran = run(tree, command);
            assert!(ran.took < Duration::from_secs(10), "it waited: {ran}");
            assert!(matches!(ran.code(), 0 | 1), "{state}: {ran}");
            if command[0] == "verify" && state == "interrupted" {
                assert!(ran.stdout.contains("interrupted-delivery"), "{ran}");
            }
            assert!(shape(tree) == before, "{state}: changed by {ran}");
            traced(tree, command, &top.path().join("trace"));
            assert!(shape(tree) == before, "{state}: changed by {ran}");
        }
    }
}

/// The calls say the same: no lock is taken, nothing is opened for writing.
fn traced(tree: &Path, command: &[&str], log: &Path) {
    if !has("strace") {
        say("skipped: strace not found");
        return;
    }
    let calls = "--trace=open,openat,openat2,flock,renameat,renameat2,unlinkat,linkat,mkdirat,fchmod,fchown,ftruncate";
    let strace = ["strace", "-f", "-qqq", "-o", log.to_str().unwrap(), calls];
    Running::start(pki_under(&strace, &program(), tree, command)).wait();
    let log = fs::read_to_string(log).unwrap();
    for line in log.lines() {
        let changes = !line.contains(" open")
            || ["O_WRONLY", "O_RDWR", "O_CREAT"]
                .iter()
                .any(|f| line.contains(f));
        let harmless = line.contains("/dev/") || line.contains("+++") || line.contains("---");
        assert!(harmless || !changes, "{line}");
    }
    assert!(log.lines().count() > 5, "what did it open?\n{log}");
}
