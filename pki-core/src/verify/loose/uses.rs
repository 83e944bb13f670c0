//! What a certificate is used for: as it is asked, else as it says itself.

use std::path::Path;

use super::Judge;
use super::lists::with_option;
use crate::cert::Certificate;
use crate::chain::{self, ChainPolicy, Outcome, Revocation};
use crate::consumer::CONSUMERS;
use crate::model::san::San;
use crate::model::usage::Purpose;
use crate::model::validity::{DAY, Lifetime};
use crate::report::consumer::{refused_by_some, too_long_for_apple};
use crate::report::{Finding, Locator, Severity, rule};
use crate::verify::handshake::unsigned;
use crate::verify::heard::Heard;
use crate::verify::pair::lacks_signature;
use crate::verify::why::{Asked, also_strict};

/// The uses that are judged: what is asked; else both of TLS as far as the
/// ExtendedKeyUsage allows (without one: both). `None` where there is no such
/// use, as of a CA.
pub(super) fn uses(leaf: &Certificate, asked: Option<&Purpose>) -> Vec<Option<Purpose>> {
    if asked.is_some() {
        return vec![asked.cloned()];
    }
    let claims = |purpose: &Purpose| {
        let of = leaf.purposes();
        of.is_none_or(|of| of.contains(purpose) || of.contains(&Purpose::Any))
    };
    let tls = [Purpose::ServerAuth, Purpose::ClientAuth];
    let uses: Vec<_> = tls.into_iter().filter(claims).map(Some).collect();
    if leaf.is_ca() || uses.is_empty() {
        vec![None]
    } else {
        uses
    }
}

/// The word for a use, as `--purpose` has it.
fn word(purpose: Option<&Purpose>) -> &'static str {
    match purpose {
        Some(Purpose::ServerAuth) => "server",
        _ => "client",
    }
}

impl Judge<'_> {
    /// Up to the CA, for each use.
    pub(super) fn uses(
        &self,
        leaf: &Certificate,
        above: &[Certificate],
        path: &Path,
    ) -> Vec<Finding> {
        let at = || Locator::File(path.to_owned());
        let uses = uses(leaf, self.by.purpose.as_ref());
        let told: Vec<Vec<Finding>> = uses
            .iter()
            .map(|purpose| self.for_use(leaf, above, purpose.as_ref(), path))
            .collect();
        let is_good = |told: &Vec<Finding>| !told.iter().any(|f| f.severity == Severity::Error);
        let good = told.iter().position(is_good);
        let mut findings: Vec<Finding> = Vec::new();
        for (purpose, of_use) in uses.iter().zip(&told) {
            for finding in of_use {
                let everywhere = told.iter().all(|others| others.contains(finding));
                let mut finding = finding.clone();
                if !everywhere {
                    let word = word(purpose.as_ref());
                    finding = finding.affects(format!("its use as a {word}"));
                    // Nothing says that it is for this use, nor that it is not.
                    let said = leaf.purposes().zip(purpose.as_ref());
                    let said = said.is_some_and(|(all, one)| all.contains(one));
                    if let Some(good) = good.filter(|_| !said) {
                        let other = self::word(uses[good].as_ref());
                        finding = finding.fix(format!(
                            "where it is a {other}'s alone: pki verify --purpose {other} …"
                        ));
                    }
                }
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
        }
        if uses.iter().any(Option::is_some) {
            findings.extend(unsigned(leaf).map(|finding| finding.at_place(path)));
        }
        // OpenSSL takes a leaf that has its CA's subject for self-signed.
        if leaf.looks_self_signed() && !leaf.is_ca() && !leaf.is_root() {
            findings.push(
                rule::SUBJECT_IS_ISSUER
                    .at(at())
                    .found(leaf.subject().to_string())
                    .affects("OpenSSL, curl, Python: self-signed certificate")
                    .fix("issue it with another subject"),
            );
        }
        if uses.contains(&Some(Purpose::ServerAuth)) {
            findings.extend(refused_by_some_clients(leaf, at));
        }
        findings
    }

    /// Up to the CA, for one use.
    fn for_use(
        &self,
        leaf: &Certificate,
        above: &[Certificate],
        purpose: Option<&Purpose>,
        path: &Path,
    ) -> Vec<Finding> {
        let given = self.given(path, above.len() + 1);
        let heard = || match purpose {
            Some(purpose) => {
                let question = self.question(Some(purpose.clone()), CONSUMERS);
                Heard::of(leaf, above, &question)
            }
            None => Heard::default(),
        };
        let asked = Asked::of_file(path, purpose, given).heard(heard);
        let strict = ChainPolicy::strict(purpose.cloned())
            .with_any_list()
            .with_revocation(self.by.revocation.clone());
        let policy = strict.clone().with_any_anchor();
        let build = |policy| chain::build(leaf, above, &self.anchors, policy, self.now);
        let held = match build(&policy) {
            Outcome::Accepted(held) => held,
            refused => {
                let mut told = self.why.refusals(&refused, &asked);
                for finding in &mut told {
                    finding.severity = asked.heard.weight(finding.rule);
                }
                told.extend(self.revoked_by_an_old_list(leaf, above, &policy, &asked, &told));
                let also = also_strict(&build(&strict), &asked, &told);
                told.extend(also);
                return told
                    .into_iter()
                    .map(|finding| without_signature(leaf, purpose, with_option(finding)))
                    .collect();
            }
        };
        let mut findings = self.why.for_strict(&build(&strict), &asked);
        findings.extend(self.revoked_by_an_old_list(leaf, above, &policy, &asked, &[]));
        let let_pass = self.let_pass(leaf, above, &policy, &asked);
        findings.extend(let_pass.into_iter().map(with_option));
        // Of those above what is trusted nobody asked.
        let unasked = policy.with_revocation(Revocation::Off);
        findings.extend(self.up_to_a_root(leaf, above, &held, &unasked, path));
        findings
    }
}

/// A server without digitalSignature has its own rule: Java asks for it.
fn without_signature(leaf: &Certificate, purpose: Option<&Purpose>, finding: Finding) -> Finding {
    match lacks_signature(leaf) {
        Some(usage) if finding.rule == "key-usage" && purpose == Some(&Purpose::ServerAuth) => {
            rule::KU_NO_SIGNATURE
                .at(finding.at)
                .found(usage.to_string())
                .expected("digitalSignature")
                .affects("Java: \"KeyUsage does not allow digital signatures\"")
                .fix("issue it again with keyUsage=critical,digitalSignature (RSA: keyEncipherment too)")
        }
        _ => finding,
    }
}

/// What the manifest warns about too: names and lives that some client refuses.
fn refused_by_some_clients(leaf: &Certificate, at: impl Fn() -> Locator) -> Vec<Finding> {
    let seconds = leaf.validity().not_after.unix() - leaf.validity().not_before.unix();
    let found = match (seconds / DAY, seconds % DAY) {
        (days, 0) => format!("{days} days"),
        (days, rest) => format!("{days} days and {rest} seconds"),
    };
    let long = too_long_for_apple(Lifetime::from_seconds(seconds), &found, at());
    let long = long.map(|finding| finding.fix("issue it for a shorter time"));
    let names = leaf.names().iter().filter_map(|name| match name.to_san() {
        Some(San::Dns(name)) => refused_by_some(&name, &at),
        _ => None,
    });
    long.into_iter().chain(names).collect()
}
