//! What the clients' ways of comparing names have in common.

use std::net::IpAddr;

use crate::cert::{Certificate, Subtree};
use crate::chain::{self, PeerName};
use crate::model::san::GeneralName;

/// The octets of an address, as a SubjectAltName has them.
pub(super) fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

/// An address without the prefix of IPv4 in IPv6.
pub(super) fn unmapped(octets: &[u8]) -> &[u8] {
    const MAPPED: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
    match octets.strip_prefix(&MAPPED) {
        Some(rest) if octets.len() == 16 => rest,
        _ => octets,
    }
}

/// The name, of its form also where its octets are no ASCII.
pub(super) fn as_text(name: &GeneralName) -> GeneralName {
    let text = |value: &[u8]| value.iter().map(|octet| char::from(*octet)).collect();
    match name {
        GeneralName::Other { tag: 0x81, value } => GeneralName::Email(text(value)),
        GeneralName::Other { tag: 0x82, value } => GeneralName::Dns(text(value)),
        GeneralName::Other { tag: 0x86, value } => GeneralName::Uri(text(value)),
        other => other.clone(),
    }
}

/// The dNSNames, in order.
pub(super) fn hosts(names: &[GeneralName]) -> impl Iterator<Item = &str> {
    names.iter().filter_map(|name| match name {
        GeneralName::Dns(text) => Some(text.as_str()),
        _ => None,
    })
}

/// Mail and URI are compared by the callers of these libraries, by RFC 5280 7.
pub(super) fn other(peer: &PeerName, cert: &Certificate) -> bool {
    chain::covers(cert.names(), peer)
}

/// A list of name constraints; none where it is absent.
pub(super) fn subtrees(list: Option<&Vec<Subtree>>) -> &[Subtree] {
    list.map(Vec::as_slice).unwrap_or_default()
}

/// Whether a host is the base or below it; a base with a leading dot is met by
/// whatever ends with it.
pub(super) fn ends_at_label(name: &str, base: &str) -> bool {
    match without_suffix(name, base) {
        Some(above) => above.is_empty() || above.ends_with(b".") || base.starts_with('.'),
        None => false,
    }
}

/// What of a name stands before a suffix, whose case does not count.
pub(super) fn without_suffix<'a>(name: &'a str, suffix: &str) -> Option<&'a [u8]> {
    let (name, suffix) = (name.as_bytes(), suffix.as_bytes());
    let (above, end) = name.split_at(name.len().checked_sub(suffix.len())?);
    end.eq_ignore_ascii_case(suffix).then_some(above)
}

/// Whether an address is in a network, given as address and mask, whatever the
/// mask is.
pub(super) fn in_network(address: &[u8], base: &[u8]) -> bool {
    let (network, mask) = base.split_at(base.len() / 2);
    address.len() == network.len()
        && (0..address.len()).all(|i| (address[i] ^ network[i]) & mask[i] == 0)
}

/// Whether a mask is a run of ones and then zeros.
pub(super) fn is_mask(mask: &[u8]) -> bool {
    let ones: usize = mask.iter().map(|o| o.leading_ones() as usize).sum();
    mask.iter().enumerate().all(|(i, octet)| {
        let left = ones.saturating_sub(i * 8).min(8);
        octet.leading_ones() as usize == left && octet.count_ones() as usize == left
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        for (mask, good) in [
            (&[255, 255, 0, 0][..], true),
            (&[255, 254, 0, 0], true),
            (&[0, 0, 0, 0], true),
            (&[255; 4], true),
            (&[255, 0, 255, 0], false),
            (&[253, 0, 0, 0], false),
            (&[0, 0, 0, 1], false),
            (&[254, 128, 0, 0], false),
        ] {
            assert_eq!(is_mask(mask), good, "{mask:?}");
        }
    }
}
