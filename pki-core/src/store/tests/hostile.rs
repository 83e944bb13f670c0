//! Folders that somebody else may write in, and other traps.

use std::os::unix::fs::symlink;

use super::*;
use crate::record::Content;

const BOTH: [Resolver; 2] = [Resolver::Kernel, Resolver::Components];

fn with(dir: &Path, resolver: Resolver) -> Store {
    Store::open_with(dir, Arc::new(Machine), resolver).unwrap()
}

#[test]
fn no_link_below_the_root_leads_anywhere() {
    for resolver in BOTH {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(other.path().join("public.crt"), "secret").unwrap();
        symlink(other.path(), dir.path().join("out")).unwrap();
        fs::create_dir(dir.path().join("in")).unwrap();
        symlink("in", dir.path().join("near")).unwrap();
        let store = with(dir.path(), resolver);
        for folder in ["out", "near", "out/deep"] {
            let record = store.read(&place(&format!("{folder}/public.crt")));
            let Content::Refused(why) = &record.content else {
                panic!("{resolver:?} {folder}: {:?}", record.content);
            };
            assert!(why.contains("is a link"), "{why}");
            let error = lock(&store).deliver(pair(folder, 0, "1")).unwrap_err();
            assert!(matches!(error, StoreError::Link { .. }), "{error}");
            assert!(store.list(Some(&place(folder))).is_err());
            assert!(
                lock(&store)
                    .set_access(&place(&format!("{folder}/public.crt")), 0o600, None, None)
                    .is_err()
            );
            assert!(
                lock(&store)
                    .remove(&place(&format!("{folder}/public.crt")))
                    .is_err()
            );
        }
        assert_eq!(all(other.path()), ["public.crt"]);
        assert!(all(&dir.path().join("in")).is_empty());
        lock(&store).deliver(pair("in", 0, "1")).unwrap();
    }
}

#[test]
fn absolute_places_follow_only_links_that_we_or_root_made() {
    for resolver in BOTH {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let at = |name: &str| format!("{}/{name}", other.path().display());
        fs::create_dir_all(at("real/sub")).unwrap();
        symlink("real", at("link")).unwrap();
        symlink(at("link/sub"), at("chain")).unwrap();
        symlink("loop", at("loop")).unwrap();
        let store = with(dir.path(), resolver);
        for (i, folder) in ["real", "link/new", "chain"].iter().enumerate() {
            lock(&store).deliver(pair(&at(folder), i, "1")).unwrap();
        }
        assert_eq!(text(other.path(), "real/new/public.crt").unwrap(), "cert 1");
        assert_eq!(text(other.path(), "real/sub/private.key").unwrap(), "key 1");
        assert_eq!(
            store.read(&place(&at("chain/public.crt"))).bytes(),
            Some(&b"cert 1"[..])
        );
        let error = lock(&store).deliver(pair(&at("loop"), 0, "1")).unwrap_err();
        assert!(error.to_string().contains("40 times"), "{error}");
        // Now others may put links there.
        fs::set_permissions(other.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let error = lock(&store).deliver(pair(&at("link"), 0, "2")).unwrap_err();
        assert!(matches!(error, StoreError::Link { .. }), "{error}");
        lock(&store).deliver(pair(&at("real"), 0, "2")).unwrap();
    }
}

#[test]
fn pipes_and_devices_are_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    rustix::fs::mkfifoat(
        rustix::fs::CWD,
        dir.path().join("public.crt"),
        rustix::fs::Mode::RUSR,
    )
    .unwrap();
    let store = open(&dir);
    let record = store.read(&place("public.crt"));
    assert!(matches!(&record.content, Content::Refused(why) if why.contains("a pipe")));
    assert!(read_file(&dir.path().join("public.crt"), 10).is_err());
    let write = Write::public(place("public.crt"), b"x".to_vec());
    let error = lock(&store).deliver(vec![write]).unwrap_err();
    assert!(
        error.to_string().contains("is a pipe, not a file"),
        "{error}"
    );
    assert!(
        lock(&store)
            .set_access(&place("public.crt"), 0o600, None, None)
            .is_err()
    );
}

