//! Every default filled in, every name looked up, every mistake collected.

mod authorities;
mod clash;
mod clients;
mod defaults;
mod edges;
mod elsewhere;
mod outputs;
mod pairs;
mod rules;
mod servers;
mod services;
mod url;
mod values;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::PathBuf;

use super::schema::Manifest;
use crate::document::{Fault, Invalid, Source};
use crate::parallel;
use crate::report::Finding;
use crate::role::Roles;
use crate::stack::{Phase, Stack};

/// The generations of each authority, oldest first. One that is not named has
/// a single generation, number 1, that signs.
pub type Generations = BTreeMap<String, Vec<(u32, Phase)>>;

/// What a manifest means.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Resolved {
    /// The desired state.
    pub stack: Stack,
    /// What works today and will not for everyone, in the order of the text.
    pub warnings: Vec<Warning>,
}

/// A finding about the manifest, with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Warning {
    /// What was found.
    pub finding: Finding,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// The lines concerned, with marks.
    pub excerpt: String,
}

/// Reads a manifest. Pure: `state` says which generations the authorities have,
/// `roots` are absolute names of the manifest's folder: a place that is written
/// with one of them is the same as the relative one. Other names of the folder
/// (a link to it that is not among them) are not known here.
///
/// Not checked: anything on disk (whether external files exist), and whether a
/// dialled name is in the server's certificate, which verification says per edge.
///
/// # Errors
/// Everything that is wrong, each with its place: syntax alone, else shape
/// alone, else all that the words mean.
pub fn resolve(
    source: &Source<'_>,
    roles: &Roles,
    state: &Generations,
    roots: &[PathBuf],
) -> Result<Resolved, Invalid> {
    let manifest: Manifest = source.read()?;
    let mut context = Context {
        manifest: &manifest,
        roles,
        state,
        roots,
        faults: Vec::new(),
        warnings: Vec::new(),
        notes: HashMap::new(),
    };
    let stack = context.stack();
    let Context {
        faults,
        mut warnings,
        ..
    } = context;
    if !faults.is_empty() {
        return Err(source.invalid(faults));
    }
    warnings.sort_by_key(|(_, span)| span.start);
    warnings.dedup_by(|a, b| a.0.rule == b.0.rule && a.1 == b.1);
    let warnings = warnings
        .into_iter()
        .map(|(finding, span)| {
            let label = finding.found.clone().unwrap_or_default();
            let problem = source.problem(Fault::new(span, "", label));
            Warning {
                finding,
                line: problem.line,
                column: problem.column,
                excerpt: problem.excerpt,
            }
        })
        .collect();
    Ok(Resolved { stack, warnings })
}

/// What resolving knows and collects.
struct Context<'a> {
    manifest: &'a Manifest,
    roles: &'a Roles,
    state: &'a Generations,
    roots: &'a [PathBuf],
    faults: Vec<Fault>,
    warnings: Vec<(Finding, Range<usize>)>,
    /// Where the words behind each pair stand.
    notes: HashMap<crate::stack::PairId, pairs::Notes>,
}

impl Context<'_> {
    /// What `work` makes of each item, in their order, on all cores: what is
    /// wrong or odd is collected in that order too.
    fn each<T: Sync, R: Send>(
        &mut self,
        items: &[T],
        work: impl Fn(&mut Context<'_>, &T) -> R + Sync,
    ) -> Vec<R> {
        let runs = parallel::in_runs(items, |run| {
            let mut own = Context {
                faults: Vec::new(),
                warnings: Vec::new(),
                notes: HashMap::new(),
                ..*self
            };
            let made: Vec<R> = run.iter().map(|item| work(&mut own, item)).collect();
            vec![(made, own.faults, own.warnings, own.notes)]
        });
        let mut all = Vec::with_capacity(items.len());
        for (made, faults, warnings, notes) in runs {
            all.extend(made);
            for fault in faults {
                self.fault(fault);
            }
            self.warnings.extend(warnings);
            self.notes.extend(notes);
        }
        all
    }

    fn stack(&mut self) -> Stack {
        self.names();
        let authorities = self.authorities();
        let services = self.services(&authorities);
        let mut stack = Stack {
            authorities,
            services,
            ..Stack::default()
        };
        stack.edges = self.edges(&stack);
        self.outputs(&mut stack);
        self.clashes(&stack);
        self.rules(&stack);
        stack
    }

    fn fault(&mut self, fault: Fault) {
        // What several nodes of a service share is said once.
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn warn(&mut self, finding: Finding, span: Range<usize>) {
        self.warnings.push((finding, span));
    }
}
