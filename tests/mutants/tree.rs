//! DER as a tree that can be changed and written again, right or wrong.

use pki_core::der::{self, Reader, tag};

/// One element.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Node {
    pub(crate) tag: u8,
    /// Its length is written with one octet more than it needs.
    pub(crate) long: bool,
    pub(crate) body: Body,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Body {
    Octets(Vec<u8>),
    /// Elements, as in SEQUENCE, in an OCTET STRING or behind the unused bits
    /// of a BIT STRING.
    Inside {
        before: Vec<u8>,
        nodes: Vec<Node>,
    },
}

impl Node {
    pub(crate) fn new(tag: u8, octets: &[u8]) -> Self {
        Self {
            tag,
            long: false,
            body: Body::Octets(octets.to_vec()),
        }
    }

    /// The one element of `octets`.
    pub(crate) fn read(octets: &[u8]) -> Option<Self> {
        let mut nodes = read_all(octets)?;
        let only = nodes.pop()?;
        nodes.is_empty().then_some(only)
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let written = der::encode(self.tag, &self.value());
        if !self.long {
            return written;
        }
        let (length, value) = match written[1] {
            short @ ..0x80 => (vec![0x81, short], &written[2..]),
            form => {
                let octets = usize::from(form & 0x7f);
                let mut length = vec![form + 1, 0];
                length.extend(&written[2..2 + octets]);
                (length, &written[2 + octets..])
            }
        };
        der::join([&[self.tag][..], &length, value])
    }

    /// The content octets.
    pub(crate) fn value(&self) -> Vec<u8> {
        match &self.body {
            Body::Octets(octets) => octets.clone(),
            Body::Inside { before, nodes } => {
                let nodes = der::join(nodes.iter().map(Self::write));
                der::join([before, &nodes])
            }
        }
    }

    /// The elements inside.
    pub(crate) fn nodes(&mut self) -> &mut Vec<Self> {
        if let Body::Octets(_) = self.body {
            self.body = Body::Inside {
                before: Vec::new(),
                nodes: Vec::new(),
            };
        }
        match &mut self.body {
            Body::Inside { nodes, .. } => nodes,
            Body::Octets(_) => unreachable!("made above"),
        }
    }

    /// Other content octets.
    pub(crate) fn set(&mut self, octets: &[u8]) {
        self.body = Body::Octets(octets.to_vec());
    }

    /// How many elements there are, itself one of them.
    pub(crate) fn count(&self) -> usize {
        let inside = match &self.body {
            Body::Octets(_) => 0,
            Body::Inside { nodes, .. } => nodes.iter().map(Self::count).sum(),
        };
        1 + inside
    }
}

fn read_all(octets: &[u8]) -> Option<Vec<Node>> {
    let mut reader = Reader::new(octets);
    let mut nodes = Vec::new();
    while !reader.is_empty() {
        let element = reader.any().ok()?;
        let (before, inside) = match (element.tag, element.value.split_first()) {
            (tag::BIT_STRING, Some((0, rest))) => (vec![0], rest),
            _ => (Vec::new(), element.value),
        };
        let holds = element.tag & 0x20 != 0
            || (matches!(element.tag, tag::BIT_STRING | tag::OCTET_STRING) && !inside.is_empty());
        let body = match read_all(inside).filter(|_| holds) {
            Some(nodes) => Body::Inside { before, nodes },
            None => Body::Octets(element.value.to_vec()),
        };
        nodes.push(Node {
            tag: element.tag,
            long: false,
            body,
        });
    }
    Some(nodes)
}

/// Changes the element of this number, counted from the outside in, by what
/// `change` does to the list that it stands in.
pub(crate) fn edit(
    list: &mut Vec<Node>,
    number: usize,
    change: &mut dyn FnMut(&mut Vec<Node>, usize),
) {
    let mut left = number;
    for at in 0..list.len() {
        if left == 0 {
            change(list, at);
            return;
        }
        let count = list[at].count();
        if left < count {
            edit(list[at].nodes(), left - 1, change);
            return;
        }
        left -= count;
    }
}
