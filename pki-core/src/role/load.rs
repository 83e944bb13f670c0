//! Reading role files: those built in and a user's own.

use std::collections::BTreeMap;

use super::wire::RoleFile;
use super::{Role, judge};
use crate::document::{At, Fault, Invalid, Source, did_you_mean};

/// Every role there is, by name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Roles(BTreeMap<String, Role>);

impl Roles {
    /// The roles built in, and a user's `own` as pairs of file name (without
    /// `.toml`) and text. An own role with a built-in name takes its place, and
    /// may still say `like` that name.
    ///
    /// # Errors
    /// The first file that is no role: everything wrong in it.
    pub fn load(own: &[(String, String)]) -> Result<Self, Invalid> {
        let mut built_in = Layer::default();
        for (name, text) in pki_templates::ROLES {
            built_in.add(name, text)?;
        }
        let mut layer = Layer::default();
        for (name, text) in own {
            layer.add(name, text)?;
        }
        let mut roles = BTreeMap::new();
        let layers = [built_in, layer];
        for (depth, layer) in layers.iter().enumerate() {
            for name in layer.0.keys() {
                roles.insert(name.clone(), build(&layers, depth, name)?);
            }
        }
        Ok(Self(roles))
    }

    /// The role of this name.
    pub fn get(&self, name: &str) -> Option<&Role> {
        self.0.get(name)
    }

    /// Every name, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Every role, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Role> {
        self.0.values()
    }
}

/// The files of one origin, read but not yet put on top of what they are like.
#[derive(Default)]
struct Layer(BTreeMap<String, Named>);

struct Named {
    file: String,
    text: String,
    wire: RoleFile,
}

impl Named {
    fn source(&self) -> Source<'_> {
        Source {
            name: &self.file,
            text: &self.text,
        }
    }

    fn invalid(&self, fault: Fault) -> Invalid {
        self.source().invalid(vec![fault])
    }
}

impl Layer {
    fn add(&mut self, name: &str, text: &str) -> Result<(), Invalid> {
        let file = format!("roles/{name}.toml");
        let source = Source { name: &file, text };
        let wire: RoleFile = source.read()?;
        if *wire.name != name {
            let message = format!("`{}` stands in `{file}`", *wire.name);
            return Err(source.invalid(vec![
                Fault::new(wire.name.span(), message, "not the name of the file")
                    .help(format!("write `name = \"{name}\"`")),
            ]));
        }
        let faults = judge::words(&wire);
        if !faults.is_empty() {
            return Err(source.invalid(faults));
        }
        let named = Named {
            text: text.to_owned(),
            file: file.clone(),
            wire,
        };
        self.0.insert(name.to_owned(), named);
        Ok(())
    }
}

/// The role `name` of layer `depth`, everything it is like filled in.
fn build(layers: &[Layer], depth: usize, name: &str) -> Result<Role, Invalid> {
    // From the role itself down to the one that is like no other.
    let mut lineage: Vec<(usize, &Named)> = Vec::new();
    let (mut depth, mut name) = (Some(depth), name);
    while let Some((found, named)) = depth.and_then(|d| find(layers, d, name)) {
        if lineage
            .iter()
            .any(|(d, n)| *d == found && n.wire.name == named.wire.name)
        {
            let first = lineage[0].1;
            let span = first.wire.like.as_ref().map_or(0..0, At::span);
            let names: Vec<&str> = lineage.iter().map(|(_, n)| n.wire.name.as_str()).collect();
            let circle = format!("{} → {name}", names.join(" → "));
            return Err(first.invalid(
                Fault::new(
                    span,
                    format!("a circle of roles: {circle}"),
                    "like itself in the end",
                )
                .help("take out one `like`"),
            ));
        }
        lineage.push((found, named));
        let Some(like) = &named.wire.like else { break };
        // A role may be like the built-in one whose name it takes.
        depth = if **like == *named.wire.name {
            found.checked_sub(1)
        } else {
            Some(layers.len() - 1)
        };
        if depth.and_then(|d| find(layers, d, like)).is_none() {
            let names = layers.iter().flat_map(|l| l.0.keys()).map(String::as_str);
            return Err(named.invalid(
                Fault::new(
                    like.span(),
                    format!("unknown role `{}`", **like),
                    "no such role",
                )
                .help(did_you_mean(like, names)),
            ));
        }
        name = like.as_str();
    }
    let named = lineage[0].1;
    let mut wire = RoleFile::default();
    for (_, base) in lineage.iter().rev() {
        wire.put_on_top(&base.wire);
    }
    judge::role(wire).map_err(|faults| named.source().invalid(faults))
}

/// The role in the highest layer up to `depth` that has it.
fn find<'a>(layers: &'a [Layer], depth: usize, name: &str) -> Option<(usize, &'a Named)> {
    (0..=depth)
        .rev()
        .find_map(|d| layers[d].0.get(name).map(|named| (d, named)))
}
