//! What `pki init` asks of the system, as strace tells it.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use crate::folder::{folder, program};
use crate::skipped;

/// Those with a question mark are not on every machine.
const CALLS: &str = "trace=openat,?open,?creat,?mkdir,mkdirat,fchmod,?chmod,fchmodat,?fchmodat2,\
    ?rename,?renameat,renameat2,linkat,close";

/// A private key, by the name that it is staged or stands under.
fn is_key(name: &str) -> bool {
    name.trim_matches('"')
        .rsplit_once('.')
        .is_some_and(|(_, end)| end == "key")
}

#[test]
fn every_key_is_closed_from_its_first_moment() {
    for umask in ["000", "022"] {
        let dir = folder();
        let log = dir.path().join("log");
        let line =
            format!("umask {umask}; exec strace -f -o log -s 4096 -e '{CALLS}' \"$0\" init made");
        let ran = Command::new("sh")
            .args(["-c", &line])
            .arg(program())
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        if !text.contains("openat(") {
            return skipped("strace not found, or not allowed");
        }
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        let keys = follow(&text);
        assert!(
            keys > 2,
            "{keys} keys in {} lines: were they seen?",
            text.lines().count()
        );
    }
}

/// Goes through the calls; says how many keys were made.
fn follow(text: &str) -> usize {
    // By descriptor: of what key, and the modes it got.
    let mut open: BTreeMap<String, String> = BTreeMap::new();
    let mut made = 0;
    // By process: what it began, where another's call came between.
    let mut begun: BTreeMap<&str, &str> = BTreeMap::new();
    for line in text.lines() {
        // `4711  openat(5, "..stage-a.key", O_WRONLY|…, 0600) = 6`
        let (process, call) = line.split_once(' ').unwrap_or(("", line));
        let call = call.trim_start();
        if let Some(first) = call.strip_suffix(" <unfinished ...>") {
            begun.insert(process, first);
            continue;
        }
        let mut whole = call.to_owned();
        if let Some((_, last)) = call.split_once(" resumed>")
            && let Some(first) = begun.remove(process)
        {
            whole = match last.split_once(')') {
                Some((more, result)) => format!("{first}{more}) {}", result.trim_start()),
                None => format!("{first}{last}"),
            };
        }
        let Some((name, rest)) = whole.split_once('(') else {
            continue;
        };
        let Some((arguments, result)) = rest.rsplit_once(") = ") else {
            continue;
        };
        let arguments: Vec<&str> = arguments.split(", ").collect();
        let failed = result.starts_with("-1");
        match name {
            "openat" if is_key(arguments[1]) && arguments[2].contains("O_CREAT") => {
                assert!(arguments[2].contains("O_EXCL"), "{line}");
                assert!(arguments[2].contains("O_NOFOLLOW"), "{line}");
                assert!(arguments[2].contains("O_CLOEXEC"), "{line}");
                assert_eq!(arguments[3], "0600", "{line}");
                assert!(!failed, "{line}");
                open.insert(result.to_owned(), arguments[1].to_owned());
                made += 1;
            }
            "openat" if is_key(arguments[1]) => {
                assert!(
                    arguments[2].contains("O_RDONLY"),
                    "written in place: {line}"
                );
                open.remove(result);
            }
            "openat" => {
                open.remove(result);
            }
            "close" => {
                open.remove(arguments[0]);
            }
            "fchmod" if open.contains_key(arguments[0]) => {
                // No starter shares its keys with a group.
                assert_eq!(arguments[1], "0600", "{line}");
            }
            "mkdirat" if !failed => {
                assert_eq!(arguments[2], "0700", "made wider than it becomes: {line}");
            }
            "open" | "creat" | "chmod" | "fchmodat" | "fchmodat2" | "rename" | "mkdir" => {
                assert!(!is_key(arguments[0]), "by a path: {line}");
                assert!(!arguments.iter().any(|a| is_key(a)), "by a path: {line}");
            }
            "renameat" | "renameat2" => {
                let (from, to) = (arguments[1], arguments[3]);
                if is_key(to) {
                    let staged = format!("\"..stage-{}", &to[1..]);
                    assert_eq!(
                        (arguments[0], from),
                        (arguments[2], staged.as_str()),
                        "{line}"
                    );
                }
            }
            "linkat" => assert!(
                !is_key(arguments[1]),
                "a second name in a fresh tree: {line}"
            ),
            _ => {}
        }
    }
    made
}
