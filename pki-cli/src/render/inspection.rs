//! What files hold, for people.

use pki_core::cert::{Certificate, Extension, NameConstraints, Subtree, oid};
use pki_core::clock::Timestamp;
use pki_core::inspect::{
    CertificatePart, EXPECTED, Form, Inspected, Issuer, KeyPart, Mac, Order, Part, Place,
    StorePart, Unknown, refusals, signature_name,
};
use pki_core::key::{Encoding, KeyForm, KeyKind, PublicKey};

use super::human::many;
use super::{style, text};

/// Where values stand.
const VALUE: usize = 21;

/// Extensions that have rows of their own.
pub(super) const SHOWN: [&str; 7] = [
    oid::BASIC_CONSTRAINTS,
    oid::KEY_USAGE,
    oid::EXTENDED_KEY_USAGE,
    oid::SUBJECT_ALT_NAME,
    oid::SUBJECT_KEY_ID,
    oid::AUTHORITY_KEY_ID,
    oid::NAME_CONSTRAINTS,
];

/// All files, one after another.
pub(crate) fn files(names: &[String], files: &[Inspected], now: Timestamp) -> String {
    let all: usize = files.iter().map(|file| file.certificates().count()).sum();
    let shown = Shown { names, all, now };
    let blocks: Vec<String> = names
        .iter()
        .zip(files)
        .enumerate()
        .map(|(index, (name, file))| shown.file(index, name, file))
        .collect();
    blocks.join("\n")
}

/// What every part needs to know of all files.
struct Shown<'a> {
    names: &'a [String],
    all: usize,
    now: Timestamp,
}

/// Rows of a part: a word and its value.
#[derive(Default)]
struct Rows(String);

impl Rows {
    fn head(title: &str) -> Self {
        Self(format!("  {}\n", style::heading(&text::line(title))))
    }

    fn add(&mut self, label: &str, value: &str) {
        let fill = " ".repeat(VALUE.saturating_sub(4 + label.len()));
        let value = text::line(value);
        self.0
            .push_str(&format!("    {}{fill}{value}\n", style::label(label)));
    }

    fn wrong(&mut self, label: &str, value: &str) {
        let fill = " ".repeat(VALUE.saturating_sub(4 + label.len()));
        let value = text::line(value);
        self.0
            .push_str(&format!("    {}{fill}{value}\n", style::warning(label)));
    }
}

