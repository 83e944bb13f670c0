//! Names as Go compares them: `VerifyHostname` and name constraints.

use super::mailbox::{is_domain, mailbox};
use crate::cert::{Certificate, NameConstraints, Subtree, oid};
use crate::chain::PeerName;
use crate::consumer::facts;
use crate::consumer::names::{
    hosts, in_network, is_mask, octets, other, subtrees, unmapped, without_suffix,
};
use crate::model::san::GeneralName;

/// Whether a certificate covers the name that was dialled (verify.go `VerifyHostname`).
pub(super) fn covers(peer: &PeerName, cert: &Certificate) -> bool {
    match peer {
        PeerName::Ip(ip) => {
            // `net.IP.Equal` takes IPv4 and its mapped form for one.
            let same = |name: &GeneralName| match name {
                GeneralName::Ip(found) => unmapped(found) == unmapped(&octets(*ip)),
                _ => false,
            };
            cert.names().iter().any(same)
        }
        PeerName::Dns(host) => hosts(cert.names()).any(|pattern| matches_host(pattern, host)),
        _ => other(peer, cert),
    }
}

/// Whether the CN would cover the host, which is only told.
pub(super) fn matches_common_name(cn: &str, peer: &PeerName) -> bool {
    matches!(peer, PeerName::Dns(host) if matches_host(cn, host))
}

/// Names that are no hosts at all are compared letter by letter.
fn matches_host(pattern: &str, host: &str) -> bool {
    let bare = host.strip_suffix('.').unwrap_or(host);
    if !(is_host(bare, false) && is_host(pattern, true)) {
        return ![pattern, host].iter().any(|t| ["", "."].contains(t))
            && pattern.eq_ignore_ascii_case(host);
    }
    let (left, right) = (pattern.split('.'), bare.split('.'));
    left.clone().count() == right.clone().count()
        && left
            .zip(right)
            .enumerate()
            .all(|(i, (p, h))| (i == 0 && p == "*") || p.eq_ignore_ascii_case(h))
}

fn is_host(host: &str, pattern: bool) -> bool {
    let label = |(i, label): (usize, &str)| {
        let inner =
            |(j, b): (usize, u8)| b.is_ascii_alphanumeric() || b == b'_' || (b == b'-' && j != 0);
        !label.is_empty()
            && ((pattern && i == 0 && label == "*") || label.bytes().enumerate().all(inner))
    };
    host != "*" && !host.is_empty() && host.split('.').enumerate().all(label)
}

/// Why Go's parser cannot read the constraints.
pub(super) fn unreadable(cert: &Certificate) -> Option<String> {
    let extension = facts::extension(cert, oid::NAME_CONSTRAINTS)?;
    let Some(constraints) = cert.name_constraints() else {
        let empty = extension.value == [0x30, 0];
        return Some(if empty {
            "empty name constraints extension".into()
        } else {
            "invalid NameConstraints extension".into()
        });
    };
    let all = || {
        let lists = [&constraints.permitted, &constraints.excluded];
        lists.into_iter().flat_map(|list| subtrees(list.as_ref()))
    };
    if all().next().is_none() {
        return Some("empty name constraints extension".into());
    }
    all().find_map(|subtree| match &subtree.base {
        GeneralName::Dns(base) if !is_domain(base) => {
            Some(format!("failed to parse dnsName constraint {base:?}"))
        }
        GeneralName::Ip(octets) if ![8, 32].contains(&octets.len()) => Some(format!(
            "IP constraint contained value of length {}",
            octets.len()
        )),
        GeneralName::Ip(octets) if !is_mask(&octets[octets.len() / 2..]) => {
            Some("IP constraint contained invalid mask".into())
        }
        GeneralName::Email(base) => {
            let good = if base.contains('@') {
                mailbox(base).is_some()
            } else {
                is_domain(base)
            };
            (!good).then(|| format!("failed to parse rfc822Name constraint {base:?}"))
        }
        GeneralName::Uri(base) if base.parse::<std::net::IpAddr>().is_ok() => Some(format!(
            "failed to parse URI constraint {base:?}: cannot be IP address"
        )),
        GeneralName::Uri(base) if !is_domain(base) => {
            Some(format!("failed to parse URI constraint {base:?}"))
        }
        GeneralName::Other { tag, .. } if [0x81, 0x82, 0x86].contains(tag) => {
            Some("invalid constraint value".into())
        }
        _ => None,
    })
}

/// Whether there are forms that Go does not handle: an unhandled critical extension then.
pub(super) fn unhandled(cert: &Certificate) -> bool {
    let Some(constraints) = cert.name_constraints() else {
        return false;
    };
    let lists = [&constraints.permitted, &constraints.excluded];
    lists
        .into_iter()
        .flat_map(|list| subtrees(list.as_ref()))
        .any(|s| {
            matches!(
                s.base,
                GeneralName::Directory(_) | GeneralName::Other { .. }
            )
        })
}

