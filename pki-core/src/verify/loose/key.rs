//! The key file that is named, and the life of what is signed.

use std::path::Path;

use super::Judge;
use crate::cert::Certificate;
use crate::chain::Anchor;
use crate::inspect::refusals;
use crate::key::PublicKey;
use crate::report::{Finding, Locator, Severity, rule, shell};
use crate::verify::pair::outlives;

impl Judge<'_> {
    /// A key file that some programs do not load for its form alone. A warning:
    /// nobody says which program it is for.
    pub(super) fn key_file(&self) -> Option<Finding> {
        let (path, _) = self.by.key.as_ref()?;
        let form = self.by.key_form.as_ref()?;
        let surplus = form.surplus()?;
        let mut finding = rule::KEY_FORM
            .at(Locator::File((*path).to_owned()))
            .weighing(Severity::Warning)
            .found(surplus)
            .expected("one PEM block and nothing after it");
        for refusal in refusals(form) {
            finding = finding.affects(format!("{}: \"{}\"", refusal.programs, refusal.words));
        }
        let path = shell::path(path);
        Some(finding.fix(format!(
            "openssl pkcs8 -topk8 -nocrypt -in {path} -out {path}.new && mv {path}.new {path}"
        )))
    }

    /// Another key than the leaf's; of a CA it is worse than a mistake.
    pub(super) fn mismatch(
        &self,
        file: &Path,
        key: &PublicKey,
        leaf: &Certificate,
        above: &[Certificate],
        at: Locator,
    ) -> Finding {
        let anchors = self.anchors.iter().map(Anchor::certificate);
        let mut cas = above.iter().chain(anchors);
        let ca = cas.find(|ca| ca.public_key() == key);
        let shown = file.display();
        let finding = rule::KEY_MISMATCH
            .at(at)
            .expected(format!("the key of {}", leaf.subject()));
        match ca {
            Some(ca) => finding
                .found(format!("{shown} is the key of the CA {}", ca.subject()))
                .affects("who has that key can vouch for any name: keep it off servers")
                .fix(format!("name the key that {} was issued for", leaf.subject())),
            None => finding.found(format!("{shown} is another key")).fix(
                "name the key that it was issued for: `pki inspect FILE …` says which keys and certificates belong together",
            ),
        }
    }

    /// A certificate that ends after the one that signed it: with that one every
    /// chain over it ends (RFC 5280 6.1.3(a)(2)).
    pub(super) fn outlived(
        &self,
        leaf: &Certificate,
        above: &[Certificate],
        path: &Path,
    ) -> Option<Finding> {
        let anchors = self.anchors.iter().map(Anchor::certificate);
        let mut issuers = above.iter().chain(anchors);
        let issuer = issuers.find(|ca| *ca != leaf && leaf.is_signed_by(ca))?;
        let fix = format!(
            "renew {} with the same key, so that what it signed holds, or issue it for a shorter time",
            issuer.subject()
        );
        let finding = outlives(leaf, issuer, self.now)?;
        Some(finding.at_place(path).fix(fix))
    }
}
