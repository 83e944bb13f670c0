//! What is broken is told with its reason, mended, and then all is well.

use super::*;

type Damage = fn(&Tree);

/// Damage, and the plan for it: what, to what, why.
const DAMAGES: &[(Damage, &[&str])] = &[
    (
        |t| t.remove("certs/store/public.crt"),
        &["renew store.server.default: certificate public.crt is missing"],
    ),
    (
        |t| t.remove("certs/store/private.key"),
        &["rekey store.server.default: key private.key is missing"],
    ),
    (
        |t| {
            t.remove("certs/store/public.crt");
            t.remove("certs/store/private.key");
        },
        &[
            "make store.server.default: certificate public.crt is missing; key private.key is missing",
        ],
    ),
    (
        |t| t.write("certs/store/public.crt", "rubbish"),
        &[
            "renew store.server.default: `certs/store/public.crt` holds neither a certificate nor a key",
        ],
    ),
    (
        |t| t.write("certs/store/public.crt", ""),
        &["renew store.server.default: `certs/store/public.crt` is empty"],
    ),
    (
        |t| t.write("certs/store/private.key", "rubbish"),
        &[
            "rekey store.server.default: `certs/store/private.key` holds neither a certificate nor a key",
        ],
    ),
    (
        |t| t.write("certs/store/private.key", t.read("certs/tool/own.key")),
        &["rekey store.server.default: the key belongs to another certificate"],
    ),
    (
        |t| {
            t.write(
                "certs/store/public.crt",
                t.leaf("certs/store/public.crt").der(),
            );
        },
        &[
            "rewrite store.server.default: chain: no certificate after the leaf in public.crt where 1 certificate should be",
        ],
    ),
    (
        |t| {
            let pem = t.read("certs/store/public.crt");
            t.write(
                "certs/store/public.crt",
                [&pem[..], &t.read("certs/ca/ca.crt")].concat(),
            );
        },
        &[
            "rewrite store.server.default: chain: 2 certificates after the leaf in public.crt where 1 certificate should be",
        ],
    ),
    (
        |t| {
            let key = t.read("certs/store/private.key");
            t.write("certs/store/private.key", [&key[..], b"\n"].concat());
        },
        &[
            "rewrite store.server.default: key file: additional data after the key (1 octet, white space)",
        ],
    ),
    (
        // Both at once.
        |t| {
            let key = t.read("certs/store/private.key");
            t.write("certs/store/private.key", [&key[..], b"\n"].concat());
            t.write("certs/store/public.crt", "rubbish");
        },
        &[
            "renew store.server.default: `certs/store/public.crt` holds neither a certificate nor a key; key file: additional data after the key (1 octet, white space)",
        ],
    ),
    (
        |t| mark(t, "certs/store/private.key"),
        &["rewrite store.server.default: key file: a byte order mark before the first line"],
    ),
    (
        |t| mark(t, "certs/store/public.crt"),
        &["rewrite store.server.default: chain: a byte order mark before the first line"],
    ),
    (
        |t| mark(t, "certs/tool/trust.crt"),
        &["write certs/tool/trust.crt: output stale: other CA certificates than its edges need"],
    ),
    (
        |t| t.remove("certs/tool/trust.crt"),
        &["write certs/tool/trust.crt: trust.crt is missing"],
    ),
    (
        |t| {
            t.write(
                "certs/tool/trust.crt",
                t.read("authorities/leaves/1/ca.crt"),
            );
        },
        &["write certs/tool/trust.crt: output stale: other CA certificates than its edges need"],
    ),
    (
        |t| t.write("certs/spark/truststore.p12", t.read("certs/ca/ca.crt")),
        &[
            "write certs/spark/truststore.p12: output stale: other CA certificates than its edges need",
        ],
    ),
    (
        |t| t.write("certs/spark/spark-defaults.conf", "mine"),
        &["write certs/spark/spark-defaults.conf: output stale: another text"],
    ),
    (
        |t| std::fs::remove_dir_all(t.path("certs/store")).unwrap(),
        &[
            "make store.server.default: certificate public.crt is missing; key private.key is missing",
        ],
    ),
    (
        |t| {
            let mode = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(t.path("certs/store/private.key"), mode).unwrap();
        },
        &["access certs/store/private.key: mode 0644 root:root → 0600"],
    ),
];

/// Puts a byte order mark before a file.
fn mark(tree: &Tree, path: &str) {
    tree.write(path, ["\u{feff}".as_bytes(), &tree.read(path)].concat());
}

/// Go does not see the block behind it; Python's ssl does.
#[test]
fn a_byte_order_mark_is_told_and_never_hides_a_certificate() {
    for (path, rule) in [
        ("certs/store/private.key", "key-not-pem"),
        ("certs/store/public.crt", "certificate-not-pem"),
        ("certs/tool/trust.crt", "output-stale"),
    ] {
        let tree = Tree::made(STACK);
        mark(&tree, path);
        let report = tree.verdict().report;
        let [finding] = report.findings() else {
            panic!("{path}: {report:#?}");
        };
        assert_eq!(finding.rule, rule);
        assert_eq!(
            finding.found.as_deref(),
            Some("a byte order mark before the first line")
        );
        assert_eq!(finding.fix.as_deref(), Some("pki apply"));
    }
    let tree = Tree::made(STACK);
    mark(&tree, "authorities/root/1/ca.crt");
    tree.assert_settled();
}

