//! Root works in folders of another user, who swaps everything in them at the
//! same time: nothing outside of the tree changes, nothing of it gets in, and
//! the tree is whole once that user stops.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::fs::{CWD, FileType, Mode, RenameFlags};

use super::*;
use crate::clock::{Stopwatch, sleep};
use crate::store::{Effects, FsOp, Machine, OpenFile, Resolver, effective_uid};

/// Who owns the services' folders.
const OTHER: u32 = 65533;
/// In every file that is none of his.
const SECRET: &str = "CANARY";
/// What he may not use against us for longer than this.
const BOUND: Duration = Duration::from_secs(20);

/// Services in folders of his: one below a folder that is his as well, one with
/// a folder for its trust file, one that only dials.
fn manifest(more: &str) -> String {
    format!(
        "version = 1\n[authority.ca]\n\
         [service.one]\nrole = \"minio\"\ndirectory = \"farm/one\"\nhosts = [\"one\"]\nconnects = [\"two\"]\n\
         owner = \"{OTHER}\"\ngroup = \"{OTHER}\"\n\
         [service.two]\nrole = \"minio\"\nhosts = [\"two\"]\nconnects = [\"one\"]\nowner = \"{OTHER}\"\n\
         {more}"
    )
}

const CLIENT: &str = "[service.two.to.one]\nclient = \"own\"\n";

const FOLDERS: [&str; 3] = ["farm/one", "certs/two", "certs/two/CAs"];
const NAMES: [&str; 9] = [
    "private.key",
    "public.crt",
    "own.crt",
    "own.key",
    "ca.crt",
    "..stage-private.key",
    "..stage-public.crt",
    "..stage-..stage-private.key",
    "..stage-..stage-public.crt",
];

/// A file: place, content, mode, owner, group, when it was changed.
type Whole = (PathBuf, Vec<u8>, u32, u32, u32, i64, i64);

/// A folder that only root may use, with a file for every name, and links and
/// devices of it that stand ready in the folders of the other user.
struct Canary {
    dir: TempDir,
    before: Vec<Whole>,
    watch: OwnedFd,
}

/// A process that another test starts at this moment has our lock until its exec.
const A_FORK: Duration = Duration::from_secs(5);

impl Canary {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let watch = inotify::init(CreateFlags::NONBLOCK).unwrap();
        let below = dir.path().join("below");
        fs::create_dir_all(below.join("CAs")).unwrap();
        for folder in [dir.path(), &below, &below.join("CAs")] {
            for name in NAMES {
                let path = folder.join(name);
                let text = match name {
                    // One that could be taken for the service's own, in a form
                    // that is written anew.
                    "private.key" => format!("{}\n{SECRET}\n", key_text()),
                    _ => format!("{SECRET} {name}\n"),
                };
                fs::write(&path, text).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
                inotify::add_watch(&watch, &path, WatchFlags::CLOSE_WRITE | WatchFlags::MODIFY)
                    .unwrap();
            }
            let names = WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::MOVE;
            inotify::add_watch(&watch, folder, names).unwrap();
        }
        let before = Self::seen(dir.path());
        Self { dir, before, watch }
    }

    fn seen(dir: &Path) -> Vec<Whole> {
        let mut seen = Vec::new();
        walk(dir, &mut |path| {
            let meta = fs::symlink_metadata(path).unwrap();
            let content = if meta.is_file() {
                fs::read(path).unwrap()
            } else {
                Vec::new()
            };
            let (mode, time) = (meta.mode(), (meta.mtime(), meta.mtime_nsec()));
            let path = path.to_owned();
            seen.push((path, content, mode, meta.uid(), meta.gid(), time.0, time.1));
        });
        seen.sort();
        seen
    }

    /// Whole, and never opened for writing.
    fn assert_untouched(&self) {
        let now = Self::seen(self.dir.path());
        for (now, before) in now.iter().zip(&self.before) {
            assert!(now == before, "{now:?} was {before:?}");
        }
        assert_eq!(now.len(), self.before.len());
        let mut room = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.watch, &mut room);
        if let Ok(event) = events.next() {
            panic!("{:?} of {:?}", event.events(), event.file_name());
        }
    }

    /// Nothing of it in what the other user can read.
    fn assert_secret(&self, tree: &Tree) {
        let own: BTreeSet<u64> = self.inodes();
        for folder in ["farm", "certs"] {
            look_through(&tree.path(folder), &own);
        }
    }

    fn inodes(&self) -> BTreeSet<u64> {
        let mut inodes = BTreeSet::new();
        walk(self.dir.path(), &mut |path| {
            inodes.insert(fs::metadata(path).unwrap().ino());
        });
        inodes
    }
}

