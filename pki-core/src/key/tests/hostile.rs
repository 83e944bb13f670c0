//! Input made to hurt: costs, contradictions, mutations.

use proptest::prelude::*;

use super::*;
use crate::der::{self, tag};
use crate::model::algorithm::SignatureAlgorithm;

fn oid(text: &str) -> Vec<u8> {
    der::encode(tag::OID, &der::oid_octets(text).unwrap())
}

fn number(value: u64) -> Vec<u8> {
    der::unsigned(&value.to_be_bytes())
}

/// Encrypted PKCS#8 with this derivation.
fn sealed(kdf: &str, parameters: &[Vec<u8>]) -> Vec<u8> {
    let kdf = der::sequence([oid(kdf), der::sequence(parameters)]);
    let iv = der::encode(tag::OCTET_STRING, &[0; 16]);
    let cipher = der::sequence([oid("2.16.840.1.101.3.4.1.42"), iv]);
    let scheme = der::sequence([oid("1.2.840.113549.1.5.13"), der::sequence([kdf, cipher])]);
    der::sequence([scheme, der::encode(tag::OCTET_STRING, &[0; 64])])
}

fn pbkdf2(rounds: u64) -> Vec<u8> {
    let salt = der::encode(tag::OCTET_STRING, b"salt");
    sealed("1.2.840.113549.1.5.12", &[salt, number(rounds)])
}

fn scrypt(n: u64, r: u64, p: u64) -> Vec<u8> {
    let salt = der::encode(tag::OCTET_STRING, b"salt");
    let parameters = [salt, number(n), number(r), number(p)];
    sealed("1.3.6.1.4.1.11591.4.11", &parameters)
}

#[test]
fn costs_are_capped_before_any_work() {
    let start = crate::clock::Stopwatch::start();
    for (der, unit) in [
        (pbkdf2(2_000_001), "rounds"),
        (pbkdf2(4_294_967_295), "rounds"),
        (scrypt(1 << 18, 9, 1), "octets of memory"),
        (scrypt(1 << 63, 8, 1), "octets of memory"),
        (scrypt(2, 65535, 65535), "octets of memory"),
        (scrypt(1 << 14, 8, 65535), "octets of work"),
    ] {
        match load(&der, Some(&phrase())).unwrap_err() {
            KeyError::CostTooHigh { unit: found, .. } => assert_eq!(found, unit),
            other => panic!("{other}"),
        }
    }
    for der in [
        pbkdf2(0),
        pbkdf2(1 << 40),
        scrypt(0, 8, 1),
        scrypt(1, 8, 1),
        scrypt(1000, 8, 1),
        scrypt(1024, 0, 1),
        scrypt(1024, 8, 0),
        scrypt(1 << 14, 1 << 20, 1),
    ] {
        let error = load(&der, Some(&phrase())).unwrap_err();
        assert!(
            matches!(
                error,
                KeyError::Malformed { .. } | KeyError::Encryption { .. }
            ),
            "{error}"
        );
    }
    assert!(start.elapsed().as_secs() < 2);
    let cheap = load(&pbkdf2(1), Some(&phrase())).unwrap_err();
    assert_eq!(cheap, KeyError::PassphraseWrong);
}

/// CBC says nothing of a wrong passphrase in one of 256 cases.
#[test]
fn a_wrong_passphrase_is_always_told() {
    for number in 0..600 {
        let wrong = Secret::new(format!("wrong {number}").into_bytes());
        let error = load(fixture!("enc-sha256-aes128.pem"), Some(&wrong)).unwrap_err();
        assert_eq!(error, KeyError::PassphraseWrong, "{number}");
    }
    let empty = Secret::new(Vec::new());
    let sealed = key(fixture!("p256.pem")).to_encrypted_pem(&empty);
    assert_eq!(sealed.unwrap_err(), KeyError::PassphraseEmpty);
}

/// Replaces the octets `old` of a DER file, once.
fn replace(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = bytes.windows(old.len()).position(|w| w == old).unwrap();
    [&bytes[..at], new, &bytes[at + old.len()..]].concat()
}