/// A base that is a dot alone, which 1.26 does not read (`domainNameValid`).
pub(super) fn dot_alone(cert: &Certificate) -> Option<String> {
    let constraints = cert.name_constraints()?;
    let lists = [&constraints.permitted, &constraints.excluded];
    let mut all = lists.into_iter().flat_map(|list| subtrees(list.as_ref()));
    all.find_map(|subtree| {
        let (kind, base) = match &subtree.base {
            GeneralName::Dns(base) => ("dnsName", base),
            GeneralName::Email(base) => ("rfc822Name", base),
            GeneralName::Uri(base) => ("URI", base),
            _ => return None,
        };
        (base == ".").then(|| format!("failed to parse {kind} constraint {base:?}"))
    })
}

/// What the constraints of `issuer` say of the names of `below`, in Go's words.
/// `since_1_25`: of each certificate addresses, hosts, URIs and mail in this order,
/// what is permitted first; and `*.x` is excluded where any name it may stand for is.
pub(super) fn constraints(
    issuer: &Certificate,
    below: &[&Certificate],
    since_1_25: bool,
) -> Option<String> {
    let constraints = issuer.name_constraints()?;
    let of = |cert: &Certificate| {
        let mut names: Vec<&GeneralName> = cert.names().iter().collect();
        if since_1_25 {
            names.sort_by_key(|name| match name {
                GeneralName::Ip(_) => 0,
                GeneralName::Dns(_) => 1,
                GeneralName::Uri(_) => 2,
                _ => 3,
            });
        }
        let unparsed = since_1_25.then(|| unmatched(cert)).flatten();
        unparsed.or_else(|| {
            let mut names = names.into_iter();
            names.find_map(|name| violation(name, constraints, since_1_25))
        })
    };
    below.iter().find_map(|cert| of(cert))
}

/// What 1.25 and later take apart before they compare, whatever the constraints are
/// about: a URI without a host, or with an address for one, and mail.
fn unmatched(cert: &Certificate) -> Option<String> {
    let uri = cert.names().iter().find_map(|name| match name {
        GeneralName::Uri(text) => {
            let what = match uri_host(text).unwrap_or_default() {
                "" => "empty host",
                host if host.starts_with('[') || is_ip(host) => "IP",
                _ => return None,
            };
            Some(format!(
                "URI with {what} ({text:?}) cannot be matched against constraints"
            ))
        }
        _ => None,
    });
    uri.or_else(|| {
        cert.names().iter().find_map(|name| match name {
            GeneralName::Email(text) if mailbox(text).is_none() => {
                Some(format!("cannot parse rfc822Name {text:?}"))
            }
            _ => None,
        })
    })
}

fn violation(
    name: &GeneralName,
    constraints: &NameConstraints,
    since_1_25: bool,
) -> Option<String> {
    let (kind, shown) = match name {
        GeneralName::Dns(text) => ("DNS name", text.clone()),
        GeneralName::Email(text) => ("email address", shown_mail(text, since_1_25)),
        GeneralName::Uri(text) => ("URI", text.clone()),
        GeneralName::Ip(octets) => {
            let address = GeneralName::Ip(unmapped(octets).to_vec());
            ("IP address", address.value())
        }
        _ => return None,
    };
    match name {
        GeneralName::Dns(text) if !is_name(text) => {
            return Some(format!("x509: cannot parse dnsName {text:?}"));
        }
        GeneralName::Email(text) if !mailbox(text).is_some_and(|(_, domain)| is_name(domain)) => {
            return Some(format!("cannot parse rfc822Name {text:?}"));
        }
        _ => {}
    }
    let permitted = || of_form(constraints.permitted.as_ref(), name);
    let excluded = || of_form(constraints.excluded.as_ref(), name);
    let asked = || permitted().chain(excluded()).next().is_some();
    if let GeneralName::Uri(text) = name
        && asked()
    {
        let host = uri_host(text);
        if host.is_none_or(|h| h.is_empty() || h.starts_with('[') || is_ip(h)) {
            return Some(format!(
                "URI {text:?} cannot be matched against constraints"
            ));
        }
    }
    let meets = |base: &GeneralName, wildcards| match (name, base) {
        (GeneralName::Ip(name), GeneralName::Ip(base)) if since_1_25 => contains(base, name),
        _ => within(name, base, wildcards),
    };
    let excluded = || {
        let base = excluded().find(|base| meets(base, since_1_25))?;
        let base = shown_base(base);
        Some(format!(
            "{kind} {shown:?} is excluded by constraint {base:?}"
        ))
    };
    let missed = permitted().next().is_some() && !permitted().any(|b| meets(b, false));
    let missed = || missed.then(|| format!("{kind} {shown:?} is not permitted by any constraint"));
    if since_1_25 {
        missed().or_else(excluded)
    } else {
        excluded().or_else(missed)
    }
}

