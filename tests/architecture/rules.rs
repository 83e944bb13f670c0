//! The rules, as functions of parsed files to what breaks them.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Absolute, Source};

/// The layers, ground first. A module uses lower layers, or modules to its
/// left in its own. A name that does not exist yet stands where it will be.
pub(crate) const LAYERS: [&[&str]; 8] = [
    &["error", "clock", "secret", "parallel", "der"],
    &["model", "record", "report"],
    &["pem", "key", "cert"],
    &["chain", "issue", "renew", "encode", "template", "document"],
    &["store", "hooks", "probe"],
    &["role", "stack", "manifest", "inventory"],
    &[
        "trust",
        "consumer",
        "outputs",
        "authority",
        "lineage",
        "reason",
        "regression",
        "inspect",
        "verify",
        "plan",
        "rotate",
        "import",
        "listing",
    ],
    &["apply", "deliver"],
];

/// Crates whose types no public signature shows: they may change under us.
pub(crate) const HIDDEN: [&str; 14] = [
    "x509_parser",
    "rcgen",
    "ring",
    "time",
    "p256",
    "p384",
    "p521",
    "rsa",
    "pkcs8",
    "der",
    "toml",
    "toml_edit",
    "rustix",
    "pem",
];

/// Crates with one owner.
pub(crate) const OWNED: [(&str, &str); 1] = [("rcgen", "issue")];

/// Modules that judge know nothing of the module that issues: what is wrong
/// with issuing must not be wrong with judging as well.
pub(crate) const APART: [(&str, &str); 3] = [
    ("chain", "issue"),
    ("consumer", "issue"),
    ("verify", "issue"),
];

/// The place of a module in [`LAYERS`].
fn place(module: &str) -> Option<(usize, usize)> {
    LAYERS.iter().enumerate().find_map(|(layer, modules)| {
        let at = modules.iter().position(|m| *m == module)?;
        Some((layer, at))
    })
}

/// The root file, which declares the modules and re-exports some items.
fn root(sources: &[Source]) -> Option<&Source> {
    sources.iter().find(|source| source.module.is_empty())
}

/// Every module of the root has a place, and they are declared in that order.
pub(crate) fn order(sources: &[Source]) -> Vec<String> {
    let Some(root) = root(sources) else {
        return vec!["there is no lib.rs".to_owned()];
    };
    let mut broken = Vec::new();
    let mut last = None;
    for module in &root.modules {
        let Some((layer, _)) = place(module) else {
            broken.push(format!("{}: `{module}` has no place in LAYERS", root.path));
            continue;
        };
        if last > Some(layer) {
            broken.push(format!(
                "{}: `{module}` (L{layer}) is declared below a higher layer",
                root.path
            ));
        }
        last = Some(layer);
    }
    broken
}

/// Dependencies point down, or to the left.
pub(crate) fn layers(sources: &[Source]) -> Vec<String> {
    let Some(root) = root(sources) else {
        return vec!["there is no lib.rs".to_owned()];
    };
    let mut broken = Vec::new();
    for source in sources {
        let Some(own) = source.module.first() else {
            continue;
        };
        for name in &source.names {
            let Some(target) = module_of(name, root) else {
                continue;
            };
            let says = format!("{}: `{}`", source.path, name.join("::"));
            match (place(own), place(&target)) {
                _ if *own == target => {}
                (Some(from), Some(to)) if to < from => {}
                (Some((from, _)), Some((to, _))) => broken.push(format!(
                    "{says}: `{own}` (L{from}) may not use `{target}` (L{to}), which is not below or to its left"
                )),
                (None, _) => broken.push(format!("{says}: `{own}` has no place in LAYERS")),
                (_, None) => broken.push(format!("{says}: `{target}` is no module and not re-exported")),
            }
        }
    }
    broken
}

/// The module of the crate that an absolute path leads to, through the root's
/// re-exports.
fn module_of(name: &Absolute, root: &Source) -> Option<String> {
    match name.as_slice() {
        [start, first, ..] if start == "crate" => {
            let through = root.imports.get(first).and_then(|target| target.get(1));
            Some(through.unwrap_or(first).clone())
        }
        [start] if start == "crate" => Some("crate".to_owned()),
        _ => None,
    }
}

