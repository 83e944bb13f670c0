//! What a client's trust file holds, read as the client reads it.

use super::Judge;
use super::edge::{ISSUER_NOT_FOUND, refusals};
use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy};
use crate::clock::Timestamp;
use crate::encode::pkcs12;
use crate::inventory::Material;
use crate::model::path::TreePath;
use crate::report::{Finding, Locator, Severity, rule};
use crate::role::TlsLibrary;
use crate::stack::OutputKind;

impl Judge<'_> {
    /// The CA certificates in a trust file on disk, or the finding that says
    /// why its reader sees none.
    pub(super) fn trusted_in(&self, path: &TreePath) -> Result<Vec<Certificate>, Box<Finding>> {
        let at = || Locator::File(path.as_path().to_owned());
        let output = self.stack.outputs.iter().find(|o| o.path == *path);
        let Some(item) = self.inventory.item(path).filter(|i| !i.record.is_missing()) else {
            return Err(rule::OUTPUT_MISSING.at(at()).fix("pki apply").into());
        };
        let certificates = match output.map(|o| &o.kind) {
            Some(OutputKind::Truststore { password, .. }) => {
                let bytes = item.record.bytes().unwrap_or_default();
                let store = pkcs12::read_store(bytes, password.as_deref()).map_err(|why| {
                    rule::TRUST_UNREADABLE
                        .at(at())
                        .found(why.to_string())
                        .expected("a Java truststore (PKCS#12)")
                        .fix("pki apply")
                })?;
                let parsed = store.entries.iter().filter(|entry| entry.trusted);
                parsed
                    .filter_map(|entry| Certificate::from_der(&entry.certificate_der).ok())
                    .collect()
            }
            _ => match &item.material {
                Material::Certificates(file) if !file.der => file.certificates.clone(),
                _ => {
                    return Err(rule::TRUST_UNREADABLE
                        .at(at())
                        .found(self.inventory.unusable(path))
                        .expected("CA certificates in PEM")
                        .fix("pki apply")
                        .into());
                }
            },
        };
        if certificates.is_empty() {
            return Err(rule::TRUST_EMPTY
                .at(at())
                .found("0 trusted certificates")
                .fix("pki apply")
                .into());
        }
        Ok(certificates)
    }

    /// What OpenSSL says of a trust file that accepts what a server sends, but
    /// through a CA whose own root is not in it. Python asks for the same up to
    /// 3.12; Go, Java and rustls take any trusted CA.
    pub(super) fn rootless(
        &self,
        trust: &TreePath,
        client: TlsLibrary,
        sent: &[Certificate],
        anchors: &[Anchor],
    ) -> Option<Finding> {
        let others = anchors.iter().map(Anchor::certificate);
        let lone = others.rev().find(|ca| !ca.is_self_issued())?;
        let who = match client {
            TlsLibrary::OpenSsl => "OpenSSL without -partial_chain",
            TlsLibrary::Python => "Python before 3.13",
            _ => return None,
        };
        let (leaf, above) = sent.split_first()?;
        let policy = ChainPolicy::strict(None).with_any_anchor();
        let at = || Locator::File(trust.as_path().to_owned());
        let mut refused = from_a_root(leaf, above, anchors, &policy, self.now, at).into_iter();
        let refused = refused.next()?;
        if refused.rule != ISSUER_NOT_FOUND {
            return Some(refused.affects(who));
        }
        let generations = self.stack.authorities.iter().flat_map(|a| &a.generations);
        let mut files = generations.map(|g| &g.certificate);
        let file = files.find(|file| self.inventory.certificates(file).contains(lone));
        let file = file.unwrap_or(trust);
        Some(
            rule::ANCHOR_NO_ROOT
                .at(at())
                .found(format!("{}, issued by {}", lone.subject(), lone.issuer()))
                .expected("the root beside it")
                .affects(format!("{who}: \"unable to get issuer certificate\""))
                .fix(format!(
                    "add the certificate of {} to {file}, then: pki apply",
                    lone.issuer()
                )),
        )
    }
}

/// What they find who go up to a certificate that signed itself, whatever else
/// is trusted: OpenSSL without `-partial_chain` and what rests on its defaults
/// (measured with OpenSSL 3.0.19 and Python 3.11; Python 3.13, curl 7.88, Go,
/// Java and rustls stop at whatever is trusted). Warnings, for others accept it.
pub(super) fn from_a_root(
    leaf: &Certificate,
    above: &[Certificate],
    anchors: &[Anchor],
    policy: &ChainPolicy,
    now: Timestamp,
    at: impl Fn() -> Locator,
) -> Vec<Finding> {
    let is_root = |anchor: &&Anchor| {
        let certificate = anchor.certificate();
        certificate.is_signed_by(certificate)
    };
    let (roots, others): (Vec<&Anchor>, Vec<&Anchor>) = anchors.iter().partition(is_root);
    let roots: Vec<Anchor> = roots.into_iter().cloned().collect();
    let others = others.into_iter().map(Anchor::certificate);
    let pool: Vec<Certificate> = above.iter().chain(others).cloned().collect();
    let refused = refusals(&chain::build(leaf, &pool, &roots, policy, now), at);
    refused
        .into_iter()
        .map(|finding| finding.weighing(Severity::Warning))
        .collect()
}
