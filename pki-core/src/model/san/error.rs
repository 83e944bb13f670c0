//! Why a text is no name: what it is, why that does not do, what would.

use crate::error::Error;

/// Why a text is no name that we issue. The text form says what and why;
/// [`NameError::hint`] what would be right.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing.
    #[error("an empty name")]
    Empty,
    /// White space anywhere.
    #[error("`{0}` contains a space")]
    Space(String),
    /// Two dots in a row.
    #[error("`{0}` has an empty label between two dots")]
    EmptyLabel(String),
    /// A dot in front.
    #[error("`{0}` starts with a dot")]
    LeadingDot(String),
    /// A dot in front, in a constraint.
    #[error("`{0}` starts with a dot, which RFC 5280 4.2.1.10 does not know for host names")]
    ConstraintDot(String),
    /// The dot of the root: certificates are written without (RFC 5280 4.2.1.6).
    #[error("`{0}` ends with a dot")]
    TrailingDot(String),
    /// `*` alone.
    #[error("`*` alone would be every name")]
    BareWildcard,
    /// A `*` that is not the whole first label (RFC 9525 6.3).
    #[error("`{0}` has a `*` that is not the whole first label")]
    Wildcard(String),
    /// A `*` in a constraint.
    #[error("`{0}` has a `*`, which no name constraint can have")]
    ConstraintWildcard(String),
    /// A wildcard where one name belongs.
    #[error("`{0}` stands for many names, and a client dials one")]
    Pattern(String),
    /// A label over 63 octets (RFC 1035 2.3.4).
    #[error("`{name}` has a label of {length} octets, at most 63 are allowed")]
    LongLabel {
        /// The name, A-labels.
        name: String,
        /// Length of the label.
        length: usize,
    },
    /// Over 253 octets (RFC 1035 2.3.4, without the root), or over what the
    /// form allows.
    #[error("`{}…` has {length} octets, at most {max} are allowed", .name.chars().take(40).collect::<String>())]
    Long {
        /// The name.
        name: String,
        /// Its length.
        length: usize,
        /// The most that is allowed.
        max: usize,
    },
    /// A label that starts or ends with a hyphen (RFC 1123 2.1).
    #[error("`{0}` has a label that starts or ends with `-`")]
    Hyphen(String),
    /// A host with a port.
    #[error("`{name}` is a host with a port; a certificate names the host only")]
    Port {
        /// What was found.
        name: String,
        /// The host.
        right: String,
    },
    /// A URL where a name belongs.
    #[error("`{name}` is an address, not a name")]
    Url {
        /// What was found.
        name: String,
        /// Its host.
        right: String,
    },
    /// An IP address said to be a host name: no client looks for it there
    /// (RFC 5280 4.2.1.6, RFC 9525 6.5).
    #[error("`{0}` is an IP address, not a host name")]
    IpAsDns(String),
    /// An IPv4 address in a form of `inet_aton(3)`, which browsers read as well
    /// (WHATWG URL, 3.5): hexadecimal, octal, or in fewer parts than four.
    #[error("`{name}` is read as the IP address {right}")]
    OtherIp {
        /// What was found.
        name: String,
        /// The address.
        right: String,
    },
    /// A name whose last label is a number: clients take it for an address.
    #[error("`{0}` ends in a number, so clients take it for an IP address, which it is not")]
    NumericEnd(String),
    /// Something like an address that is none.
    #[error("`{0}` is no IP address")]
    Ip(String),
    /// A network where one address belongs.
    #[error("`{0}` is a network; a certificate names single addresses")]
    Network(String),
    /// An IPv6 address in brackets.
    #[error("`{name}` is in brackets, as only URLs need it")]
    Brackets {
        /// What was found.
        name: String,
        /// The address.
        right: String,
    },
    /// An IPv6 address with a zone, which means something on one machine only.
    #[error("`{name}` has a zone, which no certificate can hold")]
    Zone {
        /// What was found.
        name: String,
        /// The address.
        right: String,
    },
    /// Another character than letters, digits, `-`, `_` and dots.
    #[error("`{name}` contains {character:?}, which no host name can")]
    Character {
        /// The name.
        name: String,
        /// The first such character.
        character: char,
    },
    /// Unicode, or an A-label, that is no internationalised name (UTS 46).
    #[error("`{0}` is no valid internationalised name (UTS 46)")]
    Idn(String),
    /// A mailbox that is none of RFC 5321 4.1.2 in ASCII, quotes left out.
    #[error("`{name}` is no mail address: {why}")]
    Email {
        /// What was found.
        name: String,
        /// What is wrong.
        why: &'static str,
    },
    /// No absolute URI (RFC 3986), or no SPIFFE id.
    #[error("`{name}` is no URI for a certificate: {why}")]
    Uri {
        /// What was found.
        name: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A range that is not `{1...4}`.
    #[error("`{range}` in `{name}` is no range: {why}")]
    Range {
        /// The whole text.
        name: String,
        /// The part that should be a range.
        range: String,
        /// What is wrong.
        why: &'static str,
        /// What would be right, where that is known.
        right: Option<String>,
    },
    /// A text that stands for too many names.
    #[error("`{name}` stands for more than {max} names")]
    TooMany {
        /// The text.
        name: String,
        /// The most that is allowed.
        max: usize,
    },
    /// A network with bits set right of its prefix.
    #[error("`{name}` has bits set outside its prefix")]
    HostBits {
        /// What was found.
        name: String,
        /// The network.
        right: String,
    },
    /// A network without a proper prefix length.
    #[error("`{name}` needs a prefix length of 0 to {max} after the `/`")]
    Prefix {
        /// What was found.
        name: String,
        /// Bits of an address of this family.
        max: u8,
    },
    /// A form that `permit` does not know.
    #[error("`{0}` cannot be permitted: only host names, addresses, networks and mail can")]
    Unconstrainable(String),
}

