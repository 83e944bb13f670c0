//! File systems that are full, read-only, or out of inodes or quota.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::process::{NOBODY, Running, as_nobody, has, is_root, pki, pki_under, program, run, say};
use crate::readers::interrupt;
use crate::scene::{files, folder, make};
use crate::trial::{Bench, DEEDS, Deed, some_of};
use crate::whole::settled;

const PAGE: u64 = 4096;
const FULL: &str = "No space left on device";

/// A file system in memory; unmounted when dropped.
struct Mount {
    at: PathBuf,
    _top: TempDir,
}

impl Mount {
    /// `None`, and a line that says so, where it cannot be mounted.
    fn new(options: &str) -> Option<Self> {
        if !is_root() || !has("mount") {
            say("skipped: only root mounts file systems");
            return None;
        }
        let top = folder();
        let at = top.path().join("disk");
        fs::create_dir(&at).unwrap();
        let mut command = Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(&at);
        let ran = Running::start(command).wait();
        if ran.code() != 0 {
            say(&format!(
                "skipped: no tmpfs with {options} can be mounted here"
            ));
            return None;
        }
        Some(Self { at, _top: top })
    }

    fn remount(&self, options: &str) {
        let mut command = Command::new("mount");
        command
            .args(["-o", &format!("remount,{options}")])
            .arg(&self.at);
        Running::start(command).wait().fine();
    }

    fn tree(&self) -> PathBuf {
        self.at.join("tree")
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let mut command = Command::new("umount");
        command.arg("-l").arg(&self.at);
        Running::start(command).wait();
    }
}

/// Fills a disk to `pages` free ones; dropped, they are free again.
struct Filler(PathBuf);

impl Filler {
    fn new(disk: &Path, pages: u64) -> Self {
        let path = disk.join("filler");
        let mut file = File::create(&path).unwrap();
        let page = vec![1; usize::try_from(PAGE).unwrap()];
        while file.write_all(&page).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length - (pages * PAGE).min(length)).unwrap();
        Self(path)
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let Some(mount) = Mount::new("size=1m") else {
        return;
    };
    let top = folder();
    let bench = Bench::new(top.path());
    let tree = &mount.tree();
    for deed in some_of(&DEEDS, &[Deed::Init, Deed::Rekey, Deed::Issue]) {
        let mut failed = 0;
        for pages in 0.. {
            assert!(pages < 100, "{deed:?} never succeeds");
            let before = bench.prepare(deed, tree);
            let filler = Filler::new(&mount.at, pages);
            let ran = bench.fails(&before, deed, tree, pki(tree, &deed.words()), &[FULL]);
            drop(filler);
            deed.heals(tree, &ran);
            if ran.code() == 0 {
                break;
            }
            failed += 1;
        }
        say(&format!("full disk: {deed:?} needs {failed} pages"));
        assert!(failed > 0, "{deed:?}: the disk was not full");
    }
    bench.tell("full disk");
}

#[test]
fn a_full_disk_is_no_bar_to_what_was_interrupted() {
    let Some(mount) = Mount::new("size=1m") else {
        return;
    };
    let tree = &mount.tree();
    make(tree);
    for _ in 0..5 {
        interrupt(tree);
        let filler = Filler::new(&mount.at, 0);
        run(tree, &["apply"]).fine();
        assert!(!tree.join(".pki/journal").exists());
        drop(filler);
        settled(tree).unwrap();
    }
}

#[test]
fn a_disk_without_inodes_is_told_and_nothing_is_lost() {
    let Some(mount) = Mount::new("size=4m,nr_inodes=200") else {
        return;
    };
    let top = folder();
    let bench = Bench::new(top.path());
    let tree = &mount.tree();
    for deed in some_of(&DEEDS, &[Deed::Prune, Deed::Rekey]) {
        let mut failed = 0;
        for free in 0.. {
            assert!(free < 100, "{deed:?} never succeeds");
            let before = bench.prepare(deed, tree);
            let others = mount.at.join("others");
            fs::create_dir(&others).unwrap();
            let many = (0..).take_while(|i| File::create(others.join(i.to_string())).is_ok());
            let many = many.count();
            for i in 0..free.min(many) {
                fs::remove_file(others.join(i.to_string())).unwrap();
            }
            let ran = bench.fails(&before, deed, tree, pki(tree, &deed.words()), &[FULL]);
            fs::remove_dir_all(others).unwrap();
            deed.heals(tree, &ran);
            if ran.code() == 0 {
                break;
            }
            failed += 1;
        }
        say(&format!("inodes: {deed:?} needs {failed}"));
        assert!(failed > 0, "{deed:?}: there were inodes");
    }
    bench.tell("inodes");
}

