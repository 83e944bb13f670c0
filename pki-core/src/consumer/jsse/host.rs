//! Hosts as Java compares them (`sun.security.util.HostnameChecker`, `TYPE_TLS`).

use crate::cert::Certificate;
use crate::chain::PeerName;
use crate::consumer::facts;
use crate::consumer::names::{hosts, octets, other, unmapped};
use crate::model::san::GeneralName;

/// Why Java refuses, in its words. `names` as the JDK reads them; `leftmost`:
/// wildcards stand in the first label alone (25).
pub(super) fn refusal(
    peer: &PeerName,
    cert: &Certificate,
    names: Option<&[GeneralName]>,
    leftmost: bool,
) -> Option<String> {
    match peer {
        PeerName::Ip(ip) => {
            let known = |name: &GeneralName| match name {
                GeneralName::Ip(found) => unmapped(found) == unmapped(&octets(*ip)),
                _ => false,
            };
            if names.unwrap_or_default().iter().any(known) {
                return None;
            }
            Some(if names.is_some() {
                format!("No subject alternative names matching IP address {ip} found")
            } else {
                "No subject alternative names present".to_owned()
            })
        }
        PeerName::Dns(host) => refused_host(host, cert, names.unwrap_or_default(), leftmost),
        _ => (!other(peer, cert)).then(|| format!("No name matching {peer} found")),
    }
}

fn refused_host(
    host: &str,
    cert: &Certificate,
    names: &[GeneralName],
    leftmost: bool,
) -> Option<String> {
    if !is_sni(host) {
        return Some(format!("Illegal given domain name: {host}"));
    }
    if hosts(names).any(|template| matches_host(host, template, leftmost)) {
        return None;
    }
    if hosts(names).next().is_some() {
        return Some(format!(
            "No subject alternative DNS name matching {host} found."
        ));
    }
    let common_name = facts::last_common_name(cert.subject());
    let covered = common_name.is_some_and(|cn| matches_host(host, &cn, leftmost));
    (!covered).then(|| format!("No name matching {host} found"))
}

/// `SNIHostName`: letters, digits and hyphens once IDNA is applied
/// (`IDN.toASCII` with `USE_STD3_ASCII_RULES`), no dot at the end.
fn is_sni(name: &str) -> bool {
    let label = |label: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || !c.is_ascii();
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(plain)
    };
    !name.ends_with('.') && name.split('.').all(label)
}

/// `IDN.toUnicode`: A-labels in Unicode, as far as IDNA 2003 knows the letters.
fn to_unicode(name: &str) -> String {
    let label = |label: &str| match label.strip_prefix("xn--") {
        // `toASCII` takes no longer ones, and then the label stays.
        Some(code) if label.len() <= 63 => idna::punycode::decode_to_string(code)
            .filter(|text| text.chars().all(in_unicode_3_2))
            .unwrap_or_else(|| label.to_owned()),
        _ => label.to_owned(),
    };
    let labels: Vec<String> = name.split('.').map(label).collect();
    labels.join(".")
}

/// Whether Unicode 3.2 has the letter, by blocks: beyond the first plane it had
/// old scripts, music and mathematics, and ideographs, and no emoji.
fn in_unicode_3_2(letter: char) -> bool {
    matches!(
        u32::from(letter),
        0..=0xffff | 0x10300..=0x1044f | 0x1_d000..=0x1_d7ff | 0x2_0000..=0x2_fa1f
    )
}

/// A wildcard may stand anywhere, for a part of a label too.
fn matches_host(host: &str, template: &str, leftmost: bool) -> bool {
    let [host, template] = [host, template].map(|t| to_unicode(&t.to_lowercase()).to_lowercase());
    let last = template.rsplit_once('*').map(|(_, after)| after);
    if ["*", "*."].contains(&template.as_str()) || last.is_some_and(|after| !after.contains('.')) {
        return false;
    }
    let behind = template
        .split_once('.')
        .is_some_and(|(_, rest)| rest.contains('*'));
    if !is_sni(&template.replace('*', "z")) || (leftmost && behind) {
        return false;
    }
    // `StringTokenizer`: empty labels do not count.
    let labels = |text: &str| -> Vec<String> {
        let labels = text.split('.').filter(|label| !label.is_empty());
        labels.map(str::to_owned).collect()
    };
    let (host, template) = (labels(&host), labels(&template));
    host.len() == template.len() && host.iter().zip(&template).all(|(h, t)| matches_label(h, t))
}

/// `matchWildCards`: the parts between the wildcards in their order, the first
/// at the start; what follows the last at the end.
fn matches_label(label: &str, template: &str) -> bool {
    let mut parts = template.split('*');
    let Some(mut rest) = parts.next().and_then(|first| label.strip_prefix(first)) else {
        return false;
    };
    if !template.contains('*') {
        return rest.is_empty();
    }
    let mut parts: Vec<&str> = parts.collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