#[test]
fn halves_that_do_not_belong_together_are_found() {
    let own = key(fixture!("p256.pem"));
    let other = SystemKeys.generate(KeyAlgorithm::EcdsaP256).unwrap();
    let (mine, theirs) = (own.public().key_bits(), other.public().key_bits());
    let v2 = crate::pem::blocks(fixture!("ed25519-v2.pem"));
    let v2 = v2.blocks[0].der.as_ref().unwrap();
    let edward = key(fixture!("ed25519.pem"));
    let rsa = fixture!("rsa-2048-pkcs1.der");
    let mut last = rsa.to_vec();
    *last.last_mut().unwrap() ^= 2;
    let mut modulus = rsa.to_vec();
    modulus[200] ^= 1;
    for bytes in [
        replace(own.pkcs8().expose(), mine, theirs),
        replace(fixture!("p256-sec1.der"), mine, theirs),
        replace(v2, edward.public().key_bits(), &[9; 32]),
        last,
        modulus,
    ] {
        let error = load(&bytes, None).unwrap_err();
        assert!(matches!(error, KeyError::Inconsistent { .. }), "{error}");
    }
}

#[test]
fn impossible_scalars_are_refused() {
    for scalar in [&[0; 32][..], &[0xff; 32], &[1; 33], &[0; 1]] {
        let curve = der::encode(tag::context(0), &oid("1.2.840.10045.3.1.7"));
        let scalar = der::encode(tag::OCTET_STRING, scalar);
        let sec1 = der::sequence([number(1), scalar, curve]);
        let error = load(&sec1, None).unwrap_err();
        assert!(matches!(error, KeyError::Malformed { .. }), "{error}");
    }
}

#[test]
fn signatures_that_are_not_looked_at() {
    let ec = key(fixture!("p256.pem"));
    let rsa = key(fixture!("rsa-2048.pem"));
    let blocks = crate::pem::blocks(fixture!("rsa-1024-public.pem"));
    let small = PublicKey::from_spki(blocks.blocks[0].der.as_ref().unwrap()).unwrap();
    let modulus = der::encode(tag::INTEGER, &[&[0][..], &[0xff; 1025]].concat());
    let spki = der::sequence([
        der::sequence([&oid("1.2.840.113549.1.1.1")[..], &[5, 0]]),
        der::bit_string(&der::sequence([modulus, number(65_537)])),
    ]);
    let large = PublicKey::from_spki(&spki).unwrap();
    let bare = |text| der::sequence([oid(text)]);
    let null = |text| der::sequence([&oid(text)[..], &[5, 0]]);
    let pss = openssl::pss;
    for (identifier, public, message) in [
        (
            null("1.2.840.113549.1.1.5"),
            rsa.public(),
            "SHA-1, which can be forged",
        ),
        (
            null("1.2.840.113549.1.1.4"),
            rsa.public(),
            "MD5, which can be forged",
        ),
        (
            bare("1.2.840.10045.4.1"),
            ec.public(),
            "SHA-1, which can be forged",
        ),
        (pss("sha1", 20), rsa.public(), "SHA-1, which can be forged"),
        (
            bare("1.2.3.4"),
            ec.public(),
            "with `1.2.3.4`, which is not supported",
        ),
        (null("1.2.840.10045.4.3.2"), ec.public(), "parameters"),
        (bare("1.2.840.113549.1.1.11"), rsa.public(), "parameters"),
        (null("1.3.101.112"), ec.public(), "parameters"),
        (
            bare("1.2.840.113549.1.1.10"),
            rsa.public(),
            "PSS without parameters",
        ),
        (vec![], ec.public(), "no AlgorithmIdentifier"),
        (
            bare("1.2.840.10045.4.3.2"),
            rsa.public(),
            "no signature of a RSA 2048 key",
        ),
        (
            bare("1.3.101.112"),
            ec.public(),
            "no signature of a ECDSA P-256 key",
        ),
        (
            null("1.2.840.113549.1.1.11"),
            ec.public(),
            "no signature of a ECDSA P-256 key",
        ),
        (
            pss("sha256", 32),
            ec.public(),
            "no signature of a ECDSA P-256 key",
        ),
        (
            null("1.2.840.113549.1.1.11"),
            &small,
            "1024 bits, outside of 2048 to 8192",
        ),
        (
            pss("sha256", 32),
            &small,
            "1024 bits, outside of 2048 to 8192",
        ),
        (
            null("1.2.840.113549.1.1.13"),
            &large,
            "8200 bits, outside of 2048 to 8192",
        ),
        (
            pss("sha512", 0),
            &large,
            "8200 bits, outside of 2048 to 8192",
        ),
        (null("1.2.840.113549.1.1.2"), rsa.public(), "MD2, which can"),
        (null("1.2.840.113549.1.1.3"), rsa.public(), "MD4, which can"),
    ] {
        let fault = verify(&identifier, public, b"m", b"s").unwrap_err();
        assert!(fault.to_string().contains(message), "{fault}");
    }
    for algorithm in SignatureAlgorithm::ALL {
        let rsa_kind = algorithm.name().contains("RSA");
        let public = if rsa_kind { rsa.public() } else { ec.public() };
        assert!(verify(algorithm.identifier(), public, b"m", &[0x30; 64]).is_err());
    }
}

