//! Reports for people.

use pki_core::report::{Finding, Report, Severity};
use pki_core::verify::Verdict;

use super::{style, text};

/// What was looked at, for the last line.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Looked {
    /// Certificates judged.
    pub(crate) certificates: usize,
    /// Edges judged, and how many of them are good; `None` without a manifest.
    pub(crate) edges: Option<(usize, usize)>,
}

/// Where the exit code stands in the last line.
const EXIT_COLUMN: usize = 92;
/// Where the citation of a rule stands.
const CITATION_COLUMN: usize = 62;
/// The widest word before a value is `expected`.
const LABEL_WIDTH: usize = 10;

/// Lines about a place where something is refused, heading included, unless all
/// is asked for: what one takes in at a glance.
const MOST_LINES: usize = 12;
/// Lines for those hurt by one finding.
const MOST_AFFECTED: usize = 4;

/// A report: the findings grouped by what they are about, then the summary
/// with the exit code the caller decided on. Without findings, one line.
/// Unless the `whole` of it is asked for, a place with errors has 12 lines at
/// most.
pub(crate) fn report(report: &Report, looked: &Looked, exit: u8, whole: bool) -> String {
    let mut lines = written(report, whole);
    if !lines.is_empty() {
        lines.push('\n');
    }
    lines.push_str(&summary(report, looked, exit));
    let sorted = report.clone().sorted();
    let mut errors = sorted.findings().iter();
    if let Some(first) = errors.find(|f| exit != 0 && f.severity == Severity::Error) {
        lines.push_str(&format!("more: pki explain {}\n", first.rule));
    }
    lines
}

/// The findings alone, whole, an empty line between two places.
pub(crate) fn findings(report: &Report) -> String {
    written(report, true)
}

fn written(report: &Report, whole: bool) -> String {
    let report = report.clone().sorted();
    let widest = report.findings().iter().map(|f| word(f).len()).max();
    let indent = 2 + widest.unwrap_or(0) + 2;
    let groups = report.findings().chunk_by(|a, b| a.at == b.at);
    let groups: Vec<_> = groups.map(|group| place(group, indent, whole)).collect();
    groups.join("\n")
}

fn place(group: &[Finding], indent: usize, whole: bool) -> String {
    let heading = group.first().map(|first| first.at.to_string());
    let heading = text::line(&heading.unwrap_or_default());
    let mut lines = format!("{}\n", style::heading(&heading));
    let texts: Vec<String> = group.iter().map(|f| one(f, indent, whole)).collect();
    let count = |text: &String| text.lines().count();
    let refuses = group.iter().any(|f| f.severity == Severity::Error);
    if whole || !refuses || texts.iter().map(count).sum::<usize>() < MOST_LINES {
        lines.extend(texts);
        return lines;
    }
    // The heaviest are told whole while there is room, then some in one line.
    let mut room = MOST_LINES - 2;
    let mut rest = group.iter().zip(texts).peekable();
    lines.extend(rest.next_if(|_| true).map(|(_, text)| {
        room = room.saturating_sub(count(&text));
        text
    }));
    while let Some((_, text)) = rest.next_if(|(_, text)| count(text) <= room) {
        room -= count(&text);
        lines.push_str(&text);
    }
    while let Some((finding, _)) = rest.next_if(|_| room > 0) {
        room -= 1;
        lines.push_str(&short(finding, indent));
    }
    let note = match rest.count() {
        0 => String::new(),
        left => format!("{left} more here: "),
    };
    lines.push_str(&format!(
        "  {}{note}the same with --verbose\n",
        text::pad("more", indent - 2)
    ));
    lines
}

fn rule_line(finding: &Finding, indent: usize) -> String {
    let fill = " ".repeat(indent - 2 - word(finding).len());
    let severity = match finding.severity {
        Severity::Error => style::error(word(finding)),
        Severity::Warning => style::warning(word(finding)),
        _ => style::label(word(finding)),
    };
    format!("  {severity}{fill}{}\n", finding.rule)
}

/// The rule with both values, in one line.
fn short(finding: &Finding, indent: usize) -> String {
    let mut line = rule_line(finding, indent).trim_end().to_owned();
    if let Some(found) = &finding.found {
        line.push_str(&format!(": {}", text::line(found)));
    }
    if let Some(expected) = &finding.expected {
        line.push_str(&format!(" (expected {})", text::line(expected)));
    }
    if text::width(&line) > text::COLUMNS {
        // Colours stand at its beginning and take no columns.
        let colours =
            text::width(&line) - text::width(&anstream::adapter::strip_str(&line).to_string());
        line = line.chars().take(text::COLUMNS + colours - 1).collect();
        line.push('…');
    }
    line + "\n"
}

