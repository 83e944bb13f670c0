//! Whole trees: manifests, roles, what pki keeps for itself, full folders.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use crate::files::{assert_bounded, repeat, sparse};
use crate::folder::{STACK, applied, folder, in_pairs, run, write};

/// Commands on a tree.
const ALL: [&[&str]; 3] = [&["verify"], &["list"], &["apply"]];

/// A manifest, other files of the tree, how the commands end, what is said.
type Text = (
    &'static str,
    String,
    Vec<(&'static str, String)>,
    &'static str,
);

/// One after the other, by number.
fn many(count: usize, form: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |text, n| text + &form(n))
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn texts() -> Vec<Text> {
    let with = |line: &str| format!("version = 1\n{line}\n");
    let stack = |role: &str| STACK.replace("minio", role);
    let circle = |n: usize| {
        let tables = (0..n).map(|k| format!("[authority.a{k}]\nissuer = \"a{}\"\n", (k + 1) % n));
        with(&tables.collect::<String>())
    };
    let line = |n: usize| {
        let tables = (0..n).map(|k| format!("[authority.a{k}]\nissuer = \"a{}\"\n", k + 1));
        with(&(tables.collect::<String>() + &format!("[authority.a{n}]")))
    };
    let role = |cert: &str| {
        format!(
            "name = \"own\"\nsummary = \"x\"\ntls = \"go\"\n[server]\nport = 1\nclient_certificates = \"never\"\n\
             [files]\ncert = \"{cert}\"\nkey = \"a.key\"\n"
        )
    };
    let own = |name: &'static str, text: String, said: &'static str| -> Text {
        (name, stack("own"), vec![("roles/own.toml", text)], said)
    };
    vec![
        (
            "arrays",
            with(&format!(
                "x = {}{}",
                "[".repeat(100_000),
                "]".repeat(100_000)
            )),
            vec![],
            "TOML",
        ),
        (
            "tables",
            with(&format!(
                "x = {}1{}",
                "{a=".repeat(100_000),
                "}".repeat(100_000)
            )),
            vec![],
            "TOML",
        ),
        (
            "dots",
            with(&format!("{} = 1", vec!["a"; 100_000].join("."))),
            vec![],
            "TOML",
        ),
        (
            "header",
            with(&format!("[{}]", vec!["a"; 100_000].join("."))),
            vec![],
            "TOML",
        ),
        (
            "headers",
            with(&many(20_000, |k| format!("[a{k}{}]\n", ".a".repeat(50)))),
            vec![],
            "more than the",
        ),
        (
            "string",
            with(&format!("x = \"{}\"", "a".repeat(3 << 20))),
            vec![],
            "unknown key",
        ),
        (
            "no-end",
            with(&format!("#{}", "a".repeat(15 << 20))),
            vec![],
            "more than the",
        ),
        (
            "hosts",
            STACK.replace(
                "[\"web\"]\n[",
                &format!("[{}]\n[", many(100_000, |n| format!("\"h{n}\","))),
            ),
            vec![],
            "names",
        ),
        (
            "range",
            STACK.replace("\"web\"]\n[", "\"w-{1...1000}-{1...1000}\"]\n["),
            vec![],
            "1024 names",
        ),
        ("circle", circle(5_000), vec![], "1000"),
        (
            "small-circle",
            circle(300),
            vec![],
            "a circle of authorities",
        ),
        ("line", line(300), vec![], "more than 16 authorities above"),
        own("role-above", role("../../evil.crt"), "evil.crt"),
        own("role-absolute", role("/tmp/evil.crt"), "evil.crt"),
        own("role-nul", role("a\\u0000b"), "roles/own.toml"),
        own(
            "role-deep",
            format!("x = {}", "[".repeat(100_000)),
            "roles/own.toml",
        ),
        own(
            "role-long",
            format!("#{}", "x".repeat(15 << 20)),
            "more than the",
        ),
        (
            "role-elsewhere",
            stack("../own"),
            vec![("own.toml", role("a.crt"))],
            "../own",
        ),
    ]
}

#[test]
fn texts_are_told_within_bounds() {
    in_pairs(texts(), |(name, manifest, files, said)| {
        let dir = folder();
        write(&dir.path().join("pki.toml"), manifest);
        for (path, text) in files {
            write(&dir.path().join(path), text);
        }
        for call in &ALL[1..] {
            let ran = run(dir.path(), call);
            assert_bounded(&format!("{name} {}", call[0]), &ran);
            assert_eq!(ran.code, 2, "{name} {call:?}: {}", ran.stderr);
            assert!(ran.stderr.contains(said), "{name} {call:?}: {}", ran.stderr);
        }
        // Nothing was made.
        assert!(!dir.path().join("certs").exists(), "{name}");
    });
}

#[test]
fn a_role_that_is_no_file_is_not_opened() {
    for what in ["pipe", "link", "folder", "elsewhere"] {
        let dir = folder();
        let at = |path: &str| dir.path().join(path);
        write(&at("pki.toml"), STACK);
        fs::create_dir(at("roles")).unwrap();
        match what {
            "pipe" => {
                let mode = rustix::fs::Mode::RUSR;
                rustix::fs::mkfifoat(rustix::fs::CWD, at("roles/a.toml"), mode).unwrap();
            }
            "link" => std::os::unix::fs::symlink("/etc/shadow", at("roles/a.toml")).unwrap(),
            "folder" => fs::create_dir(at("roles/a.toml")).unwrap(),
            _ => {
                fs::remove_dir(at("roles")).unwrap();
                std::os::unix::fs::symlink("/dev", at("roles")).unwrap();
            }
        }
        let ran = run(dir.path(), &["verify"]);
        assert_bounded(what, &ran);
        assert_eq!(ran.code, 2, "{what}: {}", ran.said());
        assert!(ran.stderr.contains("roles"), "{what}: {}", ran.stderr);
        assert!(!ran.said().contains("root:"), "{}", ran.said());
    }
}

/// What happens to a tree that stands, and the exit codes that are right then.
type Harm = (
    &'static str,
    Box<dyn Fn(&Path) + Send + Sync>,
    &'static [i32],
);

fn harm(
    name: &'static str,
    codes: &'static [i32],
    harm: impl Fn(&Path) + Send + Sync + 'static,
) -> Harm {
    (name, Box::new(harm), codes)
}

fn empty(folder: &Path, prefix: &str, count: usize) {
    for n in 0..count {
        File::create(folder.join(format!("{prefix}{n}"))).unwrap();
    }
}

fn harms() -> Vec<Harm> {
    let append = |path: &Path, text: &[u8]| {
        let mut file = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        file.write_all(text).unwrap();
    };
    vec![
        harm("state-large", &[3], |dir| {
            sparse(&dir.join(".pki/state.toml"), 500 << 20);
        }),
        harm("state-deep", &[3], |dir| {
            let table = |k: usize| format!("[authority.a{k}{}]\n", ".a".repeat(60));
            let text: String = (0..100_000).map(table).collect();
            write(&dir.join(".pki/state.toml"), format!("version = 1\n{text}"));
        }),
        harm("state-long", &[0, 1, 3], |dir| {
            let places = many(200_000, |k| format!("\"certs/{k}\","));
            write(
                &dir.join(".pki/state.toml"),
                format!("version = 1\ndelivered = [{places}]\n"),
            );
        }),
        harm("record-large", &[0, 1, 2, 3], |dir| {
            let line = fs::read(dir.join(".pki/issued.jsonl")).unwrap();
            let line = line.split_inclusive(|b| *b == b'\n').next().unwrap();
            repeat(&dir.join(".pki/issued.jsonl"), line, 500 << 20);
        }),
        harm("record-long", &[0, 1, 2, 3], |dir| {
            let line = fs::read(dir.join(".pki/issued.jsonl")).unwrap();
            let line = line.split_inclusive(|b| *b == b'\n').next().unwrap();
            repeat(&dir.join(".pki/issued.jsonl"), line, 40 << 20);
        }),
        harm("record-without-lines", &[0, 1, 2, 3], move |dir| {
            append(&dir.join(".pki/issued.jsonl"), &b"x".repeat(40 << 20));
        }),
        harm("record-deep", &[0, 1, 2, 3], move |dir| {
            append(&dir.join(".pki/issued.jsonl"), &b"[".repeat(10 << 20));
        }),
        harm("record-empty-lines", &[0, 1, 2, 3], move |dir| {
            append(&dir.join(".pki/issued.jsonl"), &b"{}\n".repeat(5 << 20));
        }),
        harm("journal-large", &[0, 1, 3], |dir| {
            sparse(&dir.join(".pki/journal"), 300 << 20);
        }),
        harm("journal-deep", &[0, 1, 3], |dir| {
            write(&dir.join(".pki/journal"), b"[".repeat(4_000_000));
        }),
        harm("files", &[0, 1], |dir| {
            empty(&dir.join("certs/web"), "f", 200_000);
        }),
        harm("staged", &[0, 1], |dir| {
            empty(&dir.join("authorities/ca/1"), "..stage-", 120_000);
        }),
        harm("folders", &[0, 1], |dir| {
            for n in 0..120_000 {
                fs::create_dir(dir.join(format!("certs/web/{n}"))).unwrap();
            }
        }),
        harm("deep-folders", &[0, 1], |dir| {
            let mut at = dir.join("certs/web");
            for _ in 0..1_500 {
                at.push("d");
                fs::create_dir(&at).unwrap();
            }
        }),
        harm("certificates", &[0, 1], |dir| {
            let path = dir.join("certs/web/public.crt");
            repeat(&path, &fs::read(&path).unwrap(), 15 << 20);
        }),
        harm("keys", &[0, 1, 2], |dir| {
            let path = dir.join("certs/web/private.key");
            repeat(&path, &fs::read(&path).unwrap(), 15 << 20);
        }),
        harm("authority", &[0, 1, 2], |dir| {
            let path = dir.join("authorities/ca/1/ca.crt");
            repeat(&path, &fs::read(&path).unwrap(), 15 << 20);
        }),
        harm("foreign-keys", &[0, 1], |dir| {
            let key = fs::read(dir.join("certs/web/private.key")).unwrap();
            for n in 0..8 {
                repeat(&dir.join(format!("certs/web/k{n}")), &key, 1 << 20);
            }
        }),
    ]
}

#[test]
fn trees_are_judged_within_bounds() {
    in_pairs(harms(), |(name, harm, codes)| {
        let dir = folder();
        applied(dir.path(), STACK);
        harm(dir.path());
        for call in ALL {
            let ran = run(dir.path(), call);
            assert_bounded(&format!("{name} {}", call[0]), &ran);
            assert!(
                codes.contains(&ran.code),
                "{name} {call:?} {}: {}",
                ran.code,
                ran.said()
            );
        }
    });
}
