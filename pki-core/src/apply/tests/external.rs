//! Authorities below a CA that is not ours.

use super::*;
use crate::cert::oid;
use crate::cert::tests::make::{self, Party};
use crate::model::path::TreePath;

const STACK: &str = r#"
version = 1
[defaults]
authority = "stack"
[authority.own]
[authority.corp]
external = "corp.pem"
[authority.stack]
issuer = "corp"
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "server"
authority = "own"
hosts = ["b"]
[service.c]
role = "client"
connects = ["a", "b"]
"#;

pub(super) fn to_pem(certificate: &Certificate) -> String {
    pem::encode("CERTIFICATE", certificate.der())
}

pub(super) fn corp(party: &Party) -> Certificate {
    make::ca(party, party, |body| {
        body.remove(oid::AUTHORITY_KEY_ID);
        body.valid(NOW.plus_seconds(-DAY), NOW.plus_seconds(9000 * DAY));
    })
}

/// The name and key that the request of `stack` is for.
fn made_here(tree: &Tree) -> Party {
    Party {
        key: key::load(&tree.read("authorities/stack/1/ca.key"), None)
            .unwrap()
            .key,
        ..make::party("CN=stack CA")
    }
}

pub(super) fn below(party: &Party, corp: &Party, days: i64) -> Certificate {
    make::ca(party, corp, |body| {
        body.valid(NOW.plus_seconds(-DAY), NOW.plus_seconds(days * DAY));
    })
}

fn rules(plan: &Plan) -> Vec<(&'static str, String)> {
    let place = |f: &Finding| (f.rule, f.at.to_string());
    plan.findings.iter().map(place).collect()
}

#[test]
fn what_waits_for_a_certificate_is_told_and_the_rest_is_made() {
    let tree = Tree::new(STACK);
    let [corp_party, other] = ["CN=Corp", "CN=Corp 2"].map(make::party);
    let own = [
        "make authority own: authority own is missing",
        "request authority stack: stack.csr is missing",
        "make b.server.default: certificate server.crt is missing; key server.key is missing",
        "write certs/b/ca.crt: ca.crt is missing",
    ];
    let plan = tree.plan(&tree.options());
    assert_eq!(lines(&plan), own);
    assert_eq!(
        rules(&plan),
        [
            ("authority-missing", "corp.pem".to_owned()),
            ("authority-waiting", "authorities/stack/1/ca.crt".to_owned()),
        ]
    );
    let waiting = &plan.findings[1];
    assert_eq!(
        waiting.expected.as_deref(),
        Some("a CA certificate for `CN=stack CA`, signed by `corp`, which is not ours")
    );
    assert_eq!(
        waiting.fix.as_deref(),
        Some(
            "pki apply writes `stack.csr`; have `corp` sign it and put the certificate at \
             `authorities/stack/1/ca.crt`"
        )
    );
    let receipt = tree.apply().unwrap();
    assert_eq!(receipt.done.len(), own.len());
    assert_eq!(tree.planned(), [""; 0]);
    let report = tree.verdict().report;
    let told: Vec<_> = report.findings().iter().map(|f| f.rule).collect();
    assert!(told.contains(&"authority-waiting"), "{report:#?}");
    assert!(!told.contains(&"certificate-missing"), "{report:#?}");

    // Corp's certificate comes: what needs it alone is made. Its file may hold
    // more than one CA.
    let corp_pem = to_pem(&corp(&other)) + &to_pem(&corp(&corp_party));
    tree.write("corp.pem", corp_pem);
    assert_eq!(
        tree.planned(),
        [
            "write certs/a/ca.crt: ca.crt is missing",
            "write certs/c/trust.crt: trust.crt is missing"
        ]
    );
    tree.apply().unwrap();
    assert_eq!(rules(&tree.plan(&tree.options())).len(), 1);

    // Corp signs the key that was made here.
    let sub = made_here(&tree);
    tree.write(
        "authorities/stack/1/ca.crt",
        to_pem(&below(&sub, &corp_party, 3000)),
    );
    assert_eq!(
        tree.planned(),
        ["make a.server.default: certificate server.crt is missing; key server.key is missing"]
    );
    tree.apply().unwrap();
    tree.assert_settled();
    assert_eq!(tree.verdict().good_edges, 2);
}

