//! A certificate, for people.

use pki_core::cert::{Certificate, Extension, NameConstraints, Subtree, oid};
use pki_core::inspect::{CertificatePart, Issuer, Place, signature_name};

use super::super::human::many;
use super::{Rows, Shown, dn, hex, list, names, public_key, subtree};

impl Shown<'_> {
    pub(super) fn certificate(&self, place: Place, part: &CertificatePart) -> Rows {
        let cert = &part.certificate;
        let mut rows = Rows::head(&format!("certificate {}", place.number));
        if let Some(entry) = &part.entry {
            rows.add("alias", entry.alias.as_deref().unwrap_or("none"));
            rows.add("trusted by Java", if entry.trusted { "yes" } else { "no" });
        }
        rows.add("subject", &dn(&cert.subject().to_string()));
        rows.add("issuer", &dn(&cert.issuer().to_string()));
        self.signed_by(&mut rows, place, &part.issuer);
        rows.add("serial", &cert.serial().to_string());
        self.validity(&mut rows, cert);
        public_key(&mut rows, cert.public_key());
        rows.add("signature", &signature_name(cert));
        rows.add("version", &cert.version().to_string());
        extensions(&mut rows, cert);
        rows.add("SHA-256", &cert.fingerprint().to_string());
        for fault in cert.faults() {
            let expected = fault.expected.as_ref();
            let expected = expected.map_or(String::new(), |e| format!("; expected {e}"));
            rows.wrong(
                "fault",
                &format!(
                    "{}: {}{expected} ({})",
                    fault.check, fault.found, fault.clause
                ),
            );
        }
        rows
    }

    pub(super) fn signed_by(&self, rows: &mut Rows, own: Place, issuer: &Issuer) {
        match issuer {
            Issuer::Itself => rows.add("signed by", "itself"),
            Issuer::Here { at, same_name } => {
                rows.add("signed by", &self.place(*at, own));
                if !same_name {
                    rows.wrong(
                        "",
                        "whose subject is not the issuer's name octet by octet: Go and rustls do not find it",
                    );
                }
            }
            Issuer::Claimed { at, why } => {
                let who = if *at == own {
                    "itself".into()
                } else {
                    self.place(*at, own)
                };
                rows.wrong("signed by", &format!("not {who}, though named so: {why}"));
            }
            Issuer::Elsewhere if self.all > 1 => rows.add("signed by", "none of those here"),
            Issuer::Elsewhere => {}
            _ => rows.add("signed by", "not looked at: too many candidates"),
        }
    }

    fn validity(&self, rows: &mut Rows, cert: &Certificate) {
        let validity = cert.validity();
        rows.add("from", &validity.not_before.to_string());
        let days = validity.days_left(self.now);
        let until = validity.not_after;
        if self.now > validity.not_after {
            let ago = many(usize::try_from(-(days + 1)).unwrap_or(usize::MAX), "day");
            rows.wrong("until", &format!("{until}   expired {ago} ago"));
        } else {
            let left = many(usize::try_from(days).unwrap_or(0), "day");
            rows.add("until", &format!("{until}   {left} left"));
        }
        if self.now < validity.not_before {
            rows.wrong("", "not valid yet");
        }
    }
}

fn extensions(rows: &mut Rows, cert: &Certificate) {
    let critical = |id: &str| {
        let found = cert.extensions().iter().find(|e| e.oid == id);
        found.is_some_and(|e| e.critical)
    };
    let mut row = |label: &str, id: &str, value: String| {
        let mark = if critical(id) { "   (critical)" } else { "" };
        rows.add(label, &format!("{value}{mark}"));
    };
    if cert.has_names() {
        row("names", oid::SUBJECT_ALT_NAME, names(cert.names()));
    }
    if let Some(usage) = cert.key_usage() {
        row("key usage", oid::KEY_USAGE, list(&usage.names()));
    }
    if let Some(purposes) = cert.purposes() {
        let purposes: Vec<String> = purposes.iter().map(ToString::to_string).collect();
        row("purposes", oid::EXTENDED_KEY_USAGE, list(&purposes));
    }
    if let Some(basic) = cert.basic_constraints() {
        let depth = basic.path_length;
        let depth = depth.map_or(String::new(), |n| format!(", path length {n}"));
        let ca = if basic.ca { "yes" } else { "no" };
        row("CA", oid::BASIC_CONSTRAINTS, format!("{ca}{depth}"));
    }
    if let Some(constraints) = cert.name_constraints() {
        for (label, subtrees) in sides(constraints) {
            row(label, oid::NAME_CONSTRAINTS, list(&subtrees));
        }
    }
    if let Some(id) = cert.subject_key_id() {
        row("subject key id", oid::SUBJECT_KEY_ID, hex(id));
    }
    if let Some(aki) = cert.authority_key_id() {
        let mut parts: Vec<String> = aki.key_id.iter().map(|id| hex(id)).collect();
        parts.extend(aki.issuer.iter().flatten().map(ToString::to_string));
        parts.extend(
            aki.serial
                .iter()
                .map(|serial| format!("serial {}", hex(serial))),
        );
        row("issuer key id", oid::AUTHORITY_KEY_ID, list(&parts));
    }
    let others = cert.extensions().iter();
    for extension in others.filter(|e| !oid::UNDERSTOOD.contains(&e.oid.as_str())) {
        row("extension", &extension.oid, extension_words(extension));
    }
}

fn extension_words(extension: &Extension) -> String {
    let octets = many(extension.value.len(), "octet");
    if extension.name() == extension.oid {
        format!("{}, {octets}", extension.oid)
    } else {
        format!("{} ({}), {octets}", extension.name(), extension.oid)
    }
}

fn sides(constraints: &NameConstraints) -> Vec<(&'static str, Vec<String>)> {
    let subtrees = |list: &[Subtree]| list.iter().map(subtree).collect();
    [
        ("permitted", constraints.permitted.as_deref()),
        ("excluded", constraints.excluded.as_deref()),
    ]
    .into_iter()
    .filter_map(|(label, list)| Some((label, subtrees(list?))))
    .collect()
}
