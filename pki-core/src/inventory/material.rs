//! What a file means, told by its content.

use crate::cert::Certificate;
use crate::der;
use crate::key::{self, KeyError, KeyForm, PublicKey};
use crate::pem::{self, PemFault};
use crate::record::{Content, FileRecord};

/// What a file means.
#[derive(Debug)]
#[non_exhaustive]
pub enum Material {
    /// No file, or none that can be read; the record says why.
    Nothing,
    /// At least one certificate, in PEM or DER.
    Certificates(CertificateFile),
    /// A private key.
    Key(KeyFile),
    /// Anything else: a store, a text.
    Other,
}

/// What Go passes over, and OpenSSL reads (measured with Go 1.26 and OpenSSL
/// 3.0.19).
pub const LABELLED: &str = "a block that is not called `CERTIFICATE`";

/// A file of certificates.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked by itself")]
pub struct CertificateFile {
    /// Those that could be read, in the order of the file.
    pub certificates: Vec<Certificate>,
    /// PEM blocks that are no readable certificate, with the reason.
    pub unreadable: Vec<String>,
    /// Whether one of those calls itself a certificate.
    pub damaged: bool,
    /// Whether it is bare DER, which no server of the stack reads.
    pub der: bool,
    /// Whether a certificate stands in a block that is not called `CERTIFICATE`.
    pub labelled: bool,
    /// Whether a byte order mark stands before it, with which Go does not see
    /// the first certificate.
    pub marked: bool,
    /// The private key that stands in the same file, as some servers want it;
    /// looked for by [`CertificateFile::with_key`] alone.
    pub key: Option<KeyFile>,
}

impl CertificateFile {
    /// The certificates of a file that holds a private key too, the one that
    /// `HAProxy` and others load; `None` where it does not hold both. Parameters of
    /// EC and Diffie-Hellman stand in such files as well.
    pub fn with_key(bytes: &[u8]) -> Option<Self> {
        let blocks = pem::blocks(bytes).blocks;
        let key = blocks.iter().find(|block| is_key(block))?;
        if !blocks.iter().any(|b| is_certificate(&b.label)) {
            return None;
        }
        let key = KeyFile::of_first(bytes, key);
        let is_beside = |b: &pem::Block| is_key(b) || b.label.ends_with(" PARAMETERS");
        let others = (1..).zip(blocks).filter(|(_, block)| !is_beside(block));
        Some(Self {
            marked: pem::is_marked(bytes),
            key: Some(key),
            ..Self::from_pem(others)
        })
    }

    /// What it is where it is not PEM as every program reads it.
    pub fn not_pem(&self) -> Option<&'static str> {
        match self {
            Self { labelled: true, .. } => Some(LABELLED),
            Self { der: true, .. } => Some("DER"),
            Self { marked: true, .. } => Some(pem::MARKED),
            _ => None,
        }
    }
}

/// A file with a private key.
#[derive(Debug)]
pub struct KeyFile {
    /// What the file looks like to the programs that read it.
    pub form: KeyForm,
    /// The public half, or why it cannot be told.
    pub public: Result<PublicKey, KeyError>,
}

/// Which key one is: of two copies it is the same.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum KeyId {
    /// By its public half.
    Public(PublicKey),
    /// By the SHA-256 of its DER, where the public half cannot be told, as of an
    /// encrypted key.
    Digest([u8; 32]),
}

/// A private key somewhere in a file, for telling whose it is.
#[derive(Debug)]
pub struct KeyBlock {
    /// Which key it is.
    pub id: KeyId,
    /// Whether the file holds nothing else.
    pub alone: bool,
}

impl KeyBlock {
    /// Every private key in a file, whatever else is in it: PEM blocks, or the
    /// file itself as DER. Not the content of PKCS#12 and Java stores.
    pub fn all(bytes: &[u8]) -> Vec<Self> {
        let blocks = pem::blocks(bytes).blocks;
        if blocks.is_empty() {
            return match Material::of_bytes(bytes) {
                Material::Key(_) => vec![Self::of(bytes, true)],
                _ => Vec::new(),
            };
        }
        blocks
            .iter()
            .filter(|block| block.label.ends_with("PRIVATE KEY"))
            .filter_map(|block| Some(Self::of(block.der.as_ref().ok()?, blocks.len() == 1)))
            .collect()
    }

