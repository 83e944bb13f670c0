//! A few keys of every kind, made once, and signatures of every kind with them.

use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use pki_core::der;
use pki_core::key::{KeySource as _, PrivateKey, PublicKey, Signer as _, SystemKeys};
use pki_core::model::algorithm::{KeyAlgorithm, SignatureAlgorithm};
use ring::digest;
use ring::rand::SecureRandom as _;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};
use rsa::rand_core::{TryCryptoRng, TryRng, UnwrapErr};

use crate::random::Random;

/// The kinds of keys and how many of each: CAs of one chain have different ones.
const KINDS: [(Kind, usize); 6] = [
    (Kind::P256, 12),
    (Kind::P384, 4),
    (Kind::P521, 1),
    (Kind::Ed25519, 3),
    (Kind::Rsa, 3),
    (Kind::SmallRsa, 1),
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    P256,
    P384,
    P521,
    Ed25519,
    /// RSA of 2048 bits.
    Rsa,
    /// RSA of 1024 bits.
    SmallRsa,
}

enum Private {
    /// One that the library makes.
    Usual(Box<PrivateKey>),
    /// One that it does not make.
    Small(Box<rsa::RsaPrivateKey>),
}

struct Key {
    kind: Kind,
    private: Private,
    public: PublicKey,
}

/// How a certificate is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Signature {
    /// As the library signs with such a key.
    Usual,
    /// With SHA-1, by keys of RSA and P-256.
    Sha1,
    /// With SHA-512, by keys of RSA and P-256.
    Sha512,
    /// RSASSA-PSS with SHA-256 and a salt of so many octets.
    Pss(u8),
    /// Of something else.
    Broken,
}

/// All keys of a run, by number.
pub(crate) struct Keys(Vec<Key>);

impl Keys {
    pub(crate) fn new() -> Self {
        let kinds = KINDS.iter().flat_map(|(kind, n)| vec![*kind; *n]);
        Self(kinds.map(Key::new).collect())
    }

    /// The number of a key of this kind; another time perhaps another.
    pub(crate) fn draw(&self, kind: Kind, random: &mut Random) -> usize {
        let fitting: Vec<usize> = (0..self.0.len())
            .filter(|&n| self.0[n].kind == kind)
            .collect();
        *random.one_of(&fitting)
    }

    /// The same key each time: number `n` of this kind, from 0.
    pub(crate) fn nth(&self, kind: Kind, n: usize) -> usize {
        let mut fitting = (0..self.0.len()).filter(|&key| self.0[key].kind == kind);
        fitting.nth(n).unwrap()
    }

    pub(crate) fn kind(&self, key: usize) -> Kind {
        self.0[key].kind
    }

    /// SubjectPublicKeyInfo.
    pub(crate) fn public(&self, key: usize) -> &[u8] {
        self.0[key].public.spki()
    }

    pub(crate) fn id(&self, key: usize) -> Vec<u8> {
        self.0[key].public.key_id_sha1().to_vec()
    }

    /// AlgorithmIdentifier of what [`Self::sign`] makes.
    pub(crate) fn algorithm(&self, key: usize, signature: Signature) -> Vec<u8> {
        let key = &self.0[key];
        match (signature, key.kind) {
            (Signature::Sha1, Kind::Rsa | Kind::SmallRsa) => {
                identifier("1.2.840.113549.1.1.5", NULL)
            }
            (Signature::Sha1, Kind::P256) => identifier("1.2.840.10045.4.1", &[]),
            (Signature::Sha512, Kind::Rsa | Kind::SmallRsa) => {
                SignatureAlgorithm::RsaPkcs1Sha512.identifier().to_vec()
            }
            (Signature::Sha512, Kind::P256) => {
                SignatureAlgorithm::EcdsaSha512.identifier().to_vec()
            }
            (Signature::Pss(salt), Kind::Rsa | Kind::SmallRsa) => {
                identifier("1.2.840.113549.1.1.10", &pss_parameters(salt))
            }
            (_, kind) => kind.usual().signature().identifier().to_vec(),
        }
    }

    pub(crate) fn sign(&self, key: usize, signature: Signature, message: &[u8]) -> Vec<u8> {
        let key = &self.0[key];
        match (signature, key.kind, &key.private) {
            (Signature::Sha1, Kind::P256, Private::Usual(private)) => {
                ecdsa(private, &hash(&digest::SHA1_FOR_LEGACY_USE_ONLY, message))
            }
            (Signature::Sha512, Kind::P256, Private::Usual(private)) => {
                ecdsa(private, &hash(&digest::SHA512, message))
            }
            (Signature::Sha1, Kind::Rsa | Kind::SmallRsa, _) => {
                let hash = hash(&digest::SHA1_FOR_LEGACY_USE_ONLY, message);
                key.rsa().sign(pkcs1(SHA1_PREFIX), &hash).unwrap()
            }
            (Signature::Sha512, Kind::Rsa | Kind::SmallRsa, _) => {
                let hash = hash(&digest::SHA512, message);
                key.rsa().sign(pkcs1(SHA512_PREFIX), &hash).unwrap()
            }
            (Signature::Pss(salt), Kind::Rsa | Kind::SmallRsa, _) => {
                let scheme = rsa::Pss::<sha2::Sha256>::new_with_salt(salt.into());
                let hash = hash(&digest::SHA256, message);
                let random = &mut UnwrapErr(System);
                key.rsa().sign_with_rng(random, scheme, &hash).unwrap()
            }
            (Signature::Broken, ..) => key.sign(b"another message"),
            _ => key.sign(message),
        }
    }
}