fn key_text() -> String {
    static KEY: LazyLock<String> = LazyLock::new(|| {
        let key = KeySource::generate(&SystemKeys, KeyAlgorithm::EcdsaP256).unwrap();
        String::from_utf8(key.to_pem().expose().to_vec()).unwrap()
    });
    KEY.clone()
}

/// Every file that is no other name of a canary; all may be gone at any moment.
fn look_through(folder: &Path, own: &BTreeSet<u64>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(meta) = fs::symlink_metadata(&path) else {
            continue;
        };
        if meta.is_dir() {
            look_through(&path, own);
        }
        if !meta.is_file() || own.contains(&meta.ino()) || meta.len() > 1 << 20 {
            continue;
        }
        let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::NOFOLLOW;
        let flags = flags | rustix::fs::OFlags::NONBLOCK;
        let Ok(fd) = rustix::fs::open(&path, flags, Mode::empty()) else {
            continue;
        };
        let stat = rustix::fs::fstat(&fd).unwrap();
        if own.contains(&stat.st_ino)
            || FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile
        {
            continue;
        }
        let mut text = Vec::new();
        io::Read::read_to_end(&mut fs::File::from(fd), &mut text).unwrap();
        let text = String::from_utf8_lossy(&text);
        let key = key_text();
        let body = key.lines().nth(1).unwrap_or_default();
        assert!(
            !text.contains(SECRET) && !text.contains(body),
            "{}: {text}",
            path.display()
        );
    }
}

/// What he does until the tree says stop. The first of his processes swaps
/// anything, the second folders, the third what is staged.
#[test]
#[ignore = "run as another user by root_works_where_another_user_swaps_everything"]
fn attack() {
    let place = |name| std::env::var_os(name).map(PathBuf::from).unwrap();
    let (tree, canary) = (place("HOSTILE_TREE"), place("HOSTILE_CANARY"));
    let seed = std::env::var("HOSTILE_SEED").unwrap();
    let mut random: u64 = seed.parse().unwrap();
    let mut pick = |n: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005);
        random = random.wrapping_add(1);
        usize::try_from(random >> 33).unwrap() % n
    };
    let trap = tree.join(format!("farm/.trap{seed}"));
    let swap = |a: &Path, b: &Path| {
        rustix::fs::renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).is_ok()
    };
    let clock = Stopwatch::start();
    while !tree.join("stop").exists() && clock.elapsed().as_secs() < 120 {
        let (folders, kinds, names) = match seed.as_str() {
            "1" => (0..3, 0..12, 0..NAMES.len()),
            "2" => (0..1, 0..1, 0..1),
            _ => (0..2, 8..11, 5..NAMES.len()),
        };
        let folder = tree.join(FOLDERS[folders.start + pick(folders.len())]);
        let name = NAMES[names.start + pick(names.len())];
        let target = folder.join(name);
        let kind = kinds.start + pick(kinds.len());
        let at = if kind < 2 { &folder } else { &target };
        // Those that root left ready: names of canaries, and devices.
        let ready = tree
            .join("farm/.ready")
            .join(pick(NAMES.len() + 2).to_string());
        let from = if kind >= 9 { &ready } else { &trap };
        let _ = fs::remove_file(&trap).or_else(|_| fs::remove_dir(&trap));
        let _ = match kind {
            0 => symlink(&canary, &trap),
            1 => symlink(canary.join("below"), &trap),
            2 => symlink("/dev/zero", &trap),
            3 => rustix::fs::mkfifoat(CWD, &trap, Mode::RUSR | Mode::WUSR).map_err(Into::into),
            4 => fs::write(&trap, "junk"),
            5 => fs::create_dir(&trap),
            6 => fs::File::create(&trap).and_then(|f| f.set_len(20 << 20)),
            // A second name of what is there, which stays.
            7 => fs::hard_link(&target, &trap),
            8 => symlink(canary.join(name), &trap),
            11 => fs::set_permissions(&target, fs::Permissions::from_mode(0o666)),
            _ => Ok(()),
        };
        for _ in 0..[1, 1, 20][pick(3)] {
            let swapped = swap(from, at);
            let moved = !swapped
                && kind >= 2
                && rustix::fs::renameat_with(CWD, from, CWD, at, RenameFlags::NOREPLACE).is_ok();
            // Sometimes at once, sometimes when something was done meanwhile.
            sleep(Duration::from_micros([0, 0, 20, 200, 2_000][pick(5)]));
            if swapped {
                swap(from, at);
            } else if moved {
                let _ = fs::rename(at, from);
            }
            sleep(Duration::from_micros([0, 50, 500][pick(3)]));
        }
        sleep(Duration::from_millis([0, 1, 10, 40][pick(4)]));
    }
}

