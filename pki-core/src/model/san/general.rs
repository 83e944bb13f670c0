//! Names as they stand in any certificate (RFC 5280 4.2.1.6 `GeneralName`).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::San;
use crate::der::{self, tag};
use crate::model::dn::{Dn, DnError};

const EMAIL: u8 = tag::context_primitive(1);
const DNS: u8 = tag::context_primitive(2);
const DIRECTORY: u8 = tag::context(4);
const URI: u8 = tag::context_primitive(6);
const IP: u8 = tag::context_primitive(7);
const REGISTERED_ID: u8 = tag::context_primitive(8);
const OTHER_NAME: u8 = tag::context(0);

/// A name as found, not judged: any text, addresses of any length.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum GeneralName {
    /// dNSName, as it stands there.
    Dns(String),
    /// iPAddress: 4 or 16 octets; in a constraint 8 or 32, address and mask.
    Ip(Vec<u8>),
    /// rfc822Name.
    Email(String),
    /// uniformResourceIdentifier.
    Uri(String),
    /// directoryName.
    Directory(Dn),
    /// Any other form, and texts that are not ASCII, which no IA5String can be.
    Other {
        /// The identifier octet.
        tag: u8,
        /// The content octets.
        value: Vec<u8>,
    },
}

impl GeneralName {
    /// Reads one `GeneralName` given as identifier octet and content octets.
    ///
    /// # Errors
    /// When a directoryName is no DER `Name`.
    pub fn from_der(tag: u8, value: &[u8]) -> Result<Self, DnError> {
        let text = || {
            let ascii = value.is_ascii().then(|| value.to_vec());
            ascii.and_then(|octets| String::from_utf8(octets).ok())
        };
        let known = match tag {
            EMAIL => text().map(Self::Email),
            DNS => text().map(Self::Dns),
            URI => text().map(Self::Uri),
            IP => Some(Self::Ip(value.to_vec())),
            // Explicit, since `Name` is a CHOICE.
            DIRECTORY => Some(Self::Directory(Dn::from_der(value)?)),
            _ => None,
        };
        Ok(known.unwrap_or_else(|| Self::Other {
            tag,
            value: value.to_vec(),
        }))
    }

    /// The plain value, without the word for its form; hex where it has no
    /// text. For people only: a text may be anything.
    pub fn value(&self) -> String {
        let text = self.to_string();
        match text.split_once(':') {
            Some((_, value)) => value.to_owned(),
            None => text,
        }
    }

    /// The same name as one that we issue; `None` where it is none, or would be
    /// one of another form (`1.2.3.4` as a host name).
    pub fn to_san(&self) -> Option<San> {
        let text = match self {
            Self::Ip(octets) => return one_address(octets).map(San::Ip),
            Self::Dns(name) => format!("DNS:{name}"),
            Self::Email(name) => format!("email:{name}"),
            Self::Uri(name) => format!("URI:{name}"),
            Self::Directory(_) | Self::Other { .. } => return None,
        };
        San::parse(&text).ok()
    }

    /// Whether it is an IP address.
    pub fn is_ip(&self) -> bool {
        matches!(self, Self::Ip(_))
    }

    /// Its DER.
    pub fn to_der(&self) -> Vec<u8> {
        match self {
            Self::Email(text) => der::encode(EMAIL, text.as_bytes()),
            Self::Dns(text) => der::encode(DNS, text.as_bytes()),
            Self::Uri(text) => der::encode(URI, text.as_bytes()),
            Self::Ip(octets) => der::encode(IP, octets),
            Self::Directory(dn) => der::encode(DIRECTORY, dn.raw()),
            Self::Other { tag, value } => der::encode(*tag, value),
        }
    }
}

impl From<&San> for GeneralName {
    fn from(name: &San) -> Self {
        match name {
            San::Dns(name) => Self::Dns(name.as_str().to_owned()),
            San::Ip(ip) => Self::Ip(octets(*ip)),
            San::Email(text) => Self::Email(text.clone()),
            San::Uri(text) => Self::Uri(text.clone()),
        }
    }
}

/// `DNS:x`, `IP:127.0.0.1`, `email:x`, `URI:x`, `DirName:CN=x`. A text that
/// could be taken for several names, or that a terminal would obey, is quoted.
impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(text) => write_text(f, "DNS", text),
            Self::Email(text) => write_text(f, "email", text),
            Self::Uri(text) => write_text(f, "URI", text),
            Self::Ip(octets) => match address(octets) {
                Some(text) => write!(f, "IP:{text}"),
                None => write_hex(f, "IP", octets),
            },
            Self::Directory(dn) => write!(f, "DirName:{dn}"),
            Self::Other { tag, value } => match (*tag, der::oid_text(value)) {
                (REGISTERED_ID, Some(oid)) => write!(f, "Registered ID:{oid}"),
                (OTHER_NAME, _) => write_hex(f, "othername", value),
                (tag, _) => write_hex(f, &format!("[{}]", tag & 0x1f), value),
            },
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, kind: &str, text: &str) -> fmt::Result {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, ',' | '"' | '\\');
    if text.chars().all(plain) {
        write!(f, "{kind}:{text}")
    } else {
        write!(f, "{kind}:{text:?}")
    }
}

fn write_hex(f: &mut fmt::Formatter<'_>, kind: &str, octets: &[u8]) -> fmt::Result {
    write!(f, "{kind}:#")?;
    octets.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
}

/// One address, or address and mask.
fn address(octets: &[u8]) -> Option<String> {
    if let Some(ip) = one_address(octets) {
        return Some(ip.to_string());
    }
    let (address, mask) = octets.split_at(octets.len() / 2);
    let (ip, mask_ip) = (one_address(address)?, one_address(mask)?);
    let ones = mask.iter().map(|o| o.count_ones()).sum::<u32>();
    let leading = mask.iter().position(|&o| o != 0xff).map_or(ones, |at| {
        u32::try_from(at).unwrap_or(0) * 8 + mask[at].leading_ones()
    });
    Some(if ones == leading {
        format!("{ip}/{ones}")
    } else {
        format!("{ip}/{mask_ip}")
    })
}

fn one_address(octets: &[u8]) -> Option<IpAddr> {
    if let Ok(octets) = <[u8; 4]>::try_from(octets) {
        return Some(Ipv4Addr::from(octets).into());
    }
    let octets = <[u8; 16]>::try_from(octets).ok()?;
    Some(Ipv6Addr::from(octets).into())
}

/// The octets of an address, as iPAddress holds them.
pub(super) fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}
