//! Many processes on one tree at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::process::{Ran, Running, is_long, pki, run, say};
use crate::random::Random;
use crate::readers::rules;
use crate::scene::{folder, make};
use crate::whole::{look, settled};

/// Processes at a time.
const CROWD: usize = 32;
/// Services that may be added: each makes every command after it slower.
const MOST: usize = 120;

/// What came of it.
#[derive(Default)]
struct Tally {
    /// How each command ended, how often.
    ended: BTreeMap<(String, i32), usize>,
    /// Services whose `issue` said that it was done.
    issued: BTreeSet<String>,
    /// Those whose `issue` was killed: there as a whole, or not at all.
    perhaps: BTreeSet<String>,
    asked: usize,
    slowest: Duration,
    killed: usize,
    stopped: usize,
}

#[test]
fn many_at_once_take_turns() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let mut random = Random::seeded("crowd");
    let lasts = Duration::from_secs(if is_long() { 60 } else { 15 });
    let until = Instant::now() + lasts;
    let over = AtomicBool::new(false);
    let tally = Mutex::new(Tally::default());
    let seeds: Vec<usize> = (0..CROWD).map(|_| random.below(1 << 30)).collect();
    let mut watched = Watched::default();
    thread::scope(|scope| {
        let watching = scope.spawn(|| watch(tree, &over));
        let workers: Vec<_> = seeds
            .iter()
            .map(|seed| {
                let (seed, tally) = (u64::try_from(*seed).unwrap(), &tally);
                scope.spawn(move || {
                    let mut random = Random::new(seed);
                    while Instant::now() < until {
                        one(tree, &mut random, tally);
                    }
                })
            })
            .collect();
        let ends: Vec<_> = workers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        over.store(true, Ordering::Relaxed);
        watched = watching.join().unwrap();
        assert!(ends.iter().all(Result::is_ok), "one of them failed");
    });
    let tally = tally.into_inner().unwrap();
    for ((command, code), count) in &tally.ended {
        say(&format!("crowd: {command} ended {count} times with {code}"));
    }
    say(&format!(
        "crowd: {} processes killed, {} stopped for a while; slowest {:?}; {} holders seen, {} looks at the lock with one of them, {} looks at the record, {} lines in the end",
        tally.killed,
        tally.stopped,
        tally.slowest,
        watched.holders.len(),
        watched.held,
        watched.records,
        watched.lines
    ));
    assert!(watched.holders.len() > 5, "nobody was seen with the lock");
    // Whoever is killed last leaves it to the next one.
    run(tree, &["apply", "--wait", "60"]).fine();
    settled(tree).unwrap();
    let manifest = fs::read_to_string(tree.join("pki.toml")).unwrap();
    let files = look(tree);
    let mut there = 0;
    for name in tally.issued.iter().chain(&tally.perhaps) {
        let count = manifest.matches(&format!("[service.{name}]\n")).count();
        let pair = ["crt", "key"].map(|end| format!("certs/{name}/server.{end}"));
        let pair = pair
            .iter()
            .filter(|file| files.contains_key(Path::new(file)))
            .count();
        let is_whole = count == 1 && pair == 2;
        let is_not = count == 0 && pair == 0 && tally.perhaps.contains(name);
        assert!(
            is_whole || is_not,
            "{name}: {count} times in the manifest, {pair} files"
        );
        there += usize::from(is_whole);
    }
    say(&format!("crowd: {there} services added, each once"));
    assert_eq!(manifest.matches("[service.s").count(), there, "{manifest}");
    assert!(there > 3, "too few were added");
}

