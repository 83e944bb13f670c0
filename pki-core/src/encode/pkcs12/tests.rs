//! The store against its own reader, against keytool and against OpenSSL.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;
use crate::der;

const SALTS: Salts = Salts {
    encryption: [1; 20],
    iv: [2; 16],
    mac: [3; 20],
};
const LOCKED: Protection<'_> = Protection::Password {
    password: "pä$$ wörd",
    salts: &SALTS,
};

fn entry(alias: &str, certificate: &[u8]) -> TrustEntry {
    TrustEntry {
        alias: alias.to_owned(),
        certificate_der: certificate.to_vec(),
    }
}

/// A SEQUENCE, which is all that a store asks of a certificate.
fn sequence(content: &[u8]) -> Vec<u8> {
    der::encode(der::tag::SEQUENCE, content)
}

fn two() -> Vec<TrustEntry> {
    vec![
        entry("minio", &sequence(&[5, 0])),
        entry("größe-2", &sequence(&[0; 300])),
    ]
}

#[test]
fn identifiers_are_what_their_text_says() {
    for (text, octets) in oid::ALL {
        assert_eq!(der::oid_text(octets).as_deref(), Some(*text));
    }
}

#[test]
fn what_is_written_is_read() {
    for (protection, password, encrypted) in [
        (Protection::Open, None, false),
        (Protection::Open, Some("any"), false),
        (LOCKED, Some("pä$$ wörd"), true),
    ] {
        let store = read_store(&write_truststore(&two(), protection).unwrap(), password).unwrap();
        assert_eq!(
            (store.keys, store.encrypted, store.mac),
            (0, encrypted, encrypted)
        );
        assert!(store.entries.iter().all(|e| e.trusted));
        let read: Vec<_> = store
            .entries
            .into_iter()
            .map(|e| TrustEntry {
                alias: e.alias.unwrap(),
                certificate_der: e.certificate_der,
            })
            .collect();
        assert_eq!(read, two());
    }
}

#[test]
fn a_locked_store_asks_for_its_password() {
    let store = write_truststore(&two(), LOCKED).unwrap();
    assert_eq!(read_store(&store, None), Err(Pkcs12Error::PasswordNeeded));
    for wrong in ["", "changeit"] {
        assert_eq!(
            read_store(&store, Some(wrong)),
            Err(Pkcs12Error::WrongPassword)
        );
    }
}

