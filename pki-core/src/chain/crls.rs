//! The CRLs at hand: which are about a certificate, what is wrong with each,
//! and what those that can be used tell.

use std::cmp::Ordering;
use std::collections::btree_map::Entry::{Occupied, Vacant};
use std::collections::{BTreeMap, HashMap};

use super::budget::{Limit, Purse};
use super::check::{self, Check};
use super::graph::{Graph, shape};
use super::policy::ChainPolicy;
use crate::cert::{Certificate, Crl, CrlEntry, Fault as Flaw, Reason};
use crate::clock::Timestamp;
use crate::model::usage::KeyUsage;

/// Lists of which an explanation says why they cannot be used, for one
/// certificate. Our choice.
const TOLD: usize = 8;

/// What the lists tell of a certificate.
#[derive(Clone, Debug)]
pub(super) enum Status {
    Good,
    Revoked(Flaw),
    /// None can be used; why.
    Unknown(Vec<Flaw>),
}

/// One list and what makes it unusable, whoever signed it.
struct List<'a> {
    crl: &'a Crl,
    /// How faults call it.
    label: String,
    flaws: Vec<Flaw>,
}

/// Every list that was given.
pub(super) struct Lists<'a> {
    all: Vec<List<'a>>,
    /// By node: the lists that bear its issuer's name.
    about: Vec<Vec<usize>>,
    /// By list and the node whose key is tried: why it does not stand behind it.
    signers: BTreeMap<(usize, usize), Option<Flaw>>,
    /// By node and who may have signed: what was found.
    known: BTreeMap<(usize, Vec<usize>), Status>,
}

impl<'a> Lists<'a> {
    /// Lists beyond the budget are left out; the search ends before it begins
    /// then.
    pub(super) fn new(graph: &Graph<'a>, policy: &'a ChainPolicy, now: Timestamp) -> Self {
        let given = policy.revocation.crls();
        let lists: Vec<List<'a>> = given
            .iter()
            .take(policy.budget.crls)
            .enumerate()
            .map(|(i, crl)| {
                let label = label(crl, policy.revocation.name(i));
                let flaws = flaws(crl, &label, policy, now);
                List { crl, label, flaws }
            })
            .collect();
        let mut by_issuer: HashMap<_, Vec<usize>> = HashMap::new();
        for (i, list) in lists.iter().enumerate() {
            let shape = shape(list.crl.issuer(), policy.dn);
            by_issuer.entry(shape).or_default().push(i);
        }
        let mut about = vec![Vec::new(); graph.len()];
        for &node in graph.reached().iter().filter(|_| !lists.is_empty()) {
            let issuer = graph.node(node).cert.issuer();
            let named = by_issuer.get(&shape(issuer, policy.dn));
            about[node] = named
                .into_iter()
                .flatten()
                .copied()
                .filter(|&i| lists[i].crl.issuer().equals(issuer, policy.dn))
                .collect();
        }
        Self {
            all: lists,
            about,
            signers: BTreeMap::new(),
            known: BTreeMap::new(),
        }
    }

    /// Why no list can tell of `node`, whoever may have signed it; `None` where
    /// one might.
    pub(super) fn hopeless(&self, node: usize, cert: &Certificate) -> Option<Vec<Flaw>> {
        let mut why = Vec::new();
        for &list in &self.about[node] {
            let found = self.out_of_use(list, cert);
            if found.is_empty() {
                return None;
            }
            why.push(found);
        }
        Some(self.unknown(node, cert, why))
    }

    /// What the lists tell of `node` when any of `signers` may have signed them,
    /// worked out once.
    pub(super) fn status(
        &mut self,
        node: usize,
        signers: &[usize],
        graph: &Graph<'_>,
        policy: &ChainPolicy,
        purse: &mut Purse,
    ) -> Result<Status, Limit> {
        let key = (node, signers.to_vec());
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let status = self.ask(node, signers, graph, policy, purse)?;
        self.known.insert(key, status.clone());
        Ok(status)
    }

