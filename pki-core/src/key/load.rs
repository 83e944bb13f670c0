//! Reading private keys: PKCS#8, PKCS#1, SEC1; PEM or DER; encrypted or not.

use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;

use super::curve::Curve;
use super::encrypt;
use super::error::KeyError;
use super::form::{self, Content, EC_PARAMETERS, KeyForm, KeyKind};
use super::oid;
use super::private::PrivateKey;
use super::public::unsigned_bits;
use crate::der::{self, DerError, tag};
use crate::pem::{self, Pem};
use crate::secret::Secret;

/// A key and the form of the file it came from.
#[derive(Debug)]
pub struct Loaded {
    /// The key.
    pub key: PrivateKey,
    /// The file.
    pub form: KeyForm,
}

/// Reads the one private key in `bytes`.
///
/// Other blocks (a certificate, `EC PARAMETERS`) and text are passed over;
/// [`KeyForm`] tells of them. The structure is what the octets say, whatever
/// the label. The public half is computed and must agree with what the file
/// says of it; RSA numbers must agree with each other (primality is not
/// tested). `passphrase` is not used for a key that is not encrypted.
///
/// # Errors
/// A variant of [`KeyError`] for each thing that can stand there instead.
pub fn load(bytes: &[u8], passphrase: Option<&Secret>) -> Result<Loaded, KeyError> {
    if bytes.trim_ascii().is_empty() {
        return Err(KeyError::Empty);
    }
    let blocks = pem::blocks(bytes);
    let form = form::survey_blocks(bytes, &blocks);
    let key = if blocks.blocks.is_empty() {
        from_der_file(bytes, passphrase)?
    } else {
        from_pem_file(&blocks, passphrase)?
    };
    Ok(Loaded { key, form })
}

fn from_pem_file(pem: &Pem, passphrase: Option<&Secret>) -> Result<PrivateKey, KeyError> {
    let mut keys = pem.blocks.iter().filter(|block| form::is_key(block));
    let Some(block) = keys.next() else {
        return Err(no_key(pem));
    };
    let more = keys.count();
    if more > 0 {
        return Err(KeyError::Several { count: more + 1 });
    }
    if form::kind_of(block) == Some(KeyKind::LegacyEncrypted) {
        return Err(KeyError::LegacyEncrypted);
    }
    let der = block
        .der
        .as_ref()
        .map_err(|fault| KeyError::Pem(fault.clone()))?;
    from_der(der, curve_block(pem), passphrase).map_err(|error| match error {
        KeyError::Unrecognised | KeyError::NotAKey { .. } => KeyError::Malformed {
            what: "private key",
            why: "the block holds another structure than its label says",
        },
        other => other,
    })
}

/// What stands there instead of a key.
fn no_key(pem: &Pem) -> KeyError {
    let labels: Vec<&str> = pem.labels().collect();
    let any = |words: &[&str]| labels.iter().any(|label| words.contains(label));
    if any(&["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"]) {
        return KeyError::Certificate;
    }
    if any(&["PUBLIC KEY", "RSA PUBLIC KEY"]) {
        return KeyError::PublicKey;
    }
    KeyError::NotAKey {
        found: labels.first().copied().unwrap_or_default().to_owned(),
    }
}

/// The curve of an `EC PARAMETERS` block, where there is one that names it.
fn curve_block(pem: &Pem) -> Option<&[u8]> {
    let der = pem.labelled(EC_PARAMETERS).next()?.der.as_ref().ok()?;
    Some(der::only(der, tag::OID).ok()?.value)
}

fn from_der_file(bytes: &[u8], passphrase: Option<&Secret>) -> Result<PrivateKey, KeyError> {
    // The magic of a Java key store (sun.security.provider.JavaKeyStore).
    if bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) {
        return Err(KeyError::NotAKey {
            found: "Java key store".into(),
        });
    }
    if bytes.first() != Some(&tag::SEQUENCE) {
        return Err(KeyError::Unrecognised);
    }
    from_der(bytes, None, passphrase)
}

fn from_der(
    der: &[u8],
    outer_curve: Option<&[u8]>,
    passphrase: Option<&Secret>,
) -> Result<PrivateKey, KeyError> {
    der::only(der, tag::SEQUENCE).map_err(|fault| KeyError::Der {
        what: "private key",
        fault,
    })?;
    match form::content(der) {
        Content::Key(KeyKind::EncryptedPkcs8) => {
            let passphrase = passphrase.ok_or(KeyError::PassphraseMissing)?;
            let plain = encrypt::decrypt(der, passphrase)?;
            match form::content(&plain) {
                Content::Key(KeyKind::Pkcs8) => pkcs8(&plain),
                _ => Err(KeyError::PassphraseWrong),
            }
        }
        Content::Key(KeyKind::Pkcs8) => pkcs8(der),
        Content::Key(KeyKind::Pkcs1) => pkcs1(der),
        Content::Key(_) => sec1(der, outer_curve),
        Content::Signed => Err(KeyError::Certificate),
        Content::PublicKey => Err(KeyError::PublicKey),
        Content::Pkcs12 => Err(KeyError::NotAKey {
            found: "PKCS#12 store".into(),
        }),
        Content::Unknown => Err(KeyError::Unrecognised),
    }
}

