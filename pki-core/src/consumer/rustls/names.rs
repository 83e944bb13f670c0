//! Names as rustls-webpki 0.103 compares them (`subject_name`).

use crate::cert::{Certificate, NameConstraints, oid};
use crate::chain::PeerName;
use crate::consumer::facts;
use crate::consumer::names::{ends_at_label, is_mask, octets, other, subtrees};
use crate::model::dn::Dn;
use crate::model::san::GeneralName;

/// Whether a certificate covers the name that was dialled.
pub(super) fn covers(peer: &PeerName, cert: &Certificate) -> bool {
    match peer {
        PeerName::Ip(ip) => {
            // A name of an unknown form before it ends the search.
            readable(cert)
                .any(|name| matches!(name, GeneralName::Ip(found) if *found == octets(*ip)))
        }
        PeerName::Dns(host) => {
            let bare = host.strip_suffix('.').unwrap_or(host);
            is_host(bare, false)
                && readable(cert).any(|name| match name {
                    GeneralName::Dns(pattern) => {
                        is_host(pattern, true) && wildcard_or_same(pattern, bare)
                    }
                    _ => false,
                })
        }
        _ => other(peer, cert),
    }
}

/// The names up to the first that `GeneralName::from_der` of webpki cannot read.
fn readable(cert: &Certificate) -> impl Iterator<Item = &GeneralName> {
    cert.names()
        .iter()
        .take_while(|name| !is_unknown_form(name))
}

/// otherName, x400Address, ediPartyName, registeredID, and texts that are not ASCII.
const TAGS: [u8; 7] = [0xa0, 0x81, 0x82, 0xa3, 0xa5, 0x86, 0x88];

fn wildcard_or_same(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(base) => host
            .split_once('.')
            .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(base)),
        None => pattern.eq_ignore_ascii_case(host),
    }
}

/// `is_valid_dns_id` of webpki: hyphens inside labels only, a last label that
/// is no number, and two labels after a wildcard.
fn is_host(name: &str, presented: bool) -> bool {
    let wildcard = presented && name.starts_with('*');
    let rest = if wildcard {
        match name.strip_prefix("*.") {
            Some(rest) => rest,
            None => return false,
        }
    } else {
        name
    };
    let labels: Vec<&str> = rest.split('.').collect();
    let good = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let number = |label: &str| label.bytes().all(|b| b.is_ascii_digit());
    name.len() <= 253
        && labels.iter().all(good)
        && labels.last().is_some_and(|last| !number(last))
        && (!wildcard || labels.len() >= 2)
}

/// `Budget`: names compared with bases in a verification.
const MOST_COMPARISONS: u32 = 250_000;

/// What is said where there are more.
pub(super) const TOO_MANY: &str = "MaximumNameConstraintComparisonsExceeded";

/// The first violation in a path, as webpki's error names it.
pub(super) fn constraints(path: &[&Certificate]) -> Option<String> {
    let mut left = MOST_COMPARISONS;
    for (constraints, below) in applied(path) {
        let Some(constraints) = constraints else {
            return Some("BadDer".into());
        };
        for cert in below {
            // A directory name is always there; what it is does not matter.
            let directory = GeneralName::Directory(Dn::empty());
            for name in cert.names().iter().chain([&directory]) {
                if is_unknown_form(name) {
                    return Some("BadDer".into());
                }
                if let Err(error) = violation(name, constraints, &mut left) {
                    return Some(error.into());
                }
            }
        }
    }
    None
}