#[test]
fn a_second_name_of_a_file_is_no_way_to_change_it() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(other.path().join("shadow"), "root").unwrap();
    fs::set_permissions(
        other.path().join("shadow"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    if fs::hard_link(other.path().join("shadow"), dir.path().join("public.crt")).is_err() {
        skipped("no hard links here");
        return;
    }
    let store = open(&dir);
    let error = lock(&store)
        .set_access(&place("public.crt"), 0o644, None, None)
        .unwrap_err();
    assert!(matches!(error, StoreError::HardLinks { .. }));
    lock(&store)
        .deliver(vec![Write::public(place("public.crt"), b"x".to_vec())])
        .unwrap();
    assert_eq!(text(other.path(), "shadow").unwrap(), "root");
    assert_eq!(mode(other.path(), "shadow"), 0o600);
}

#[test]
fn planted_stages_are_not_delivered() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    lock(&store).deliver(pair("a", 0, "1")).unwrap();
    for name in [
        "..stage-private.key",
        "..stage-..stage-private.key",
        "..stage-public.crt",
    ] {
        symlink("/etc/passwd", dir.path().join("a").join(name)).unwrap();
    }
    lock(&store).deliver(pair("a", 0, "2")).unwrap();
    assert_eq!(all(&dir.path().join("a")), ["private.key", "public.crt"]);
    assert_eq!(text(dir.path(), "a/private.key").unwrap(), "key 2");
}

/// A folder takes the certificate's place after it was looked at.
struct Late(PathBuf);
impl Effects for Late {
    fn perform(&self, op: FsOp<'_>) -> io::Result<Option<OpenFile>> {
        if matches!(
            &op,
            FsOp::Rename {
                new: "public.crt",
                ..
            }
        ) && self.0.is_file()
        {
            fs::rename(&self.0, self.0.with_extension("away")).unwrap();
            fs::create_dir(&self.0).unwrap();
        }
        Machine.perform(op)
    }
}

#[test]
fn a_file_that_cannot_be_replaced_keeps_its_pair() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    lock(&store).deliver(pair("a", 0, "1")).unwrap();
    let late = Arc::new(Late(dir.path().join("a/public.crt")));
    let store = Store::open_with(dir.path(), late, Resolver::Kernel).unwrap();
    let mut writes = pair("a", 0, "2");
    writes.push(Write::public(place("other"), b"x".to_vec()));
    let error = lock(&store).deliver(writes).unwrap_err();
    assert!(
        matches!(error, StoreError::Partly { .. } | StoreError::Io { .. }),
        "{error:?}"
    );
    assert_eq!(text(dir.path(), "a/private.key").unwrap(), "key 1");
    assert_eq!(text(dir.path(), "other").unwrap(), "x");
}

#[test]
fn somebody_elses_journal_is_not_followed() {
    if effective_uid() != 0 {
        skipped("only root gives files away");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    drop(lock(&store));
    let journal = dir.path().join(".pki/journal");
    fs::write(&journal, "{}").unwrap();
    std::os::unix::fs::chown(&journal, Some(4242), None).unwrap();
    let error = store.lock(&holder(), Duration::ZERO).unwrap_err();
    assert!(matches!(error, StoreError::Untrusted { .. }), "{error}");
    assert!(store.interrupted());
}

#[test]
fn the_lock_is_no_way_to_cut_a_file() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir(dir.path().join(".pki")).unwrap();
    fs::write(other.path().join("shadow"), "root").unwrap();
    let lock = dir.path().join(".pki/lock");
    symlink(other.path().join("shadow"), &lock).unwrap();
    assert!(open(&dir).lock(&holder(), Duration::ZERO).is_err());
    fs::remove_file(&lock).unwrap();
    if fs::hard_link(other.path().join("shadow"), &lock).is_ok() {
        assert!(open(&dir).lock(&holder(), Duration::ZERO).is_err());
    }
    assert_eq!(text(other.path(), "shadow").unwrap(), "root");
}

