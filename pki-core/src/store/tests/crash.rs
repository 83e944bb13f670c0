//! Whatever fails, wherever: each pair is old or new, and nothing is left over.

use super::*;

/// The tree for a process that does not fail, and does not wait for the disk.
fn quiet(dir: &TempDir) -> Store {
    recorded(dir, Fault::Never).0
}

/// Two pairs in use (the second with a chain), and one folder that is new.
const FOLDERS: [&str; 3] = ["a", "b", "new/c"];

fn writes(content: &str) -> Vec<Write> {
    let mut writes: Vec<Write> = FOLDERS
        .iter()
        .enumerate()
        .flat_map(|(i, f)| pair(f, i, content))
        .collect();
    writes.push(Write {
        part: Part::Certificate,
        pair: Some(1),
        ..Write::public(place("b/chain.crt"), format!("chain {content}").into())
    });
    writes.push(Write::public(
        place("a/trust.crt"),
        format!("trust {content}").into(),
    ));
    writes
}

fn with_old() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = recorded(&dir, Fault::Never);
    let old = writes("old")
        .into_iter()
        .filter(|w| !w.path.to_string().starts_with("new"));
    lock(&store).deliver(old.collect()).unwrap();
    dir
}

/// What each pair is: `old`, `new`, or `none`; panics where its files differ.
fn pairs(dir: &Path, when: &str) -> Vec<String> {
    let word = |file: String| match text(dir, &file) {
        Some(text) => text.rsplit(' ').next().unwrap_or_default().to_owned(),
        None => "none".to_owned(),
    };
    FOLDERS
        .iter()
        .map(|folder| {
            let key = word(format!("{folder}/private.key"));
            assert_eq!(
                key,
                word(format!("{folder}/public.crt")),
                "{when}, {folder}"
            );
            if *folder == "b" {
                assert_eq!(key, word("b/chain.crt".into()), "{when}, {folder}");
            }
            if key != "none" {
                assert_eq!(mode(dir, &format!("{folder}/private.key")), 0o600);
            }
            key
        })
        .collect()
}

fn clean(dir: &Path, when: &str) {
    for file in all(dir) {
        assert!(
            !file.contains("..stage") && !file.ends_with("journal"),
            "{when}: {file}"
        );
    }
}

fn no_key_is_open(dir: &Path, when: &str) {
    for file in all(dir)
        .iter()
        .filter(|f| f.contains("private.key") || f.contains(".pki/"))
    {
        assert_eq!(mode(dir, file) & 0o077, 0, "{when}: {file}");
    }
}

/// How many effects the delivery has, the lock included.
fn total() -> usize {
    let dir = with_old();
    let (store, recorder) = recorded(&dir, Fault::Never);
    lock(&store).deliver(writes("new")).unwrap();
    assert_eq!(pairs(dir.path(), "no fault"), ["new"; 3]);
    recorder.log().len()
}

#[test]
fn a_crash_at_any_effect_leaves_whole_pairs() {
    let total = total();
    let mut ends = std::collections::BTreeSet::new();
    for n in 0..total {
        let when = format!("dead at {n} of {total}");
        let dir = with_old();
        let (store, _) = recorded(&dir, Fault::From(n));
        if let Ok(mut tree) = store.lock(&holder(), Duration::ZERO) {
            // Its last two effects are of no consequence: the journal stays, the lock says a name.
            let _ = tree.deliver(writes("new"));
        }
        drop(store);
        no_key_is_open(dir.path(), &when);
        let store = quiet(&dir);
        drop(lock(&store));
        ends.insert(pairs(dir.path(), &when));
        clean(dir.path(), &when);
        assert!(!store.interrupted());
        lock(&store).deliver(writes("new")).unwrap();
        assert_eq!(pairs(dir.path(), &when), ["new"; 3]);
    }
    // Both ends were seen, or this test shows nothing.
    assert!(ends.len() >= 2, "{ends:?}");
}

