//! Serial numbers (RFC 5280 4.1.2.2).

use std::fmt;

/// A positive serial number of at most 20 octets.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Serial(Vec<u8>);

impl Serial {
    /// From 16 random octets: the top bit is cleared so that it is positive in
    /// 16 octets, and bit 126 is set so that it is never zero nor shorter.
    pub fn from_random(mut octets: [u8; 16]) -> Self {
        octets[0] = (octets[0] & 0x7f) | 0x40;
        Self(octets.to_vec())
    }

    /// From the content octets of an INTEGER in a certificate, as they are.
    pub fn from_octets(octets: &[u8]) -> Self {
        Self(octets.to_vec())
    }

    /// Content octets of the INTEGER.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is what RFC 5280 4.1.2.2 asks for: positive, 20 octets at most.
    pub fn conforms(&self) -> bool {
        let positive = self.0.first().is_some_and(|&o| o < 0x80) && self.0.iter().any(|&o| o != 0);
        positive && self.0.len() <= 20
    }
}

/// Upper-case hex, as openssl prints it.
impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skip = usize::from(self.0.len() > 1 && self.0[0] == 0);
        for octet in &self.0[skip..] {
            write!(f, "{octet:02X}")?;
        }
        Ok(())
    }
}

/// Where new serial numbers come from: random in production, known in tests.
pub trait SerialSource {
    /// A serial number that was not given before; `None` when the machine has
    /// no randomness to give.
    fn next_serial(&mut self) -> Option<Serial>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_serials_conform() {
        for octets in [[0; 16], [0xff; 16]] {
            let serial = Serial::from_random(octets);
            assert!(serial.conforms());
            assert_eq!(serial.octets().len(), 16);
        }
    }

    #[test]
    fn foreign_serials_are_judged() {
        for (octets, good) in [
            (&[1][..], true),
            (&[0, 0x80], true),
            (&[0x80], false),
            (&[0], false),
            (&[], false),
            (&[1; 21], false),
        ] {
            assert_eq!(Serial::from_octets(octets).conforms(), good, "{octets:?}");
        }
        assert_eq!(Serial::from_octets(&[0, 0x8a, 1]).to_string(), "8A01");
    }
}