#[test]
fn refuses_to_write_what_java_would_change() {
    let good = sequence(&[]);
    for (entries, message) in [
        (vec![], "a truststore needs at least one certificate"),
        (vec![entry("", &good)], "alias `` is empty"),
        (
            vec![entry("MinIO", &good)],
            "alias `MinIO` is not lower-case; Java would change it",
        ),
        (
            vec![entry("a\nb", &good)],
            "alias `a\nb` holds a control character",
        ),
        (
            vec![entry("🔒", &good)],
            "alias `🔒` holds a character that BMPString has not",
        ),
        (
            vec![entry("a", &good), entry("a", &good)],
            "alias `a` is there twice; Java would see the last only",
        ),
        (
            vec![entry("a", &[0x30, 1])],
            "the certificate of alias `a` is no DER SEQUENCE: cut short at octet 0",
        ),
    ] {
        let error = write_truststore(&entries, Protection::Open).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let unprotected = Protection::Password {
        password: "",
        salts: &SALTS,
    };
    assert_eq!(
        write_truststore(&two(), unprotected),
        Err(Pkcs12Error::EmptyPassword)
    );
}

#[test]
fn aliases_are_what_java_keeps() {
    assert_eq!(
        aliases(["MinIO", "minio", "minio-2", "Größe 1", "", "minio"]),
        ["minio", "minio-2", "minio-2-2", "gr--e-1", "ca", "minio-3"]
    );
}

#[test]
fn a_later_entry_of_the_same_alias_hides_the_first() {
    // The writer refuses this, so an alias of the same length is put over another.
    let mut store = write_truststore(
        &[entry("a", &sequence(&[])), entry("b", &sequence(&[5, 0]))],
        Protection::Open,
    )
    .unwrap();
    let at = store
        .windows(4)
        .position(|w| w == [0x1e, 2, 0, b'b'])
        .unwrap();
    store[at + 3] = b'A';
    let read = read_store(&store, None).unwrap().entries;
    let seen: Vec<_> = read
        .iter()
        .map(|e| (e.alias.as_deref(), e.trusted))
        .collect();
    assert_eq!(seen, [(Some("a"), false), (Some("A"), true)]);
}

#[test]
fn refuses_what_is_no_store() {
    for (bytes, message) in [
        (
            vec![],
            "no PKCS#12 store in DER form: PFX: cut short at octet 0",
        ),
        (
            b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".to_vec(),
            "no PKCS#12 store in DER form: PFX: tag 0x2d where 0x30 belongs, at octet 0",
        ),
        (
            vec![0x30, 0x80, 2, 1, 3, 0, 0],
            "no PKCS#12 store in DER form: PFX: length not in DER form at octet 0",
        ),
        (
            sequence(&[2, 1, 2]),
            "no PKCS#12 store: version of PFX is `02`, not 3",
        ),
    ] {
        assert_eq!(read_store(&bytes, None).unwrap_err().to_string(), message);
    }
    assert_eq!(
        read_store(&vec![0x30; MAX_OCTETS + 1], None),
        Err(Pkcs12Error::TooLarge {
            octets: MAX_OCTETS + 1
        })
    );
}

#[test]
fn no_error_shows_the_password() {
    let store = write_truststore(&two(), LOCKED).unwrap();
    let error = read_store(&store, Some("hunter2")).unwrap_err();
    assert!(!format!("{error:?} {error} {:?}", Error::from(error.clone())).contains("hunter2"));
}

/// The store without its third field, so that changes reach the decryption.
fn without_mac(store: &[u8]) -> Vec<u8> {
    let mut fields = der::only(store, der::tag::SEQUENCE).unwrap().reader();
    let kept = [fields.any().unwrap().raw, fields.any().unwrap().raw];
    der::sequence(kept)
}

#[test]
fn a_wrong_password_shows_without_a_mac_too() {
    let store = without_mac(&write_truststore(&two(), LOCKED).unwrap());
    let right = read_store(&store, Some("pä$$ wörd")).unwrap();
    assert_eq!(
        (right.entries.len(), right.encrypted, right.mac),
        (2, true, false)
    );
    for number in 0..50 {
        let wrong = read_store(&store, Some(&format!("wrong {number}")));
        assert_eq!(wrong, Err(Pkcs12Error::WrongPassword));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_mutant_is_survived(
        form in 0..3,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let protection = if form == 0 { Protection::Open } else { LOCKED };
        let mut store = write_truststore(&two(), protection).unwrap();
        if form == 2 {
            store = without_mac(&store);
        }
        for (at, octet) in changes {
            let at = at.index(store.len());
            store[at] = octet;
        }
        if let Some(cut) = cut {
            store.truncate(cut.index(store.len()));
        }
        let _ = read_store(&store, Some("pä$$ wörd"));
        let _ = read_store(&store, None);
    }

    #[test]
    fn any_entries_come_back(
        contents in prop::collection::btree_map("[a-zà-ÿ0-9 .-]{1,40}", prop::collection::vec(any::<u8>(), 0..400), 1..6),
    ) {
        let entries: Vec<_> = contents.iter().map(|(alias, der)| entry(alias, &sequence(der))).collect();
        let store = read_store(&write_truststore(&entries, Protection::Open).unwrap(), None).unwrap();
        prop_assert_eq!(store.entries.len(), entries.len());
        for (read, written) in store.entries.iter().zip(&entries) {
            prop_assert_eq!(read.alias.as_deref(), Some(&*written.alias));
            prop_assert_eq!(&read.certificate_der, &written.certificate_der);
            prop_assert!(read.trusted);
        }
    }
}

#[expect(clippy::print_stdout, reason = "a judge that is absent is told")]
fn skipped(program: &str) {
    println!("skipped: {program} not found");
}

/// Runs a program to its end; `None` when it is not there. Gives its output,
/// and panics with what it said when it failed.
#[expect(clippy::disallowed_methods, reason = "other programs judge our stores")]
fn run(program: impl AsRef<Path>, arguments: &[&str], at: &Path) -> Option<String> {
    let output = Command::new(program.as_ref())
        .args(arguments)
        .current_dir(at)
        .env_remove("JAVA_TOOL_OPTIONS")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => panic!("{error}"),
    };
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {out}{err}");
    Some(out)
}

/// A folder with `a.crt`, `b.crt` (PEM), `a.key`, made by OpenSSL; and the
/// certificates in DER.
fn certificates() -> Option<(tempfile::TempDir, Vec<Vec<u8>>)> {
    let folder = tempfile::tempdir().unwrap();
    let mut ders = Vec::new();
    for name in ["a", "b"] {
        let (key, certificate, subject) = (
            format!("{name}.key"),
            format!("{name}.crt"),
            format!("/CN={name}"),
        );
        let made = run(
            "openssl",
            &[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-keyout",
                &key,
                "-out",
                &certificate,
                "-subj",
                &subject,
            ],
            folder.path(),
        );
        if made.is_none() {
            skipped("openssl");
            return None;
        }
        ders.push(
            pem::parse(read(&folder.path().join(certificate)))
                .unwrap()
                .into_contents(),
        );
    }
    Some((folder, ders))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test reads what other programs wrote"
)]
fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test writes what other programs read"
)]
fn write(path: &Path, octets: &[u8]) {
    std::fs::write(path, octets).unwrap();
}

