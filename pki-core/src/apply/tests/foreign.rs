//! What somebody else had put in a service's place before pki came.

use super::*;
use crate::encode::bundle::bundle;

const CRT: &str = "certs/store/public.crt";
const KEY: &str = "certs/store/private.key";

/// What stands in the place of the server's pair, and what is told of it.
type Case = (fn(&Tree, &Tree), Option<(&'static str, &'static str)>);

fn copy(from: &Tree, file: &str, tree: &Tree, to: &str) {
    tree.write(to, from.read(file));
}

fn key_of_kind(algorithm: KeyAlgorithm) -> Vec<u8> {
    let key = SystemKeys.generate(algorithm).unwrap();
    key.to_pem().expose().to_vec()
}

/// A tree, one of another company, and the answer.
const CASES: &[Case] = &[
    (
        |t, other| {
            copy(other, CRT, t, CRT);
            copy(other, KEY, t, KEY);
        },
        Some((CRT, "CN=store, issued by CN=leaves CA, until 2027-11-21")),
    ),
    (
        |t, other| copy(other, CRT, t, CRT),
        Some((CRT, "CN=store, issued by CN=leaves CA, until 2027-11-21")),
    ),
    (
        |t, other| {
            t.write(CRT, "rubbish");
            t.write(KEY, key_of_kind(KeyAlgorithm::Ed25519));
            copy(other, CRT, t, "certs/store/mine.crt");
        },
        Some((KEY, "a private key (Ed25519) without a certificate")),
    ),
    (
        |t, _| {
            let key = SystemKeys.generate(KeyAlgorithm::EcdsaP256).unwrap();
            let pem = key.to_encrypted_pem(&Secret::new(b"x".to_vec()));
            t.write(KEY, pem.unwrap().expose());
        },
        Some((KEY, "a private key (encrypted) without a certificate")),
    ),
    (
        // Both in one file, as some programs want it.
        |t, other| t.write(CRT, [other.read(CRT), other.read(KEY)].concat()),
        Some((CRT, "a private key (ECDSA P-256) without a certificate")),
    ),
    // A key that fits and that nothing certifies is certified.
    (|t, other| copy(other, KEY, t, KEY), None),
    // Nothing is lost.
    (
        |t, _| {
            t.write(CRT, "rubbish");
            t.write(KEY, "-----BEGIN PRIVATE KEY-----\n");
        },
        None,
    ),
];

fn told_of(findings: &[Finding]) -> Option<&Finding> {
    findings.iter().find(|f| f.rule == rule::PAIR_FOREIGN.id)
}

#[test]
fn a_pair_of_somebody_else_is_kept_and_told() {
    let other = Tree::made(STACK);
    for (i, (put, expected)) in CASES.iter().enumerate() {
        let tree = Tree::new(STACK);
        put(&tree, &other);
        let before = tree.seen();
        let plan = tree.plan(&tree.options());
        let found = told_of(&plan.findings);
        let shown = found.map(|f| {
            assert_eq!(f.severity, Severity::Error);
            (f.at.to_string(), f.found.clone().unwrap())
        });
        let wanted = expected.map(|(at, found)| (at.to_owned(), found.to_owned()));
        assert_eq!(shown, wanted, "case {i}");
        let receipt = tree.apply().unwrap();
        assert_eq!(
            told_of(&receipt.findings).is_some(),
            found.is_some(),
            "case {i}"
        );
        // All else is there.
        assert_eq!(tree.certificates("certs/tool/own.crt").len(), 2, "case {i}");
        let Some(found) = found else {
            tree.assert_settled();
            continue;
        };
        for (file, was) in before.iter().filter(|(file, _)| file.contains("store/")) {
            assert_eq!(tree.seen()[file], *was, "case {i}: {file}");
        }
        assert_eq!(lines(&tree.plan(&tree.options())), [""; 0], "case {i}");
        let report = tree.verdict().report;
        let same = told_of(report.findings()).unwrap();
        assert_eq!(
            (&same.at, &same.found, &same.fix),
            (&found.at, &found.found, &found.fix)
        );
        let fix = found.fix.clone().unwrap();
        let (moves, last) = fix.rsplit_once(" && ").unwrap();
        assert_eq!(last, "pki apply");
        for words in moves.split(" && ") {
            let files = words.strip_prefix("mv -n ").unwrap();
            let (from, to) = files.split_once(' ').unwrap();
            std::fs::rename(tree.path(from), tree.path(to)).unwrap();
        }
        tree.apply().unwrap();
        assert_eq!(lines(&tree.plan(&tree.options())), [""; 0], "case {i}");
        assert_eq!(told_of(tree.verdict().report.findings()), None, "case {i}");
        for (file, was) in before {
            let old = format!("{file}.old");
            if file == CRT || file == KEY {
                assert_eq!(tree.read(&old), was.0, "case {i}: {old}");
            }
        }
    }
}

#[test]
fn over_what_was_delivered_it_is_damage() {
    let other = Tree::made(STACK);
    for lost in ["", ".pki/issued.jsonl", ".pki/state.toml"] {
        let tree = Tree::made(STACK);
        if !lost.is_empty() {
            tree.remove(lost);
        }
        copy(&other, CRT, &tree, CRT);
        copy(&other, KEY, &tree, KEY);
        let plan = tree.plan(&tree.options());
        assert_eq!(told_of(&plan.findings), None, "without {lost}");
        assert_eq!(plan.steps.len(), 1, "without {lost}");
        tree.apply().unwrap();
        assert_eq!(lines(&tree.plan(&tree.options())), [""; 0]);
    }
}

#[test]
fn what_any_generation_of_ours_signed_is_ours() {
    let tree = Tree::made(STACK);
    tree.remove(".pki/issued.jsonl");
    tree.remove(".pki/state.toml");
    assert_eq!(told_of(tree.verdict().report.findings()), None);
    // The same service in another place, as the manifest has it now.
    let key = tree.read(KEY);
    tree.write("certs/shop/public.crt", tree.read(CRT));
    tree.write("certs/shop/private.key", &key);
    let tree = tree.with(&STACK.replace("store", "shop"));
    assert_eq!(told_of(&tree.plan(&tree.options()).findings), None);
    tree.apply().unwrap();
    assert_eq!(tree.read("certs/shop/private.key"), key);
    // What a root of the same name signed is not.
    let leaf = Tree::made(STACK).leaf(CRT);
    tree.write("certs/tool2/own.crt", bundle(&[leaf.der()]));
    let tree = tree.with(&STACK.replace("store", "shop").replace("tool", "tool2"));
    assert!(told_of(&tree.plan(&tree.options()).findings).is_some());
}
