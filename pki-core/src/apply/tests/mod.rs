//! Whole trees in temporary folders.
#![expect(
    clippy::disallowed_methods,
    reason = "tests look at the files themselves"
)]

mod any_stack;
mod authorities;
mod clock;
mod crash;
mod damage;
mod encrypted;
mod external;
mod foreign;
mod hostile;
mod life;
mod lineage;
mod lost;
mod moved;
mod place;
mod power;
mod properties;
mod sequence;
mod surroundings;

use std::collections::BTreeMap;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::LazyLock;

use tempfile::TempDir;

use super::*;
use crate::cert::Certificate;
use crate::cert::tests::make::NOW;
use crate::issue::RandomSerials;
use crate::key::SystemKeys;
use crate::manifest::{Generations, Source, resolve};
use crate::model::validity::DAY;
use crate::pem;
use crate::plan;
use crate::plan::{Owners, Scope};
use crate::report::Severity;
use crate::role::Roles;
use crate::verify::{Verdict, verify};

/// A root, an intermediate, a server with two names, a client that dials it.
const STACK: &str = r#"
version = 1
[defaults]
authority = "leaves"
[authority.root]
lifetime = "20y"
publish = "certs/ca/ca.crt"
[authority.leaves]
issuer = "root"
lifetime = "10y"
[service.store]
role = "minio"
hosts = ["store", "10.0.0.1"]
[service.spark]
role = "spark"
connects = ["store"]
[service.tool]
role = "client"
connects = ["store"]
[service.tool.to.store]
client = "own"
"#;

/// A folder with a manifest.
struct Tree {
    dir: TempDir,
    stack: Stack,
    store: Store,
    now: Timestamp,
}

/// What a file is: content, mode, inode, when it was changed.
type Seen = BTreeMap<String, (Vec<u8>, u32, u64, i64, i64)>;

impl Tree {
    fn new(manifest: &str) -> Self {
        // Where the machine has such a place, no disk is waited for.
        let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let dir = dir.unwrap();
        let store = Store::open(dir.path()).unwrap();
        Self {
            stack: stack(manifest),
            store,
            dir,
            now: NOW,
        }
    }

    /// A tree that was applied.
    fn made(manifest: &str) -> Self {
        let tree = Self::new(manifest);
        tree.apply().unwrap();
        tree
    }

    /// The same files under another manifest.
    fn with(self, manifest: &str) -> Self {
        Self {
            stack: stack(manifest),
            ..self
        }
    }

