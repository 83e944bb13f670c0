//! Names as the JDK reads them (`sun.security.x509`).

use crate::cert::{Certificate, NameConstraints, Subtree, oid};
use crate::consumer::facts;
use crate::consumer::names::{as_text, without_suffix};
use crate::der::{self, tag};
use crate::model::dn::DnCompare;
use crate::model::san::{GeneralName, San};

/// ediPartyName
const EDI_PARTY: u8 = 0xa5;

/// The SubjectAltName; `None` where it is absent, or where one name in it
/// cannot be read: the extension is then as if it were not there.
pub(super) fn alternative(cert: &Certificate) -> Option<&[GeneralName]> {
    facts::names_der(cert)?;
    let names = cert.names();
    (cert.has_names() && names.iter().all(readable)).then_some(names)
}

/// Why 25 cannot read the SubjectAltName; `None` where it can.
pub(super) fn unreadable(cert: &Certificate) -> Option<String> {
    if alternative(cert).is_some() {
        return None;
    }
    let odd = cert.names().iter().find(|name| !readable(name));
    Some(match odd {
        Some(GeneralName::Ip(_)) => "Invalid IPAddressName".into(),
        Some(GeneralName::Uri(uri)) => format!("invalid URI name:{uri}"),
        Some(GeneralName::Email(text)) if text.is_empty() => "RFC822Name may not be empty".into(),
        Some(GeneralName::Email(text)) if text.ends_with('@') => {
            "RFC822Name may not end with @".into()
        }
        Some(GeneralName::Email(_)) => "RFC822Name domain may not be just .".into(),
        Some(GeneralName::Other { tag, .. }) if tag & 0x1f > 8 => {
            format!("Unrecognized GeneralName tag, ({})", tag & 0x1f)
        }
        _ => "CertificateParsingException".into(),
    })
}

/// The minimum or maximum of a base that stands above some names.
pub(super) fn base_distance(path: &[&Certificate], dn: DnCompare) -> Option<String> {
    (1..path.len()).rev().find_map(|at| {
        let constraints = read_constraints(path[at])?;
        let lists = [&constraints.permitted, &constraints.excluded];
        let odd = lists.into_iter().flatten().flatten().find(|s| !s.plain)?;
        below(path, at, dn).next()?;
        Some(if odd.has_maximum {
            "Maximum BaseDistance".to_owned()
        } else {
            "Non-zero minimum BaseDistance".to_owned()
        })
    })
}

fn readable(name: &GeneralName) -> bool {
    match name {
        GeneralName::Email(text) => {
            let domain = text
                .split_once('@')
                .map_or(text.as_str(), |(_, domain)| domain);
            !domain.is_empty() && domain != "."
        }
        GeneralName::Uri(text) => uri(text),
        GeneralName::Ip(octets) => [4, 8, 16, 32].contains(&octets.len()),
        // `getIA5String` reads any octets as ASCII.
        GeneralName::Other { tag, value } => {
            [0xa0, 0x81, 0x82, 0xa3, EDI_PARTY, 0x88].contains(tag)
                && !(*tag == EDI_PARTY && value.is_empty())
        }
        GeneralName::Dns(_) | GeneralName::Directory(_) => true,
    }
}

/// `java.net.URI` with a scheme, and a host that is a name or an address.
fn uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let legal = |b: u8| (0x21..=0x7e).contains(&b) && !b"\"<>\\^`{|}".contains(&b);
    if !scheme_ok || rest.is_empty() || !rest.bytes().all(legal) {
        return false;
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return true;
    };
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if authority.contains('[') && !authority.contains(']') {
        return false;
    }
    match uri_host(authority) {
        // A registry-based authority has no host, which is allowed.
        None => true,
        Some(host) if host.starts_with('[') => true,
        Some(host) => is_dns_name(host) || host.parse::<std::net::Ipv4Addr>().is_ok(),
    }
}

