//! Names as OpenSSL 3.0 compares them: `v3_utl.c do_x509_check`, with the CN where
//! there is no dNSName, and `v3_ncons.c`.

use std::borrow::Cow;

use super::wildcard::matches_host;
use crate::cert::{Certificate, NameConstraints, Subtree};
use crate::chain::PeerName;
use crate::consumer::facts;
use crate::consumer::names::{as_text, ends_at_label, hosts, in_network, octets, other, subtrees};
use crate::model::dn::DnCompare;
use crate::model::san::GeneralName;

/// Whether a certificate covers the name that was dialled. `partial`: a wildcard may
/// be a part of its label (without `X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS`).
pub(super) fn covers(peer: &PeerName, cert: &Certificate, partial: bool) -> bool {
    match peer {
        PeerName::Ip(ip) => {
            let octets = octets(*ip);
            let same =
                |name: &GeneralName| matches!(name, GeneralName::Ip(found) if *found == octets);
            cert.names().iter().any(same)
        }
        PeerName::Dns(host) => {
            if hosts(cert.names()).next().is_some() {
                return hosts(cert.names()).any(|pattern| matches_host(pattern, host, partial));
            }
            let mut names = facts::attributes(cert.subject(), "CN");
            names.any(|pattern| matches_host(&pattern, host, partial))
        }
        _ => other(peer, cert),
    }
}

const PERMITTED: &str = "permitted subtree violation";
const EXCLUDED: &str = "excluded subtree violation";
const SYNTAX: &str = "unsupported or invalid name syntax";
const UNSUPPORTED: &str = "unsupported name constraint type";

/// `NAME_CHECK_MAX`: names times constraints of one pair of certificates.
const MOST_CHECKS: usize = 1 << 20;

/// The first violation in a chain.
pub(super) fn constraints(path: &[&Certificate]) -> Option<String> {
    for at in (0..path.len()).rev() {
        let cert = path[at];
        let self_issued = cert.issuer().equals(cert.subject(), DnCompare::OpenSsl);
        if at != 0 && self_issued {
            continue;
        }
        for issuer in path[at + 1..].iter().rev() {
            let Some(constraints) = issuer.name_constraints() else {
                continue;
            };
            if too_many(cert, constraints) {
                return Some("unspecified certificate verification error".into());
            }
            let mut names: Vec<GeneralName> = Vec::new();
            if !cert.subject().is_empty() {
                names.push(GeneralName::Directory(cert.subject().clone()));
            }
            names.extend(facts::attributes(cert.subject(), "emailAddress").map(GeneralName::Email));
            names.extend(cert.names().iter().map(as_text));
            let has_host = names.iter().any(|n| matches!(n, GeneralName::Dns(_)));
            if at == 0 && !has_host {
                let hosts = facts::attributes(cert.subject(), "CN").filter(|cn| is_host(cn));
                names.extend(hosts.map(GeneralName::Dns));
            }
            if let Some(error) = names.iter().find_map(|n| violation(n, constraints)) {
                return Some(error.into());
            }
        }
    }
    None
}

/// Whether there is too much to compare: attributes of the subject and names, with
/// all bases (`NAME_CONSTRAINTS_check`).
fn too_many(cert: &Certificate, constraints: &NameConstraints) -> bool {
    let names = facts::strings(cert.subject()).count() + cert.names().len();
    let lists = [&constraints.permitted, &constraints.excluded];
    let bases: usize = lists.iter().map(|list| subtrees(list.as_ref()).len()).sum();
    names
        .checked_mul(bases)
        .is_none_or(|_| bases > 0 && names > MOST_CHECKS / bases)
}

/// `cn2dnsid`: a CN of two labels or more that looks like a host.
fn is_host(cn: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    cn.contains('.')
        && !cn.starts_with('-')
        && !cn.ends_with('-')
        && cn
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(inner))
        && !cn.contains("-.")
        && !cn.contains(".-")
}