    fn options(&self) -> Options<'static> {
        Options {
            now: self.now,
            scope: Scope::Everything,
            force: false,
            rekey: false,
            prune: false,
            owners: Owners::Report,
        }
    }

    fn plan(&self, options: &Options<'_>) -> Plan {
        let found = look(&self.store, &self.stack).unwrap();
        plan::plan(
            &self.stack,
            &found.inventory,
            &found.state.delivered,
            options,
        )
    }

    fn execute(
        &self,
        plan: &Plan,
        options: &Options<'_>,
        passphrase: &dyn Fn(&str) -> Result<Secret>,
    ) -> Result<Receipt> {
        self.execute_with(plan, options, passphrase, Vec::new())
    }

    fn execute_with(
        &self,
        plan: &Plan,
        options: &Options<'_>,
        passphrase: &dyn Fn(&str) -> Result<Secret>,
        also: Vec<Write>,
    ) -> Result<Receipt> {
        apply(
            &self.store,
            &self.stack,
            plan,
            options,
            Tools {
                keys: &SystemKeys,
                serials: &mut RandomSerials::default(),
                passphrase,
                progress: &|_, _, _| (),
                threads: 1,
                holder: Holder::me("test", self.now),
                wait: Duration::ZERO,
                basis: &[],
                also,
            },
        )
    }

    fn apply_as(&self, options: &Options<'_>) -> Result<Receipt> {
        self.execute(&self.plan(options), options, &no_passphrase)
    }

    fn apply(&self) -> Result<Receipt> {
        self.apply_as(&self.options())
    }

    fn verdict(&self) -> Verdict {
        let found = look(&self.store, &self.stack).unwrap();
        let around = around(&self.store, &self.stack, &found);
        verify(&self.stack, &found.inventory, &around, self.now)
    }

    /// Nothing to do, nothing wrong.
    #[track_caller]
    fn assert_settled(&self) {
        assert_eq!(lines(&self.plan(&self.options())), [""; 0]);
        let report = self.verdict().report;
        assert!(report.worst() < Some(Severity::Warning), "{report:#?}");
    }

    fn planned(&self) -> Vec<String> {
        lines(&self.plan(&self.options()))
    }

    fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    fn read(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.path(file)).unwrap()
    }

    fn write(&self, file: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(file);
        let mut folder = std::fs::DirBuilder::new();
        folder.recursive(true);
        if file.starts_with("authorities/") {
            folder.mode(0o700);
        }
        folder.create(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn remove(&self, file: &str) {
        std::fs::remove_file(self.path(file)).unwrap();
    }

    fn certificates(&self, file: &str) -> Vec<Certificate> {
        certificates(&self.read(file))
    }

    fn leaf(&self, file: &str) -> Certificate {
        self.certificates(file).remove(0)
    }

    /// The same without what pki keeps for itself: a lost record is noted.
    fn seen_of_services(&self) -> Seen {
        let mut seen = self.seen();
        seen.retain(|file, _| !file.starts_with(".pki"));
        seen
    }

    /// Every file below the folder, but for the lock.
    fn seen(&self) -> Seen {
        let mut seen = Seen::new();
        walk(self.dir.path(), &mut |path| {
            let meta = std::fs::metadata(path).unwrap();
            let name = path.strip_prefix(self.dir.path()).unwrap();
            let name = name.to_str().unwrap().to_owned();
            let mode = meta.permissions().mode() & 0o7777;
            let content = if meta.is_file() {
                std::fs::read(path).unwrap()
            } else {
                Vec::new()
            };
            let times = if meta.is_file() {
                (meta.mtime(), meta.mtime_nsec())
            } else {
                (0, 0)
            };
            if name != ".pki/lock" {
                seen.insert(name, (content, mode, meta.ino(), times.0, times.1));
            }
        });
        seen
    }
}

/// Each step in a line: what, to what, why.
fn lines(plan: &Plan) -> Vec<String> {
    let line = |step: &Step| {
        let target = match &step.target {
            Target::Authority(name) => format!("authority {name}"),
            Target::Pair(id) => id.to_string(),
            Target::Output(path) | Target::Access(path) | Target::Leftover(path) => {
                path.to_string()
            }
        };
        let reasons: Vec<String> = step.reasons.iter().map(ToString::to_string).collect();
        format!("{} {target}: {}", step.action.word(), reasons.join("; "))
    };
    plan.steps.iter().map(line).collect()
}

fn walk(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        each(&path);
        if path.is_dir() {
            walk(&path, each);
        }
    }
}

fn stack(manifest: &str) -> Stack {
    static ROLES: LazyLock<Roles> = LazyLock::new(|| Roles::load(&[]).unwrap());
    let source = Source {
        name: "pki.toml",
        text: manifest,
    };
    match resolve(&source, &ROLES, &Generations::new(), &[]) {
        Ok(resolved) => resolved.stack,
        Err(error) => panic!("{:?}", Error::from(error)),
    }
}

fn certificates(pem: &[u8]) -> Vec<Certificate> {
    let blocks = pem::blocks(pem).blocks;
    let read = |b: &pem::Block| Certificate::from_der(b.der.as_ref().unwrap()).unwrap();
    blocks.iter().map(read).collect()
}

fn no_passphrase(authority: &str) -> Result<Secret> {
    Err(Error::usage(format!("no passphrase for `{authority}`")))
}

