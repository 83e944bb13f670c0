//! CAs whose files stand where another's belong, or where the manifest called
//! them otherwise.

use super::*;

const STACK: &str = r#"
version = 1
[authority.a]
subject = "CN=A"
[authority.b]
subject = "CN=B"
[authority.c]
subject = "CN=C"
key_dir = "secure"
[service.x]
role = "server"
authority = "a"
hosts = ["x"]
[service.y]
role = "server"
authority = "b"
hosts = ["y"]
[service.z]
role = "server"
authority = "c"
hosts = ["z"]
"#;

impl Tree {
    fn swap(&self, one: &str, other: &str) {
        for (from, to) in [(one, "aside"), (other, one), ("aside", other)] {
            std::fs::rename(self.path(from), self.path(to)).unwrap();
        }
    }

    /// Runs the commands of a finding.
    fn run(&self, commands: &str) {
        let mut shell = std::process::Command::new("sh");
        let status = shell.args(["-euc", commands]).current_dir(self.dir.path());
        assert!(status.status().unwrap().success(), "{commands}");
    }

    /// What plan says of authorities, as verify does: place, what was found, fix.
    #[track_caller]
    fn told_of_authorities(&self) -> Vec<[String; 3]> {
        let is_of =
            |f: &&Finding| f.rule.starts_with("authority-") && f.severity == Severity::Error;
        let shown = |f: &Finding| {
            let [found, fix] = [&f.found, &f.fix].map(|text| text.clone().unwrap());
            [f.at.to_string(), found, fix]
        };
        let plan = self.plan(&self.options());
        let planned: Vec<_> = plan.findings.iter().filter(is_of).map(shown).collect();
        let report = self.verdict().report;
        let mut told: Vec<_> = report.findings().iter().filter(is_of).map(shown).collect();
        told.sort();
        assert_eq!(planned, told);
        planned
    }
}

/// What was moved, what each place is said to hold, and whether the first fix
/// mends it all.
type Case = (fn(&Tree), &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    (
        |t| t.swap("authorities/a/1", "authorities/b/1"),
        &[("a", "CN=B"), ("b", "CN=A")],
    ),
    (
        |t| t.swap("authorities/a", "authorities/b"),
        &[("a", "CN=B"), ("b", "CN=A")],
    ),
    // The certificates alone.
    (
        |t| t.swap("authorities/a/1/ca.crt", "authorities/b/1/ca.crt"),
        &[("a", "CN=B"), ("b", "CN=A")],
    ),
    // Around a circle, one with its key elsewhere.
    (
        |t| {
            t.swap("authorities/a/1/ca.crt", "authorities/b/1/ca.crt");
            t.swap("authorities/a/1/ca.key", "authorities/b/1/ca.key");
            t.swap("authorities/b/1/ca.crt", "authorities/c/1/ca.crt");
            t.swap("authorities/b/1/ca.key", "secure/c/1/ca.key");
        },
        &[("a", "CN=B"), ("b", "CN=C"), ("c", "CN=A")],
    ),
];

#[test]
fn a_ca_in_the_place_of_another_is_told_and_signs_nothing() {
    for (i, (change, expected)) in CASES.iter().enumerate() {
        for without_record in [false, true] {
            let tree = Tree::made(STACK);
            let made = tree.seen();
            if without_record {
                tree.remove(".pki/issued.jsonl");
            }
            change(&tree);
            let seen = || {
                let mut seen = tree.seen();
                // What was lost of the record is noted.
                seen.retain(|file, _| !file.starts_with(".pki"));
                seen
            };
            let before = seen();
            let told = tree.told_of_authorities();
            let shown: Vec<_> = told.iter().map(|[at, found, _]| (at, found)).collect();
            assert_eq!(shown.len(), expected.len(), "case {i}: {told:#?}");
            for ((at, found), (name, ca)) in shown.iter().zip(*expected) {
                assert_eq!(**at, format!("authorities/{name}/1/ca.crt"), "case {i}");
                assert!(found.starts_with(&format!("{ca}, the CA of ")), "{found}");
            }
            assert_eq!(tree.planned(), [""; 0], "case {i}");
            tree.apply().unwrap();
            assert!(seen() == before, "case {i}: something changed");
            for [_, _, fix] in &told[1..] {
                assert_eq!(fix, "as told at `authorities/a/1/ca.crt`", "case {i}");
            }
            tree.run(&told[0][2]);
            let after = tree.seen();
            for (file, was) in made.iter().filter(|(file, _)| !file.starts_with(".pki")) {
                assert_eq!(after[file].0, was.0, "case {i}: {file}");
            }
            assert_eq!(tree.told_of_authorities().len(), 0, "case {i}");
        }
    }
}

