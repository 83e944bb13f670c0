//! Holds the architecture: parses every file and asks the rules of
//! ARCHITECTURE.md that no compiler knows.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its own sources"
)]

#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/source.rs"]
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use source::Source;

/// Longer files have a second subject.
const LONGEST: usize = 600;

/// The folders with Rust files, from the root of the workspace.
const FOLDERS: [&str; 6] = [
    "pki-core/src",
    "pki-core/benches",
    "pki-cli/src",
    "templates/src",
    "tests",
    "fuzz",
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below `folder`, sorted: its path from there, and its text.
fn rust_files(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let Ok(entries) = fs::read_dir(&current) else {
            continue;
        };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                files.push((name.to_owned(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn core() -> Vec<Source> {
    let files = rust_files(&workspace().join("pki-core/src"));
    assert!(files.len() > 20, "where is pki-core?");
    parse(&files)
}

fn parse<T: AsRef<str>>(files: &[(T, T)]) -> Vec<Source> {
    let parse = |(path, text): &(T, T)| Source::parse(path.as_ref(), text.as_ref()).unwrap();
    files.iter().map(parse).collect()
}

#[track_caller]
fn holds(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn modules_are_declared_in_layer_order() {
    holds(&rules::order(&core()));
}

#[test]
fn dependencies_point_down() {
    holds(&rules::layers(&core()));
}

#[test]
fn siblings_have_no_circles() {
    holds(&rules::circles(&core()));
}

#[test]
fn public_signatures_show_no_foreign_type() {
    holds(&rules::signatures(&core()));
}

#[test]
fn crates_and_modules_stay_with_their_owner() {
    holds(&rules::boundaries(&core()));
}

#[test]
fn files_are_short_documented_and_honest() {
    let mut broken = Vec::new();
    for folder in FOLDERS {
        for (name, text) in rust_files(&workspace().join(folder)) {
            let path = format!("{folder}/{name}");
            let lines = text.lines().count();
            if lines > LONGEST {
                broken.push(format!("{path}: {lines} lines; {LONGEST} is the most"));
            }
            let test = name.ends_with("tests.rs") || name.contains("tests/");
            if !test && !text.trim_start().starts_with("//!") {
                broken.push(format!("{path}: does not say at its top what it is"));
            }
            let source = Source::parse(&path, &text).unwrap();
            broken.extend(rules::attributes(&source));
        }
    }
    holds(&broken);
}

/// The rules must be seen to fail: each row plants one violation.
mod planted {
    use super::*;

    const LIB: &str = "pub mod error; pub mod model; pub mod key; pub mod cert; pub mod chain; \
        pub mod issue; pub mod store; pub mod verify; pub use error::Error;";

    fn crate_with(path: &'static str, text: &'static str) -> Vec<Source> {
        parse(&[("lib.rs", LIB), (path, text)])
    }

    #[test]
    fn upward_dependencies_are_found() {
        for (path, text) in [
            ("key/mod.rs", "use crate::cert::Certificate;"),
            ("key/load.rs", "use crate::{error::E, cert::Certificate};"),
            ("key/load.rs", "fn f() { super::super::cert::parse() }"),
            ("key/load.rs", "use super::super::cert as c;"),
            (
                "key/load.rs",
                "struct S { field: Vec<crate::cert::Certificate> }",
            ),
            ("key/mod.rs", "pub use crate::store::*;"),
            (
                "key/mod.rs",
                "mod inner { fn f() { super::super::cert::parse() } }",
            ),
            (
                "key/mod.rs",
                "fn f() { println!(\"{}\", crate::cert::parse()) }",
            ),
            (
                "key/mod.rs",
                "macro_rules! m { () => { $crate::cert::parse() } }",
            ),
            ("key/mod.rs", "#[serde(with = \"crate::cert\")] struct S;"),
            ("key/mod.rs", "use crate::*;"),
            ("model/mod.rs", "use crate::key::K;"),
            ("error.rs", "impl From<crate::model::M> for Error {}"),
            ("stray.rs", "use crate::error::E;"),
        ] {
            let broken = rules::layers(&crate_with(path, text));
            assert_eq!(broken.len(), 1, "{path}: {text}: {broken:?}");
        }
    }

    #[test]
    fn downward_dependencies_are_not() {
        for (path, text) in [
            ("key/mod.rs", "use crate::{Error, model::time};"),
            (
                "key/load.rs",
                "use super::PrivateKey; use super::super::model::x; fn f() { crate::error::g() }",
            ),
            (
                "key/mod.rs",
                "#[cfg(test)] mod tests { use crate::store::Store; }",
            ),
            ("key/tests.rs", "use crate::store::Store;"),
            (
                "key/mod.rs",
                "//! See [`crate::store`].\n/// Not [`crate::store`].\nfn f() {}",
            ),
            ("cert/mod.rs", "use crate::key; fn f() { key::verify() }"),
        ] {
            holds(&rules::layers(&crate_with(path, text)));
        }
    }

    #[test]
    fn a_module_out_of_order_or_unknown_is_found() {
        for text in ["pub mod key; pub mod error;", "pub mod tools;"] {
            assert_eq!(rules::order(&parse(&[("lib.rs", text)])).len(), 1, "{text}");
        }
    }

    #[test]
    fn circles_are_found() {
        let circle = [
            ("lib.rs", "pub mod key;"),
            ("key/mod.rs", "mod a; mod b; mod c; pub use c::Thing;"),
            ("key/a.rs", "use super::b::B;"),
            ("key/b.rs", "use super::Thing;"),
            ("key/c.rs", "use crate::key::a;"),
        ];
        assert_eq!(rules::circles(&parse(&circle)).len(), 1);
        assert!(rules::circles(&parse(&circle[..4])).is_empty());
    }

    #[test]
    fn foreign_types_in_signatures_are_found() {
        for text in [
            "use time::OffsetDateTime; pub fn f() -> OffsetDateTime { g() }",
            "pub fn f(x: &x509_parser::prelude::X509Certificate<'_>) {}",
            "use rcgen as r; pub struct S { pub field: Option<r::Issuer> }",
            "pub enum E { A(ring::error::Unspecified) }",
            "pub type T = rsa::RsaPrivateKey;",
            "pub use p256::SecretKey;",
            "pub struct S; impl S { pub fn f<T: Into<toml::Value>>(t: T) {} }",
            "pub trait T { fn f(self) -> rustix::fd::OwnedFd; }",
        ] {
            let broken = rules::signatures(&crate_with("key/mod.rs", text));
            assert_eq!(broken.len(), 1, "{text}: {broken:?}");
        }
        for text in [
            "use crate::model::time; pub fn f() -> time::TimeFault { g() }",
            "pub fn f() { let x: time::Date = g(); }",
            "pub struct S { field: time::Date } impl From<time::Date> for S {}",
            "pub(crate) fn f() -> time::Date { g() }",
        ] {
            holds(&rules::signatures(&crate_with("key/mod.rs", text)));
        }
    }

    #[test]
    fn strangers_in_the_house_are_found() {
        for (path, text) in [
            ("key/mod.rs", "use rcgen::KeyPair;"),
            ("chain/mod.rs", "fn f() { rcgen::generate() }"),
            ("verify/rule.rs", "use crate::issue::Request;"),
            ("chain/mod.rs", "use super::issue;"),
        ] {
            let broken = rules::boundaries(&crate_with(path, text));
            assert_eq!(broken.len(), 1, "{path}: {text}: {broken:?}");
        }
        holds(&rules::boundaries(&crate_with(
            "issue/mod.rs",
            "use rcgen::KeyPair;",
        )));
    }

    #[test]
    fn silenced_lints_are_found() {
        for text in [
            "#![allow(dead_code)]",
            "#[allow(unused)] fn f() {}",
            "#[cfg_attr(test, allow(unused))] fn f() {}",
            "#[expect(unused)] fn f() {}",
            "#[cfg(test)] mod tests { #[allow(unused)] fn f() {} }",
        ] {
            assert_eq!(
                rules::attributes(&crate_with("key/mod.rs", text)[1]).len(),
                1,
                "{text}"
            );
        }
        let fine = "#[expect(unused, reason = \"soon\")] fn f() {}";
        holds(&rules::attributes(&crate_with("key/mod.rs", fine)[1]));
    }
}
