//! Every form of file, and what is said of each.

use super::*;

fn labels(form: &KeyForm) -> Vec<&str> {
    form.labels.iter().map(String::as_str).collect()
}

/// Files that hold the same key as another.
#[test]
fn every_form_is_read() {
    use KeyKind::{EncryptedPkcs8, Pkcs1, Pkcs8, Sec1};
    let p256 = fixture!("p256.pem");
    let rsa = fixture!("rsa-2048.pem");
    for (name, bytes, same, kind) in [
        ("PKCS#8 DER", fixture!("p256.der"), p256, Pkcs8),
        ("SEC1", fixture!("p256-sec1.pem"), p256, Sec1),
        ("SEC1 DER", fixture!("p256-sec1.der"), p256, Sec1),
        (
            "SEC1, no public half",
            fixture!("p256-nopub.pem"),
            p256,
            Sec1,
        ),
        (
            "SEC1, compressed",
            fixture!("p256-compressed.pem"),
            p256,
            Sec1,
        ),
        (
            "SEC1 P-384",
            fixture!("p384-sec1.pem"),
            fixture!("p384.pem"),
            Sec1,
        ),
        (
            "SEC1 P-521",
            fixture!("p521-sec1.pem"),
            fixture!("p521.pem"),
            Sec1,
        ),
        (
            "cfssl",
            fixture!("ed25519-cfssl.pem"),
            fixture!("ed25519.pem"),
            Pkcs8,
        ),
        (
            "PKCS#8 v2",
            fixture!("ed25519-v2.pem"),
            fixture!("ed25519.pem"),
            Pkcs8,
        ),
        ("PKCS#1", fixture!("rsa-2048-pkcs1.pem"), rsa, Pkcs1),
        ("PKCS#1 DER", fixture!("rsa-2048-pkcs1.der"), rsa, Pkcs1),
        (
            "SHA-1, 3DES",
            fixture!("enc-sha1-3des.pem"),
            p256,
            EncryptedPkcs8,
        ),
        (
            "SHA-1, AES-128",
            fixture!("enc-sha1-aes128.pem"),
            p256,
            EncryptedPkcs8,
        ),
        (
            "SHA-256, AES-128",
            fixture!("enc-sha256-aes128.pem"),
            p256,
            EncryptedPkcs8,
        ),
        (
            "SHA-256, AES-256",
            fixture!("enc-sha256-aes256.pem"),
            p256,
            EncryptedPkcs8,
        ),
        (
            "SHA-512, AES-256",
            fixture!("enc-sha512-aes256.pem"),
            p256,
            EncryptedPkcs8,
        ),
        ("scrypt", fixture!("enc-scrypt.pem"), p256, EncryptedPkcs8),
        (
            "encrypted DER",
            fixture!("enc-sha256-aes256.der"),
            p256,
            EncryptedPkcs8,
        ),
    ] {
        let loaded = load(bytes, Some(&phrase())).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(loaded.key.to_pem().expose(), same, "{name}");
        assert_eq!(loaded.form.kind, Some(kind), "{name}");
        assert_eq!(loaded.form, survey(bytes), "{name}");
        assert_eq!(loaded.form.encrypted(), kind == EncryptedPkcs8, "{name}");
        if loaded.form.encrypted() {
            assert_eq!(load(bytes, None).unwrap_err(), KeyError::PassphraseMissing);
            let wrong = Secret::new(b"Fixture".to_vec());
            let error = load(bytes, Some(&wrong)).unwrap_err();
            assert_eq!(error, KeyError::PassphraseWrong, "{name}");
        }
    }
}

