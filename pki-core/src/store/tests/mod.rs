//! Tests of the store as a whole, in temporary folders.
#![expect(
    clippy::disallowed_methods,
    reason = "tests look at files as anybody would"
)]

mod crash;
mod hostile;
mod order;
mod process;

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::clock::Timestamp;
use crate::model::path::TreePath;
use crate::secret::Secret;

fn place(text: &str) -> TreePath {
    TreePath::new(text).unwrap()
}

fn holder() -> Holder {
    Holder::me("pki test", Timestamp::from_unix(1_795_252_380))
}

fn lock(store: &Store) -> Locked {
    store.lock(&holder(), Duration::from_secs(5)).unwrap()
}

fn open(dir: &TempDir) -> Store {
    Store::open(dir.path()).unwrap()
}

/// A key and a certificate with `content`, as pair number `pair`.
fn pair(folder: &str, pair: usize, content: &str) -> Vec<Write> {
    vec![
        Write {
            part: Part::Certificate,
            pair: Some(pair),
            ..Write::public(
                place(&format!("{folder}/public.crt")),
                format!("cert {content}").into(),
            )
        },
        Write {
            pair: Some(pair),
            ..Write::key(
                place(&format!("{folder}/private.key")),
                Secret::new(format!("key {content}").into()),
            )
        },
    ]
}

fn text(dir: &Path, file: &str) -> Option<String> {
    fs::read_to_string(dir.join(file)).ok()
}

fn mode(dir: &Path, file: &str) -> u32 {
    fs::symlink_metadata(dir.join(file))
        .unwrap()
        .permissions()
        .mode()
        & 0o7777
}

#[expect(
    clippy::print_stdout,
    reason = "who runs the tests sees what was not tested"
)]
fn skipped(why: &str) {
    println!("skipped: {why}");
}

/// Every path below a folder, sorted.
fn all(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(at) = todo.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                todo.push(entry.path());
            }
            let below = entry.path();
            found.push(below.strip_prefix(dir).unwrap().display().to_string());
        }
    }
    found.sort();
    found
}

/// Which effects fail.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Never,
    /// Only the one with this number.
    Once(usize),
    /// It and all that follow: the process is dead.
    From(usize),
}

/// Writes down every effect and lets some fail. Syncs and pauses are written
/// down but not done: they change nothing that these tests can see.
struct Recorder {
    fault: Fault,
    log: Mutex<Vec<String>>,
}

impl Recorder {
    fn new(fault: Fault) -> Arc<Self> {
        Arc::new(Self {
            fault,
            log: Mutex::default(),
        })
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

impl Effects for Recorder {
    fn perform(&self, op: FsOp<'_>) -> io::Result<Option<OpenFile>> {
        let mut log = self.log.lock().unwrap();
        let number = log.len();
        log.push(format!("{op:?}"));
        let fails = match self.fault {
            Fault::Never => false,
            Fault::Once(n) => n == number,
            Fault::From(n) => n <= number,
        };
        if fails {
            // What a dying process had open is closed all the same.
            return Err(io::Error::from(rustix::io::Errno::IO));
        }
        match op {
            FsOp::SyncFile { .. } | FsOp::SyncFolder { .. } | FsOp::Pause { .. } => Ok(None),
            op => Machine.perform(op),
        }
    }
}

fn recorded(dir: &TempDir, fault: Fault) -> (Store, Arc<Recorder>) {
    let recorder = Recorder::new(fault);
    let effects: Arc<dyn Effects> = Arc::clone(&recorder) as Arc<dyn Effects>;
    (
        Store::open_with(dir.path(), effects, Resolver::Kernel).unwrap(),
        recorder,
    )
}

#[test]
fn reading_tells_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("a/b")).unwrap();
    fs::write(dir.path().join("a/file"), "text").unwrap();
    fs::write(dir.path().join("a/large"), vec![0; 16 << 20]).unwrap();
    fs::write(dir.path().join("a/too-large"), vec![0; (16 << 20) + 1]).unwrap();
    std::os::unix::fs::symlink("file", dir.path().join("a/link")).unwrap();
    let store = open(&dir);
    let before = all(dir.path());
    assert_eq!(store.read(&place("a/file")).bytes(), Some(&b"text"[..]));
    assert_eq!(
        store.read(&place("a/large")).bytes().map(<[u8]>::len),
        Some(16 << 20)
    );
    for (path, expected) in [
        ("a/none", "Missing"),
        ("none/none", "Missing"),
        ("a/b", "Folder"),
        ("a/link", "Refused(\"it is a link, not a file\")"),
        ("a/file/x", "Refused(\"`"),
        ("a/too-large", "Refused(\"it has 16777217 bytes"),
    ] {
        let content = format!("{:?}", store.read(&place(path)).content);
        assert!(content.starts_with(expected), "{path}: {content}");
    }
    assert_eq!(all(dir.path()), before);
    assert!(!store.interrupted());
}

