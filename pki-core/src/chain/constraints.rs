//! Name constraints (RFC 5280 4.2.1.10), one index per form of name, so that
//! checking costs the length of a name and not the number of constraints.

use std::collections::{BTreeMap, HashSet};
use std::mem::discriminant;

use super::check;
use super::host::{authority_host, is_host, mailbox, uri_parts};
use crate::cert::{Certificate, Fault as Flaw, NameConstraints, Subtree};
use crate::der::tag;
use crate::model::dn::{Attribute, Dn, DnCompare, Rdn};
use crate::model::san::GeneralName;

/// Names shown of one certificate that break constraints, and bases shown of
/// one constraint. The count of what is left out is told.
const SHOWN: usize = 4;

/// Tags of the forms of names.
const EMAIL: u8 = tag::context_primitive(1);
const DNS: u8 = tag::context_primitive(2);
const URI: u8 = tag::context_primitive(6);

/// The constraints of one CA, ready for look-ups.
#[derive(Debug, Default)]
pub(super) struct Constraints {
    permitted: Trees,
    excluded: Trees,
    /// What is there that no name can be compared with.
    malformed: Vec<Malformed>,
}

/// Why constraints cannot be applied.
#[derive(Clone, Debug)]
enum Malformed {
    /// The extension is not as RFC 5280 builds it.
    Structure(String),
    /// A text that is no base; it only hurts who must apply it.
    Text(String),
}

/// One of the two lists.
#[derive(Debug, Default)]
struct Trees {
    /// All bases, for people.
    bases: Vec<GeneralName>,
    dns: Hosts,
    email_hosts: Hosts,
    mailboxes: HashSet<(String, String)>,
    uri: Hosts,
    /// Octets and prefix length, then the networks.
    ip: BTreeMap<(usize, usize), HashSet<Vec<u8>>>,
    directory: Vec<Dn>,
    /// Tags of forms that are not compared here, such as otherName.
    others: HashSet<u8>,
}

/// Host names in lower case.
#[derive(Debug, Default)]
struct Hosts {
    /// The empty base: every host (NSS and Go read it so; RFC 5280 leaves it open).
    all: bool,
    exact: HashSet<String>,
    /// Bases of which only names below are meant, without the leading dot.
    below: HashSet<String>,
    /// The parents of `exact`, for wildcards.
    parents: HashSet<String>,
}

impl Hosts {
    fn insert(&mut self, base: &str) -> Result<(), Malformed> {
        let base = base.to_ascii_lowercase();
        let host = base.strip_prefix('.').unwrap_or(&base);
        if base.is_empty() {
            self.all = true;
        } else if !is_host(host) {
            return Err(Malformed::Text(format!("`{base}` is no host name")));
        } else if host.len() < base.len() {
            self.below.insert(host.to_owned());
        } else {
            if let Some((_, parent)) = base.split_once('.') {
                self.parents.insert(parent.to_owned());
            }
            self.exact.insert(base);
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        !self.all && self.exact.is_empty() && self.below.is_empty()
    }

    /// DNS: the base and all below it.
    fn holds_tree(&self, host: &str) -> bool {
        self.all || suffixes(host).any(|suffix| self.exact.contains(suffix))
    }

    /// Mail and URI: the base alone, or below it where it has a leading dot.
    fn holds_host(&self, host: &str) -> bool {
        self.all
            || self.exact.contains(host)
            || suffixes(host).skip(1).any(|s| self.below.contains(s))
    }
}

/// `a.b.c`, `b.c`, `c`.
fn suffixes(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |rest| {
        rest.split_once('.').map(|(_, rest)| rest)
    })
}

