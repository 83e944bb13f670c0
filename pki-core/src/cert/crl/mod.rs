//! Certificate revocation lists (RFC 5280 section 5): the DER as it came, and
//! what it says, parsed once.
//!
//! As with certificates, parsing judges nothing: what is odd about a list that
//! can still be read is kept as [`Fault`]s.

mod extensions;
mod file;
mod read;

pub use file::CrlFileError;

use super::extension::{AuthorityKeyId, Extension};
use super::fault::Fault;
use crate::clock::Timestamp;
use crate::der::DerError;
use crate::key::{self, PublicKey, SignatureFault};
use crate::model::dn::Dn;
use crate::model::serial::Serial;

/// Octets above this are not read as one CRL: three times the 4.9 MB to which
/// the largest public one grew after Heartbleed (`GlobalSign`, April 2014).
pub const MAX_OCTETS: usize = 16 << 20;

/// One CRL, version 1 or 2. Equal when the DER is.
#[derive(Clone, Debug)]
pub struct Crl {
    der: Vec<u8>,
    tbs: std::ops::Range<usize>,
    version: u32,
    issuer: Dn,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    /// Sorted by [`plain`] serial number.
    entries: Vec<Entry>,
    extensions: Vec<Extension>,
    known: Known,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    faults: Vec<Fault>,
}

/// What the extensions say, as far as it can be read.
#[derive(Clone, Debug, Default)]
struct Known {
    number: Option<Serial>,
    authority_key_id: Option<AuthorityKeyId>,
    scope: Option<Scope>,
    is_delta: bool,
    names_other_issuers: bool,
}

impl PartialEq for Crl {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Crl {}

/// One revoked certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// userCertificate, the serial number as it stands there.
    pub serial: Serial,
    /// revocationDate.
    pub date: Timestamp,
    /// reasonCode; `None` where absent, which means unspecified.
    pub reason: Option<Reason>,
}

/// Why a certificate was revoked (RFC 5280 5.3.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// 0
    Unspecified,
    /// 1
    KeyCompromise,
    /// 2
    CaCompromise,
    /// 3
    AffiliationChanged,
    /// 4
    Superseded,
    /// 5
    CessationOfOperation,
    /// 6: for now; it may be taken back.
    CertificateHold,
    /// 8: taken back, or expired since. Belongs in delta CRLs alone.
    RemoveFromCrl,
    /// 9
    PrivilegeWithdrawn,
    /// 10
    AaCompromise,
}

impl Reason {
    const ALL: [(u8, Self, &'static str); 10] = [
        (0, Self::Unspecified, "unspecified"),
        (1, Self::KeyCompromise, "keyCompromise"),
        (2, Self::CaCompromise, "cACompromise"),
        (3, Self::AffiliationChanged, "affiliationChanged"),
        (4, Self::Superseded, "superseded"),
        (5, Self::CessationOfOperation, "cessationOfOperation"),
        (6, Self::CertificateHold, "certificateHold"),
        (8, Self::RemoveFromCrl, "removeFromCRL"),
        (9, Self::PrivilegeWithdrawn, "privilegeWithdrawn"),
        (10, Self::AaCompromise, "aACompromise"),
    ];

    /// The reason of this `CRLReason`; 7 is not used, and above 10 is none.
    pub fn from_code(code: u8) -> Option<Self> {
        let row = Self::ALL.iter().find(|(number, ..)| *number == code);
        row.map(|(_, reason, _)| *reason)
    }

    /// As RFC 5280 5.3.1 spells it, `keyCompromise`.
    pub fn name(self) -> &'static str {
        let row = Self::ALL.iter().find(|(_, reason, _)| *reason == self);
        row.map_or("unspecified", |(.., name)| name)
    }
}

/// `IssuingDistributionPoint` (RFC 5280 5.2.5): what the list is about.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a field of its own in the extension"
)]
pub struct Scope {
    /// distributionPoint: one part of a list that is kept in parts.
    pub point: bool,
    /// onlyContainsUserCerts
    pub only_users: bool,
    /// onlyContainsCACerts
    pub only_authorities: bool,
    /// onlyContainsAttributeCerts
    pub only_attributes: bool,
    /// onlySomeReasons
    pub some_reasons: bool,
    /// indirectCRL: certificates of other issuers as well.
    pub indirect: bool,
}

