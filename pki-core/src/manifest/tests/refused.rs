use super::*;

/// `=== name`, a manifest, `---`, all that is said about it; an empty line.
const CASES: &str = include_str!("refused.txt");

#[test]
fn every_mistake_is_shown_with_its_place() {
    let mut found = Vec::new();
    for case in CASES.split("=== ").skip(1) {
        let (name, rest) = case.split_once('\n').unwrap();
        let (text, _) = rest.split_once("---\n").unwrap();
        let said = match resolved(text) {
            Ok(resolved) => format!("accepted:\n{}", summary(&resolved.stack)),
            Err(error) => shown(error),
        };
        found.push(format!("=== {name}\n{text}---\n{said}\n"));
    }
    let found = found.join("\n");
    assert!(found == CASES, "said otherwise; all of it now:\n{found}");
}