    fn ask(
        &mut self,
        node: usize,
        signers: &[usize],
        graph: &Graph<'_>,
        policy: &ChainPolicy,
        purse: &mut Purse,
    ) -> Result<Status, Limit> {
        let cert = graph.node(node).cert;
        let mut usable = Vec::new();
        let mut why = Vec::new();
        for list in self.about[node].clone() {
            let mut found = self.out_of_use(list, cert);
            if found.is_empty() {
                found.extend(self.unsigned(list, signers, graph, policy, purse)?);
            }
            if found.is_empty() {
                usable.push(list);
            } else {
                why.push(found);
            }
        }
        if usable.is_empty() {
            return Ok(Status::Unknown(self.unknown(node, cert, why)));
        }
        let usable: Vec<&List<'_>> = usable.into_iter().map(|list| &self.all[list]).collect();
        let current = usable
            .iter()
            .filter(|list| !usable.iter().any(|other| supersedes(other.crl, list.crl)));
        let revoked = current.flat_map(|list| {
            let entries = list.crl.entries_of(cert.serial()).iter();
            entries.map(move |entry| (*list, entry))
        });
        Ok(revoked
            // 6.3.3(l): what was taken back is not revoked.
            .filter(|(_, entry)| entry.reason != Some(Reason::RemoveFromCrl))
            .map(|(list, entry)| Status::Revoked(revoked_by(list, entry)))
            .next()
            .unwrap_or(Status::Good))
    }

    /// What keeps a list from telling anything of `cert`.
    fn out_of_use(&self, list: usize, cert: &Certificate) -> Vec<Flaw> {
        let list = &self.all[list];
        let mut found = list.flaws.clone();
        found.extend(out_of_scope(list, cert));
        found
    }

    /// Why none of `signers` stands behind a list.
    fn unsigned(
        &mut self,
        list: usize,
        signers: &[usize],
        graph: &Graph<'_>,
        policy: &ChainPolicy,
        purse: &mut Purse,
    ) -> Result<Option<Flaw>, Limit> {
        let at = list;
        let list = &self.all[at];
        let mut first = None;
        for &signer in signers {
            let flaw = match self.signers.entry((at, signer)) {
                Occupied(known) => known.get().clone(),
                Vacant(place) => {
                    let node = graph.node(signer);
                    let binds = !node.anchor || policy.anchor.enforce_constraints;
                    let mut flaw = not_for_crls(list, node.cert, binds, policy);
                    if flaw.is_none() {
                        purse.crl_signature()?;
                        flaw = bad_signature(list, node.cert);
                    }
                    place.insert(flaw).clone()
                }
            };
            let Some(flaw) = flaw else { return Ok(None) };
            first.get_or_insert(flaw);
        }
        // By nobody, where nobody may have signed it.
        Ok(first.or_else(|| {
            Some(said(
                &check::CRL_SIGNATURE,
                &list.label,
                "no signer is at hand",
            ))
        }))
    }

    /// That nothing is known of `node`, and then why of each list.
    fn unknown(&self, node: usize, cert: &Certificate, why: Vec<Vec<Flaw>>) -> Vec<Flaw> {
        let issuer = cert.issuer();
        let named = self.about[node].len();
        let found = match (named, self.all.len()) {
            (0, 0) => "no CRL was given".to_owned(),
            (0, 1) => format!("the CRL given is not of {issuer}"),
            (0, given) => format!("none of the {given} CRLs given is of {issuer}"),
            (1, _) => format!("the CRL of {issuer} cannot be used"),
            (named, _) => format!("none of the {named} CRLs of {issuer} can be used"),
        };
        let unknown = check::REVOCATION_UNKNOWN
            .fails()
            .found(found)
            .expected(format!("a current, complete CRL of {issuer}"));
        let why = why.into_iter().take(TOLD).flatten();
        std::iter::once(unknown).chain(why).collect()
    }
}

fn said(check: &Check, label: &str, found: &str) -> Flaw {
    check.fails().found(format!("{label}: {found}"))
}

fn label(crl: &Crl, name: Option<&str>) -> String {
    let label = format!("CRL of {} by {}", crl.this_update(), crl.issuer());
    match name {
        Some(name) => format!("{name} ({label})"),
        None => format!("the {label}"),
    }
}

