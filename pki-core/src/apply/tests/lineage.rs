//! Pairs that are made elsewhere.

use super::external::to_pem;
use super::*;
use crate::cert::oid;
use crate::cert::tests::make::{self, Body, Party};

const STACK: &str = r#"
version = 1
[authority.corp]
external = "corp.pem"
[service.a]
role = "server"
source = "lineage:live/a"
authority = "corp"
hosts = ["a.example.com"]
files = { chain = "chain.pem" }
[service.c]
role = "client"
connects = ["a"]
"#;

/// A CA elsewhere with one below it, and what they sign for `a`.
struct Corp {
    root: Party,
    sub: Party,
    root_pem: String,
    sub_pem: String,
}

impl Corp {
    fn new() -> Self {
        let [root, sub] = ["CN=Corp", "CN=Corp Issuing"].map(make::party);
        let life = |body: &mut Body| {
            body.valid(NOW.plus_seconds(-DAY), NOW.plus_seconds(900 * DAY));
        };
        let root_ca = make::ca(&root, &root, |body| {
            body.remove(oid::AUTHORITY_KEY_ID);
            life(body);
        });
        let sub_ca = make::ca(&sub, &root, life);
        Self {
            root_pem: to_pem(&root_ca),
            sub_pem: to_pem(&sub_ca),
            root,
            sub,
        }
    }

    fn leaf(&self, tweak: impl FnOnce(&mut Body)) -> (Party, String) {
        let party = make::party("CN=a.example.com");
        let leaf = make::leaf(&party, &self.sub, |body| {
            body.valid(NOW.plus_seconds(-DAY), NOW.plus_seconds(89 * DAY));
            body.hosts(&["a.example.com", "b.example.com"]);
            tweak(body);
        });
        (party, to_pem(&leaf))
    }
}

/// As certbot keeps them: links to numbered files.
fn keep(tree: &Tree, number: u32, chain: &str, key: &[u8]) {
    let files = [("fullchain", chain.as_bytes()), ("privkey", key)];
    for (name, bytes) in files {
        tree.write(&format!("archive/a/{name}{number}.pem"), bytes);
        let link = tree.path(&format!("live/a/{name}.pem"));
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(format!("../../archive/a/{name}{number}.pem"), link).unwrap();
    }
}

fn delivered(corp: &Corp, tree: &Tree, number: u32) -> String {
    let (party, leaf) = corp.leaf(|_| {});
    let chain = format!("{leaf}{}", corp.sub_pem);
    keep(tree, number, &chain, party.key.to_pem().expose());
    chain
}

fn told(tree: &Tree) -> Vec<(&'static str, Severity, String)> {
    let report = tree.verdict().report;
    let findings = report.findings().iter();
    let bad = findings.filter(|f| f.severity >= Severity::Warning);
    bad.map(|f| (f.rule, f.severity, f.at.to_string()))
        .collect()
}

#[test]
fn what_is_made_elsewhere_is_delivered_and_followed() {
    let corp = Corp::new();
    let tree = Tree::new(STACK);
    tree.write("corp.pem", &corp.root_pem);
    let first = delivered(&corp, &tree, 1);
    assert_eq!(
        tree.planned(),
        [
            "deliver a.server.default: certificate server.crt is missing; key server.key is missing",
            "write certs/a/ca.crt: ca.crt is missing",
            "write certs/c/trust.crt: trust.crt is missing",
        ]
    );
    tree.apply().unwrap();
    tree.assert_settled();
    assert_eq!(tree.read("certs/a/server.crt"), first.as_bytes());
    assert_eq!(tree.read("certs/a/chain.pem"), corp.sub_pem.as_bytes());
    let key = tree.path("certs/a/server.key");
    let mode = std::fs::metadata(key).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert!(
        !tree.path(".pki/issued.jsonl").exists(),
        "nothing was issued"
    );
    // The second changes nothing.
    let seen = tree.seen();
    tree.apply().unwrap();
    assert_eq!(tree.seen(), seen);
    // Renewed there, it is delivered by a renewal here: both files or none.
    let second = delivered(&corp, &tree, 2);
    let place = "certs/a/server.crt".to_owned();
    assert_eq!(
        told(&tree),
        [("lineage-not-delivered", Severity::Warning, place)]
    );
    let due = Options {
        scope: Scope::Due(&[]),
        ..tree.options()
    };
    let plan = tree.plan(&due);
    let reason = "its lineage holds another certificate, until 2027-02-18";
    assert_eq!(
        lines(&plan),
        [format!("deliver a.server.default: {reason}")]
    );
    tree.apply_as(&due).unwrap();
    tree.assert_settled();
    assert_eq!(tree.read("certs/a/server.crt"), second.as_bytes());
    // A root in the file is not sent, and the order is put right.
    let (party, leaf) = corp.leaf(|_| {});
    let mixed = format!("{}{leaf}{}", corp.root_pem, corp.sub_pem);
    keep(&tree, 3, &mixed, party.key.to_pem().expose());
    tree.apply().unwrap();
    tree.assert_settled();
    let whole = format!("{leaf}{}", corp.sub_pem);
    assert_eq!(tree.read("certs/a/server.crt"), whole.as_bytes());
}