#[test]
fn one_that_is_due_is_told_and_goes_on_signing() {
    let mut tree = Tree::new(STACK);
    let [corp_party, sub] = ["CN=Corp", "CN=stack CA"].map(make::party);
    tree.write("corp.pem", to_pem(&corp(&corp_party)));
    tree.write("authorities/stack/1/ca.key", sub.key.to_pem().expose());
    tree.write(
        "authorities/stack/1/ca.crt",
        to_pem(&below(&sub, &corp_party, 900)),
    );
    tree.apply().unwrap();
    let ca = tree.read("authorities/stack/1/ca.crt");
    tree.now = NOW.plus_seconds(800 * DAY);
    let plan = tree.plan(&tree.options());
    let here = ("authority-waiting", "authorities/stack/1/ca.crt".to_owned());
    assert_eq!(rules(&plan), std::slice::from_ref(&here));
    assert_eq!(plan.findings[0].severity, Severity::Warning);
    let receipt = tree.apply().unwrap();
    assert!(receipt.done.len() >= 2, "{:?}", lines(&plan));
    assert_eq!(tree.planned(), [""; 0]);

    // Expired: told, and nothing is signed with it any more.
    tree.now = NOW.plus_seconds(901 * DAY);
    let plan = tree.plan(&tree.options());
    assert_eq!(rules(&plan), [here]);
    assert_eq!(plan.findings[0].severity, Severity::Error);
    let lines = lines(&plan);
    assert!(!lines.iter().any(|l| l.contains(" a.server")), "{lines:?}");
    assert_eq!(tree.read("authorities/stack/1/ca.crt"), ca);
}

#[test]
fn one_signed_by_another_than_the_manifest_says_is_never_signed_here() {
    let tree = Tree::new(STACK);
    let [corp_party, other, sub] = ["CN=Corp", "CN=Corp 2", "CN=stack CA"].map(make::party);
    tree.write("corp.pem", to_pem(&corp(&corp_party)));
    tree.write("authorities/stack/1/ca.key", sub.key.to_pem().expose());
    let theirs = to_pem(&below(&sub, &other, 9000));
    let files = ["authorities/stack/1/ca.crt", "authorities/stack/1/ca.key"];
    tree.write(files[0], &theirs);
    let plan = tree.plan(&tree.options());
    // All that is done here is to ask.
    let step = plan.step(&Target::Authority("stack".into())).unwrap();
    assert!(
        matches!(step.action, plan::Action::Request { new_key: false }),
        "{step:?}"
    );
    let waiting = plan.findings.first().unwrap();
    assert_eq!(
        (waiting.rule, waiting.severity),
        ("authority-waiting", Severity::Error)
    );
    let found = waiting.found.as_deref().unwrap();
    assert!(
        found.contains("signed by CN=Corp 2, not by CN=Corp"),
        "{found}"
    );
    let fix = waiting.fix.as_deref().unwrap();
    let add = "if `corp` signed CN=Corp 2: add the certificate of CN=Corp 2 to \
               `authorities/stack/1/ca.crt`, then: pki apply; else pki apply writes `stack.csr`";
    assert!(fix.starts_with(add), "{fix}");
    let before = files.map(|file| tree.read(file));
    tree.apply().unwrap();
    assert_eq!(files.map(|file| tree.read(file)), before);
    assert!(!tree.path("certs/a/server.crt").exists());
    assert_eq!(tree.planned(), [""; 0]);
}

/// By the company's issuing CA, as companies do.
#[test]
fn what_stands_between_belongs_behind_it_in_the_same_file() {
    let tree = Tree::new(STACK);
    let [root, between] = ["CN=Corp", "CN=Corp Issuing"].map(make::party);
    tree.write("corp.pem", to_pem(&corp(&root)));
    tree.apply().unwrap();
    let sub = made_here(&tree);
    let own = to_pem(&below(&sub, &between, 900));
    tree.write("authorities/stack/1/ca.crt", &own);
    tree.apply().unwrap();
    let plan = tree.plan(&tree.options());
    assert_eq!(
        plan.findings[0].fix.as_deref(),
        Some(
            "if `corp` signed CN=Corp Issuing: add the certificate of CN=Corp Issuing to \
             `authorities/stack/1/ca.crt`, then: pki apply; else have `corp` sign `stack.csr` \
             and put the certificate at `authorities/stack/1/ca.crt`, then: pki apply"
        )
    );
    let whole = own + &to_pem(&below(&between, &root, 900));
    tree.write("authorities/stack/1/ca.crt", whole);
    tree.apply().unwrap();
    tree.assert_settled();
}

