//! A first apply that ends anywhere, and what counts as an authority that stood.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::store::{Effects, FsOp, Machine, OpenFile, Resolver};

/// A disk that is full at one effect, or from one on; 0 is the first.
pub(super) struct Full {
    at: usize,
    stays: bool,
    count: AtomicUsize,
}

impl Full {
    pub(super) fn new(at: usize, stays: bool) -> Self {
        Self {
            at,
            stays,
            count: AtomicUsize::new(0),
        }
    }

    /// How many effects there were.
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Effects for Full {
    fn perform(&self, op: FsOp<'_>) -> io::Result<Option<OpenFile>> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        if number == self.at || (self.stays && number > self.at) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        match op {
            FsOp::SyncFile { .. } | FsOp::SyncFolder { .. } | FsOp::Pause { .. } => Ok(None),
            op => Machine.perform(op),
        }
    }
}

/// Applies with such a disk; says how many effects there were.
fn apply_on(tree: &mut Tree, at: usize, stays: bool) -> (Result<Receipt>, usize) {
    let full = Arc::new(Full::new(at, stays));
    let effects = Arc::clone(&full) as Arc<dyn Effects>;
    let quiet = std::mem::replace(
        &mut tree.store,
        Store::open_with(tree.dir.path(), effects, Resolver::Kernel).unwrap(),
    );
    let done = tree.apply();
    tree.store = quiet;
    (done, full.count())
}

const TWO: &str = "version = 1\n[authority.root]\n[authority.sub]\nissuer = \"root\"\n\
    [service.s]\nauthority = \"sub\"\nrole = \"server\"\nhosts = [\"s\"]\n";

#[test]
fn a_first_apply_that_ends_anywhere_is_made_good_by_the_next() {
    let (done, total) = apply_on(&mut Tree::new(TWO), usize::MAX, false);
    done.unwrap();
    let (mut failures, mut finished) = (0, 0);
    for at in 0..total {
        for stays in [true, false] {
            let mut tree = Tree::new(TWO);
            let (done, _) = apply_on(&mut tree, at, stays);
            failures += usize::from(done.is_err());
            let found = look(&tree.store, &tree.stack).unwrap();
            let found = found.recovered(&tree.store);
            let delivered = &found.state.delivered;
            let options = tree.options();
            let foreseen = plan::plan(&tree.stack, &found.inventory, delivered, &options);
            let raw = tree.plan(&options);
            // As the next command does.
            drop(
                tree.store
                    .lock(&Holder::me("test", tree.now), Duration::ZERO),
            );
            let plan = tree.plan(&tree.options());
            let when = format!("{at} of {total}, {stays}: {:?}", lines(&plan));
            assert_eq!(plan.findings, [], "{when}");
            assert_eq!(lines(&foreseen), lines(&plan), "{when}");
            finished += usize::from(lines(&raw) != lines(&plan));
            let state = tree.store.read_state().unwrap();
            for (name, number) in state.stood() {
                let file = format!("authorities/{name}/{number}/ca.key");
                assert!(tree.path(&file).exists(), "{when}: {file}");
            }
            // Whatever is there, the state knows.
            for file in ["certs/s/server.key", "certs/s/server.crt"] {
                let known = state.delivered.iter().any(|p| p.to_string() == file);
                assert!(known || !tree.path(file).exists(), "{when}: {file}");
            }
            tree.apply().unwrap();
            tree.assert_settled();
            assert_eq!(
                tree.store.read_state().unwrap().stood().count(),
                2,
                "{when}"
            );
        }
    }
    assert!(failures > total, "{failures} of {total}");
    assert!(finished > 0, "what was foreseen is what stood");
}

fn lose(tree: &Tree, name: &str) {
    tree.remove(&format!("authorities/{name}/1/ca.crt"));
    tree.remove(&format!("authorities/{name}/1/ca.key"));
}