fn violation(name: &GeneralName, constraints: &NameConstraints) -> Option<&'static str> {
    let same = |s: &&Subtree| same_form(&base(s), name);
    let permitted = subtrees(constraints.permitted.as_ref()).iter().filter(same);
    let (mut any, mut met) = (false, false);
    for subtree in permitted {
        if !subtree.plain {
            return Some("name constraints minimum and maximum not supported");
        }
        any = true;
        if !met {
            match within(name, &base(subtree)) {
                Ok(within) => met = within,
                Err(error) => return Some(error),
            }
        }
    }
    if any && !met {
        return Some(PERMITTED);
    }
    for subtree in subtrees(constraints.excluded.as_ref()).iter().filter(same) {
        if !subtree.plain {
            return Some("name constraints minimum and maximum not supported");
        }
        match within(name, &base(subtree)) {
            Ok(true) => return Some(EXCLUDED),
            Ok(false) => {}
            Err(error) => return Some(error),
        }
    }
    None
}

/// The base, of its form also where its octets are no ASCII.
fn base(subtree: &Subtree) -> Cow<'_, GeneralName> {
    match &subtree.base {
        other @ GeneralName::Other { .. } => Cow::Owned(as_text(other)),
        known => Cow::Borrowed(known),
    }
}

/// otherNames are of one form only where their types are the same.
fn same_form(base: &GeneralName, name: &GeneralName) -> bool {
    match (name, base) {
        (
            GeneralName::Other { tag, value },
            GeneralName::Other {
                tag: of_base,
                value: base,
            },
        ) => {
            let kind = |value: &[u8]| -> Option<Vec<u8>> {
                Some(crate::der::Reader::new(value).any().ok()?.raw.to_vec())
            };
            tag == of_base && (*tag != 0xa0 || kind(value) == kind(base))
        }
        _ => std::mem::discriminant(name) == std::mem::discriminant(base),
    }
}

fn within(name: &GeneralName, base: &GeneralName) -> Result<bool, &'static str> {
    match (name, base) {
        (GeneralName::Directory(name), GeneralName::Directory(base)) => {
            Ok(name.within(base, DnCompare::OpenSsl))
        }
        (GeneralName::Dns(name), GeneralName::Dns(base)) => {
            Ok(base.is_empty() || ends_at_label(name, base))
        }
        (GeneralName::Email(name), GeneralName::Email(base)) => within_mail(name, base),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => within_uri(name, base),
        (GeneralName::Ip(name), GeneralName::Ip(base)) => {
            if ![4, 16].contains(&name.len()) || ![8, 32].contains(&base.len()) {
                return Err(SYNTAX);
            }
            Ok(in_network(name, base))
        }
        _ => Err(UNSUPPORTED),
    }
}

fn within_mail(name: &str, base: &str) -> Result<bool, &'static str> {
    let (local, host) = name.rsplit_once('@').ok_or(SYNTAX)?;
    match base.rsplit_once('@') {
        None if base.starts_with('.') => {
            let (name, base) = (name.to_ascii_lowercase(), base.to_ascii_lowercase());
            Ok(name.len() > base.len() && name.ends_with(&base))
        }
        None => Ok(host.eq_ignore_ascii_case(base)),
        Some((at, base)) => Ok((at.is_empty() || at == local) && host.eq_ignore_ascii_case(base)),
    }
}

fn within_uri(name: &str, base: &str) -> Result<bool, &'static str> {
    let (_, rest) = name.split_once("://").ok_or(SYNTAX)?;
    let end = rest.find(':').or_else(|| rest.find('/'));
    let host = &rest[..end.unwrap_or(rest.len())];
    if host.is_empty() {
        return Err(SYNTAX);
    }
    if base.starts_with('.') {
        let (host, base) = (host.to_ascii_lowercase(), base.to_ascii_lowercase());
        return Ok(host.len() > base.len() && host.ends_with(&base));
    }
    Ok(host.eq_ignore_ascii_case(base))
}

/// A tag that no form of `GeneralName` has, or an ediPartyName without a party.
pub(super) fn is_malformed(name: &GeneralName) -> bool {
    const EDI_PARTY: u8 = 0xa5;
    const KNOWN: [u8; 7] = [0xa0, 0x81, 0x82, 0xa3, EDI_PARTY, 0x86, 0x88];
    match name {
        GeneralName::Other { tag, value } => {
            !KNOWN.contains(tag) || (*tag == EDI_PARTY && value.is_empty())
        }
        _ => false,
    }
}
