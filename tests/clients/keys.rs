//! A few keys of every kind, made or read once, and signatures of every kind with
//! them.

use pki_core::der;
use pki_core::key::{KeySource as _, PrivateKey, PublicKey, Signer as _, SystemKeys};
use pki_core::model::algorithm::KeyAlgorithm;

use crate::random::Random;
use crate::signing::{self, Dsa, Hash, NULL, Rsa};

pub(crate) use crate::signing::identifier;

/// The kinds of keys and how many of each: CAs of one chain have different ones.
const KINDS: [(Kind, usize); 10] = [
    (Kind::P256, 12),
    (Kind::P384, 4),
    (Kind::P521, 1),
    (Kind::Ed25519, 3),
    (Kind::Rsa, 3),
    (Kind::SmallRsa, 1),
    (Kind::TinyRsa, 1),
    (Kind::HugeRsa, 1),
    (Kind::Dsa, 1),
    (Kind::SmallDsa, 1),
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
    /// RSA of 512 bits: too short for SHA-512.
    TinyRsa,
    /// RSA of 8200 bits.
    HugeRsa,
    /// DSA of 2048 bits, 256 of them the order.
    Dsa,
    /// DSA of 1024 bits, 160 of them the order.
    SmallDsa,
}

impl Kind {
    pub(crate) fn is_rsa(self) -> bool {
        [Self::Rsa, Self::SmallRsa, Self::TinyRsa, Self::HugeRsa].contains(&self)
    }
}

enum Private {
    /// Of a curve, which the library signs with.
    Curve(Box<PrivateKey>),
    Rsa(Box<Rsa>),
    Dsa(Box<Dsa>),
}

struct Key {
    kind: Kind,
    private: Private,
    public: PublicKey,
}

/// How a certificate is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Signature {
    /// As the library signs with such a key; with SHA-256 where it does not.
    Usual,
    /// With this hash; by Ed25519 as usual.
    With(Hash),
    /// RSASSA-PSS with this hash and a salt of so many octets; of other keys as
    /// usual.
    Pss(Hash, u8),
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
        let hash = key.hash(signature);
        match (&key.private, signature, key.kind) {
            (Private::Rsa(_), Signature::Pss(hash, salt), _) => signing::pss(hash, salt),
            (Private::Rsa(_), ..) => identifier(hash.with_rsa(), NULL),
            (Private::Dsa(_), ..) => identifier(hash.with_dsa(), &[]),
            (Private::Curve(_), _, Kind::Ed25519) => identifier("1.3.101.112", &[]),
            (Private::Curve(_), ..) => identifier(hash.with_ecdsa(), &[]),
        }
    }

    pub(crate) fn sign(&self, key: usize, signature: Signature, message: &[u8]) -> Vec<u8> {
        let key = &self.0[key];
        let message = match signature {
            Signature::Broken => b"another message",
            _ => message,
        };
        let hash = key.hash(signature);
        match (&key.private, signature) {
            (Private::Rsa(key), Signature::Pss(hash, salt)) => key.sign_pss(hash, salt, message),
            (Private::Rsa(key), _) => key.sign(hash, message),
            (Private::Dsa(key), _) => key.sign(hash, message),
            (Private::Curve(private), _) => {
                let (pkcs8, digest) = (private.pkcs8().expose(), hash.of(message));
                match key.kind {
                    Kind::P256 => signing::p256(pkcs8, &digest),
                    Kind::P384 => signing::p384(pkcs8, &digest),
                    Kind::P521 => signing::p521(pkcs8, &digest),
                    _ => private.sign(message).unwrap(),
                }
            }
        }
    }
}

/// A file of the library's own tests.
macro_rules! fixture {
    ($name:literal) => {
        pem::parse(include_str!(concat!(
            "../../pki-core/testdata/keys/",
            $name
        )))
        .unwrap()
        .into_contents()
    };
}

impl Key {
    fn new(kind: Kind) -> Self {
        let usual = |algorithm| {
            let private = SystemKeys.generate(algorithm).unwrap();
            Private::Curve(Box::new(private))
        };
        let private = match kind {
            Kind::P256 => usual(KeyAlgorithm::EcdsaP256),
            Kind::P384 => usual(KeyAlgorithm::EcdsaP384),
            Kind::P521 => usual(KeyAlgorithm::EcdsaP521),
            Kind::Ed25519 => usual(KeyAlgorithm::Ed25519),
            Kind::Rsa => {
                let private = SystemKeys.generate(KeyAlgorithm::Rsa(2048)).unwrap();
                Private::Rsa(Box::new(Rsa::new(private.pkcs8().expose())))
            }
            Kind::SmallRsa => Private::Rsa(Box::new(Rsa::new(&fixture!("rsa-1024.pem")))),
            Kind::TinyRsa => Private::Rsa(Box::new(Rsa::new(&fixture!("rsa-512.pem")))),
            Kind::HugeRsa => Private::Rsa(Box::new(Rsa::new(&fixture!("rsa-8200.pem")))),
            Kind::Dsa => Private::Dsa(Box::new(Dsa::new(&fixture!("dsa-2048.pem")))),
            Kind::SmallDsa => Private::Dsa(Box::new(Dsa::new(&fixture!("dsa-1024.pem")))),
        };
        let public = match &private {
            Private::Curve(private) => private.public().clone(),
            Private::Rsa(private) => PublicKey::from_spki(&private.public).unwrap(),
            Private::Dsa(private) => PublicKey::from_spki(&private.public).unwrap(),
        };
        Self {
            kind,
            private,
            public,
        }
    }

    /// The hash of a signature that is not PSS: where none is told, that of the
    /// curve's size.
    fn hash(&self, signature: Signature) -> Hash {
        match (signature, self.kind) {
            (Signature::With(hash), _) => hash,
            (_, Kind::P384) => Hash::Sha384,
            (_, Kind::P521) => Hash::Sha512,
            _ => Hash::Sha256,
        }
    }
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