/// `OneAsymmetricKey` (RFC 5958 2), versions 1 and 2.
fn pkcs8(der: &[u8]) -> Result<PrivateKey, KeyError> {
    let what = "PKCS#8 private key";
    let read = || -> Result<_, DerError> {
        let mut reader = der::only(der, tag::SEQUENCE)?.reader();
        reader.element(tag::INTEGER)?;
        let mut algorithm = reader.element(tag::SEQUENCE)?.reader();
        let private = reader.element(tag::OCTET_STRING)?.value;
        reader.optional(tag::context(0))?;
        let public = reader.optional(tag::context_primitive(1))?;
        reader.end()?;
        Ok((
            algorithm.element(tag::OID)?.value,
            algorithm,
            private,
            public,
        ))
    };
    let (oid, mut parameters, private, public) =
        read().map_err(|fault| KeyError::Der { what, fault })?;
    let key = match oid {
        oid::RSA => pkcs1(private)?,
        oid::EC => {
            let curve = parameters.element(tag::OID).map_err(|_| explicit_curve())?;
            sec1(private, Some(curve.value))?
        }
        oid::ED25519 => {
            let seed = der::only(private, tag::OCTET_STRING).map_err(|fault| KeyError::Der {
                what: "Ed25519 private key",
                fault,
            })?;
            PrivateKey::from_ed25519_seed(seed.value)?
        }
        other => {
            return Err(KeyError::Unsupported {
                found: oid::name(other),
            });
        }
    };
    match public.map(|bits| bits.value) {
        Some([0, bits @ ..]) if !same_public(&key, bits) => Err(OTHER_PUBLIC),
        Some(bits) if bits.first() != Some(&0) => Err(KeyError::Malformed {
            what,
            why: "its public half is no whole number of octets",
        }),
        _ => Ok(key),
    }
}

fn same_public(key: &PrivateKey, bits: &[u8]) -> bool {
    let own = key.public().key_bits();
    match key.public().algorithm_parts() {
        (oid::EC, Some(curve)) => der::only(curve, tag::OID)
            .ok()
            .and_then(|oid| Curve::from_oid(oid.value).ok())
            .is_some_and(|curve| curve.same_point(bits, own)),
        _ => own == bits,
    }
}

const OTHER_PUBLIC: KeyError = KeyError::Inconsistent {
    why: "its public half belongs to another key",
};

fn explicit_curve() -> KeyError {
    KeyError::Unsupported {
        found: "EC with explicit parameters".into(),
    }
}

/// `ECPrivateKey` (RFC 5915 3); the curve stands inside, or `outer` says it.
fn sec1(der: &[u8], outer: Option<&[u8]>) -> Result<PrivateKey, KeyError> {
    let what = "EC private key";
    let read = || -> Result<_, DerError> {
        let mut reader = der::only(der, tag::SEQUENCE)?.reader();
        reader.element(tag::INTEGER)?;
        let scalar = reader.element(tag::OCTET_STRING)?.value;
        let curve = reader.optional(tag::context(0))?;
        let public = match reader.optional(tag::context(1))? {
            Some(wrapped) => Some(der::only(wrapped.value, tag::BIT_STRING)?.value),
            None => None,
        };
        reader.end()?;
        Ok((scalar, curve, public))
    };
    let (scalar, inner, public) = read().map_err(|fault| KeyError::Der { what, fault })?;
    let inner = match inner {
        Some(wrapped) => {
            let oid = der::only(wrapped.value, tag::OID).map_err(|_| explicit_curve())?;
            Some(oid.value)
        }
        None => None,
    };
    if let (Some(inner), Some(outer)) = (inner, outer)
        && inner != outer
    {
        return Err(KeyError::Inconsistent {
            why: "it names two different curves",
        });
    }
    let curve = Curve::from_oid(inner.or(outer).ok_or(KeyError::NoCurve)?)?;
    let claimed = public.and_then(|bits| bits.strip_prefix(&[0]));
    let key = curve.key(scalar, claimed)?;
    match public {
        Some([0, point @ ..]) if !curve.same_point(point, &key.point) => Err(OTHER_PUBLIC),
        Some(bits) if bits.first() != Some(&0) => Err(KeyError::Malformed {
            what,
            why: "its public half is no whole number of octets",
        }),
        _ => PrivateKey::from_ec(curve, key),
    }
}

/// `RSAPrivateKey` (RFC 8017 A.1.2) with two primes.
fn pkcs1(der: &[u8]) -> Result<PrivateKey, KeyError> {
    let what = "RSA private key";
    let read = || -> Result<_, DerError> {
        let mut reader = der::only(der, tag::SEQUENCE)?.reader();
        let version = reader.element(tag::INTEGER)?.value;
        Ok((version, reader.element(tag::INTEGER)?.value))
    };
    let (version, modulus) = read().map_err(|fault| KeyError::Der { what, fault })?;
    if version != [0] {
        return Err(KeyError::Unsupported {
            found: "RSA with more than two primes".into(),
        });
    }
    match unsigned_bits(modulus) {
        Some(1024..=8192) => {}
        Some(bits) => {
            return Err(KeyError::Unsupported {
                found: format!("RSA {bits}"),
            });
        }
        None => {
            return Err(KeyError::Malformed {
                what,
                why: "its modulus is zero, negative or far too long",
            });
        }
    }
    let inconsistent = KeyError::Inconsistent {
        why: "its numbers do not belong together",
    };
    let Ok(key) = rsa::RsaPrivateKey::from_pkcs1_der(der) else {
        return Err(inconsistent);
    };
    // The library drops the three numbers that speed signing up, and ring and
    // others use them: what it computes must be what the file says.
    match key.to_pkcs1_der() {
        Ok(again) if again.as_bytes() == der => PrivateKey::from_rsa(&key),
        _ => Err(inconsistent),
    }
}