/// The host of a server-based authority; `None` where it is none.
fn uri_host(authority: &str) -> Option<&str> {
    let host = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    if host.starts_with('[') {
        return Some(&host[..=host.find(']')?]);
    }
    let (host, port) = host.split_once(':').unwrap_or((host, ""));
    let top_is_word = host
        .trim_end_matches('.')
        .rsplit('.')
        .next()
        .is_some_and(|top| top.starts_with(|c: char| c.is_ascii_alphabetic()));
    let address = host.parse::<std::net::Ipv4Addr>().is_ok();
    let plain = !host.is_empty()
        && port.bytes().all(|b| b.is_ascii_digit())
        && host.split('.').all(|label| {
            !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
    (plain && (top_is_word || address)).then_some(host)
}

/// `new DNSName(String)`
fn is_dns_name(text: &str) -> bool {
    !text.is_empty()
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.starts_with(|c: char| c.is_ascii_alphanumeric())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

/// Whether a name constraints extension makes the parser give up.
pub(super) fn constraints_unparseable(cert: &Certificate) -> bool {
    let Some(extension) = facts::extension(cert, oid::NAME_CONSTRAINTS) else {
        return false;
    };
    let Some(constraints) = cert.name_constraints() else {
        return extension.value != [tag::SEQUENCE, 0];
    };
    let lists = [&constraints.permitted, &constraints.excluded];
    lists
        .into_iter()
        .flatten()
        .flatten()
        .any(|s| match &s.base {
            GeneralName::Uri(text) => {
                text.contains(':') || !is_dns_name(text.strip_prefix('.').unwrap_or(text))
            }
            GeneralName::Other { tag, .. } if [0x81, 0x82].contains(tag) => true,
            other => !readable(other),
        })
}

/// The name constraints that are followed: none where the parser gives up, since an
/// extension that is not critical is then passed over.
fn read_constraints(cert: &Certificate) -> Option<&NameConstraints> {
    cert.name_constraints()
        .filter(|_| !constraints_unparseable(cert))
}

/// `AlgorithmId.equals`: NULL and absent parameters are the same.
pub(super) fn same_algorithm(cert: &Certificate) -> bool {
    let plain = |identifier: &[u8]| {
        let content = der::only(identifier, tag::SEQUENCE).ok()?.value;
        let bare = content.strip_suffix(&[tag::NULL, 0]).unwrap_or(content);
        Some(bare.to_vec())
    };
    let inner = facts::inner_algorithm(cert).and_then(|inner| plain(inner.raw));
    inner == plain(cert.algorithm_identifier())
}

/// Whether a host is compared with an empty one: `DNSName.constrains` looks at
/// the first letter of both.
pub(super) fn empty_base(path: &[&Certificate], dn: DnCompare) -> bool {
    let hosts = |empty: bool| move |name: &GeneralName| matches!(name, GeneralName::Dns(host) if host.is_empty() == empty);
    let met = |base: bool, name: bool| compared(path, dn, hosts(base), hosts(name), |_, _| true);
    met(true, false) || met(false, true)
}

/// Whether an IPv4 address is compared with an IPv6 network that begins with it,
/// beyond its end.
pub(super) fn past_the_end(path: &[&Certificate], dn: DnCompare) -> bool {
    let of = |octets: usize| move |name: &GeneralName| matches!(name, GeneralName::Ip(ip) if ip.len() == octets);
    compared(path, dn, of(32), of(4), |base, name| match (base, name) {
        (GeneralName::Ip(base), GeneralName::Ip(name)) => {
            (0..4).all(|i| name[i] & base[16 + i] == base[i])
        }
        _ => false,
    })
}

/// Whether an IPv6 address is excluded by the first octets of an IPv4 network.
pub(super) fn first_octets_excluded(path: &[&Certificate], dn: DnCompare) -> bool {
    (1..path.len()).any(|at| {
        let excluded = read_constraints(path[at]).and_then(|c| c.excluded.as_deref());
        let excluded = excluded.unwrap_or_default();
        !excluded.is_empty()
            && below(path, at, dn).any(|name| excluded.iter().any(|s| begins(&s.base, &name)))
    })
}

/// Whether an IPv6 address has the first octets of an IPv4 network.
fn begins(base: &GeneralName, name: &GeneralName) -> bool {
    match (base, name) {
        (GeneralName::Ip(base), GeneralName::Ip(name)) => {
            base.len() == 8 && name.len() == 16 && (0..4).all(|i| name[i] & base[4 + i] == base[i])
        }
        _ => false,
    }
}

/// Whether a URI without a host is compared with a base.
pub(super) fn hostless_uri(path: &[&Certificate], dn: DnCompare) -> bool {
    let uri = |base: &GeneralName| matches!(base, GeneralName::Uri(_));
    let hostless =
        |name: &GeneralName| matches!(name, GeneralName::Uri(uri) if host_of(uri).is_none());
    compared(path, dn, uri, hostless, |_, _| true)
}

/// Whether two names are compared of a form for which Java has no order.
pub(super) fn incomparable(path: &[&Certificate], dn: DnCompare) -> bool {
    let other = |name: &GeneralName| matches!(name, GeneralName::Other { .. });
    compared(path, dn, other, other, |base, name| match (base, name) {
        (GeneralName::Other { tag: a, value: v }, GeneralName::Other { tag: b, value: w }) => {
            // registeredID: the same is no question.
            a == b && (*a != 0x88 || v != w)
        }
        _ => false,
    })
}

/// Names of what is below a certificate, as far as its constraints are for them.
fn below<'a>(
    path: &'a [&'a Certificate],
    at: usize,
    dn: DnCompare,
) -> impl Iterator<Item = GeneralName> + 'a {
    let below = path[..at].iter().enumerate();
    below
        .filter(move |(i, c)| *i == 0 || !c.issuer().equals(c.subject(), dn))
        .flat_map(|(_, cert)| judged(cert))
}

