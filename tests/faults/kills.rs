//! SIGKILL at any moment of any command that changes a tree.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use crate::process::{Running, has, pki, pki_under, program, run, say};
use crate::random::Random;
use crate::scene::{EXTRA, edit, folder, make};
use crate::whole::{look, settled, survives};

/// How many processes are killed.
const KILLS: usize = 300;
/// Trees that are worked on at a time.
const LANES: usize = 2;

/// What is done to a tree, and killed.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Deed {
    Init,
    Hosts,
    Add,
    Prune,
    Renew,
    Rekey,
    Issue,
    RenewAuthority,
}

const DEEDS: [Deed; 8] = [
    Deed::Init,
    Deed::Hosts,
    Deed::Add,
    Deed::Prune,
    Deed::Renew,
    Deed::Rekey,
    Deed::Issue,
    Deed::RenewAuthority,
];

/// What came of the kills.
#[derive(Default)]
struct Tally {
    done: usize,
    hit: usize,
    journals: usize,
    half_records: usize,
    recoveries_killed: usize,
    /// The part of its own time after which a process was hit, in tenths.
    when: [usize; 10],
    by_deed: BTreeMap<Deed, (usize, usize)>,
}

#[test]
fn a_kill_at_any_moment_is_survived() {
    let mut random = Random::seeded("kills");
    let seeds: Vec<u64> = (0..LANES)
        .map(|_| u64::try_from(random.below(1 << 30)).unwrap())
        .collect();
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for seed in &seeds {
            let tally = &tally;
            scope.spawn(move || Lane::new(*seed).work(tally));
        }
    });
    let tally = tally.into_inner().unwrap();
    let recovering = tally.recoveries_killed;
    say(&format!(
        "kills: {} of {} hit a running process, {recovering} of them one that recovered; {} left a journal, {} a torn record; by tenths of its time: {:?}",
        tally.hit, tally.done, tally.journals, tally.half_records, tally.when
    ));
    for (deed, (hit, journals)) in &tally.by_deed {
        say(&format!("kills: {deed:?}: {hit} hit, {journals} journals"));
    }
    assert!(tally.hit * 3 > tally.done, "most came too late");
    assert!(tally.journals > 10, "too few in the middle of a delivery");
}

/// One tree that is worked on, killed and looked at, again and again.
struct Lane {
    top: tempfile::TempDir,
    tree: PathBuf,
    random: Random,
    /// How long a deed takes when nobody disturbs it.
    takes: BTreeMap<Deed, Duration>,
    /// Its calls by name; without strace none are known.
    calls: BTreeMap<Deed, Vec<(&'static str, usize)>>,
    count: usize,
    host: String,
    extra: bool,
}

impl Lane {
    fn new(seed: u64) -> Self {
        let top = folder();
        let tree = top.path().join("tree");
        make(&tree);
        let host = "web.example.com".to_owned();
        let mut lane = Self {
            top,
            tree,
            random: Random::new(seed),
            takes: BTreeMap::new(),
            calls: BTreeMap::new(),
            count: 0,
            host,
            extra: false,
        };
        for deed in DEEDS {
            let (tree, words) = lane.prepare(deed);
            lane.takes.insert(deed, run(&tree, &words).fine().took);
            if let Some(calls) = lane.calls(deed) {
                lane.calls.insert(deed, calls);
            }
        }
        lane
    }

    /// Counts the calls of a deed by which a tree is changed or looked at.
    fn calls(&mut self, deed: Deed) -> Option<Vec<(&'static str, usize)>> {
        if !has("strace") {
            return None;
        }
        if matches!(deed, Deed::Add | Deed::Prune) {
            // It was just done: once more from the other side.
            let other = if deed == Deed::Add {
                Deed::Prune
            } else {
                Deed::Add
            };
            let (tree, words) = self.prepare(other);
            run(&tree, &words).fine();
        }
        let (tree, words) = self.prepare(deed);
        let log = self.top.path().join("calls");
        let trace = format!("--trace={}", CALLS.join(","));
        let strace = ["strace", "-f", "-qqq", "-o", log.to_str().unwrap(), &trace];
        Running::start(pki_under(&strace, &program(), &tree, &words))
            .wait()
            .fine();
        let log = fs::read_to_string(log).unwrap();
        let count = |call: &&str| log.matches(&format!(" {call}(")).count();
        let counted = CALLS.iter().map(|call| (*call, count(call)));
        Some(counted.filter(|(_, count)| *count > 0).collect())
    }

