//! What others put beside our files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::*;

impl Tree {
    /// The findings: rule and place.
    fn told(&self) -> Vec<String> {
        let report = self.verdict().report;
        let told = report.findings().iter();
        told.map(|f| format!("{} {}", f.rule, f.at)).collect()
    }
}

#[test]
fn a_copy_of_a_ca_key_is_found_by_whatever_name() {
    let tree = Tree::made(STACK);
    let key = tree.read("authorities/root/1/ca.key");
    tree.write("certs/store/..stage-zz.key", &key);
    tree.write("certs/x.key; touch y", &key);
    std::fs::write(tree.dir.path().join(OsStr::from_bytes(b"certs/\xff")), &key).unwrap();
    tree.write("authorities/root/1/..stage-ca.key", &key);
    let told = tree.told();
    for expected in [
        "ca-key-in-mounted-folder certs/store/..stage-zz.key",
        "staged-file certs/store/..stage-zz.key",
        "ca-key-in-mounted-folder certs/x.key; touch y",
        "ca-key-in-mounted-folder certs/\u{fffd}",
        "ca-key-in-mounted-folder authorities/root/1/..stage-ca.key",
        "staged-file authorities/root/1/..stage-ca.key",
    ] {
        assert!(told.iter().any(|t| t == expected), "{expected}: {told:#?}");
    }
    let report = tree.verdict().report;
    let fixes: Vec<_> = report
        .findings()
        .iter()
        .filter_map(|f| f.fix.as_deref())
        .collect();
    assert!(fixes.contains(&"rm 'certs/x.key; touch y'"), "{fixes:#?}");
    // The next change sweeps where something was delivered.
    tree.remove("certs/store/public.crt");
    tree.apply().unwrap();
    let told = tree.told();
    assert!(!told.iter().any(|t| t.contains("..stage-")), "{told:#?}");
}

#[test]
fn what_stands_in_the_place_of_the_lock_is_told() {
    for link in [true, false] {
        let tree = Tree::made(STACK);
        tree.remove(".pki/lock");
        let what = if link {
            std::os::unix::fs::symlink("state.toml", tree.path(".pki/lock")).unwrap();
            "a link"
        } else {
            std::fs::create_dir(tree.path(".pki/lock")).unwrap();
            "a folder"
        };
        let report = tree.verdict().report;
        let [finding] = report.findings() else {
            panic!("{report:#?}");
        };
        assert_eq!(
            (finding.rule, finding.at.to_string()),
            ("in-the-way", ".pki/lock".to_owned())
        );
        assert_eq!(finding.found.as_deref(), Some(what));
        assert_eq!(finding.fix.as_deref(), Some("mv .pki/lock .pki/lock.old"));
        let error = Error::from(
            tree.store
                .lock(&Holder::me("pki apply", NOW), Duration::ZERO)
                .unwrap_err(),
        );
        let said = told(&error);
        assert!(
            said.contains(&format!("it is {what}, not a file")),
            "{said}"
        );
        assert!(said.contains("lock.old"), "{said}");
    }
}

#[test]
fn what_is_odd_is_told_and_the_rest_is_judged() {
    let tree = Tree::made(STACK);
    tree.write("authorities/..stage-x/file", "");
    std::fs::create_dir_all(tree.path("certs/store/..stage-d")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", tree.path("certs/link")).unwrap();
    tree.write("certs/deep/big", vec![b'x'; (1 << 20) + 1]);
    tree.write(
        "certs/store/..stage-d/ca.key",
        tree.read("authorities/root/1/ca.key"),
    );
    assert_eq!(
        tree.told(),
        [
            "authority-abandoned authorities/..stage-x",
            "not-looked-at certs/deep/big",
            "ca-key-in-mounted-folder certs/store/..stage-d/ca.key",
        ]
    );
}

#[test]
fn all_foreign_files_together_have_a_limit() {
    let tree = Tree::made(STACK);
    tree.write("certs/a", "");
    for number in 0..70 {
        let path = format!("certs/big/{number:02}");
        tree.write(&path, "");
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(tree.path(&path));
        file.unwrap().set_len(1 << 20).unwrap();
    }
    let report = tree.verdict().report;
    let found: Vec<_> = report
        .findings()
        .iter()
        .map(|f| (f.rule, f.at.clone()))
        .collect();
    assert_eq!(found, [("not-looked-at", Locator::Tree)]);
    let found = report.findings()[0].found.as_deref().unwrap();
    assert!(found.starts_with("6 more files"), "{found}");
}

#[test]
fn many_keys_are_not_all_looked_at() {
    let tree = Tree::made(STACK);
    let junk = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    for name in ["certs/a", "certs/b", "certs/c"] {
        tree.write(name, junk.repeat(1_500));
    }
    let report = tree.verdict().report;
    let found: Vec<_> = report
        .findings()
        .iter()
        .filter_map(|f| f.found.as_deref())
        .collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("1 more files"), "{found:#?}");
}

#[test]
fn a_build_context_is_judged_by_the_places_of_the_keys() {
    let keys = STACK.replace("[authority.root]", "[authority.root]\nkey_dir = \"keys/r\"");
    for (manifest, rules, told) in [
        (STACK, "authorities", false),
        (STACK, "authorities\n!authorities", true),
        (STACK, "*/*/*.key", true),
        (keys.as_str(), "authorities", true),
        (keys.as_str(), "authorities\nkeys", false),
    ] {
        let tree = Tree::made(manifest);
        tree.write("Dockerfile", "FROM scratch\n");
        tree.write(".dockerignore", rules);
        let report = tree.verdict().report;
        let rule = "ca-key-in-build-context";
        let found = report.findings().iter().find(|f| f.rule == rule);
        assert_eq!(found.is_some(), told, "{rules}: {report:#?}");
        // What it says to do does it.
        let Some(fix) = found.and_then(|f| f.fix.clone()) else {
            continue;
        };
        let mut shell = std::process::Command::new("sh");
        let done = shell.args(["-c", &fix]).current_dir(tree.dir.path());
        assert!(done.status().unwrap().success());
        let report = tree.verdict().report;
        assert!(report.findings().iter().all(|f| f.rule != rule), "{fix}");
    }
}