impl Trees {
    fn insert(&mut self, base: &GeneralName) -> Result<(), Malformed> {
        match base {
            // RFC 5280: a DNS base has no leading dot.
            GeneralName::Dns(base) if base.starts_with('.') => {
                return Err(Malformed::Text(format!("DNS:{base} starts with a dot")));
            }
            GeneralName::Dns(base) => self.dns.insert(base)?,
            GeneralName::Email(base) if base.contains('@') => {
                let malformed = || Malformed::Text(format!("`{base}` is no mailbox"));
                let (local, host) = mailbox(base).ok_or_else(malformed)?;
                let entry = (local.to_owned(), host.to_ascii_lowercase());
                self.mailboxes.insert(entry);
            }
            GeneralName::Email(base) => self.email_hosts.insert(base)?,
            GeneralName::Uri(base) => self.uri.insert(base)?,
            GeneralName::Ip(octets) => {
                let malformed =
                    || Malformed::Structure(format!("{octets:02x?} is no IP address and mask"));
                let prefix = network(octets).ok_or_else(malformed)?;
                let (address, _) = octets.split_at(octets.len() / 2);
                self.ip
                    .entry((address.len(), prefix))
                    .or_default()
                    .insert(masked(address, prefix));
            }
            GeneralName::Directory(base) => self.directory.push(base.clone()),
            GeneralName::Other { tag, .. } if [EMAIL, DNS, URI].contains(tag) => {
                return Err(Malformed::Structure("a base that is not ASCII".into()));
            }
            GeneralName::Other { tag, .. } => {
                self.others.insert(*tag);
            }
        }
        self.bases.push(base.clone());
        Ok(())
    }

    fn has_email(&self) -> bool {
        !self.email_hosts.is_empty() || !self.mailboxes.is_empty()
    }

    /// Whether any base has the form of `name`.
    fn speaks_of(&self, name: &GeneralName) -> bool {
        match name {
            GeneralName::Dns(_) => !self.dns.is_empty(),
            GeneralName::Email(_) => self.has_email(),
            GeneralName::Uri(_) => !self.uri.is_empty(),
            GeneralName::Ip(_) => !self.ip.is_empty(),
            GeneralName::Directory(_) => !self.directory.is_empty(),
            GeneralName::Other { tag, .. } => match *tag {
                DNS => !self.dns.is_empty(),
                EMAIL => self.has_email(),
                URI => !self.uri.is_empty(),
                other => self.others.contains(&other),
            },
        }
    }

    /// Whether a base holds `name`, whose form it speaks of. A wildcard is
    /// held by an exclusion that holds any name it stands for, and by a
    /// permission that holds all of them (CVE-2025-61727).
    fn holds(&self, name: &Readable<'_>, dn: DnCompare, excluding: bool) -> bool {
        match name {
            Readable::Host(host) => self.dns.holds_tree(host),
            Readable::Wildcard(base) => {
                self.dns.holds_tree(base) || (excluding && self.dns.parents.contains(*base))
            }
            Readable::Mailbox(local, host) => {
                self.email_hosts.holds_host(host)
                    || self
                        .mailboxes
                        .contains(&((*local).to_owned(), host.clone()))
            }
            Readable::UriHost(host) => self.uri.holds_host(host),
            Readable::Ip(address) => self.ip.iter().any(|(&(octets, prefix), networks)| {
                octets == address.len() && networks.contains(&masked(address, prefix))
            }),
            Readable::Directory(name) => self.directory.iter().any(|base| name.within(base, dn)),
        }
    }

    fn show(&self, name: &GeneralName) -> String {
        let alike = |base: &&GeneralName| discriminant(*base) == discriminant(name);
        let of_form = self.bases.iter().filter(alike).count();
        let mut shown: Vec<String> = self
            .bases
            .iter()
            .filter(alike)
            .take(SHOWN)
            .map(show_base)
            .collect();
        if of_form > shown.len() {
            shown.push(format!("{} more", of_form - shown.len()));
        }
        shown.join(", ")
    }
}

/// A base; `IP:` with its prefix length.
fn show_base(base: &GeneralName) -> String {
    if let GeneralName::Ip(octets) = base
        && let Some(prefix) = network(octets)
    {
        let address = GeneralName::Ip(octets[..octets.len() / 2].to_vec());
        return format!("{address}/{prefix}");
    }
    base.to_string()
}