#[test]
fn each_damage_is_told_mended_and_done_with() {
    for (damage, expected) in DAMAGES {
        let tree = Tree::made(STACK);
        damage(&tree);
        let planned: Vec<String> = tree.planned();
        let names = found_owner(&tree);
        let planned: Vec<String> = planned
            .iter()
            .map(|l| l.replace(&names, "root:root"))
            .collect();
        assert_eq!(&planned, expected);
        let receipt = tree.apply().unwrap();
        assert_eq!(receipt.done.len(), expected.len());
        tree.assert_settled();
    }
}

/// Who runs the tests.
fn found_owner(tree: &Tree) -> String {
    let meta = std::fs::metadata(tree.dir.path()).unwrap();
    crate::store::accounts().names(meta.uid(), meta.gid())
}

#[test]
fn a_surplus_in_a_key_file_costs_neither_key_nor_certificate() {
    let tree = Tree::made(STACK);
    let before = (
        tree.read("certs/store/private.key"),
        tree.leaf("certs/store/public.crt"),
    );
    tree.write(
        "certs/store/private.key",
        [&before.0[..], &before.0].concat(),
    );
    // Two keys: which one is meant?
    assert!(tree.planned()[0].starts_with("rekey store.server.default"));
    tree.write(
        "certs/store/private.key",
        [b"text\n", &before.0[..], b"more"].concat(),
    );
    tree.apply().unwrap();
    assert_eq!(tree.read("certs/store/private.key"), before.0);
    assert_eq!(tree.leaf("certs/store/public.crt"), before.1);
    tree.assert_settled();
}

#[test]
fn a_broken_authority_is_told_and_what_works_stays() {
    for (damage, rule) in [
        (
            (|t| t.write("authorities/leaves/1/ca.crt", "rubbish")) as Damage,
            "authority-unreadable",
        ),
        // Never made anew: every client trusts what was there.
        (
            |t| t.remove("authorities/leaves/1/ca.crt"),
            "authority-missing",
        ),
        (
            |t| {
                t.remove("authorities/leaves/1/ca.crt");
                t.remove("authorities/leaves/1/ca.key");
            },
            "authority-missing",
        ),
        (
            |t| t.remove("authorities/root/1/ca.crt"),
            "authority-missing",
        ),
        (
            |t| {
                // One that came from elsewhere: no line of ours knows it.
                t.remove(".pki/issued.jsonl");
                t.remove("authorities/root/1/ca.crt");
            },
            "authority-missing",
        ),
        (
            |t| {
                t.write(
                    "authorities/leaves/1/ca.crt",
                    t.read("certs/store/public.crt"),
                );
            },
            "authority-is-no-ca",
        ),
        (
            |t| {
                t.write(
                    "authorities/leaves/1/ca.key",
                    t.read("authorities/root/1/ca.key"),
                );
            },
            "authority-key-mismatch",
        ),
    ] {
        let tree = Tree::made(STACK);
        damage(&tree);
        let before = tree.seen_of_services();
        let plan = tree.plan(&tree.options());
        let rules = plan.findings.iter().map(|f| f.rule);
        let rules: Vec<_> = rules.filter(|rule| *rule != "not-recorded").collect();
        assert_eq!((rules, lines(&plan)), (vec![rule], vec![]));
        assert!(plan.findings[0].fix.is_some());
        tree.apply().unwrap();
        assert_eq!(tree.seen_of_services(), before);
        let report = tree.verdict().report;
        assert_eq!(report.worst(), Some(Severity::Error), "{rule}");
        assert!(report.findings().iter().any(|f| f.rule == rule), "{rule}");
    }
}

#[test]
fn a_ca_key_that_cannot_be_read_matters_once_it_should_sign() {
    let tree = Tree::made(STACK);
    tree.write("authorities/leaves/1/ca.key", "rubbish");
    let told = |findings: &[Finding]| {
        let unusable = |f: &Finding| f.rule == "authority-key-unusable";
        findings.iter().any(unusable)
    };
    let plan = tree.plan(&tree.options());
    assert!(plan.is_empty() && plan.findings.is_empty(), "{plan:?}");
    assert!(told(tree.verdict().report.findings()));
    tree.remove("certs/store/public.crt");
    let before = tree.seen();
    let receipt = tree.apply().unwrap();
    assert!(receipt.done.is_empty() && told(&receipt.findings));
    assert_eq!(tree.seen(), before);
}

#[test]
fn what_cannot_be_replaced_is_told_and_its_pair_stays_as_it_is() {
    let tree = Tree::made(STACK);
    tree.remove("certs/store/public.crt");
    std::fs::create_dir(tree.path("certs/store/public.crt")).unwrap();
    tree.remove("certs/tool/trust.crt");
    let before = tree.seen();
    let receipt = tree.apply().unwrap();
    let told: Vec<String> = receipt.findings.iter().map(|f| f.at.to_string()).collect();
    assert_eq!(told, ["certs/store/public.crt"]);
    let mut after = tree.seen();
    assert!(after.remove("certs/tool/trust.crt").is_some());
    assert_eq!(after, before);
}