/// Message, causes and hint of an error.
fn told(error: &Error) -> String {
    format!("{error} (hint: {})", error.hint_text().unwrap_or_default())
}

/// Runs openssl in the tree's folder; `None` when there is none.
#[expect(clippy::print_stdout, reason = "says what is skipped")]
fn openssl(tree: &Tree, args: &[&str]) -> Option<(bool, String)> {
    let run = std::process::Command::new("openssl")
        .args(args)
        .current_dir(tree.dir.path())
        .output();
    let Ok(output) = run else {
        println!("skipped: openssl not found");
        return None;
    };
    let text = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    ))
}

#[test]
fn a_new_tree_is_made_whole() {
    let tree = Tree::new(STACK);
    assert_eq!(
        tree.planned(),
        [
            "make authority root: authority root is missing",
            "make authority leaves: authority leaves is missing",
            "make store.server.default: certificate public.crt is missing; key private.key is missing",
            "make tool.client.own: certificate own.crt is missing; key own.key is missing",
            "write certs/ca/ca.crt: ca.crt is missing",
            "write certs/spark/truststore.p12: truststore.p12 is missing",
            "write certs/spark/spark-defaults.conf: spark-defaults.conf is missing",
            "write certs/tool/trust.crt: trust.crt is missing",
        ]
    );
    let receipt = tree.apply().unwrap();
    assert_eq!(receipt.done.len(), 8);
    assert_eq!(receipt.findings, []);
    tree.assert_settled();
    let verdict = tree.verdict();
    assert_eq!((verdict.edges, verdict.good_edges), (2, 2));
    // Leaf, then the intermediate, never the root.
    let chain = tree.certificates("certs/store/public.crt");
    let leaves = tree.leaf("authorities/leaves/1/ca.crt");
    assert_eq!(chain[1..], [leaves]);
    if let Some((ok, text)) = openssl(
        &tree,
        &[
            "verify",
            "-x509_strict",
            "-attime",
            &NOW.unix().to_string(),
            "-purpose",
            "sslserver",
            "-verify_hostname",
            "store",
            "-CAfile",
            "certs/ca/ca.crt",
            "-untrusted",
            "certs/store/public.crt",
            "certs/store/public.crt",
        ],
    ) {
        assert!(ok, "{text}");
    }
}

#[test]
fn the_second_apply_touches_nothing() {
    let tree = Tree::made(STACK);
    let before = tree.seen();
    let receipt = tree.apply().unwrap();
    assert!(receipt.done.is_empty());
    assert_eq!(receipt.kept, 4);
    assert_eq!(tree.seen(), before);
}

#[test]
fn modes_are_right_from_the_start() {
    let tree = Tree::made(STACK);
    let seen = tree.seen();
    for (file, mode) in [
        ("authorities", 0o700),
        ("authorities/root/1", 0o700),
        ("authorities/root/1/ca.key", 0o600),
        ("authorities/root/1/ca.crt", 0o644),
        ("certs", 0o755),
        ("certs/store", 0o755),
        ("certs/store/private.key", 0o600),
        ("certs/store/public.crt", 0o644),
        ("certs/spark/truststore.p12", 0o644),
        (".pki", 0o700),
        (".pki/state.toml", 0o600),
    ] {
        assert_eq!(seen[file].1, mode, "{file}");
    }
}

#[test]
fn a_tree_that_changed_since_it_was_planned_is_left_alone() {
    let tree = Tree::made(STACK);
    tree.remove("certs/tool/own.crt");
    let plan = tree.plan(&tree.options());
    tree.remove("certs/tool/own.key");
    let before = tree.seen();
    let error = tree
        .execute(&plan, &tree.options(), &no_passphrase)
        .unwrap_err();
    assert!(told(&error).contains("nothing was done"), "{error}");
    assert_eq!(tree.seen(), before);
}

