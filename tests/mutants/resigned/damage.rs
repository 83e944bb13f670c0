//! Any element of a certificate, changed in any way that its writer could.

use pki_core::cert::oid;

use super::{Change, Tbs, change};
use crate::random::Random;
use crate::tree::{self, Node};

const FIELDS: [(&str, usize); 7] = [
    ("version", Tbs::VERSION),
    ("serial", Tbs::SERIAL),
    ("signature", Tbs::ALGORITHM),
    ("issuer", Tbs::ISSUER),
    ("validity", Tbs::VALIDITY),
    ("subject", Tbs::SUBJECT),
    ("key", Tbs::KEY),
];

const EXTENSIONS: [(&str, &str); 5] = [
    ("basicConstraints", oid::BASIC_CONSTRAINTS),
    ("keyUsage", oid::KEY_USAGE),
    ("subjectAltName", oid::SUBJECT_ALT_NAME),
    ("subjectKeyId", oid::SUBJECT_KEY_ID),
    ("authorityKeyId", oid::AUTHORITY_KEY_ID),
];

#[derive(Clone, Copy)]
enum Damage {
    LongLength,
    Tag(u8),
    Longer(u8),
    Bit(u8),
    Removed,
    Twice,
    Emptied,
}

impl Damage {
    fn name(self) -> &'static str {
        match self {
            Self::LongLength => "a long length",
            Self::Tag(_) => "another tag",
            Self::Longer(_) => "an octet more",
            Self::Bit(_) => "a bit",
            Self::Removed => "an element gone",
            Self::Twice => "an element twice",
            Self::Emptied => "an element emptied",
        }
    }

    fn put(self, list: &mut Vec<Node>, at: usize) {
        match self {
            Self::LongLength => list[at].long = true,
            Self::Tag(bits) => list[at].tag ^= bits,
            Self::Longer(octet) => {
                let longer = [list[at].value(), vec![octet]].concat();
                list[at].set(&longer);
            }
            Self::Bit(bit) => {
                let mut value = list[at].value();
                if let Some(last) = value.last_mut() {
                    *last ^= 1 << (bit % 8);
                }
                list[at].set(&value);
            }
            Self::Removed => {
                list.remove(at);
            }
            Self::Twice => list.insert(at, list[at].clone()),
            Self::Emptied => list[at].set(&[]),
        }
    }
}

pub(super) fn draw(random: &mut Random) -> Change {
    let damage = match random.below(7) {
        0 => Damage::LongLength,
        1 => Damage::Tag(*random.one_of(&[0x01, 0x02, 0x08, 0x20, 0x80])),
        2 => Damage::Longer(*random.one_of(&[0, 5, 0xff])),
        3 => Damage::Bit(u8::try_from(random.below(8)).unwrap()),
        4 => Damage::Removed,
        5 => Damage::Twice,
        _ => Damage::Emptied,
    };
    let number = random.below(1 << 16);
    let put = move |node: &mut Node| {
        let number = number % node.count();
        let mut list = vec![node.clone()];
        if number == 0 && matches!(damage, Damage::Removed | Damage::Twice) {
            // Whole fields are a matter of the tables.
            return;
        }
        tree::edit(&mut list, number, &mut |list, at| damage.put(list, at));
        *node = list.remove(0);
    };
    let which = random.below(FIELDS.len() + EXTENSIONS.len());
    if let Some((name, field)) = FIELDS.get(which) {
        change(&format!("random {name}: {}", damage.name()), move |tbs| {
            put(tbs.field(*field));
        })
    } else {
        let (name, oid) = EXTENSIONS[which - FIELDS.len()];
        change(&format!("random {name}: {}", damage.name()), move |tbs| {
            // A CA's certificate has no names.
            if let Some(extension) = tbs.extension(oid) {
                put(extension);
            }
        })
    }
}
