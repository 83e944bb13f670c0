//! TOML documents with positions: read by schema, every problem at once, each
//! with line, column and an excerpt. Roles and manifests are such documents.

mod at;
mod near;
mod parts;
mod problem;
mod shape;

pub(crate) use at::At;
pub(crate) use near::known;
pub use near::{ask, did_you_mean, near};
pub(crate) use problem::Fault;
pub use problem::{Invalid, Problem};
pub(crate) use shape::for_editors;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, Deserializer};

/// A text and the name people know it by (`pki.toml`).
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// How errors call it.
    pub name: &'a str,
    /// The whole text.
    pub text: &'a str,
}

/// The longest text that is read, in octets: that of twenty thousand services
/// has one million.
const MAX_LENGTH: usize = 4 << 20;
/// The most tables, arrays and dots of keys: what is between two of them may
/// become a table, which takes 1200 octets of memory.
const MAX_PARTS: usize = 400_000;

/// Why a text is not even parsed: a TOML reader takes some hundred times its
/// length in memory, and nobody writes so much by hand. `None`: it is.
pub fn too_much(text: &str) -> Option<String> {
    let parts = parts::count(text);
    (parts > MAX_PARTS).then(|| {
        format!("{parts} brackets, braces and dots, more than the {MAX_PARTS} that are read")
    })
}

/// The document format that this program reads.
const VERSION: i64 = 1;

impl Source<'_> {
    /// Reads a document of type `T`: syntax, then shape (unknown keys, wrong
    /// types, missing keys: all of them), then the values.
    pub(crate) fn read<T: DeserializeOwned + JsonSchema>(&self) -> Result<T, Invalid> {
        let long = (self.text.len() > MAX_LENGTH).then(|| {
            let length = self.text.len();
            format!("{length} octets, more than the {MAX_LENGTH} that are read")
        });
        if let Some(why) = long.or_else(|| too_much(self.text)) {
            // Nothing of it is shown: one line may be all of it.
            let source = Source { text: "", ..*self };
            return Err(source.invalid(vec![Fault::new(0..0, why, "too much")]));
        }
        let (table, errors) = DeTable::parse_recoverable(self.text);
        if !errors.is_empty() {
            let faults = errors
                .iter()
                .map(|error| fault("not valid TOML", error))
                .collect();
            return Err(self.invalid(faults));
        }
        if let Some(fault) = future(table.get_ref()) {
            return Err(self.invalid(vec![fault]));
        }
        let faults = shape::check(&table, &shape::schema::<T>());
        if !faults.is_empty() {
            return Err(self.invalid(faults));
        }
        T::deserialize(Deserializer::from(table))
            .map_err(|error| self.invalid(vec![fault("a value that does not fit", &error)]))
    }

    /// The error that says all of `faults`.
    pub(crate) fn invalid(&self, faults: Vec<Fault>) -> Invalid {
        Invalid::new(self, faults)
    }
}

/// What the TOML library says, in our form.
fn fault(what: &str, error: &toml::de::Error) -> Fault {
    let span = error.span().unwrap_or(0..0);
    Fault::new(span, what, error.message().replace('\n', ": "))
}

/// A document made for a newer program: its other keys cannot be judged.
fn future(table: &DeTable<'_>) -> Option<Fault> {
    let version = table.get("version")?;
    let number = version.get_ref().as_integer()?;
    let found = i64::from_str_radix(number.as_str(), number.radix()).ok();
    if found == Some(VERSION) {
        return None;
    }
    let fault = if found.is_some_and(|n| n < VERSION) {
        Fault::new(
            version.span(),
            format!("there is no version `{number}`"),
            "unknown",
        )
        .help("write `version = 1`")
    } else {
        Fault::new(
            version.span(),
            format!("made for a newer pki: version `{number}`"),
            "this pki reads version 1",
        )
        .help("use a newer pki, or write `version = 1` and what it knows")
    };
    Some(fault)
}
