//! PEM bundles: the trust and issuer files that OpenSSL, Go and Python read.

use pem::{EncodeConfig, LineEnding, Pem};

/// The certificates (DER) as PEM `CERTIFICATE` blocks (RFC 7468 5), in the
/// order given, lines of 64 ended by LF, nothing between or after the blocks.
///
/// An empty list gives an empty text, which Sidekick and OpenSSL refuse as a
/// trust file. It does not check that the octets are certificates.
pub fn bundle<C: AsRef<[u8]>>(certificates: &[C]) -> String {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    certificates
        .iter()
        .map(|der| pem::encode_config(&Pem::new("CERTIFICATE", der.as_ref()), config))
        .collect()
}

/// A certificate request (DER) as a PEM `CERTIFICATE REQUEST` block (RFC 7468 7).
pub fn request_pem(der: &[u8]) -> String {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new("CERTIFICATE REQUEST", der), config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_block_after_the_other() {
        assert_eq!(bundle::<&[u8]>(&[]), "");
        assert_eq!(
            bundle(&[&[0x30, 0][..], &[0x30, 1, 5]]),
            "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n\
             -----BEGIN CERTIFICATE-----\nMAEF\n-----END CERTIFICATE-----\n"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            certificates in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..5),
        ) {
            let text = bundle(&certificates);
            prop_assert!(text.lines().all(|line| line.len() <= 64 && !line.is_empty()));
            let read: Vec<_> = pem::parse_many(&text)
                .unwrap()
                .into_iter()
                .map(Pem::into_contents)
                .collect();
            prop_assert_eq!(read, certificates);
        }
    }
}
