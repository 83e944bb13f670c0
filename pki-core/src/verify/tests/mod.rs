//! Trees in memory, each broken in one way, and what is told of it.

mod lists;
pub(crate) mod tree;

use tree::{DAY, NOW, Tree, place};

use super::*;
use crate::cert::oid;
use crate::cert::tests::make;
use crate::inventory::KeyBlock;
use crate::model::algorithm::KeyAlgorithm;
use crate::model::profile::Profile;
use crate::model::usage::Purpose;
use crate::model::validity::RenewAt;
use crate::pem;
use crate::report::Severity;

/// A root, an intermediate, a server for two hosts, one that dials it from
/// Java, and one that shows a certificate of its own.
const STACK: &str = r#"
version = 1
[defaults]
authority = "leaves"
[authority.root]
lifetime = "20y"
[authority.leaves]
issuer = "root"
[service.store]
role = "vault"
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

fn verdict(tree: &Tree) -> Verdict {
    verify(
        &tree.stack,
        &tree.inventory(),
        &Surroundings::default(),
        tree.now,
    )
}

/// Rule and place of each finding above information.
fn told(verdict: &Verdict) -> Vec<String> {
    let findings = verdict.report.findings().iter();
    findings
        .filter(|f| f.severity > Severity::Info)
        .map(|f| format!("{} {}", f.rule, f.at))
        .collect()
}

const CRT: &str = "certs/store/server.crt";
const KEY: &str = "certs/store/server.key";

#[test]
fn a_good_tree_is_clean() {
    let tree = Tree::new(STACK);
    let verdict = verdict(&tree);
    assert_eq!(told(&verdict), [""; 0]);
    assert_eq!(
        (verdict.authorities, verdict.services, verdict.certificates),
        (2, 3, 4)
    );
    assert_eq!((verdict.edges, verdict.good_edges), (2, 2));
}

type Change = fn(&mut Tree);

/// A change, and what is told: rule and place. The first word of each is the
/// rule's id, which is stable.
const CHANGES: &[(Change, &[&str])] = &[
    (
        |t| t.remove(CRT),
        &["certificate-missing certs/store/server.crt"],
    ),
    (|t| t.remove(KEY), &["key-missing certs/store/server.key"]),
    (
        |t| t.put(CRT, "rubbish"),
        &["certificate-unreadable certs/store/server.crt"],
    ),
    (
        |t| t.put(KEY, "rubbish"),
        &["key-unreadable certs/store/server.key"],
    ),
    (
        |t| t.copy("certs/tool/own.key", KEY),
        &["key-mismatch certs/store/server.key"],
    ),
    (
        |t| t.put(KEY, [t.bytes(KEY), b"\n"].concat()),
        &["key-file-trailing-data certs/store/server.key"],
    ),
    (
        |t| {
            let encrypted = include_bytes!("../../../testdata/keys/enc-sha256-aes256.pem");
            t.put(KEY, encrypted);
        },
        &["key-encrypted certs/store/server.key"],
    ),
    (
        |t| t.mode(KEY, 0o644),
        &["key-readable-by-others certs/store/server.key"],
    ),
    (|t| t.mode(CRT, 0o600), &["mode certs/store/server.crt"]),
    (
        |t| t.remove("certs/tool/trust.crt"),
        &["output-missing certs/tool/trust.crt"],
    ),
    (
        |t| t.copy("authorities/leaves/1/ca.crt", "certs/store/ca.crt"),
        &["output-stale certs/store/ca.crt"],
    ),
    (
        |t| t.remove("authorities/leaves/1/ca.key"),
        &["authority-key-missing authorities/leaves/1/ca.key"],
    ),
    // A root's key may be kept elsewhere.
    (|t| t.remove("authorities/root/1/ca.key"), &[]),
    (
        |t| t.remove("authorities/leaves/1/ca.crt"),
        &["authority-missing authorities/leaves/1/ca.crt"],
    ),
    (
        |t| t.copy(KEY, "authorities/root/1/ca.key"),
        &["authority-key-mismatch authorities/root/1/ca.key"],
    ),
    (
        |t| t.put("authorities/root/1/ca.key", "rubbish"),
        &["authority-key-unusable authorities/root/1/ca.key"],
    ),
    (
        |t| t.mode("authorities/root/1/ca.key", 0o640),
        &["key-readable-by-others authorities/root/1/ca.key"],
    ),
    (
        |t| t.reissue("store.server.default", |p| p.names.truncate(1)),
        &["names-differ certs/store/server.crt"],
    ),
    (
        |t| {
            t.reissue("store.server.default", |p| {
                p.maker = Maker::Authority("root".into());
            });
        },
        &["manifest-differs certs/store/server.crt"],
    ),
    (
        |t| t.later(250 * DAY),
        &["due certs/store/server.crt", "due certs/tool/own.crt"],
    ),
];