/// Every keytool of the machine, the oldest first.
#[expect(
    clippy::disallowed_methods,
    reason = "looks for the Java versions to test with"
)]
fn keytools() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/jvm")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            entry
                .unwrap()
                .path()
                .join("bin/keytool")
                .canonicalize()
                .ok()
        })
        .collect();
    found.sort();
    found.dedup();
    if found.is_empty() {
        skipped("keytool");
    }
    found
}

#[test]
fn keytool_sees_what_we_write() {
    let Some((folder, ders)) = certificates() else {
        return;
    };
    let entries = [entry("minio", &ders[0]), entry("sidekick", &ders[1])];
    write(
        &folder.path().join("open.p12"),
        &write_truststore(&entries, Protection::Open).unwrap(),
    );
    let locked = Protection::Password {
        password: "changeit",
        salts: &SALTS,
    };
    write(
        &folder.path().join("locked.p12"),
        &write_truststore(&entries, locked).unwrap(),
    );
    for keytool in keytools() {
        for (store, password, expected) in [
            ("open.p12", None, 2),
            ("open.p12", Some("whatever"), 2),
            ("locked.p12", Some("changeit"), 2),
            ("locked.p12", None, 0),
        ] {
            let mut arguments = vec![
                "-J-Xshare:auto",
                "-J-XX:TieredStopAtLevel=1",
                "-list",
                "-keystore",
                store,
            ];
            arguments.extend(
                password
                    .iter()
                    .flat_map(|password| ["-storepass", password]),
            );
            let listed = run(&keytool, &arguments, folder.path()).unwrap();
            let seen = listed
                .lines()
                .filter(|line| line.contains("trustedCertEntry"));
            assert_eq!(
                seen.count(),
                expected,
                "{} {arguments:?}\n{listed}",
                keytool.display()
            );
        }
    }
}