#[test]
fn a_quota_is_told_and_nothing_is_lost() {
    let Some(mount) = Mount::new("size=4m,usrquota,usrquota_block_hardlimit=256k") else {
        return;
    };
    let top = folder();
    let bench = Bench::new(top.path());
    let (tree, bin) = (&mount.tree(), &everybodys(&top));
    chown(&mount.at, Some(NOBODY), Some(NOBODY)).unwrap();
    for deed in [Deed::Hosts, Deed::Rekey, Deed::Issue] {
        for pages in 0.. {
            assert!(pages < 100, "{deed:?} never succeeds");
            bench.prepare(deed, tree);
            own(tree);
            let before = crate::whole::look(tree);
            let fill = mount.at.join("filler");
            let script = format!(
                "dd if=/dev/zero of={0} bs=4k 2>/dev/null; truncate -s -{1} {0}",
                fill.display(),
                pages * PAGE
            );
            let mut filler = Command::new("sh");
            filler.args(["-c", &script]);
            Running::start(as_nobody(filler)).wait();
            let command = as_nobody(pki_under(&[], bin, tree, &deed.words()));
            let ran = bench.fails(&before, deed, tree, command, &["quota exceeded"]);
            fs::remove_file(fill).unwrap();
            deed.heals(tree, &ran);
            if ran.code() == 0 {
                break;
            }
        }
    }
    bench.tell("quota");
}

/// The program where every user may run it.
fn everybodys(top: &TempDir) -> PathBuf {
    let bin = top.path().join("pki");
    fs::copy(program(), &bin).unwrap();
    bin
}

/// Gives a tree away to nobody.
fn own(tree: &Path) {
    let give = |path: &Path| chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    for file in files(tree) {
        give(&file);
        for above in file.ancestors().skip(1).take_while(|a| a.starts_with(tree)) {
            give(above);
        }
    }
    give(tree);
}

#[test]
fn a_disk_that_is_mounted_read_only_is_told() {
    let Some(mount) = Mount::new("size=4m") else {
        return;
    };
    let top = folder();
    let bench = Bench::new(top.path());
    let tree = &mount.tree();
    for deed in DEEDS {
        let before = bench.prepare(deed, tree);
        mount.remount("ro");
        let command = pki(tree, &deed.words());
        let ran = bench.fails(&before, deed, tree, command, &["Read-only file system"]);
        assert_eq!(ran.code(), 3, "{ran}");
        assert!(crate::whole::look(tree) == before);
        for looking in crate::readers::LOOKING {
            let ran = Running::start(pki(tree, looking)).wait();
            assert!(deed == Deed::Init || ran.code() < 2, "{ran}");
        }
        mount.remount("rw");
        deed.heals(tree, &ran);
    }
    bench.tell("read-only disk");
}

#[test]
fn a_folder_that_may_not_be_written_is_told() {
    if !is_root() {
        say("skipped: only root becomes another user");
        return;
    }
    let top = folder();
    let bench = Bench::new(top.path());
    let (tree, bin) = (&top.path().join("tree"), &everybodys(&top));
    for (deed, closed) in [
        (Deed::Init, ""),
        (Deed::Hosts, "certs/web"),
        (Deed::Hosts, ".pki"),
        (Deed::Rekey, "certs/web"),
        (Deed::Rekey, "certs/app"),
        (Deed::Prune, "certs/extra"),
        (Deed::Prune, ".pki"),
        (Deed::Issue, "certs"),
        (Deed::Issue, ""),
    ] {
        bench.prepare(deed, tree);
        own(tree);
        let before = crate::whole::look(tree);
        let folder = tree.join(closed);
        let open = fs::metadata(&folder).unwrap().permissions();
        // A folder of root's, that others may look into.
        chown(&folder, Some(0), Some(0)).unwrap();
        let command = as_nobody(pki_under(&[], bin, tree, &deed.words()));
        let causes = ["Permission denied", "Operation not permitted"];
        let ran = bench.fails(&before, deed, tree, command, &causes);
        assert_ne!(ran.code(), 0, "{closed}: {ran}");
        // In a finding, where the rest could be done.
        let finding = format!("no file can be made in `{closed}`: ");
        let named = ran.stderr.contains(folder.to_str().unwrap()) || ran.stderr.contains(&finding);
        assert!(named, "it does not name {closed}: {ran}");
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        fs::set_permissions(&folder, open).unwrap();
        let words = deed.completed(tree);
        let next = Running::start(as_nobody(pki_under(&[], bin, tree, &words))).wait();
        assert!(next.code() == 0, "{closed}: {next}\nafter {ran}");
        deed.heals(tree, &ran);
    }
    bench.tell("closed folder");
}
