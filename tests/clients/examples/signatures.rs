//! Every kind of key under every kind of signature: what each client says of it.

use std::path::Path;

use pki_core::der::{self, tag};

use super::Chain;
use super::sweep::all_agree;
use crate::case;
use crate::keys::{Keys, Kind, Signature};
use crate::plan::Draft;
use crate::signing::{Hash, NULL, identifier};

const KINDS: [Kind; 10] = [
    Kind::P256,
    Kind::P384,
    Kind::P521,
    Kind::Ed25519,
    Kind::Rsa,
    Kind::SmallRsa,
    Kind::TinyRsa,
    Kind::HugeRsa,
    Kind::Dsa,
    Kind::SmallDsa,
];

const HASHES: [Hash; 5] = [
    Hash::Sha1,
    Hash::Sha224,
    Hash::Sha256,
    Hash::Sha384,
    Hash::Sha512,
];

/// Hash and salt.
const PSS: [(Hash, u8); 7] = [
    (Hash::Sha1, 20),
    (Hash::Sha224, 28),
    (Hash::Sha256, 20),
    (Hash::Sha256, 32),
    (Hash::Sha384, 48),
    (Hash::Sha512, 20),
    (Hash::Sha512, 62),
];

/// The leaf signed by a CA, and a CA by its root, with every key and hash.
#[test]
fn each_key_with_each_signature() {
    let keys = Keys::new();
    let mut cases = Vec::new();
    for kind in KINDS {
        let hashes = HASHES.into_iter().map(Signature::With);
        let pss = PSS
            .into_iter()
            .map(|(hash, salt)| Signature::Pss(hash, salt));
        let pss = pss.filter(|_| kind.is_rsa());
        for signature in hashes.chain(pss).filter(|s| fits(kind, *s)) {
            for level in [1, 2] {
                let mut chain = Chain::sound(&keys);
                chain.plan.rekey(level, keys.nth(kind, 0), &keys);
                chain.plan.chain[level - 1].signature = signature;
                cases.push(chain.sign(&format!("{kind:?} {level} {signature:?}")));
            }
        }
        let mut chain = Chain::sound(&keys);
        chain.plan.rekey(0, keys.nth(kind, 0), &keys);
        cases.push(chain.sign(&format!("{kind:?} of the leaf")));
    }
    for (name, parameters) in odd_pss() {
        let mut chain = Chain::sound(&keys);
        chain.plan.rekey(1, keys.nth(Kind::Rsa, 0), &keys);
        chain.leaf().signature = Signature::Pss(Hash::Sha256, 32);
        written(chain.leaf(), "1.2.840.113549.1.1.10", &parameters);
        cases.push(chain.sign(name));
    }
    for (name, kind, oid, parameters) in ODD {
        let mut chain = Chain::sound(&keys);
        chain.plan.rekey(1, keys.nth(kind, 0), &keys);
        written(chain.leaf(), oid, parameters);
        cases.push(chain.sign(name));
    }
    all_agree("signatures", &cases, 1.0);
}

/// Keys with which nothing is verified here, and SHA-224: leaf, CA or root has one, and
/// the signatures are right (made with pyca/cryptography 48).
#[test]
fn each_key_beyond_ours() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/clients/examples/beyond.json");
    all_agree("keys beyond ours", &case::read(&file), 1.0);
}

/// Other algorithms, with what stands behind their OID.
const ODD: [(&str, Kind, &str, &[u8]); 8] = [
    ("RSA without NULL", Kind::Rsa, RSA, &[]),
    ("RSA with NULL twice", Kind::Rsa, RSA, &[5, 0, 5, 0]),
    ("RSA with an integer", Kind::Rsa, RSA, &[2, 1, 1]),
    ("ECDSA with NULL", Kind::P256, ECDSA, &[5, 0]),
    ("ECDSA with NULL twice", Kind::P256, ECDSA, &[5, 0, 5, 0]),
    ("ECDSA with an integer", Kind::P256, ECDSA, &[2, 1, 1]),
    (
        "DSA with NULL",
        Kind::Dsa,
        "2.16.840.1.101.3.4.3.2",
        &[5, 0],
    ),
    ("Ed25519 with NULL", Kind::Ed25519, "1.3.101.112", &[5, 0]),
];
const RSA: &str = "1.2.840.113549.1.1.11";
const ECDSA: &str = "1.2.840.10045.4.3.2";

/// Whether there is room for the hash in what RSA signs.
fn fits(kind: Kind, signature: Signature) -> bool {
    kind != Kind::TinyRsa
        || matches!(
            signature,
            Signature::With(Hash::Sha1 | Hash::Sha224 | Hash::Sha256)
                | Signature::Pss(Hash::Sha1 | Hash::Sha224, _)
        )
}

/// What stands behind the OID of the signature, inside and outside.
fn written(draft: &mut Draft, oid: &str, parameters: &[u8]) {
    let algorithm = identifier(oid, parameters);
    draft.outer = Some(algorithm.clone());
    draft.body.inner = Some(algorithm);
}

/// RSASSA-PSS with SHA-256 and a salt of 32 octets, written in ways that are not
/// all right (RFC 4055 2.1, 3.1).
fn odd_pss() -> Vec<(&'static str, Vec<u8>)> {
    let hash = |null: &[u8]| identifier(Hash::Sha256.oid(), null);
    let field = |n, value: &[u8]| der::encode(tag::context(n), value);
    let mask = |null: &[u8]| identifier("1.2.840.113549.1.1.8", &hash(null));
    let of = |hash: &[u8], mask: &[u8], more: &[u8]| {
        let salt = field(2, &der::unsigned(&[32]));
        der::sequence([&field(0, hash), &field(1, mask), &salt, more])
    };
    let trailer = |n| field(3, &der::unsigned(&[n]));
    let odd = der::encode(tag::INTEGER, &[1]);
    let usual = of(&hash(NULL), &mask(NULL), &[]);
    vec![
        ("PSS as usual", usual.clone()),
        ("PSS, no NULL", of(&hash(&[]), &mask(&[]), &[])),
        ("PSS, no NULL in the hash", of(&hash(&[]), &mask(NULL), &[])),
        ("PSS, no NULL in the mask", of(&hash(NULL), &mask(&[]), &[])),
        ("PSS, hash with 1", of(&hash(&odd), &mask(NULL), &[])),
        ("PSS, mask with 1", of(&hash(NULL), &mask(&odd), &[])),
        ("PSS, trailer 1", of(&hash(NULL), &mask(NULL), &trailer(1))),
        ("PSS, trailer 2", of(&hash(NULL), &mask(NULL), &trailer(2))),
        (
            "PSS, NULL behind its fields",
            of(&hash(NULL), &mask(NULL), NULL),
        ),
        ("PSS, trailer 1 and NULL", {
            of(&hash(NULL), &mask(NULL), &[&trailer(1)[..], NULL].concat())
        }),
        ("PSS, NULL behind it", [&usual[..], NULL].concat()),
        ("PSS, NULL behind the hash's own", {
            of(&hash(&[NULL, NULL].concat()), &mask(NULL), &[])
        }),
        ("PSS, NULL behind the hash of the mask", {
            let mask = identifier("1.2.840.113549.1.1.8", &[&hash(NULL)[..], NULL].concat());
            of(&hash(NULL), &mask, &[])
        }),
        ("PSS with NULL", NULL.to_vec()),
        ("PSS without parameters", Vec::new()),
        ("PSS without fields", der::sequence::<Vec<u8>>([])),
    ]
}