/// A folder can give every new file an entry for another user (acl(5)).
#[test]
fn a_key_takes_no_list_from_its_folder() {
    use rustix::fs::{XattrFlags, lgetxattr, setxattr};
    let dir = tempfile::tempdir().unwrap();
    let (user, none) = (4242_u32, u32::MAX);
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in [
        (1_u16, 7_u16, none),
        (2, 4, user),
        (4, 4, none),
        (16, 7, none),
        (32, 0, none),
    ] {
        list.extend(tag.to_le_bytes());
        list.extend(permissions.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    if setxattr(
        dir.path(),
        "system.posix_acl_default",
        &list,
        XattrFlags::empty(),
    )
    .is_err()
    {
        skipped("no access control lists here");
        return;
    }
    let store = open(&dir);
    let mut writes = pair("a", 0, "1");
    writes[1].mode = 0o640;
    lock(&store).deliver(writes).unwrap();
    let has = |file: &str| {
        let mut value = [0_u8; 256];
        lgetxattr(
            dir.path().join(file),
            "system.posix_acl_access",
            &mut value[..],
        )
        .is_ok()
    };
    assert!(
        has("a/public.crt"),
        "the folder's list was not inherited, this shows nothing"
    );
    assert!(!has("a/private.key"));
    assert_eq!(mode(dir.path(), "a/private.key"), 0o640);
}

/// Another user puts a second name of root's file, or a pipe, in the place of
/// what is staged, at the moment when it is opened for writing.
struct Swap {
    other: PathBuf,
    pipe: bool,
    met: Mutex<usize>,
}
impl Effects for Swap {
    fn perform(&self, op: FsOp<'_>) -> io::Result<Option<OpenFile>> {
        if let FsOp::OpenExisting { .. } = &op {
            *self.met.lock().unwrap() += 1;
            fs::remove_file(op.path()).unwrap();
            if self.pipe {
                let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
                rustix::fs::mkfifoat(rustix::fs::CWD, op.path(), mode).unwrap();
            } else {
                fs::hard_link(&self.other, op.path()).unwrap();
            }
        }
        Machine.perform(op)
    }
}

#[test]
fn recovery_opens_nobody_elses_file_for_writing() {
    use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
    let mut met = 0;
    for (at, pipe) in (0..60).flat_map(|at| [(at, false), (at, true)]) {
        let dir = tempfile::tempdir().unwrap();
        let shadow = dir.path().join("shadow");
        fs::write(&shadow, "root").unwrap();
        lock(&open(&dir)).deliver(pair("a", 0, "1")).unwrap();
        let (store, _) = recorded(&dir, Fault::From(at));
        let locked = store.lock(&holder(), Duration::ZERO);
        let done = locked.map(|mut locked| locked.deliver(pair("a", 0, "2")).is_ok());
        if done.is_ok_and(|done| done) {
            break;
        }
        let watch = inotify::init(CreateFlags::NONBLOCK).unwrap();
        inotify::add_watch(&watch, &shadow, WatchFlags::CLOSE_WRITE).unwrap();
        let swap = Arc::new(Swap {
            other: shadow.clone(),
            pipe,
            met: Mutex::default(),
        });
        let effects = Arc::clone(&swap) as Arc<dyn Effects>;
        let store = Store::open_with(dir.path(), effects, Resolver::Kernel).unwrap();
        // Whatever comes of it: the next one goes on.
        let _ = store.lock(&holder(), Duration::ZERO).map(drop);
        met += *swap.met.lock().unwrap();
        let mut room = [std::mem::MaybeUninit::uninit(); 1024];
        let event = inotify::Reader::new(&watch, &mut room).next().is_ok();
        assert!(!event, "opened for writing after effect {at}");
        assert_eq!(fs::read_to_string(&shadow).unwrap(), "root");
    }
    assert!(met > 2, "nothing was opened: this shows nothing");
}

/// Only who owns the folder can put it there; what it keeps from being written is
/// told, and holds nobody else up.
#[test]
fn a_folder_in_the_place_of_a_stage_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    lock(&store).deliver(pair("a", 0, "1")).unwrap();
    let there = dir.path().join("a/..stage-public.crt");
    fs::create_dir(&there).unwrap();
    let error = lock(&store).deliver(pair("a", 0, "2")).unwrap_err();
    assert!(error.to_string().contains("..stage-public.crt"), "{error}");
    assert!(!store.interrupted());
    assert_eq!(text(dir.path(), "a/private.key").unwrap(), "key 1");
    lock(&store).deliver(pair("b", 0, "1")).unwrap();
    fs::remove_dir(there).unwrap();
    lock(&store).deliver(pair("a", 0, "2")).unwrap();
    assert_eq!(text(dir.path(), "a/private.key").unwrap(), "key 2");
}