impl Shown<'_> {
    fn file(&self, index: usize, name: &str, file: &Inspected) -> String {
        let mut lines = format!("{}\n", style::heading(&text::line(name)));
        lines.push_str(&format!("  {}\n", summary(file)));
        let mut number = 0;
        for part in &file.parts {
            lines.push('\n');
            lines.push_str(&match part {
                Part::Certificate(part) => {
                    number += 1;
                    self.certificate(
                        Place {
                            file: index,
                            number,
                        },
                        part,
                    )
                    .0
                }
                Part::Key(key) => self.key(key).0,
                Part::PublicKey { key, certificates } => {
                    let mut rows = Rows::head("public key");
                    public_key(&mut rows, key);
                    self.belongs(&mut rows, certificates);
                    rows.0
                }
                Part::Request {
                    request,
                    signature,
                    certificates,
                } => {
                    let mut rows = Rows::head("certificate request");
                    rows.add("subject", &dn(&request.subject().to_string()));
                    rows.add("names", &list(request.names()));
                    public_key(&mut rows, request.public_key());
                    match signature {
                        Ok(()) => rows.add("signature", "good: who made it holds the key"),
                        Err(why) => rows.wrong("signature", &format!("not good: {why}")),
                    }
                    self.belongs(&mut rows, certificates);
                    rows.0
                }
                Part::Store(store) => store_rows(store).0,
                Part::Unknown(unknown) => unknown_rows(unknown).0,
                _ => String::new(),
            });
        }
        lines
    }

    fn certificate(&self, place: Place, part: &CertificatePart) -> Rows {
        let cert = &part.certificate;
        let mut rows = Rows::head(&format!("certificate {}", place.number));
        if let Some(entry) = &part.entry {
            rows.add("alias", entry.alias.as_deref().unwrap_or("none"));
            rows.add(
                "trusted by Java",
                if entry.trusted {
                    "yes"
                } else {
                    "no: it lacks trustedKeyUsage, or another entry has its alias"
                },
            );
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

    fn signed_by(&self, rows: &mut Rows, own: Place, issuer: &Issuer) {
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

    /// A certificate as seen from another.
    fn place(&self, at: Place, from: Place) -> String {
        if at.file == from.file {
            format!("certificate {}", at.number)
        } else {
            self.name(at)
        }
    }

    fn name(&self, at: Place) -> String {
        let file = self.names.get(at.file).map_or("", String::as_str);
        format!("{file}, certificate {}", at.number)
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

    fn key(&self, part: &KeyPart) -> Rows {
        let form = &part.form;
        let mut rows = Rows::head("private key");
        rows.add("form", &key_form(form));
        rows.add("encrypted", if form.encrypted() { "yes" } else { "no" });
        match &part.public {
            Ok(public) => {
                public_key(&mut rows, public);
                self.belongs(&mut rows, &part.certificates);
            }
            Err(_) if form.encrypted() && form.kind == Some(KeyKind::EncryptedPkcs8) => rows.add(
                "key",
                "seen only with the passphrase: add --password-file FILE",
            ),
            Err(why) => {
                rows.wrong("key", &format!("cannot be read: {why}"));
                if let Some(hint) = why.hint() {
                    rows.add("", hint);
                }
            }
        }
        if form.labels.len() > 1 {
            rows.add("blocks", &form.labels.join(", "));
        }
        if let Some(trailing) = &form.trailing {
            rows.wrong("after it", &trailing.to_string());
        }
        for refusal in refusals(form) {
            rows.wrong(
                "refused",
                &format!("by {}: \"{}\"", refusal.programs, refusal.words),
            );
        }
        rows
    }

    fn belongs(&self, rows: &mut Rows, places: &[Place]) {
        match places {
            [] if self.all == 0 => {}
            [] => rows.wrong("belongs to", "none of the certificates here"),
            places => {
                let places: Vec<String> = places.iter().map(|at| self.name(*at)).collect();
                rows.add("belongs to", &places.join("; "));
            }
        }
    }
}

/// The form of a file and what is in it.
fn summary(file: &Inspected) -> String {
    let form = match file.form {
        Form::Pem => "PEM",
        Form::Der => "DER",
        Form::Text => "text",
        Form::Empty => "empty",
        _ => "not text",
    };
    let count = |is: fn(&Part) -> bool| file.parts.iter().filter(|part| is(part)).count();
    let counts = [
        (count(|p| matches!(p, Part::Store(_))), "PKCS#12 store"),
        (count(|p| matches!(p, Part::Certificate(_))), "certificate"),
        (count(|p| matches!(p, Part::Key(_))), "private key"),
        (count(|p| matches!(p, Part::PublicKey { .. })), "public key"),
        (count(|p| matches!(p, Part::Request { .. })), "request"),
        (count(|p| matches!(p, Part::Unknown(_))), "unknown part"),
    ];
    let mut words = vec![form.to_owned()];
    if !matches!(file.form, Form::Empty) {
        let counts = counts.into_iter().filter(|(n, _)| *n > 0);
        words.extend(counts.map(|(n, noun)| many(n, noun)));
    }
    let order = match file.order {
        Some(Order::Chain) => ": each is signed by the next",
        Some(Order::Bundle) => ": none signed another",
        Some(Order::Mixed) => {
            ": not in the order of a chain (the leaf first, each signed by the next)"
        }
        _ => "",
    };
    words.join(", ") + order
}

fn public_key(rows: &mut Rows, key: &PublicKey) {
    let identity = pki_core::model::fingerprint::KesIdentity::from(key.fingerprint());
    rows.add("key", &key.describe());
    rows.add("KES identity", &identity.to_string());
    rows.add("MinKMS", &identity.minkms());
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
        let names: Vec<String> = cert.names().iter().map(ToString::to_string).collect();
        row("names", oid::SUBJECT_ALT_NAME, list(&names));
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
    for extension in others.filter(|e| !SHOWN.contains(&e.oid.as_str())) {
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

/// A subtree of name constraints.
pub(super) fn subtree(subtree: &Subtree) -> String {
    let odd = if subtree.plain {
        ""
    } else {
        " (with minimum or maximum)"
    };
    format!("{}{odd}", subtree.base)
}

/// The structure of a key file.
pub(super) fn key_form(form: &KeyForm) -> String {
    let kind = match form.kind {
        Some(KeyKind::Pkcs8) => "PKCS#8",
        Some(KeyKind::Pkcs1) => "PKCS#1 (RSA PRIVATE KEY)",
        Some(KeyKind::Sec1) => "SEC1 (EC PRIVATE KEY)",
        Some(KeyKind::EncryptedPkcs8) => "encrypted PKCS#8",
        Some(KeyKind::LegacyEncrypted) => "encrypted in the legacy form (Proc-Type: 4,ENCRYPTED)",
        _ => "not one of PKCS#8, PKCS#1, SEC1",
    };
    match form.encoding {
        Encoding::Pem => format!("{kind}, PEM"),
        Encoding::Der => format!("{kind}, DER"),
        _ => kind.to_owned(),
    }
}

fn store_rows(store: &StorePart) -> Rows {
    let mut rows = Rows::head("PKCS#12 store");
    let Some(content) = &store.content else {
        rows.add(
            "content",
            "seen only with the password: add --password-file FILE",
        );
        return rows;
    };
    rows.add("certificates", &content.certificates.to_string());
    rows.add("private keys", &content.keys.to_string());
    rows.add(
        "encrypted",
        if content.encrypted {
            "yes: without the password Java sees no certificate"
        } else {
            "no: the certificates are seen without a password"
        },
    );
    match content.mac {
        Mac::None => rows.add("MAC", "none"),
        Mac::Unchecked => rows.add("MAC", "not checked: add --password-file FILE"),
        Mac::Good => rows.add("MAC", "good"),
        _ => rows.wrong(
            "MAC",
            "wrong: the password is another, or the store was changed",
        ),
    }
    match content.trusted {
        0 if content.keys == 0 => rows.wrong(
            "trusted by Java",
            "none: TLS fails with \"the trustAnchors parameter must be non-empty\"",
        ),
        n => rows.add("trusted by Java", &many(n, "certificate")),
    }
    rows
}

fn unknown_rows(unknown: &Unknown) -> Rows {
    let mut rows = Rows::head("unknown");
    rows.wrong("found", &unknown.what);
    match &unknown.why {
        Some(why) => rows.add("why", why),
        None => rows.add("expected", EXPECTED),
    }
    if let Some(hint) = &unknown.hint {
        rows.add("try", hint);
    }
    rows
}

fn dn(text: &str) -> String {
    if text.is_empty() {
        "empty".into()
    } else {
        text.to_owned()
    }
}

fn list(items: &[impl AsRef<str>]) -> String {
    if items.is_empty() {
        return "none".into();
    }
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    items.join(", ")
}

/// Upper-case hex, as openssl prints key ids (without its colons).
pub(super) fn hex(octets: &[u8]) -> String {
    let digits: Vec<String> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
    digits.concat()
}
