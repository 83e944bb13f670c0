//! Pairs: the files, their form, the key, the chain, the purpose, the life.

use std::path::Path;

use super::Judge;
use super::authority::life;
use super::why::{Asked, Given};
use crate::authority::only_copy_in;
use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy};
use crate::clock::Timestamp;
use crate::inventory::NameDifference;
use crate::model::usage::KeyUsage;
use crate::model::validity::DAY;
use crate::reason::{self, Pending, Reason};
use crate::renew::{Due, due};
use crate::report::{Finding, Locator, Report, Severity, rule, shell};
use crate::role::TlsLibrary;
use crate::stack::{Pair, PairKind, Service};

impl Judge<'_> {
    /// A pair that `authority` issues here.
    pub(super) fn pair(
        &self,
        pair: &Pair,
        authority: &str,
        service: &Service,
        report: &mut Report,
    ) {
        let path = &pair.files.certificate;
        let is_held = self.is_held(authority);
        if self.inventory.is_missing(path) && is_held {
            return;
        }
        if let Some(finding) = self.kept(pair) {
            report.push(finding);
            return;
        }
        let leaf = self.inventory.leaf(path);
        let mut findings = self.pair_files(pair, service, leaf);
        let is_whole = findings
            .iter()
            .all(|f| f.at != Locator::File(path.as_path().to_owned()));
        // Where the leaf is not the first certificate, nothing else can be said.
        let other_first = findings.iter().any(|f| f.rule == rule::CHAIN_ORDER.id);
        if let Some(leaf) = leaf.filter(|_| !other_first) {
            findings.extend(self.leaf(pair, authority, leaf, is_whole));
            findings.extend(self.chain_file(pair, authority));
            if pair.profile.serves() {
                findings.extend(self.server_rules(pair, service, leaf));
            }
        }
        let barred = reason::files(pair).any(|p| self.inventory.barred(p).is_some());
        if !barred && findings.iter().all(|f| f.severity < Severity::Warning) {
            findings.extend(self.differs(pair, authority));
        }
        if is_held {
            // Nothing can be signed before that is mended.
            for finding in &mut findings {
                if finding.fix.as_deref() == Some("pki apply") {
                    finding.fix = Some(format!("mend authority `{authority}`, then: pki apply"));
                }
            }
        }
        if !findings.is_empty()
            && let Some(copy) = only_copy_in(pair, self.stack, self.inventory)
        {
            // Nothing is written over it; it is told around the services.
            for finding in &mut findings {
                finding.fix.clone_from(&copy.fix);
            }
        }
        report.extend(findings);
    }

    /// That a pair is not replaced, for somebody else's stands there.
    pub(super) fn kept(&self, pair: &Pair) -> Option<Finding> {
        let told = pair.authority().is_some_and(|name| self.is_told(name));
        // Of an authority that is lost, all that it signed looks like that.
        let own = !told && only_copy_in(pair, self.stack, self.inventory).is_none();
        let own = own.then(|| reason::foreign(pair, self.stack, self.inventory));
        own.flatten()
    }

    /// What `plan` would do something about and no rule has told: nobody is
    /// hurt today.
    fn differs(&self, pair: &Pair, authority: &str) -> Option<Finding> {
        if self.is_told(authority) {
            return None;
        }
        let pending = Pending::default();
        let mut reasons = reason::of_pair(
            pair,
            authority,
            self.stack,
            self.inventory,
            self.now,
            &pending,
        );
        let leaf = self.inventory.leaf(&pair.files.certificate);
        if leaf.is_some_and(|leaf| self.is_life_of_issuer(pair, leaf)) {
            reasons.retain(|r| !matches!(r, Reason::Expired(_) | Reason::NotYetValid { .. }));
        }
        let texts: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        (!texts.is_empty()).then(|| {
            rule::MANIFEST_DIFFERS
                .at(Locator::File(pair.files.certificate.as_path().to_owned()))
                .found(texts.join("; "))
                .fix("pki apply")
        })
    }

    /// Whether `apply` puts another certificate in the place of this pair's.
    pub(super) fn is_replaced(&self, pair: &Pair) -> bool {
        let (stack, inventory, pending) = (self.stack, self.inventory, Pending::default());
        pair.issuer().is_some_and(|issuer| {
            let reasons = reason::of_pair(pair, issuer, stack, inventory, self.now, &pending);
            !reasons.is_empty() && !self.is_held(issuer) && self.kept(pair).is_none()
        })
    }

    /// `is_whole`: whether its file could be read whole, so that what stands
    /// above it is there.
    fn leaf(
        &self,
        pair: &Pair,
        authority: &str,
        leaf: &Certificate,
        is_whole: bool,
    ) -> Vec<Finding> {
        let at = || Locator::File(pair.files.certificate.as_path().to_owned());
        let mut findings = Vec::new();
        let issuer_end = self
            .inventory
            .authority(self.stack, authority)
            .map(|ca| ca.validity().not_after);
        let state = due(leaf.validity(), pair.renew, issuer_end, self.now);
        let pending = Pending::default();
        let other = reason::of_issuer(authority, leaf, self.stack, self.inventory, &pending);
        let fix = match (other, &state) {
            // A renewal signs as before or not at all.
            (Some(_), _) | (_, Due::NotYet { .. }) => "pki apply".to_owned(),
            (None, _) => format!("pki renew {}", pair.id.service),
        };
        if !self.is_life_of_issuer(pair, leaf) {
            findings.extend(life(
                &state,
                leaf.validity().not_after,
                at(),
                self.now,
                &fix,
            ));
        }
        findings.extend(self.outlives(pair, authority, leaf));
        if leaf.subject() == leaf.issuer() {
            findings.push(
                rule::SUBJECT_IS_ISSUER
                    .at(at())
                    .found(leaf.subject().to_string())
                    .affects("OpenSSL, curl, Python: self-signed certificate")
                    .fix("pki apply"),
            );
        }
        if is_whole {
            findings.extend(self.chain(pair, authority, leaf));
        }
        findings.extend(names(pair, leaf));
        findings
    }

    /// A certificate that ends after the one that signed it, which is none of
    /// ours: every chain over it ends with that one.
    fn outlives(&self, pair: &Pair, authority: &str, leaf: &Certificate) -> Option<Finding> {
        let ca = self.inventory.authority(self.stack, authority)?;
        let finding = outlives(leaf, ca, self.now).filter(|_| leaf.is_signed_by(ca))?;
        let service = shell::word(&pair.id.service);
        Some(
            finding
                .at_place(pair.files.certificate.as_path())
                .fix(format!("pki renew {service} --force")),
        )
    }

    /// Whether a certificate does not hold now because its issuer does not, as
    /// when the clock is wrong: that is told there.
    pub(super) fn is_life_of_issuer(&self, pair: &Pair, leaf: &Certificate) -> bool {
        let (leaf, now) = (leaf.validity(), self.now);
        pair.issuer()
            .and_then(|authority| self.inventory.authority(self.stack, authority))
            .map(Certificate::validity)
            .is_some_and(|ca| {
                let early = now < ca.not_before && now < leaf.not_before;
                let late = now > ca.not_after && leaf.not_after >= ca.not_after;
                early || late
            })
    }

    /// Up to the root of its own authority, for each purpose of its profile.
    fn chain(&self, pair: &Pair, authority: &str, leaf: &Certificate) -> Vec<Finding> {
        if self.is_told(authority) {
            return Vec::new();
        }
        let sent = self.inventory.certificates(&pair.files.certificate);
        let anchors: Vec<Anchor> = self
            .stack
            .root_of(authority)
            .map(|root| self.inventory.trusted(self.stack, &root.name))
            .unwrap_or_default()
            .into_iter()
            .cloned()
            .map(Anchor::new)
            .collect();
        let mut findings: Vec<Finding> = Vec::new();
        for purpose in pair.profile.rules().purposes {
            let policy = ChainPolicy::strict(Some(purpose.clone())).with_any_anchor();
            let outcome = chain::build(leaf, &sent[1..], &anchors, &policy, self.now);
            let file = pair.files.certificate.as_path();
            let place = |i: usize| self.place_of(anchors.get(i)?.certificate());
            let given = Given::new(file, sent.len(), None, place);
            let asked = Asked::of_file(file, Some(purpose), given);
            for mut finding in self.why.refusals(&outcome, &asked) {
                // Who is hurt is told by the edges.
                finding.affects.clear();
                // The life of a certificate is told by `due` and `expired`, and
                // a server without digitalSignature by its own rule.
                let no_signature = finding.rule == "key-usage"
                    && pair.profile.serves()
                    && lacks_signature(leaf).is_some();
                if finding.rule != "expired"
                    && finding.rule != "not-yet-valid"
                    && !no_signature
                    && !findings.contains(&finding)
                {
                    findings.push(finding.fix("pki apply"));
                }
            }
        }
        findings
    }

    /// The file of what stands between, for programs that want it apart.
    fn chain_file(&self, pair: &Pair, authority: &str) -> Option<Finding> {
        let path = pair.files.chain.as_ref()?;
        let wanted = self.inventory.intermediates(self.stack, authority);
        let barred = self.inventory.barred(path).is_some();
        if barred || self.is_told(authority) || self.inventory.is_chain(path, &wanted) {
            return None;
        }
        let rule = if self.inventory.is_missing(path) {
            rule::OUTPUT_MISSING
        } else {
            rule::OUTPUT_STALE
        };
        let names: Vec<String> = wanted.iter().map(|ca| ca.subject().to_string()).collect();
        let stuck = self.inventory.in_the_way(path).is_some();
        let finding = rule.at(Locator::File(path.as_path().to_owned()));
        let severity = if stuck {
            Severity::Error
        } else {
            finding.severity
        };
        Some(
            finding
                .weighing(severity)
                .expected(if names.is_empty() {
                    "an empty file: nothing stands between leaf and root".to_owned()
                } else {
                    names.join("; ")
                })
                .fix(reason::anew(path, self.inventory)),
        )
    }

    pub(super) fn server_rules(
        &self,
        pair: &Pair,
        service: &Service,
        leaf: &Certificate,
    ) -> Vec<Finding> {
        let at = || Locator::File(pair.files.certificate.as_path().to_owned());
        let mut findings = Vec::new();
        if let Some(usage) = lacks_signature(leaf) {
            let mut finding = rule::KU_NO_SIGNATURE.at(at()).found(usage.to_string());
            let java: Vec<String> = self
                .dialled_by(&service.name, TlsLibrary::Jsse)
                .map(|from| {
                    format!(
                        "{from} → {}   refused by Java: \"KeyUsage does not allow digital signatures\"",
                        service.name
                    )
                })
                .collect();
            if java.is_empty() {
                finding.severity = Severity::Warning;
            }
            finding.affects = java;
            findings.push(finding.expected("digitalSignature").fix("pki apply"));
        }
        let only_default = service
            .role
            .checks
            .iter()
            .any(|c| c == rule::EXTRA_CERTIFICATE_IP.id);
        let extra = pair.id.kind == PairKind::Server && pair.id.name != "default";
        if only_default && extra {
            let ip = leaf.names().iter().find(|n| n.is_ip());
            findings.extend(ip.map(|ip| {
                rule::EXTRA_CERTIFICATE_IP
                    .at(at())
                    .found(ip.to_string())
                    .fix("move the address to the service's own `hosts`, then: pki apply")
            }));
        }
        findings
    }

    /// The clients of a service that use this TLS library.
    pub(super) fn dialled_by(&self, to: &str, library: TlsLibrary) -> impl Iterator<Item = &str> {
        let from = self.dials.to(to).iter().map(|edge| edge.from.as_str());
        from.filter(move |from| {
            let client = self.stack.service(from);
            client.is_some_and(|client| client.role.tls == library)
        })
    }
}