#[test]
fn what_stood_is_never_made_anew() {
    type Damage = fn(&Tree);
    let cases: &[(&str, Damage, bool)] = &[
        (
            "the state knows it",
            |t| t.remove("certs/s/server.crt"),
            true,
        ),
        ("a leaf shows it", |t| t.remove(".pki/state.toml"), true),
        (
            "a copy of its certificate shows it",
            |t| {
                t.write("certs/s/server.crt", t.read("authorities/sub/1/ca.crt"));
                t.remove(".pki/state.toml");
                lose(t, "sub");
            },
            true,
        ),
        (
            "a record that cannot be read is no proof of the contrary",
            |t| {
                t.remove(".pki/state.toml");
                t.remove(".pki/issued.jsonl");
                t.write(".pki/issued.jsonl/in", "the way");
            },
            true,
        ),
        (
            "only a line names it",
            |t| {
                t.remove(".pki/state.toml");
                t.remove("certs/s/server.crt");
            },
            false,
        ),
    ];
    for (why, damage, stood) in cases {
        let tree = Tree::made(TWO);
        damage(&tree);
        if tree.path("authorities/sub/1/ca.key").exists() {
            lose(&tree, "sub");
        }
        let plan = tree.plan(&tree.options());
        let missing = plan.findings.iter().any(|f| f.rule == "authority-missing");
        let made = lines(&plan)
            .iter()
            .any(|l| l.starts_with("make authority sub"));
        assert_eq!((missing, made), (*stood, !stood), "{why}: {plan:#?}");
    }
}

#[test]
fn a_record_that_cannot_be_read_stops_what_changes() {
    let tree = Tree::made(TWO);
    let record = tree.path(".pki/issued.jsonl");
    // Larger than the file of any other kind may be.
    let mut text = tree.read(".pki/issued.jsonl");
    let line = [
        b"{\"version\":1,".to_vec(),
        vec![b' '; 1 << 20],
        b"}\n".to_vec(),
    ]
    .concat();
    for _ in 0..17 {
        text.extend_from_slice(&line);
    }
    std::fs::write(&record, text).unwrap();
    lose(&tree, "sub");
    assert!(!tree.planned().iter().any(|l| l.contains("authority")));

    let tree = Tree::made(TWO);
    tree.remove("certs/s/server.crt");
    let record = tree.path(".pki/issued.jsonl");
    for (reason, make) in [
        (
            "more than",
            (|p| {
                std::fs::File::create(p)
                    .unwrap()
                    .set_len(300 << 20)
                    .unwrap();
            }) as fn(&Path),
        ),
        ("a folder", |p| std::fs::create_dir(p).unwrap()),
        ("a link", |p| {
            std::os::unix::fs::symlink("state.toml", p).unwrap();
        }),
    ] {
        std::fs::remove_file(&record).unwrap();
        make(&record);
        let before = tree.seen();
        let error = tree.apply().unwrap_err();
        assert!(format!("{error:?}").contains(reason), "{error:?}");
        assert!(error.hint_text().is_some_and(|h| !h.is_empty()));
        assert_eq!(tree.seen(), before);
        let report = tree.verdict().report;
        let mut told = report.findings().iter();
        assert!(told.any(|f| f.rule == "issuance-record" && f.severity == Severity::Error));
        if record.is_dir() {
            std::fs::remove_dir(&record).unwrap();
            std::fs::write(&record, "").unwrap();
        }
    }
}

#[test]
fn what_it_was_made_from_is_looked_at_again() {
    let tree = Tree::new(TWO);
    tree.write("pki.toml", TWO);
    let place = TreePath::new("pki.toml").unwrap();
    let before = tree.store.read(&place);
    let options = tree.options();
    let apply_from = |plan: &Plan| {
        apply(
            &tree.store,
            &tree.stack,
            plan,
            &options,
            Tools {
                keys: &SystemKeys,
                serials: &mut RandomSerials::default(),
                passphrase: &no_passphrase,
                progress: &|_, _, _| (),
                threads: 1,
                holder: Holder::me("test", tree.now),
                wait: Duration::ZERO,
                basis: &[(place.clone(), &before)],
                also: Vec::new(),
            },
        )
    };
    let plan = tree.plan(&options);
    tree.write("pki.toml", "version = 1\n");
    let error = apply_from(&plan).unwrap_err();
    assert!(told(&error).contains("nothing was done"), "{error}");
    assert!(!tree.path("authorities").exists());
    tree.write("pki.toml", TWO);
    apply_from(&plan).unwrap();
}
