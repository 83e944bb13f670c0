//! Nothing secret is said, kept or left where others find it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use pki_core::pem;

use crate::folder::{everybodys, folder, open_folder, program, run, write};
use crate::skipped;

const PASSPHRASE: &str = "correct horse battery staple";
const WRONG: &str = "hunter2 hunter2 hunter2";

/// An encrypted root, what signs below it, a server, a client, a truststore.
const MANIFEST: &str = "version = 1\n\
    [defaults]\nauthority = \"leaves\"\n\
    [authority.root]\nencrypted = true\n\
    [authority.leaves]\nissuer = \"root\"\n\
    [service.web]\nrole = \"minio\"\nhosts = [\"web\"]\n\
    [service.spark]\nrole = \"spark\"\nconnects = [\"web\"]\n\
    [service.tool]\nrole = \"client\"\nconnects = [\"web\"]\n\
    [service.tool.to.web]\nclient = \"own\"\n";

/// Forms in which a secret could turn up.
#[derive(Default)]
struct Needles(BTreeSet<Vec<u8>>);

impl Needles {
    fn add(&mut self, octets: &[u8]) {
        self.0.insert(octets.to_vec());
        for part in octets.windows(24) {
            self.0.insert(part.to_vec());
            // Of whatever it is a part: one of three alignments begins a group.
            let text = pem::encode("X", part);
            self.0
                .insert(text.lines().nth(1).unwrap().as_bytes().to_vec());
            let digits = |form: fn(&u8) -> String| part.iter().map(form).collect::<String>();
            self.0.insert(digits(|o| format!("{o:02x}")).into_bytes());
            self.0.insert(digits(|o| format!("{o:02X}")).into_bytes());
            let numbers: Vec<String> = part.iter().map(ToString::to_string).collect();
            self.0.insert(numbers.join(", ").into_bytes());
        }
    }

    /// The private number of each key that is not encrypted.
    fn keys(&mut self, dir: &Path) -> usize {
        let mut found = 0;
        each(dir, &mut |path, bytes| {
            if path.extension().is_none_or(|e| e != "key") {
                return;
            }
            for block in pem::blocks(bytes).blocks {
                let Ok(der) = &block.der else { continue };
                // ECPrivateKey (RFC 5915): version 1, then 32 octets.
                let start = [2, 1, 1, 4, 32];
                if let Some(at) = der.windows(5).position(|w| w == start) {
                    self.add(&der[at + 5..at + 37]);
                    found += 1;
                }
            }
        });
        found
    }

    #[track_caller]
    fn assert_none_in(&self, what: &str, text: &[u8]) {
        let lengths: BTreeSet<usize> = self.0.iter().map(Vec::len).collect();
        // As it is, and without the line breaks of PEM, also those in JSON.
        let joined = String::from_utf8_lossy(text).replace("\\n", "");
        let joined = joined.replace(char::is_whitespace, "");
        for text in [text, joined.as_bytes()] {
            for length in &lengths {
                let hit = text.windows(*length).any(|window| self.0.contains(window));
                assert!(!hit, "a secret in {what}");
            }
        }
    }
}

/// Every file below a folder.
fn each(dir: &Path, look: &mut dyn FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each(&path, look);
        } else {
            look(&path, &fs::read(&path).unwrap());
        }
    }
}

