//! Something else stands where a file or a folder belongs.

use std::collections::BTreeSet;
use std::process::Command;

use super::*;
use crate::report::Locator;

/// As [`STACK`], with a file of intermediates and a folder of its own depth.
fn manifest() -> String {
    let web = "[service.web]\nrole = \"server\"\nhosts = [\"web\"]\n\
        files = { chain = \"chain.crt\" }\n";
    format!("{STACK}{web}")
}

type Damage = fn(&Path);

/// What is put there; the path is free by then, what stood there is at `PATH.was`.
const DAMAGES: &[(&str, Damage)] = &[
    ("folder", |p| std::fs::create_dir(p).unwrap()),
    ("full folder", |p| {
        std::fs::create_dir(p).unwrap();
        std::fs::write(p.join("x"), "x").unwrap();
    }),
    ("file in place of a folder", |p| {
        std::fs::write(p, "x").unwrap();
    }),
    ("link", |p| {
        let was = p.with_added_extension("was");
        std::os::unix::fs::symlink(was.file_name().unwrap(), p).unwrap();
    }),
    ("dangling link", |p| {
        std::os::unix::fs::symlink("/nowhere/at/all", p).unwrap();
    }),
    ("circle", |p| std::os::unix::fs::symlink(p, p).unwrap()),
    ("pipe", |p| {
        rustix::fs::mkfifoat(rustix::fs::CWD, p, rustix::fs::Mode::RUSR).unwrap();
    }),
    ("socket", |p| {
        std::os::unix::net::UnixListener::bind(p).unwrap();
    }),
];

/// Rule, place and way out of each error.
fn errors(findings: &[Finding]) -> BTreeSet<(Locator, Option<String>)> {
    let errors = findings.iter().filter(|f| f.severity == Severity::Error);
    errors.map(|f| (f.at.clone(), f.fix.clone())).collect()
}

/// What verify tells is what plan and apply tell, apply does all the rest, and
/// the way out leads to a clean tree.
fn is_told_and_mended(tree: &Tree) -> std::result::Result<(), String> {
    let verdict = tree.verdict();
    let told = errors(verdict.report.findings());
    let fixes: BTreeSet<_> = told.iter().filter_map(|(_, fix)| fix.as_deref()).collect();
    let moved = fixes
        .iter()
        .filter_map(|fix| fix.strip_suffix(" && pki apply"));
    let moved: Vec<&str> = moved.filter(|fix| fix.starts_with("mv ")).collect();
    if fixes.len() != 1 || moved.len() != 1 {
        return Err(format!("{:#?}", verdict.report));
    }
    let plan = tree.plan(&tree.options());
    if errors(&plan.findings) != told {
        return Err(format!("{:#?} {told:#?}", plan.findings));
    }
    let receipt = tree.apply().map_err(|e| format!("{e:?}"))?;
    let after = errors(tree.verdict().report.findings());
    if errors(&receipt.findings) != told || after != told {
        return Err(format!("{:#?} {after:#?} {told:#?}", receipt.findings));
    }
    let shell = Command::new("sh")
        .args(["-ec", moved[0]])
        .current_dir(tree.dir.path())
        .status();
    if !shell.unwrap().success() {
        return Err(moved[0].to_owned());
    }
    tree.apply().map_err(|e| format!("{e:?}"))?;
    let (left, report) = (tree.planned(), tree.verdict().report);
    if !left.is_empty() || report.worst() >= Some(Severity::Warning) {
        return Err(format!("{left:?} {report:#?}"));
    }
    Ok(())
}

#[test]
fn whatever_stands_in_the_place_of_a_file_or_folder_the_fix_makes_room() {
    let made = Tree::made(&manifest());
    let authorities = made.stack.authorities.iter().flat_map(|a| &a.generations);
    let authorities: BTreeSet<_> = authorities
        .flat_map(|g| [Some(&g.certificate), g.key.as_ref()])
        .flatten()
        .collect();
    let files = crate::inventory::paths(&made.stack);
    let files = files.iter().filter(|p| !authorities.contains(p));
    let mut places: BTreeSet<String> = files.map(ToString::to_string).collect();
    assert!(places.contains("certs/web/chain.crt"), "{places:?}");
    let folders = [
        "certs",
        "certs/ca",
        "certs/spark",
        "certs/store",
        "certs/web",
    ];
    places.extend(folders.map(str::to_owned));
    let mut wrong = Vec::new();
    for place in &places {
        for (what, damage) in DAMAGES {
            // What is like another is seen at one place.
            let rare = matches!(*what, "full folder" | "circle" | "socket");
            if rare && place != "certs/store/public.crt" {
                continue;
            }
            let is_folder = folders.contains(&place.as_str());
            if what.contains("folder") && is_folder != what.contains("file") {
                continue;
            }
            let tree = Tree::made(&manifest());
            let path = tree.path(place);
            std::fs::rename(&path, path.with_added_extension("was")).unwrap();
            damage(&path);
            if let Err(why) = is_told_and_mended(&tree) {
                wrong.push(format!("{what} at {place}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} {}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_key_with_another_name_is_told_and_its_mode_is_not_set() {
    let tree = Tree::made(STACK);
    let key = "certs/store/private.key";
    std::fs::hard_link(tree.path(key), tree.path("other")).unwrap();
    let ca = "authorities/leaves/1/ca.key";
    std::fs::hard_link(tree.path(ca), tree.path("authorities/leaves/other")).unwrap();
    let report = tree.verdict().report;
    let told = report.findings().iter().filter(|f| f.rule == "hard-link");
    let told: Vec<_> = told.map(|f| (f.severity, f.at.to_string())).collect();
    let warned = |file: &str| (Severity::Warning, file.to_owned());
    assert_eq!(told, [warned(ca), warned(key)]);
    assert_eq!(tree.planned(), [""; 0]);
    let plan = tree.plan(&tree.options());
    assert_eq!(errors(&plan.findings), BTreeSet::new());
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(tree.path(key), open).unwrap();
    let fix = format!("cp -p {key} {key}.new && mv {key}.new {key}");
    let all: BTreeSet<_> = [(
        Locator::File(key.into()),
        Some(format!("{fix} && pki apply")),
    )]
    .into();
    assert_eq!(errors(tree.verdict().report.findings()), all);
    let receipt = tree.apply().unwrap();
    assert_eq!(errors(&receipt.findings), all);
    assert_eq!(receipt.done.len(), 0);
    let shell = Command::new("sh")
        .args(["-ec", &fix])
        .current_dir(tree.dir.path())
        .status();
    assert!(shell.unwrap().success());
    tree.remove("other");
    tree.remove("authorities/leaves/other");
    tree.apply().unwrap();
    tree.assert_settled();
}

#[test]
fn a_folder_in_the_place_of_what_is_left_over_is_left_alone() {
    let tree = Tree::made(STACK);
    tree.remove("certs/tool/trust.crt");
    std::fs::create_dir(tree.path("certs/tool/trust.crt")).unwrap();
    let tree = tree.with(STACK.split("[service.tool]").next().unwrap());
    let prune = Options {
        prune: true,
        ..tree.options()
    };
    let plan = tree.plan(&prune);
    let left: Vec<String> = plan.leftovers.iter().map(ToString::to_string).collect();
    assert_eq!(left, ["certs/tool/own.crt", "certs/tool/own.key"]);
    tree.apply_as(&prune).unwrap();
    assert!(tree.path("certs/tool/trust.crt").is_dir());
}
