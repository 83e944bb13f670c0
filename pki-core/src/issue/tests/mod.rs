//! Certificates as they come out, judged extension by extension, and by
//! openssl.

mod constraints;
mod keys;
mod names;
mod profile;
mod time;

use super::*;
use crate::cert::tests::make::NOW;
use crate::key::{self, KeySource as _, PrivateKey, SystemKeys};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::Dn;
use crate::model::profile::Profile;
use crate::model::san::{Constraint, San};
use crate::model::validity::Lifetime;
use crate::pem;

/// A file of `testdata/keys`.
macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/testdata/keys/",
            $name
        ))
        .as_slice()
    };
}
use fixture;

/// The key in an unencrypted file.
fn stored(bytes: &[u8]) -> PrivateKey {
    key::load(bytes, None).unwrap().key
}

fn new_key() -> PrivateKey {
    SystemKeys.generate(KeyAlgorithm::EcdsaP256).unwrap()
}

fn serial(n: u8) -> Serial {
    Serial::from_random([n; 16])
}

fn dn(text: &str) -> Dn {
    Dn::parse(text).unwrap()
}

fn sans(names: &[&str]) -> Vec<San> {
    names.iter().map(|n| San::parse(n).unwrap()).collect()
}

fn days(n: i64) -> Lifetime {
    Lifetime::from_days(n)
}

/// A CA with its key.
struct Ca {
    certificate: Certificate,
    key: PrivateKey,
}

impl Ca {
    fn issuer(&self) -> Issuer<'_> {
        Issuer::new(&self.certificate, &self.key).unwrap()
    }

    fn issue(&self, request: &Request) -> Certificate {
        issue(request, &self.issuer(), NOW, &serial(9))
            .unwrap()
            .certificate
    }
}

/// A root of ten years; `permit` constrains it.
fn root(subject: &str, key: PrivateKey, permit: &[&str]) -> Ca {
    let permit = permit.iter().map(|p| Constraint::parse(p).unwrap());
    let request = Request::authority(
        dn(subject),
        days(3650),
        key.public().clone(),
        None,
        permit.collect(),
    )
    .unwrap();
    Ca {
        certificate: self_sign(&request, &key, NOW, &serial(1)).unwrap(),
        key,
    }
}

/// A CA below another.
fn below(ca: &Ca, subject: &str, permit: &[&str]) -> Ca {
    let key = new_key();
    let permit = permit.iter().map(|p| Constraint::parse(p).unwrap());
    let request = Request::authority(
        dn(subject),
        days(1000),
        key.public().clone(),
        Some(0),
        permit.collect(),
    )
    .unwrap();
    Ca {
        certificate: ca.issue(&request),
        key,
    }
}

/// A request for a year.
fn request(profile: Profile, subject: &str, names: &[&str], key: &PrivateKey) -> Request {
    Request::leaf(
        profile,
        dn(subject),
        sans(names),
        days(365),
        key.public().clone(),
    )
    .unwrap()
}

fn to_pem(certificate: &Certificate) -> Vec<u8> {
    pem::encode("CERTIFICATE", certificate.der()).into_bytes()
}

/// What a run of openssl said.
struct Said {
    ok: bool,
    text: String,
}

/// Runs openssl in a folder that holds `files`; `None` when there is none.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that asks another implementation"
)]
fn openssl(args: &[&str], files: &[(&str, &[u8])]) -> Option<Said> {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let run = std::process::Command::new("openssl")
        .args(args)
        .current_dir(dir.path())
        .output();
    let Ok(output) = run else {
        println!("skipped: openssl not found");
        return None;
    };
    let text = [output.stdout, output.stderr].concat();
    Some(Said {
        ok: output.status.success(),
        text: String::from_utf8_lossy(&text).into_owned(),
    })
}

/// `openssl verify` of leaves against a root, at the time of these tests.
fn judged(
    options: &[&str],
    root: &Ca,
    middle: Option<&Ca>,
    leaves: &[Certificate],
) -> Option<Said> {
    let mut files = vec![("root.pem".to_owned(), to_pem(&root.certificate))];
    files.extend(middle.map(|m| ("middle.pem".to_owned(), to_pem(&m.certificate))));
    let named = leaves.iter().enumerate();
    files.extend(named.map(|(i, leaf)| (format!("leaf{i}.pem"), to_pem(leaf))));
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (&**n, &**b)).collect();
    let now = NOW.unix().to_string();
    let mut args = vec!["verify", "-attime", &now];
    args.extend(options);
    args.extend(["-CAfile", "root.pem"]);
    if middle.is_some() {
        args.extend(["-untrusted", "middle.pem"]);
    }
    args.extend(files.iter().map(|f| f.0).filter(|n| n.starts_with("leaf")));
    openssl(&args, &files)
}

#[track_caller]
fn openssl_accepts(options: &[&str], root: &Ca, middle: Option<&Ca>, leaves: &[Certificate]) {
    if let Some(said) = judged(options, root, middle, leaves) {
        assert!(said.ok, "{}", said.text);
    }
}