#[test]
fn we_read_what_keytool_writes() {
    let Some((folder, ders)) = certificates() else {
        return;
    };
    for (number, keytool) in keytools().iter().enumerate() {
        for (name, options, encrypted, mac) in [
            ("modern", &[][..], true, true),
            ("legacy", &["-J-Dkeystore.pkcs12.legacy"], true, true),
            (
                "no-mac",
                &["-J-Dkeystore.pkcs12.macAlgorithm=NONE"],
                true,
                false,
            ),
            (
                "bare",
                &[
                    "-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE",
                    "-J-Dkeystore.pkcs12.macAlgorithm=NONE",
                ],
                false,
                false,
            ),
        ] {
            let store = format!("{name}-{number}.p12");
            let mut arguments = options.to_vec();
            arguments.extend([
                "-importcert",
                "-noprompt",
                "-alias",
                "Minio",
                "-file",
                "a.crt",
                "-keystore",
                &store,
                "-storepass",
                "changeit",
                "-storetype",
                "PKCS12",
            ]);
            run(keytool, &arguments, folder.path()).unwrap();
            let bytes = read(&folder.path().join(&store));
            let found = read_store(&bytes, Some("changeit")).unwrap();
            assert_eq!(
                (found.keys, found.encrypted, found.mac),
                (0, encrypted, mac),
                "{store}"
            );
            // The case stays in the file; Java ignores it.
            let minio = StoreEntry {
                alias: Some("Minio".into()),
                certificate_der: ders[0].clone(),
                trusted: true,
            };
            assert_eq!(found.entries, [minio], "{store}");
            if encrypted {
                assert_eq!(
                    read_store(&bytes, Some("other")),
                    Err(Pkcs12Error::WrongPassword)
                );
            }
        }
    }
}

#[test]
fn openssl_reads_what_we_write_and_we_what_it_writes() {
    let Some((folder, ders)) = certificates() else {
        return;
    };
    let entries = [entry("minio", &ders[0]), entry("sidekick", &ders[1])];
    let locked = Protection::Password {
        password: "grün",
        salts: &SALTS,
    };
    for (protection, options) in [
        (Protection::Open, &["-nomacver", "-passin", "pass:"][..]),
        (locked, &["-passin", "pass:grün"]),
    ] {
        write(
            &folder.path().join("ours.p12"),
            &write_truststore(&entries, protection).unwrap(),
        );
        let arguments = [&["pkcs12", "-in", "ours.p12", "-nokeys"], options].concat();
        let text = run("openssl", &arguments, folder.path()).unwrap();
        let read: Vec<_> = pem::parse_many(text)
            .unwrap()
            .into_iter()
            .map(pem::Pem::into_contents)
            .collect();
        assert_eq!(read, ders);
    }
    for (options, encrypted, mac) in [
        (&[][..], true, true),
        (&["-legacy"], true, true),
        (&["-certpbe", "PBE-SHA1-3DES"], true, true),
        (&["-legacy", "-certpbe", "PBE-SHA1-RC2-128"], true, true),
        (
            &["-certpbe", "aes-128-cbc", "-macalg", "sha384"],
            true,
            true,
        ),
        (
            &["-certpbe", "aes-192-cbc", "-macalg", "sha512"],
            true,
            true,
        ),
        (&["-certpbe", "des-ede3-cbc", "-macalg", "sha1"], true, true),
        // Without a MAC it leaves certificates unencrypted too.
        (&["-nomac"], false, false),
        (&["-certpbe", "NONE", "-keypbe", "NONE"], false, true),
    ] {
        for password in ["grün", ""] {
            let pass = format!("pass:{password}");
            let arguments = [
                &[
                    "pkcs12",
                    "-export",
                    "-inkey",
                    "a.key",
                    "-in",
                    "a.crt",
                    "-certfile",
                    "b.crt",
                    "-name",
                    "Pair",
                    "-out",
                    "theirs.p12",
                    "-passout",
                    &pass,
                ],
                options,
            ]
            .concat();
            run("openssl", &arguments, folder.path()).unwrap();
            let bytes = read(&folder.path().join("theirs.p12"));
            let found =
                read_store(&bytes, Some(password)).unwrap_or_else(|e| panic!("{options:?}: {e}"));
            assert_eq!(
                (found.keys, found.encrypted, found.mac),
                (1, encrypted, mac),
                "{options:?} {password}"
            );
            let read: Vec<_> = found
                .entries
                .iter()
                .map(|e| (e.alias.as_deref(), &e.certificate_der, e.trusted))
                .collect();
            assert_eq!(
                read,
                [(Some("Pair"), &ders[0], false), (None, &ders[1], false)],
                "{options:?}"
            );
            let without = read_store(&bytes, None);
            assert_eq!(without.is_ok(), !encrypted, "{options:?}");
            if encrypted {
                assert_eq!(without, Err(Pkcs12Error::PasswordNeeded));
            }
        }
    }
}