fn one(finding: &Finding, indent: usize, whole: bool) -> String {
    let mut lines = rule_line(finding, indent);
    let all = finding.affects.len();
    let room = text::COLUMNS - indent - LABEL_WIDTH;
    let lines_of = |who: &String| text::wrap(&text::line(who), room).len();
    let mut told = 0;
    let mut first = finding.affects.iter().take_while(|who| {
        told += lines_of(who);
        told < MOST_AFFECTED
    });
    let shown = if whole || finding.affects.iter().map(lines_of).sum::<usize>() <= MOST_AFFECTED {
        all
    } else {
        first.by_ref().count().max(1)
    };
    let more = (shown < all).then(|| format!("and {} more", all - shown));
    let affects = finding.affects.iter().take(shown).chain(&more).enumerate();
    let affects = affects.map(|(i, who)| (if i == 0 { "affects" } else { "" }, Some(who)));
    let rows = [
        ("found", finding.found.as_ref()),
        ("expected", finding.expected.as_ref()),
    ];
    let fix = [("fix", finding.fix.as_ref())];
    let rows = rows.into_iter().chain(affects).chain(fix);

    // The citation stands beside the first fact, or alone.
    let mut citation = finding.citation.as_deref();
    for (label, value) in rows {
        let Some(value) = value else { continue };
        let column = indent + LABEL_WIDTH;
        let label = style::label(label) + &" ".repeat(LABEL_WIDTH - label.len());
        let mut value = text::wrap(&text::line(value), text::COLUMNS - column);
        if let Some(clause) = citation.take() {
            cite(&mut value, &text::line(clause), column);
        }
        let value = value.join(&format!("\n{}", " ".repeat(column)));
        lines.push_str(&format!("{}{label}{value}\n", " ".repeat(indent)));
    }
    if let Some(clause) = citation {
        lines.push_str(&format!("{}({})\n", " ".repeat(indent), text::line(clause)));
    }
    lines
}

/// Puts the clause beside the last line of what was found, or below it.
fn cite(value: &mut Vec<String>, clause: &str, column: usize) {
    let clause = format!("({clause})");
    let last = value.pop().unwrap_or_default();
    let padded = text::pad(&last, CITATION_COLUMN - column - 2);
    let room = text::COLUMNS - column - 2;
    let clause_beside = text::width(&padded) + text::width(&clause) <= room;
    let clause = style::label(&clause);
    if clause_beside {
        value.push(format!("{padded}  {clause}"));
    } else {
        value.extend([last, clause]);
    }
}

fn word(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        _ => "info",
    }
}

/// `2 errors in 14 certificates, 5 edges (3 good)   exit 1`, or `clean: …`.
pub(crate) fn summary(report: &Report, looked: &Looked, exit: u8) -> String {
    let counts = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Info, "note"),
    ];
    let counts: Vec<_> = counts
        .into_iter()
        .map(|(severity, noun)| (report.count(severity), noun))
        .filter(|(n, _)| *n > 0)
        .map(|(n, noun)| many(n, noun))
        .collect();
    let certificates = many(looked.certificates, "certificate");
    let edges = looked.edges.map(|(edges, good)| {
        let good = if good == edges {
            String::new()
        } else {
            format!(" ({good} good)")
        };
        format!(", {}{good}", many(edges, "edge"))
    });
    let edges = edges.unwrap_or_default();
    let line = if counts.is_empty() {
        format!("clean: {certificates}{edges}")
    } else {
        format!("{} in {certificates}{edges}", counts.join(", "))
    };
    ended(&line, report.worst(), exit)
}

/// A last line, with the exit code where that is not 0.
pub(crate) fn ended(line: &str, worst: Option<Severity>, exit: u8) -> String {
    let (line, end) = if exit == 0 {
        (line.to_owned(), String::new())
    } else {
        let line = text::pad(line, EXIT_COLUMN - 2);
        (line, format!("  exit {exit}"))
    };
    let line = match worst {
        Some(Severity::Error) => style::error(&line),
        Some(Severity::Warning) => style::warning(&line),
        _ => style::good(&line),
    };
    format!("{line}{end}\n")
}

/// The line for a tree that was just made and is clean.
pub(crate) fn verified(verdict: &Verdict) -> String {
    format!(
        "verified  {}, {}, {}: {}\n",
        authorities(verdict.authorities),
        many(verdict.services, "service"),
        many(verdict.edges, "edge"),
        style::good("clean")
    )
}

/// `1 authority`, `2 authorities`.
pub(crate) fn authorities(n: usize) -> String {
    if n == 1 {
        "1 authority".to_owned()
    } else {
        format!("{n} authorities")
    }
}

