//! What comes of octets that something damages, or somebody forges.

use pki_core::der::tag;

use crate::random::Random;
use crate::tree::{self, Node};

/// Octets at which readers turn: signs, lengths, tags.
const ODD: [u8; 12] = [
    0, 1, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff, 0x1f, 0x30, 0x31, 0xa3,
];

/// Tags that another element could have.
const TAGS: [u8; 16] = [
    tag::BOOLEAN,
    tag::INTEGER,
    tag::BIT_STRING,
    tag::OCTET_STRING,
    tag::NULL,
    tag::OID,
    tag::UTF8_STRING,
    tag::SEQUENCE,
    tag::SET,
    tag::PRINTABLE_STRING,
    tag::T61_STRING,
    tag::UTC_TIME,
    tag::GENERALIZED_TIME,
    tag::BMP_STRING,
    tag::UNIVERSAL_STRING,
    0xa0,
];

/// DER with one to three faults in it.
pub(crate) fn mutant(der: &[u8], tree: &Node, random: &mut Random) -> Vec<u8> {
    if random.below(2) == 0 {
        let mut list = vec![tree.clone()];
        for _ in 0..often(random) {
            change_element(&mut list, random);
        }
        return pki_core::der::join(list.iter().map(Node::write));
    }
    let mut octets = der.to_vec();
    for _ in 0..often(random) {
        change_octets(&mut octets, random);
    }
    octets
}

/// Text with one to three faults in it.
pub(crate) fn text(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut octets = text.to_vec();
    for _ in 0..often(random) {
        match random.below(4) {
            0 => change_line(&mut octets, random),
            _ => change_octets(&mut octets, random),
        }
    }
    octets
}

fn often(random: &mut Random) -> usize {
    *random.one_of(&[1, 1, 1, 2, 3])
}

/// The lengths of what stands around it stay as they are.
fn change_octets(octets: &mut Vec<u8>, random: &mut Random) {
    if octets.is_empty() {
        octets.push(*random.one_of(&ODD));
        return;
    }
    let at = random.below(octets.len());
    match random.below(7) {
        0 | 1 => octets[at] ^= 1 << random.below(8),
        2 => octets[at] = *random.one_of(&ODD),
        3 => octets.truncate(at),
        4 => octets.insert(at, *random.one_of(&ODD)),
        5 => {
            octets.remove(at);
        }
        _ => {
            // A length that lies: most elements are short.
            if let Some(length) = octets.get_mut(at + 1).filter(|o| **o < 0x80) {
                *length = length.wrapping_add(*random.one_of(&[1, 0xff, 2, 0x40]));
            }
        }
    }
}

/// The lengths of what stands around it fit again.
fn change_element(list: &mut Vec<Node>, random: &mut Random) {
    let count: usize = list.iter().map(Node::count).sum();
    if count == 0 {
        return;
    }
    let number = random.below(count);
    let (what, tag, odd) = (random.below(9), *random.one_of(&TAGS), *random.one_of(&ODD));
    let other = random.below(count);
    let mut taken = None;
    tree::edit(list, other, &mut |list, at| taken = Some(list[at].clone()));
    tree::edit(list, number, &mut |list, at| match what {
        0 => list[at].tag = tag,
        1 => list[at].long = true,
        2 => list.insert(at, list[at].clone()),
        3 => {
            list.remove(at);
        }
        4 => {
            let next = (at + 1) % list.len();
            list.swap(at, next);
        }
        5 => list[at].set(&[]),
        6 => {
            let mut value = list[at].value();
            value.push(odd);
            list[at].set(&value);
        }
        7 => {
            let mut value = list[at].value();
            value.insert(0, odd);
            list[at].set(&value);
        }
        // Another element of the same certificate in its place.
        _ => list[at] = taken.clone().unwrap_or_else(|| Node::new(tag, &[])),
    });
}

fn change_line(octets: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<Vec<u8>> = octets.split(|o| *o == b'\n').map(<[u8]>::to_vec).collect();
    let (at, other) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(4) {
        0 => lines.swap(at, other),
        1 => lines.insert(at, lines[other].clone()),
        2 => {
            lines.remove(at);
        }
        _ => lines[at].extend_from_slice(b" \r"),
    }
    *octets = lines.join(&b'\n');
}
