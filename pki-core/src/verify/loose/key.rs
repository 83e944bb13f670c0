//! The key file that is named, and the life of what is signed.

use std::path::{Path, PathBuf};

use super::{Judge, certificates};
use crate::cert::Certificate;
use crate::chain::Anchor;
use crate::inspect::{Refusal, refusals};
use crate::inventory::{CertificateFile, KeyFile};
use crate::key::{Encoding, KeyError, KeyForm, PublicKey};
use crate::pem;
use crate::report::{Finding, Locator, Severity, rule, shell};
use crate::verify::pair::outlives;
use crate::verify::untold::key_untold;

impl Judge<'_> {
    /// What is odd about the keys, whether they fit or not.
    pub(super) fn key_file(&self) -> Vec<Finding> {
        let own = self.files.iter().flat_map(|path| self.own_key(path));
        self.named_key().into_iter().chain(own).collect()
    }

    /// The private key that stands beside certificates: one that cannot be used, and
    /// one of several.
    fn own_key(&self, path: &Path) -> Vec<Finding> {
        let file = certificates(self.inventory.item_at(path));
        let (Some(key), Some(leaf)) = (
            file.and_then(|file| file.key.as_ref()),
            file.and_then(|file| file.certificates.first()),
        ) else {
            return Vec::new();
        };
        let mut findings = Vec::new();
        findings.extend(match &key.public {
            _ if key.is_encrypted() => Some(encrypted(path, &key.form, leaf)),
            Err(why @ KeyError::Unsupported { .. }) => Some(key_untold(path, path, why)),
            Err(why) => Some(
                rule::KEY_UNREADABLE
                    .at(Locator::File(path.to_owned()))
                    .found(why.to_string())
                    .expected(format!("the key of {}", leaf.subject()))
                    .fix(format!(
                        "put the key that {} was issued for into {} again",
                        leaf.subject(),
                        shell::path(path)
                    )),
            ),
            Ok(_) => None,
        });
        if key.count() > 1 {
            findings.push(
                rule::KEY_FORM
                    .at(Locator::File(path.to_owned()))
                    .weighing(Severity::Warning)
                    .found(format!("{} private keys: the first is judged", key.count()))
                    .expected("one private key")
                    .affects("OpenSSL, HAProxy, nginx: the first is loaded, whatever it is for")
                    .fix(format!(
                        "keep the key of {} alone in {}",
                        leaf.subject(),
                        shell::path(path)
                    )),
            );
        }
        findings
    }

    /// A key file that some programs do not load for its form alone. A warning:
    /// nobody says which program it is for.
    fn named_key(&self) -> Option<Finding> {
        let (path, _) = self
            .by
            .key
            .as_ref()
            .filter(|(path, _)| !self.is_beside(path))?;
        let form = self.by.key_form.as_ref()?;
        if let Some(finding) = not_pem(path, form) {
            return Some(finding);
        }
        let surplus = form.surplus()?;
        let mut finding = rule::KEY_FORM
            .at(Locator::File((*path).to_owned()))
            .weighing(Severity::Warning)
            .found(surplus)
            .expected("one PEM block and nothing after it");
        for refusal in refusals(form) {
            finding = finding.affects(format!("{}: \"{}\"", refusal.programs, refusal.words));
        }
        // What stands beside a key may be needed: only its other forms are replaced.
        let others = form.labels.iter();
        let mut others =
            others.filter(|l| !l.ends_with("PRIVATE KEY") && !l.ends_with(" PARAMETERS"));
        let with = |end: &str| shell::word(&format!("{}.{end}", path.display())).into_owned();
        let (new, apart, path) = (with("new"), with("key"), shell::path(path));
        Some(finding.fix(match others.next() {
            Some(_) => format!("openssl pkey -in {path} -out {apart}, and have programs read that"),
            None => {
                format!("openssl pkcs8 -topk8 -nocrypt -in {path} -out {new} && mv {new} {path}")
            }
        }))
    }

    fn keys_in(&self, path: &Path) -> usize {
        let file = certificates(self.inventory.item_at(path));
        let key = file.and_then(|file| file.key.as_ref());
        key.map_or(0, KeyFile::count)
    }

    /// Whether a key file is one of those that are judged: the certificates stand
    /// in it by intention.
    fn is_beside(&self, path: &Path) -> bool {
        let holds_it = |file: &&PathBuf| file.as_path() == path;
        self.files.iter().any(|file| holds_it(&file))
    }

    /// The key that a file's first certificate should have: the one that is
    /// named, of the first file, else the one that stands in the file itself.
    pub(super) fn key_for<'k>(
        &'k self,
        path: &'k Path,
        file: &'k CertificateFile,
        first: bool,
    ) -> Option<(&'k Path, &'k PublicKey)> {
        let named = self.by.key.as_ref().filter(|_| first);
        let named = named.map(|(path, key)| (*path, key));
        let own = || Some((path, file.key.as_ref()?.public.as_ref().ok()?));
        named.or_else(own)
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
            // The key that stands in the file.
            None if finding.at == Locator::File(file.to_owned()) => finding
                .found(if self.keys_in(file) > 1 {
                    "the first of its private keys is another one"
                } else {
                    "its private key is another one"
                })
                .fix(format!(
                    "put the key that {} was issued for into {shown}: `pki inspect FILE …` says which",
                    leaf.subject()
                )),
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

/// A key beside its certificate that needs a passphrase: nothing of it is told
/// without.
fn encrypted(path: &Path, form: &KeyForm, leaf: &Certificate) -> Finding {
    let finding = rule::KEY_ENCRYPTED
        .at(Locator::File(path.to_owned()))
        .found(format!(
            "an encrypted key: whether it is that of {} is not told",
            leaf.subject()
        ))
        .expected("an unencrypted key, mode 0600");
    let said = |refusal: Refusal| format!("{}: \"{}\"", refusal.programs, refusal.words);
    let refusals = refusals(form).into_iter().map(said);
    let plain = shell::word(&format!("{}.key", path.display())).into_owned();
    refusals.fold(finding, Finding::affects).fix(format!(
        "openssl pkey -in {} -out {plain}, and put that in its place",
        shell::path(path)
    ))
}

/// A key that programs which read PEM do not see. A warning, as above.
fn not_pem(path: &Path, form: &KeyForm) -> Option<Finding> {
    let new = shell::word(&format!("{}.pem", path.display())).into_owned();
    let file = shell::path(path);
    let (what, fix) = match form.encoding {
        Encoding::Der => (
            "DER",
            format!("openssl pkey -inform DER -in {file} -out {new}"),
        ),
        _ if form.marked => (
            pem::MARKED,
            format!("(umask 077; tail -c +4 {file} >{new})"),
        ),
        _ => return None,
    };
    Some(
        rule::KEY_NOT_PEM
            .at(Locator::File(path.to_owned()))
            .weighing(Severity::Warning)
            .found(what)
            .expected("PEM")
            .affects("servers that read PEM: Go, MinIO, nginx, HAProxy")
            .fix(fix),
    )
}
