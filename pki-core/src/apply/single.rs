//! One pair without a manifest.

use super::check;
use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy};
use crate::clock::Timestamp;
use crate::encode::bundle::bundle;
use crate::error::{Error, Result};
use crate::issue::{self, Issuer, Request};
use crate::key::PrivateKey;
use crate::model::serial::Serial;
use crate::secret::Secret;

/// A new pair, as the files to write.
#[derive(Debug)]
pub struct Single {
    /// The certificate.
    pub certificate: Certificate,
    /// The leaf, then its issuers without a root; PEM.
    pub chain: String,
    /// The private key: PKCS#8, PEM.
    pub key: Secret,
    /// The end that was asked for, where the issuer ends before it.
    pub clamped: Option<Timestamp>,
}

/// Issues for `key` what `request` asks for, with the first certificate of
/// `issuers` and its key; what follows are the issuers of the first. Without
/// any issuer the result signs itself.
///
/// # Errors
/// When the issuer's key is another, the issuer does not hold now, or the
/// result does not verify up to the last of `issuers`.
pub fn single(
    request: &Request,
    key: &PrivateKey,
    issuers: &[Certificate],
    issuer_key: Option<&PrivateKey>,
    now: Timestamp,
    serial: &Serial,
) -> Result<Single> {
    let (certificate, clamped) = match (issuers.first(), issuer_key) {
        (Some(ca), Some(signer)) => {
            let issued = issue::issue(request, &Issuer::new(ca, signer)?, now, serial)?;
            (issued.certificate, issued.clamped)
        }
        _ => (issue::self_sign(request, key, now, serial)?, None),
    };
    let anchor = issuers.last().unwrap_or(&certificate).clone();
    let purposes = request.profile().rules().purposes;
    let purposes: Vec<_> = match purposes {
        [] => vec![None],
        some => some.iter().cloned().map(Some).collect(),
    };
    for purpose in purposes {
        let policy = ChainPolicy::strict(purpose).with_any_anchor();
        let anchors = [Anchor::new(anchor.clone())];
        check::accepted(&chain::build(&certificate, issuers, &anchors, &policy, now))?;
    }
    if certificate.public_key() != key.public() {
        return Err(Error::usage("the new certificate is for another key"));
    }
    let mut ders = vec![certificate.der()];
    ders.extend(
        issuers
            .iter()
            .filter(|ca| !ca.is_self_issued())
            .map(Certificate::der),
    );
    Ok(Single {
        chain: bundle(&ders),
        key: key.to_pem(),
        clamped,
        certificate,
    })
}
