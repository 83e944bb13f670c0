//! The lock: one command at a time, the others are told who has it.

use std::fs::{self, File};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::process::{Ran, Running, has, is_root, pki, pki_under, program, run, say};
use crate::scene::{edit, folder, make, manifest};
use crate::whole::{is_committed, settled};

/// Takes the lock of a tree as another program would; dropped, it is free.
pub(crate) fn hold(tree: &Path) -> File {
    let path = tree.join(".pki/lock");
    let file = File::options().read(true).write(true).open(path).unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while file.try_lock().is_err() {
        assert!(Instant::now() < until, "somebody has the lock");
        thread::sleep(Duration::from_millis(5));
    }
    file
}

/// Whether somebody has it.
fn is_held(tree: &Path) -> bool {
    let file = File::open(tree.join(".pki/lock")).unwrap();
    file.try_lock_shared().is_err()
}

/// A command that has the lock, as the lock says.
fn holder(tree: &Path) -> Running {
    for _ in 0..50 {
        let mut running = Running::start(pki(tree, &["renew", "--force", "--rekey"]));
        let name = format!("process {}", running.id());
        while !running.is_over() {
            let text = fs::read_to_string(tree.join(".pki/lock")).unwrap();
            if text.contains(&name) {
                return running;
            }
            thread::sleep(Duration::from_micros(200));
        }
    }
    panic!("no renewal was seen with the lock");
}

/// The message of one that could not wait longer.
fn refused(ran: &Ran, pid: u32) {
    assert_eq!(ran.code(), 3, "{ran}");
    let (user, pid) = (user(), format!("process {pid}"));
    for word in ["pki renew", &pid, &user, " since 20", "hint: "] {
        assert!(ran.stderr.contains(word), "`{word}` is not in {ran}");
    }
}

fn user() -> String {
    let uid = rustix::process::geteuid().as_raw();
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut users = passwd
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>());
    let name = users.find(|user| user.get(2) == Some(&uid.to_string().as_str()));
    name.map_or_else(|| format!("user {uid}"), |user| format!("user {}", user[0]))
}

/// Commands that change, each without anything to wait for.
const CHANGING: [&[&str]; 3] = [
    &["renew", "--force", "--wait", "1"],
    &["renew", "web", "--force", "--rekey", "--wait", "1"],
    &[
        "issue",
        "server",
        "more",
        "--san",
        "more.example.com",
        "--wait",
        "1",
    ],
];

#[test]
fn one_that_is_stopped_is_named_and_one_that_is_killed_is_forgotten() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let mut stopped = holder(tree);
    stopped.signal(Signal::STOP);
    thread::sleep(Duration::from_millis(50));
    if stopped.is_over() {
        stopped = holder(tree);
        stopped.signal(Signal::STOP);
    }
    let pid = stopped.id();
    for command in CHANGING {
        let ran = run(tree, command);
        refused(&ran, pid);
        let goes_on =
            format!("hint: process {pid} is stopped (Ctrl-Z, SIGSTOP): `kill -CONT {pid}`");
        assert!(ran.stderr.contains(&goes_on), "{ran}");
        assert!(ran.took > Duration::from_secs(1), "{ran}");
        assert!(ran.took < Duration::from_secs(10), "{ran}");
    }
    // Who looks is told the same.
    let told = format!("found     under way and stopped: pki renew (process {pid}, ");
    let (verified, planned) = (run(tree, &["verify"]), run(tree, &["plan"]));
    assert!(verified.stdout.contains(&told), "{verified}");
    assert!(planned.stderr.contains(&told), "{planned}");
    say(&format!(
        "turns: {}",
        run(tree, CHANGING[0]).stderr.replace('\n', " | ")
    ));
    assert!(is_held(tree));
    stopped.kill();
    assert!(stopped.wait().was_killed());
    run(tree, &["renew", "--force", "--wait", "0"]).fine();
    settled(tree).unwrap();
}

#[test]
fn one_that_goes_on_lets_the_next_go_on() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let first = holder(tree);
    first.signal(Signal::STOP);
    let second = Running::start(pki(tree, &["renew", "--force", "--wait", "60"]));
    thread::sleep(Duration::from_millis(300));
    first.signal(Signal::CONT);
    let (first, second) = (first.wait(), second.wait());
    first.fine();
    second.fine();
    settled(tree).unwrap();
}

