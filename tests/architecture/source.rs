//! Reads a Rust file into what the rules ask about: which modules and crates
//! it names, what it shows in public, and its attributes.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

/// A path from the root: `crate`, `model`, `dn`, `Dn`, or `rcgen`, `Issuer`.
pub(crate) type Absolute = Vec<String>;

/// One file.
#[derive(Debug)]
pub(crate) struct Source {
    /// Where it is, for messages.
    pub(crate) path: String,
    /// Its module: `["model", "dn"]`; the root is empty.
    pub(crate) module: Vec<String>,
    /// Every path outside test code that names a module of the crate or
    /// another crate.
    pub(crate) names: BTreeSet<Absolute>,
    /// What its `use` declarations bring in, by local name.
    pub(crate) imports: BTreeMap<String, Absolute>,
    /// Paths in public signatures and re-exports, with the item's name.
    pub(crate) shown: BTreeSet<(String, Absolute)>,
    /// Its attributes, those of test code too.
    pub(crate) attributes: Vec<String>,
    /// `mod` declarations outside test code, in their order.
    pub(crate) modules: Vec<String>,
}

impl Source {
    /// Parses `text` as the file `path`, relative to the crate's `src`.
    pub(crate) fn parse(path: &str, text: &str) -> Result<Self, String> {
        let ast = syn::parse_file(text).map_err(|e| format!("{path}: {e}"))?;
        let mut module: Vec<_> = path.trim_end_matches(".rs").split('/').collect();
        if matches!(module.last(), Some(&("mod" | "lib" | "main"))) {
            module.pop();
        }
        let mut source = Self {
            path: path.to_owned(),
            module: module.into_iter().map(str::to_owned).collect(),
            names: BTreeSet::new(),
            imports: BTreeMap::new(),
            shown: BTreeSet::new(),
            attributes: Vec::new(),
            modules: Vec::new(),
        };
        let mut attributes = Attributes(Vec::new());
        attributes.visit_file(&ast);
        source.attributes = attributes.0;
        if source.is_test() {
            return Ok(source);
        }
        for item in &ast.items {
            if let syn::Item::Mod(declared) = item
                && !is_test(&declared.attrs)
            {
                source.modules.push(declared.ident.to_string());
            }
        }
        // Imports first: a path may stand above the `use` that explains it.
        let inside = source.module.clone();
        let mut imports = Imports {
            source: &mut source,
            inside: inside.clone(),
        };
        imports.visit_file(&ast);
        let mut names = Names {
            source: &mut source,
            inside,
        };
        names.visit_file(&ast);
        Ok(source)
    }

    /// Whether all of it is test code: a file `tests.rs`.
    pub(crate) fn is_test(&self) -> bool {
        self.module.iter().any(|part| part == "tests")
    }

    /// Resolves a path as it stands in `inside`. A name that is neither a
    /// module nor imported is taken for a crate's: only known ones are asked for.
    fn resolve(&self, segments: &[String], inside: &[String]) -> Option<Absolute> {
        let (first, rest) = segments.split_first()?;
        let from_root = |module: &[String], rest: &[String]| {
            let root = std::iter::once("crate".to_owned());
            Some(root.chain(module.iter().chain(rest).cloned()).collect())
        };
        match first.as_str() {
            "crate" => from_root(&[], rest),
            "self" => resolve_super(inside, rest),
            "super" => resolve_super(inside, segments),
            name if self.modules.iter().any(|m| m == name) => from_root(inside, segments),
            name => match self.imports.get(name) {
                Some(import) => Some(import.iter().chain(rest).cloned().collect()),
                None => Some(segments.to_vec()),
            },
        }
    }

    fn name(&mut self, segments: &[String], inside: &[String]) -> Option<Absolute> {
        let absolute = self.resolve(segments, inside)?;
        self.names.insert(absolute.clone());
        Some(absolute)
    }
}

/// `super` chains from a module; `None` above the root.
fn resolve_super(inside: &[String], segments: &[String]) -> Option<Absolute> {
    let ups = segments.iter().take_while(|s| *s == "super").count();
    let module = &inside[..inside.len().checked_sub(ups)?];
    let root = std::iter::once("crate".to_owned());
    Some(
        root.chain(module.iter().chain(&segments[ups..]).cloned())
            .collect(),
    )
}

/// `use` declarations outside test code.
struct Imports<'a> {
    source: &'a mut Source,
    inside: Vec<String>,
}

impl Imports<'_> {
    fn tree(&mut self, tree: &syn::UseTree, before: &[String], shown: bool) {
        let with = |last: String| before.iter().cloned().chain([last]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => {
                self.tree(&path.tree, &with(path.ident.to_string()), shown);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(tree, before, shown);
                }
            }
            syn::UseTree::Name(name) => {
                let name = name.ident.to_string();
                let (segments, local) = match (name.as_str(), before.last()) {
                    ("self", Some(last)) => (before.to_vec(), last.clone()),
                    _ => (with(name.clone()), name),
                };
                self.import(&segments, local, shown);
            }
            syn::UseTree::Rename(rename) => {
                let original = rename.ident.to_string();
                let segments = if original == "self" {
                    before.to_vec()
                } else {
                    with(original)
                };
                self.import(&segments, rename.rename.to_string(), shown);
            }
            syn::UseTree::Glob(_) => {
                self.import(
                    &with("*".to_owned()),
                    format!("* of {}", before.join("::")),
                    shown,
                );
            }
        }
    }

    fn import(&mut self, segments: &[String], local: String, shown: bool) {
        let Some(absolute) = self.source.name(segments, &self.inside) else {
            return;
        };
        if shown {
            self.source.shown.insert((local.clone(), absolute.clone()));
        }
        self.source.imports.insert(local, absolute);
    }
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !item_is_test(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.inside.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.inside.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[], is_public(&item.vis));
    }
}

