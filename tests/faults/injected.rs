//! Calls that fail: strace lets the N-th one of a kind end with an error.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::process::{Running, has, is_long, pki_under, program, say};
use crate::scene::folder;
use crate::trial::{Bench, Deed};

/// Calls that change the tree: each one is tried.
const CHANGING: &[&str] = &[
    "write",
    "fsync",
    "renameat",
    "linkat",
    "unlinkat",
    "fchmod",
    "mkdirat",
    "ftruncate",
    "flock",
];
/// Calls that only look: some are tried.
const LOOKING: &[&str] = &[
    "openat",
    "openat2",
    "read",
    "close",
    "newfstatat",
    "statx",
    "fstat",
    "getdents64",
];

/// One call of an undisturbed run that is to fail: its name, and which of them.
type Target = (&'static str, usize);

/// The calls of a deed that have to do with the tree, by an undisturbed run.
fn targets(
    bench: &Bench,
    deed: Deed,
    tree: &Path,
    calls: &[&'static str],
    each: usize,
) -> Vec<Target> {
    bench.prepare(deed, tree);
    let log = tree.with_extension("calls");
    let trace = format!("--trace={}", calls.join(","));
    let strace = [
        "strace",
        "-f",
        "-qqq",
        "-y",
        "-o",
        log.to_str().unwrap(),
        &trace,
    ];
    Running::start(pki_under(&strace, &program(), tree, &deed.words()))
        .wait()
        .fine();
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let (mut found, mut seen) = (Vec::new(), 0);
    for line in fs::read_to_string(log).unwrap().lines() {
        let Some((process, rest)) = line.split_once(' ') else {
            continue;
        };
        let rest = rest.trim_start();
        let Some(call) = calls.iter().find(|c| rest.starts_with(&format!("{c}("))) else {
            continue;
        };
        // Counted per thread, as strace does.
        let nth = counts.entry((process.to_owned(), call)).or_default();
        *nth += 1;
        if !rest.contains(tree.to_str().unwrap()) {
            continue;
        }
        seen += 1;
        // What could make a CA look lost is always tried.
        if seen % each == 0 || rest.contains("ca.key") {
            found.push((*call, *nth));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn injected(tree: &Path, deed: Deed, (call, nth): Target, errno: &str, log: &Path) -> Command {
    let inject = format!("--inject={call}:error={errno}:when={nth}");
    let trace = format!("--trace={call}");
    let log = log.to_str().unwrap();
    let strace = ["strace", "-f", "-qqq", "-o", log, &trace, &inject];
    pki_under(&strace, &program(), tree, &deed.words())
}

/// Lets each target fail, on two trees at a time.
fn each_fails(bench: &Bench, top: &Path, deed: Deed, targets: &[Target], errno: &str, words: &str) {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for lane in 0..2 {
            let (next, failed) = (&next, &failed);
            scope.spawn(move || {
                let tree = &top.join(format!("tree-{deed:?}-{lane}"));
                let log = &tree.with_extension("injected");
                while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let before = bench.prepare(deed, tree);
                    let command = injected(tree, deed, *target, errno, log);
                    let ran = bench.fails(&before, deed, tree, command, &[words]);
                    // What was not done is never called done; the lock's text is
                    // for people only.
                    // Threads share the syncs as it comes: an N-th may not be.
                    let was = fs::read_to_string(log).unwrap().contains("(INJECTED)");
                    let must = was && CHANGING.contains(&target.0);
                    let text = ["write", "ftruncate"].contains(&target.0);
                    assert!(!must || text || ran.code() != 0, "{ran}");
                    failed.fetch_add(usize::from(ran.code() != 0), Ordering::Relaxed);
                    deed.heals(tree, &ran);
                }
            });
        }
    });
    say(&format!(
        "injected: {deed:?}: {errno} in each of {} calls, {} ended it",
        targets.len(),
        failed.into_inner()
    ));
}

fn strace() -> bool {
    let works = has("strace") && {
        let mut command = Command::new("strace");
        command.args(["-qqq", "-o", "/dev/null", "true"]);
        Running::start(command).wait().code() == 0
    };
    if !works {
        say("skipped: strace not found, or not allowed here");
    }
    works
}

#[test]
fn each_change_may_fail() {
    if !strace() {
        return;
    }
    let top = folder();
    let bench = Bench::new(top.path());
    let deeds = if is_long() {
        &crate::trial::DEEDS[..]
    } else {
        &[Deed::Rekey, Deed::Issue, Deed::Prune]
    };
    for deed in deeds {
        let tree = &top.path().join("tree");
        let found = targets(&bench, *deed, tree, CHANGING, 1);
        assert!(found.len() > 10, "{deed:?} changes too little");
        each_fails(
            &bench,
            top.path(),
            *deed,
            &found,
            "EIO",
            "Input/output error",
        );
    }
    // A CA without the manifest that names it would bar the way.
    let found = targets(
        &bench,
        Deed::Init,
        &top.path().join("tree"),
        &["renameat"],
        1,
    );
    let (deed, words) = (Deed::Init, "Input/output error");
    each_fails(&bench, top.path(), deed, &found, "EIO", words);
    bench.tell("EIO while changing");
}

#[test]
fn each_look_may_fail() {
    if !strace() {
        return;
    }
    let top = folder();
    let bench = Bench::new(top.path());
    let each = if is_long() { 1 } else { 9 };
    for deed in [Deed::Hosts, Deed::Issue] {
        let tree = &top.path().join("tree");
        let found = targets(&bench, deed, tree, LOOKING, each);
        assert!(found.len() > 20, "{deed:?} looks at too little");
        each_fails(
            &bench,
            top.path(),
            deed,
            &found,
            "EIO",
            "Input/output error",
        );
    }
    bench.tell("EIO while looking");
}

#[test]
fn other_errors_are_told_too() {
    if !strace() {
        return;
    }
    let top = folder();
    let bench = Bench::new(top.path());
    let each = if is_long() { 1 } else { 8 };
    let tree = &top.path().join("tree");
    for (errno, words, calls) in [
        (
            "ENOSPC",
            "No space left on device",
            &["write", "fsync", "linkat", "renameat", "mkdirat"][..],
        ),
        (
            "EDQUOT",
            "Disk quota exceeded",
            &["write", "fsync", "mkdirat"],
        ),
        ("EMFILE", "Too many open files", &["openat", "openat2"]),
        (
            "ENFILE",
            "Too many open files in system",
            &["openat", "openat2"],
        ),
        (
            "EROFS",
            "Read-only file system",
            &["openat", "unlinkat", "renameat"],
        ),
    ] {
        let found = targets(&bench, Deed::Hosts, tree, calls, each);
        each_fails(&bench, top.path(), Deed::Hosts, &found, errno, words);
    }
    bench.tell("other errors");
}
