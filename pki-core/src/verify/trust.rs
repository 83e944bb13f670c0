//! What a client's trust file holds, read as the client reads it.

use super::Judge;
use crate::cert::Certificate;
use crate::encode::pkcs12;
use crate::inventory::Material;
use crate::model::path::TreePath;
use crate::report::{Finding, Locator, rule};
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
}
