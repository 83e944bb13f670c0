//! Other implementations judge what `pki` makes: for every edge of every
//! starter a handshake in Java, Go, Python, OpenSSL and rustls, the key files
//! under the rules of Go programs, the certificates by pkilint, and their
//! fields as pyca/cryptography and OpenSSL read them.
//!
//! A judge is one process that gets a list of cases and prints one line per
//! case. One that is not on this machine is one line `skipped: …`; with
//! `PKI_REQUIRE_JUDGES=1` that (but for those that come by pip), or fewer cases
//! than expected, is a failure.
#![expect(clippy::unwrap_used, reason = "in a test a failure may end it")]

mod case;
mod fields;
mod judge;
mod machine;
mod openssl;
mod rustls_judge;
mod tree;

use judge::Outcome;
use tree::trees;

#[test]
fn java() {
    let cases = case::handshakes(trees(), case::Trust::Truststore);
    for java in machine::javas() {
        judge::run_java(&java, &cases).report(&format!("java {}", java.version), 45);
    }
    if machine::javas().is_empty() {
        Outcome::skipped("java of version 17 or newer not found").report("java", 45);
    }
}

#[test]
fn go() {
    let mut cases = case::handshakes(trees(), case::Trust::Pem);
    cases.extend(case::key_files(trees()));
    judge::run_go(&cases).report("go", 60);
}

#[test]
fn python() {
    let cases = case::handshakes(trees(), case::Trust::Pem);
    judge::run_python(&cases).report("python", 45);
}

#[test]
fn rustls() {
    let cases = case::handshakes(trees(), case::Trust::Pem);
    rustls_judge::judge(&cases).report("rustls", 45);
}

#[test]
fn openssl() {
    let cases = case::handshakes(trees(), case::Trust::Pem);
    openssl::judge(&cases).report("openssl", 45);
}

#[test]
fn pkilint() {
    judge::run_pkilint(&case::certificates(trees(), "lint")).report("pkilint", 20);
}

#[test]
fn same_fields() {
    let cases = case::certificates(trees(), "fields");
    fields::judge_pyca(&cases).report("pyca fields", 20);
    fields::judge_openssl(&cases).report("openssl fields", 20);
}
