//! Ctrl-C, SIGTERM and SIGHUP: a signal ends the program, never half of a pair.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::process::{Ran, Running, has, is_long, pki_under, program, run, say};
use crate::random::Random;
use crate::scene::{edit, folder, make, manifest};
use crate::turns::hold;
use crate::whole::{is_committed, look, pairs_match, settled};

const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::HUP];
const REKEY: [&str; 3] = ["renew", "--force", "--rekey"];

/// What started this may have it ignore signals, as a shell does in the background.
const HEARING: [&str; 2] = ["env", "--default-signal=INT,TERM,HUP"];

/// A call of `pki` that hears signals.
fn hearing(tree: &Path, words: &[&str]) -> Command {
    pki_under(&HEARING, &program(), tree, words)
}

/// How a command that got a signal may end: by it, having said one thing, or
/// before it came.
#[track_caller]
fn judge(ran: &Ran, signal: Signal) -> bool {
    if ran.code() == 0 {
        return false;
    }
    assert_eq!(ran.status.signal(), Some(signal.as_raw()), "{ran}");
    true
}

/// Waits for the moment when names are about to be changed; false where it passed.
fn reaches_the_renaming(running: &mut Running, tree: &Path) -> bool {
    while !running.is_over() {
        if is_committed(tree) {
            return true;
        }
        thread::sleep(Duration::from_micros(200));
    }
    false
}

#[test]
fn a_signal_never_leaves_half_of_a_pair() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let mut random = Random::seeded("signals");
    let takes = run(tree, &REKEY).fine().took;
    let (mut hit, mut held) = (0, 0);
    let rounds = if is_long() { 400 } else { 80 };
    for round in 0..rounds {
        let signal = *random.one_of(&SIGNALS);
        let mut running = Running::start(hearing(tree, &REKEY));
        let in_time = if round % 2 == 0 {
            thread::sleep(takes.mul_f64(random.part()));
            false
        } else {
            let reached = reaches_the_renaming(&mut running, tree);
            thread::sleep(Duration::from_millis(random.below(100) as u64));
            reached && !running.is_over()
        };
        running.signal(signal);
        let ran = running.wait();
        pairs_match(&look(tree)).unwrap_or_else(|e| panic!("{e}: {ran}"));
        assert!(!is_committed(tree), "it was not finished: {ran}");
        if judge(&ran, signal) {
            hit += 1;
            let said = ran
                .stderr
                .lines()
                .filter(|l| l.starts_with("interrupted: "));
            // Before anybody listens nobody can say it.
            assert!(said.count() == 1 || ran.stderr.is_empty(), "{ran}");
            // Where it came in the middle of a delivery, what was done is told first.
            held += usize::from(ran.stderr.contains("rekeyed "));
        } else {
            assert!(!in_time || !is_committed(tree), "{ran}");
        }
    }
    say(&format!(
        "signals: {hit} of {rounds} hit, {held} of them in a delivery, finished"
    ));
    assert!(held > rounds / 5 && hit > held, "{hit} hit, {held} held");
    run(tree, &["apply"]).fine();
    settled(tree).unwrap();
}

#[test]
fn a_second_signal_ends_at_once() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    for again in 0..20 {
        let mut running = Running::start(hearing(tree, &REKEY));
        if !reaches_the_renaming(&mut running, tree) {
            continue;
        }
        running.signal(Signal::INT);
        thread::sleep(Duration::from_millis(10));
        // A terminal that goes away says so twice: that is no second one.
        running.signal(Signal::HUP);
        thread::sleep(Duration::from_millis(5));
        assert!(!running.is_over() || again > 0, "a hangup ended it");
        running.signal(Signal::TERM);
        let ran = running.wait();
        if ran.status.signal() == Some(Signal::TERM.as_raw()) {
            assert!(is_committed(tree), "{ran}");
            assert!(
                ran.stderr.contains(
                    "interrupted: it was on its way; `pki renew --force --rekey` goes on\n"
                ),
                "{ran}"
            );
            run(tree, &["apply"]).fine();
            settled(tree).unwrap();
            return;
        }
    }
    panic!("every delivery was over before the second signal");
}

