//! CA keys that are stored encrypted.

use super::*;

const STACK: &str = r#"
version = 1
[authority.root]
encrypted = true
[authority.leaves]
issuer = "root"
[service.store]
role = "minio"
authority = "leaves"
hosts = ["store"]
"#;
const KEY: &str = "authorities/root/1/ca.key";

fn phrase(text: &'static str) -> impl Fn(&str) -> Result<Secret> {
    move |authority| match authority {
        "root" => Ok(Secret::new(text.as_bytes().to_vec())),
        other => Err(Error::usage(format!("nobody should ask for `{other}`"))),
    }
}

#[test]
fn an_encrypted_ca_key_signs_with_its_passphrase_alone() {
    let tree = Tree::new(STACK);
    let options = tree.options();
    let empty = tree.seen();
    // Without a passphrase nothing is made.
    let error = tree.apply().unwrap_err();
    assert!(told(&error).contains("no passphrase for `root`"), "{error}");
    assert_eq!(tree.seen(), empty);

    tree.execute(&tree.plan(&options), &options, &phrase("correct horse"))
        .unwrap();
    tree.assert_settled();
    assert!(
        tree.read(KEY)
            .starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    );
    assert!(
        tree.read("authorities/leaves/1/ca.key")
            .starts_with(b"-----BEGIN PRIVATE KEY-----\n")
    );
    if let Some((ok, text)) = openssl(&tree, &["asn1parse", "-in", KEY]) {
        assert!(
            ok && text.contains(":PBKDF2") && text.contains(":hmacWithSHA256"),
            "{text}"
        );
        // The rounds of the derivation: 600,000.
        assert!(text.contains("INTEGER           :0927C0"), "{text}");
        let check = [
            "pkey",
            "-noout",
            "-check",
            "-in",
            KEY,
            "-passin",
            "pass:correct horse",
        ];
        let (ok, text) = openssl(&tree, &check).unwrap();
        assert!(ok, "{text}");
    }

    // The root is asked only when it signs: not for a leaf of the intermediate.
    tree.remove("certs/store/public.crt");
    tree.apply().unwrap();
    tree.assert_settled();

    // Another intermediate: the root signs.
    let more = format!("{STACK}[authority.more]\nissuer = \"root\"\n");
    let tree = tree.with(&more);
    let before = tree.seen();
    for (passphrase, expected) in [
        (
            &no_passphrase as &dyn Fn(&str) -> Result<Secret>,
            "no passphrase for `root`",
        ),
        (
            &phrase("wrong horse"),
            "cannot sign with `authorities/root/1/ca.key`",
        ),
    ] {
        let error = tree
            .execute(&tree.plan(&options), &options, passphrase)
            .unwrap_err();
        assert!(told(&error).contains(expected), "{}", told(&error));
        assert!(!told(&error).contains("horse"), "{}", told(&error));
        assert_eq!(tree.seen(), before);
    }
    tree.execute(&tree.plan(&options), &options, &phrase("correct horse"))
        .unwrap();
    tree.assert_settled();
}

#[test]
fn a_plain_key_that_should_be_encrypted_is_told() {
    let tree = Tree::made(&STACK.replace("encrypted = true", ""));
    let tree = Tree {
        stack: stack(STACK),
        ..tree
    };
    assert_eq!(tree.planned(), [""; 0]);
    let report = tree.verdict().report;
    let rules: Vec<_> = report.findings().iter().map(|f| f.rule).collect();
    assert_eq!(rules, ["authority-key-not-encrypted"]);
}

/// Without a passphrase a key that shall be encrypted is not written at all.
#[test]
fn no_passphrase_no_key() {
    let tree = Tree::new("version = 1\n[authority.a]\nencrypted = true\n");
    let options = tree.options();
    let plan = tree.plan(&options);
    let found = look(&tree.store, &tree.stack).unwrap();
    let made = make_keys(&tree.stack, &plan, &SystemKeys, 1, &|_, _, _| ()).unwrap();
    let signers = signers::Signers::default();
    let mut serials = RandomSerials::default();
    let built = build::build(
        &tree.stack,
        &plan,
        &options,
        found,
        made,
        signers,
        &mut serials,
    );
    let error = built.map(|_| ()).unwrap_err();
    assert!(
        told(&error).contains("no passphrase for authority `a`"),
        "{error}"
    );
}
