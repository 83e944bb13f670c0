//! Encrypted PKCS#8 (RFC 5958 3) with PBES2 (RFC 8018 6.2).

use pkcs8::der::{Decode, Encode};
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::pkcs5::{self, EncryptionScheme};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::error::KeyError;
use crate::der::{self, tag};
use crate::secret::Secret;

/// Rounds of PBKDF2-HMAC-SHA256 for keys written here (OWASP Password Storage
/// Cheat Sheet, 2023).
pub const ROUNDS: u32 = 600_000;
/// Rounds of PBKDF2 that are accepted on reading: a second or two of work, three
/// times what is written here.
pub const MAX_ROUNDS: u32 = 2_000_000;
/// Octets of memory that scrypt may ask for on reading.
pub const MAX_SCRYPT_MEMORY: u64 = 256 << 20;
/// Octets that scrypt may go through, all lanes together.
const MAX_SCRYPT_WORK: u64 = 4 * MAX_SCRYPT_MEMORY;

/// `EncryptedPrivateKeyInfo` in DER: PBKDF2-HMAC-SHA256, AES-256-CBC.
pub(super) fn encrypt(pkcs8: &[u8], passphrase: &Secret) -> Result<Vec<u8>, KeyError> {
    if passphrase.expose().is_empty() {
        return Err(KeyError::PassphraseEmpty);
    }
    let random = SystemRandom::new();
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    for octets in [&mut salt, &mut iv] {
        random.fill(octets).map_err(|_| KeyError::Random)?;
    }
    let failed = KeyError::Malformed {
        what: "private key",
        why: "it cannot be encrypted",
    };
    let build = || -> Result<Vec<u8>, pkcs5::Error> {
        let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(ROUNDS, &salt, iv)?;
        let data = parameters.encrypt(passphrase.expose(), pkcs8)?;
        let scheme = EncryptionScheme::from(parameters)
            .to_der()
            .map_err(|_| pkcs5::Error::EncryptFailed)?;
        Ok(der::sequence([
            scheme,
            der::encode(tag::OCTET_STRING, &data),
        ]))
    };
    build().map_err(|_| failed)
}

/// Opens an `EncryptedPrivateKeyInfo`. The plaintext is one SEQUENCE; there is
/// no other check that the passphrase is right (CBC has none).
pub(super) fn decrypt(
    encrypted: &[u8],
    passphrase: &Secret,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let what = "encrypted private key";
    let malformed = |fault| KeyError::Der { what, fault };
    let mut reader = der::only(encrypted, tag::SEQUENCE)
        .map_err(malformed)?
        .reader();
    let scheme = reader.element(tag::SEQUENCE).map_err(malformed)?;
    let data = reader.element(tag::OCTET_STRING).map_err(malformed)?.value;
    reader.end().map_err(malformed)?;

    let parameters = parameters(scheme)?;
    check_cost(&parameters.kdf)?;
    let mut buffer = Zeroizing::new(data.to_vec());
    let length = parameters
        .decrypt_in_place(passphrase.expose(), &mut buffer)
        .map_err(|error| match error {
            pkcs5::Error::DecryptFailed => KeyError::PassphraseWrong,
            pkcs5::Error::UnsupportedAlgorithm { oid } => KeyError::Encryption {
                found: oid.to_string(),
            },
            _ => KeyError::Malformed {
                what,
                why: "its parameters contradict each other",
            },
        })?
        .len();
    buffer.truncate(length);
    // One wrong passphrase in 256 leaves a padding that looks right.
    if der::only(&buffer, tag::SEQUENCE).is_err() {
        return Err(KeyError::PassphraseWrong);
    }
    Ok(buffer)
}

