//! The CRLs that are given: how each is called, what is odd about it, and what
//! those who must know would say where others let pass.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Judge;
use crate::cert::{Certificate, Crl};
use crate::chain::{self, ChainPolicy, Crls, Revocation};
use crate::report::{Finding, Locator, Severity};
use crate::verify::why::{Asked, all_refusals};

/// A CRL and where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GivenCrl {
    /// Its file, as that is called.
    pub file: PathBuf,
    /// Which list of the file, from 1.
    pub number: usize,
    /// How many the file holds.
    pub of: usize,
    /// The list.
    pub crl: Crl,
}

/// `lab.crl`, or `list 2 of lab.crl` where it holds more than one.
impl fmt::Display for GivenCrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.of > 1 {
            write!(f, "list {} of ", self.number)?;
        }
        write!(f, "{}", self.file.display())
    }
}

impl GivenCrl {
    /// Every list of a file, in order.
    pub fn of_file(file: &Path, crls: Vec<Crl>) -> Vec<Self> {
        let of = crls.len();
        let numbered = (1..).zip(crls);
        numbered
            .map(|(number, crl)| Self {
                file: file.to_owned(),
                number,
                of,
                crl,
            })
            .collect()
    }

    /// Lists for a [`Revocation`], called as they are here.
    pub fn named(lists: &[Self]) -> Crls {
        Crls::named(lists.iter().map(|it| (it.to_string(), it.crl.clone())))
    }
}

impl Judge<'_> {
    /// What RFC 5280 section 5 says of lists that are used all the same: clients
    /// take them. One that never expires is worse than ill made: nobody sees
    /// that it is old.
    pub(super) fn lists(&self) -> Vec<Finding> {
        if self.by.revocation == Revocation::Off {
            return Vec::new();
        }
        let of_lists = |it: &GivenCrl| {
            let faults = it.crl.faults().iter();
            let faults = faults.filter(|f| chain::OF_LISTS.iter().any(|c| c.id == f.check));
            let findings = faults.map(|fault| {
                let severity = if fault.check == chain::CRL_NEXT_UPDATE_MISSING.id {
                    Severity::Warning
                } else {
                    Severity::Info
                };
                let what = match it.of {
                    1 => String::new(),
                    _ => format!("list {}: ", it.number),
                };
                let at = Locator::File(it.file.clone());
                let mut finding = Finding::new(fault.check, severity, at)
                    .found(format!("{what}{}", fault.found))
                    .citation(fault.clause);
                finding.expected.clone_from(&fault.expected);
                finding
            });
            findings.collect::<Vec<_>>()
        };
        self.by.lists.iter().flat_map(of_lists).collect()
    }

    /// That a list revokes a certificate which would tell nothing for its age,
    /// where no newer one tells otherwise. By RFC 5280 6.3.3 the status is not
    /// known then; but what a CA revoked stays so, and an old list must not make
    /// it pass where what is not known does.
    pub(super) fn revoked_by_an_old_list(
        &self,
        leaf: &Certificate,
        above: &[Certificate],
        policy: &ChainPolicy,
        asked: &Asked<'_>,
        told: &[Finding],
    ) -> Option<Finding> {
        let (Revocation::Soft(crls) | Revocation::Hard(crls)) = &policy.revocation else {
            return None;
        };
        let is_revoked = |f: &Finding| f.rule == chain::REVOKED.id;
        if told.iter().any(is_revoked) {
            return None;
        }
        let mut of_any_age = policy
            .clone()
            .with_revocation(Revocation::Soft(crls.clone()));
        of_any_age.checks = of_any_age.checks.without(chain::CRL_EXPIRED.id);
        let outcome = chain::build(leaf, above, &self.anchors, &of_any_age, self.now);
        all_refusals(&outcome, asked).into_iter().find(is_revoked)
    }

    /// What is not known of a chain that is accepted, where that is let pass.
    pub(super) fn let_pass(
        &self,
        leaf: &Certificate,
        above: &[Certificate],
        policy: &ChainPolicy,
        asked: &Asked<'_>,
    ) -> Vec<Finding> {
        let Revocation::Soft(crls) = &policy.revocation else {
            return Vec::new();
        };
        let hard = policy
            .clone()
            .with_revocation(Revocation::Hard(crls.clone()));
        let outcome = chain::build(leaf, above, &self.anchors, &hard, self.now);
        let refusals = all_refusals(&outcome, asked).into_iter();
        refusals
            .filter_map(|mut finding| {
                let severity = match finding.rule {
                    rule if rule == chain::REVOCATION_UNKNOWN.id => Severity::Info,
                    rule if rule.starts_with("crl-") => Severity::Warning,
                    _ => return None,
                };
                finding.affects = vec!["who asks with `--revocation hard`: refused".to_owned()];
                Some(finding.weighing(severity))
            })
            .collect()
    }
}

/// How a list is given, where one is missing.
pub(super) fn with_option(mut finding: Finding) -> Finding {
    if finding.rule == chain::REVOCATION_UNKNOWN.id {
        finding.fix = finding
            .fix
            .map(|fix| format!("{fix}, and pass it: `--crl FILE`"));
    }
    finding
}