#[test]
fn a_crash_in_the_recovery_too() {
    let total = total();
    for n in (0..total).step_by(3) {
        for m in 0.. {
            let when = format!("dead at {n} of {total}, recovery at {m}");
            let dir = with_old();
            let (store, _) = recorded(&dir, Fault::From(n));
            if let Ok(mut tree) = store.lock(&holder(), Duration::ZERO) {
                let _ = tree.deliver(writes("new"));
            }
            drop(store);
            let (store, recorder) = recorded(&dir, Fault::From(m));
            let _ = store.lock(&holder(), Duration::ZERO);
            drop(store);
            drop(lock(&quiet(&dir)));
            pairs(dir.path(), &when);
            clean(dir.path(), &when);
            if recorder.log().len() <= m {
                break;
            }
        }
    }
}

#[test]
fn one_failure_takes_back_or_goes_on() {
    let total = total();
    for n in 0..total {
        let when = format!("failure at {n} of {total}");
        let dir = with_old();
        let (store, recorder) = recorded(&dir, Fault::Once(n));
        let result = store
            .lock(&holder(), Duration::ZERO)
            .and_then(|mut tree| tree.deliver(writes("new")));
        let log = recorder.log();
        let failed = log.get(n).cloned().unwrap_or_default();
        let when = format!("{when}: {failed}");
        // The process lives: all pairs are whole at once, without any recovery.
        let now = pairs(dir.path(), &when);
        match &result {
            Ok(_) => assert_eq!(now, ["new"; 3], "{when}"),
            Err(StoreError::Partly { .. }) => {}
            Err(_) => assert_eq!(now, ["old", "old", "none"], "{when}"),
        }
        drop(lock(&quiet(&dir)));
        pairs(dir.path(), &when);
        clean(dir.path(), &when);
        assert_eq!(dir.path().join("new").exists(), now[2] == "new", "{when}");
    }
}

#[test]
fn an_old_journal_that_comes_back_does_no_harm() {
    let dir = with_old();
    let (store, recorder) = recorded(&dir, Fault::Never);
    lock(&store).deliver(writes("new")).unwrap();
    // All but its last effect, the removal of the journal.
    let last = recorder
        .log()
        .iter()
        .rposition(|l| l.ends_with("/journal"))
        .unwrap();
    let dir = with_old();
    let (store, _) = recorded(&dir, Fault::Once(last));
    assert!(lock(&store).deliver(writes("new")).is_err());
    assert!(store.interrupted());
    // Meanwhile the user changes things.
    fs::remove_file(dir.path().join("new/c/public.crt")).unwrap();
    fs::write(dir.path().join("a/public.crt"), "mine").unwrap();
    let before = all(dir.path());
    let tree = lock(&quiet(&dir));
    assert!(tree.recovered().finished.is_empty());
    drop(tree);
    let mut after = all(dir.path());
    after.push(".pki/journal".into());
    after.sort();
    assert_eq!(before, after);
    assert_eq!(text(dir.path(), "a/public.crt").unwrap(), "mine");
    assert_eq!(text(dir.path(), "new/c/private.key").unwrap(), "key new");
}

#[test]
fn a_failed_record_is_not_half_a_record() {
    for n in 0..12 {
        let dir = tempfile::tempdir().unwrap();
        lock(&quiet(&dir))
            .append_record(&["{\"a\":1}".into()])
            .unwrap();
        let (store, _) = recorded(&dir, Fault::From(n));
        if let Ok(mut tree) = store.lock(&holder(), Duration::ZERO) {
            let _ = tree.append_record(&["{\"b\":2}".into()]);
        }
        let record = quiet(&dir).record().unwrap();
        let whole = ["{\"a\":1}\n", "{\"a\":1}\n{\"b\":2}\n"];
        assert!(whole.contains(&record.as_str()), "{n}: {record:?}");
    }
}