/// `1 edge`, `2 edges`.
pub(crate) fn many(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pki_core::report::Locator;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn looks_as_the_design_shows() {
        let mut it = Report::default();
        let edge = Locator::Edge {
            from: "sidekick".into(),
            to: "aistor".into(),
            url: "https://minio:9000".into(),
        };
        it.push(
            Finding::new("name-not-covered", Severity::Error, edge)
                .found("aistor-1 … aistor-4, aistor, localhost, 127.0.0.1")
                .expected("minio")
                .fix("add \"minio\" to service.aistor.hosts, or dial aistor"),
        );
        let file = Locator::File("certs/aistor/server.crt".into());
        it.push(
            Finding::new("key-usage-without-digital-signature", Severity::Error, file)
                .found("keyEncipherment, dataEncipherment")
                .citation("RFC 5280 4.2.1.3")
                .affects("spark → aistor   refused by Java: \"KeyUsage does not allow digital signatures\"")
                .fix("pki apply"),
        );
        let looked = Looked {
            certificates: 14,
            edges: Some((5, 3)),
        };
        let expected = r#"certs/aistor/server.crt
  error  key-usage-without-digital-signature
         found     keyEncipherment, dataEncipherment          (RFC 5280 4.2.1.3)
         affects   spark → aistor   refused by Java: "KeyUsage does not allow digital signatures"
         fix       pki apply

sidekick → aistor   https://minio:9000
  error  name-not-covered
         found     aistor-1 … aistor-4, aistor, localhost, 127.0.0.1
         expected  minio
         fix       add "minio" to service.aistor.hosts, or dial aistor

2 errors in 14 certificates, 5 edges (3 good)                                               exit 1
more: pki explain key-usage-without-digital-signature
"#;
        assert_eq!(plain(&report(&it, &looked, 1, false)), expected);
    }

    #[test]
    fn weights_align_and_hostile_text_is_escaped() {
        let mut it = Report::default();
        let at = Locator::File("a\u{1b}[2J.crt".into());
        it.push(
            Finding::new("w", Severity::Warning, at.clone())
                .found("x")
                .affects("a")
                .affects("b"),
        );
        it.push(Finding::new("e", Severity::Error, at).citation("RFC 5280"));
        assert_eq!(
            plain(&findings(&it)),
            "a\\u{1b}[2J.crt\n  error    e\n           (RFC 5280)\n  warning  w\n           \
             found     x\n           affects   a\n                     b\n"
        );
    }

    #[test]
    fn a_place_has_twelve_lines_unless_all_is_asked_for() {
        let at = || Locator::File("a.crt".into());
        for (count, affected) in [(1, 0), (1, 40), (2, 1), (3, 3), (4, 9), (40, 2)] {
            let mut it = Report::default();
            for i in 0..count {
                let rule = ["a", "b", "c", "d"][i % 4];
                let mut finding = Finding::new(rule, Severity::Error, at());
                finding = finding.found(format!("{i}")).expected("x").fix("y");
                finding.affects = (0..affected).map(|who| format!("client {who}")).collect();
                it.push(finding);
            }
            let brief = plain(&written(&it, false));
            assert!(brief.lines().count() <= MOST_LINES, "{brief}");
            assert!(
                brief.contains("found     0\n") && brief.contains("fix       y"),
                "{brief}"
            );
            let whole = plain(&findings(&it));
            let lines = 1 + count * (4 + affected);
            assert_eq!(whole.lines().count(), lines, "{whole}");
            let cut = brief.contains("the same with --verbose") || brief.contains(" more\n");
            assert_eq!(cut, brief != whole, "{brief}");
        }
    }

    #[test]
    fn long_values_go_on_below_and_the_place_still_has_twelve_lines() {
        let words = "a few words ".repeat(15);
        let mut it = Report::default();
        for rule in ["a", "b"] {
            let at = Locator::File("a.crt".into());
            let mut finding = Finding::new(rule, Severity::Error, at);
            finding = finding.found(words.trim()).citation("RFC 5280 4.1");
            finding.affects = vec![format!("Go: \"{}\"", words.trim()); 9];
            it.push(finding.expected("x").fix("mv a b && pki apply"));
        }
        for whole in [false, true] {
            let shown = plain(&written(&it, whole));
            let widest = shown.lines().map(text::width).max();
            assert!(widest <= Some(text::COLUMNS), "{shown}");
            assert!(
                whole || shown.lines().count() <= MOST_LINES,
                "{}: {shown}",
                shown.lines().count()
            );
        }
    }

    #[test]
    fn a_clean_report_is_one_line() {
        let looked = Looked {
            certificates: 1,
            edges: Some((2, 2)),
        };
        let line = plain(&report(&Report::default(), &looked, 0, false));
        assert_eq!(line, "clean: 1 certificate, 2 edges\n");
    }
}
