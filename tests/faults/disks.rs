//! Limits of the process: open files, size of files.

use crate::process::{has, pki_under, program, say};
use crate::scene::folder;
use crate::trial::{Bench, DEEDS, Deed, some_of};

#[test]
fn too_few_open_files_are_told() {
    // The loader itself needs some.
    let limits: Vec<u32> = (5..=40).collect();
    let some = [Deed::Init, Deed::Rekey];
    under("nofile", &limits, 8, &some, "Too many open files");
}

#[test]
fn too_small_files_are_told() {
    let limits = [0, 64, 300, 500, 700, 1000, 2000];
    let some = [Deed::Rekey, Deed::Issue];
    under("fsize", &limits, 2000, &some, "File too large");
}

/// Each deed under each limit fails with these words, and heals, or is done. One
/// that is done above `enough` is not tried with looser limits.
fn under(option: &str, limits: &[u32], enough: u32, some: &[Deed], words: &str) {
    if !has("prlimit") {
        say("skipped: prlimit not found");
        return;
    }
    let top = folder();
    let bench = Bench::new(top.path());
    let tree = &top.path().join("tree");
    for deed in some_of(&DEEDS, some) {
        let mut failed = 0;
        for &limit in limits {
            let before = bench.prepare(deed, tree);
            let argument = format!("--{option}={limit}:{limit}");
            let command = pki_under(&["prlimit", &argument], &program(), tree, &deed.words());
            let ran = bench.fails(&before, deed, tree, command, &[words]);
            let done = ran.code() == 0;
            failed += usize::from(!done);
            deed.heals(tree, &ran);
            if done && limit > enough {
                break;
            }
        }
        say(&format!("{option}: {deed:?} failed with {failed} limits"));
        assert!(failed > 3, "{deed:?}: there was no limit");
    }
    bench.tell(option);
}