/// Also where the work began and ended while they looked.
#[test]
fn who_looks_during_a_delivery_is_told() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let quiet = run(tree, &["verify"]).fine();
    assert!(quiet.stdout.starts_with("clean: "), "{quiet}");
    let mut working = holder(tree);
    working.signal(Signal::STOP);
    working.signal(Signal::CONT);
    let verified = run(tree, &["verify"]);
    let told = format!("under way: pki renew (process {}, ", working.id());
    let told = [
        told.as_str(),
        "another command changed the tree while it was read",
    ];
    let is_told = told.iter().any(|words| verified.stdout.contains(words));
    assert!(is_told || working.is_over(), "{verified}");
    working.wait().fine();
    if !has("strace") {
        say("skipped: strace not found");
        return;
    }
    // It stops before it reads the last file; meanwhile all of another one happens.
    let last = "certs/web/server.key";
    let log = tree.with_extension("reads");
    let log = log.to_str().unwrap();
    let trace = "--trace=pread64,read";
    let seen = ["strace", "-f", "-qqq", "-y", "-o", log, trace];
    Running::start(pki_under(&seen, &program(), tree, &["verify"])).wait();
    let seen = fs::read_to_string(log).unwrap();
    // `when` is counted in each thread: it is that of the one that reads the file.
    let begun = seen.lines().filter(|line| !line.contains(" resumed>"));
    let begun: Vec<(&str, &str)> = begun.filter_map(|line| line.split_once(' ')).collect();
    let (reader, _) = begun.iter().find(|(_, call)| call.contains(last)).unwrap();
    let mut own = begun.iter().filter(|(thread, _)| thread == reader);
    let number = own.position(|(_, call)| call.contains(last)).unwrap();
    let inject = format!(
        "--inject=pread64,read:delay_enter=4000000:when={}",
        // Counted from 1: the read before, when this file is not open yet.
        number.max(1)
    );
    let strace = ["strace", "-f", "-qqq", "-o", "/dev/null", trace, &inject];
    let slow = Running::start(pki_under(&strace, &program(), tree, &["verify"]));
    thread::sleep(Duration::from_millis(1500));
    run(tree, &["renew", "--force", "--rekey"]).fine();
    assert!(tree.join(last).exists());
    let ran = slow.wait();
    assert!(ran.stdout.contains(told[1]), "{ran}");
    settled(tree).unwrap();
}

/// What was killed left each old file of a pair a second name.
#[test]
fn what_a_kill_left_is_no_second_name_of_a_key() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    for _ in 0..100 {
        let mut running = Running::start(pki(tree, &["renew", "--force", "--rekey"]));
        while !running.is_over() && !is_committed(tree) {
            thread::sleep(Duration::from_micros(200));
        }
        running.kill();
        running.wait();
        if tree.join("certs/web/..stage-..stage-server.key").exists() {
            let ran = run(tree, &["verify"]);
            assert!(ran.stdout.contains("interrupted-delivery"), "{ran}");
            assert!(!ran.stdout.contains("hard-link"), "{ran}");
            // Without its journal nobody knows them.
            fs::remove_file(tree.join(".pki/journal")).unwrap();
            let ran = run(tree, &["verify"]);
            assert!(!ran.stdout.contains("hard-link"), "{ran}");
            assert_eq!(ran.stdout.matches("staged-file").count(), 2, "{ran}");
            let staged = fs::read_dir(tree.join("certs/web")).unwrap();
            let names = staged.map(|entry| entry.unwrap().file_name());
            let staged = names.filter(|name| name.to_string_lossy().starts_with("..stage-"));
            // Some may have had their own names by then.
            let told = format!("found     {} files that no delivery needs", staged.count());
            assert!(ran.stdout.contains(&told), "{told}: {ran}");
            return;
        }
        run(tree, &["apply"]).fine();
    }
    panic!("no renewal was hit while it delivered");
}

#[test]
fn who_was_outrun_once_is_next() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let mut slow = None;
    for round in 0..8 {
        let held = hold(tree);
        let slow = slow.get_or_insert_with(|| {
            Running::start(pki(tree, &["renew", "--force", "--wait", "60"]))
        });
        // Long enough for it to plan, and to wait for us.
        thread::sleep(Duration::from_millis(300));
        edit(tree, &manifest(&format!("web-{round}.example.com"), ""));
        drop(held);
        // Its turn: it sees that the tree is another now.
        while !slow.is_over() && !is_held(tree) {
            thread::sleep(Duration::from_micros(200));
        }
        if slow.is_over() {
            break;
        }
    }
    let mut slow = slow.unwrap();
    assert!(slow.is_over(), "others were always faster");
    slow.wait().fine();
    run(tree, &["apply"]).fine();
    settled(tree).unwrap();
}

#[test]
fn a_wait_ends_in_time() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let held = hold(tree);
    let ran = run(tree, &["renew", "--force", "--wait", "2"]);
    drop(held);
    assert_eq!(ran.code(), 3, "{ran}");
    assert!(ran.took > Duration::from_secs(2), "{ran}");
    assert!(ran.took < Duration::from_secs(8), "{ran}");
}

#[test]
fn a_tree_of_another_user_says_so() {
    if !is_root() {
        say("skipped: only root becomes another user");
        return;
    }
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let program = top.path().join("pki");
    fs::copy(crate::process::program(), &program).unwrap();
    let command = pki_under(&[], &program, tree, &["renew", "--force"]);
    let ran = Running::start(crate::process::as_nobody(command)).wait();
    assert!(matches!(ran.code(), 1 | 3), "{ran}");
    assert!(
        ran.stderr.contains("ermission denied") || ran.stdout.contains("ermission denied"),
        "{ran}"
    );
    settled(tree).unwrap();
}
