//! A tree with RSA keys beside the same keys alone: both from the same seeds, for
//! some primes take ten times as long to find as others.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pki_core::apply::{self, Tools};
use pki_core::clock;
use pki_core::issue::RandomSerials;
use pki_core::key::{self, KeyError, KeySource, PrivateKey};
use pki_core::manifest::{Source, resolve};
use pki_core::model::algorithm::KeyAlgorithm;
use pki_core::plan::{self, Options, Owners, Scope};
use pki_core::role::Roles;
use pki_core::stack::Stack;
use pki_core::store::{Holder, Store};
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha256};

/// RSA keys, the same ones in every run of as many.
struct Seeded(AtomicU64);

/// SHA-256 of a seed and a count.
struct Stream {
    seed: u64,
    count: u64,
}

impl TryRng for Stream {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets)?;
        Ok(u32::from_le_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets)?;
        Ok(u64::from_le_bytes(octets))
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Self::Error> {
        for part in octets.chunks_mut(32) {
            let mut hash = Sha256::new_with_prefix(self.seed.to_le_bytes());
            hash.update(self.count.to_le_bytes());
            self.count += 1;
            part.copy_from_slice(&hash.finalize()[..part.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Stream {}

impl KeySource for Seeded {
    fn generate(&self, algorithm: KeyAlgorithm) -> Result<PrivateKey, KeyError> {
        let KeyAlgorithm::Rsa(bits) = algorithm else {
            panic!("{algorithm:?}");
        };
        let seed = self.0.fetch_add(1, Ordering::Relaxed);
        let mut stream = Stream { seed, count: 0 };
        let key = rsa::RsaPrivateKey::new(&mut stream, bits.into()).unwrap();
        Ok(key::load(key.to_pkcs8_der().unwrap().as_bytes(), None)?.key)
    }
}

fn stack(text: &str) -> Stack {
    let source = Source {
        name: "pki.toml",
        text,
    };
    let roles = Roles::load(&[]).unwrap();
    let resolved = resolve(&source, &roles, &std::collections::BTreeMap::new(), &[]);
    resolved.unwrap().stack
}

/// As many keys as the tree of `text` has, by `threads`.
pub(crate) fn keys(many: usize, bits: u16, threads: usize, run: u64) {
    let source = Seeded(AtomicU64::new(1000 * run));
    let wanted = vec![KeyAlgorithm::Rsa(bits); many];
    key::generate_all(&source, &wanted, threads, &|_| {}).unwrap();
}

/// The whole tree of `text` in an empty folder.
pub(crate) fn tree(folder: &Path, text: &str, threads: usize, run: u64) {
    let (stack, store, now) = (stack(text), Store::open(folder).unwrap(), clock::now());
    let options = Options {
        now,
        scope: Scope::Everything,
        force: false,
        rekey: false,
        prune: false,
        owners: Owners::Report,
    };
    let found = apply::look(&store, &stack).unwrap();
    let plan = plan::plan(&stack, &found.inventory, &[], &options);
    let tools = Tools {
        keys: &Seeded(AtomicU64::new(1000 * run)),
        serials: &mut RandomSerials::default(),
        passphrase: &|_| panic!("no key is encrypted"),
        progress: &|_, _, _| {},
        threads,
        holder: Holder::me("bench", now),
        wait: Duration::ZERO,
        basis: &[],
        also: Vec::new(),
    };
    apply::apply(&store, &stack, &plan, &options, tools).unwrap();
}
