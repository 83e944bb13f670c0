//! Making keys.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rsa::rand_core::UnwrapErr;
use zeroize::Zeroizing;

use super::curve::Curve;
use super::error::KeyError;
use super::private::PrivateKey;
use super::random::{OsRandom, fill};
use crate::model::algorithm::KeyAlgorithm;
use crate::parallel;

/// Where new keys come from: the system's randomness, a device, or for tests a
/// list.
pub trait KeySource: Sync {
    /// A new key of this kind.
    ///
    /// # Errors
    /// [`KeyError::Random`], [`KeyError::Unsupported`] for a size of RSA other
    /// than 2048 to 8192 bits.
    fn generate(&self, algorithm: KeyAlgorithm) -> Result<PrivateKey, KeyError>;
}

/// Keys from the randomness of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemKeys;

impl KeySource for SystemKeys {
    fn generate(&self, algorithm: KeyAlgorithm) -> Result<PrivateKey, KeyError> {
        let curve = match algorithm {
            KeyAlgorithm::EcdsaP256 => Curve::P256,
            KeyAlgorithm::EcdsaP384 => Curve::P384,
            KeyAlgorithm::EcdsaP521 => Curve::P521,
            KeyAlgorithm::Ed25519 => {
                let mut seed = Zeroizing::new([0; 32]);
                fill(&mut *seed)?;
                return PrivateKey::from_ed25519_seed(&*seed);
            }
            KeyAlgorithm::Rsa(bits) => return rsa(bits),
        };
        PrivateKey::from_ec(curve, curve.generate()?)
    }
}

fn rsa(bits: u16) -> Result<PrivateKey, KeyError> {
    let unsupported = || KeyError::Unsupported {
        found: format!("RSA {bits}"),
    };
    if !(2048..=8192).contains(&bits) {
        return Err(unsupported());
    }
    // The library takes a source that cannot fail: one that works now. The
    // system's source does not stop once it has begun.
    fill(&mut [0; 32])?;
    let key = rsa::RsaPrivateKey::new(&mut UnwrapErr(OsRandom), bits.into())
        .map_err(|_| unsupported())?;
    PrivateKey::from_rsa(&key)
}

/// One key for each of `wanted`, in its order, made by up to `threads` threads
/// (at least one). The longest work is begun first; one key is one thread's.
/// `done` is told how many are made, after each, from any thread.
///
/// # Errors
/// The first error; keys made until then are dropped.
pub fn generate_all(
    source: &dyn KeySource,
    wanted: &[KeyAlgorithm],
    threads: usize,
    done: &(dyn Fn(usize) + Sync),
) -> Result<Vec<PrivateKey>, KeyError> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&at| match wanted[at] {
        KeyAlgorithm::Rsa(bits) => std::cmp::Reverse(bits),
        _ => std::cmp::Reverse(0),
    });
    let next = AtomicUsize::new(0);
    let made = Mutex::new((Vec::with_capacity(wanted.len()), None));
    let work = || {
        while let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let key = source.generate(wanted[at]);
            let Ok(mut made) = made.lock() else { return };
            match key {
                Ok(key) => {
                    made.0.push((at, key));
                    done(made.0.len());
                }
                Err(error) => {
                    made.1.get_or_insert(error);
                    next.store(order.len(), Ordering::Relaxed);
                    return;
                }
            }
        }
    };
    parallel::crew(threads.min(wanted.len()), work);
    let (mut keys, error) = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = error {
        return Err(error);
    }
    keys.sort_by_key(|(at, _)| *at);
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}