/// The constraints of a certificate and the certificates below it, from the top
/// of the path down; `None` for an extension that is there and unreadable.
fn applied<'a>(
    path: &'a [&'a Certificate],
) -> impl Iterator<Item = (Option<&'a NameConstraints>, &'a [&'a Certificate])> {
    (1..path.len()).rev().filter_map(|at| {
        let extension = facts::extension(path[at], oid::NAME_CONSTRAINTS)?;
        // Webpki takes an extension without either list.
        let empty = extension.value == [0x30, 0];
        let constraints = path[at].name_constraints();
        (!empty).then_some((constraints, &path[..at]))
    })
}

/// A tag that no form of `GeneralName` has.
fn is_unknown_form(name: &GeneralName) -> bool {
    matches!(name, GeneralName::Other { tag, .. } if !TAGS.contains(tag))
}

fn violation(
    name: &GeneralName,
    constraints: &NameConstraints,
    left: &mut u32,
) -> Result<(), &'static str> {
    const VIOLATION: &str = "NameConstraintViolation";
    let lists = [
        (&constraints.permitted, true),
        (&constraints.excluded, false),
    ];
    for (list, permitting) in lists {
        let (mut met, mut missed) = (false, false);
        for subtree in subtrees(list.as_ref()) {
            *left = left.checked_sub(1).ok_or(TOO_MANY)?;
            if !subtree.plain || is_unknown_form(&subtree.base) {
                return Err("BadDer");
            }
            let Some(matches) = within(name, &subtree.base, permitting)? else {
                continue;
            };
            match (permitting, matches) {
                (true, true) => met = true,
                (true, false) => missed = true,
                (false, true) => return Err(VIOLATION),
                (false, false) => {}
            }
        }
        if missed && !met {
            return Err(VIOLATION);
        }
    }
    Ok(())
}

/// `None`: another form.
fn within(
    name: &GeneralName,
    base: &GeneralName,
    permitting: bool,
) -> Result<Option<bool>, &'static str> {
    match (name, base) {
        (GeneralName::Dns(name), GeneralName::Dns(base)) => {
            if !is_host(name, true) {
                return Err("MalformedDnsIdentifier");
            }
            let plain = base.strip_prefix('.').unwrap_or(base);
            if !base.is_empty() && !is_host(plain, false) {
                return Err("MalformedNameConstraint");
            }
            Ok(Some(within_host(name, base, permitting)))
        }
        // Octets that are no ASCII.
        (GeneralName::Other { tag: 0x82, .. }, GeneralName::Dns(_)) => {
            Err("MalformedDnsIdentifier")
        }
        (GeneralName::Other { tag: 0x81, .. }, GeneralName::Email(_)) => {
            Err("NameConstraintViolation")
        }
        (GeneralName::Ip(name), GeneralName::Ip(base)) => match (name.len(), base.len()) {
            (4, 8) | (16, 32) => in_masked(name, base).map(Some),
            (4, 32) | (16, 8) => Ok(Some(false)),
            (4 | 16, _) => Err("InvalidNetworkMaskConstraint"),
            _ => Err("BadDer"),
        },
        // Neither is looked into: permitted is never met, excluded always.
        (GeneralName::Directory(_), GeneralName::Directory(_))
        | (
            GeneralName::Uri(_) | GeneralName::Other { tag: 0x86, .. },
            GeneralName::Uri(_) | GeneralName::Other { tag: 0x86, .. },
        ) => Ok(Some(!permitting)),
        (GeneralName::Email(_), GeneralName::Email(_)) => Err("NameConstraintViolation"),
        (GeneralName::Other { tag: a, .. }, GeneralName::Other { tag: b, .. }) if a == b => {
            Err("NameConstraintViolation")
        }
        _ => Ok(None),
    }
}

/// Octet by octet, so that a mask is refused only as far as it is read.
fn in_masked(name: &[u8], base: &[u8]) -> Result<bool, &'static str> {
    let (network, mask) = base.split_at(name.len());
    for i in 0..name.len() {
        if !is_mask(&mask[..=i]) {
            return Err("InvalidNetworkMaskConstraint");
        }
        if (name[i] ^ network[i]) & mask[i] != 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A wildcard is within what is excluded where it may stand for such a name,
/// and within nothing that is permitted unless a label of the base is below it.
fn within_host(name: &str, base: &str, permitting: bool) -> bool {
    if base.is_empty() {
        return true;
    }
    if ends_at_label(name, base) {
        return true;
    }
    let host = base.strip_prefix('.').unwrap_or(base);
    match (permitting, name.strip_prefix('*'), host.split_once('.')) {
        // `*.example.com` against `www.example.com`.
        (false, Some(rest), Some((label, below))) if !label.is_empty() => rest
            .strip_prefix('.')
            .is_some_and(|rest| rest.eq_ignore_ascii_case(below)),
        _ => false,
    }
}
