//! Limits of the process: open files, size of files.

use crate::process::{has, pki_under, program, say};
use crate::scene::folder;
use crate::trial::{Bench, DEEDS, Deed, some_of};

#[test]
fn too_few_open_files_are_told() {
    if !has("prlimit") {
        say("skipped: prlimit not found");
        return;
    }
    let top = folder();
    let bench = Bench::new(top.path());
    let tree = &top.path().join("tree");
    for deed in some_of(&DEEDS, &[Deed::Init, Deed::Rekey]) {
        let mut failed = 0;
        // The loader itself needs some.
        for files in 5..=40 {
            let before = bench.prepare(deed, tree);
            let limit = format!("--nofile={files}:{files}");
            let command = pki_under(&["prlimit", &limit], &program(), tree, &deed.words());
            let ran = bench.fails(&before, deed, tree, command, &["Too many open files"]);
            let over = ran.code() == 0;
            failed += usize::from(!over);
            deed.heals(tree, &ran);
            if over && files > 8 {
                break;
            }
        }
        say(&format!("open files: {deed:?} failed with {failed} limits"));
    }
    bench.tell("open files");
}

#[test]
fn too_small_files_are_told() {
    if !has("prlimit") {
        say("skipped: prlimit not found");
        return;
    }
    let top = folder();
    let bench = Bench::new(top.path());
    let tree = &top.path().join("tree");
    for deed in some_of(&DEEDS, &[Deed::Rekey, Deed::Issue]) {
        let mut failed = 0;
        for size in [0, 64, 300, 500, 700, 1000, 2000] {
            let before = bench.prepare(deed, tree);
            let limit = format!("--fsize={size}:{size}");
            let command = pki_under(&["prlimit", &limit], &program(), tree, &deed.words());
            let ran = bench.fails(&before, deed, tree, command, &["File too large"]);
            failed += usize::from(ran.code() != 0);
            deed.heals(tree, &ran);
        }
        say(&format!("file size: {deed:?} failed with {failed} limits"));
        assert!(failed > 3, "{deed:?}: there was no limit");
    }
    bench.tell("file size");
}
