//! Who dials whom, by the name of a service: a stack of thousands is not
//! searched for each.

use std::collections::HashMap;

use super::{Edge, Stack};

/// The edges of a stack, by both ends.
#[derive(Debug)]
pub(crate) struct Dials<'s> {
    from: HashMap<&'s str, Vec<&'s Edge>>,
    to: HashMap<&'s str, Vec<&'s Edge>>,
}

impl<'s> Dials<'s> {
    pub(crate) fn of(stack: &'s Stack) -> Self {
        let (mut from, mut to) = (HashMap::new(), HashMap::new());
        for edge in &stack.edges {
            let end = |ends: &mut HashMap<&'s str, Vec<_>>, name: &'s str| {
                ends.entry(name).or_default().push(edge);
            };
            end(&mut from, &edge.from);
            end(&mut to, &edge.to);
        }
        Self { from, to }
    }

    /// What a service dials, in the order of the stack.
    pub(crate) fn from(&self, service: &str) -> &[&'s Edge] {
        self.from.get(service).map_or(&[], Vec::as_slice)
    }

    /// What dials a service, in the order of the stack.
    pub(crate) fn to(&self, service: &str) -> &[&'s Edge] {
        self.to.get(service).map_or(&[], Vec::as_slice)
    }
}