    fn work(mut self, tally: &Mutex<Tally>) {
        loop {
            {
                let mut tally = tally.lock().unwrap();
                if tally.done >= KILLS {
                    return;
                }
                tally.done += 1;
            }
            // New services make the tree slow in the end.
            if self.count.is_multiple_of(30) {
                self.start_afresh();
            }
            let deed = match *self.random.one_of(&DEEDS) {
                Deed::Add if self.extra => Deed::Prune,
                Deed::Prune if !self.extra => Deed::Add,
                deed => deed,
            };
            self.round(deed, tally);
        }
    }

    fn start_afresh(&mut self) {
        fs::remove_dir_all(&self.tree).unwrap();
        self.extra = false;
        "web.example.com".clone_into(&mut self.host);
        make(&self.tree);
    }

    /// Edits the manifest where that is the deed; the tree it is done in, and
    /// the command.
    fn prepare(&mut self, deed: Deed) -> (PathBuf, Vec<String>) {
        self.count += 1;
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        let mut tree = self.tree.clone();
        let command = match deed {
            Deed::Init => {
                tree = self.top.path().join("new");
                let _ = fs::remove_dir_all(&tree);
                fs::create_dir(&tree).unwrap();
                "init".to_owned()
            }
            Deed::Hosts => {
                let new = format!("web-{}.example.com", self.count);
                self.replace(&self.host.clone(), &new);
                self.host = new;
                "apply".to_owned()
            }
            Deed::Add => {
                if !self.extra {
                    self.replace("[service.web]\n", &format!("{EXTRA}[service.web]\n"));
                    self.extra = true;
                }
                "apply".to_owned()
            }
            Deed::Prune => {
                if self.extra {
                    self.replace(EXTRA, "");
                    self.extra = false;
                }
                "apply --prune".to_owned()
            }
            Deed::Renew => "renew --force".to_owned(),
            Deed::Rekey => "renew --force --rekey".to_owned(),
            Deed::Issue => format!("issue server s{0} --san s{0}.example.com", self.count),
            Deed::RenewAuthority => "renew authority.services --force".to_owned(),
        };
        (tree, words(&command))
    }

    fn replace(&self, old: &str, new: &str) {
        let text = fs::read_to_string(self.tree.join("pki.toml")).unwrap();
        assert!(text.contains(old), "{old} is not in\n{text}");
        edit(&self.tree, &text.replace(old, new));
    }

    fn round(&mut self, deed: Deed, tally: &Mutex<Tally>) {
        let (tree, words) = self.prepare(deed);
        let before = look(&tree);
        let gone = if deed == Deed::Prune { "extra" } else { "" };
        let mut story = Vec::new();
        let mut left_journal = self.kill(&tree, &words, deed, &mut story, tally);
        let check = |story: &[String]| {
            survives(&before, &look(&tree), gone)
                .unwrap_or_else(|e| panic!("{e}; after {story:?}; {}", keep(&tree)));
        };
        check(&story);
        let mut next: Vec<String> = vec!["apply".into()];
        if !gone.is_empty() || self.random.below(2) == 0 {
            next.push("--prune".into());
        }
        // The command that recovers is killed as well, up to three times.
        while left_journal
            && tree.join("pki.toml").exists()
            && self.random.below(3) != 0
            && story.len() < 4
        {
            left_journal = self.kill(&tree, &next, deed, &mut story, tally);
            let mut tally = tally.lock().unwrap();
            tally.recoveries_killed += 1;
            tally.done += 1;
            drop(tally);
            check(&story);
        }
        self.recover(&tree, deed, next, &mut story);
        check(&story);
        settled(&tree).unwrap_or_else(|e| panic!("{e}; after {story:?}; {}", keep(&tree)));
    }