#[test]
fn each_change_is_told_once_where_it_is() {
    for (change, expected) in CHANGES {
        let mut tree = Tree::new(STACK);
        change(&mut tree);
        let verdict = verdict(&tree);
        assert_eq!(told(&verdict), *expected);
        for finding in verdict.report.findings() {
            let whole = finding.severity == Severity::Info || finding.fix.is_some();
            assert!(whole, "{finding:#?}");
        }
    }
}

#[test]
fn an_edge_is_judged_by_what_its_client_trusts() {
    // Another CA in the trust file: the edge fails, and only it.
    let mut tree = Tree::new(STACK);
    let other = Tree::new(STACK);
    tree.put(
        "certs/tool/trust.crt",
        other.bytes("authorities/root/1/ca.crt"),
    );
    let found = verdict(&tree);
    assert_eq!((found.edges, found.good_edges), (2, 1));
    assert!(
        told(&found).iter().any(|l| l.contains("tool → store")),
        "{:?}",
        told(&found)
    );

    // A name that is dialled and not covered.
    let mut tree = Tree::new(&STACK.replace(
        "[service.tool.to.store]",
        "[service.tool.to.store]\nurl = \"https://elsewhere:8200\"",
    ));
    let found = verdict(&tree);
    assert_eq!(
        told(&found),
        ["name-not-covered tool → store   https://elsewhere:8200"]
    );
    let finding = &found.report.findings()[0];
    assert_eq!(finding.found.as_deref(), Some("store, 10.0.0.1"));
    assert_eq!(finding.expected.as_deref(), Some("elsewhere"));

    // A server's certificate where the client's should be.
    tree.stack = Tree::new(STACK).stack;
    tree.reissue("tool.client.own", |pair| pair.profile = Profile::Server);
    let found = told(&verdict(&tree));
    assert!(
        found.iter().any(|l| l == "purpose certs/tool/own.crt"),
        "{found:?}"
    );
}

#[test]
fn a_fault_is_told_of_the_ca_at_fault_whatever_its_serial_number() {
    let manifest = STACK.replace(
        "[authority.root]",
        "[authority.alike]\nlifetime = \"9y\"\n[authority.root]",
    );
    let mut tree = Tree::new(&manifest);
    let inventory = tree.inventory();
    let at_fault = inventory.authority(&tree.stack, "leaves").unwrap();
    let alike = tree.stack.authority("alike").unwrap();
    let request = crate::issue::Request::authority(
        alike.subject.clone(),
        alike.lifetime,
        tree.keys["alike"].public().clone(),
        None,
        Vec::new(),
    );
    let (key, serial) = (&tree.keys["alike"], at_fault.serial());
    let made = crate::issue::self_sign(&request.unwrap(), key, NOW, serial);
    let made = made.unwrap();
    assert_eq!(made.serial(), serial);
    let text = pem::encode("CERTIFICATE", made.der());
    tree.put("authorities/alike/1/ca.crt", text);
    tree.later(11 * 365 * DAY);
    let report = verdict(&tree).report;
    let of = |place: &str| {
        let mut findings = report.findings().iter();
        let at = |f: &&Finding| f.rule == "expired" && f.at.to_string() == place;
        findings.find(at).unwrap().affects.len()
    };
    assert_eq!(of("authorities/alike/1/ca.crt"), 0, "{report:#?}");
    assert!(of("authorities/leaves/1/ca.crt") > 0, "{report:#?}");
}

#[test]
fn java_and_ed25519() {
    let mut tree = Tree::new(STACK);
    tree.reissue("store.server.default", |pair| {
        pair.key = KeyAlgorithm::Ed25519;
    });
    let found = verdict(&tree);
    assert_eq!(
        told(&found),
        [
            "manifest-differs certs/store/server.crt",
            "ed25519-for-old-java spark → store   https://store:8200"
        ]
    );
    assert_eq!(found.good_edges, 2);
}

#[test]
fn what_has_expired_and_what_is_not_valid_yet() {
    let mut tree = Tree::new(STACK);
    tree.later(366 * DAY);
    let found = verdict(&tree);
    let lines = told(&found);
    assert!(
        lines.contains(&"expired certs/store/server.crt".to_owned()),
        "{lines:?}"
    );
    assert_eq!(found.good_edges, 0);
    let mut tree = Tree::new(STACK);
    tree.later(-DAY);
    let found = verdict(&tree);
    // The clock is wrong: told at the top, not for everything below.
    let lines = told(&found);
    assert!(
        lines
            .iter()
            .any(|l| l.starts_with("not-yet-valid authorities/root")),
        "{lines:?}"
    );
    assert!(!lines.iter().any(|l| l.contains("server.crt")), "{lines:?}");
}