/// Whether some base and some name that is below it are so, out of those of which
/// `base` and `name` hold.
fn compared(
    path: &[&Certificate],
    dn: DnCompare,
    base: impl Fn(&GeneralName) -> bool,
    name: impl Fn(&GeneralName) -> bool,
    so: impl Fn(&GeneralName, &GeneralName) -> bool,
) -> bool {
    (1..path.len()).any(|at| {
        let constraints = read_constraints(path[at]);
        let lists = constraints.map(|c| [&c.permitted, &c.excluded]);
        let bases = lists.into_iter().flatten().flatten().flatten();
        let bases: Vec<&Subtree> = bases.filter(|s| base(&s.base)).collect();
        !bases.is_empty()
            && below(path, at, dn)
                .filter(|found| name(found))
                .any(|found| bases.iter().any(|s| so(&s.base, &found)))
    })
}

/// How a constraint and a name stand to each other (`GeneralNameInterface`),
/// as far as a name that is judged needs it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Relation {
    Other,
    Within,
    SameForm,
}

/// Whether the names of every certificate are within the constraints of those
/// above it; `path` without the anchor. `first_octets`: an IPv6 address is in an
/// IPv4 network by its first octets (17).
pub(super) fn constraints(path: &[&Certificate], dn: DnCompare, first_octets: bool) -> bool {
    (1..path.len()).all(|at| {
        let Some(constraints) = read_constraints(path[at]) else {
            return true;
        };
        let below = path[..at].iter().enumerate();
        below
            .filter(|(i, c)| *i == 0 || !c.issuer().equals(c.subject(), dn))
            .all(|(_, cert)| {
                judged(cert).iter().all(|name| {
                    let permitted = constraints.permitted.as_deref().unwrap_or_default();
                    let excluded = constraints.excluded.as_deref().unwrap_or_default();
                    let of_17 = || first_octets && permitted.iter().any(|s| begins(&s.base, name));
                    holds(name, permitted, excluded, dn)
                        || (of_17() && holds(name, &[], excluded, dn))
                })
            })
    })
}

/// What is compared: the subject, and the names that [`listed`] gives.
fn judged(cert: &Certificate) -> Vec<GeneralName> {
    let subject = Some(cert.subject()).filter(|subject| !subject.is_empty());
    let mut names: Vec<GeneralName> = subject
        .into_iter()
        .cloned()
        .map(GeneralName::Directory)
        .collect();
    names.extend(listed(cert));
    names
}

/// The SubjectAltName; the subject's mail addresses where there is none; and
/// the last CN where it is an address or may be a host and no such name is there.
fn listed(cert: &Certificate) -> Vec<GeneralName> {
    let mut names: Vec<GeneralName> = match alternative(cert) {
        Some(alternative) => alternative.iter().map(as_text).collect(),
        None => facts::attributes(cert.subject(), "emailAddress")
            .map(GeneralName::Email)
            .collect(),
    };
    let Some(cn) = facts::last_common_name(cert.subject()) else {
        return names;
    };
    if let Ok(ip) = cn.parse::<std::net::IpAddr>() {
        if !names.iter().any(GeneralName::is_ip) {
            names.push((&San::Ip(ip)).into());
        }
    } else if !names.iter().any(|n| matches!(n, GeneralName::Dns(_)))
        && is_dns_name(&cn.replace('*', "z"))
    {
        names.push(GeneralName::Dns(cn));
    }
    names
}