#[test]
fn many_are_read_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for i in 0..300 {
        let folder = format!("f{}", i % 7);
        fs::create_dir_all(dir.path().join(&folder)).unwrap();
        fs::write(dir.path().join(&folder).join(i.to_string()), i.to_string()).unwrap();
        paths.push(place(&format!("{folder}/{i}")));
    }
    for (i, record) in open(&dir).read_many(&paths).iter().enumerate() {
        assert_eq!(record.bytes(), Some(i.to_string().as_bytes()));
        assert_eq!(record.path, paths[i].as_path());
    }
}

#[test]
fn listing_and_walking() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("a/b")).unwrap();
    fs::create_dir_all(dir.path().join(".pki")).unwrap();
    for file in ["a/z", "a/b/y", ".pki/lock", "pki.toml", "a/..stage-z"] {
        fs::write(dir.path().join(file), "").unwrap();
    }
    std::os::unix::fs::symlink("..", dir.path().join("a/up")).unwrap();
    let store = open(&dir);
    let names = |e: Vec<Entry>| {
        e.into_iter()
            .map(|e| format!("{} {}", e.name, e.kind))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(store.list(Some(&place("a"))).unwrap()),
        ["..stage-z a file", "b a folder", "up a link", "z a file"]
    );
    assert_eq!(names(store.list(None).unwrap()).len(), 3);
    assert!(store.list(Some(&place("none"))).unwrap().is_empty());
    assert!(store.list(Some(&place("a/z"))).is_err());
    let walked = store.walk(None, 10);
    let shown = |path: &PathBuf| path.display().to_string();
    let files: Vec<_> = walked.files.iter().map(shown).collect();
    assert_eq!(files, ["a/..stage-z", "a/b/y", "a/z", "pki.toml"]);
    assert!(walked.unseen.is_empty());
    // What is in the way is told, and the rest is seen.
    let walked = store.walk(None, 3);
    assert_eq!((walked.files.len(), walked.unseen.len()), (3, 1));
    let walked = store.walk(Some(&place("a/up/a")), 10);
    assert_eq!((walked.files.len(), walked.unseen.len()), (0, 1));
    let big = store.peek(Path::new("a/z"), 10);
    assert_eq!(big.bytes(), Some(&[][..]));
    fs::write(dir.path().join("a/z"), [0; 11]).unwrap();
    assert!(store.peek(Path::new("a/z"), 10).bytes().is_none());
    assert!(store.peek(Path::new("a/none"), 10).is_missing());
}

#[test]
fn staged_files_that_no_journal_knows_are_swept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let state = State {
        delivered: vec![place("certs/a/public.crt"), place("certs/a/CAs/x.crt")],
        ..State::default()
    };
    let mut writes = pair("certs/a", 0, "1");
    writes.push(Write::public(place("certs/a/CAs/x.crt"), "x".into()));
    writes.push(state.write().unwrap());
    lock(&store).deliver(writes).unwrap();
    let stray = ["certs/a/..stage-x", "certs/a/CAs/..stage-..stage-y"];
    let other = "certs/..stage-not-ours";
    for file in stray.iter().chain([&other]) {
        fs::write(dir.path().join(file), "key").unwrap();
    }
    fs::create_dir(dir.path().join("certs/a/..stage-folder")).unwrap();
    let staged = || stray.iter().map(PathBuf::from).collect();
    assert_eq!(store.forgotten(staged()).len(), 2);
    // The next one that takes the lock, wherever it delivers.
    let locked = lock(&store);
    assert_eq!(locked.recovered().swept.len(), 2);
    assert!(store.forgotten(staged()).is_empty());
    assert!(stray.iter().all(|f| text(dir.path(), f).is_none()));
    assert_eq!(text(dir.path(), other).as_deref(), Some("key"));
    assert!(dir.path().join("certs/a/..stage-folder").exists());
}

