//! Tests over the committed keys of `testdata/keys` (how each was made stands
//! in `make.sh` there).

mod any;
mod forms;
mod hostile;
mod openssl;

use super::*;
use crate::model::algorithm::KeyAlgorithm;
use crate::secret::Secret;

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

/// The passphrase of every encrypted fixture.
fn phrase() -> Secret {
    Secret::new(b"fixture".to_vec())
}

/// The key in an unencrypted fixture.
fn key(bytes: &[u8]) -> PrivateKey {
    load(bytes, None).unwrap().key
}

/// One key of each kind, as openssl wrote it.
const EACH: [(KeyAlgorithm, &[u8]); 10] = [
    (KeyAlgorithm::EcdsaP256, fixture!("p256.pem")),
    (KeyAlgorithm::EcdsaP384, fixture!("p384.pem")),
    (KeyAlgorithm::EcdsaP521, fixture!("p521.pem")),
    (KeyAlgorithm::Ed25519, fixture!("ed25519.pem")),
    (KeyAlgorithm::Rsa(2048), fixture!("rsa-2048.pem")),
    (KeyAlgorithm::Rsa(2048), fixture!("rsa-2048-e3.pem")),
    (KeyAlgorithm::Rsa(3072), fixture!("rsa-3072.pem")),
    (KeyAlgorithm::Rsa(4096), fixture!("rsa-4096.pem")),
    (KeyAlgorithm::Rsa(6144), fixture!("rsa-6144.pem")),
    (KeyAlgorithm::Rsa(8192), fixture!("rsa-8192.pem")),
];

#[test]
fn what_openssl_wrote_comes_back_byte_for_byte() {
    for (algorithm, pem) in EACH {
        let key = key(pem);
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(key.public().algorithm(), Some(algorithm));
        assert_eq!(key.to_pem().expose(), pem, "{algorithm}");
    }
}

#[test]
fn every_kind_signs_and_verifies() {
    for (algorithm, pem) in EACH {
        let key = key(pem);
        let identifier = Signer::algorithm(&key).identifier();
        let signature = key.sign(b"message").unwrap();
        let public = key.public();
        assert_eq!(verify(identifier, public, b"message", &signature), Ok(()));
        let bad = Err(SignatureFault::Bad);
        assert_eq!(
            verify(identifier, public, b"massage", &signature),
            bad,
            "{algorithm}"
        );
        assert_eq!(verify(identifier, public, b"message", b""), bad);
        let short = &signature[..signature.len() - 1];
        assert_eq!(verify(identifier, public, b"message", short), bad);
        let long = [&signature[..], &[0]].concat();
        assert_eq!(
            verify(identifier, public, b"message", &long),
            bad,
            "{algorithm}"
        );
    }
}

#[test]
fn new_keys_load_and_sign() {
    for algorithm in [
        KeyAlgorithm::EcdsaP256,
        KeyAlgorithm::EcdsaP384,
        KeyAlgorithm::EcdsaP521,
        KeyAlgorithm::Ed25519,
        KeyAlgorithm::Rsa(2048),
    ] {
        let new = SystemKeys.generate(algorithm).unwrap();
        assert_eq!(new.algorithm(), algorithm);
        let again = key(new.to_pem().expose());
        assert_eq!(again.public(), new.public());
        let signature = new.sign(b"m").unwrap();
        let identifier = Signer::algorithm(&new).identifier();
        assert_eq!(verify(identifier, again.public(), b"m", &signature), Ok(()));
    }
    let odd = SystemKeys.generate(KeyAlgorithm::Rsa(1024)).unwrap_err();
    assert!(matches!(odd, KeyError::Unsupported { .. }));
}

/// Keys from a list: each call takes the first of its kind.
struct FixedKeys;

impl KeySource for FixedKeys {
    fn generate(&self, algorithm: KeyAlgorithm) -> Result<PrivateKey, KeyError> {
        let found = EACH.into_iter().find(|(kind, _)| *kind == algorithm);
        found.map(|(_, pem)| key(pem)).ok_or(KeyError::Random)
    }
}

#[test]
fn many_keys_come_in_order() {
    let wanted: Vec<_> = EACH
        .into_iter()
        .map(|(kind, _)| kind)
        .cycle()
        .take(30)
        .collect();
    for threads in [0, 1, 2, 50] {
        let most = std::sync::atomic::AtomicUsize::new(0);
        let done = |count| {
            most.fetch_max(count, std::sync::atomic::Ordering::Relaxed);
        };
        let keys = generate_all(&FixedKeys, &wanted, threads, &done).unwrap();
        let kinds: Vec<_> = keys.iter().map(PrivateKey::algorithm).collect();
        assert_eq!(kinds, wanted, "{threads}");
        assert_eq!(most.into_inner(), wanted.len());
    }
    assert!(
        generate_all(&FixedKeys, &[], 4, &|_| ())
            .unwrap()
            .is_empty()
    );
    let bad = [KeyAlgorithm::EcdsaP256, KeyAlgorithm::Rsa(2049)];
    let error = generate_all(&FixedKeys, &bad, 2, &|_| ()).unwrap_err();
    assert_eq!(error, KeyError::Random);
}

#[test]
fn public_keys_are_named() {
    for (pem, name) in [
        (fixture!("p256-public.pem"), "ECDSA P-256"),
        (fixture!("secp256k1-public.pem"), "secp256k1"),
        (fixture!("ed448-public.pem"), "Ed448"),
        (fixture!("rsa-1024-public.pem"), "RSA 1024"),
        (fixture!("rsa-pss-public.pem"), "RSA-PSS 2048"),
    ] {
        let blocks = crate::pem::blocks(pem);
        let public = PublicKey::from_spki(blocks.blocks[0].der.as_ref().unwrap()).unwrap();
        assert_eq!(public.describe(), name);
        assert_eq!(public.to_pem().as_bytes(), pem);
    }
    let own = key(fixture!("p256.pem"));
    assert_eq!(
        own.public().to_pem().as_bytes(),
        fixture!("p256-public.pem")
    );
}

#[test]
fn nothing_of_a_key_is_shown() {
    let key = key(fixture!("ed25519.pem"));
    assert_eq!(format!("{key:?}"), "PrivateKey(Ed25519, [elided])");
    let loaded = load(fixture!("ed25519.pem"), None).unwrap();
    let shown = format!("{loaded:?}");
    let seed = &key.pkcs8().expose()[16..20];
    assert!(
        !shown.contains(&format!("{}, {}", seed[0], seed[1])),
        "{shown}"
    );
}
