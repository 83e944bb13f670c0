//! Issuing: a request and an issuer in, a certificate out. Pure: time and
//! serial numbers are arguments.
//!
//! What comes out is not judged here; whoever writes it to its place first has
//! it verified by `chain`, which starts from the finished DER.

mod encode;
mod issuer;
mod request;
mod serials;

pub use issuer::{Issuer, IssuerError};
pub use request::{Request, RequestError};
pub use serials::RandomSerials;

use crate::cert::{CertError, Certificate, CertificateRequest};
use crate::clock::Timestamp;
use crate::error::Error;
use crate::key::{KeyError, Signer};
use crate::model::dn::DnCompare;
use crate::model::profile::Profile;
use crate::model::serial::Serial;
use crate::model::validity::{DAY, Validity};

/// notBefore lies this many seconds back, for clocks that are slow.
pub const BACKDATE: i64 = 5 * 60;

/// A certificate that is never signed for less than this many seconds.
const SHORTEST: i64 = DAY;

/// A new certificate.
#[derive(Debug)]
pub struct Issued {
    /// The certificate.
    pub certificate: Certificate,
    /// The end that the request asked for, where the issuer ends before it.
    pub clamped: Option<Timestamp>,
}

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The issuer's certificate does not hold now.
    #[error("the issuer `{subject}` is valid from {} to {} only", validity.not_before, validity.not_after)]
    IssuerTime {
        /// The issuer's subject.
        subject: String,
        /// Its validity.
        validity: Validity,
    },
    /// The issuer ends in less than a day.
    #[error("the issuer `{subject}` ends on {end}, in less than a day")]
    IssuerEnds {
        /// The issuer's subject.
        subject: String,
        /// Its notAfter.
        end: Timestamp,
    },
    /// The subject is the issuer's own: OpenSSL would take the leaf for
    /// self-signed (error 18).
    #[error("the subject `{0}` is the issuer's own")]
    SubjectIsIssuer(String),
    /// The issuer's pathLenConstraint is 0: no CA below it is ever accepted
    /// (RFC 5280 4.2.1.9).
    #[error("the CA certificate `{0}` may have no CA below it: its pathLenConstraint is 0")]
    NoCaBelow(String),
    /// The key did not sign.
    #[error("signing failed: {0}")]
    Sign(#[from] KeyError),
    /// The writer refused the parameters.
    #[error("encoding failed: {0}")]
    Encode(String),
    /// What was written cannot be read back.
    #[error("the new certificate cannot be read: {0}")]
    Unreadable(#[from] CertError),
    /// What was written is not what was asked for.
    #[error("the new certificate has another {0} than asked for")]
    Altered(&'static str),
}

impl IssueError {
    /// The error where an authority of a manifest signs, by its name there.
    pub fn of_authority(self, name: &str) -> Error {
        let renew = matches!(self, Self::IssuerEnds { .. });
        let out = Error::from(self);
        if renew {
            out.hint(format!(
                "renew the authority first: `pki renew authority.{name}`"
            ))
        } else {
            out
        }
    }
}

impl From<IssueError> for Error {
    fn from(error: IssueError) -> Self {
        let out = Self::usage(error.to_string());
        match error {
            IssueError::IssuerTime { .. } => out.hint(
                "check this machine's clock (`date -u`); an expired authority is replaced, not renewed by its leaves",
            ),
            IssueError::IssuerEnds { .. } => {
                out.hint("renew the CA that signs first, where it was issued")
            }
            IssueError::SubjectIsIssuer(_) => {
                out.hint("give one of them another `subject` in pki.toml")
            }
            IssueError::NoCaBelow(_) => out.hint(
                "let a CA above it sign, or make it anew with room for one more below: `pathlen:1` in its basicConstraints",
            ),
            _ => out,
        }
    }
}

/// Issues a certificate.
///
/// It starts [`BACKDATE`] before `now` but never before its issuer does, and
/// never ends after its issuer does (RFC 5280 6.1.3 (a)(2) would refuse it
/// then). Issuer and subject keep the octets they came in.
///
/// Does not check names against the issuer's constraints, nor path lengths
/// further up: the verifying side does, on the result.
///
/// # Errors
/// See [`IssueError`].
pub fn issue(
    request: &Request,
    issuer: &Issuer<'_>,
    now: Timestamp,
    serial: &Serial,
) -> Result<Issued, IssueError> {
    let ca = issuer.certificate();
    let subject = || ca.subject().to_string();
    if !ca.validity().contains(now) {
        return Err(IssueError::IssuerTime {
            subject: subject(),
            validity: *ca.validity(),
        });
    }
    let end = ca.validity().not_after;
    if end.unix() - now.unix() < SHORTEST {
        return Err(IssueError::IssuerEnds {
            subject: subject(),
            end,
        });
    }
    if request.subject().equals(ca.subject(), DnCompare::OpenSsl) {
        return Err(IssueError::SubjectIsIssuer(subject()));
    }
    let length = ca.basic_constraints().and_then(|b| b.path_length);
    if request.profile() == Profile::Authority && length == Some(0) {
        return Err(IssueError::NoCaBelow(subject()));
    }
    let wanted = now.plus_seconds(request.lifetime().seconds());
    let validity = Validity {
        not_before: now.plus_seconds(-BACKDATE).max(ca.validity().not_before),
        not_after: wanted.min(end),
    };
    let key_id = issuer.key_id();
    let certificate = sign(
        request,
        ca.subject().raw(),
        &key_id,
        validity,
        serial,
        issuer.signer(),
    )?;
    Ok(Issued {
        certificate,
        clamped: (wanted > end).then_some(wanted),
    })
}

/// Makes a root: an authority's certificate signed by its own key.
///
/// # Errors
/// See [`IssueError`].
pub fn self_sign(
    request: &Request,
    signer: &dyn Signer,
    now: Timestamp,
    serial: &Serial,
) -> Result<Certificate, IssueError> {
    let validity = Validity {
        not_before: now.plus_seconds(-BACKDATE),
        not_after: now.plus_seconds(request.lifetime().seconds()),
    };
    let key_id = request.key_id();
    sign(
        request,
        request.subject().raw(),
        &key_id,
        validity,
        serial,
        signer,
    )
}

/// Asks a CA elsewhere for what `request` says: PKCS#10 in DER (RFC 2986),
/// signed with the key that is to be certified.
///
/// The lifetime is not part of it: that CA decides.
///
/// # Errors
/// See [`IssueError`].
pub fn ask(request: &Request, signer: &dyn Signer) -> Result<Vec<u8>, IssueError> {
    let info = encode::request_info(request)?;
    let signature = signer.sign(&info)?;
    let der = encode::signed(&info, signer.algorithm(), &signature);
    let read = CertificateRequest::from_der(&der)?;
    if read.subject().raw() != request.subject().raw() {
        return Err(IssueError::Altered("subject"));
    }
    if read.verify().is_err() {
        return Err(IssueError::Altered("public key"));
    }
    Ok(der)
}

fn sign(
    request: &Request,
    issuer_dn: &[u8],
    issuer_key_id: &[u8],
    validity: Validity,
    serial: &Serial,
    signer: &dyn Signer,
) -> Result<Certificate, IssueError> {
    let tbs = encode::tbs(&encode::Parts {
        request,
        issuer_dn,
        issuer_key_id,
        validity,
        serial,
        algorithm: signer.algorithm(),
    })?;
    let signature = signer.sign(&tbs)?;
    let der = encode::signed(&tbs, signer.algorithm(), &signature);
    let certificate = Certificate::from_der(&der)?;
    // What went in octet by octet must have come out so.
    for (what, same) in [
        ("issuer", certificate.issuer().raw() == issuer_dn),
        (
            "subject",
            certificate.subject().raw() == request.subject().raw(),
        ),
        (
            "public key",
            certificate.public_key() == request.public_key(),
        ),
        ("serial number", certificate.serial() == serial),
        ("validity", *certificate.validity() == validity),
    ] {
        if !same {
            return Err(IssueError::Altered(what));
        }
    }
    Ok(certificate)
}

#[cfg(test)]
mod tests;