#[test]
fn what_does_not_fit_is_told_and_what_stands_is_kept() {
    let corp = Corp::new();
    let tree = Tree::new(STACK);
    tree.write("corp.pem", &corp.root_pem);
    let (party, leaf) = corp.leaf(|_| {});
    let (expired_for, expired) = corp.leaf(|body| {
        body.valid(NOW.plus_seconds(-90 * DAY), NOW.plus_seconds(-DAY));
    });
    let (other_for, other) = corp.leaf(|body| body.hosts(&["b.example.com"]));
    let (client_for, client) = corp.leaf(|body| {
        body.set(
            oid::EXTENDED_KEY_USAGE,
            false,
            make::purposes(&[make::CLIENT_AUTH]),
        );
    });
    let pem = |party: &Party| party.key.to_pem().expose().to_vec();
    let whole = |leaf: &str| format!("{leaf}{}", corp.sub_pem);
    let cases = [
        ("nothing there", String::new(), Vec::new(), "is empty"),
        ("no key", whole(&leaf), Vec::new(), "is empty"),
        (
            "another's key",
            whole(&leaf),
            pem(&other_for),
            "no certificate for the key",
        ),
        (
            "no intermediate",
            leaf.clone(),
            pem(&party),
            "issued by CN=Corp Issuing",
        ),
        ("expired", whole(&expired), pem(&expired_for), "valid until"),
        (
            "other names",
            whole(&other),
            pem(&other_for),
            "b.example.com",
        ),
        (
            "for a client",
            whole(&client),
            pem(&client_for),
            "clientAuth",
        ),
        ("a CA", whole(&corp.sub_pem), pem(&corp.sub), "is a CA"),
        ("our CA", corp.root_pem.clone(), pem(&corp.root), "is a CA"),
    ];
    // Before and after something good was delivered.
    for stands in [false, true] {
        if stands {
            delivered(&corp, &tree, 1);
            tree.apply().unwrap();
            tree.assert_settled();
        }
        for (what, chain, key, found) in &cases {
            keep(&tree, 2, chain, key);
            let plan = tree.plan(&tree.options());
            let steps = lines(&plan);
            assert!(
                steps.iter().all(|s| s.starts_with("write ")),
                "{what}: {steps:?}"
            );
            let finding = plan.findings.iter().find(|f| f.rule == "lineage-unfit");
            let finding = finding.unwrap_or_else(|| panic!("{what} is not told: {plan:?}"));
            let text = finding.found.clone().unwrap();
            assert!(text.contains(found), "{what}: {text}");
            let severity = if stands {
                Severity::Warning
            } else {
                Severity::Error
            };
            assert_eq!(finding.severity, severity, "{what}");
            let seen = tree.path("certs/a/server.crt").exists();
            tree.apply().unwrap();
            assert_eq!(seen, stands, "{what}");
            let rules: Vec<_> = told(&tree).into_iter().map(|(rule, ..)| rule).collect();
            assert_eq!(rules, ["lineage-unfit"], "{what}");
        }
    }
    // What was delivered is damaged: made good from the lineage.
    delivered(&corp, &tree, 1);
    tree.apply().unwrap();
    for file in ["server.crt", "server.key", "chain.pem"] {
        tree.remove(&format!("certs/a/{file}"));
        assert!(!told(&tree).is_empty(), "{file}");
        tree.apply().unwrap();
        tree.assert_settled();
        tree.write(&format!("certs/a/{file}"), "x");
        assert!(!told(&tree).is_empty(), "{file}");
        tree.apply().unwrap();
        tree.assert_settled();
    }
    // When both run out, it is told once, where it hurts.
    let late = Tree {
        now: NOW.plus_seconds(100 * DAY),
        ..tree
    };
    let rules: Vec<_> = told(&late).into_iter().map(|(rule, ..)| rule).collect();
    assert_eq!(rules, ["expired"]);
}

