//! Files that are derived from certificates: what belongs in them, and whether
//! what is there means the same.

use crate::cert::Certificate;
use crate::encode::bundle::bundle;
use crate::encode::pkcs12::{self, Pkcs12Error, Protection, Salts, TrustEntry};
use crate::inventory::{Inventory, Material};
use crate::stack::{Output, OutputKind, Stack};

/// The CA certificates that belong in an output, in order, each once, with
/// the authority they are of.
fn certificates<'a>(
    kind: &OutputKind,
    stack: &Stack,
    inventory: &'a Inventory,
) -> Vec<(String, &'a Certificate)> {
    let mut found: Vec<(String, &Certificate)> = Vec::new();
    for authority in kind.authorities() {
        for certificate in inventory.trusted(stack, authority) {
            if !found.iter().any(|(_, c)| *c == certificate) {
                found.push((authority.clone(), certificate));
            }
        }
    }
    if kind.has_system() {
        found.extend(inventory.system().iter().map(|c| ("system".to_owned(), c)));
    }
    found
}

/// The CA certificates that belong in an output, each once.
pub fn wanted<'a>(
    output: &Output,
    stack: &Stack,
    inventory: &'a Inventory,
) -> Vec<&'a Certificate> {
    let found = certificates(&output.kind, stack, inventory);
    found.into_iter().map(|(_, c)| c).collect()
}

/// The CA certificates that stand in a bundle or truststore now; `None` where it
/// is no such thing.
pub fn held(output: &Output, inventory: &Inventory) -> Option<Vec<Certificate>> {
    let item = inventory.item(&output.path)?;
    match (&output.kind, &item.material) {
        (OutputKind::Bundle { .. }, Material::Certificates(file)) => {
            Some(file.certificates.clone())
        }
        (OutputKind::Truststore { password, .. }, _) => {
            let store = pkcs12::read_store(item.record.bytes()?, password.as_deref()).ok()?;
            let trusted = store.entries.iter().filter(|entry| entry.trusted);
            let read = trusted.map(|entry| Certificate::from_der(&entry.certificate_der).ok());
            Some(read.flatten().collect())
        }
        _ => None,
    }
}

/// The authorities that an output is made of and that have no certificate.
pub fn missing<'a>(
    output: &'a Output,
    stack: &Stack,
    inventory: &Inventory,
) -> impl Iterator<Item = &'a String> {
    output
        .kind
        .authorities()
        .iter()
        .filter(|a| inventory.trusted(stack, a).is_empty())
}

/// The octets of an output.
///
/// # Errors
/// When a truststore would be empty or its password is.
pub fn render(
    output: &Output,
    stack: &Stack,
    inventory: &Inventory,
) -> Result<Vec<u8>, Pkcs12Error> {
    let certificates = certificates(&output.kind, stack, inventory);
    let ders: Vec<&[u8]> = certificates.iter().map(|(_, c)| c.der()).collect();
    match &output.kind {
        OutputKind::Text(text) => Ok(text.clone().into_bytes()),
        OutputKind::Bundle { .. } => Ok(bundle(&ders).into_bytes()),
        OutputKind::Truststore { password, .. } => {
            let aliases = pkcs12::aliases(certificates.iter().map(|(authority, _)| authority));
            let entries: Vec<TrustEntry> = aliases
                .into_iter()
                .zip(&ders)
                .map(|(alias, der)| TrustEntry {
                    alias,
                    certificate_der: der.to_vec(),
                })
                .collect();
            let salts = salts(&ders);
            let protection =
                password
                    .as_deref()
                    .map_or(Protection::Open, |password| Protection::Password {
                        password,
                        salts: &salts,
                    });
            pkcs12::write_truststore(&entries, protection)
        }
    }
}

/// Salts told by the content: a truststore holds no secret, so the same
/// certificates may give the same octets.
fn salts(certificates: &[&[u8]]) -> Salts {
    let mut octets = [0; 56];
    for (i, chunk) in octets.chunks_mut(32).enumerate() {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        context.update(&i.to_be_bytes());
        for der in certificates {
            context.update(der);
        }
        chunk.copy_from_slice(&context.finish().as_ref()[..chunk.len()]);
    }
    let mut salts = Salts {
        encryption: [0; 20],
        iv: [0; 16],
        mac: [0; 20],
    };
    salts.encryption.copy_from_slice(&octets[..20]);
    salts.iv.copy_from_slice(&octets[20..36]);
    salts.mac.copy_from_slice(&octets[36..]);
    salts
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
                file.not_pem().is_none()
                    && file.unreadable.is_empty()
                    && same(
                        wanted.iter().map(|(_, c)| c.der()),
                        file.certificates.iter().map(Certificate::der),
                    )
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
            store.encrypted == password.is_some()
                && store.entries.iter().all(|e| e.trusted)
                && same(
                    wanted.iter().map(|(_, c)| c.der()),
                    store.entries.iter().map(|e| &e.certificate_der[..]),
                )
        }
    }
}

/// The same members, in whatever order.
fn same<'a>(wanted: impl Iterator<Item = &'a [u8]>, found: impl Iterator<Item = &'a [u8]>) -> bool {
    let sorted = |items: &mut Vec<&'a [u8]>| items.sort_unstable();
    let (mut wanted, mut found): (Vec<_>, Vec<_>) = (wanted.collect(), found.collect());
    sorted(&mut wanted);
    sorted(&mut found);
    wanted == found
}