#[test]
fn a_ca_that_is_only_moved_or_copied_goes_back() {
    let tree = Tree::made(STACK);
    let own = tree.path("authorities/b");
    tree.run("mv authorities/a/1 mine && cp -a authorities/b/1 authorities/a/1");
    let told = tree.told_of_authorities();
    assert_eq!(told[0][2], "mv -T authorities/a/1 authorities/a/1.old");
    assert_eq!(told.len(), 1);
    std::fs::remove_dir_all(own).unwrap();
    let told = tree.told_of_authorities();
    assert_eq!(told.len(), 2, "{told:#?}");
    tree.run(&told[0][2]);
    tree.run("mv mine authorities/a/1");
    tree.assert_settled();
}

#[test]
fn a_renamed_authority_is_found_where_it_was() {
    let renamed = STACK
        .replace("authority.a]", "authority.new]")
        .replace("\"a\"", "\"new\"")
        .replace("authority.c]", "authority.other]")
        .replace("\"c\"", "\"other\"");
    for lost in [
        &[][..],
        &[".pki/state.toml"],
        &[".pki/state.toml", ".pki/issued.jsonl"],
    ] {
        let tree = Tree::made(STACK);
        for file in lost {
            tree.remove(file);
        }
        let tree = tree.with(&renamed);
        let told = tree.told_of_authorities();
        assert_eq!(
            told[0],
            [
                "authorities/new/1/ca.crt",
                "`authorities/new/1/ca.crt` is missing; CN=A is in `authorities/a`, which the manifest does not name",
                "mv -T authorities/a authorities/new; for a new CA give `new` another `subject`",
            ]
        );
        let report = tree.verdict().report;
        let mut rules = report.findings().iter().map(|f| f.rule);
        assert!(rules.all(|rule| rule != "authority-abandoned"));
        assert_eq!(tree.planned(), [""; 0]);
        for [_, _, fix] in &told {
            tree.run(fix.split_once(';').unwrap().0);
        }
        assert_eq!(tree.told_of_authorities().len(), 0);
        assert_eq!(tree.planned(), [""; 0]);
        if lost.is_empty() {
            tree.assert_settled();
        }
    }
}

#[test]
fn a_new_ca_is_made_as_the_hint_says() {
    // The folder lies there.
    let tree = Tree::made(STACK).with(
        &STACK
            .replace("authority.a]", "authority.new]")
            .replace("\"a\"", "\"new\""),
    );
    let [_, _, fix] = &tree.told_of_authorities()[0];
    assert!(
        fix.ends_with("for a new CA give `new` another `subject`"),
        "{fix}"
    );
    let tree = tree.with(
        &STACK
            .replace("authority.a]", "authority.new]")
            .replace("\"a\"", "\"new\"")
            .replace("CN=A", "CN=New"),
    );
    tree.apply().unwrap();
    tree.assert_settled();
    // All of it is lost but what was made of it.
    let tree = Tree::made(STACK);
    tree.run("rm -r authorities/a");
    let [_, _, fix] = &tree.told_of_authorities()[0];
    assert!(
        fix.ends_with("another name than `a` and another `subject`"),
        "{fix}"
    );
    let tree = tree.with(
        &STACK
            .replace("authority.a]", "authority.new]")
            .replace("\"a\"", "\"new\""),
    );
    let [_, _, fix] = &tree.told_of_authorities()[0];
    assert!(
        fix.ends_with("give the authority another `subject`"),
        "{fix}"
    );
    let tree = tree.with(
        &STACK
            .replace("authority.a]", "authority.new]")
            .replace("\"a\"", "\"new\"")
            .replace("CN=A", "CN=New"),
    );
    tree.apply().unwrap();
    tree.assert_settled();
}
