//! What RFC 5280 (4.1.2.4 and appendix A.1) asks of an attribute that somebody
//! else encoded.

use super::attribute::{Attribute, VISIBLE_STRING, is_printable};
use super::types::{self, ANY, Syntax};
use crate::der::tag;

/// The strings that a `DirectoryString` may be.
const DIRECTORY: [u8; 5] = [
    tag::T61_STRING,
    tag::PRINTABLE_STRING,
    tag::UNIVERSAL_STRING,
    tag::UTF8_STRING,
    tag::BMP_STRING,
];

impl Attribute {
    /// What is wrong with its value: characters that its type of string does not
    /// have; for the types of RFC 5280 A.1 another type of string, no character at
    /// all, or more than the upper bound. `None` where nothing is.
    ///
    /// Taken as they are: T61String, whose characters nobody agrees on, and types
    /// that RFC 5280 does not know.
    pub fn oddity(&self) -> Option<String> {
        let name = self
            .keyword()
            .map_or_else(|| "an attribute".to_owned(), str::to_owned);
        if let Some(string) = self.wrong_characters() {
            return Some(format!("{name} with characters that no {string} has"));
        }
        let row = types::row_of(self.kind())?;
        let (allowed, string, max): (&[u8], _, _) = match row.syntax {
            Syntax::Utf8(ANY) => return None,
            Syntax::Utf8(max) => (&DIRECTORY, "DirectoryString", max),
            Syntax::Printable(max) => (&[tag::PRINTABLE_STRING], "PrintableString", max),
            Syntax::Ia5(max) => (&[tag::IA5_STRING], "IA5String", max),
            Syntax::Country => (&[tag::PRINTABLE_STRING], "PrintableString", 2),
        };
        if !allowed.contains(&self.tag()) {
            return Some(format!("{name} that is no {string}"));
        }
        let length = self.text()?.chars().count();
        if matches!(row.syntax, Syntax::Country) && length != 2 {
            return Some(format!("{name} of {length} characters, not 2"));
        }
        if length == 0 {
            return Some(format!("{name} that is empty"));
        }
        (length > max).then(|| format!("{name} of {length} characters, more than {max}"))
    }

    /// The type of string whose characters these are not.
    fn wrong_characters(&self) -> Option<&'static str> {
        let all = |right: fn(char) -> bool| {
            let text = self.text();
            text.is_some_and(|text| text.chars().all(right))
        };
        let (right, string) = match self.tag() {
            tag::UTF8_STRING => (all(|_| true), "UTF8String"),
            tag::NUMERIC_STRING => (all(|c| c.is_ascii_digit() || c == ' '), "NumericString"),
            tag::PRINTABLE_STRING => (all(is_printable), "PrintableString"),
            tag::IA5_STRING => (all(|c| c.is_ascii()), "IA5String"),
            VISIBLE_STRING => (all(|c| (' '..='~').contains(&c)), "VisibleString"),
            tag::BMP_STRING => (all(|_| true), "BMPString"),
            tag::UNIVERSAL_STRING => (all(|_| true), "UniversalString"),
            _ => return None,
        };
        (!right).then_some(string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::oid_octets;

    #[test]
    fn each_rule() {
        let long = "x".repeat(65);
        for (oid, tag, value, found) in [
            ("2.5.4.3", tag::UTF8_STRING, "ü".as_bytes(), None),
            ("2.5.4.3", tag::PRINTABLE_STRING, b"a'()+,-./:=? Z9", None),
            ("2.5.4.3", tag::T61_STRING, b"\xff", None),
            ("2.5.4.3", tag::BMP_STRING, b"\0a", None),
            (
                "2.5.4.3",
                tag::PRINTABLE_STRING,
                b"a*b",
                Some("CN with characters that no PrintableString has"),
            ),
            (
                "2.5.4.3",
                tag::PRINTABLE_STRING,
                b"a@b",
                Some("CN with characters that no PrintableString has"),
            ),
            (
                "2.5.4.3",
                tag::UTF8_STRING,
                b"\xff",
                Some("CN with characters that no UTF8String has"),
            ),
            (
                "2.5.4.3",
                tag::BMP_STRING,
                b"\0a\0",
                Some("CN with characters that no BMPString has"),
            ),
            (
                "2.5.4.3",
                tag::IA5_STRING,
                b"a",
                Some("CN that is no DirectoryString"),
            ),
            ("2.5.4.3", tag::UTF8_STRING, b"", Some("CN that is empty")),
            (
                "2.5.4.3",
                tag::UTF8_STRING,
                long.as_bytes(),
                Some("CN of 65 characters, more than 64"),
            ),
            ("2.5.4.6", tag::PRINTABLE_STRING, b"DE", None),
            (
                "2.5.4.6",
                tag::PRINTABLE_STRING,
                b"DEU",
                Some("C of 3 characters, not 2"),
            ),
            (
                "2.5.4.6",
                tag::UTF8_STRING,
                b"DE",
                Some("C that is no PrintableString"),
            ),
            ("1.2.840.113549.1.9.1", tag::IA5_STRING, b"a@b", None),
            (
                "1.2.840.113549.1.9.1",
                tag::IA5_STRING,
                b"\xfc@b",
                Some("emailAddress with characters that no IA5String has"),
            ),
            (
                "1.2.840.113549.1.9.1",
                tag::UTF8_STRING,
                b"a@b",
                Some("emailAddress that is no IA5String"),
            ),
            ("0.9.2342.19200300.100.1.25", tag::IA5_STRING, b"org", None),
            (
                "2.5.4.5",
                tag::UTF8_STRING,
                b"1",
                Some("serialNumber that is no PrintableString"),
            ),
            ("2.5.4.24", tag::NUMERIC_STRING, b"1 2", None),
            (
                "2.5.4.24",
                tag::NUMERIC_STRING,
                b"1a",
                Some("x121Address with characters that no NumericString has"),
            ),
            ("2.999", tag::INTEGER, b"", None),
            (
                "2.999",
                VISIBLE_STRING,
                b"\n",
                Some("an attribute with characters that no VisibleString has"),
            ),
        ] {
            let attribute = Attribute::new(&oid_octets(oid).unwrap(), tag, value);
            assert_eq!(attribute.oddity().as_deref(), found, "{oid} {value:?}");
        }
    }
}
