//! openssl reads what is written here, and the other way round; each side's
//! signatures hold on the other.

use super::*;
use crate::der::{self, tag};
use crate::model::algorithm::SignatureAlgorithm;

/// Runs openssl in a folder that holds `files`; `None` when there is none.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that asks another implementation"
)]
fn openssl(args: &str, files: &[(&str, &[u8])]) -> Option<(bool, Vec<u8>)> {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let run = std::process::Command::new("openssl")
        .args(args.split(' '))
        .current_dir(dir.path())
        .output();
    let Ok(output) = run else {
        println!("skipped: openssl not found");
        return None;
    };
    Some((output.status.success(), output.stdout))
}

#[test]
fn openssl_reads_what_is_written() {
    let phrase = phrase();
    for (algorithm, pem) in EACH {
        let key = key(pem);
        let Some((_, public)) = openssl("pkey -in k.pem -pubout", &[("k.pem", pem)]) else {
            return;
        };
        assert_eq!(public, key.public().to_pem().as_bytes(), "{algorithm}");
        // The derivation is slow on purpose: not for every size.
        if matches!(algorithm, KeyAlgorithm::Rsa(..8192)) {
            continue;
        }
        let sealed = key.to_encrypted_pem(&phrase).unwrap();
        let Some((ok, out)) = openssl(
            "pkey -in sealed.pem -passin pass:fixture",
            &[("sealed.pem", sealed.expose())],
        ) else {
            return;
        };
        assert!(ok && out == pem, "{algorithm}");
        let again = load(sealed.expose(), Some(&phrase)).unwrap();
        assert_eq!(again.key.public(), key.public());
        assert_eq!(again.form.kind, Some(KeyKind::EncryptedPkcs8));
    }
}

#[test]
fn openssl_finds_new_keys_sound() {
    for algorithm in [
        KeyAlgorithm::EcdsaP256,
        KeyAlgorithm::EcdsaP384,
        KeyAlgorithm::EcdsaP521,
        KeyAlgorithm::Ed25519,
        KeyAlgorithm::Rsa(2048),
        KeyAlgorithm::Rsa(2056),
    ] {
        let key = SystemKeys.generate(algorithm).unwrap();
        let pem = key.to_pem();
        let Some((ok, out)) = openssl("pkey -in k.pem -check", &[("k.pem", pem.expose())]) else {
            return;
        };
        let shown = String::from_utf8_lossy(&out);
        assert!(ok && shown.contains("Key is valid"), "{algorithm}");
        // After the verdict the key itself, written by openssl.
        assert!(out.ends_with(pem.expose()), "{algorithm}");
    }
}

#[test]
fn openssl_accepts_our_signatures() {
    for (algorithm, pem) in EACH {
        let key = key(pem);
        let signature = key.sign(b"message").unwrap();
        let files = [
            ("p.pem", key.public().to_pem().into_bytes()),
            ("s", signature),
            ("m", b"message".to_vec()),
        ];
        let files = files.each_ref().map(|(name, bytes)| (*name, &bytes[..]));
        let command = match Signer::algorithm(&key) {
            SignatureAlgorithm::Ed25519 => {
                "pkeyutl -verify -rawin -pubin -inkey p.pem -sigfile s -in m"
            }
            SignatureAlgorithm::EcdsaSha384 => "dgst -sha384 -verify p.pem -signature s m",
            SignatureAlgorithm::EcdsaSha512 => "dgst -sha512 -verify p.pem -signature s m",
            _ => "dgst -sha256 -verify p.pem -signature s m",
        };
        let Some((ok, _)) = openssl(command, &files) else {
            return;
        };
        assert!(ok, "{algorithm}");
    }
}

/// Checks one signature of openssl's: good over the message, bad over another.
fn check(command: &str, pem: &[u8], public: &PublicKey, identifier: &[u8]) -> Option<()> {
    let (ok, signature) = openssl(command, &[("k.pem", pem), ("m", b"message")])?;
    assert!(ok, "{command}");
    let name = public.describe();
    assert_eq!(
        verify(identifier, public, b"message", &signature),
        Ok(()),
        "{name} {command}"
    );
    let bad = Err(SignatureFault::Bad);
    assert_eq!(
        verify(identifier, public, b"massage", &signature),
        bad,
        "{name} {command}"
    );
    Some(())
}

fn check_openssl() -> Option<()> {
    use SignatureAlgorithm as A;
    let hashes = [
        ("sha256", A::EcdsaSha256, A::RsaPkcs1Sha256),
        ("sha384", A::EcdsaSha384, A::RsaPkcs1Sha384),
        ("sha512", A::EcdsaSha512, A::RsaPkcs1Sha512),
    ];
    for (kind, pem) in EACH {
        let key = key(pem);
        if kind == KeyAlgorithm::Ed25519 {
            let command = "pkeyutl -sign -rawin -inkey k.pem -in m";
            check(command, pem, key.public(), A::Ed25519.identifier())?;
            continue;
        }
        for (hash, ecdsa, rsa) in hashes {
            let identifier = if kind.is_rsa() { rsa } else { ecdsa }.identifier();
            let command = format!("dgst -{hash} -sign k.pem m");
            check(&command, pem, key.public(), identifier)?;
        }
    }
    for pem in [fixture!("rsa-2048.pem"), fixture!("rsa-8192.pem")] {
        let key = key(pem);
        for (hash, octets) in [("sha256", 32), ("sha384", 48), ("sha512", 64)] {
            for salt in [0, 20, octets, 190] {
                let command = format!(
                    "dgst -{hash} -sign k.pem -sigopt rsa_padding_mode:pss \
                     -sigopt rsa_pss_saltlen:{salt} m"
                );
                check(&command, pem, key.public(), &pss(hash, salt))?;
            }
        }
    }
    Some(())
}

