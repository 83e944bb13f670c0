use super::*;
use crate::inventory::IssuedRecord;
use crate::manifest::{self, Generations, Source};
use crate::record::{Content, FileRecord};
use crate::role::Roles;

/// All from 2026-11-21 to 2126-10-28, so due from 2093 on.
const ROOT: &[u8] = include_bytes!("../../testdata/inspect/root.pem");
const OTHER_ROOT: &[u8] = include_bytes!("../../testdata/inspect/other-root.pem");
const LEAF: &[u8] = include_bytes!("../../testdata/inspect/leaf.pem");
const EXPIRES: &[u8] = include_bytes!("../../testdata/inspect/short.pem");

const MANIFEST: &str = r#"
version = 1
[defaults]
authority = "own"
directory = "certs"
[authority.own]
subject = "CN=Root, O=Example"
[authority.corp]
external = "corp.pem"
[service.web]
role = "server"
hosts = ["leaf.example.com"]
[service.app]
role = "client"
connects = ["web"]
[service.app.client.one]
[service.app.client.two]
"#;

fn stack() -> Stack {
    let source = Source {
        name: "pki.toml",
        text: MANIFEST,
    };
    let roles = Roles::load(&[]).unwrap();
    manifest::resolve(&source, &roles, &Generations::new(), &[])
        .unwrap()
        .stack
}

fn inventory(stack: &Stack, files: &[(&str, &[u8])]) -> Inventory {
    let records = crate::inventory::paths(stack).into_iter().map(|path| {
        let found = files.iter().find(|(name, _)| path.to_string() == *name);
        FileRecord {
            content: match found {
                Some((_, bytes)) => Content::File(bytes.to_vec().into()),
                None => Content::Missing,
            },
            ..FileRecord::missing(path.as_path())
        }
    });
    Inventory::from_records(records, IssuedRecord::default())
}

fn lines(files: &[(&str, &[u8])], within: Option<&str>, now: &str) -> Vec<String> {
    let stack = stack();
    let within = within.map(|text| text.parse().unwrap());
    let now = Timestamp::parse(now).unwrap();
    list(&stack, &inventory(&stack, files), within, now)
        .iter()
        .map(|row| {
            let what = match &row.what {
                What::Authority { name, .. } => name.clone(),
                What::Pair(id) => id.to_string(),
            };
            let days = row
                .facts
                .as_ref()
                .map_or("-".into(), |f| f.days_left.to_string());
            let identity = row.facts.as_ref().and_then(|f| f.kes_identity).is_some();
            let mark = if identity { " identity" } else { "" };
            format!("{what} {} {days}{mark}", row.state.word())
        })
        .collect()
}

fn tree() -> Vec<(&'static str, &'static [u8])> {
    // Two CAs in the file of the external authority.
    static BOTH: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    let both = BOTH.get_or_init(|| [ROOT, OTHER_ROOT].concat());
    vec![
        ("authorities/own/1/ca.crt", ROOT),
        ("corp.pem", both),
        ("certs/web/server.crt", LEAF),
        ("certs/app/one.crt", EXPIRES),
    ]
}

#[test]
fn the_first_to_expire_is_on_top() {
    assert_eq!(
        lines(&tree(), None, "2026-12-01"),
        [
            "app.client.two missing -",
            "app.client.one ok 30 identity",
            "own ok 36490",
            "corp ok 36490",
            "corp ok 36490",
            "web.server.default ok 36490",
        ]
    );
}

#[test]
fn states_follow_the_time() {
    let state = |now: &str, what: &str| {
        let lines = lines(&tree(), None, now);
        let line = lines.iter().find(|line| line.starts_with(what)).unwrap();
        line[what.len() + 1..].to_owned()
    };
    for (now, what, expected) in [
        ("2026-11-01", "app.client.one", "not yet 60 identity"),
        ("2026-12-22", "app.client.one", "due 9 identity"),
        ("2027-01-02", "app.client.one", "expired -2 identity"),
        ("2093-01-01", "own", "ok 12352"),
        ("2094-01-01", "own", "due 11987"),
        // Whoever runs it renews it.
        ("2094-01-01", "corp", "ok 11987"),
        ("2127-01-01", "corp", "expired -65"),
        // It ends with its issuer: that is what is due.
        ("2094-01-01", "web.server.default", "ok 11987"),
    ] {
        assert_eq!(state(now, what), expected, "{now} {what}");
    }
}

#[test]
fn within_leaves_out_what_ends_later_and_what_has_no_end() {
    for (within, now, expected) in [
        ("30d", "2026-12-01", &[][..]),
        ("31d", "2026-12-01", &["app.client.one ok 30 identity"]),
        ("1h", "2027-02-01", &["app.client.one expired -32 identity"]),
    ] {
        assert_eq!(lines(&tree(), Some(within), now), expected, "{within}");
    }
}

#[test]
fn a_file_of_something_else_is_unreadable() {
    let lines = lines(
        &[("certs/web/server.crt", b"no certificate")],
        None,
        "2026-12-01",
    );
    assert_eq!(
        lines,
        [
            "own missing -",
            "corp missing -",
            "web.server.default unreadable -",
            "app.client.one missing -",
            "app.client.two missing -",
        ]
    );
}
