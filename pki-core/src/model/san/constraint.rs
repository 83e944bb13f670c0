//! What an authority of ours may vouch for: name constraints (RFC 5280 4.2.1.10).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::general::octets;
use super::{DnsName, GeneralName, NameError, San, mail, split_prefix};

/// One subtree of names, valid by construction.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Constraint(Base);

#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Base {
    /// A host name and all below it.
    Dns(String),
    /// The first address of a network, and the bits of its prefix.
    Ip(IpAddr, u8),
    /// `user@host`, `host` (all its mailboxes) or `.domain` (all hosts below).
    Email(String),
    /// All URIs at one host; made by [`permitted_forms`] only.
    Uri(String),
}

/// A host that no name can be of (RFC 6761 6.4).
const NOWHERE: &str = "invalid";

impl Constraint {
    /// Reads what `permit` lists: a network `127.0.0.0/8`, an address, mail
    /// (`user@host`, `@host`, `@.domain`), or a host name, which covers itself
    /// and all names below. OpenSSL's prefixes (`DNS:`, `IP:`, `email:`) are
    /// understood. Ranges are for [`super::expand`].
    ///
    /// # Errors
    /// See [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        super::check_length(text)?;
        if text.contains(char::is_whitespace) {
            return Err(NameError::Space(text.into()));
        }
        if let Some((kind, rest)) = split_prefix(text) {
            return match kind {
                "DNS" => dns(rest),
                "IP" => network(rest),
                "email" => email(rest),
                _ => Err(NameError::Unconstrainable(text.into())),
            };
        }
        if IpAddr::from_str(text).is_ok() || super::is_network(text) {
            return network(text);
        }
        if text.contains('@') && !text.contains("://") {
            return email(text);
        }
        if text.starts_with('.') || text.contains('*') {
            return dns(text);
        }
        match San::parse(text)? {
            San::Dns(_) => dns(text),
            _ => Err(NameError::Unconstrainable(text.into())),
        }
    }

    /// Whether `name` lies in this subtree.
    pub fn permits(&self, name: &San) -> bool {
        match (&self.0, name) {
            (Base::Dns(base), San::Dns(name)) => {
                // `*.example.com` lies below `example.com` and no deeper.
                let above = name.as_str().strip_suffix(&**base);
                above.is_some_and(|a| a.is_empty() || a.ends_with('.'))
            }
            (&Base::Ip(base, prefix), &San::Ip(ip)) => {
                base.is_ipv4() == ip.is_ipv4() && masked(ip, prefix) == base
            }
            (Base::Email(base), San::Email(mail)) => {
                let host = mail.rsplit('@').next().unwrap_or_default();
                match base {
                    _ if base.contains('@') => base == mail,
                    _ if base.starts_with('.') => host.ends_with(&**base),
                    _ => base == host,
                }
            }
            // No URI can be permitted, see `parse`.
            _ => false,
        }
    }

    /// Whether no name lies in both. Of two that are not apart one lies in the
    /// other.
    pub fn is_apart_from(&self, other: &Self) -> bool {
        !self.holds(other) && !other.holds(self)
    }

    /// Whether every name of `other` lies in this subtree too.
    fn holds(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Base::Dns(base), Base::Dns(name)) => {
                let above = name.strip_suffix(&**base);
                above.is_some_and(|a| a.is_empty() || a.ends_with('.'))
            }
            (&Base::Ip(base, prefix), &Base::Ip(ip, longer)) => {
                base.is_ipv4() == ip.is_ipv4() && prefix <= longer && masked(ip, prefix) == base
            }
            (Base::Email(base), Base::Email(mail)) => {
                let host = mail.rsplit('@').next().unwrap_or_default();
                base == mail
                    || (base.starts_with('.') && host.ends_with(&**base))
                    || (!base.contains('@') && base == host)
            }
            (Base::Uri(base), Base::Uri(host)) => base == host,
            _ => false,
        }
    }

    /// The base of a `GeneralSubtree`, a DER `GeneralName`: of a network its
    /// address and mask.
    pub fn subtree_base(&self) -> Vec<u8> {
        GeneralName::from(self).to_der()
    }
}

impl From<&Constraint> for GeneralName {
    fn from(constraint: &Constraint) -> Self {
        match &constraint.0 {
            Base::Dns(name) => Self::Dns(name.clone()),
            Base::Email(name) => Self::Email(name.clone()),
            Base::Uri(host) => Self::Uri(host.clone()),
            &Base::Ip(ip @ IpAddr::V4(_), prefix) => {
                let all = Ipv4Addr::from_bits(u32::MAX).into();
                Self::Ip([octets(ip), octets(masked(all, prefix))].concat())
            }
            &Base::Ip(ip @ IpAddr::V6(_), prefix) => {
                let all = Ipv6Addr::from_bits(u128::MAX).into();
                Self::Ip([octets(ip), octets(masked(all, prefix))].concat())
            }
        }
    }
}