impl NameError {
    /// The name that was meant, where that can be told.
    pub fn right(&self) -> Option<String> {
        match self {
            Self::Port { right, .. }
            | Self::Url { right, .. }
            | Self::Brackets { right, .. }
            | Self::Zone { right, .. }
            | Self::OtherIp { right, .. }
            | Self::HostBits { right, .. }
            | Self::Range {
                right: Some(right), ..
            } => Some(right.clone()).filter(|right| !right.is_empty()),
            Self::EmptyLabel(name) => {
                let labels: Vec<&str> = name.split('.').filter(|l| !l.is_empty()).collect();
                Some(labels.join("."))
            }
            Self::TrailingDot(name) => Some(name.trim_end_matches('.').to_owned()),
            _ => None,
        }
    }

    /// What to write instead, where that can be said.
    pub fn hint(&self) -> Option<String> {
        if let Some(right) = self.right() {
            return Some(format!("write `{right}`"));
        }
        Some(match self {
            Self::Range { .. }
            | Self::Character {
                character: '{' | '}',
                ..
            } => "a range is `{1...4}` or, padded, `{01...12}`".into(),
            Self::Empty => "leave it out or write a name".into(),
            Self::Space(_) => "write one name per entry".into(),
            Self::LeadingDot(name) => {
                format!("write `*{name}` for every name one level below, or list the names")
            }
            Self::ConstraintDot(name) => {
                let name = name.trim_start_matches('.');
                format!("write `{name}`: it covers itself and every name below")
            }
            Self::Pattern(_) => "write one of the names it stands for".into(),
            Self::BareWildcard | Self::Wildcard(_) => "write `*.DOMAIN`, or list the names".into(),
            Self::ConstraintWildcard(name) => {
                let name = name.trim_start_matches("*.");
                format!("write `{name}`: it covers itself and every name below")
            }
            Self::IpAsDns(name) => format!("write `{name}` or `IP:{name}`"),
            Self::Network(_) => "list the addresses, or use host names".into(),
            Self::TooMany { .. } => "use a wildcard such as `*.example.com`".into(),
            Self::Prefix { name, .. } => {
                let address = name.split('/').next().unwrap_or_default();
                format!("write `{address}` for this address alone")
            }
            _ => return None,
        })
    }
}

impl From<NameError> for Error {
    fn from(error: NameError) -> Self {
        let hint = error.hint();
        let error = Self::usage(error.to_string());
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}