/// Two batches: the first is finished, the second not begun, and both are told.
#[test]
fn between_two_batches_it_stops() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let service =
        |i| format!("[service.s{i}]\nrole = \"server\"\nhosts = [\"s{i}.example.com\"]\n");
    let services: Vec<String> = (0..140).map(service).collect();
    edit(tree, &manifest("web.example.com", &services.concat()));
    run(tree, &["apply"]).fine();
    let mut running = Running::start(hearing(tree, &REKEY));
    assert!(
        reaches_the_renaming(&mut running, tree),
        "no delivery was seen"
    );
    running.signal(Signal::TERM);
    let ran = running.wait();
    assert!(judge(&ran, Signal::TERM), "{ran}");
    assert!(ran.stderr.starts_with("error: 25"), "{ran}");
    for words in [
        " files are in place\n",
        "\ncaused by: interrupted\n",
        "\nhint: `pki renew s",
        " --force --rekey",
        "` goes on with what is missing\n",
    ] {
        assert!(ran.stderr.contains(words), "{ran}");
    }
    pairs_match(&look(tree)).unwrap();
    assert!(!tree.join(".pki/journal").exists());
    settled(tree).unwrap();
}

#[test]
fn who_waits_or_looks_is_told_that_nothing_was_changed() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let before = look(tree);
    let held = hold(tree);
    for signal in SIGNALS {
        let running = Running::start(hearing(tree, &["renew", "--force", "--wait", "60"]));
        thread::sleep(Duration::from_millis(300));
        running.signal(signal);
        let ran = running.wait();
        assert!(judge(&ran, signal), "{ran}");
        assert_eq!(ran.stderr, "interrupted: nothing was changed\n");
        assert!(ran.took < Duration::from_secs(5), "{ran}");
    }
    drop(held);
    assert_eq!(look(tree), before);
}

#[test]
fn what_the_caller_ignores_stays_ignored() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let mut words = Command::new("sh");
    words.args(["-c", "trap '' INT HUP; exec \"$@\"", "sh"]);
    words.arg(program()).arg("-C").arg(tree);
    words.args(["renew", "--force", "--wait", "60"]);
    let held = hold(tree);
    let running = Running::start(words);
    thread::sleep(Duration::from_millis(300));
    running.signal(Signal::INT);
    running.signal(Signal::HUP);
    thread::sleep(Duration::from_millis(100));
    drop(held);
    running.wait().fine();
}

/// Ctrl-C at the question for a passphrase.
#[test]
fn a_terminal_shows_again_what_is_typed() {
    if !has("setsid") {
        say("skipped: setsid not found");
        return;
    }
    let top = folder();
    let tree = &top.path().join("tree");
    fs::create_dir(tree).unwrap();
    edit(
        tree,
        "version = 1\n[authority.root]\nsubject = \"CN=Root\"\nencrypted = true\n",
    );
    for typed in [true, false] {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        let slave = rustix::fs::open(name.as_c_str(), flags, Mode::empty()).unwrap();
        let stream = || Stdio::from(slave.try_clone().unwrap());
        let before = tcgetattr(&slave).unwrap().local_modes;
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).args(HEARING);
        command.arg(program()).arg("-C").arg(tree).arg("apply");
        let child = command.stdin(stream()).stdout(stream()).stderr(stream());
        let mut child = child.spawn().unwrap();
        drop(command);
        let until = Instant::now() + Duration::from_secs(30);
        let is_hidden = || {
            !tcgetattr(&slave)
                .unwrap()
                .local_modes
                .contains(LocalModes::ECHO)
        };
        while !is_hidden() {
            assert!(Instant::now() < until, "it did not ask");
            thread::sleep(Duration::from_millis(5));
        }
        let mut terminal = File::from(master);
        if typed {
            terminal.write_all(&[3]).unwrap();
        } else {
            let pids = fs::read_to_string(format!("/proc/{0}/task/{0}/children", child.id()));
            let pids = pids.unwrap_or_default();
            let pid = pids
                .split_whitespace()
                .next()
                .map_or(child.id(), |pid| pid.parse().unwrap());
            let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
            rustix::process::kill_process(pid, Signal::TERM).unwrap();
        }
        let status = child.wait().unwrap();
        assert!(!status.success());
        assert_eq!(tcgetattr(&slave).unwrap().local_modes, before);
        drop(slave);
        let mut said = Vec::new();
        // It ends with an error once nobody has the other side.
        let _ = terminal.read_to_end(&mut said);
        let said = String::from_utf8(said).unwrap();
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines.len() == 2, "{said}");
        assert!(
            lines[1].ends_with("interrupted: nothing was changed"),
            "{said}"
        );
    }
}