#[test]
fn what_is_refused_is_told_apart() {
    let unsupported = |found: &str| KeyError::Unsupported {
        found: found.into(),
    };
    let not_a_key = |found: &str| KeyError::NotAKey {
        found: found.into(),
    };
    let p256 = fixture!("p256.pem");
    let twice = [p256, fixture!("p384.pem")].concat();
    let cut = &p256[..p256.len() - 20];
    let ssh = b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
    for (bytes, error) in [
        (&b""[..], KeyError::Empty),
        (b" \r\n", KeyError::Empty),
        (b"hello", KeyError::Unrecognised),
        (&[0xfe, 0xed, 0xfe, 0xed, 0], not_a_key("Java key store")),
        (ssh, not_a_key("OPENSSH PRIVATE KEY")),
        (fixture!("store.p12"), not_a_key("PKCS#12 store")),
        (fixture!("request.pem"), not_a_key("CERTIFICATE REQUEST")),
        (fixture!("certificate.pem"), KeyError::Certificate),
        (fixture!("certificate.der"), KeyError::Certificate),
        (fixture!("p256-public.pem"), KeyError::PublicKey),
        (&twice, KeyError::Several { count: 2 }),
        (fixture!("secp256k1.pem"), unsupported("secp256k1")),
        (fixture!("secp256k1-sec1.pem"), unsupported("secp256k1")),
        (
            fixture!("p256-explicit.pem"),
            unsupported("EC with explicit parameters"),
        ),
        (fixture!("ed448.pem"), unsupported("Ed448")),
        (fixture!("rsa-512.pem"), unsupported("RSA 512")),
        (fixture!("rsa-pss.pem"), unsupported("RSA-PSS")),
        (
            fixture!("rsa-primes3.pem"),
            unsupported("RSA with more than two primes"),
        ),
        (fixture!("rsa-2048-legacy.pem"), KeyError::LegacyEncrypted),
        (fixture!("p256-legacy.pem"), KeyError::LegacyEncrypted),
        (
            fixture!("enc-pbes1.pem"),
            KeyError::Encryption {
                found: "PBE-SHA1-3DES".into(),
            },
        ),
        (
            cut,
            KeyError::Pem(crate::pem::PemFault::Truncated {
                label: "PRIVATE KEY".into(),
                line: 1,
            }),
        ),
    ] {
        let found = load(bytes, Some(&phrase())).unwrap_err();
        assert_eq!(found, error);
        let error = crate::Error::from(found);
        assert!(!error.message().is_empty() && !error.message().ends_with('.'));
    }
}

/// The rules of `pem.Decode` that MinIO and KES go by (systems.md 1.2).
#[test]
fn the_form_tells_what_follows_a_key() {
    let key = std::str::from_utf8(fixture!("p256.pem")).unwrap();
    let certificate = std::str::from_utf8(fixture!("certificate.pem")).unwrap();
    let length = certificate.len();
    let trailing = |octets, blank| Some(Trailing { octets, blank });
    for (text, rest, count) in [
        (key.to_owned(), None, 1),
        (key.trim_end().to_owned(), None, 1),
        (key.replace('\n', "\r\n"), None, 1),
        (format!("{} \t\n", key.trim_end()), None, 1),
        (format!("leading text\n{key}"), None, 1),
        (format!("{certificate}{key}"), None, 2),
        (format!("{key}\n"), trailing(1, true), 1),
        (format!("{key} \r\n"), trailing(3, true), 1),
        (format!("{key}# end\n"), trailing(6, false), 1),
        (format!("{key}{certificate}"), trailing(length, false), 2),
    ] {
        let loaded = load(text.as_bytes(), None).unwrap();
        assert_eq!(loaded.form.trailing, rest, "{text}");
        assert_eq!(loaded.form.labels.len(), count, "{text}");
        assert_eq!(loaded.form.encoding, Encoding::Pem);
    }

    let form = survey(fixture!("p256-params.pem"));
    assert!(form.ec_parameters);
    assert_eq!(labels(&form), ["EC PARAMETERS", "EC PRIVATE KEY"]);
    assert_eq!(form.trailing, None);

    let form = survey(fixture!("p256-legacy.pem"));
    assert_eq!(form.kind, Some(KeyKind::LegacyEncrypted));
    let form = survey(fixture!("certificate.pem"));
    assert_eq!((form.kind, labels(&form)), (None, vec!["CERTIFICATE"]));
    let form = survey(&[fixture!("p256.der"), b"\n"].concat());
    assert_eq!(form.kind, Some(KeyKind::Pkcs8));
    assert_eq!(form.trailing, trailing(1, true));
    assert_eq!(survey(b"text").encoding, Encoding::Neither);
}

/// The curve comes from inside or from the block before.
#[test]
fn a_curve_is_found_where_it_stands() {
    let inside = load(fixture!("p256-params.pem"), None).unwrap();
    assert_eq!(inside.key.algorithm(), KeyAlgorithm::EcdsaP256);

    let parameters = |oid| crate::pem::encode("EC PARAMETERS", &crate::der::encode(6, oid));
    let scalar = crate::der::encode(4, &[7; 32]);
    let bare = crate::der::sequence([&[2, 1, 1][..], &scalar]);
    let bare = crate::pem::encode("EC PRIVATE KEY", &bare);
    assert_eq!(load(bare.as_bytes(), None).unwrap_err(), KeyError::NoCurve);
    let named = format!("{}{bare}", parameters(oid::P256));
    assert!(load(named.as_bytes(), None).is_ok());
    let contradicts = [parameters(oid::P384).as_bytes(), fixture!("p256-sec1.pem")].concat();
    assert!(matches!(
        load(&contradicts, None).unwrap_err(),
        KeyError::Inconsistent { .. }
    ));
}