/// Paths in code, types, macros and attributes; and what is shown in public.
struct Names<'a> {
    source: &'a mut Source,
    inside: Vec<String>,
}

impl Names<'_> {
    /// Tokens that nobody parsed: every `crate::…`, `super::…` and `name::…`.
    fn tokens(&mut self, tokens: &str) {
        for segments in paths_in(tokens) {
            self.source.name(&segments, &self.inside);
        }
    }

    fn show(&mut self, item: &impl std::fmt::Display, find: impl FnOnce(&mut Paths)) {
        let mut paths = Paths(Vec::new());
        find(&mut paths);
        for segments in paths.0 {
            if let Some(absolute) = self.source.resolve(&segments, &self.inside) {
                self.source.shown.insert((item.to_string(), absolute));
            }
        }
    }

    fn show_item(&mut self, item: &syn::Item) {
        match item {
            syn::Item::Fn(i) if is_public(&i.vis) => {
                self.show(&i.sig.ident, |p| p.visit_signature(&i.sig));
            }
            syn::Item::Struct(i) if is_public(&i.vis) => self.show(&i.ident, |p| {
                p.visit_generics(&i.generics);
                for field in i.fields.iter().filter(|f| is_public(&f.vis)) {
                    p.visit_type(&field.ty);
                }
            }),
            syn::Item::Enum(i) if is_public(&i.vis) => self.show(&i.ident, |p| {
                p.visit_generics(&i.generics);
                for field in i.variants.iter().flat_map(|v| &v.fields) {
                    p.visit_type(&field.ty);
                }
            }),
            syn::Item::Type(i) if is_public(&i.vis) => {
                self.show(&i.ident, |p| p.visit_type(&i.ty));
            }
            syn::Item::Const(i) if is_public(&i.vis) => {
                self.show(&i.ident, |p| p.visit_type(&i.ty));
            }
            syn::Item::Static(i) if is_public(&i.vis) => {
                self.show(&i.ident, |p| p.visit_type(&i.ty));
            }
            syn::Item::Trait(i) if is_public(&i.vis) => self.show(&i.ident, |p| {
                p.visit_generics(&i.generics);
                i.supertraits
                    .iter()
                    .for_each(|b| p.visit_type_param_bound(b));
                for item in &i.items {
                    match item {
                        syn::TraitItem::Fn(f) => p.visit_signature(&f.sig),
                        syn::TraitItem::Type(t) => p.visit_trait_item_type(t),
                        syn::TraitItem::Const(c) => p.visit_type(&c.ty),
                        _ => {}
                    }
                }
            }),
            // The types an `impl Trait for` joins are not ours to choose.
            syn::Item::Impl(i) if i.trait_.is_none() => {
                for item in &i.items {
                    match item {
                        syn::ImplItem::Fn(f) if is_public(&f.vis) => {
                            self.show(&f.sig.ident, |p| p.visit_signature(&f.sig));
                        }
                        syn::ImplItem::Const(c) if is_public(&c.vis) => {
                            self.show(&c.ident, |p| p.visit_type(&c.ty));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !item_is_test(item) {
            self.show_item(item);
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.inside.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.inside.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // A lone name is a local one, or an import that was seen already.
        let segments = segments(path);
        if segments.len() > 1 {
            self.source.name(&segments, &self.inside);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.tokens(&mac.tokens.to_string());
        visit::visit_macro(self, mac);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        // `#[serde(with = "crate::x")]`; but not the links of doc comments.
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(&list.tokens.to_string());
        }
    }
}

/// Every path below a piece of syntax.
struct Paths(Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Paths {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.push(segments(path));
        visit::visit_path(self, path);
    }
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

/// Every attribute of a file, as text without spaces around `(`.
struct Attributes(Vec<String>);

impl<'ast> Visit<'ast> for Attributes {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let name = segments(attribute.path()).join("::");
        match &attribute.meta {
            syn::Meta::List(list) => self.0.push(format!("{name}({})", list.tokens)),
            _ => self.0.push(name),
        }
    }
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|s| s.ident.to_string()).collect()
}

fn is_public(visibility: &syn::Visibility) -> bool {
    matches!(visibility, syn::Visibility::Public(_))
}

/// Whether `#[cfg(test)]` or the like stands above.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            condition == "test" || condition.starts_with("all (test ,")
        }
        meta => meta.path().is_ident("test"),
    })
}

fn item_is_test(item: &syn::Item) -> bool {
    is_test(match item {
        syn::Item::Const(i) => &i.attrs,
        syn::Item::Enum(i) => &i.attrs,
        syn::Item::Fn(i) => &i.attrs,
        syn::Item::Impl(i) => &i.attrs,
        syn::Item::Macro(i) => &i.attrs,
        syn::Item::Mod(i) => &i.attrs,
        syn::Item::Static(i) => &i.attrs,
        syn::Item::Struct(i) => &i.attrs,
        syn::Item::Trait(i) => &i.attrs,
        syn::Item::Type(i) => &i.attrs,
        syn::Item::Use(i) => &i.attrs,
        _ => &[],
    })
}

/// Paths of at least two segments in text: `crate :: key :: verify (…)`.
fn paths_in(tokens: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut rest = tokens;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    while let Some(start) = rest.find(is_word) {
        rest = &rest[start..];
        let mut path = Vec::new();
        loop {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            path.push(rest[..end].to_owned());
            rest = &rest[end..];
            let Some(next) = rest.trim_start().strip_prefix("::") else {
                break;
            };
            let next = next.trim_start();
            if !next.starts_with(is_word) {
                break;
            }
            rest = next;
        }
        if path.len() > 1 {
            paths.push(path);
        }
    }
    paths
}
