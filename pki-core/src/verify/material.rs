//! The files of a pair, as a program loads them.

use super::Judge;
use crate::cert::Certificate;
use crate::inspect;
use crate::inventory::Material;
use crate::key::{Encoding, KeyForm, PublicKey};
use crate::model::path::TreePath;
use crate::pem;
use crate::reason;
use crate::report::guide::{self, Client};
use crate::report::{Finding, Locator, rule};
use crate::stack::{Pair, Service};

impl Judge<'_> {
    /// Both files, as a program loads them.
    pub(super) fn pair_files(
        &self,
        pair: &Pair,
        service: &Service,
        leaf: Option<&Certificate>,
    ) -> Vec<Finding> {
        let mut findings = self.certificate_file(&pair.files.certificate);
        findings.extend(self.key_file(pair, service, leaf));
        findings
    }

    fn certificate_file(&self, path: &TreePath) -> Vec<Finding> {
        let at = || Locator::File(path.as_path().to_owned());
        let apply = "pki apply";
        if self.inventory.barred(path).is_some() {
            return Vec::new();
        }
        if self.inventory.is_missing(path) {
            return vec![rule::CERTIFICATE_MISSING.at(at()).fix(apply)];
        }
        match self.inventory.item(path).map(|item| &item.material) {
            Some(Material::Certificates(file)) if !file.unreadable.is_empty() => {
                let rule = if file.certificates.is_empty() {
                    rule::CERTIFICATE_UNREADABLE
                } else {
                    rule::CERTIFICATE_NOT_PEM
                };
                vec![rule.at(at()).found(file.unreadable.join("; ")).fix(apply)]
            }
            Some(Material::Certificates(file)) => {
                let odd = file.not_pem().into_iter();
                odd.map(|what| {
                    rule::CERTIFICATE_NOT_PEM
                        .at(at())
                        .found(what)
                        .expected("PEM")
                        .fix(apply)
                })
                .collect()
            }
            _ => vec![
                rule::CERTIFICATE_UNREADABLE
                    .at(at())
                    .found(self.inventory.unusable(path))
                    .fix(reason::anew(path, self.inventory)),
            ],
        }
    }

    fn key_file(&self, pair: &Pair, service: &Service, leaf: Option<&Certificate>) -> Vec<Finding> {
        let path = &pair.files.key;
        let at = || Locator::File(path.as_path().to_owned());
        if self.inventory.barred(path).is_some() {
            return Vec::new();
        }
        if self.inventory.is_missing(path) {
            return vec![rule::KEY_MISSING.at(at()).fix("pki apply")];
        }
        let Some(key) = self.inventory.key(path) else {
            return vec![
                rule::KEY_UNREADABLE
                    .at(at())
                    .found(self.inventory.unusable(path))
                    .fix(reason::anew(path, self.inventory)),
            ];
        };
        let mut findings = Vec::new();
        match &key.public {
            _ if key.is_encrypted() => findings.push(
                rule::KEY_ENCRYPTED
                    .at(at())
                    .found("an encrypted key")
                    .expected("an unencrypted PKCS#8 key, mode 0600")
                    .affects(match said(&key.form, service) {
                        Some(words) => format!("{}: \"{words}\"", service.name),
                        None => format!("{}: the service does not start", service.name),
                    })
                    .fix("pki apply"),
            ),
            Ok(public) if leaf.is_some_and(|leaf| leaf.public_key() != public) => {
                let words = match service.role.name.as_str() {
                    "minio" | "sidekick" => Some(Client::MinioLoads),
                    "kes" => Some(Client::KesLoads),
                    _ => None,
                };
                let mut finding = self.mismatch(pair, public);
                let words = words.and_then(|by| guide::find(finding.rule)?.words(by));
                let words = words.map(|words| format!("{}: \"{words}\"", service.name));
                finding.affects.extend(words);
                findings.push(finding);
            }
            Ok(_) => findings.extend(key_form(&key.form, service).map(|f| f.at_file(path))),
            Err(why) => findings.push(
                rule::KEY_UNREADABLE
                    .at(at())
                    .found(why.to_string())
                    .fix("pki apply"),
            ),
        }
        findings
    }

    /// "Different key", or "the leaf is not first".
    fn mismatch(&self, pair: &Pair, public: &PublicKey) -> Finding {
        let at = |path: &TreePath| Locator::File(path.as_path().to_owned());
        let certificates = self.inventory.certificates(&pair.files.certificate);
        let later = certificates
            .iter()
            .position(|c| c.public_key() == public)
            .filter(|i| *i > 0);
        match later {
            Some(i) => rule::CHAIN_ORDER
                .at(at(&pair.files.certificate))
                .found(format!("the leaf is certificate {} of the file", i + 1))
                .expected("the leaf first, then its issuers"),
            None => rule::KEY_MISMATCH.at(at(&pair.files.key)).found(format!(
                "{}, not the one certified in {}",
                self.whose(public, pair).map_or_else(
                    || "another key".to_owned(),
                    |other| format!("the key of {other}")
                ),
                pair.files.certificate
            )),
        }
        .fix("pki apply")
    }
}

impl Judge<'_> {
    /// The file of another pair or of an authority that this key is for.
    fn whose(&self, public: &PublicKey, pair: &Pair) -> Option<&TreePath> {
        let pairs = self.stack.pairs().filter(|other| other.id != pair.id);
        let pairs = pairs.map(|other| &other.files.certificate);
        let generations = self.stack.authorities.iter().flat_map(|a| &a.generations);
        let mut files = pairs.chain(generations.map(|g| &g.certificate));
        files.find(|file| {
            let leaf = self.inventory.leaf(file);
            leaf.is_some_and(|leaf| leaf.public_key() == public)
        })
    }
}

/// What the service's program says of a key file in this form.
fn said(form: &KeyForm, service: &Service) -> Option<&'static str> {
    let program = match service.role.name.as_str() {
        "minio" => "MinIO",
        "sidekick" => "Sidekick",
        "kes" => "KES",
        _ => return None,
    };
    let mut refusals = inspect::refusals(form).into_iter();
    let refusal = refusals.find(|refusal| refusal.programs.split(", ").any(|p| p == program));
    refusal.map(|refusal| refusal.words)
}

/// One PEM block and nothing after it: what MinIO, Sidekick and KES read.
fn key_form(form: &KeyForm, service: &Service) -> Option<Finding> {
    let not_pem = match form.encoding {
        Encoding::Der => Some("DER"),
        _ => form.marked.then_some(pem::MARKED),
    };
    if let Some(what) = not_pem {
        return Some(
            rule::KEY_NOT_PEM
                .at(Locator::Tree)
                .found(what)
                .expected("PEM")
                .fix("pki apply"),
        );
    }
    let surplus = form.surplus()?;
    Some(
        rule::KEY_FORM
            .at(Locator::Tree)
            .found(surplus)
            .expected("one PEM block and nothing after it")
            .affects(match said(form, service) {
                Some(words) => format!("{} ({}): \"{words}\"", service.name, service.role.name),
                None => format!("{} ({})", service.name, service.role.name),
            })
            .fix("pki apply"),
    )
}

impl Finding {
    fn at_file(mut self, path: &TreePath) -> Self {
        self.at = Locator::File(path.as_path().to_owned());
        self
    }
}
