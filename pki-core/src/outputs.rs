//! Files that are derived from certificates: what belongs in them, and whether
//! what is there means the same.

use crate::cert::Certificate;
use crate::encode::{bundle, pkcs12};
use crate::inventory::{Inventory, Material};
use crate::stack::{Output, OutputKind, Stack};

/// The CA certificates that belong in an output, in order, each once, with
/// the authority they are of.
fn certificates<'a>(
    kind: &OutputKind,
    stack: &Stack,
    inventory: &'a Inventory,
) -> Vec<(String, &'a Certificate)> {
    let (OutputKind::Bundle { authorities, .. } | OutputKind::Truststore { authorities, .. }) = kind
    else {
        return Vec::new();
    };
    let mut found: Vec<(String, &Certificate)> = Vec::new();
    for authority in authorities {
        for certificate in inventory.trusted(stack, authority) {
            if !found.iter().any(|(_, c)| *c == certificate) {
                found.push((authority.clone(), certificate));
            }
        }
    }
    if matches!(kind, OutputKind::Bundle { system: true, .. }) {
        found.extend(inventory.system().iter().map(|c| ("system".to_owned(), c)));
    }
    found
}

/// Whether every authority that an output is made of is there.
pub fn is_complete(output: &Output, stack: &Stack, inventory: &Inventory) -> bool {
    match &output.kind {
        OutputKind::Bundle { authorities, .. } | OutputKind::Truststore { authorities, .. } => {
            authorities
                .iter()
                .all(|a| !inventory.trusted(stack, a).is_empty())
        }
        OutputKind::Text(_) => true,
    }
}

/// The octets of an output.
pub fn render(output: &Output, stack: &Stack, inventory: &Inventory) -> Vec<u8> {
    let certificates = certificates(&output.kind, stack, inventory);
    match &output.kind {
        OutputKind::Text(text) => text.clone().into_bytes(),
        OutputKind::Bundle { .. } => {
            bundle(certificates.iter().map(|(_, c)| c.der())).into_bytes()
        }
        OutputKind::Truststore { password, .. } => {
            let entries: Vec<_> = certificates
                .iter()
                .enumerate()
                .map(|(i, (authority, c))| pkcs12::TrustEntry {
                    alias: alias(authority, i, &certificates),
                    certificate: c.der().to_vec(),
                })
                .collect();
            pkcs12::write_truststore(&entries, password.as_deref())
        }
    }
}

/// `minio`, and `minio-2` for a second certificate of the same authority.
fn alias(authority: &str, at: usize, all: &[(String, &Certificate)]) -> String {
    let before = all[..at].iter().filter(|(a, _)| a == authority).count();
    let name = authority.to_lowercase();
    if before == 0 {
        name
    } else {
        format!("{name}-{}", before + 1)
    }
}

/// Whether what stands at an output's place means what belongs there: the same
/// CA certificates, however they are encoded; for a text, the same octets.
pub fn is_current(output: &Output, stack: &Stack, inventory: &Inventory) -> bool {
    let Some(item) = inventory.item(&output.path) else {
        return false;
    };
    let wanted = certificates(&output.kind, stack, inventory);
    match &output.kind {
        OutputKind::Text(text) => item.record.bytes() == Some(text.as_bytes()),
        OutputKind::Bundle { .. } => match &item.material {
            Material::Certificates(file) => {
                !file.der
                    && file.unreadable.is_empty()
                    && same(wanted.iter().map(|(_, c)| c.der()), file.certificates.iter().map(Certificate::der))
            }
            _ => wanted.is_empty() && item.record.bytes().is_some_and(<[u8]>::is_empty),
        },
        OutputKind::Truststore { password, .. } => {
            let Some(bytes) = item.record.bytes() else {
                return false;
            };
            let Ok(store) = pkcs12::read_store(bytes, password.as_deref()) else {
                return false;
            };
            store.protected == password.is_some()
                && store.entries.iter().all(|e| e.trusted)
                && same(
                    wanted.iter().map(|(_, c)| c.der()),
                    store.entries.iter().map(|e| &e.certificate[..]),
                )
        }
    }
}

/// The same members, in whatever order.
fn same<'a>(
    wanted: impl Iterator<Item = &'a [u8]>,
    found: impl Iterator<Item = &'a [u8]>,
) -> bool {
    let sorted = |items: &mut Vec<&'a [u8]>| items.sort_unstable();
    let (mut wanted, mut found): (Vec<_>, Vec<_>) = (wanted.collect(), found.collect());
    sorted(&mut wanted);
    sorted(&mut found);
    wanted == found
}