fn names(pair: &Pair, leaf: &Certificate) -> Option<Finding> {
    let NameDifference { added, removed } = NameDifference::of(pair, leaf)?;
    let signed = |sign, names: Vec<String>| names.into_iter().map(move |n| format!("{sign}{n}"));
    let names: Vec<String> = signed('+', added).chain(signed('-', removed)).collect();
    Some(
        rule::NAMES_DIFFER
            .at(Locator::File(pair.files.certificate.as_path().to_owned()))
            .found(format!("the manifest has {}", names.join(" ")))
            .fix("pki apply"),
    )
}

/// A leaf that ends after its issuer; the place is still to be said.
///
/// A hundredth of the leaf's life and at most a day is passed over, as between a
/// CA and a leaf that one script makes for as many days: who renews in time does
/// not meet it. On the issuer's last day it is told all the same.
pub(super) fn outlives(
    leaf: &Certificate,
    issuer: &Certificate,
    now: Timestamp,
) -> Option<Finding> {
    let (end, last) = (leaf.validity().not_after, issuer.validity().not_after);
    let life = end.unix() - leaf.validity().not_before.unix();
    let is_last_day = now > last.plus_seconds(-DAY);
    let passed_over = if is_last_day {
        0
    } else {
        (life / 100).min(DAY)
    };
    if end <= last || end < last.plus_seconds(passed_over) || now > last {
        return None;
    }
    let last = last.date();
    Some(
        rule::OUTLIVES_ISSUER
            .at(Locator::Tree)
            .found(format!(
                "ends {}, and its issuer {} on {last}",
                end.date(),
                issuer.subject()
            ))
            .expected("an end that is not after its issuer's")
            // Java and rustls do not look at the life of who is trusted.
            .affects(format!("Go, OpenSSL, Python: from {last} on it is refused")),
    )
}

/// A KeyUsage without digitalSignature.
pub(super) fn lacks_signature(leaf: &Certificate) -> Option<KeyUsage> {
    leaf.key_usage()
        .filter(|usage| !usage.contains(KeyUsage::DIGITAL_SIGNATURE))
}

impl Finding {
    /// The same, of this file.
    pub(super) fn at_place(mut self, file: &Path) -> Self {
        self.at = Locator::File(file.to_owned());
        self
    }

    /// The same, weighing so much.
    pub(super) fn weighing(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
