//! Keys from passwords, at a cost that a hostile store cannot choose.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use ring::digest;
use zeroize::Zeroizing;

use super::{MAX_ROUNDS, Pkcs12Error};
use crate::der::Element;

/// What a derived key is for (RFC 7292 B.3).
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// A cipher's key.
    Key = 1,
    /// A cipher's initialization vector.
    Iv = 2,
    /// A MAC's key.
    Mac = 3,
}

/// The rounds that reading one store has used up.
#[derive(Default)]
pub(super) struct Rounds(u64);

impl Rounds {
    /// Takes the rounds that the INTEGER `count` asks for.
    pub(super) fn take(
        &mut self,
        part: &'static str,
        count: &Element<'_>,
    ) -> Result<NonZeroU32, Pkcs12Error> {
        let value = || Pkcs12Error::Value {
            part,
            found: hex(count.value),
            expected: "a positive number of rounds",
        };
        let (&first, _) = count.value.split_first().ok_or_else(value)?;
        if first >= 0x80 {
            return Err(value());
        }
        let rounds = count.value.iter().fold(0_u64, |sum, &o| {
            sum.saturating_mul(256).saturating_add(o.into())
        });
        self.spend(rounds)?;
        u32::try_from(rounds)
            .ok()
            .and_then(NonZeroU32::new)
            .ok_or_else(value)
    }

    /// Takes `rounds` once more, for a second try.
    pub(super) fn spend(&mut self, rounds: u64) -> Result<(), Pkcs12Error> {
        self.0 = self.0.saturating_add(rounds);
        if self.0 > u64::from(MAX_ROUNDS) {
            return Err(Pkcs12Error::Rounds { rounds: self.0 });
        }
        Ok(())
    }
}

/// Fills `out` from a password in BMP form (RFC 7292 B.2).
pub(super) fn derive(
    hash: &'static digest::Algorithm,
    purpose: Purpose,
    password: &[u8],
    salt: &[u8],
    rounds: NonZeroU32,
    out: &mut [u8],
) {
    let block = hash.block_len();
    let diversifier = vec![purpose as u8; block];
    let stretch = |octets: &[u8]| octets.len().div_ceil(block) * block;
    let mut input = Zeroizing::new(Vec::with_capacity(stretch(salt) + stretch(password)));
    for part in [salt, password] {
        input.extend(part.iter().cycle().take(stretch(part)));
    }
    for chunk in out.chunks_mut(hash.output_len()) {
        let mut context = digest::Context::new(hash);
        context.update(&diversifier);
        context.update(&input);
        let mut hashed = context.finish();
        for _ in 1..rounds.get() {
            hashed = digest::digest(hash, hashed.as_ref());
        }
        let hashed = hashed.as_ref();
        chunk.copy_from_slice(&hashed[..chunk.len()]);
        // Every block of the input grows by the hash, repeated to a block, plus one.
        for part in input.chunks_mut(block) {
            let mut carry = 1_u16;
            for (at, octet) in part.iter_mut().enumerate().rev() {
                let [high, low] =
                    (u16::from(*octet) + u16::from(hashed[at % hashed.len()]) + carry)
                        .to_be_bytes();
                *octet = low;
                carry = high.into();
            }
        }
    }
}

/// Octets as hex, cut after 16.
pub(super) fn hex(octets: &[u8]) -> String {
    let mut text = String::new();
    for octet in octets.iter().take(16) {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{octet:02x}");
    }
    if octets.len() > 16 {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::{self, tag};

    fn octets(hex: &str) -> Vec<u8> {
        let octet = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(octet).collect()
    }

    /// Vectors of OpenSSL's `test/recipes/30-test_evp_data/evpkdf_pkcs12.txt`
    /// ("smeg" and "queeg", with the final zero of the BMP form).
    #[test]
    fn known_answers() {
        for (purpose, password, salt, rounds, expected) in [
            (
                Purpose::Key,
                "smeg",
                "0a58cf64530d823f",
                1,
                "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3",
            ),
            (
                Purpose::Iv,
                "smeg",
                "0a58cf64530d823f",
                1,
                "79993dfe048d3b76",
            ),
            (
                Purpose::Mac,
                "smeg",
                "3d83c0e4546ac140",
                1,
                "8d967d88f6caa9d714800ab3d48051d63f73a312",
            ),
            (
                Purpose::Key,
                "queeg",
                "05dec959acff72f7",
                1000,
                "ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4",
            ),
            (
                Purpose::Iv,
                "queeg",
                "05dec959acff72f7",
                1000,
                "11dedad7758d4860",
            ),
            (
                Purpose::Mac,
                "queeg",
                "263216fcc2fab31c",
                1000,
                "5ec4c7a80df652294c3925b6489a7ab857c83476",
            ),
        ] {
            let expected = octets(expected);
            let mut out = vec![0; expected.len()];
            derive(
                &digest::SHA1_FOR_LEGACY_USE_ONLY,
                purpose,
                &super::super::bmp_password(password),
                &octets(salt),
                NonZeroU32::new(rounds).unwrap(),
                &mut out,
            );
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn rounds_are_limited_over_all() {
        let take = |rounds: &mut Rounds, octets: &[u8]| {
            let der = der::encode(tag::INTEGER, octets);
            rounds.take("it", &der::only(&der, tag::INTEGER).unwrap())
        };
        let mut rounds = Rounds::default();
        assert_eq!(take(&mut rounds, &[0x27, 0x10]).unwrap().get(), 10_000);
        // 1,990,000 more is just enough, one above is not.
        assert!(take(&mut rounds, &[0x1e, 0x5d, 0x70]).is_ok());
        assert_eq!(
            take(&mut rounds, &[1]),
            Err(Pkcs12Error::Rounds { rounds: 2_000_001 })
        );
        for bad in [&[][..], &[0], &[0x80], &[0xff, 0xff]] {
            assert!(matches!(
                take(&mut Rounds::default(), bad),
                Err(Pkcs12Error::Value { .. })
            ));
        }
        assert!(matches!(
            take(&mut Rounds::default(), &[0x7f; 40]),
            Err(Pkcs12Error::Rounds { .. })
        ));
    }
}