    /// The next command that changes goes on without help.
    fn recover(&mut self, tree: &Path, deed: Deed, next: Vec<String>, story: &mut Vec<String>) {
        let mut commands = vec![next];
        if deed == Deed::Init {
            // It goes on, or says that nothing is left to do.
            let has_journal = tree.join(".pki/journal").exists();
            let is_whole = !has_journal
                && tree.join("pki.toml").exists()
                && run(tree, &["plan", "--check"]).code() == 0;
            let ran = run(tree, &["init"]);
            story.push("init".into());
            let exists = is_whole && ran.code() == 2 && ran.stderr.contains("pki.toml` exists");
            assert!(ran.code() == 0 || exists, "{ran}; after {story:?}");
        } else if self.random.below(3) == 0 {
            commands.insert(0, vec!["renew".into(), "--force".into()]);
        }
        for command in commands {
            let ran = run(tree, &command);
            story.push(command.join(" "));
            assert!(ran.code() == 0, "{ran}; after {story:?}; {}", keep(tree));
        }
    }

    /// Starts a command and kills it at any moment; whether it left a journal.
    fn kill(
        &mut self,
        tree: &Path,
        words: &[String],
        deed: Deed,
        story: &mut Vec<String>,
        tally: &Mutex<Tally>,
    ) -> bool {
        let takes = self.takes[&deed];
        let calls = self.calls.get(&deed).filter(|_| self.random.below(3) == 0);
        let ran = if let Some(calls) = calls {
            let (call, count) = *self.random.one_of(calls);
            let nth = 1 + self.random.below(count);
            story.push(format!("{} killed in {call} {nth}", words.join(" ")));
            let inject = format!("--inject={call}:signal=KILL:when={nth}");
            let trace = format!("--trace={call}");
            let strace = ["strace", "-f", "-qqq", "-o", "/dev/null", &trace, &inject];
            Running::start(pki_under(&strace, &program(), tree, words)).wait()
        } else {
            let part = self.random.part();
            let after = takes.mul_f64(part);
            story.push(format!("{} killed after {after:?}", words.join(" ")));
            let mut running = Running::start(pki(tree, words));
            thread::sleep(after);
            if !running.is_over() {
                let mut tally = tally.lock().unwrap();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is below 10"
                )]
                let tenth = (part * 10.0) as usize;
                tally.when[tenth] += 1;
            }
            running.kill();
            running.wait()
        };
        let journal = tree.join(".pki/journal").exists();
        let record = fs::read(tree.join(".pki/issued.jsonl")).unwrap_or_default();
        let mut tally = tally.lock().unwrap();
        let of_deed = tally.by_deed.entry(deed).or_default();
        of_deed.0 += usize::from(ran.was_killed());
        of_deed.1 += usize::from(journal);
        tally.hit += usize::from(ran.was_killed());
        tally.journals += usize::from(journal);
        tally.half_records += usize::from(record.last().is_some_and(|o| *o != b'\n'));
        if !ran.was_killed() {
            // What ends by itself ends well.
            assert!(ran.code() == 0, "{ran}; after {story:?}; {}", keep(tree));
        }
        journal
    }
}

/// The calls by which a tree is changed, and the one by which it is read.
const CALLS: [&str; 9] = [
    "openat",
    "write",
    "fsync",
    "renameat",
    "linkat",
    "unlinkat",
    "fchmod",
    "mkdirat",
    "ftruncate",
];

/// Keeps a tree for whoever wants to see what went wrong.
fn keep(tree: &Path) -> String {
    let kept = std::env::temp_dir().join(format!("pki-faults-{}", std::process::id()));
    crate::scene::copy(tree, &kept);
    format!("the tree is kept in {}", kept.display())
}