#[test]
fn what_was_signed_without_the_name_constraints_is_told_with_both_ways_out() {
    let permit = STACK.replace("issuer = \"corp\"", "issuer = \"corp\"\npermit = [\"a\"]");
    let tree = Tree::new(&permit);
    let root = make::party("CN=Corp");
    tree.write("corp.pem", to_pem(&corp(&root)));
    tree.apply().unwrap();
    let sub = made_here(&tree);
    tree.write(
        "authorities/stack/1/ca.crt",
        to_pem(&below(&sub, &root, 900)),
    );
    tree.apply().unwrap();
    let at = "authorities/stack/1/ca.crt";
    let plan = tree.plan(&tree.options());
    assert_eq!(rules(&plan), [("authority-waiting", at.to_owned())]);
    assert_eq!(
        plan.findings[0].found.as_deref(),
        Some("no name constraints; permit: a")
    );
    let fix = plan.findings[0].fix.as_deref().unwrap();
    assert!(
        fix.ends_with("then: pki apply; or take `permit` out of [authority.stack]"),
        "{fix}"
    );
    // What waits for it is not told as something that `pki apply` would make.
    let report = tree.verdict().report;
    assert_eq!(report.findings(), plan.findings);
    let tree = tree.with(STACK);
    tree.apply().unwrap();
    tree.assert_settled();
}

#[test]
fn a_trust_file_never_loses_what_it_should_hold() {
    let tree = Tree::new(STACK);
    let [corp_party, sub] = ["CN=Corp", "CN=stack CA"].map(make::party);
    tree.write("corp.pem", to_pem(&corp(&corp_party)));
    tree.write("authorities/stack/1/ca.key", sub.key.to_pem().expose());
    tree.write(
        "authorities/stack/1/ca.crt",
        to_pem(&below(&sub, &corp_party, 900)),
    );
    tree.apply().unwrap();
    let before = tree.read("certs/c/trust.crt");
    assert_eq!(certificates(&before).len(), 2);
    // Corp's file is lost while our own CA gets a new certificate.
    tree.remove("corp.pem");
    let own = tree.leaf("authorities/own/1/ca.crt");
    let permit = STACK.replace("[authority.own]", "[authority.own]\npermit = [\"b\"]");
    let tree = tree.with(&permit);
    tree.apply().unwrap();
    assert_ne!(tree.leaf("authorities/own/1/ca.crt"), own);
    assert_eq!(tree.read("certs/c/trust.crt"), before);
    let trust = TreePath::new("certs/c/trust.crt").unwrap();
    tree.write("corp.pem", to_pem(&corp(&corp_party)));
    let plan = tree.plan(&tree.options());
    assert!(plan.step(&Target::Output(trust)).is_some());
    tree.apply().unwrap();
    assert_eq!(tree.certificates("certs/c/trust.crt").len(), 2);
}

/// A file of several CAs: the end that counts is that of the one that signed.
#[test]
fn the_end_of_an_issuer_is_that_of_who_signed() {
    let party = make::party("CN=Corp");
    let ca = |party: &Party, days| {
        make::ca(party, party, |body| {
            body.remove(oid::AUTHORITY_KEY_ID);
            body.valid(NOW.plus_seconds(-DAY), NOW.plus_seconds(days * DAY));
        })
    };
    let older = ca(&make::party("CN=Corp"), 200);
    let signer = ca(&party, 9000);
    let tree = Tree::new(STACK);
    tree.write("corp.pem", to_pem(&older) + &to_pem(&signer));
    tree.apply().unwrap();
    let sub = made_here(&tree);
    tree.write(
        "authorities/stack/1/ca.crt",
        to_pem(&below(&sub, &party, 400)),
    );
    let found = look(&tree.store, &tree.stack).unwrap();
    let authority = tree.stack.authority("stack").unwrap();
    let end = found.inventory.issuer_end(&tree.stack, authority);
    assert_eq!(end, Some(signer.validity().not_after));
    let root = tree.stack.authority("own").unwrap();
    assert_eq!(found.inventory.issuer_end(&tree.stack, root), None);
}

/// Its own root until the company has signed: clients go on trusting that.
#[test]
fn an_authority_that_gets_an_external_issuer_goes_on_meanwhile() {
    let own = STACK.replace("issuer = \"corp\"", "");
    let tree = Tree::new(&own);
    let corp_party = make::party("CN=Corp");
    tree.write("corp.pem", to_pem(&corp(&corp_party)));
    tree.apply().unwrap();
    tree.assert_settled();
    let good = tree.verdict().good_edges;
    let tree = tree.with(STACK);
    tree.apply().unwrap();
    assert!(tree.path("stack.csr").exists());
    let verdict = tree.verdict();
    assert_eq!(verdict.good_edges, good, "{:#?}", verdict.report);
    let sub = made_here(&tree);
    let signed = below(&sub, &corp_party, 3000);
    tree.write("authorities/stack/1/ca.crt", to_pem(&signed));
    tree.apply().unwrap();
    tree.assert_settled();
}