/// He stops, and takes his traps away. Which of his processes left which does
/// not matter.
fn take_traps_away(tree: &Tree) {
    let remove = |path: &Path| fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
    for folder in FOLDERS.map(|folder| tree.path(folder)) {
        if fs::symlink_metadata(&folder).is_ok_and(|meta| !meta.is_dir()) {
            remove(&folder).unwrap();
        }
        for path in NAMES.map(|name| folder.join(name)) {
            let odd = |meta: &fs::Metadata| !meta.is_file() || meta.nlink() > 1;
            if fs::symlink_metadata(&path).is_ok_and(|meta| odd(&meta)) {
                remove(&path).unwrap();
            }
        }
    }
    for name in [".ready", ".trap1", ".trap2", ".trap3"] {
        let _ = remove(&tree.path("farm").join(name));
    }
}

/// A process of his, which ends with the test, however that ends.
struct Attacker(Child);

impl Drop for Attacker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts him; `None`: this machine does not let us.
fn attacker(tree: &Tree, canary: &Canary, seed: &str) -> Option<Attacker> {
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--ignored",
            "--quiet",
            "apply::tests::hostile::attack",
        ])
        .env("HOSTILE_TREE", tree.dir.path())
        .env("HOSTILE_CANARY", canary.dir.path())
        .env("HOSTILE_SEED", seed)
        .current_dir("/")
        .uid(OTHER)
        .gid(OTHER)
        .stdout(std::process::Stdio::null())
        .spawn();
    child.ok().map(Attacker)
}

/// A process that is killed at one effect.
struct Killed {
    left: AtomicUsize,
}

impl Effects for Killed {
    fn perform(&self, op: FsOp<'_>) -> io::Result<Option<OpenFile>> {
        let left = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        // Between what was seen and what is done he has his time.
        sleep(Duration::from_micros(200));
        match op {
            _ if left.is_err() => Err(io::ErrorKind::Interrupted.into()),
            FsOp::SyncFile { .. } | FsOp::SyncFolder { .. } | FsOp::Pause { .. } => Ok(None),
            op => Machine.perform(op),
        }
    }
}

impl Tree {
    fn store_that_dies(&self, after: usize, resolver: Resolver) -> Store {
        let left = AtomicUsize::new(after);
        Store::open_with(self.dir.path(), Arc::new(Killed { left }), resolver).unwrap()
    }

    fn for_other(resolver: Resolver) -> Self {
        let mut tree = Self::new(&manifest(""));
        // Not where the machine lets nobody make devices.
        tree.dir = tempfile::tempdir().unwrap();
        fs::set_permissions(tree.dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        tree.store = tree.store_that_dies(usize::MAX, resolver);
        tree.apply_as(&tree.as_root()).unwrap();
        for folder in ["farm", "farm/one", "certs/two", "certs/two/CAs"] {
            chown(tree.path(folder), Some(OTHER), Some(OTHER)).unwrap();
        }
        tree
    }

    fn as_root(&self) -> Options<'static> {
        Options {
            owners: Owners::Set,
            ..self.options()
        }
    }

    /// Second names of canaries, and devices: what only root can make.
    fn make_ready(&self, canary: &Canary) {
        let ready = self.path("farm/.ready");
        fs::create_dir(&ready).unwrap();
        for (i, name) in NAMES.iter().enumerate() {
            let link = fs::hard_link(canary.dir.path().join(name), ready.join(i.to_string()));
            if link.is_err() {
                return;
            }
        }
        for (i, minor) in [(NAMES.len(), 5), (NAMES.len() + 1, 7)] {
            // /dev/zero and /dev/full.
            let device = rustix::fs::makedev(1, minor);
            let path = ready.join(i.to_string());
            let _ = rustix::fs::mknodat(CWD, path, FileType::CharacterDevice, Mode::RWXU, device);
        }
        chown(&ready, Some(OTHER), Some(OTHER)).unwrap();
    }

