//! Pairs that are made elsewhere: whether what a lineage holds may be delivered
//! to its service, and what that is. Asked by plan, verify and apply.

use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy, Outcome, PeerName};
use crate::clock::Timestamp;
use crate::inventory::{Inventory, KeyFile, shown_names};
use crate::key::PublicKey;
use crate::model::path::TreePath;
use crate::model::san::GeneralName;
use crate::record::Content;
use crate::report::{Finding, Locator, Severity, rule, shell};
use crate::stack::{Lineage, Pair, Stack};

/// What a lineage holds, fit for its service.
#[derive(Debug)]
pub struct Delivery<'a> {
    /// The leaf, then those above it, each its predecessor's issuer, without the
    /// root.
    pub chain: Vec<&'a Certificate>,
    /// The public half of its key.
    pub key: &'a PublicKey,
}

/// What is to be delivered: the key fits, the certificate holds now, covers
/// every name of the manifest, may serve, and leads to the authority that the
/// manifest names or to a CA of the machine's own.
///
/// Only what every client asks (RFC 5280 6 and the purpose) is asked here; what
/// some of them ask besides is for `verify` to tell.
///
/// # Errors
/// The finding that says why nothing may be delivered.
pub fn delivery<'a>(
    pair: &Pair,
    lineage: &Lineage,
    stack: &Stack,
    inventory: &'a Inventory,
    now: Timestamp,
) -> Result<Delivery<'a>, Box<Finding>> {
    let Some(first) = inventory.leaf(&lineage.certificate) else {
        return Err(unusable(&lineage.certificate, inventory));
    };
    let Some(key) = inventory.public_key(&lineage.key) else {
        return Err(unusable(&lineage.key, inventory));
    };
    let unfit = |found: String| {
        rule::LINEAGE_UNFIT
            .at(Locator::File(lineage.certificate.as_path().to_owned()))
            .found(found)
            .fix(format!(
                "mend it where it is made, then: pki renew {}",
                shell::word(&pair.id.service)
            ))
    };
    // Whatever the order of the file: the certificate of the key is the leaf.
    let mut all = inventory.certificates(&lineage.certificate).iter();
    let Some(leaf) = all.find(|c| c.public_key() == key) else {
        let found = format!("no certificate for the key in {}", lineage.key);
        let finding = unfit(format!("{found}: {}", first.subject()));
        return Err(Box::new(finding.citation(rule::KEY_MISMATCH.citation)));
    };
    let mut generations = stack.authorities.iter().flat_map(|a| &a.generations);
    let is_of_ca = generations.any(|generation| {
        let ca = inventory.leaf(&generation.certificate);
        ca.is_some_and(|ca| ca.public_key() == key)
    });
    if leaf.is_ca() || is_of_ca {
        let found = format!("{} is a CA", leaf.subject());
        return Err(Box::new(
            unfit(found).expected("the certificate of a server"),
        ));
    }
    let bare = uncovered(pair, leaf);
    if !bare.is_empty() {
        let finding = unfit(shown_names(leaf).join(", ")).expected(bare.join(", "));
        return Err(Box::new(finding.citation(rule::NAME_NOT_COVERED.citation)));
    }
    let chain: Vec<&Certificate> = inventory.line(leaf, &lineage.certificate);
    refused(pair, &chain, &anchors(lineage, stack, inventory), now).map_or(Ok(()), |fault| {
        let mut finding = unfit(format!("{}: {}", fault.at.subject, fault.found));
        finding.expected.clone_from(&fault.expected);
        if fault.check == chain::ISSUER_NOT_FOUND.id && lineage.authority.is_none() {
            finding.expected = Some("one of this machine's own CAs".into());
            finding.fix = Some(format!(
                "name its CA: `[authority.corp]` with `external = \"FILE\"`, and `authority = \"corp\"` in service.{}",
                pair.id.service
            ));
        }
        Err(Box::new(finding.citation(fault.clause)))
    })?;
    let without_root = |(i, ca): &(usize, &Certificate)| *i == 0 || !ca.is_self_issued();
    let chain = chain.into_iter().enumerate().filter(without_root);
    Ok(Delivery {
        chain: chain.map(|(_, ca)| ca).collect(),
        key,
    })
}

/// The same finding, as heavy as it is now: nothing is lost yet where a pair
/// that was delivered before stands, holds and has every name.
pub fn told(mut finding: Finding, pair: &Pair, inventory: &Inventory, now: Timestamp) -> Finding {
    let files = &pair.files;
    let key = inventory.public_key(&files.key);
    let holds = inventory.leaf(&files.certificate).is_some_and(|leaf| {
        let whole = Some(leaf.public_key()) == key && leaf.validity().contains(now);
        whole && uncovered(pair, leaf).is_empty()
    });
    if holds {
        finding.severity = Severity::Warning;
    }
    finding
}

/// What stands behind a lineage: the authority that the manifest names, else
/// the machine's own CAs.
pub fn anchors(lineage: &Lineage, stack: &Stack, inventory: &Inventory) -> Vec<Anchor> {
    let certificates: Vec<&Certificate> = match &lineage.authority {
        Some(authority) => {
            let root = stack.root_of(authority);
            root.map_or_else(Vec::new, |root| inventory.trusted(stack, &root.name))
        }
        None => inventory.system().iter().collect(),
    };
    certificates.into_iter().cloned().map(Anchor::new).collect()
}

/// The names of the manifest that a certificate does not cover.
pub fn uncovered(pair: &Pair, leaf: &Certificate) -> Vec<String> {
    let bare = pair.names.iter().filter(|name| {
        let literally = leaf.names().contains(&GeneralName::from(*name));
        !literally && !chain::covers(leaf.names(), &PeerName::parse(&name.to_string()))
    });
    bare.map(ToString::to_string).collect()
}

/// Why every client would refuse it; the most useful reason.
fn refused(
    pair: &Pair,
    line: &[&Certificate],
    anchors: &[Anchor],
    now: Timestamp,
) -> Option<chain::Fault> {
    let (leaf, above) = line.split_first()?;
    let above: Vec<Certificate> = above.iter().copied().cloned().collect();
    pair.profile.rules().purposes.iter().find_map(|purpose| {
        let policy = ChainPolicy::common(Some(purpose.clone()));
        match chain::build(leaf, &above, anchors, &policy, now) {
            Outcome::Accepted(_) => None,
            Outcome::Refused(why) | Outcome::Undecided(_, why) => why.faults().into_iter().next(),
        }
    })
}

/// A file of a lineage that holds nothing to deliver.
fn unusable(path: &TreePath, inventory: &Inventory) -> Box<Finding> {
    let word = shell::path(path.as_path());
    let item = inventory.item(path);
    let fix = match item.map(|item| &item.record.content) {
        Some(Content::Unreadable(_)) => format!("ls -lL {word}; run pki as root"),
        Some(Content::Missing) | None => "name the folder that holds fullchain.pem and privkey.pem (`certbot certificates` lists them)".to_owned(),
        _ if inventory.key(path).is_some_and(KeyFile::is_encrypted) => {
            "keep it unencrypted: the service could not read it either".to_owned()
        }
        _ => "mend it where it is made: certificates in PEM in fullchain.pem, the key alone in privkey.pem".to_owned(),
    };
    Box::new(
        rule::LINEAGE_UNFIT
            .at(Locator::File(path.as_path().to_owned()))
            .found(inventory.unusable(path))
            .fix(fix),
    )
}
