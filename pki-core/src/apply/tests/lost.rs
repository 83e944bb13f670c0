//! What pki keeps for itself is lost.

use super::*;

fn told(tree: &Tree) -> Option<Finding> {
    let report = tree.verdict().report;
    let mut lost = report.findings().iter();
    lost.find(|f| f.rule == "not-recorded").cloned()
}

#[test]
fn a_lost_record_is_told_until_apply_has_recorded_what_is_there() {
    for state_too in [false, true] {
        let tree = Tree::made(STACK);
        assert_eq!(told(&tree), None);
        tree.remove(".pki/issued.jsonl");
        if state_too {
            std::fs::remove_dir_all(tree.path(".pki")).unwrap();
        }
        let finding = told(&tree).unwrap();
        assert_eq!(finding.severity, Severity::Warning);
        let found = finding.found.clone().unwrap();
        assert_eq!(
            found,
            "no line for certs/store/public.crt, certs/tool/own.crt"
        );
        assert_eq!(finding.affects.len(), 1 + usize::from(state_too));
        let plan = tree.plan(&tree.options());
        assert_eq!(plan.findings, [finding]);
        assert!(plan.is_empty());
        // A renewal by a timer says and does nothing of it.
        let before = tree.seen();
        let due = Options {
            scope: Scope::Due(&[]),
            ..tree.options()
        };
        assert_eq!(tree.apply_as(&due).unwrap().findings, []);
        assert!(tree.seen() == before);
        tree.apply().unwrap();
        let lines = String::from_utf8(tree.read(".pki/issued.jsonl")).unwrap();
        assert_eq!(lines.matches("\"found\":true").count(), 2);
        assert_eq!(lines.lines().count(), 2);
        tree.assert_settled();
        let again = tree.seen();
        tree.apply().unwrap();
        assert!(tree.seen() == again);
        // What was found is no proof that the CA was made here.
        let record = look(&tree.store, &tree.stack).unwrap();
        let leaf = tree.leaf("certs/store/public.crt");
        let issued = record.inventory.issued();
        let place = TreePath::new("certs/store/public.crt").unwrap();
        assert!(issued.knows_place(&place) && !issued.contains(&leaf));
    }
}

#[test]
fn what_is_rewritten_or_replaced_meanwhile_is_recorded_as_well() {
    let tree = Tree::made(STACK);
    tree.remove(".pki/issued.jsonl");
    let first = tree.leaf("certs/store/public.crt");
    tree.write("certs/store/public.crt", first.der());
    tree.remove("certs/tool/own.key");
    assert!(told(&tree).is_some());
    tree.apply().unwrap();
    assert_eq!(told(&tree), None);
    tree.assert_settled();
}

#[test]
fn a_clone_without_ca_keys_has_lost_nothing() {
    let tree = Tree::made(STACK);
    std::fs::remove_dir_all(tree.path(".pki")).unwrap();
    tree.remove("authorities/root/1/ca.key");
    tree.remove("authorities/leaves/1/ca.key");
    assert_eq!(told(&tree), None);
}