    fn of(der: &[u8], alone: bool) -> Self {
        let id = if let Ok(loaded) = key::load(der, None) {
            KeyId::Public(loaded.key.public().clone())
        } else {
            let mut digest = [0; 32];
            let octets = ring::digest::digest(&ring::digest::SHA256, der);
            digest.copy_from_slice(octets.as_ref());
            KeyId::Digest(digest)
        };
        Self { id, alone }
    }
}

impl KeyFile {
    fn of_bytes(bytes: &[u8]) -> Self {
        Self {
            form: key::survey(bytes),
            public: key::load(bytes, None).map(|loaded| loaded.key.public().clone()),
        }
    }

    /// As programs read it that take the first key of a file, `key`.
    fn of_first(bytes: &[u8], key: &pem::Block) -> Self {
        let alone = bytes.get(key.range.clone()).unwrap_or_default();
        let loaded = match &key.der {
            // Its lines are those of the file.
            Err(fault) => Err(KeyError::Pem(fault.clone())),
            Ok(_) => match key::load(alone, None) {
                // `EC PARAMETERS` say it.
                Err(KeyError::NoCurve) => key::load(bytes, None),
                loaded => loaded,
            },
        };
        Self {
            form: key::survey(bytes),
            public: loaded.map(|loaded| loaded.key.public().clone()),
        }
    }

    /// How many private keys stand in the file.
    pub fn count(&self) -> usize {
        let labels = self.form.labels.iter();
        labels.filter(|label| label.ends_with(KEY)).count().max(1)
    }

    /// Whether a passphrase is needed to read it.
    pub fn is_encrypted(&self) -> bool {
        self.form.encrypted()
    }
}

impl Material {
    /// Reads what a record holds.
    pub fn of(record: &FileRecord) -> Self {
        match &record.content {
            Content::File(bytes) => Self::of_bytes(bytes),
            _ => Self::Nothing,
        }
    }

    /// Reads the content of a file.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let blocks = pem::blocks(bytes).blocks;
        if blocks.iter().any(is_key) {
            return Self::key(bytes);
        }
        if blocks.iter().any(|b| is_certificate(&b.label)) {
            return Self::Certificates(CertificateFile {
                marked: pem::is_marked(bytes),
                ..CertificateFile::from_pem((1..).zip(blocks))
            });
        }
        if let Ok(certificate) = Certificate::from_der(bytes) {
            return Self::Certificates(CertificateFile {
                certificates: vec![certificate],
                der: true,
                ..CertificateFile::default()
            });
        }
        if der::only(bytes, der::tag::SEQUENCE).is_ok() {
            let key = Self::key(bytes);
            if matches!(&key, Self::Key(k) if k.public.is_ok() || k.is_encrypted()) {
                return key;
            }
        }
        Self::Other
    }

    /// As [`Self::of`], of a file that is named for its certificates: a private key
    /// beside them is one of theirs.
    pub fn named_for_certificates(record: &FileRecord) -> Self {
        match record.bytes().and_then(CertificateFile::with_key) {
            Some(both) => Self::Certificates(both),
            None => Self::of(record),
        }
    }

    fn key(bytes: &[u8]) -> Self {
        Self::Key(KeyFile::of_bytes(bytes))
    }
}

impl CertificateFile {
    /// Blocks, each with its number in the file.
    fn from_pem(blocks: impl Iterator<Item = (usize, pem::Block)>) -> Self {
        let mut file = Self::default();
        for (number, block) in blocks {
            let read = match &block.der {
                Err(why @ PemFault::TooMany { .. }) => Err(why.to_string()),
                _ if !is_certificate(&block.label) => Err(format!("a {} block", block.label)),
                Err(why) => Err(why.to_string()),
                Ok(der) => Certificate::from_der(der).map_err(|e| e.to_string()),
            };
            let is_ours = is_certificate(&block.label);
            match read {
                Ok(certificate) => {
                    file.labelled |= block.label != "CERTIFICATE";
                    file.certificates.push(certificate);
                }
                Err(why) => {
                    file.damaged |= is_ours;
                    file.unreadable.push(format!("block {number}: {why}"));
                }
            }
        }
        file
    }
}