/// Small and quick to open.
const SEEDS: [&[u8]; 12] = [
    fixture!("p256.pem"),
    fixture!("p256.der"),
    fixture!("p256-sec1.der"),
    fixture!("p256-params.pem"),
    fixture!("p256-legacy.pem"),
    fixture!("p256-explicit.pem"),
    fixture!("p521.pem"),
    fixture!("ed25519-v2.pem"),
    fixture!("rsa-2048-pkcs1.der"),
    fixture!("enc-sha256-aes128.pem"),
    fixture!("certificate.pem"),
    fixture!("store.p12"),
];

#[derive(Clone, Debug)]
enum Edit {
    Set(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Drop(prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<prop::sample::Index>();
    prop_oneof![
        4 => (at, any::<u8>()).prop_map(|(at, octet)| Edit::Set(at, octet)),
        1 => any::<prop::sample::Index>().prop_map(Edit::Cut),
        1 => any::<prop::sample::Index>().prop_map(Edit::Drop),
        1 => (any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 1..5))
            .prop_map(|(at, octets)| Edit::Insert(at, octets)),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: Edit) {
    if bytes.is_empty() {
        return;
    }
    match edit {
        Edit::Set(at, octet) => {
            let at = at.index(bytes.len());
            bytes[at] = octet;
        }
        Edit::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Edit::Drop(at) => {
            bytes.remove(at.index(bytes.len()));
        }
        Edit::Insert(at, octets) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, octets);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files_are_survived(
        seed in 0..SEEDS.len(),
        edits in prop::collection::vec(edit(), 0..4),
    ) {
        let mut bytes = SEEDS[seed].to_vec();
        for edit in edits {
            apply(&mut bytes, edit);
        }
        let form = survey(&bytes);
        if let Ok(loaded) = load(&bytes, Some(&phrase())) {
            prop_assert_eq!(&loaded.form, &form);
            let again = load(loaded.key.to_pem().expose(), None).unwrap();
            prop_assert_eq!(again.key.public(), loaded.key.public());
        }
    }

    /// The same inside of a PEM block, where text edits seldom survive base64.
    #[test]
    fn mutated_der_is_survived(
        seed in 0..SEEDS.len(),
        edits in prop::collection::vec(edit(), 1..4),
        label in prop_oneof![Just("PRIVATE KEY"), Just("EC PRIVATE KEY"), Just("EC PARAMETERS")],
    ) {
        let blocks = crate::pem::blocks(SEEDS[seed]);
        let inside = blocks.blocks.last().and_then(|block| block.der.as_ref().ok());
        let mut bytes = inside.map_or(SEEDS[seed], |der| &der[..]).to_vec();
        for edit in edits {
            apply(&mut bytes, edit);
        }
        let pem = crate::pem::encode(label, &bytes);
        let _ = (survey(pem.as_bytes()), load(pem.as_bytes(), Some(&phrase())));
        let _ = PublicKey::from_spki(&bytes).map(|key| key.describe());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn mutated_signatures_are_refused(edits in prop::collection::vec(edit(), 1..3)) {
        let key = key(fixture!("p521.pem"));
        let signature = key.sign(b"m").unwrap();
        let mut identifier = Signer::algorithm(&key).identifier().to_vec();
        let mut changed = signature.clone();
        for edit in edits {
            apply(&mut changed, edit.clone());
            apply(&mut identifier, edit);
        }
        let own = Signer::algorithm(&key).identifier();
        if changed != signature {
            prop_assert!(verify(own, key.public(), b"m", &changed).is_err());
        }
        if identifier != own {
            prop_assert!(verify(&identifier, key.public(), b"m", &signature).is_err());
        }
    }
}
