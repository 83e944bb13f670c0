//! What a file means, told by its content.

use crate::cert::Certificate;
use crate::der;
use crate::key::{self, KeyError, KeyForm, PublicKey};
use crate::pem;
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

/// A file of certificates.
#[derive(Debug)]
pub struct CertificateFile {
    /// Those that could be read, in the order of the file.
    pub certificates: Vec<Certificate>,
    /// PEM blocks that are no readable certificate, with the reason.
    pub unreadable: Vec<String>,
    /// Whether it is bare DER, which no server of the stack reads.
    pub der: bool,
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
        let is_key = |block: &pem::Block| block.label.ends_with("PRIVATE KEY");
        let holds_both =
            blocks.iter().any(is_key) && blocks.iter().any(|b| is_certificate(&b.label));
        let (beside, others): (Vec<_>, Vec<_>) = blocks
            .into_iter()
            .partition(|b| is_key(b) || b.label.ends_with(" PARAMETERS"));
        drop(beside);
        holds_both.then(|| Self {
            marked: pem::is_marked(bytes),
            key: Some(KeyFile::of_bytes(bytes)),
            ..Self::from_pem(others)
        })
    }

    /// What it is where it is not PEM as every program reads it.
    pub fn not_pem(&self) -> Option<&'static str> {
        match self {
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
        if blocks.iter().any(|b| b.label.ends_with("PRIVATE KEY")) {
            return Self::key(bytes);
        }
        if blocks.iter().any(|b| is_certificate(&b.label)) {
            return Self::Certificates(CertificateFile {
                marked: pem::is_marked(bytes),
                ..CertificateFile::from_pem(blocks)
            });
        }
        if let Ok(certificate) = Certificate::from_der(bytes) {
            return Self::Certificates(CertificateFile {
                certificates: vec![certificate],
                unreadable: Vec::new(),
                der: true,
                marked: false,
                key: None,
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
    fn from_pem(blocks: Vec<pem::Block>) -> Self {
        let mut file = Self {
            certificates: Vec::new(),
            unreadable: Vec::new(),
            der: false,
            marked: false,
            key: None,
        };
        for (i, block) in blocks.into_iter().enumerate() {
            let read = match &block.der {
                _ if !is_certificate(&block.label) => Err(format!("a {} block", block.label)),
                Err(why) => Err(why.to_string()),
                Ok(der) => Certificate::from_der(der).map_err(|e| e.to_string()),
            };
            match read {
                Ok(certificate) => file.certificates.push(certificate),
                Err(why) => file.unreadable.push(format!("block {}: {why}", i + 1)),
            }
        }
        file
    }
}

fn is_certificate(label: &str) -> bool {
    matches!(
        label,
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE"
    )
}