#[test]
fn a_ca_key_in_a_mounted_folder() {
    let tree = Tree::new(STACK);
    let other = make::party("CN=x").key.to_pem();
    let left = [tree.bytes("authorities/root/1/ca.key"), other.expose()];
    let keys = left.into_iter().flat_map(KeyBlock::all);
    let found = |key| FoundKey {
        path: "certs/store/left.key".into(),
        key,
    };
    let around = Surroundings {
        keys: keys.map(found).collect(),
        build_context: Some(BuildContext {
            file: "Dockerfile".into(),
            ignoring: ".dockerignore".into(),
            rules: "authorities\n!authorities".into(),
        }),
        delivery: Some(crate::store::Delivery::Interrupted),
        leftovers: vec![place("certs/old.crt")],
        ..Surroundings::default()
    };
    let found = verify(&tree.stack, &tree.inventory(), &around, NOW);
    let rules: Vec<_> = found.report.findings().iter().map(|f| f.rule).collect();
    assert_eq!(
        rules,
        [
            "interrupted-delivery",
            "ca-key-in-build-context",
            "leftover",
            "ca-key-in-mounted-folder",
        ]
    );
}

/// Files that no manifest names.
mod files {
    use std::path::PathBuf;

    use super::*;
    use crate::chain::{PeerName, Revocation};
    use crate::inventory::{Inventory, IssuedRecord};
    use crate::record::{Content, FileRecord};

    fn judged(bytes: &[u8], by: &Loose<'_>) -> Vec<&'static str> {
        let path = PathBuf::from("x.crt");
        let record = FileRecord {
            content: Content::File(bytes.to_vec().into()),
            ..FileRecord::missing(path.clone())
        };
        let inventory = Inventory::from_records([record], IssuedRecord::default());
        let verdict = verify_files(&[path], &inventory, by, NOW);
        let findings = verdict.report.findings().iter();
        findings.map(|f| f.rule).collect()
    }

    #[test]
    fn are_judged_by_what_is_asked() {
        let root = make::party("CN=Root");
        let anchor = make::ca(&root, &root, |b| b.remove(oid::AUTHORITY_KEY_ID));
        let stranger = make::party("CN=Stranger");
        let other = make::ca(&stranger, &stranger, |b| b.remove(oid::AUTHORITY_KEY_ID));
        let host = make::party("CN=host");
        let leaf = make::leaf(&host, &root, |_| ());
        let pem = pem::encode("CERTIFICATE", leaf.der());
        let by = || Loose {
            revocation: Revocation::Off,
            lists: &[],
            key_form: None,
            ca_not_pem: None,
            ca_unreadable: Vec::new(),
            ca: std::path::Path::new("ca.crt"),
            anchors: vec![anchor.clone()],

            key: None,
            name: None,
            purpose: None,
            renew: RenewAt::Fraction(1, 3),
        };
        let path = std::path::Path::new("x.key");
        for (by, expected) in [
            (by(), &[][..]),
            (
                Loose {
                    name: Some(PeerName::parse("host.example.com")),
                    ..by()
                },
                &[],
            ),
            (
                Loose {
                    name: Some(PeerName::parse("other.example.com")),
                    ..by()
                },
                &["name-not-covered"],
            ),
            (
                Loose {
                    purpose: Some(Purpose::ServerAuth),
                    ..by()
                },
                &[],
            ),
            (
                Loose {
                    purpose: Some(Purpose::ClientAuth),
                    ..by()
                },
                &["purpose"],
            ),
            (
                Loose {
                    key: Some((path, host.key.public().clone())),
                    ..by()
                },
                &[],
            ),
            (
                Loose {
                    key: Some((path, root.key.public().clone())),
                    ..by()
                },
                &["key-mismatch"],
            ),
            (
                Loose {
                    anchors: vec![other.clone()],
                    ..by()
                },
                &["issuer-not-found"],
            ),
        ] {
            assert_eq!(judged(pem.as_bytes(), &by), expected);
        }
        assert_eq!(judged(leaf.der(), &by()), ["certificate-not-pem"]);
        assert_eq!(judged(b"rubbish", &by()), ["certificate-unreadable"]);
        let two = [
            pem.as_bytes(),
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ];
        assert_eq!(judged(&two.concat(), &by()), ["certificate-not-pem"]);
        let old = make::leaf(&host, &root, |b| {
            b.valid(NOW.plus_seconds(-2 * DAY), NOW.plus_seconds(-DAY));
        });
        let old = pem::encode("CERTIFICATE", old.der());
        assert_eq!(judged(old.as_bytes(), &by()), ["expired"]);
    }
}
