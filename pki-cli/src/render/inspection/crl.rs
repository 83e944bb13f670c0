//! A CRL, for people.

use pki_core::cert::{Crl, CrlEntry};
use pki_core::inspect::{CrlPart, Issuer, Place};
use pki_core::model::validity::DAY;

use super::super::human::many;
use super::{Rows, Shown, dn, hex};

/// Entries that are shown; programs get all of them.
const SHOWN: usize = 10;

impl Shown<'_> {
    pub(super) fn crl(&self, file: usize, part: &CrlPart) -> Rows {
        let crl = &part.crl;
        let mut rows = Rows::head("certificate revocation list");
        rows.add("issuer", &dn(&crl.issuer().to_string()));
        if part.issuer == Issuer::Elsewhere && self.all > 0 {
            rows.add("signed by", "none of the certificates here");
        } else {
            // No certificate has this number.
            self.signed_by(&mut rows, Place { file, number: 0 }, &part.issuer);
        }
        let number = crl.number_text();
        rows.add("number", number.as_deref().unwrap_or("none"));
        rows.add("made", &crl.this_update().to_string());
        if self.now < crl.this_update() {
            rows.wrong("", "not yet");
        }
        self.next_update(&mut rows, crl);
        let entries = crl.entries();
        rows.add("revoked", &many(entries.len(), "certificate"));
        for entry in entries.iter().take(SHOWN) {
            rows.add("", &line(entry));
        }
        if entries.len() > SHOWN {
            let more = entries.len() - SHOWN;
            rows.add("", &format!("and {more} more: --json has them all"));
        }
        let key_id = crl.authority_key_id().and_then(|a| a.key_id.as_deref());
        rows.add("issuer key id", &key_id.map_or("none".into(), hex));
        let only = only(crl);
        if !only.is_empty() {
            rows.add("only", &only.join(", "));
        }
        rows.add("version", &crl.version().to_string());
        for fault in crl.faults() {
            let (check, found) = (fault.check, &fault.found);
            rows.wrong("fault", &format!("{check}: {found} ({})", fault.clause));
        }
        rows
    }

    fn next_update(&self, rows: &mut Rows, crl: &Crl) {
        let Some(next) = crl.next_update() else {
            rows.wrong("next due", "it does not say");
            return;
        };
        let seconds = next.unix().abs_diff(self.now.unix());
        let days = usize::try_from(seconds / DAY.unsigned_abs()).unwrap_or(usize::MAX);
        let days = many(days, "day");
        if self.now > next {
            rows.wrong("next due", &format!("{next}   expired {days} ago"));
        } else {
            rows.add("next due", &format!("{next}   {days} left"));
        }
    }
}

fn line(entry: &CrlEntry) -> String {
    let reason = entry.reason.map_or("unspecified", |reason| reason.name());
    format!("{}   {}   {reason}", entry.serial, entry.date)
}

/// What it is about, where that is not all that its issuer revoked.
pub(super) fn only(crl: &Crl) -> Vec<&'static str> {
    let scope = crl.scope().unwrap_or_default();
    let of = [
        (crl.is_delta(), "changes since another list (a delta CRL)"),
        (scope.point, "one distribution point"),
        (scope.only_users, "end entities"),
        (scope.only_authorities, "CAs"),
        (scope.only_attributes, "attribute certificates"),
        (scope.some_reasons, "some reasons"),
    ];
    let of = of.into_iter().filter(|(is, _)| *is);
    of.map(|(_, what)| what).collect()
}
