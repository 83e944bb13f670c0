//! Serial numbers from the machine's randomness.

use ring::rand::{SecureRandom as _, SystemRandom};

use crate::model::serial::{Serial, SerialSource};

/// 16 random octets for each certificate (RFC 5280 4.1.2.2).
#[derive(Debug)]
pub struct RandomSerials(SystemRandom);

impl Default for RandomSerials {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl SerialSource for RandomSerials {
    fn next_serial(&mut self) -> Option<Serial> {
        let mut octets = [0; 16];
        self.0.fill(&mut octets).ok()?;
        Some(Serial::from_random(octets))
    }
}
