//! From a file to the CRLs in it.

use super::{Crl, CrlError};
use crate::pem::{self, PemFault};

/// What RFC 7468 5 writes around a CRL.
const LABEL: &str = "X509 CRL";

/// Why a file gives no CRLs.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CrlFileError {
    /// Neither a PEM block of a CRL nor DER that is one; the text says why it is
    /// none.
    #[error("{0}")]
    None(CrlError),
    /// PEM without a block `X509 CRL`.
    #[error("no PEM block `{LABEL}`")]
    NoBlock,
    /// A block of the file does not decode.
    #[error("{0}")]
    Pem(PemFault),
    /// A block holds no CRL.
    #[error("the block at line {line}: {why}")]
    Block {
        /// The line of `BEGIN`, counted from 1.
        line: usize,
        /// Why not.
        why: CrlError,
    },
}

impl Crl {
    /// Reads the CRLs of a file, in order: every PEM block `X509 CRL` (RFC 7468
    /// 5), or one CRL in DER. Other blocks are passed over, as OpenSSL's
    /// `-CRLfile` does.
    ///
    /// Nothing is verified, see [`Self::from_der`]. The length of `octets` is not
    /// limited here.
    ///
    /// # Errors
    /// When there is none, or one that cannot be read: half of a file is not
    /// taken for the whole, for what is revoked may stand in the rest.
    pub fn of_file(octets: &[u8]) -> Result<Vec<Self>, CrlFileError> {
        let blocks = pem::blocks(octets).blocks;
        if blocks.is_empty() {
            let crl = Self::from_der(octets).map_err(CrlFileError::None)?;
            return Ok(vec![crl]);
        }
        let mut crls = Vec::new();
        for block in blocks {
            let too_many = matches!(block.der, Err(PemFault::TooMany { .. }));
            if block.label != LABEL && !too_many {
                continue;
            }
            let der = block.der.map_err(CrlFileError::Pem)?;
            let line = block.line;
            let crl = Self::from_der(&der).map_err(|why| CrlFileError::Block { line, why })?;
            crls.push(crl);
        }
        if crls.is_empty() {
            return Err(CrlFileError::NoBlock);
        }
        Ok(crls)
    }
}