#[test]
fn openssl_signatures_are_accepted() {
    check_openssl();
}

/// Sizes whose last octet is not whole, another hash in the mask (RFC 4055 3.1),
/// and PKCS#1 v1.5 beside it.
#[test]
fn odd_sizes_and_masks_verify() {
    for bits in [2049, 2050, 2055] {
        let new_key = format!("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{bits}");
        let Some((_, pem)) = openssl(&new_key, &[]) else {
            return;
        };
        let (_, public) = openssl("pkey -in k.pem -pubout", &[("k.pem", &pem)]).unwrap();
        let blocks = crate::pem::blocks(&public);
        let public = PublicKey::from_spki(blocks.blocks[0].der.as_ref().unwrap()).unwrap();
        let pkcs1 = SignatureAlgorithm::RsaPkcs1Sha256.identifier();
        check("dgst -sha256 -sign k.pem m", &pem, &public, pkcs1).unwrap();
        for (hash, mask, salt) in [
            ("sha256", "sha256", 32),
            ("sha256", "sha256", 0),
            ("sha256", "sha512", 32),
            ("sha512", "sha256", 64),
            ("sha384", "sha512", 11),
        ] {
            let command = format!(
                "dgst -{hash} -sign k.pem -sigopt rsa_padding_mode:pss \
                 -sigopt rsa_pss_saltlen:{salt} -sigopt rsa_mgf1_md:{mask} m"
            );
            let identifier = pss_of(hash, mask, salt);
            check(&command, &pem, &public, &identifier).unwrap();
            // Another salt or mask than it was made with.
            let (_, signature) = openssl(&command, &[("k.pem", &pem), ("m", b"message")]).unwrap();
            let other_mask = if mask == "sha384" { "sha256" } else { "sha384" };
            for other in [pss_of(hash, mask, salt + 1), pss_of(hash, other_mask, salt)] {
                let found = verify(&other, &public, b"message", &signature);
                assert_eq!(found, Err(SignatureFault::Bad), "{bits} {command}");
            }
            // More salt than there is room for.
            let vast = pss_of(hash, mask, 300);
            let found = verify(&vast, &public, b"message", &signature);
            assert_eq!(found, Err(SignatureFault::Bad));
        }
    }
}

/// A compressed point, and a key that is bound to PSS.
#[test]
fn rare_public_keys_verify() {
    let own = key(fixture!("p384.pem"));
    let point = own.public().key_bits();
    let half = [&[2 + (point[96] & 1)][..], &point[1..49]].concat();
    let short = PublicKey::assemble(own.public().algorithm_identifier(), &half).unwrap();
    let signature = own.sign(b"m").unwrap();
    let identifier = Signer::algorithm(&own).identifier();
    assert_eq!(verify(identifier, &short, b"m", &signature), Ok(()));

    let blocks = crate::pem::blocks(fixture!("rsa-pss-public.pem"));
    let bound = PublicKey::from_spki(blocks.blocks[0].der.as_ref().unwrap()).unwrap();
    assert_eq!(bound.algorithm(), None);
    let command = "dgst -sha256 -sign k.pem -sigopt rsa_pss_saltlen:32 m";
    let identifier = pss("sha256", 32);
    check(command, fixture!("rsa-pss.pem"), &bound, &identifier);
    let pkcs1 = SignatureAlgorithm::RsaPkcs1Sha256.identifier();
    assert!(matches!(
        verify(pkcs1, &bound, b"m", b""),
        Err(SignatureFault::Mismatch { .. })
    ));
    // Bound to a hash, a mask and a least salt as well (RFC 4055 3.3).
    let narrow = PublicKey::assemble(&identifier, bound.key_bits()).unwrap();
    check(command, fixture!("rsa-pss.pem"), &narrow, &identifier);
    for other in [
        pss("sha512", 64),
        pss_of("sha256", "sha512", 32),
        pss("sha256", 31),
    ] {
        let found = verify(&other, &narrow, b"m", b"");
        assert!(matches!(found, Err(SignatureFault::Mismatch { .. })));
    }
    let more_salt = verify(&pss("sha256", 33), &narrow, b"m", b"");
    assert_eq!(more_salt, Err(SignatureFault::Bad));
}

/// AlgorithmIdentifier of PSS (RFC 4055 3.1).
pub(super) fn pss(hash: &str, salt: u16) -> Vec<u8> {
    pss_of(hash, hash, salt)
}

/// With a hash of its own for the mask.
fn pss_of(hash: &str, mask: &str, salt: u16) -> Vec<u8> {
    let oid = |text| der::encode(tag::OID, &der::oid_octets(text).unwrap());
    let [hash, mask] = [hash, mask].map(|name| {
        let hash = match name {
            "sha256" => oid("2.16.840.1.101.3.4.2.1"),
            "sha384" => oid("2.16.840.1.101.3.4.2.2"),
            "sha512" => oid("2.16.840.1.101.3.4.2.3"),
            _ => oid("1.3.14.3.2.26"),
        };
        der::sequence([&hash[..], &[5, 0]])
    });
    let mask = der::sequence([oid("1.2.840.113549.1.1.8"), mask]);
    let salt = der::unsigned(&salt.to_be_bytes());
    let parameters = der::sequence([
        der::encode(tag::context(0), &hash),
        der::encode(tag::context(1), &mask),
        der::encode(tag::context(2), &salt),
    ]);
    der::sequence([oid("1.2.840.113549.1.1.10"), parameters])
}