fn parameters(scheme: der::Element<'_>) -> Result<Parameters, KeyError> {
    const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
    let what = "encrypted private key";
    let oid = scheme
        .reader()
        .element(tag::OID)
        .map_err(|fault| KeyError::Der { what, fault })?
        .value;
    if oid != PBES2 {
        return Err(KeyError::Encryption {
            found: scheme_name(oid),
        });
    }
    check_iv(scheme)?;
    match EncryptionScheme::from_der(scheme.raw) {
        Ok(EncryptionScheme::Pbes2(parameters)) => Ok(parameters),
        _ => Err(KeyError::Encryption {
            found: "PBES2 with another cipher than AES or 3DES, or another derivation than PBKDF2 or scrypt".into(),
        }),
    }
}

/// DES-EDE3-CBC takes an IV of 8 octets (RFC 8018 B.2.2); pkcs5 0.8 slices a
/// shorter one without looking.
fn check_iv(scheme: der::Element<'_>) -> Result<(), KeyError> {
    const DES_EDE3_CBC: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x03\x07";
    let read = || {
        let mut outer = scheme.reader();
        outer.element(tag::OID)?;
        let mut parameters = outer.element(tag::SEQUENCE)?.reader();
        parameters.element(tag::SEQUENCE)?;
        let mut cipher = parameters.element(tag::SEQUENCE)?.reader();
        let oid = cipher.element(tag::OID)?.value;
        let iv = cipher
            .optional(tag::OCTET_STRING)?
            .map_or(0, |iv| iv.value.len());
        Ok(oid != DES_EDE3_CBC || iv == 8)
    };
    match read() {
        Ok(true) => Ok(()),
        Ok(false) => Err(KeyError::Malformed {
            what: "encrypted private key",
            why: "its initialization vector has the wrong length",
        }),
        Err(fault) => Err(KeyError::Der {
            what: "encrypted private key",
            fault,
        }),
    }
}

/// The names of what older programs wrote (RFC 8018 A.3, RFC 7292 C).
fn scheme_name(oid: &[u8]) -> String {
    let dotted = der::oid_text(oid).unwrap_or_else(|| "an unreadable OID".into());
    let known = match dotted.as_str() {
        "1.2.840.113549.1.5.3" => "PBE-MD5-DES",
        "1.2.840.113549.1.5.10" => "PBE-SHA1-DES",
        "1.2.840.113549.1.12.1.3" => "PBE-SHA1-3DES",
        "1.2.840.113549.1.12.1.6" => "PBE-SHA1-RC2-40",
        _ => return dotted,
    };
    known.into()
}

/// Refuses before any derivation what a hostile file would ask for.
fn check_cost(kdf: &Kdf) -> Result<(), KeyError> {
    let limit = |unit, found, limit| {
        if found > limit {
            Err(KeyError::CostTooHigh { unit, found, limit })
        } else {
            Ok(())
        }
    };
    let malformed = Err(KeyError::Malformed {
        what: "encrypted private key",
        why: "its cost parameters are impossible",
    });
    match kdf {
        Kdf::Pbkdf2(p) if p.iteration_count == 0 => malformed,
        Kdf::Pbkdf2(p) => limit("rounds", p.iteration_count.into(), MAX_ROUNDS.into()),
        Kdf::Scrypt(p) => {
            let (n, r) = (p.cost_parameter, u64::from(p.block_size));
            let lanes = u64::from(p.parallelization);
            // The library computes log2 of N and panics where N is 0.
            if n < 2 || !n.is_power_of_two() || r == 0 || lanes == 0 {
                return malformed;
            }
            // RFC 7914 2 and 6: 128·r·N octets, and 128·r for each lane.
            let memory = n.saturating_add(lanes).saturating_mul(128 * r);
            limit("octets of memory", memory, MAX_SCRYPT_MEMORY)?;
            let work = n.saturating_mul(128 * r).saturating_mul(lanes);
            limit("octets of work", work, MAX_SCRYPT_WORK)
        }
        _ => Err(KeyError::Encryption {
            found: "an unknown derivation".into(),
        }),
    }
}