#[test]
fn what_a_journal_needs_is_not_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    lock(&open(&dir)).deliver(pair("a", 0, "1")).unwrap();
    let mut seen = 0;
    for number in 0..40 {
        let (store, _) = recorded(&dir, Fault::From(number));
        let Ok(mut locked) = store.lock(&holder(), Duration::ZERO) else {
            continue;
        };
        let _ = locked.deliver(pair("a", 0, "2"));
        drop(locked);
        let store = open(&dir);
        let staged: Vec<_> = store.walk(None, 99).files;
        let staged = staged.into_iter().filter(|f| {
            let name = f.file_name();
            name.is_some_and(is_staged)
        });
        let staged: Vec<_> = staged.collect();
        seen += staged.len();
        assert!(store.forgotten(staged).is_empty(), "{number}");
        lock(&store).deliver(pair("a", 0, "1")).unwrap();
    }
    assert!(seen > 0);
}

#[test]
fn delivering_the_same_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let first = lock(&store).deliver(pair("certs/a", 0, "1")).unwrap();
    assert_eq!(
        first.written,
        [place("certs/a/private.key"), place("certs/a/public.crt")]
    );
    let stat = |f| {
        let m = fs::metadata(dir.path().join(f)).unwrap();
        (m.ino(), m.mtime_nsec(), m.ctime_nsec())
    };
    let files = ["certs/a/private.key", "certs/a/public.crt", "certs/a"];
    let before = files.map(stat);
    let second = lock(&store).deliver(pair("certs/a", 0, "1")).unwrap();
    assert!(second.written.is_empty());
    assert_eq!(second.kept.len(), 2);
    assert_eq!(files.map(stat), before);
    assert_eq!(
        (mode(dir.path(), "certs"), mode(dir.path(), ".pki")),
        (0o755, 0o700)
    );
    // Another mode is another file.
    let mut writes = pair("certs/a", 0, "1");
    writes[1].mode = 0o640;
    assert_eq!(
        lock(&store).deliver(writes).unwrap().written,
        [place("certs/a/private.key")]
    );
    assert_eq!(mode(dir.path(), "certs/a/private.key"), 0o640);
}

#[test]
fn many_files_go_in_batches_and_pairs_stay_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (store, recorder) = recorded(&dir, Fault::Never);
    let writes: Vec<Write> = (0..200)
        .flat_map(|i| pair(&format!("s{i}"), i, "1"))
        .collect();
    let done = lock(&store).deliver(writes).unwrap();
    assert_eq!(done.written.len(), 400);
    let journals = recorder
        .log()
        .iter()
        .filter(|l| l.starts_with("create ") && l.ends_with("/journal"))
        .count();
    assert_eq!(journals, 2);
    assert!(all(dir.path()).iter().all(|f| !f.contains("..")));
    // A place twice is a mistake of the caller, found before anything happens.
    let twice = [pair("x", 0, "1"), pair("x", 1, "2")]
        .into_iter()
        .flatten()
        .collect();
    assert!(matches!(
        lock(&store).deliver(twice),
        Err(StoreError::Twice { .. })
    ));
    assert!(!dir.path().join("x").exists());
}

