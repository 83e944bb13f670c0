//! Authorities.

use super::Judge;
use super::edge::refusals;
use crate::chain::{self, Anchor, ChainPolicy, Outcome};
use crate::clock::Timestamp;
use crate::model::path::TreePath;
use crate::renew::{Due, due};
use crate::report::{Finding, Locator, Report, Severity, rule};
use crate::stack::{Authority, Generation, Phase};

impl Judge<'_> {
    pub(super) fn authority(&self, authority: &Authority, report: &mut Report) {
        for generation in &authority.generations {
            report.extend(self.generation(authority, generation));
        }
    }

    fn generation(&self, authority: &Authority, generation: &Generation) -> Vec<Finding> {
        let at = || Locator::File(generation.certificate.as_path().to_owned());
        let inventory = self.inventory;
        let mut findings = Vec::new();
        let Some(ca) = inventory.leaf(&generation.certificate) else {
            let missing = inventory.is_missing(&generation.certificate);
            if let Some(issuer) = self.external_issuer(authority).filter(|_| missing) {
                return vec![
                    rule::AUTHORITY_WAITING
                        .at(at())
                        .found(inventory.unusable(&generation.certificate))
                        .expected(format!("a CA certificate signed by `{issuer}`"))
                        .fix(format!(
                            "have `{issuer}` sign it and put it at `{}`",
                            generation.certificate
                        )),
                ];
            }
            let rule = if missing {
                rule::AUTHORITY_MISSING
            } else {
                rule::AUTHORITY_UNREADABLE
            };
            return vec![
                rule.at(at())
                    .found(inventory.unusable(&generation.certificate))
                    .fix(match generation.key {
                        Some(_) if missing => "pki apply".to_owned(),
                        _ => format!("put the CA's certificate at `{}`", generation.certificate),
                    }),
            ];
        };
        if !ca.is_ca() {
            findings.push(
                rule::AUTHORITY_IS_NO_CA
                    .at(at())
                    .found(format!("{}, a leaf", ca.subject()))
                    .expected("BasicConstraints CA:TRUE")
                    .fix(format!(
                        "put the CA's own certificate at `{}`",
                        generation.certificate
                    )),
            );
            return findings;
        }
        if ca.is_self_issued() {
            let (anchors, policy) = ([Anchor::new(ca.clone())], ChainPolicy::strict(None));
            let outcome = chain::build(ca, &[], &anchors, &policy, self.now);
            findings.extend(for_strict(&outcome, at).into_iter().filter(|finding| {
                // The life of a certificate is told by `due` and `expired`.
                finding.rule != "expired" && finding.rule != "not-yet-valid"
            }));
        }
        let end = inventory.issuer_end(self.stack, authority);
        findings.extend(life(
            &due(ca.validity(), authority.renew, end, self.now),
            ca.validity().not_after,
            at(),
            self.now,
            &format!("pki renew authority.{}", authority.name),
        ));
        if generation.phase == Phase::Signing
            && let Some(key) = &generation.key
        {
            findings.extend(self.authority_key(authority, key, ca));
        }
        findings
    }

    fn authority_key(
        &self,
        authority: &Authority,
        path: &TreePath,
        ca: &crate::cert::Certificate,
    ) -> Vec<Finding> {
        let at = || Locator::File(path.as_path().to_owned());
        let backup = format!("restore `{path}` from your backup");
        if self.inventory.is_missing(path) {
            return vec![rule::AUTHORITY_KEY_MISSING.at(at()).fix(backup)];
        }
        let mut findings = Vec::new();
        match self.inventory.key(path) {
            Some(key) if key.is_encrypted() => {}
            Some(key) => match &key.public {
                Ok(public) if public != ca.public_key() => findings.push(
                    rule::AUTHORITY_KEY_MISMATCH
                        .at(at())
                        .found(format!("the key of another certificate than {}", ca.subject()))
                        .fix(backup),
                ),
                Ok(_) if authority.encrypted => findings.push(
                    rule::AUTHORITY_KEY_PLAIN.at(at()).fix(format!(
                        "openssl pkcs8 -topk8 -v2 aes-256-cbc -in {path} -out {path}.new && mv {path}.new {path}"
                    )),
                ),
                Ok(_) => {}
                Err(why) => findings.push(
                    rule::AUTHORITY_KEY_UNUSABLE
                        .at(at())
                        .found(why.to_string())
                        .fix(backup),
                ),
            },
            None => findings.push(
                rule::AUTHORITY_KEY_UNUSABLE
                    .at(at())
                    .found(self.inventory.unusable(path))
                    .fix(backup),
            ),
        }
        if let Some(item) = self.inventory.item(path)
            && item.record.bytes().is_some()
            && item.record.mode & 0o077 != 0
        {
            findings.push(
                rule::KEY_READABLE
                    .at(at())
                    .found(format!("mode {:04o}", item.record.mode))
                    .expected("mode 0600")
                    .fix(format!("chmod 600 {path}")),
            );
        }
        findings
    }
}

/// What strict clients alone refuse: a root that lacks what RFC 5280 asks of it.
pub(super) fn for_strict(outcome: &Outcome, at: impl Fn() -> Locator) -> Vec<Finding> {
    let findings = refusals(outcome, at).into_iter();
    findings
        .map(|mut finding| {
            finding.severity = Severity::Warning;
            finding.affects("Python 3.13 and OpenSSL with -x509_strict refuse it")
        })
        .collect()
}

/// Expired, due, or not valid yet.
pub(super) fn life(
    due: &Due,
    end: Timestamp,
    at: Locator,
    now: Timestamp,
    fix: &str,
) -> Option<Finding> {
    let days =
        |from: Timestamp, to: Timestamp| (to.unix() - from.unix()) / crate::model::validity::DAY;
    match due {
        Due::Fresh { .. } => None,
        Due::Due { .. } => Some(
            rule::DUE
                .at(at)
                .found(format!("ends {}, in {} days", end.date(), days(now, end)))
                .fix(fix),
        ),
        Due::Expired { since } => Some(
            rule::EXPIRED
                .at(at)
                .found(format!("ended {since}, {} days ago", days(*since, now)))
                .fix(fix),
        ),
        Due::NotYet { from } => Some(
            rule::NOT_YET_VALID
                .at(at)
                .found(format!("starts {from}, and it is {now}"))
                .fix("check this machine's clock: `date -u`"),
        ),
    }
}