/// The bases of the form that a name has.
fn of_form<'a>(
    list: Option<&'a Vec<Subtree>>,
    name: &GeneralName,
) -> impl Iterator<Item = &'a GeneralName> {
    let form = std::mem::discriminant(name);
    let bases = subtrees(list).iter().map(|s| &s.base);
    bases.filter(move |base| std::mem::discriminant(*base) == form)
}

/// `MaxConstraintComparisions` where the caller sets none: bases that the names
/// below one certificate are compared with.
const MOST_COMPARISONS: usize = 250_000;

/// Whether Go before 1.25 gives up: all excluded bases of its form count for each
/// name, then all permitted ones, until a name is refused.
pub(super) fn too_many(issuer: &Certificate, below: &[&Certificate]) -> bool {
    let Some(constraints) = issuer.name_constraints() else {
        return false;
    };
    let count =
        |list: &Option<Vec<Subtree>>, name: &GeneralName| of_form(list.as_ref(), name).count();
    let mut counted = 0;
    // Of the forms that Go compares.
    let compared = |name: &&GeneralName| {
        !matches!(name, GeneralName::Directory(_) | GeneralName::Other { .. })
    };
    let names = below.iter().flat_map(|cert| cert.names());
    for name in names.filter(compared) {
        counted += count(&constraints.excluded, name);
        if counted > MOST_COMPARISONS {
            return true;
        }
        counted += count(&constraints.permitted, name);
        if violation(name, constraints, false).is_some() {
            return false;
        }
        if counted > MOST_COMPARISONS {
            return true;
        }
    }
    false
}

fn is_name(text: &str) -> bool {
    !text.starts_with('.') && is_domain(text)
}

fn is_ip(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

/// Since 1.25 as it was taken apart: without quotation, the domain in small letters.
fn shown_mail(text: &str, since_1_25: bool) -> String {
    match mailbox(text).filter(|_| since_1_25) {
        Some((local, domain)) => format!("{local}@{}", domain.to_ascii_lowercase()),
        None => text.to_owned(),
    }
}

fn shown_base(base: &GeneralName) -> String {
    match base {
        GeneralName::Ip(octets) => {
            let (address, mask) = octets.split_at(octets.len() / 2);
            let bits: u32 = mask.iter().map(|o| o.leading_ones()).sum();
            format!("{}/{bits}", GeneralName::Ip(address.to_vec()).value())
        }
        other => other.value(),
    }
}

fn uri_host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    if host.ends_with(']') {
        return Some(host);
    }
    Some(host.split_once(':').map_or(host, |(h, _)| h))
}

fn within(name: &GeneralName, base: &GeneralName, wildcards: bool) -> bool {
    match (name, base) {
        (GeneralName::Dns(name), GeneralName::Dns(base)) => {
            within_host(name, base)
                || (wildcards
                    && name.strip_prefix('*').is_some_and(|rest| {
                        let below = base.find('.').map(|at| &base[at..]);
                        below.is_some_and(|b| b.eq_ignore_ascii_case(rest))
                    }))
        }
        (GeneralName::Email(name), GeneralName::Email(base)) => {
            let Some((local, domain)) = mailbox(name) else {
                return false;
            };
            if base.contains('@') {
                let exact = |(l, d): (String, &str)| l == local && d.eq_ignore_ascii_case(domain);
                return mailbox(base).is_some_and(exact);
            }
            within_host(domain, base)
        }
        (GeneralName::Uri(name), GeneralName::Uri(base)) => {
            uri_host(name).is_some_and(|host| within_host(host, base))
        }
        (GeneralName::Ip(name), GeneralName::Ip(base)) => in_network(name, base),
        _ => false,
    }
}

/// `net.IPNet.Contains`, which 1.25 and later ask: an address that is mapped is one of
/// IPv4, and so is a network of such, whose mask must then begin with ones.
fn contains(base: &[u8], name: &[u8]) -> bool {
    let (network, mask) = base.split_at(base.len() / 2);
    let octets_before = network.len() - unmapped(network).len();
    let (prefix, rest) = mask.split_at(octets_before);
    network.len() == name.len()
        && prefix.iter().all(|octet| *octet == 0xff)
        && in_network(unmapped(name), &[unmapped(network), rest].concat())
}

/// Label by label; a leading dot asks for one more.
fn within_host(host: &str, base: &str) -> bool {
    if base.is_empty() {
        return true;
    }
    let below = base.starts_with('.');
    let base = base.strip_prefix('.').unwrap_or(base);
    without_suffix(host, base).is_some_and(|above| {
        let whole = above.is_empty();
        (whole && !below) || (!whole && (above.ends_with(b".") || base.is_empty()))
    })
}
