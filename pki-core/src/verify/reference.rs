//! Every rule with all that is known of it: of the rules of findings and of the
//! checks of chains. What `pki explain` shows and `docs/rules.md` is made of.

use crate::chain;
use crate::report::Severity;
use crate::report::guide::{self, Group, Guide};
use crate::report::rule::RULES;

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its id, stable.
    pub id: &'static str,
    /// How much a finding of it weighs, if nothing makes it lighter.
    pub severity: Severity,
    /// The clause, or the program and version, that it rests on; may be empty.
    pub citation: &'static str,
    /// One sentence.
    pub meaning: &'static str,
    /// Whom it hurts, an example, and what to do.
    pub guide: &'static Guide,
}

/// All rules, by group and within it as the table has them.
pub fn rules() -> Vec<Entry> {
    let mut all: Vec<Entry> = guide::all().filter_map(entry).collect();
    let place = |group| Group::ALL.iter().position(|g| *g == group);
    all.sort_by_key(|entry| place(entry.guide.group));
    all
}

/// The rule of this id.
pub fn rule(id: &str) -> Option<Entry> {
    guide::find(id).and_then(entry)
}

fn entry(guide: &'static Guide) -> Option<Entry> {
    let rule = RULES.iter().find(|rule| rule.id == guide.id);
    let check = chain::find_check(guide.id);
    let (severity, citation) = match (rule, check) {
        (Some(rule), _) => (rule.severity, rule.citation),
        // A chain that fails a check does not hold.
        (None, Some(check)) => (Severity::Error, check.clause),
        (None, None) => return None,
    };
    Some(Entry {
        id: guide.id,
        severity,
        citation,
        meaning: guide.meaning.or(rule.map(|rule| rule.meaning))?,
        guide,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_guide_and_every_guide_a_rule() {
        let ids = RULES.iter().map(|rule| rule.id);
        let ids: Vec<_> = ids
            .chain(chain::CHECKS.iter().map(|check| check.id))
            .collect();
        let missing: Vec<_> = ids.iter().filter(|id| guide::find(id).is_none()).collect();
        assert!(
            missing.is_empty(),
            "no guide in report/guide for {missing:?}"
        );
        let left = guide::all().filter(|guide| !ids.contains(&guide.id));
        let left: Vec<_> = left.map(|guide| guide.id).collect();
        assert!(left.is_empty(), "guides of no rule: {left:?}");
        let speechless = guide::all().filter(|guide| entry(guide).is_none());
        let speechless: Vec<_> = speechless.map(|guide| guide.id).collect();
        assert!(speechless.is_empty(), "no meaning: {speechless:?}");
        assert_eq!(rules().len(), guide::all().count());
    }

    #[test]
    fn a_rule_is_explained_once_where_both_tables_have_it() {
        let both = RULES.iter().filter(|r| chain::find_check(r.id).is_some());
        for rule in both {
            let clause = chain::find_check(rule.id).unwrap().clause;
            assert_eq!(rule.citation, clause, "{}", rule.id);
            assert!(
                guide::find(rule.id).unwrap().meaning.is_none(),
                "{}",
                rule.id
            );
        }
    }
}
