//! What some client refuses in a certificate that is good for the others: the
//! same words for a manifest that asks for it and for a file that has it.

use std::net::IpAddr;

use super::guide::Client;
use super::rule::{LIFETIME_APPLE, UNDERSCORE_NAME, WILDCARD_ONE_LABEL};
use super::{Finding, Locator};
use crate::model::san::DnsName;
use crate::model::validity::Lifetime;

/// The longest life of a server certificate that Apple accepts, from notBefore
/// to notAfter, also below private roots (HT210176).
const APPLE_LONGEST: Lifetime = Lifetime::from_days(825);

/// A server certificate that lives longer than Apple accepts; `life` from
/// notBefore to notAfter.
pub fn too_long_for_apple(life: Lifetime, found: &str, at: Locator) -> Option<Finding> {
    (life > APPLE_LONGEST).then(|| {
        LIFETIME_APPLE
            .at(at)
            .found(found)
            .expected("825 days at most, from notBefore to notAfter")
            .affects("macOS, iOS: \"certificate is not standards compliant\"")
    })
}

/// A wildcard that stands for nothing in the eyes of `client`.
pub fn one_label(name: &DnsName, client: &str, at: Locator) -> Finding {
    WILDCARD_ONE_LABEL
        .at(at)
        .found(format!("`{name}` matches nothing for {client}"))
        .expected("a wildcard over two labels or more, or the names themselves")
        .fix("write the names out")
}

/// A name that Java does not dial.
pub fn underscore(name: &str, at: Locator) -> Finding {
    UNDERSCORE_NAME
        .at(at)
        .found(format!("`{name}` has an underscore"))
        .expected("letters, digits and hyphens")
        .affects(format!("Java: \"Illegal given domain name: {name}\""))
        .fix("use a name without an underscore")
}

/// What a client says that dialled `name` and got a certificate for `found`.
/// Measured with Go 1.26, Java 17.0.15, curl 7.88 and Python 3.13.0.
pub fn not_covered(client: Client, name: &str, found: &[String]) -> String {
    let is_ip = |name: &str| name.parse::<IpAddr>().is_ok();
    let same_kind = found.iter().filter(|f| is_ip(f) == is_ip(name));
    let same_kind: Vec<&str> = same_kind.map(String::as_str).collect();
    let all = same_kind.join(", ");
    match (client, is_ip(name)) {
        (Client::Go, true) if all.is_empty() => format!(
            "x509: cannot validate certificate for {name} because it doesn't contain any IP SANs"
        ),
        (Client::Go, false) if all.is_empty() => {
            format!("x509: certificate is not valid for any names, but wanted to match {name}")
        }
        (Client::Go, _) => format!("x509: certificate is valid for {all}, not {name}"),
        (Client::Java, true) => {
            format!("No subject alternative names matching IP address {name} found")
        }
        (Client::Java, false) if all.is_empty() => format!("No name matching {name} found"),
        (Client::Java, false) => {
            format!("No subject alternative DNS name matching {name} found.")
        }
        (Client::Python313, true) => {
            format!("IP address mismatch, certificate is not valid for '{name}'.")
        }
        (Client::Python313, false) => {
            format!("Hostname mismatch, certificate is not valid for '{name}'.")
        }
        (Client::OpenSsl, _) => {
            format!("no alternative certificate subject name matches target host name '{name}'")
        }
        _ => "CertNotValidForName".to_owned(),
    }
}

/// What a client refuses of a host name in a server certificate, whoever it is.
pub fn refused_by_some(name: &DnsName, at: impl FnOnce() -> Locator) -> Option<Finding> {
    if name.has_underscore() {
        Some(underscore(name.as_str(), at()))
    } else if name.wildcard_over_one_label() {
        Some(one_label(name, "OpenSSL, Python and rustls", at()))
    } else {
        None
    }
}
