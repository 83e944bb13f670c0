//! Names to places, so that a stack of thousands is not searched for each.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Authority, Pair, PairId, Service};

/// Where each name stood when one was first asked for. Every answer is checked
/// against what stands there now, so a stack that was changed since is searched
/// as if there were none. No part of the stack's value: copies begin anew.
#[derive(Debug, Default)]
pub(crate) struct Index {
    authorities: OnceLock<HashMap<String, usize>>,
    services: OnceLock<HashMap<String, usize>>,
    pairs: OnceLock<HashMap<PairId, (usize, usize)>>,
}

impl Clone for Index {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Index {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Index {}

impl Index {
    pub(super) fn authority<'s>(&self, all: &'s [Authority], name: &str) -> Option<&'s Authority> {
        let index = self
            .authorities
            .get_or_init(|| places(all.iter().map(|a| a.name.clone())));
        let is = |authority: &&Authority| authority.name == name;
        let known = index.get(name).and_then(|at| all.get(*at)).filter(is);
        known.or_else(|| all.iter().find(is))
    }

    pub(super) fn service<'s>(&self, all: &'s [Service], name: &str) -> Option<&'s Service> {
        let index = self
            .services
            .get_or_init(|| places(all.iter().map(|s| s.name.clone())));
        let is = |service: &&Service| service.name == name;
        let known = index.get(name).and_then(|at| all.get(*at)).filter(is);
        known.or_else(|| all.iter().find(is))
    }

    pub(super) fn pair<'s>(&self, all: &'s [Service], id: &PairId) -> Option<&'s Pair> {
        let index = self.pairs.get_or_init(|| {
            let of = |(s, service): (usize, &Service)| {
                let ids = service.pairs.iter().map(|p| p.id.clone()).enumerate();
                ids.map(|(p, id)| (id, (s, p))).collect::<Vec<_>>()
            };
            all.iter().enumerate().flat_map(of).collect()
        });
        let is = |pair: &&Pair| pair.id == *id;
        let known = index
            .get(id)
            .and_then(|(s, p)| all.get(*s)?.pairs.get(*p))
            .filter(is);
        known.or_else(|| all.iter().flat_map(|s| &s.pairs).find(is))
    }
}

fn places(names: impl Iterator<Item = String>) -> HashMap<String, usize> {
    names.enumerate().map(|(at, name)| (name, at)).collect()
}

#[cfg(test)]
mod tests {
    use crate::verify::tests::tree::stack;

    const STACK: &str = r#"
version = 1
[defaults]
authority = "root"
[authority.root]
[authority.other]
[service.store]
role = "server"
hosts = ["store"]
[service.spark]
role = "spark"
connects = ["store"]
"#;

    #[test]
    fn a_changed_stack_is_searched_anew() {
        let mut stack = stack(STACK);
        let pairs: Vec<_> = stack.pairs().map(|p| p.id.clone()).collect();
        assert!(!pairs.is_empty());
        for again in 0..2 {
            for name in ["root", "other"] {
                assert_eq!(stack.authority(name).unwrap().name, name, "{again}");
            }
            for name in ["store", "spark"] {
                assert_eq!(stack.service(name).unwrap().name, name, "{again}");
            }
            for id in &pairs {
                assert_eq!(stack.pair(id).unwrap().id, *id, "{again}");
            }
            assert!(stack.authority("none").is_none() && stack.service("none").is_none());
            let copy = stack.clone();
            assert_eq!(copy, stack);
            stack.authorities.reverse();
            stack.services.reverse();
        }
        stack.authorities.retain(|a| a.name == "other");
        assert!(stack.authority("root").is_none());
        assert_eq!(stack.authority("other").unwrap().name, "other");
    }
}
