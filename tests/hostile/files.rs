//! Single files: `pki inspect` and `pki verify FILE`.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use pki_core::pem;

use crate::der;
use crate::folder::{Ran, STACK, applied, folder, in_pairs, run, write};

/// Of memory no input may take more, in KiB, …
pub(crate) const MEMORY: u64 = 600 << 10;
/// … nor more of a processor's time.
pub(crate) const TIME: Duration = Duration::from_secs(5);

/// Bounded, told in words, and with a code of the table.
#[track_caller]
pub(crate) fn assert_bounded(what: &str, ran: &Ran) {
    let cost = format!(
        "{what}: {:.2} s, {} MB, exit {}",
        ran.took.as_secs_f32(),
        ran.peak >> 10,
        ran.code
    );
    crate::say(&cost);
    let said: String = ran.said().chars().take(2_000).collect();
    assert!((0..=4).contains(&ran.code), "{cost}\n{said}");
    assert!(!said.contains("panicked"), "{cost}\n{said}");
    assert!(ran.took < TIME && ran.peak < MEMORY, "{cost}\n{said}");
}

/// As long as it says, and empty on the disk.
pub(crate) fn sparse(path: &Path, length: u64) {
    let file = fs::OpenOptions::new().append(true).create(true).open(path);
    file.unwrap().set_len(length).unwrap();
}

/// A text again and again, up to a length.
pub(crate) fn repeat(path: &Path, text: &[u8], length: usize) {
    let mut file = File::create(path).unwrap();
    let chunk = text.repeat((1 << 20) / text.len() + 1);
    for _ in 0..length / chunk.len() {
        std::io::Write::write_all(&mut file, &chunk).unwrap();
    }
}

/// A file of this name: how it is made, and what is said of it.
type Case = (&'static str, Box<dyn Fn(&Path) + Send + Sync>, &'static str);

fn bytes(name: &'static str, bytes: Vec<u8>, said: &'static str) -> Case {
    (name, Box::new(move |path| write(path, &bytes)), said)
}

fn key(name: &'static str, derivation: &[u8], numbers: &[u64], said: &'static str) -> Case {
    let numbers: Vec<Vec<u8>> = numbers.iter().map(|n| der::integer(*n)).collect();
    let numbers: Vec<&[u8]> = numbers.iter().map(Vec::as_slice).collect();
    let key = der::encrypted(derivation, &numbers);
    bytes(
        name,
        pem::encode("ENCRYPTED PRIVATE KEY", &key).into_bytes(),
        said,
    )
}

fn long(name: &'static str, text: &[u8], length: usize, said: &'static str) -> Case {
    let text = text.to_vec();
    (
        name,
        Box::new(move |path| repeat(path, &text, length)),
        said,
    )
}

fn cases(certificate: &[u8], private_key: &[u8]) -> Vec<Case> {
    const FULL: usize = 15 << 20;
    const LARGE: usize = 4 << 20;
    let large = |start: &'static [u8]| -> Box<dyn Fn(&Path) + Send + Sync> {
        Box::new(move |path| {
            write(path, start);
            sparse(path, 200 << 20);
        })
    };
    let many = "more than 3000 blocks";
    let begin = b"-----BEGIN CERTIFICATE-----\n";
    let deep = der::nested(10_000);
    let pem = |der: &[u8]| pem::encode("CERTIFICATE", der).into_bytes();
    let names = der::certificate(&der::name(1), 1_000_000);
    let fewer = der::certificate(&der::name(1), 200_000);
    let subject = der::certificate(&der::name(100_000), 1);
    vec![
        ("200m.pem", large(begin), "bytes, more than the"),
        (
            "200m.der",
            large(b"\x30\x84\x0c\x80\0\0"),
            "bytes, more than the",
        ),
        long(
            "100000.pem",
            certificate,
            100_000 * certificate.len(),
            "bytes, more than the",
        ),
        long("as-many-as-fit.pem", certificate, FULL, many),
        long("keys.pem", private_key, FULL, "private key"),
        long("begin.pem", begin, FULL, many),
        long("dashes.pem", b"-----", LARGE, "text of 1 line"),
        long("zeros.der", b"\0", LARGE, "octets"),
        long("endless.der", b"\x30\x80", LARGE, "DER"),
        long("letters.pem", b"A", LARGE, "text of 1 line"),
        bytes("deep.der", deep.clone(), "DER of another kind"),
        bytes("deep.pem", pem(&deep), "cut short"),
        bytes("subject.der", subject.clone(), "octets"),
        bytes("subject.pem", pem(&subject), "octets"),
        bytes("names.der", names.clone(), "octets"),
        bytes("names.pem", pem(&fewer), "octets"),
        key("rounds.key", der::PBKDF2, &[1 << 31], "2147483648"),
        key("rounds-2.key", der::PBKDF2, &[2_000_001], "2000001"),
        key("n.key", der::SCRYPT, &[1 << 40, 8, 1], "octets of memory"),
        key(
            "r.key",
            der::SCRYPT,
            &[1 << 14, 1 << 15, 1],
            "octets of memory",
        ),
        key(
            "p.key",
            der::SCRYPT,
            &[1 << 14, 8, 65_535],
            "octets of work",
        ),
        key("past.key", der::SCRYPT, &[1 << 62, 1 << 31, 1 << 31], "key"),
        key("argon.key", der::UNKNOWN, &[1 << 31], "key"),
        bytes("store.p12", der::store(1 << 31), "rounds"),
    ]
}

#[test]
fn single_files_are_told_within_bounds() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    applied(dir.path(), STACK);
    write(&at("password"), "changeit\n");
    let certificate = fs::read(at("certs/web/public.crt")).unwrap();
    let private_key = fs::read(at("certs/web/private.key")).unwrap();
    let ca = "authorities/ca/1/ca.crt";
    in_pairs(cases(&certificate, &private_key), |(name, make, said)| {
        make(&at(name));
        for call in [
            &["inspect", "--json", "--password-file", "password", name][..],
            &["verify", "--ca", ca, name],
            &["verify", "--ca", name, "certs/web/public.crt"],
            &["verify", "--ca", ca, "--key", name, "certs/web/public.crt"],
        ] {
            let ran = run(dir.path(), call);
            assert_bounded(&call.join(" "), &ran);
            assert!(ran.said().len() < 64 << 20, "{call:?}");
            if call[0] == "inspect" && call.contains(&"--json") {
                let all: String = ran.said().chars().collect();
                assert!(
                    all.contains(said),
                    "{call:?}: {said}\n{}",
                    &all[..all.len().min(3_000)]
                );
            }
        }
        fs::remove_file(at(name)).unwrap();
    });
}