/// Two CAs elsewhere, and a tree that trusts the first and shows its pair.
fn moved(manifest: &str) -> (Corp, Corp, Tree) {
    let [old, new] = [Corp::new(), Corp::new()];
    let tree = Tree::new(manifest);
    tree.write("corp.pem", &old.root_pem);
    delivered(&old, &tree, 1);
    tree.apply().unwrap();
    tree.assert_settled();
    (old, new, tree)
}

fn held(plan: &Plan) -> Vec<(&'static str, String)> {
    let findings = plan.findings.iter();
    let errors = findings.filter(|f| f.severity == Severity::Error);
    errors.map(|f| (f.rule, f.at.to_string())).collect()
}

#[test]
fn an_edge_that_works_is_not_broken() {
    // The CA is exchanged before its pair.
    let (old, new, tree) = moved(STACK);
    let seen = tree.seen();
    tree.write("corp.pem", &new.root_pem);
    let plan = tree.plan(&tree.options());
    let files = ["certs/a/ca.crt", "certs/c/trust.crt"];
    assert_eq!(
        held(&plan),
        files.map(|file| ("edge-would-break", file.to_owned()))
    );
    assert_eq!(lines(&plan), [""; 0]);
    tree.apply().unwrap();
    assert_eq!(tree.read("certs/c/trust.crt"), seen["certs/c/trust.crt"].0);
    assert_eq!(tree.verdict().good_edges, 1);
    let said: Vec<_> = told(&tree).into_iter().map(|(rule, ..)| rule).collect();
    assert_eq!(said, ["edge-would-break", "signature", "edge-would-break"]);
    // With its pair it goes at once; a CA beside the old one goes as well.
    delivered(&new, &tree, 2);
    tree.apply().unwrap();
    tree.assert_settled();
    tree.write("corp.pem", format!("{}{}", new.root_pem, old.root_pem));
    tree.apply().unwrap();
    tree.assert_settled();

    // The pair comes by a renewal, the CA with it: trust is for apply to write.
    let (old, new, tree) = moved(STACK);
    tree.write("corp.pem", format!("{}{}", old.root_pem, new.root_pem));
    delivered(&new, &tree, 2);
    let due = Options {
        scope: Scope::Due(&[]),
        ..tree.options()
    };
    let plan = tree.plan(&due);
    assert_eq!(lines(&plan), [""; 0]);
    let pair = ("edge-would-break", "certs/a/server.crt".to_owned());
    assert_eq!(held(&plan), [pair]);
    assert_eq!(plan.findings[0].fix.as_deref(), Some("pki apply"));
    tree.apply().unwrap();
    tree.assert_settled();

    // What never worked is written.
    let (_, new, tree) = moved(STACK);
    tree.write("certs/c/trust.crt", &new.root_pem);
    tree.apply().unwrap();
    tree.assert_settled();
}

/// Whoever made the old certificate may have its key still.
#[test]
fn a_pair_that_came_from_elsewhere_gets_a_key_of_our_own() {
    let corp = Corp::new();
    let tree = Tree::new(STACK);
    tree.write("corp.pem", &corp.root_pem);
    delivered(&corp, &tree, 1);
    tree.apply().unwrap();
    let ours = STACK.replace(
        "source = \"lineage:live/a\"\nauthority = \"corp\"",
        "authority = \"own\"",
    ) + "[authority.own]\n";
    let tree = tree.with(&ours);
    let planned = tree.planned();
    assert!(
        planned
            .iter()
            .any(|l| l.starts_with("rekey a.server.default: issuer replaced: authority own is new")),
        "{planned:?}"
    );
    let before = tree.read("certs/a/server.key");
    tree.apply().unwrap();
    assert_ne!(tree.read("certs/a/server.key"), before);
    tree.assert_settled();
}
