//! A report that is added to, with its findings by their places: an edge asks
//! what is told of its files, and there may be thousands of both.

use std::collections::HashMap;

use crate::report::{Finding, Locator, Report};

pub(super) struct Places<'r> {
    report: &'r mut Report,
    /// Places in the report, in its order.
    at: HashMap<Locator, Vec<usize>>,
}

impl<'r> Places<'r> {
    pub(super) fn new(report: &'r mut Report) -> Self {
        let mut at: HashMap<Locator, Vec<usize>> = HashMap::new();
        for (i, finding) in report.findings().iter().enumerate() {
            at.entry(finding.at.clone()).or_default().push(i);
        }
        Self { report, at }
    }

    pub(super) fn push(&mut self, finding: Finding) {
        let number = self.report.findings().len();
        let at = self.at.entry(finding.at.clone()).or_default();
        at.push(number);
        self.report.push(finding);
    }

    /// The first finding at one of `places` that `test` picks, to add to it.
    /// What it is about must stay.
    pub(super) fn find(
        &mut self,
        places: &[Locator],
        test: impl Fn(&Finding) -> bool,
    ) -> Option<&mut Finding> {
        let findings = self.report.findings();
        let here = places.iter().filter_map(|place| {
            let mut numbers = self.at.get(place)?.iter().copied();
            numbers.find(|i| findings.get(*i).is_some_and(&test))
        });
        let first = here.min()?;
        self.report.get_mut(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_report_is_found() {
        let place = |name: &str| Locator::Service(name.into());
        let mut report = Report::default();
        report.push(Finding::new(
            "a",
            crate::report::Severity::Error,
            place("x"),
        ));
        report.push(Finding::new(
            "b",
            crate::report::Severity::Error,
            place("y"),
        ));
        let mut places = Places::new(&mut report);
        places.push(Finding::new(
            "b",
            crate::report::Severity::Error,
            place("x"),
        ));
        let both = [place("x"), place("y")];
        let mut found = |rule| places.find(&both, |f| f.rule == rule).map(|f| f.at.clone());
        assert_eq!(found("a"), Some(place("x")));
        assert_eq!(found("b"), Some(place("y")));
        assert_eq!(found("c"), None);
        places.find(&both[..1], |f| f.rule == "b").unwrap().fix = Some("z".into());
        assert_eq!(report.findings()[2].fix.as_deref(), Some("z"));
    }
}
