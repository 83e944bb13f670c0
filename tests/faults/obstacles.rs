//! What is in the way of one service: the others go on.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{NOBODY, Ran, Running, as_nobody, is_root, pki, run, say};
use crate::scene::{EXTRA, edit, folder, make, manifest};
use crate::whole::{Files, look, pairs_match, settled};

/// Files of a tree, without those of pki itself.
fn below(files: &Files, service: &str) -> Files {
    let of = |path: &PathBuf| path.starts_with(format!("certs/{service}"));
    let files = files.iter().filter(|(path, _)| of(path));
    files
        .map(|(path, file)| (path.clone(), file.clone()))
        .collect()
}

/// After a renewal of all: `app` is new, `web` as it was, and what is in the way
/// is told with its place and its fix.
#[track_caller]
fn only_web_is_held(before: &Files, now: &Files, ran: &Ran, place: &str) {
    assert_eq!(ran.code(), 4, "{ran}");
    assert_eq!(below(before, "web"), below(now, "web"), "{ran}");
    assert_ne!(below(before, "app"), below(now, "app"), "{ran}");
    pairs_match(now).unwrap();
    for words in [
        &format!("\n{place}\n  error  in-the-way\n"),
        "\n         affects   certs/web/server.crt",
        "\n         fix       ",
    ] {
        assert!(ran.stderr.contains(words), "`{words}` is not in {ran}");
    }
}

fn mark(sign: &str, path: &Path) -> bool {
    let done = Command::new("chattr").arg(sign).arg(path).output();
    done.is_ok_and(|done| done.status.success())
}

const RENEW: [&str; 3] = ["renew", "--force", "--rekey"];

#[test]
fn a_folder_in_a_stages_place_holds_one_service() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    for name in ["server.crt", "server.key", "..stage-server.key"] {
        let place = format!("certs/web/..stage-{name}");
        fs::create_dir(tree.join(&place)).unwrap();
        let before = look(tree);
        let ran = run(tree, &RENEW);
        only_web_is_held(&before, &look(tree), &ran, &place);
        let verified = run(tree, &["verify"]);
        assert_eq!(verified.code(), 1, "{verified}");
        let told = format!("{place}\n  error  in-the-way\n");
        assert!(verified.stdout.starts_with(&told), "{verified}");
        // What is said to help does.
        let fix = ran
            .stderr
            .lines()
            .find_map(|l| l.trim().strip_prefix("fix "));
        let fix = fix.unwrap().trim().strip_suffix("&& pki apply").unwrap();
        let done = Command::new("sh")
            .args(["-c", fix])
            .current_dir(tree)
            .status();
        assert!(done.unwrap().success(), "{fix}");
        run(tree, &RENEW).fine();
        settled(tree).unwrap();
    }
}

#[test]
fn a_mark_holds_one_service() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    for place in [
        "certs/web",
        "certs/web/server.crt",
        "certs/web/..stage-server.crt",
    ] {
        let path = tree.join(place);
        if !path.exists() {
            fs::write(&path, "somebody's").unwrap();
        }
        if !mark("+i", &path) {
            say("skipped: chattr does not work here");
            return;
        }
        let before = look(tree);
        let ran = run(tree, &RENEW);
        let now = look(tree);
        assert!(mark("-i", &path));
        only_web_is_held(&before, &now, &ran, place);
        run(tree, &RENEW).fine();
        settled(tree).unwrap();
    }
}

#[test]
fn a_folder_of_somebody_elses_holds_one_service() {
    if !is_root() {
        say("skipped: not root");
        return;
    }
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let mut all = vec![tree.clone()];
    while let Some(path) = all.pop() {
        if path != tree.join("certs/web") {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        if path.is_dir() {
            all.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        }
    }
    let mode = fs::metadata(tree.join("certs/web"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o755);
    let before = look(tree);
    let ran = Running::start(as_nobody(pki(tree, &RENEW))).wait();
    only_web_is_held(&before, &look(tree), &ran, "certs/web");
    // Where nothing at all can be changed, that is what is told.
    chown(tree.join(".pki"), Some(0), Some(0)).unwrap();
    let planned = Running::start(as_nobody(pki(tree, &["plan"]))).wait();
    assert!(!planned.stderr.contains("in-the-way"), "{planned}");
}

#[test]
fn a_prune_takes_away_what_it_can() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let other = EXTRA.replace("extra", "other");
    edit(
        tree,
        &manifest("web.example.com", &format!("{EXTRA}{other}")),
    );
    run(tree, &["apply"]).fine();
    edit(tree, &manifest("web.example.com", ""));
    let closed = tree.join("certs/extra");
    if !mark("+i", &closed) {
        say("skipped: chattr does not work here");
        return;
    }
    let ran = run(tree, &["apply", "--prune"]);
    let now = look(tree);
    assert!(mark("-i", &closed));
    assert_eq!(ran.code(), 4, "{ran}");
    assert!(below(&now, "other").is_empty(), "{ran}");
    assert!(!below(&now, "extra").is_empty(), "{ran}");
    for words in [
        "archived  certs/other",
        "destroyed certs/other",
        "\ncerts/extra/",
    ] {
        assert!(ran.stderr.contains(words), "`{words}` is not in {ran}");
    }
    assert!(!ran.stderr.contains("archived  certs/extra"), "{ran}");
    // What could not be taken away is not forgotten.
    run(tree, &["apply", "--prune"]).fine();
    assert!(below(&look(tree), "extra").is_empty());
    settled(tree).unwrap();
}

/// Only the access of a file cannot be set.
#[test]
fn an_access_that_cannot_be_set_is_told_with_the_rest() {
    let top = folder();
    let tree = &top.path().join("tree");
    make(tree);
    let fixed = tree.join("certs/web/server.crt");
    for path in [&fixed, &tree.join("certs/app/client.crt")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    if !mark("+i", &fixed) {
        say("skipped: chattr does not work here");
        return;
    }
    let ran = run(tree, &["apply"]);
    assert!(mark("-i", &fixed));
    assert_eq!(ran.code(), 4, "{ran}");
    assert!(ran.stderr.contains("set       certs/app"), "{ran}");
    assert!(
        ran.stderr
            .contains("\ncerts/web/server.crt\n  error  in-the-way\n"),
        "{ran}"
    );
    run(tree, &["apply"]).fine();
    settled(tree).unwrap();
}
