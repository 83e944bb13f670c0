//! Mailboxes (RFC 5280 4.2.1.6 rfc822Name, RFC 5321 4.1.2).

use super::{DnsName, NameError};

/// Reads `local@domain`: the local part a dot-string in ASCII, kept as it is;
/// the domain a host name. Quoted local parts and address literals are refused:
/// consumers disagree about them.
pub(super) fn mailbox(text: &str) -> Result<String, NameError> {
    let bad = |why| NameError::Email {
        name: text.to_owned(),
        why,
    };
    let (local, domain) = text.rsplit_once('@').ok_or_else(|| bad("it has no `@`"))?;
    if local.is_empty() {
        return Err(bad("nothing stands before the `@`"));
    }
    if local.len() > 64 {
        return Err(bad("more than 64 octets before the `@`"));
    }
    if !local.is_ascii() {
        return Err(bad("only ASCII can stand before the `@`"));
    }
    let atom = |part: &str| {
        let special = "!#$%&'*+-/=?^_`{|}~";
        let allowed = |c: char| c.is_ascii_alphanumeric() || special.contains(c);
        !part.is_empty() && part.chars().all(allowed)
    };
    if !local.split('.').all(atom) {
        return Err(bad(
            "letters, digits, single dots and !#$%&'*+-/=?^_`{|}~ can stand before the `@`",
        ));
    }
    Ok(format!("{local}@{}", domain_of(text, domain)?))
}

/// The domain of the mail name `text`.
pub(super) fn domain_of(text: &str, domain: &str) -> Result<DnsName, NameError> {
    let bad = |why| NameError::Email {
        name: text.to_owned(),
        why,
    };
    let domain = DnsName::parse(domain).map_err(|_| bad("what follows the `@` is no host name"))?;
    if domain.is_wildcard() {
        return Err(bad("a wildcard cannot follow the `@`"));
    }
    Ok(domain)
}