/// Siblings of one folder do not depend on each other in a circle. Their
/// `mod.rs` is left out: it holds what they share, and gathers them.
pub(crate) fn circles(sources: &[Source]) -> Vec<String> {
    let by_module: BTreeMap<_, _> = sources.iter().map(|s| (s.module.as_slice(), s)).collect();
    let mut edges: BTreeMap<&[String], BTreeSet<&[String]>> = BTreeMap::new();
    for source in sources {
        let Some((_, parent)) = source.module.split_last() else {
            continue;
        };
        if parent.is_empty() || source.is_test() {
            continue;
        }
        for name in &source.names {
            let direct = name.get(1..).unwrap_or_default();
            // `super::Thing`, which the parent takes from a sibling.
            let through = direct.strip_prefix(parent).and_then(|rest| {
                let target = by_module.get(parent)?.imports.get(rest.first()?)?;
                target.get(1..)
            });
            for target in [Some(direct), through].into_iter().flatten() {
                let sibling = target
                    .get(..parent.len() + 1)
                    .filter(|s| s.starts_with(parent));
                if let Some((sibling, _)) = sibling.and_then(|s| by_module.get_key_value(s))
                    && *sibling != source.module
                {
                    edges.entry(&source.module).or_default().insert(sibling);
                }
            }
        }
    }
    let circle = |start: &[String]| {
        let mut seen = BTreeSet::new();
        let mut todo = vec![vec![start.join("::")]];
        let mut at = vec![start];
        while let (Some(from), Some(way)) = (at.pop(), todo.pop()) {
            for next in edges.get(from).into_iter().flatten() {
                let further: Vec<_> = way.iter().cloned().chain([next.join("::")]).collect();
                if *next == start {
                    // Said once, by the first of its modules.
                    let first = way.iter().min() == way.first();
                    return first.then(|| further.join("` → `"));
                }
                if seen.insert(*next) {
                    at.push(next);
                    todo.push(further);
                }
            }
        }
        None
    };
    let circles = edges.keys().filter_map(|module| circle(module));
    circles.map(|way| format!("`{way}` is a circle")).collect()
}

/// No public signature shows a type of [`HIDDEN`].
pub(crate) fn signatures(sources: &[Source]) -> Vec<String> {
    let shown = sources
        .iter()
        .flat_map(|s| s.shown.iter().map(move |shown| (s, shown)));
    shown
        .filter(|(_, (_, path))| path.len() > 1 && HIDDEN.contains(&path[0].as_str()))
        .map(|(source, (item, path))| {
            format!(
                "{}: public `{item}` shows `{}`",
                source.path,
                path.join("::")
            )
        })
        .collect()
}

/// [`OWNED`] crates are named by their owner only, and [`APART`] holds.
pub(crate) fn boundaries(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources {
        let own = source.module.first().map_or("crate", String::as_str);
        for name in &source.names {
            let says = || format!("{}: `{}`", source.path, name.join("::"));
            for (krate, owner) in OWNED {
                if name.first().is_some_and(|n| n == krate) && own != owner {
                    broken.push(format!("{}: only `{owner}` may name `{krate}`", says()));
                }
            }
            for (module, other) in APART {
                if own == module && name.get(1).is_some_and(|n| n == other) && name[0] == "crate" {
                    broken.push(format!(
                        "{}: `{module}` must know nothing of `{other}`",
                        says()
                    ));
                }
            }
        }
    }
    broken
}

/// No lint is switched off without a reason that falls away with the cause.
pub(crate) fn attributes(source: &Source) -> Vec<String> {
    let mut broken = Vec::new();
    for attribute in &source.attributes {
        let words: Vec<_> = attribute
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        let lint = attribute.starts_with("cfg_attr")
            || attribute.starts_with("allow")
            || attribute.starts_with("expect");
        if lint && words.contains(&"allow") {
            broken.push(format!(
                "{}: `{attribute}`: write `expect` with a reason",
                source.path
            ));
        }
        if lint && words.contains(&"expect") && !attribute.contains("reason = \"") {
            broken.push(format!("{}: `{attribute}` gives no reason", source.path));
        }
    }
    broken
}
