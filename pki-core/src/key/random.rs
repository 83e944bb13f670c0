//! The randomness of the operating system.

use ring::rand::{SecureRandom, SystemRandom};
use rsa::rand_core::{TryCryptoRng, TryRng};

use super::error::KeyError;

/// Random octets of the system.
///
/// # Errors
/// [`KeyError::Random`].
pub(super) fn fill(octets: &mut [u8]) -> Result<(), KeyError> {
    SystemRandom::new()
        .fill(octets)
        .map_err(|_| KeyError::Random)
}

/// The system's randomness as the `rsa` crate takes it.
pub(super) struct OsRandom;

/// The system gave nothing.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random octets")]
pub(super) struct NoRandom;

impl TryRng for OsRandom {
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
        fill(octets).map_err(|_| NoRandom)
    }
}

impl TryCryptoRng for OsRandom {}