/// What makes a list unusable for every certificate, as far as it counts.
fn flaws(crl: &Crl, label: &str, policy: &ChainPolicy, now: Timestamp) -> Vec<Flaw> {
    let mut flaws: Vec<Flaw> = crl
        .faults()
        .iter()
        .cloned()
        .map(|fault| Flaw {
            found: format!("{label}: {}", fault.found),
            ..fault
        })
        .collect();
    let current = format!("current at {now}");
    if now < crl.this_update() {
        let found = format!("made at {}", crl.this_update());
        flaws.push(said(&check::CRL_NOT_YET_VALID, label, &found).expected(current.clone()));
    }
    if let Some(next) = crl.next_update() {
        let last = if policy.within_second {
            next.plus_seconds(-1)
        } else {
            next
        };
        if now > last {
            let found = format!("the next one was due at {next}");
            flaws.push(said(&check::CRL_EXPIRED, label, &found).expected(current));
        }
    }
    let scope = crl.scope().unwrap_or_default();
    let kinds = [
        (crl.is_delta(), "a delta CRL", "RFC 5280 5.2.4"),
        (scope.point, "for one distribution point", "RFC 5280 5.2.5"),
        (scope.some_reasons, "for some reasons", "RFC 5280 5.2.5"),
        (
            scope.indirect || crl.names_other_issuers(),
            "an indirect CRL",
            "RFC 5280 5.2.5",
        ),
    ];
    for (is, found, clause) in kinds {
        if is {
            let check = Check {
                clause,
                ..check::CRL_NOT_PROCESSED
            };
            flaws.push(said(&check, label, found).expected("a complete, direct CRL"));
        }
    }
    flaws.retain(|flaw| policy.checks.counts(flaw.check));
    flaws
}

/// 6.3.3(b)(2)(ii) to (iv).
fn out_of_scope(list: &List<'_>, cert: &Certificate) -> Option<Flaw> {
    let scope = list.crl.scope()?;
    let found = if scope.only_attributes {
        "for attribute certificates alone"
    } else if scope.only_users && cert.is_ca() {
        "for end entities alone"
    } else if scope.only_authorities && !cert.is_ca() {
        "for CAs alone"
    } else {
        return None;
    };
    Some(said(&check::CRL_SCOPE, &list.label, found))
}

/// 6.3.3(f): where the signer has a KeyUsage, cRLSign is in it.
fn not_for_crls(
    list: &List<'_>,
    signer: &Certificate,
    binds: bool,
    policy: &ChainPolicy,
) -> Option<Flaw> {
    let usage = signer.key_usage().filter(|_| binds)?;
    if usage.contains(KeyUsage::CRL_SIGN) || !policy.checks.counts(check::CRL_SIGNER.id) {
        return None;
    }
    let found = format!("{} may not sign it, KeyUsage {usage}", signer.subject());
    Some(said(&check::CRL_SIGNER, &list.label, &found).expected("cRLSign"))
}

fn bad_signature(list: &List<'_>, signer: &Certificate) -> Option<Flaw> {
    let fault = list.crl.verify_signature(signer.public_key()).err()?;
    Some(
        said(&check::CRL_SIGNATURE, &list.label, &fault.to_string())
            .expected(format!("the signature of {}", signer.subject())),
    )
}

/// Whether `newer` replaces `older` (5.2.3): the same scope and key, and a higher number,
/// or where numbers do not tell, made later.
fn supersedes(newer: &Crl, older: &Crl) -> bool {
    let rank = |crl: &Crl| {
        let number = crl.number()?.octets();
        // In its shortest form and not negative: the longer one is the greater.
        Some((number.len(), number.to_vec()))
    };
    let by_number = match (rank(newer), rank(older)) {
        (Some(newer), Some(older)) => newer.cmp(&older),
        _ => Ordering::Equal,
    };
    let both = by_number.then(newer.this_update().cmp(&older.this_update()));
    newer.scope().unwrap_or_default() == older.scope().unwrap_or_default()
        // Lists under another key of the name may be about other certificates.
        && newer.authority_key_id() == older.authority_key_id()
        && both == Ordering::Greater
}

fn revoked_by(list: &List<'_>, entry: &CrlEntry) -> Flaw {
    let reason = entry.reason.unwrap_or(Reason::Unspecified).name();
    check::REVOKED
        .fails()
        .found(format!(
            "revoked at {}, {reason}, by {}",
            entry.date, list.label
        ))
        .expected("not revoked")
}