#[test]
fn what_is_in_the_way_is_named_before_anything_changes() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("a/public.crt")).unwrap();
    fs::create_dir_all(dir.path().join("b")).unwrap();
    std::os::unix::fs::symlink("elsewhere", dir.path().join("b/public.crt")).unwrap();
    fs::write(dir.path().join("c"), "").unwrap();
    let store = open(&dir);
    for (folder, message) in [
        ("a", "a/public.crt` is a folder, not a file"),
        ("b", "b/public.crt` is a link"),
        ("c", "c` is a file, not a folder"),
        ("c/d/e", "c` is a file, not a folder"),
    ] {
        let before = all(dir.path());
        let error = lock(&store).deliver(pair(folder, 0, "1")).unwrap_err();
        let error = crate::Error::from(error);
        assert!(error.message().contains(message), "{error}");
        assert!(error.hint_text().is_some());
        let after: Vec<_> = all(dir.path())
            .into_iter()
            .filter(|f| !f.starts_with(".pki"))
            .collect();
        let before: Vec<_> = before
            .into_iter()
            .filter(|f| !f.starts_with(".pki"))
            .collect();
        assert_eq!(before, after);
    }
}

#[test]
fn the_record_is_appended_and_mended() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    assert!(store.record().unwrap().is_empty());
    lock(&store)
        .append_record(&["{\"a\":1}".into(), "{\"b\":2}".into()])
        .unwrap();
    let file = dir.path().join(RECORD);
    fs::write(&file, "{\"a\":1}\n{\"b\":").unwrap();
    // Torn, it is told as it is.
    assert_eq!(store.record().unwrap(), "{\"a\":1}\n{\"b\":");
    lock(&store).append_record(&["{\"c\":3}".into()]).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"a\":1}\n{\"c\":3}\n");
    fs::write(&file, "{\"a\":1}").unwrap();
    lock(&store).append_record(&["{\"c\":3}".into()]).unwrap();
    assert_eq!(store.record().unwrap(), "{\"a\":1}\n{\"c\":3}\n");
    // The lock alone mends it.
    for (torn, mended) in [
        ("{\"a\":1}\n{\"b\":", "{\"a\":1}\n"),
        ("{\"a\":1}", "{\"a\":1}\n"),
    ] {
        fs::write(&file, torn).unwrap();
        assert!(store.record_is_torn());
        drop(lock(&store));
        assert_eq!(store.record().unwrap(), mended);
        assert!(!store.record_is_torn());
    }
    assert!(matches!(
        lock(&store).append_record(&["a\nb".into()]),
        Err(StoreError::RecordLine)
    ));
}

#[test]
fn archive_remove_and_access() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let now = Timestamp::from_unix(1_795_252_380);
    let mut tree = lock(&store);
    tree.deliver(pair("certs/a", 0, "1")).unwrap();
    let cert = place("certs/a/public.crt");
    let to = tree.archive(&cert, now).unwrap().unwrap();
    assert_eq!(
        to,
        Path::new(".pki/archive/2026-11-21T091300Z/certs/a/public.crt")
    );
    assert_eq!(text(dir.path(), to.to_str().unwrap()).unwrap(), "cert 1");
    assert_eq!(tree.archive(&cert, now).unwrap(), None);
    tree.deliver(pair("certs/a", 0, "2")).unwrap();
    let to = tree.archive(&cert, now).unwrap().unwrap();
    assert_eq!(
        to,
        Path::new(".pki/archive/2026-11-21T091300Z.1/certs/a/public.crt")
    );
    let key = place("certs/a/private.key");
    tree.set_access(&key, 0o640, None, None).unwrap();
    assert_eq!(mode(dir.path(), "certs/a/private.key"), 0o640);
    tree.set_access(&place("certs/a"), 0o700, None, None)
        .unwrap();
    assert_eq!(mode(dir.path(), "certs/a"), 0o700);
    tree.remove(&key).unwrap();
    tree.remove(&key).unwrap();
    assert!(store.read(&key).is_missing());
    assert!(tree.remove(&place("certs/a")).is_err());
    assert!(
        tree.set_access(&key, 0o600, None, None)
            .unwrap_err()
            .is_missing()
    );
    tree.make_folder(&place("x/y"), 0o700).unwrap();
    assert_eq!(
        (mode(dir.path(), "x"), mode(dir.path(), "x/y")),
        (0o700, 0o700)
    );
}

