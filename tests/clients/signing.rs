//! Signatures of every kind, with keys that the library does not sign with too.

use ring::digest;
use ring::rand::SecureRandom as _;
use rsa::BoxedUint;
use sha2::Digest as _;

use pki_core::der::{self, Element, Reader, tag};

/// The hash of a signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) fn of(self, message: &[u8]) -> Vec<u8> {
        let ring = |algorithm| digest::digest(algorithm, message).as_ref().to_vec();
        match self {
            Self::Sha1 => ring(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            Self::Sha224 => sha2::Sha224::digest(message).to_vec(),
            Self::Sha256 => ring(&digest::SHA256),
            Self::Sha384 => ring(&digest::SHA384),
            Self::Sha512 => ring(&digest::SHA512),
        }
    }

    /// Of the hash itself (RFC 8017 B.1).
    pub(crate) fn oid(self) -> &'static str {
        match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha224 => "2.16.840.1.101.3.4.2.4",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        }
    }

    /// With RSA and PKCS#1 v1.5 (RFC 8017 A.2.4).
    pub(crate) fn with_rsa(self) -> &'static str {
        match self {
            Self::Sha1 => "1.2.840.113549.1.1.5",
            Self::Sha224 => "1.2.840.113549.1.1.14",
            Self::Sha256 => "1.2.840.113549.1.1.11",
            Self::Sha384 => "1.2.840.113549.1.1.12",
            Self::Sha512 => "1.2.840.113549.1.1.13",
        }
    }

    /// With ECDSA (RFC 5758 3.2).
    pub(crate) fn with_ecdsa(self) -> &'static str {
        match self {
            Self::Sha1 => "1.2.840.10045.4.1",
            Self::Sha224 => "1.2.840.10045.4.3.1",
            Self::Sha256 => "1.2.840.10045.4.3.2",
            Self::Sha384 => "1.2.840.10045.4.3.3",
            Self::Sha512 => "1.2.840.10045.4.3.4",
        }
    }

    /// With DSA (RFC 5758 3.1, NIST's registry for the last two).
    pub(crate) fn with_dsa(self) -> &'static str {
        match self {
            Self::Sha1 => "1.2.840.10040.4.3",
            Self::Sha224 => "2.16.840.1.101.3.4.3.1",
            Self::Sha256 => "2.16.840.1.101.3.4.3.2",
            Self::Sha384 => "2.16.840.1.101.3.4.3.3",
            Self::Sha512 => "2.16.840.1.101.3.4.3.4",
        }
    }
}

/// AlgorithmIdentifier.
pub(crate) fn identifier(oid: &str, parameters: &[u8]) -> Vec<u8> {
    let oid = der::encode(tag::OID, &der::oid_octets(oid).unwrap());
    der::sequence([&oid, parameters])
}

pub(crate) const NULL: &[u8] = &[5, 0];

/// What a file of PKCS#8 holds: the parameters of the algorithm, and the key.
fn pkcs8(key: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut reader = der::only(key, tag::SEQUENCE).unwrap().reader();
    reader.element(tag::INTEGER).unwrap();
    let mut algorithm = reader.element(tag::SEQUENCE).unwrap().reader();
    algorithm.element(tag::OID).unwrap();
    let key = reader.element(tag::OCTET_STRING).unwrap();
    (algorithm.rest().to_vec(), key.value.to_vec())
}

fn number(integer: &Element<'_>) -> BoxedUint {
    let zeros = integer.value.iter().take_while(|&&o| o == 0).count();
    BoxedUint::from_be_slice_vartime(&integer.value[zeros..])
}

/// An RSA key of any size.
pub(crate) struct Rsa {
    modulus: BoxedUint,
    octets: usize,
    exponent: BoxedUint,
    /// `SubjectPublicKeyInfo`.
    pub(crate) public: Vec<u8>,
}

impl Rsa {
    /// From PKCS#8.
    pub(crate) fn new(key: &[u8]) -> Self {
        let (_, key) = pkcs8(key);
        let mut reader = der::only(&key, tag::SEQUENCE).unwrap().reader();
        let mut next = || reader.element(tag::INTEGER).unwrap();
        let (_, modulus, public, private) = (next(), next(), next(), next());
        let bits = der::sequence([modulus.raw, public.raw]);
        let algorithm = identifier("1.2.840.113549.1.1.1", NULL);
        Self {
            octets: modulus.value.iter().skip_while(|&&o| o == 0).count(),
            modulus: number(&modulus),
            exponent: number(&private),
            public: der::sequence([algorithm, der::bit_string(&bits)]),
        }
    }

    /// RSASP1 (RFC 8017 5.2.1).
    fn power(&self, encoded: &[u8]) -> Vec<u8> {
        let precision = self.modulus.bits_precision();
        let encoded = BoxedUint::from_be_slice(encoded, precision).unwrap();
        let odd = Option::from(self.modulus.to_odd()).unwrap();
        let signed = encoded.pow_mod(&self.exponent, &odd).to_be_bytes();
        signed[signed.len() - self.octets..].to_vec()
    }

    /// PKCS#1 v1.5 (RFC 8017 9.2).
    pub(crate) fn sign(&self, hash: Hash, message: &[u8]) -> Vec<u8> {
        let digest = der::encode(tag::OCTET_STRING, &hash.of(message));
        let info = der::sequence([identifier(hash.oid(), NULL), digest]);
        let padding = vec![0xff; self.octets - info.len() - 3];
        self.power(&[&[0, 1][..], &padding, &[0], &info].concat())
    }

