//! What needs a process of its own: the umask, another user, a killed holder.

use std::os::unix::process::CommandExt;
use std::process::Command;

use super::*;

/// Runs one ignored test of this file in a child, through a shell that sets
/// the umask; as user 65534 where `nobody`. `None`: it cannot be run.
///
/// # Panics
/// When the test fails, with what it said.
fn child(test: &str, umask: &str, nobody: bool) -> Option<()> {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new("sh");
    let script = format!(
        "umask {umask}; exec \"$0\" --exact --ignored --quiet store::tests::process::{test}"
    );
    command.arg("-c").arg(script).arg(program).current_dir("/");
    if nobody {
        command.uid(65534).gid(65534);
    }
    let output = command.output().ok()?;
    // 126 and 127: this user may not run the test program where it lies.
    if matches!(output.status.code(), Some(126 | 127)) {
        return None;
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        assert!(said.contains("1 passed"), "{said}");
        return Some(());
    }
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    panic!("umask {umask}, nobody {nobody}:\n{said}{errors}");
}

#[test]
fn modes_hold_under_any_umask_and_user() {
    for umask in ["000", "022", "077"] {
        for nobody in [false, true] {
            if nobody && effective_uid() != 0 {
                skipped("only root becomes another user");
                continue;
            }
            if child("modes", umask, nobody).is_none() {
                skipped("the test program cannot be run as nobody");
            }
        }
    }
}

#[test]
#[ignore = "run in processes of its own by modes_hold_under_any_umask_and_user"]
fn modes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let mut writes = pair("a/b", 0, "1");
    writes.extend(pair("shared", 1, "1"));
    writes[3].mode = 0o640;
    writes.push(Write {
        folder_mode: 0o700,
        ..Write::key(place("authorities/x/1/ca.key"), Secret::new(b"k".to_vec()))
    });
    let mut tree = lock(&store);
    tree.deliver(writes).unwrap();
    tree.append_record(&["{}".into()]).unwrap();
    for (path, expected) in [
        ("a", 0o755),
        ("a/b", 0o755),
        ("a/b/private.key", 0o600),
        ("a/b/public.crt", 0o644),
        ("shared/private.key", 0o640),
        ("authorities", 0o700),
        ("authorities/x/1", 0o700),
        ("authorities/x/1/ca.key", 0o600),
        (".pki", 0o700),
        (".pki/issued.jsonl", 0o600),
        (".pki/lock", 0o600),
    ] {
        assert_eq!(mode(dir.path(), path), expected, "{path}");
    }
    if effective_uid() != 0 {
        // What only root may do is an error with the way out.
        let mut writes = pair("given", 0, "1");
        writes[1].uid = Some(0);
        let error = crate::Error::from(tree.deliver(writes).unwrap_err());
        assert!(error.message().contains("set the owner of"), "{error}");
        assert!(error.hint_text().unwrap().contains("sudo"), "{error}");
        assert!(!dir.path().join("given").exists());
        // A folder that may not be written, a file that may not be read.
        fs::set_permissions(dir.path().join("a/b"), fs::Permissions::from_mode(0o500)).unwrap();
        let error = crate::Error::from(tree.deliver(pair("a/b", 0, "2")).unwrap_err());
        assert!(error.hint_text().is_some(), "{error}");
        assert_eq!(text(dir.path(), "a/b/public.crt").unwrap(), "cert 1");
        fs::set_permissions(
            dir.path().join("a/b/public.crt"),
            fs::Permissions::from_mode(0o000),
        )
        .unwrap();
        let record = store.read(&place("a/b/public.crt"));
        assert!(
            matches!(record.content, crate::record::Content::Unreadable(_)),
            "{record:?}"
        );
    }
}

#[test]
fn one_at_a_time_and_the_others_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let tree = lock(&open(&dir));
    let other = open(&dir);
    let error = other
        .lock(&holder(), Duration::from_millis(50))
        .unwrap_err();
    let error = crate::Error::from(error);
    let who = format!(
        "pki test (process {}, user {}) since 2026-11-21T09:13:00Z",
        std::process::id(),
        account::user_name(),
    );
    assert!(error.message().contains(&who), "{error}");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| other.lock(&holder(), Duration::from_secs(20)).is_ok());
        drop(tree);
        assert!(waiting.join().unwrap());
    });
}

#[test]
fn many_threads_take_turns() {
    let dir = tempfile::tempdir().unwrap();
    drop(lock(&open(&dir)));
    std::thread::scope(|scope| {
        for i in 0..8 {
            let dir = &dir;
            scope.spawn(move || {
                let store = open(dir);
                let mut tree = store.lock(&holder(), Duration::from_secs(60)).unwrap();
                tree.append_record(&[format!("{{\"n\":{i}}}")]).unwrap();
                tree.deliver(pair("a", 0, &i.to_string())).unwrap();
            });
        }
    });
    assert_eq!(open(&dir).record().unwrap().lines().count(), 8);
    let (key, cert) = (
        text(dir.path(), "a/private.key"),
        text(dir.path(), "a/public.crt"),
    );
    assert_eq!(
        key.unwrap().split(' ').next_back(),
        cert.unwrap().split(' ').next_back()
    );
}

#[test]
fn a_killed_holder_leaves_no_lock() {
    let dir = tempfile::tempdir().unwrap();
    drop(lock(&open(&dir)));
    let file = dir.path().join(".pki/lock");
    let held = Command::new("flock")
        .arg(&file)
        .args(["sleep", "60"])
        .spawn();
    let Ok(mut held) = held else {
        skipped("flock not found");
        return;
    };
    let store = open(&dir);
    let clock = crate::clock::Stopwatch::start();
    while store.lock(&holder(), Duration::ZERO).is_ok() && clock.elapsed().as_secs() < 20 {
        crate::clock::sleep(Duration::from_millis(5));
    }
    assert!(matches!(
        store.lock(&holder(), Duration::ZERO),
        Err(StoreError::Locked { .. })
    ));
    held.kill().unwrap();
    held.wait().unwrap();
}