#[test]
fn what_is_said_and_kept_holds_no_secret() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    write(&at("pki.toml"), MANIFEST);
    write(&at("right"), format!("{PASSPHRASE}\n"));
    write(&at("wrong"), format!("{WRONG}\n"));
    let mut needles = Needles::default();
    needles.add(PASSPHRASE.as_bytes());
    needles.add(WRONG.as_bytes());
    needles.0.insert(PASSPHRASE.into());
    needles.0.insert(WRONG.into());
    let mut said: Vec<(String, Vec<u8>)> = Vec::new();
    let mut keys = 0;
    for line in [
        "apply -v --passphrase-file root=right",
        "verify -v",
        "verify --json",
        "plan -v",
        "list -v",
        "list --json",
        "inspect -v authorities/root/1/ca.key",
        "inspect --json --password-file right authorities/root/1/ca.key",
        "inspect --password-file wrong authorities/root/1/ca.key",
        "inspect -v certs/web/private.key certs/tool/own.key",
        "inspect --json certs/web/private.key",
        "inspect --json certs/spark/truststore.p12",
        "verify --ca authorities/root/1/ca.crt --key certs/web/private.key certs/web/public.crt",
        "verify --ca certs/web/private.key certs/web/public.crt",
        "issue server more --san more -v",
        "issue server loose --san loose --out out",
        "renew -v --force --rekey",
        "renew -v authority.leaves --force --passphrase-file root=wrong",
        "renew -v authority.leaves --force --passphrase-file root=right",
        "renew -v authority.leaves --force",
        "renew authority.leaves --force --passphrase-file root=pki.toml",
        "init -v second",
        // From here on things are broken.
        "inspect -v broken.key",
        "apply -v",
        "verify -v",
        "plan -v",
    ] {
        if line.contains("broken") {
            let key = fs::read_to_string(at("certs/web/private.key")).unwrap();
            // Half a key, and one with text around it.
            write(&at("broken.key"), &key[..key.len() / 2]);
            write(&at("certs/web/private.key"), format!("{key}{key}x"));
            write(&at("certs/tool/own.key"), &key[..key.len() - 40]);
        }
        let arguments: Vec<&str> = line.split(' ').collect();
        let ran = run(dir.path(), &arguments);
        assert!((0..=4).contains(&ran.code), "{line}: {}", ran.said());
        assert!(!ran.said().contains("panicked"), "{line}: {}", ran.said());
        if line.contains("root=wrong") || line.contains("file wrong") {
            assert_eq!(ran.code, 2, "{line}: {}", ran.said());
        }
        said.push((line.to_owned(), ran.said().into_bytes()));
        keys += needles.keys(dir.path());
    }
    assert!(keys > 20, "{keys} keys: were they found?");
    for (line, text) in &said {
        needles.assert_none_in(line, text);
    }
    each(&at(".pki"), &mut |path, bytes| {
        needles.assert_none_in(&path.display().to_string(), bytes);
    });
    // It would have been seen.
    let key = fs::read(at("certs/web/private.key")).unwrap();
    let seen = std::panic::catch_unwind(|| needles.assert_none_in("a key", &key));
    assert!(seen.is_err(), "a key is not recognised: this shows nothing");
}

#[test]
fn no_option_takes_a_secret() {
    let dir = folder();
    let text = run(dir.path(), &["--help"]).stdout;
    let commands = text
        .lines()
        .skip_while(|l| !l.starts_with("Commands:"))
        .skip(1);
    let commands: Vec<&str> = commands
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() > 8, "{commands:?}");
    for command in commands {
        let help = run(dir.path(), &[command, "--help"]).stdout;
        let words = help
            .split_whitespace()
            .filter(|word| word.starts_with("--"));
        for word in words {
            let name = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            let secret = ["pass", "pw", "secret", "pin"]
                .iter()
                .any(|s| name.contains(s));
            let file = name.ends_with("-file") || name.contains("-file=");
            assert!(!secret || file, "{command} {word}");
        }
    }
}

/// The soft limit of a core dump, and who owns its files in /proc: root, once
/// nobody may look at its memory (proc(5)).
fn seen(child: &Child) -> (String, u32) {
    let folder = format!("/proc/{}", child.id());
    let mut limits = String::new();
    let file = File::open(format!("{folder}/limits"));
    file.unwrap().read_to_string(&mut limits).unwrap();
    let line = limits.lines().find(|l| l.starts_with("Max core file size"));
    let soft = line.unwrap().split_whitespace().nth(4).unwrap();
    (
        soft.to_owned(),
        fs::metadata(format!("{folder}/auxv")).unwrap().uid(),
    )
}

#[test]
fn who_waits_for_the_lock_leaves_no_memory_behind() {
    let top = open_folder();
    let tree = top.path().join("tree");
    write(&tree.join("pki.toml"), crate::folder::STACK);
    assert_eq!(run(&tree, &["apply"]).code, 0);
    let lock = File::options()
        .write(true)
        .open(tree.join(".pki/lock"))
        .unwrap();
    lock.lock().unwrap();
    let mut command = Command::new(program());
    let root = rustix::process::geteuid().is_root();
    if root {
        let mut all = vec![tree.clone()];
        while let Some(path) = all.pop() {
            chown(&path, Some(65534), Some(65534)).unwrap();
            if path.is_dir() {
                all.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
            }
        }
        command = Command::new(everybodys(top.path()));
        command.uid(65534).gid(65534);
    }
    let mut child = command
        .args(["renew", "--force", "--wait", "60"])
        .current_dir(&tree)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let expected = ("0".to_owned(), 0);
    let mut tries = 0;
    while seen(&child) != expected && tries < 200 {
        std::thread::sleep(std::time::Duration::from_millis(25));
        tries += 1;
    }
    let found = seen(&child);
    let waits = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(waits, "it did not wait for the lock");
    assert_eq!(found, expected);
    if !root {
        skipped("as root it would be run as another user");
    }
}
