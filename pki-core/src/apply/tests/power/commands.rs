//! Commands that are recorded.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::store;

/// A CA, a server, a client that presents a pair.
pub(super) const SMALL: &str = r#"
version = 1
[authority.root]
publish = "certs/ca.crt"
[service.s]
role = "server"
hosts = ["s"]
[service.c]
role = "client"
connects = ["s"]
[service.c.to.s]
client = "own"
"#;

/// One service more.
const LARGER: &str = r#"
version = 1
[authority.root]
publish = "certs/ca.crt"
[service.s]
role = "server"
hosts = ["s"]
[service.t]
role = "server"
hosts = ["t"]
[service.c]
role = "client"
connects = ["s"]
[service.c.to.s]
client = "own"
"#;

/// A command that is recorded: how the tree is before, and what it does.
#[derive(Clone, Copy)]
pub(super) struct Command {
    pub(super) make: fn() -> Tree,
    /// The first effect that is no longer done by a renewal with new keys, which
    /// goes before.
    pub(super) killed: Option<fn(&FsOp<'_>) -> bool>,
    pub(super) act: fn(&Tree),
    /// Whether it takes away what the manifest no longer names.
    pub(super) prune: bool,
    /// The manifest that it writes with the rest.
    pub(super) writes: Option<&'static str>,
}

const PLAIN: Command = Command {
    make: || Tree::made(SMALL),
    killed: None,
    act: |_| {},
    prune: false,
    writes: None,
};

/// The manifest of a new tree with all that it says.
pub(super) const INIT: Command = Command {
    make: || Tree::new(SMALL),
    act: |tree| begin(tree, SMALL),
    writes: Some(SMALL),
    ..PLAIN
};

pub(super) const NEW_KEYS: Command = Command {
    act: |tree| {
        tree.apply_as(&new_keys(tree)).unwrap();
    },
    ..PLAIN
};

/// A line more in the manifest, and what it asks for.
pub(super) const ISSUE: Command = Command {
    make: || {
        let tree = Tree::made(SMALL);
        tree.write(MANIFEST, SMALL.as_bytes());
        tree.with(LARGER)
    },
    act: |tree| begin(tree, LARGER),
    writes: Some(LARGER),
    ..PLAIN
};

pub(super) const LESS: Command = Command {
    make: || Tree::made(SMALL).with(&SMALL.replace("client = \"own\"", "")),
    act: |tree| {
        tree.apply_as(&pruning(tree)).unwrap();
    },
    prune: true,
    ..PLAIN
};

/// Recovery after a kill before all was staged.
pub(super) const TAKE_BACK: Command = Command {
    killed: Some(|op| matches!(op, FsOp::SyncFile { file } if is_staged(file.path()))),
    act: recover,
    ..PLAIN
};

/// Recovery after a kill between a key and its certificate.
pub(super) const FINISH: Command = Command {
    killed: Some(|op| matches!(op, FsOp::Rename { new, .. } if *new == "server.crt")),
    act: recover,
    ..PLAIN
};

/// Recovery after a kill when all was in its place.
pub(super) const CLEAR: Command = Command {
    killed: Some(
        |op| matches!(op, FsOp::Close { file } if file.path().ends_with("..stage-own.crt")),
    ),
    act: recover,
    ..PLAIN
};

const MANIFEST: &str = "pki.toml";

/// Does what a new manifest says, and writes it too.
pub(super) fn begin(tree: &Tree, text: &str) {
    let place = TreePath::new(MANIFEST).unwrap();
    let manifest = Write::public(place, text.as_bytes().to_vec());
    let options = tree.options();
    let plan = tree.plan(&options);
    tree.execute_with(&plan, &options, &no_passphrase, vec![manifest])
        .unwrap();
}

/// What a manifest was left as; `None` where there is none.
pub(super) fn manifest(tree: &Tree) -> Option<String> {
    let path = tree.path(MANIFEST);
    let text = path.exists().then(|| tree.read(MANIFEST))?;
    Some(String::from_utf8(text).unwrap())
}

pub(super) fn pruning(tree: &Tree) -> Options<'static> {
    Options {
        prune: true,
        ..tree.options()
    }
}

fn new_keys(tree: &Tree) -> Options<'static> {
    Options {
        scope: Scope::Due(&[]),
        force: true,
        rekey: true,
        ..tree.options()
    }
}

fn is_staged(path: &Path) -> bool {
    path.file_name().is_some_and(store::is_staged)
}

fn recover(tree: &Tree) {
    let holder = Holder::me("test", tree.now);
    drop(tree.store.lock(&holder, Duration::ZERO).unwrap());
}

/// Does nothing more from the first effect on that `is_last` picks.
struct Killed {
    is_last: fn(&FsOp<'_>) -> bool,
    is_dead: AtomicBool,
    until: Arc<dyn Effects>,
}

impl Effects for Killed {
    fn perform(&self, op: FsOp<'_>) -> std::io::Result<Option<OpenFile>> {
        if (self.is_last)(&op) {
            self.is_dead.store(true, Ordering::Relaxed);
        }
        if self.is_dead.load(Ordering::Relaxed) {
            return Err(std::io::ErrorKind::Other.into());
        }
        self.until.perform(op)
    }
}

/// A renewal with new keys that is killed, with these effects until then.
pub(super) fn kill(tree: &mut Tree, is_last: fn(&FsOp<'_>) -> bool, until: Arc<dyn Effects>) {
    let killed = Killed {
        is_last,
        is_dead: AtomicBool::new(false),
        until,
    };
    tree.store = Store::open_with(tree.dir.path(), Arc::new(killed), Resolver::Kernel).unwrap();
    assert!(tree.apply_as(&new_keys(tree)).is_err());
    assert!(tree.store.interrupted());
}
