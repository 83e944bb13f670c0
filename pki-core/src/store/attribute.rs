//! What a file has beside content, owner and mode: its access control list
//! (acl(5)) and its SELinux label. Both are extended attributes (xattr(7)).

use std::os::fd::AsFd;

use rustix::io::Errno;

pub(super) const ACL: &str = "system.posix_acl_access";
/// What a folder gives to all that is made in it.
pub(super) const DEFAULT_ACL: &str = "system.posix_acl_default";
pub(super) const LABEL: &str = "security.selinux";

/// The largest value that Linux keeps (`XATTR_SIZE_MAX`).
const LARGEST: usize = 64 << 10;

/// One attribute; `None` too where the file system knows none.
pub(super) fn value(file: impl AsFd, name: &str) -> Option<Vec<u8>> {
    let mut octets = vec![0; 256];
    let got = match rustix::fs::fgetxattr(&file, name, &mut octets[..]) {
        Err(Errno::RANGE) => {
            octets.resize(LARGEST, 0);
            rustix::fs::fgetxattr(&file, name, &mut octets[..])
        }
        got => got,
    };
    octets.truncate(got.ok()?);
    Some(octets)
}

/// The users and groups that a list names and its mask lets in
/// (`posix_acl_xattr.h`: a version, then tag, permissions and number of each).
pub(super) fn named(acl: &[u8]) -> Vec<String> {
    const USER: u16 = 2;
    const GROUP: u16 = 8;
    const MASK: u16 = 16;
    const READ_OR_WRITE: u16 = 6;
    let entries: Vec<(u16, u16, u32)> = acl
        .get(4..)
        .unwrap_or_default()
        .as_chunks::<8>()
        .0
        .iter()
        .map(|[a, b, c, d, e, f, g, h]| {
            let pair = |low: &u8, high: &u8| u16::from_le_bytes([*low, *high]);
            (pair(a, b), pair(c, d), u32::from_le_bytes([*e, *f, *g, *h]))
        })
        .collect();
    let mask = entries.iter().find(|(tag, ..)| *tag == MASK);
    let mask = mask.map_or(7, |(_, permissions, _)| *permissions);
    let named = entries.iter().filter_map(|(tag, permissions, id)| {
        let who = match *tag {
            USER => "user",
            GROUP => "group",
            _ => return None,
        };
        let granted = permissions & mask;
        let letter = |bit: u16, letter: char| if granted & bit == 0 { '-' } else { letter };
        let shown: String = [letter(4, 'r'), letter(2, 'w'), letter(1, 'x')]
            .into_iter()
            .collect();
        (granted & READ_OR_WRITE != 0).then(|| format!("{who} {id} ({shown})"))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list in the form of the kernel.
    fn list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
        let mut octets = 2_u32.to_le_bytes().to_vec();
        for (tag, permissions, id) in entries {
            octets.extend(tag.to_le_bytes());
            octets.extend(permissions.to_le_bytes());
            octets.extend(id.to_le_bytes());
        }
        octets
    }

    #[test]
    fn a_list_names_whom_its_mask_lets_in() {
        let none = u32::MAX;
        for (mask, expected) in [
            (7, vec!["user 42 (r--)", "group 7 (-wx)"]),
            (4, vec!["user 42 (r--)"]),
            (1, vec![]),
        ] {
            let list = list(&[
                (1, 6, none),
                (2, 4, 42),
                (2, 0, 43),
                (4, 7, none),
                (8, 3, 7),
                (16, mask, none),
                (32, 7, none),
            ]);
            assert_eq!(named(&list), expected, "{mask}");
        }
        assert_eq!(named(&list(&[(2, 6, 1)])), ["user 1 (rw-)"]);
        for broken in [&b""[..], b"\x02", b"\x02\0\0\0\x02\0\x04"] {
            assert!(named(broken).is_empty());
        }
    }
}