    /// RSASSA-PSS (RFC 8017 9.1.1) with one hash for all and a salt of so many
    /// octets.
    pub(crate) fn sign_pss(&self, hash: Hash, salt: u8, message: &[u8]) -> Vec<u8> {
        let mut random = vec![0; salt.into()];
        ring::rand::SystemRandom::new().fill(&mut random).unwrap();
        let bits = usize::try_from(self.modulus.bits_vartime()).unwrap() - 1;
        let octets = bits.div_ceil(8);
        let salted = [&[0; 8][..], &hash.of(message), &random].concat();
        let digest = hash.of(&salted);
        let room = octets - digest.len() - 1;
        let block = [&vec![0; room - random.len() - 1][..], &[1], &random].concat();
        let mask = (0_u32..).flat_map(|n| hash.of(&[&digest[..], &n.to_be_bytes()].concat()));
        let mut masked: Vec<u8> = block.iter().zip(mask).map(|(a, b)| a ^ b).collect();
        masked[0] &= 0xff >> (8 * octets - bits);
        self.power(&[&masked[..], &digest, &[0xbc]].concat())
    }
}

/// AlgorithmIdentifier of RSASSA-PSS (RFC 4055 3.1).
pub(crate) fn pss(hash: Hash, salt: u8) -> Vec<u8> {
    let hash = identifier(hash.oid(), NULL);
    let mask = identifier("1.2.840.113549.1.1.8", &hash);
    let parameters = der::sequence([
        der::encode(tag::context(0), &hash),
        der::encode(tag::context(1), &mask),
        der::encode(tag::context(2), &der::unsigned(&[salt])),
    ]);
    identifier("1.2.840.113549.1.1.10", &parameters)
}

/// A DSA key.
pub(crate) struct Dsa {
    p: BoxedUint,
    q: BoxedUint,
    g: BoxedUint,
    x: BoxedUint,
    /// `SubjectPublicKeyInfo`.
    pub(crate) public: Vec<u8>,
}

impl Dsa {
    /// From PKCS#8 (RFC 5958, RFC 3279 2.3.2).
    pub(crate) fn new(key: &[u8]) -> Self {
        let (parameters, key) = pkcs8(key);
        let mut reader = der::only(&parameters, tag::SEQUENCE).unwrap().reader();
        let mut next = || number(&reader.element(tag::INTEGER).unwrap());
        let (p, q, g) = (next(), next(), next());
        let x = number(&Reader::new(&key).element(tag::INTEGER).unwrap());
        let odd = Option::from(p.to_odd()).unwrap();
        let public = at(&g, &p).pow_mod(&x, &odd).to_be_bytes();
        let algorithm = identifier("1.2.840.10040.4.1", &parameters);
        let public = der::unsigned(&public);
        Self {
            public: der::sequence([algorithm, der::bit_string(&public)]),
            p,
            q,
            g,
            x,
        }
    }

    /// FIPS 186-4 4.6.
    pub(crate) fn sign(&self, hash: Hash, message: &[u8]) -> Vec<u8> {
        let Self { p, q, g, x, .. } = self;
        let odd_p = Option::from(p.to_odd()).unwrap();
        let odd_q = Option::from(q.to_odd()).unwrap();
        let whole_q = Option::from(q.to_nz()).unwrap();
        let octets = q.to_be_bytes_trimmed_vartime().len();
        let of_octets = |octets: &[u8]| BoxedUint::from_be_slice_vartime(octets);
        let digest = hash.of(message);
        let digest = of_octets(&digest[..octets.min(digest.len())]);
        // One octet less than q has: always below it.
        let mut once = vec![0; octets - 1];
        ring::rand::SystemRandom::new().fill(&mut once).unwrap();
        let k = at(&of_octets(&once), q);
        let r = at(g, p).pow_mod(&k, &odd_p).rem(&whole_q);
        let inverse: BoxedUint = Option::from(k.invert_odd_mod(&odd_q)).unwrap();
        let sum = r.mul_mod(x, &whole_q).concatenating_add(&digest);
        let s = inverse.mul_mod(&sum.rem(&whole_q), &whole_q);
        let numbers = [r, s].map(|n| der::unsigned(&n.to_be_bytes()));
        der::sequence(numbers)
    }
}

/// With as much room as another has.
fn at(number: &BoxedUint, like: &BoxedUint) -> BoxedUint {
    let octets = number.to_be_bytes_trimmed_vartime();
    BoxedUint::from_be_slice(&octets, like.bits_precision()).unwrap()
}

/// With a key on a curve of so many octets (PKCS#8): a shorter digest counts as a
/// number.
macro_rules! ecdsa {
    ($curve:ident, $octets:expr, $key:expr, $digest:expr) => {{
        use $curve::ecdsa::signature::hazmat::PrehashSigner as _;
        use $curve::pkcs8::DecodePrivateKey as _;
        let secret = $curve::SecretKey::from_pkcs8_der($key).unwrap();
        let key = $curve::ecdsa::SigningKey::from_bytes(&secret.to_bytes()).unwrap();
        let short = usize::saturating_sub($octets, $digest.len());
        let digest = [&vec![0; short][..], $digest].concat();
        let signed: $curve::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
        signed.to_der().as_bytes().to_vec()
    }};
}

pub(crate) fn p256(key: &[u8], digest: &[u8]) -> Vec<u8> {
    ecdsa!(p256, 32, key, digest)
}

pub(crate) fn p384(key: &[u8], digest: &[u8]) -> Vec<u8> {
    ecdsa!(p384, 48, key, digest)
}

pub(crate) fn p521(key: &[u8], digest: &[u8]) -> Vec<u8> {
    ecdsa!(p521, 66, key, digest)
}