#[test]
fn state_is_delivered_like_any_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    assert_eq!(store.read_state().unwrap(), State::default());
    let state = State {
        delivered: vec![place("a/b")],
        ..State::default()
    };
    lock(&store).deliver(vec![state.write().unwrap()]).unwrap();
    assert_eq!(store.read_state().unwrap(), state);
    assert_eq!(mode(dir.path(), STATE), 0o600);
    fs::write(dir.path().join(STATE), "version = 9").unwrap();
    let error = crate::Error::from(store.read_state().unwrap_err());
    assert!(error.to_string().contains("version 9"), "{error}");
    // Torn: what to do without a backup.
    for torn in ["", "version ="] {
        fs::write(dir.path().join(STATE), torn).unwrap();
        let error = crate::Error::from(store.read_state().unwrap_err());
        let hint = error.hint_text().unwrap();
        assert!(hint.contains("without one: mv "), "{hint}");
        assert!(hint.contains("/.pki/state.toml.old"), "{hint}");
    }
}

#[test]
fn new_files_are_new_or_refused() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join("out/x").join(name);
    let (key, cert) = (
        Bytes::Secret(Secret::new(b"k".to_vec())),
        Bytes::Public(b"c".to_vec()),
    );
    let (key_path, cert_path) = (at("a.key"), at("a.crt"));
    let files = [
        NewFile {
            path: &key_path,
            content: &key,
            mode: 0o600,
        },
        NewFile {
            path: &cert_path,
            content: &cert,
            mode: 0o644,
        },
    ];
    create_new(&files).unwrap();
    assert_eq!(
        (mode(&at(""), "a.key"), mode(&at(""), "a.crt")),
        (0o600, 0o644)
    );
    fs::remove_file(&key_path).unwrap();
    assert!(matches!(create_new(&files), Err(StoreError::Exists { .. })));
    assert!(!key_path.exists());
    let below = at("a.crt/b");
    let error = create_new(&[NewFile {
        path: &below,
        content: &cert,
        mode: 0o644,
    }])
    .unwrap_err();
    assert!(
        error.to_string().contains("a.crt` is a file, not a folder"),
        "{error}"
    );
}

#[test]
fn single_files_are_read_with_their_limits() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("f");
    fs::write(&file, "12345").unwrap();
    std::os::unix::fs::symlink("f", dir.path().join("link")).unwrap();
    assert_eq!(
        read_file(&dir.path().join("link"), 5).unwrap().as_slice(),
        b"12345"
    );
    assert!(matches!(
        read_file(&file, 4),
        Err(StoreError::TooLarge {
            size: 5,
            limit: 4,
            ..
        })
    ));
    assert!(matches!(
        read_file(dir.path(), 4),
        Err(StoreError::InTheWay {
            found: Kind::Folder,
            ..
        })
    ));
    assert!(
        read_file(&dir.path().join("none"), 4)
            .unwrap_err()
            .is_missing()
    );
    assert!(matches!(
        read_file(Path::new("/dev/zero"), 4),
        Err(StoreError::InTheWay { .. })
    ));
}

#[test]
fn new_files_leave_nothing_when_one_cannot_be() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("there"), "mine").unwrap();
    let content = Bytes::Public(b"new".to_vec());
    let paths = ["a/b/new", "c/new", "there"].map(|file| dir.path().join(file));
    let files = |n: usize| -> Vec<NewFile<'_>> {
        let paths = paths.iter().take(n);
        paths
            .map(|path| NewFile {
                path,
                content: &content,
                mode: 0o600,
            })
            .collect()
    };
    let before = all(dir.path());
    assert!(matches!(
        create_new(&files(3)),
        Err(StoreError::Exists { .. })
    ));
    assert_eq!(all(dir.path()), before);
    create_new(&files(2)).unwrap();
    assert_eq!(
        all(dir.path()),
        ["a", "a/b", "a/b/new", "c", "c/new", "there"]
    );
}
