//! "Client service A dials server service B at this URL."

use std::fmt;

use super::pair::PairId;
use crate::model::path::TreePath;

/// One service dialling another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edge {
    /// The client service.
    pub from: String,
    /// The server service.
    pub to: String,
    /// The address as written, ranges included.
    pub url: Url,
    /// The names really dialled: the URL's host with its ranges spelled out.
    pub hosts: Vec<String>,
    /// The pair that the client presents.
    pub client: Option<PairId>,
    /// The file from which the client takes the CAs it trusts; `None` when the
    /// edge is not TLS.
    pub trust: Option<TreePath>,
}

/// An address that a service dials.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Url {
    /// With TLS or without.
    pub scheme: Scheme,
    /// Name or address, ranges as written; IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Https => "https",
            Scheme::Http => "http",
        };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

/// With TLS or without.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Scheme {
    /// TLS.
    Https,
    /// Plain.
    Http,
}