/// As `permit` lists it.
impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Base::Dns(name) => f.write_str(name),
            Base::Ip(ip, prefix) => write!(f, "{ip}/{prefix}"),
            Base::Email(name) if name.contains('@') => f.write_str(name),
            Base::Email(name) => write!(f, "@{name}"),
            Base::Uri(host) => write!(f, "URI:{host}"),
        }
    }
}

/// Whether an authority with these constraints may vouch for `name`: one of
/// them covers it. A form of name of which nothing is listed is not permitted
/// at all. No constraint at all permits everything.
///
/// Does not look at the subject, whose common name OpenSSL and Java hold to
/// the constraints on host names too when a certificate has no dNSName.
pub fn all_permitted(constraints: &[Constraint], name: &San) -> bool {
    constraints.is_empty() || constraints.iter().any(|c| c.permits(name))
}

/// The permittedSubtrees of a CA that may vouch for `constraints` and nothing
/// else: those, and of host names, mail and URIs, where none is listed, one
/// that no name can be in. RFC 5280 4.2.1.10 leaves a form free that is not
/// mentioned. Without any constraint nothing is listed.
///
/// Excluding such a form whole (a subtree with an empty base) would say the
/// same, but Java 17 fails on a CA with an empty rfc822Name or
/// uniformResourceIdentifier whatever the leaf, and OpenSSL 3.0 lets every mail
/// and URI through. This way OpenSSL 3.0, Java 17 and Go 1.26 refuse all of them.
pub fn permitted_forms(constraints: &[Constraint]) -> Vec<Constraint> {
    let mut permitted = constraints.to_vec();
    if !constraints.is_empty() {
        let nowhere = || NOWHERE.to_owned();
        let forms = [
            Base::Dns(nowhere()),
            Base::Email(nowhere()),
            Base::Uri(nowhere()),
        ];
        let free = forms.into_iter().filter(|form| !listed(constraints, form));
        permitted.extend(free.map(Constraint));
    }
    permitted
}

/// The excludedSubtrees that go with [`permitted_forms`]: all addresses, where
/// no network is listed. Without any constraint nothing is listed.
///
/// One network, of either family, permits no address of the other one; and to
/// exclude the other one beside it makes Java 17 refuse what is permitted
/// (`Index 4 out of bounds`).
pub fn excluded_forms(constraints: &[Constraint]) -> Vec<Constraint> {
    let every = [
        Base::Ip(Ipv4Addr::UNSPECIFIED.into(), 0),
        Base::Ip(Ipv6Addr::UNSPECIFIED.into(), 0),
    ];
    let free = |form: &Base| !constraints.is_empty() && !listed(constraints, form);
    every.into_iter().filter(free).map(Constraint).collect()
}

/// Whether one of `constraints` is of the same form of name.
fn listed(constraints: &[Constraint], form: &Base) -> bool {
    let form = std::mem::discriminant(form);
    constraints
        .iter()
        .any(|c| std::mem::discriminant(&c.0) == form)
}

fn dns(text: &str) -> Result<Constraint, NameError> {
    if text.starts_with('.') {
        return Err(NameError::ConstraintDot(text.into()));
    }
    if text.contains('*') {
        return Err(NameError::ConstraintWildcard(text.into()));
    }
    let name: DnsName = super::host(text)?;
    Ok(Constraint(Base::Dns(name.as_str().to_owned())))
}

fn network(text: &str) -> Result<Constraint, NameError> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let ip = super::ip(address)?;
    let max = if ip.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        None => max,
        Some(digits) => Some(digits)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .filter(|&prefix| prefix <= max)
            .ok_or_else(|| NameError::Prefix {
                name: text.to_owned(),
                max,
            })?,
    };
    let base = masked(ip, prefix);
    if base != ip {
        return Err(NameError::HostBits {
            name: text.to_owned(),
            right: format!("{base}/{prefix}"),
        });
    }
    Ok(Constraint(Base::Ip(ip, prefix)))
}

fn email(text: &str) -> Result<Constraint, NameError> {
    let base = match text.strip_prefix('@') {
        None => mail::mailbox(text)?,
        Some(host) => {
            let (dot, host) = match host.strip_prefix('.') {
                Some(host) => (".", host),
                None => ("", host),
            };
            format!("{dot}{}", mail::domain_of(text, host)?)
        }
    };
    Ok(Constraint(Base::Email(base)))
}

/// `ip` with the bits after the first `prefix` cleared.
fn masked(ip: IpAddr, prefix: u8) -> IpAddr {
    let shift = u32::from(prefix);
    match ip {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(shift));
            Ipv4Addr::from_bits(ip.to_bits() & mask.unwrap_or(0)).into()
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(shift));
            Ipv6Addr::from_bits(ip.to_bits() & mask.unwrap_or(0)).into()
        }
    }
}