#[test]
fn a_missing_ca_key_is_told_once_it_should_sign() {
    let tree = Tree::made(STACK);
    tree.remove("authorities/leaves/1/ca.key");
    let plan = tree.plan(&tree.options());
    assert!(plan.is_empty() && plan.findings.is_empty(), "{plan:?}");
    tree.remove("certs/store/public.crt");
    let before = tree.seen();
    let receipt = tree.apply().unwrap();
    let finding = receipt.findings.first().unwrap();
    assert_eq!((receipt.done.len(), receipt.findings.len()), (0, 1));
    assert_eq!(finding.rule, "authority-key-missing");
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(finding.affects, ["certs/store/public.crt cannot be signed"]);
    assert_eq!(
        finding.fix.as_deref(),
        Some("restore `authorities/leaves/1/ca.key` from your backup")
    );
    assert_eq!(tree.seen(), before);
}

#[test]
fn a_foreign_ca_key_is_a_finding_and_nothing_is_made_with_it() {
    let tree = Tree::made(STACK);
    tree.write(
        "authorities/leaves/1/ca.key",
        tree.read("certs/tool/own.key"),
    );
    tree.remove("certs/store/public.crt");
    let before = tree.seen();
    let receipt = tree.apply().unwrap();
    let mut found = receipt
        .findings
        .iter()
        .map(|f| (f.rule, f.found.as_deref().unwrap_or_default()));
    let (rule, found) = found.next_back().unwrap();
    assert_eq!((rule, receipt.done.len()), ("authority-key-mismatch", 0));
    assert!(
        found.contains("`authorities/leaves/1/ca.key`")
            && found.contains("`authorities/leaves/1/ca.crt`")
    );
    assert_eq!(tree.seen(), before);
}

#[test]
fn one_bad_leaf_keeps_everything_from_being_written() {
    // The second pair has a name outside the constraints of a CA that is taken
    // as it is.
    let tree = Tree::made(
        "version = 1\n[authority.a]\npermit = [\"example.com\"]\n\
         [service.s]\nrole = \"server\"\nhosts = [\"s.example.com\"]\n",
    );
    let text = "version = 1\n[authority.a]\n\
         [service.s]\nrole = \"server\"\nhosts = [\"s.example.com\", \"t.example.com\"]\n\
         [service.z]\nrole = \"server\"\nhosts = [\"z.org\"]\n";
    tree.remove(".pki/issued.jsonl");
    let tree = Tree {
        stack: stack(text),
        ..tree
    };
    let before = tree.seen_of_services();
    let receipt = tree.apply().unwrap();
    assert!(receipt.done.is_empty());
    assert_eq!(receipt.findings[0].rule, "authority-unfit");
    assert!(receipt.findings[0].affects[0].contains("certs/z/server.crt"));
    assert_eq!(tree.seen_of_services(), before);
}

#[test]
fn a_client_without_a_host_is_held_to_permit_by_its_cn() {
    let manifest = |subject: &str| {
        format!(
            "version = 1\n[authority.a]\npermit = [\"example.com\", \"10.0.0.0/8\"]\n\
             [service.s]\nrole = \"server\"\nhosts = [\"s.example.com\"]\n\
             [service.c]\nrole = \"client\"\nconnects = [\"s\"]\n[service.c.to.s]\nclient = \"own\"\n\
             [service.c.client.own]\nhosts = [\"10.0.0.1\"]\nsubject = \"{subject}\"\n"
        )
    };
    let tree = Tree::new(&manifest("CN=some-client"));
    let before = tree.seen();
    let error = tree.apply().unwrap_err();
    assert!(
        told(&error).contains("common-name-not-permitted"),
        "{}",
        told(&error)
    );
    assert_eq!(tree.seen(), before);
    Tree::made(&manifest("CN=some client")).assert_settled();
    Tree::made(&manifest("CN=c.example.com")).assert_settled();
}
