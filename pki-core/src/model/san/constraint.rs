//! What an authority of ours may vouch for: name constraints (RFC 5280 4.2.1.10).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::{DnsName, GeneralName, NameError, San, mail, split_prefix};

/// One subtree of names, valid by construction.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Constraint(Base);

#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Base {
    /// A host name and all below it; empty: every host name.
    Dns(String),
    /// A network in the form of its address, and the bits of its prefix.
    Ip(IpAddr, u8),
    /// `user@host`, `host` (all its mailboxes) or `.domain` (all hosts below);
    /// empty: every mailbox.
    Email(String),
    /// Empty, every URI: only to exclude them.
    Uri,
}

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
                base.is_empty() || above.is_some_and(|a| a.is_empty() || a.ends_with('.'))
            }
            (&Base::Ip(base, prefix), &San::Ip(ip)) => {
                base.is_ipv4() == ip.is_ipv4() && masked(ip, prefix) == base
            }
            (Base::Email(base), San::Email(mail)) => {
                let host = mail.rsplit('@').next().unwrap_or_default();
                match base {
                    _ if base.is_empty() => true,
                    _ if base.contains('@') => base == mail,
                    _ if base.starts_with('.') => host.ends_with(&**base),
                    _ => base == host,
                }
            }
            (Base::Uri, San::Uri(_)) => true,
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
            Base::Uri => Self::Uri(String::new()),
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

/// As `permit` lists it; what only excludes is `every …`.
impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Base::Dns(name) if name.is_empty() => f.write_str("every host name"),
            Base::Dns(name) => f.write_str(name),
            Base::Ip(ip, prefix) => write!(f, "{ip}/{prefix}"),
            Base::Email(name) if name.is_empty() => f.write_str("every mail address"),
            Base::Email(name) if name.contains('@') => f.write_str(name),
            Base::Email(name) => write!(f, "@{name}"),
            Base::Uri => f.write_str("every URI"),
        }
    }
}

/// Whether an authority with these constraints may vouch for `name`: one of
/// them covers it. A form of name of which nothing is listed is not permitted
/// at all. No constraint at all permits everything.
pub fn all_permitted(constraints: &[Constraint], name: &San) -> bool {
    constraints.is_empty() || constraints.iter().any(|c| c.permits(name))
}

/// What a CA with these permitted subtrees must exclude, so that nothing else
/// can be vouched for: RFC 5280 4.2.1.10 leaves a form of name free of which
/// no subtree is listed. Host names, IPv4, IPv6, mail and URIs are looked at
/// one by one. Without any constraint nothing is excluded.
pub fn excluded_forms(constraints: &[Constraint]) -> Vec<Constraint> {
    if constraints.is_empty() {
        return Vec::new();
    }
    let forms = [
        Base::Dns(String::new()),
        Base::Ip(Ipv4Addr::UNSPECIFIED.into(), 0),
        Base::Ip(Ipv6Addr::UNSPECIFIED.into(), 0),
        Base::Email(String::new()),
        Base::Uri,
    ];
    let listed = |form: &Base| constraints.iter().any(|c| same_form(&c.0, form));
    let free = forms.into_iter().filter(|form| !listed(form));
    free.map(Constraint).collect()
}

fn same_form(a: &Base, b: &Base) -> bool {
    match (a, b) {
        (Base::Ip(a, _), Base::Ip(b, _)) => a.is_ipv4() == b.is_ipv4(),
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
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

pub(super) fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}
