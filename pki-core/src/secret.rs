//! Bytes that must not leak: wiped when dropped, never printed, never copied.

use std::fmt;

use zeroize::Zeroizing;

/// Secret bytes: a private key, a passphrase.
///
/// No `Clone`, no `Display`, and `Debug` shows nothing of them.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes ownership; the bytes are wiped when this is dropped.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes. The caller must not keep a copy.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Zeroizing<Vec<u8>>> for Secret {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[elided]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(
            format!("{:?}", Secret::new(b"hunter2".to_vec())),
            "[elided]"
        );
    }
}