/// The names that the host is compared with. `NameConstraintsExtension.verify`
/// puts the CN into the very list of the certificate, so that it counts from
/// then on: where there is a SubjectAltName and a CA below the anchor has
/// constraints (measured with 17 and 25).
pub(super) fn as_host_name_checker_sees(path: &[&Certificate]) -> Option<Vec<GeneralName>> {
    let names = alternative(path[0])?;
    let between = path.get(1..path.len() - 1).unwrap_or_default();
    if between.iter().any(|ca| read_constraints(ca).is_some()) {
        return Some(listed(path[0]));
    }
    Some(names.iter().map(as_text).collect())
}

fn holds(name: &GeneralName, permitted: &[Subtree], excluded: &[Subtree], dn: DnCompare) -> bool {
    let relation = |s: &Subtree| relation(&s.base, name, dn);
    if excluded.iter().any(|s| relation(s) == Relation::Within) {
        return false;
    }
    let mut same_form = false;
    for subtree in permitted {
        match relation(subtree) {
            Relation::Within => return true,
            Relation::SameForm => same_form = true,
            Relation::Other => {}
        }
    }
    !same_form
}

fn relation(base: &GeneralName, name: &GeneralName, dn: DnCompare) -> Relation {
    let within = match (base, name) {
        // A wildcard is a name like any other (since 17.0.17 it is excluded
        // where it may stand for what is excluded; not measured).
        (GeneralName::Dns(base), GeneralName::Dns(name)) => dns_within(base, name),
        (GeneralName::Email(base), GeneralName::Email(name)) => mail_within(base, name),
        (GeneralName::Uri(base), GeneralName::Uri(name)) => uri_within(base, name),
        (GeneralName::Ip(base), GeneralName::Ip(name)) => ip_within(base, name),
        (GeneralName::Directory(base), GeneralName::Directory(name)) => name.within(base, dn),
        (GeneralName::Other { tag: a, value: v }, GeneralName::Other { tag: b, value: w })
            if a == b =>
        {
            // otherName: the same or unsupported, which ends the check.
            v == w
        }
        _ => return Relation::Other,
    };
    if within {
        Relation::Within
    } else {
        Relation::SameForm
    }
}

fn dns_within(base: &str, name: &str) -> bool {
    without_suffix(name, base)
        .is_some_and(|above| above.is_empty() || above.ends_with(b".") != base.starts_with('.'))
}

fn mail_within(base: &str, name: &str) -> bool {
    without_suffix(name, base).is_some_and(|above| {
        let whole = above.is_empty();
        let below = base.starts_with('.') || above.ends_with(b"@");
        whole || (below && !base.contains('@'))
    })
}

/// The host of a URI, where it has one.
fn host_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    uri_host(&rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())])
}

fn uri_within(base: &str, name: &str) -> bool {
    let Some(host) = host_of(name) else {
        return false;
    };
    match base.strip_prefix('.') {
        Some(domain) => dns_within(domain, host) && !host.eq_ignore_ascii_case(domain),
        None => host.eq_ignore_ascii_case(base),
    }
}

/// The address under the mask is the network, which must have no bits beyond it;
/// a network is within another that holds all of it, and an empty one in any
/// (`IPAddressName.constrains`).
fn ip_within(base: &[u8], name: &[u8]) -> bool {
    if base == name {
        return true;
    }
    let (network, mask) = base.split_at(base.len() / 2);
    if network.len() == name.len() {
        return (0..name.len()).all(|i| name[i] & mask[i] == network[i]);
    }
    if base.len() != name.len() || ![8, 32].contains(&base.len()) {
        return false;
    }
    let (other, other_mask) = name.split_at(name.len() / 2);
    let empty = |net: &[u8], mask: &[u8]| net.iter().zip(mask).any(|(n, m)| n & m != *n);
    match (empty(network, mask), empty(other, other_mask)) {
        (false, false) => (0..network.len()).all(|i| {
            mask[i] & other_mask[i] == mask[i] && network[i] & mask[i] == other[i] & mask[i]
        }),
        (_, other_empty) => other_empty,
    }
}