impl Key {
    fn new(kind: Kind) -> Self {
        if kind == Kind::SmallRsa {
            let private = rsa::RsaPrivateKey::new(&mut UnwrapErr(System), 1024).unwrap();
            let public = private.to_public_key().to_public_key_der().unwrap();
            return Self {
                kind,
                private: Private::Small(Box::new(private)),
                public: PublicKey::from_spki(public.as_bytes()).unwrap(),
            };
        }
        let private = SystemKeys.generate(kind.usual()).unwrap();
        Self {
            kind,
            public: private.public().clone(),
            private: Private::Usual(Box::new(private)),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.private {
            Private::Usual(private) => private.sign(message).unwrap(),
            Private::Small(private) => {
                let hash = hash(&digest::SHA256, message);
                private.sign(pkcs1(SHA256_PREFIX), &hash).unwrap()
            }
        }
    }

    fn rsa(&self) -> rsa::RsaPrivateKey {
        match &self.private {
            Private::Usual(private) => {
                rsa::RsaPrivateKey::from_pkcs8_der(private.pkcs8().expose()).unwrap()
            }
            Private::Small(private) => (**private).clone(),
        }
    }
}

impl Kind {
    /// The kind in the library; of a small key the one that signs alike.
    fn usual(self) -> KeyAlgorithm {
        match self {
            Self::P256 => KeyAlgorithm::EcdsaP256,
            Self::P384 => KeyAlgorithm::EcdsaP384,
            Self::P521 => KeyAlgorithm::EcdsaP521,
            Self::Ed25519 => KeyAlgorithm::Ed25519,
            Self::Rsa | Self::SmallRsa => KeyAlgorithm::Rsa(2048),
        }
    }
}

const NULL: &[u8] = &[5, 0];
/// `DigestInfo` before the hash (RFC 8017 9.2, note 1).
const SHA1_PREFIX: &[u8] = b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14";
const SHA512_PREFIX: &[u8] =
    b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40";
const SHA256_PREFIX: &[u8] =
    b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";

fn pkcs1(prefix: &[u8]) -> rsa::Pkcs1v15Sign {
    rsa::Pkcs1v15Sign {
        hash_len: None,
        prefix: prefix.into(),
    }
}

fn hash(algorithm: &'static digest::Algorithm, message: &[u8]) -> Vec<u8> {
    digest::digest(algorithm, message).as_ref().to_vec()
}

/// With a key of P-256.
fn ecdsa(private: &PrivateKey, hash: &[u8]) -> Vec<u8> {
    let key = p256::ecdsa::SigningKey::from_pkcs8_der(private.pkcs8().expose());
    let signed: p256::ecdsa::DerSignature = key.unwrap().sign_prehash(hash).unwrap();
    signed.as_bytes().to_vec()
}

/// AlgorithmIdentifier.
pub(crate) fn identifier(oid: &str, parameters: &[u8]) -> Vec<u8> {
    let oid = der::encode(der::tag::OID, &der::oid_octets(oid).unwrap());
    der::sequence([&oid, parameters])
}

/// SubjectPublicKeyInfo of a key on a curve; the parameters and the point are
/// as told, right or wrong.
pub(crate) fn ec(parameters: &[u8], point: &[u8]) -> Vec<u8> {
    let algorithm = identifier("1.2.840.10045.2.1", parameters);
    der::sequence([algorithm, der::bit_string(point)])
}

/// The same for a curve that is named by its OID.
pub(crate) fn ec_on(curve: &str, point: &[u8]) -> Vec<u8> {
    let oid = der::oid_octets(curve).unwrap();
    ec(&der::encode(der::tag::OID, &oid), point)
}

/// SubjectPublicKeyInfo of an RSA key, right or wrong.
pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = der::sequence([der::unsigned(modulus), der::unsigned(exponent)]);
    let algorithm = identifier("1.2.840.113549.1.1.1", NULL);
    der::sequence([algorithm, der::bit_string(&key)])
}

/// RSASSA-PSS-params with SHA-256 for both (RFC 4055 3.1).
fn pss_parameters(salt: u8) -> Vec<u8> {
    let hash = identifier("2.16.840.1.101.3.4.2.1", NULL);
    let mask = identifier("1.2.840.113549.1.1.8", &hash);
    der::sequence([
        der::encode(der::tag::context(0), &hash),
        der::encode(der::tag::context(1), &mask),
        der::encode(der::tag::context(2), &der::unsigned(&[salt])),
    ])
}

/// The randomness of the system.
struct System;

#[derive(Debug)]
struct NoRandom;

impl std::fmt::Display for NoRandom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the system gives no random octets")
    }
}

impl std::error::Error for NoRandom {}

impl TryRng for System {
    type Error = NoRandom;

    fn try_next_u32(&mut self) -> Result<u32, NoRandom> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets)?;
        Ok(u32::from_le_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, NoRandom> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets)?;
        Ok(u64::from_le_bytes(octets))
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), NoRandom> {
        let random = ring::rand::SystemRandom::new();
        random.fill(octets).map_err(|_| NoRandom)
    }
}

impl TryCryptoRng for System {}