    /// One thing that root does; by turns.
    fn work(&self, turn: usize, resolver: Resolver) -> Result<()> {
        let all = self.as_root();
        let due = Options {
            scope: Scope::Due(&[]),
            force: true,
            ..all
        };
        let more = stack(&manifest(CLIENT));
        let with = |stack: &Stack, store: &Store, options: &Options<'_>| {
            let found = look(store, stack)?;
            let plan = plan::plan(stack, &found.inventory, &found.state.delivered, options);
            apply(store, stack, &plan, options, self.tools()).map(|_| ())
        };
        match turn % 7 {
            0 => with(&self.stack, &self.store, &all),
            1 => with(&self.stack, &self.store, &Options { rekey: true, ..due }),
            2 => with(&more, &self.store, &all),
            3 => with(&self.stack, &self.store, &Options { prune: true, ..all }),
            4 | 5 => {
                let dying = self.store_that_dies(turn * 7 % 60, resolver);
                let _ = with(&self.stack, &dying, &Options { rekey: true, ..due });
                let again = self.store.lock(&Holder::me("test", self.now), A_FORK);
                again.map(|_| ()).map_err(Error::from)
            }
            _ => {
                let found = look(&self.store, &self.stack)?;
                let around = around(&self.store, &self.stack, &found);
                let _ = verify(&self.stack, &found.inventory, &around, self.now);
                Ok(())
            }
        }
    }

    fn tools(&self) -> Tools<'static> {
        Tools {
            keys: &SystemKeys,
            serials: Box::leak(Box::new(RandomSerials::default())),
            passphrase: &no_passphrase,
            progress: &|_, _, _| (),
            threads: 1,
            holder: Holder::me("test", self.now),
            wait: A_FORK,
            basis: &[],
            also: Vec::new(),
        }
    }
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "says what is skipped, and what was met"
)]
fn root_works_where_another_user_swaps_everything() {
    if effective_uid() != 0 {
        println!("skipped: only root works in folders of others");
        return;
    }
    for resolver in [Resolver::Kernel, Resolver::Components] {
        let (tree, canary) = (Tree::for_other(resolver), Canary::new());
        tree.make_ready(&canary);
        let before = Canary::seen(canary.dir.path());
        let canary = Canary { before, ..canary };
        let all = ["1", "2", "3"].map(|seed| attacker(&tree, &canary, seed));
        let Some(mut all) = all.into_iter().collect::<Option<Vec<_>>>() else {
            println!("skipped: the test program cannot be run as another user");
            return;
        };
        let clock = Stopwatch::start();
        let (mut turns, mut done) = (0, 0);
        let mut met: BTreeSet<String> = BTreeSet::new();
        while clock.elapsed() < Duration::from_secs(5) {
            let begun = Stopwatch::start();
            match tree.work(turns, resolver) {
                Ok(()) => done += 1,
                Err(error) => {
                    let said = told(&error).replace(&tree.dir.path().display().to_string(), "");
                    assert!(
                        said.contains('`') || is_outdated(&error),
                        "it does not say where: {said}"
                    );
                    met.insert(said);
                }
            }
            assert!(begun.elapsed() < BOUND, "turn {turns}");
            canary.assert_secret(&tree);
            turns += 1;
        }
        for process in &mut all {
            let ended = process.0.try_wait().unwrap();
            assert!(ended.is_none(), "he ended early: this shows nothing");
        }
        canary.assert_untouched();
        fs::write(tree.path("stop"), "").unwrap();
        for process in &mut all {
            assert!(process.0.wait().unwrap().success());
        }
        println!(
            "{resolver:?}: {done} of {turns} done; {} ways to fail",
            met.len()
        );
        for said in met.iter().take(40) {
            println!("  {said}");
        }
        assert!(done > 0 && !met.is_empty(), "they did not meet");
        tree.remove("stop");
        take_traps_away(&tree);
        drop(
            tree.store
                .lock(&Holder::me("test", tree.now), Duration::ZERO)
                .unwrap(),
        );
        let prune = Options {
            prune: true,
            ..tree.as_root()
        };
        tree.apply_as(&prune).unwrap();
        let report = tree.verdict().report;
        // The folders are his: that is told, and nothing else.
        let other = report
            .findings()
            .iter()
            .filter(|f| f.rule != "folder-writable");
        let other: Vec<_> = other.filter(|f| f.severity > Severity::Info).collect();
        assert!(other.is_empty(), "{other:#?}");
        canary.assert_secret(&tree);
        canary.assert_untouched();
    }
}

/// Another name of somebody's key in the place of a service's: certified as it
/// stands, but never written anew for the service to read.
#[test]
#[expect(clippy::print_stdout, reason = "says what is skipped")]
fn a_key_of_two_names_is_given_to_nobody() {
    if effective_uid() != 0 {
        println!("skipped: only root gives files away");
        return;
    }
    let (tree, canary) = (Tree::for_other(Resolver::Kernel), Canary::new());
    tree.remove("farm/one/private.key");
    tree.remove("farm/one/public.crt");
    let key = canary.dir.path().join("private.key");
    if fs::hard_link(key, tree.path("farm/one/private.key")).is_err() {
        println!("skipped: no hard links here");
        return;
    }
    for _ in 0..3 {
        if let Err(error) = tree.apply_as(&tree.as_root()) {
            let said = told(&error);
            assert!(said.contains("2 names") && said.contains("cp -p"), "{said}");
        }
        canary.assert_secret(&tree);
    }
}
