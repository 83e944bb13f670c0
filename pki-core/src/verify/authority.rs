//! Authorities.

use super::Judge;
use super::why::{Asked, Given};
use crate::authority::{
    Standing, differs, external_issuer, not_below, other_profile, renewal, waiting_for_profile,
};
use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy};
use crate::clock::Timestamp;
use crate::inventory::KeyFile;
use crate::model::path::TreePath;
use crate::reason::Reason;
use crate::renew::{Due, due, not_yet_valid};
use crate::report::{Finding, Locator, Report, Severity, rule, shell};
use crate::stack::{Authority, Generation, Origin, Phase};

impl Judge<'_> {
    pub(super) fn authority(&self, authority: &Authority, report: &mut Report) {
        for generation in &authority.generations {
            report.extend(self.generation(authority, generation));
        }
    }

    fn generation(&self, authority: &Authority, generation: &Generation) -> Vec<Finding> {
        let at = || Locator::File(generation.certificate.as_path().to_owned());
        let mut findings = Vec::new();
        let ca = match Standing::of(authority, generation, self.stack, self.inventory) {
            Standing::Sound(ca) => ca,
            Standing::Keyless(ca, finding) => {
                findings.push(self.keyless(authority, *finding));
                ca
            }
            Standing::New => {
                return vec![
                    rule::AUTHORITY_MISSING
                        .at(at())
                        .found(self.inventory.unusable(&generation.certificate))
                        .fix("pki apply"),
                ];
            }
            Standing::Waiting(finding) | Standing::Broken(finding) => return vec![*finding],
        };
        let all = self.inventory.vouching(generation);
        let count = all.len();
        for ca in all.into_iter().filter(|ca| ca.is_self_issued()) {
            let (anchors, policy) = ([Anchor::new(ca.clone())], ChainPolicy::strict(None));
            let outcome = chain::build(ca, &[], &anchors, &policy, self.now);
            let file = &generation.certificate;
            let anchor = |_| self.place_of(ca);
            let given = Given::new(file.as_path(), count, Some(file.as_path()), anchor);
            let asked = Asked::of_file(file.as_path(), None, given);
            let told = self.why.for_strict(&outcome, &asked).into_iter();
            findings.extend(told.filter(|finding| {
                // The life of a certificate is told by `due` and `expired`.
                finding.rule != "expired" && finding.rule != "not-yet-valid"
            }));
        }
        let place = &generation.certificate;
        if generation.phase == Phase::Signing {
            let not = not_below(authority, generation, ca, self.stack, self.inventory);
            findings.extend(not.map(|not| not.finding));
        }
        findings.extend(self.surplus(generation));
        let end = self.inventory.issuer_end(self.stack, authority);
        findings.extend(life(
            &due(ca.validity(), authority.renew, end, self.now),
            ca.validity().not_after,
            at(),
            self.now,
            &renewal(authority, place, ca, self.stack, self.inventory, self.now),
        ));
        if generation.phase == Phase::Signing
            && let Some(key) = &generation.key
        {
            findings.extend(differs(authority, place, ca, self.inventory));
            findings.extend(self.authority_key(authority, key));
            if findings.iter().all(|f| f.severity < Severity::Warning) {
                findings.extend(self.profile(authority, generation, ca));
            }
        }
        findings
    }

    /// What `plan` would do something about and no rule has told: nobody is
    /// hurt today.
    fn profile(
        &self,
        authority: &Authority,
        generation: &Generation,
        ca: &Certificate,
    ) -> Option<Finding> {
        let other = other_profile(authority, ca)?;
        if let Some(issuer) = external_issuer(authority, self.stack) {
            let inventory = self.inventory;
            let finding = waiting_for_profile(authority, issuer, generation, ca, &other, inventory);
            return Some(finding);
        }
        let why = Reason::Profile(other.to_string()).to_string();
        // Who made one elsewhere knows what belongs in it.
        self.inventory.issued().contains(ca).then(|| {
            rule::MANIFEST_DIFFERS
                .at(Locator::File(generation.certificate.as_path().to_owned()))
                .found(why)
                .fix("pki apply")
        })
    }

    /// Certificates in the file of a CA of ours that do not belong there.
    fn surplus(&self, generation: &Generation) -> Option<Finding> {
        let all = self.inventory.certificates(&generation.certificate);
        let known = self.inventory.vouching(generation);
        let other = all.iter().find(|ca| !known.contains(ca))?;
        Some(
            rule::AUTHORITY_SURPLUS
                .at(Locator::File(generation.certificate.as_path().to_owned()))
                .found(other.subject().to_string())
                .expected("the CA's certificate, and those of the CAs above it")
                .fix(format!("take it out of {}", generation.certificate)),
        )
    }

    /// A root whose key is kept elsewhere, with an intermediate that signs, is
    /// as it should be.
    fn keyless(&self, authority: &Authority, mut finding: Finding) -> Finding {
        let signs_pairs = self
            .stack
            .pairs()
            .any(|p| p.issuer() == Some(&authority.name));
        let mut below = self.stack.authorities.iter().filter(|below| {
            let by = matches!(&below.origin, Origin::Issuer(i) if *i == authority.name);
            by && self.inventory.authority(self.stack, &below.name).is_some()
        });
        if finding.rule == rule::AUTHORITY_KEY_MISSING.id && !signs_pairs && below.next().is_some()
        {
            finding.severity = Severity::Info;
            finding.fix = Some("nothing, until it is to sign something: then bring its key".into());
        }
        finding
    }

    /// What the key file of a CA looks like to others.
    fn authority_key(&self, authority: &Authority, path: &TreePath) -> Vec<Finding> {
        let at = || Locator::File(path.as_path().to_owned());
        let mut findings = Vec::new();
        let word = shell::path(path.as_path());
        let new = shell::word(&format!("{path}.new")).into_owned();
        let plain = |key: &KeyFile| key.public.is_ok() && !key.is_encrypted();
        if authority.encrypted && self.inventory.key(path).is_some_and(plain) {
            findings.push(rule::AUTHORITY_KEY_PLAIN.at(at()).fix(format!(
                "openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 600000 -in {word} -out {new} && mv {new} {word}"
            )));
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
                    .fix(format!("chmod 600 {word}")),
            );
        }
        let record = self.inventory.item(path).map(|item| &item.record);
        let let_in = record.and_then(|record| crate::reason::let_in(path, record));
        findings.extend(let_in.map(|f| f.fix(format!("setfacl -b {word} && chmod 600 {word}"))));
        findings
    }
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
        Due::NotYet { from } => Some(not_yet_valid(at, *from, now, fix)),
    }
}