/// How the label of a private key ends.
const KEY: &str = "PRIVATE KEY";

/// Whether a block holds a private key; the rest of a file that has too many
/// blocks is called as the first of them, and is none.
fn is_key(block: &pem::Block) -> bool {
    block.label.ends_with(KEY) && !matches!(block.der, Err(PemFault::TooMany { .. }))
}

fn is_certificate(label: &str) -> bool {
    matches!(
        label,
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: &str = include_str!("../../testdata/inspect/leaf.pem");
    const ROOT: &str = include_str!("../../testdata/inspect/root.pem");
    const KEY: &str = include_str!("../../testdata/inspect/leaf-key.pem");
    const OTHER: &str = include_str!("../../testdata/keys/ed25519.pem");
    const ENCRYPTED: &str = include_str!("../../testdata/keys/enc-sha256-aes256.pem");

    fn both(text: &str) -> CertificateFile {
        CertificateFile::with_key(text.as_bytes()).unwrap()
    }

    #[test]
    fn blocks_are_numbered_as_they_stand_in_the_file() {
        let cut = &ROOT[..300];
        let found = both(&format!("{KEY}{LEAF}{cut}"));
        assert_eq!(found.certificates.len(), 1);
        let [why] = found.unreadable.as_slice() else {
            panic!("{found:?}")
        };
        assert!(
            why.starts_with("block 3: the block `CERTIFICATE` that begins at line"),
            "{why}"
        );
        let Material::Certificates(found) = Material::of_bytes(format!("{LEAF}{cut}").as_bytes())
        else {
            panic!("no certificates")
        };
        assert_eq!(found.certificates.len(), 1);
        assert!(found.unreadable[0].starts_with("block 2: "), "{found:?}");
    }

    #[test]
    fn what_is_not_read_of_a_long_file_is_told_whatever_it_is() {
        let many = LEAF.repeat(pem::MAX_BLOCKS);
        for (text, with_key) in [
            (format!("{many}{KEY}{LEAF}"), false),
            (format!("{KEY}{many}"), true),
            (format!("{many}{LEAF}"), false),
        ] {
            let bytes = text.as_bytes();
            assert_eq!(CertificateFile::with_key(bytes).is_some(), with_key);
            let found = match CertificateFile::with_key(bytes) {
                Some(found) => found,
                None => match Material::of_bytes(bytes) {
                    Material::Certificates(found) => found,
                    other => panic!("{other:?}"),
                },
            };
            let [why] = found.unreadable.as_slice() else {
                panic!("{:?}", found.unreadable)
            };
            assert!(
                why.starts_with("block 3001: more than 3000 blocks"),
                "{why}"
            );
        }
    }

    #[test]
    fn of_several_keys_it_is_the_first() {
        let public = |text: &str| both(text).key.unwrap();
        let [own, other] = [KEY, OTHER].map(|key| {
            let loaded = key::load(key.as_bytes(), None).unwrap();
            loaded.key.public().clone()
        });
        for (text, expected, count) in [
            (format!("{LEAF}{KEY}"), &own, 1),
            (format!("{KEY}{LEAF}{OTHER}"), &own, 2),
            (format!("{LEAF}{OTHER}{KEY}"), &other, 2),
        ] {
            let key = public(&text);
            assert_eq!((key.public.as_ref(), key.count()), (Ok(expected), count));
        }
        let key = public(&format!("{LEAF}{ENCRYPTED}"));
        assert!(key.is_encrypted());
        let broken = KEY.replacen('M', "*", 1);
        let why = public(&format!("{LEAF}{broken}")).public.unwrap_err();
        let line = LEAF.lines().count() + 1;
        assert!(why.to_string().contains(&format!("line {line} ")), "{why}");
    }
}