/// Why octets are no CRL.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CrlError {
    /// Larger than [`MAX_OCTETS`].
    #[error("{0} octets, more than the limit of {MAX_OCTETS} for a CRL")]
    TooLarge(usize),
    /// Not the structure of RFC 5280 5.1 in DER; the text says where.
    #[error("no CRL: {0}")]
    Structure(String),
}

impl From<DerError> for CrlError {
    fn from(error: DerError) -> Self {
        Self::Structure(error.to_string())
    }
}

impl Crl {
    /// Reads one CRL from DER.
    ///
    /// Nothing is verified: not the signature, not the times, not one rule.
    ///
    /// # Errors
    /// When the octets are not one CRL and nothing else.
    pub fn from_der(octets: &[u8]) -> Result<Self, CrlError> {
        read::crl(octets)
    }

    /// The whole list.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What the signature covers (`TBSCertList`, DER).
    pub fn tbs(&self) -> &[u8] {
        &self.der[self.tbs.clone()]
    }

    /// 1 or 2.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Who signed it.
    pub fn issuer(&self) -> &Dn {
        &self.issuer
    }

    /// When it was made.
    pub fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// Until when the next one will have been made; `None` where it does not say.
    pub fn next_update(&self) -> Option<Timestamp> {
        self.next_update
    }

    /// cRLNumber, where present and readable.
    pub fn number(&self) -> Option<&Serial> {
        self.known.number.as_ref()
    }

    /// cRLNumber as people read it and OpenSSL prints it: decimal below 2^127,
    /// else hex after `0x`.
    pub fn number_text(&self) -> Option<String> {
        let number = self.number()?;
        let octets = plain(number.octets());
        let value = |octets: &[u8]| {
            let digits = octets.iter();
            digits.fold(0, |value: u128, octet| value << 8 | u128::from(*octet))
        };
        Some(match octets.len() {
            0..=16 => value(octets).to_string(),
            _ => format!("0x{number}"),
        })
    }

    /// AuthorityKeyIdentifier, where present and readable.
    pub fn authority_key_id(&self) -> Option<&AuthorityKeyId> {
        self.known.authority_key_id.as_ref()
    }

    /// `IssuingDistributionPoint`, where present and readable.
    pub fn scope(&self) -> Option<Scope> {
        self.known.scope
    }

    /// Whether it only tells what has changed since another list.
    pub fn is_delta(&self) -> bool {
        self.known.is_delta
    }

    /// Whether an entry names an issuer of its own, as those of an indirect
    /// CRL do.
    pub fn names_other_issuers(&self) -> bool {
        self.known.names_other_issuers
    }

    /// Every extension of the list in order, as it stands there.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// Every entry, by serial number.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries for this serial number; one, but for odd lists. Says nothing
    /// about whose the number is.
    pub fn entries_of(&self, serial: &Serial) -> &[Entry] {
        let wanted = plain(serial.octets());
        let from = self
            .entries
            .partition_point(|e| plain(e.serial.octets()) < wanted);
        let rest = &self.entries[from..];
        let count = rest.partition_point(|e| plain(e.serial.octets()) == wanted);
        &rest[..count]
    }

    /// The AlgorithmIdentifier of the signature (the outer one), DER.
    pub fn algorithm_identifier(&self) -> &[u8] {
        &self.algorithm
    }

    /// The signature's octets.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// What is odd about it, as far as one list alone can tell. Of what is odd
    /// about its entries the first of each kind.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether `key` made the signature; see [`key::verify`].
    ///
    /// # Errors
    /// Why the signature does not hold.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), SignatureFault> {
        key::verify(&self.algorithm, key, self.tbs(), &self.signature)
    }
}

/// The number without needless leading octets, so that one that a certificate
/// wrote at length is found all the same.
fn plain(mut integer: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = integer
        && let Some(second) = rest.first()
        && ((*first == 0 && *second < 0x80) || (*first == 0xff && *second >= 0x80))
    {
        integer = rest;
    }
    integer
}