/// The prefix length of address and mask; `None` when the mask has holes or
/// the length is not that of IPv4 or IPv6.
fn network(octets: &[u8]) -> Option<usize> {
    if ![8, 32].contains(&octets.len()) {
        return None;
    }
    let mask = &octets[octets.len() / 2..];
    let ones: usize = mask.iter().map(|o| o.leading_ones() as usize).sum();
    (masked(&vec![0xff; mask.len()], ones) == mask).then_some(ones)
}

/// The first `prefix` bits, the rest zero.
fn masked(address: &[u8], prefix: usize) -> Vec<u8> {
    let octet = |(i, &o): (usize, &u8)| match prefix.saturating_sub(i * 8) {
        0 => 0,
        bits @ 1..8 => o & !(0xff >> bits),
        _ => o,
    };
    address.iter().enumerate().map(octet).collect()
}

/// A name in the form in which it is looked up.
enum Readable<'a> {
    Host(String),
    Wildcard(&'a str),
    Mailbox(&'a str, String),
    UriHost(String),
    Ip(&'a [u8]),
    Directory(&'a Dn),
}

impl<'a> Readable<'a> {
    /// `None` when no constraint on its form can be applied to it.
    fn read(name: &'a GeneralName, lower: &'a str) -> Option<Self> {
        Some(match name {
            GeneralName::Dns(_) => match lower.strip_prefix("*.") {
                Some(base) => Self::Wildcard(is_host(base).then_some(base)?),
                None => Self::Host(is_host(lower).then(|| lower.to_owned())?),
            },
            GeneralName::Email(text) => {
                let (local, host) = mailbox(text)?;
                Self::Mailbox(local, host.to_ascii_lowercase())
            }
            // RFC 5280: a URI without a host, or with an IP address, must be
            // refused where URIs are constrained.
            GeneralName::Uri(_) => {
                let (_, authority, _) = uri_parts(lower)?;
                let host = authority_host(authority?);
                let plain = is_host(host) && host.parse::<std::net::IpAddr>().is_err();
                Self::UriHost(plain.then(|| host.to_owned())?)
            }
            GeneralName::Ip(octets) => Self::Ip([4, 16].contains(&octets.len()).then_some(octets)?),
            GeneralName::Directory(name) => Self::Directory(name),
            GeneralName::Other { .. } => return None,
        })
    }
}

fn lower(name: &GeneralName) -> String {
    match name {
        GeneralName::Dns(text) | GeneralName::Uri(text) => text.to_ascii_lowercase(),
        _ => String::new(),
    }
}

impl Constraints {
    pub(super) fn read(constraints: &NameConstraints) -> Self {
        let mut read = Self::default();
        let lists = [
            (&constraints.permitted, &mut read.permitted),
            (&constraints.excluded, &mut read.excluded),
        ];
        for (subtrees, trees) in lists {
            let Some(subtrees) = subtrees else { continue };
            if subtrees.is_empty() {
                let empty = Malformed::Structure("an empty list".into());
                read.malformed.push(empty);
            }
            for Subtree { base, plain, .. } in subtrees {
                // Nobody processes minimum and maximum, so RFC 5280 refuses.
                if !plain {
                    let found = format!("minimum or maximum of {base}");
                    read.malformed.push(Malformed::Structure(found));
                }
                read.malformed.extend(trees.insert(base).err());
            }
        }
        read
    }

    /// What is wrong with the constraints themselves, for an issuer who applies
    /// them or for a certificate that nobody issues with.
    pub(super) fn flaw(&self, applied: bool) -> Option<Flaw> {
        self.malformed
            .iter()
            .find_map(|malformed| match malformed {
                Malformed::Structure(found) => Some(found),
                Malformed::Text(found) => applied.then_some(found),
            })
            .map(|found| check::CONSTRAINT_MALFORMED.fails().found(found.clone()))
    }

    /// The names of `cert` that these constraints of `issuer` do not allow.
    /// `spend` is told first how many comparisons of name and base that is, as
    /// others do it, who compare each with each: a look-up is cheaper, but what
    /// they refuse for its cost nobody can use.
    pub(super) fn flaws<E>(
        &self,
        issuer: &Dn,
        cert: &Certificate,
        dn: DnCompare,
        mut spend: impl FnMut(usize) -> Result<(), E>,
    ) -> Result<Vec<Flaw>, E> {
        let mut flaws = Vec::new();
        let bases = self.permitted.bases.len() + self.excluded.bases.len();
        spend(bases.saturating_mul(names(cert).count()))?;
        for name in names(cert) {
            let name = name.as_name();
            flaws.extend(self.judge(name, issuer, dn));
            if flaws.len() >= SHOWN {
                break;
            }
        }
        Ok(flaws)
    }

    fn judge(&self, name: &GeneralName, issuer: &Dn, dn: DnCompare) -> Option<Flaw> {
        let (permitted, excluded) = (
            self.permitted.speaks_of(name),
            self.excluded.speaks_of(name),
        );
        if !permitted && !excluded {
            return None;
        }
        let lower = lower(name);
        let Some(readable) = Readable::read(name, &lower) else {
            let what = "can be compared with no constraint";
            return Some(
                check::CONSTRAINT_UNSUPPORTED
                    .fails()
                    .found(format!("{name}, which {what} of {issuer}")),
            );
        };
        if excluded && self.excluded.holds(&readable, dn, true) {
            let bases = self.excluded.show(name);
            return Some(
                check::NAME_EXCLUDED
                    .fails()
                    .found(name.to_string())
                    .expected(format!("not within {bases} (excluded by {issuer})")),
            );
        }
        if permitted && !self.permitted.holds(&readable, dn, false) {
            let bases = self.permitted.show(name);
            return Some(
                check::NAME_NOT_PERMITTED
                    .fails()
                    .found(name.to_string())
                    .expected(format!("within {bases} (permitted by {issuer})")),
            );
        }
        None
    }
}

/// The first name that a CA's own constraints do not let it vouch for, as a
/// leaf's subject or among its names. Looks at this CA alone, and not at
/// emailAddress attributes.
pub fn outside(ca: &Certificate, subject: &Dn, names: &[GeneralName]) -> Option<String> {
    let constraints = Constraints::read(ca.name_constraints()?);
    let subject = (!subject.is_empty()).then(|| GeneralName::Directory(subject.clone()));
    let mut all = subject.iter().chain(names);
    let judge = |name: &&GeneralName| constraints.judge(name, ca.subject(), DnCompare::Rfc5280);
    all.find(|name| judge(name).is_some())
        .map(ToString::to_string)
}

/// A name of a certificate, taken or made.
enum Name<'a> {
    There(&'a GeneralName),
    Made(GeneralName),
}

impl Name<'_> {
    fn as_name(&self) -> &GeneralName {
        match self {
            Self::There(name) => name,
            Self::Made(name) => name,
        }
    }
}

/// The names that constraints bind: the subject unless empty, the
/// SubjectAltName, and where that has no mailbox the emailAddress attributes
/// of the subject. Never the CN.
fn names(cert: &Certificate) -> impl Iterator<Item = Name<'_>> {
    let subject = cert.subject();
    let has_mail = cert
        .names()
        .iter()
        .any(|n| matches!(n, GeneralName::Email(_)));
    let mail = subject
        .rdns()
        .iter()
        .flat_map(Rdn::attributes)
        .filter(move |a| !has_mail && a.keyword() == Some("emailAddress"))
        .filter_map(Attribute::text)
        .map(|text| Name::Made(GeneralName::Email(text)));
    let subject =
        (!subject.is_empty()).then(|| Name::Made(GeneralName::Directory(subject.clone())));
    subject
        .into_iter()
        .chain(mail)
        .chain(cert.names().iter().map(Name::There))
}

#[cfg(test)]
mod tests;
