//! As a user who may not do everything: uid 65534, really.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::folder::{STACK, open_folder, run_as_nobody, write};
use crate::skipped;

/// A folder that is his, and where the program is; `None`: we are not root.
fn his() -> Option<(TempDir, PathBuf)> {
    if !rustix::process::geteuid().is_root() {
        skipped("only root becomes another user");
        return None;
    }
    let top = open_folder();
    let tree = top.path().join("tree");
    fs::create_dir(&tree).unwrap();
    write(&tree.join("pki.toml"), STACK);
    chown(&tree, Some(65534), Some(65534)).unwrap();
    Some((top, tree))
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_he_may_not_read_is_a_finding() {
    let Some((top, tree)) = his() else { return };
    let run = |line: &str| run_as_nobody(top.path(), &tree, line);
    let ran = run("pki apply");
    assert_eq!(ran.code, 0, "{}", ran.said());
    let key = tree.join("certs/web/private.key");
    let certificate = tree.join("certs/web/public.crt");
    // Root's, and closed.
    chown(&key, Some(0), Some(0)).unwrap();
    let ran = run("pki verify");
    assert_eq!(ran.code, 1, "{}", ran.said());
    assert!(ran.stdout.contains("Permission denied"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("certs/web/private.key"),
        "{}",
        ran.stdout
    );
    chown(&key, Some(65534), Some(65534)).unwrap();
    set_mode(&certificate, 0);
    let ran = run("pki verify");
    assert_eq!(ran.code, 1, "{}", ran.said());
    assert!(
        ran.stdout.contains("certs/web/public.crt"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("Permission denied"), "{}", ran.stdout);
    set_mode(&certificate, 0o644);
    // Root's, and open: what can be read is judged, the owner where one is named.
    write(
        &tree.join("pki.toml"),
        STACK.replacen("hosts", "owner = \"65534\"\nhosts", 1),
    );
    chown(&certificate, Some(0), Some(0)).unwrap();
    let ran = run("pki verify");
    assert!(ran.stdout.contains("owner"), "{}", ran.stdout);
    // A folder that he may not look into.
    chown(tree.join("certs/web"), Some(0), Some(0)).unwrap();
    set_mode(&tree.join("certs/web"), 0o700);
    let ran = run("pki verify");
    assert_eq!(ran.code, 1, "{}", ran.said());
    assert!(ran.stdout.contains("Permission denied"), "{}", ran.stdout);
}

#[test]
fn what_he_may_not_do_is_said_with_a_way_out() {
    let Some((top, tree)) = his() else { return };
    let run = |line: &str| run_as_nobody(top.path(), &tree, line);
    assert_eq!(run("pki apply").code, 0);
    let lines = [
        "pki apply",
        "pki renew --force",
        "pki renew --force --rekey",
        "pki issue server more --san more",
        "pki issue server more --san more --out out",
        "pki init new",
        "pki plan",
        "pki verify",
        "pki list",
        "pki inspect certs/web/private.key",
        "pki verify --ca authorities/ca/1/ca.crt certs/web/public.crt",
    ];
    // What is taken from him, one after the other.
    for (path, mode) in [
        (".", 0o555),
        ("certs/web", 0o555),
        ("certs/web", 0),
        ("pki.toml", 0),
        (".pki", 0o500),
        (".pki", 0),
        ("authorities/ca/1/ca.key", 0),
        ("certs/web/private.key", 0),
    ] {
        let path = tree.join(path);
        let before = fs::metadata(&path).unwrap().permissions().mode();
        chown(&path, Some(0), Some(0)).unwrap();
        set_mode(&path, mode);
        for line in lines {
            let ran = run(line);
            let what = format!(
                "{} {mode:o}: `{line}` ends with {}\n{}",
                path.display(),
                ran.code,
                ran.said()
            );
            assert!(
                (0..=4).contains(&ran.code) && !ran.said().contains("panicked"),
                "{what}"
            );
            if ran.code >= 2 {
                assert!(ran.stderr.starts_with("error: "), "{what}");
                assert!(ran.stderr.contains("hint: "), "{what}");
                assert!(ran.stderr.contains('`'), "{what}");
            }
            if ran.code == 1 {
                assert!(
                    ran.said().contains("Permission denied") || ran.said().contains("fix"),
                    "{what}"
                );
            }
        }
        set_mode(&path, before & 0o7777);
        chown(&path, Some(65534), Some(65534)).unwrap();
        // What worked all the same is put away.
        for made in ["new", "out", "certs/more"] {
            let _ = fs::remove_dir_all(tree.join(made));
        }
        write(&tree.join("pki.toml"), STACK);
        let ran = run("pki apply --prune");
        assert_eq!(ran.code, 0, "after {}: {}", path.display(), ran.said());
        let ran = run("pki verify");
        assert_eq!(ran.code, 0, "after {}: {}", path.display(), ran.said());
    }
}

#[test]
fn modes_are_the_same_under_any_umask() {
    let mut seen: Vec<BTreeMap<PathBuf, u32>> = Vec::new();
    for umask in ["000", "022", "077"] {
        let top = open_folder();
        let tree = top.path().join("tree");
        fs::create_dir(&tree).unwrap();
        set_mode(&tree, 0o755);
        let mut command = std::process::Command::new("sh");
        command
            .args([
                "-c",
                &format!("umask {umask}; exec \"$0\" init made"),
                crate::folder::program().to_str().unwrap(),
            ])
            .current_dir(&tree)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        let ran = crate::folder::measure(command);
        assert_eq!(ran.code, 0, "{}", ran.said());
        let mut modes = BTreeMap::new();
        walk(&tree, &tree, &mut modes);
        assert!(modes.len() > 8, "{modes:?}");
        seen.push(modes);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[2]);
}

fn walk(top: &Path, dir: &Path, modes: &mut BTreeMap<PathBuf, u32>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let mode = fs::symlink_metadata(&path).unwrap().permissions().mode();
        modes.insert(path.strip_prefix(top).unwrap().to_owned(), mode);
        if path.is_dir() {
            walk(top, &path, modes);
        }
    }
}
