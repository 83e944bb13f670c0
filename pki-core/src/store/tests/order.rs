//! The order of effects, as users' machines will see it.

use super::*;

/// What was done after the lock was taken, paths without the temporary folder.
fn effects(dir: &TempDir, writes: Vec<Write>) -> Vec<String> {
    let (store, recorder) = recorded(dir, Fault::Never);
    let mut tree = lock(&store);
    let start = recorder.log().len();
    tree.deliver(writes).unwrap();
    let root = format!("{}/", dir.path().display());
    let log = recorder.log().split_off(start);
    log.iter()
        .map(|l| {
            l.replace(&root, "")
                .replace(root.trim_end_matches('/'), ".")
        })
        .filter(|l| !l.starts_with("remove the access"))
        .collect()
}

/// Numbers of bytes of the journal differ; the rest is exact.
fn plain(log: Vec<String>) -> Vec<String> {
    log.into_iter()
        .map(|l| {
            if l.starts_with("write .pki") {
                "write .pki/journal".into()
            } else {
                l
            }
        })
        .collect()
}

#[test]
fn a_new_pair() {
    let dir = tempfile::tempdir().unwrap();
    let log = plain(effects(&dir, pair("a", 0, "1")));
    assert_eq!(
        log,
        [
            "make the folder a",
            "set the mode of a 0755",
            "create .pki/journal",
            "write .pki/journal",
            "sync .pki/journal",
            "sync .pki",
            "create a/..stage-private.key",
            "write a/..stage-private.key 5 bytes",
            "set the mode of a/..stage-private.key 0600",
            "create a/..stage-public.crt",
            "write a/..stage-public.crt 6 bytes",
            "set the mode of a/..stage-public.crt 0644",
            "sync a/..stage-private.key",
            "sync a/..stage-public.crt",
            "sync .",
            "sync a",
            "write .pki/journal",
            "sync .pki/journal",
            "close .pki/journal",
            "rename a/private.key from a/..stage-private.key",
            "close a/..stage-private.key",
            "rename a/public.crt from a/..stage-public.crt",
            "close a/..stage-public.crt",
            "sync a",
            "remove .pki/journal",
        ]
    );
}

#[test]
fn a_renewed_certificate_moves_alone() {
    let dir = tempfile::tempdir().unwrap();
    effects(&dir, pair("a", 0, "1"));
    let mut renewed = pair("a", 0, "1");
    renewed[0].content = Bytes::Public(b"cert 2".to_vec());
    let log = effects(&dir, renewed);
    assert!(
        log.iter()
            .all(|l| !l.contains("private.key") && !l.starts_with("wait")),
        "{log:#?}"
    );
}

#[test]
fn a_new_key_in_use_waits_and_keeps_a_way_back() {
    let dir = tempfile::tempdir().unwrap();
    effects(&dir, pair("a", 0, "1"));
    let mut writes = pair("a", 0, "2");
    writes.insert(0, Write::public(place("a/trust.crt"), b"t".to_vec()));
    let log = plain(effects(&dir, writes));
    let from = log
        .iter()
        .position(|l| l.starts_with("set the mode of a/..stage-trust"))
        .unwrap();
    assert_eq!(
        log[from + 1..],
        [
            "link a/private.key as ..stage-..stage-private.key",
            "link a/public.crt as ..stage-..stage-public.crt",
            "sync a/..stage-private.key",
            "sync a/..stage-public.crt",
            "sync a/..stage-trust.crt",
            "sync a",
            "write .pki/journal",
            "sync .pki/journal",
            "close .pki/journal",
            "rename a/private.key from a/..stage-private.key",
            "close a/..stage-private.key",
            "wait ",
            "rename a/public.crt from a/..stage-public.crt",
            "close a/..stage-public.crt",
            "rename a/trust.crt from a/..stage-trust.crt",
            "close a/..stage-trust.crt",
            "remove a/..stage-..stage-private.key",
            "remove a/..stage-..stage-public.crt",
            "sync a",
            "remove .pki/journal",
        ]
    );
}

#[test]
fn a_key_gets_its_group_before_its_mode() {
    let me = (effective_uid(), effective_gid());
    if me.0 != 0 {
        skipped("only root gives files away");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut writes = pair("a", 0, "1");
    (writes[1].mode, writes[1].gid) = (0o640, Some(4242));
    let log = effects(&dir, writes);
    let of_key: Vec<_> = log
        .iter()
        .filter(|l| l.contains("..stage-private.key"))
        .collect();
    assert_eq!(
        of_key[..4],
        [
            "create a/..stage-private.key",
            "write a/..stage-private.key 5 bytes",
            "set the owner of a/..stage-private.key None Some(4242)",
            "set the mode of a/..stage-private.key 0640",
        ]
    );
    assert_eq!(
        fs::metadata(dir.path().join("a/private.key"))
            .unwrap()
            .gid(),
        4242
    );
}
