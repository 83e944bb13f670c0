//! `permit`: what a constrained CA can vouch for, as others judge it.

use super::*;
use crate::cert::oid;

#[test]
fn constraints_are_critical_and_whole() {
    let ca = root("CN=Root", new_key(), &["example.com", "10.0.0.0/8"]);
    let found: Vec<_> = ca.certificate.extensions().iter().collect();
    let constraints = found
        .iter()
        .find(|e| e.oid == oid::NAME_CONSTRAINTS)
        .unwrap();
    assert!(constraints.critical);
    let said = openssl(
        &["x509", "-in", "ca.pem", "-noout", "-ext", "nameConstraints"],
        &[("ca.pem", &to_pem(&ca.certificate))],
    );
    let Some(said) = said else { return };
    let lines: Vec<&str> = said.text.lines().map(str::trim).collect();
    assert_eq!(
        lines,
        [
            "X509v3 Name Constraints: critical",
            "Permitted:",
            "DNS:example.com",
            "IP:10.0.0.0/255.0.0.0",
            "email:invalid",
            "URI:invalid",
        ]
    );
}

#[test]
fn openssl_holds_leaves_to_permit() {
    let ca = root("CN=Root", new_key(), &[]);
    let middle = below(
        &ca,
        "CN=Middle",
        &["example.com", "10.0.0.0/8", "localhost"],
    );
    let root = root(
        "CN=Own",
        new_key(),
        &["example.com", "10.0.0.0/8", "localhost"],
    );
    let key = new_key();
    for (names, good) in [
        (&["example.com"][..], true),
        (&["a.b.example.com", "10.1.2.3", "localhost"], true),
        (&["*.example.com"], true),
        (&["badexample.com"], false),
        (&["a.example.com", "example.org"], false),
        (&["a.example.com", "11.0.0.1"], false),
        (&["a.example.com", "fe80::1"], false),
        (&["a.example.com", "a@example.com"], false),
        (&["a.example.com", "spiffe://example.com/x"], false),
    ] {
        let request = request(Profile::Server, "CN=leaf one", names, &key);
        for (anchor, middle) in [(&ca, Some(&middle)), (&root, None)] {
            let leaf = middle.unwrap_or(anchor).issue(&request);
            let said = judged(&["-x509_strict"], anchor, middle, &[leaf]);
            let Some(said) = said else { return };
            assert_eq!(said.ok, good, "{names:?}: {}", said.text);
        }
    }
}