/// Starts one command, waits for it, and judges how it ended.
fn one(tree: &Path, random: &mut Random, tally: &Mutex<Tally>) {
    let mut added = None;
    let wait = if random.below(8) == 0 { "0" } else { "100" };
    let fixed: &[&str] = match random.below(12) {
        0 => &["apply"],
        1 => &["renew", "--force"],
        2 => &["renew", "web", "--force"],
        3 => &["renew", "app", "--force", "--rekey"],
        4 => &["verify"],
        5 => &["list"],
        6 => &["plan"],
        _ => &["issue", "server"],
    };
    let mut words: Vec<String> = fixed.iter().map(|w| (*w).to_owned()).collect();
    if fixed[0] == "issue" {
        let mut tally = tally.lock().unwrap();
        if tally.asked >= MOST {
            return;
        }
        tally.asked += 1;
        let name = format!("s{}", tally.asked);
        words.extend([name.clone(), "--san".into(), format!("{name}.example.com")]);
        added = Some(name);
    }
    let changes = ["apply", "renew", "issue"].contains(&fixed[0]);
    if changes {
        words.extend(["--wait".into(), wait.into()]);
    }
    let mut running = Running::start(pki(tree, &words));
    let fate = random.below(16);
    if changes && fate < 2 {
        let until = Instant::now() + Duration::from_millis(random.below(400) as u64);
        while Instant::now() < until && !running.is_over() {
            thread::sleep(Duration::from_millis(1));
        }
        if fate == 0 {
            running.kill();
        } else {
            running.signal(Signal::STOP);
            thread::sleep(Duration::from_millis(200));
            running.signal(Signal::CONT);
        }
    }
    let ran = running.wait();
    judge(&ran, fixed[0], wait);
    let mut tally = tally.lock().unwrap();
    tally.stopped += usize::from(changes && fate == 1);
    tally.killed += usize::from(ran.was_killed());
    tally.slowest = tally.slowest.max(ran.took);
    *tally
        .ended
        .entry((fixed[0].to_owned(), ran.code()))
        .or_default() += 1;
    if let Some(name) = added {
        match ran.code() {
            0 => tally.issued.insert(name),
            // It ended before it did anything, or in the middle.
            _ => tally.perhaps.insert(name),
        };
    }
}

/// How a command may end among others.
fn judge(ran: &Ran, command: &str, wait: &str) {
    let fine = match ran.code() {
        0 => true,
        -1 => ran.was_killed(),
        // Not even a moment to wait, and somebody was there.
        3 => {
            wait == "0"
                && ran
                    .stderr
                    .contains("another command is changing this tree: ")
        }
        1 => command == "verify" && is_delivering(&ran.stdout),
        _ => false,
    };
    assert!(fine, "{ran}");
}

/// Whether `verify` saw the moment between a new key and its certificate, or between
/// a service in the manifest and its files, and said that a delivery is going on.
fn is_delivering(stdout: &str) -> bool {
    let fine = [
        "interrupted-delivery",
        "key-mismatch",
        "certificate-missing",
        "key-missing",
        "output-missing",
    ];
    let rules = rules(stdout);
    rules.iter().all(|rule| fine.contains(rule)) && rules.contains(&"interrupted-delivery")
}

/// What was seen of the lock and the record meanwhile.
#[derive(Default)]
struct Watched {
    holders: BTreeSet<String>,
    held: usize,
    records: usize,
    lines: usize,
}

/// Looks at the lock and the record until it is over: there is one holder, and
/// the record only grows, by whole lines.
fn watch(tree: &Path, over: &AtomicBool) -> Watched {
    let mut watched = Watched::default();
    let mut record = Vec::new();
    let lock = tree.join(".pki/lock");
    let inode = fs::metadata(&lock).unwrap().ino();
    while !over.load(Ordering::Relaxed) {
        assert_eq!(
            fs::metadata(&lock).unwrap().ino(),
            inode,
            "another lock file"
        );
        let kernel = fs::read_to_string("/proc/locks").unwrap_or_default();
        let ours = format!(":{inode} ");
        // A line that waits has an arrow; one is read twice where the list moves
        // meanwhile, with another number before it.
        let has_lock = kernel
            .lines()
            .filter(|l| l.contains(&ours) && !l.contains("->"));
        let holders = has_lock.filter_map(|l| Some(l.split_once(": ")?.1));
        let holders: BTreeSet<&str> = holders.collect();
        assert!(holders.len() <= 1, "{holders:?}");
        watched.held += holders.len();
        let said = fs::read_to_string(&lock).unwrap();
        assert!(said.lines().count() <= 1, "{said}");
        if !said.is_empty() {
            watched.holders.insert(said);
        }
        let now = fs::read(tree.join(".pki/issued.jsonl")).unwrap();
        let whole = now.iter().rposition(|o| *o == b'\n').map_or(0, |i| i + 1);
        let now = &now[..whole];
        assert!(now.starts_with(&record), "the record lost a line");
        record = now.to_vec();
        watched.records += 1;
        thread::sleep(Duration::from_millis(3));
    }
    watched.lines = String::from_utf8(record).unwrap().lines().count();
    watched
}
