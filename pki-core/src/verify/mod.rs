//! The tree against the rules: what is wrong, for whom, and what to do. Pure.

mod authority;
mod edge;
mod file;
mod loose;
mod pair;
mod trust;

pub use loose::{Loose, verify_files};

use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::inventory::Inventory;
use crate::model::path::TreePath;
use crate::report::{Locator, Report, rule};
use crate::stack::{Authority, Origin, Stack};

/// What is known of the tree beside the files that the stack names.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// Whether a delivery was interrupted.
    pub interrupted: bool,
    /// Files delivered once, no longer named, still there.
    pub leftovers: Vec<TreePath>,
    /// Private keys found in the services' folders that the manifest does not
    /// name: path, and the public half where it can be told.
    pub strays: Vec<Stray>,
    /// A file that makes the manifest's folder a container build context
    /// (`Dockerfile`), where `.dockerignore` does not keep the CA keys out.
    pub build_context: Option<String>,
}

/// A private key that the manifest does not name.
#[derive(Debug)]
pub struct Stray {
    /// Where it lies.
    pub path: TreePath,
    /// Its public half.
    pub public: Option<crate::key::PublicKey>,
}

/// What was judged and how.
#[derive(Debug, Default)]
pub struct Verdict {
    /// The findings.
    pub report: Report,
    /// How many authorities were judged.
    pub authorities: usize,
    /// How many services were judged.
    pub services: usize,
    /// How many certificates were judged.
    pub certificates: usize,
    /// How many edges were judged.
    pub edges: usize,
    /// How many of them work.
    pub good_edges: usize,
}

/// Judges the whole tree.
pub fn verify(
    stack: &Stack,
    inventory: &Inventory,
    around: &Surroundings,
    now: Timestamp,
) -> Verdict {
    let mut verdict = Verdict::default();
    let judge = Judge {
        stack,
        inventory,
        now,
    };
    surroundings(stack, inventory, around, &mut verdict.report);
    for authority in &stack.authorities {
        verdict.authorities += 1;
        verdict.certificates += authority.generations.len();
        judge.authority(authority, &mut verdict.report);
    }
    for service in stack.services.iter().filter(|s| !s.external) {
        verdict.services += 1;
        verdict.certificates += service.pairs.len();
        for pair in &service.pairs {
            judge.pair(pair, service, &mut verdict.report);
        }
    }
    for output in &stack.outputs {
        judge.output(output, &mut verdict.report);
    }
    judge.access(&mut verdict.report);
    for edge in &stack.edges {
        verdict.edges += 1;
        if judge.edge(edge, &mut verdict.report) {
            verdict.good_edges += 1;
        }
    }
    verdict.report = verdict.report.sorted();
    verdict
}

/// What every rule looks at.
struct Judge<'a> {
    stack: &'a Stack,
    inventory: &'a Inventory,
    now: Timestamp,
}

impl Judge<'_> {
    /// The CA elsewhere that signs an authority.
    fn external_issuer(&self, authority: &Authority) -> Option<&str> {
        let Origin::Issuer(issuer) = &authority.origin else {
            return None;
        };
        let issuer = self.stack.authority(issuer)?;
        (issuer.origin == Origin::External).then_some(&issuer.name)
    }

    /// Whether an authority, or one above it, waits for its certificate from
    /// elsewhere: what it should sign cannot be there.
    fn is_waiting(&self, authority: &str) -> bool {
        self.stack.issuers(authority).into_iter().any(|above| {
            let signing = self.inventory.authority(self.stack, &above.name);
            signing.is_none() && self.external_issuer(above).is_some()
        })
    }

    /// Whether an authority, or one above it, has no certificate that could
    /// vouch for anything: that is told there, and nothing follows from it.
    fn is_told(&self, authority: &str) -> bool {
        self.stack.issuers(authority).iter().any(|above| {
            let signing = self.inventory.authority(self.stack, &above.name);
            !signing.is_some_and(Certificate::is_ca)
        })
    }
}

/// The names of a certificate as a person writes them.
fn names(leaf: &Certificate) -> String {
    let names: Vec<String> = leaf
        .names()
        .iter()
        .map(|name| match name.to_san() {
            Some(san) => san.to_string(),
            None => name.to_string(),
        })
        .collect();
    if names.is_empty() {
        "no name".to_owned()
    } else {
        names.join(", ")
    }
}

fn surroundings(stack: &Stack, inventory: &Inventory, around: &Surroundings, report: &mut Report) {
    if around.interrupted {
        report.push(rule::INTERRUPTED.at(Locator::Tree).fix("pki apply"));
    }
    if inventory.issued().unreadable() > 0 {
        report.push(
            rule::RECORD_UNREADABLE
                .at(Locator::File(".pki/issued.jsonl".into()))
                .found(match inventory.issued().unreadable() {
                    1 => "1 unreadable line".to_owned(),
                    n => format!("{n} unreadable lines"),
                }),
        );
    }
    for path in &around.leftovers {
        report.push(
            rule::LEFTOVER
                .at(Locator::File(path.as_path().to_owned()))
                .fix("pki apply --prune"),
        );
    }
    for stray in &around.strays {
        let Some(public) = &stray.public else {
            continue;
        };
        let owner = stack.authorities.iter().find(|authority| {
            authority.generations.iter().any(|generation| {
                inventory
                    .leaf(&generation.certificate)
                    .is_some_and(|ca| ca.public_key() == public)
            })
        });
        if let Some(authority) = owner {
            report.push(
                rule::CA_KEY_EXPOSED
                    .at(Locator::File(stray.path.as_path().to_owned()))
                    .found(format!("the key of authority {}", authority.name))
                    .affects("whoever reads it can vouch for any name")
                    .fix(format!("rm {}", stray.path)),
            );
        }
    }
    let key_below = |authority: &Authority| {
        authority.generations.iter().any(|generation| {
            generation
                .key
                .as_ref()
                .is_some_and(|key| key.as_path().is_relative() && !inventory.is_missing(key))
        })
    };
    if let Some(file) = &around.build_context
        && stack.authorities.iter().any(key_below)
    {
        report.push(
            rule::CA_KEY_IN_BUILD_CONTEXT
                .at(Locator::File(file.into()))
                .expected("a line `authorities` in .dockerignore")
                .fix("printf 'authorities\\n.pki\\n' >> .dockerignore"),
        );
    }
}

#[cfg(test)]
mod tests;
