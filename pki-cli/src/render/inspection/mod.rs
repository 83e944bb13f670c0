//! What files hold: for people here, for programs in `wire`.

mod certificate;
mod crl;
mod key;
mod wire;

pub(crate) use wire::document;

use pki_core::cert::Subtree;
use pki_core::clock::Timestamp;
use pki_core::inspect::{EXPECTED, Form, Inspected, Mac, Order, Part, Place, StorePart, Unknown};
use pki_core::key::PublicKey;
use pki_core::model::fingerprint::KesIdentity;
use pki_core::model::san::GeneralName;

use super::human::many;
use super::{style, text};

/// Where values stand.
const VALUE: usize = 21;

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
                    rows.add("names", &names(request.names()));
                    public_key(&mut rows, request.public_key());
                    match signature {
                        Ok(()) => rows.add("signature", "good: who made it holds the key"),
                        Err(why) => rows.wrong("signature", &format!("not good: {why}")),
                    }
                    self.belongs(&mut rows, certificates);
                    rows.0
                }
                Part::Crl(part) => self.crl(index, part).0,
                Part::Store(store) => store_rows(store).0,
                Part::Unknown(unknown) => unknown_rows(unknown).0,
                _ => String::new(),
            });
        }
        lines
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
        (count(|p| matches!(p, Part::Crl(_))), "CRL"),
        (count(|p| matches!(p, Part::Unknown(_))), "unknown part"),
    ];
    let mut words = vec![form.to_owned()];
    if matches!(file.form, Form::Pem | Form::Der) {
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
    let identity = KesIdentity::from(key.fingerprint());
    rows.add("key", &key.describe());
    rows.add("KES identity", &identity.to_string());
    rows.add("MinKMS", &identity.minkms());
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
            "none, for want of trustedKeyUsage: TLS fails with \"the trustAnchors parameter must be non-empty\"",
        ),
        0 => rows.add("trusted by Java", "none"),
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

/// Names of a certificate or a request.
fn names(names: &[GeneralName]) -> String {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    list(&names)
}

/// A subtree of name constraints.
fn subtree(subtree: &Subtree) -> String {
    let odd = if subtree.plain {
        ""
    } else {
        " (with minimum or maximum)"
    };
    format!("{}{odd}", subtree.base)
}

/// Upper-case hex, as openssl prints key ids (without its colons).
fn hex(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len() * 2);
    for octet in octets {
        text.push_str(&format!("{octet:02X}"));
    }
    text
}
